//! The nearest known name when one is misspelt, in files that people write.

/// `: did you mean `x`?` for the known name nearest to `name`, or nothing when none is near.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let reach = (name.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate, reach), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .min()
        .map_or_else(String::new, |(_, candidate)| format!(": did you mean `{candidate}`?"))
}

/// Edits (insert, remove, replace, swap neighbours) from `a` to `b`; more than `reach` may be
/// any larger number.
fn distance(a: &str, b: &str, reach: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > reach {
        return reach + 1;
    }
    let mut before_last: Vec<usize> = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name_that_was_meant() {
        let known = ["knock", "bell", "shoe_covers"];
        assert_eq!(did_you_mean("knokc", known), ": did you mean `knock`?");
        assert_eq!(did_you_mean("shoe_cover", known), ": did you mean `shoe_covers`?");
        assert_eq!(did_you_mean("payment", known), "");
    }
}

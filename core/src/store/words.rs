//! Words as pairs of characters: 海港街 is 海港, 港街 and 街, 1203 is 12, 20, 03 and 3. Any part of a
//! word is then a phrase of pairs, in Chinese and in Latin script alike, however short.

use crate::{base::folded, meter::Meters, sync::Premises};

/// Words that are looked for at once, and the characters of one.
const MOST_WORDS: usize = 8;
const LONGEST: usize = 32;

/// The pairs of all that premises are found by.
pub(super) fn of_premises(premises: &Premises, meters: &Meters) -> String {
    let mut text = folded(&premises.address);
    let parts = [Some(&premises.building), premises.stair.as_ref(), premises.flat.as_ref()];
    for part in parts.into_iter().flatten().map(|part| folded(part)) {
        // Most addresses say it all.
        if !text.contains(&part) {
            text.push(' ');
            text.push_str(&part);
        }
    }
    for meter in &meters.meters {
        text.push(' ');
        text.push_str(&folded(&meter.number));
    }
    let mut pairs = String::with_capacity(text.len() * 3);
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        push(&mut pairs, word, true);
    }
    pairs
}

/// Pairs of `word`; with its last character alone where it ends there.
fn push(pairs: &mut String, word: &str, whole: bool) {
    let chars: Vec<char> = word.chars().collect();
    for pair in chars.windows(2) {
        if !pairs.is_empty() && !pairs.ends_with('"') {
            pairs.push(' ');
        }
        pairs.extend(pair);
    }
    if let (true, Some(last)) = (whole, chars.last()) {
        if !pairs.is_empty() {
            pairs.push(' ');
        }
        pairs.push(*last);
    }
}

/// What was typed as a query: every word stands somewhere. `apart` takes numbers for words of their
/// own; it is absent where that makes no difference. `None` when there is no word.
pub(super) fn query(typed: &str, apart: bool) -> Option<String> {
    let typed = folded(typed);
    let mut words: Vec<&str> =
        typed.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if apart {
        let count = words.len();
        words = words.into_iter().flat_map(runs).collect();
        if words.len() == count {
            return None;
        }
    }
    let mut query = String::new();
    for word in words.into_iter().take(MOST_WORDS) {
        let word: String = word.chars().take(LONGEST).collect();
        if !query.is_empty() {
            query.push(' ');
        }
        query.push('"');
        match word.chars().count() {
            1 => query.push_str(&word),
            _ => push(&mut query, &word, false),
        }
        query.push('"');
        if word.chars().count() == 1 {
            query.push('*');
        }
    }
    (!query.is_empty()).then_some(query)
}

/// A word cut between digits and anything else.
fn runs(word: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut begin = 0;
    let mut last: Option<bool> = None;
    for (at, c) in word.char_indices() {
        let digit = c.is_ascii_digit();
        if last.is_some_and(|last| last != digit) {
            runs.push(&word[begin..at]);
            begin = at;
        }
        last = Some(digit);
    }
    runs.push(&word[begin..]);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_pairs_and_queries_phrases_of_them() {
        let premises = Premises {
            address: "海港街８号 Flat 1203".to_owned(),
            stair: Some("三单元".to_owned()),
            ..Premises::default()
        };
        let pairs = of_premises(&premises, &Meters::default());
        assert_eq!(pairs, "海港 港街 街8 8号 号 fl la at t 12 20 03 3 3单 单元 元");
        assert_eq!(query("港街", false).as_deref(), Some("\"港街\""));
        assert_eq!(query("海港街", false).as_deref(), Some("\"海港 港街\""));
        assert_eq!(query(" F 12", false).as_deref(), Some("\"f\"* \"12\""));
        assert_eq!(query("8号1203", true).as_deref(), Some("\"8\"* \"号\"* \"12 20 03\""));
        assert_eq!(query("号", true), None);
        assert_eq!(query(" -\"' ", false), None, "nothing typed can end a phrase");
    }
}

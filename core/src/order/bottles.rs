//! How many gas bottles a customer holds, by size, over all orders at their premises: handed over less taken
//! back, and never below zero. Phones and server count alike, each from what it knows.

use std::collections::BTreeMap;

use crate::sync::{BottleThere, BottleTold, Held as Counted};

/// How many of each size, by the size's id.
pub type Held = BTreeMap<String, u64>;

/// Goes through bottles that came and went, on top of what was held before. Gives what is held then, and
/// the moves that took away what was not there: they change nothing in the count.
pub fn hold(
    before: &[Counted],
    moves: impl IntoIterator<Item = BottleTold>,
) -> (Held, Vec<BottleTold>) {
    let mut held: Held =
        before.iter().map(|counted| (counted.size.clone(), counted.count)).collect();
    let mut moves: Vec<_> = moves.into_iter().collect();
    moves.sort_by_key(|it| (it.at, it.event));
    let mut over = Vec::new();
    for it in moves {
        let count = held.entry(it.size.clone()).or_insert(0);
        match (it.handed_over, *count) {
            (true, _) => *count = count.saturating_add(1),
            (false, 0) => over.push(it),
            (false, _) => *count -= 1,
        }
    }
    (held, over)
}

/// The bottles that are still there: those that were, and what came and went since, in the order of time.
pub fn still_there(before: Vec<BottleThere>, moves: &[BottleTold]) -> Vec<BottleThere> {
    let mut there = before;
    for it in moves {
        there.retain(|known| known.code != it.code);
        if it.handed_over {
            let (code, size) = (it.code.clone(), it.size.clone());
            there.push(BottleThere { code, size, at: it.at });
        }
    }
    there
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Hash, Id, Instant};

    fn moved(at: i64, code: &str, handed_over: bool) -> BottleTold {
        BottleTold {
            order: Id::new([1; 16]),
            event: Hash::of(&[code.as_bytes(), &[u8::from(handed_over)]]),
            at: Instant(at),
            size: "15".to_owned(),
            code: code.to_owned(),
            handed_over,
        }
    }

    #[test]
    fn what_comes_back_beyond_what_was_held_is_told_and_counts_for_nothing() {
        let two = [Counted { size: "15".to_owned(), count: 1 }];
        let moves = || {
            vec![
                moved(3, "c", false),
                moved(1, "a", false),
                moved(4, "d", true),
                moved(2, "b", false),
            ]
        };
        let (held, over) = hold(&two, moves());
        assert_eq!(held["15"], 1, "the last one handed over");
        let over: Vec<_> = over.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(over, ["b", "c"], "in the order of time, however they came");
    }

    #[test]
    fn what_arrives_late_and_was_before_makes_it_right() {
        let (held, over) = hold(&[], [moved(5, "a", false), moved(1, "a", true)]);
        assert_eq!((held["15"], over.len()), (0, 0));
    }
}

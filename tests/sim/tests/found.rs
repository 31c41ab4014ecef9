//! Worlds that once broke a rule, shortened where that could be done: they stay sound.

use doorstep_sim::{Faults, History, history, run};

#[test]
fn what_was_found_once_is_not_found_again() {
    for text in [
        // A phone asked without end for what it had let go of.
        include_str!("found/40016.json"),
        // One copy of a phone didn't hear what the other wrote on the branch that counts.
        include_str!("found/40007.json"),
        // A copied phone sent the end of a stream to a restored server, and never its beginning.
        include_str!("found/40011.json"),
        // Of a copied phone's branch that left another branch, the file no longer found where.
        include_str!("found/50351.json"),
        // Of a branch let count twice, the second time with more behind it, all was stored once more.
        include_str!("found/41034.json"),
        // A phone took a branch that left another branch for one that left the trunk.
        include_str!("found/41037.json"),
        // A restored server asked again which branch counts, and meanwhile counted neither.
        include_str!("found/43037.json"),
        // Of two copies of a phone one's order counted and the other's receipts.
        include_str!("found/2646.json"),
        include_str!("found/3832.json"),
    ] {
        let history = History::parse(text).expect("a history that was printed");
        assert_eq!(run(&history).violation, None, "seed {}", history.seed);
    }
}

/// A server that was restored without a word had lost only what it held.
#[test]
fn garbage_is_held_again_after_a_restore_of_which_nobody_speaks() {
    assert_eq!(run(&history(30_974, 3, 1, Faults::Cruel)).violation, None);
}

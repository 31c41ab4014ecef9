//! SQLite's five lock levels on one database file, between connections of one process.
//!
//! Pure: it answers whether a lock is granted and never waits.

use std::collections::BTreeMap;

/// Who holds a lock: one open file.
pub(crate) type Holder = u64;

/// A lock level, in SQLite's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    None,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// The locks on one file. Invariant: at most one holder stands above `Shared`, and one that is
/// `Exclusive` is alone.
#[derive(Default)]
pub(crate) struct FileLocks(BTreeMap<Holder, Level>);

impl FileLocks {
    /// Raises `who` to `wanted`; false if others stand in the way. A refused wish for `Exclusive`
    /// leaves `who` at `Pending`, which keeps new readers out until it is asked again.
    pub(crate) fn raise(&mut self, who: Holder, wanted: Level) -> bool {
        let held = self.0.get(&who).copied().unwrap_or(Level::None);
        if held >= wanted {
            return true;
        }
        let others = self.0.iter().filter(|(other, _)| **other != who);
        let highest = others.map(|(_, level)| *level).max().unwrap_or(Level::None);
        let granted = match wanted {
            Level::Shared if highest < Level::Pending => wanted,
            Level::Reserved if highest < Level::Reserved => wanted,
            Level::Pending | Level::Exclusive if highest == Level::None => wanted,
            Level::Pending | Level::Exclusive if highest == Level::Shared => Level::Pending,
            _ => held,
        };
        if granted > Level::None {
            self.0.insert(who, granted);
        }
        granted >= wanted
    }

    /// Lowers `who` to `kept`, if it stands above.
    pub(crate) fn lower(&mut self, who: Holder, kept: Level) {
        if kept == Level::None {
            self.0.remove(&who);
        } else if let Some(held) = self.0.get_mut(&who) {
            *held = kept.min(*held);
        }
    }

    /// Whether anybody means to write.
    pub(crate) fn reserved(&self) -> bool {
        self.0.values().any(|level| *level >= Level::Reserved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Exclusive, None, Pending, Reserved, Shared};

    const MEI: Holder = 1;
    const WU: Holder = 2;

    #[test]
    fn one_writes_while_another_still_reads() {
        let mut locks = FileLocks::default();
        assert!(locks.raise(MEI, Shared) && locks.raise(WU, Shared));
        assert!(!locks.reserved());
        assert!(locks.raise(MEI, Reserved));
        assert!(locks.reserved());
        assert!(!locks.raise(WU, Reserved));
    }

    #[test]
    fn a_writer_that_waits_keeps_new_readers_out() {
        let mut locks = FileLocks::default();
        assert!(locks.raise(MEI, Shared) && locks.raise(WU, Shared) && locks.raise(MEI, Reserved));
        assert!(!locks.raise(MEI, Exclusive));
        locks.lower(WU, None);
        assert!(!locks.raise(WU, Shared));
        assert!(locks.raise(MEI, Exclusive));
        locks.lower(MEI, Shared);
        assert!(locks.raise(WU, Shared));
    }

    #[test]
    fn two_that_find_a_hot_journal_do_not_both_roll_it_back() {
        let mut locks = FileLocks::default();
        assert!(locks.raise(MEI, Shared) && locks.raise(WU, Shared));
        assert!(!locks.raise(MEI, Exclusive));
        assert!(!locks.raise(WU, Exclusive));
        assert_eq!(locks.0[&MEI], Pending);
        assert_eq!(locks.0[&WU], Shared);
    }
}

//! The memory that connections to one write-ahead log share, and its eight locks.
//!
//! It lives as long as a connection holds it, and is gone with a power loss: the next connection
//! begins with zeros and rebuilds the index from the log.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::ops::Range;
use std::sync::atomic::AtomicU64;

use crate::lock::Holder;

/// How many locks there are; SQLite fixes the number.
pub(crate) const SLOTS: usize = rusqlite::ffi::SQLITE_SHM_NLOCK as usize;

#[derive(Default)]
struct Slot {
    exclusive: Option<Holder>,
    shared: BTreeSet<Holder>,
}

/// Shared memory and locks of one database.
#[derive(Default)]
pub(crate) struct Shm {
    // Atomics because SQLite writes through the pointers from several threads, by its own rules;
    // boxed because those pointers must stay good while regions are added.
    regions: Vec<Box<[AtomicU64]>>,
    slots: [Slot; SLOTS],
}

impl Shm {
    /// Where region `index` starts, aligned for `u64`; it stays there as long as this `Shm`.
    /// Null if it does not exist and `extend` does not ask for it.
    pub(crate) fn region(&mut self, index: usize, bytes: usize, extend: bool) -> *mut c_void {
        if extend {
            let words = bytes.div_ceil(size_of::<AtomicU64>());
            while self.regions.len() <= index {
                self.regions.push((0..words).map(|_| AtomicU64::new(0)).collect());
            }
        }
        self.regions.get(index).map_or(std::ptr::null_mut(), |region| region.as_ptr() as *mut _)
    }

    /// Takes all of `slots` or none.
    pub(crate) fn lock_shared(&mut self, who: Holder, slots: Range<usize>) -> bool {
        let slots = &mut self.slots[slots];
        let free = slots.iter().all(|s| s.exclusive.is_none_or(|holder| holder == who));
        if free {
            slots.iter_mut().for_each(|s| _ = s.shared.insert(who));
        }
        free
    }

    /// Takes all of `slots` or none.
    pub(crate) fn lock_exclusive(&mut self, who: Holder, slots: Range<usize>) -> bool {
        let slots = &mut self.slots[slots];
        let mine = |holder: &Holder| *holder == who;
        let free = slots.iter().all(|s| s.exclusive.iter().chain(&s.shared).all(mine));
        if free {
            slots.iter_mut().for_each(|s| s.exclusive = Some(who));
        }
        free
    }

    /// Gives back whatever `who` holds of `slots`.
    pub(crate) fn unlock(&mut self, who: Holder, slots: Range<usize>) {
        for slot in &mut self.slots[slots] {
            slot.shared.remove(&who);
            slot.exclusive.take_if(|holder| *holder == who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEI: Holder = 1;
    const WU: Holder = 2;

    #[test]
    fn an_exclusive_lock_over_several_slots_is_all_or_nothing() {
        let mut shm = Shm::default();
        assert!(shm.lock_shared(WU, 4..5));
        assert!(!shm.lock_exclusive(MEI, 3..6));
        assert!(shm.lock_exclusive(WU, 3..4));
        shm.unlock(WU, 0..SLOTS);
        assert!(shm.lock_exclusive(MEI, 3..6));
        assert!(!shm.lock_shared(WU, 5..6));
    }

    #[test]
    fn a_region_stays_where_it_is_when_more_are_added() {
        let mut shm = Shm::default();
        assert!(shm.region(0, 32768, false).is_null());
        let first = shm.region(0, 32768, true);
        assert!(!shm.region(9, 32768, true).is_null());
        assert_eq!(shm.region(0, 32768, false), first);
    }
}

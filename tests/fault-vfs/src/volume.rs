//! All files of a disk and the directory that names them, both as seen and as would survive.
//!
//! One flat directory: a path is a name. A change of the directory is pending until it is synced;
//! syncing a file settles only that file's own name, as little as file systems promise.

use std::collections::BTreeMap;

use fastrand::Rng;

use crate::inode::Inode;

/// Names a file for as long as anything refers to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct InodeId(u64);

enum Entry {
    Linked(String, InodeId),
    Unlinked(String),
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Linked(name, _) | Self::Unlinked(name) => name,
        }
    }
}

#[derive(Default)]
struct Held {
    inode: Inode,
    /// How many open files hold it; a deleted file lives until the last is closed.
    open: usize,
}

/// The files and their names.
#[derive(Default)]
pub(crate) struct Volume {
    files: BTreeMap<InodeId, Held>,
    live: BTreeMap<String, InodeId>,
    durable: BTreeMap<String, InodeId>,
    pending: Vec<Entry>,
    last: u64,
}

impl Volume {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.live.keys().map(String::as_str)
    }

    pub(crate) fn find(&self, name: &str) -> Option<InodeId> {
        self.live.get(name).copied()
    }

    pub(crate) fn inode(&self, id: InodeId) -> Option<&Inode> {
        self.files.get(&id).map(|held| &held.inode)
    }

    pub(crate) fn inode_mut(&mut self, id: InodeId) -> Option<&mut Inode> {
        self.files.get_mut(&id).map(|held| &mut held.inode)
    }

    /// An empty file; without a name it vanishes when it is closed.
    pub(crate) fn create(&mut self, name: Option<&str>) -> InodeId {
        let id = self.add(Inode::default());
        if let Some(name) = name {
            self.live.insert(name.into(), id);
            self.pending.push(Entry::Linked(name.into(), id));
        }
        id
    }

    /// Puts a file that has been on the disk for long; files open under that name keep the old.
    pub(crate) fn put(&mut self, name: &str, content: Vec<u8>) {
        let id = self.add(Inode::durable(content));
        self.pending.retain(|entry| entry.name() != name);
        self.live.insert(name.into(), id);
        self.durable.insert(name.into(), id);
        self.sweep();
    }

    pub(crate) fn opened(&mut self, id: InodeId) {
        if let Some(held) = self.files.get_mut(&id) {
            held.open += 1;
        }
    }

    pub(crate) fn closed(&mut self, id: InodeId) {
        if let Some(held) = self.files.get_mut(&id) {
            held.open = held.open.saturating_sub(1);
        }
        self.sweep();
    }

    /// Takes the name away; false if there is none such.
    pub(crate) fn delete(&mut self, name: &str) -> bool {
        let there = self.live.remove(name).is_some();
        if there {
            self.pending.push(Entry::Unlinked(name.into()));
        }
        there
    }

    /// Makes a file durable, and that it exists under its name.
    pub(crate) fn sync(&mut self, id: InodeId) {
        if let Some(inode) = self.inode_mut(id) {
            inode.sync();
        }
        let own = |entry: &Entry| matches!(entry, Entry::Linked(_, linked) if *linked == id);
        let Some(at) = self.pending.iter().position(own) else { return };
        let name = self.pending[at].name().to_owned();
        // What came before under this name is settled with it, or an old deletion could take the
        // new file away.
        let mut index = 0;
        self.pending.retain(|entry| {
            index += 1;
            index > at + 1 || entry.name() != name
        });
        self.durable.insert(name, id);
        self.sweep();
    }

    /// Makes every change of the directory durable.
    pub(crate) fn sync_directory(&mut self) {
        for entry in std::mem::take(&mut self.pending) {
            self.settle(entry);
        }
        self.sweep();
    }

    /// Leaves what survives a power loss now; nothing is open afterwards.
    pub(crate) fn lose_power(&mut self, rng: &mut Rng) {
        for entry in std::mem::take(&mut self.pending) {
            if rng.bool() {
                self.settle(entry);
            }
        }
        self.live.clone_from(&self.durable);
        for held in self.files.values_mut() {
            held.open = 0;
        }
        self.sweep();
        for held in self.files.values_mut() {
            held.inode.lose_power(rng);
        }
    }

    fn add(&mut self, inode: Inode) -> InodeId {
        self.last += 1;
        self.files.insert(InodeId(self.last), Held { inode, open: 0 });
        InodeId(self.last)
    }

    fn settle(&mut self, entry: Entry) {
        match entry {
            Entry::Linked(name, id) => self.durable.insert(name, id),
            Entry::Unlinked(name) => self.durable.remove(&name),
        };
    }

    /// Frees what nothing refers to.
    fn sweep(&mut self) {
        let Self { files, live, durable, pending, .. } = self;
        files.retain(|id, held| {
            held.open > 0
                || live.values().chain(durable.values()).any(|named| named == id)
                || pending.iter().any(|e| matches!(e, Entry::Linked(_, linked) if linked == id))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In how many of 100 power losses `name` is there afterwards.
    fn times_found(name: &str, prepare: impl Fn(&mut Volume)) -> usize {
        (0..100)
            .filter(|seed| {
                let mut volume = Volume::default();
                prepare(&mut volume);
                volume.lose_power(&mut Rng::with_seed(*seed));
                volume.find(name).is_some()
            })
            .count()
    }

    #[test]
    fn a_new_file_may_vanish_until_it_is_synced() {
        let unsynced = times_found("a", |v| {
            v.create(Some("a"));
        });
        assert!((20..80).contains(&unsynced));
        let synced = times_found("a", |v| {
            let a = v.create(Some("a"));
            v.sync(a);
        });
        assert_eq!(synced, 100);
    }

    #[test]
    fn a_deleted_file_may_return_until_the_directory_is_synced() {
        let delete = |v: &mut Volume| {
            v.put("a", b"Mrs Chan".to_vec());
            assert!(v.delete("a"));
        };
        assert!((20..80).contains(&times_found("a", delete)));
        let synced = times_found("a", |v| {
            delete(v);
            v.sync_directory();
        });
        assert_eq!(synced, 0);
    }

    #[test]
    fn an_old_deletion_does_not_take_the_file_that_replaced_it() {
        let replaced = times_found("a", |v| {
            v.put("a", b"old".to_vec());
            v.delete("a");
            let new = v.create(Some("a"));
            v.sync(new);
        });
        assert_eq!(replaced, 100);
    }

    #[test]
    fn a_deleted_file_lives_until_it_is_closed() {
        let mut volume = Volume::default();
        let a = volume.create(Some("a"));
        volume.opened(a);
        volume.delete("a");
        volume.sync_directory();
        assert!(volume.inode(a).is_some());
        volume.closed(a);
        assert!(volume.inode(a).is_none());
    }
}

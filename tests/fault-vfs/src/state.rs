//! What each operation of SQLite does to the disk: counted, struck or carried out.
//!
//! Safe code with SQLite's result codes as errors; the C callbacks only translate. Invariant: an
//! open file acts only in the boot it was opened in, so nothing from before a power loss can touch
//! what survived it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_int;
use std::ops::Range;
use std::sync::{Arc, Mutex, Weak};

use fastrand::Rng;
use rusqlite::ffi;

use crate::fault::{Fault, Op, Plan, Verdict};
use crate::inode::{Inode, SECTOR};
use crate::lock::{FileLocks, Holder, Level};
use crate::shm::Shm;
use crate::volume::{InodeId, Volume};

/// A SQLite result code that is not `SQLITE_OK`.
pub(crate) type Code = c_int;

/// Kinds of file whose first sync, by the one who created them, syncs the directory too: so does
/// SQLite's own VFS on phones, and SQLite relies on it. Without, the rollback journal of the switch
/// to a log could return from the dead and roll all later commits back.
const JOURNALS: c_int =
    ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;

/// An open file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    inode: InodeId,
    holder: Holder,
    boot: u64,
}

/// What the connections to one file share besides its content.
#[derive(Default)]
struct Sharing {
    locks: FileLocks,
    shm: Weak<Mutex<Shm>>,
}

/// Everything about one disk.
pub(crate) struct State {
    pub(crate) plan: Plan,
    pub(crate) volume: Volume,
    pub(crate) rng: Rng,
    pub(crate) unix_ms: i64,
    pub(crate) off: bool,
    boot: u64,
    holders: Holder,
    /// Who has created a journal and not synced it yet.
    creators: BTreeSet<Holder>,
    sharing: BTreeMap<InodeId, Sharing>,
}

impl State {
    pub(crate) fn new(seed: u64, unix_ms: i64) -> Self {
        Self {
            plan: Plan::default(),
            volume: Volume::default(),
            rng: Rng::with_seed(seed),
            unix_ms,
            off: false,
            boot: 0,
            holders: 0,
            creators: BTreeSet::new(),
            sharing: BTreeMap::new(),
        }
    }

    /// Loses power now; the disk stays off.
    pub(crate) fn cut(&mut self) {
        self.off = true;
        self.boot += 1;
        self.creators.clear();
        self.sharing.clear();
        self.volume.lose_power(&mut self.rng);
    }

    /// Whether `file` was opened since the last power loss and there is power.
    pub(crate) fn is_current(&self, file: Ticket) -> bool {
        !self.off && file.boot == self.boot
    }

    pub(crate) fn open(&mut self, name: Option<&str>, flags: c_int) -> Result<Ticket, Code> {
        let has = |flag| flags & flag != 0;
        if self.off {
            return Err(ffi::SQLITE_IOERR);
        }
        // What is to vanish when closed need never have had a name.
        let name = name.filter(|_| !has(ffi::SQLITE_OPEN_DELETEONCLOSE));
        let inode = match name.and_then(|name| self.volume.find(name)) {
            Some(_) if has(ffi::SQLITE_OPEN_EXCLUSIVE) => return Err(ffi::SQLITE_CANTOPEN),
            Some(inode) => inode,
            None if !has(ffi::SQLITE_OPEN_CREATE) => return Err(ffi::SQLITE_CANTOPEN),
            None => match self.plan.next(Op::Create) {
                Verdict::Proceed => {
                    if has(JOURNALS) {
                        self.creators.insert(self.holders + 1);
                    }
                    self.volume.create(name)
                }
                Verdict::Fail(_) => return Err(ffi::SQLITE_CANTOPEN),
                Verdict::PowerCut => {
                    self.volume.create(name);
                    self.cut();
                    return Err(ffi::SQLITE_IOERR);
                }
            },
        };
        self.volume.opened(inode);
        self.holders += 1;
        Ok(Ticket { inode, holder: self.holders, boot: self.boot })
    }

    /// Closes, and gives back every lock.
    pub(crate) fn close(&mut self, file: Ticket) {
        if self.is_current(file) {
            self.sharing(file).locks.lower(file.holder, Level::None);
            self.creators.remove(&file.holder);
            self.volume.closed(file.inode);
            if self.volume.inode(file.inode).is_none() {
                self.sharing.remove(&file.inode);
            }
        }
    }

    /// Fills `into`; beyond the end with zeros, and says so with `SQLITE_IOERR_SHORT_READ`.
    pub(crate) fn read(&mut self, file: Ticket, at: u64, into: &mut [u8]) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_READ)?;
        if self.plan.next(Op::Read) != Verdict::Proceed {
            return Err(ffi::SQLITE_IOERR_READ);
        }
        let content = self.volume.inode(file.inode).map_or(&[][..], Inode::live);
        let from = content.len().min(offset(at));
        let there = into.len().min(content.len() - from);
        into[..there].copy_from_slice(&content[from..from + there]);
        into[there..].fill(0);
        if there == into.len() { Ok(()) } else { Err(ffi::SQLITE_IOERR_SHORT_READ) }
    }

    pub(crate) fn write(&mut self, file: Ticket, at: u64, bytes: &[u8]) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_WRITE)?;
        let at = offset(at);
        let grows = at + bytes.len() > self.inode(file)?.live().len();
        let verdict = self.plan.next(Op::Write { grows });
        let written = match verdict {
            Verdict::Fail(_) => bytes.len().min(SECTOR * self.rng.usize(..=bytes.len() / SECTOR)),
            Verdict::Proceed | Verdict::PowerCut => bytes.len(),
        };
        self.inode(file)?.write(at, &bytes[..written]);
        match verdict {
            Verdict::Proceed => Ok(()),
            Verdict::Fail(Fault::Full) => Err(ffi::SQLITE_FULL),
            Verdict::Fail(_) => Err(ffi::SQLITE_IOERR_WRITE),
            Verdict::PowerCut => self.cut_during(ffi::SQLITE_IOERR_WRITE),
        }
    }

    pub(crate) fn truncate(&mut self, file: Ticket, len: u64) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_TRUNCATE)?;
        let verdict = self.plan.next(Op::Truncate);
        if let Verdict::Fail(_) = verdict {
            return Err(ffi::SQLITE_IOERR_TRUNCATE);
        }
        self.inode(file)?.truncate(offset(len));
        match verdict {
            Verdict::PowerCut => self.cut_during(ffi::SQLITE_IOERR_TRUNCATE),
            _ => Ok(()),
        }
    }

    pub(crate) fn sync(&mut self, file: Ticket) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_FSYNC)?;
        match self.plan.next(Op::Sync) {
            Verdict::Proceed => {
                self.volume.sync(file.inode);
                if self.creators.remove(&file.holder) {
                    self.volume.sync_directory();
                }
                Ok(())
            }
            Verdict::Fail(_) => {
                if let Some(inode) = self.volume.inode_mut(file.inode) {
                    inode.fail_sync(&mut self.rng);
                }
                Err(ffi::SQLITE_IOERR_FSYNC)
            }
            Verdict::PowerCut => self.cut_during(ffi::SQLITE_IOERR_FSYNC),
        }
    }

    pub(crate) fn size(&mut self, file: Ticket) -> Result<u64, Code> {
        self.require(file, ffi::SQLITE_IOERR_FSTAT)?;
        Ok(self.inode(file)?.live().len() as u64)
    }

    pub(crate) fn delete(&mut self, name: &str, sync_directory: bool) -> Result<(), Code> {
        if self.off {
            return Err(ffi::SQLITE_IOERR_DELETE);
        }
        if self.volume.find(name).is_none() {
            return Err(ffi::SQLITE_IOERR_DELETE_NOENT);
        }
        let verdict = self.plan.next(Op::Delete);
        if let Verdict::Fail(_) = verdict {
            return Err(ffi::SQLITE_IOERR_DELETE);
        }
        self.volume.delete(name);
        match verdict {
            Verdict::PowerCut => return self.cut_during(ffi::SQLITE_IOERR_DELETE),
            _ if sync_directory => self.volume.sync_directory(),
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn exists(&self, name: &str) -> Result<bool, Code> {
        if self.off {
            return Err(ffi::SQLITE_IOERR_ACCESS);
        }
        Ok(self.volume.find(name).is_some())
    }

    pub(crate) fn lock(&mut self, file: Ticket, wanted: Level) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_LOCK)?;
        busy_unless(self.sharing(file).locks.raise(file.holder, wanted))
    }

    /// Always works: what was held before a power loss is gone anyhow.
    pub(crate) fn unlock(&mut self, file: Ticket, kept: Level) {
        if self.is_current(file) {
            self.sharing(file).locks.lower(file.holder, kept);
        }
    }

    pub(crate) fn reserved(&mut self, file: Ticket) -> Result<bool, Code> {
        self.require(file, ffi::SQLITE_IOERR_CHECKRESERVEDLOCK)?;
        Ok(self.sharing(file).locks.reserved())
    }

    /// The shared memory of the file; alive as long as somebody keeps what this returns.
    pub(crate) fn attach_shm(&mut self, file: Ticket) -> Result<Arc<Mutex<Shm>>, Code> {
        self.require(file, ffi::SQLITE_IOERR_SHMMAP)?;
        let place = &mut self.sharing(file).shm;
        Ok(place.upgrade().unwrap_or_else(|| {
            let shm = Arc::default();
            *place = Arc::downgrade(&shm);
            shm
        }))
    }

    /// Takes locks on shared memory the file is attached to.
    pub(crate) fn lock_shm(
        &mut self,
        file: Ticket,
        shm: &mut Shm,
        slots: Range<usize>,
        exclusive: bool,
    ) -> Result<(), Code> {
        self.require(file, ffi::SQLITE_IOERR_SHMLOCK)?;
        busy_unless(match exclusive {
            true => shm.lock_exclusive(file.holder, slots),
            false => shm.lock_shared(file.holder, slots),
        })
    }

    fn require(&self, file: Ticket, otherwise: Code) -> Result<(), Code> {
        if self.is_current(file) { Ok(()) } else { Err(otherwise) }
    }

    fn inode(&mut self, file: Ticket) -> Result<&mut Inode, Code> {
        self.volume.inode_mut(file.inode).ok_or(ffi::SQLITE_IOERR)
    }

    fn sharing(&mut self, file: Ticket) -> &mut Sharing {
        self.sharing.entry(file.inode).or_default()
    }

    fn cut_during<T>(&mut self, code: Code) -> Result<T, Code> {
        self.cut();
        Err(code)
    }
}

impl Ticket {
    pub(crate) fn holder(self) -> Holder {
        self.holder
    }
}

fn busy_unless(granted: bool) -> Result<(), Code> {
    if granted { Ok(()) } else { Err(ffi::SQLITE_BUSY) }
}

/// A position in memory. SQLite's are at most 2^48; on a machine with a smaller address space such
/// a file could not be held anyhow.
fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

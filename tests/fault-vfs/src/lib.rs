//! A disk for SQLite that lives in memory, fails when it is told to, and forgets at power loss
//! whatever was not synced, as a real disk does.
//!
//! A test makes a [`FaultDisk`], opens databases on it by its [VFS name](FaultDisk::vfs_name),
//! arms a fault or a power loss, runs the code under test until that strikes, and opens the
//! database again to see what is left.
//!
//! ```
//! use doorstep_fault_vfs::FaultDisk;
//!
//! let disk = FaultDisk::new(7);
//! let db = disk.open("visits.db")?;
//! db.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE visit (n)")?;
//! db.execute("INSERT INTO visit VALUES (1203)", [])?;
//! disk.power_loss();
//! assert!(db.execute("INSERT INTO visit VALUES (1204)", []).is_err());
//!
//! let db = disk.open("visits.db")?;
//! assert_eq!(db.query_row("SELECT n FROM visit", [], |row| row.get::<_, i64>(0))?, 1203);
//! # Ok::<(), rusqlite::Error>(())
//! ```
//!
//! What the disk promises to SQLite is as little as SQLite allows:
//! - A write is durable once its file was synced. Before that, each 512-byte sector of it survives
//!   or not on its own, in any order; where a file had grown, a lost sector may hold garbage.
//! - Creating a file is durable once that file was synced; deleting one, once the directory was:
//!   when SQLite asks for it with a deletion, and at the first sync of a journal or log by the
//!   connection that created it, as in SQLite's own VFS. Before that, each survives or not on its
//!   own.
//! - A failed sync may have kept a part, and forgets the rest: syncing again does not bring it back.
//! - A write that fails may have reached the file up to some sector.
//!
//! What it does not do: sectors do not rot, a sector is never torn inside, and the bytes beside a
//! partly written sector stay. There is no memory mapping. SQLite's sleeps are cut to a
//! millisecond. SQLite draws its own random numbers (the salts of a write-ahead log) from the
//! default VFS, so two runs with one seed make the same operations and lose the same sectors, yet
//! need not hold the same bytes.

mod disk;
mod fault;
mod inode;
mod io;
mod lock;
mod shm;
mod state;
mod vfs;
mod volume;

pub use disk::FaultDisk;
pub use fault::{Fault, Lasting};

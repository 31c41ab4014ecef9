//! The disk as a test holds it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::fault::{Fault, Lasting};
use crate::state::State;
use crate::vfs::Registration;

/// What the clock of a new disk shows: 2026-01-01T00:00:00Z.
const CLOCK: i64 = 1_767_225_600_000;

/// A SQLite VFS of its own, registered while this or a connection on it lives; files are in memory.
///
/// Clones are the same disk. It may be used from several threads. Connections that outlive it keep
/// working.
#[derive(Clone)]
pub struct FaultDisk {
    disk: Arc<Disk>,
}

/// What the callbacks and the handle share.
pub(crate) struct Disk {
    state: Mutex<State>,
    registration: Registration,
}

impl Disk {
    pub(crate) fn new(state: State, registration: Registration) -> Self {
        Self { state: Mutex::new(state), registration }
    }

    /// The state, also after a panic of another thread: each operation leaves it whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultDisk {
    /// An empty disk under a new VFS name. The same seed and the same operations lose the same.
    ///
    /// # Panics
    /// If SQLite refuses the registration, which means that it can't be initialised at all.
    pub fn new(seed: u64) -> Self {
        Self { disk: Registration::register(State::new(seed, CLOCK)) }
    }

    /// The name to open databases with, as in `Connection::open_with_flags_and_vfs`.
    pub fn vfs_name(&self) -> &'static str {
        self.disk.registration.name()
    }

    /// Opens or creates a database on this disk.
    ///
    /// # Errors
    /// What SQLite answers; with a fault armed or the power off, that is the point.
    pub fn open(&self, path: &str) -> rusqlite::Result<Connection> {
        Connection::open_with_flags_and_vfs(path, OpenFlags::default(), self.vfs_name())
    }

    /// Cuts the power and turns it on again: whatever was not synced is lost, or survives by the
    /// seed. Open connections fail with `SQLITE_IOERR` from now on; open anew to see what is left.
    /// Drop the old ones first, as a process ends before its successor starts.
    pub fn power_loss(&self) {
        let mut state = self.disk.state();
        state.cut();
        state.off = false;
    }

    /// Lets `ops` more changes through (see [`ops`](Self::ops)) and cuts the power during the one
    /// after, which fails and may have been carried out in part. The disk stays off, and everything
    /// on it fails, opening too, until [`power_on`](Self::power_on): the code under test shall not
    /// work on past its own death.
    pub fn power_loss_after(&self, ops: u64) {
        self.disk.state().plan.arm_power_loss(ops);
    }

    /// Whether a power loss has struck and the disk is still off.
    pub fn is_off(&self) -> bool {
        self.disk.state().off
    }

    /// Turns the power on; what survived can be opened. Does nothing if it is on.
    pub fn power_on(&self) {
        self.disk.state().off = false;
    }

    /// Lets `ops` more operations through that `fault` could strike (see
    /// [`chances`](Self::chances)) and makes the next fail. Several faults can be armed at once.
    pub fn fail_after(&self, ops: u64, fault: Fault, lasting: Lasting) {
        self.disk.state().plan.arm(ops, fault, lasting);
    }

    /// Disarms all faults and a power loss that has not struck.
    pub fn heal(&self) {
        self.disk.state().plan.disarm();
    }

    /// How many changes were asked of the disk so far: each creation, write, truncation, sync and
    /// deletion is one, and each is a point where the power may go.
    pub fn ops(&self) -> u64 {
        self.disk.state().plan.changes()
    }

    /// How many operations so far `fault` could have struck.
    pub fn chances(&self, fault: Fault) -> u64 {
        self.disk.state().plan.chances(fault)
    }

    /// Sets the clock that SQL's `'now'` reads, in milliseconds since 1970 UTC. It stands still; a
    /// new disk's shows the start of 2026.
    pub fn set_clock(&self, unix_ms: i64) {
        self.disk.state().unix_ms = unix_ms;
    }

    /// The names of all files, sorted, as the process sees them.
    pub fn files(&self) -> Vec<String> {
        self.disk.state().volume.names().map(str::to_owned).collect()
    }

    /// The content of a file as the process sees it; `None` if there is none such.
    pub fn content(&self, path: &str) -> Option<Vec<u8>> {
        let state = self.disk.state();
        let inode = state.volume.find(path)?;
        state.volume.inode(inode).map(|inode| inode.live().to_vec())
    }

    /// Puts a file there, durable at once; one of that name is replaced, and connections that have
    /// it open keep the old.
    pub fn put(&self, path: &str, content: &[u8]) {
        self.disk.state().volume.put(path, content.to_vec());
    }
}

impl std::fmt::Debug for FaultDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FaultDisk").field(&self.vfs_name()).finish()
    }
}

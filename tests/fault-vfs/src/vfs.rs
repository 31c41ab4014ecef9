//! The VFS as SQLite sees it: registration, and the callbacks that work on names.
//!
//! Unsafe, because SQLite speaks C. All of it rests on two facts. The `sqlite3_vfs` that SQLite
//! holds, its name and its [`Binding`] are never freed (some hundred bytes a disk), so that
//! a connection may call at any time. And SQLite calls `xOpen` with `szOsFile` bytes of its own
//! that it keeps until `xClose`.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use rusqlite::ffi;

use crate::disk::Disk;
use crate::io::{self, FaultFile, OpenFile};
use crate::state::{Code, State};

/// Longest path, with its final zero.
const MAX_PATH: c_int = 512;
/// However long SQLite asks to sleep.
const LONGEST_SLEEP: Duration = Duration::from_millis(1);
/// Milliseconds from SQLite's day zero, in 4714 before our era, to 1970.
const JULIAN_1970: i64 = 210_866_760_000_000;

/// What `pAppData` points to. Weak: the disk's memory goes with its last user, this stays.
struct Binding {
    disk: Weak<Disk>,
}

/// A registered VFS; dropping it takes the name away from SQLite.
pub(crate) struct Registration {
    vfs: *mut ffi::sqlite3_vfs,
    name: &'static str,
}

// SAFETY: the pointer is only handed to SQLite's own (un)registration, which locks.
unsafe impl Send for Registration {}
// SAFETY: as above; nothing is read or written through a shared reference.
unsafe impl Sync for Registration {}

impl Registration {
    /// Registers a disk under a name that no other has had in this process.
    pub(crate) fn register(state: State) -> Arc<Disk> {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let name = format!("fault-disk-{}", LAST.fetch_add(1, Ordering::Relaxed));
        let c_name = CString::new(name.as_str()).expect("the name has no zero byte");
        let (name, c_name): (&'static str, _) = (name.leak(), c_name.into_raw());
        Arc::new_cyclic(|disk| {
            let binding = Box::into_raw(Box::new(Binding { disk: disk.clone() }));
            let vfs = Box::into_raw(Box::new(table(c_name, binding.cast())));
            // SAFETY: `vfs` and all it points to are valid and never freed.
            let code = unsafe { ffi::sqlite3_vfs_register(vfs, 0) };
            assert_eq!(code, ffi::SQLITE_OK, "SQLite can't be initialised");
            Disk::new(state, Self { vfs, name })
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: it was registered and is never freed; unregistering only unlinks it.
        unsafe { ffi::sqlite3_vfs_unregister(self.vfs) };
    }
}

fn table(name: *const c_char, binding: *mut c_void) -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<FaultFile>() as c_int,
        mxPathname: MAX_PATH,
        pNext: ptr::null_mut(),
        zName: name,
        pAppData: binding,
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        // Only for loading extensions, which SQLite refuses unless it was switched on.
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: None,
        xCurrentTimeInt64: Some(current_time_ms),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// The result code of an operation.
pub(crate) fn code(result: Result<(), Code>) -> c_int {
    result.err().unwrap_or(ffi::SQLITE_OK)
}

/// # Safety
/// `vfs` is one that [`table`] made.
unsafe fn disk(vfs: *mut ffi::sqlite3_vfs) -> Result<Arc<Disk>, Code> {
    // SAFETY: by contract `pAppData` is a `Binding`, which is never freed or changed.
    let binding = unsafe { &*(*vfs).pAppData.cast::<Binding>() };
    binding.disk.upgrade().ok_or(ffi::SQLITE_IOERR)
}

/// # Safety
/// `name` is null or a string ending in zero that outlives the result.
unsafe fn text<'a>(name: *const c_char) -> Result<Option<&'a str>, Code> {
    if name.is_null() {
        return Ok(None);
    }
    // SAFETY: by contract.
    let name = unsafe { CStr::from_ptr(name) };
    name.to_str().map(Some).map_err(|_| ffi::SQLITE_CANTOPEN)
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes `szOsFile` bytes, aligned, which is room for a `FaultFile`.
    unsafe { io::clear(file) };
    // SAFETY: SQLite passes the VFS it was registered with.
    let disk = match unsafe { disk(vfs) } {
        Ok(disk) => disk,
        Err(code) => return code,
    };
    // SAFETY: SQLite's name ends in zero and stays until `xClose`.
    let path = match unsafe { text(name) } {
        Ok(path) => path,
        Err(code) => return code,
    };
    let companion = flags & (ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL) != 0;
    // SAFETY: of a journal or log, SQLite itself made the name, and its database is open.
    if companion && !name.is_null() && unsafe { io::is_stale(owner(name)) } {
        // A connection from before a power loss must not leave a new journal after it.
        return ffi::SQLITE_IOERR;
    }
    let ticket = match disk.state().open(path, flags) {
        Ok(ticket) => ticket,
        Err(code) => return code,
    };
    // SAFETY: as for `clear`; `out_flags` is null or valid.
    unsafe {
        io::fill(file, OpenFile::new(disk, ticket));
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

/// # Safety
/// `name` is what SQLite passed to `xOpen` for a rollback journal or a write-ahead log.
unsafe fn owner(name: ffi::sqlite3_filename) -> *mut ffi::sqlite3_file {
    // SAFETY: by contract.
    unsafe { ffi::sqlite3_database_file_object(name) }
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_directory: c_int,
) -> c_int {
    // SAFETY: SQLite passes the VFS it was registered with and a string that ends in zero.
    let (disk, name) = unsafe { (disk(vfs), text(name)) };
    code(disk.and_then(|disk| {
        let name = name?.ok_or(ffi::SQLITE_IOERR_DELETE)?;
        disk.state().delete(name, sync_directory != 0)
    }))
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    _flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes the VFS it was registered with and a string that ends in zero.
    let (disk, name) = unsafe { (disk(vfs), text(name)) };
    code(disk.and_then(|disk| {
        let there = disk.state().exists(name?.ok_or(ffi::SQLITE_IOERR_ACCESS)?)?;
        // SAFETY: SQLite passes a valid place for the answer.
        unsafe { *out = c_int::from(there) };
        Ok(())
    }))
}

unsafe extern "C" fn full_pathname(
    _vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes a string that ends in zero.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if usize::try_from(room).is_ok_and(|room| name.len() <= room) {
        // SAFETY: `out` has `room` bytes, which was just checked, and is SQLite's own buffer.
        unsafe { ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len()) };
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_CANTOPEN
    }
}

unsafe extern "C" fn randomness(
    vfs: *mut ffi::sqlite3_vfs,
    count: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes the VFS it was registered with and `count` bytes of its own.
    let (disk, out) = unsafe { (disk(vfs), io::bytes_mut(out.cast(), count)) };
    match disk {
        Ok(disk) => disk.state().rng.fill(out),
        Err(_) => out.fill(0),
    }
    count
}

/// Sleeps a moment at most, so that a busy timeout of seconds is up in a twentieth of one. Not
/// shorter: a reader of the log that finds another thread at it gives up after a hundred sleeps,
/// and the other must come to run in that time.
unsafe extern "C" fn sleep(_vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    let asked = Duration::from_micros(microseconds.max(0).unsigned_abs().into());
    std::thread::sleep(asked.min(LONGEST_SLEEP));
    microseconds
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    let mut ms = 0;
    // SAFETY: `vfs` is passed on, `ms` is valid.
    let code = unsafe { current_time_ms(vfs, &raw mut ms) };
    // SAFETY: SQLite passes a valid place for the answer.
    unsafe { *out = ms as f64 / 86_400_000.0 };
    code
}

unsafe extern "C" fn current_time_ms(
    vfs: *mut ffi::sqlite3_vfs,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes the VFS it was registered with.
    code(unsafe { disk(vfs) }.map(|disk| {
        let ms = disk.state().unix_ms.saturating_add(JULIAN_1970);
        // SAFETY: SQLite passes a valid place for the answer.
        unsafe { *out = ms };
    }))
}

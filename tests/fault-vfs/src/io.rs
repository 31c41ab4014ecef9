//! An open file as SQLite sees it: the callbacks that work on one `sqlite3_file`.
//!
//! Unsafe, because SQLite speaks C. It rests on this: between a successful `xOpen` and `xClose`,
//! `FaultFile::open` is the only pointer to a boxed [`OpenFile`], and SQLite never makes two calls
//! on one file at once.

use std::ffi::{c_int, c_void};
use std::ops::Range;
use std::ptr;
use std::slice;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::ffi;

use crate::disk::Disk;
use crate::inode::SECTOR;
use crate::lock::Level;
use crate::shm::{SLOTS, Shm};
use crate::state::{Code, Ticket};
use crate::vfs::code;

/// SQLite's part of an open file and ours behind it.
#[repr(C)]
pub(crate) struct FaultFile {
    base: ffi::sqlite3_file,
    open: *mut OpenFile,
}

/// What we keep of an open file. It keeps the disk, so a connection may outlive the test's handle.
pub(crate) struct OpenFile {
    disk: Arc<Disk>,
    ticket: Ticket,
    shm: Option<Arc<Mutex<Shm>>>,
}

impl OpenFile {
    pub(crate) fn new(disk: Arc<Disk>, ticket: Ticket) -> Self {
        Self { disk, ticket, shm: None }
    }

    /// Also unlocks: SQLite has done so, unless the connection died of an error.
    fn detach_shm(&mut self) {
        if let Some(shm) = self.shm.take() {
            let mut shm = shm.lock().unwrap_or_else(PoisonError::into_inner);
            shm.unlock(self.ticket.holder(), 0..SLOTS);
        }
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Marks as not open, so that SQLite does not close it.
///
/// # Safety
/// `file` is room for a [`FaultFile`].
pub(crate) unsafe fn clear(file: *mut ffi::sqlite3_file) {
    let base = ffi::sqlite3_file { pMethods: ptr::null() };
    // SAFETY: by contract.
    unsafe { file.cast::<FaultFile>().write(FaultFile { base, open: ptr::null_mut() }) };
}

/// Makes it an open file, until `xClose`.
///
/// # Safety
/// `file` is room for a [`FaultFile`] and not open.
pub(crate) unsafe fn fill(file: *mut ffi::sqlite3_file, open: OpenFile) {
    let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
    let open = Box::into_raw(Box::new(open));
    // SAFETY: by contract.
    unsafe { file.cast::<FaultFile>().write(FaultFile { base, open }) };
}

/// Whether `file` is open, ours, and from before a power loss.
///
/// # Safety
/// `file` is null or a valid `sqlite3_file` on which no other call is going on.
pub(crate) unsafe fn is_stale(file: *mut ffi::sqlite3_file) -> bool {
    // SAFETY: by contract; our methods mean our file.
    unsafe {
        if file.is_null() || !ptr::eq((*file).pMethods, &raw const METHODS) {
            return false;
        }
        let open = open_file(file);
        !open.disk.state().is_current(open.ticket)
    }
}

/// # Safety
/// `file` was given to [`fill`] and not closed, and the caller is the only call on it.
unsafe fn open_file<'a>(file: *mut ffi::sqlite3_file) -> &'a mut OpenFile {
    // SAFETY: by contract.
    unsafe { &mut *(*file.cast::<FaultFile>()).open }
}

/// # Safety
/// `start` points to `count` bytes that are the caller's as long as the result lives.
pub(crate) unsafe fn bytes_mut<'a>(start: *mut c_void, count: c_int) -> &'a mut [u8] {
    match usize::try_from(count) {
        // SAFETY: by contract.
        Ok(count) if count > 0 => unsafe { slice::from_raw_parts_mut(start.cast(), count) },
        _ => &mut [],
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite passes an open file; this is the last call on it, so the box is ours again.
    let mut open = unsafe { Box::from_raw((*file.cast::<FaultFile>()).open) };
    // SAFETY: the room is there until this returns.
    unsafe { clear(file) };
    open.detach_shm();
    open.disk.state().close(open.ticket);
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes an open file and `count` bytes of its own.
    let (open, into) = unsafe { (open_file(file), bytes_mut(into, count)) };
    code(open.disk.state().read(open.ticket, at.unsigned_abs(), into))
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: SQLite passes an open file and `count` bytes of its own, never null.
    let (open, from) = unsafe { (open_file(file), slice::from_raw_parts(from.cast(), count)) };
    code(open.disk.state().write(open.ticket, at.unsigned_abs(), from))
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    code(open.disk.state().truncate(open.ticket, len.unsigned_abs()))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    code(open.disk.state().sync(open.ticket))
}

unsafe extern "C" fn file_size(
    file: *mut ffi::sqlite3_file,
    out: *mut ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    code(open.disk.state().size(open.ticket).map(|size| {
        // SAFETY: SQLite passes a valid place for the answer; a size in memory fits.
        unsafe { *out = size as ffi::sqlite3_int64 };
    }))
}

fn level(level: c_int) -> Level {
    match level {
        ffi::SQLITE_LOCK_NONE => Level::None,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        _ => Level::Exclusive,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, wanted: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    code(open.disk.state().lock(open.ticket, level(wanted)))
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, kept: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    open.disk.state().unlock(open.ticket, level(kept));
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    code(open.disk.state().reserved(open.ticket).map(|reserved| {
        // SAFETY: SQLite passes a valid place for the answer.
        unsafe { *out = c_int::from(reserved) };
    }))
}

/// Every control is optional; this disk knows none.
unsafe extern "C" fn file_control(
    _file: *mut ffi::sqlite3_file,
    _op: c_int,
    _argument: *mut c_void,
) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_file: *mut ffi::sqlite3_file) -> c_int {
    SECTOR as c_int
}

/// No promises: not even that bytes beside a write are safe.
unsafe extern "C" fn device_characteristics(_file: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    let mapped = open.disk.state().attach_shm(open.ticket).map(|current| {
        // The pointer is good until `xShmUnmap` or `xClose`: `open` keeps the memory till then.
        let shm = open.shm.get_or_insert(current);
        let mut shm = shm.lock().unwrap_or_else(PoisonError::into_inner);
        shm.region(region.unsigned_abs() as usize, bytes.unsigned_abs() as usize, extend != 0)
    });
    // SAFETY: SQLite passes a valid place for the answer.
    unsafe { *out = mapped.unwrap_or(ptr::null_mut()) };
    code(mapped.map(drop))
}

fn slots(offset: c_int, count: c_int) -> Range<usize> {
    let start = (offset.unsigned_abs() as usize).min(SLOTS);
    start..(start + count.unsigned_abs() as usize).min(SLOTS)
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite passes an open file.
    let open = unsafe { open_file(file) };
    let Some(shm) = &open.shm else { return ffi::SQLITE_IOERR_SHMLOCK };
    // Always the disk first, then the shared memory, or two threads could wait for each other.
    let mut state = open.disk.state();
    let mut shm = shm.lock().unwrap_or_else(PoisonError::into_inner);
    let slots = slots(offset, count);
    let locked: Result<(), Code> = if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        shm.unlock(open.ticket.holder(), slots);
        Ok(())
    } else {
        let exclusive = flags & ffi::SQLITE_SHM_EXCLUSIVE != 0;
        state.lock_shm(open.ticket, &mut shm, slots, exclusive)
    };
    code(locked)
}

unsafe extern "C" fn shm_barrier(_file: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

/// There is no file to delete: the memory goes with the last connection.
unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    // SAFETY: SQLite passes an open file.
    unsafe { open_file(file) }.detach_shm();
    ffi::SQLITE_OK
}

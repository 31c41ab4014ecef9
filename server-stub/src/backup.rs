//! Backups that were looked at, and what they make *safe*.
//!
//! A phone lets go of what it holds only once a backup of the server covers it. So a backup counts
//! here when every chain, every seal and every photo in it was followed from end to end, and only up
//! to where it reaches. For an SQLite file the copy is made too, with SQLite's own online backup
//! while the server goes on working. For PostgreSQL the operator makes the backup with the
//! database's tools and restores it beside; that restored database is what is looked at.

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
};

use doorstep::{
    base::{Hash, Instant},
    log::{Certificate, Chain, StreamId, Tail, Writer},
};
use minicbor::bytes::ByteVec;
use rusqlite::{Connection, OpenFlags, backup::Backup};

use crate::{
    Database, OpenError,
    problem::Failure,
    store::{Store, StoreError, StreamRow, Tx, chain_left_by, transact},
};

/// Streams marked in one transaction: exchanges get their turn in between.
const AT_ONCE: usize = 500;

/// Why a backup doesn't count. The server's database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The server's database, or the copy, can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Something is there already.
    #[error("{0} is there already: name a file that isn't")]
    Taken(PathBuf),
    /// Only an SQLite file is copied here.
    #[error(
        "this database is backed up with its own tools: restore that backup into a database \
         beside it and name it with --check"
    )]
    NotAFile,
    /// The copy can't be made.
    #[error("the copy cannot be made: {0}")]
    Copy(String),
    /// The copy holds what doesn't hold.
    #[error("the copy does not hold: {0}; it makes nothing safe, and phones keep all they have")]
    Broken(String),
    /// The copy is of another company's server, or of another life of this one.
    #[error("the copy is not one of this database: {0}")]
    Other(String),
    /// A database failed on the way.
    #[error("a database failed: {0}")]
    Store(String),
}

impl From<Failure> for BackupError {
    fn from(failure: Failure) -> BackupError {
        BackupError::Store(failure.to_string())
    }
}

/// What a backup covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Streams that were followed.
    pub streams: usize,
    /// Events in them.
    pub events: u64,
    /// Photos whose bytes are what their events name.
    pub photos: usize,
}

/// What was found in a copy.
struct Found {
    company: [u8; 32],
    heads: Vec<(StreamId, Chain)>,
    photos: Vec<Hash>,
    events: u64,
}

/// Copies the server's SQLite file to `to`, looks at the copy, and marks as safe what it covers. The
/// server may run meanwhile. The file with the company's keys is not in it.
pub fn back_up(live: Database<'_>, to: &Path, now: Instant) -> Result<BackedUp, BackupError> {
    let Database::File(from) = live else { return Err(BackupError::NotAFile) };
    if to.exists() {
        return Err(BackupError::Taken(to.to_owned()));
    }
    let part = to.with_extension("part");
    copy(from, &part).map_err(|error| BackupError::Copy(error.to_string()))?;
    let copied = Database::File(&part).open()?;
    let found = look(&*copied)?;
    drop(copied);
    keep(&part, to).map_err(|error| BackupError::Copy(error.to_string()))?;
    mark(&*live.open()?, &found, now)?;
    Ok(found.told())
}

/// Looks at a copy of the server's database that was made by other means, and marks as safe what it
/// covers. `made` is when its making began.
pub fn check_backup(
    live: Database<'_>,
    copy: Database<'_>,
    made: Instant,
) -> Result<BackedUp, BackupError> {
    let found = look(&*copy.open()?)?;
    mark(&*live.open()?, &found, made)?;
    Ok(found.told())
}

impl Found {
    fn told(&self) -> BackedUp {
        let (streams, photos) = (self.heads.len(), self.photos.len());
        BackedUp { streams, events: self.events, photos }
    }
}

/// All of it in one step: the copy is of one moment.
fn copy(from: &Path, to: &Path) -> rusqlite::Result<()> {
    // What an earlier try left behind is begun anew.
    let _ = std::fs::remove_file(to);
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(std::time::Duration::from_secs(30))?;
    let mut target = Connection::open(to)?;
    Backup::new(&source, &mut target)?.run_to_completion(
        i32::MAX,
        std::time::Duration::from_millis(50),
        None,
    )
}

/// The copy under its name, on the disk.
fn keep(part: &Path, to: &Path) -> std::io::Result<()> {
    File::open(part)?.sync_all()?;
    std::fs::rename(part, to)?;
    let folder = to.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Follows every chain, checks every last seal and every photo.
fn look(copy: &dyn Store) -> Result<Found, BackupError> {
    let broken = |why: String| BackupError::Broken(why);
    let (company, streams, photos) =
        transact(copy, |tx| Ok((tx.company_key()?, tx.streams()?, tx.photos_arrived()?)))?;
    let company = company.ok_or_else(|| broken("it belongs to no company".to_owned()))?;
    let mut keys: HashMap<Writer, [u8; 32]> = HashMap::new();
    let (mut heads, mut events) = (Vec::with_capacity(streams.len()), 0);
    for row in streams {
        let writer = row.stream.writer;
        let known = keys.get(&writer).copied();
        let checked = transact(copy, |tx| {
            let key = match (known, writer) {
                (Some(key), _) => Some(key),
                (None, Writer::Office(_)) => Some(company),
                (None, Writer::Device(id)) => tx.device(id)?.and_then(|device| {
                    let certificate = Certificate::verify(&device.certificate, &company).ok()?;
                    Some(certificate.fields().signing_key)
                }),
            };
            Ok((key, stream(tx, &row)?))
        })?;
        let (Some(key), (before, tail)) = checked else {
            return Err(broken(format!("{:?} has no certificate", row.stream)));
        };
        keys.insert(writer, key);
        // The company vouches for what its device could not seal.
        let chain = [key, company].iter().find_map(|key| tail.verify(before, key).ok());
        match chain {
            Some((recorded, chain)) if chain == row.head => events += recorded.len() as u64,
            _ => return Err(broken(format!("{:?} does not verify", row.stream))),
        }
        heads.push((row.stream, row.head));
    }
    for address in &photos {
        let bytes = transact(copy, |tx| {
            let mut bytes = Vec::new();
            tx.photo_parts(address, &mut |part| bytes.extend_from_slice(part))?;
            Ok(bytes)
        })?;
        if Hash::of(&[&bytes]) != *address {
            return Err(broken(format!("photo {address} has other bytes")));
        }
    }
    Ok(Found { company, heads, photos, events })
}

/// A whole stream, and where its chain stood before it.
fn stream(tx: &mut dyn Tx, row: &StreamRow) -> Result<(Chain, Tail), StoreError> {
    let events = tx.events(&row.stream, 1, row.head.seq)?;
    let from = events.first().map_or(1, |event| event.seq);
    let before = match events.first() {
        Some(first) if row.stream.is_branch() => {
            chain_left_by(tx, &row.stream, from - 1, &first.bytes)?
        }
        _ => None,
    };
    let before = before.unwrap_or(Chain::start(&row.stream.trunk()));
    let events = events.into_iter().map(|event| ByteVec::from(event.bytes)).collect();
    let seal = tx.seal(&row.stream, row.head.seq)?.map(ByteVec::from);
    Ok((before, Tail { stream: row.stream, from, events, seal }))
}

/// Marks in the server's database what the copy covers. Nothing is marked when the copy is of another
/// database: where it says something else than this one, a phone would let go of what nobody has.
fn mark(live: &dyn Store, found: &Found, made: Instant) -> Result<(), BackupError> {
    if transact(live, |tx| Ok(tx.company_key()?))? != Some(found.company) {
        return Err(BackupError::Other("another company's key is in it".to_owned()));
    }
    for heads in found.heads.chunks(AT_ONCE) {
        let other = transact(live, |tx| {
            for (stream, head) in heads {
                let here = tx.hashes(stream, head.seq, head.seq)?.pop();
                if here != Some((head.seq, head.hash)) {
                    return Ok(Some(*stream));
                }
            }
            Ok(None)
        })?;
        if let Some(stream) = other {
            return Err(BackupError::Other(format!("{stream:?} stands otherwise in it")));
        }
    }
    for heads in found.heads.chunks(AT_ONCE) {
        transact(live, |tx| {
            for (stream, head) in heads {
                tx.set_safe(stream, head.seq)?;
            }
            Ok(())
        })?;
    }
    for photos in found.photos.chunks(AT_ONCE) {
        transact(live, |tx| {
            for address in photos {
                tx.set_photo_safe(address)?;
            }
            Ok(())
        })?;
    }
    // Last: phones ask from now on.
    Ok(transact(live, |tx| Ok(tx.set_backed_up(made)?))?)
}

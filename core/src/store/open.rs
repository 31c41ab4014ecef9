//! Opening the file, and transactions.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection, OpenFlags, TransactionBehavior,
    ffi::{self, ErrorCode},
};
use rusqlite_migration::{M, Migrations};

use crate::log::Subject;

/// The schema this version writes (`PRAGMA user_version`).
pub const SCHEMA_VERSION: i64 = 1;
/// Length of the log from which it is brought into the file: about 4 MB.
const LOG_PAGES: i64 = 1000;
/// `PRAGMA application_id`: "Door".
const APPLICATION_ID: i64 = 0x446f_6f72;

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("schema.sql"))];

/// Why the file can't be opened. It is left as it is in every case.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No SQLite file, or torn beyond reading.
    #[error(
        "this is no readable database ({0}): set it aside and start a new one; nothing in it is deleted"
    )]
    NotADatabase(String),
    /// SQLite, but not Doorstep's.
    #[error("this database belongs to another program: choose another file")]
    Foreign,
    /// Written by a newer version.
    #[error(
        "this database was written by a newer version (schema {found}, this one knows {SCHEMA_VERSION}): update the app"
    )]
    TooNew {
        /// Its schema version.
        found: i64,
    },
    /// No room, no permission, …
    #[error("the database cannot be opened: {0}")]
    Io(String),
}

/// What can go wrong once it is open.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. Nothing of the action was kept.
    #[error("the disk is full: free some space and tap again; nothing was recorded")]
    DiskFull,
    /// Reading or writing failed.
    #[error("the database cannot be read or written: {0}")]
    Sqlite(rusqlite::Error),
    /// What is stored contradicts itself.
    #[error("the database is damaged ({0}): run `doorstep doctor`")]
    Damaged(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged(error.to_string())
            }
            _ => StoreError::Sqlite(error),
        }
    }
}

/// The open file. Reads go through it directly, writes through [`Store::transaction`].
#[derive(Debug)]
pub struct Store {
    pub(crate) db: Connection,
    /// The log may have holes on the disk that SQLite doesn't see: see [`Store::settle_log`].
    log_in_doubt: bool,
    waits_for_disk: bool,
}

impl Store {
    /// Opens or creates the file. `vfs` names another SQLite VFS than the system's.
    pub fn open(path: &Path, vfs: Option<&str>) -> Result<Store, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
            None => Connection::open_with_flags(path, flags),
        }
        .map_err(classify)?;
        let version = check_ownership(&db)?;
        configure(&db).map_err(classify)?;
        if version < SCHEMA_VERSION {
            migrate(&mut db)?;
        }
        let log_in_doubt = log_pages(&db).map_err(classify)? > 0;
        let mut store = Store { db, log_in_doubt, waits_for_disk: true };
        if store.log_in_doubt {
            // A disk that is full or failing can still be read; the first write tries again.
            let _ = store.settle_log();
        }
        Ok(store)
    }

    /// Runs `body` in one transaction: all of it is durable when this returns, or none of it.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.wait_for_disk(true).map_err(|error| E::from(StoreError::from(error)))?;
        self.run(body)
    }

    fn run<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let sqlite = |error| E::from(StoreError::from(error));
        if self.log_in_doubt {
            self.settle_log().map_err(sqlite)?;
        }
        let value = {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate);
            let tx = Transaction { tx: tx.map_err(sqlite)? };
            let value = body(&tx)?;
            if let Err(error) = tx.tx.commit() {
                self.log_in_doubt = error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
                return Err(sqlite(error));
            }
            value
        };
        self.checkpoint_when_due();
        Ok(value)
    }

    /// Like [`Store::transaction`], without waiting for the disk: loss of power may undo it, whole,
    /// together with nothing that was durable. For what is only repeated then.
    pub fn light_transaction<T, E: From<StoreError>>(
        &mut self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let sqlite = |error| E::from(StoreError::from(error));
        self.wait_for_disk(false).map_err(sqlite)?;
        self.run(body)
    }

    /// Whether commits wait for the disk. Set before each transaction rather than reset after it: a
    /// transaction that failed halfway must not leave the next one less than durable.
    fn wait_for_disk(&mut self, wait: bool) -> rusqlite::Result<()> {
        if self.waits_for_disk != wait {
            let mode = if wait { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", mode)?;
            self.waits_for_disk = wait;
        }
        Ok(())
    }

    /// Brings the log into the file once it is long. SQLite would do so by itself, and would not
    /// tell of a sync that failed on the way.
    fn checkpoint_when_due(&mut self) {
        let checkpoint = || -> rusqlite::Result<()> {
            if log_pages(&self.db)? >= LOG_PAGES {
                self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
            }
            Ok(())
        };
        // What was to be durable is: only what comes after must not rest on this log.
        self.log_in_doubt |= checkpoint().is_err();
    }

    /// Brings what the log holds into the file, and begins the log anew, durably: nothing depends
    /// on its old bytes then.
    ///
    /// A sync that fails may leave a hole on the disk which the system's memory hides: it forgets
    /// that it has yet to write those pages, and the next sync succeeds. A commit behind such a
    /// hole would be lost with the power, and an old half of the log, come back, would undo a half
    /// of the file. So this is done after every failed sync, and when a file is opened whose
    /// log was left behind, as nobody knows then how that ended. Without a failed sync each step
    /// is safe against loss of power; after one, the moment of this very call is not.
    fn settle_log(&mut self) -> rusqlite::Result<()> {
        self.wait_for_disk(true)?;
        let busy: bool =
            self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None));
        }
        // Any commit will do: with it the new log's header reaches the disk and voids the old one.
        self.db.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        self.log_in_doubt = false;
        Ok(())
    }

    /// SQLite's own check of the file; empty when all is well.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.db.prepare("PRAGMA integrity_check(20)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        let lines: Vec<_> = lines.collect::<Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

/// A transaction that writes. Derefs to a connection for reads; dropped without commit, it leaves
/// no trace.
#[derive(Debug)]
pub struct Transaction<'a> {
    tx: rusqlite::Transaction<'a>,
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.tx
    }
}

/// How many pages the log holds.
fn log_pages(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], |row| row.get(1))
}

fn classify(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::NotADatabase(error.to_string())
        }
        _ => OpenError::Io(error.to_string()),
    }
}

/// Looks before it writes: the schema version, 0 for an empty file.
fn check_ownership(db: &Connection) -> Result<i64, OpenError> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let version = pragma("user_version").map_err(classify)?;
    let application = pragma("application_id").map_err(classify)?;
    let empty = version == 0
        && db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))
            .map_err(classify)?
            == 0;
    if !empty && application != APPLICATION_ID {
        return Err(OpenError::Foreign);
    }
    if version > SCHEMA_VERSION {
        return Err(OpenError::TooNew { found: version });
    }
    Ok(version)
}

fn configure(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    // On Apple systems fsync alone stops at the drive's cache.
    db.pragma_update(None, "fullfsync", true)?;
    db.pragma_update(None, "checkpoint_fullfsync", true)?;
    // Android has no writable temporary directory.
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    // Written before the first table, so that a file cut off here is still known as ours.
    db.pragma_update(None, "application_id", APPLICATION_ID).map_err(classify)?;
    Migrations::from_slice(MIGRATIONS)
        .to_latest(db)
        .map_err(|error| OpenError::Io(error.to_string()))
}

/// Gives a file that won't open another name beside it (with its WAL), so that a new one can be
/// started and the old one salvaged. Gives the new name.
pub fn set_aside(path: &Path, label: &str) -> std::io::Result<PathBuf> {
    let beside = |suffix: &str, label: &str| {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(label);
        name.push(suffix);
        path.with_file_name(name)
    };
    let label = format!(".aside-{label}");
    let target = beside("", &label);
    if target.exists() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::AlreadyExists,
            "that name is taken: choose another label",
        ));
    }
    for suffix in ["-wal", "-shm"] {
        let (from, to) = (beside(suffix, ""), beside(suffix, &label));
        if from.exists() {
            std::fs::rename(from, to)?;
        }
    }
    std::fs::rename(path, &target)?;
    Ok(target)
}

/// A subject's columns.
pub(super) fn subject_columns(subject: &Subject) -> (i64, &[u8]) {
    (subject.kind.number(), subject.id.as_bytes())
}

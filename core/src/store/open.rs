//! Opening the file, and transactions.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior, ffi::ErrorCode, params};
use rusqlite_migration::{HookError, M, Migrations};

use super::{LogWatch, premises, vault::Vault};
use crate::{log::Subject, sync::Outcome};

/// The schema this version writes (`PRAGMA user_version`).
pub const SCHEMA_VERSION: i64 = 14;
/// `PRAGMA application_id`: "Door".
const APPLICATION_ID: i64 = 0x446f_6f72;

fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("schema.sql")),
        M::up(include_str!("schema_2.sql")),
        M::up_with_hook(include_str!("schema_3.sql"), |tx| Ok(date_outcomes(tx)?)),
        M::up_with_hook(include_str!("schema_4.sql"), |tx| {
            premises::move_documents(tx).map_err(|error| HookError::Hook(error.to_string()))
        }),
        M::up(include_str!("schema_5.sql")),
        M::up(include_str!("schema_6.sql")),
        M::up(include_str!("schema_7.sql")),
        M::up(include_str!("schema_8.sql")),
        M::up(include_str!("schema_9.sql")),
        M::up(include_str!("schema_10.sql")),
        M::up(include_str!("schema_11.sql")),
        M::up(include_str!("schema_12.sql")),
        M::up(include_str!("schema_13.sql")),
        M::up(include_str!("schema_14.sql")),
    ])
}

/// Writes beside each decision when it was made.
fn date_outcomes(db: &Connection) -> rusqlite::Result<()> {
    let mut all = db.prepare("SELECT id, bytes FROM outcome")?;
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, bytes) in rows.collect::<Result<Vec<(Vec<u8>, Vec<u8>)>, _>>()? {
        // What can't be read here is told as damaged when it is asked for.
        if let Ok(outcome) = minicbor::decode::<Outcome>(&bytes) {
            db.execute("UPDATE outcome SET at = ?2 WHERE id = ?1", params![id, outcome.at.0])?;
        }
    }
    Ok(())
}

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
    pub(super) vault: Vault,
    log: LogWatch,
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
        let log = LogWatch::new(&db).map_err(classify)?;
        Ok(Store { db, vault: Vault::default(), log, waits_for_disk: true })
    }

    /// Where the file is.
    pub fn path(&self) -> PathBuf {
        self.db.path().map(PathBuf::from).unwrap_or_default()
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
        if self.log.in_doubt() {
            self.wait_for_disk(true).map_err(sqlite)?;
            self.log.settle(&self.db).map_err(sqlite)?;
        }
        let (value, commit) = {
            let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate);
            let tx = Transaction { tx: tx.map_err(sqlite)?, vault: &self.vault };
            let value = body(&tx)?;
            (value, tx.tx.commit())
        };
        self.log.committed(&self.db, &commit);
        commit.map_err(sqlite)?;
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
    pub(super) vault: &'a Vault,
}

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.tx
    }
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
    migrations().to_latest(db).map_err(|error| OpenError::Io(error.to_string()))
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

//! The store in one SQLite file: WAL, `synchronous=FULL`, STRICT tables, one writer.
//!
//! One connection behind a lock serves every transaction, so that positions in a feed are given
//! and committed in the same order. A file of a newer version is refused and not touched; nothing
//! ever deletes one.

mod devices;
mod feed;
mod office;
mod streams;

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use doorstep::base::{Hash, Id, Instant};
use minicbor::{Decode, Encode};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use super::{Finish, Store, StoreError, Tx};

const MIGRATIONS: &[M<'static>] = &[M::up(include_str!("schema_1.sql"))];

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a database file can't be used. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer version.
    #[error(
        "the database has schema {found}, this server knows up to {known}: update the server; \
         the file was not touched"
    )]
    TooNew {
        /// The file's.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Not a database, or torn.
    #[error(
        "the file is not a database of this server, or damaged: {0}; put it aside under another \
         name and restore a backup"
    )]
    NotOurs(String),
    /// The disk, a lock, or a migration said no.
    #[error("the database cannot be opened: {0}")]
    Failed(String),
}

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Mutex<Connection>,
}

impl SqliteStore {
    /// Opens the file, makes it if it isn't there, and brings it to this version's schema.
    pub fn open(path: &Path) -> Result<SqliteStore, OpenError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let mut connection = Connection::open(path).map_err(classify)?;
        // Asked before anything is written: a pragma like journal_mode changes the file.
        let found: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(classify)?;
        if !(0..=known).contains(&found) {
            return Err(OpenError::TooNew { found, known });
        }
        if found == 0 && has_tables(&connection).map_err(classify)? {
            return Err(OpenError::NotOurs("it holds another program's tables".to_owned()));
        }
        // Every statement here is prepared once; there are more than the default keeps.
        connection.set_prepared_statement_cache_capacity(128);
        connection.busy_timeout(BUSY_TIMEOUT).map_err(classify)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(classify)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(classify)?;
        // On Apple systems a plain fsync stops at the drive's cache.
        connection.pragma_update(None, "fullfsync", true).map_err(classify)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(classify)?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut connection)
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        Ok(SqliteStore { connection: Mutex::new(connection) })
    }
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

fn classify(error: rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::NotOurs(error.to_string())
        }
        _ => OpenError::Failed(error.to_string()),
    }
}

impl Store for SqliteStore {
    fn run(
        &self,
        body: &mut dyn FnMut(&mut dyn Tx) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        // A panic in a rule rolled its transaction back when it unwound; the connection is whole.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut tx = SqliteTx { connection: transaction };
        match body(&mut tx)? {
            Finish::Commit => Ok(tx.connection.commit()?),
            Finish::RollBack => Ok(tx.connection.rollback()?),
        }
    }
}

/// One open transaction.
struct SqliteTx<'a> {
    connection: rusqlite::Transaction<'a>,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

// What rows hold, to and from the types of the format.

fn int(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Failed(format!("{number} is out of range")))
}

fn count(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| damaged("a count below zero"))
}

fn id(bytes: &[u8]) -> Result<Id, StoreError> {
    Id::from_slice(bytes).ok_or_else(|| damaged("an id that is not 16 bytes"))
}

fn id_opt(bytes: Option<Vec<u8>>) -> Result<Option<Id>, StoreError> {
    bytes.as_deref().map(id).transpose()
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    Hash::from_slice(bytes).ok_or_else(|| damaged("a hash that is not 32 bytes"))
}

fn instant_opt(ms: Option<i64>) -> Option<Instant> {
    ms.map(Instant)
}

fn cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    // Writing into a Vec cannot fail.
    minicbor::to_vec(value).unwrap_or_default()
}

fn from_cbor<T: for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    minicbor::decode(bytes).map_err(|error| damaged(error.to_string()))
}

/// A unit variant's name, as serde writes it.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn from_name<T: serde::de::DeserializeOwned>(name: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(name))
        .map_err(|error| damaged(error.to_string()))
}

fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Damaged(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_sound() {
        assert_eq!(Migrations::from_slice(MIGRATIONS).validate(), Ok(()));
    }
}

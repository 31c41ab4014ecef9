//! The store in one SQLite file: WAL, `synchronous=FULL`, STRICT tables, one writer.
//!
//! One connection behind a lock serves every transaction, so that positions in a feed are given
//! and committed in the same order. A file of a newer version is refused and not touched; nothing
//! ever deletes one.

use std::{
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use doorstep::{log::Vault, store::LogWatch};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, TransactionBehavior, params_from_iter,
    types::{ToSql, ToSqlOutput, ValueRef},
};
use rusqlite_migration::{M, Migrations};

use super::{
    Finish, OpenError, Store, StoreError, Tx,
    sql::{Key, Row, Sql, SqlTx, Value},
};

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("schema_1.sql")),
    M::up(include_str!("schema_2.sql")),
    M::up(include_str!("schema_3.sql")),
    M::up(include_str!("schema_4.sql")),
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
];

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    open: Mutex<Open>,
    /// What keys of subjects are kept under.
    vault: OnceLock<Arc<Vault>>,
}

/// The file's only writer, and its log.
#[derive(Debug)]
struct Open {
    connection: Connection,
    log: LogWatch,
}

impl SqliteStore {
    /// Opens the file, makes it if it isn't there, and brings it to this version's schema. `vfs`
    /// names another SQLite VFS than the system's.
    pub fn open(path: &Path, vfs: Option<&str>) -> Result<SqliteStore, OpenError> {
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        let opened = match vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, OpenFlags::default(), vfs),
            None => Connection::open(path),
        };
        let mut connection = opened.map_err(classify)?;
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
        #[cfg(feature = "planted")]
        if doorstep::planted::is(doorstep::planted::Bug::AckBeforeCommit) {
            connection.pragma_update(None, "synchronous", "OFF").map_err(classify)?;
        }
        // On Apple systems a plain fsync stops at the drive's cache.
        connection.pragma_update(None, "fullfsync", true).map_err(classify)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(classify)?;
        Migrations::from_slice(MIGRATIONS)
            .to_latest(&mut connection)
            .map_err(|error| OpenError::Failed(error.to_string()))?;
        let log = LogWatch::new(&connection).map_err(classify)?;
        Ok(SqliteStore { open: Mutex::new(Open { connection, log }), vault: OnceLock::new() })
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
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Open { connection, log } = &mut *open;
        log.settle(connection)?;
        let commit = {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut tx = SqlTx::new(transaction, self.vault.get().cloned());
            match body(&mut tx)? {
                Finish::Commit => {
                    tx.finish()?;
                    tx.0.commit()
                }
                Finish::RollBack => return Ok(tx.0.rollback()?),
            }
        };
        log.committed(connection, &commit);
        Ok(commit?)
    }

    fn keep_under(&self, vault: Arc<Vault>) {
        // Of the company that the database belongs to, once and for all.
        let _ = self.vault.set(vault);
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            _ => StoreError::Failed(error.to_string()),
        }
    }
}

impl Sql for rusqlite::Transaction<'_> {
    const ADD_KEY: &'static str = "INSERT INTO subject_key (subject_kind, subject_id, class, key)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    const ADD_OUTCOME: &'static str =
        "INSERT INTO outcome (device, work_order, outcome) VALUES ($1, $2, $3)";

    fn add_stream(&mut self, values: &[Value<'_>; 7]) -> Result<Key, StoreError> {
        let mut statement = self.prepare_cached(
            "INSERT INTO stream (subject_kind, subject_id, writer, branch, seq, hash, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )?;
        Ok(Key::Int(statement.insert(params_from_iter(values))?))
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StoreError> {
        self.execute_counted(sql, values)?;
        Ok(())
    }

    fn execute_counted(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let changed = self.prepare_cached(sql)?.execute(params_from_iter(values))?;
        Ok(changed as u64)
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(number),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn int_opt(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.get(column)?)
    }

    fn bytes_opt(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(column)?)
    }

    fn text_opt(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.get(column)?)
    }

    fn key(&self, column: usize) -> Result<Key, StoreError> {
        Ok(Key::Int(self.get(column)?))
    }
}

#[cfg(test)]
mod tests {
    use doorstep::{
        base::{Hash, Id, Instant},
        event::VisitKind,
        log::{Chain, StreamId, Subject, Writer},
        order::OrderStatus,
    };
    use rusqlite::StatementStatus;

    use super::*;
    use crate::store::{NewEvent, OrderRow, sql::WANTED};

    #[test]
    fn the_migrations_are_sound() {
        assert_eq!(Migrations::from_slice(MIGRATIONS).validate(), Ok(()));
    }

    fn done(order: Id) -> OrderRow {
        OrderRow {
            id: order,
            number: order.to_string(),
            kind: Some(VisitKind::Repair),
            opened_at: Some(Instant(1)),
            premises: None,
            assigned_to: Some(Id::new([2; 16])),
            status: OrderStatus::Done,
            conflicts: 0,
            open_conflicts: 0,
            charged: false,
            changed_at: Instant(1),
        }
    }

    /// Steps of the database's machine to find what a device is to carry that wrote so many streams in
    /// earlier years.
    fn steps(earlier: u64) -> i32 {
        let device = Id::new([1; 16]);
        let store = SqliteStore::open(Path::new(":memory:"), None).expect("it opens");
        let body = &mut |tx: &mut dyn Tx| {
            for number in 0..earlier {
                let order = Id::from_hash(&Hash::of(&[&number.to_be_bytes()]));
                let stream = StreamId::new(Subject::work_order(order), Writer::Device(device));
                let start = Chain::start(&stream);
                let bytes = number.to_be_bytes().to_vec();
                let event = NewEvent { hash: start.then(&bytes).hash, action: order, bytes };
                tx.append(&stream, start, &[event], b"a seal", Instant(1))?;
                tx.put_order(&done(order))?;
            }
            assert_eq!(tx.wanted(device, Some(Id::new([2; 16])), Instant(1_000))?.len(), 0);
            Ok(Finish::Commit)
        };
        store.run(body).expect("it is stored");
        let open = store.open.lock().expect("nothing panicked");
        let wanted = open.connection.prepare_cached(WANTED).expect("it is prepared");
        wanted.get_status(StatementStatus::VmStep)
    }

    #[test]
    fn what_a_device_is_to_carry_is_found_without_a_look_at_its_earlier_years() {
        let few = steps(10);
        assert!(few > 0);
        assert_eq!(few, steps(500));
    }
}

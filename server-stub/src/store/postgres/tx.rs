//! One transaction's statements, and what rows and parameters are in PostgreSQL.

use bytes::{BufMut, BytesMut};
use futures_util::future::try_join_all;
use tokio_postgres::{
    Error, Statement,
    error::SqlState,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use super::{pool::Connection, wait::wait};
use crate::store::{
    StoreError,
    sql::{Key, Row, Sql, Value, damaged},
};

/// An error of the database, and how often running the transaction may help.
pub(super) struct Trouble {
    pub(super) error: StoreError,
    pub(super) tries: u32,
}

impl Trouble {
    pub(super) fn of(error: &Error) -> Trouble {
        let busy = [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::TOO_MANY_CONNECTIONS,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
        ];
        let state = error.code();
        let tries = state.map_or(0, tries);
        // A connection that broke may have committed; an exchange that comes again does no harm.
        let busy = error.is_closed() || state.is_some_and(|state| busy.contains(state));
        let error = if busy || tries == u32::MAX {
            tracing::debug!(error = told(error), "the database is busy");
            StoreError::Busy
        } else {
            StoreError::Failed(told(error))
        };
        Trouble { error, tries }
    }
}

/// How often a transaction is worth running that the database refused for this.
fn tries(state: &SqlState) -> u32 {
    match *state {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => u32::MAX,
        // A row that another transaction put there first: this one looked before the other had
        // committed, and will see it the next time. Where it still doesn't, it is a mistake.
        SqlState::UNIQUE_VIOLATION => 3,
        _ => 0,
    }
}

/// What the database said, without the rows it said it about: these may hold people's names.
pub(super) fn told(error: &Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

/// One open transaction.
pub(super) struct PostgresSql<'a> {
    connection: &'a mut Connection,
    /// The first error: the database refuses everything behind it.
    pub(super) trouble: Option<Trouble>,
}

impl<'a> PostgresSql<'a> {
    pub(super) fn new(connection: &'a mut Connection) -> PostgresSql<'a> {
        PostgresSql { connection, trouble: None }
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(known) = self.connection.statements.get(sql) {
            return Ok(known.clone());
        }
        let statement = wait(self.connection.client.prepare(sql))?;
        self.connection.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn noted<T>(&mut self, result: Result<T, Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let trouble = Trouble::of(&error);
            let told = trouble.error.clone();
            self.trouble.get_or_insert(trouble);
            told
        })
    }
}

fn borrowed<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Sql for PostgresSql<'_> {
    const ADD_KEY: &'static str =
        "INSERT INTO subject_key (id, subject_kind, subject_id, class, key)
         SELECT coalesce(max(id), 0) + 1, $1::bigint, $2::bytea, $3::bigint, $4::bytea
         FROM subject_key WHERE subject_kind = $1 AND subject_id = $2
         ON CONFLICT (subject_kind, subject_id, class, key) DO NOTHING";

    const ADD_OUTCOME: &'static str = "INSERT INTO outcome (id, device, work_order, outcome)
         SELECT coalesce(max(id), 0) + 1, $1::bytea, $2::bytea, $3::bytea
         FROM outcome WHERE device = $1";

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        let done = self.prepared(sql).and_then(|statement| {
            wait(self.connection.client.execute(&statement, &borrowed(values)))
        });
        self.noted(done)
    }

    fn execute_each(
        &mut self,
        sql: &'static str,
        lists: &[Vec<Value<'_>>],
    ) -> Result<(), StoreError> {
        let done = self.prepared(sql).and_then(|statement| {
            // All of them are on their way before the first is answered.
            let lists: Vec<_> = lists.iter().map(|values| borrowed(values)).collect();
            let client = &self.connection.client;
            wait(try_join_all(lists.iter().map(|values| client.execute(&statement, values))))
        });
        self.noted(done)?;
        Ok(())
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let found = self.prepared(sql).and_then(|statement| {
            wait(self.connection.client.query(&statement, &borrowed(values)))
        });
        for row in self.noted(found)? {
            each(&row)?;
        }
        Ok(())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) => out.put_i64(*number),
            Value::Bytes(bytes) => out.put_slice(bytes),
            Value::Text(text) => out.put_slice(text.as_bytes()),
        }
        Ok(IsNull::No)
    }

    /// Integers are BIGINT everywhere in the schema; bytes and text look alike on the wire.
    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::BYTEA | Type::TEXT)
    }

    to_sql_checked!();
}

fn unreadable(error: Error) -> StoreError {
    damaged(error.to_string())
}

impl Row for tokio_postgres::Row {
    fn int_opt(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match *self.columns()[column].type_() {
            Type::BOOL => self.try_get::<_, Option<bool>>(column).map(|it| it.map(i64::from)),
            Type::INT4 => self.try_get::<_, Option<i32>>(column).map(|it| it.map(i64::from)),
            _ => self.try_get(column),
        }
        .map_err(unreadable)
    }

    fn bytes_opt(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.try_get(column).map_err(unreadable)
    }

    fn text_opt(&self, column: usize) -> Result<Option<String>, StoreError> {
        if *self.columns()[column].type_() == Type::TEXT {
            return self.try_get(column).map_err(unreadable);
        }
        let text = self.bytes_opt(column)?.map(String::from_utf8).transpose();
        text.map_err(|_| damaged("text that is not UTF-8"))
    }

    fn key(&self, column: usize) -> Result<Key, StoreError> {
        Ok(Key::Bytes(self.bytes(column)?))
    }
}

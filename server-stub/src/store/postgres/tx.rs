//! One transaction's statements, and what rows and parameters are in PostgreSQL.

use std::{future::poll_fn, task::Poll};

use bytes::{BufMut, BytesMut};
use doorstep::base::Hash;
use futures_util::TryStreamExt;
use tokio_postgres::{
    Client, Error, Statement,
    error::SqlState,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use super::{pool::Connection, wait::wait};
use crate::store::{
    NewEvent, StoreError,
    sql::{Key, Row, Sql, Value, damaged, int},
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

/// So many statements wait at most before they are sent.
const MOST_QUEUED: usize = 256;

/// A statement that nobody waits for yet.
struct Queued {
    statement: Statement,
    values: Vec<Owned>,
}

/// What a statement found, and how many rows it concerned.
type Found = (Vec<tokio_postgres::Row>, u64);

/// One open transaction. A statement whose outcome nobody asks for waits for the next that is asked
/// for, and travels with it: a round trip costs more than most statements.
pub(super) struct PostgresSql<'a> {
    connection: &'a mut Connection,
    queued: Vec<Queued>,
    /// The first error: the database refuses everything behind it.
    pub(super) trouble: Option<Trouble>,
}

impl<'a> PostgresSql<'a> {
    pub(super) fn new(connection: &'a mut Connection) -> PostgresSql<'a> {
        PostgresSql { connection, queued: Vec::new(), trouble: None }
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(known) = self.connection.statements.get(sql) {
            return Ok(known.clone());
        }
        let prepared = wait(self.connection.client.prepare(sql));
        let statement = self.noted(prepared)?;
        self.connection.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn queue(&mut self, waits: Queued) -> Result<(), StoreError> {
        self.queued.push(waits);
        if self.queued.len() < MOST_QUEUED { Ok(()) } else { self.flush() }
    }

    /// Sends what waits, and waits until the database has done it.
    pub(super) fn flush(&mut self) -> Result<(), StoreError> {
        let queued = std::mem::take(&mut self.queued);
        let done = wait(async {
            let mut done = Ok(());
            for sent in send(&self.connection.client, &queued).await {
                done = done.and(sent.await.map(drop));
            }
            done
        });
        self.noted(done)
    }

    /// Sends what waits and one statement behind it, for each of these parameters; gives what each found.
    fn ask(&mut self, sql: &'static str, each: &[&[Value<'_>]]) -> Result<Vec<Found>, StoreError> {
        let statement = self.prepared(sql)?;
        let queued = std::mem::take(&mut self.queued);
        let asked = wait(async {
            let client = &self.connection.client;
            let before = send(client, &queued).await;
            let mut asked = Vec::with_capacity(each.len());
            for values in each {
                asked.push(begun(client.query_raw(&statement, *values)).await);
            }
            // The first error is the one that counts: behind it the database only refuses.
            for sent in before {
                sent.await?;
            }
            let mut all = Vec::with_capacity(each.len());
            for asked in asked {
                let mut rows = std::pin::pin!(asked.await?);
                let mut found = Vec::new();
                while let Some(row) = rows.try_next().await? {
                    found.push(row);
                }
                all.push((found, rows.rows_affected().unwrap_or(0)));
            }
            Ok(all)
        });
        self.noted(asked)
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

/// Sends statements in their order, without waiting for any.
async fn send<'a>(
    client: &'a Client,
    queued: &'a [Queued],
) -> Vec<impl Future<Output = Result<u64, Error>> + 'a> {
    let mut sent = Vec::with_capacity(queued.len());
    for Queued { statement, values } in queued {
        sent.push(begun(client.execute_raw(statement, values)).await);
    }
    sent
}

/// Polls a future once: a statement is on its way then.
async fn begun<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let mut running = Box::pin(future);
    let early = poll_fn(|context| Poll::Ready(running.as_mut().poll(context))).await;
    async move {
        match early {
            Poll::Ready(output) => output,
            Poll::Pending => running.await,
        }
    }
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

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StoreError> {
        let statement = self.prepared(sql)?;
        let values = values.iter().map(Owned::of).collect();
        self.queue(Queued { statement, values })
    }

    fn execute_counted(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        Ok(self.ask(sql, &[values])?.iter().map(|(_, concerned)| concerned).sum())
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.ask(sql, &[values])?.iter().flat_map(|(rows, _)| rows).try_for_each(|row| each(row))
    }

    fn query_each(
        &mut self,
        sql: &'static str,
        values: &[Vec<Value<'_>>],
        each: &mut dyn FnMut(usize, &dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut place = 0;
        for values in values.chunks(MOST_QUEUED) {
            let values: Vec<_> = values.iter().map(Vec::as_slice).collect();
            for (rows, _) in self.ask(sql, &values)? {
                rows.iter().try_for_each(|row| each(place, row))?;
                place += 1;
            }
        }
        Ok(())
    }

    /// A stream's key follows from its name, so that nobody waits for the database to draw one. Streams
    /// from before have one that was drawn.
    fn add_stream(&mut self, values: &[Value<'_>; 7]) -> Result<Key, StoreError> {
        let [kind, id, writer, branch, ..] = values;
        let name = [kind, id, writer, branch].map(|part| match part {
            Value::Int(number) => number.to_be_bytes().to_vec(),
            Value::Bytes(bytes) => bytes.to_vec(),
            Value::Text(_) | Value::Null => Vec::new(),
        });
        let name = name.iter().flat_map(|part| [part.len().to_be_bytes().to_vec(), part.clone()]);
        let name: Vec<u8> = name.flatten().collect();
        let key = Hash::of(&[b"doorstep stream key v1", &name]).as_bytes()[..16].to_vec();
        let [kind, id, writer, branch, seq, hash, now] = *values;
        self.execute(
            "INSERT INTO stream
             (id, subject_kind, subject_id, writer, branch, seq, hash, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[Value::Bytes(&key), kind, id, writer, branch, seq, hash, now],
        )?;
        Ok(Key::Bytes(key))
    }

    fn add_events(
        &mut self,
        stream: &Key,
        first: u64,
        events: &[NewEvent],
    ) -> Result<(), StoreError> {
        let statement = self.prepared(
            "INSERT INTO event (stream, seq, hash, action, bytes)
             SELECT $1::bytea, $2::bigint + place - 1, hash, action, bytes
             FROM unnest($3::bytea[], $4::bytea[], $5::bytea[]) WITH ORDINALITY
                  AS new (hash, action, bytes, place)",
        )?;
        let list = |of: fn(&NewEvent) -> &[u8]| {
            Owned::List(events.iter().map(|event| of(event).to_vec()).collect())
        };
        let values = vec![
            Owned::of(&stream.into()),
            Owned::of(&int(first)?),
            list(|event| event.hash.as_bytes()),
            list(|event| event.action.as_bytes()),
            list(|event| &event.bytes),
        ];
        self.queue(Queued { statement, values })
    }
}

/// A parameter of a statement that waits.
#[derive(Debug)]
enum Owned {
    Null,
    Int(i64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Vec<u8>>),
}

impl Owned {
    fn of(value: &Value<'_>) -> Owned {
        match *value {
            Value::Null => Owned::Null,
            Value::Int(number) => Owned::Int(number),
            Value::Bytes(bytes) => Owned::Bytes(bytes.to_vec()),
            Value::Text(text) => Owned::Text(text.to_owned()),
        }
    }
}

impl ToSql for Owned {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Owned::Null => Value::Null.to_sql(ty, out),
            Owned::Int(number) => Value::Int(*number).to_sql(ty, out),
            Owned::Bytes(bytes) => Value::Bytes(bytes).to_sql(ty, out),
            Owned::Text(text) => Value::Text(text).to_sql(ty, out),
            Owned::List(list) => list.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        Value::accepts(ty) || *ty == Type::BYTEA_ARRAY
    }

    to_sql_checked!();
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

//! What a transaction means in SQL, once for every database that speaks it.
//!
//! The statements here are read by SQLite and PostgreSQL alike. Parameters are written `$1`, `$2`, …
//! and first appear in that order: SQLite numbers them as it meets them. Integers are 64 bits wide,
//! truth is 0 or 1, and nothing is sorted by text, so that no collation matters. What the databases
//! can't share are the constants of [`Sql`] and their schemas.

mod ahead;
mod complaints;
mod devices;
mod feed;
mod office;
mod photos;
mod stored;
mod streams;

use std::sync::Arc;

use doorstep::{
    base::{Hash, Id, Instant},
    log::Vault,
};
use minicbor::{Decode, Encode};

#[cfg(test)]
pub(super) use self::feed::WANTED;
use self::{ahead::Seen, stored::Sums};
use super::{NewEvent, StoreError};

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Null,
    Int(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
}

/// A row's own key, given by the database: what it is differs between them.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Int(i64),
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite counts its rows"))]
    Bytes(Vec<u8>),
}

/// One open transaction of a database.
pub(super) trait Sql {
    /// Keeps a subject's key behind its others, unless it is here. Kind, id, class, key.
    const ADD_KEY: &'static str;

    /// Keeps an outcome behind a device's others. Device, order, outcome.
    const ADD_OUTCOME: &'static str;

    /// Runs a statement. Whatever follows sees what it did; that it failed may come out only then, or
    /// at the end of the transaction, so that a database across a network isn't waited for each time.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<(), StoreError>;

    /// Runs a statement and says how many rows it concerned.
    fn execute_counted(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<u64, StoreError>;

    /// Runs a query and shows each row.
    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Runs one query for each of these parameters, in their order, and shows each row with the place of
    /// its parameters. A database across a network is waited for once.
    fn query_each(
        &mut self,
        sql: &'static str,
        values: &[Vec<Value<'_>>],
        each: &mut dyn FnMut(usize, &dyn Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut places = values.iter().enumerate();
        places.try_for_each(|(place, values)| self.query(sql, values, &mut |row| each(place, row)))
    }

    /// Adds a stream and gives its row's key. Kind, id, writer, branch, number, hash, time.
    fn add_stream(&mut self, values: &[Value<'_>; 7]) -> Result<Key, StoreError>;

    /// Adds events to a stream, the first at this number.
    fn add_events(
        &mut self,
        stream: &Key,
        first: u64,
        events: &[NewEvent],
    ) -> Result<(), StoreError> {
        for (seq, event) in (first..).zip(events) {
            self.execute(
                "INSERT INTO event (stream, seq, hash, action, bytes) VALUES ($1, $2, $3, $4, $5)",
                &[
                    stream.into(),
                    int(seq)?,
                    (&event.hash).into(),
                    (&event.action).into(),
                    Value::Bytes(&event.bytes),
                ],
            )?;
        }
        Ok(())
    }
}

/// A row that was found; columns count from 0.
pub(super) trait Row {
    fn int_opt(&self, column: usize) -> Result<Option<i64>, StoreError>;
    fn bytes_opt(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError>;
    fn text_opt(&self, column: usize) -> Result<Option<String>, StoreError>;
    fn key(&self, column: usize) -> Result<Key, StoreError>;

    fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.int_opt(column)?.ok_or_else(missing)
    }

    fn bytes(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.bytes_opt(column)?.ok_or_else(missing)
    }

    fn text(&self, column: usize) -> Result<String, StoreError> {
        self.text_opt(column)?.ok_or_else(missing)
    }

    fn truth(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    fn count(&self, column: usize) -> Result<u64, StoreError> {
        u64::try_from(self.int(column)?).map_err(|_| damaged("a count below zero"))
    }

    fn instant(&self, column: usize) -> Result<Instant, StoreError> {
        Ok(Instant(self.int(column)?))
    }

    fn instant_opt(&self, column: usize) -> Result<Option<Instant>, StoreError> {
        Ok(self.int_opt(column)?.map(Instant))
    }

    fn id(&self, column: usize) -> Result<Id, StoreError> {
        self.id_opt(column)?.ok_or_else(missing)
    }

    fn id_opt(&self, column: usize) -> Result<Option<Id>, StoreError> {
        let read = |bytes: Vec<u8>| {
            Id::from_slice(&bytes).ok_or_else(|| damaged("an id that is not 16 bytes"))
        };
        self.bytes_opt(column)?.map(read).transpose()
    }

    fn hash(&self, column: usize) -> Result<Hash, StoreError> {
        self.hash_opt(column)?.ok_or_else(missing)
    }

    fn hash_opt(&self, column: usize) -> Result<Option<Hash>, StoreError> {
        let read = |bytes: Vec<u8>| {
            Hash::from_slice(&bytes).ok_or_else(|| damaged("a hash that is not 32 bytes"))
        };
        self.bytes_opt(column)?.map(read).transpose()
    }
}

/// The store's traits over one transaction, the sums that it keeps for its end, and what it read ahead.
pub(super) struct SqlTx<S>(pub(super) S, Sums, Seen, Option<Arc<Vault>>);

impl<S: Sql> SqlTx<S> {
    pub(super) fn new(sql: S, vault: Option<Arc<Vault>>) -> SqlTx<S> {
        SqlTx(sql, Sums::default(), Seen::default(), vault)
    }

    /// What keys of subjects are kept under.
    fn vault(&self) -> Result<Arc<Vault>, StoreError> {
        self.3.clone().ok_or_else(|| damaged("keys, before the company's are there"))
    }

    /// Every row that a query finds.
    fn all<T, C: Default + Extend<T>>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<C, StoreError> {
        let mut found = C::default();
        self.0.query(sql, values, &mut |row| {
            found.extend([read(row)?]);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row that a query finds.
    fn first<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut first = None;
        self.0.query(sql, values, &mut |row| {
            if first.is_none() {
                first = Some(read(row)?);
            }
            Ok(())
        })?;
        Ok(first)
    }

    /// The row that a query must find.
    fn one<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.first(sql, values, read)?.ok_or_else(|| damaged("a row is missing"))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Int(truth.into())
    }
}

impl From<Instant> for Value<'_> {
    fn from(at: Instant) -> Self {
        Value::Int(at.0)
    }
}

impl<'a> From<&'a Id> for Value<'a> {
    fn from(id: &'a Id) -> Self {
        Value::Bytes(id.as_bytes())
    }
}

impl<'a> From<&'a Hash> for Value<'a> {
    fn from(hash: &'a Hash) -> Self {
        Value::Bytes(hash.as_bytes())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Value::Bytes(bytes)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl<'a> From<&'a Key> for Value<'a> {
    fn from(key: &'a Key) -> Self {
        match key {
            Key::Int(number) => Value::Int(*number),
            Key::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

pub(super) fn int<'a>(number: u64) -> Result<Value<'a>, StoreError> {
    let number = i64::try_from(number);
    number.map(Value::Int).map_err(|_| StoreError::Failed("a number is out of range".to_owned()))
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

fn missing() -> StoreError {
    damaged("nothing where something must be")
}

pub(super) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Damaged(what.into())
}

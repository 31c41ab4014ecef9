//! Small single values: enrolment, cursor, counters.

use minicbor::{Decode, Encode};
use rusqlite::{Connection, OptionalExtension, params};

use super::{StoreError, Transaction};

impl Transaction<'_> {
    /// Sets the value under `key`.
    pub fn set_meta<T: Encode<()>>(&self, key: &str, value: &T) -> Result<(), StoreError> {
        let bytes = minicbor::to_vec(value).unwrap_or_default();
        self.prepare_cached(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, bytes])?;
        Ok(())
    }

    /// Forgets the value under `key`.
    pub fn clear_meta(&self, key: &str) -> Result<(), StoreError> {
        self.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
        Ok(())
    }
}

pub(super) fn read<T: for<'b> Decode<'b, ()>>(
    db: &Connection,
    key: &str,
) -> Result<Option<T>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    bytes
        .map(|bytes| minicbor::decode(&bytes))
        .transpose()
        .map_err(|error| StoreError::Damaged(format!("meta `{key}`: {error}")))
}

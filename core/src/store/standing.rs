//! Standing data, outcomes and scope: what the server told.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, Transaction, premises};
use crate::{
    base::Id,
    sync::{Outcome, StandingDoc},
};

pub(super) fn newest(db: &Connection, key: &str) -> Result<Option<(u32, Vec<u8>)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT version, bytes FROM standing WHERE key = ?1 ORDER BY version DESC LIMIT 1",
        )?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

pub(super) fn of_version(
    db: &Connection,
    key: &str,
    version: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM standing WHERE key = ?1 AND version = ?2")?
        .query_row(params![key, version], |row| row.get(0))
        .optional()?)
}

/// The document of standing data as the company signed it: of one version, or the newest.
pub(super) fn signed(
    db: &Connection,
    key: &str,
    version: Option<u32>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT signed FROM standing WHERE key = ?1 AND (?2 IS NULL OR version = ?2)
             ORDER BY version DESC LIMIT 1",
        )?
        .query_row(params![key, version], |row| row.get::<_, Option<Vec<u8>>>(0))
        .optional()?;
    Ok(found.flatten())
}

/// Every version kept under a key, the newest first.
pub(super) fn all_versions(db: &Connection, key: &str) -> Result<Vec<u32>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT version FROM standing WHERE key = ?1 ORDER BY version DESC")?;
    let rows = statement.query_map([key], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn versions(db: &Connection, prefix: &str) -> Result<Vec<(String, u32)>, StoreError> {
    // Keys are ASCII: this range holds those that begin so, and the primary key serves it.
    let mut statement = db.prepare_cached(
        "SELECT key, max(version) FROM standing WHERE key >= ?1 AND key < ?1 || '~' GROUP BY key",
    )?;
    let rows = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Store {
    /// The latest decisions that were delivered, at most `limit`, newest last.
    pub fn outcomes(&self, limit: u32) -> Result<Vec<Outcome>, StoreError> {
        let mut statement = self
            .db
            .prepare_cached("SELECT bytes FROM outcome ORDER BY at DESC, id DESC LIMIT ?1")?;
        let rows = statement.query_map([limit], |row| row.get::<_, Vec<u8>>(0))?;
        let mut outcomes = Vec::new();
        for bytes in rows {
            let outcome: Outcome = minicbor::decode(&bytes?)
                .map_err(|error| StoreError::Damaged(format!("an outcome: {error}")))?;
            outcomes.push(outcome);
        }
        outcomes.reverse();
        Ok(outcomes)
    }
}

impl Transaction<'_> {
    /// Keeps a verified document; `false` when its content can't be read. Older versions stay, as
    /// visits are pinned to them; of premises and meters only what holds now does. `signed`: as the
    /// company signed it.
    pub fn keep_standing(&self, doc: &StandingDoc, signed: &[u8]) -> Result<bool, StoreError> {
        if let Some(kept) = premises::keep(self, doc)? {
            return Ok(kept);
        }
        self.prepare_cached(
            "INSERT INTO standing (key, version, bytes, signed) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (key, version) DO UPDATE SET bytes = excluded.bytes,
                                                      signed = excluded.signed",
        )?
        .execute(params![doc.key, doc.version, doc.body, signed])?;
        Ok(true)
    }

    /// Keeps an outcome; the same one twice is once. Whether it is new here.
    pub fn keep_decision(&self, outcome: &Outcome) -> Result<bool, StoreError> {
        let bytes = minicbor::to_vec(outcome).unwrap_or_default();
        let added = self
            .prepare_cached(
                "INSERT INTO outcome (id, bytes, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![outcome.id.as_bytes(), bytes, outcome.at.0])?;
        Ok(added > 0)
    }

    /// Whether the order is in scope.
    pub fn in_scope(&self, order: Id) -> Result<bool, StoreError> {
        Ok(self
            .prepare_cached("SELECT 1 FROM scope WHERE work_order = ?1")?
            .exists([order.as_bytes()])?)
    }

    /// Takes every order out of scope and off the list.
    pub fn clear_scope(&self) -> Result<(), StoreError> {
        self.execute_batch("DELETE FROM scope; UPDATE order_row SET listed = 0;")?;
        Ok(())
    }

    /// The order entered or left scope.
    pub fn set_scope(&self, order: Id, entered: bool) -> Result<(), StoreError> {
        let sql = if entered {
            "INSERT INTO scope (work_order) VALUES (?1) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM scope WHERE work_order = ?1"
        };
        self.prepare_cached(sql)?.execute([order.as_bytes()])?;
        Ok(())
    }
}

//! Premises of the district, and search among them.
//!
//! What the server told last counts: standing data comes in the order in which it was published.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Reader, Store, StoreError, words};
use crate::{
    base::Id,
    meter::Meters,
    sync::{Bottles, OpenHazards, Premises, PremisesDelta, StandingDoc},
};

/// Premises with their meters, as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPremises {
    /// The premises.
    pub premises: Premises,
    /// Their meters.
    pub meters: Meters,
}

impl Reader<'_> {
    /// The premises, if they are here.
    pub fn premises(&self, id: Id) -> Result<Option<Premises>, StoreError> {
        let body = column(self.0, "SELECT body FROM premises WHERE id = ?1", id)?;
        Ok(body.and_then(|body| minicbor::decode(&body).ok()))
    }

    /// The meters of some premises; none where none are known.
    pub fn meters(&self, premises: Id) -> Result<Meters, StoreError> {
        let meters = column(self.0, "SELECT meters FROM premises WHERE id = ?1", premises)?;
        Ok(meters.and_then(|body| minicbor::decode(&body).ok()).unwrap_or_default())
    }

    /// What the server told of the gas bottles at some premises; nothing where it told nothing.
    pub fn bottles_told(&self, premises: Id) -> Result<Bottles, StoreError> {
        let told = column(self.0, "SELECT bottles FROM premises WHERE id = ?1", premises)?;
        let told = told.filter(|body| !body.is_empty());
        Ok(told.and_then(|body| minicbor::decode(&body).ok()).unwrap_or_default())
    }
}

fn column(db: &Connection, sql: &str, id: Id) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0)).optional()?)
}

impl Store {
    /// How many premises are here.
    pub fn premises_count(&self) -> Result<u64, StoreError> {
        Ok(self.db.query_row("SELECT count(*) FROM premises", [], |row| row.get(0))?)
    }

    /// Premises in whose address, building, stair, flat or meter numbers all words of `typed` stand,
    /// at most `limit`. Words may be parts of words; nothing is found for nothing typed.
    pub fn search_premises(
        &self,
        typed: &str,
        limit: u32,
    ) -> Result<Vec<FoundPremises>, StoreError> {
        let mut found = Vec::new();
        // Written without a gap, a building and a flat are one word that stands nowhere.
        for query in [words::query(typed, false), words::query(typed, true)].into_iter().flatten() {
            let mut statement = self.db.prepare_cached(
                "SELECT body, meters FROM premises_words JOIN premises ON row = premises_words.rowid
                 WHERE premises_words MATCH ?1 LIMIT ?2",
            )?;
            let mut rows = statement.query(params![query, limit])?;
            while let Some(row) = rows.next()? {
                let meters = minicbor::decode(row.get_ref(1)?.as_blob().unwrap_or_default());
                if let Ok(premises) =
                    minicbor::decode(row.get_ref(0)?.as_blob().unwrap_or_default())
                {
                    found.push(FoundPremises { premises, meters: meters.unwrap_or_default() });
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }
}

/// Moves what an earlier schema kept as documents of their own into rows of their own.
pub(super) fn move_documents(db: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT key, version, bytes FROM standing
               WHERE key LIKE 'premises/%' OR key LIKE 'meters/%' ORDER BY version";
    let mut statement = db.prepare(sql)?;
    let docs = statement.query_map([], |row| {
        Ok(StandingDoc { key: row.get(0)?, version: row.get(1)?, body: row.get(2)? })
    })?;
    for doc in docs.collect::<Result<Vec<_>, _>>()? {
        keep(db, &doc)?;
    }
    db.execute_batch("DELETE FROM standing WHERE key LIKE 'premises/%' OR key LIKE 'meters/%'")?;
    Ok(())
}

/// Keeps a verified document about premises. `None`: it is about something else; `false`: it can't
/// be read.
pub(super) fn keep(db: &Connection, doc: &StandingDoc) -> Result<Option<bool>, StoreError> {
    if doc.key == PremisesDelta::KEY {
        let Ok(delta) = minicbor::decode::<PremisesDelta>(&doc.body) else {
            return Ok(Some(false));
        };
        for premises in &delta.put {
            put(db, premises.id, "body", &minicbor::to_vec(premises).unwrap_or_default())?;
            move_orders(db, premises)?;
        }
        for of in &delta.meters {
            let meters = Meters { meters: of.meters.clone() };
            put(db, of.premises, "meters", &minicbor::to_vec(meters).unwrap_or_default())?;
        }
        for id in &delta.gone {
            remove(db, *id)?;
        }
        return Ok(Some(true));
    }
    if let Some(id) = doc.key.strip_prefix("premises/") {
        let Some(premises) = doc.premises().filter(|it| it.id.to_string() == id) else {
            return Ok(Some(false));
        };
        put(db, premises.id, "body", &doc.body)?;
        move_orders(db, &premises)?;
        return Ok(Some(true));
    }
    if let Some(id) = doc.key.strip_prefix("hazards/") {
        let (Ok(id), Ok(_)) = (id.parse::<Id>(), minicbor::decode::<OpenHazards>(&doc.body)) else {
            return Ok(Some(false));
        };
        db.prepare_cached(
            "INSERT INTO premises (id, hazards) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET hazards = excluded.hazards",
        )?
        .execute(params![id.as_bytes(), doc.body])?;
        return Ok(Some(true));
    }
    if let Some(id) = doc.key.strip_prefix("bottles/") {
        let (Ok(id), Ok(_)) = (id.parse::<Id>(), minicbor::decode::<Bottles>(&doc.body)) else {
            return Ok(Some(false));
        };
        db.prepare_cached(
            "INSERT INTO premises (id, bottles) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET bottles = excluded.bottles",
        )?
        .execute(params![id.as_bytes(), doc.body])?;
        return Ok(Some(true));
    }
    if let Some(id) = doc.key.strip_prefix("meters/") {
        let (Ok(id), Ok(_)) = (id.parse(), minicbor::decode::<Meters>(&doc.body)) else {
            return Ok(Some(false));
        };
        put(db, id, "meters", &doc.body)?;
        return Ok(Some(true));
    }
    Ok(None)
}

/// Writes one of the two columns, and the words anew when it changed.
fn put(db: &Connection, id: Id, column: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let mut statement =
        db.prepare_cached("SELECT row, body, meters FROM premises WHERE id = ?1")?;
    let known: Option<(i64, Vec<u8>, Vec<u8>)> = statement
        .query_row([id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let is_body = column == "body";
    let (row, mut body, mut meters) = match known {
        Some(known) => known,
        None => {
            db.prepare_cached("INSERT INTO premises (id) VALUES (?1)")?.execute([id.as_bytes()])?;
            (db.last_insert_rowid(), Vec::new(), Vec::new())
        }
    };
    let place = if is_body { &mut body } else { &mut meters };
    if place == bytes {
        return Ok(());
    }
    *place = bytes.to_vec();
    db.prepare_cached("UPDATE premises SET body = ?2, meters = ?3 WHERE row = ?1")?
        .execute(params![row, body, meters])?;
    index(db, row, &body, &meters)
}

fn remove(db: &Connection, id: Id) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM premises_words WHERE rowid = (SELECT row FROM premises WHERE id = ?1)",
    )?
    .execute([id.as_bytes()])?;
    db.prepare_cached("DELETE FROM premises WHERE id = ?1")?.execute([id.as_bytes()])?;
    Ok(())
}

fn index(db: &Connection, row: i64, body: &[u8], meters: &[u8]) -> Result<(), StoreError> {
    let premises: Premises = minicbor::decode(body).unwrap_or_default();
    let meters: Meters = minicbor::decode(meters).unwrap_or_default();
    db.prepare_cached("INSERT OR REPLACE INTO premises_words (rowid, words) VALUES (?1, ?2)")?
        .execute(params![row, words::of_premises(&premises, &meters)])?;
    Ok(())
}

/// Orders at premises whose place on a round changed move in the list.
fn move_orders(db: &Connection, premises: &Premises) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE order_row SET place = ?2 WHERE premises = ?1")?
        .execute(params![premises.id.as_bytes(), premises.place()])?;
    Ok(())
}

//! The list projection: one row an order, so that a list costs what it shows.

use rusqlite::{Row, params};

use super::{Store, StoreError, Transaction};
use crate::{
    base::{Id, Instant},
    log::{Subject, SubjectKind},
};

/// An order as the list needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Its id.
    pub id: Id,
    /// Shown in the list: in scope.
    pub listed: bool,
    /// Rank in the list, smallest first.
    pub sort: i64,
    /// Its status' id.
    pub status: String,
    /// The number people say on the phone.
    pub number: String,
    /// Where.
    pub premises: Option<Id>,
    /// Danger to life.
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// Open conflicts.
    pub conflicts: u32,
    /// This device's visit that is open, or else its last one.
    pub visit: Option<Id>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    Ok(OrderRow {
        id: Id::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default(),
        listed: row.get(1)?,
        sort: row.get(2)?,
        status: row.get(3)?,
        number: row.get(4)?,
        premises: Id::from_slice(row.get_ref(5)?.as_blob()?),
        emergency: row.get(6)?,
        due: row.get::<_, Option<i64>>(7)?.map(Instant),
        conflicts: row.get(8)?,
        visit: Id::from_slice(row.get_ref(9)?.as_blob()?),
    })
}

const COLUMNS: &str =
    "id, listed, sort, status, number, premises, emergency, due, conflicts, visit";

impl Store {
    /// The listed orders from the first on, at most `limit`.
    pub fn listed_orders(&self, limit: u32) -> Result<Vec<OrderRow>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM order_row WHERE listed = 1 ORDER BY sort, id LIMIT ?1");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([limit], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Every order row, by id.
    pub fn order_rows(&self) -> Result<Vec<OrderRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM order_row ORDER BY id");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Ids of all orders of which anything is stored.
    pub fn order_ids(&self) -> Result<Vec<Id>, StoreError> {
        ids(&self.db)
    }
}

pub(super) fn is_emergency(db: &rusqlite::Connection, order: Id) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM order_row WHERE id = ?1 AND emergency = 1")?
        .exists([order.as_bytes()])?)
}

fn ids(db: &rusqlite::Connection) -> Result<Vec<Id>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT subject_id FROM stream
         WHERE subject_kind = ?1 AND purged < seq ORDER BY subject_id",
    )?;
    let rows = statement
        .query_map([SubjectKind::WorkOrder.number()], |row| row.get::<_, Vec<u8>>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(rows.iter().filter_map(|bytes| Id::from_slice(bytes)).collect())
}

impl Transaction<'_> {
    /// Writes an order's row.
    pub fn put_order_row(&self, row: &OrderRow) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT OR REPLACE INTO order_row
             (id, listed, sort, status, number, premises, emergency, due, conflicts, visit)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            row.id.as_bytes(),
            row.listed,
            row.sort,
            row.status,
            row.number,
            row.premises.map_or(Vec::new(), |id| id.as_bytes().to_vec()),
            row.emergency,
            row.due.map(|due| due.0),
            row.conflicts,
            row.visit.map_or(Vec::new(), |id| id.as_bytes().to_vec()),
        ])?;
        Ok(())
    }

    /// Drops the projections, for a rebuild in the same transaction. Gives the orders to rebuild.
    pub fn drop_projections(&self) -> Result<Vec<Subject>, StoreError> {
        self.execute_batch("DELETE FROM order_row; DELETE FROM visit_row;")?;
        Ok(ids(self)?.into_iter().map(Subject::work_order).collect())
    }
}

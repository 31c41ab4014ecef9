//! The list projection: one row an order, so that a list costs what it shows.

use rusqlite::{OptionalExtension, Row, params};

use super::{Store, StoreError, Transaction};
use crate::{
    base::{Id, Instant, Money},
    event::{Appointment, Promised},
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
    /// Among equals of that rank: the place of its door on a round.
    pub place: String,
    /// Its status' id.
    pub status: String,
    /// Its kind's id, like `repair`.
    pub kind: String,
    /// The number people say on the phone.
    pub number: String,
    /// Where.
    pub premises: Option<Id>,
    /// Danger to life.
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// When somebody comes, agreed with the customer or planned.
    pub appointment: Option<Appointment>,
    /// Promises that hold for it.
    pub promises: Vec<Promised>,
    /// Open conflicts.
    pub conflicts: u32,
    /// Owed again after a visit has ended: a claimed payment bounced.
    pub owed: Option<Money>,
    /// This device's visit that is open, or else its last one.
    pub visit: Option<Id>,
    /// The event that opened it: the stream's row and the sequence number.
    pub opened: (i64, u64),
}

fn read(row: &Row<'_>) -> rusqlite::Result<OrderRow> {
    let instant = |place| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(place)?.map(Instant));
    let appointment = match (instant(12)?, instant(13)?) {
        (Some(from), Some(to)) => Some(Appointment { from, to, agreed: row.get(17)? }),
        _ => None,
    };
    Ok(OrderRow {
        id: Id::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default(),
        listed: row.get(1)?,
        sort: row.get(2)?,
        status: row.get(3)?,
        number: row.get(4)?,
        premises: Id::from_slice(row.get_ref(5)?.as_blob()?),
        emergency: row.get(6)?,
        due: instant(7)?,
        conflicts: row.get(8)?,
        visit: Id::from_slice(row.get_ref(9)?.as_blob()?),
        kind: row.get(10)?,
        place: row.get(11)?,
        appointment,
        promises: minicbor::decode(row.get_ref(14)?.as_blob()?).unwrap_or_default(),
        opened: (row.get(15)?, row.get(16)?),
        owed: row.get_ref(18)?.as_blob_or_null()?.and_then(|bytes| minicbor::decode(bytes).ok()),
    })
}

const COLUMNS: &str =
    "id, listed, sort, status, number, premises, emergency, due, conflicts, visit,
     kind, place, appointment_from, appointment_to, promises, opened_stream, opened_seq,
     appointment_agreed, owed";

/// The rank of what is over, behind everything.
pub(crate) const RANK_OVER: i64 = 1 << 60;
/// The rank of the doors of a round, which go by their place. What has a time ranks by it, below.
pub(crate) const RANK_ROUND: i64 = RANK_OVER / 2;

impl Store {
    /// The listed orders from the first on, at most `limit`.
    pub fn listed_orders(&self, limit: u32) -> Result<Vec<OrderRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM order_row WHERE listed = 1
                     ORDER BY sort, place, id LIMIT ?1"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([limit], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// How many orders are listed, and how many of them are not over.
    pub fn listed_count(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*), count(CASE WHEN sort < ?1 THEN 1 END) FROM order_row
                   WHERE listed = 1";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row([RANK_OVER], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// How many orders of a kind are listed, and how many of them are not over.
    pub fn listed_of_kind(&self, kind: &str) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*), count(CASE WHEN sort < ?1 THEN 1 END) FROM order_row
                   WHERE listed = 1 AND kind = ?2";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row(params![RANK_OVER, kind], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// The order's row, if there is one.
    pub fn order_row(&self, order: Id) -> Result<Option<OrderRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM order_row WHERE id = ?1");
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query_map([order.as_bytes()], read)?;
        Ok(rows.next().transpose()?)
    }

    /// The listed orders that are not over, from the first on, at most `limit`.
    pub fn open_orders(&self, limit: u32) -> Result<Vec<OrderRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM order_row WHERE listed = 1 AND sort < ?1
             ORDER BY sort, place, id LIMIT ?2"
        );
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map(params![RANK_OVER, limit], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
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

impl super::Reader<'_> {
    /// Of which kind an order is, as its row says; empty where it has none.
    pub fn order_kind(&self, order: Id) -> Result<String, StoreError> {
        let sql = "SELECT kind FROM order_row WHERE id = ?1";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([order.as_bytes()])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or_default())
    }

    /// Orders of one kind in whose events this text stands, as it is written on the wire. One pass
    /// over their events, and nothing is decoded.
    pub fn orders_naming(&self, kind: &str, text: &str) -> Result<Vec<Id>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT DISTINCT subject_id FROM stream JOIN event ON event.stream = stream.id
             WHERE subject_kind = ?1 AND subject_id IN (SELECT id FROM order_row WHERE kind = ?2)
               AND instr(bytes, ?3) > 0 ORDER BY subject_id",
        )?;
        let named = (SubjectKind::WorkOrder.number(), kind, text.as_bytes());
        let rows = statement
            .query_map(named, |row| row.get::<_, Vec<u8>>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        Ok(rows.iter().filter_map(|bytes| Id::from_slice(bytes)).collect())
    }
}

pub(super) fn is_emergency(db: &rusqlite::Connection, order: Id) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT 1 FROM order_row WHERE id = ?1 AND emergency = 1")?
        .exists([order.as_bytes()])?)
}

pub(super) fn at(db: &rusqlite::Connection, premises: Id) -> Result<Vec<Id>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id FROM order_row WHERE premises = ?1 ORDER BY id")?;
    let rows = statement.query_map([premises.as_bytes()], |row| {
        Ok(Id::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default())
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn number(db: &rusqlite::Connection, order: Id) -> Result<String, StoreError> {
    let found = db
        .prepare_cached("SELECT number FROM order_row WHERE id = ?1")?
        .query_row([order.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default())
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
        let sql = format!(
            "INSERT OR REPLACE INTO order_row ({COLUMNS}) VALUES
             (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
              ?18, ?19)"
        );
        self.prepare_cached(&sql)?.execute(params![
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
            row.kind,
            row.place,
            row.appointment.map(|made| made.from.0),
            row.appointment.map(|made| made.to.0),
            minicbor::to_vec(&row.promises).unwrap_or_default(),
            row.opened.0,
            row.opened.1,
            row.appointment.is_none_or(|made| made.agreed),
            row.owed.and_then(|owed| minicbor::to_vec(owed).ok()),
        ])?;
        Ok(())
    }

    /// Drops the projections, for a rebuild in the same transaction. Gives the orders to rebuild.
    pub fn drop_projections(&self) -> Result<Vec<Subject>, StoreError> {
        self.execute_batch(
            "DELETE FROM order_row; DELETE FROM visit_row; DELETE FROM open_hazard;
             DELETE FROM open_stop; DELETE FROM held_sum; DELETE FROM complaint;",
        )?;
        Ok(ids(self)?.into_iter().map(Subject::work_order).collect())
    }
}

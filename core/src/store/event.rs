//! Events, as the bytes that were signed.

use minicbor::bytes::ByteVec;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Store, StoreError, StreamRow, Transaction, stream::of_subject};
use crate::{
    base::{Hash, Id, Instant},
    event::{Event, EventHead, Recorded},
    log::{Subject, Tail},
};

pub(super) fn recorded(
    db: &Connection,
    row: &StreamRow,
    from: u64,
) -> Result<Vec<Recorded>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT seq, hash, bytes FROM event
         WHERE stream = ?1 AND seq >= ?2 AND bytes <> x'' ORDER BY seq",
    )?;
    let mut rows = statement.query(params![row.row, from])?;
    let mut events = Vec::new();
    while let Some(columns) = rows.next()? {
        events.push(read(row, columns)?);
    }
    Ok(events)
}

/// One event of the stream with this row, which is about `subject`.
pub(super) fn at(
    db: &Connection,
    stream: i64,
    subject: Subject,
    seq: u64,
) -> Result<Option<Recorded>, StoreError> {
    let row = super::stream::by_row(db, stream)?;
    if row.stream.subject != subject {
        return Err(StoreError::Damaged(format!("event {seq} is about something else")));
    }
    let mut statement =
        db.prepare_cached("SELECT seq, hash, bytes FROM event WHERE stream = ?1 AND seq = ?2")?;
    let mut rows = statement.query(params![stream, seq])?;
    rows.next()?.map(|columns| read(&row, columns)).transpose()
}

fn read(row: &StreamRow, columns: &rusqlite::Row<'_>) -> Result<Recorded, StoreError> {
    let seq = columns.get(0)?;
    let id = Hash::from_slice(columns.get_ref(1)?.as_blob().unwrap_or_default())
        .ok_or_else(|| StoreError::Damaged(format!("the hash of event {seq}")))?;
    let bytes = columns.get_ref(2)?.as_blob().unwrap_or_default();
    let event = Event::decode(bytes)
        .map_err(|error| StoreError::Damaged(format!("event {seq}: {error}")))?;
    Ok(Recorded { stream: row.stream, seq, id, event })
}

pub(super) fn of_whole_subject(
    db: &Connection,
    subject: &Subject,
) -> Result<Vec<Recorded>, StoreError> {
    let mut events = Vec::new();
    for row in of_subject(db, subject)? {
        events.extend(recorded(db, &row, 1)?);
    }
    Ok(events)
}

pub(super) fn of_visit(db: &Connection, visit: Id) -> Result<Option<(StreamRow, u64)>, StoreError> {
    let found: Option<(i64, u64)> = db
        .prepare_cached("SELECT stream, first FROM visit_row WHERE id = ?1")?
        .query_row([visit.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((stream, first)) = found else { return Ok(None) };
    let row = super::stream::by_row(db, stream)?;
    Ok(Some((row, first)))
}

pub(super) fn first(db: &Connection, row: &StreamRow) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT min(seq) FROM event WHERE stream = ?1";
    Ok(db.prepare_cached(sql)?.query_row([row.row], |row| row.get(0))?)
}

/// An event's bytes as signed; empty when they were let go of.
pub(super) fn bytes_at(
    db: &Connection,
    row: &StreamRow,
    seq: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM event WHERE stream = ?1 AND seq = ?2")?
        .query_row(params![row.row, seq], |row| row.get(0))
        .optional()?)
}

pub(super) fn hash_at(
    db: &Connection,
    row: &StreamRow,
    seq: u64,
) -> Result<Option<Hash>, StoreError> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT hash FROM event WHERE stream = ?1 AND seq = ?2")?
        .query_row(params![row.row, seq], |row| row.get(0))
        .optional()?;
    Ok(bytes.and_then(|bytes| Hash::from_slice(&bytes)))
}

/// An event that waits to be sent, as its first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Type and time.
    pub head: EventHead,
    /// Its length.
    pub bytes: u64,
}

impl Store {
    /// What of a stream the server hasn't accepted, in order. Costs what is unsent, however much was
    /// sent before.
    pub fn waiting(&self, row: &StreamRow) -> Result<Vec<Waiting>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT substr(bytes, 1, ?3), length(bytes) FROM event
             WHERE stream = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = statement.query(params![row.row, row.accepted, EventHead::BYTES])?;
        let mut waiting = Vec::new();
        while let Some(columns) = rows.next()? {
            // What can't be read goes to the server as it is, which keeps it aside: no hurry.
            let unread = EventHead { kind: 0, wall: Instant(i64::MAX) };
            let head = EventHead::peek(columns.get_ref(0)?.as_blob().unwrap_or_default());
            let head = head.unwrap_or(unread);
            waiting.push(Waiting { head, bytes: columns.get(1)? });
        }
        Ok(waiting)
    }

    /// The stream's bytes after `after`, at most about `budget` bytes of them but one event at
    /// least, and the seal over the last one when there is one.
    pub fn tail(&self, row: &StreamRow, after: u64, budget: usize) -> Result<Tail, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT bytes FROM event WHERE stream = ?1 AND seq > ?2 ORDER BY seq",
        )?;
        let mut rows = statement.query(params![row.row, after])?;
        let (mut events, mut size) = (Vec::<ByteVec>::new(), 0);
        while let Some(columns) = rows.next()? {
            let bytes: Vec<u8> = columns.get(0)?;
            size += bytes.len();
            if size > budget && !events.is_empty() {
                break;
            }
            events.push(bytes.into());
        }
        let mut tail = Tail { stream: row.stream, from: after + 1, events, seal: None };
        tail.seal = self.seal(row, tail.last())?.map(Into::into);
        Ok(tail)
    }

    /// The seal over exactly the event `seq`.
    pub fn seal(&self, row: &StreamRow, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .db
            .prepare_cached("SELECT bytes FROM seal WHERE stream = ?1 AND seq = ?2")?
            .query_row(params![row.row, seq], |row| row.get(0))
            .optional()?)
    }

    /// The last seal of a stream, with its place.
    pub fn last_seal(&self, row: &StreamRow) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        Ok(self.seals(row)?.pop())
    }

    /// Every seal of a stream, with its place.
    pub fn seals(&self, row: &StreamRow) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT seq, bytes FROM seal WHERE stream = ?1 ORDER BY seq")?;
        let rows = statement.query_map([row.row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Transaction<'_> {
    /// Appends bytes to a stream whose chain stands as `row` says, and moves `row` along.
    pub fn append(&self, row: &mut StreamRow, bytes: &[u8]) -> Result<Hash, StoreError> {
        let next = row.chain.then(bytes);
        self.prepare_cached(
            "INSERT INTO event (stream, seq, hash, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![row.row, next.seq, next.hash.as_bytes(), bytes])?;
        self.prepare_cached("UPDATE stream SET seq = ?2, hash = ?3 WHERE id = ?1")?
            .execute(params![row.row, next.seq, next.hash.as_bytes()])?;
        self.own_moved(row, next)?;
        row.chain = next;
        Ok(next.hash)
    }

    /// Keeps a seal.
    pub fn keep_seal(&self, row: &StreamRow, seq: u64, seal: &[u8]) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO seal (stream, seq, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![row.row, seq, seal])?;
        Ok(())
    }

    /// Notes where a visit begins.
    pub fn place_visit(&self, visit: Id, row: &StreamRow, first: u64) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO visit_row (id, stream, first) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![visit.as_bytes(), row.row, first])?;
        Ok(())
    }
}

//! Streams: heads, what the server has of them, keys and certificates.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, StoreError, Transaction, open::subject_columns};
use crate::{
    base::{Hash, Id},
    log::{Branch, Chain, Head, StreamId, Subject, SubjectKind, Writer},
};

/// A stream as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRow {
    /// Its row.
    pub(crate) row: i64,
    /// Its name.
    pub stream: StreamId,
    /// Written by this device.
    pub own: bool,
    /// Where its chain stands.
    pub chain: Chain,
    /// The server holds it up to here.
    pub accepted: u64,
    /// A verified backup holds it up to here.
    pub safe: u64,
    /// Bytes of its events up to here were let go of; numbers and hashes are here.
    pub purged: u64,
    /// Heads last written into `seen`.
    pub seen: Vec<Head>,
    /// Why the server holds it back; empty when it doesn't.
    pub trouble: String,
}

impl StreamRow {
    /// Its row, as projections name it.
    pub fn row(&self) -> i64 {
        self.row
    }

    /// Events that the server hasn't got of it.
    pub fn unsent(&self) -> u64 {
        self.chain.seq - self.accepted
    }
}

const COLUMNS: &str = "id, subject_kind, subject_id, writer, branch, own, seq, hash, accepted, \
                       safe, seen, trouble, purged";

fn read(row: &Row<'_>) -> rusqlite::Result<StreamRow> {
    let damaged = |column| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Blob,
            "not a stream's column".into(),
        )
    };
    let kind = SubjectKind::from_number(row.get(1)?).ok_or_else(|| damaged(1))?;
    let id = Id::from_slice(row.get_ref(2)?.as_blob()?).ok_or_else(|| damaged(2))?;
    let writer: Writer = minicbor::decode(row.get_ref(3)?.as_blob()?).map_err(|_| damaged(3))?;
    let branch = Branch::from_slice(row.get_ref(4)?.as_blob()?).ok_or_else(|| damaged(4))?;
    let hash = Hash::from_slice(row.get_ref(7)?.as_blob()?).ok_or_else(|| damaged(7))?;
    Ok(StreamRow {
        row: row.get(0)?,
        stream: StreamId { subject: Subject { kind, id }, writer, branch },
        own: row.get(5)?,
        chain: Chain { seq: row.get(6)?, hash },
        accepted: row.get(8)?,
        safe: row.get(9)?,
        seen: minicbor::decode(row.get_ref(10)?.as_blob()?).map_err(|_| damaged(10))?,
        trouble: row.get(11)?,
        purged: row.get(12)?,
    })
}

fn select(db: &Connection, filter: &str) -> Result<Vec<StreamRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM stream {filter} ORDER BY id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Streams for which a condition holds.
pub(super) fn select_where(
    db: &Connection,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<StreamRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM stream WHERE {condition}");
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_map(values, read)?.collect::<Result<_, _>>()?)
}

pub(super) fn of_subject(db: &Connection, subject: &Subject) -> Result<Vec<StreamRow>, StoreError> {
    let (kind, id) = subject_columns(subject);
    let sql = format!(
        "SELECT {COLUMNS} FROM stream WHERE subject_kind = ?1 AND subject_id = ?2 ORDER BY id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![kind, id], read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn find(db: &Connection, stream: &StreamId) -> Result<Option<StreamRow>, StoreError> {
    let (kind, id) = subject_columns(&stream.subject);
    let sql = format!(
        "SELECT {COLUMNS} FROM stream
         WHERE subject_kind = ?1 AND subject_id = ?2 AND writer = ?3 AND branch = ?4"
    );
    let writer = minicbor::to_vec(stream.writer).unwrap_or_default();
    let mut statement = db.prepare_cached(&sql)?;
    let values = params![kind, id, writer, stream.branch.as_bytes()];
    Ok(statement.query_row(values, read).optional()?)
}

pub(super) fn certificate(db: &Connection, id: Id) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM certificate WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?)
}

impl Store {
    /// Every stream.
    pub fn streams(&self) -> Result<Vec<StreamRow>, StoreError> {
        select(&self.db, "")
    }

    /// Streams of this device with events the server hasn't accepted.
    pub fn unsent_streams(&self) -> Result<Vec<StreamRow>, StoreError> {
        select(&self.db, "WHERE own = 1 AND accepted < seq")
    }

    /// Streams of this device that the server holds back.
    pub fn held_streams(&self) -> Result<Vec<StreamRow>, StoreError> {
        select(&self.db, "WHERE own = 1 AND trouble <> ''")
    }
}

pub(super) fn all(db: &Connection) -> Result<Vec<StreamRow>, StoreError> {
    select(db, "")
}

pub(super) fn own(db: &Connection) -> Result<Vec<StreamRow>, StoreError> {
    select(db, "WHERE own = 1")
}

impl Transaction<'_> {
    /// The stream, made empty if it wasn't there.
    pub fn stream_or_new(&self, stream: &StreamId, own: bool) -> Result<StreamRow, StoreError> {
        self.stream_or_begun(stream, own, Chain::start(stream))
    }

    /// The stream, made without events of its own where its chain stands at `chain` if it wasn't
    /// there: a branch begins behind its trunk's event.
    pub fn stream_or_begun(
        &self,
        stream: &StreamId,
        own: bool,
        chain: Chain,
    ) -> Result<StreamRow, StoreError> {
        if let Some(row) = find(self, stream)? {
            return Ok(row);
        }
        let (kind, id) = subject_columns(&stream.subject);
        let writer = minicbor::to_vec(stream.writer).unwrap_or_default();
        self.prepare_cached(
            "INSERT INTO stream (subject_kind, subject_id, writer, branch, own, seq, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            kind,
            id,
            writer,
            stream.branch.as_bytes(),
            own,
            chain.seq,
            chain.hash.as_bytes()
        ])?;
        find(self, stream)?.ok_or_else(|| StoreError::Damaged("a stream vanished".to_owned()))
    }

    /// Remembers what was last written into `seen`.
    pub fn set_seen(&self, row: &StreamRow, seen: &[Head]) -> Result<(), StoreError> {
        let bytes = minicbor::to_vec(seen).unwrap_or_default();
        self.prepare_cached("UPDATE stream SET seen = ?2 WHERE id = ?1")?
            .execute(params![row.row, bytes])?;
        Ok(())
    }

    /// The server holds the stream up to `seq`; never goes back, never beyond what is here.
    pub fn set_accepted(&self, row: &StreamRow, seq: u64) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE stream SET accepted = max(accepted, ?2), trouble = '' WHERE id = ?1",
        )?
        .execute(params![row.row, seq.min(row.chain.seq)])?;
        if planted!(PurgeAtAccepted) {
            self.prepare_cached("DELETE FROM event WHERE stream = ?1 AND seq <= ?2")?
                .execute(params![row.row, seq.min(row.chain.seq)])?;
        }
        Ok(())
    }

    /// The server lost what it had: everything after `seq` is to be sent again, as far as it is here.
    pub fn offer_again(&self, row: &StreamRow, seq: u64) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE stream SET accepted = max(min(accepted, ?2), purged), trouble = ''
             WHERE id = ?1",
        )?
        .execute(params![row.row, seq.min(row.chain.seq)])?;
        Ok(())
    }

    /// The office has decided what it held back of this subject. A fork whose other past has not come
    /// yet stays one.
    pub fn clear_trouble(&self, subject: &Subject, fork: &str) -> Result<(), StoreError> {
        let (kind, id) = subject_columns(subject);
        self.prepare_cached(
            "UPDATE stream SET trouble = ''
             WHERE subject_kind = ?1 AND subject_id = ?2 AND own = 1
               AND NOT (trouble = ?3 AND branch = x'')",
        )?
        .execute(params![kind, id, fork])?;
        Ok(())
    }

    /// A verified backup holds the stream up to `seq`.
    pub fn set_safe(&self, row: &StreamRow, seq: u64) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE stream SET safe = max(safe, ?2) WHERE id = ?1")?
            .execute(params![row.row, seq.min(row.chain.seq)])?;
        Ok(())
    }

    /// The server holds the stream back up to `seq`: it is not sent again, and the reason shows.
    pub fn set_trouble(&self, row: &StreamRow, seq: u64, reason: &str) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE stream SET trouble = ?2, accepted = max(accepted, min(?3, seq)) WHERE id = ?1",
        )?
        .execute(params![row.row, reason, seq])?;
        Ok(())
    }

    /// Keeps a certificate.
    pub fn keep_certificate(&self, id: Id, bytes: &[u8]) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO certificate (id, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![id.as_bytes(), bytes])?;
        Ok(())
    }
}

pub(super) fn by_row(db: &Connection, row: i64) -> Result<StreamRow, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM stream WHERE id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([row], read)?)
}

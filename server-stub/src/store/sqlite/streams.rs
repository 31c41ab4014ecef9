//! Streams in SQLite.

use doorstep::{
    base::{Hash, Id, Instant},
    log::{Branch, Chain, Class, StreamId, Subject, SubjectKey, SubjectKind, Writer},
};
use rusqlite::{OptionalExtension, Row, params};

use super::{SqliteTx, cbor, count, damaged, from_cbor, hash, id, int};
use crate::store::{NewEvent, StoreError, StoredEvent, StreamRow, Streams};

impl SqliteTx<'_> {
    /// Row number and head.
    fn stream_row(&self, stream: &StreamId) -> Result<Option<(i64, Chain)>, StoreError> {
        let row = self
            .connection
            .prepare_cached(
                "SELECT id, seq, hash FROM stream
                 WHERE subject_kind = ? AND subject_id = ? AND writer = ? AND branch = ?",
            )?
            .query_row(
                params![
                    stream.subject.kind.number(),
                    &stream.subject.id.as_bytes()[..],
                    cbor(&stream.writer),
                    stream.branch.as_bytes(),
                ],
                |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?)),
            )
            .optional()?;
        let Some((row, seq, head)) = row else { return Ok(None) };
        Ok(Some((row, Chain { seq: count(seq)?, hash: hash(&head)? })))
    }

    fn row_or_none(&self, stream: &StreamId) -> Result<i64, StoreError> {
        // No row has the number 0: the queries below then find nothing.
        Ok(self.stream_row(stream)?.map_or(0, |(row, _)| row))
    }

    fn stream_rows(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<StreamRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let head = Chain { seq: count(row.get(4)?)?, hash: hash(&row.get::<_, Vec<u8>>(5)?)? };
            found.push(StreamRow { stream: stream_id(row)?, head });
        }
        Ok(found)
    }
}

/// A stream's name from the columns subject_kind, subject_id, writer, branch.
fn stream_id(row: &Row<'_>) -> Result<StreamId, StoreError> {
    let kind = SubjectKind::from_number(row.get(0)?).ok_or_else(|| damaged("a subject's kind"))?;
    Ok(StreamId {
        subject: Subject { kind, id: id(&row.get::<_, Vec<u8>>(1)?)? },
        writer: from_cbor(&row.get::<_, Vec<u8>>(2)?)?,
        branch: Branch::from_slice(&row.get::<_, Vec<u8>>(3)?)
            .ok_or_else(|| damaged("a branch"))?,
    })
}

impl Streams for SqliteTx<'_> {
    fn head(&mut self, stream: &StreamId) -> Result<Option<Chain>, StoreError> {
        Ok(self.stream_row(stream)?.map(|(_, head)| head))
    }

    fn hashes(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Hash)>, StoreError> {
        let row = self.row_or_none(stream)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, hash FROM event WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        )?;
        let mut rows = statement.query(params![row, int(from)?, int(to)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((count(row.get(0)?)?, hash(&row.get::<_, Vec<u8>>(1)?)?));
        }
        Ok(found)
    }

    fn append(
        &mut self,
        stream: &StreamId,
        before: Chain,
        events: &[NewEvent],
        seal: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        let (row, head) = match self.stream_row(stream)? {
            Some(known) => known,
            None => {
                let start = Chain::start(stream);
                self.connection
                    .prepare_cached(
                        "INSERT INTO stream (subject_kind, subject_id, writer, branch, seq, hash,
                                             changed_at) VALUES (?, ?, ?, ?, 0, ?, ?)",
                    )?
                    .execute(params![
                        stream.subject.kind.number(),
                        &stream.subject.id.as_bytes()[..],
                        cbor(&stream.writer),
                        stream.branch.as_bytes(),
                        &start.hash.as_bytes()[..],
                        now.0,
                    ])?;
                (self.connection.last_insert_rowid(), start)
            }
        };
        if head != before {
            return Err(damaged("a stream that moved while it was written"));
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO event (stream, seq, hash, action, bytes) VALUES (?, ?, ?, ?, ?)",
        )?;
        let mut last = before;
        for event in events {
            last = Chain { seq: last.seq + 1, hash: event.hash };
            insert.execute(params![
                row,
                int(last.seq)?,
                &event.hash.as_bytes()[..],
                &event.action.as_bytes()[..],
                event.bytes,
            ])?;
        }
        self.connection
            .prepare_cached("INSERT INTO seal (stream, seq, bytes) VALUES (?, ?, ?)")?
            .execute(params![row, int(last.seq)?, seal])?;
        self.connection
            .prepare_cached("UPDATE stream SET seq = ?, hash = ?, changed_at = ? WHERE id = ?")?
            .execute(params![int(last.seq)?, &last.hash.as_bytes()[..], now.0, row])?;
        Ok(())
    }

    fn events(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let row = self.row_or_none(stream)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, hash, bytes FROM event
             WHERE stream = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        )?;
        let mut rows = statement.query(params![row, int(from)?, int(to)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(StoredEvent {
                stream: *stream,
                seq: count(row.get(0)?)?,
                hash: hash(&row.get::<_, Vec<u8>>(1)?)?,
                bytes: row.get(2)?,
            });
        }
        Ok(found)
    }

    fn seal(&mut self, stream: &StreamId, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row_or_none(stream)?;
        let seal = self
            .connection
            .prepare_cached("SELECT bytes FROM seal WHERE stream = ? AND seq = ?")?
            .query_row(params![row, int(seq)?], |row| row.get(0))
            .optional()?;
        Ok(seal)
    }

    fn cuts(&mut self, stream: &StreamId) -> Result<Vec<(u64, u64)>, StoreError> {
        let row = self.row_or_none(stream)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT event.seq, length(event.bytes), seal.seq IS NOT NULL
             FROM event LEFT JOIN seal ON seal.stream = event.stream AND seal.seq = event.seq
             WHERE event.stream = ? ORDER BY event.seq",
        )?;
        let mut rows = statement.query([row])?;
        let (mut cuts, mut size) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            size += count(row.get(1)?)?;
            if row.get(2)? {
                cuts.push((count(row.get(0)?)?, size));
                size = 0;
            }
        }
        Ok(cuts)
    }

    fn streams_about(&mut self, subject: &Subject) -> Result<Vec<StreamRow>, StoreError> {
        self.stream_rows(
            "SELECT subject_kind, subject_id, writer, branch, seq, hash FROM stream
             WHERE subject_kind = ? AND subject_id = ? ORDER BY id",
            params![subject.kind.number(), &subject.id.as_bytes()[..]],
        )
    }

    fn streams_by(&mut self, writer: &Writer) -> Result<Vec<StreamRow>, StoreError> {
        self.stream_rows(
            "SELECT subject_kind, subject_id, writer, branch, seq, hash FROM stream
             WHERE writer = ? ORDER BY id",
            params![cbor(writer)],
        )
    }

    fn events_about(&mut self, subject: &Subject) -> Result<Vec<StoredEvent>, StoreError> {
        let mut found = Vec::new();
        for StreamRow { stream, head } in self.streams_about(subject)? {
            found.extend(self.events(&stream, 1, head.seq)?);
        }
        Ok(found)
    }

    fn office_action(&mut self, action: Id) -> Result<Option<Subject>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT subject_kind, subject_id, writer, branch
             FROM event JOIN stream ON stream.id = event.stream WHERE action = ?",
        )?;
        let mut rows = statement.query([&action.as_bytes()[..]])?;
        while let Some(row) = rows.next()? {
            let stream = stream_id(row)?;
            if matches!(stream.writer, Writer::Office(_)) {
                return Ok(Some(stream.subject));
            }
        }
        Ok(None)
    }

    fn add_key(
        &mut self,
        subject: &Subject,
        class: Class,
        key: &SubjectKey,
    ) -> Result<bool, StoreError> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO subject_key (subject_kind, subject_id, class, key)
                 VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                subject.kind.number(),
                &subject.id.as_bytes()[..],
                class.number(),
                &key.as_bytes()[..],
            ])?;
        Ok(added > 0)
    }

    fn keys(&mut self, subject: &Subject) -> Result<Vec<(Class, SubjectKey)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT class, key FROM subject_key
             WHERE subject_kind = ? AND subject_id = ? ORDER BY id",
        )?;
        let mut rows =
            statement.query(params![subject.kind.number(), &subject.id.as_bytes()[..]])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let class = Class::from_number(row.get(0)?).ok_or_else(|| damaged("a class"))?;
            let key = SubjectKey::from_slice(&row.get::<_, Vec<u8>>(1)?)
                .ok_or_else(|| damaged("a key that is not 32 bytes"))?;
            found.push((class, key));
        }
        Ok(found)
    }
}

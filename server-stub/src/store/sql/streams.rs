//! Streams in SQL.

use doorstep::{
    base::{Hash, Id, Instant},
    log::{Branch, Chain, Class, Place, StreamId, Subject, SubjectKey, SubjectKind, Writer},
};

use super::{Key, Row, Sql, SqlTx, Value, cbor, damaged, from_cbor, int};
use crate::store::{NewEvent, StoreError, Stored, StoredEvent, StreamRow, Streams};

/// The key of the stream that the first four parameters name.
macro_rules! of_stream {
    () => {
        "(SELECT id FROM stream
          WHERE subject_kind = $1 AND subject_id = $2 AND writer = $3 AND branch = $4)"
    };
}

/// A stream's name as parameters; its writer's CBOR is made by the caller.
pub(super) fn name<'a>(stream: &'a StreamId, writer: &'a [u8]) -> [Value<'a>; 4] {
    [
        stream.subject.kind.number().into(),
        (&stream.subject.id).into(),
        writer.into(),
        stream.branch.as_bytes().into(),
    ]
}

/// A stream's name from the columns subject_kind, subject_id, writer, branch.
fn stream_id(row: &dyn Row) -> Result<StreamId, StoreError> {
    let kind = SubjectKind::from_number(row.int(0)?).ok_or_else(|| damaged("a subject's kind"))?;
    Ok(StreamId {
        subject: Subject { kind, id: row.id(1)? },
        writer: from_cbor(&row.bytes(2)?)?,
        branch: Branch::from_slice(&row.bytes(3)?).ok_or_else(|| damaged("a branch"))?,
    })
}

/// The same with where it stands, in the columns behind.
fn stream_row(row: &dyn Row) -> Result<StreamRow, StoreError> {
    let head = Chain { seq: row.count(4)?, hash: row.hash(5)? };
    Ok(StreamRow { stream: stream_id(row)?, head })
}

/// Row key and head of a stream, by its name.
pub(super) const HEAD: &str = "SELECT id, seq, hash FROM stream
     WHERE subject_kind = $1 AND subject_id = $2 AND writer = $3 AND branch = $4";

pub(super) fn head(row: &dyn Row) -> Result<(Key, Chain), StoreError> {
    Ok((row.key(0)?, Chain { seq: row.count(1)?, hash: row.hash(2)? }))
}

/// A subject as parameters.
pub(super) fn about(subject: &Subject) -> [Value<'_>; 2] {
    [subject.kind.number().into(), (&subject.id).into()]
}

/// Every event about a subject.
pub(super) const EVENTS_ABOUT: &str =
    "SELECT subject_kind, subject_id, writer, branch, event.seq, event.hash, bytes
     FROM stream JOIN event ON event.stream = stream.id
     WHERE subject_kind = $1 AND subject_id = $2 ORDER BY stream.id, event.seq";

pub(super) fn stored_event(row: &dyn Row) -> Result<StoredEvent, StoreError> {
    let StreamRow { stream, head: Chain { seq, hash } } = stream_row(row)?;
    Ok(StoredEvent { stream, seq, hash, bytes: row.bytes(6)? })
}

impl<S: Sql> SqlTx<S> {
    /// Row key and head.
    fn stream_head(&mut self, stream: &StreamId) -> Result<Option<(Key, Chain)>, StoreError> {
        if let Some(seen) = self.2.heads.get(stream) {
            return Ok(seen.clone());
        }
        let writer = cbor(&stream.writer);
        self.first(HEAD, &name(stream, &writer), head)
    }

    /// Runs a query about one stream that takes further numbers.
    fn of_stream<T>(
        &mut self,
        stream: &StreamId,
        sql: &'static str,
        numbers: &[u64],
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let writer = cbor(&stream.writer);
        let mut values = name(stream, &writer).to_vec();
        for number in numbers {
            values.push(int(*number)?);
        }
        self.all(sql, &values, read)
    }
}

impl<S: Sql> Streams for SqlTx<S> {
    fn head(&mut self, stream: &StreamId) -> Result<Option<Chain>, StoreError> {
        Ok(self.stream_head(stream)?.map(|(_, head)| head))
    }

    fn hashes(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Hash)>, StoreError> {
        let sql = concat!(
            "SELECT seq, hash FROM event WHERE stream = ",
            of_stream!(),
            " AND seq BETWEEN $5 AND $6 ORDER BY seq"
        );
        self.of_stream(stream, sql, &[from, to], |row| Ok((row.count(0)?, row.hash(1)?)))
    }

    fn append(
        &mut self,
        stream: &StreamId,
        before: Chain,
        events: &[NewEvent],
        seal: &[u8],
        now: Instant,
    ) -> Result<(), StoreError> {
        let known = self.stream_head(stream)?;
        // A branch begins behind its trunk's event.
        let begins = if stream.is_branch() { before } else { Chain::start(stream) };
        if known.as_ref().map_or(begins, |(_, head)| *head) != before {
            return Err(damaged("a stream that moved while it was written"));
        }
        let hash = events.last().map_or(before.hash, |event| event.hash);
        let last = Chain { seq: before.seq + events.len() as u64, hash };
        let key = match known {
            Some((key, _)) => {
                self.0.execute(
                    "UPDATE stream SET seq = $1, hash = $2, changed_at = $3 WHERE id = $4",
                    &[int(last.seq)?, (&last.hash).into(), now.into(), (&key).into()],
                )?;
                key
            }
            None => {
                let writer = cbor(&stream.writer);
                let [kind, id, writer, branch] = name(stream, &writer);
                let (seq, hash) = (int(last.seq)?, (&last.hash).into());
                self.0.add_stream(&[kind, id, writer, branch, seq, hash, now.into()])?
            }
        };
        self.0.add_events(&key, before.seq + 1, events)?;
        self.0.execute(
            "INSERT INTO seal (stream, seq, bytes) VALUES ($1, $2, $3)",
            &[(&key).into(), int(last.seq)?, seal.into()],
        )?;
        self.2.moved(stream, key, last);
        self.stream_moved(stream, before, last)
    }

    fn events(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let sql = concat!(
            "SELECT seq, hash, bytes FROM event WHERE stream = ",
            of_stream!(),
            " AND seq BETWEEN $5 AND $6 ORDER BY seq"
        );
        self.of_stream(stream, sql, &[from, to], |row| {
            let (seq, hash, bytes) = (row.count(0)?, row.hash(1)?, row.bytes(2)?);
            Ok(StoredEvent { stream: *stream, seq, hash, bytes })
        })
    }

    fn seal(&mut self, stream: &StreamId, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = concat!("SELECT bytes FROM seal WHERE stream = ", of_stream!(), " AND seq = $5");
        Ok(self.of_stream(stream, sql, &[seq], |row| row.bytes(0))?.pop())
    }

    fn cuts(&mut self, stream: &StreamId) -> Result<Vec<(u64, u64)>, StoreError> {
        let sql = concat!(
            "SELECT event.seq, length(event.bytes), seal.seq IS NOT NULL
             FROM event LEFT JOIN seal ON seal.stream = event.stream AND seal.seq = event.seq
             WHERE event.stream = ",
            of_stream!(),
            " ORDER BY event.seq"
        );
        let read = |row: &dyn Row| Ok((row.count(0)?, row.count(1)?, row.truth(2)?));
        let (mut cuts, mut size) = (Vec::new(), 0);
        for (seq, bytes, sealed) in self.of_stream(stream, sql, &[], read)? {
            size += bytes;
            if sealed {
                cuts.push((seq, size));
                size = 0;
            }
        }
        Ok(cuts)
    }

    fn streams_about(&mut self, subject: &Subject) -> Result<Vec<StreamRow>, StoreError> {
        self.all(
            "SELECT subject_kind, subject_id, writer, branch, seq, hash FROM stream
             WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id",
            &about(subject),
            stream_row,
        )
    }

    fn streams_by(&mut self, writer: &Writer) -> Result<Vec<StreamRow>, StoreError> {
        self.all(
            "SELECT subject_kind, subject_id, writer, branch, seq, hash FROM stream
             WHERE writer = $1 ORDER BY id",
            &[Value::Bytes(&cbor(writer))],
            stream_row,
        )
    }

    fn stored(&mut self, device: Id) -> Result<Stored, StoreError> {
        self.sum_or_new(device)
    }

    fn streams(&mut self) -> Result<Vec<StreamRow>, StoreError> {
        self.all(
            "SELECT subject_kind, subject_id, writer, branch, seq, hash FROM stream ORDER BY id",
            &[],
            stream_row,
        )
    }

    fn safe(&mut self, stream: &StreamId) -> Result<u64, StoreError> {
        let sql = "SELECT safe FROM stream
             WHERE subject_kind = $1 AND subject_id = $2 AND writer = $3 AND branch = $4";
        Ok(self.of_stream(stream, sql, &[], |row| row.count(0))?.pop().unwrap_or(0))
    }

    fn set_safe(&mut self, stream: &StreamId, seq: u64) -> Result<(), StoreError> {
        let writer = cbor(&stream.writer);
        let [kind, id, writer, branch] = name(stream, &writer);
        self.0.execute(
            "UPDATE stream SET safe = $1 WHERE safe < $1
               AND subject_kind = $2 AND subject_id = $3 AND writer = $4 AND branch = $5",
            &[int(seq)?, kind, id, writer, branch],
        )?;
        Ok(())
    }

    fn events_about(&mut self, subject: &Subject) -> Result<Vec<StoredEvent>, StoreError> {
        match self.2.events.remove(subject) {
            Some(seen) => Ok(seen),
            None => self.all(EVENTS_ABOUT, &about(subject), stored_event),
        }
    }

    fn office_action(&mut self, action: Id) -> Result<Option<Subject>, StoreError> {
        let streams: Vec<StreamId> = self.all(
            "SELECT subject_kind, subject_id, writer, branch
             FROM event JOIN stream ON stream.id = event.stream WHERE action = $1",
            &[(&action).into()],
            stream_id,
        )?;
        let office = streams.iter().find(|stream| matches!(stream.writer, Writer::Office(_)));
        Ok(office.map(|stream| stream.subject))
    }

    fn add_key(
        &mut self,
        subject: &Subject,
        class: Class,
        key: &SubjectKey,
    ) -> Result<bool, StoreError> {
        let sealed = self.vault()?.seal(Place::Field(*subject, class), key);
        let added = self.0.execute_counted(
            S::ADD_KEY,
            &[
                subject.kind.number().into(),
                (&subject.id).into(),
                class.number().into(),
                sealed[..].into(),
            ],
        )?;
        Ok(added > 0)
    }

    fn drop_key(&mut self, subject: &Subject, class: Class) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM subject_key
             WHERE subject_kind = $1 AND subject_id = $2 AND class = $3",
            &[subject.kind.number().into(), (&subject.id).into(), class.number().into()],
        )?;
        Ok(())
    }

    fn keys(&mut self, subject: &Subject) -> Result<Vec<(Class, SubjectKey)>, StoreError> {
        let vault = self.vault()?;
        self.all(
            "SELECT class, key FROM subject_key
             WHERE subject_kind = $1 AND subject_id = $2 ORDER BY id",
            &about(subject),
            |row| {
                let class = Class::from_number(row.int(0)?).ok_or_else(|| damaged("a class"))?;
                let key = vault.open(Place::Field(*subject, class), &row.bytes(1)?);
                let key = key.ok_or_else(|| {
                    damaged("a key that the file of the company's keys does not open")
                })?;
                Ok((class, key))
            },
        )
    }

    fn seal_plain_keys(&mut self, most: usize) -> Result<bool, StoreError> {
        let vault = self.vault()?;
        let plain: Vec<(Subject, Class, Vec<u8>)> = self.all(
            "SELECT subject_kind, subject_id, class, key FROM subject_key
             WHERE length(key) = 32 LIMIT $1",
            &[int(most as u64)?],
            |row| {
                let kind =
                    SubjectKind::from_number(row.int(0)?).ok_or_else(|| damaged("a kind"))?;
                let subject = Subject { kind, id: row.id(1)? };
                let class = Class::from_number(row.int(2)?).ok_or_else(|| damaged("a class"))?;
                Ok((subject, class, row.bytes(3)?))
            },
        )?;
        for (subject, class, key) in &plain {
            let known = SubjectKey::from_slice(key).ok_or_else(|| damaged("a key"))?;
            let sealed = vault.seal(Place::Field(*subject, *class), &known);
            self.0.execute(
                "UPDATE subject_key SET key = $1
                 WHERE subject_kind = $2 AND subject_id = $3 AND class = $4 AND key = $5",
                &[
                    sealed[..].into(),
                    subject.kind.number().into(),
                    (&subject.id).into(),
                    class.number().into(),
                    key[..].into(),
                ],
            )?;
        }
        Ok(plain.len() == most)
    }
}

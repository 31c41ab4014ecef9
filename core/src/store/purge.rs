//! What a backup of the server covers: letting go of orders that left once it covers everything of
//! them, and of the phone itself.
//!
//! Until then they are hidden and kept: a server restored from its backup gets back from phones what
//! it lacks. What goes is the bytes of events and photos, the keys, and the projections. The numbers
//! and hashes of this phone's own events stay for good, as do its shifts and its receipt series.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Transaction, open::subject_columns, stream::of_subject};
use crate::{
    base::{Hash, Id, Instant},
    log::{StreamId, Subject, SubjectKind},
    store::{Reader, StreamRow},
};

/// Streams asked about in one request, and photos.
const AT_ONCE: u32 = 64;

/// Of what the server is asked whether a backup covers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToAsk {
    /// Streams as they stand here.
    pub streams: Vec<(StreamId, u64, Hash)>,
    /// Photos.
    pub photos: Vec<Hash>,
}

impl ToAsk {
    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.photos.is_empty()
    }
}

/// What was written here, and all of orders that left.
const ASKED: &str = "subject_kind IN (0, 1, 2, 3) AND (own = 1 OR subject_kind = ?1 AND NOT EXISTS
    (SELECT 1 FROM scope WHERE work_order = subject_id))";

/// Photos that no backup covers.
const PHOTOS: &str = "purged = 0 AND (arrived = 0 OR safe = 0)";

/// Streams of this phone that no backup covers up to their end.
const NOT_SAFE: &str = "subject_kind IN (0, 1, 2, 3) AND own = 1 AND purged < seq AND safe < seq";

impl Reader<'_> {
    /// What to ask about since the backup of this time, oldest first.
    pub fn to_ask(&self, backup: Instant) -> Result<ToAsk, StoreError> {
        let kind = SubjectKind::WorkOrder.number();
        let streams = super::stream::select_where(
            self.0,
            &format!("{ASKED} AND purged < seq AND safe < seq AND asked < ?2 LIMIT {AT_ONCE}"),
            params![kind, backup.0],
        )?;
        let mut photos = self.0.prepare_cached(&format!(
            "SELECT address FROM photo
             WHERE subject_kind = ?1 AND arrived = 1 AND safe = 0 AND asked < ?2 LIMIT {AT_ONCE}"
        ))?;
        let photos = photos.query_map(params![kind, backup.0], |row| row.get::<_, Vec<u8>>(0))?;
        let photos = photos.collect::<Result<Vec<_>, _>>()?;
        Ok(ToAsk {
            streams: streams
                .iter()
                .map(|row| (row.stream, row.chain.seq, row.chain.hash))
                .collect(),
            photos: photos.iter().filter_map(|bytes| Hash::from_slice(bytes)).collect(),
        })
    }

    /// Streams of this phone that no backup is known to cover up to their end.
    pub fn own_not_safe(&self) -> Result<Vec<StreamRow>, StoreError> {
        super::stream::select_where(self.0, &format!("{NOT_SAFE} ORDER BY id"), [])
    }

    /// Photos taken here that no backup is known to cover, oldest first.
    pub fn photos_not_safe(&self) -> Result<Vec<Hash>, StoreError> {
        let sql = format!("SELECT address FROM photo WHERE {PHOTOS} ORDER BY id");
        let mut photos = self.0.prepare_cached(&sql)?;
        let photos = photos.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
        let photos = photos.collect::<Result<Vec<_>, _>>()?;
        Ok(photos.iter().filter_map(|bytes| Hash::from_slice(bytes)).collect())
    }

    /// Whether a backup covers all that was recorded here, photos included. Costs the same however
    /// much that is.
    pub fn all_safe(&self) -> Result<bool, StoreError> {
        let none = |sql: String| -> Result<bool, StoreError> {
            Ok(!self.0.prepare_cached(&sql)?.exists([])?)
        };
        Ok(none(format!("SELECT 1 FROM stream WHERE {NOT_SAFE}"))?
            && none(format!("SELECT 1 FROM photo WHERE {PHOTOS}"))?)
    }

    /// The order that the photo at this address is about.
    fn order_of_photo(&self, address: &Hash) -> Result<Option<Id>, StoreError> {
        let sql = "SELECT subject_id FROM photo WHERE address = ?1";
        let mut statement = self.0.prepare_cached(sql)?;
        let id: Option<Vec<u8>> =
            statement.query_row([address.as_bytes()], |row| row.get(0)).optional()?;
        Ok(id.and_then(|bytes| Id::from_slice(&bytes)))
    }
}

impl Transaction<'_> {
    /// Keeps what the server said: of these it was asked, and these a backup covers. Gives the orders
    /// concerned.
    pub fn keep_safe(
        &self,
        asked: &ToAsk,
        backup: Instant,
        streams: &[(StreamId, u64)],
        photos: &[Hash],
    ) -> Result<BTreeSet<Id>, StoreError> {
        let mut orders = BTreeSet::new();
        for (stream, ..) in &asked.streams {
            if stream.subject.kind == SubjectKind::WorkOrder {
                orders.insert(stream.subject.id);
            }
            let Some(row) = self.read().stream(stream)? else { continue };
            self.prepare_cached("UPDATE stream SET asked = ?2 WHERE id = ?1")?
                .execute(params![row.row, backup.0])?;
            if let Some((_, seq)) = streams.iter().find(|(safe, _)| safe == stream) {
                self.set_safe(&row, *seq)?;
            }
        }
        for address in &asked.photos {
            orders.extend(self.read().order_of_photo(address)?);
            self.prepare_cached("UPDATE photo SET asked = ?2, safe = ?3 WHERE address = ?1")?
                .execute(params![address.as_bytes(), backup.0, photos.contains(address)])?;
        }
        Ok(orders)
    }

    /// Whether nothing of an order would be lost with this phone: it left, all its events and photos
    /// are covered, and nothing of it waits or is held back.
    pub fn may_purge(&self, order: Id) -> Result<bool, StoreError> {
        if self.in_scope(order)? {
            return Ok(false);
        }
        let subject = Subject::work_order(order);
        let rows = of_subject(self, &subject)?;
        let covered = |row: &StreamRow| {
            let seq = row.chain.seq;
            let sent = !row.own || row.accepted >= seq;
            row.safe >= seq && sent && row.trouble.is_empty()
        };
        let (kind, id) = subject_columns(&subject);
        let waits = |sql: &str| -> Result<bool, StoreError> {
            Ok(self.prepare_cached(sql)?.exists(params![kind, id])?)
        };
        Ok(!rows.is_empty()
            && rows.iter().all(covered)
            && !waits(
                "SELECT 1 FROM photo
                 WHERE subject_kind = ?1 AND subject_id = ?2 AND (arrived = 0 OR safe = 0)",
            )?
            && !waits(
                "SELECT 1 FROM subject_key
                 WHERE subject_kind = ?1 AND subject_id = ?2 AND unsent = 1
                 UNION ALL
                 SELECT 1 FROM key_box WHERE subject_kind = ?1 AND subject_id = ?2",
            )?)
    }

    /// Lets go of an order that [`Transaction::may_purge`].
    pub fn purge(&self, order: Id) -> Result<(), StoreError> {
        let subject = Subject::work_order(order);
        for row in of_subject(self, &subject)? {
            for sql in
                ["DELETE FROM visit_row WHERE stream = ?1", "DELETE FROM seal WHERE stream = ?1"]
            {
                self.prepare_cached(sql)?.execute([row.row])?;
            }
            let rest: &[&str] = if row.own {
                &[
                    "UPDATE event SET bytes = x'' WHERE stream = ?1",
                    "UPDATE stream SET purged = seq, seen = x'80' WHERE id = ?1",
                ]
            } else {
                &["DELETE FROM event WHERE stream = ?1", "DELETE FROM stream WHERE id = ?1"]
            };
            for sql in rest {
                self.prepare_cached(sql)?.execute([row.row])?;
            }
        }
        let (kind, id) = subject_columns(&subject);
        for sql in [
            "DELETE FROM photo_part WHERE photo IN
                 (SELECT id FROM photo WHERE subject_kind = ?1 AND subject_id = ?2)",
            "UPDATE photo SET purged = 1 WHERE subject_kind = ?1 AND subject_id = ?2",
            "DELETE FROM subject_key WHERE subject_kind = ?1 AND subject_id = ?2",
        ] {
            self.prepare_cached(sql)?.execute(params![kind, id])?;
        }
        self.prepare_cached("DELETE FROM order_row WHERE id = ?1")?.execute([order.as_bytes()])?;
        self.prepare_cached("DELETE FROM complaint WHERE work_order = ?1")?
            .execute([order.as_bytes()])?;
        // What is still there at the premises the server tells, once the order is not here.
        for sql in [
            "DELETE FROM open_hazard WHERE work_order = ?1",
            "DELETE FROM open_stop WHERE work_order = ?1",
        ] {
            self.prepare_cached(sql)?.execute([order.as_bytes()])?;
        }
        Ok(())
    }

    /// Brings back the bytes of an event of which only number and hash were here.
    pub fn bring_back(&self, row: &StreamRow, seq: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE event SET bytes = ?3 WHERE stream = ?1 AND seq = ?2 AND bytes = x''",
        )?
        .execute(params![row.row, seq, bytes])?;
        Ok(())
    }

    /// Notes how far a stream's bytes are still missing.
    pub fn settle_purged(&self, row: &StreamRow) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE stream SET purged =
                 (SELECT coalesce(max(seq), 0) FROM event WHERE stream = ?1 AND bytes = x'')
             WHERE id = ?1",
        )?
        .execute([row.row])?;
        Ok(())
    }
}

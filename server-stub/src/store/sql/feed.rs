//! Scope, feeds and outcomes in SQL.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant},
    log::{SubjectKind, Writer},
    sync::Outcome,
};

use super::{Sql, SqlTx, Value, cbor, from_cbor, int};
use crate::store::{Feed, FeedEnd, FeedItem, StoreError};

/// So long it is remembered which answer carried what, in milliseconds.
const REMEMBERED_MS: i64 = 30 * 24 * 60 * 60_000;

/// The devices that have an order in scope.
pub(super) const CARRIERS: &str = "SELECT device FROM scope WHERE work_order = $1 ORDER BY device";

/// What a device is to carry, some of it more than once: person, since when, the kind of orders, writer,
/// device. With UNION alone SQLite would walk through all orders in the order of their ids, rather than
/// sort the few that it finds.
pub(in crate::store) const WANTED: &str =
    "SELECT id FROM work_order WHERE assigned_to = $1 AND changed_at >= $2
     UNION ALL
     SELECT id FROM work_order WHERE assigned_to = $1 AND active = 1
     UNION ALL
     SELECT id FROM work_order WHERE assigned_to = $1 AND open_conflicts > 0
     UNION ALL
     SELECT subject_id FROM stream WHERE subject_kind = $3 AND writer = $4 AND changed_at >= $2
     UNION ALL
     SELECT id FROM work_order WHERE open_conflicts > 0 AND EXISTS
         (SELECT 1 FROM stream
          WHERE subject_kind = $3 AND subject_id = work_order.id AND writer = $4)
     UNION ALL
     SELECT work_order FROM outcome WHERE device = $5 AND delivered = 0
     UNION ALL
     SELECT work_order FROM complaint WHERE owner = $1 AND closed = 0";

impl<S: Sql> Feed for SqlTx<S> {
    fn push(
        &mut self,
        device: Id,
        items: &[FeedItem],
        now: Instant,
        ring: bool,
    ) -> Result<(), StoreError> {
        // Locks the device's row to the end of the transaction: see the front page of `store`.
        let end = self.one(
            "UPDATE device SET feed_end = feed_end + $1,
                 put_at = CASE WHEN $1 > 0 THEN $2 ELSE put_at END,
                 bell = CASE WHEN bell < $3 THEN $3 WHEN $3 > 0 THEN bell + 1 ELSE bell END
             WHERE id = $4 RETURNING feed_end",
            &[
                int(items.len() as u64)?,
                now.into(),
                if ring { now } else { Instant(0) }.into(),
                (&device).into(),
            ],
            |row| row.int(0),
        )?;
        let coded: Vec<_> = items.iter().map(cbor).collect();
        let positions = (1..=end).rev().take(items.len());
        let rows: Vec<_> = coded
            .iter()
            .rev()
            .zip(positions)
            .map(|(item, at)| vec![(&device).into(), at.into(), Value::Bytes(item), now.into()])
            .collect();
        let insert = "INSERT INTO feed (device, position, item, put_at) VALUES ($1, $2, $3, $4)";
        rows.iter().try_for_each(|row| self.0.execute(insert, row))
    }

    fn feed(
        &mut self,
        device: Id,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, FeedItem)>, StoreError> {
        self.all(
            "SELECT position, item FROM feed
             WHERE device = $1 AND position > $2 ORDER BY position LIMIT $3",
            &[(&device).into(), int(after)?, int(limit as u64)?],
            |row| Ok((row.count(0)?, from_cbor(&row.bytes(1)?)?)),
        )
    }

    fn feed_end(&mut self, device: Id) -> Result<FeedEnd, StoreError> {
        let sql = "SELECT feed_end, put_at FROM device WHERE id = $1";
        self.one(sql, &[(&device).into()], |row| {
            Ok(FeedEnd { position: row.count(0)?, put_at: row.instant_opt(1)? })
        })
    }

    fn put_at(&mut self, device: Id, position: u64) -> Result<Option<Option<Instant>>, StoreError> {
        let sql = "SELECT put_at FROM feed WHERE device = $1 AND position = $2";
        self.first(sql, &[(&device).into(), int(position)?], |row| row.instant_opt(0))
    }

    fn scope(&mut self, device: Id) -> Result<BTreeSet<Id>, StoreError> {
        self.all("SELECT work_order FROM scope WHERE device = $1", &[(&device).into()], |row| {
            row.id(0)
        })
    }

    fn set_scope(&mut self, device: Id, order: Id, inside: bool) -> Result<(), StoreError> {
        let sql = if inside {
            "INSERT INTO scope (device, work_order) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM scope WHERE device = $1 AND work_order = $2"
        };
        self.0.execute(sql, &[(&device).into(), (&order).into()])?;
        self.2.carriers.remove(&order);
        Ok(())
    }

    fn devices_with(&mut self, order: Id) -> Result<Vec<Id>, StoreError> {
        match self.2.carriers.get(&order) {
            Some(seen) => Ok(seen.clone()),
            None => self.all(CARRIERS, &[(&order).into()], |row| row.id(0)),
        }
    }

    fn wanted(
        &mut self,
        device: Id,
        person: Option<Id>,
        since: Instant,
    ) -> Result<BTreeSet<Id>, StoreError> {
        let writer = cbor(&Writer::Device(device));
        self.all(
            WANTED,
            &[
                person.as_ref().into(),
                since.into(),
                SubjectKind::WorkOrder.number().into(),
                Value::Bytes(&writer),
                (&device).into(),
            ],
            |row| row.id(0),
        )
    }

    fn add_outcome(&mut self, device: Id, outcome: &Outcome) -> Result<(), StoreError> {
        let coded = cbor(outcome);
        let order = &outcome.subject.id;
        self.0.execute(S::ADD_OUTCOME, &[(&device).into(), order.into(), Value::Bytes(&coded)])?;
        Ok(())
    }

    fn outcomes(&mut self, device: Id) -> Result<Vec<Outcome>, StoreError> {
        self.all(
            "SELECT outcome FROM outcome WHERE device = $1 AND delivered = 0 ORDER BY id",
            &[(&device).into()],
            |row| from_cbor(&row.bytes(0)?),
        )
    }

    fn outcomes_sent(&mut self, device: Id, answer: Id, now: Instant) -> Result<(), StoreError> {
        let last = self.first(
            "SELECT id FROM outcome WHERE device = $1 AND delivered = 0 ORDER BY id DESC LIMIT 1",
            &[(&device).into()],
            |row| row.int(0),
        )?;
        let Some(last) = last else { return Ok(()) };
        self.0.execute(
            "DELETE FROM carried WHERE device = $1 AND at < $2",
            &[(&device).into(), now.plus_ms(-REMEMBERED_MS).into()],
        )?;
        self.0.execute(
            "INSERT INTO carried (device, answer, upto, at) VALUES ($1, $2, $3, $4)",
            &[(&device).into(), (&answer).into(), last.into(), now.into()],
        )?;
        Ok(())
    }

    fn outcomes_delivered(&mut self, device: Id, answer: Id) -> Result<(), StoreError> {
        let upto = self.first(
            "SELECT upto FROM carried WHERE device = $1 AND answer = $2",
            &[(&device).into(), (&answer).into()],
            |row| row.int(0),
        )?;
        let Some(upto) = upto else { return Ok(()) };
        self.0.execute(
            "UPDATE outcome SET delivered = 1 WHERE device = $1 AND id <= $2 AND delivered = 0",
            &[(&device).into(), upto.into()],
        )?;
        self.0.execute(
            "DELETE FROM carried WHERE device = $1 AND upto <= $2",
            &[(&device).into(), upto.into()],
        )?;
        Ok(())
    }

    fn ring_person(&mut self, person: Id, now: Instant) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE device SET bell = CASE WHEN bell >= $1 THEN bell + 1 ELSE $1 END
             WHERE person = $2",
            &[now.into(), (&person).into()],
        )?;
        Ok(())
    }

    fn rung_since(&mut self, since: Instant) -> Result<Vec<(Id, Instant)>, StoreError> {
        self.all("SELECT id, bell FROM device WHERE bell > $1", &[since.into()], |row| {
            Ok((row.id(0)?, row.instant(1)?))
        })
    }
}

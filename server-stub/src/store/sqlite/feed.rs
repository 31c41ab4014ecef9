//! Scope, feeds and outcomes in SQLite.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant},
    log::{SubjectKind, Writer},
    sync::Outcome,
};
use rusqlite::params;

use super::{SqliteTx, cbor, count, from_cbor, id, int};
use crate::store::{Feed, FeedItem, StoreError};

impl SqliteTx<'_> {
    pub(super) fn ids<C: FromIterator<Id>>(
        &self,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<C, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| id(&bytes?)).collect()
    }
}

impl Feed for SqliteTx<'_> {
    fn push(&mut self, device: Id, items: &[FeedItem]) -> Result<(), StoreError> {
        let device = &device.as_bytes()[..];
        let end: i64 = self
            .connection
            .prepare_cached(
                "UPDATE device SET feed_end = feed_end + ? WHERE id = ? RETURNING feed_end",
            )?
            .query_row(params![int(items.len() as u64)?, device], |row| row.get(0))?;
        let mut insert = self
            .connection
            .prepare_cached("INSERT INTO feed (device, position, item) VALUES (?, ?, ?)")?;
        for (back, item) in items.iter().rev().enumerate() {
            insert.execute(params![device, end - int(back as u64)?, cbor(item)])?;
        }
        Ok(())
    }

    fn feed(
        &mut self,
        device: Id,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, FeedItem)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT position, item FROM feed
             WHERE device = ? AND position > ? ORDER BY position LIMIT ?",
        )?;
        let mut rows =
            statement.query(params![&device.as_bytes()[..], int(after)?, int(limit as u64)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((count(row.get(0)?)?, from_cbor(&row.get::<_, Vec<u8>>(1)?)?));
        }
        Ok(found)
    }

    fn feed_end(&mut self, device: Id) -> Result<u64, StoreError> {
        let end = self
            .connection
            .prepare_cached("SELECT feed_end FROM device WHERE id = ?")?
            .query_row([&device.as_bytes()[..]], |row| row.get(0))?;
        count(end)
    }

    fn scope(&mut self, device: Id) -> Result<BTreeSet<Id>, StoreError> {
        self.ids("SELECT work_order FROM scope WHERE device = ?", [&device.as_bytes()[..]])
    }

    fn set_scope(&mut self, device: Id, order: Id, inside: bool) -> Result<(), StoreError> {
        let sql = if inside {
            "INSERT INTO scope (device, work_order) VALUES (?, ?) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM scope WHERE device = ? AND work_order = ?"
        };
        self.connection
            .prepare_cached(sql)?
            .execute([&device.as_bytes()[..], &order.as_bytes()[..]])?;
        Ok(())
    }

    fn devices_with(&mut self, order: Id) -> Result<Vec<Id>, StoreError> {
        self.ids(
            "SELECT device FROM scope WHERE work_order = ? ORDER BY device",
            [&order.as_bytes()[..]],
        )
    }

    fn wanted(
        &mut self,
        device: Id,
        person: Option<Id>,
        since: Instant,
    ) -> Result<BTreeSet<Id>, StoreError> {
        let person = person.map(|person| person.as_bytes().to_vec());
        self.ids(
            "SELECT id FROM work_order
             WHERE assigned_to = ?1 AND (active OR open_conflicts > 0 OR changed_at >= ?4)
             UNION
             SELECT subject_id FROM stream LEFT JOIN work_order ON work_order.id = subject_id
             WHERE subject_kind = ?3 AND writer = ?2
               AND (stream.changed_at >= ?4 OR open_conflicts > 0)
             UNION
             SELECT work_order FROM outcome WHERE device = ?5 AND NOT delivered",
            params![
                person,
                cbor(&Writer::Device(device)),
                SubjectKind::WorkOrder.number(),
                since.0,
                &device.as_bytes()[..],
            ],
        )
    }

    fn add_outcome(&mut self, device: Id, outcome: &Outcome) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO outcome (device, work_order, outcome) VALUES (?, ?, ?)")?
            .execute(params![
                &device.as_bytes()[..],
                &outcome.subject.id.as_bytes()[..],
                cbor(outcome),
            ])?;
        Ok(())
    }

    fn outcomes(&mut self, device: Id) -> Result<Vec<Outcome>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT outcome FROM outcome WHERE device = ? AND NOT delivered ORDER BY id",
        )?;
        let rows = statement.query_map([&device.as_bytes()[..]], |row| row.get::<_, Vec<u8>>(0))?;
        rows.map(|bytes| from_cbor(&bytes?)).collect()
    }

    fn outcomes_sent(&mut self, device: Id, answer: Id) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE outcome SET answer = ? WHERE device = ? AND NOT delivered")?
            .execute([&answer.as_bytes()[..], &device.as_bytes()[..]])?;
        Ok(())
    }

    fn outcomes_delivered(&mut self, device: Id, answer: Id) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE outcome SET delivered = 1 WHERE device = ? AND answer = ?")?
            .execute([&device.as_bytes()[..], &answer.as_bytes()[..]])?;
        Ok(())
    }
}

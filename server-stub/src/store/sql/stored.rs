//! What is stored of each device, as a sum that is kept: read once in a transaction, moved with every
//! stream, and written at its end.

use std::collections::BTreeMap;

use doorstep::{
    base::Id,
    log::{Chain, HeldSum, StreamId, Writer},
};

use super::{Sql, SqlTx, Value, cbor, int};
use crate::store::{StoreError, Stored, Streams};

/// The sums that a transaction has met; `None` where none is kept yet.
pub(super) type Sums = BTreeMap<Id, Option<Sum>>;

#[derive(Clone, Copy)]
pub(super) struct Sum {
    stored: Stored,
    changed: bool,
}

impl<S: Sql> SqlTx<S> {
    /// What is kept of a device, if anything is.
    fn sum(&mut self, device: Id) -> Result<Option<Sum>, StoreError> {
        if let Some(met) = self.1.get(&device) {
            return Ok(*met);
        }
        let kept = self.first(
            "SELECT events, sum, on_branches FROM stored WHERE device = $1",
            &[(&device).into()],
            |row| {
                let held = HeldSum { events: row.count(0)?, sum: *row.hash(1)?.as_bytes() };
                Ok(Sum { stored: Stored { held, on_branches: row.count(2)? }, changed: false })
            },
        )?;
        self.1.insert(device, kept);
        Ok(kept)
    }

    /// What is kept of a device; summed from its streams where nothing is yet.
    pub(super) fn sum_or_new(&mut self, device: Id) -> Result<Stored, StoreError> {
        if let Some(sum) = self.sum(device)? {
            return Ok(sum.stored);
        }
        let writer = Writer::Device(device);
        let rows = self.streams_by(&writer)?;
        let held = HeldSum::of(rows.into_iter().map(|row| (row.stream, row.head)));
        let on_branches = self.one(
            "SELECT count(*) FROM stream JOIN event ON event.stream = stream.id
             WHERE writer = $1 AND branch <> $2",
            &[Value::Bytes(&cbor(&writer)), Value::Bytes(&[])],
            |row| row.count(0),
        )?;
        let stored = Stored { held, on_branches };
        self.1.insert(device, Some(Sum { stored, changed: true }));
        Ok(stored)
    }

    /// A stream's head moved.
    pub(super) fn stream_moved(
        &mut self,
        stream: &StreamId,
        before: Chain,
        after: Chain,
    ) -> Result<(), StoreError> {
        let Writer::Device(device) = stream.writer else { return Ok(()) };
        let Some(mut sum) = self.sum(device)? else { return Ok(()) };
        sum.stored.held.moved(stream, before, after);
        if stream.is_branch() {
            sum.stored.on_branches += after.seq - before.seq;
        }
        sum.changed = true;
        self.1.insert(device, Some(sum));
        Ok(())
    }

    /// Writes what is kept for the end. Runs right before the transaction is committed.
    pub(in crate::store) fn finish(&mut self) -> Result<(), StoreError> {
        let changed = |(device, sum): (Id, Option<Sum>)| Some((device, sum.filter(|s| s.changed)?));
        for (device, Sum { stored, .. }) in
            std::mem::take(&mut self.1).into_iter().filter_map(changed)
        {
            self.0.execute(
                "INSERT INTO stored (device, events, sum, on_branches) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (device) DO UPDATE SET events = excluded.events, sum = excluded.sum,
                     on_branches = excluded.on_branches",
                &[
                    (&device).into(),
                    int(stored.held.events)?,
                    Value::Bytes(&stored.held.sum),
                    int(stored.on_branches)?,
                ],
            )?;
        }
        Ok(())
    }
}

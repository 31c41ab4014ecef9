//! The sum of what this phone holds of its own streams, kept beside them: an exchange tells it without
//! looking at them.

use rusqlite::{Connection, OptionalExtension, params};

use super::{Reader, StoreError, StreamRow, Transaction, stream::select_where};
use crate::log::{Chain, HeldSum, Writer};

fn kept(db: &Connection, writer: &[u8]) -> Result<Option<HeldSum>, StoreError> {
    Ok(db
        .prepare_cached("SELECT events, sum FROM held_sum WHERE writer = ?1")?
        .query_row([writer], |row| Ok(HeldSum { events: row.get(0)?, sum: row.get(1)? }))
        .optional()?)
}

fn coded(writer: &Writer) -> Vec<u8> {
    minicbor::to_vec(writer).unwrap_or_default()
}

impl Reader<'_> {
    /// What this phone holds of the streams it wrote as `writer`.
    pub fn held_sum(&self, writer: &Writer) -> Result<HeldSum, StoreError> {
        match kept(self.0, &coded(writer))? {
            Some(held) => Ok(held),
            None => self.summed(writer),
        }
    }

    /// The same from the streams themselves.
    pub fn summed(&self, writer: &Writer) -> Result<HeldSum, StoreError> {
        let own = select_where(self.0, "own = 1 AND writer = ?1", [coded(writer)])?;
        Ok(HeldSum::of(own.into_iter().map(|row| (row.stream, row.chain))))
    }

    /// Writers whose sum is kept, with it.
    pub fn kept_sums(&self) -> Result<Vec<(Writer, HeldSum)>, StoreError> {
        let mut all = self.0.prepare_cached("SELECT writer, events, sum FROM held_sum")?;
        let mut rows = all.query([])?;
        let mut sums = Vec::new();
        while let Some(row) = rows.next()? {
            let writer = minicbor::decode(row.get_ref(0)?.as_blob().unwrap_or_default())
                .map_err(|_| StoreError::Damaged("the writer of a sum".to_owned()))?;
            sums.push((writer, HeldSum { events: row.get(1)?, sum: row.get(2)? }));
        }
        Ok(sums)
    }
}

impl Transaction<'_> {
    /// What this phone holds of the streams it wrote as `writer`, kept from now on.
    pub fn keep_held_sum(&self, writer: &Writer) -> Result<HeldSum, StoreError> {
        let coded = coded(writer);
        if let Some(held) = kept(self, &coded)? {
            return Ok(held);
        }
        let held = self.read().summed(writer)?;
        self.put_held_sum(&coded, &held)?;
        Ok(held)
    }

    /// The head of a stream moves from where `row` says to `after`: so does its writer's sum, if it is
    /// kept.
    pub(super) fn own_moved(&self, row: &StreamRow, after: Chain) -> Result<(), StoreError> {
        if !row.own || row.stream.is_branch() {
            return Ok(());
        }
        let writer = coded(&row.stream.writer);
        let Some(mut held) = kept(self, &writer)? else { return Ok(()) };
        held.moved(&row.stream, row.chain, after);
        self.put_held_sum(&writer, &held)
    }

    fn put_held_sum(&self, writer: &[u8], held: &HeldSum) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO held_sum (writer, events, sum) VALUES (?1, ?2, ?3)
             ON CONFLICT (writer) DO UPDATE SET events = excluded.events, sum = excluded.sum",
        )?
        .execute(params![writer, held.events, held.sum])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::{collection::vec, prelude::*};

    use super::*;
    use crate::{
        base::Id,
        log::{StreamId, Subject},
        store::Store,
    };

    /// Two certificates of this phone, and another device.
    fn writer(who: u8) -> Writer {
        Writer::Device(Id::new([who; 16]))
    }

    /// One thing that happens: what, by whom, about which order, how much.
    type Step = (u8, u8, u8, u8);

    fn happens(tx: &Transaction<'_>, number: u8, step: Step) -> Result<(), StoreError> {
        let (what, who, order, much) = step;
        let stream = StreamId::new(Subject::work_order(Id::new([order; 16])), writer(who));
        match what {
            0..=4 => {
                let mut row = tx.stream_or_new(&stream, who < 2)?;
                for event in 0..much {
                    tx.append(&mut row, &[number, event])?;
                }
            }
            5 => {
                // The server shows another past: events step aside as a branch, which goes on.
                let Some(row) = tx.read().stream(&stream)?.filter(|row| row.chain.seq > 0) else {
                    return Ok(());
                };
                let first = 1 + u64::from(much) % row.chain.seq;
                let aside = row.stream.branch(tx.read().chain_at(&row, first)?.hash);
                let mut trunk = tx.split(&row, first)?;
                tx.append(&mut trunk, &[number, 0])?;
                if let Some(mut branch) = tx.read().stream(&aside)? {
                    tx.append(&mut branch, &[number, 1])?;
                }
            }
            6 => drop(tx.keep_held_sum(&writer(who))?),
            _ => drop(tx.drop_projections()?),
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_kept_is_the_sum_of_the_streams_whatever_happens(
            steps in vec((0_u8..8, 0_u8..3, 0_u8..3, 1_u8..5), 1..60),
        ) {
            let mut store = Store::open(Path::new(":memory:"), None).unwrap();
            store.transaction(|tx| tx.keep_held_sum(&writer(0))).unwrap();
            for (step, number) in steps.into_iter().zip(0..) {
                store.transaction(|tx| happens(tx, number, step)).unwrap();
                let reader = store.read();
                for who in 0..3 {
                    let held = reader.held_sum(&writer(who)).unwrap();
                    prop_assert_eq!(held, reader.summed(&writer(who)).unwrap());
                }
            }
        }
    }

    #[test]
    fn the_sum_is_of_own_streams_that_are_no_branches() {
        let mut store = Store::open(Path::new(":memory:"), None).unwrap();
        for (number, step) in [(0, (0, 0, 1, 3)), (1, (0, 2, 1, 4)), (2, (5, 0, 1, 1))] {
            store.transaction(|tx| happens(tx, number, step)).unwrap();
        }
        // Of three events two stepped aside, and one took their place.
        assert_eq!(store.read().held_sum(&writer(0)).unwrap().events, 2);
        assert_eq!(store.read().held_sum(&writer(2)).unwrap(), HeldSum::default());
    }
}

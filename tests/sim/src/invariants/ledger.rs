//! All that the server has in the end, read once.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id},
    event::{Event, Recorded},
    log::{Certificate, Chain, StreamId, Tail, Writer},
};
use doorstep_server::{
    rules,
    store::{HeldRow, StreamRow},
};
use minicbor::bytes::ByteVec;

use crate::{
    office::FILE,
    report::{Violation, violated},
    world::World,
};

/// An event that the server holds back.
pub(super) struct HeldEvent {
    pub(super) device: Id,
    pub(super) reason: String,
    pub(super) event: Event,
}

/// What the server has.
pub(super) struct Ledger {
    /// Its streams and where they stand.
    pub(super) streams: BTreeMap<StreamId, StreamRow>,
    /// Every event in them.
    pub(super) events: Vec<Recorded>,
    /// Everything held back: once for each place and content.
    pub(super) held: Vec<HeldEvent>,
    pub(super) held_rows: Vec<HeldRow>,
    /// First receipt number of each device.
    pub(super) first_receipt: BTreeMap<Id, u64>,
}

impl Ledger {
    /// Reads everything, and checks every chain and seal on the way (I4).
    pub(super) fn read(world: &mut World) -> Result<Ledger, Violation> {
        let broken = |why: String| violated("I0", format!("the server's store: {why}"));
        let key = world.office.company_key().unwrap_or_default();
        let read = world.office.run(|tx, ctx| {
            let mut streams = Vec::new();
            let mut writers = BTreeSet::from([Writer::Office(ctx.epoch)]);
            writers.extend(tx.streams()?.into_iter().map(|row| row.stream.writer));
            let mut keys = BTreeMap::new();
            let mut first_receipt = BTreeMap::new();
            for device in tx.devices()? {
                let Ok(certificate) = Certificate::verify(&device.certificate, &key) else {
                    continue;
                };
                first_receipt.insert(device.id, certificate.fields().first_receipt);
                keys.insert(Writer::Device(device.id), certificate.fields().signing_key);
            }
            for writer in writers {
                let key = keys.get(&writer).copied().unwrap_or(key);
                for row in tx.streams_by(&writer)? {
                    let events = tx.events(&row.stream, 1, u64::MAX >> 1)?;
                    let from = events.first().map_or(1, |event| event.seq);
                    let trunk = row.stream.trunk();
                    let before = match tx.hashes(&trunk, from - 1, from - 1)?.pop() {
                        Some((seq, hash)) if row.stream.is_branch() => Chain { seq, hash },
                        _ => Chain::start(&trunk),
                    };
                    let tail = Tail {
                        stream: row.stream,
                        from,
                        events: events.into_iter().map(|e| ByteVec::from(e.bytes)).collect(),
                        seal: tx.seal(&row.stream, row.head.seq)?.map(ByteVec::from),
                    };
                    streams.push((row, key, before, tail));
                }
            }
            Ok((streams, first_receipt, rules::held(tx)?))
        });
        let (read, first_receipt, held_rows) = read.map_err(|no| broken(format!("{no:?}")))?;
        let (mut streams, mut events) = (BTreeMap::new(), Vec::new());
        for (row, own, before, tail) in read {
            // The company vouches for what He admitted.
            let verified = tail.verify(before, &own).or_else(|_| tail.verify(before, &key));
            let (recorded, chain) =
                verified.map_err(|error| violated("I4", format!("{:?}: {error}", row.stream)))?;
            if chain != row.head {
                return Err(violated("I4", format!("{:?}: another head", row.stream)));
            }
            streams.insert(row.stream, row);
            events.extend(recorded);
        }
        let held = held(world).map_err(|error| broken(error.to_string()))?;
        Ok(Ledger { streams, events, held, held_rows, first_receipt })
    }

    /// Events of an action on the server.
    pub(super) fn stored(&self) -> BTreeMap<(Id, Id), usize> {
        let mut stored = BTreeMap::new();
        for recorded in &self.events {
            if let Writer::Device(device) = recorded.stream.writer {
                *stored.entry((device, recorded.event.action)).or_insert(0) += 1;
            }
        }
        stored
    }
}

/// Whether this is a past of an office's stream that a server, restored without a word, wrote otherwise under
/// the same name before it found out: that past can't come back. The operator is told to say so after a
/// restore.
pub(super) fn wrote_again(world: &World, held: &HeldRow) -> bool {
    world.book.untold && held.reason == "forked" && matches!(held.stream.writer, Writer::Office(_))
}

fn held(world: &World) -> rusqlite::Result<Vec<HeldEvent>> {
    let db = world.office.disk.open(FILE)?;
    let mut statement = db.prepare("SELECT device, reason, tail FROM held ORDER BY at, id")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
    })?;
    let (mut found, mut known) = (Vec::new(), BTreeSet::new());
    for row in rows {
        let (device, reason, bytes) = row?;
        let Ok(tail) = minicbor::decode::<Tail>(&bytes) else { continue };
        let device = Id::from_slice(&device).unwrap_or_default();
        for (seq, bytes) in (tail.from..).zip(&tail.events) {
            let Ok(event) = Event::decode(bytes) else { continue };
            if known.insert((tail.stream, seq, Hash::of(&[bytes]))) {
                found.push(HeldEvent { device, reason: reason.clone(), event });
            }
        }
    }
    Ok(found)
}

//! An office's rules over a store in memory, and a phone that writes by hand.

use std::{collections::BTreeMap, path::Path};

use doorstep::{
    base::{ClockReading, Entropy, Hash, Id, Instant, Money, Zone},
    event::{Event, Payload},
    log::{
        Certificate, CertificateFields, Chain, DeviceKeys, Head, Seal, StorageKey, StreamId,
        Subject, Tail, Writer,
    },
    money::PriceList,
};

use super::{MINUTE, NOON};
use crate::{
    Settings,
    problem::Failure,
    rules::{Context, KnownTerms, office, orders::refresh},
    store::{Store, Tx, sqlite::SqliteStore, transact, unlock},
};

pub(super) fn id(name: &str) -> Id {
    Id::from_hash(&Hash::of(&[name.as_bytes()]))
}

/// Counts up from a name: the same draws on every server.
pub(super) struct Counter(Hash, u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let drawn = Hash::of(&[self.0.as_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

pub(super) fn counter(name: &str) -> Counter {
    Counter(Hash::of(&[name.as_bytes()]), 0)
}

/// A server's rules over a store in memory.
pub(super) struct Office {
    pub(super) store: SqliteStore,
    pub(super) keys: DeviceKeys,
    pub(super) entropy: Counter,
    pub(super) settings: Settings,
    pub(super) now: Instant,
}

impl Office {
    pub(super) fn new() -> Office {
        let keys = DeviceKeys::generate(&mut counter("the company"));
        let store = SqliteStore::open(Path::new(":memory:"), None).unwrap();
        unlock(&store, StorageKey::of(&keys)).unwrap();
        let settings = Settings::default();
        Office { store, keys, entropy: counter("nothing yet"), settings, now: NOON }
    }

    pub(super) fn run<T>(
        &mut self,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>) -> Result<T, Failure>,
    ) -> T {
        let Office { store, keys, entropy, settings, now } = self;
        let done = transact(&*store as &dyn Store, |tx| {
            let mut ctx = Context {
                now: *now,
                epoch: 1,
                keys,
                entropy,
                settings,
                terms: &KnownTerms::default(),
                boot: id("the server's boot"),
                since_boot_ms: 0,
            };
            rule(tx, &mut ctx)
        });
        done.unwrap()
    }

    /// What the office does to an order.
    pub(super) fn act(&mut self, order: Id, payload: &Payload) {
        self.now = self.now.plus_ms(MINUTE);
        self.run(|tx, ctx| {
            let act = office::Act::new(None, id("He"), payload.clone());
            office::write(tx, ctx, Subject::work_order(order), act)?;
            refresh(tx, ctx, order)
        });
    }

    pub(super) fn head(&mut self, order: Id) -> u64 {
        let stream = StreamId::new(Subject::work_order(order), Writer::Office(1));
        self.run(|tx, _| Ok(tx.head(&stream)?.map_or(0, |head| head.seq)))
    }
}

/// A phone: what it wrote, and how it is known.
pub(super) struct Phone {
    pub(super) person: Id,
    pub(super) keys: DeviceKeys,
    pub(super) certificate: Certificate,
    pub(super) boot: Id,
    pub(super) clock_off_ms: i64,
    pub(super) streams: BTreeMap<StreamId, Vec<Vec<u8>>>,
    /// Of each stream, how far the office had heard when the history began.
    pub(super) before: BTreeMap<StreamId, usize>,
    pub(super) receipts: u64,
    pub(super) running: Money,
    pub(super) drawn: u64,
}

impl Phone {
    pub(super) fn new(name: &str, company: &DeviceKeys, list: &PriceList) -> Phone {
        let keys = DeviceKeys::generate(&mut counter(name));
        let fields = CertificateFields {
            signing_key: keys.public().signing,
            wrapping_key: keys.public().wrapping,
            district: String::new(),
            issued: NOON,
            expires: NOON.plus_ms(i64::MAX / 4),
            first_receipt: 1,
            last_receipt: None,
        };
        Phone {
            person: id(name),
            certificate: Certificate::issue(&company.sign_key(), fields),
            keys,
            boot: id(&format!("{name}'s boot")),
            clock_off_ms: 0,
            streams: BTreeMap::new(),
            before: BTreeMap::new(),
            receipts: 0,
            running: Money::zero(list.currency()),
            drawn: 0,
        }
    }

    pub(super) fn writer(&self) -> Writer {
        Writer::Device(self.certificate.id())
    }

    pub(super) fn clock(&self, now: Instant) -> ClockReading {
        ClockReading {
            wall: now.plus_ms(self.clock_off_ms),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: u64::try_from(now.since(NOON)).unwrap(),
        }
    }

    /// Writes an event; gives its id.
    pub(super) fn write(
        &mut self,
        subject: Subject,
        action: Id,
        visit: Option<Id>,
        now: Instant,
        seen: Vec<Head>,
        payload: impl Into<Payload>,
    ) -> Hash {
        let event = Event {
            action,
            actor: self.person,
            visit,
            clock: self.clock(now),
            seen: (!seen.is_empty()).then_some(seen),
            payload: payload.into(),
            private: BTreeMap::new(),
        };
        let stream = StreamId::new(subject, self.writer());
        let events = self.streams.entry(stream).or_default();
        events.push(event.encode());
        chain(&stream, events).hash
    }

    pub(super) fn action(&mut self) -> Id {
        self.drawn += 1;
        let number = self.drawn.to_be_bytes();
        Id::from_hash(&Hash::of(&[self.person.as_bytes(), &number]))
    }

    /// Part of a stream, sealed.
    pub(super) fn tail(&self, stream: &StreamId, from: usize, to: usize) -> Tail {
        let events = &self.streams[stream];
        let seal = Seal::make(&self.keys.sign_key(), *stream, chain(stream, &events[..to]), 1);
        Tail {
            stream: *stream,
            from: from as u64 + 1,
            events: events[from..to].iter().map(|event| event.clone().into()).collect(),
            seal: Some(seal.bytes().to_vec().into()),
        }
    }
}

pub(super) fn chain(stream: &StreamId, events: &[Vec<u8>]) -> Chain {
    events.iter().fold(Chain::start(stream), |chain, bytes| chain.then(bytes))
}

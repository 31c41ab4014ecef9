//! The envelope around every payload, version 1.

use std::collections::BTreeMap;

use minicbor::{Decode, Decoder, Encoder, decode};

use super::Payload;
use crate::{
    base::{ClockReading, Hash, Id, Instant, Zone},
    log::{CanonicalError, Class, Head, Opened, StreamId, Subject, SubjectKey, check_canonical},
};

/// The largest event that is written or read, in bytes.
pub const MAX_EVENT_BYTES: usize = 64 * 1024;

/// An immutable fact. What it is about and who wrote it, its stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Made by the caller before anything happened: the same action never happens twice.
    pub action: Id,
    /// The person; the device is only the pen.
    pub actor: Id,
    /// The visit it belongs to, if any.
    pub visit: Option<Id>,
    /// What the clock said, raw.
    pub clock: ClockReading,
    /// Heads of the subject's other streams when it was recorded; `None` while unchanged.
    pub seen: Option<Vec<Head>>,
    /// What happened.
    pub payload: Payload,
    /// Personal data, sealed, by retention class.
    pub private: BTreeMap<Class, Vec<u8>>,
}

/// Why bytes are no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Over [`MAX_EVENT_BYTES`].
    #[error("the event has {0} bytes; at most {MAX_EVENT_BYTES} are allowed")]
    TooLarge(usize),
    /// Not deterministic CBOR.
    #[error("the event is not deterministic CBOR: {0}")]
    Canonical(#[from] CanonicalError),
    /// A field is missing or of the wrong type.
    #[error("the event cannot be read: {0}")]
    Field(String),
}

impl Event {
    /// The event's bytes: deterministic CBOR, encoded once in its life.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        // Writing into a Vec cannot fail.
        let _ = self.encode_into(&mut Encoder::new(&mut bytes));
        bytes
    }

    fn encode_into(
        &self,
        e: &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        let fields = 8
            + u64::from(self.visit.is_some())
            + u64::from(self.seen.is_some())
            + u64::from(!self.private.is_empty());
        e.map(fields)?;
        e.u8(0)?.u32(self.payload.kind())?;
        e.u8(1)?.encode(self.action)?;
        e.u8(2)?.encode(self.actor)?;
        if let Some(visit) = self.visit {
            e.u8(3)?.encode(visit)?;
        }
        e.u8(4)?.encode(self.clock.wall)?;
        e.u8(5)?.encode(self.clock.zone)?;
        e.u8(6)?.encode(self.clock.boot)?;
        e.u8(7)?.u64(self.clock.since_boot_ms)?;
        if let Some(seen) = &self.seen {
            e.u8(8)?.encode(seen)?;
        }
        e.u8(9)?;
        self.payload.encode(e)?;
        if !self.private.is_empty() {
            e.u8(10)?.map(self.private.len() as u64)?;
            for (class, sealed) in &self.private {
                e.encode(class)?.bytes(sealed)?;
            }
        }
        Ok(())
    }

    /// Reads an event; bytes over the limit or not deterministic are refused before they are
    /// looked at. Unknown keys are passed over: the bytes keep them.
    pub fn decode(bytes: &[u8]) -> Result<Event, EventError> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(EventError::TooLarge(bytes.len()));
        }
        check_canonical(bytes)?;
        read(bytes).map_err(|error| EventError::Field(error.to_string()))
    }
}

fn read(bytes: &[u8]) -> Result<Event, decode::Error> {
    let mut d = Decoder::new(bytes);
    let fields = d.map()?.unwrap_or(0);
    let (mut kind, mut action, mut actor, mut visit) = (None, None, None, None);
    let (mut wall, mut zone, mut boot, mut since_boot) = (None, None, None, None);
    let (mut seen, mut payload, mut private) = (None, None, BTreeMap::new());
    for _ in 0..fields {
        match d.u64()? {
            0 => kind = Some(d.u32()?),
            1 => action = Some(d.decode::<Id>()?),
            2 => actor = Some(d.decode::<Id>()?),
            3 => visit = Some(d.decode::<Id>()?),
            4 => wall = Some(d.decode::<Instant>()?),
            5 => zone = Some(d.decode::<Zone>()?),
            6 => boot = Some(d.decode::<Id>()?),
            7 => since_boot = Some(d.u64()?),
            8 => seen = Some(d.decode::<Vec<Head>>()?),
            // Keys come in order, so the type is known before the payload.
            9 => payload = Some(Payload::decode(kind.ok_or_else(|| missing("type"))?, &mut d)?),
            10 => private = read_private(&mut d)?,
            _ => d.skip()?,
        }
    }
    Ok(Event {
        action: action.ok_or_else(|| missing("action"))?,
        actor: actor.ok_or_else(|| missing("actor"))?,
        visit,
        clock: ClockReading {
            wall: wall.ok_or_else(|| missing("wall time"))?,
            zone: zone.ok_or_else(|| missing("zone"))?,
            boot: boot.ok_or_else(|| missing("boot"))?,
            since_boot_ms: since_boot.ok_or_else(|| missing("time since boot"))?,
        },
        seen,
        payload: payload.ok_or_else(|| missing("payload"))?,
        private,
    })
}

fn read_private(d: &mut Decoder<'_>) -> Result<BTreeMap<Class, Vec<u8>>, decode::Error> {
    let mut private = BTreeMap::new();
    for _ in 0..d.map()?.unwrap_or(0) {
        let class = Class::from_number(d.i64()?);
        let sealed = d.bytes()?.to_vec();
        // A class of a newer version stays in the bytes; no key of ours opens it.
        if let Some(class) = class {
            private.insert(class, sealed);
        }
    }
    Ok(private)
}

fn missing(field: &str) -> decode::Error {
    decode::Error::message(format!("the field `{field}` is missing"))
}

/// An event in its place: which stream, where, and with which id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The stream it stands in.
    pub stream: StreamId,
    /// Its place there, from 1.
    pub seq: u64,
    /// The chain's hash at this event: its id.
    pub id: Hash,
    /// The event.
    pub event: Event,
}

impl Event {
    /// Opens its private part of `class` with the key of the subject it is about, and decodes it. `None`
    /// where there is no such part or it does not open.
    pub fn opened<T>(&self, subject: Subject, class: Class, key: &SubjectKey) -> Option<T>
    where
        T: for<'b> Decode<'b, ()>,
    {
        match key.open(subject, class, self.action, self.private.get(&class)?) {
            Opened::Plain(plain) => minicbor::decode(&plain).ok(),
            Opened::Erased | Opened::Damaged => None,
        }
    }
}

impl Recorded {
    /// Opens its private part of `class` with the subject's key and decodes it. `None` where there
    /// is no such part, its key is erased, or it does not open: a fold shows all three as erased.
    pub fn private<T>(&self, class: Class, key: Option<&SubjectKey>) -> Option<T>
    where
        T: for<'b> Decode<'b, ()>,
    {
        self.event.opened(self.stream.subject, class, key?)
    }
}

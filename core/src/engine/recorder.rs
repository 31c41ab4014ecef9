//! The flight recorder: what sync did lately, for support. It holds counts, times and codes and no
//! name, address, number or id, so that it can be sent to anybody.

use minicbor::{Decode, Encode};
use serde::Serialize;

use super::{ActError, Engine, Exchanged, answer::FORKED, outbox::backlog};
use crate::{
    base::{ClockReading, Instant},
    order::RULES_VERSION,
    store::{Reader, SCHEMA_VERSION, StoreError, Transaction},
    sync::{Backlog, Status, Trouble},
    text::id_of,
};

/// Facts that are kept; the oldest goes first.
const KEPT: usize = 200;

const RECORDER: &str = "recorder";

/// Reasons that are written as they are; whatever else a server says is `other`.
const REASONS: [&str; 6] = [FORKED, "revoked", "not-yours", "bad-seal", "malformed", "adopted"];

/// One exchange, as it went. CBOR: an array.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(array)]
pub struct SyncFact {
    /// When, by the phone's clock.
    #[n(0)]
    pub at: Instant,
    /// `answered`, `not_stored`, or what was in the way, like `offline`.
    #[n(1)]
    pub what: String,
    /// How long it took, in milliseconds of this boot.
    #[n(2)]
    pub ms: u64,
    /// Bytes out.
    #[n(3)]
    pub bytes_out: u64,
    /// Bytes back.
    #[n(4)]
    pub bytes_back: u64,
    /// Events the server took.
    #[n(5)]
    pub sent: u64,
    /// Events new to this phone.
    #[n(6)]
    pub received: u64,
    /// Parts of the answer that did not hold.
    #[n(7)]
    pub refused: u64,
    /// Bytes of events it would send at once then.
    #[n(8)]
    pub budget: u64,
}

/// What is held back, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldCount {
    /// Why: a code.
    pub reason: String,
    /// Streams.
    pub streams: u64,
}

/// Everything support needs to see of sync.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlightRecord {
    /// When it was read, by the phone's clock.
    pub at: Instant,
    /// By what the wall clock differs from the server's as far as known, in milliseconds.
    pub clock_off_ms: i64,
    /// Version of the folding rules.
    pub rules: u32,
    /// Version of the file's schema.
    pub schema: i64,
    /// Whether it has a certificate.
    pub enrolled: bool,
    /// How sync stands.
    pub status: Status,
    /// What is unsent, by lane.
    pub unsent: Vec<Backlog>,
    /// What is held back, by reason.
    pub held: Vec<HeldCount>,
    /// What happened, oldest first.
    pub facts: Vec<SyncFact>,
}

impl SyncFact {
    /// A fact of which nothing is known but when and what.
    pub(super) fn new(at: Instant, what: &str) -> SyncFact {
        SyncFact {
            at,
            what: what.to_owned(),
            ms: 0,
            bytes_out: 0,
            bytes_back: 0,
            sent: 0,
            received: 0,
            refused: 0,
            budget: 0,
        }
    }

    /// With what it brought.
    pub(super) fn brought(&self, exchanged: &Exchanged) -> SyncFact {
        SyncFact {
            sent: exchanged.sent as u64,
            received: exchanged.received as u64,
            refused: exchanged.refused as u64,
            ..self.clone()
        }
    }

    /// What was in the way.
    pub(super) fn trouble(at: Instant, trouble: Trouble) -> SyncFact {
        SyncFact::new(at, &id_of(&trouble))
    }
}

impl FlightRecord {
    /// As JSON, to be sent to support.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Writes facts into the ring; without any it writes nothing.
pub(super) fn note(
    tx: &Transaction<'_>,
    new: impl IntoIterator<Item = SyncFact>,
) -> Result<(), StoreError> {
    let mut new = new.into_iter().peekable();
    if new.peek().is_none() {
        return Ok(());
    }
    let mut facts = facts(&tx.read());
    facts.extend(new);
    trim(&mut facts);
    tx.set_meta(RECORDER, &facts)
}

fn trim(facts: &mut Vec<SyncFact>) {
    let old = facts.len().saturating_sub(KEPT);
    facts.drain(..old);
}

/// A ring that can't be read is begun anew: it must never be in the way.
fn facts(reader: &Reader<'_>) -> Vec<SyncFact> {
    reader.meta(RECORDER).ok().flatten().unwrap_or_default()
}

impl Engine {
    /// The flight recorder's content. Holds no personal data.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn flight_record(&self, clock: &ClockReading) -> Result<FlightRecord, ActError> {
        let mut held: Vec<HeldCount> = Vec::new();
        for row in self.store.held_streams()? {
            let known = REASONS.contains(&row.trouble.as_str());
            let reason = if known { row.trouble.as_str() } else { "other" };
            match held.iter_mut().find(|count| count.reason == reason) {
                Some(count) => count.streams += 1,
                None => held.push(HeldCount { reason: reason.to_owned(), streams: 1 }),
            }
        }
        let mut all = facts(&self.store.read());
        all.extend(self.facts.iter().cloned());
        trim(&mut all);
        Ok(FlightRecord {
            at: clock.wall,
            clock_off_ms: clock.wall.since(self.server_time(clock)?),
            rules: RULES_VERSION,
            schema: SCHEMA_VERSION,
            enrolled: self.identity.is_some(),
            status: self.sync_status(),
            unsent: backlog(&self.store)?,
            held,
            facts: all,
        })
    }

    /// Notes what came to nothing. It is written with the next request, so that a phone without a
    /// network doesn't write only to say so.
    pub(super) fn note(&mut self, fact: SyncFact) {
        self.facts.push(fact);
        trim(&mut self.facts);
    }
}

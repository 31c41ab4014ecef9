//! The readings of an order: which one counts for each meter, and which wait for somebody.
//!
//! Read beats sent, sent beats said, said beats guessed; the wheel counts. Two people who read the
//! same wheels differently make no bill: a third reading decides. A reading of a meter with another
//! number on its plate is parked, with that of the other flat, in one case. What a customer said or a
//! meter sent counts until somebody reads the wheels, who confirms it or takes its place; both stay.

use serde::Serialize;

use super::{Choice, History};
use crate::{
    base::{Decimal, Hash, Id, Instant},
    event::{
        EstimateBasis, MeterRead, Payload, ReadingFlag, ReadingKind, ReadingSource, SealState,
    },
};

/// What becomes of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is the one that counts.
    Counts,
    /// A better one is there, and says otherwise.
    Beaten,
    /// A better one is there, and says the same.
    Confirmed,
    /// Another reader saw another value: a third reading decides.
    Disputed,
    /// Its meter is another than the record's, or it can't be: it waits for a correction.
    Parked,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Its event.
    pub event: Hash,
    /// Its visit.
    pub visit: Option<Id>,
    /// Who read.
    pub actor: Id,
    /// When it was read, said or sent.
    pub at: Instant,
    /// By which way it came to the office; absent: a technician wrote it down at the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ReadingSource>,
    /// The number on the plate.
    pub meter: String,
    /// The number in the record.
    pub expected: Option<String>,
    /// How.
    pub kind: ReadingKind,
    /// The value.
    pub value: Decimal,
    /// What a display beside the wheels shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Decimal>,
    /// Used since the last one.
    pub usage: Option<u64>,
    /// To be taken off for an estimate before.
    pub credit: u64,
    /// What stands out.
    pub flags: Vec<ReadingFlag>,
    /// The seal's number, as seen or as newly put on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// How the seal is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal_state: Option<SealState>,
    /// What an estimate was made from, where the profile's rule made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<EstimateBasis>,
    /// What becomes of it.
    pub standing: Standing,
    /// The meter it is billed under, where a correction case said so: its own plate's number, or
    /// the record's.
    pub counts_for: Option<String>,
}

impl Reading {
    fn new(read: &MeterRead, placed: &super::Placed<'_>) -> Reading {
        let waits = [ReadingFlag::WrongMeter, ReadingFlag::ForReview];
        let parked = read.flags.iter().any(|flag| waits.contains(flag));
        Reading {
            event: placed.recorded.id,
            visit: placed.recorded.event.visit,
            actor: placed.recorded.event.actor,
            at: read.read_at.unwrap_or(placed.at),
            source: read.source,
            meter: read.meter.clone(),
            expected: read.expected.clone(),
            kind: read.kind,
            value: read.value,
            display: read.display,
            usage: read.usage,
            credit: read.credit,
            flags: read.flags.clone(),
            seal: read.seal.clone(),
            seal_state: read.seal_state,
            estimate: read.estimate,
            standing: if parked { Standing::Parked } else { Standing::Beaten },
            counts_for: None,
        }
    }

    /// What a correction case about crossed meters (C23) said of it.
    pub(super) fn correct(&mut self, choice: Option<Choice>) {
        let meter = match choice {
            Some(Choice::ReadingsSwapped) => &self.meter,
            Some(Choice::ReadingsRight) => self.expected.as_ref().unwrap_or(&self.meter),
            _ => return,
        };
        self.counts_for = Some(meter.clone());
        self.standing = Standing::Counts;
    }

    /// Of which meter, in the record's words.
    pub fn of(&self) -> &str {
        self.expected.as_deref().unwrap_or(&self.meter)
    }

    /// What is billed of a value.
    pub(super) fn whole(&self) -> i64 {
        let unit = 10_i64.checked_pow(u32::from(self.value.decimals)).unwrap_or(i64::MAX);
        self.value.units.div_euclid(unit)
    }
}

/// Lower is better.
fn rank(kind: ReadingKind) -> u8 {
    match kind {
        ReadingKind::Physical => 0,
        ReadingKind::Smart => 1,
        ReadingKind::Customer => 2,
        ReadingKind::Estimate => 3,
    }
}

/// Folds the readings of an order.
pub(super) fn readings(history: &History<'_>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for placed in history.events() {
        if let Payload::MeterRead(read) = &placed.recorded.event.payload {
            // Who reads again on the same visit corrects: the earlier value stays, and is beaten.
            readings.push(Reading::new(read, placed));
        }
    }
    let mut meters: Vec<String> = readings.iter().map(|r| r.of().to_owned()).collect();
    meters.sort();
    meters.dedup();
    for meter in meters {
        settle(&mut readings, &meter);
    }
    readings
}

fn settle(readings: &mut [Reading], meter: &str) {
    // The last word of each visit on this meter and kind. What the office wrote down came one by one,
    // and perhaps late: there the time it was read at decides, below.
    let mut last: Vec<usize> = Vec::new();
    for (place, reading) in readings.iter().enumerate() {
        if reading.of() != meter || reading.standing == Standing::Parked {
            continue;
        }
        last.retain(|earlier| {
            let earlier = &readings[*earlier];
            reading.source.is_some()
                || earlier.source.is_some()
                || (earlier.visit, earlier.kind) != (reading.visit, reading.kind)
        });
        last.push(place);
    }
    let Some(best) = last.iter().map(|place| rank(readings[*place].kind)).min() else { return };
    let rivals: Vec<usize> =
        last.iter().copied().filter(|place| rank(readings[*place].kind) == best).collect();
    // Only wheels are read twice: of what was said or guessed, the latest counts.
    if best != rank(ReadingKind::Physical) {
        if let Some(place) = rivals.into_iter().max_by_key(|place| readings[*place].at) {
            count(readings, meter, place);
        }
        return;
    }
    // Of two that differ none counts; what two say against a third does.
    let votes = |value: i64| rivals.iter().filter(|r| readings[**r].whole() == value).count();
    let most = rivals.iter().map(|r| votes(readings[*r].whole())).max().unwrap_or(0);
    let leading: Vec<usize> =
        rivals.iter().copied().filter(|r| votes(readings[*r].whole()) == most).collect();
    let agreed = leading.iter().all(|r| readings[*r].whole() == readings[leading[0]].whole());
    match leading.last() {
        Some(place) if agreed => count(readings, meter, *place),
        _ => leading.into_iter().for_each(|place| readings[place].standing = Standing::Disputed),
    }
}

/// This one counts: it confirms what was said or sent of its meter and is the same.
fn count(readings: &mut [Reading], meter: &str, place: usize) {
    let (kind, value) = (readings[place].kind, readings[place].whole());
    let told = [ReadingKind::Customer, ReadingKind::Smart];
    for reading in readings.iter_mut().filter(|it| it.of() == meter && told.contains(&it.kind)) {
        let beaten = reading.standing == Standing::Beaten && rank(reading.kind) > rank(kind);
        if beaten && reading.whole() == value {
            reading.standing = Standing::Confirmed;
        }
    }
    readings[place].standing = Standing::Counts;
}

//! Meters to report (计量异常): a display too far from its wheels, a number that is not the record's, as where
//! two meters are crossed, a seal that is broken or missing. A list by month, from what readers recorded.
//!
//! Which orders to look at is kept by the month in which such a reading arrived, so that no other is folded.

use std::collections::BTreeSet;

use doorstep::{
    base::{Decimal, Hash, Id, Instant, Zone},
    event::{Payload, ReadingFlag, Recorded, SealState},
    order::{Reading, Standing},
    sync::Premises,
};
use serde::Serialize;

use super::{Context, orders, terms, verdict::orders_in};
use crate::{
    problem::{Failure, Problem},
    store::{StoreError, Tx},
};

/// Lines in the list.
const MOST: usize = 1_000;

/// Why a meter is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Display and wheels differ by more than the profile allows.
    DisplayDiffers,
    /// Another number is on the plate than in the record: a mistake in the file, or crossed meters.
    WrongNumber,
    /// The seal is broken.
    SealBroken,
    /// There is no seal.
    SealMissing,
}

/// A meter to report.
#[derive(Debug, Serialize)]
pub struct MeterReport {
    /// The order it was read under.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// Where.
    pub premises: Option<Id>,
    /// The address, where it was published by itself.
    pub address: Option<String>,
    /// The building there.
    pub building: Option<String>,
    /// The number on the plate.
    pub meter: String,
    /// The number in the record.
    pub expected: Option<String>,
    /// When it was read.
    pub at: Instant,
    /// What the wheels show.
    pub value: Decimal,
    /// What the display shows.
    pub display: Option<Decimal>,
    /// The seal's number.
    pub seal: Option<String>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
    /// What becomes of the reading.
    pub standing: Standing,
    /// The reading.
    pub event: Hash,
}

fn faults(flags: &[ReadingFlag], seal: Option<SealState>) -> Vec<Fault> {
    let mut faults = BTreeSet::new();
    for flag in flags {
        match flag {
            ReadingFlag::DisplayDiffers => faults.insert(Fault::DisplayDiffers),
            ReadingFlag::WrongMeter => faults.insert(Fault::WrongNumber),
            _ => false,
        };
    }
    match seal {
        Some(SealState::Broken) => faults.insert(Fault::SealBroken),
        Some(SealState::Missing) => faults.insert(Fault::SealMissing),
        _ => false,
    };
    faults.into_iter().collect()
}

/// A month like `2026-12`, in a zone.
fn month(at: Instant, zone: Zone) -> Option<String> {
    Some(at.local(zone)?.format("%Y-%m").to_string())
}

fn key(month: &str) -> String {
    format!("meters-to-report/{month}")
}

/// Keeps which orders hold a reading that reports its meter, as they arrive.
pub(super) fn note(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    order: Id,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    let reports = recorded.iter().any(|recorded| match &recorded.event.payload {
        Payload::MeterRead(read) => !faults(&read.flags, read.seal_state).is_empty(),
        _ => false,
    });
    match month(ctx.now, ctx.settings.zone).filter(|_| reports) {
        Some(month) => tx.add_fact(&key(&month), ctx.now, order.as_bytes()),
        None => Ok(()),
    }
}

/// The meters to report by what was read in a month, the earliest first.
pub fn meters_to_report(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    wanted: &str,
) -> Result<Vec<MeterReport>, Failure> {
    let zone = ctx.settings.zone;
    let now = month(ctx.now, zone).unwrap_or_default();
    let Some(mut at) = parsed(wanted).filter(|_| wanted <= now.as_str()) else {
        let message = "a month that has begun is written like 2026-12";
        return Err(Problem::bad("malformed", message, "correct the month").into());
    };
    // What was read in that month has arrived then or later.
    let mut months = Vec::new();
    loop {
        let month = format!("{:04}-{:02}", at.0, at.1);
        if month > now {
            break;
        }
        months.push(key(&month));
        at = if at.1 == 12 { (at.0 + 1, 1) } else { (at.0, at.1 + 1) };
    }
    let mut reports = Vec::new();
    for order in orders_in(tx, months)? {
        let state = orders::fold(tx, order)?;
        let place = match state.premises {
            Some(premises) => terms::latest(tx, ctx, &Premises::key(premises))?,
            None => None,
        };
        let place = place.and_then(|doc| doc.premises());
        for reading in &state.readings {
            let faults = faults(&reading.flags, reading.seal_state);
            if faults.is_empty() || month(reading.at, zone).as_deref() != Some(wanted) {
                continue;
            }
            let number = state.number.clone().unwrap_or_default();
            reports.push(report(order, number, state.premises, place.as_ref(), reading, faults));
        }
    }
    reports.sort_by_key(|it| (it.at, it.event));
    reports.truncate(MOST);
    Ok(reports)
}

fn report(
    order: Id,
    number: String,
    premises: Option<Id>,
    place: Option<&Premises>,
    reading: &Reading,
    faults: Vec<Fault>,
) -> MeterReport {
    MeterReport {
        order,
        number,
        premises,
        address: place.map(|place| place.address.clone()),
        building: place.map(|place| place.building.clone()),
        meter: reading.meter.clone(),
        expected: reading.expected.clone(),
        at: reading.at,
        value: reading.value,
        display: reading.display,
        seal: reading.seal.clone(),
        faults,
        standing: reading.standing,
        event: reading.event,
    }
}

/// Year and month.
fn parsed(month: &str) -> Option<(u32, u32)> {
    let (year, month) = month.split_once('-')?;
    if year.len() != 4 || month.len() != 2 {
        return None;
    }
    let (year, month) = (year.parse().ok()?, month.parse().ok()?);
    (2_000 <= year && (1..=12).contains(&month)).then_some((year, month))
}

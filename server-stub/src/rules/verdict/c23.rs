//! C23: the meters of two flats were crossed: at each, the number of the other's meter stands on the
//! plate. Both readings are parked in one correction case, which has one key in both orders: what is
//! decided in one is decided in the other.
//!
//! A reading of another meter than the record's is kept as a fact when it arrives, by what was seen
//! and what was expected, so that its counterpart is found by one look.

use doorstep::{
    base::{Hash, Id},
    event::{MeterRead, Payload, ReadingFlag, Recorded, Side, SideValue, VerdictGiven},
    order::{OrderState, Reading},
};

use super::{Case, other, others_in};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// Readings of one round: so far apart they may be.
const ONE_ROUND_MS: i64 = 62 * 24 * 60 * 60 * 1_000;

fn key(seen: &str, expected: &str) -> String {
    format!(
        "misread/{}",
        Hash::of(&[&(seen.len() as u64).to_be_bytes(), seen.as_bytes(), expected.as_bytes()])
    )
}

/// The record's number, where a reading is of another meter.
fn expected(read: &MeterRead) -> Option<&str> {
    let wrong = read.flags.contains(&ReadingFlag::WrongMeter);
    read.expected.as_deref().filter(|_| wrong)
}

/// Under which key a reading of the wrong meter is kept as it arrives.
pub(super) fn noted(recorded: &Recorded) -> Option<String> {
    let Payload::MeterRead(read) = &recorded.event.payload else { return None };
    Some(key(&read.meter, expected(read)?))
}

/// The readings of an order that are of another meter than the record's, with the record's number.
fn misread(state: &OrderState) -> impl Iterator<Item = (&Reading, &str)> {
    state.readings.iter().filter_map(|reading| {
        let wrong = reading.flags.contains(&ReadingFlag::WrongMeter);
        Some((reading, reading.expected.as_deref().filter(|_| wrong)?))
    })
}

/// Orders whose readings are the counterparts of this one's.
pub(in crate::rules) fn counterparts(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
) -> Result<Vec<Id>, StoreError> {
    let keys = misread(state).map(|(reading, expected)| key(expected, &reading.meter));
    others_in(tx, keys, order)
}

/// One verdict for each pair, in both orders.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for order in counterparts(tx, case.order, case.state)? {
        let (_, theirs) = other(tx, order)?;
        for (mine, record) in misread(case.state) {
            let crossed = |(reading, expected): &(&Reading, &str)| {
                let apart = reading.at.since(mine.at).unsigned_abs();
                *expected == mine.meter
                    && reading.meter == record
                    && apart <= ONE_ROUND_MS.unsigned_abs()
            };
            let Some((yours, _)) = misread(&theirs).find(crossed) else { continue };
            let sides = vec![side(mine, case.state), side(yours, &theirs)];
            let events = vec![mine.event, yours.event];
            verdicts.push(VerdictGiven::conflict("C23", events, sides));
        }
    }
    Ok(verdicts)
}

fn side(reading: &Reading, state: &OrderState) -> Side {
    Side::new(reading.actor, "read-crossed", reading.at, reading.event)
        .with(SideValue::text("meter", &reading.meter))
        .with(SideValue::text("expected", reading.expected.clone().unwrap_or_default()))
        .with(SideValue::text("number", state.number.clone().unwrap_or_default()))
        .with(SideValue::text("value", reading.value.to_string()))
}

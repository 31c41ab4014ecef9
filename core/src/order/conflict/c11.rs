//! C11: a device's clock was wrong. The server dated its boot, so that its events
//! stand where they belong; somebody looks, and may let the device's clock count after all.
//!
//! The key is made from the first event of that boot here, which no later one changes.

use std::collections::BTreeMap;

use super::{Case, Conflict, Rule, Side, SideValue};
use crate::{
    base::{CLOCK_TOLERANCE_MS, Id},
    event::{ClockCorrected, Payload},
    log::Writer,
};

/// One conflict for each boot of a device that the office corrected.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    // By writer and boot, not as the corrections came. A boot dated anew is one matter still.
    let mut boots: BTreeMap<(Writer, Id), &ClockCorrected> = BTreeMap::new();
    for office in case.by_office() {
        let Payload::ClockCorrected(correction) = &office.recorded.event.payload else { continue };
        boots.insert((correction.writer, correction.boot), correction);
    }
    let mut found = Vec::new();
    for correction in boots.into_values() {
        let of_boot = |placed: &&super::Placed<'_>| {
            let recorded = placed.recorded;
            recorded.stream.writer == correction.writer
                && recorded.event.clock.boot == correction.boot
        };
        let events = || case.history.events().iter().filter(of_boot);
        let Some(first) = events().min_by_key(|placed| placed.recorded.seq) else { continue };
        let real = |placed: &super::Placed<'_>| correction.dates(&placed.recorded.event.clock);
        let off = |placed: &&super::Placed<'_>| {
            let off = placed.recorded.event.clock.wall.since(real(placed));
            off.unsigned_abs() > CLOCK_TOLERANCE_MS.unsigned_abs()
        };
        let wrong = events().filter(off).min_by_key(|placed| placed.recorded.seq);
        let Some(wrong) = wrong else { continue };
        let recorded = wrong.recorded;
        let side = Side::new(recorded.event.actor, "wrong-clock", real(wrong), recorded.id)
            .with(SideValue::at("wall", recorded.event.clock.wall));
        found.push(Conflict::of(Rule::C11, vec![first.recorded.id], vec![side]));
    }
    found
}

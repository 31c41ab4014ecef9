//! C5 and C24: a meter read twice. Two who read the wheels and differ make no bill; a smart meter's
//! value beside the wheels is kept, and the wheel counts.

use super::{Case, Conflict, Rule, Side, SideValue};
use crate::{
    event::ReadingKind,
    order::{Reading, Standing},
};

/// One conflict for each meter of the order that is in dispute.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for meter in meters(case) {
        let disputed = case.state.readings.iter().filter(|r| r.standing == Standing::Disputed);
        let sides: Vec<_> = disputed.filter(|r| r.of() == meter).map(side).collect();
        if sides.len() > 1 {
            found.push(Conflict::new(Rule::C5, sides));
        }
    }
    found
}

/// C24: one conflict for each meter whose wheels were read beside a smart value that differs.
pub(super) fn find_smart(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for meter in meters(case) {
        let of = |kind| {
            let fits = move |r: &&Reading| r.kind == kind && r.standing != Standing::Parked;
            case.state.readings.iter().filter(fits).filter(|r| r.of() == meter)
        };
        let wheel = of(ReadingKind::Physical).find(|r| r.standing == Standing::Counts);
        let Some(wheel) = wheel else { continue };
        let smart = of(ReadingKind::Smart).filter(|r| r.whole() != wheel.whole());
        let mut sides: Vec<_> = smart.map(side).collect();
        if !sides.is_empty() {
            sides.push(side(wheel));
            found.push(Conflict::new(Rule::C24, sides));
        }
    }
    found
}

fn meters(case: &Case<'_>) -> Vec<String> {
    let mut meters: Vec<_> = case.state.readings.iter().map(|r| r.of().to_owned()).collect();
    meters.sort();
    meters.dedup();
    meters
}

fn side(reading: &Reading) -> Side {
    let what = match reading.kind {
        ReadingKind::Smart => "sent",
        _ => "read",
    };
    Side {
        visit: reading.visit,
        values: vec![
            SideValue::text("meter", reading.of()),
            SideValue::text("value", reading.value.to_string()),
        ],
        ..Side::new(reading.actor, what, reading.at, reading.event)
    }
}

//! C12 and C13: a hazard closed by one and found worse by another; gas shut off by one and restored
//! by another without a check that knew of it. The worse stands, the gas counts as off.

use super::{Case, Conflict, Rule, Side, SideValue};
use crate::{base::Hash, event::Payload};

/// One conflict for each hazard in dispute.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for hazard in case.state.hazards.iter().filter(|hazard| !hazard.disputed.is_empty()) {
        let passed = hazard.checks.iter().filter(|(_, passed)| *passed).map(|(event, _)| *event);
        let apart = passed
            .filter(|check| hazard.disputed.iter().any(|worse| case.concurrent(*worse, *check)));
        let mut sides: Vec<_> =
            apart.filter_map(|e| side(case, e, "closed", &hazard.item)).collect();
        let worse = hazard.disputed.iter();
        sides.extend(worse.filter_map(|event| side(case, *event, "found-worse", &hazard.item)));
        found.push(Conflict::new(Rule::C12, sides));
    }
    found
}

/// C13: one conflict for each shut-off that was restored on half the news.
pub(super) fn find_restored(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for stop in case.state.stops.iter().filter(|stop| !stop.alarms.is_empty() && stop.is_off()) {
        let mut sides: Vec<_> = side(case, stop.event, "shut-off", "").into_iter().collect();
        let restored = stop.alarms.iter();
        let here: Vec<_> =
            restored.filter_map(|event| side(case, *event, "restored", "")).collect();
        // What was restored under another order is the server's to tell.
        if !here.is_empty() {
            sides.extend(here);
            found.push(Conflict::new(Rule::C13, sides));
        }
    }
    found
}

fn side(case: &Case<'_>, event: Hash, what: &str, item: &str) -> Option<Side> {
    let placed = case.event(event)?;
    let recorded = placed.recorded;
    let grade = match &recorded.event.payload {
        Payload::HazardFound(found) => found.grade.clone(),
        Payload::HazardRechecked(check) => check.grade.clone().unwrap_or_default(),
        _ => String::new(),
    };
    Some(Side {
        visit: recorded.event.visit,
        values: vec![SideValue::text("item", item), SideValue::text("grade", grade)],
        ..Side::new(recorded.event.actor, what, placed.at, recorded.id)
    })
}

//! C16: the office gave the order to somebody else, not knowing that a technician was there already; or
//! a technician handed the visit over to somebody whom the office had not given the order to.

use super::{Case, Conflict, Rule, Side, SideValue, c02};
use crate::{event::Payload, order::VisitSummary};

/// One conflict for the last assignment, with every visit of others that didn't know of it and
/// that it didn't know of, and with one that was taken over from a colleague and that it didn't know
/// of. Where the new one went, too, that is C2, and this is not told twice.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let given = |placed: &&_| {
        let placed: &super::Placed<'_> = placed;
        matches!(placed.recorded.event.payload, Payload::OrderAssigned(_))
    };
    let Some(last) = case.by_office().filter(given).last() else { return Vec::new() };
    let Payload::OrderAssigned(assigned) = &last.recorded.event.payload else { return Vec::new() };
    let twice: Vec<_> = c02::clashing(case).iter().map(|visit| visit.id).collect();
    // The office knew of neither, whatever whoever took the visit over knew of the office.
    let unheard = |visit: &VisitSummary| {
        let taken_over = case.state.line(visit.id).len() > 1;
        let saw = case.event(visit.started).is_some_and(|started| last.saw(started));
        case.concurrent(visit.started, last.recorded.id) || (taken_over && !saw)
    };
    let there = |visit: &&VisitSummary| {
        visit.competes()
            && visit.actor != assigned.to
            && !twice.contains(&visit.id)
            && unheard(visit)
    };
    let visits = case.state.visits.values().filter(there);
    let mut sides: Vec<_> = visits.map(VisitSummary::started_side).collect();
    if sides.is_empty() {
        return Vec::new();
    }
    let by = last.recorded.event.actor;
    let side = Side::new(by, "assigned", last.at, last.recorded.id);
    sides.push(side.with(SideValue::person("to", assigned.to)));
    vec![Conflict::new(Rule::C16, sides)]
}

//! C1: the office cancelled; a technician who could not know finished the work.

use super::{Case, Conflict, Rule, Side};
use crate::{event::Payload, order::VisitSummary};

/// One conflict for each cancellation, with every finished work that didn't know of it and that it
/// didn't know of.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for cancel in case.by_office() {
        let Payload::OrderCancelled(cancelled) = &cancel.recorded.event.payload else { continue };
        let clashes = |visit: &&VisitSummary| {
            let finish = visit.finished.as_ref().map(|finished| finished.event);
            visit.did_work() && finish.is_some_and(|f| case.concurrent(f, cancel.recorded.id))
        };
        let visits = case.state.visits.values().filter(clashes);
        let mut sides: Vec<_> = visits.filter_map(VisitSummary::finished_side).collect();
        if sides.is_empty() {
            continue;
        }
        let recorded = cancel.recorded;
        sides.push(Side {
            detail: Some(cancelled.reason.clone()),
            ..Side::new(recorded.event.actor, "cancelled", cancel.at, recorded.id)
        });
        found.push(Conflict::new(Rule::C1, sides));
    }
    found
}

//! C20: the office closed the order as expired; work arrived that could not know of it.

use super::{Case, Conflict, Rule, Side};
use crate::{event::Payload, order::VisitSummary};

/// One conflict for each closing, with every visit that clashes with it.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for closing in case.by_office() {
        let Payload::OrderExpired(expired) = &closing.recorded.event.payload else { continue };
        let clashes = |visit: &&VisitSummary| {
            visit.counted() && case.concurrent(visit.started, closing.recorded.id)
        };
        let visits = case.state.visits.values().filter(clashes);
        let mut sides: Vec<_> = visits.map(VisitSummary::started_side).collect();
        if sides.is_empty() {
            continue;
        }
        let by = closing.recorded.event.actor;
        sides.push(Side {
            detail: Some(expired.reason.clone()),
            ..Side::new(by, "expired", closing.at, closing.recorded.id)
        });
        found.push(Conflict::new(Rule::C20, sides));
    }
    found
}

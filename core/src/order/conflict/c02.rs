//! C2: two technicians visited the same order without knowing of each other; or one went on with a
//! visit after handing it over to the other.

use super::{Case, Conflict, Rule};
use crate::order::VisitSummary;

/// One conflict for the order, with every visit that clashes with another technician's.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let sides: Vec<_> = clashing(case).into_iter().map(VisitSummary::started_side).collect();
    if sides.len() > 1 { vec![Conflict::new(Rule::C2, sides)] } else { Vec::new() }
}

/// The visits that clash.
pub(super) fn clashing<'a>(case: &Case<'a>) -> Vec<&'a VisitSummary> {
    let visits: Vec<_> = case.state.visits.values().filter(|visit| visit.competes()).collect();
    let went_on = |a: &VisitSummary, b: &VisitSummary| {
        a.went_on && a.continued_by.is_some() && case.state.last_of(a).id == b.id
    };
    let clashes = |a: &VisitSummary, b: &VisitSummary| {
        let apart = case.concurrent(a.started, b.started) || went_on(a, b) || went_on(b, a);
        a.actor != b.actor && apart
    };
    let clashing = visits.iter().filter(|v| visits.iter().any(|other| clashes(v, other)));
    clashing.copied().collect()
}

//! C14: nobody opened to one technician; another, who could not know, completed the work.

use super::{Case, Conflict, Rule};
use crate::order::VisitSummary;

/// One conflict for the order, with every attempt and every work that clash.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let visits = || case.state.visits.values();
    let attempt = |visit: &VisitSummary| visit.finished.is_some() && !visit.competes();
    let clashes = |one: &VisitSummary, other: &VisitSummary| {
        let pair = (attempt(one) && other.did_work()) || (one.did_work() && attempt(other));
        pair && one.actor != other.actor && case.concurrent(one.started, other.started)
    };
    let clashing = visits().filter(|visit| visits().any(|other| clashes(visit, other)));
    let sides: Vec<_> = clashing.filter_map(VisitSummary::finished_side).collect();
    if sides.is_empty() { Vec::new() } else { vec![Conflict::new(Rule::C14, sides)] }
}

//! C15: two orders for one fault at one premises. They are linked, and the charges of the one that
//! was opened second are flagged.
//!
//! One fault: two orders of the same kind at the same premises, the second opened within a day of
//! the first and before its work was done.

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Payload, Recorded, Side, SideValue, VerdictGiven},
    order::{OrderState, VisitSummary},
};

use super::{Case, other};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// So close together, two calls are about one fault.
const ONE_FAULT_MS: i64 = 24 * 60 * 60 * 1_000;

struct Opened {
    id: Hash,
    at: Instant,
}

/// When an order was opened, by the office's clock.
fn opened(recorded: &[Recorded]) -> Option<Opened> {
    let is = |r: &&Recorded| matches!(r.event.payload, Payload::OrderOpened(_));
    recorded.iter().find(is).map(|r| Opened { id: r.id, at: r.event.clock.wall })
}

/// Its first charged work.
fn charged(state: &OrderState) -> Option<&VisitSummary> {
    let worked = |visit: &&VisitSummary| {
        let charged = visit.charged.is_some_and(|charged| charged.minor > 0);
        charged && visit.finished.as_ref().is_some_and(|end| end.outcome == "completed")
    };
    state.visits.values().filter(worked).min_by_key(|visit| (visit.started_at, visit.started))
}

/// One verdict, in the order opened second, when both did charged work.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let events: Vec<_> = case.history.events().iter().map(|p| p.recorded.clone()).collect();
    let (Some(second), Some(work)) = (opened(&events), charged(case.state)) else {
        return Ok(Vec::new());
    };
    let mut verdicts = Vec::new();
    for neighbour in neighbours(tx, case.order, case.state)? {
        let (events, state) = other(tx, neighbour)?;
        let (Some(first), Some(done)) = (opened(&events), charged(&state)) else { continue };
        let later = (first.at, first.id) < (second.at, second.id);
        let close = second.at.since(first.at) <= ONE_FAULT_MS;
        let before = done.finished.as_ref().is_some_and(|end| second.at <= end.at);
        if !(later && close && before && state.kind == case.state.kind) {
            continue;
        }
        let side = |visit: &VisitSummary, number: &Option<String>, here: bool| {
            let at = visit.finished.as_ref().map_or(visit.started_at, |end| end.at);
            let side = Side::new(visit.actor, "worked", at, visit.started);
            let number = number.clone().unwrap_or_default();
            let side = side.with(SideValue::text("number", number));
            Side { visit: here.then_some(visit.id), charged: visit.charged, ..side }
        };
        let sides = vec![side(done, &state.number, false), side(work, &case.state.number, true)];
        verdicts.push(VerdictGiven::conflict("C15", vec![first.id, second.id], sides));
        break;
    }
    Ok(verdicts)
}

/// Other orders at the same premises, by id.
pub(super) fn neighbours(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
) -> Result<Vec<Id>, StoreError> {
    let Some(premises) = state.premises else { return Ok(Vec::new()) };
    let mut ids: Vec<_> = tx.orders_at(premises)?.iter().map(|row| row.id).collect();
    ids.retain(|id| *id != order);
    ids.sort();
    Ok(ids)
}

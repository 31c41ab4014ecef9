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

/// The event that opened an order.
fn opening<'a>(mut events: impl Iterator<Item = &'a Recorded>) -> Option<Hash> {
    events.find(|r| matches!(r.event.payload, Payload::OrderOpened(_))).map(|r| r.id)
}

/// Its first charged work.
pub(in crate::rules) fn charged(state: &OrderState) -> Option<&VisitSummary> {
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
    let (Some(work), Some(at)) = (charged(case.state), case.state.opened_at) else {
        return Ok(Vec::new());
    };
    let Some(second) = opening(case.by_office().map(|placed| placed.recorded)) else {
        return Ok(Vec::new());
    };
    let mut verdicts = Vec::new();
    for neighbour in rivals(tx, case.order, case.state, at.plus_ms(-ONE_FAULT_MS), at)? {
        let (events, state) = other(tx, neighbour)?;
        let (Some(first), Some(done)) = (opening(events.iter()), charged(&state)) else { continue };
        let earlier = state.opened_at.is_some_and(|opened| {
            (opened, first) < (at, second) && at.since(opened) <= ONE_FAULT_MS
        });
        let before = done.finished.as_ref().is_some_and(|end| at <= end.at);
        if !(earlier && before && state.kind == case.state.kind) {
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
        verdicts.push(VerdictGiven::conflict("C15", vec![first, second], sides));
        break;
    }
    Ok(verdicts)
}

/// The orders that this one may be first before, by id: those opened soon after it, once anything of
/// it was ever charged.
pub(super) fn neighbours(tx: &mut dyn Tx, case: &Case<'_>) -> Result<Vec<Id>, StoreError> {
    let mut events = case.history.events().iter();
    let any = events.any(|placed| matches!(placed.recorded.event.payload, Payload::Charged(_)));
    match case.state.opened_at {
        Some(at) if any => rivals(tx, case.order, case.state, at, at.plus_ms(ONE_FAULT_MS)),
        _ => Ok(Vec::new()),
    }
}

/// Other orders of its kind with charged work at the same premises, opened in that time.
fn rivals(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
    from: Instant,
    to: Instant,
) -> Result<Vec<Id>, StoreError> {
    let (Some(premises), Some(kind)) = (state.premises, state.kind) else { return Ok(Vec::new()) };
    let mut ids = tx.charged_at(premises, kind, from, to)?;
    ids.retain(|id| *id != order);
    Ok(ids)
}

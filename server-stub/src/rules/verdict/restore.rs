//! Gas shut off under one order and restored under another: the customer had it mended, somebody came
//! again, checked, and opened the valve.
//!
//! Neither order's own events show that. After a passed check it is a verdict in the order of the
//! shut-off, which every fold obeys ([`RESTORED_ELSEWHERE`]). Without one it is C13, with one key in both
//! orders: what is decided in one is decided in the other. A check counts when it was made after the
//! shut-off and after all that the shut-off's order then knew to be worse, by corrected time.

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Effect, GasRestored, Payload, Recorded, VerdictGiven},
    order::{History, OrderState, Placed, RESTORED_ELSEWHERE, Rule, Stop},
};

use super::{Case, others_in, recheck, side};
use crate::{
    rules::{Context, orders},
    store::{StoreError, Tx},
};

/// The key of restorings under other orders.
fn key(stop: &Hash) -> String {
    format!("restored/{stop}")
}

/// The shut-off that this event restores under another order, and that order.
fn elsewhere(recorded: &Recorded) -> Option<(Hash, Id)> {
    let Payload::GasRestored(GasRestored { shut_off, first_order }) = recorded.event.payload else {
        return None;
    };
    Some((shut_off, first_order.filter(|order| *order != recorded.stream.subject.id)?))
}

/// Under which key a restoring of another order's gas is kept as it arrives.
pub(super) fn noted(recorded: &Recorded) -> Option<String> {
    elsewhere(recorded).map(|(stop, _)| key(&stop))
}

/// Orders whose gas was restored in this one.
fn restored_here(tx: &mut dyn Tx, history: &History<'_>) -> Result<Vec<Id>, StoreError> {
    let named = history.events().iter().filter_map(|placed| elsewhere(placed.recorded));
    recheck::known(tx, named.map(|(_, first)| first))
}

/// Orders in which gas of this one was restored, and whose gas was restored in this one.
pub(super) fn others(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
    history: &History<'_>,
) -> Result<Vec<Id>, StoreError> {
    let mut others = others_in(tx, state.stops.iter().map(|stop| key(&stop.event)), order)?;
    others.extend(restored_here(tx, history)?);
    Ok(others)
}

/// What holds of gas that was shut off or restored in this order.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = restored(tx, case)?;
    for first in restored_here(tx, case.history)? {
        let recorded = orders::recorded(tx, first)?;
        let history = History::merge(&recorded);
        let state = OrderState::of(&history);
        let theirs = restored(tx, &Case { order: first, state: &state, history: &history })?;
        let ours = |event: &Hash| case.event(*event).is_some();
        let alarm = |verdict: &VerdictGiven| verdict.rule == Rule::C13.id();
        verdicts.extend(theirs.into_iter().filter(|it| alarm(it) && it.events.iter().any(ours)));
    }
    Ok(verdicts)
}

/// One verdict for each shut-off of the order that was restored after a check under another one; or
/// else for each time that it was restored there without.
fn restored(tx: &mut dyn Tx, case: &Case<'_>) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for stop in &case.state.stops {
        let others = others_in(tx, [key(&stop.event)], case.order)?;
        if others.is_empty() || stop.restored_by.is_some_and(|event| case.event(event).is_some()) {
            continue;
        }
        let (mut checked, mut alarms) = (Vec::new(), Vec::new());
        for other in others {
            let recorded = orders::recorded(tx, other)?;
            let history = History::merge(&recorded);
            for placed in recheck::in_visits_that_count(&history, case.state.premises) {
                if elsewhere(placed.recorded) != Some((stop.event, case.order)) {
                    continue;
                }
                match knew(tx, case, stop, placed.at)? {
                    true => checked.push((placed.at, placed.recorded.id)),
                    false => alarms.extend(alarm(case, stop, placed)),
                }
            }
        }
        match checked.into_iter().min() {
            Some((_, event)) => {
                let events = vec![stop.event, event];
                verdicts.push(VerdictGiven::new(RESTORED_ELSEWHERE, events, Effect::Mark));
            }
            None => verdicts.extend(alarms),
        }
    }
    Ok(verdicts)
}

fn alarm(case: &Case<'_>, stop: &Stop, restored: &Placed<'_>) -> Option<VerdictGiven> {
    let off = case.event(stop.event)?;
    let sides = vec![side(off, "shut-off"), side(restored, "restored")];
    let events = vec![stop.event, restored.recorded.id];
    Some(VerdictGiven::conflict(Rule::C13.id(), events, sides))
}

/// Whether a check of what the gas was shut off for had passed when it was restored, and knew the worst.
/// Without a hazard named, a check of any will do.
fn knew(
    tx: &mut dyn Tx,
    case: &Case<'_>,
    stop: &Stop,
    restored_at: Instant,
) -> Result<bool, StoreError> {
    let named = |finding: &Hash| stop.hazard.is_none_or(|named| named == *finding);
    for finding in case.state.hazards.iter().map(|hazard| hazard.event).filter(named) {
        let worse = recheck::worse(case, finding).map(|placed| placed.at);
        let worse = worse.filter(|at| *at <= restored_at).max();
        let since = worse.map_or(stop.at, |worse| worse.max(stop.at));
        let checks = recheck::all_passed(tx, case, finding)?;
        if checks.iter().any(|(at, _)| *at > since && *at <= restored_at) {
            return Ok(true);
        }
    }
    Ok(false)
}

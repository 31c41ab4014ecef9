//! A hazard found under one order and checked under another: the customer had it mended, somebody came
//! again, and a passed check closes the finding where it stands.
//!
//! Neither order's own events show that, so it is a verdict in the order of the finding, which every
//! fold obeys ([`CHECKED_ELSEWHERE`]). A check counts when it was made after all that the finding's
//! order knows to be worse, by corrected time. A check that did not pass closes nothing: what was
//! found then is a finding of its own that continues this one.

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Effect, Payload, Recorded, VerdictGiven},
    order::{CHECKED_ELSEWHERE, History, OrderState},
};

use super::{Case, orders_in};
use crate::{
    rules::{Context, orders},
    store::{StoreError, Tx},
};

/// The key of checks of a finding that were made under other orders.
fn key(finding: &Hash) -> String {
    format!("recheck/{finding}")
}

/// A check of this event under another order, and whether it passed.
fn elsewhere(recorded: &Recorded) -> Option<(Hash, Id, bool)> {
    let Payload::HazardRechecked(check) = &recorded.event.payload else { return None };
    let first = check.first_order.filter(|order| *order != recorded.stream.subject.id)?;
    Some((check.hazard, first, check.passed))
}

/// Under which key a passed check of another order's finding is kept as it arrives.
pub(super) fn noted(recorded: &Recorded) -> Option<String> {
    let (finding, _, passed) = elsewhere(recorded)?;
    passed.then(|| key(&finding))
}

/// Orders whose findings were checked in this one.
pub(super) fn checked_here(
    tx: &mut dyn Tx,
    order: Id,
    history: &History<'_>,
) -> Result<Vec<Id>, StoreError> {
    let named = history.events().iter().filter_map(|placed| elsewhere(placed.recorded));
    let mut orders: Vec<Id> = named.map(|(_, first, _)| first).collect();
    orders.sort();
    orders.dedup();
    let mut known = Vec::new();
    for first in orders.into_iter().filter(|first| *first != order) {
        if tx.order(first)?.is_some() {
            known.push(first);
        }
    }
    Ok(known)
}

/// One verdict for each finding that a later check under another order closes: the first such check.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for hazard in &case.state.hazards {
        let orders = orders_in(tx, [key(&hazard.event)], case.order)?;
        let worse = worse(case, hazard.event);
        let mut checks: Vec<(Instant, Hash)> = Vec::new();
        for other in orders {
            checks.extend(passed(tx, case, other, hazard.event)?);
        }
        let check = checks.into_iter().filter(|(at, _)| worse.is_none_or(|worse| *at > worse));
        if let Some((_, check)) = check.min() {
            let events = vec![hazard.event, check];
            verdicts.push(VerdictGiven::new(CHECKED_ELSEWHERE, events, Effect::Mark));
        }
    }
    Ok(verdicts)
}

/// When the order last learnt of this finding, or that it was still there.
fn worse(case: &Case<'_>, finding: Hash) -> Option<Instant> {
    let events = case.history.events().iter();
    let about = events.filter(|placed| match &placed.recorded.event.payload {
        Payload::HazardRechecked(check) => check.hazard == finding && !check.passed,
        _ => placed.recorded.id == finding,
    });
    about.map(|placed| placed.at).max()
}

/// The passed checks of a finding under another order of the same premises, in visits that count.
fn passed(
    tx: &mut dyn Tx,
    case: &Case<'_>,
    other: Id,
    finding: Hash,
) -> Result<Vec<(Instant, Hash)>, StoreError> {
    let recorded = orders::recorded(tx, other)?;
    let history = History::merge(&recorded);
    let state = OrderState::of(&history);
    if state.premises.is_none() || state.premises != case.state.premises {
        return Ok(Vec::new());
    }
    let counts = |visit: Option<Id>| {
        visit.and_then(|visit| state.visits.get(&visit)).is_some_and(|visit| visit.counted())
    };
    let checks = history.events().iter().filter(|placed| {
        elsewhere(placed.recorded) == Some((finding, case.order, true))
            && counts(placed.recorded.event.visit)
    });
    Ok(checks.map(|placed| (placed.at, placed.recorded.id)).collect())
}

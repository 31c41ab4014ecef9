//! A hazard found under one order and checked under another: the customer had it mended, somebody came
//! again, and a passed check closes the finding where it stands.
//!
//! Neither order's own events show that, so it is a verdict in the order of the finding, which every
//! fold obeys ([`CHECKED_ELSEWHERE`]). A check counts when it was made after all that the finding's
//! order knows to be worse, by corrected time. A check that did not pass closes nothing: what was
//! found then is a finding of its own that continues this one.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Effect, Payload, Recorded, VerdictGiven},
    order::{CHECKED_ELSEWHERE, History, OrderState, Placed},
};

use super::{Case, others_in};
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
pub(super) fn checked_here(tx: &mut dyn Tx, history: &History<'_>) -> Result<Vec<Id>, StoreError> {
    let named = history.events().iter().filter_map(|placed| elsewhere(placed.recorded));
    known(tx, named.map(|(_, first, _)| first))
}

/// Those of the orders that are known here, each once.
pub(super) fn known(
    tx: &mut dyn Tx,
    orders: impl Iterator<Item = Id>,
) -> Result<Vec<Id>, StoreError> {
    let mut known = Vec::new();
    for order in orders.collect::<BTreeSet<_>>() {
        if tx.order(order)?.is_some() {
            known.push(order);
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
        let worse = worse(case, hazard.event).map(|placed| placed.at).max();
        let checks = passed_elsewhere(tx, case, hazard.event)?.into_iter();
        let check = checks.filter(|(at, _)| worse.is_none_or(|worse| *at > worse)).min();
        if let Some((_, check)) = check {
            let events = vec![hazard.event, check];
            verdicts.push(VerdictGiven::new(CHECKED_ELSEWHERE, events, Effect::Mark));
        }
    }
    Ok(verdicts)
}

/// Where the order learnt of this finding, and each time that it was still there.
pub(super) fn worse<'a>(
    case: &Case<'a>,
    finding: Hash,
) -> impl Iterator<Item = &'a Placed<'a>> + use<'a> {
    case.history.events().iter().filter(move |placed| match &placed.recorded.event.payload {
        Payload::HazardRechecked(check) => check.hazard == finding && !check.passed,
        _ => placed.recorded.id == finding,
    })
}

/// Whether a verdict as it was given knew all that its order now knows to be worse. A fold takes it as a
/// check that knew what the server knew; so where an earlier recheck arrives late, it is given again, and
/// the end doesn't depend on what came first.
pub(super) fn knows_the_worst(case: &Case<'_>, placed: &Placed<'_>, given: &VerdictGiven) -> bool {
    let mut about = given.events.iter().flat_map(|event| worse(case, *event));
    given.rule != CHECKED_ELSEWHERE || about.all(|worse| placed.saw(worse))
}

/// The passed checks of a finding of this order, made under any order.
pub(super) fn all_passed(
    tx: &mut dyn Tx,
    case: &Case<'_>,
    finding: Hash,
) -> Result<Vec<(Instant, Hash)>, StoreError> {
    let mut checks = passed_elsewhere(tx, case, finding)?;
    checks.extend(case.history.events().iter().filter_map(|placed| {
        let Payload::HazardRechecked(check) = &placed.recorded.event.payload else { return None };
        (check.hazard == finding && check.passed).then_some((placed.at, placed.recorded.id))
    }));
    Ok(checks)
}

/// The passed checks of a finding under other orders of the same premises, in visits that count.
fn passed_elsewhere(
    tx: &mut dyn Tx,
    case: &Case<'_>,
    finding: Hash,
) -> Result<Vec<(Instant, Hash)>, StoreError> {
    let mut checks = Vec::new();
    for other in others_in(tx, [key(&finding)], case.order)? {
        let recorded = orders::recorded(tx, other)?;
        let history = History::merge(&recorded);
        let counted = in_visits_that_count(&history, case.state.premises);
        let of = counted.filter(|it| elsewhere(it.recorded) == Some((finding, case.order, true)));
        checks.extend(of.map(|placed| (placed.at, placed.recorded.id)));
    }
    Ok(checks)
}

/// The events of an order's visits that count, if it is at these premises.
pub(super) fn in_visits_that_count<'a>(
    history: &'a History<'_>,
    premises: Option<Id>,
) -> impl Iterator<Item = &'a Placed<'a>> {
    let state = OrderState::of(history);
    let here = premises.is_some() && state.premises == premises;
    history.events().iter().filter(move |placed| {
        let visit = placed.recorded.event.visit.and_then(|visit| state.visits.get(&visit));
        here && visit.is_some_and(|visit| visit.counted())
    })
}

//! What happens to cases because of what phones recorded.

use doorstep::{
    base::Id,
    event::{Channel, Payload, Recorded, StepText, Value, VisitKind},
    log::{Class, Subject},
    order::OrderState,
};

use super::{
    Act, alarm, call_back_key, done_before, fact, facts, keep, known, may, open, seal, terms,
};
use crate::{problem::Failure, rules::Context, store::Tx};

/// What an order's events mean for cases: an answer at the door that opens one, a call-back that
/// ends, an emergency that waits. Called whenever the order was judged anew.
pub(in crate::rules) fn follow(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    events: &[Recorded],
    state: &OrderState,
) -> Result<(), Failure> {
    if state.emergency {
        alarm::emergency(tx, ctx, order, state)?;
    }
    let terms = terms::in_force(tx, ctx)?;
    for recorded in events {
        let Payload::StepRecorded(step) = &recorded.event.payload else { continue };
        let Value::Choice(answer) = &step.value else { continue };
        if terms.promises.opens_complaint(&step.step, answer) {
            from_door(tx, ctx, order, recorded, state)?;
        }
    }
    if state.kind == Some(VisitKind::CallBack) {
        called_back(tx, ctx, order, state)?;
    }
    Ok(())
}

/// A case from what a customer told a technician, once.
fn from_door(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    recorded: &Recorded,
    state: &OrderState,
) -> Result<(), Failure> {
    let event = &recorded.event;
    if done_before(tx, order, event.action)?.is_some() {
        return Ok(());
    }
    let keys = tx.keys(&Subject::work_order(order))?;
    let key = keys.iter().find(|(class, _)| *class == Class::Service).map(|(_, key)| key);
    let said = recorded.private::<StepText>(Class::Service, key).and_then(|text| text.note);
    let mut fact = fact(Act::Received, event.action, event.actor);
    fact.channel = Some(Channel::OnSite);
    fact.event = Some(recorded.id);
    fact.words = match said {
        // Work that was on the way when the customer asked to be forgotten: a case without words.
        Some(said) => seal(tx, ctx, order, event.action, &said)?,
        None => None,
    };
    let number = state.number.clone().unwrap_or_default();
    // A phone's clock may be ahead: nothing was received after the office heard of it.
    let received = event.clock.wall.min(ctx.now);
    open(tx, ctx, order, &number, received, fact)?;
    Ok(())
}

/// A call-back's visit has ended: as the standard says, the customer agrees or doesn't.
fn called_back(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), Failure> {
    let Some((_, number)) = tx.facts(&call_back_key(order))?.into_iter().next() else {
        return Ok(());
    };
    let number = String::from_utf8_lossy(&number).into_owned();
    for visit in state.visits.values() {
        let Some(finished) = &visit.finished else { continue };
        let act = match finished.outcome.as_str() {
            "completed" => Act::CalledBack,
            "reopened" => Act::Disputed,
            _ => continue,
        };
        let before = facts(tx, &number)?;
        let done = before.iter().any(|(_, fact)| fact.action == visit.id);
        if done || may(&before, act).is_err() {
            continue;
        }
        let row = known(tx, &number)?;
        let mut fact = fact(act, visit.id, visit.actor);
        fact.order = Some(order);
        fact.event = Some(finished.event);
        keep(tx, ctx, &number, row.order, finished.at.min(ctx.now), &fact)?;
    }
    Ok(())
}

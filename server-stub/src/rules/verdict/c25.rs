//! C25: one gas bottle at two customers. A code is in one place: handed over under two orders, with
//! nobody taking it back in between, one of the scans was wrong. The conflict has one key in both orders:
//! what is decided in one is decided in the other.
//!
//! Under which orders a code was scanned is kept as a fact when it arrives, so that the others are found
//! by one look. Dates are the corrected ones.

use doorstep::{
    base::{Hash, Id},
    event::{Payload, Recorded, Side, SideValue, Value, VerdictGiven},
    order::{Cylinder, OrderState, Place},
};

use super::{Case, other, others_in};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

fn key(code: &str) -> String {
    format!("bottle/{}", Hash::of(&[code.as_bytes()]))
}

/// Under which key the scan of a bottle's code is kept as it arrives.
pub(super) fn noted(recorded: &Recorded) -> Option<String> {
    let value = match &recorded.event.payload {
        Payload::StepRecorded(step) if Place::of_step(&step.step).is_some() => Some(&step.value),
        Payload::EntryCorrected(correction) => correction.value.as_ref(),
        _ => None,
    };
    match value {
        Some(Value::Scan(code)) => Some(key(code)),
        _ => None,
    }
}

/// Other orders under which a bottle of this one was scanned.
pub(super) fn others(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
) -> Result<Vec<Id>, StoreError> {
    others_in(tx, state.cylinders.iter().map(|cylinder| key(&cylinder.code)), order)
}

/// One verdict for each two deliveries of a bottle that follow each other, in both orders.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let delivered = |cylinder: &&Cylinder| cylinder.place == Place::Delivered;
    if case.state.cylinders.iter().find(delivered).is_none() {
        return Ok(Vec::new());
    }
    let mut states = Vec::new();
    for order in others(tx, case.order, case.state)? {
        states.push(other(tx, order)?.1);
    }
    let mut verdicts = Vec::new();
    for mine in case.state.cylinders.iter().filter(delivered) {
        let all = states.iter().chain([case.state]);
        let mut moved: Vec<(&Cylinder, &OrderState)> = all
            .flat_map(|state| state.cylinders.iter().map(move |cylinder| (cylinder, state)))
            .filter(|(cylinder, _)| cylinder.code == mine.code && cylinder.place != Place::Loaded)
            .collect();
        moved.sort_by_key(|(cylinder, _)| (cylinder.at, cylinder.event));
        for pair in moved.windows(2) {
            let [(first, at_first), (second, at_second)] = pair else { continue };
            let ours = first.event == mine.event || second.event == mine.event;
            if ours && delivered(first) && delivered(second) {
                let sides = vec![side(first, at_first), side(second, at_second)];
                let events = vec![first.event, second.event];
                verdicts.push(VerdictGiven::conflict("C25", events, sides));
            }
        }
    }
    Ok(verdicts)
}

fn side(cylinder: &Cylinder, state: &OrderState) -> Side {
    Side::new(cylinder.actor, "bottle-delivered", cylinder.at, cylinder.event)
        .with(SideValue::text("code", &cylinder.code))
        .with(SideValue::text("number", state.number.clone().unwrap_or_default()))
}

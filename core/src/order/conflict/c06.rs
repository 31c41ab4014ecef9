//! C6: what the customer signed for was changed afterwards.

use super::{Case, Conflict, Rule, Side};
use crate::{
    base::Money,
    event::{Payload, SignOffResult},
    order::{Placed, VisitSummary, state::add},
};

/// One conflict for each visit whose last signature was followed by charges. What a visit charges
/// that took this one over is not looked at.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    case.state.visits.values().filter_map(|visit| after_signature(case, visit)).collect()
}

fn after_signature(case: &Case<'_>, visit: &VisitSummary) -> Option<Conflict> {
    let id = case.event(visit.started)?.recorded.event.visit?;
    let (mut charged, mut signed, mut changed) = (None::<Money>, None, None);
    for placed in case.history.events() {
        let event = &placed.recorded.event;
        if event.visit != Some(id) || placed.recorded.stream.writer != visit.writer {
            continue;
        }
        match &event.payload {
            Payload::SignedOff(sign) if sign.result == SignOffResult::Signed => {
                (signed, changed) = (Some((placed, charged)), None);
            }
            Payload::Charged(line) => {
                add(&mut charged, line.line.amount());
                if signed.is_some() {
                    changed = Some((placed, charged));
                }
            }
            _ => {}
        }
    }
    let ((signed, before), (changed, after)) = (signed?, changed?);
    let side = |placed: &Placed<'_>, what, charged| Side {
        visit: Some(visit.id),
        charged,
        ..Side::new(placed.recorded.event.actor, what, placed.at, placed.recorded.id)
    };
    let sides = vec![side(signed, "signed", before), side(changed, "charged", after)];
    Some(Conflict::new(Rule::C6, sides))
}

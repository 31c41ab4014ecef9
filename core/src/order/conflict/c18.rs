//! C18: one payment was given back twice. The first counts; the second changes nothing in what is due,
//! is missing in its drawer, and is to be recovered.

use super::{Case, Conflict, Rule, Side, SideValue};
use crate::{base::Hash, event::Payload};

/// One conflict for each payment with a refund too many.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let twice = case.state.payments.iter().filter(|payment| !payment.extra.is_empty());
    let conflict = |payment: &crate::order::Payment| {
        let events = payment.refunds.iter().chain(&payment.extra);
        Conflict::new(Rule::C18, events.filter_map(|event| side(case, *event)).collect())
    };
    twice.map(conflict).collect()
}

fn side(case: &Case<'_>, event: Hash) -> Option<Side> {
    let placed = case.event(event)?;
    let recorded = placed.recorded;
    let Payload::PaymentRefunded(refund) = &recorded.event.payload else { return None };
    Some(Side {
        values: vec![
            SideValue::money("amount", refund.amount),
            SideValue::text("number", refund.of_number.to_string()),
        ],
        ..Side::new(recorded.event.actor, "gave-back", placed.at, recorded.id)
    })
}

//! C18 for deposits: a deposit goes back under one order against a receipt of another, so only the server
//! sees that more went back than was paid. What came first counts; what is too much is to be recovered, and
//! the conflict has one key in all orders it is about. Dates are the corrected ones.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Money},
    event::{Payload, Recorded, Side, SideValue, VerdictGiven},
    order::{DepositReturn, OrderState},
};

use super::{Case, other, others_in};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

fn key(series: Id, number: u64) -> String {
    format!("deposit/{series}/{number}")
}

/// Under which key a deposit receipt, or what goes back of one, is kept as it arrives.
pub(super) fn noted(recorded: &Recorded) -> Option<String> {
    match &recorded.event.payload {
        Payload::Paid(paid) if paid.deposits.is_some() => Some(key(paid.series, paid.number)),
        Payload::PaymentRefunded(refund) if refund.deposit.is_some() => {
            Some(key(refund.of_series, refund.of_number))
        }
        _ => None,
    }
}

/// The deposit receipts that an order issued, or gave something back of.
fn receipts(state: &OrderState) -> BTreeSet<(Id, u64)> {
    let issued = state.payments.iter().filter(|payment| !payment.deposits.is_empty());
    let back = state.deposits_back.iter().map(|it| (it.of_series, it.of_number));
    issued.map(|it| (it.series, it.number)).chain(back).collect()
}

/// The other orders that have to do with the same deposit receipts.
pub(super) fn others(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
) -> Result<Vec<Id>, StoreError> {
    others_in(tx, receipts(state).into_iter().map(|(series, number)| key(series, number)), order)
}

/// One verdict for each deposit receipt of which more went back than it was for, in each order that gave
/// of it.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    if case.state.deposits_back.is_empty() {
        return Ok(Vec::new());
    }
    let mut states = Vec::new();
    for order in others(tx, case.order, case.state)? {
        states.push(other(tx, order)?.1);
    }
    let given: BTreeSet<_> =
        case.state.deposits_back.iter().map(|it| (it.of_series, it.of_number)).collect();
    let mut verdicts = Vec::new();
    for (series, number) in given {
        let all = || states.iter().chain([case.state]);
        let mut back: Vec<(&DepositReturn, &OrderState)> = all()
            .flat_map(|state| state.deposits_back.iter().map(move |it| (it, state)))
            .filter(|(it, _)| it.of_series == series && it.of_number == number)
            .collect();
        back.sort_by_key(|(it, _)| (it.at, it.event));
        let payments = all().flat_map(|state| &state.payments);
        let issued = payments.into_iter().find(|it| it.series == series && it.number == number);
        // Until its order is here, what the receipt itself proved to whoever gave it back.
        let proven = back.iter().map(|(it, _)| it.of_amount).min_by_key(|amount| amount.minor);
        let Some(paid) = issued.map(|it| it.counts()).or(proven) else { continue };
        let mut left = paid.minor;
        let mut over = false;
        for (it, _) in &back {
            left = left.saturating_sub(it.amount.minor);
            over |= left < 0 || it.amount.currency != paid.currency;
        }
        if over {
            let events = back.iter().map(|(it, _)| it.event).collect();
            let sides = back.iter().map(|(it, state)| side(it, state, paid)).collect();
            verdicts.push(VerdictGiven::conflict("C18", events, sides));
        }
    }
    Ok(verdicts)
}

fn side(it: &DepositReturn, state: &OrderState, paid: Money) -> Side {
    Side::new(it.actor, "gave-deposit-back", it.at, it.event)
        .with(SideValue::money("amount", it.amount))
        .with(SideValue::money("paid", paid))
        .with(SideValue::text("number", it.of_number.to_string()))
        .with(SideValue::text("order", state.number.clone().unwrap_or_default()))
}

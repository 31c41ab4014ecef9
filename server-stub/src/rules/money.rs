//! The office and money: payments at the desk, refunds it allows, and what the provider says of claims.

use doorstep::{
    base::{Id, Money},
    event::{ClaimJudged, ClaimResult, PaidAtDesk, RefundApproved},
    money::{PaymentMethod, ReceiptNumber},
    order::{Payment, PaymentState, VisitSummary},
};
use serde::Deserialize;

use super::{
    Context,
    input::{SHORT, at_most, filled},
    office, orders,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, Tx},
};

/// A refund to allow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The number printed on the receipt.
    pub receipt: String,
    /// How much may go back.
    pub amount: Money,
}

/// What the provider says of a claimed payment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The number printed on the receipt.
    pub receipt: String,
    /// What became of it.
    pub result: ClaimResult,
}

/// Money that a customer brings to the desk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskPaymentInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// Whose charges: a visit of the order. Absent: the only one with anything due.
    pub visit: Option<Id>,
    /// How much; not more than is due as far as the office knows.
    pub amount: Money,
    /// How.
    #[serde(default = "cash")]
    pub method: PaymentMethod,
    /// The number on the desk's receipt.
    pub receipt: String,
}

fn cash() -> PaymentMethod {
    PaymentMethod::Cash
}

/// Takes down what a customer paid at the desk for a visit's charges. A technician may have taken
/// the same money meanwhile: that is conflict C3.
pub fn pay_at_desk(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &DeskPaymentInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    filled("receipt", &input.receipt, SHORT)?;
    if let PaymentMethod::Claimed(claim) = &input.method {
        at_most("method.provider", &claim.provider, SHORT)?;
        at_most("method.reference", &claim.reference, SHORT)?;
    }
    orders::known(tx, order)?;
    let state = orders::fold(tx, order)?;
    if state.desk_payments.iter().any(|paid| paid.receipt == input.receipt) {
        let message = "a payment of this order has this receipt already";
        return Err(Problem::conflict("receipt-taken", message, "look at the order").into());
    }
    // What was charged in several hands is due where the work was last taken up.
    let due = |visit: &VisitSummary| {
        let (charged, paid) = state.money_of(&state.line(visit.id));
        let charged = charged.filter(|_| visit.continued_by.is_none())?;
        paid.map_or(Ok(charged), |paid| charged.minus(paid)).ok()
    };
    let mut owing = state.visits.values().filter(|visit| due(visit).is_some_and(|d| d.minor > 0));
    let visit = match input.visit {
        Some(id) => owing.find(|visit| state.line(visit.id).contains(&id)),
        None => owing.next().filter(|_| owing.next().is_none()),
    };
    let Some((visit, due)) = visit.and_then(|visit| Some((visit.id, due(visit)?))) else {
        let message = "no visit, or more than one, has anything due as far as the office knows";
        let todo = "name a visit whose charges are not paid, or wait for the phone to send them";
        return Err(Problem::conflict("nothing-due", message, todo).into());
    };
    let fits = input.amount.currency == due.currency
        && input.amount.minor > 0
        && input.amount.minor <= due.minor;
    if !fits {
        let message = format!("{due} is due of this visit");
        return Err(Problem::bad("bad-amount", message, "take at most what is due").into());
    }
    let paid = PaidAtDesk {
        visit,
        amount: input.amount,
        method: input.method.clone(),
        receipt: input.receipt.clone(),
    };
    let act = office::Act::new(input.action, account.person, paid);
    orders::write(tx, ctx, order, act)
}

/// Allows money of a receipt to be given back; never more than it still pays.
pub fn approve_refund(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &RefundInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    let payment = payment(tx, order, &input.receipt)?;
    let nothing = Money::zero(payment.amount.currency);
    let approved = payment.approved.unwrap_or(nothing).minus(payment.refunded.unwrap_or(nothing));
    let left = approved.and_then(|open| payment.counts().minus(open));
    let fits = left.as_ref().is_ok_and(|left| {
        left.currency == input.amount.currency && input.amount.minor <= left.minor
    });
    if input.amount.minor <= 0 || !fits {
        let message = "this is not an amount that the receipt still pays";
        let todo = "allow at most what was paid and not yet given back";
        return Err(Problem::bad("bad-amount", message, todo).into());
    }
    let allowed =
        RefundApproved { series: payment.series, number: payment.number, amount: input.amount };
    let act = office::Act::new(input.action, account.person, allowed);
    orders::write(tx, ctx, order, act)
}

/// Takes down what the provider says of a claimed payment. The same again changes nothing.
pub fn judge_claim(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ClaimInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    let payment = payment(tx, order, &input.receipt)?;
    let same = match (payment.state, input.result) {
        (PaymentState::Settled, ClaimResult::Settled)
        | (PaymentState::Bounced, ClaimResult::Bounced) => true,
        (PaymentState::Taken | PaymentState::Void, _) => {
            let message = "this receipt is for cash, or void: no provider has a word in it";
            return Err(Problem::conflict("not-claimed", message, "look at the order").into());
        }
        _ => false,
    };
    if same {
        return Ok(());
    }
    let judged =
        ClaimJudged { series: payment.series, number: payment.number, result: input.result };
    let act = office::Act::new(input.action, account.person, judged);
    orders::write(tx, ctx, order, act)
}

fn payment(tx: &mut dyn Tx, order: Id, receipt: &str) -> Result<Payment, Failure> {
    orders::known(tx, order)?;
    let number: ReceiptNumber =
        receipt.parse().map_err(|error: doorstep::money::NumberError| {
            Problem::bad("malformed", error.to_string(), "use the number as it is printed")
        })?;
    orders::fold(tx, order)?.payment_of(number).cloned().ok_or_else(|| {
        let message = "no payment of this order has this receipt";
        Problem::not_found("unknown-receipt", message, "read the number again").into()
    })
}

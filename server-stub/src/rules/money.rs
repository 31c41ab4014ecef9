//! The office and money: refunds it allows, what the provider says of claims, and whether receipts
//! and payments tie.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Currency, Id, Money},
    event::{ClaimJudged, ClaimResult, PaidAtDesk, Payload, Recorded, RefundApproved},
    log::{StreamId, Subject, SubjectKind, Writer},
    money::{PaymentMethod, ReceiptNumber, SeriesTotals},
    order::{Payment, PaymentState, VisitSummary},
};
use serde::{Deserialize, Serialize};

use super::{
    Context,
    input::{SHORT, at_most, filled},
    office, orders,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, StoreError, Tx},
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

/// One series against the orders it paid for.
#[derive(Debug, Serialize)]
pub struct SeriesReport {
    /// The device.
    pub device: Id,
    /// Its receipt series.
    pub series: Id,
    /// What its receipts come to.
    pub totals: SeriesTotals,
    /// Numbers whose half in the order is missing or says another amount.
    pub without_payment: Vec<u64>,
    /// Numbers of payments in orders without their receipt.
    pub without_receipt: Vec<u64>,
    /// Claimed payments the provider has said nothing of.
    pub promised: Money,
    /// Claimed payments that bounced.
    pub bounced: Money,
    /// Shifts that were closed: counted less expected, one after the other.
    pub differences: Vec<Money>,
    /// Whether all of it ties.
    pub ties: bool,
    /// The last number of a notice that was drawn on this phone.
    pub notices: u64,
    /// Numbers of notices below it that no order here holds: an order that has not arrived, or one
    /// that never will.
    pub missing_notices: Vec<u64>,
}

/// Every series against the orders: receipts = payments, number by number, gap-free.
pub fn reconcile(tx: &mut dyn Tx) -> Result<Vec<SeriesReport>, Failure> {
    let mut reports = Vec::new();
    for device in tx.devices()? {
        let writer = Writer::Device(device.id);
        let series = Subject::receipt_series(device.id);
        let in_series = recorded(tx, &StreamId::new(series, writer))?;
        let report = report(tx, device.id, series.id, &in_series)?;
        if !in_series.is_empty() || report.notices > 0 {
            reports.push(report);
        }
    }
    Ok(reports)
}

fn report(
    tx: &mut dyn Tx,
    device: Id,
    series: Id,
    in_series: &[Recorded],
) -> Result<SeriesReport, Failure> {
    let currency = in_series.iter().find_map(|r| currency(&r.event.payload));
    let currency = currency.unwrap_or(Currency::CNY);
    let nothing = Money::zero(currency);
    let unsummed = |error: doorstep::base::MoneyError| StoreError::Damaged(error.to_string());
    let totals = SeriesTotals::fold(currency, None, in_series).map_err(unsummed)?;
    let (receipts, voids) = moves(in_series);
    let (mut paid, mut undone) = (Moves::new(), BTreeSet::new());
    let (mut promised, mut bounced) = (nothing, nothing);
    let mut differences = Vec::new();
    let mut notices = BTreeSet::new();
    for row in tx.streams_by(&Writer::Device(device))? {
        let subject = row.stream.subject;
        match subject.kind {
            SubjectKind::Shift => {
                for recorded in recorded(tx, &row.stream)? {
                    if let Payload::ShiftClosed(closed) = recorded.event.payload {
                        differences.extend(closed.counted.minus(closed.expected));
                    }
                }
            }
            SubjectKind::WorkOrder => {
                for recorded in recorded(tx, &row.stream)? {
                    match recorded.event.payload {
                        Payload::Paid(p) if p.series == series => {
                            paid.insert(p.number, (recorded.id, p.tendered.minus(p.change).ok()));
                        }
                        Payload::PaymentRefunded(refund) if refund.series == series => {
                            let back = Money::zero(refund.amount.currency).minus(refund.amount);
                            paid.insert(refund.number, (recorded.id, back.ok()));
                        }
                        Payload::NoticeNumbered(notice) if notice.series == series => {
                            notices.insert(notice.number);
                        }
                        Payload::PaymentVoided(void) if void.series == series => {
                            undone.insert(void.number);
                        }
                        _ => {}
                    }
                }
                for payment in orders::fold(tx, subject.id)?.payments {
                    let sum = match payment.state {
                        PaymentState::Promised if payment.series == series => &mut promised,
                        PaymentState::Bounced if payment.series == series => &mut bounced,
                        _ => continue,
                    };
                    *sum = sum.plus(payment.amount).map_err(unsummed)?;
                }
            }
            _ => {}
        }
    }
    let halves = |one: &Moves, other: &Moves| -> BTreeSet<u64> {
        one.iter()
            .filter(|(number, half)| other.get(number) != Some(half))
            .map(|(n, _)| *n)
            .collect()
    };
    let mut without_payment = halves(&receipts, &paid);
    without_payment.extend(voids.difference(&undone));
    let mut without_receipt = halves(&paid, &receipts);
    without_receipt.extend(undone.difference(&voids));
    let ties = totals.faults.is_empty() && without_payment.is_empty() && without_receipt.is_empty();
    Ok(SeriesReport {
        device,
        series,
        totals,
        without_payment: without_payment.into_iter().collect(),
        without_receipt: without_receipt.into_iter().collect(),
        promised,
        bounced,
        differences,
        ties,
        notices: notices.last().copied().unwrap_or(0),
        missing_notices: missing(&notices),
    })
}

/// The most numbers that are named as missing: more of them is another trouble.
const MOST_MISSING: usize = 1_000;

/// Numbers from 1 to the last that are not there.
fn missing(numbers: &BTreeSet<u64>) -> Vec<u64> {
    let (mut missing, mut next) = (Vec::new(), 1);
    for number in numbers {
        let room = MOST_MISSING.saturating_sub(missing.len());
        missing.extend((next..*number).take(room));
        next = number.saturating_add(1);
    }
    missing
}

type Moves = BTreeMap<u64, (doorstep::base::Hash, Option<Money>)>;

/// What a series says, by number: the order's event it names and the amount; and what is void.
fn moves(in_series: &[Recorded]) -> (Moves, BTreeSet<u64>) {
    let (mut receipts, mut voids) = (Moves::new(), BTreeSet::new());
    for recorded in in_series {
        match &recorded.event.payload {
            Payload::ReceiptIssued(r) => {
                receipts.insert(r.number, (r.order_event, Some(r.amount)));
            }
            Payload::RefundIssued(r) => {
                let back = Money::zero(r.amount.currency).minus(r.amount).ok();
                receipts.insert(r.number, (r.order_event, back));
            }
            Payload::ReceiptVoided(void) => {
                voids.insert(void.number);
            }
            _ => {}
        }
    }
    (receipts, voids)
}

fn currency(payload: &Payload) -> Option<Currency> {
    match payload {
        Payload::ReceiptIssued(receipt) => Some(receipt.amount.currency),
        Payload::RefundIssued(refund) => Some(refund.amount.currency),
        _ => None,
    }
}

fn recorded(tx: &mut dyn Tx, stream: &StreamId) -> Result<Vec<Recorded>, StoreError> {
    let head = tx.head(stream)?.map_or(0, |head| head.seq);
    if head == 0 {
        return Ok(Vec::new());
    }
    tx.events(stream, 1, head)?.into_iter().map(orders::read_stored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_no_order_holds_is_told_by_its_number() {
        assert_eq!(missing(&BTreeSet::new()), [0; 0]);
        assert_eq!(missing(&(1..=8).collect()), [0; 0]);
        assert_eq!(missing(&BTreeSet::from([2, 3, 6])), [1, 4, 5]);
        assert_eq!(missing(&BTreeSet::from([u64::MAX])).len(), MOST_MISSING);
    }
}

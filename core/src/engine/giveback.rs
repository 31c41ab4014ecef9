//! Money that goes back: a void within the shift, a refund the office allowed.
//!
//! Nothing is edited. A void keeps its number and spends no new one; a refund has a number of its
//! own. Either is written into the order and the series by one action, or not at all.

use super::{
    ActError, Done, ReceiptRef,
    act::{Desk, check_length, done},
    context::{customer, premises, visit_view},
    money::{disclosure, next_receipt, series, series_stand},
    pen::plain,
    project::project,
    shift::{OpenShift, SHIFT},
};
use crate::{
    base::{Id, Money, Personal},
    event::{
        Payload, PaymentRefunded, PaymentVoided, ReasonText, ReceiptIssued, ReceiptVoided,
        Recorded, RefundIssued,
    },
    log::{Class, Subject},
    money::{PaymentMethod, ReceiptNumber},
    order::{OrderState, Payment},
    sync::Premises,
};

/// Makes a receipt of this shift void: its sum is due again.
pub(super) fn void(
    desk: &mut Desk<'_>,
    counter: u64,
    copies_back: bool,
    reason: Personal,
) -> Result<Done, ActError> {
    if reason.reveal().trim().is_empty() {
        return Err(ActError::Void("say why the receipt is made void"));
    }
    check_length("the reason", reason.reveal())?;
    if !copies_back {
        return Err(ActError::Void(
            "a void needs both copies back: where the customer keeps theirs, ask for a refund",
        ));
    }
    let Some(row) = series(desk)? else { return Err(ActError::NoSuchReceipt(counter)) };
    let (_, running) = series_stand(desk, &row)?;
    let events = desk.tx.read().events(&row, 1)?;
    let (recorded, receipt) = issued(&events, counter).ok_or(ActError::NoSuchReceipt(counter))?;
    let shift: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    if recorded.seq <= shift.map_or(0, |shift| shift.settled_seq()) {
        return Err(ActError::Void(
            "the receipt is of an earlier shift: it stands, ask the office for a refund",
        ));
    }
    let visit = recorded.event.visit.ok_or(ActError::NoSuchVisit)?;
    let (amount, order) = (receipt.amount, receipt.order);
    let mut view = visit_view(desk.tx.read(), desk.books, visit)?;
    match payment(&view.order_state, desk.me.series().id, counter) {
        Some(payment) if payment.refunded.is_some() => {
            return Err(ActError::Void("money of this receipt was given back: it stands"));
        }
        Some(payment) if payment.counts() == amount => {}
        _ => return Err(ActError::Void("the receipt is void already, or pays nothing")),
    }
    let running = running.unwrap_or(Money::zero(amount.currency)).minus(amount)?;
    let voided = PaymentVoided { series: desk.me.series().id, number: counter };
    let (recorded, order_row) = desk.pen().write(view.order, Some(visit), voided, Vec::new())?;
    let voided = ReceiptVoided { number: counter, order, running };
    let private = vec![plain(Class::Money, &ReasonText { text: reason })];
    let series = desk.me.series();
    let (_, series_row) = desk.pen().write(series, Some(visit), voided, private)?;
    desk.pen().seal(&series_row)?;
    desk.pen().seal(&order_row)?;
    project(desk.tx, desk.me, order)?;
    Ok(done(&mut view, &recorded))
}

/// Gives back what the office allowed of the receipt `number`, and issues a refund receipt.
pub(super) fn refund(
    desk: &mut Desk<'_>,
    order: Id,
    number: &str,
    method: PaymentMethod,
) -> Result<Done, ActError> {
    let subject = Subject::work_order(order);
    let events = desk.tx.read().events_about(&subject)?;
    if events.is_empty() || !desk.tx.in_scope(order)? {
        return Err(ActError::NoSuchOrder);
    }
    let printed: ReceiptNumber =
        number.parse().map_err(|_| ActError::Refund("this is no receipt number: read it again"))?;
    let state = OrderState::fold(&events);
    let of = state
        .payment_of(printed)
        .ok_or(ActError::Refund("no payment of this order has this receipt: read it again"))?;
    let amount = of.refundable();
    if amount.minor <= 0 {
        let allowed = of.approved.is_some();
        return Err(ActError::Refund(if allowed {
            "it was given back already: give nothing"
        } else {
            "the office has not allowed this refund: ask, and exchange"
        }));
    }
    let (of, deposit) = ((of.series, of.number), (!of.deposits.is_empty()).then_some(true));
    let reader = desk.tx.read();
    let payee = customer(&reader, &subject, &events)?.map(|it| it.name).unwrap_or_default();
    let place = premises(&reader, state.premises)?;
    let back = Back { of, amount, method, deposit, was_for: None };
    let (_, receipt) = issue(desk, (order, None), back, payee, &place)?;
    project(desk.tx, desk.me, order)?;
    Ok(Done { receipt: Some(receipt), ..Done::default() })
}

/// Money that goes back.
pub(super) struct Back {
    /// The series and number of the receipt it was paid by.
    pub(super) of: (Id, u64),
    /// How much goes back.
    pub(super) amount: Money,
    /// How.
    pub(super) method: PaymentMethod,
    /// It was a deposit.
    pub(super) deposit: Option<bool>,
    /// What the receipt was for, where it is another order's and no fold can look it up.
    pub(super) was_for: Option<Money>,
}

/// Writes both halves of a refund, the order's and the series', and seals them.
pub(super) fn issue(
    desk: &mut Desk<'_>,
    (order, visit): (Id, Option<Id>),
    back: Back,
    payee: Personal,
    place: &Premises,
) -> Result<(Recorded, ReceiptRef), ActError> {
    let Back { of: (of_series, of_number), amount, method, deposit, was_for } = back;
    let nothing = Money::zero(amount.currency);
    let moved = if planted!(RefundAdded) { amount } else { nothing.minus(amount)? };
    let series = desk.me.series();
    let (counter, running) = next_receipt(desk, moved)?;
    let number = ReceiptNumber::new(series.id, counter).ok_or(ActError::NoNumbers)?;
    let private = disclosure(&mut *desk.entropy, payee, place);
    let refunded = PaymentRefunded {
        series: series.id,
        number: counter,
        of_series,
        of_number,
        amount,
        method: method.clone(),
        deposit: was_for,
    };
    let subject = Subject::work_order(order);
    let (recorded, order_row) = desk.pen().write(subject, visit, refunded, Vec::new())?;
    let issued = RefundIssued {
        number: counter,
        order,
        order_event: recorded.id,
        of_series,
        of_number,
        amount,
        method,
        running,
        badge: desk.me.person.badge.clone(),
        disclosure: Some(private.hash()),
        deposit,
    };
    let private = vec![plain(Class::Money, &private)];
    let (_, series_row) = desk.pen().write(series, visit, issued, private)?;
    desk.pen().seal(&series_row)?;
    desk.pen().seal(&order_row)?;
    let number = number.to_string();
    Ok((recorded, ReceiptRef { counter, number, due: nothing, tendered: nothing, change: amount }))
}

/// The receipt with this counter, as this phone issued it.
pub(super) fn find_issued(
    desk: &Desk<'_>,
    counter: u64,
) -> Result<Option<ReceiptIssued>, ActError> {
    let Some(row) = series(desk)? else { return Ok(None) };
    let events = desk.tx.read().events(&row, 1)?;
    Ok(issued(&events, counter).map(|(_, receipt)| receipt.clone()))
}

fn issued(events: &[Recorded], counter: u64) -> Option<(&Recorded, &ReceiptIssued)> {
    events.iter().find_map(|recorded| match &recorded.event.payload {
        Payload::ReceiptIssued(receipt) if receipt.number == counter => Some((recorded, receipt)),
        _ => None,
    })
}

fn payment(state: &OrderState, series: Id, number: u64) -> Option<&Payment> {
    state.payments.iter().find(|p| p.series == series && p.number == number)
}

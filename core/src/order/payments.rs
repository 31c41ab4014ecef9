//! What became of each payment of an order: taken, promised, settled, bounced, void, given back.
//!
//! Every payment keeps its place; what takes money off again is a fact beside it. What was given
//! back twice counts once, and the second time is named: it is in somebody's drawer all the same.

use serde::Serialize;

use super::{History, Placed};
use crate::{
    base::{Hash, Id, Instant, Money},
    event::{ClaimResult, Paid, Payload, PaymentRefunded},
    log::Writer,
    money::{ChargeLine, PaymentMethod},
};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Cash, counted.
    Taken,
    /// Claimed; the provider has said nothing yet.
    Promised,
    /// Claimed; the provider has the money.
    Settled,
    /// Claimed; there was no such payment.
    Bounced,
    /// Its receipt was made void.
    Void,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Whose visit.
    pub visit: Id,
    /// The receipt's series.
    pub series: Id,
    /// The receipt's counter there.
    pub number: u64,
    /// Its event.
    pub event: Hash,
    /// What it was for.
    pub amount: Money,
    /// It is a deposit: what goes back of it goes back against its receipt, under whatever order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deposits: Vec<ChargeLine>,
    /// Where it stands.
    pub state: PaymentState,
    /// How much the office allowed to be given back.
    pub approved: Option<Money>,
    /// How much was given back, as far as it was allowed.
    pub refunded: Option<Money>,
    /// Refunds that were allowed by nobody, or once and made again: no effect on what is due.
    pub extra: Vec<Hash>,
    /// Refunds that count.
    pub refunds: Vec<Hash>,
    /// The payer wants an invoice: the last event that says so.
    pub invoice: Option<Hash>,
    /// A photo of the screen that the payer showed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<Hash>,
    #[serde(skip)]
    writer: Writer,
}

impl Payment {
    /// What of it still pays: nothing where it is void or bounced.
    pub fn counts(&self) -> Money {
        let nothing = Money::zero(self.amount.currency);
        match self.state {
            PaymentState::Void | PaymentState::Bounced => nothing,
            _ => self.amount.minus(self.refunded.unwrap_or(nothing)).unwrap_or(nothing),
        }
    }

    /// What may still be given back.
    pub fn refundable(&self) -> Money {
        let nothing = Money::zero(self.amount.currency);
        let left = self
            .approved
            .unwrap_or(nothing)
            .minus(self.refunded.unwrap_or(nothing))
            .unwrap_or(nothing);
        if left.minor > self.counts().minor { self.counts() } else { left }
    }

    fn is(&self, series: Id, number: u64) -> bool {
        self.series == series && self.number == number
    }

    fn approve(&mut self, amount: Money) {
        let sum = self.approved.map_or(Ok(amount), |before| before.plus(amount));
        if let Ok(sum) = sum
            && amount.minor > 0
            && sum.currency == self.amount.currency
        {
            self.approved = Some(sum);
        }
    }

    fn refund(&mut self, refund: &PaymentRefunded, event: Hash) {
        let sum = self.refunded.map_or(Ok(refund.amount), |before| before.plus(refund.amount));
        let left = self.refundable();
        let fits = refund.amount.currency == left.currency
            && refund.amount.minor > 0
            && refund.amount.minor <= left.minor;
        match sum {
            Ok(sum) if fits => {
                self.refunded = Some(sum);
                self.refunds.push(event);
            }
            _ => self.extra.push(event),
        }
    }
}

/// What the customer paid at the office for a visit's charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeskPayment {
    /// Whose charges.
    pub visit: Id,
    /// Its event.
    pub event: Hash,
    /// When.
    pub at: Instant,
    /// How much.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// The number on the desk's receipt.
    pub receipt: String,
}

/// What was paid at the office, in its order. Only the office's own streams may say so.
pub(super) fn at_desk(history: &History<'_>) -> Vec<DeskPayment> {
    let paid = |placed: &Placed<'_>| match &placed.recorded.event.payload {
        Payload::PaidAtDesk(paid) if placed.from_office() => Some(DeskPayment {
            visit: paid.visit,
            event: placed.recorded.id,
            at: placed.at,
            amount: paid.amount,
            method: paid.method.clone(),
            receipt: paid.receipt.clone(),
        }),
        _ => None,
    };
    history.events().iter().filter_map(paid).collect()
}

/// Folds the payments of an order, in the order they were made. `visit_of` says which visit a
/// payment is of.
pub(super) fn payments(
    history: &History<'_>,
    visit_of: impl Fn(&Placed<'_>) -> Option<Id>,
) -> Vec<Payment> {
    let mut payments: Vec<Payment> = Vec::new();
    for placed in history.events() {
        let recorded = placed.recorded;
        let from_office = matches!(recorded.stream.writer, Writer::Office(_));
        match &recorded.event.payload {
            Payload::Paid(paid) => {
                let visit = visit_of(placed);
                payments.extend(visit.and_then(|visit| payment(visit, paid, placed)));
            }
            Payload::PaymentVoided(void) => {
                let own = |p: &&mut Payment| {
                    p.is(void.series, void.number) && p.writer == recorded.stream.writer
                };
                for payment in payments.iter_mut().filter(own) {
                    payment.state = PaymentState::Void;
                }
            }
            Payload::ClaimJudged(judged) if from_office => {
                let claimed = |p: &&mut Payment| {
                    p.is(judged.series, judged.number)
                        && !matches!(p.state, PaymentState::Taken | PaymentState::Void)
                };
                for payment in payments.iter_mut().filter(claimed) {
                    payment.state = match judged.result {
                        ClaimResult::Settled => PaymentState::Settled,
                        ClaimResult::Bounced => PaymentState::Bounced,
                    };
                }
            }
            Payload::InvoiceWanted(wanted) => {
                let of = |p: &&mut Payment| p.is(wanted.series, wanted.number);
                payments.iter_mut().filter(of).for_each(|p| p.invoice = Some(recorded.id));
            }
            Payload::RefundApproved(approved) if from_office => {
                let of = |p: &&mut Payment| p.is(approved.series, approved.number);
                payments.iter_mut().filter(of).for_each(|p| p.approve(approved.amount));
            }
            Payload::PaymentRefunded(refund) if refund.deposit.is_none() => {
                let of = |p: &&mut Payment| p.is(refund.of_series, refund.of_number);
                payments.iter_mut().filter(of).for_each(|p| p.refund(refund, recorded.id));
            }
            _ => {}
        }
    }
    payments
}

fn payment(visit: Id, paid: &Paid, placed: &Placed<'_>) -> Option<Payment> {
    Some(Payment {
        visit,
        series: paid.series,
        number: paid.number,
        event: placed.recorded.id,
        amount: paid.tendered.minus(paid.change).ok()?,
        deposits: paid.deposits.clone().unwrap_or_default(),
        state: match paid.method {
            PaymentMethod::Cash => PaymentState::Taken,
            PaymentMethod::Claimed(_) => PaymentState::Promised,
        },
        approved: None,
        refunded: None,
        extra: Vec::new(),
        refunds: Vec::new(),
        invoice: None,
        photo: paid.photo,
        writer: placed.recorded.stream.writer,
    })
}

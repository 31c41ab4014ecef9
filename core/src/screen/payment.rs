//! The payments of an order, one by one: where each stands, and what may be done about it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Amount;
use crate::{
    base::{Id, Lang, Money},
    money::ReceiptNumber,
    order::{Payment, PaymentState},
    text::{id_of, named, tr},
};

/// What payments are shown from.
#[derive(Debug, Clone, Copy)]
pub struct PaymentFacts<'a> {
    /// All payments of the order, of whatever visit and phone.
    pub payments: &'a [Payment],
    /// This phone's receipt series.
    pub series: Option<Id>,
    /// Counters in it that may be made void: receipts of the shift that still pay all they say.
    pub voidable: &'a BTreeSet<u64>,
    /// Its visits that have ended: nothing more is taken in them.
    pub ended: &'a BTreeSet<Id>,
}

/// One payment of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaymentLine {
    /// The number printed on its receipt: what a refund names.
    pub receipt: String,
    /// Its counter, where this phone issued it: what a void or an invoice names.
    pub counter: Option<i64>,
    /// How much.
    pub amount: Amount,
    /// Where it stands.
    pub state: PaymentState,
    /// That in words, and what follows from it.
    pub state_text: String,
    /// How much of it was given back.
    pub given_back: Option<Amount>,
    /// How much the office allows to be given back now.
    pub refundable: Option<Amount>,
    /// It may be made void: this shift's, whole, and of this phone.
    pub may_void: bool,
}

/// The lines of an order's payments.
pub(super) fn payment_lines(facts: &PaymentFacts<'_>, lang: Lang) -> Vec<PaymentLine> {
    let line = |payment: &Payment| {
        let own = facts.series == Some(payment.series);
        let ended = facts.ended.contains(&payment.visit);
        let some = |money: Money| (money.minor > 0).then(|| Amount::new(money, lang));
        let given_back = payment.refunded.and_then(some);
        let state_text = match (payment.state, &given_back) {
            (PaymentState::Bounced, _) if ended => tr(lang, "payment-bounced-ended", &[]),
            (PaymentState::Void | PaymentState::Bounced, _) | (_, None) => {
                named(lang, "payment", &id_of(&payment.state))
            }
            (_, Some(back)) => {
                tr(lang, "payment-given-back", &[("amount", back.text.as_str().into())])
            }
        };
        Some(PaymentLine {
            receipt: ReceiptNumber::new(payment.series, payment.number)?.to_string(),
            counter: own.then(|| i64::try_from(payment.number).ok()).flatten(),
            amount: Amount::new(payment.amount, lang),
            state: payment.state,
            state_text,
            given_back,
            refundable: some(payment.refundable()),
            may_void: own
                && facts.voidable.contains(&payment.number)
                && payment.refunded.is_none()
                && payment.counts() == payment.amount,
        })
    };
    facts.payments.iter().filter_map(line).collect()
}

/// That the bag is too full, where it is.
pub(super) fn bag_words(over: Option<Money>, lang: Lang) -> Option<String> {
    let over = Amount::new(over?, lang);
    Some(tr(lang, "bag-over", &[("amount", over.text.as_str().into())]))
}

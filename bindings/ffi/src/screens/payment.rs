//! The payments of an order, as they cross.

use doorstep::{
    order::PaymentState,
    screen::{Amount, PaymentLine},
};

/// Where a payment stands.
#[uniffi::remote(Enum)]
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

/// One payment of the order.
#[uniffi::remote(Record)]
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

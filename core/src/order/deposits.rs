//! Deposits that went back under an order, against receipts of this order or of any other.

use serde::Serialize;

use super::History;
use crate::{
    base::{Hash, Id, Instant, Money},
    event::Payload,
};

/// A deposit that went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DepositReturn {
    /// The deposit receipt's series.
    pub of_series: Id,
    /// Its counter there.
    pub of_number: u64,
    /// What that receipt was for, as whoever gave it back knew.
    pub of_amount: Money,
    /// How much went back.
    pub amount: Money,
    /// The event.
    pub event: Hash,
    /// When.
    pub at: Instant,
    /// Who gave it.
    pub actor: Id,
}

/// All of an order, in the order they were given back. Whether more went back than was paid no order
/// can know alone: that is the server's to say (C18).
pub(super) fn deposits_back(history: &History<'_>) -> Vec<DepositReturn> {
    let returned = |placed: &super::Placed<'_>| {
        let Payload::PaymentRefunded(refund) = &placed.recorded.event.payload else { return None };
        Some(DepositReturn {
            of_series: refund.of_series,
            of_number: refund.of_number,
            of_amount: refund.deposit?,
            amount: refund.amount,
            event: placed.recorded.id,
            at: placed.at,
            actor: placed.recorded.event.actor,
        })
    };
    history.events().iter().filter_map(returned).collect()
}

//! What a device writes into its receipt series.

use minicbor::{Decode, Encode};

use crate::{
    base::{Hash, Id, Money, Personal},
    money::{ChargeLine, PaymentMethod, are_deposits, decode_lines},
};

/// A receipt was issued: the seal over it and the hash before it prove it offline.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReceiptIssued {
    /// Counter in the series, without a gap.
    #[n(0)]
    pub number: u64,
    /// The work order paid for.
    #[n(1)]
    pub order: Id,
    /// Id of the order's [`super::Paid`] event that the same action wrote.
    #[n(2)]
    pub order_event: Hash,
    /// What was charged.
    #[cbor(n(3), decode_with = "decode_lines")]
    pub lines: Vec<ChargeLine>,
    /// What this receipt is for.
    #[n(4)]
    pub amount: Money,
    /// How it was paid.
    #[n(5)]
    pub method: PaymentMethod,
    /// Handed over.
    #[n(6)]
    pub tendered: Money,
    /// Given back.
    #[n(7)]
    pub change: Money,
    /// Sum of this series up to and with this receipt, voids taken off.
    #[n(8)]
    pub running: Money,
    /// The payee's badge.
    #[n(9)]
    pub badge: String,
    /// SHA-256 over salt, payer and premises of the private part: see [`ReceiptPrivate::hash`].
    #[n(10)]
    pub disclosure: Hash,
}

impl ReceiptIssued {
    /// Whether it is a deposit receipt: what it is for is owed back against it.
    pub fn is_deposit(&self) -> bool {
        are_deposits(&self.lines)
    }
}

/// Private part of [`ReceiptIssued`] and [`RefundIssued`], class money.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptPrivate {
    /// 16 random bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: Vec<u8>,
    /// Who paid; of a refund, who got it back.
    #[n(1)]
    pub payer: Personal,
    /// For which premises, in words.
    #[n(2)]
    pub premises: Personal,
}

impl ReceiptPrivate {
    /// SHA-256 of its CBOR: what `disclosure` of the event must equal.
    pub fn hash(&self) -> Hash {
        Hash::of(&[&minicbor::to_vec(self).unwrap_or_default()])
    }
}

/// A receipt was made void, both copies taken back; its number keeps its place. Why stands in its
/// private part, class money, as a [`super::ReasonText`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReceiptVoided {
    /// Which.
    #[n(0)]
    pub number: u64,
    /// The order's money taken off again.
    #[n(1)]
    pub order: Id,
    /// Sum of the series after it.
    #[n(2)]
    pub running: Money,
}

/// A refund receipt: money went back, under a number of its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RefundIssued {
    /// Counter in the series, without a gap.
    #[n(0)]
    pub number: u64,
    /// The work order.
    #[n(1)]
    pub order: Id,
    /// Id of the order's [`super::PaymentRefunded`] event that the same action wrote.
    #[n(2)]
    pub order_event: Hash,
    /// The series of the receipt whose money goes back.
    #[n(3)]
    pub of_series: Id,
    /// Its counter there.
    #[n(4)]
    pub of_number: u64,
    /// How much.
    #[n(5)]
    pub amount: Money,
    /// How.
    #[n(6)]
    pub method: PaymentMethod,
    /// Sum of this series after it.
    #[n(7)]
    pub running: Money,
    /// The payer's badge.
    #[n(8)]
    pub badge: String,
    /// SHA-256 over salt, payee and premises of the private part, a [`ReceiptPrivate`] as a receipt's:
    /// so that its paper can be checked. Absent in what was written before papers of refunds had codes.
    #[n(9)]
    pub disclosure: Option<Hash>,
    /// It is a deposit that goes back.
    #[n(10)]
    pub deposit: Option<bool>,
}

//! The gas bottles that the customer of some premises holds, as told with them: whoever brings the next
//! one knows the balance, under whatever order the last one came.

use minicbor::{Decode, Encode};

use crate::{
    base::{Hash, Id, Instant, Money},
    money::ChargeLine,
};

/// How many of one size were held. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Held {
    /// The size, by the price list.
    #[n(0)]
    pub size: String,
    /// How many.
    #[n(1)]
    pub count: u64,
}

/// A bottle that came to a customer, or went from there. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BottleTold {
    /// Under which order.
    #[n(0)]
    pub order: Id,
    /// The scan.
    #[n(1)]
    pub event: Hash,
    /// When, by the corrected clock.
    #[n(2)]
    pub at: Instant,
    /// Its size, by the price list.
    #[n(3)]
    pub size: String,
    /// The code on it.
    #[n(4)]
    pub code: String,
    /// It came; otherwise it went.
    #[n(5)]
    pub handed_over: bool,
}

/// A bottle that was handed over and not seen since. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BottleThere {
    /// The code on it.
    #[n(0)]
    pub code: String,
    /// Its size.
    #[n(1)]
    pub size: String,
    /// When it came.
    #[n(2)]
    pub at: Instant,
}

/// A deposit receipt that is not given back whole. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DepositTold {
    /// Its series.
    #[n(0)]
    pub series: Id,
    /// Its counter there.
    #[n(1)]
    pub number: u64,
    /// What it is for.
    #[n(2)]
    pub lines: Vec<ChargeLine>,
    /// What it still pays, before anything went back at a door.
    #[n(3)]
    pub amount: Money,
    /// What went back of it.
    #[n(4)]
    pub back: Vec<BackTold>,
}

/// A part of a deposit that went back. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BackTold {
    /// The order's event.
    #[n(0)]
    pub event: Hash,
    /// How much.
    #[n(1)]
    pub amount: Money,
}

/// The bottles of some premises over all orders the server knows. No personal data. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Bottles {
    /// What came and went up to here is in `held`.
    #[n(0)]
    pub until: Instant,
    /// How many were held then, of each size that was ever here.
    #[n(1)]
    pub held: Vec<Held>,
    /// What came and went since, in that order: a phone counts the orders it has itself, and these of
    /// all others.
    #[n(2)]
    pub since: Vec<BottleTold>,
    /// The codes that are there, the earliest first.
    #[n(3)]
    pub there: Vec<BottleThere>,
    /// Deposit receipts of these premises that still hold something, the earliest first.
    #[n(4)]
    pub deposits: Option<Vec<DepositTold>>,
}

impl Bottles {
    /// The key of a premises' bottles in standing data.
    pub fn key(premises: Id) -> String {
        format!("bottles/{premises}")
    }
}

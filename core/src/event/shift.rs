//! What a device writes into a shift.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Id, Money};

/// A person took up a device: until the shift closes, what it writes is theirs.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShiftStarted {
    /// Who.
    #[n(0)]
    pub person: Id,
    /// The badge they show.
    #[n(1)]
    pub badge: String,
    /// Cash in the bag at the start.
    #[n(2)]
    pub float: Money,
}

/// The day's cash was counted. Why it differs, where it does, stands in its private part, class
/// money, as a [`super::ReasonText`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShiftClosed {
    /// Float and cash takings, as the receipts say.
    #[n(0)]
    pub expected: Money,
    /// As counted.
    #[n(1)]
    pub counted: Money,
    /// Notes and coins: value of one in minor units, and how many; largest first. Absent where
    /// only the sum was entered.
    #[n(2)]
    pub pieces: Option<Vec<Pieces>>,
}

/// Notes or coins of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Pieces {
    /// What one is worth, in minor units.
    #[n(0)]
    pub value: i64,
    /// How many.
    #[n(1)]
    pub count: u32,
}

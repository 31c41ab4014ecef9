//! What a device writes into a shift.

use minicbor::{Decode, Encode};

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

/// The day's cash was counted.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ShiftClosed {
    /// Float and cash takings, as the receipts say.
    #[n(0)]
    pub expected: Money,
    /// As counted.
    #[n(1)]
    pub counted: Money,
}

//! Cash and things that go from one person to another, and what a payer wants from the office.

use minicbor::{Decode, Encode};

use super::Stroke;
use crate::base::{Id, Money, Personal};

/// Cash of a closed shift was handed over; both signed for it on this device. It stands in the
/// shift's stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CashHandedOver {
    /// How much.
    #[n(0)]
    pub amount: Money,
    /// The badge of who took it.
    #[n(1)]
    pub to_badge: String,
    /// What else went along: a phone, a key, a pad of forms; no personal data.
    #[n(2)]
    pub items: Vec<String>,
}

/// Cash that a colleague handed over came into the bag of this open shift. What they wrote stands in
/// their own shift, on their own phone; the office holds one against the other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CashTaken {
    /// How much, as the taker counted it.
    #[n(0)]
    pub amount: Money,
    /// The badge of who gave it.
    #[n(1)]
    pub from_badge: String,
}

/// Private part of [`CashHandedOver`], class money.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct HandoverPrivate {
    /// The name of who took it.
    #[n(0)]
    pub to: Personal,
    /// The giver's signature.
    #[n(1)]
    pub giver: Vec<Stroke>,
    /// The taker's.
    #[n(2)]
    pub taker: Vec<Stroke>,
    /// Trouble with a device, or whatever else the next one must know.
    #[n(3)]
    pub note: Option<Personal>,
}

/// Prints no personal data.
impl std::fmt::Debug for HandoverPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandoverPrivate(…)")
    }
}

/// The payer of a receipt wants an invoice. The phone issues none: the office does.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct InvoiceWanted {
    /// The receipt's series.
    #[n(0)]
    pub series: Id,
    /// Its counter there.
    #[n(1)]
    pub number: u64,
}

/// Private part of [`InvoiceWanted`], class money.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct InvoiceDetails {
    /// Whom it is made out to.
    #[n(0)]
    pub title: Personal,
    /// A firm's taxpayer number; absent for a person.
    #[n(1)]
    pub taxpayer: Option<Personal>,
    /// Where it goes: a telephone or an address of electronic mail.
    #[n(2)]
    pub send_to: Personal,
}

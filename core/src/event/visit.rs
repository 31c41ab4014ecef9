//! What a technician writes into a work order during a visit. The envelope names the visit.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::Value;
use crate::{
    base::{Hash, Id, Lang, Money, Personal},
    log::Writer,
    money::{ChargeLine, PaymentMethod, decode_line, decode_lines, decode_some_lines},
};

/// A visit began; it stays on these versions.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VisitStarted {
    /// The standard's id.
    #[n(0)]
    pub standard: String,
    /// Its version.
    #[n(1)]
    pub version: u32,
    /// SHA-256 of its text.
    #[n(2)]
    pub fingerprint: Hash,
    /// The price list's version.
    #[n(3)]
    pub price_list: u32,
    /// The visit this one takes over.
    #[n(4)]
    pub continues: Option<Id>,
}

/// What the technician sees that conditions of the standard ask for. Absent: unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct ConditionsNoted {
    /// It rains.
    #[n(0)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raining: Option<bool>,
    /// The home is being renovated.
    #[n(1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_renovation: Option<bool>,
    /// An adult is there.
    #[n(2)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adult_present: Option<bool>,
    /// The door was opened.
    #[n(3)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub door_open: Option<bool>,
}

/// A step was done, once more.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StepRecorded {
    /// The step's id in the standard.
    #[n(0)]
    pub step: String,
    /// Its value.
    #[n(1)]
    pub value: Value,
}

/// Private part of [`StepRecorded`], class service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct StepText {
    /// The value, where it is [`Value::Written`].
    #[n(0)]
    pub text: Option<Personal>,
    /// A remark.
    #[n(1)]
    pub note: Option<Personal>,
}

/// A technician gave the reason for a finding; the words are private.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ReasonGiven {
    /// The finding's key.
    #[n(0)]
    pub finding: String,
}

/// Private part of [`ReasonGiven`], class service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct ReasonText {
    /// The reason.
    #[n(0)]
    pub text: Personal,
}

/// A price was shown to the customer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct QuoteOffered {
    /// 1, 2, … within the visit.
    #[n(0)]
    pub version: u32,
    /// All lines of this version.
    #[cbor(n(1), decode_with = "decode_lines")]
    pub lines: Vec<ChargeLine>,
    /// Their sum.
    #[n(2)]
    pub total: Money,
}

/// The customer accepted a quote.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct QuoteAccepted {
    /// Which version.
    #[n(0)]
    pub version: u32,
}

/// A line was charged.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Charged {
    /// The line, with its price pinned.
    #[cbor(n(0), decode_with = "decode_line")]
    pub line: ChargeLine,
}

/// Money was taken. One action writes this and the receipt in its series, or neither.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Paid {
    /// The receipt series.
    #[n(0)]
    pub series: Id,
    /// The receipt's counter in it.
    #[n(1)]
    pub number: u64,
    /// What was due before.
    #[n(2)]
    pub due: Money,
    /// What was handed over.
    #[n(3)]
    pub tendered: Money,
    /// What was given back.
    #[n(4)]
    pub change: Money,
    /// How.
    #[n(5)]
    pub method: PaymentMethod,
    /// A photo of the screen that the payer showed, where the payment is only claimed.
    #[n(6)]
    pub photo: Option<Hash>,
    /// The deposits that it is, where it is deposits: they are owed back against this receipt.
    #[cbor(n(7), decode_with = "decode_some_lines")]
    pub deposits: Option<Vec<ChargeLine>>,
}

/// How a sign-off ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SignOffResult {
    /// Signed.
    #[n(0)]
    Signed,
    /// Would not sign.
    #[n(1)]
    Declined,
    /// Nobody there to sign.
    #[n(2)]
    Absent,
    /// There, but unable.
    #[n(3)]
    Unable,
}

/// Who signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SignerRole {
    /// The owner.
    #[n(0)]
    Owner,
    /// The tenant.
    #[n(1)]
    Tenant,
    /// Family of the customer.
    #[n(2)]
    Family,
    /// Somebody acting for the customer.
    #[n(3)]
    Agent,
}

/// One stroke as drawn: points in 1/10,000 of the pad's width and height. Shape only: speed and
/// pressure would be biometrics.
pub type Stroke = Vec<(u16, u16)>;

/// The customer's word on the statement they saw.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedOff {
    /// How it ended.
    #[n(0)]
    pub result: SignOffResult,
    /// SHA-256 over salt and the statement's text, both in the private part.
    #[n(1)]
    pub statement: Hash,
    /// The language of the statement.
    #[n(2)]
    pub lang: Lang,
    /// Who signs, when somebody does.
    #[n(3)]
    pub role: Option<SignerRole>,
    /// The customer agreed to sign electronically.
    #[n(4)]
    pub consent: bool,
}

/// Private part of [`SignedOff`], class service.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct SignOffPrivate {
    /// 16 random bytes: the statement's hash can't be guessed once this is erased.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub salt: Vec<u8>,
    /// The text the customer saw.
    #[n(1)]
    pub statement: Personal,
    /// The signer's name.
    #[n(2)]
    pub signer: Option<Personal>,
    /// The strokes.
    #[n(3)]
    pub strokes: Vec<Stroke>,
    /// Why not signed.
    #[n(4)]
    pub reason: Option<Personal>,
    /// Who saw it.
    #[n(5)]
    pub witness: Option<Personal>,
}

/// Prints no personal data.
impl std::fmt::Debug for SignOffPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignOffPrivate(…)")
    }
}

/// The visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VisitFinished {
    /// An outcome id of the standard: `completed`, `made_safe`, `no_access`, …
    #[n(0)]
    pub outcome: String,
    /// What the standard says that it means for the order. Earlier apps left it to the id.
    #[n(1)]
    pub order: Option<OrderAfter>,
    /// What follows where nobody was met for the last time that the profile gives.
    #[n(2)]
    pub then: Option<AfterLast>,
}

/// What follows the last attempt to meet somebody. Written down with the visit's end, so that an
/// order's fold asks no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum AfterLast {
    /// The order goes back to the office, which decides.
    #[n(0)]
    BackToOffice,
    /// The office writes the customer a letter.
    #[n(1)]
    Letter,
}

/// What a visit's end means for its order: written down with the end, so that an order's fold asks
/// no standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum OrderAfter {
    /// Nobody has to go there any more.
    #[n(0)]
    Done,
    /// It stays open.
    #[n(1)]
    Attempted,
    /// It stays open, and this was an attempt at the door: nobody was met.
    #[n(2)]
    NobodyMet,
}

impl OrderAfter {
    /// What these ends mean where nobody says it: in events of earlier apps, in standards without
    /// the word.
    pub fn by_name(outcome: &str) -> OrderAfter {
        match outcome {
            "completed" | "made_safe" => OrderAfter::Done,
            "no_access" => OrderAfter::NobodyMet,
            _ => OrderAfter::Attempted,
        }
    }
}

impl VisitFinished {
    /// What the end means for the order.
    pub fn order_after(&self) -> OrderAfter {
        self.order.unwrap_or_else(|| OrderAfter::by_name(&self.outcome))
    }
}

/// The visit goes to a colleague, who goes on with it on another device; nothing more is written into
/// it here. It has not ended, and is no attempt: what becomes of it, the visit that continues it says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VisitHandedOver {
    /// The device that may continue it, by its certificate.
    #[n(0)]
    pub to: Id,
    /// The badge of whoever hands it over.
    #[n(1)]
    pub badge: String,
}

impl VisitHandedOver {
    /// The device that may continue it, as a writer.
    pub fn to_writer(&self) -> Writer {
        Writer::Device(self.to)
    }
}

/// A payment was taken back and its receipt made void: one action writes this and the void in the
/// series, or neither. The sum is due again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PaymentVoided {
    /// The receipt series.
    #[n(0)]
    pub series: Id,
    /// The receipt's counter in it.
    #[n(1)]
    pub number: u64,
}

/// Money was given back to the customer. One action writes this and the refund receipt, or neither.
/// It is of the order, not of a visit: whoever comes next may hand the money over.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PaymentRefunded {
    /// The series of the refund receipt.
    #[n(0)]
    pub series: Id,
    /// Its counter there.
    #[n(1)]
    pub number: u64,
    /// The series of the receipt whose money goes back.
    #[n(2)]
    pub of_series: Id,
    /// Its counter there.
    #[n(3)]
    pub of_number: u64,
    /// How much.
    #[n(4)]
    pub amount: Money,
    /// How.
    #[n(5)]
    pub method: PaymentMethod,
    /// A deposit went back against its receipt, which another order may hold: what that receipt was for,
    /// by its own proof or by the office's word.
    #[n(6)]
    pub deposit: Option<Money>,
}

//! What the office writes into a work order.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::Side;
use crate::{
    base::{ClockReading, Hash, Id, Instant, Lang, Money, Personal},
    log::{Class, Head, Writer},
    money::PaymentMethod,
};

/// What kind of visit an order asks for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum VisitKind {
    /// Repair.
    #[n(0)]
    Repair,
    /// Installation.
    #[n(1)]
    Installation,
    /// Safety inspection.
    #[n(2)]
    Inspection,
    /// Meter reading.
    #[n(3)]
    MeterReading,
    /// Gas-bottle delivery.
    #[n(4)]
    Delivery,
    /// Call-back after a complaint.
    #[n(5)]
    CallBack,
}

/// A work order was opened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OrderOpened {
    /// What is to be done.
    #[n(0)]
    pub kind: VisitKind,
    /// Where; standing data.
    #[n(1)]
    pub premises: Id,
    /// The number people say on the phone.
    #[n(2)]
    pub number: String,
    /// Which standard its visits follow.
    #[n(3)]
    pub standard: String,
    /// Version of the folding rules pinned for its life.
    #[n(4)]
    pub rules: u32,
    /// Danger to life: goes before everything else.
    #[n(5)]
    pub emergency: bool,
    /// Promised by.
    #[n(6)]
    pub due: Option<Instant>,
    /// Which promises of the company hold for it, and until when.
    #[n(7)]
    pub promises: Option<Vec<Promised>>,
}

/// What a promise waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Somebody at the door: a visit began.
    #[n(0)]
    Attended,
    /// The work: the order is done.
    #[default]
    #[n(1)]
    Done,
}

/// A promise of the company as it holds for one order: its deadline was computed once, by the
/// calendar of the day.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct Promised {
    /// The promise, by its id in the service promises.
    #[n(0)]
    pub id: String,
    /// Kept by.
    #[n(1)]
    pub due: Instant,
    /// What keeps it.
    #[n(2)]
    pub until: Until,
}

/// A window of time, from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(array)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Not before.
    #[n(0)]
    pub from: Instant,
    /// Not after.
    #[n(1)]
    pub to: Instant,
}

/// Office and customer agreed on a time, as earlier servers wrote it. Folded as the
/// [`DetailChange`](super::DetailChange) it is: an agreed appointment, or none any more.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct AppointmentMade {
    /// When somebody comes; absent: called off.
    #[n(0)]
    pub window: Option<Window>,
}

/// Private part of [`OrderOpened`], class contact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Customer {
    /// Name, as to be addressed.
    #[n(0)]
    pub name: Personal,
    /// Phone.
    #[n(1)]
    pub phone: Option<Personal>,
    /// What was reported.
    #[n(2)]
    pub report: Option<Personal>,
    /// The service need, never the illness: "knock long, call first".
    #[n(3)]
    pub special_need: Option<Personal>,
    /// The language their documents are in.
    #[n(4)]
    pub lang: Option<Lang>,
}

/// The order was given to a person.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OrderAssigned {
    /// The technician.
    #[n(0)]
    pub to: Id,
}

/// The order was cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OrderCancelled {
    /// Why, in the office's words; no personal data.
    #[n(0)]
    pub reason: String,
}

/// The order was closed: nobody went in time.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct OrderExpired {
    /// Why, in the office's words; no personal data.
    #[n(0)]
    pub reason: String,
}

/// A supervisor decided a conflict. It stands: new facts re-open the conflict beside it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ConflictDecided {
    /// The conflict's key: its rule and sorted event ids, hashed.
    #[n(0)]
    pub conflict: Hash,
    /// Its rule, like `C1`.
    #[n(1)]
    pub rule: String,
    /// One of the rule's choices.
    #[n(2)]
    pub choice: String,
    /// The heads it was based on.
    #[n(3)]
    pub heads: Vec<Head>,
}

/// What a verdict does to the events it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They count, with a remark.
    #[n(0)]
    Mark,
    /// They don't count; they stay readable.
    #[n(1)]
    Exclude,
}

/// The server's word, which every fold obeys. Keyed by rule and events; a later verdict with the
/// same key supersedes it. With sides it is a conflict, which somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VerdictGiven {
    /// The rule, like `C9`.
    #[n(0)]
    pub rule: String,
    /// Event ids, sorted.
    #[n(1)]
    pub events: Vec<Hash>,
    /// What follows.
    #[n(2)]
    pub effect: Effect,
    /// What happened, on every side; where some of it stands outside this order.
    #[n(3)]
    pub sides: Option<Vec<Side>>,
    /// It no longer holds: new facts took its ground away.
    #[n(4)]
    pub withdrawn: Option<bool>,
}

impl VerdictGiven {
    /// A verdict on these events that opens no conflict.
    pub fn new(rule: &str, mut events: Vec<Hash>, effect: Effect) -> VerdictGiven {
        events.sort();
        events.dedup();
        VerdictGiven { rule: rule.to_owned(), events, effect, sides: None, withdrawn: None }
    }

    /// A conflict: the events count, with a remark, until somebody decides.
    pub fn conflict(rule: &str, events: Vec<Hash>, sides: Vec<Side>) -> VerdictGiven {
        VerdictGiven { sides: Some(sides), ..VerdictGiven::new(rule, events, Effect::Mark) }
    }
}

/// The server learnt when a device's boot really was: events of that boot are dated by it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClockCorrected {
    /// Whose clock.
    #[n(0)]
    pub writer: Writer,
    /// Which boot.
    #[n(1)]
    pub boot: Id,
    /// When it booted, by the server's clock.
    #[n(2)]
    pub booted_at: Instant,
}

impl ClockCorrected {
    /// When an event of this boot was.
    pub fn dates(&self, clock: &ClockReading) -> Instant {
        self.booted_at.plus_ms(i64::try_from(clock.since_boot_ms).unwrap_or(i64::MAX))
    }
}

/// Money of a receipt may be given back, by whoever comes to the customer next.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RefundApproved {
    /// The receipt's series.
    #[n(0)]
    pub series: Id,
    /// Its counter there.
    #[n(1)]
    pub number: u64,
    /// How much.
    #[n(2)]
    pub amount: Money,
}

/// What became of a claimed payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ClaimResult {
    /// The provider has the money.
    #[n(0)]
    Settled,
    /// There was no such payment: what it paid is due again.
    #[n(1)]
    Bounced,
}

/// The provider's word on a claimed payment. The latest counts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ClaimJudged {
    /// The receipt's series.
    #[n(0)]
    pub series: Id,
    /// Its counter there.
    #[n(1)]
    pub number: u64,
    /// What became of it.
    #[n(2)]
    pub result: ClaimResult,
}

/// The customer paid a visit's charges at the office. The desk's receipt has a number of the desk's
/// own; it belongs to no device's series.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PaidAtDesk {
    /// Whose charges: a visit of the order.
    #[n(0)]
    pub visit: Id,
    /// How much, above zero.
    #[n(1)]
    pub amount: Money,
    /// How.
    #[n(2)]
    pub method: PaymentMethod,
    /// The number on the desk's receipt.
    #[n(3)]
    pub receipt: String,
}

/// The customer asked to be forgotten: keys of these classes are destroyed wherever they are. What
/// the law keeps stays under its own class; money is never among them.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ErasureAsked {
    /// Which classes; rising, none twice.
    #[n(0)]
    pub classes: Vec<Class>,
}

/// The customer asked that pictures be removed: nobody keeps their bytes, the small ones included. The
/// events that name them stay, and so does what was found and done.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhotosErased {
    /// Which of the order, by their addresses. None named: every one whose phone had not heard of this.
    #[n(0)]
    pub photos: Vec<Hash>,
}

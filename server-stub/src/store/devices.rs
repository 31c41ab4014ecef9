//! Devices, their enrolment, their clocks, and what is held back of them.

use doorstep::{
    base::{Hash, Id, Instant},
    log::{StreamId, Subject},
};
use serde::{Deserialize, Serialize};

use super::StoreError;

/// Why a device was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// Its person left: earlier work is admitted and marked.
    Left,
    /// Another device took its place: earlier work is admitted and marked.
    Replaced,
    /// Nobody knows where it is: everything is held.
    Lost,
    /// Somebody else has it: everything is held.
    Stolen,
}

/// A revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// Why.
    pub reason: RevokeReason,
    /// From when on.
    pub effective: Instant,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its certificate's id.
    pub id: Id,
    /// Whose it is; unknown when only its certificate came back.
    pub person: Option<Id>,
    /// Its certificate's bytes.
    pub certificate: Vec<u8>,
    /// When it became one.
    pub enrolled_at: Instant,
    /// When it last exchanged.
    pub seen_at: Option<Instant>,
    /// The highest count of requests it has shown.
    pub requests: u64,
    /// Events it said it recorded, at most.
    pub recorded: u64,
    /// Of these, not sent at its last exchange.
    pub unsent: u64,
    /// Standing data in its feed up to this position.
    pub standing: u64,
    /// Why it looks like a clone or a restored copy: a code.
    pub suspect: Option<String>,
    /// Its revocation.
    pub revoked: Option<Revoked>,
}

/// A one-time code, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    /// SHA-256 of the code.
    pub code: Hash,
    /// Whose device it makes.
    pub person: Id,
    /// Good until.
    pub expires: Instant,
    /// Numbers that are lent to the device's receipts; from 1 without an end where none are.
    pub receipts: Option<NumberRange>,
    /// By what it was used.
    pub used: Option<CodeUse>,
}

/// Numbers of receipts that the company lends to a device: `0 < first`, not above `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRange {
    /// The first.
    pub first: u64,
    /// The last; without an end where absent.
    pub last: Option<u64>,
}

/// How a code was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeUse {
    /// The device it made.
    pub device: Id,
    /// SHA-256 of the request: the same bytes again are a repeat, not a second use.
    pub request: Hash,
}

/// A boot of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BootRow {
    /// When it was, by the server's clock.
    pub at: Instant,
    /// When the server first heard of it.
    pub learnt_at: Instant,
}

/// Bytes held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// Its id: SHA-256 over device and tail, so that a repeat is the same.
    pub id: Id,
    /// Who sent it.
    pub device: Id,
    /// Which stream it says it is.
    pub stream: StreamId,
    /// Its first sequence number.
    pub from: u64,
    /// How many events.
    pub events: u64,
    /// Why: a code.
    pub reason: String,
    /// Since when.
    pub at: Instant,
    /// What was decided about it.
    pub decided: Option<HeldDecision>,
}

/// What a supervisor decided about bytes held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldDecision {
    /// A choice's code, like `admit`.
    pub choice: String,
    /// By whom.
    pub by: Id,
    /// When.
    pub at: Instant,
}

/// What a transaction can do with devices.
pub trait Devices {
    /// Keeps a new code.
    fn add_code(&mut self, code: &CodeRow) -> Result<(), StoreError>;

    /// The code with this hash.
    fn code(&mut self, code: &Hash) -> Result<Option<CodeRow>, StoreError>;

    /// Notes that a code was used.
    fn use_code(&mut self, code: &Hash, used: CodeUse) -> Result<(), StoreError>;

    /// Notes a failed enrolment, and forgets those before `forget`.
    fn add_failure(&mut self, code: &Hash, at: Instant, forget: Instant) -> Result<(), StoreError>;

    /// Failed enrolments since `since`: with this code, and with any.
    fn failures(&mut self, code: &Hash, since: Instant) -> Result<(u64, u64), StoreError>;

    /// A device.
    fn device(&mut self, id: Id) -> Result<Option<DeviceRow>, StoreError>;

    /// Keeps a device, new or changed.
    fn put_device(&mut self, device: &DeviceRow) -> Result<(), StoreError>;

    /// All devices, latest first.
    fn devices(&mut self) -> Result<Vec<DeviceRow>, StoreError>;

    /// SHA-256 of the request a device made under this number, while it is remembered.
    fn request(&mut self, device: Id, number: u64) -> Result<Option<Hash>, StoreError>;

    /// Remembers a request, and forgets those numbered below `forget`.
    fn add_request(
        &mut self,
        device: Id,
        number: u64,
        hash: Hash,
        forget: u64,
    ) -> Result<(), StoreError>;

    /// What is known of a device's boot.
    fn boot(&mut self, device: Id, boot: Id) -> Result<Option<BootRow>, StoreError>;

    /// Keeps when a device's boot was. `learnt_at` stays what it was first.
    fn put_boot(&mut self, device: Id, boot: Id, row: BootRow) -> Result<(), StoreError>;

    /// The correction written about a boot into a subject.
    fn correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
    ) -> Result<Option<Instant>, StoreError>;

    /// Notes the correction written about a boot into a subject.
    fn put_correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
        at: Instant,
    ) -> Result<(), StoreError>;

    /// Holds a tail's CBOR back; the same again changes nothing, and is `false`.
    fn hold(&mut self, held: &HeldRow, tail: &[u8]) -> Result<bool, StoreError>;

    /// Tails of a device that were ever held back, decided or not: it only grows.
    fn kept_aside(&mut self, device: Id) -> Result<u64, StoreError>;

    /// What is held under this id, and its tail's CBOR.
    fn held_tail(&mut self, id: Id) -> Result<Option<(HeldRow, Vec<u8>)>, StoreError>;

    /// Notes what was decided about what is held.
    fn decide_held(&mut self, id: Id, decision: &HeldDecision) -> Result<(), StoreError>;

    /// Everything held back, latest first.
    fn held(&mut self) -> Result<Vec<HeldRow>, StoreError>;

    /// Events held back of a device. A tail that was sent again with more behind it counts once; what
    /// was held and then admitted is stored.
    fn held_back(&mut self, device: Id) -> Result<u64, StoreError>;
}

//! Cases of complaint and emergencies, as far as lists and alarms need them: derived from facts and
//! streams, and derivable again.

use doorstep::{
    base::{Id, Instant},
    event::CaseStatus,
};
use serde::Serialize;

use super::StoreError;

/// A case in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComplaintRow {
    /// The number people say on the phone.
    pub number: String,
    /// The work order it is about.
    pub order: Id,
    /// Who answers for it now.
    pub owner: Id,
    /// Where it stands.
    pub status: CaseStatus,
    /// The earliest of its deadlines; none while it is disputed, or nothing is left to do.
    pub due: Option<Instant>,
    /// When it was received.
    pub received_at: Instant,
}

/// An emergency that still waits for something promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmergencyRow {
    /// The work order.
    pub order: Id,
    /// The promise whose time ends first.
    pub promise: String,
    /// When.
    pub due: Instant,
}

/// What a transaction can do about them.
pub trait Complaints {
    /// Keeps a case's line.
    fn put_complaint(&mut self, row: &ComplaintRow) -> Result<(), StoreError>;

    /// A case's line.
    fn complaint(&mut self, number: &str) -> Result<Option<ComplaintRow>, StoreError>;

    /// Cases about an order.
    fn complaints_of(&mut self, order: Id) -> Result<Vec<ComplaintRow>, StoreError>;

    /// Cases that are not closed, the earliest deadline first.
    fn open_complaints(&mut self, limit: usize) -> Result<Vec<ComplaintRow>, StoreError>;

    /// All cases, received last first.
    fn complaints(&mut self, limit: usize) -> Result<Vec<ComplaintRow>, StoreError>;

    /// Keeps what an emergency waits for.
    fn put_emergency(&mut self, row: &EmergencyRow) -> Result<(), StoreError>;

    /// It waits for nothing.
    fn drop_emergency(&mut self, order: Id) -> Result<(), StoreError>;

    /// Emergencies whose time ends at `until` or before, the earliest first.
    fn emergencies(
        &mut self,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<EmergencyRow>, StoreError>;
}

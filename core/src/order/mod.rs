//! A work order as everybody must see it: a pure fold over all its streams.
//!
//! The same set of events gives the same state on every machine, in whatever order they arrived.
//! It reads no clock, no store, nothing of another subject: what needs more is the server's to
//! judge, and comes as a verdict event that this fold obeys.

mod bottles;
mod branch;
mod complaints;
mod conflict;
mod corrections;
mod cylinders;
mod deposits;
mod details;
mod hazards;
mod history;
mod payments;
mod photos;
mod readings;
mod state;
mod stops;
#[cfg(test)]
mod tests;

pub use bottles::{Held, hold, still_there};
pub use branch::excluded_pasts;
pub use complaints::Complaint;
pub use conflict::{
    Choice, Conflict, ConflictState, Decision, Finder, Looks, RULES, Row, Rule, Side, SideValue,
    conflict_key,
};
pub use cylinders::{BottleMove, Cylinder, Place};
pub use deposits::DepositReturn;
pub use details::Details;
pub use hazards::{CHECKED_ELSEWHERE, Hazard};
pub use history::{History, Placed};
pub use payments::{DeskPayment, Payment, PaymentState};
pub use photos::named_photos;
pub use readings::{Reading, Standing};
pub use state::{Counts, Finished, OrderState, OrderStatus, VisitSummary};
pub use stops::{RESTORED_ELSEWHERE, Stop};

/// Version of these folding rules; pinned by an order when it is opened.
pub const RULES_VERSION: u32 = 1;

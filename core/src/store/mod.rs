//! The phone's SQLite file: events as signed bytes, and projections that may be dropped.
//!
//! WAL with `synchronous=FULL` (and `fullfsync` where the system has it): when a transaction has
//! returned, it survives loss of power. The file is never deleted by Doorstep: one that is torn,
//! foreign or of a newer schema is refused untouched, and [`set_aside`] gives it another name.

mod action;
mod branches;
mod complaint;
mod door;
mod event;
mod held;
mod key;
mod log;
mod meta;
mod open;
mod order;
mod photo;
mod premises;
mod purge;
mod reader;
mod standing;
mod stream;
mod vault;
mod words;

pub use complaint::ComplaintRow;
pub use door::Door;
pub use event::Waiting;
pub use key::UnsentKeys;
pub use log::LogWatch;
pub use open::{OpenError, SCHEMA_VERSION, Store, StoreError, Transaction, set_aside};
pub use order::OrderRow;
pub(crate) use order::{RANK_OVER, RANK_ROUND};
pub use photo::{PhotoBacklog, PhotoCount, PhotoMark, PhotoRow};
pub use premises::FoundPremises;
pub use purge::ToAsk;
pub use reader::{Reader, Stamp};
pub use stream::StreamRow;

#[cfg(test)]
mod tests;

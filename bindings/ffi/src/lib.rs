//! Doorstep's core for phones: one coarse object, typed screens, typed actions, few errors.
//!
//! An app opens a [`Doorstep`], draws what its screens say and sends [`Action`]s back; nothing is
//! decided here. One thread owns the engine; calls from any thread wait for their turn there, so
//! an app's own threads never touch the file. Nothing panics across the border: what should never
//! happen comes as [`DoorstepError::Report`].
//!
//! The platform gives a clock and a place for keys ([`Platform`]); randomness comes from the
//! system, the network from `doorstep-transport`. No private key, name or address is logged: this
//! crate logs nothing.

mod action;
mod away;
mod error;
mod facts;
mod paper;
mod phone;
mod photo;
mod platform;
mod screens;
mod sync;
mod worker;

pub use action::{
    Action, ItemAnswer, ItemMark, LineWanted, Money, PaymentMethod, Point, SignOff, Stroke, Value,
};
pub use away::Leave;
pub use error::DoorstepError;
pub use facts::{DutyEntry, FastEntry, Hazard, MeterReading, MeterSwap, Pieces, ReadingResult};
pub use paper::Paper;
pub use phone::{DoctorReport, Done, Doorstep, Enrolled, Options, Receipt, new_action_id};
pub use platform::{Change, ChangeListener, Clock, Platform, PlatformError};
pub use sync::Synced;

uniffi::setup_scaffolding!();

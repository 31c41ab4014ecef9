//! The engine: opens the store, takes actions, runs sync, answers screens.
//!
//! One obvious path: an [`Action`] is judged against the folded visit, becomes events in one
//! transaction, and changes what the next screen shows. When [`Engine::act`] has returned, its
//! events survive loss of power; when it returned an error, nothing was recorded. The engine starts
//! no thread and opens no socket: bindings give it a clock reading with every call, randomness, a
//! secret store, and carry packets to the server.

mod act;
mod action;
mod answer;
mod bottles;
mod carry;
mod complaint;
mod context;
mod correct;
mod cylinder;
mod day;
mod deposit;
mod doctor;
mod enrol;
mod error;
mod exchange;
mod fast;
mod giveback;
mod handing;
mod handover;
mod hazard;
mod leave;
mod meter;
mod metered;
mod money;
mod notice;
mod outbox;
mod paper;
mod peer;
mod pen;
mod photo;
mod picture;
mod previous;
mod project;
mod read;
mod recorder;
mod refunds;
mod risk;
mod screen;
mod search;
mod shift;
mod shift_screen;
mod sign;
mod take;
mod work;

pub use action::{Action, Done, LineWanted, ReadingDone, ReceiptRef, SignOff};
pub use day::DayReport;
pub use doctor::DoctorReport;
pub use enrol::{Engine, EngineOptions, EnrolError, Identity, SecretStore};
pub use error::{ActError, SignOffError};
pub use exchange::{ExchangeError, Exchanged, Packet};
pub use fast::FastReading;
pub use handing::HandingError;
pub use handover::{HandOver, InvoiceAsked};
pub use hazard::{DutyReport, HazardSeen};
pub use leave::{Leave, StaysHere};
pub use meter::ReadingTaken;
pub use paper::Paper;
pub use photo::{MAX_THUMBNAIL_BYTES, PhotoError, PhotoNext, PhotoPacket};
pub use read::{
    DeviceState, FindingLine, OutcomeLine, ReceiptView, Statement, StepLine, StreamView,
    VisitReport,
};
pub use recorder::{FlightRecord, HeldCount, SyncFact};
pub use refunds::RefundView;
pub use work::{DayWork, Doors, PartUsed};

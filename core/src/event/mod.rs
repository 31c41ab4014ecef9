//! The vocabulary: every fact a person or the office can write, and its encoding.
//!
//! An event's CBOR is a map with integer keys (`docs/wire.cddl`). What it is about is not in its
//! bytes: its stream says so, through the chain's first hash. An unknown type decodes to
//! [`Payload::Unknown`] and is kept and passed on; unknown fields of known types are ignored when
//! reading and never lost, since bytes are stored as they were signed.

mod complaint;
mod correction;
mod detail;
mod envelope;
mod handover;
mod hazard;
mod notice;
mod office;
mod payload;
mod peek;
mod photo;
mod reading;
mod receipt;
mod shift;
mod side;
mod value;
mod visit;

pub use complaint::{CaseClock, CasePromise, CaseStatus, CaseTold, CaseWords, Channel};
pub use correction::EntryCorrected;
pub use detail::{
    Appointment, DetailChange, DetailChanged, DetailError, DetailInput, DetailText, Warning,
};
pub use envelope::{Event, EventError, MAX_EVENT_BYTES, Recorded};
pub use handover::{CashHandedOver, CashTaken, HandoverPrivate, InvoiceDetails, InvoiceWanted};
pub use hazard::{
    Duty, DutyDone, DutyWithin, GasRestored, GasShutOff, HazardFound, HazardRechecked, HazardText,
    ShutOff,
};
pub use notice::NoticeNumbered;
pub use office::{
    AppointmentMade, ClaimJudged, ClaimResult, ClockCorrected, ConflictDecided, Customer, Effect,
    ErasureAsked, OrderAssigned, OrderCancelled, OrderExpired, OrderOpened, PaidAtDesk,
    PhotosErased, Promised, RefundApproved, Until, VerdictGiven, VisitKind, Window,
};
pub use payload::Payload;
pub use peek::EventHead;
pub use photo::{PhotoPrivate, PhotoTaken};
pub use reading::{
    EstimateBasis, EstimateMethod, MeterRead, ReadingFlag, ReadingKind, ReadingSource, SealState,
};
pub use receipt::{ReceiptIssued, ReceiptPrivate, ReceiptVoided, RefundIssued};
pub use shift::{Pieces, ShiftClosed, ShiftStarted};
pub use side::{Side, SideValue};
pub use value::{Answer, ItemAnswer, Value};
pub use visit::{
    AfterLast, Charged, ConditionsNoted, OrderAfter, Paid, PaymentRefunded, PaymentVoided,
    QuoteAccepted, QuoteOffered, ReasonGiven, ReasonText, SignOffPrivate, SignOffResult, SignedOff,
    SignerRole, StepRecorded, StepText, Stroke, VisitFinished, VisitHandedOver, VisitStarted,
};

//! What a screen draws: every number formatted, every rule in words, in one language.
//!
//! A screen holds texts, ids and plain numbers, so that it crosses to another language or to JSON
//! as it is; an app draws it and sends actions back, and decides nothing. Nothing here reads a
//! file or a clock: the engine gathers the facts.

mod bottles;
mod complaint;
mod conflict;
mod evening;
mod fast;
mod hazard;
mod meter;
mod morning;
mod next;
mod pay;
mod payment;
mod photo;
mod search;
mod sign;
mod sync;
mod today;
mod visit;
mod words;

pub use bottles::{BottleLine, HeldBottles};
pub use complaint::{
    ComplaintCard, ComplaintFacts, ComplaintPromise, ComplaintReminder, ComplaintsFacts,
    ComplaintsScreen, alarm_words,
};
pub use conflict::{Telling, choice_words, conflict_words, looks_words, rule_title};
pub use evening::{EveningFacts, EveningScreen, OpenVisit};
pub use fast::{FastFacts, FastScreen, ReadingCheck, flag_words};
pub use hazard::{
    DutyLine, GradeLine, HazardCard, HazardFacts, PartyLine, StopCard, duties_left, item_title,
};
pub use meter::{MeterCard, MeterFacts};
pub use morning::{CertificateLine, CertificateState, KitLine, MorningFacts, MorningScreen};
pub use next::{NextStop, next_row};
pub use pay::{
    CallOut, ItemLine, PayFacts, PayLine, PayScreen, QuoteLine, QuoteState, ReceiptLine,
};
pub use payment::{PaymentFacts, PaymentLine};
pub use photo::{PhotoCard, PhotoLane, PhotoState, PhotoTally};
pub use search::{Found, SearchRow, SearchScreen};
pub use sign::SignScreen;
pub use sync::{EnrolAgain, Stuck, StuckLine, SyncFacts, SyncLane, SyncScreen};
pub use today::{
    GasOffLine, HazardLine, Notice, OrderFacts, PromiseLine, TodayCounts, TodayFacts, TodayRow,
    TodayScreen,
};
pub use visit::{
    EarlierVisit, FindingCard, LeftLine, OutcomeCard, PhaseCard, PhaseState, StepCard, StopLine,
    VisitFacts, VisitScreen,
};
pub use words::{Amount, Choice};

#[cfg(test)]
mod tests;

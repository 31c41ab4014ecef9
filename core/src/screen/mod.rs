//! What a screen draws: every number formatted, every rule in words, in one language.
//!
//! A screen holds texts, ids and plain numbers, so that it crosses to another language or to JSON
//! as it is; an app draws it and sends actions back, and decides nothing. Nothing here reads a
//! file or a clock: the engine gathers the facts.

mod conflict;
mod pay;
mod sign;
mod sync;
mod today;
mod visit;
mod words;

pub use conflict::{Telling, choice_words, conflict_words, looks_words, rule_title};
pub use pay::{
    CallOut, ItemLine, PayFacts, PayLine, PayScreen, QuoteLine, QuoteState, ReceiptLine,
};
pub use sign::SignScreen;
pub use sync::{SyncFacts, SyncScreen};
pub use today::{Notice, OrderFacts, TodayCounts, TodayRow, TodayScreen};
pub use visit::{
    FindingCard, LeftLine, OutcomeCard, PhaseCard, PhaseState, StepCard, StopLine, VisitFacts,
    VisitScreen,
};
pub use words::{Amount, Choice};

#[cfg(test)]
mod tests;

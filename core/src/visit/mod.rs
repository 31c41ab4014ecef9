//! One visit, followed through its events: what is done, what breaks a rule, what is left.
//!
//! A pure fold over the events of one visit by one version of one standard: the same events give
//! the same findings on every machine. Order is the stream's own sequence; wall clocks, which may
//! run back, decide nothing but durations across a reboot. A broken rule is a [`Finding`] beside
//! the fact and never hides it; only what nobody can have meant is a [`StepError`], before anything
//! is recorded. What it doesn't do: settle two visits to one order (that is `order`), open private
//! text, or write events.

mod correct;
mod duties;
mod explain;
mod finding;
mod judge;
mod state;
mod validate;

pub use crate::standard::{MAX_COUNT, MAX_PRESS_MS, MAX_PRESSES, MAX_SCAN};
pub use explain::{Explanation, Gate, LeftStep, OutcomeReport};
pub use finding::{Finding, FindingKind};
pub use judge::{FinishError, StepError};
pub use state::{Done, Ended, VisitContext, VisitState};
pub use validate::{ValueError, validate_step};

#[cfg(test)]
mod tests;

//! What goes first: unsent events by what they are about.

use serde::{Deserialize, Serialize};

use crate::base::Instant;

/// What an event is about, most urgent first. A stream goes in the lane of its most urgent unsent
/// event: events of a stream go in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Hazards, gas shut off and restored, and whatever is about an emergency.
    Danger,
    /// Payments, receipts and the count of the cash.
    Money,
    /// What the customer signed or agreed to, and how a visit ended.
    SignOff,
    /// Meter readings.
    Reading,
    /// Everything else.
    Rest,
}

impl Lane {
    /// Every lane, most urgent first.
    pub const ALL: [Lane; 5] =
        [Lane::Danger, Lane::Money, Lane::SignOff, Lane::Reading, Lane::Rest];

    /// The lane of an event by its type's number (see [`crate::event::Payload`]); `emergency` says
    /// that its order is one. A type of a newer version is no hurry.
    pub fn of(kind: u32, emergency: bool) -> Lane {
        match kind {
            _ if emergency => Lane::Danger,
            // Hazards, duties, looking again, shut off, restored.
            28..=32 => Lane::Danger,
            // Paid, voided, refunded; the series' own; the cash count.
            23 | 26 | 27 | 40..=42 | 49 => Lane::Money,
            // A quote accepted, a sign-off, the end of a visit, its way to a colleague.
            21 | 24 | 25 | 34 => Lane::SignOff,
            33 => Lane::Reading,
            _ => Lane::Rest,
        }
    }
}

/// What waits in one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backlog {
    /// Which lane.
    pub lane: Lane,
    /// Events.
    pub events: u64,
    /// Their bytes.
    pub bytes: u64,
    /// When the oldest was recorded, by this phone's clock then.
    pub since: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emergency_goes_first_whatever_it_says() {
        assert_eq!(Lane::of(18, true), Lane::Danger);
        assert_eq!(Lane::of(31, false), Lane::Danger);
        assert_eq!(Lane::of(40, false), Lane::Money);
        assert_eq!(Lane::of(24, false), Lane::SignOff);
        assert_eq!(Lane::of(33, false), Lane::Reading);
        assert_eq!(Lane::of(60_000, false), Lane::Rest);
        assert!(Lane::ALL.is_sorted());
    }
}

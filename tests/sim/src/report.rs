//! What came of a history.

use doorstep::base::Hash;
use serde::Serialize;

/// Something that must never happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Which rule it breaks: `I1` to `I7`, `I0` for a fault of its own, or `setup`.
    pub invariant: String,
    /// What was seen, in words, with ids.
    pub what: String,
}

pub(crate) fn violated(invariant: &str, what: impl Into<String>) -> Violation {
    Violation { invariant: invariant.to_owned(), what: what.into() }
}

/// What was done, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// Steps taken.
    pub steps: u64,
    /// Taps.
    pub taps: u64,
    /// Taps that a phone confirmed.
    pub confirmed: u64,
    /// Requests, all of them.
    pub requests: u64,
    /// Requests after the network was healed, until nothing was left.
    pub requests_at_rest: u64,
    /// Events on the server in the end.
    pub events: u64,
    /// Tails held back there.
    pub held: u64,
    /// Conflicts, open and decided.
    pub conflicts: u64,
    /// Order states compared between a phone and the server.
    pub compared: u64,
    /// Receipts, those of refunds among them.
    pub receipts: u64,
    /// Refunds.
    pub refunds: u64,
    /// Photos that are whole on the server in the end.
    pub photos: u64,
    /// Parts of photos that were sent.
    pub photo_parts: u64,
    /// Orders that phones let go of.
    pub purged: u64,
    /// Times that the server was restored from a backup.
    pub restores: u64,
}

/// What came of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// SHA-256 over everything that came of every step, and the final state: the same history gives
    /// the same.
    pub trace: Hash,
    /// What was done.
    pub figures: Figures,
    /// What must never happen, if it did.
    pub violation: Option<Violation>,
}

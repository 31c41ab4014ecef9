//! What is certain to be asked, asked of many things at once.

use doorstep::log::{StreamId, Subject};

use super::StoreError;

/// Looks ahead: reads for many what will be asked of each of them, so that a database across a network is
/// waited for once and not for each. Nothing that a transaction finds depends on it: what was read ahead
/// moves with what the transaction writes.
pub trait Ahead {
    /// Before tails of these streams are judged: where the streams stand, their orders' lines, and who
    /// has these in scope.
    fn streams_ahead(&mut self, streams: &[StreamId]) -> Result<(), StoreError>;

    /// Before these are judged: all their events. Kept until they are asked for.
    fn events_ahead(&mut self, subjects: &[Subject]) -> Result<(), StoreError>;
}

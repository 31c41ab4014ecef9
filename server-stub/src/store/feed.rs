//! What each device is still to be told, in its order.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant},
    log::{StreamId, Subject},
    sync::Outcome,
};
use minicbor::{Decode, Encode};

use super::StoreError;

/// One line of a device's feed. CBOR: `[variant, fields…]`; it stays inside the store.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum FeedItem {
    /// An order is in scope from here on.
    #[n(0)]
    Entered(#[n(0)] Id),
    /// It is no longer.
    #[n(1)]
    Left(#[n(0)] Id),
    /// Events `from..=to` of a stream; the last one is sealed.
    #[n(2)]
    Events {
        /// Which stream.
        #[n(0)]
        stream: StreamId,
        /// First.
        #[n(1)]
        from: u64,
        /// Last.
        #[n(2)]
        to: u64,
    },
    /// Keys of a subject.
    #[n(3)]
    Keys(#[n(0)] Subject),
    /// Standing data published at positions `after < p <= to`.
    #[n(4)]
    Standing {
        /// Behind this one.
        #[n(0)]
        after: u64,
        /// Up to and with this one.
        #[n(1)]
        to: u64,
    },
}

/// Where a device's feed ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FeedEnd {
    /// The last position given; 0 before the first.
    pub position: u64,
    /// When it was given. Absent for what an earlier version put there.
    pub put_at: Option<Instant>,
}

/// What a transaction can do with scope, feeds and outcomes.
pub trait Feed {
    /// Puts items behind a device's feed, each at a position of its own, rising (see the module's
    /// front page for what this must guarantee), and notes when; rings, if it is news to the device.
    fn push(
        &mut self,
        device: Id,
        items: &[FeedItem],
        now: Instant,
        ring: bool,
    ) -> Result<(), StoreError>;

    /// Items behind `after`, at most `limit`.
    fn feed(
        &mut self,
        device: Id,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, FeedItem)>, StoreError>;

    /// The last position given in a device's feed; 0 before the first.
    fn feed_end(&mut self, device: Id) -> Result<FeedEnd, StoreError>;

    /// When an item was put at this position of a device's feed. `None`: there is none. `Some(None)`: by a
    /// version that didn't note it.
    fn put_at(&mut self, device: Id, position: u64) -> Result<Option<Option<Instant>>, StoreError>;

    /// Orders in a device's scope.
    fn scope(&mut self, device: Id) -> Result<BTreeSet<Id>, StoreError>;

    /// Puts an order into a device's scope, or takes it out.
    fn set_scope(&mut self, device: Id, order: Id, inside: bool) -> Result<(), StoreError>;

    /// Devices that have an order in scope, sorted.
    fn devices_with(&mut self, order: Id) -> Result<Vec<Id>, StoreError>;

    /// Orders that belong into a device's scope: those given to `person` that are not finished
    /// with, have an open conflict or changed since `since`; and those holding events of the
    /// device that have an open conflict, an undelivered outcome, or got the device's last event
    /// since `since`.
    fn wanted(
        &mut self,
        device: Id,
        person: Option<Id>,
        since: Instant,
    ) -> Result<BTreeSet<Id>, StoreError>;

    /// Keeps an outcome for a device until it is delivered.
    fn add_outcome(&mut self, device: Id, outcome: &Outcome) -> Result<(), StoreError>;

    /// Outcomes a device hasn't confirmed, oldest first.
    fn outcomes(&mut self, device: Id) -> Result<Vec<Outcome>, StoreError>;

    /// Notes that an answer carries a device's undelivered outcomes. Earlier answers that carried them
    /// stay good: two copies of a phone hear of them in turn, and an answer may be confirmed late.
    fn outcomes_sent(&mut self, device: Id, answer: Id, now: Instant) -> Result<(), StoreError>;

    /// A device stored this answer: outcomes it carried are delivered.
    fn outcomes_delivered(&mut self, device: Id, answer: Id) -> Result<(), StoreError>;

    /// Tells every device of a person that it is time to exchange.
    fn ring_person(&mut self, person: Id, now: Instant) -> Result<(), StoreError>;

    /// Devices told since, and when last; two times of one device always differ.
    fn rung_since(&mut self, since: Instant) -> Result<Vec<(Id, Instant)>, StoreError>;
}

//! Bugs planted on purpose, to see that the simulation finds them.
//!
//! Only a test build with the feature `planted` has them, and there each is asleep until a test
//! wakes it in its own thread. Without debug assertions, as in a release, none ever wakes.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use crate::base::Id;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// The server answers before what it took is on its disk.
    AckBeforeCommit,
    /// The server sends what changed since the phone was last heard of, instead of what lies behind
    /// the phone's own cursor.
    CursorByTimestamp,
    /// Events are dated by when they arrived, so that the latest to arrive wins.
    LatestByArrival,
    /// A phone forgets which taps it has recorded.
    ForgottenIdempotency,
    /// The server doesn't compare what it has with what a phone says it wrote.
    ForkAccepted,
    /// A phone deletes events once the server has accepted them, rather than once they are safe.
    PurgeAtAccepted,
    /// A phone's own fold leaves out the office's word on its own work.
    VerdictNotObeyed,
    /// A payment is written into the order, and its receipt into nothing.
    HalfAction,
    /// What is given back is added to what a series comes to, not taken off.
    RefundAdded,
    /// A phone that hears of a server's new epoch offers nothing again.
    EpochUnheard,
    /// The server doesn't look whether a photo that came is the one an event names.
    PhotoUnchecked,
    /// Pictures of an order stay on the server when its record is erased.
    PhotosOutliveErasure,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 12] = [
        Bug::AckBeforeCommit,
        Bug::CursorByTimestamp,
        Bug::LatestByArrival,
        Bug::ForgottenIdempotency,
        Bug::ForkAccepted,
        Bug::PurgeAtAccepted,
        Bug::VerdictNotObeyed,
        Bug::HalfAction,
        Bug::RefundAdded,
        Bug::EpochUnheard,
        Bug::PhotoUnchecked,
        Bug::PhotosOutliveErasure,
    ];
}

thread_local! {
    static AWAKE: Cell<Option<Bug>> = const { Cell::new(None) };
    static HEARD: RefCell<BTreeMap<Id, u64>> = const { RefCell::new(BTreeMap::new()) };
}

/// Wakes one bug in this thread, and puts every other to sleep.
pub fn plant(bug: Option<Bug>) {
    AWAKE.with(|awake| awake.set(bug));
    HEARD.with_borrow_mut(BTreeMap::clear);
}

/// Whether this bug is awake in this thread.
pub fn is(bug: Bug) -> bool {
    cfg!(debug_assertions) && AWAKE.with(|awake| awake.get() == Some(bug))
}

/// [`Bug::CursorByTimestamp`]: an answer went out to the device, up to this position.
pub fn hear(device: Id, position: u64) {
    if is(Bug::CursorByTimestamp) {
        HEARD.with_borrow_mut(|heard| heard.insert(device, position));
    }
}

/// [`Bug::CursorByTimestamp`]: where the server begins, rather than at the phone's own cursor.
pub fn since_last_heard(device: Id, cursor: u64) -> u64 {
    let heard = HEARD.with_borrow(|heard| heard.get(&device).copied());
    heard.filter(|_| is(Bug::CursorByTimestamp)).unwrap_or(cursor)
}

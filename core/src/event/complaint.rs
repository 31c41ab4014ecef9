//! Cases of complaint, as the office tells phones of them.
//!
//! A case is the office's: what happened in it is kept there. Whenever where it stands has changed,
//! that is told in the order it is about and in those opened to call the customer back, so that it
//! reaches whoever has one of these, leaves with it, and is forgotten with it.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Id, Instant, Personal};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Somebody must do something about it.
    #[n(0)]
    Open,
    /// The customer has the answer; they are called back next.
    #[n(1)]
    Answered,
    /// The customer disagrees: clocks stand until a way is agreed on.
    #[n(2)]
    Disputed,
    /// Answered, called back, closed.
    #[n(3)]
    Closed,
}

/// How a complaint came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At the door, to the technician.
    #[n(0)]
    OnSite,
    /// By telephone.
    #[n(1)]
    Phone,
    /// On the web.
    #[n(2)]
    Web,
    /// By letter or mail.
    #[n(3)]
    Mail,
    /// By message, like WeChat.
    #[n(4)]
    Message,
    /// At the counter.
    #[n(5)]
    Counter,
}

/// Where a promise stands in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum CaseClock {
    /// It must be kept before its deadline.
    #[n(0)]
    Due,
    /// Its clock stands still.
    #[n(1)]
    Paused,
    /// It was kept in time.
    #[n(2)]
    Kept,
    /// It was kept, and too late.
    #[n(3)]
    Late,
}

/// One promise in a case. The office counted its deadline by its calendar: a phone need not.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct CasePromise {
    /// The promise, by its id in the service promises.
    #[n(0)]
    pub id: String,
    /// The moment that keeps it, like `answered`.
    #[n(1)]
    pub kept_by: String,
    /// Where it stands.
    #[n(2)]
    pub clock: CaseClock,
    /// Until when, while it is due.
    #[n(3)]
    pub due: Option<Instant>,
}

/// Where a case stands. The latest of a number counts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct CaseTold {
    /// The number people say on the phone.
    #[n(0)]
    pub number: String,
    /// Where it stands.
    #[n(1)]
    pub status: CaseStatus,
    /// Who answers for it.
    #[n(2)]
    pub owner: Id,
    /// How it came in.
    #[n(3)]
    pub channel: Option<Channel>,
    /// When it was received.
    #[n(4)]
    pub received: Instant,
    /// Its promises that have begun, in the order of the service promises.
    #[n(5)]
    pub promises: Vec<CasePromise>,
    /// The order it is about, where it is told in the order of a call-back.
    #[n(6)]
    pub about: Option<Id>,
}

/// Private part of the first [`CaseTold`] of a case in an order, class contact.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct CaseWords {
    /// What the customer complained of.
    #[n(0)]
    pub said: Personal,
}

impl CaseTold {
    /// Of several deadlines the earliest wins.
    pub fn earliest(&self) -> Option<(&CasePromise, Instant)> {
        let due =
            |promise: &'_ CasePromise| promise.due.filter(|_| promise.clock == CaseClock::Due);
        let waiting = self.promises.iter().filter_map(|promise| Some((promise, due(promise)?)));
        waiting.min_by_key(|(_, due)| *due)
    }
}

//! Complaints, as phones show them.

use doorstep::{
    base::{Id, Instant, Personal},
    screen::{ComplaintCard, ComplaintPromise, ComplaintReminder, ComplaintsScreen},
};

/// A complaint this person must see to soon, or should have by now.
#[uniffi::remote(Record)]
pub struct ComplaintReminder {
    /// The number people say on the phone.
    pub number: String,
    /// The order to open: the call-back's, where this phone makes it.
    pub order: Id,
    /// Until when, in words.
    pub text: String,
    /// What to do, in words.
    pub next: String,
    /// Until when.
    pub due: Instant,
    /// That is over.
    pub overdue: bool,
}

/// A promise in a case.
#[uniffi::remote(Record)]
pub struct ComplaintPromise {
    /// Its id in the service promises.
    pub promise: String,
    /// `due`, `paused`, `kept`, `late`.
    pub clock: String,
    /// Which, and where it stands, in words.
    pub text: String,
    /// Until when, while it is due.
    pub due: Option<Instant>,
    /// It is due, and its time is over.
    pub overdue: bool,
}

/// A complaint.
#[uniffi::remote(Record)]
pub struct ComplaintCard {
    /// The number people say on the phone.
    pub number: String,
    /// The order it is about, or the one that calls back.
    pub order: Id,
    /// Where.
    pub address: String,
    /// What the customer complained of; absent once they were forgotten.
    pub said: Option<Personal>,
    /// How and when it came in, in words.
    pub received: String,
    /// The status' id: `open`, `answered`, `disputed`.
    pub status: String,
    /// The status in words.
    pub status_text: String,
    /// Every promise that has begun.
    pub promises: Vec<ComplaintPromise>,
    /// The earliest deadline; absent while clocks stand, or nothing is left to do.
    pub due: Option<Instant>,
    /// That in words: which promise, until when, or that no clock runs.
    pub due_text: Option<String>,
    /// Its time is over.
    pub overdue: bool,
    /// The customer disagrees: no clock runs.
    pub paused: bool,
    /// Whoever has this phone answers for it, or calls back.
    pub mine: bool,
    /// What this person has to do next, in words.
    pub next: String,
    /// The order of the call-back to be made with this phone.
    pub call_back: Option<Id>,
}

/// Every complaint this phone knows of.
#[uniffi::remote(Record)]
pub struct ComplaintsScreen {
    /// How many, in words.
    pub headline: String,
    /// The earliest deadline first, those without one last.
    pub complaints: Vec<ComplaintCard>,
}

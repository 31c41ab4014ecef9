//! Morning and evening, as their screens cross.

use doorstep::{
    base::Id,
    screen::{
        Amount, CertificateLine, CertificateState, ComplaintReminder, EveningScreen, KitLine,
        MorningScreen, NextStop, OpenVisit,
    },
};

/// One thing to carry.
#[uniffi::remote(Record)]
pub struct KitLine {
    /// Its id.
    pub id: String,
    /// What sort, in words.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// How many at least.
    pub count: i64,
    /// For which work, in words.
    pub work: String,
}

/// How a certificate stands.
#[uniffi::remote(Enum)]
pub enum CertificateState {
    /// None is known.
    Missing,
    /// It ended.
    Ended,
    /// It ends soon.
    EndsSoon,
    /// It holds.
    Valid,
}

/// A certificate that today's work asks for.
#[uniffi::remote(Record)]
pub struct CertificateLine {
    /// Its kind.
    pub kind: String,
    /// How it stands.
    pub state: CertificateState,
    /// Which, and how it stands, in words.
    pub text: String,
}

/// Before the first door.
#[uniffi::remote(Record)]
pub struct MorningScreen {
    /// A shift is open on this phone.
    pub shift_open: bool,
    /// Orders that are not over.
    pub orders: i64,
    /// What to carry: tools, parts, papers.
    pub kit: Vec<KitLine>,
    /// Certificates that today's work asks for, those in trouble first.
    pub certificates: Vec<CertificateLine>,
    /// Something stands in the way of starting: a certificate that ended or is not there.
    pub trouble: Option<String>,
    /// Complaints to be seen to soon, or by now; the earliest first.
    pub complaints: Vec<ComplaintReminder>,
}

/// A visit that has not ended.
#[uniffi::remote(Record)]
pub struct OpenVisit {
    /// The visit.
    pub visit: Id,
    /// Where.
    pub stop: NextStop,
}

/// After the last door.
#[uniffi::remote(Record)]
pub struct EveningScreen {
    /// A shift is open on this phone.
    pub shift_open: bool,
    /// The day may be left as it is.
    pub ready: bool,
    /// What is still to do, in words, in the order it is best done.
    pub to_do: Vec<String>,
    /// How far the day's list came, in words.
    pub progress: String,
    /// What the bag should hold.
    pub expected: Option<Amount>,
    /// What was counted.
    pub counted: Option<Amount>,
    /// Counted less expected; absent before the count, and when nothing differs.
    pub difference: Option<Amount>,
    /// So much more in the bag than it may hold; the way to the bank is among what is to do.
    pub over: Option<Amount>,
    /// Visits left open.
    pub open_visits: Vec<OpenVisit>,
    /// Own events the server hasn't accepted.
    pub unsent: i64,
    /// Photos the server lacks.
    pub photos: i64,
    /// Complaints to be seen to soon, or by now; the earliest first.
    pub complaints: Vec<ComplaintReminder>,
}

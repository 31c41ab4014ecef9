//! The hazards of a visit's screen, as they cross.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    event::{Duty, ShutOff},
    screen::{DutyLine, GradeLine, HazardCard, PartyLine, StopCard},
};

/// A hazard, as a visit shows it.
#[uniffi::remote(Record)]
pub struct HazardCard {
    /// The order it was found under: a check under another one names it.
    pub order: Id,
    /// Its finding: what a duty, a check or a shut-off names.
    pub event: Hash,
    /// What it is about, as the checklist calls it.
    pub item: String,
    /// Where, and what is wrong, while the key is here.
    pub text: Option<Personal>,
    /// Its grade in words.
    pub grade: String,
    /// The grade's code on its scale.
    pub code: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// Who has to mend it: a party's id.
    pub party: Option<String>,
    /// That in words.
    pub party_text: Option<String>,
    /// What its grade asks for and nobody did yet.
    pub undone: Vec<DutyLine>,
    /// What the customer refused, before a witness, in words.
    pub refused: Vec<String>,
    /// To be mended by.
    pub due: Option<Instant>,
    /// That in words; absent once it is mended.
    pub due_text: Option<String>,
    /// Numbers of notices and tags, in their order.
    pub notices: Vec<String>,
    /// It was found in this visit, or in one it continues: it cannot end while something of it is undone.
    pub here: bool,
    /// It is mended, and was checked.
    pub closed: bool,
    /// How it stands, in words.
    pub state: String,
}

/// A duty that is not done.
#[uniffi::remote(Record)]
pub struct DutyLine {
    /// Which.
    pub duty: Duty,
    /// What people call it, and until when it is to be done, where its grade says so.
    pub title: String,
    /// Until when.
    pub due: Option<Instant>,
}

/// One time that gas was shut off.
#[uniffi::remote(Record)]
pub struct StopCard {
    /// The order it was shut off under.
    pub order: Id,
    /// Its event: what restoring names.
    pub event: Hash,
    /// What was shut off.
    pub what: ShutOff,
    /// For which hazard.
    pub hazard: Option<Hash>,
    /// The paper form's number.
    pub paper: Option<String>,
    /// When.
    pub at: Instant,
    /// It is still off.
    pub off: bool,
    /// What it was for was checked and passed: gas may come back.
    pub may_restore: bool,
    /// How it stands, in words.
    pub text: String,
    /// Somebody turned it on without a passed check: what that means, in words.
    pub alarm: Option<String>,
}

/// A grade to choose.
#[uniffi::remote(Record)]
pub struct GradeLine {
    /// Its code: what a finding or a check names.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// What it asks for and until when it is to be mended, in words.
    pub asks: String,
}

/// Somebody who can have to mend a hazard.
#[uniffi::remote(Record)]
pub struct PartyLine {
    /// Its id: what a finding names.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The items it mends unless the finding says otherwise, of those the screen offers.
    pub items: Vec<String>,
}

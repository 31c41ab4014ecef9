//! The visit, as its screen crosses.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    screen::{
        Amount, BottleLine, Choice, FindingCard, GradeLine, HazardCard, ItemLine, LeftLine,
        MeterCard, NextStop, OutcomeCard, PartyLine, PhaseCard, PhaseState, PhotoCard, PhotoTally,
        StepCard, StopCard, StopLine, VisitScreen,
    },
};

/// One way to answer.
#[uniffi::remote(Record)]
pub struct Choice {
    /// What actions call it.
    pub id: String,
    /// What people call it.
    pub title: String,
}

/// One rule that was broken.
#[uniffi::remote(Record)]
pub struct FindingCard {
    /// What a reason is given for.
    pub key: String,
    /// The step, where it is about one.
    pub step: Option<String>,
    /// In words.
    pub text: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
    /// It waits for a reason.
    pub reason_due: bool,
    /// The entry it is about was corrected since.
    pub corrected: bool,
    /// When.
    pub at: Instant,
    /// When, in words.
    pub at_text: String,
}

/// One thing that can be charged.
#[uniffi::remote(Record)]
pub struct ItemLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The price of one.
    pub unit_price: Amount,
}

/// A step that is required and not done.
#[uniffi::remote(Record)]
pub struct LeftLine {
    /// The step.
    pub step: String,
    /// Its phase.
    pub phase: String,
    /// What people call it.
    pub title: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One way to end.
#[uniffi::remote(Record)]
pub struct OutcomeCard {
    /// The outcome.
    pub outcome: String,
    /// What people call it.
    pub title: String,
    /// The visit can end like this now.
    pub possible: bool,
    /// What stops it.
    pub stops: Vec<StopLine>,
    /// Titles of steps that would be findings if it ended like this now.
    pub missing: Vec<String>,
}

/// One phase.
#[uniffi::remote(Record)]
pub struct PhaseCard {
    /// Its id.
    pub phase: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub state: PhaseState,
    /// Required steps that are done.
    pub done: i64,
    /// Required steps.
    pub required: i64,
    /// These two in words.
    pub progress: String,
}

/// Where a phase stands.
#[uniffi::remote(Enum)]
pub enum PhaseState {
    /// Nothing required is left.
    Complete,
    /// This is where the visit is.
    Current,
    /// Something required was passed over.
    Lacking,
    /// Not begun.
    Ahead,
}

/// One step.
#[uniffi::remote(Record)]
pub struct StepCard {
    /// Its id.
    pub step: String,
    /// What it asks for, by the kind's name: `count`, `choice`, `payment`, …
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// Words the technician may say.
    pub say: Option<String>,
    /// What to look at while doing it.
    pub hint: Option<String>,
    /// Its limits in words.
    pub limits: Vec<String>,
    /// An answer that breaks a limit is refused; otherwise it becomes a finding.
    pub stops: bool,
    /// Choices or items.
    pub choices: Vec<Choice>,
    /// The unit of a measurement.
    pub unit: Option<String>,
    /// Digits behind the point, where a number is asked for.
    pub decimals: Option<i64>,
    /// Characters at most, where words are asked for.
    pub max_length: Option<i64>,
    /// Its photos; of an entry that was corrected, those of the correction.
    pub photos: Vec<PhotoCard>,
    /// How many of them are with the office, in words; absent where there are none.
    pub photos_text: Option<String>,
    /// The last answer in words.
    pub answer: Option<String>,
    /// Who did it last, where it was done before the visit was taken over, in words.
    pub earlier: Option<String>,
    /// Its entry, where it can be corrected.
    pub entry: Option<Hash>,
    /// What stood there before it was corrected, in words.
    pub corrected: Option<String>,
    /// How often it was done.
    pub times: i64,
    /// Done at least once.
    pub done: bool,
    /// The visit lacks something without it.
    pub required: bool,
    /// Shown at all, as things are now.
    pub relevant: bool,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One thing that stops an outcome.
#[uniffi::remote(Record)]
pub struct StopLine {
    /// What to do.
    pub text: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One visit.
#[uniffi::remote(Record)]
pub struct VisitScreen {
    /// That a newer app is needed to see all of this order, in words, when it is; what is recorded here
    /// counts all the same.
    pub update_text: Option<String>,
    /// What service this customer needs; to be read before anything else.
    pub special_need: Option<Personal>,
    /// What to beware of: codes.
    pub warnings: Vec<String>,
    /// How to get in.
    pub access_note: Option<Personal>,
    /// The customer's phone.
    pub phone: Option<Personal>,
    /// The appointment in words.
    pub appointment: Option<String>,
    /// The visit.
    pub visit: Id,
    /// Its order.
    pub order: Id,
    /// The order's number.
    pub number: String,
    /// Where.
    pub address: String,
    /// The customer's name.
    pub customer: Option<Personal>,
    /// What was reported.
    pub report: Option<Personal>,
    /// The standard it follows.
    pub standard: String,
    /// Its steps can be recorded here and now: ours, and not ended.
    pub open: bool,
    /// How it ended, or that a colleague goes on with it, in words.
    pub ended: Option<String>,
    /// From whom it was taken over, in words.
    pub taken_over: Option<String>,
    /// Where to go from here, once it has ended.
    pub next: Option<NextStop>,
    /// All phases.
    pub phases: Vec<PhaseCard>,
    /// The phase whose steps are shown.
    pub phase: String,
    /// Its title.
    pub phase_title: String,
    /// Its steps.
    pub steps: Vec<StepCard>,
    /// Rules that were broken, latest last.
    pub findings: Vec<FindingCard>,
    /// Findings that wait for a reason.
    pub reasons_due: i64,
    /// Steps required and not done, in order.
    pub left: Vec<LeftLine>,
    /// The ways to end.
    pub outcomes: Vec<OutcomeCard>,
    /// Hazards of the order, in the order they were found, and then what other orders left open
    /// here.
    pub hazards: Vec<HazardCard>,
    /// Gas that was shut off.
    pub stops: Vec<StopCard>,
    /// The gas bottles that the customer holds, by size, over all orders; of deliveries alone.
    pub bottles: Vec<BottleLine>,
    /// Meters that are still to be read: what each is estimated at where nobody gets at it, and what its
    /// customer said.
    pub meters: Vec<MeterCard>,
    /// Grades a hazard can have, the gravest first.
    pub grades: Vec<GradeLine>,
    /// What a hazard can be about; other words may be written in its place.
    pub hazard_items: Vec<Choice>,
    /// Who can have to mend a hazard.
    pub hazard_parties: Vec<PartyLine>,
    /// All its photos, counted.
    pub photos: PhotoTally,
    /// Photos that were taken and that nothing names: record them with their step, or leave them.
    pub loose_photos: Vec<PhotoCard>,
    /// Holds events of a newer version: update the app to see all of it.
    pub needs_newer_app: bool,
}

/// One size of gas bottle at the customer's.
#[uniffi::remote(Record)]
pub struct BottleLine {
    /// The size's id.
    pub size: String,
    /// How many the customer holds.
    pub held: i64,
    /// Size and number in words.
    pub text: String,
    /// Each that is known by its code, with when it came, in words.
    pub codes: Vec<String>,
}

//! The core's screens and small types, as they cross: fields and variants are named once more for
//! UniFFI, values are the core's own.

mod hazard;
mod payment;

use doorstep::{
    base::{Hash, Id, Instant, Lang, Personal},
    document::Form,
    event::{SignOffResult, SignerRole},
    screen::{
        Amount, BottleLine, CallOut, CertificateLine, CertificateState, Choice, ComplaintCard,
        ComplaintPromise, ComplaintReminder, ComplaintsScreen, EveningScreen, FastScreen,
        FindingCard, GasOffLine, GradeLine, HazardCard, HazardLine, ItemLine, KitLine, LeftLine,
        MeterCard, MorningScreen, NextStop, Notice, OpenVisit, OutcomeCard, PartyLine, PayLine,
        PayScreen, PaymentLine, PhaseCard, PhaseState, PhotoCard, PhotoLane, PhotoState,
        PhotoTally, PromiseLine, QuoteLine, QuoteState, ReadingCheck, ReceiptLine, SearchRow,
        SearchScreen, SignScreen, StepCard, StopCard, StopLine, StuckLine, SyncLane, SyncScreen,
        TodayCounts, TodayRow, TodayScreen, VisitScreen,
    },
    sync::{Lane, Trouble},
};

pub(crate) type PaperForm = Form;

uniffi::custom_type!(Id, String, {
    remote,
    lower: |id| id.to_string(),
    try_lift: |text| Ok(text.parse::<Id>()?),
});
uniffi::custom_type!(Hash, String, {
    remote,
    lower: |hash| hash.to_string(),
    try_lift: |text| Ok(text.parse::<Hash>()?),
});
uniffi::custom_type!(Instant, i64, {
    remote,
    lower: |instant| instant.0,
    try_lift: |ms| Ok(Instant(ms)),
});
uniffi::custom_type!(Personal, String, {
    remote,
    lower: |text| text.reveal().to_owned(),
    try_lift: |text| Ok(Personal::new(text)),
});

/// An amount, to read and to compute with.
#[uniffi::remote(Record)]
pub struct Amount {
    /// With its currency, as people write it.
    pub text: String,
    /// In the currency's smallest unit.
    pub minor: i64,
    /// Three capital letters.
    pub currency: String,
}

/// What is said aloud, line by line.
#[uniffi::remote(Record)]
pub struct CallOut {
    /// The lines, in the order they are said.
    pub lines: Vec<String>,
    /// What is due.
    pub due: Amount,
    /// What was handed over.
    pub tendered: Option<Amount>,
    /// What is given back.
    pub change: Option<Amount>,
    /// The sum entered can be taken as it is.
    pub enough: bool,
}

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

/// A decision on a conflict, told to whoever worked on the order.
#[uniffi::remote(Record)]
pub struct Notice {
    /// Its id.
    pub id: Id,
    /// About which order, in the list or not.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// The conflict's rule, like `C2`.
    pub rule: String,
    /// What was decided, by its id.
    pub choice: String,
    /// All of it in words.
    pub text: String,
    /// When, by the server's clock.
    pub at: Instant,
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

/// One line that was charged.
#[uniffi::remote(Record)]
pub struct PayLine {
    /// The item's code.
    pub code: String,
    /// Its name, in the customer's language.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_price: Amount,
    /// What they come to.
    pub amount: Amount,
    /// Why it is free, when it is.
    pub free: Option<String>,
}

/// The money of one visit.
#[uniffi::remote(Record)]
pub struct PayScreen {
    /// The visit.
    pub visit: Id,
    /// What was charged.
    pub lines: Vec<PayLine>,
    /// What can be charged.
    pub items: Vec<ItemLine>,
    /// Reasons for which something may go free.
    pub free_reasons: Vec<Choice>,
    /// Sum of the lines.
    pub charged: Amount,
    /// Sum of the payments.
    pub paid: Amount,
    /// What is left to pay.
    pub due: Amount,
    /// All payments of the order, first to last: what may be made void or given back.
    pub payments: Vec<PaymentLine>,
    /// The bag holds too much cash: what to do, in words.
    pub bag: Option<String>,
    /// What is paid next is a deposit, with a receipt of its own: so in words.
    pub deposit: Option<String>,
    /// A wallet's or card's payment needs a photo of the screen shown: what to do, in words.
    pub claim_photo: Option<String>,
    /// Where the quote stands.
    pub quote: QuoteLine,
    /// The last receipt of this visit.
    pub receipt: Option<ReceiptLine>,
    /// What to say now: of the sum entered, or else of the last payment, or else what is due.
    pub call_out: CallOut,
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

/// One photo.
#[uniffi::remote(Record)]
pub struct PhotoCard {
    /// What actions call it.
    pub photo: Hash,
    /// How far it is.
    pub state: PhotoState,
    /// Its size as it is sent, in bytes; 0 where it was taken elsewhere.
    pub bytes: i64,
    /// So many of them are with the office.
    pub sent_bytes: i64,
    /// The picture itself is still on this phone.
    pub here: bool,
    /// A small picture of it is on this phone.
    pub thumbnail: bool,
    /// Why the office doesn't take it: a code, like `photo-quota`.
    pub refused: Option<String>,
    /// How far it is in words, and what to do where something is.
    pub text: String,
}

/// Photos that wait, as sync is shown.
#[uniffi::remote(Record)]
pub struct PhotoLane {
    /// The lane's name.
    pub title: String,
    /// Photos.
    pub photos: i64,
    /// Bytes of them that are still to be sent.
    pub bytes: i64,
    /// Of these photos, refused by the office for now.
    pub refused: i64,
    /// They wait for a network that isn't metered; they can be sent all the same.
    pub waits: bool,
    /// These in words.
    pub text: String,
    /// How long sending them takes, in words, where the link's speed is known.
    pub time_left_text: Option<String>,
}

/// How far a photo is on its way.
#[uniffi::remote(Enum)]
pub enum PhotoState {
    /// Nothing of it is with the office.
    Waiting,
    /// Part of it is.
    Sending,
    /// All of it is.
    Sent,
    /// The office doesn't take it for now.
    Refused,
    /// It was taken on another phone: that one knows.
    Elsewhere,
    /// The customer asked that it be removed: nobody keeps it.
    Erased,
}

/// How many photos, and how far they are.
#[uniffi::remote(Record)]
pub struct PhotoTally {
    /// Taken on this phone.
    pub taken: i64,
    /// Of these, with the office.
    pub sent: i64,
    /// Of these, still to be sent, those refused included.
    pub waiting: i64,
    /// Of these, refused by the office for now.
    pub refused: i64,
    /// Bytes still to be sent.
    pub waiting_bytes: i64,
    /// How many of how many are sent, in words; absent where none was taken.
    pub text: Option<String>,
}

/// The last quote.
#[uniffi::remote(Record)]
pub struct QuoteLine {
    /// Where it stands.
    pub state: QuoteState,
    /// Its version; 0 when there is none.
    pub version: i64,
    /// Its total.
    pub total: Option<Amount>,
    /// In words.
    pub text: String,
    /// What is charged goes beyond what was accepted.
    pub exceeded: bool,
}

/// Where a quote stands.
#[uniffi::remote(Enum)]
pub enum QuoteState {
    /// None was offered.
    None,
    /// The last one waits for the customer's yes.
    Offered,
    /// The last one was accepted.
    Accepted,
}

/// A receipt that was issued.
#[uniffi::remote(Record)]
pub struct ReceiptLine {
    /// The number printed on it.
    pub number: String,
    /// Its counter in the device's series.
    pub counter: i64,
}

/// The statement and the ways to answer it.
#[uniffi::remote(Record)]
pub struct SignScreen {
    /// The visit.
    pub visit: Id,
    /// The text the customer reads.
    pub statement: String,
    /// Its hash: given back with the sign-off, so that what was read is what is signed.
    pub hash: Hash,
    /// Its language.
    pub lang: Lang,
    /// What the customer agrees to before drawing.
    pub consent: String,
    /// Who may sign.
    pub who: String,
    /// The signer's place, to choose from.
    pub roles: Vec<Choice>,
    /// How it can end, to choose from.
    pub results: Vec<Choice>,
    /// How it was signed off already, in words.
    pub signed: Option<String>,
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

/// What goes first.
#[uniffi::remote(Enum)]
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

/// What waits in one lane, as shown.
#[uniffi::remote(Record)]
pub struct SyncLane {
    /// Which lane.
    pub lane: Lane,
    /// Its name.
    pub title: String,
    /// Events.
    pub events: i64,
    /// Their bytes.
    pub bytes: i64,
    /// When the oldest was recorded.
    pub since: Instant,
    /// These in words.
    pub text: String,
}

/// Something that is stuck, as shown.
#[uniffi::remote(Record)]
pub struct StuckLine {
    /// What it is about: an order by its number, the receipts, the shift.
    pub what: String,
    /// Why: a code, like `revoked`.
    pub reason: String,
    /// Why, in words.
    pub text: String,
    /// What the user can do about it.
    pub what_to_do: String,
}

/// Sync, as shown.
#[uniffi::remote(Record)]
pub struct SyncScreen {
    /// Own events the server hasn't accepted.
    pub unsent: i64,
    /// When the oldest of them was recorded.
    pub since: Option<Instant>,
    /// These two in words.
    pub unsent_text: String,
    /// The same lane by lane, most urgent first; lanes with nothing are left out.
    pub lanes: Vec<SyncLane>,
    /// How long sending them takes, in words, where the link's speed is known.
    pub time_left_text: Option<String>,
    /// Photos that wait, behind all of these; absent when none does.
    pub photos: Option<PhotoLane>,
    /// When the server last answered.
    pub last_success: Option<Instant>,
    /// That in words.
    pub last_success_text: String,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// That in words.
    pub trouble_text: Option<String>,
    /// What the user can do about it.
    pub what_to_do: Option<String>,
    /// Nothing is tried by itself before this.
    pub next_try: Option<Instant>,
    /// That in words.
    pub next_try_text: Option<String>,
    /// Own streams the office holds back until a supervisor decides.
    pub held: i64,
    /// That in words, when there are any.
    pub held_text: Option<String>,
    /// The first of them: what, why, and what to do.
    pub stuck: Vec<StuckLine>,
    /// The server said that it holds all that was recorded here.
    pub nothing_unsent: bool,
    /// It does, and a verified backup of it covers all of that: the phone may be wiped.
    pub safe: bool,
    /// The server's statement in words, when nothing is unsent, and whether it is in a backup yet.
    pub statement: Option<String>,
    /// Why the phone should be enrolled again and what to do for it, in words, when it should: what is
    /// recorded until then may not count.
    pub enrol_again_text: Option<String>,
    /// That the app should be updated, in words, when it should; its work is taken meanwhile.
    pub update_text: Option<String>,
}

/// Gas that is off.
#[uniffi::remote(Record)]
pub struct GasOffLine {
    /// The order it was shut off under.
    pub order: Id,
    /// The event that shut it off: whoever restores it under another order names both.
    pub event: Hash,
    /// The finding it was shut off for.
    pub hazard: Option<Hash>,
    /// What is off and since when, in words.
    pub text: String,
}

/// A hazard that is not mended.
#[uniffi::remote(Record)]
pub struct HazardLine {
    /// The order it was found under.
    pub order: Id,
    /// Its finding: a check under another order names both.
    pub event: Hash,
    /// Grade, item and until when it is to be mended, in words.
    pub text: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// It should have been mended by now.
    pub overdue: bool,
}

/// A promise that waits to be kept.
#[uniffi::remote(Record)]
pub struct PromiseLine {
    /// Its id in the service promises.
    pub promise: String,
    /// Which, and until when, in words.
    pub text: String,
    /// Kept by.
    pub due: Instant,
    /// It is broken.
    pub overdue: bool,
}

/// The door to go to.
#[uniffi::remote(Record)]
pub struct NextStop {
    /// The order that waits there.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// Where, and why this one, in words.
    pub text: String,
    /// Where.
    pub address: String,
    /// What service this customer needs; to be read before the door opens.
    pub special_need: Option<Personal>,
    /// The customer's language in words, where it is known.
    pub speaks: Option<String>,
    /// Hazards there that are not mended.
    pub hazards: i64,
    /// Gas there is off.
    pub gas_off: bool,
}

/// One row of what was found.
#[uniffi::remote(Record)]
pub struct SearchRow {
    /// The premises; absent when they are not here.
    pub premises: Option<Id>,
    /// Where.
    pub address: String,
    /// Numbers of its meters.
    pub meters: Vec<String>,
    /// The order in scope there.
    pub order: Option<Id>,
    /// Its number.
    pub number: Option<String>,
    /// Its customer's name, while the key is here.
    pub customer: Option<Personal>,
}

/// What was found.
#[uniffi::remote(Record)]
pub struct SearchScreen {
    /// How much, in words.
    pub text: String,
    /// Orders in scope first.
    pub rows: Vec<SearchRow>,
    /// There is more than is shown: type more.
    pub more: bool,
}

/// A meter to be read.
#[uniffi::remote(Record)]
pub struct MeterCard {
    /// The number that stands on its plate.
    pub number: String,
    /// Black wheels.
    pub digits: i64,
    /// Its seal's number.
    pub seal: Option<String>,
    /// What it is estimated at where nobody gets at it, and from what, in words; recorded as an
    /// estimate without a value. Absent where the profile says nothing of estimates.
    pub estimate: Option<String>,
    /// What its customer said of it, or it sent, in words: the wheels are read all the same.
    pub told: Option<String>,
}

/// What a number comes to.
#[uniffi::remote(Record)]
pub struct ReadingCheck {
    /// Used since the last real reading, in words.
    pub text: String,
    /// What stands out, in words; empty when nothing does.
    pub flags: Vec<String>,
    /// It cannot be: read it again, or open the visit to send it to a supervisor.
    pub impossible: bool,
    /// Past the end of the wheels would be plausible: look again, take a picture, and say so.
    pub offer_roll_over: bool,
    /// What it would cost; the bill is the office's.
    pub preview: Option<Amount>,
}

/// The next meter.
#[uniffi::remote(Record)]
pub struct FastScreen {
    /// What the last number came to, to be told to the customer.
    pub told: Option<ReadingCheck>,
    /// The last reading's visit, where something must still be put right.
    pub visit: Option<Id>,
    /// How far the round is done, in words.
    pub progress: String,
    /// Where to go; absent when every meter is read.
    pub stop: Option<NextStop>,
    /// The meters there.
    pub meters: Vec<MeterCard>,
}

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

/// How many of what.
#[uniffi::remote(Record)]
pub struct TodayCounts {
    /// Orders of the list, shown or not.
    pub orders: i64,
    /// Of these, neither done nor cancelled.
    pub open: i64,
    /// Of these, over.
    pub done: i64,
    /// Rows that are emergencies and not over.
    pub emergencies: i64,
    /// Rows past a promise or the time agreed.
    pub overdue: i64,
    /// Open conflicts in all rows.
    pub conflicts: i64,
    /// Own events the server hasn't accepted.
    pub unsent: i64,
}

/// One order.
#[uniffi::remote(Record)]
pub struct TodayRow {
    /// Its id.
    pub order: Id,
    /// The number people say on the phone.
    pub number: String,
    /// What is to be done, in words.
    pub kind: String,
    /// Where.
    pub address: String,
    /// The building, to group rows by.
    pub building: String,
    /// Its stair or entrance, where it has several.
    pub stair: Option<String>,
    /// The floor.
    pub floor: i64,
    /// The flat, as its door says.
    pub flat: Option<String>,
    /// What service this customer needs; to be read before the door opens.
    pub special_need: Option<Personal>,
    /// The customer's language in words, where it is known.
    pub speaks: Option<String>,
    /// Hazards there that are not mended, gravest first.
    pub hazards: Vec<HazardLine>,
    /// Gas there that is off, in the order it was shut off.
    pub gas_off: Vec<GasOffLine>,
    /// The status' id, like `in_progress`.
    pub status: String,
    /// The status in words.
    pub status_text: String,
    /// Danger to life.
    pub emergency: bool,
    /// The appointment, agreed with the customer or planned, in words.
    pub appointment: Option<String>,
    /// That time is over, and nobody came.
    pub late: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// The promise in words.
    pub due_text: Option<String>,
    /// The company's promises that hold for it and are not kept yet, earliest first.
    pub promises: Vec<PromiseLine>,
    /// A promise is broken, or the time agreed is over.
    pub overdue: bool,
    /// Conflicts a supervisor must still look at.
    pub conflicts: i64,
    /// These in words, when there are any.
    pub conflicts_text: Option<String>,
    /// Owed again after the visit, as a wallet's payment bounced: how much, and who collects it, in
    /// words.
    pub owed: Option<String>,
    /// This phone's visit to it: the open one, or else the last.
    pub visit: Option<Id>,
}

/// The first screen.
#[uniffi::remote(Record)]
pub struct TodayScreen {
    /// The day in one line.
    pub headline: String,
    /// How far it is done, in words.
    pub progress: String,
    /// Orders as they are best gone to: emergencies, times agreed or promised, then the round by
    /// building, stair, floor and flat; what is over last.
    pub rows: Vec<TodayRow>,
    /// There are more orders than rows.
    pub more: bool,
    /// Where to go first; absent when nothing is left to do.
    pub next: Option<NextStop>,
    /// Decisions to be read, latest first.
    pub notices: Vec<Notice>,
    /// Numbers of it all.
    pub counts: TodayCounts,
    /// Complaints to be seen to soon, or by now; the earliest first.
    pub complaints: Vec<ComplaintReminder>,
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

/// A language Doorstep speaks, by its BCP 47 tag.
#[uniffi::remote(Enum)]
pub enum Lang {
    /// Chinese in simplified characters.
    ZhHans,
    /// Chinese in traditional characters.
    ZhHant,
    /// English.
    En,
}

/// A form a receipt can take.
#[uniffi::remote(Enum)]
pub enum Form {
    /// Lines of text.
    Text,
    /// A picture, QR code included.
    Svg,
    /// Bytes for a receipt printer with paper of 80 mm.
    Escpos,
    /// The same for paper of 58 mm.
    Escpos58,
    /// The text of the QR code.
    Qr,
}

/// How a sign-off ended.
#[uniffi::remote(Enum)]
pub enum SignOffResult {
    /// Signed.
    Signed,
    /// Would not sign.
    Declined,
    /// Nobody there to sign.
    Absent,
    /// There, but unable.
    Unable,
}

/// Who signs.
#[uniffi::remote(Enum)]
pub enum SignerRole {
    /// The owner.
    Owner,
    /// The tenant.
    Tenant,
    /// Family of the customer.
    Family,
    /// Somebody acting for the customer.
    Agent,
}

/// What kept the last exchange from succeeding, by what the user or the app can do about it.
#[uniffi::remote(Enum)]
pub enum Trouble {
    /// No network, no route, connection refused or cut: wait.
    Offline,
    /// Something answered that is not our server (a captive portal, a proxy, garbage, half a
    /// body): open the browser, or change the network.
    NotOurServer,
    /// The server is there and said it can't now: wait.
    ServerBusy,
    /// The server doesn't accept this device any more: enrol again. Unsent work stays.
    Refused,
    /// The server speaks a later protocol: update the app. Unsent work stays.
    NeedsNewerApp,
}

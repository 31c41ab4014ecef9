//! What waits and what went, as the sync screen crosses.

use doorstep::{
    base::{Id, Instant},
    screen::{Notice, PhotoLane, StuckLine, SyncLane, SyncScreen},
    sync::{Lane, Trouble},
};

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

//! The list of the day, the next door and search, as they cross.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    screen::{
        ComplaintReminder, GasOffLine, HazardLine, NextStop, Notice, PromiseLine, SearchRow,
        SearchScreen, TodayCounts, TodayRow, TodayScreen,
    },
};

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

//! After the last door: what is still open before the day is.

use serde::Serialize;

use super::{Amount, ComplaintReminder, NextStop, OrderFacts, payment::bag_words};
use crate::{
    base::{ClockReading, Id, Lang, Money},
    text::tr,
};

/// What the evening's screen is made of.
#[derive(Debug, Clone, Copy)]
pub struct EveningFacts<'a> {
    /// A shift is open.
    pub shift_open: bool,
    /// What the bag should hold, and what was counted, where there was a shift.
    pub cash: Option<(Money, Option<Money>)>,
    /// While the shift is open: the bag holds so much more than the profile lets it.
    pub over: Option<Money>,
    /// Orders with a visit of this phone that has not ended, and the visit.
    pub open_visits: &'a [(Id, OrderFacts)],
    /// Listed orders, and those not over.
    pub listed: (u64, u64),
    /// Own events the server hasn't accepted.
    pub unsent: u64,
    /// Photos the server lacks.
    pub photos: u64,
    /// Complaints this technician is reminded of.
    pub complaints: &'a [ComplaintReminder],
}

/// The evening's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A visit that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenVisit {
    /// The visit.
    pub visit: Id,
    /// Where.
    pub stop: NextStop,
}

impl EveningScreen {
    /// The screen at `clock`.
    pub fn new(facts: &EveningFacts<'_>, clock: &ClockReading, lang: Lang) -> EveningScreen {
        let number = |count: u64| ("count", count.to_string().into());
        let mut to_do = Vec::new();
        if !facts.open_visits.is_empty() {
            let count = number(facts.open_visits.len() as u64);
            to_do.push(tr(lang, "evening-visits", &[count]));
        }
        to_do.extend(bag_words(facts.over, lang));
        if facts.shift_open {
            to_do.push(tr(lang, "evening-count", &[]));
        }
        if facts.unsent > 0 {
            to_do.push(tr(lang, "evening-unsent", &[number(facts.unsent)]));
        }
        if facts.photos > 0 {
            to_do.push(tr(lang, "evening-photos", &[number(facts.photos)]));
        }
        let (listed, open) = facts.listed;
        let args = [
            ("done", listed.saturating_sub(open).to_string().into()),
            ("orders", listed.to_string().into()),
        ];
        let amount = |money| Amount::new(money, lang);
        let counted = facts.cash.and_then(|(_, counted)| counted);
        let difference = facts.cash.zip(counted).and_then(|((expected, _), counted)| {
            counted.minus(expected).ok().filter(|difference| difference.minor != 0)
        });
        EveningScreen {
            complaints: facts.complaints.to_vec(),
            shift_open: facts.shift_open,
            ready: to_do.is_empty(),
            to_do,
            progress: tr(lang, "today-progress", &args),
            expected: facts.cash.map(|(expected, _)| amount(expected)),
            counted: counted.map(amount),
            difference: difference.map(amount),
            over: facts.over.map(amount),
            open_visits: facts
                .open_visits
                .iter()
                .map(|(visit, order)| OpenVisit {
                    visit: *visit,
                    stop: NextStop::new(order, None, clock.zone, lang),
                })
                .collect(),
            unsent: i64::try_from(facts.unsent).unwrap_or(i64::MAX),
            photos: i64::try_from(facts.photos).unwrap_or(i64::MAX),
        }
    }
}

//! Complaints that concern this phone's orders or its technician: what was said, until when what is
//! promised, and what this person has to do about it.

use serde::Serialize;

use super::words::when;
use crate::{
    base::{ClockReading, Id, Instant, Lang, Personal, Zone},
    event::{CaseClock, CasePromise, CaseStatus, CaseTold},
    standard::ServicePromises,
    text::{id_of, named, tr},
};

/// A case, and what is known here of its orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintFacts {
    /// Where it stands.
    pub told: CaseTold,
    /// The order it is about, where that is here; the call-back's otherwise.
    pub order: Id,
    /// Where.
    pub address: String,
    /// What the customer complained of, while its key is here.
    pub said: Option<Personal>,
    /// The call-back to be made with this phone: its order and its number.
    pub call_back: Option<(Id, String)>,
}

/// What the screen of complaints is made from.
#[derive(Debug, Clone, Copy)]
pub struct ComplaintsFacts<'a> {
    /// The cases.
    pub complaints: &'a [ComplaintFacts],
    /// Whose phone this is.
    pub me: Id,
    /// The words of promises, and when to remind.
    pub promises: &'a ServicePromises,
}

/// Every complaint this phone knows of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ComplaintsScreen {
    /// How many, in words.
    pub headline: String,
    /// The earliest deadline first, those without one last.
    pub complaints: Vec<ComplaintCard>,
}

/// A complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A promise in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A complaint this person must see to soon, or should have by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// What people are told of a `complaint` or an `emergency` with a deadline: the office by its
/// alarms, a technician by reminders.
pub fn alarm_words(
    kind: &str,
    number: &str,
    due: Instant,
    now: Instant,
    zone: Zone,
    lang: Lang,
) -> String {
    let state = if is_overdue(due, now) { "overdue" } else { "due" };
    let args = [("number", number.into()), ("due", due.minute(zone).into())];
    tr(lang, &format!("alarm-{kind}-{state}"), &args)
}

/// A deadline is a moment before which something must be done.
fn is_overdue(due: Instant, now: Instant) -> bool {
    now >= due
}

impl ComplaintsScreen {
    /// The screen at `clock`.
    pub fn new(facts: &ComplaintsFacts<'_>, clock: &ClockReading, lang: Lang) -> ComplaintsScreen {
        let words = Words { facts, clock, lang };
        let mut complaints: Vec<_> = facts.complaints.iter().map(|it| words.card(it)).collect();
        complaints.sort_by_key(|card| (card.due.is_none(), card.due, card.number.clone()));
        let mine = complaints.iter().filter(|card| card.mine).count().to_string();
        let args = [("count", complaints.len().to_string().into()), ("mine", mine.into())];
        let id = if complaints.is_empty() { "complaints-none" } else { "complaints-headline" };
        ComplaintsScreen { headline: tr(lang, id, &args), complaints }
    }
}

impl ComplaintReminder {
    /// What this person is reminded of at `clock`, the earliest first.
    pub fn all(
        facts: &ComplaintsFacts<'_>,
        clock: &ClockReading,
        lang: Lang,
    ) -> Vec<ComplaintReminder> {
        let screen = ComplaintsScreen::new(facts, clock, lang);
        let until = facts.promises.remind_until(clock.wall);
        let near = |card: ComplaintCard| {
            let due = card.due.filter(|due| card.mine && *due <= until)?;
            Some(ComplaintReminder {
                text: alarm_words("complaint", &card.number, due, clock.wall, clock.zone, lang),
                number: card.number,
                order: card.call_back.unwrap_or(card.order),
                next: card.next,
                due,
                overdue: card.overdue,
            })
        };
        screen.complaints.into_iter().filter_map(near).collect()
    }
}

struct Words<'a> {
    facts: &'a ComplaintsFacts<'a>,
    clock: &'a ClockReading,
    lang: Lang,
}

impl Words<'_> {
    fn when(&self, at: Instant) -> String {
        when(at, self.clock.zone, Some(self.clock.wall))
    }

    fn card(&self, complaint: &ComplaintFacts) -> ComplaintCard {
        let (lang, told) = (self.lang, &complaint.told);
        let earliest = told.earliest();
        let overdue = earliest.is_some_and(|(_, due)| is_overdue(due, self.clock.wall));
        let paused = told.status == CaseStatus::Disputed;
        let due_text = match earliest {
            Some((promise, _)) => Some(self.promise(promise).text),
            None if paused => Some(tr(lang, "complaint-paused", &[])),
            None => None,
        };
        let owned = told.owner == self.facts.me;
        let channel = told.channel.map_or(String::new(), |it| named(lang, "channel", &id_of(&it)));
        let received = [("channel", channel.into()), ("when", self.when(told.received).into())];
        ComplaintCard {
            number: told.number.clone(),
            order: complaint.order,
            address: complaint.address.clone(),
            said: complaint.said.clone(),
            received: tr(lang, "complaint-received", &received),
            status: id_of(&told.status),
            status_text: named(lang, "complaint-status", &id_of(&told.status)),
            promises: told.promises.iter().map(|promise| self.promise(promise)).collect(),
            due: earliest.map(|(_, due)| due),
            due_text,
            overdue,
            paused,
            mine: owned || complaint.call_back.is_some(),
            next: self.next(complaint, owned),
            call_back: complaint.call_back.as_ref().map(|(order, _)| *order),
        }
    }

    fn promise(&self, promise: &CasePromise) -> ComplaintPromise {
        let known = self.facts.promises.get(&promise.id);
        let title = known.map_or(promise.id.as_str(), |known| known.title.get(self.lang));
        let due = promise.due.filter(|_| promise.clock == CaseClock::Due);
        let overdue = due.is_some_and(|due| is_overdue(due, self.clock.wall));
        let mut args = vec![("promise", title.into())];
        args.extend(due.map(|due| ("when", self.when(due).into())));
        let clock = id_of(&promise.clock);
        let text = match due {
            // In the words that the list has for promises.
            Some(_) if overdue => tr(self.lang, "today-promise-broken", &args),
            Some(_) => tr(self.lang, "today-promise", &args),
            None => tr(self.lang, &format!("complaint-promise-{clock}"), &args),
        };
        ComplaintPromise { promise: promise.id.clone(), clock, text, due, overdue }
    }

    /// What whoever has this phone does next. The office keeps the case: it is told.
    fn next(&self, complaint: &ComplaintFacts, owned: bool) -> String {
        let told = &complaint.told;
        if let Some((_, number)) = &complaint.call_back {
            return tr(self.lang, "complaint-next-visit", &[("number", number.as_str().into())]);
        }
        if !owned {
            return tr(self.lang, "complaint-next-nothing", &[]);
        }
        let key = match (told.status, told.earliest()) {
            (CaseStatus::Disputed, _) => "disputed",
            (_, Some((promise, _))) => match promise.kept_by.as_str() {
                "handed_over" => "handed-over",
                "contacted" => "contacted",
                "investigated" => "investigated",
                "answered" => "answered",
                "called_back" => "called-back",
                _ => "promised",
            },
            (CaseStatus::Open, None) => "answered",
            (CaseStatus::Answered | CaseStatus::Closed, None) => "close",
        };
        tr(self.lang, &format!("complaint-next-{key}"), &[])
    }
}

//! The list a technician works through, and what was decided about work already done.

use std::sync::Arc;

use serde::Serialize;

use super::{
    ComplaintReminder,
    conflict::{choice_words, rule_title},
    hazard::{item_fails, item_title},
    next::{NextStop, next_row},
    words::{Amount, when},
};
use crate::{
    base::{ClockReading, Hash, Id, Instant, Lang, Personal},
    event::{Customer, Promised, Until},
    order::{Choice, Rule},
    standard::{Profile, ServicePromises, Standard},
    store::OrderRow,
    sync::{OpenHazard, OpenStop, Outcome, Premises},
    text::{find, id_of, named, tr},
};

/// An order's row and what the door is like behind which it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The row.
    pub row: OrderRow,
    /// Where; empty when the premises aren't here.
    pub premises: Premises,
    /// For whom, while the key is here.
    pub customer: Option<Customer>,
    /// Hazards at these premises that are still there, of this order and of earlier ones.
    pub hazards: Vec<OpenHazard>,
    /// Gas at these premises that is off, shut off under this order or an earlier one.
    pub stops: Vec<OpenStop>,
}

/// What the first screen is made from.
#[derive(Debug, Clone, Copy)]
pub struct TodayFacts<'a> {
    /// The first orders of the list, in its order.
    pub orders: &'a [OrderFacts],
    /// How many are listed, and how many of these are not over.
    pub listed: (u64, u64),
    /// The latest decisions told, newest last.
    pub outcomes: &'a [Outcome],
    /// Own events the server hasn't accepted.
    pub unsent: u64,
    /// The words of promises, where the company published them.
    pub promises: Option<&'a ServicePromises>,
    /// The newest standards on the phone that have checklists: what hazards' items are called.
    pub tables: &'a [Arc<Standard>],
    /// The words of hazards' grades.
    pub profile: Option<&'a Profile>,
    /// Complaints this technician is reminded of.
    pub complaints: &'a [ComplaintReminder],
}

/// The first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Complaints to be seen to soon, or by now; the earliest first.
    pub complaints: Vec<ComplaintReminder>,
    /// Numbers of it all.
    pub counts: TodayCounts,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A promise that waits to be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Gas that is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// A decision on a conflict, told to whoever worked on the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
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

impl TodayScreen {
    /// The screen at `clock`.
    pub fn new(facts: &TodayFacts<'_>, clock: &ClockReading, lang: Lang) -> TodayScreen {
        let words = Words { facts, clock, lang };
        let rows: Vec<_> = facts.orders.iter().map(|order| words.row(order)).collect();
        let count = |wanted: &dyn Fn(&TodayRow) -> bool| {
            rows.iter().filter(|row| wanted(row)).count() as i64
        };
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let (listed, open) = facts.listed;
        let counts = TodayCounts {
            orders: whole(listed),
            open: whole(open),
            done: whole(listed.saturating_sub(open)),
            emergencies: count(&|row| row.emergency && !is_over(&row.status)),
            overdue: count(&|row| row.overdue),
            conflicts: rows.iter().map(|row| row.conflicts).sum(),
            unsent: whole(facts.unsent),
        };
        let args = [
            ("open", counts.open.to_string().into()),
            ("orders", counts.orders.to_string().into()),
            ("overdue", counts.overdue.to_string().into()),
            ("done", counts.done.to_string().into()),
        ];
        let headline = match counts.overdue {
            _ if rows.is_empty() => tr(lang, "today-none", &[]),
            0 => tr(lang, "today-headline", &args[..2]),
            _ => tr(lang, "today-headline-overdue", &args[..3]),
        };
        let next = next_row(facts.orders.iter().map(|order| &order.row), None, clock.wall);
        let next = next.and_then(|row| facts.orders.iter().find(|order| order.row.id == row.id));
        TodayScreen {
            headline,
            progress: tr(lang, "today-progress", &args),
            more: counts.orders > rows.len() as i64,
            rows,
            next: next.map(|order| NextStop::new(order, None, clock.zone, lang)),
            complaints: facts.complaints.to_vec(),
            notices: facts.outcomes.iter().rev().map(|outcome| notice(outcome, lang)).collect(),
            counts,
        }
    }
}

/// For who works through the list: of the rest the office takes care.
fn is_over(status: &str) -> bool {
    matches!(status, "done" | "cancelled" | "expired" | "back_to_office" | "letter_due")
}

/// A text of the customer, unless it is empty or its key is gone.
pub(super) fn personal(
    customer: Option<&Customer>,
    text: fn(&Customer) -> Option<&Personal>,
) -> Option<Personal> {
    customer.and_then(text).filter(|text| !text.is_empty()).cloned()
}

/// The customer's language in words.
pub(super) fn speaks(customer: Option<&Customer>, lang: Lang) -> Option<String> {
    customer?.lang.map(|spoken| tr(lang, &format!("speaks-{}", spoken.tag().to_lowercase()), &[]))
}

struct Words<'a> {
    facts: &'a TodayFacts<'a>,
    clock: &'a ClockReading,
    lang: Lang,
}

impl Words<'_> {
    fn when(&self, at: Instant) -> String {
        when(at, self.clock.zone, Some(self.clock.wall))
    }

    fn row(&self, facts: &OrderFacts) -> TodayRow {
        let OrderFacts { row, premises, customer, hazards, stops } = facts;
        let (lang, now) = (self.lang, self.clock.wall);
        let over = is_over(&row.status);
        let waiting = matches!(row.status.as_str(), "open" | "assigned");
        let broken = row.due.is_some_and(|due| due < now) && !over;
        let due_text = row.due.map(|due| {
            let args = [("when", self.when(due).into())];
            tr(lang, if broken { "today-overdue" } else { "today-due" }, &args)
        });
        // Of a plan the customer knows nothing: only what was agreed on can be missed.
        let late = waiting && row.appointment.is_some_and(|made| made.agreed && made.to < now);
        let appointment = row.appointment.map(|made| {
            let to = when(made.to, self.clock.zone, Some(made.from));
            let args = [("from", self.when(made.from).into()), ("to", to.into())];
            let words = match (late, made.agreed) {
                (true, _) => "today-appointment-missed",
                (false, true) => "today-appointment",
                (false, false) => "today-appointment-planned",
            };
            tr(lang, words, &args)
        });
        let unkept = |promised: &&Promised| match promised.until {
            Until::Attended => waiting,
            Until::Done => !over,
        };
        let mut promises: Vec<_> =
            row.promises.iter().filter(unkept).map(|promised| self.promise(promised)).collect();
        promises.sort_by_key(|line| line.due);
        let conflicts_text = (row.conflicts > 0)
            .then(|| tr(lang, "today-conflicts", &[("count", row.conflicts.to_string().into())]));
        TodayRow {
            order: row.id,
            number: row.number.clone(),
            kind: named(lang, "kind", &row.kind),
            address: premises.address.clone(),
            building: premises.building.clone(),
            stair: premises.stair.clone(),
            floor: premises.floor.into(),
            flat: premises.flat.clone(),
            special_need: personal(customer.as_ref(), |customer| customer.special_need.as_ref()),
            speaks: speaks(customer.as_ref(), lang),
            hazards: hazards.iter().map(|hazard| self.hazard(hazard)).collect(),
            gas_off: stops.iter().map(|stop| self.gas_off(stop)).collect(),
            status_text: named(lang, "status", &row.status),
            status: row.status.clone(),
            emergency: row.emergency,
            appointment,
            late,
            due: row.due,
            due_text,
            overdue: broken || late || promises.iter().any(|line| line.overdue),
            promises,
            conflicts: row.conflicts.into(),
            conflicts_text,
            owed: row.owed.map(|owed| {
                let amount = Amount::new(owed, lang).text;
                tr(lang, "today-owed", &[("amount", amount.into())])
            }),
            visit: row.visit,
        }
    }

    fn promise(&self, promised: &Promised) -> PromiseLine {
        let known = self.facts.promises.and_then(|promises| promises.get(&promised.id));
        let title = known.map_or(promised.id.as_str(), |promise| promise.title.get(self.lang));
        let overdue = promised.due < self.clock.wall;
        let args = [("promise", title.into()), ("when", self.when(promised.due).into())];
        let key = if overdue { "today-promise-broken" } else { "today-promise" };
        PromiseLine {
            promise: promised.id.clone(),
            text: tr(self.lang, key, &args),
            due: promised.due,
            overdue,
        }
    }

    fn gas_off(&self, stop: &OpenStop) -> GasOffLine {
        let key = format!("today-gas-off-{}", id_of(&stop.what));
        GasOffLine {
            order: stop.order,
            event: stop.event,
            hazard: stop.hazard,
            text: tr(self.lang, &key, &[("when", self.when(stop.at).into())]),
        }
    }

    fn hazard(&self, hazard: &OpenHazard) -> HazardLine {
        let grade = self.facts.profile.and_then(|it| it.grade(&hazard.scale, &hazard.grade));
        let grade = grade.map_or(hazard.grade.as_str(), |grade| grade.title.get(self.lang));
        let overdue = hazard.due.is_some_and(|due| due < self.clock.wall);
        let title = item_title(None, self.facts.tables, &hazard.item);
        let item = item_fails(title.as_ref(), &hazard.item, self.lang);
        let mut args = vec![("grade", grade.into()), ("item", item.into())];
        args.extend(hazard.due.map(|due| ("when", self.when(due).into())));
        let key = match (hazard.due, overdue) {
            (None, _) => "today-hazard",
            (Some(_), false) => "today-hazard-due",
            (Some(_), true) => "today-hazard-overdue",
        };
        HazardLine {
            order: hazard.order,
            event: hazard.event,
            text: tr(self.lang, key, &args),
            rank: hazard.rank.into(),
            overdue,
        }
    }
}

/// A decision in words of its own, where it has some; of a rule this version doesn't know, by its
/// ids.
fn notice(outcome: &Outcome, lang: Lang) -> Notice {
    let number = ("number", outcome.order_number.as_str().into());
    let (rule, choice) = (outcome.rule.to_lowercase(), outcome.choice.replace('_', "-"));
    // About receipts and shifts there is no order to name.
    let own = if outcome.order_number.is_empty() { "-own" } else { "" };
    let key = format!("notice-{rule}-{choice}{own}");
    let text = find(lang, &key, std::slice::from_ref(&number)).unwrap_or_else(|| {
        let known = Rule::from_id(&outcome.rule)
            .and_then(|rule| Some((rule, Choice::from_id(rule, &outcome.choice)?)));
        let (id, rule, choice) = match known {
            Some((rule, choice)) => {
                let (title, choice) = (rule_title(rule, lang), choice_words(choice, lang));
                ("notice-decided", ("title", title.into()), choice.into())
            }
            None => {
                let rule = ("rule", outcome.rule.as_str().into());
                ("notice-other", rule, outcome.choice.as_str().into())
            }
        };
        tr(lang, &format!("{id}{own}"), &[number, rule, ("choice", choice)])
    });
    Notice {
        id: outcome.id,
        order: outcome.subject.id,
        number: outcome.order_number.clone(),
        rule: outcome.rule.clone(),
        choice: outcome.choice.clone(),
        text,
        at: outcome.at,
    }
}

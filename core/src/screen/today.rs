//! The list a technician works through, and what was decided about work already done.

use serde::Serialize;

use super::{
    conflict::{choice_words, rule_title},
    words::when,
};
use crate::{
    base::{ClockReading, Id, Instant, Lang},
    order::{Choice, Rule},
    store::OrderRow,
    sync::Outcome,
    text::{find, named, tr},
};

/// An order's row and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// The row.
    pub row: OrderRow,
    /// The address, as written on a letter; empty when the premises aren't here.
    pub address: String,
}

/// The first screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TodayScreen {
    /// The day in one line.
    pub headline: String,
    /// Orders, most pressing first.
    pub rows: Vec<TodayRow>,
    /// There are more orders than rows.
    pub more: bool,
    /// Decisions to be read, latest first.
    pub notices: Vec<Notice>,
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
    /// Where.
    pub address: String,
    /// The status' id, like `in_progress`.
    pub status: String,
    /// The status in words.
    pub status_text: String,
    /// Danger to life.
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// The promise in words.
    pub due_text: Option<String>,
    /// The promise is broken.
    pub overdue: bool,
    /// Conflicts a supervisor must still look at.
    pub conflicts: i64,
    /// These in words, when there are any.
    pub conflicts_text: Option<String>,
    /// This phone's visit to it: the open one, or else the last.
    pub visit: Option<Id>,
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
    /// Rows.
    pub orders: i64,
    /// Of these, neither done nor cancelled.
    pub open: i64,
    /// Of these, emergencies.
    pub emergencies: i64,
    /// Of these, past their promise.
    pub overdue: i64,
    /// Open conflicts in all rows.
    pub conflicts: i64,
    /// Own events the server hasn't accepted.
    pub unsent: i64,
}

impl TodayScreen {
    /// The screen at `clock`, from the list's rows in their order and all decisions told.
    pub fn new(
        orders: &[OrderFacts],
        more: bool,
        outcomes: &[Outcome],
        unsent: u64,
        clock: &ClockReading,
        lang: Lang,
    ) -> TodayScreen {
        let rows: Vec<_> = orders.iter().map(|facts| row(facts, clock, lang)).collect();
        let count = |wanted: &dyn Fn(&TodayRow) -> bool| {
            rows.iter().filter(|row| wanted(row)).count() as i64
        };
        let open = |row: &TodayRow| !is_over(&row.status);
        let counts = TodayCounts {
            orders: rows.len() as i64,
            open: count(&open),
            emergencies: count(&|row| open(row) && row.emergency),
            overdue: count(&|row| row.overdue),
            conflicts: rows.iter().map(|row| row.conflicts).sum(),
            unsent: i64::try_from(unsent).unwrap_or(i64::MAX),
        };
        let args = [
            ("open", counts.open.to_string().into()),
            ("orders", counts.orders.to_string().into()),
            ("overdue", counts.overdue.to_string().into()),
        ];
        let headline = match counts.overdue {
            _ if rows.is_empty() => tr(lang, "today-none", &[]),
            0 => tr(lang, "today-headline", &args[..2]),
            _ => tr(lang, "today-headline-overdue", &args),
        };
        let notices = outcomes.iter().rev().map(|outcome| notice(outcome, lang)).collect();
        TodayScreen { headline, rows, more, notices, counts }
    }
}

fn is_over(status: &str) -> bool {
    matches!(status, "done" | "cancelled")
}

fn row(facts: &OrderFacts, clock: &ClockReading, lang: Lang) -> TodayRow {
    let OrderFacts { row, address } = facts;
    let overdue = row.due.is_some_and(|due| due < clock.wall) && !is_over(&row.status);
    let due_text = row.due.map(|due| {
        let args = [("when", when(due, clock.zone, Some(clock.wall)).into())];
        tr(lang, if overdue { "today-overdue" } else { "today-due" }, &args)
    });
    let conflicts_text = (row.conflicts > 0)
        .then(|| tr(lang, "today-conflicts", &[("count", row.conflicts.to_string().into())]));
    TodayRow {
        order: row.id,
        number: row.number.clone(),
        address: address.clone(),
        status_text: named(lang, "status", &row.status),
        status: row.status.clone(),
        emergency: row.emergency,
        due: row.due,
        due_text,
        overdue,
        conflicts: row.conflicts.into(),
        conflicts_text,
        visit: row.visit,
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

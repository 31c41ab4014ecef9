//! What the office sees of cases.

use doorstep::{
    base::{Id, Instant, Personal, Text3},
    event::{CaseStatus, Channel},
    standard::Standing,
};
use serde::Serialize;

use super::{
    Act, MOST,
    alarm::is_overdue,
    case::{self, Case},
    facts, known, open_words, terms,
};
use crate::{
    problem::Failure,
    rules::Context,
    store::{ComplaintRow, Tx},
};

/// One promise in a case.
#[derive(Debug, Serialize)]
pub struct DeadlineView {
    /// Which.
    pub promise: String,
    /// What people call it.
    pub title: Text3,
    /// The rule's short name.
    pub rule: Option<String>,
    /// `due`, `paused`, `kept` or `late`.
    pub standing: &'static str,
    /// Until when, while it is due.
    pub due: Option<Instant>,
}

/// One act of a case.
#[derive(Debug, Serialize)]
pub struct ActView {
    /// What.
    pub act: Act,
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: Id,
    /// Handed over to whom.
    pub to: Option<Id>,
    /// What was said; absent once erased.
    pub words: Option<Personal>,
    /// The order of the call-back.
    pub order: Option<Id>,
}

/// A case, whole.
#[derive(Debug, Serialize)]
pub struct CaseView {
    /// Its line.
    #[serde(flatten)]
    pub row: ComplaintRow,
    /// How it came in.
    pub channel: Option<Channel>,
    /// Its deadlines.
    pub deadlines: Vec<DeadlineView>,
    /// What happened in it.
    pub acts: Vec<ActView>,
    /// Whether a deadline falls in a year whose holidays the calendar doesn't have.
    pub calendar_incomplete: bool,
}

/// All cases, and how many stand where.
#[derive(Debug, Serialize)]
pub struct Ledger {
    /// Received last first, at most a thousand.
    pub complaints: Vec<ComplaintRow>,
    /// Of these, open, answered or disputed.
    pub open: usize,
    /// Of these, closed: seen to, or taken back by the customer.
    pub closed: usize,
    /// Of these, past their deadline now.
    pub overdue: usize,
}

/// Cases that are not closed, the earliest deadline first.
pub fn open_complaints(tx: &mut dyn Tx) -> Result<Vec<ComplaintRow>, Failure> {
    Ok(tx.open_complaints(MOST)?)
}

/// The ledger.
pub fn ledger(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Ledger, Failure> {
    let complaints = tx.complaints(MOST)?;
    let closed = complaints.iter().filter(|row| row.status == CaseStatus::Closed).count();
    let overdue =
        complaints.iter().filter(|row| row.due.is_some_and(|due| is_overdue(due, ctx.now))).count();
    Ok(Ledger { open: complaints.len() - closed, closed, overdue, complaints })
}

/// One case, opened.
pub fn case(tx: &mut dyn Tx, ctx: &Context<'_>, number: &str) -> Result<CaseView, Failure> {
    let row = known(tx, number)?;
    let facts = facts(tx, number)?;
    let mut acts = Vec::new();
    for (at, fact) in &facts {
        let words = open_words(tx, row.order, fact)?;
        let (act, by, to, order) = (fact.act, fact.actor, fact.to, fact.order);
        acts.push(ActView { act, at: *at, by, to, words, order });
    }
    let folded = Case::fold(&facts);
    let terms = terms::in_force(tx, ctx)?;
    let deadlines = folded.map(|case| case.deadlines(&terms.promises, terms.clock(ctx)));
    let calendar = &terms.calendar;
    let mut incomplete = false;
    let view = |deadline: &case::Deadline<'_>| {
        let (standing, due) = match deadline.standing {
            Standing::Waiting => ("waiting", None),
            Standing::Due(at) => ("due", Some(at)),
            Standing::Paused => ("paused", None),
            Standing::Kept => ("kept", None),
            Standing::Late => ("late", None),
        };
        let day = due.and_then(|at| at.local(ctx.settings.zone));
        incomplete |= day.is_some_and(|day| !calendar.covers(day.date_naive()));
        DeadlineView {
            promise: deadline.promise.id.clone(),
            title: deadline.promise.title.clone(),
            rule: deadline.promise.rule.clone(),
            standing,
            due,
        }
    };
    let deadlines = deadlines.iter().flatten().map(view).collect();
    let channel = facts.first().and_then(|(_, fact)| fact.channel);
    Ok(CaseView { row, channel, deadlines, acts, calendar_incomplete: incomplete })
}

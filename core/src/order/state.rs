//! The fold itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Choice, Conflict, ConflictState, Decision, History, Payment, Placed, RULES_VERSION, Rule, Side,
    payments::payments,
};
use crate::{
    base::{Hash, Id, Instant, Money},
    event::{Effect, OrderOpened, Payload, Recorded, SignOffResult, VisitKind},
    log::Writer,
    money::ReceiptNumber,
};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Opened, given to nobody.
    Open,
    /// Given to a technician.
    Assigned,
    /// A visit has begun.
    InProgress,
    /// Attempted, nobody let the technician in or the work was refused.
    Attempted,
    /// Work was done. It stands, cancelled or not.
    Done,
    /// Cancelled, and no work was done.
    Cancelled,
}

/// Whether a visit counts, and by which rule not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// It counts.
    Fully,
    /// It is kept; its charges are flagged by this rule until decided.
    ChargesFlagged(Rule),
    /// A verdict under this rule says that it does not count.
    Excluded(String),
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// The standard's outcome id.
    pub outcome: String,
    /// When.
    pub at: Instant,
    /// The event.
    pub event: Hash,
}

/// One visit, as the order needs it; the whole of it is the visit fold's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VisitSummary {
    /// Its id.
    pub id: Id,
    /// The technician.
    pub actor: Id,
    /// Whose stream.
    pub writer: Writer,
    /// When it began.
    pub started_at: Instant,
    /// Its first event.
    pub started: Hash,
    /// Its end, if it has one.
    pub finished: Option<Finished>,
    /// Sum of its charges.
    pub charged: Option<Money>,
    /// Sum of its payments, as far as they count: less voids, bounced claims and refunds.
    pub paid: Option<Money>,
    /// Its receipts: series and counter.
    pub receipts: Vec<(Id, u64)>,
    /// How it was signed off.
    pub signed: Option<SignOffResult>,
    /// Rules of verdicts that mark it.
    pub marks: BTreeSet<String>,
    /// Whether it counts.
    pub counts: Counts,
}

impl VisitSummary {
    fn did_work(&self) -> bool {
        self.finished.as_ref().is_some_and(|f| is_work(&f.outcome))
            && !matches!(self.counts, Counts::Excluded(_))
    }

    /// A visit that met nobody is an attempt: it competes with no other.
    fn competes(&self) -> bool {
        self.finished.as_ref().is_none_or(|f| is_work(&f.outcome))
            && !matches!(self.counts, Counts::Excluded(_))
    }
}

fn is_work(outcome: &str) -> bool {
    matches!(outcome, "completed" | "made_safe")
}

/// A work order, folded from all its streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderState {
    /// The number people say on the phone.
    pub number: Option<String>,
    /// What is to be done.
    pub kind: Option<VisitKind>,
    /// Where.
    pub premises: Option<Id>,
    /// Which standard its visits follow.
    pub standard: Option<String>,
    /// Danger to life.
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// Who it is given to now.
    pub assigned_to: Option<Id>,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<Instant>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its visits, by id.
    pub visits: BTreeMap<Id, VisitSummary>,
    /// Its payments and what became of each.
    pub payments: Vec<Payment>,
    /// The visit that counts first, once one did work.
    pub primary: Option<Id>,
    /// Its conflicts, open and decided.
    pub conflicts: Vec<Conflict>,
    /// Holds events or rules of a newer version: what is shown may be incomplete.
    pub needs_newer_app: bool,
}

impl OrderState {
    /// Folds the events of one order, given in any order.
    pub fn fold<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> OrderState {
        let history = History::merge(events);
        let names = visit_names(&history);
        let mut state = OrderState {
            number: None,
            kind: None,
            premises: None,
            standard: None,
            emergency: false,
            due: None,
            assigned_to: None,
            cancelled_at: None,
            status: OrderStatus::Open,
            visits: BTreeMap::new(),
            payments: Vec::new(),
            primary: None,
            conflicts: Vec::new(),
            needs_newer_app: false,
        };
        for placed in history.events() {
            state.apply(placed, &names);
        }
        state.payments = payments(&history, |placed| named(placed.recorded, &names));
        state.sum_payments();
        for (event, rule, effect) in verdicts(&history) {
            state.obey(event, &rule, effect);
        }
        state.primary = state.first_finished();
        state.conflicts = state.find_conflicts(&history);
        decide(&mut state.conflicts, &history);
        state.flag_charges();
        state.status = state.derive_status();
        state
    }

    /// SHA-256 of the whole state: equal events, equal digest, on every machine.
    pub fn digest(&self) -> Hash {
        Hash::of(&[&serde_json::to_vec(self).unwrap_or_default()])
    }

    /// The payment with this number on its receipt.
    pub fn payment_of(&self, number: ReceiptNumber) -> Option<&Payment> {
        let fits = |p: &&Payment| number.label().fits(p.series) && number.counter() == p.number;
        self.payments.iter().find(fits)
    }

    /// Conflicts somebody must still look at.
    pub fn open_conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.conflicts.iter().filter(|conflict| conflict.is_open())
    }

    fn apply(&mut self, placed: &Placed<'_>, names: &VisitNames) {
        let event = &placed.recorded.event;
        let from_office = matches!(placed.recorded.stream.writer, Writer::Office(_));
        match &event.payload {
            // A device may not speak for the office: such events are kept and have no effect.
            Payload::OrderOpened(opened) if from_office => self.open(opened),
            Payload::OrderAssigned(assigned) if from_office => {
                self.assigned_to = Some(assigned.to);
            }
            Payload::OrderCancelled(_) if from_office => self.cancelled_at = Some(placed.at),
            Payload::Unknown { .. } => self.needs_newer_app = true,
            Payload::VisitStarted(_) => self.begin_visit(placed, names),
            _ => self.apply_to_visit(placed, names),
        }
    }

    fn open(&mut self, opened: &OrderOpened) {
        self.number = Some(opened.number.clone());
        self.kind = Some(opened.kind);
        self.premises = Some(opened.premises);
        self.standard = Some(opened.standard.clone());
        self.emergency = opened.emergency;
        self.due = opened.due;
        self.needs_newer_app |= opened.rules > RULES_VERSION;
    }

    fn begin_visit(&mut self, placed: &Placed<'_>, names: &VisitNames) {
        let (recorded, event) = (placed.recorded, &placed.recorded.event);
        let Some(id) = named(recorded, names) else { return };
        self.visits.entry(id).or_insert_with(|| VisitSummary {
            id,
            actor: event.actor,
            writer: recorded.stream.writer,
            started_at: placed.at,
            started: recorded.id,
            finished: None,
            charged: None,
            paid: None,
            receipts: Vec::new(),
            signed: None,
            marks: BTreeSet::new(),
            counts: Counts::Fully,
        });
    }

    fn apply_to_visit(&mut self, placed: &Placed<'_>, names: &VisitNames) {
        let (recorded, event) = (placed.recorded, &placed.recorded.event);
        // A visit has one writer: another's events under its id are of no visit.
        let Some(id) = named(recorded, names) else { return };
        let Some(visit) = self.visits.get_mut(&id) else { return };
        match &event.payload {
            Payload::Charged(charged) => add(&mut visit.charged, charged.line.amount()),
            Payload::Paid(paid) => visit.receipts.push((paid.series, paid.number)),
            Payload::SignedOff(signed) => visit.signed = Some(signed.result),
            Payload::VisitFinished(finished) if visit.finished.is_none() => {
                visit.finished = Some(Finished {
                    outcome: finished.outcome.clone(),
                    at: placed.at,
                    event: recorded.id,
                });
            }
            _ => {}
        }
    }

    fn sum_payments(&mut self) {
        for payment in &self.payments {
            if let Some(visit) = self.visits.get_mut(&payment.visit) {
                add(&mut visit.paid, payment.counts());
            }
        }
    }

    fn obey(&mut self, event: Hash, rule: &str, effect: Effect) {
        for visit in self.visits.values_mut() {
            let finished = visit.finished.as_ref().is_some_and(|f| f.event == event);
            if visit.started != event && !finished {
                continue;
            }
            match effect {
                Effect::Mark => {
                    visit.marks.insert(rule.to_owned());
                }
                Effect::Exclude => visit.counts = Counts::Excluded(rule.to_owned()),
            }
        }
    }

    /// First finished, by corrected time; ties by event id.
    fn first_finished(&self) -> Option<Id> {
        let finish = |visit: &VisitSummary| {
            visit.finished.as_ref().map(|finished| (finished.at, finished.event))
        };
        self.visits.values().filter(|v| v.did_work()).min_by_key(|v| finish(v)).map(|v| v.id)
    }

    fn find_conflicts(&self, history: &History<'_>) -> Vec<Conflict> {
        let by_id: BTreeMap<Hash, &Placed<'_>> =
            history.events().iter().map(|p| (p.recorded.id, p)).collect();
        let mut found = Vec::new();
        found.extend(self.cancelled_and_finished(history, &by_id));
        found.extend(self.visited_twice(&by_id));
        found
    }

    /// C1: one conflict for each cancellation, with every finished work that didn't know of it and
    /// that it didn't know of.
    fn cancelled_and_finished(
        &self,
        history: &History<'_>,
        by_id: &BTreeMap<Hash, &Placed<'_>>,
    ) -> Vec<Conflict> {
        let mut found = Vec::new();
        for cancel in history.events() {
            let Payload::OrderCancelled(cancelled) = &cancel.recorded.event.payload else {
                continue;
            };
            if !matches!(cancel.recorded.stream.writer, Writer::Office(_)) {
                continue;
            }
            let clashes = |visit: &&VisitSummary| {
                visit.did_work()
                    && visit
                        .finished
                        .as_ref()
                        .and_then(|finished| by_id.get(&finished.event))
                        .is_some_and(|finish| finish.concurrent(cancel))
            };
            let mut sides: Vec<_> =
                self.visits.values().filter(clashes).filter_map(finished_side).collect();
            if sides.is_empty() {
                continue;
            }
            sides.push(Side {
                actor: cancel.recorded.event.actor,
                what: "cancelled",
                at: cancel.at,
                event: cancel.recorded.id,
                visit: None,
                charged: None,
                detail: Some(cancelled.reason.clone()),
            });
            found.push(Conflict::new(Rule::C1, sides));
        }
        found
    }

    /// C2: one conflict for the order, with every visit that clashes with another technician's.
    fn visited_twice(&self, by_id: &BTreeMap<Hash, &Placed<'_>>) -> Option<Conflict> {
        let visits: Vec<_> = self.visits.values().filter(|visit| visit.competes()).collect();
        let clashes = |a: &VisitSummary, b: &VisitSummary| {
            a.actor != b.actor
                && match (by_id.get(&a.started), by_id.get(&b.started)) {
                    (Some(a), Some(b)) => a.concurrent(b),
                    _ => false,
                }
        };
        let sides: Vec<_> = visits
            .iter()
            .filter(|visit| visits.iter().any(|other| clashes(visit, other)))
            .map(|visit| Side {
                actor: visit.actor,
                what: "visited",
                at: visit.started_at,
                event: visit.started,
                visit: Some(visit.id),
                charged: visit.charged,
                detail: visit.finished.as_ref().map(|finished| finished.outcome.clone()),
            })
            .collect();
        (sides.len() > 1).then(|| Conflict::new(Rule::C2, sides))
    }

    /// Charges of a visit that lost by C2, or of work that stands uncharged by C1, are flagged.
    fn flag_charges(&mut self) {
        let mut flagged: Vec<(Id, Rule)> = Vec::new();
        for conflict in &self.conflicts {
            let visits = conflict.sides.iter().filter_map(|side| side.visit);
            match conflict.holds() {
                Some(Choice::FirstCounts) => flagged.extend(
                    visits.filter(|v| self.primary.is_some_and(|p| p != *v)).map(|v| (v, Rule::C2)),
                ),
                Some(Choice::WorkStandsUncharged) => flagged.extend(visits.map(|v| (v, Rule::C1))),
                Some(Choice::WorkStands | Choice::BothCount) | None => {}
            }
        }
        for (id, rule) in flagged {
            if let Some(visit) = self.visits.get_mut(&id)
                && visit.counts == Counts::Fully
            {
                visit.counts = Counts::ChargesFlagged(rule);
            }
        }
    }

    fn derive_status(&self) -> OrderStatus {
        let counted = || self.visits.values().filter(|v| !matches!(v.counts, Counts::Excluded(_)));
        if counted().any(VisitSummary::did_work) {
            OrderStatus::Done
        } else if self.cancelled_at.is_some() {
            OrderStatus::Cancelled
        } else if counted().any(|visit| visit.finished.is_none()) {
            OrderStatus::InProgress
        } else if counted().next().is_some() {
            OrderStatus::Attempted
        } else if self.assigned_to.is_some() {
            OrderStatus::Assigned
        } else {
            OrderStatus::Open
        }
    }
}

fn finished_side(visit: &VisitSummary) -> Option<Side> {
    let finished = visit.finished.as_ref()?;
    Some(Side {
        actor: visit.actor,
        what: "finished",
        at: finished.at,
        event: finished.event,
        visit: Some(visit.id),
        charged: visit.charged,
        detail: Some(finished.outcome.clone()),
    })
}

/// Adds, or leaves the sum as it was where a hostile amount would overflow it or mix currencies:
/// the server refuses such receipts by their running totals.
fn add(sum: &mut Option<Money>, amount: Money) {
    *sum = match *sum {
        None => Some(amount),
        Some(sum) => Some(sum.plus(amount).unwrap_or(sum)),
    };
}

/// Which visit a writer means by an id.
type VisitNames = BTreeMap<(Id, Writer), Id>;

/// The visit an event belongs to: its writer's own.
fn named(recorded: &Recorded, names: &VisitNames) -> Option<Id> {
    names.get(&(recorded.event.visit?, recorded.stream.writer)).copied()
}

/// Names every visit that was begun. An honest id is random and has one writer, and stays what it
/// is. Where several writers begin a visit under one id, which only a liar brings about, each
/// visit stands: the id is the smallest writer's, and each other one gets a name made from id and
/// writer. No clock has a say in it, so that dating an event earlier takes nothing from anybody.
fn visit_names(history: &History<'_>) -> VisitNames {
    let begun: BTreeSet<(Id, Writer)> = history
        .events()
        .iter()
        .filter(|placed| matches!(placed.recorded.event.payload, Payload::VisitStarted(_)))
        .filter_map(|p| Some((p.recorded.event.visit?, p.recorded.stream.writer)))
        .collect();
    let mut taken: BTreeSet<Id> = begun.iter().map(|(id, _)| *id).collect();
    let (mut names, mut last) = (VisitNames::new(), None);
    for (id, writer) in begun {
        let mut name = id;
        if last == Some(id) {
            let writer = minicbor::to_vec(writer).unwrap_or_default();
            while !taken.insert(name) {
                name = Id::from_hash(&Hash::of(&[b"doorstep visit v1", name.as_bytes(), &writer]));
            }
        }
        last = Some(id);
        names.insert((id, writer), name);
    }
    names
}

/// The verdicts in force, the last one for each rule and set of events: first those that mark, then
/// those that exclude.
fn verdicts(history: &History<'_>) -> Vec<(Hash, String, Effect)> {
    let mut by_key = BTreeMap::new();
    for placed in history.events() {
        if !matches!(placed.recorded.stream.writer, Writer::Office(_)) {
            continue;
        }
        if let Payload::VerdictGiven(verdict) = &placed.recorded.event.payload {
            by_key.insert((verdict.rule.clone(), verdict.events.clone()), verdict.effect);
        }
    }
    let each = by_key.into_iter().flat_map(|((rule, events), effect)| {
        events.into_iter().map(move |event| (event, rule.clone(), effect))
    });
    let mut all: Vec<_> = each.collect();
    all.sort_by_key(|(_, _, effect)| *effect == Effect::Exclude);
    all
}

/// Sets decided conflicts decided, and puts decisions on fewer facts beside the open ones. The
/// first decision of a key stands: deciding twice is harmless.
fn decide(conflicts: &mut [Conflict], history: &History<'_>) {
    for placed in history.events() {
        let (recorded, event) = (placed.recorded, &placed.recorded.event);
        let Payload::ConflictDecided(decided) = &event.payload else { continue };
        if !matches!(recorded.stream.writer, Writer::Office(_)) {
            continue;
        }
        let Some(rule) = Rule::from_id(&decided.rule) else { continue };
        let Some(choice) = Choice::from_id(rule, &decided.choice) else { continue };
        let decision = Decision { choice, by: event.actor, at: placed.at };
        for conflict in conflicts.iter_mut().filter(|conflict| conflict.rule == rule) {
            if conflict.key != decided.conflict {
                conflict.earlier.push(decision.clone());
            } else if conflict.is_open() {
                conflict.state = ConflictState::Decided(decision.clone());
            }
        }
    }
}

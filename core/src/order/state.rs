//! The fold itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Choice, Complaint, Conflict, DeskPayment, Details, Hazard, History, Payment, Placed,
    RULES_VERSION, Reading, Rule, Side,
    conflict::{Follows, Verdicts, decide, find, verdicts},
    corrections::taken_back,
    cylinders::{BottleMove, Cylinder, cylinders},
    deposits::{DepositReturn, deposits_back},
    details::details,
    hazards::hazards,
    payments::{at_desk, payments},
    photos::{self, photos},
    readings::readings,
    stops::{Stop, stops},
};
use crate::{
    base::{Hash, Id, Instant, Money},
    event::{
        AfterLast, DetailChange, Effect, OrderAfter, OrderOpened, Payload, Promised, Recorded,
        SignOffResult, SignerRole, VisitKind,
    },
    log::{Class, Writer},
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
    /// The last attempt met nobody: the office decides what follows.
    BackToOffice,
    /// The last attempt met nobody: the office writes the customer a letter.
    LetterDue,
    /// Work was done. It stands, cancelled or not.
    Done,
    /// Cancelled, and no work was done.
    Cancelled,
    /// Closed by the office: nobody went in time.
    Expired,
}

impl OrderStatus {
    /// Whether the next move is the office's: for who went there, it is over.
    pub fn is_with_office(self) -> bool {
        matches!(self, OrderStatus::BackToOffice | OrderStatus::LetterDue)
    }

    /// Whether nobody has to go there any more.
    pub fn is_over(self) -> bool {
        matches!(self, OrderStatus::Done | OrderStatus::Cancelled | OrderStatus::Expired)
    }
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
    /// What that means for the order.
    pub order: OrderAfter,
    /// When.
    pub at: Instant,
    /// The event.
    pub event: Hash,
}

/// When a visit went to a colleague's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HandedOver {
    /// The device that may continue it.
    pub to: Writer,
    /// When.
    pub at: Instant,
    /// The event.
    pub event: Hash,
    /// The badge of whoever handed it over.
    pub badge: String,
}

/// What was charged under one code of the price list, or given free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Lines {
    /// The price list's version, the last one where it was replaced in between.
    pub list_version: u32,
    /// How many.
    pub count: i64,
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
    /// It began after the last attempt, and nobody had asked for another.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub beyond: bool,
    /// Its end, if it has one.
    pub finished: Option<Finished>,
    /// Sum of its charges.
    pub charged: Option<Money>,
    /// Sum of its payments, as far as they count: less voids, bounced claims and refunds.
    pub paid: Option<Money>,
    /// Its receipts: series and counter.
    pub receipts: Vec<(Id, u64)>,
    /// What was charged in it or given free, by the price list's code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, Lines>,
    /// How it was signed off.
    pub signed: Option<SignOffResult>,
    /// By whom, where somebody signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerRole>,
    /// Rules of verdicts that mark it.
    pub marks: BTreeSet<String>,
    /// Whether it counts.
    pub counts: Counts,
    /// The visit that it says to continue; whether it may, the order says ([`OrderState::line`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<Id>,
    /// It went to a colleague.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handed_over: Option<HandedOver>,
    /// The visit that continues it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continued_by: Option<Id>,
    /// Its own technician worked on in it after handing it over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub went_on: bool,
}

impl VisitSummary {
    /// Whether its technician is there: neither ended nor handed over.
    pub fn is_open(&self) -> bool {
        self.finished.is_none() && self.handed_over.is_none()
    }

    /// Whether somebody else is there in its place.
    pub(super) fn is_replaced(&self) -> bool {
        self.continued_by.is_some() && !self.went_on
    }

    /// Whether it ended without anybody opening.
    pub fn met_nobody(&self) -> bool {
        self.finished.as_ref().is_some_and(|finished| finished.order == OrderAfter::NobodyMet)
    }

    /// It ended with work done, and counts.
    pub fn did_work(&self) -> bool {
        self.finished.as_ref().is_some_and(Finished::is_work) && self.counted()
    }

    /// A visit that met nobody is an attempt: it competes with no other; nor does one in whose place
    /// another is.
    pub(super) fn competes(&self) -> bool {
        self.finished.as_ref().is_none_or(Finished::is_work)
            && self.counted()
            && !self.is_replaced()
    }

    /// Whether it counts at all.
    pub fn counted(&self) -> bool {
        !matches!(self.counts, Counts::Excluded(_))
    }

    /// Its end, as a side of a conflict.
    pub(super) fn finished_side(&self) -> Option<Side> {
        let finished = self.finished.as_ref()?;
        Some(Side {
            visit: Some(self.id),
            charged: self.charged,
            detail: Some(finished.outcome.clone()),
            ..Side::new(self.actor, "finished", finished.at, finished.event)
        })
    }

    /// Its beginning, as a side of a conflict.
    pub(super) fn started_side(&self) -> Side {
        Side {
            visit: Some(self.id),
            charged: self.charged,
            detail: self.finished.as_ref().map(|finished| finished.outcome.clone()),
            ..Side::new(self.actor, "visited", self.started_at, self.started)
        }
    }
}

impl Finished {
    fn is_work(&self) -> bool {
        self.order == OrderAfter::Done
    }
}

/// A work order, folded from all its streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderState {
    /// The number people say on the phone.
    pub number: Option<String>,
    /// What is to be done.
    pub kind: Option<VisitKind>,
    /// When it was opened.
    pub opened_at: Option<Instant>,
    /// Where.
    pub premises: Option<Id>,
    /// Which standard its visits follow.
    pub standard: Option<String>,
    /// Danger to life.
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// Which promises hold for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<Promised>,
    /// Who it is given to now.
    pub assigned_to: Option<Id>,
    /// When it was cancelled, if it was.
    pub cancelled_at: Option<Instant>,
    /// The last closing as expired: when, and the event.
    pub expired: Option<(Instant, Hash)>,
    /// What follows the last attempt, and the visit that made it, until it is taken up again.
    #[serde(skip)]
    last_attempt: Option<(AfterLast, Id)>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its visits, by id.
    pub visits: BTreeMap<Id, VisitSummary>,
    /// Phone, access note, appointment, warnings, as they were changed.
    pub details: Details,
    /// When the customer last asked to be forgotten: when, and the event.
    pub erasure: Option<(Instant, Hash)>,
    /// Classes whose keys nobody keeps any more.
    pub erased: BTreeSet<Class>,
    /// Its payments and what became of each.
    pub payments: Vec<Payment>,
    /// What was paid at the office.
    pub desk_payments: Vec<DeskPayment>,
    /// Deposits that went back under it, of whatever order's receipts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deposits_back: Vec<DepositReturn>,
    /// Paid twice and not given back yet, as conflicts C3 stand.
    pub refund_due: Option<Money>,
    /// Its hazards, in the order they were found.
    pub hazards: Vec<Hazard>,
    /// Its meter readings, and what becomes of each.
    pub readings: Vec<Reading>,
    /// Each time gas was shut off.
    pub stops: Vec<Stop>,
    /// The gas bottles it moved, by code; of deliveries alone.
    pub cylinders: Vec<Cylinder>,
    /// What came to its customer and went from there, as it was scanned; what they hold over all orders
    /// is [`super::hold`]'s to say.
    #[serde(skip)]
    pub bottle_moves: Vec<BottleMove>,
    /// Cases of complaint about it, or, of a call-back, what it was opened for; by number.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub complaints: BTreeMap<String, Complaint>,
    /// The pictures its events name.
    pub photos: BTreeSet<Hash>,
    /// Of all pictures that were taken, those that nobody keeps any more.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub photos_erased: BTreeSet<Hash>,
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
        OrderState::of(&History::merge(events))
    }

    /// What an order's history amounts to.
    pub fn of(history: &History<'_>) -> OrderState {
        let names = visit_names(history);
        let taken_back = taken_back(history);
        let mut state = OrderState {
            number: None,
            kind: None,
            opened_at: None,
            premises: None,
            standard: None,
            emergency: false,
            due: None,
            promises: Vec::new(),
            assigned_to: None,
            cancelled_at: None,
            expired: None,
            last_attempt: None,
            status: OrderStatus::Open,
            visits: BTreeMap::new(),
            details: Details::default(),
            erasure: None,
            erased: BTreeSet::new(),
            payments: Vec::new(),
            desk_payments: Vec::new(),
            deposits_back: deposits_back(history),
            refund_due: None,
            hazards: Vec::new(),
            readings: Vec::new(),
            stops: Vec::new(),
            cylinders: Vec::new(),
            bottle_moves: Vec::new(),
            complaints: BTreeMap::new(),
            photos: BTreeSet::new(),
            photos_erased: BTreeSet::new(),
            primary: None,
            conflicts: Vec::new(),
            needs_newer_app: false,
        };
        for placed in history.events() {
            if !taken_back.contains_key(&placed.recorded.id) {
                state.apply(placed, &names);
            }
        }
        state.payments = payments(history, |placed| named(placed.recorded, &names));
        state.desk_payments = at_desk(history);
        state.sum_payments();
        let verdicts = verdicts(history);
        state.obey(&verdicts);
        state.link();
        let found;
        (state.hazards, found) = hazards(history, &verdicts);
        state.stops = stops(history, &verdicts, &found);
        state.readings = readings(history);
        state.details = details(history);
        (state.cylinders, state.bottle_moves) = cylinders(history, state.kind);
        state.photos = photos(history);
        state.photos_erased = photos::erased(history);
        state.primary = state.first_finished();
        state.conflicts = find(&state, history, &verdicts, &taken_back);
        decide(&mut state.conflicts, history);
        state.settle_details();
        state.keep_for_dispute();
        state.correct_readings();
        state.restore_as_decided();
        state.follow();
        state.refund_due = state.owed_back();
        state.status = state.derive_status();
        state
    }

    /// SHA-256 of the whole state: equal events, equal digest, on every machine.
    pub fn digest(&self) -> Hash {
        Hash::of(&[&serde_json::to_vec(self).unwrap_or_default()])
    }

    /// When attempts at the door began that met nobody and count, other than `visit`: before it, or
    /// all of them, in the order of time.
    pub fn attempts(&self, visit: Id, before: Option<Instant>) -> Vec<Instant> {
        let tried = self.visits.values().filter(|v| v.id != visit && v.met_nobody() && v.counted());
        let mut tried: Vec<_> = tried.map(|v| v.started_at).collect();
        tried.retain(|at| before.is_none_or(|before| *at < before));
        tried.sort();
        tried
    }

    /// The visit that this writer has begun, and neither ended nor handed over.
    pub fn open_visit_of(&self, writer: Writer) -> Option<&VisitSummary> {
        self.visits.values().find(|visit| visit.writer == writer && visit.is_open())
    }

    /// A visit with those that it continues, first to last: one piece of work in several hands.
    pub fn line(&self, visit: Id) -> Vec<Id> {
        let mut line = vec![visit];
        let mut at = self.visits.get(&visit);
        // A liar's circle ends where it began.
        while let Some(before) = at.and_then(|visit| self.before(visit))
            && !line.contains(&before.id)
        {
            line.push(before.id);
            at = Some(before);
        }
        line.reverse();
        line
    }

    /// What the visits of a line charged, and what was paid in them.
    pub fn money_of(&self, line: &[Id]) -> (Option<Money>, Option<Money>) {
        let (mut charged, mut paid) = (None, None);
        for visit in line.iter().filter_map(|id| self.visits.get(id)) {
            visit.charged.into_iter().for_each(|sum| add(&mut charged, sum));
            visit.paid.into_iter().for_each(|sum| add(&mut paid, sum));
        }
        (charged, paid)
    }

    /// What a visit that has ended still charges after all that counts was paid.
    pub fn owed_by(&self, visit: &VisitSummary) -> Option<Money> {
        if visit.finished.is_none() || visit.continued_by.is_some() || !visit.counted() {
            return None;
        }
        let (charged, paid) = self.money_of(&self.line(visit.id));
        let charged = charged?;
        let owed = charged.minus(paid.unwrap_or(Money::zero(charged.currency))).ok()?;
        (owed.minor > 0).then_some(owed)
    }

    /// What is owed again by visits that have ended, as a claimed payment of theirs bounced.
    pub fn owed_after_bounce(&self) -> Option<Money> {
        let bounced = |visit: &&VisitSummary| {
            let line = self.line(visit.id);
            let is =
                |p: &Payment| p.state == super::PaymentState::Bounced && line.contains(&p.visit);
            self.payments.iter().any(is)
        };
        let mut owed = None;
        for visit in self.visits.values().filter(bounced) {
            self.owed_by(visit).into_iter().for_each(|sum| add(&mut owed, sum));
        }
        owed
    }

    /// The visit that another one continues: one that was handed over to its device, or taken back by the
    /// one that had handed it over.
    fn before(&self, visit: &VisitSummary) -> Option<&VisitSummary> {
        let before = self.visits.get(&visit.continues?)?;
        let handed = before.handed_over.as_ref()?;
        (handed.to == visit.writer || before.writer == visit.writer).then_some(before)
    }

    /// The visit in which the work of this one was last taken up.
    pub(super) fn last_of<'a>(&'a self, visit: &'a VisitSummary) -> &'a VisitSummary {
        let mut last = visit;
        // Each step is to another visit, and a circle is a liar's: it need not be followed for ever.
        for _ in 0..self.visits.len() {
            let Some(next) = last.continued_by.and_then(|id| self.visits.get(&id)) else { break };
            last = next;
        }
        last
    }

    /// Names for each visit that was handed over the one that continues it: of several, which only a
    /// copied phone brings about, or one that took it back while the other began, the first.
    fn link(&mut self) {
        let mut next: BTreeMap<Id, (Instant, Id)> = BTreeMap::new();
        for visit in self.visits.values().filter(|visit| visit.counted()) {
            let Some(before) = self.before(visit).filter(|before| before.id != visit.id) else {
                continue;
            };
            let this = (visit.started_at, visit.id);
            let known = next.entry(before.id).or_insert(this);
            *known = this.min(*known);
        }
        for (before, (_, visit)) in next {
            if let Some(before) = self.visits.get_mut(&before) {
                before.continued_by = Some(visit);
            }
        }
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
        let from_office = placed.from_office();
        // Somebody else is sent, or the customer said when to come.
        let again = match &event.payload {
            Payload::OrderAssigned(_) => from_office,
            Payload::DetailChanged(changed) => {
                matches!(&changed.change, DetailChange::Appointment(made) if made.agreed)
            }
            _ => false,
        };
        if again {
            self.last_attempt = None;
        }
        match &event.payload {
            // A device may not speak for the office: such events are kept and have no effect.
            Payload::OrderOpened(opened) if from_office => self.open(opened, placed.at),
            Payload::OrderAssigned(assigned) if from_office => {
                self.assigned_to = Some(assigned.to);
            }
            Payload::OrderCancelled(_) if from_office => self.cancelled_at = Some(placed.at),
            Payload::OrderExpired(_) if from_office => {
                self.expired = Some((placed.at, placed.recorded.id));
            }
            Payload::ErasureAsked(asked) if from_office => {
                self.erasure = Some((placed.at, placed.recorded.id));
                // What the law keeps of money is not the office's to give away.
                let classes = asked.classes.iter().filter(|class| **class != Class::Money);
                self.erased.extend(classes);
            }
            Payload::CaseTold(_) if from_office => Complaint::take(&mut self.complaints, placed),
            Payload::Unknown { .. } => self.needs_newer_app = true,
            Payload::VisitStarted(started) => self.begin_visit(placed, started.continues, names),
            _ => self.apply_to_visit(placed, names),
        }
    }

    fn open(&mut self, opened: &OrderOpened, at: Instant) {
        self.number = Some(opened.number.clone());
        self.kind = Some(opened.kind);
        self.opened_at = Some(at);
        self.premises = Some(opened.premises);
        self.standard = Some(opened.standard.clone());
        self.emergency = opened.emergency;
        self.due = opened.due;
        self.promises = opened.promises.clone().unwrap_or_default();
        self.needs_newer_app |= opened.rules > RULES_VERSION;
    }

    fn begin_visit(&mut self, placed: &Placed<'_>, continues: Option<Id>, names: &VisitNames) {
        let (recorded, event) = (placed.recorded, &placed.recorded.event);
        let Some(id) = named(recorded, names) else { return };
        let beyond = self.last_attempt.is_some();
        self.visits.entry(id).or_insert_with(|| VisitSummary {
            id,
            actor: event.actor,
            writer: recorded.stream.writer,
            started_at: placed.at,
            started: recorded.id,
            beyond,
            finished: None,
            charged: None,
            paid: None,
            receipts: Vec::new(),
            lines: BTreeMap::new(),
            signed: None,
            signer: None,
            marks: BTreeSet::new(),
            counts: Counts::Fully,
            continues,
            handed_over: None,
            continued_by: None,
            went_on: false,
        });
    }

    fn apply_to_visit(&mut self, placed: &Placed<'_>, names: &VisitNames) {
        let (recorded, event) = (placed.recorded, &placed.recorded.event);
        // A visit has one writer: another's events under its id are of no visit.
        let Some(id) = named(recorded, names) else { return };
        let Some(visit) = self.visits.get_mut(&id) else { return };
        visit.went_on |= visit.handed_over.is_some() && goes_on(&event.payload);
        match &event.payload {
            Payload::VisitHandedOver(handed)
                if visit.is_open() && handed.to_writer() != visit.writer =>
            {
                visit.handed_over = Some(HandedOver {
                    to: handed.to_writer(),
                    at: placed.at,
                    event: recorded.id,
                    badge: handed.badge.clone(),
                });
            }
            Payload::Charged(charged) => {
                let line = &charged.line;
                add(&mut visit.charged, line.amount());
                let lines = visit.lines.entry(line.code().to_owned()).or_default();
                lines.list_version = line.list_version();
                lines.count = lines.count.saturating_add(line.quantity());
            }
            Payload::Paid(paid) => visit.receipts.push((paid.series, paid.number)),
            Payload::SignedOff(signed) => {
                (visit.signed, visit.signer) = (Some(signed.result), signed.role);
            }
            Payload::VisitFinished(finished) if visit.finished.is_none() => {
                visit.finished = Some(Finished {
                    outcome: finished.outcome.clone(),
                    order: finished.order_after(),
                    at: placed.at,
                    event: recorded.id,
                });
                self.last_attempt = finished.then.map(|then| (then, id)).or(self.last_attempt);
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
        for payment in &self.desk_payments {
            if let Some(visit) = self.visits.get_mut(&payment.visit) {
                add(&mut visit.paid, payment.amount);
            }
        }
    }

    /// What was paid twice, less what of these payments was given back since.
    fn owed_back(&self) -> Option<Money> {
        let mut owed = None;
        let twice = |c: &&Conflict| c.rule == Rule::C3 && c.holds() == Some(Choice::RefundDue);
        for conflict in self.conflicts.iter().filter(twice) {
            let values = conflict.sides.iter().flat_map(|side| &side.values);
            let Some(mut due) = values.filter(|v| v.name == "twice").find_map(|v| v.money) else {
                continue;
            };
            for payment in self.payments.iter().filter(|p| conflict.events.contains(&p.event)) {
                let back = payment.refunded.and_then(|back| due.minus(back).ok());
                due = back.unwrap_or(due);
            }
            if due.minor > 0 {
                add(&mut owed, due);
            }
        }
        owed
    }

    /// What was decided about details that clash.
    fn settle_details(&mut self) {
        for conflict in self.conflicts.iter().filter(|conflict| conflict.rule == Rule::C4) {
            if let Some(field) = self.details.field_of(&conflict.events) {
                self.details.settle(&field, conflict.holds());
            }
        }
    }

    /// What was decided about crossed meters.
    fn correct_readings(&mut self) {
        for conflict in self.conflicts.iter().filter(|conflict| conflict.rule == Rule::C23) {
            let of = |reading: &&mut Reading| conflict.events.contains(&reading.event);
            self.readings.iter_mut().filter(of).for_each(|r| r.correct(conflict.holds()));
        }
    }

    /// Whom to call is forgotten at once. The record of work that came in after the erasure was
    /// asked waits for the decision (C22), since a destroyed key does not come back.
    fn keep_for_dispute(&mut self) {
        let keeps = |conflict: &&Conflict| {
            conflict.rule == Rule::C22
                && (conflict.is_open() || conflict.holds() == Some(Choice::KeptForDispute))
        };
        if self.conflicts.iter().any(|conflict| keeps(&conflict)) {
            self.erased.remove(&Class::Service);
        }
    }

    /// Verdicts that mark, then those that exclude: an exclusion is not undone by a mark.
    fn obey(&mut self, verdicts: &Verdicts<'_>) {
        let mut all: Vec<_> = verdicts.values().collect();
        all.sort_by_key(|verdict| verdict.effect == Effect::Exclude);
        for verdict in all {
            let sides = verdict.sides.as_ref().is_some_and(|sides| !sides.is_empty());
            self.needs_newer_app |= sides && Rule::from_id(&verdict.rule).is_none();
            for visit in self.visits.values_mut() {
                let finished = visit.finished.as_ref().map(|finished| finished.event);
                let named = |event: &Hash| *event == visit.started || Some(*event) == finished;
                if !verdict.events.iter().any(named) {
                    continue;
                }
                match verdict.effect {
                    Effect::Mark => {
                        visit.marks.insert(verdict.rule.clone());
                    }
                    Effect::Exclude => visit.counts = Counts::Excluded(verdict.rule.clone()),
                }
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

    /// What holds by each conflict, open or decided, for the visits among its sides.
    fn follow(&mut self) {
        let mut then: Vec<(Id, Counts)> = Vec::new();
        for conflict in &self.conflicts {
            let rule = conflict.rule;
            let flagged = Counts::ChargesFlagged(rule);
            let excluded = || Counts::Excluded(rule.id().to_owned());
            let Some(choice) = conflict.holds() else { continue };
            if choice == Choice::FirstOneContinues {
                let there = conflict.sides.iter().find(|side| side.visit.is_some());
                self.assigned_to = there.map(|side| side.actor).or(self.assigned_to);
            }
            for id in conflict.sides.iter().filter_map(|side| side.visit) {
                let Some(visit) = self.visits.get(&id) else { continue };
                match choice.follows() {
                    Follows::FlagOthers if self.primary.is_some_and(|p| p != id) => {
                        then.push((id, flagged.clone()));
                    }
                    Follows::FlagAll => then.push((id, flagged.clone())),
                    Follows::ExcludeAll => then.push((id, excluded())),
                    Follows::ExcludeAttempts if !visit.did_work() => then.push((id, excluded())),
                    Follows::FlagOthers | Follows::ExcludeAttempts | Follows::Nothing => {}
                }
            }
        }
        for (id, counts) in then {
            if let Some(visit) = self.visits.get_mut(&id)
                && (visit.counts == Counts::Fully || matches!(counts, Counts::Excluded(_)))
            {
                visit.counts = counts;
            }
        }
    }

    /// Closed as expired, and not opened again by work that arrived.
    fn is_expired(&self) -> bool {
        let Some((_, closing)) = self.expired else { return false };
        let reopens =
            |conflict: &&Conflict| conflict.rule == Rule::C20 && conflict.events.contains(&closing);
        let conflict = self.conflicts.iter().find(reopens);
        conflict.is_none_or(|conflict| conflict.holds() == Some(Choice::StaysClosed))
    }

    fn derive_status(&self) -> OrderStatus {
        let counted = || self.visits.values().filter(|visit| visit.counted());
        if self.is_expired() {
            OrderStatus::Expired
        } else if counted().any(VisitSummary::did_work) {
            OrderStatus::Done
        } else if self.cancelled_at.is_some() {
            OrderStatus::Cancelled
        } else if counted().any(|visit| visit.finished.is_none() && !visit.is_replaced()) {
            // Also while a visit is on its way from one phone to another.
            OrderStatus::InProgress
        } else if counted().next().is_some() {
            let last = self.last_attempt.filter(|(_, visit)| counted().any(|it| it.id == *visit));
            match last.map(|(then, _)| then) {
                Some(AfterLast::BackToOffice) => OrderStatus::BackToOffice,
                Some(AfterLast::Letter) => OrderStatus::LetterDue,
                None => OrderStatus::Attempted,
            }
        } else if self.assigned_to.is_some() {
            OrderStatus::Assigned
        } else {
            OrderStatus::Open
        }
    }
}

/// Whether it is work in a visit: reasons are given later, and money that goes back is not of it.
fn goes_on(payload: &Payload) -> bool {
    !matches!(
        payload,
        Payload::ReasonGiven(_)
            | Payload::PaymentVoided(_)
            | Payload::PaymentRefunded(_)
            | Payload::InvoiceWanted(_)
            | Payload::VisitHandedOver(_)
            | Payload::Unknown { .. }
    )
}

/// Adds, or leaves the sum as it was where a hostile amount would overflow it or mix currencies:
/// the server refuses such receipts by their running totals.
pub(super) fn add(sum: &mut Option<Money>, amount: Money) {
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

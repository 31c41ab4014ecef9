//! The fold itself.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{Finding, FindingKind, duties::Timed, validate::value_fits};
use crate::{
    base::{ClockReading, Hash, Id, Instant, Money, Text3},
    event::{
        AfterLast, ConditionsNoted, Duty, ItemAnswer, Payload, Recorded, SignOffResult,
        StepRecorded, Value, VisitStarted,
    },
    money::PaymentMethod,
    standard::{
        FactValue, Facts, HANDED_OVER, Kind, Outcome, Require, Standard, Step, StepFacts, World,
    },
};

/// What is known when a visit begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VisitContext {
    /// Premises and order, from standing data; weather and door as far as known.
    pub world: World,
    /// Answers of the last visit, by step.
    pub previous: BTreeMap<String, FactValue>,
}

/// One time a step was done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Done {
    /// The step.
    pub step: String,
    /// The value, where an answer was recorded; quotes, charges, payments and sign-offs have
    /// their own events.
    pub value: Option<Value>,
    /// What the wall clock said.
    pub at: Instant,
    /// The event.
    pub event: Hash,
    /// The entry it stands in the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Hash>,
    /// It was wrong: the event that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<Hash>,
    /// The earlier visit that it was done in, where this one continues another: it counts, and only
    /// that visit's own technician could correct it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Id>,
    /// As conditions see it.
    #[serde(skip)]
    pub(super) fact: FactValue,
    /// Where in the stream, and when, what it tells of was done: for a correction, as the first
    /// entry has it.
    #[serde(skip)]
    pub(super) since: (u64, ClockReading),
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// An outcome id.
    pub outcome: String,
    /// What the wall clock said.
    pub at: Instant,
    /// The event.
    pub event: Hash,
    /// What follows, where it was the last attempt.
    pub then: Option<AfterLast>,
}

/// One visit, as far as its events go.
#[derive(Debug, Clone)]
pub struct VisitState {
    pub(super) standard: Arc<Standard>,
    pub(super) previous: BTreeMap<String, FactValue>,
    pub(super) facts: Facts,
    pub(super) last_clock: BTreeMap<String, ClockReading>,
    pub(super) signed: bool,
    pub(super) ended: Option<Ended>,
    visit: Option<Id>,
    pinned: Option<VisitStarted>,
    last_seq: u64,
    /// Events of the visits that this one continues come before its own.
    base: u64,
    quotes: BTreeMap<u32, Money>,
    /// Payments that stand, by receipt: minor units, and whether in cash.
    payments: BTreeMap<(Id, u64), (i64, bool)>,
    /// Charges that stand, by their event, in minor units.
    pub(super) charges: BTreeMap<Hash, i64>,
    pub(super) done: Vec<Done>,
    pub(super) findings: Vec<Finding>,
    /// What it found whose duties have a time.
    pub(super) timed: Vec<Timed>,
    needs_newer_app: bool,
}

impl VisitState {
    /// A visit before its first event.
    pub fn new(standard: Arc<Standard>, context: VisitContext) -> VisitState {
        VisitState {
            standard,
            previous: context.previous,
            facts: Facts { world: context.world, ..Facts::default() },
            last_clock: BTreeMap::new(),
            signed: false,
            ended: None,
            visit: None,
            pinned: None,
            last_seq: 0,
            base: 0,
            quotes: BTreeMap::new(),
            payments: BTreeMap::new(),
            charges: BTreeMap::new(),
            done: Vec::new(),
            findings: Vec::new(),
            timed: Vec::new(),
            needs_newer_app: false,
        }
    }

    /// Folds the events of one visit's stream, given in any order, duplicates or not.
    pub fn fold<'a>(
        standard: Arc<Standard>,
        context: VisitContext,
        events: impl IntoIterator<Item = &'a Recorded>,
    ) -> VisitState {
        VisitState::new(standard, context).with(events)
    }

    /// The visit with these events of its stream, given in any order, duplicates or not.
    pub fn with<'a>(mut self, events: impl IntoIterator<Item = &'a Recorded>) -> VisitState {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort_by_key(|recorded| recorded.seq);
        events.into_iter().for_each(|recorded| self.apply(recorded));
        self
    }

    /// The visit that continues this one, before its first event, by the same version of the standard:
    /// what was done, offered, charged, paid and signed stands and counts in it as if it had been done in
    /// it; how often and in which order, too. The findings stay with the visit they were made in. Of the
    /// world, what the first technician noted stays until the second notes something else, and when the
    /// first came is when somebody came.
    pub fn continued(self, context: VisitContext) -> VisitState {
        let (mut next, before) = (VisitState::new(self.standard, context), self.facts.world);
        let world = &mut next.facts.world;
        world.raining = before.raining.or(world.raining);
        world.under_renovation = before.under_renovation.or(world.under_renovation);
        world.adult_present = before.adult_present;
        world.door_open = before.door_open;
        (world.due, world.paid, world.cash) = (before.due, before.paid, before.cash);
        (world.late, world.attempts) = (before.late, before.attempts);
        (world.same_daypart, world.too_soon) = (before.same_daypart, before.too_soon);
        next.facts.steps = self.facts.steps;
        next.base = self.base.saturating_add(self.last_seq);
        let earlier = |done: Done| Done { earlier: done.earlier.or(self.visit), ..done };
        next.done = self.done.into_iter().map(earlier).collect();
        (next.last_clock, next.signed) = (self.last_clock, self.signed);
        (next.quotes, next.payments, next.charges) = (self.quotes, self.payments, self.charges);
        next.needs_newer_app = self.needs_newer_app;
        next
    }

    /// The answers that stand, by step: what the next visit's limits may compare with.
    pub fn answers(&self) -> BTreeMap<String, FactValue> {
        let stand = self.done.iter().filter(|done| done.corrected_by.is_none());
        stand.map(|done| (done.step.clone(), done.fact.clone())).collect()
    }

    /// Takes the next event of the stream. Events it had already, and those of other visits in the
    /// same stream, change nothing; the first `VisitStarted` says which visit this is.
    pub fn apply(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.last_seq || recorded.event.visit.is_none() {
            return;
        }
        if self.visit.is_some() && recorded.event.visit != self.visit {
            return;
        }
        self.last_seq = recorded.seq;
        let payload = &recorded.event.payload;
        if let Payload::VisitStarted(started) = payload {
            if self.visit.is_none() {
                self.visit = recorded.event.visit;
                self.pinned = Some(started.clone());
            }
            return;
        }
        match payload {
            Payload::ReasonGiven(given) => return self.give_reason(&given.finding, recorded.id),
            Payload::Unknown { .. } => self.needs_newer_app = true,
            _ => {}
        }
        if self.ended.is_some() && self.changes_visit(payload) {
            self.note_after_finish(recorded);
        }
        match payload {
            Payload::ConditionsNoted(noted) => self.note_conditions(noted),
            Payload::StepRecorded(step) => self.record_step(step, recorded),
            Payload::EntryCorrected(correction) => self.correct(correction, recorded),
            Payload::QuoteOffered(quote) => {
                self.quotes.insert(quote.version, quote.total);
            }
            Payload::QuoteAccepted(accepted) => {
                let total = self.quotes.get(&accepted.version).map_or(0, |total| total.minor);
                self.record_kind(|kind| matches!(kind, Kind::Quote), total.into(), recorded);
            }
            Payload::Charged(charged) => {
                let amount = charged.line.amount().minor;
                let due = self.facts.world.due.unwrap_or(0).saturating_add(amount);
                self.charges.insert(recorded.id, amount);
                self.facts.world.due = Some(due);
                self.record_kind(|kind| matches!(kind, Kind::Charges), due.into(), recorded);
            }
            Payload::Paid(paid) => {
                let amount = paid.tendered.minor.saturating_sub(paid.change.minor);
                let world = &mut self.facts.world;
                let total = world.paid.unwrap_or(0).saturating_add(amount);
                world.paid = Some(total);
                let cash = paid.method == PaymentMethod::Cash;
                if cash {
                    world.cash = Some(world.cash.unwrap_or(0).saturating_add(amount));
                }
                self.payments.insert((paid.series, paid.number), (amount, cash));
                self.record_kind(|kind| matches!(kind, Kind::Payment), total.into(), recorded);
            }
            Payload::MeterRead(read) => {
                let value = FactValue::Decimal(read.value);
                self.record_kind(|kind| matches!(kind, Kind::Reading { .. }), value, recorded);
            }
            Payload::HazardFound(found) => {
                self.timed.extend(Timed::new(found, recorded));
                let value = FactValue::Flag(true);
                self.record_kind(|kind| matches!(kind, Kind::Hazard), value, recorded);
            }
            Payload::DutyDone(done) => self.duty_done(done.hazard, done.duty, recorded),
            Payload::GasShutOff(off) => {
                if let Some(hazard) = off.hazard {
                    self.duty_done(hazard, Duty::ShutOff, recorded);
                }
            }
            Payload::PaymentVoided(void) => {
                if let Some((amount, cash)) = self.payments.remove(&(void.series, void.number)) {
                    let world = &mut self.facts.world;
                    world.paid = world.paid.map(|paid| paid.saturating_sub(amount));
                    if cash {
                        world.cash = world.cash.map(|paid| paid.saturating_sub(amount));
                    }
                }
            }
            Payload::SignedOff(signed) => {
                let result = match signed.result {
                    SignOffResult::Signed => "signed",
                    SignOffResult::Declined => "declined",
                    SignOffResult::Absent => "absent",
                    SignOffResult::Unable => "unable",
                };
                self.record_kind(|kind| matches!(kind, Kind::Signature), result.into(), recorded);
                self.signed |= signed.result == SignOffResult::Signed;
            }
            Payload::VisitHandedOver(_) if self.ended.is_none() => {
                self.ended = Some(Ended {
                    outcome: HANDED_OVER.to_owned(),
                    at: recorded.event.clock.wall,
                    event: recorded.id,
                    then: None,
                });
            }
            Payload::VisitFinished(finished) if self.ended.is_none() => {
                self.ended = Some(Ended {
                    outcome: finished.outcome.clone(),
                    at: recorded.event.clock.wall,
                    event: recorded.id,
                    then: finished.then,
                });
                self.judge_end(recorded);
            }
            _ => {}
        }
    }

    /// The standard it follows.
    pub fn standard(&self) -> &Standard {
        &self.standard
    }

    /// Which visit this is; `None` before its first event.
    pub fn visit(&self) -> Option<Id> {
        self.visit
    }

    /// Whether it began, and on the standard it is folded by.
    pub fn pin_matches(&self) -> bool {
        let fingerprint = self.standard.fingerprint();
        self.pinned.as_ref().is_some_and(|pinned| pinned.fingerprint == fingerprint)
    }

    /// What its start pinned.
    pub fn pinned(&self) -> Option<&VisitStarted> {
        self.pinned.as_ref()
    }

    /// Every time a step was done, in order.
    pub fn done(&self) -> &[Done] {
        &self.done
    }

    /// How often a step was done.
    pub fn times(&self, step: &str) -> u32 {
        let times = self.facts.steps.get(step).map_or(0, |facts| facts.times);
        u32::try_from(times).unwrap_or(u32::MAX)
    }

    /// Rules broken so far, in order. What is missing is told when the visit ends.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Findings nobody gave a reason for yet. What a correction took the ground from needs none.
    pub fn unexplained(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|it| it.reason.is_none() && it.corrected.is_none())
    }

    /// The finding with this key.
    pub fn finding(&self, key: &str) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.key == key)
    }

    /// How it ended, if it did.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Whether a colleague goes on with it.
    pub fn is_handed_over(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.outcome == HANDED_OVER)
    }

    /// What conditions see now.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether it holds events of a newer version.
    pub fn needs_newer_app(&self) -> bool {
        self.needs_newer_app
    }

    fn changes_visit(&self, payload: &Payload) -> bool {
        !matches!(payload, Payload::Unknown { .. } | Payload::ReasonGiven(_))
    }

    fn note_conditions(&mut self, noted: &ConditionsNoted) {
        let world = &mut self.facts.world;
        world.raining = noted.raining.or(world.raining);
        world.under_renovation = noted.under_renovation.or(world.under_renovation);
        world.adult_present = noted.adult_present.or(world.adult_present);
        world.door_open = noted.door_open.or(world.door_open);
    }

    fn record_step(&mut self, recorded_step: &StepRecorded, recorded: &Recorded) {
        let StepRecorded { step, value } = recorded_step;
        if !value_fits(&self.standard, step, value) {
            let known = self.standard.step(step);
            let title = known.map_or_else(|| plain(step), |step| step.title.clone());
            let id = known.map(|step| step.id.clone());
            self.note(FindingKind::NotInStandard, id.as_deref(), title, None, recorded);
            return;
        }
        self.record(step, fact(value), Some(value.clone()), recorded);
    }

    /// Records the standard's first step of a kind that has its own events.
    fn record_kind(&mut self, wanted: fn(&Kind) -> bool, value: FactValue, recorded: &Recorded) {
        let step = self.standard.steps().find(|step| wanted(&step.kind));
        if let Some(id) = step.map(|step| step.id.clone()) {
            self.record(&id, value, None, recorded);
        }
    }

    fn record(&mut self, id: &str, fact: FactValue, value: Option<Value>, recorded: &Recorded) {
        let standard = self.standard.clone();
        let Some(step) = standard.step(id) else { return };
        let clock = recorded.event.clock;
        let broken = self.judge(step, &fact, clock);
        let holds = !broken.contains(&FindingKind::LimitBroken);
        for kind in broken {
            self.note_step(kind, step, recorded);
        }
        let known = fact.clone();
        let seq = i64::try_from(self.place_of(recorded)).unwrap_or(i64::MAX);
        let facts = self.facts.steps.entry(id.to_owned()).or_default();
        *facts = StepFacts {
            value: Some(fact),
            at: clock.wall.0,
            times: facts.times.saturating_add(1),
            seq,
            holds,
        };
        self.last_clock.insert(id.to_owned(), clock);
        self.done.push(Done {
            step: id.to_owned(),
            value,
            at: clock.wall,
            event: recorded.id,
            corrects: None,
            corrected_by: None,
            earlier: None,
            fact: known,
            since: (self.place_of(recorded), clock),
        });
        self.weigh(id);
    }

    /// Where an event stands in the line of visits.
    fn place_of(&self, recorded: &Recorded) -> u64 {
        self.base.saturating_add(recorded.seq)
    }

    /// Judges the end, anew after a correction: what was told already is not told again.
    pub(super) fn judge_end(&mut self, recorded: &Recorded) {
        if self.is_handed_over() {
            // The visit that continues it has an end.
            return;
        }
        let standard = self.standard.clone();
        let outcome = self.ended.as_ref().map(|ended| ended.outcome.clone()).unwrap_or_default();
        let Some(outcome) = standard.outcome(&outcome) else {
            return self.note(FindingKind::NotInStandard, None, plain(&outcome), None, recorded);
        };
        let told = |gate: &&Require| {
            let is = |it: &Finding| it.message.as_ref() == Some(&gate.message);
            let gates = |it: &&Finding| matches!(it.kind, FindingKind::GateOpen { .. });
            self.findings.iter().filter(gates).any(is)
        };
        let open: Vec<&Require> = self.open_gates(outcome).filter(|gate| !told(gate)).collect();
        for gate in open {
            self.note_gate(outcome, gate, recorded);
        }
        let told = |step: &&Step| {
            let is = |it: &Finding| it.step.as_ref() == Some(&step.id);
            self.findings.iter().filter(|it| it.kind == FindingKind::Missing).any(is)
        };
        let missing: Vec<&Step> =
            self.missing(&standard, Some(outcome)).filter(|step| !told(step)).collect();
        for step in missing {
            self.note_step(FindingKind::Missing, step, recorded);
        }
    }

    fn note_after_finish(&mut self, recorded: &Recorded) {
        let standard = self.standard.clone();
        let step = match &recorded.event.payload {
            Payload::StepRecorded(recorded) => standard.step(&recorded.step),
            Payload::EntryCorrected(correction) => {
                self.entry(correction.entry).and_then(|wrong| standard.step(&wrong.step))
            }
            _ => None,
        };
        match step {
            Some(step) => self.note_step(FindingKind::AfterFinish, step, recorded),
            None => {
                let title = plain(recorded.event.payload.name());
                self.note(FindingKind::AfterFinish, None, title, None, recorded);
            }
        }
    }

    pub(super) fn note_step(&mut self, kind: FindingKind, step: &Step, recorded: &Recorded) {
        self.note(kind, Some(&step.id), step.title.clone(), Some(step), recorded);
    }

    fn note_gate(&mut self, outcome: &Outcome, gate: &Require, recorded: &Recorded) {
        let kind = FindingKind::GateOpen { outcome: outcome.id.clone() };
        self.note(kind, None, outcome.title.clone(), None, recorded);
        if let Some(finding) = self.findings.last_mut() {
            finding.message = Some(gate.message.clone());
            finding.rule = gate.rule.clone();
            finding.source = gate.source.clone();
        }
    }

    pub(super) fn note(
        &mut self,
        kind: FindingKind,
        id: Option<&str>,
        title: Text3,
        step: Option<&Step>,
        recorded: &Recorded,
    ) {
        let prefix = format!("{}:{}:", kind.name(), id.unwrap_or("visit"));
        let place = match id {
            // Which time the step was done; findings of that time differ by kind.
            Some(id) if !matches!(kind, FindingKind::NotInStandard | FindingKind::AfterFinish) => {
                u64::from(self.times(id)) + 1
            }
            _ => recorded.seq,
        };
        let mut key = format!("{prefix}{place}");
        // Several gates can be open at one end, and a correction is of an earlier time.
        let corrects = matches!(recorded.event.payload, Payload::EntryCorrected(_));
        let same = self.findings.iter().filter(|it| corrects || it.event == recorded.id);
        let again = same.filter(|finding| finding.key.starts_with(&key)).count();
        if again > 0 {
            key = format!("{key}.{again}");
        }
        let repeat = step.and_then(|step| step.repeat.as_ref());
        let repeat_source = match kind {
            FindingKind::TooOften { .. } | FindingKind::TooSoon { .. } => {
                repeat.and_then(|repeat| repeat.source.clone())
            }
            _ => None,
        };
        self.findings.push(Finding {
            key,
            kind,
            step: id.map(str::to_owned),
            title,
            message: step
                .and_then(|step| step.message.as_ref())
                .map(|message| self.standard.filled(message, &self.facts)),
            rule: step.and_then(|step| step.rule.clone()),
            source: repeat_source.or_else(|| step.and_then(|step| step.source.clone())),
            at: recorded.event.clock.wall,
            event: recorded.id,
            reason: None,
            corrected: None,
        });
    }

    /// The latest reason counts.
    fn give_reason(&mut self, key: &str, event: Hash) {
        if let Some(finding) = self.findings.iter_mut().find(|finding| finding.key == key) {
            finding.reason = Some(event);
        }
    }
}

/// Something the standard has no words for, shown as it is.
pub(super) fn plain(name: &str) -> Text3 {
    let name: String = name.chars().take(40).collect();
    Text3 { zh_hans: name.clone(), zh_hant: name.clone(), en: name }
}

/// A recorded value as conditions see it.
pub(super) fn fact(value: &Value) -> FactValue {
    match value {
        Value::Done | Value::Written => FactValue::Flag(true),
        Value::Count(count) => FactValue::Int(*count),
        Value::Presses(presses) => {
            FactValue::List(presses.iter().map(|ms| FactValue::Int(*ms)).collect())
        }
        Value::Choice(id) | Value::Scan(id) => FactValue::Text(id.clone()),
        Value::Many(ids) => FactValue::List(ids.iter().map(|id| id.as_str().into()).collect()),
        Value::Number(number) => FactValue::Decimal(*number),
        Value::Photo(hash) => FactValue::Text(hash.to_string()),
        Value::Checklist(items) => {
            let answer = |answer: &ItemAnswer| match answer {
                ItemAnswer::Pass => "pass",
                ItemAnswer::Hazard => "hazard",
                ItemAnswer::NotApplicable => "not_applicable",
                ItemAnswer::NotCheckable => "not_checkable",
            };
            let items = items.iter().map(|(id, it)| (id.clone(), answer(it).to_owned()));
            FactValue::Items(items.collect())
        }
    }
}

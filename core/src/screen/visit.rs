//! One visit: where it stands, what this phase asks for, which rules were broken, how it can end.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{
    OrderFacts,
    bottles::{BottleLine, HeldBottles},
    hazard::{GradeLine, HazardCard, HazardCards, HazardFacts, PartyLine, StopCard},
    meter::{MeterCard, MeterFacts},
    next::NextStop,
    photo::{PhotoCard, PhotoTally},
    today::personal,
    words::{Choice, told_readings, when},
};
use crate::{
    base::{Hash, Id, Instant, Lang, Personal, Zone},
    event::{Customer, ItemAnswer, Value},
    order::Details,
    standard::{Kind, OnBreak, Phase, Step},
    store::PhotoMark,
    sync::Premises,
    text::{id_of, named, tr},
    visit::{Done, Explanation, Finding, VisitState},
};

/// What a visit's screen is made of.
#[derive(Debug, Clone, Copy)]
pub struct VisitFacts<'a> {
    /// The visit.
    pub visit: Id,
    /// Its order.
    pub order: Id,
    /// The order's number.
    pub number: &'a str,
    /// Where.
    pub premises: &'a Premises,
    /// For whom, while the key is here.
    pub customer: Option<&'a Customer>,
    /// How to get in, while the key is here.
    pub access_note: Option<&'a Personal>,
    /// The order's details as they stand.
    pub details: &'a Details,
    /// The visit so far.
    pub state: &'a VisitState,
    /// What is left of it, and what stops its ends.
    pub explanation: &'a Explanation,
    /// Its hazards, and what can be said of one.
    pub hazards: HazardFacts<'a>,
    /// Written by this device.
    pub own: bool,
    /// The order holds what only a newer version understands.
    pub outdated: bool,
    /// The zone its times are shown in.
    pub zone: Zone,
    /// Where to go from here, once it has ended.
    pub next: Option<&'a OrderFacts>,
    /// The gas bottles that its customer holds; empty where nobody counts them.
    pub bottles: &'a [HeldBottles],
    /// Meters of the premises that nobody has read in it yet; none where its standard reads none.
    pub meters: MeterFacts<'a>,
    /// The visits that it continues, first to last.
    pub earlier: &'a [EarlierVisit],
    /// The photos that were taken in it here.
    pub photos: &'a [PhotoMark],
    /// Photos of the order that the customer had removed.
    pub photos_erased: &'a BTreeSet<Hash>,
    /// Which event names which photo. What a hazard asked for stands with the event that found it.
    pub named: &'a [(Hash, Hash)],
}

/// A visit that another one continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierVisit {
    /// The visit.
    pub visit: Id,
    /// The badge of whoever handed it over.
    pub badge: String,
    /// When it began.
    pub began: Instant,
    /// The server has not spoken of it yet.
    pub provisional: bool,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VisitScreen {
    /// That a newer app is needed to see all of this order, in words, when it is; what is recorded here
    /// counts all the same.
    pub update_text: Option<String>,
    /// What service this customer needs; to be read before anything else.
    pub special_need: Option<Personal>,
    /// What to beware of: codes.
    pub warnings: Vec<String>,
    /// How to get in.
    pub access_note: Option<Personal>,
    /// The customer's phone.
    pub phone: Option<Personal>,
    /// The appointment in words.
    pub appointment: Option<String>,
    /// The visit.
    pub visit: Id,
    /// Its order.
    pub order: Id,
    /// The order's number.
    pub number: String,
    /// Where.
    pub address: String,
    /// The customer's name.
    pub customer: Option<Personal>,
    /// What was reported.
    pub report: Option<Personal>,
    /// The standard it follows.
    pub standard: String,
    /// Its steps can be recorded here and now: ours, and not ended.
    pub open: bool,
    /// How it ended, or that a colleague goes on with it, in words.
    pub ended: Option<String>,
    /// From whom it was taken over, in words.
    pub taken_over: Option<String>,
    /// Where to go from here, once it has ended.
    pub next: Option<NextStop>,
    /// All phases.
    pub phases: Vec<PhaseCard>,
    /// The phase whose steps are shown.
    pub phase: String,
    /// Its title.
    pub phase_title: String,
    /// Its steps.
    pub steps: Vec<StepCard>,
    /// Rules that were broken, latest last.
    pub findings: Vec<FindingCard>,
    /// Findings that wait for a reason.
    pub reasons_due: i64,
    /// Steps required and not done, in order.
    pub left: Vec<LeftLine>,
    /// The ways to end.
    pub outcomes: Vec<OutcomeCard>,
    /// Hazards of the order, in the order they were found, and then what other orders left open
    /// here.
    pub hazards: Vec<HazardCard>,
    /// Gas that was shut off: under this order, and then what other orders left off here.
    pub stops: Vec<StopCard>,
    /// The gas bottles that the customer holds, by size, over all orders; of deliveries alone.
    pub bottles: Vec<BottleLine>,
    /// Meters that are still to be read: what each is estimated at where nobody gets at it, and what its
    /// customer said.
    pub meters: Vec<MeterCard>,
    /// Grades a hazard can have, the gravest first.
    pub grades: Vec<GradeLine>,
    /// What a hazard can be about; other words may be written in its place.
    pub hazard_items: Vec<Choice>,
    /// Who can have to mend a hazard.
    pub hazard_parties: Vec<PartyLine>,
    /// All its photos, counted.
    pub photos: PhotoTally,
    /// Photos that were taken and that nothing names: record them with their step, or leave them.
    pub loose_photos: Vec<PhotoCard>,
    /// Holds events of a newer version: update the app to see all of it.
    pub needs_newer_app: bool,
}

/// Where a phase stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseState {
    /// Nothing required is left.
    Complete,
    /// This is where the visit is.
    Current,
    /// Something required was passed over.
    Lacking,
    /// Not begun.
    Ahead,
}

/// One phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhaseCard {
    /// Its id.
    pub phase: String,
    /// What people call it.
    pub title: String,
    /// Where it stands.
    pub state: PhaseState,
    /// Required steps that are done.
    pub done: i64,
    /// Required steps.
    pub required: i64,
    /// These two in words.
    pub progress: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepCard {
    /// Its id.
    pub step: String,
    /// What it asks for, by the kind's name: `count`, `choice`, `payment`, …
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// Words the technician may say.
    pub say: Option<String>,
    /// What to look at while doing it.
    pub hint: Option<String>,
    /// Its limits in words.
    pub limits: Vec<String>,
    /// An answer that breaks a limit is refused; otherwise it becomes a finding.
    pub stops: bool,
    /// Choices or items.
    pub choices: Vec<Choice>,
    /// The unit of a measurement.
    pub unit: Option<String>,
    /// Digits behind the point, where a number is asked for.
    pub decimals: Option<i64>,
    /// Characters at most, where words are asked for.
    pub max_length: Option<i64>,
    /// Its photos; of an entry that was corrected, those of the correction.
    pub photos: Vec<PhotoCard>,
    /// How many of them are with the office, in words; absent where there are none.
    pub photos_text: Option<String>,
    /// The last answer in words.
    pub answer: Option<String>,
    /// Who did it last, where it was done before the visit was taken over, in words.
    pub earlier: Option<String>,
    /// Its entry, where it can be corrected.
    pub entry: Option<Hash>,
    /// What stood there before it was corrected, in words.
    pub corrected: Option<String>,
    /// How often it was done.
    pub times: i64,
    /// Done at least once.
    pub done: bool,
    /// The visit lacks something without it.
    pub required: bool,
    /// Shown at all, as things are now.
    pub relevant: bool,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One rule that was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingCard {
    /// What a reason is given for.
    pub key: String,
    /// The step, where it is about one.
    pub step: Option<String>,
    /// In words.
    pub text: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
    /// It waits for a reason.
    pub reason_due: bool,
    /// The entry it is about was corrected since.
    pub corrected: bool,
    /// When.
    pub at: Instant,
    /// When, in words.
    pub at_text: String,
}

/// A step that is required and not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftLine {
    /// The step.
    pub step: String,
    /// Its phase.
    pub phase: String,
    /// What people call it.
    pub title: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One way to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeCard {
    /// The outcome.
    pub outcome: String,
    /// What people call it.
    pub title: String,
    /// The visit can end like this now.
    pub possible: bool,
    /// What stops it.
    pub stops: Vec<StopLine>,
    /// Titles of steps that would be findings if it ended like this now.
    pub missing: Vec<String>,
}

/// One thing that stops an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StopLine {
    /// What to do.
    pub text: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

impl VisitScreen {
    /// The visit in words, with the steps of `phase`; of the one it is in when that is absent or
    /// not in the standard.
    pub fn new(facts: &VisitFacts<'_>, phase: Option<&str>, lang: Lang) -> VisitScreen {
        let state = facts.state;
        let explanation = facts.explanation;
        let phases = state.standard().phases();
        let find = |id: &str| phases.iter().find(|phase| phase.id == id);
        let shown = phase
            .and_then(find)
            .or_else(|| explanation.phase.as_deref().and_then(find))
            .or(phases.last());
        let ended = state.ended().map(|ended| {
            let known = state.standard().outcome(&ended.outcome);
            let title = known.map_or(ended.outcome.as_str(), |outcome| outcome.title.get(lang));
            let at = when(ended.at, facts.zone, None);
            if state.is_handed_over() {
                return tr(lang, "visit-handed-over", &[("when", at.into())]);
            }
            let mut args = vec![("outcome", title.into()), ("when", at.into())];
            let Some(then) = &ended.then else { return tr(lang, "visit-ended", &args) };
            args.push(("then", named(lang, "after-last", &id_of(then)).into()));
            tr(lang, "visit-ended-last", &args)
        });
        let appointment = facts.details.appointment.map(|made| {
            let from = when(made.from, facts.zone, None);
            let args = [
                ("from", from.into()),
                ("to", when(made.to, facts.zone, Some(made.from)).into()),
                ("agreed", if made.agreed { "yes" } else { "no" }.into()),
            ];
            tr(lang, "visit-appointment", &args)
        });
        let hazards = HazardCards {
            facts: &facts.hazards,
            standard: state.standard(),
            order: facts.order,
            zone: facts.zone,
            lang,
        };
        VisitScreen {
            update_text: facts.outdated.then(|| tr(lang, "order-needs-newer-app", &[])),
            warnings: facts.details.warnings.iter().cloned().collect(),
            access_note: facts.access_note.cloned(),
            phone: personal(facts.customer, |customer| customer.phone.as_ref()),
            appointment,
            special_need: personal(facts.customer, |customer| customer.special_need.as_ref()),
            visit: facts.visit,
            order: facts.order,
            number: facts.number.to_owned(),
            address: facts.premises.address.clone(),
            customer: personal(facts.customer, |customer| Some(&customer.name)),
            report: personal(facts.customer, |customer| customer.report.as_ref()),
            standard: state.standard().title().get(lang).to_owned(),
            open: facts.own && ended.is_none(),
            ended,
            taken_over: facts.earlier.last().map(|earlier| taken_over(earlier, facts.zone, lang)),
            next: facts
                .next
                .map(|next| NextStop::new(next, Some(facts.premises), facts.zone, lang)),
            phases: phase_cards(state, explanation, lang),
            phase: shown.map_or_else(String::new, |phase| phase.id.clone()),
            phase_title: shown.map_or_else(String::new, |it| it.title.get(lang).to_owned()),
            steps: shown.map_or_else(Vec::new, |phase| step_cards(facts, phase, lang)),
            findings: state.findings().iter().map(|it| finding(it, facts.zone, lang)).collect(),
            reasons_due: explanation.reasons_due.len() as i64,
            left: left(explanation, lang),
            outcomes: outcomes(state, explanation, lang),
            hazards: hazards.hazards(),
            stops: hazards.stops(),
            meters: match facts.own && facts.state.ended().is_none() {
                true => facts.meters.cards(facts.zone, lang),
                false => Vec::new(),
            },
            bottles: facts.bottles.iter().map(|it| it.line(facts.zone, lang)).collect(),
            grades: hazards.grades(),
            hazard_items: hazards.items(),
            hazard_parties: hazards.parties(),
            photos: PhotoTally::new(all_photos(facts, lang).iter(), lang),
            loose_photos: facts
                .photos
                .iter()
                .filter(|mark| !facts.named.iter().any(|(_, photo)| *photo == mark.address))
                .map(|mark| PhotoCard::new(mark.address, Some(mark), facts.photos_erased, lang))
                .collect(),
            needs_newer_app: state.needs_newer_app(),
        }
    }
}

fn taken_over(earlier: &EarlierVisit, zone: Zone, lang: Lang) -> String {
    let args = [
        ("badge", earlier.badge.as_str().into()),
        ("when", when(earlier.began, zone, None).into()),
    ];
    match earlier.provisional {
        true => tr(lang, "visit-taken-over-unconfirmed", &args),
        false => tr(lang, "visit-taken-over", &args),
    }
}

fn phase_cards(state: &VisitState, explanation: &Explanation, lang: Lang) -> Vec<PhaseCard> {
    let phases = state.standard().phases();
    let current = explanation.phase.as_deref();
    let at = phases.iter().position(|phase| Some(phase.id.as_str()) == current);
    let card = |(place, phase): (usize, &Phase)| {
        let required = || phase.steps.iter().filter(|step| state.is_required(step));
        let done = required().filter(|step| state.times(&step.id) > 0).count();
        let total = required().count();
        let begun = phase.steps.iter().any(|step| state.times(&step.id) > 0);
        let args = [("done", done.to_string().into()), ("required", total.to_string().into())];
        PhaseCard {
            phase: phase.id.clone(),
            title: phase.title.get(lang).to_owned(),
            state: match at {
                Some(at) if at == place => PhaseState::Current,
                Some(at) if place > at => PhaseState::Ahead,
                None if !begun => PhaseState::Ahead,
                _ if done == total => PhaseState::Complete,
                _ => PhaseState::Lacking,
            },
            done: done as i64,
            required: total as i64,
            progress: tr(lang, "visit-progress", &args),
        }
    };
    phases.iter().enumerate().map(card).collect()
}

/// Every photo of the visit, once: those taken here, and those that are only named.
fn all_photos(facts: &VisitFacts<'_>, lang: Lang) -> Vec<PhotoCard> {
    let taken = facts.photos.iter().map(|mark| mark.address);
    let all: BTreeSet<_> = taken.chain(facts.named.iter().map(|(_, photo)| *photo)).collect();
    all.into_iter().map(|photo| photo_card(facts, photo, lang)).collect()
}

fn photo_card(facts: &VisitFacts<'_>, photo: Hash, lang: Lang) -> PhotoCard {
    let mark = facts.photos.iter().find(|mark| mark.address == photo);
    PhotoCard::new(photo, mark, facts.photos_erased, lang)
}

fn step_cards(facts: &VisitFacts<'_>, phase: &Phase, lang: Lang) -> Vec<StepCard> {
    phase.steps.iter().map(|step| step_card(facts, step, lang)).collect()
}

fn step_card(facts: &VisitFacts<'_>, step: &Step, lang: Lang) -> StepCard {
    let state = facts.state;
    let text = |text: &Option<crate::base::Text3>| text.as_ref().map(|it| it.get(lang).to_owned());
    let times = state.times(&step.id);
    let of_step = || state.done().iter().rev().filter(|done| done.step == step.id);
    let last = of_step().find(|done| done.corrected_by.is_none());
    let in_words = |done: &Done| match &done.value {
        Some(value) => answer(step, value, lang),
        None => tr(lang, "answer-done", &[]),
    };
    // What was taken back leaves its place, and says so.
    let wrong = match last {
        Some(last) => of_step().find(|done| Some(done.event) == last.corrects),
        None => of_step().next(),
    };
    let before = |done: &Done| {
        let before = [("before", in_words(done).into())];
        tr(lang, if last.is_some() { "answer-corrected" } else { "answer-taken-back" }, &before)
    };
    let (unit, decimals, max_length) = match &step.kind {
        Kind::Number { unit, decimals } => (Some(unit.clone()), Some(*decimals), None),
        Kind::Reading { decimals } => (None, Some(*decimals), None),
        Kind::Text { max_length } => (None, None, Some(*max_length)),
        _ => (None, None, None),
    };
    let stands =
        |event: &Hash| of_step().any(|done| done.event == *event && done.corrected_by.is_none());
    let photos: Vec<_> = facts
        .named
        .iter()
        .filter(|(event, _)| stands(event))
        .map(|(_, photo)| photo_card(facts, *photo, lang))
        .collect();
    StepCard {
        photos_text: PhotoTally::new(photos.iter(), lang).text,
        photos,
        step: step.id.clone(),
        kind: step.kind.name().to_owned(),
        title: step.title.get(lang).to_owned(),
        say: text(&step.say),
        hint: hint(facts, step, lang),
        limits: limits(state, step, lang),
        stops: step.on_break == OnBreak::Stop,
        choices: step
            .kind
            .choices()
            .iter()
            .map(|it| Choice { id: it.id.clone(), title: it.title.get(lang).to_owned() })
            .collect(),
        unit,
        decimals: decimals.map(i64::from),
        max_length: max_length.map(i64::from),
        answer: last.map(in_words),
        earlier: last.and_then(|done| {
            let earlier = facts.earlier.iter().find(|it| Some(it.visit) == done.earlier)?;
            Some(tr(lang, "answer-by", &[("badge", earlier.badge.as_str().into())]))
        }),
        entry: last.and_then(|done| state.entry(done.event)).map(|done| done.event),
        corrected: wrong.map(before),
        times: times.into(),
        done: times > 0,
        required: state.is_required(step),
        relevant: state.is_relevant(step),
        rule: step.rule.clone(),
        source: step.source.clone(),
    }
}

/// What to look at; before a meter is read, also what its customer said of it, or the meter sent.
fn hint(facts: &VisitFacts<'_>, step: &Step, lang: Lang) -> Option<String> {
    let told = match &step.kind {
        Kind::Reading { .. } => told_readings(&facts.hazards.order.readings, facts.zone, lang),
        _ => Vec::new(),
    };
    let hint = step.hint.as_ref().map(|hint| hint.get(lang).to_owned());
    let lines: Vec<_> = hint.into_iter().chain(told).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn limits(state: &VisitState, step: &Step, lang: Lang) -> Vec<String> {
    let filled = |message| state.standard().filled(message, state.facts());
    let message = step.message.as_ref().map(|message| filled(message).get(lang).to_owned());
    let mut limits: Vec<_> = message.into_iter().collect();
    if let Some(repeat) = &step.repeat {
        limits.extend(
            repeat
                .at_most
                .map(|most| tr(lang, "limit-times", &[("most", most.to_string().into())])),
        );
        limits.extend(
            repeat
                .at_least_seconds_between
                .map(|least| tr(lang, "limit-between", &[("least", least.to_string().into())])),
        );
    }
    limits
}

/// An answer in words; what is private shows only that it was written.
fn answer(step: &Step, value: &Value, lang: Lang) -> String {
    let title = |id: &str| {
        let choice = step.kind.choices().iter().find(|choice| choice.id == id);
        choice.map_or(id, |choice| choice.title.get(lang)).to_owned()
    };
    let list = |items: Vec<String>| items.join(&tr(lang, "answer-comma", &[]));
    match value {
        Value::Done => tr(lang, "answer-done", &[]),
        Value::Written => tr(lang, "answer-written", &[]),
        Value::Photo(_) => tr(lang, "answer-photo", &[]),
        Value::Count(count) => count.to_string(),
        Value::Number(number) => match &step.kind {
            Kind::Number { unit, .. } => format!("{number} {unit}"),
            _ => number.to_string(),
        },
        Value::Scan(code) => code.clone(),
        Value::Choice(id) => title(id),
        Value::Many(ids) => list(ids.iter().map(|id| title(id)).collect()),
        Value::Presses(presses) => list(presses.iter().map(|ms| seconds(*ms, lang)).collect()),
        Value::Checklist(items) => {
            let line = |(item, answer): (&String, &ItemAnswer)| {
                let answer = named(lang, "item", &id_of(answer));
                let args = [("item", title(item).into()), ("answer", answer.into())];
                tr(lang, "answer-item", &args)
            };
            list(items.iter().map(line).collect())
        }
    }
}

fn seconds(ms: i64, lang: Lang) -> String {
    let (whole, tenths) = (ms / 1_000, ms % 1_000 / 100);
    let number = if tenths == 0 { whole.to_string() } else { format!("{whole}.{tenths}") };
    tr(lang, "answer-seconds", &[("seconds", number.into())])
}

fn finding(finding: &Finding, zone: Zone, lang: Lang) -> FindingCard {
    FindingCard {
        key: finding.key.clone(),
        step: finding.step.clone(),
        text: finding.text(lang),
        rule: finding.rule.clone(),
        source: finding.source.clone(),
        reason_due: finding.reason.is_none() && finding.corrected.is_none(),
        corrected: finding.corrected.is_some(),
        at: finding.at,
        at_text: when(finding.at, zone, None),
    }
}

fn left(explanation: &Explanation, lang: Lang) -> Vec<LeftLine> {
    let line = |left: &crate::visit::LeftStep| LeftLine {
        step: left.step.clone(),
        phase: left.phase.clone(),
        title: left.title.get(lang).to_owned(),
        rule: left.rule.clone(),
        source: left.source.clone(),
    };
    explanation.left.iter().map(line).collect()
}

fn outcomes(state: &VisitState, explanation: &Explanation, lang: Lang) -> Vec<OutcomeCard> {
    let ended = state.ended().is_some();
    let title = |id: &String| {
        let step = state.standard().step(id);
        step.map_or_else(|| id.clone(), |step| step.title.get(lang).to_owned())
    };
    let card = |report: &crate::visit::OutcomeReport| OutcomeCard {
        outcome: report.outcome.clone(),
        title: report.title.get(lang).to_owned(),
        possible: report.gates.is_empty() && !ended,
        stops: report
            .gates
            .iter()
            .map(|gate| StopLine {
                text: gate.message.get(lang).to_owned(),
                rule: gate.rule.clone(),
                source: gate.source.clone(),
            })
            .collect(),
        missing: report.missing.iter().map(title).collect(),
    };
    explanation.outcomes.iter().map(card).collect()
}

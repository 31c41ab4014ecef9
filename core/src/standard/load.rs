//! From TOML to a checked [`Standard`].

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

use chrono::NaiveDate;
use toml::Spanned;

use super::{
    Choice, Condition, Kind, OnBreak, Outcome, Phase, Repeat, Require, Required, Standard, Step,
    condition::{Scope, Type},
    filled::{can_be_told, places},
    model::{KitItem, KitKind, ORDERS_AFTER, VISIT_KINDS},
    raw::{RawChoice, RawKitItem, RawOutcome, RawRequired, RawStandard, RawStep, RawText, Str},
    report::{Report, Seen},
    shape::{self, FileKind},
};
use crate::{
    base::{Hash, Lang, SourceError, Text3, did_you_mean},
    event::OrderAfter,
};

/// The largest file read, in bytes.
pub const MAX_FILE: usize = 256 * 1024;

/// The most steps of a standard.
pub const MAX_STEPS: usize = 500;

/// The longest text a text step may allow, in characters.
pub const MAX_NOTE: u32 = 2_000;

/// The most choices or items of one step.
const MAX_CHOICES: usize = 100;

impl Standard {
    /// Reads and checks a standard. All errors found are told, in the order of the file, each with
    /// its line and column: what the TOML means, unknown keys and names, missing languages,
    /// repeated ids, limits out of bounds, conditions that ask in a circle.
    pub fn load(text: &str) -> Result<Standard, Vec<SourceError>> {
        Loader::new(text, false).load()
    }

    /// Reads a standard that [`Standard::load`] found right before: the same, in a fraction of the
    /// time, since a condition is compiled when it is first asked. Of a text that never was
    /// loaded, what is wrong in a condition goes unnoticed: it never holds.
    pub fn read(text: &str) -> Result<Standard, Vec<SourceError>> {
        Loader::new(text, true).load()
    }
}

/// A standard as far as it is understood, and what is wrong with it.
pub(super) struct Read<'a> {
    pub(super) standard: Option<Standard>,
    pub(super) report: Report<'a>,
}

/// Reads all that can be read, for whoever looks further.
pub(super) fn read(text: &str) -> (Option<RawStandard>, Read<'_>) {
    Loader::new(text, false).all()
}

struct Loader<'a> {
    text: &'a str,
    report: Report<'a>,
    /// Every step's answer, for checking conditions.
    types: Arc<BTreeMap<String, Type>>,
    /// The steps whose answers a message can tell.
    told: BTreeSet<String>,
    /// Whether conditions are left for when they are asked.
    later: bool,
    /// Where a condition asks about another step: asking step → (asked step, place).
    places: BTreeMap<String, Vec<(String, Range<usize>)>>,
}

impl<'a> Loader<'a> {
    fn new(text: &'a str, later: bool) -> Loader<'a> {
        let report = Report::with(text, Vec::new());
        Loader {
            text,
            report,
            types: Arc::default(),
            told: BTreeSet::new(),
            later,
            places: BTreeMap::new(),
        }
    }

    fn load(self) -> Result<Standard, Vec<SourceError>> {
        let text = self.text;
        let read = self.all().1;
        let (standard, report) = (read.standard, read.report);
        let warnings = report.finish()?;
        // The report is empty, so every part was understood.
        standard
            .map(|standard| Standard { warnings, ..standard })
            .ok_or_else(|| vec![SourceError::at(text, 0, "the standard could not be understood")])
    }

    /// As much of the file as can be understood.
    fn all(mut self) -> (Option<RawStandard>, Read<'a>) {
        let (raw, wrong) = shape::read(self.text, MAX_FILE, FileKind::Standard.shape());
        self.report = Report::with(self.text, wrong);
        let standard = raw.as_ref().and_then(|raw| self.standard(raw));
        (raw, Read { standard, report: self.report })
    }

    fn standard(&mut self, raw: &RawStandard) -> Option<Standard> {
        let id = raw.id.get_ref();
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if id.is_empty() || id.len() > 40 || !id.bytes().all(fits) {
            self.report
                .error(raw.id.span(), "a standard's id is small letters, digits and -, at most 40");
        }
        let version = self.report.within(&raw.version, "version", 1, 1_000_000);
        let visit = self.report.one_of(&raw.visit, "kind of visit", &VISIT_KINDS);
        let title = self.report.text3(&raw.title);
        let languages = self.languages(&raw.languages);
        let mandatory_from = self.date(&raw.mandatory_from);
        let kit = self.kit(&raw.kit);
        let kinds = self.kinds(raw);
        let phases = self.phases(raw, kinds);
        let outcomes = self.outcomes(&raw.outcome, &phases);
        self.cycles();
        if phases.is_empty() {
            self.report.error(0..0, "a standard has at least one [[phase]]");
        }
        if outcomes.is_empty() {
            self.report
                .error(0..0, "a standard has at least one [[outcome]], or no visit could end");
        }
        Some(Standard {
            id: id.clone(),
            version,
            visit: visit?,
            title,
            languages,
            mandatory_from: mandatory_from?,
            kit,
            phases,
            outcomes,
            fingerprint: Hash::of(&[self.text.as_bytes()]),
            warnings: Vec::new(),
        })
    }

    fn kit(&mut self, raw: &[RawKitItem]) -> Vec<KitItem> {
        let kinds = [(KitKind::Tool, "tool"), (KitKind::Part, "part"), (KitKind::Paper, "paper")];
        let (mut seen, mut kit) = (Seen::new(), Vec::new());
        for item in raw {
            self.report.unique(&mut seen, &item.id, "kit item");
            let kind = self.report.one_of(&item.kind, "kind of kit item", &kinds);
            kit.extend(kind.map(|kind| KitItem {
                id: self.report.identifier(&item.id),
                kind,
                title: self.report.text3(&item.title),
                each: item.each,
                source: self.report.words(Some(&item.source), "source").unwrap_or_default(),
            }));
        }
        kit
    }

    fn languages(&mut self, raw: &Spanned<Vec<Str>>) -> Vec<Lang> {
        let mut languages: Vec<Lang> = Vec::new();
        for tag in raw.get_ref() {
            match tag.get_ref().parse() {
                Ok(lang) if languages.contains(&lang) => {
                    self.report.error(tag.span(), format!("{lang} is listed twice"));
                }
                Ok(lang) => languages.push(lang),
                Err(unknown) => self.report.error(tag.span(), unknown.to_string()),
            }
        }
        let missing = Lang::ALL.into_iter().filter(|lang| !languages.contains(lang));
        let missing: Vec<_> = missing.map(Lang::tag).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            let message = format!("a standard is written in three languages: add {missing}");
            self.report.error(raw.span(), message);
        }
        languages
    }

    fn date(&mut self, raw: &Str) -> Option<NaiveDate> {
        let date = NaiveDate::parse_from_str(raw.get_ref(), "%Y-%m-%d").ok();
        if date.is_none() {
            self.report.error(raw.span(), "write a day like \"2026-12-01\"");
        }
        date
    }

    /// First pass: ids and kinds of all steps, which conditions anywhere may name.
    fn kinds(&mut self, raw: &RawStandard) -> Vec<Option<Kind>> {
        let steps = || raw.phase.iter().flat_map(|phase| &phase.get_ref().step);
        if let Some(step) = steps().nth(MAX_STEPS) {
            let message = format!("a standard has at most {MAX_STEPS} steps, this is one more");
            self.report.error(step.span(), message);
        }
        let mut seen = Seen::new();
        let mut kinds = Vec::new();
        let mut types = BTreeMap::new();
        for step in steps().take(MAX_STEPS) {
            let step = step.get_ref();
            self.report.identifier(&step.id);
            self.report.unique(&mut seen, &step.id, "step");
            let kind = self.kind(step);
            // A step whose kind is unknown is still there to be named: one error, not two.
            let answer = kind.as_ref().map_or(Type::Null, Kind::answer_type);
            types.entry(step.id.get_ref().clone()).or_insert(answer);
            if kind.as_ref().is_some_and(can_be_told) {
                self.told.insert(step.id.get_ref().clone());
            }
            kinds.push(kind);
        }
        self.types = Arc::new(types);
        kinds
    }

    fn kind(&mut self, raw: &RawStep) -> Option<Kind> {
        let names: Vec<_> = Kind::NAMES.iter().map(|name| (*name, *name)).collect();
        let name = self.report.one_of(&raw.kind, "kind of step", &names)?;
        self.needless_options(raw, name);
        let decimals = |this: &mut Self| {
            raw.decimals.as_ref().map_or(0, |decimals| {
                if *decimals.get_ref() > 6 {
                    this.report.error(decimals.span(), "decimals is 0 to 6");
                }
                *decimals.get_ref()
            })
        };
        Some(match name {
            "done" => Kind::Done,
            "count" => Kind::Count,
            "presses" => Kind::Presses,
            "choice" => Kind::Choice(self.choices(raw, raw.choices.as_ref(), "choices")),
            "many" => Kind::Many(self.choices(raw, raw.choices.as_ref(), "choices")),
            "opinion" => Kind::Opinion(self.choices(raw, raw.choices.as_ref(), "choices")),
            "checklist" => Kind::Checklist(self.choices(raw, raw.items.as_ref(), "items")),
            "text" => Kind::Text {
                max_length: raw.max_length.as_ref().map_or(MAX_NOTE, |length| {
                    self.report.within(length, "max_length", 1, MAX_NOTE)
                }),
            },
            "number" => {
                if raw.unit.is_none() {
                    self.report.error(raw.kind.span(), "a number needs its `unit`");
                }
                let unit =
                    raw.unit.as_ref().map_or_else(String::new, |unit| unit.get_ref().clone());
                Kind::Number { unit, decimals: decimals(self) }
            }
            "reading" => Kind::Reading { decimals: decimals(self) },
            "photo" => Kind::Photo,
            "scan" => Kind::Scan,
            "hazard" => Kind::Hazard,
            "parts" => Kind::Parts,
            "quote" => Kind::Quote,
            "charges" => Kind::Charges,
            "payment" => Kind::Payment,
            "signature" => Kind::Signature,
            _ => Kind::Handover,
        })
    }

    /// Options of another kind would be silently without effect.
    fn needless_options(&mut self, raw: &RawStep, kind: &str) {
        let options = [
            (
                "choices",
                raw.choices.as_ref().map(Spanned::span),
                &["choice", "many", "opinion"][..],
            ),
            ("items", raw.items.as_ref().map(Spanned::span), &["checklist"]),
            ("unit", raw.unit.as_ref().map(Spanned::span), &["number"]),
            ("decimals", raw.decimals.as_ref().map(Spanned::span), &["number", "reading"]),
            ("max_length", raw.max_length.as_ref().map(Spanned::span), &["text"]),
        ];
        for (option, span, kinds) in options {
            if let Some(span) = span
                && !kinds.contains(&kind)
            {
                let message =
                    format!("`{option}` belongs to {}, not to `{kind}`", kinds.join(", "));
                self.report.error(span, message);
            }
        }
    }

    fn choices(
        &mut self,
        step: &RawStep,
        raw: Option<&Spanned<Vec<RawChoice>>>,
        key: &str,
    ) -> Vec<Choice> {
        let Some(raw) = raw else {
            self.report.error(step.kind.span(), format!("a step of this kind needs `{key}`"));
            return Vec::new();
        };
        if raw.get_ref().is_empty() || raw.get_ref().len() > MAX_CHOICES {
            self.report.error(raw.span(), format!("`{key}` has 1 to {MAX_CHOICES} entries"));
        }
        let mut seen = Seen::new();
        let choices = raw.get_ref().iter().take(MAX_CHOICES).map(|choice| {
            self.report.unique(&mut seen, &choice.id, "choice");
            let id = self.report.identifier(&choice.id);
            Choice { id, title: self.report.text3(&choice.title) }
        });
        choices.collect()
    }

    fn phases(&mut self, raw: &RawStandard, kinds: Vec<Option<Kind>>) -> Vec<Phase> {
        let mut kinds = kinds.into_iter();
        let mut seen = Seen::new();
        let mut phases = Vec::new();
        for phase in &raw.phase {
            let (span, phase) = (phase.span(), phase.get_ref());
            self.report.unique(&mut seen, &phase.id, "phase");
            let id = self.report.identifier(&phase.id);
            if phase.step.is_empty() {
                self.report.error(span, format!("phase `{id}` has no steps"));
            }
            let title = self.report.text3(&phase.title);
            let mut steps = Vec::new();
            // Beyond the limit `kinds` ends; that error is already noted.
            for (step, kind) in phase.step.iter().zip(&mut kinds) {
                steps.extend(self.step(step, kind));
            }
            phases.push(Phase { id, title, any_order: phase.any_order, steps });
        }
        phases
    }

    fn step(&mut self, raw: &Spanned<RawStep>, kind: Option<Kind>) -> Option<Step> {
        let (span, raw) = (raw.span(), raw.get_ref());
        let id = raw.id.get_ref().clone();
        let answer = self.types.get(&id).cloned().unwrap_or(Type::Null);
        let title = self.report.text3(&raw.title);
        let say = raw.say.as_ref().map(|text| self.report.text3(text));
        let hint = raw.hint.as_ref().map(|text| self.report.text3(text));
        let message = raw.message.as_ref().map(|text| self.message(text));
        let relevant =
            raw.relevant.as_ref().and_then(|it| self.dependent(&id, it.get_ref(), it.span()));
        let required = match raw.required.as_ref().map(|it| (it.get_ref(), it.span())) {
            None | Some((RawRequired::Always(false), _)) => Required::No,
            Some((RawRequired::Always(true), _)) => Required::Yes,
            Some((RawRequired::When(text), span)) => {
                self.dependent(&id, text, span).map_or(Required::Yes, Required::When)
            }
        };
        let constraint = raw
            .constraint
            .as_ref()
            .and_then(|it| self.condition(it.get_ref(), it.span(), Some(answer.clone())));
        if let (Some(constraint), None) = (&raw.constraint, &raw.message) {
            self.report
                .error(constraint.span(), "a constraint needs a `message` for whoever breaks it");
        }
        let repeat = raw.repeat.as_ref().map(|repeat| {
            let (span, repeat) = (repeat.span(), repeat.get_ref());
            if repeat.at_most.is_none() && repeat.at_least_seconds_between.is_none() {
                self.report.error(span, "`repeat` says at_most, at_least_seconds_between, or both");
            }
            let most = repeat.at_most.as_ref();
            let between = repeat.at_least_seconds_between.as_ref();
            Repeat {
                at_most: most.map(|it| self.report.within(it, "at_most", 1, 100)),
                at_least_seconds_between: between
                    .map(|it| self.report.within(it, "at_least_seconds_between", 1, 86_400)),
                source: self.report.words(repeat.source.as_ref(), "source"),
            }
        });
        let breaks = [(OnBreak::Record, "record"), (OnBreak::Stop, "stop")];
        let on_break =
            raw.on_break.as_ref().and_then(|it| self.report.one_of(it, "on_break", &breaks));
        let rule = self.report.words(raw.rule.as_ref(), "rule");
        let source = self.report.words(raw.source.as_ref(), "source");
        if source.is_none() {
            self.report.warning(span, format!("step `{id}` doesn't say its `source`"));
        }
        Some(Step {
            id,
            kind: kind?,
            title,
            say,
            hint,
            relevant,
            required,
            constraint,
            message,
            repeat,
            on_break: on_break.unwrap_or_default(),
            once_a_day: raw.once_a_day,
            rule,
            source,
        })
    }

    /// What the breaker of a limit reads: it may say what was answered, `{leak_after_ppm}`.
    fn message(&mut self, raw: &RawText) -> Text3 {
        for words in raw.get_ref().values() {
            let names = match places(words.get_ref()) {
                Ok(names) => names,
                Err(_) => {
                    let message =
                        "a step's answer is told like {leak_after_ppm}: close the bracket";
                    self.report.error(words.span(), message);
                    continue;
                }
            };
            for (_, name) in names {
                if !self.told.contains(name) {
                    let hint = did_you_mean(name, self.told.iter().map(String::as_str));
                    let message = format!("no number or choice `{name}` can be told here{hint}");
                    self.report.error(words.span(), message);
                }
            }
        }
        self.report.text3(raw)
    }

    fn outcomes(&mut self, raw: &[Spanned<RawOutcome>], phases: &[Phase]) -> Vec<Outcome> {
        let mut seen = Seen::new();
        let mut outcomes = Vec::new();
        for outcome in raw {
            let outcome = outcome.get_ref();
            self.report.unique(&mut seen, &outcome.id, "outcome");
            let known: Vec<&str> = phases.iter().map(|phase| phase.id.as_str()).collect();
            for phase in &outcome.phases {
                if !known.contains(&phase.get_ref().as_str()) {
                    let hint = did_you_mean(phase.get_ref(), known.iter().copied());
                    self.report
                        .error(phase.span(), format!("unknown phase `{}`{hint}", phase.get_ref()));
                }
            }
            let mut requires = Vec::new();
            for require in &outcome.require {
                let condition = &require.condition;
                let message = self.report.text3(&require.message);
                let rule = self.report.words(require.rule.as_ref(), "rule");
                let source = self.report.words(require.source.as_ref(), "source");
                if source.is_none() {
                    self.report.warning(condition.span(), "this gate doesn't say its `source`");
                }
                let condition = self.condition(condition.get_ref(), condition.span(), None);
                requires.extend(condition.map(|condition| Require {
                    condition,
                    message,
                    rule,
                    source,
                }));
            }
            let order = outcome.order.as_ref();
            let order = order.and_then(|raw| self.report.one_of(raw, "order", &ORDERS_AFTER));
            outcomes.push(Outcome {
                order: order.unwrap_or_else(|| OrderAfter::by_name(outcome.id.get_ref())),
                id: self.report.identifier(&outcome.id),
                title: self.report.text3(&outcome.title),
                phases: outcome.phases.iter().map(|phase| phase.get_ref().clone()).collect(),
                requires,
            });
        }
        outcomes
    }

    /// A condition that decides whether a step is there: what it asks about is remembered.
    fn dependent(&mut self, step: &str, text: &str, span: Range<usize>) -> Option<Condition> {
        let condition = self.condition(text, span.clone(), None)?;
        if self.later {
            return Some(condition);
        }
        let asked = condition.steps().map(|asked| (asked.to_owned(), span.clone()));
        self.places.entry(step.to_owned()).or_default().extend(asked);
        Some(condition)
    }

    fn condition(
        &mut self,
        text: &str,
        span: Range<usize>,
        value: Option<Type>,
    ) -> Option<Condition> {
        let scope = Scope { steps: self.types.clone(), value };
        if self.later {
            return Some(Condition::later(text, scope));
        }
        match Condition::compile(text, scope) {
            Ok(condition) => Some(condition),
            Err(errors) => {
                for error in errors {
                    self.report.error_inside(span.clone(), error.offset, error.message);
                }
                None
            }
        }
    }

    /// Tells each step that, by way of `relevant` and `required`, waits for itself. Steps nobody
    /// waits in a circle for are taken away one after another; what stays holds circles.
    fn cycles(&mut self) {
        let mut waiting = std::mem::take(&mut self.places);
        loop {
            let free: Vec<String> = waiting
                .iter()
                .filter(|(_, asked)| asked.iter().all(|(step, _)| !waiting.contains_key(step)))
                .map(|(step, _)| step.clone())
                .collect();
            if free.is_empty() {
                break;
            }
            waiting.retain(|step, _| !free.contains(step));
        }
        // What stays leads into a circle, but need not lie on one: walk until a step comes twice.
        while let Some(start) = waiting.keys().next().cloned() {
            let mut walk: Vec<(String, Range<usize>)> = Vec::new();
            let mut step = start.clone();
            let begin = loop {
                if let Some(begin) = walk.iter().position(|(seen, _)| *seen == step) {
                    break begin;
                }
                let next = waiting[&step].iter().find(|(asked, _)| waiting.contains_key(asked));
                let Some((asked, span)) = next.cloned() else { break walk.len() };
                walk.push((step, span));
                step = asked;
            };
            let circle = &walk[begin..];
            if let Some((first, span)) = circle.first() {
                let path: Vec<_> = circle.iter().map(|(step, _)| format!("`{step}`")).collect();
                let message = format!(
                    "steps wait for each other in a circle: {} → `{first}`",
                    path.join(" → ")
                );
                self.report.error(span.clone(), message);
            }
            // Every step walked leads into this circle; others are looked at on their own.
            waiting
                .retain(|step, _| *step != start && !walk.iter().any(|(walked, _)| walked == step));
        }
    }
}

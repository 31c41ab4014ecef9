//! What is noticed in a standard that can be read.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    Remark, Severity,
    search::{Says, Search},
};
use crate::{
    base::SourceError,
    event::OrderAfter,
    standard::{
        OnBreak, Outcome, Phase, Required, Standard, Step,
        model::ORDERS_AFTER,
        raw::{RawOutcome, RawStandard, RawStep},
    },
};

/// Looks through a standard whose text is `text`.
pub(super) fn look(text: &str, raw: &RawStandard, standard: &Standard) -> Vec<Remark> {
    let steps = raw.phase.iter().flat_map(|phase| &phase.get_ref().step);
    // The first of several with one id, as it is when the standard is asked for it.
    let mut by_id = BTreeMap::new();
    for step in steps {
        by_id.entry(step.get_ref().id.get_ref().as_str()).or_insert(step.get_ref());
    }
    let mut look = Look {
        text,
        raw,
        steps: by_id,
        standard,
        search: Search::new(standard),
        remarks: Vec::new(),
    };
    let never = look.unreachable();
    for phase in standard.phases() {
        for step in &phase.steps {
            look.step(phase, step, &never);
        }
    }
    look.outcomes(&never);
    look.ends();
    look.phases();
    look.remarks
}

struct Look<'a> {
    text: &'a str,
    raw: &'a RawStandard,
    steps: BTreeMap<&'a str, &'a RawStep>,
    standard: &'a Standard,
    search: Search<'a>,
    remarks: Vec<Remark>,
}

impl<'a> Look<'a> {
    fn tell(
        &mut self,
        severity: Severity,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
    ) {
        let place = SourceError::in_span(self.text, span, message);
        self.remarks.push(Remark { severity, code, place });
    }

    fn error(&mut self, code: &'static str, span: Range<usize>, message: impl Into<String>) {
        self.tell(Severity::Error, code, span, message);
    }

    fn warning(&mut self, code: &'static str, span: Range<usize>, message: impl Into<String>) {
        self.tell(Severity::Warning, code, span, message);
    }

    /// The steps that are never there: first those whose own condition can't hold, then those that
    /// wait for one of them, and so on.
    fn unreachable(&mut self) -> BTreeSet<&'a str> {
        let mut never: BTreeSet<&'a str> = BTreeSet::new();
        loop {
            let before = never.len();
            for step in self.standard.steps() {
                let (Some(relevant), Some(raw)) =
                    (&step.relevant, self.steps.get(step.id.as_str()))
                else {
                    continue;
                };
                let raw: &'a RawStep = raw;
                if never.contains(step.id.as_str())
                    || !self.search.impossible(&[Says::Yes(relevant)], &never, None)
                {
                    continue;
                }
                let waits: Vec<String> = relevant
                    .steps()
                    .filter(|asked| never.contains(asked))
                    .map(|asked| format!("`{asked}`"))
                    .collect();
                let stops = relevant.steps().find(|it| {
                    self.standard.step(it).is_some_and(|it| it.on_break == OnBreak::Stop)
                });
                let why = match (waits.is_empty(), stops) {
                    (true, None) => "its `relevant` can never hold".to_owned(),
                    (true, Some(stops)) => format!(
                        "its `relevant` can never hold, also since `{stops}` takes no answer that breaks its limit"
                    ),
                    (false, _) => {
                        format!("it waits for {}, which is never there", waits.join(", "))
                    }
                };
                let span = raw.relevant.as_ref().map_or(raw.id.span(), |it| it.span());
                let message = format!(
                    "step `{}` is never there: {why}; correct the condition or take the step out",
                    step.id
                );
                self.error("unreachable-step", span, message);
                never.insert(raw.id.get_ref());
            }
            if never.len() == before {
                return never;
            }
        }
    }

    fn step(&mut self, phase: &Phase, step: &'a Step, never: &BTreeSet<&'a str>) {
        let Some(raw) = self.steps.get(step.id.as_str()).copied() else { return };
        let id = &step.id;
        let span =
            |raw: Option<Range<usize>>| raw.unwrap_or_else(|| self.steps[id.as_str()].id.span());
        let relevant_at = span(raw.relevant.as_ref().map(|it| it.span()));
        let required_at = span(raw.required.as_ref().map(|it| it.span()));
        let constraint_at = span(raw.constraint.as_ref().map(|it| it.span()));
        if never.contains(id.as_str()) {
            return;
        }
        let mut there = Vec::new();
        if let Some(relevant) = &step.relevant {
            there.push(Says::Yes(relevant));
            if self.search.impossible(&[Says::Not(relevant)], never, None) {
                let message =
                    format!("`relevant` of step `{id}` always holds: leave it out, or correct it");
                self.warning("always-holds", relevant_at.clone(), message);
            }
            self.later(phase, step, never, relevant_at);
        }
        if let Required::When(required) = &step.required {
            if self.search.impossible(&[Says::Yes(required)], never, None) {
                let message = format!(
                    "`required` of step `{id}` can never hold: write `required = false`, or correct it"
                );
                self.warning("never-holds", required_at, message);
            } else if self.search.impossible(&[Says::Not(required)], never, None) {
                let message = format!(
                    "`required` of step `{id}` always holds: write `required = true`, or correct it"
                );
                self.warning("always-holds", required_at, message);
            } else if let [relevant] = there[..]
                && self.search.impossible(&[relevant, Says::Yes(required)], never, None)
            {
                let message = format!(
                    "`required` and `relevant` of step `{id}` can't both hold: it is never required while it is there"
                );
                self.warning("contradiction", required_at, message);
            }
        }
        if let Some(constraint) = &step.constraint {
            let kind = Some(&step.kind);
            if self.search.impossible(&[Says::Yes(constraint)], never, kind) {
                let message = format!(
                    "no answer to step `{id}` can keep its `constraint`: every answer would break it"
                );
                self.error("never-holds", constraint_at, message);
            } else if self.search.impossible(&[Says::No(constraint)], never, kind) {
                let message = format!(
                    "no answer to step `{id}` can break its `constraint`: leave it out, or correct it"
                );
                self.warning("always-holds", constraint_at, message);
            } else if let [relevant] = there[..]
                && self.search.impossible(&[relevant, Says::Yes(constraint)], never, kind)
            {
                let message = format!(
                    "`constraint` and `relevant` of step `{id}` can't both hold: every answer given while it is there breaks it"
                );
                self.error("contradiction", constraint_at, message);
            }
        } else if let Some(message) = &raw.message {
            let told = format!(
                "the `message` of step `{id}` is never read: give the step a `constraint`, or leave it out"
            );
            self.warning("idle", message.span(), told);
        }
        if step.on_break == OnBreak::Stop && step.constraint.is_none() && step.repeat.is_none() {
            let at = raw.on_break.as_ref().map_or(raw.id.span(), |it| it.span());
            let message = format!(
                "`on_break = \"stop\"` of step `{id}` stops nothing: it has no `constraint` and no `repeat`"
            );
            self.warning("idle", at, message);
        }
    }

    /// A step that can only be there after one that comes later is out of order in every visit.
    fn later(
        &mut self,
        phase: &Phase,
        step: &'a Step,
        never: &BTreeSet<&'a str>,
        span: Range<usize>,
    ) {
        let Some(relevant) = &step.relevant else { return };
        let phases = self.standard.phases();
        let Some(place) = phases.iter().position(|it| it.id == phase.id) else { return };
        let mut not_yet = never.clone();
        for (at, other) in phases.iter().enumerate().skip(place) {
            let mut steps = other.steps.iter();
            if at == place {
                if other.any_order {
                    continue;
                }
                steps.by_ref().find(|it| it.id == step.id);
            }
            not_yet.extend(
                steps
                    .filter_map(|it| self.steps.get(it.id.as_str()))
                    .map(|it| it.id.get_ref().as_str()),
            );
        }
        let asked: Vec<String> = relevant
            .steps()
            .filter(|it| not_yet.contains(it) && !never.contains(it))
            .map(|it| format!("`{it}`"))
            .collect();
        if !asked.is_empty() && self.search.impossible(&[Says::Yes(relevant)], &not_yet, None) {
            let message = format!(
                "step `{}` is only there once {} is done, which comes later: every visit that does it is out of order; move one of them",
                step.id,
                asked.join(", ")
            );
            self.warning("later-step", span, message);
        }
    }

    fn outcomes(&mut self, never: &BTreeSet<&'a str>) {
        let raw: Vec<&'a RawOutcome> = self.raw.outcome.iter().map(|it| it.get_ref()).collect();
        for (outcome, raw) in self.standard.outcomes().iter().zip(raw) {
            // A gate that was not understood is told already, and leaves the others out of step.
            if outcome.requires.len() != raw.require.len() {
                continue;
            }
            let mut open = Vec::new();
            for (gate, raw) in outcome.requires.iter().zip(&raw.require) {
                let span = raw.condition.span();
                if self.search.impossible(&[Says::Yes(&gate.condition)], never, None) {
                    let message = format!(
                        "this gate can never be passed: no visit could end as `{}`",
                        outcome.id
                    );
                    self.error("never-holds", span, message);
                    continue;
                }
                if self.search.impossible(&[Says::Not(&gate.condition)], never, None) {
                    let message = "this gate is always open: leave it out, or correct it";
                    self.warning("always-holds", span.clone(), message);
                }
                let both = |(other, _): &&(Says<'a>, Range<usize>)| *other;
                let closed = open
                    .iter()
                    .find(|it| {
                        self.search.impossible(&[both(it), Says::Yes(&gate.condition)], never, None)
                    })
                    .map(|(_, at)| SourceError::in_span(self.text, at.clone(), "").line);
                if let Some(line) = closed {
                    let message = format!(
                        "this gate and the one in line {line} can't both be passed: no visit could end as `{}`",
                        outcome.id
                    );
                    self.error("contradiction", span, message);
                    continue;
                }
                open.push((Says::Yes(&gate.condition), span));
            }
        }
    }

    /// What its ends mean for an order.
    fn ends(&mut self) {
        let raw: Vec<&'a RawOutcome> = self.raw.outcome.iter().map(|it| it.get_ref()).collect();
        for (outcome, raw) in self.standard.outcomes().iter().zip(raw) {
            if raw.order.is_none() {
                let taken = ORDERS_AFTER.iter().find(|(order, _)| *order == outcome.order);
                let taken = taken.map_or("attempted", |(_, name)| *name);
                let message = format!(
                    "this end doesn't say what it means for the order, so its id decides: write order = \"{taken}\", if that is meant"
                );
                self.warning("no-order", raw.id.span(), message);
            }
        }
        let done = |outcome: &Outcome| outcome.order == OrderAfter::Done;
        let Some(first) = self.raw.outcome.first().map(|it| it.get_ref().id.span()) else { return };
        if !self.standard.outcomes().iter().any(done) {
            let message = "no way to end makes an order done: whatever its visits do, it stays on the list; write order = \"done\" under the good one";
            self.warning("never-done", first, message);
        }
    }

    /// What is required in a phase that belongs to no way to end is never missed.
    fn phases(&mut self) {
        let raw: Vec<_> = self.raw.phase.iter().map(|phase| phase.get_ref().id.span()).collect();
        for (phase, span) in self.standard.phases().iter().zip(raw) {
            let ends = self.standard.outcomes().iter().any(|it| it.phases.contains(&phase.id));
            let asks = phase.steps.iter().any(|step| !matches!(step.required, Required::No));
            if !ends && asks {
                let message = format!(
                    "phase `{}` belongs to no [[outcome]]: what it requires is never missed; name it in `phases`",
                    phase.id
                );
                self.warning("idle", span, message);
            }
        }
    }
}

//! Which rules an answer or an end breaks. Decides, changes nothing.

use super::{FindingKind, ValueError, VisitState, state::fact, validate_step};
use crate::{
    base::{ClockReading, Text3},
    event::Answer,
    standard::{
        Condition, EvalError, FactValue, Facts, Kind, OnBreak, Outcome, Require, Required,
        Standard, Step,
    },
};

/// Why an answer is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// It can't be meant.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// The visit has ended.
    #[error("the visit has ended: begin another one")]
    Ended,
    /// It breaks a rule of a step that stops.
    #[error("step `{step}` is refused by its rule ({}): {}", rule.as_deref().unwrap_or("unnamed"), message.en)]
    Refused {
        /// The step.
        step: String,
        /// What the technician reads.
        message: Box<Text3>,
        /// The rule's short name.
        rule: Option<String>,
        /// Where the rule is written.
        source_text: Option<String>,
    },
}

/// Why a visit can't end like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FinishError {
    /// The standard has no such outcome.
    #[error("the standard has no outcome `{outcome}`: take one of {known}")]
    UnknownOutcome {
        /// What was asked for.
        outcome: String,
        /// The outcomes there are.
        known: String,
    },
    /// The visit has ended.
    #[error("the visit has ended already, as `{outcome}`")]
    Ended {
        /// How.
        outcome: String,
    },
    /// A gate is not passed.
    #[error("`{outcome}` is refused by its rule ({}): {}", rule.as_deref().unwrap_or("unnamed"), message.en)]
    Refused {
        /// The outcome.
        outcome: String,
        /// What the technician reads.
        message: Box<Text3>,
        /// The rule's short name.
        rule: Option<String>,
        /// Where the rule is written.
        source_text: Option<String>,
    },
}

impl VisitState {
    /// Whether this answer would be recorded now, and which rules it would break. Call it before
    /// the event is written.
    pub fn check_step(
        &self,
        step: &str,
        answer: &Answer,
        clock: ClockReading,
    ) -> Result<Vec<FindingKind>, StepError> {
        validate_step(&self.standard, step, answer)?;
        if self.ended.is_some() {
            return Err(StepError::Ended);
        }
        let Some(found) = self.standard.step(step) else { return Ok(Vec::new()) };
        let broken = self.judge(found, &fact(&answer.value), clock);
        // What came late is kept all the same: it can't come earlier any more.
        let limit = |kind: &FindingKind| {
            use FindingKind::{LimitBroken, TooOften, TooSoon};
            matches!(kind, LimitBroken | TooOften { .. } | TooSoon { .. })
        };
        if broken.iter().any(limit) {
            self.refused(found)?;
        }
        Ok(broken)
    }

    /// Whether the visit may end like this now. Steps left out don't stop it, they are findings.
    pub fn check_finish(&self, outcome: &str) -> Result<(), FinishError> {
        if let Some(ended) = &self.ended {
            return Err(FinishError::Ended { outcome: ended.outcome.clone() });
        }
        let Some(found) = self.standard.outcome(outcome) else {
            let known: Vec<_> = self.standard.outcomes().iter().map(|o| o.id.as_str()).collect();
            let outcome = outcome.chars().take(40).collect();
            return Err(FinishError::UnknownOutcome { outcome, known: known.join(", ") });
        };
        match self.open_gates(found).next() {
            None => Ok(()),
            Some(gate) => Err(FinishError::Refused {
                outcome: found.id.clone(),
                message: Box::new(gate.message.clone()),
                rule: gate.rule.clone(),
                source_text: gate.source.clone(),
            }),
        }
    }

    /// Whether the step is shown now.
    pub fn is_relevant(&self, step: &Step) -> bool {
        step.relevant.as_ref().is_none_or(|condition| condition.holds(&self.facts))
    }

    /// Whether the visit lacks something without the step, as things are now.
    pub fn is_required(&self, step: &Step) -> bool {
        let required = match &step.required {
            Required::No => false,
            Required::Yes => true,
            Required::When(condition) => condition.holds(&self.facts),
        };
        required && self.is_relevant(step)
    }

    /// Steps required now and not done, in order; only those of an outcome's phases if one is given.
    pub(super) fn missing<'s>(
        &self,
        standard: &'s Standard,
        outcome: Option<&Outcome>,
    ) -> impl Iterator<Item = &'s Step> {
        let phases = standard
            .phases()
            .iter()
            .filter(move |phase| outcome.is_none_or(|outcome| outcome.phases.contains(&phase.id)));
        phases
            .flat_map(|phase| &phase.steps)
            .filter(|step| self.times(&step.id) == 0 && self.is_required(step))
    }

    pub(super) fn open_gates<'s>(&self, outcome: &'s Outcome) -> impl Iterator<Item = &'s Require> {
        outcome.requires.iter().filter(|gate| !gate.condition.holds(&self.facts))
    }

    /// The rules this answer breaks, were it recorded now.
    pub(super) fn judge(
        &self,
        step: &Step,
        value: &FactValue,
        clock: ClockReading,
    ) -> Vec<FindingKind> {
        let mut broken = Vec::new();
        if !self.keeps(step, value) {
            broken.push(FindingKind::LimitBroken);
        }
        let times = self.times(&step.id).saturating_add(1);
        if let Some(repeat) = &step.repeat {
            if let Some(at_most) = repeat.at_most.filter(|most| times > *most) {
                broken.push(FindingKind::TooOften { at_most, times });
            }
            let passed =
                self.last_clock.get(&step.id).and_then(|last| seconds_between(last, &clock));
            if let (Some(at_least), Some(passed)) = (repeat.at_least_seconds_between, passed)
                && passed < at_least
            {
                broken.push(FindingKind::TooSoon { at_least, passed });
            }
        }
        if self.signed && self.belongs_before_signature(step) {
            broken.push(FindingKind::AfterSignOff);
        } else if times == 1
            && let Some(later) = self.later_step_done(step)
        {
            broken.push(FindingKind::OutOfOrder {
                after: later.id.clone(),
                after_title: later.title.clone(),
            });
        }
        broken
    }

    /// Whether this answer keeps the step's limit, as things are now.
    pub(super) fn keeps(&self, step: &Step, value: &FactValue) -> bool {
        let Some(constraint) = &step.constraint else { return true };
        let facts = Facts {
            value: Some(value.clone()),
            previous: self.previous.get(&step.id).cloned(),
            ..self.facts.clone()
        };
        match constraint.eval(&facts) {
            // What depends on an answer nobody gave can't be broken yet.
            Ok(true) | Err(EvalError::Unanswered { .. }) => true,
            Ok(false) | Err(EvalError::Failed { .. }) => false,
        }
    }

    /// Looks again at the answers whose limit asks about `changed`.
    pub(super) fn weigh(&mut self, changed: &str) {
        let standard = self.standard.clone();
        for step in standard.steps().filter(|step| step.id != changed) {
            // An answer that stands was judged, so its limit is compiled.
            let Some(value) = self.facts.steps.get(&step.id).and_then(|it| it.value.clone()) else {
                continue;
            };
            let asks = |limit: &Condition| limit.steps().any(|asked| asked == changed);
            if step.constraint.as_ref().is_some_and(asks) {
                let holds = self.keeps(step, &value);
                if let Some(facts) = self.facts.steps.get_mut(&step.id) {
                    facts.holds = holds;
                }
            }
        }
    }

    /// Whether the step stands in a phase before the one with the signature.
    fn belongs_before_signature(&self, step: &Step) -> bool {
        let signature = self.standard.steps().find(|step| matches!(step.kind, Kind::Signature));
        let place = |step: &Step| self.place(&step.id).map(|(phase, ..)| phase);
        signature.is_some_and(|signature| place(step) < place(signature))
    }

    /// The first step in the standard's order that comes after `step` and is done already.
    fn later_step_done(&self, step: &Step) -> Option<&Step> {
        let (phase, place, any_order) = self.place(&step.id)?;
        self.standard.steps().filter(|other| self.times(&other.id) > 0).find(|other| {
            self.place(&other.id).is_some_and(|(other_phase, other_place, _)| {
                other_phase > phase || (other_phase == phase && !any_order && other_place > place)
            })
        })
    }

    /// An error where breaking this step's rule stops.
    pub(super) fn refused(&self, step: &Step) -> Result<(), StepError> {
        if step.on_break != OnBreak::Stop {
            return Ok(());
        }
        let message = step.message.as_ref().unwrap_or(&step.title);
        Err(StepError::Refused {
            step: step.id.clone(),
            message: Box::new(self.standard.filled(message, &self.facts)),
            rule: step.rule.clone(),
            source_text: step.source.clone(),
        })
    }

    /// Phase, place in it, and whether that phase has no order.
    fn place(&self, id: &str) -> Option<(usize, usize, bool)> {
        self.standard.phases().iter().enumerate().find_map(|(phase, it)| {
            let place = it.steps.iter().position(|step| step.id == id)?;
            Some((phase, place, it.any_order))
        })
    }
}

/// Whole seconds from one reading to the next: exact within one boot; across boots by the wall
/// clock, and unknown where that ran back.
pub(super) fn seconds_between(from: &ClockReading, to: &ClockReading) -> Option<u32> {
    let ms = if from.boot == to.boot {
        to.since_boot_ms.checked_sub(from.since_boot_ms)?
    } else {
        u64::try_from(to.wall.since(from.wall)).ok()?
    };
    Some(u32::try_from(ms / 1_000).unwrap_or(u32::MAX))
}

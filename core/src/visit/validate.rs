//! What an answer can be at all, before any rule is asked.
//!
//! Bounds here are far beyond every rule: they keep out slips of a finger and hostile input, and
//! are never a finding. Pure; sees one answer and its step, not the visit.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::{Decimal, Personal},
    event::{Answer, ItemAnswer, Value},
    standard::{Kind, MAX_COUNT, MAX_NOTE, MAX_PRESS_MS, MAX_PRESSES, MAX_SCAN, Standard},
};

/// The largest measured number, in its smallest digit: a float holds it exactly.
const MAX_UNITS: u64 = 1 << 53;

/// Why an answer can't be meant. Nothing is recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The standard has no such step.
    #[error("the standard has no step `{step}`: take one of its steps")]
    UnknownStep {
        /// What was asked for.
        step: String,
    },
    /// A step of another kind.
    #[error("step `{step}` is a {expected} step: answer it as one")]
    WrongKind {
        /// The step.
        step: String,
        /// The kind of step it is.
        expected: &'static str,
    },
    /// A step that an action of its own records.
    #[error("step `{step}` is recorded by its own action ({kind}), not by an answer")]
    OwnAction {
        /// The step.
        step: String,
        /// The kind of step it is.
        kind: &'static str,
    },
    /// A number no one can mean.
    #[error("step `{step}`: {given} can't be meant, enter {from} to {to}")]
    OutOfRange {
        /// The step.
        step: String,
        /// What was given.
        given: i64,
        /// The least.
        from: i64,
        /// The most.
        to: i64,
    },
    /// More digits behind the point than the step has.
    #[error("step `{step}`: {given} decimals given, at most {allowed} are kept")]
    TooManyDecimals {
        /// The step.
        step: String,
        /// How many were given.
        given: u8,
        /// How many it has.
        allowed: u8,
    },
    /// Not among the choices or items.
    #[error("step `{step}` has no choice `{choice}`: take one of {known}")]
    UnknownChoice {
        /// The step.
        step: String,
        /// What was given, cut to 40 characters.
        choice: String,
        /// The choices there are.
        known: String,
    },
    /// The same choice twice.
    #[error("step `{step}`: `{choice}` is chosen twice, once is enough")]
    RepeatedChoice {
        /// The step.
        step: String,
        /// The choice.
        choice: String,
    },
    /// Nothing where something is needed.
    #[error("step `{step}`: the answer is empty")]
    Empty {
        /// The step.
        step: String,
    },
    /// Too many characters, or too many entries.
    #[error("step `{step}`: {given} is too much, the limit is {limit}")]
    TooLong {
        /// The step.
        step: String,
        /// How many were given.
        given: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Characters that are no text.
    #[error("step `{step}`: the text has control characters, enter it again")]
    NotText {
        /// The step.
        step: String,
    },
}

/// Whether `answer` can be meant for the step with this id. Rules are not asked: four raps are fine
/// here and a finding later.
pub fn validate_step(standard: &Standard, step: &str, answer: &Answer) -> Result<(), ValueError> {
    let Some(found) = standard.step(step) else {
        return Err(ValueError::UnknownStep { step: step.chars().take(40).collect() });
    };
    let check = Check { step, kind: &found.kind };
    check.value(&answer.value)?;
    let written = matches!(answer.value, Value::Written);
    match (&answer.text, written) {
        (Some(text), true) => {
            let limit = match found.kind {
                Kind::Text { max_length } => max_length,
                _ => MAX_NOTE,
            };
            if text.reveal().trim().is_empty() {
                return Err(ValueError::Empty { step: step.to_owned() });
            }
            check.text(text, limit)?;
        }
        (None, true) => return Err(ValueError::Empty { step: step.to_owned() }),
        (Some(_), false) => return Err(check.wrong_kind()),
        (None, false) => {}
    }
    answer.note.as_ref().map_or(Ok(()), |note| check.text(note, MAX_NOTE))
}

/// The same for the value alone, as it stands in an event: its text is private and may be erased.
pub(super) fn value_fits(standard: &Standard, step: &str, value: &Value) -> bool {
    standard.step(step).is_some_and(|found| Check { step, kind: &found.kind }.value(value).is_ok())
}

struct Check<'a> {
    step: &'a str,
    kind: &'a Kind,
}

impl Check<'_> {
    fn wrong_kind(&self) -> ValueError {
        ValueError::WrongKind { step: self.step.to_owned(), expected: self.kind.name() }
    }

    fn value(&self, value: &Value) -> Result<(), ValueError> {
        match (self.kind, value) {
            (Kind::Done, Value::Done) => Ok(()),
            (Kind::Count | Kind::Parts, Value::Count(count)) => self.within(*count, MAX_COUNT),
            (Kind::Presses, Value::Presses(presses)) => {
                self.entries(presses.len(), MAX_PRESSES)?;
                presses.iter().try_for_each(|ms| self.within(*ms, MAX_PRESS_MS))
            }
            (Kind::Choice(_) | Kind::Opinion(_), Value::Choice(choice)) => self.choice(choice),
            (Kind::Many(_), Value::Many(choices)) => {
                self.entries(choices.len(), self.kind.choices().len())?;
                let mut seen = BTreeSet::new();
                choices.iter().try_for_each(|choice| {
                    self.choice(choice)?;
                    if seen.insert(choice) {
                        return Ok(());
                    }
                    let (step, choice) = (self.step.to_owned(), choice.clone());
                    Err(ValueError::RepeatedChoice { step, choice })
                })
            }
            (Kind::Number { decimals, .. }, Value::Number(number)) => {
                self.decimal(*number, *decimals, -(MAX_UNITS as i64))
            }
            (Kind::Reading { decimals }, Value::Number(number)) => {
                self.decimal(*number, *decimals, 0)
            }
            (Kind::Photo, Value::Photo(_)) => Ok(()),
            (Kind::Scan, Value::Scan(code)) => {
                self.entries(code.chars().count(), MAX_SCAN)?;
                self.clean(code)
            }
            (Kind::Checklist(_), Value::Checklist(items)) => self.items(items),
            (Kind::Text { .. } | Kind::Hazard | Kind::Handover, Value::Written) => Ok(()),
            (Kind::Quote | Kind::Charges | Kind::Payment | Kind::Signature, _) => {
                let kind = self.kind.name();
                Err(ValueError::OwnAction { step: self.step.to_owned(), kind })
            }
            _ => Err(self.wrong_kind()),
        }
    }

    fn within(&self, given: i64, to: i64) -> Result<(), ValueError> {
        if (0..=to).contains(&given) {
            return Ok(());
        }
        Err(ValueError::OutOfRange { step: self.step.to_owned(), given, from: 0, to })
    }

    fn entries(&self, given: usize, limit: usize) -> Result<(), ValueError> {
        let step = self.step.to_owned();
        match given {
            0 => Err(ValueError::Empty { step }),
            _ if given > limit => Err(ValueError::TooLong { step, given, limit }),
            _ => Ok(()),
        }
    }

    fn choice(&self, choice: &str) -> Result<(), ValueError> {
        let choices = self.kind.choices();
        if choices.iter().any(|known| known.id == choice) {
            return Ok(());
        }
        let known: Vec<_> = choices.iter().map(|known| known.id.as_str()).collect();
        Err(ValueError::UnknownChoice {
            step: self.step.to_owned(),
            choice: choice.chars().take(40).collect(),
            known: known.join(", "),
        })
    }

    fn items(&self, items: &BTreeMap<String, ItemAnswer>) -> Result<(), ValueError> {
        self.entries(items.len(), self.kind.choices().len())?;
        items.keys().try_for_each(|item| self.choice(item))
    }

    fn decimal(&self, number: Decimal, allowed: u8, from: i64) -> Result<(), ValueError> {
        let step = self.step.to_owned();
        if number.decimals > allowed {
            return Err(ValueError::TooManyDecimals { step, given: number.decimals, allowed });
        }
        let to = MAX_UNITS as i64;
        if !(from..=to).contains(&number.units) {
            return Err(ValueError::OutOfRange { step, given: number.units, from, to });
        }
        Ok(())
    }

    fn text(&self, text: &Personal, limit: u32) -> Result<(), ValueError> {
        let (given, limit) = (text.reveal().chars().count(), limit as usize);
        if given > limit {
            return Err(ValueError::TooLong { step: self.step.to_owned(), given, limit });
        }
        self.clean(text.reveal())
    }

    fn clean(&self, text: &str) -> Result<(), ValueError> {
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.chars().any(control) {
            return Err(ValueError::NotText { step: self.step.to_owned() });
        }
        Ok(())
    }
}

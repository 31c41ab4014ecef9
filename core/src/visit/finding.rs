//! Rules a visit broke, each beside the fact that broke it.

use serde::Serialize;

use crate::{
    base::{Hash, Instant, Lang, Text3},
    event::Duty,
    text::{id_of, named, tr},
};

/// A rule that was broken. It blocks nothing; the technician gives a reason and the supervisor's
/// assessment counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Kind, step and which time the step was done: the same on every machine.
    pub key: String,
    /// What happened.
    #[serde(flatten)]
    pub kind: FindingKind,
    /// The step, where it is about one.
    pub step: Option<String>,
    /// What people call the step, or the gate's message.
    pub title: Text3,
    /// The standard's own words for whoever breaks this rule.
    pub message: Option<Text3>,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
    /// What the wall clock said.
    pub at: Instant,
    /// The event that broke it; for what is missing, the visit's end.
    pub event: Hash,
    /// The event that gives the reason, once there is one; its words are private.
    pub reason: Option<Hash>,
    /// The entry it is about was wrong: the event that says so. It stays, and asks for no reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Hash>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FindingKind {
    /// The answer breaks the step's constraint.
    LimitBroken,
    /// Done more often than allowed.
    TooOften {
        /// How often is allowed.
        at_most: u32,
        /// The how-manieth time this was.
        times: u32,
    },
    /// Done again too soon.
    TooSoon {
        /// Seconds that should pass.
        at_least: u32,
        /// Seconds that passed.
        passed: u32,
    },
    /// Done after a step that comes later.
    OutOfOrder {
        /// That step.
        after: String,
        /// What people call it.
        after_title: Text3,
    },
    /// Left out.
    Missing,
    /// Recorded after the customer signed, so not part of what they signed.
    AfterSignOff,
    /// Recorded after the visit had ended.
    AfterFinish,
    /// The visit ended in a way its gates don't allow.
    GateOpen {
        /// The outcome.
        outcome: String,
    },
    /// What a hazard asks for was done later than its grade says.
    DutyLate {
        /// What.
        duty: Duty,
        /// Minutes from the finding at most.
        within: u32,
        /// Minutes that passed, begun ones counted.
        passed: u32,
    },
    /// The step, its value or the outcome is not in the standard the visit follows.
    NotInStandard,
}

impl FindingKind {
    /// The first part of a finding's key.
    pub(super) fn name(&self) -> &'static str {
        match self {
            FindingKind::LimitBroken => "limit_broken",
            FindingKind::TooOften { .. } => "too_often",
            FindingKind::TooSoon { .. } => "too_soon",
            FindingKind::OutOfOrder { .. } => "out_of_order",
            FindingKind::Missing => "missing",
            FindingKind::AfterSignOff => "after_sign_off",
            FindingKind::AfterFinish => "after_finish",
            FindingKind::GateOpen { .. } => "gate_open",
            FindingKind::DutyLate { .. } => "duty_late",
            FindingKind::NotInStandard => "not_in_standard",
        }
    }
}

impl Finding {
    /// The finding in words.
    pub fn text(&self, lang: Lang) -> String {
        let step = ("step", self.title.get(lang).into());
        match &self.kind {
            FindingKind::LimitBroken => match &self.message {
                Some(message) => {
                    let message = ("message", message.get(lang).into());
                    tr(lang, "finding-limit-broken", &[step, message])
                }
                None => tr(lang, "finding-not-in-standard", &[step]),
            },
            FindingKind::TooOften { at_most, times } => {
                let numbers = [
                    step,
                    ("most", at_most.to_string().into()),
                    ("times", times.to_string().into()),
                ];
                tr(lang, "finding-too-often", &numbers)
            }
            FindingKind::TooSoon { at_least, passed } => {
                let numbers = [
                    step,
                    ("least", at_least.to_string().into()),
                    ("passed", passed.to_string().into()),
                ];
                tr(lang, "finding-too-soon", &numbers)
            }
            FindingKind::OutOfOrder { after_title, .. } => {
                tr(lang, "finding-out-of-order", &[step, ("after", after_title.get(lang).into())])
            }
            FindingKind::Missing => tr(lang, "finding-missing", &[step]),
            FindingKind::AfterSignOff => tr(lang, "finding-after-sign-off", &[step]),
            FindingKind::AfterFinish => tr(lang, "finding-after-finish", &[step]),
            FindingKind::GateOpen { .. } => {
                let message = self.message.as_ref().map_or("", |message| message.get(lang));
                tr(lang, "finding-gate-open", &[("message", message.into())])
            }
            FindingKind::DutyLate { duty, within, passed } => {
                let words = [
                    ("item", self.title.get(lang).into()),
                    ("duty", named(lang, "duty", &id_of(duty)).into()),
                    ("within", within.to_string().into()),
                    ("passed", passed.to_string().into()),
                ];
                tr(lang, "finding-duty-late", &words)
            }
            FindingKind::NotInStandard => tr(lang, "finding-not-in-standard", &[step]),
        }
    }
}

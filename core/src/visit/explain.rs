//! What is left, why a visit can't end yet, and which rule says so.

use serde::Serialize;

use super::VisitState;
use crate::{
    base::Text3,
    standard::{Required, Step},
};

/// The answer to "what now, and why".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The phase the visit is in; `None` once it has ended.
    pub phase: Option<String>,
    /// What people call it.
    pub phase_title: Option<Text3>,
    /// Steps required and not done, in the standard's order.
    pub left: Vec<LeftStep>,
    /// For each way to end: what stops it, and what would be missing.
    pub outcomes: Vec<OutcomeReport>,
    /// Keys of findings that wait for a reason.
    pub reasons_due: Vec<String>,
}

/// A step that is required and not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftStep {
    /// The step.
    pub step: String,
    /// Its phase.
    pub phase: String,
    /// What people call it.
    pub title: Text3,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// One way to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeReport {
    /// The outcome.
    pub outcome: String,
    /// What people call it.
    pub title: Text3,
    /// Gates not passed: while there are any, the visit can't end like this.
    pub gates: Vec<Gate>,
    /// Steps that would be findings if it ended like this now.
    pub missing: Vec<String>,
}

/// A gate not passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// What the technician reads.
    pub message: Text3,
    /// What must hold.
    pub condition: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

impl VisitState {
    /// What is left, why each end is not possible yet, and which rule says so.
    pub fn explain(&self) -> Explanation {
        let standard = self.standard();
        let left: Vec<LeftStep> = self.missing(standard, None).map(|it| self.left(it)).collect();
        let outcomes = standard.outcomes().iter().map(|outcome| OutcomeReport {
            outcome: outcome.id.clone(),
            title: outcome.title.clone(),
            gates: self
                .open_gates(outcome)
                .map(|gate| Gate {
                    message: gate.message.clone(),
                    condition: gate.condition.text().to_owned(),
                    rule: gate.rule.clone(),
                    source: gate.source.clone(),
                })
                .collect(),
            missing: self.missing(standard, Some(outcome)).map(|step| step.id.clone()).collect(),
        });
        let phase = self.current_phase().and_then(|at| standard.phases().get(at));
        Explanation {
            phase: phase.map(|phase| phase.id.clone()),
            phase_title: phase.map(|phase| phase.title.clone()),
            outcomes: outcomes.collect(),
            reasons_due: self.unexplained().map(|finding| finding.key.clone()).collect(),
            left,
        }
    }

    fn left(&self, step: &Step) -> LeftStep {
        let phase = self.standard().phase_of(&step.id);
        LeftStep {
            step: step.id.clone(),
            phase: phase.map_or_else(String::new, |phase| phase.id.clone()),
            title: step.title.clone(),
            rule: step.rule.clone(),
            source: step.source.clone(),
        }
    }

    /// The first phase, from the farthest one begun, in which something required is left; the
    /// farthest begun when nothing is left. A step that is still asked for and may be done again
    /// keeps its phase: one round of knocking opens no door.
    fn current_phase(&self) -> Option<usize> {
        if self.ended().is_some() {
            return None;
        }
        let phases = self.standard().phases();
        let begun = phases.iter().rposition(|it| it.steps.iter().any(|s| self.times(&s.id) > 0));
        let begun = begun.unwrap_or(0);
        let again = |step: &Step| {
            let most = step.repeat.as_ref().and_then(|repeat| repeat.at_most);
            matches!(step.required, Required::When(_))
                && most.is_some_and(|most| self.times(&step.id) < most)
        };
        let left =
            |step: &Step| self.is_required(step) && (self.times(&step.id) == 0 || again(step));
        let open = |at: &usize| phases[*at].steps.iter().any(left);
        (begun..phases.len()).find(open).or(Some(begun))
    }
}

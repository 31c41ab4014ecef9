//! A wrong entry is superseded: it stays, with what it broke, and another counts in its place.

use super::{Done, FindingKind, StepError, VisitState, state::fact, validate_step};
use crate::{
    base::{ClockReading, Hash},
    event::{Answer, EntryCorrected, Recorded},
    standard::StepFacts,
};

impl VisitState {
    /// The entry, if it stands and can be corrected: an answer, or a charge, of this very visit.
    pub fn entry(&self, entry: Hash) -> Option<&Done> {
        let stands = |done: &&Done| {
            done.event == entry && done.corrected_by.is_none() && done.earlier.is_none()
        };
        let done = self.done.iter().find(stands);
        done.filter(|done| done.value.is_some() || self.charges.contains_key(&entry))
    }

    /// Whether `answer` may stand in the place of an entry of `step`. Call it before the event is
    /// written.
    pub fn check_correction(
        &self,
        step: &str,
        answer: &Answer,
        clock: ClockReading,
    ) -> Result<(), StepError> {
        validate_step(&self.standard, step, answer)?;
        let Some(found) = self.standard.step(step) else { return Ok(()) };
        let broken = self.judge(found, &fact(&answer.value), clock);
        if broken.iter().any(of_the_value) { self.refused(found) } else { Ok(()) }
    }

    pub(super) fn correct(&mut self, correction: &EntryCorrected, recorded: &Recorded) {
        let entry = correction.entry;
        let Some(wrong) = self.entry(entry).cloned() else { return };
        let standard = self.standard.clone();
        let Some(step) = standard.step(&wrong.step) else { return };
        let (clock, id) = (recorded.event.clock, recorded.id);
        let (mut broken, withdrawn) = match &correction.value {
            Some(value) => {
                // A charge is another amount: it is taken back and charged anew.
                if wrong.value.is_none() || !super::validate::value_fits(&standard, &step.id, value)
                {
                    return self.note_step(FindingKind::NotInStandard, step, recorded);
                }
                (self.judge(step, &fact(value), clock), false)
            }
            None => (self.judge(step, &wrong.fact, clock), true),
        };
        broken.retain(|kind| {
            (of_the_value(kind) && !withdrawn) || *kind == FindingKind::AfterSignOff
        });
        for done in self.done.iter_mut().filter(|done| done.event == entry) {
            done.corrected_by = Some(id);
        }
        // When it was done, how often and in which order stays true of another answer.
        let falls = |kind: &FindingKind| withdrawn || of_the_value(kind);
        for finding in self.findings.iter_mut().filter(|it| it.event == entry && falls(&it.kind)) {
            finding.corrected = Some(id);
        }
        for kind in broken {
            self.note_step(kind, step, recorded);
        }
        if let Some(value) = &correction.value {
            self.done.push(Done {
                step: wrong.step.clone(),
                value: Some(value.clone()),
                at: clock.wall,
                event: id,
                corrects: Some(entry),
                corrected_by: None,
                earlier: None,
                fact: fact(value),
                since: wrong.since,
            });
        }
        if let Some(amount) = self.charges.remove(&entry) {
            let due = &mut self.facts.world.due;
            *due = due.map(|due| due.saturating_sub(amount));
        }
        self.look_again(&wrong.step);
        if self.ended.is_some() {
            self.judge_end(recorded);
        }
    }

    /// What conditions see of a step, from the entries of it that stand.
    fn look_again(&mut self, step: &str) {
        let standard = self.standard.clone();
        let standing =
            || self.done.iter().filter(|done| done.step == step && done.corrected_by.is_none());
        let Some(last) = standing().max_by_key(|done| done.since.0) else {
            self.facts.steps.remove(step);
            self.last_clock.remove(step);
            return self.weigh(step);
        };
        let found = standard.step(step);
        let facts = StepFacts {
            value: Some(last.fact.clone()),
            at: last.since.1.wall.0,
            times: i64::try_from(standing().count()).unwrap_or(i64::MAX),
            seq: i64::try_from(last.since.0).unwrap_or(i64::MAX),
            holds: found.is_none_or(|found| self.keeps(found, &last.fact)),
        };
        let clock = last.since.1;
        self.facts.steps.insert(step.to_owned(), facts);
        self.last_clock.insert(step.to_owned(), clock);
        self.weigh(step);
    }
}

/// Whether a finding is about the answer, and falls with it.
fn of_the_value(kind: &FindingKind) -> bool {
    matches!(kind, FindingKind::LimitBroken | FindingKind::NotInStandard)
}

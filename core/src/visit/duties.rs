//! How soon what a hazard asks for was done. Later than its grade says is a finding, and blocks nothing.

use super::{FindingKind, VisitState, judge::seconds_between, state::plain};
use crate::{
    base::{ClockReading, Hash},
    event::{Duty, DutyWithin, HazardFound, Recorded},
};

/// A hazard of this visit with duties that have a time, by the clock it was found at.
#[derive(Debug, Clone)]
pub(super) struct Timed {
    hazard: Hash,
    item: String,
    found: ClockReading,
    /// What is not done yet.
    left: Vec<DutyWithin>,
}

impl Timed {
    pub(super) fn new(found: &HazardFound, recorded: &Recorded) -> Option<Timed> {
        Some(Timed {
            hazard: recorded.id,
            item: found.item.clone(),
            found: recorded.event.clock,
            left: found.within.clone()?,
        })
    }
}

impl VisitState {
    /// The first time a duty is done, or refused, counts. Time that passed is measured within this visit,
    /// so on one phone; where its clock ran back across a restart nobody knows how much passed, and nothing
    /// is found.
    pub(super) fn duty_done(&mut self, hazard: Hash, duty: Duty, recorded: &Recorded) {
        let Some(timed) = self.timed.iter_mut().find(|timed| timed.hazard == hazard) else {
            return;
        };
        let Some(at) = timed.left.iter().position(|limit| limit.duty == duty) else { return };
        let limit = timed.left.remove(at);
        let passed = seconds_between(&timed.found, &recorded.event.clock);
        let item = timed.item.clone();
        let most = limit.minutes.saturating_mul(60);
        let Some(passed) = passed.filter(|passed| *passed > most) else { return };
        let kind =
            FindingKind::DutyLate { duty, within: limit.minutes, passed: passed.div_ceil(60) };
        let known = self.standard.item_title(&item);
        let title = known.unwrap_or_else(|| plain(&item));
        self.note(kind, None, title, None, recorded);
        if let Some(finding) = self.findings.last_mut() {
            finding.rule = Some(limit.rule);
        }
    }
}

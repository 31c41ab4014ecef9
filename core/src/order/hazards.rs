//! The hazards of an order: what was found, what is still to be done, what was checked again.
//!
//! The worse stands: a check that passed closes a hazard only as far as it knew it. Nothing is deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{History, OrderState, Placed, conflict::Verdicts};
use crate::{
    base::{Hash, Id, Instant},
    event::{Duty, DutyWithin, HazardFound, Payload, VerdictGiven},
    sync::OpenHazard,
};

/// The rule of verdicts that a check under another order of the same premises closes a hazard: the
/// events are its finding and that check. The server's word, since no fold sees another order; it
/// counts as a passed check that knew what the server knew of this order.
pub const CHECKED_ELSEWHERE: &str = "D-RECHECK";

/// A hazard as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hazard {
    /// Its finding.
    pub event: Hash,
    /// The visit that found it.
    pub visit: Option<Id>,
    /// When.
    pub at: Instant,
    /// The scale.
    pub scale: String,
    /// Its grade now: the worst that no later passed check knew of.
    pub grade: String,
    /// The grade's rank: 1 is the gravest.
    pub rank: u32,
    /// What it is about.
    pub item: String,
    /// To be mended by.
    pub due: Option<Instant>,
    /// What its grade asks for and nobody did yet.
    pub undone: BTreeSet<Duty>,
    /// What the customer refused, before a witness.
    pub refused: BTreeSet<Duty>,
    /// Numbers of notices and tags, in their order.
    pub notices: Vec<String>,
    /// Checks, first to last: passed or not.
    pub checks: Vec<(Hash, bool)>,
    /// The passed check that closed it.
    pub closed_by: Option<Hash>,
    /// Somebody closed it while somebody else found it worse, neither knowing of the other.
    pub disputed: Vec<Hash>,
    /// The finding it continues.
    pub first: Option<Hash>,
    /// How soon after the finding duties are to be done.
    pub within: Vec<DutyWithin>,
    /// Who has to mend it: a party of the profile.
    pub party: Option<String>,
    /// When it is looked at again.
    pub recheck: Option<Instant>,
}

impl Hazard {
    /// Until when a duty is to be done.
    pub fn duty_due(&self, duty: Duty) -> Option<Instant> {
        let limit = self.within.iter().find(|limit| limit.duty == duty)?;
        Some(self.at.plus_ms(i64::from(limit.minutes) * 60_000))
    }

    /// Whether it is still there, as far as anybody knows.
    pub fn is_open(&self) -> bool {
        self.closed_by.is_none()
    }
}

impl OrderState {
    /// What is still there, as the next who comes to these premises is told. `order` is this order's id.
    pub fn open_hazards(&self, order: Id) -> Vec<OpenHazard> {
        let line = |hazard: &Hazard| OpenHazard {
            order,
            event: hazard.event,
            at: hazard.at,
            scale: hazard.scale.clone(),
            grade: hazard.grade.clone(),
            rank: hazard.rank,
            item: hazard.item.clone(),
            due: hazard.due,
            first: hazard.first,
        };
        self.hazards.iter().filter(|hazard| hazard.is_open()).map(line).collect()
    }
}

/// What makes a hazard worse: its finding, and each check that did not pass.
pub(super) struct Worse {
    grade: String,
    rank: u32,
    pub(super) place: usize,
}

/// Where an order's history tells of hazards, by finding.
#[derive(Default)]
pub(super) struct Found {
    worse: BTreeMap<Hash, Vec<Worse>>,
    passed: BTreeMap<Hash, Vec<usize>>,
}

impl Found {
    /// The places of passed checks of a hazard, or of any, each with what made that hazard worse.
    pub(super) fn checks(&self, hazard: Option<Hash>) -> impl Iterator<Item = (&[Worse], usize)> {
        let of = self.passed.iter().filter(move |(id, _)| hazard.is_none_or(|named| named == **id));
        of.flat_map(|(id, checks)| {
            let worse = self.worse.get(id).map_or(&[][..], Vec::as_slice);
            checks.iter().map(move |check| (worse, *check))
        })
    }
}

/// Of a verdict's or conflict's two events, the one that is not this.
pub(super) fn other_event(events: &[Hash], this: Hash) -> Option<Hash> {
    events.iter().copied().find(|event| *event != this)
}

/// Folds the hazards of an order; and where its history tells of them.
pub(super) fn hazards(history: &History<'_>, verdicts: &Verdicts<'_>) -> (Vec<Hazard>, Found) {
    let events = history.events();
    let mut hazards: Vec<Hazard> = Vec::new();
    let Found { mut worse, mut passed } = Found::default();
    for (place, placed) in events.iter().enumerate() {
        let id = placed.recorded.id;
        match &placed.recorded.event.payload {
            Payload::HazardFound(found) => {
                let grade = found.grade.clone();
                worse.entry(id).or_default().push(Worse { grade, rank: found.rank, place });
                hazards.push(hazard(found, placed));
            }
            Payload::DutyDone(done) => {
                for hazard in hazards.iter_mut().filter(|h| h.event == done.hazard) {
                    // Gas is off when somebody shut it off, not when somebody says so.
                    if done.duty != Duty::ShutOff || done.refused {
                        hazard.undone.remove(&done.duty);
                    }
                    if done.refused {
                        hazard.refused.insert(done.duty);
                    }
                    hazard.notices.extend(done.number.clone());
                }
            }
            Payload::HazardRechecked(check) => {
                for hazard in hazards.iter_mut().filter(|h| h.event == check.hazard) {
                    hazard.checks.push((id, check.passed));
                    if check.passed {
                        passed.entry(check.hazard).or_default().push(place);
                        continue;
                    }
                    let grade = check.grade.clone().unwrap_or_else(|| hazard.grade.clone());
                    let rank = check.rank.unwrap_or(hazard.rank);
                    worse.entry(check.hazard).or_default().push(Worse { grade, rank, place });
                }
            }
            Payload::VerdictGiven(given) if in_force(verdicts, given) => {
                for hazard in hazards.iter_mut().filter(|h| given.events.contains(&h.event)) {
                    if let Some(check) = other_event(&given.events, hazard.event) {
                        hazard.checks.push((check, true));
                        passed.entry(hazard.event).or_default().push(place);
                    }
                }
            }
            Payload::GasShutOff(off) => {
                for hazard in hazards.iter_mut().filter(|h| Some(h.event) == off.hazard) {
                    hazard.undone.remove(&Duty::ShutOff);
                }
            }
            _ => {}
        }
    }
    let known = |later: usize, earlier: usize| events[later].saw(&events[earlier]);
    for hazard in &mut hazards {
        settle(
            hazard,
            worse.get(&hazard.event).map_or(&[], Vec::as_slice),
            passed.get(&hazard.event).map_or(&[], Vec::as_slice),
            events,
            &known,
        );
    }
    (hazards, Found { worse, passed })
}

/// Whether this is the verdict that holds under its key, and says that a hazard was checked elsewhere.
fn in_force(verdicts: &Verdicts<'_>, given: &VerdictGiven) -> bool {
    given.rule == CHECKED_ELSEWHERE
        && verdicts
            .get(&(given.rule.as_str(), given.events.as_slice()))
            .is_some_and(|holds| std::ptr::eq(*holds, given))
}

fn hazard(found: &HazardFound, placed: &Placed<'_>) -> Hazard {
    Hazard {
        event: placed.recorded.id,
        visit: placed.recorded.event.visit,
        at: placed.at,
        scale: found.scale.clone(),
        grade: found.grade.clone(),
        rank: found.rank,
        item: found.item.clone(),
        due: found.due,
        undone: found.duties.iter().copied().collect(),
        refused: BTreeSet::new(),
        notices: Vec::new(),
        checks: Vec::new(),
        closed_by: None,
        disputed: Vec::new(),
        first: found.first,
        within: found.within.clone().unwrap_or_default(),
        party: found.party.clone(),
        recheck: found.recheck,
    }
}

/// A passed check closes what it knew. What stays open is at the worst grade that no passed check
/// knew of.
fn settle(
    hazard: &mut Hazard,
    worse: &[Worse],
    passed: &[usize],
    events: &[Placed<'_>],
    known: &impl Fn(usize, usize) -> bool,
) {
    let open: Vec<&Worse> = worse
        .iter()
        .filter(|found| !passed.iter().any(|check| known(*check, found.place)))
        .collect();
    match open.iter().min_by_key(|found| found.rank) {
        None => {
            hazard.closed_by = passed.first().map(|check| {
                let check = events[*check].recorded;
                match &check.event.payload {
                    // The check itself stands in another order.
                    Payload::VerdictGiven(given) => {
                        other_event(&given.events, hazard.event).unwrap_or(check.id)
                    }
                    _ => check.id,
                }
            });
        }
        Some(worst) => {
            hazard.grade.clone_from(&worst.grade);
            hazard.rank = worst.rank;
        }
    }
    let apart = |found: &&&Worse| {
        passed.iter().any(|check| events[*check].concurrent(&events[found.place]))
    };
    hazard.disputed = open.iter().filter(apart).map(|w| events[w.place].recorded.id).collect();
}

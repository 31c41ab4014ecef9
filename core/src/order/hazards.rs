//! The hazards of an order: what was found, what is still to be done, what was checked again, and
//! whether gas is off.
//!
//! The worse stands: a check that passed closes a hazard only as far as it knew it. Gas that one shut
//! off and another restored without a passed check stays shut off, and says so. Nothing is deleted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{History, OrderState, Placed, conflict::Verdicts};
use crate::{
    base::{Hash, Id, Instant},
    event::{Duty, HazardFound, Payload, ShutOff, VerdictGiven},
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
}

/// One time gas was shut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Its event.
    pub event: Hash,
    /// When.
    pub at: Instant,
    /// What was shut off.
    pub what: ShutOff,
    /// For which hazard.
    pub hazard: Option<Hash>,
    /// The paper form's number.
    pub paper: Option<String>,
    /// The event that restored it, after a passed check.
    pub restored_by: Option<Hash>,
    /// Restored without a passed check: it counts as shut off, and somebody must look at once.
    pub alarms: Vec<Hash>,
}

impl Hazard {
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

impl OrderState {
    /// Whether gas may come back, as far as is known here: what it was shut off for is mended and
    /// checked; where no hazard was named, all of the order's are.
    pub fn may_restore(&self, stop: &Stop) -> bool {
        let concerned = |hazard: &&Hazard| stop.hazard.is_none_or(|named| named == hazard.event);
        let mut concerned = self.hazards.iter().filter(concerned).peekable();
        stop.is_off() && concerned.peek().is_some() && concerned.all(|hazard| !hazard.is_open())
    }
}

impl Stop {
    /// Whether it is still off.
    pub fn is_off(&self) -> bool {
        self.restored_by.is_none()
    }
}

/// What makes a hazard worse: its finding, and each check that did not pass.
struct Worse {
    grade: String,
    rank: u32,
    place: usize,
}

/// Folds the hazards and stops of an order.
pub(super) fn hazards(history: &History<'_>, verdicts: &Verdicts<'_>) -> (Vec<Hazard>, Vec<Stop>) {
    let events = history.events();
    let (mut hazards, mut stops): (Vec<Hazard>, Vec<Stop>) = (Vec::new(), Vec::new());
    let mut worse: BTreeMap<Hash, Vec<Worse>> = BTreeMap::new();
    let mut passed: BTreeMap<Hash, Vec<usize>> = BTreeMap::new();
    let mut shut: BTreeMap<Hash, usize> = BTreeMap::new();
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
                    if let Some(check) = given.events.iter().find(|it| **it != hazard.event) {
                        hazard.checks.push((*check, true));
                        passed.entry(hazard.event).or_default().push(place);
                    }
                }
            }
            Payload::GasShutOff(off) => {
                for hazard in hazards.iter_mut().filter(|h| Some(h.event) == off.hazard) {
                    hazard.undone.remove(&Duty::ShutOff);
                }
                shut.insert(id, place);
                stops.push(Stop {
                    event: id,
                    at: placed.at,
                    what: off.what,
                    hazard: off.hazard,
                    paper: off.paper.clone(),
                    restored_by: None,
                    alarms: Vec::new(),
                });
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
    for (place, placed) in events.iter().enumerate() {
        let Payload::GasRestored(restored) = &placed.recorded.event.payload else { continue };
        for stop in stops.iter_mut().filter(|stop| stop.event == restored.shut_off) {
            let off = shut.get(&stop.event).copied();
            // Without a hazard named, any passed check since will do. A check counts when it knew
            // of everything found worse, but for what was found after gas was back.
            let knew_all = |hazard: &Hash, check: usize| {
                let found = worse.get(hazard).map_or(&[][..], Vec::as_slice);
                found.iter().all(|w| known(w.place, place) || known(check, w.place))
            };
            let checked = passed
                .iter()
                .filter(|(hazard, _)| stop.hazard.is_none_or(|named| named == **hazard))
                .flat_map(|(hazard, places)| places.iter().map(move |check| (hazard, *check)))
                .filter(|(hazard, check)| knew_all(hazard, *check))
                .any(|(_, check)| off.is_some_and(|off| known(check, off)) && known(place, check));
            if checked {
                stop.restored_by.get_or_insert(placed.recorded.id);
            } else {
                stop.alarms.push(placed.recorded.id);
            }
        }
    }
    (hazards, stops)
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
                        let mut events = given.events.iter().copied();
                        events.find(|event| *event != hazard.event).unwrap_or(check.id)
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

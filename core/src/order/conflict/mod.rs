//! Conflicts: two facts that cannot both stand unremarked. Found by pure functions, told in words,
//! settled by a person; both facts stay.
//!
//! The table of rules is in [`rule`]; each rule that a fold finds has a file of its own, `c01` to
//! `c24`, with one function over a [`Case`]. What the server finds comes as a verdict and is read
//! by `verdict`.

mod c01;
mod c02;
mod c04;
mod c05;
mod c06;
mod c11;
mod c12;
mod c14;
mod c16;
mod c18;
mod c20;
mod c22;
mod choice;
mod decide;
mod rule;
mod verdict;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::{
    choice::Choice,
    rule::{Finder, Looks, RULES, Row, Rule},
};
pub(super) use self::{
    choice::Follows,
    decide::decide,
    verdict::{Verdicts, verdicts},
};
use super::{History, OrderState, Placed};
use crate::base::{Hash, Id, Instant};
pub use crate::event::{Side, SideValue};

/// A decision that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What was chosen.
    pub choice: Choice,
    /// By whom.
    pub by: Id,
    /// When.
    pub at: Instant,
}

/// Open or decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictState {
    /// Somebody must look.
    Open,
    /// It is settled.
    Decided(Decision),
}

/// A conflict of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Which rule found it.
    pub rule: Rule,
    /// Its key, from rule and events: the same on every machine.
    pub key: Hash,
    /// Ids of its events, sorted.
    pub events: Vec<Hash>,
    /// Both sides, earliest first.
    pub sides: Vec<Side>,
    /// Open or decided.
    pub state: ConflictState,
    /// Decisions of the same rule made before new facts came: they stand, beside this one.
    pub earlier: Vec<Decision>,
}

impl Conflict {
    /// A conflict of the events of its sides.
    fn new(rule: Rule, sides: Vec<Side>) -> Conflict {
        let events = sides.iter().map(|side| side.event).collect();
        Conflict::of(rule, events, sides)
    }

    fn of(rule: Rule, mut events: Vec<Hash>, mut sides: Vec<Side>) -> Conflict {
        sides.sort_by(|a, b| (a.at, a.event, &a.what).cmp(&(b.at, b.event, &b.what)));
        events.sort();
        events.dedup();
        Conflict {
            rule,
            key: conflict_key(rule, &events),
            events,
            sides,
            state: ConflictState::Open,
            earlier: Vec::new(),
        }
    }

    /// What holds now: the decision, or the rule's default meanwhile.
    pub fn holds(&self) -> Option<Choice> {
        match &self.state {
            ConflictState::Decided(decision) => Some(decision.choice),
            ConflictState::Open => self.rule.choices().first().copied(),
        }
    }

    /// Whether somebody must still look.
    pub fn is_open(&self) -> bool {
        self.state == ConflictState::Open
    }
}

/// `SHA-256("doorstep conflict v1" ‖ rule ‖ event ids)`, ids sorted.
pub fn conflict_key(rule: Rule, events: &[Hash]) -> Hash {
    let mut parts: Vec<&[u8]> = vec![b"doorstep conflict v1", rule.id().as_bytes()];
    parts.extend(events.iter().map(|event| &event.as_bytes()[..]));
    Hash::of(&parts)
}

/// What a rule may look at.
struct Case<'a> {
    /// The state, folded as far as conflicts.
    state: &'a OrderState,
    /// All events in their places.
    history: &'a History<'a>,
    /// Charges that were taken back, each with the event that says so.
    taken_back: &'a BTreeMap<Hash, Hash>,
    by_id: BTreeMap<Hash, &'a Placed<'a>>,
}

impl<'a> Case<'a> {
    /// The event with this id.
    fn event(&self, id: Hash) -> Option<&'a Placed<'a>> {
        self.by_id.get(&id).copied()
    }

    /// Whether both are here, and neither saw the other.
    fn concurrent(&self, a: Hash, b: Hash) -> bool {
        matches!((self.event(a), self.event(b)), (Some(a), Some(b)) if a.concurrent(b))
    }

    /// The office's events, in their places.
    fn by_office(&self) -> impl Iterator<Item = &'a Placed<'a>> {
        self.history.events().iter().filter(|placed| placed.from_office())
    }
}

/// All conflicts of an order: by each rule of the fold, then by the server's verdicts.
pub(super) fn find(
    state: &OrderState,
    history: &History<'_>,
    verdicts: &Verdicts<'_>,
    taken_back: &BTreeMap<Hash, Hash>,
) -> Vec<Conflict> {
    let by_id = history.events().iter().map(|placed| (placed.recorded.id, placed)).collect();
    let case = Case { state, history, taken_back, by_id };
    let rules: &[fn(&Case<'_>) -> Vec<Conflict>] = &[
        c01::find,
        c02::find,
        c04::find,
        c05::find,
        c05::find_smart,
        c06::find,
        c11::find,
        c12::find,
        c12::find_restored,
        c14::find,
        c16::find,
        c18::find,
        c20::find,
        c22::find,
    ];
    let mut found: Vec<_> = rules.iter().flat_map(|rule| rule(&case)).collect();
    found.extend(verdict::conflicts(verdicts));
    found
}

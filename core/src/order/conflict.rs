//! Conflicts: two facts that cannot both stand unremarked. Found by pure functions, told in words,
//! settled by a person; both facts stay.

use serde::{Deserialize, Serialize};

use crate::base::{Hash, Id, Instant, Money};

/// A rule of the table in `docs/conflicts.md`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash, Serialize, Deserialize,
)]
pub enum Rule {
    /// The office cancelled; a technician finished.
    C1,
    /// Two technicians visited the same order.
    C2,
}

/// What a supervisor may decide.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, std::hash::Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// C1: the work stands and is charged.
    WorkStands,
    /// C1: the work stands, its charges are given back.
    WorkStandsUncharged,
    /// C2: the first finished visit is the one that counts.
    FirstCounts,
    /// C2: both visits count, charges and all.
    BothCount,
}

/// The rules and what may be decided under each. The first choice is what holds meanwhile.
pub const RULES: &[(Rule, &[Choice])] = &[
    (Rule::C1, &[Choice::WorkStands, Choice::WorkStandsUncharged]),
    (Rule::C2, &[Choice::FirstCounts, Choice::BothCount]),
];

impl Rule {
    /// The rule's id, as written everywhere.
    pub const fn id(self) -> &'static str {
        match self {
            Rule::C1 => "C1",
            Rule::C2 => "C2",
        }
    }

    /// The rule with this id.
    pub fn from_id(id: &str) -> Option<Rule> {
        RULES.iter().map(|(rule, _)| *rule).find(|rule| rule.id() == id)
    }

    /// What may be decided.
    pub fn choices(self) -> &'static [Choice] {
        RULES.iter().find(|(rule, _)| *rule == self).map_or(&[], |(_, choices)| choices)
    }
}

impl Choice {
    /// The choice's id, as written in events, JSON and text keys.
    pub const fn id(self) -> &'static str {
        match self {
            Choice::WorkStands => "work_stands",
            Choice::WorkStandsUncharged => "work_stands_uncharged",
            Choice::FirstCounts => "first_counts",
            Choice::BothCount => "both_count",
        }
    }

    /// The choice with this id under `rule`.
    pub fn from_id(rule: Rule, id: &str) -> Option<Choice> {
        rule.choices().iter().copied().find(|choice| choice.id() == id)
    }
}

/// One side of a conflict: who did what, when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The person.
    pub actor: Id,
    /// `cancelled`, `finished`, `visited`: the key of its words.
    pub what: &'static str,
    /// When, corrected.
    pub at: Instant,
    /// The event.
    pub event: Hash,
    /// The visit, if it is one.
    pub visit: Option<Id>,
    /// What was charged in it.
    pub charged: Option<Money>,
    /// How it ended, or the office's reason.
    pub detail: Option<String>,
}

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
    /// A supervisor must look.
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
    pub(super) fn new(rule: Rule, mut sides: Vec<Side>) -> Conflict {
        sides.sort_by_key(|side| (side.at, side.event));
        let mut events: Vec<_> = sides.iter().map(|side| side.event).collect();
        events.sort();
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

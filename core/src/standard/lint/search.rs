//! Whether some course of a visit makes conditions say what one asks of them.

use std::collections::{BTreeMap, BTreeSet};

use super::values::Named;
use crate::standard::{
    Condition, Fact, FactValue, Facts, Kind, OnBreak, Standard, StepFacts,
    condition::{AgeField, Field, Name},
    model::VISIT_KINDS,
};

/// The most answers tried for one question.
const MAX_TRIES: usize = 4_000;

/// The most tried for a whole file: a published file is judged within a request.
const MAX_ALL: usize = 200_000;

/// A condition, and what it is to say.
#[derive(Clone, Copy)]
pub(super) enum Says<'a> {
    /// It holds.
    Yes(&'a Condition),
    /// It doesn't, or can't be answered.
    Not(&'a Condition),
    /// It says no.
    No(&'a Condition),
}

impl<'a> Says<'a> {
    fn condition(self) -> &'a Condition {
        match self {
            Says::Yes(condition) | Says::Not(condition) | Says::No(condition) => condition,
        }
    }

    fn is_so(self, facts: &Facts) -> bool {
        let said = self.condition().eval(facts);
        match self {
            Says::Yes(_) => said == Ok(true),
            Says::Not(_) => said != Ok(true),
            Says::No(_) => said == Ok(false),
        }
    }
}

/// Tries, as long as it may.
pub(super) struct Search<'a> {
    standard: &'a Standard,
    left: usize,
}

/// One thing that can be set this way or that.
struct Slot {
    name: Set,
    values: Vec<Option<FactValue>>,
    /// For steps: times and places in the order of recording to try with each answer.
    times: Vec<i64>,
    seqs: Vec<i64>,
    /// Whether the answer keeps its step's limit now.
    holds: Vec<bool>,
}

enum Set {
    Step(String),
    World(Fact),
    Age(String, AgeField),
    Value,
    Previous,
}

impl<'a> Search<'a> {
    pub(super) fn new(standard: &'a Standard) -> Search<'a> {
        Search { standard, left: MAX_ALL }
    }

    /// Whether no visit makes all of it so, where the steps in `never` are not done. `answer` is
    /// the kind of the step whose constraint is among the conditions. Says no where it can't know.
    pub(super) fn impossible(
        &mut self,
        says: &[Says<'_>],
        never: &BTreeSet<&str>,
        answer: Option<&Kind>,
    ) -> bool {
        let conditions: Vec<&Condition> = says.iter().map(|it| it.condition()).collect();
        let stops = self.stops(&conditions);
        let named: Vec<&Condition> = conditions.iter().chain(stops.values()).copied().collect();
        let named = Named::of(&named);
        let Some(slots) = self.slots(&conditions, &named, &stops, never, answer) else {
            return false;
        };
        let each =
            |slot: &Slot| slot.values.len() * slot.times.len() * slot.seqs.len() * slot.holds.len();
        let sizes: Vec<usize> = slots.iter().map(each).collect();
        let total = sizes.iter().try_fold(1_usize, |all, size| all.checked_mul(*size));
        let total = total.unwrap_or(usize::MAX);
        let tries = total.min(MAX_TRIES).min(self.left);
        for number in 0..tries {
            self.left -= 1;
            let mut rest = number;
            let mut facts = Facts::default();
            for (slot, size) in slots.iter().zip(&sizes) {
                slot.set(rest % size, &mut facts);
                rest /= size;
            }
            if says.iter().all(|it| it.is_so(&facts)) {
                return false;
            }
        }
        tries == total
    }

    /// The limits that refuse: of each step whose answer is asked for, where it depends on nothing but that answer.
    fn stops(&self, conditions: &[&Condition]) -> BTreeMap<String, &'a Condition> {
        let alone = |limit: &&Condition| {
            limit.names().iter().all(|name| *name == Name::Value) && !Named::of(&[*limit]).adds_up()
        };
        let names = conditions.iter().flat_map(|it| it.names());
        let asked = names.filter_map(|name| match name {
            Name::Step { id, field: Field::Value } => self.standard.step(id),
            _ => None,
        });
        asked
            .filter(|step| step.on_break == OnBreak::Stop)
            .filter_map(|step| Some((step.id.clone(), step.constraint.as_ref().filter(alone)?)))
            .collect()
    }

    /// What can be set, or `None` where the values tried would not be all that matter.
    fn slots(
        &self,
        conditions: &[&Condition],
        named: &Named,
        stops: &BTreeMap<String, &Condition>,
        never: &BTreeSet<&str>,
        answer: Option<&Kind>,
    ) -> Option<Vec<Slot>> {
        // A sum over something that is set could need values nobody tries.
        if named.adds_up() {
            return None;
        }
        let mut slots: Vec<Slot> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let names: Vec<&Name> = conditions.iter().flat_map(|it| it.names()).collect();
        let asks = |id: &str, field: Field| {
            names.iter().any(
                |name| matches!(name, Name::Step { id: of, field: f } if of == id && *f == field),
            )
        };
        let ordered =
            |name: &&&Name| matches!(name, Name::Step { field: Field::Seq | Field::At, .. });
        let ordered: BTreeSet<String> =
            names.iter().filter(ordered).map(|n| n.to_string()).collect();
        for name in &names {
            let key = match name {
                Name::Step { id, .. } => format!("step.{id}"),
                other => other.to_string(),
            };
            if !seen.insert(key) {
                continue;
            }
            slots.push(match name {
                Name::Step { id, .. } => {
                    let mut values = vec![None];
                    if !never.contains(id.as_str()) {
                        let step = self.standard.step(id)?;
                        let kept = |answer: &FactValue| {
                            stops.get(id).is_none_or(|limit| {
                                let value = Some(answer.clone());
                                limit.eval(&Facts { value, ..Facts::default() }) != Ok(false)
                            })
                        };
                        let answers = match asks(id, Field::Value) {
                            true => named.answers(&step.kind)?.into_iter().filter(kept).collect(),
                            false => vec![FactValue::Flag(true)],
                        };
                        values.extend(answers.into_iter().map(Some));
                    }
                    let times = match asks(id, Field::Times) {
                        true => named.whole(1, 1_000),
                        false => vec![1],
                    };
                    // As many places as are compared, so that every order comes up.
                    let seqs = match asks(id, Field::Seq) || asks(id, Field::At) {
                        true => (1..=ordered.len() as i64).collect(),
                        false => vec![1],
                    };
                    let holds = match asks(id, Field::Holds) {
                        true => vec![true, false],
                        false => vec![true],
                    };
                    Slot { name: Set::Step(id.clone()), values, times, seqs, holds }
                }
                Name::Age { item, asks } => {
                    let values: Vec<FactValue> = match asks {
                        AgeField::Oldest => {
                            named.whole(0, 999_999).into_iter().map(FactValue::Int).collect()
                        }
                        AgeField::UnknownIsHazard => vec![false.into(), true.into()],
                    };
                    let set = Set::Age(item.clone(), *asks);
                    Slot::plain(set, values.into_iter().map(Some).collect())
                }
                Name::World(fact) => Slot::plain(Set::World(*fact), world(*fact, named)?),
                Name::Value => {
                    let answers = named.answers(answer?)?;
                    Slot::plain(Set::Value, answers.into_iter().map(Some).collect())
                }
                Name::Previous => {
                    let mut values = vec![None];
                    values.extend(named.answers(answer?)?.into_iter().map(Some));
                    Slot::plain(Set::Previous, values)
                }
            });
        }
        Some(slots)
    }
}

impl Slot {
    fn plain(name: Set, values: Vec<Option<FactValue>>) -> Slot {
        Slot { name, values, times: vec![1], seqs: vec![1], holds: vec![true] }
    }

    fn set(&self, number: usize, facts: &mut Facts) {
        let value = self.values[number % self.values.len()].clone();
        match &self.name {
            Set::Step(id) => {
                let Some(value) = value else { return };
                let rest = number / self.values.len();
                let times = self.times[rest % self.times.len()];
                let rest = rest / self.times.len();
                let seq = self.seqs[rest % self.seqs.len()];
                let holds = self.holds[rest / self.seqs.len() % self.holds.len()];
                let step = StepFacts { value: Some(value), at: seq, times, seq, holds };
                facts.steps.insert(id.clone(), step);
            }
            Set::World(fact) => facts.world.set(*fact, value),
            Set::Age(item, asks) => {
                let limit = facts.world.ages.entry(item.clone()).or_default();
                match (asks, value) {
                    (AgeField::Oldest, Some(FactValue::Int(month))) => limit.oldest = month,
                    (AgeField::UnknownIsHazard, Some(FactValue::Flag(flag))) => {
                        limit.unknown_is_hazard = flag;
                    }
                    _ => {}
                }
            }
            Set::Value => facts.value = value,
            Set::Previous => facts.previous = value,
        }
    }
}

/// What a fact of the world can be, or `None` where that is too much.
fn world(fact: Fact, named: &Named) -> Option<Vec<Option<FactValue>>> {
    let values: Vec<FactValue> = match fact {
        Fact::OrderKind => VISIT_KINDS.iter().map(|(_, name)| FactValue::from(*name)).collect(),
        Fact::Building | Fact::User => named.text()?.into_iter().map(FactValue::from).collect(),
        Fact::Floor => named.whole(-1_000, 1_000).into_iter().map(FactValue::Int).collect(),
        Fact::Attempts => named.whole(0, 1_000).into_iter().map(FactValue::Int).collect(),
        Fact::Due | Fact::Paid | Fact::Cash => {
            named.whole(0, i64::MAX).into_iter().map(FactValue::Int).collect()
        }
        Fact::UnderRenovation
        | Fact::SpecialNeeds
        | Fact::Raining
        | Fact::Emergency
        | Fact::SameDaypart
        | Fact::TooSoon
        | Fact::Beyond
        | Fact::Late
        | Fact::Unqualified
        | Fact::AdultPresent
        | Fact::DoorOpen => vec![FactValue::Flag(false), FactValue::Flag(true)],
    };
    Some(values.into_iter().map(Some).collect())
}

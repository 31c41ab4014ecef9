//! What is held back, as the office reads it: a line of its list, and opened, what it holds.

use std::collections::BTreeMap;

use doorstep::{
    base::{Hash, Id, Instant, Lang, Money, Zone},
    event::{Event, Payload, Side, SideValue},
    log::Tail,
    money::PaymentMethod,
    order::{Choice, Conflict, ConflictState, Decision, Looks, Rule, conflict_key},
    screen::{Telling, conflict_words},
};
use serde::Serialize;

use super::{admit, release::Release};
use crate::{
    problem::{Failure, Problem},
    store::{HeldRow, StoreError, Tx},
};

/// Something held, as a line of the list: a conflict like any other, of the same table.
#[derive(Debug, Serialize)]
pub struct HeldLine {
    /// What and why.
    #[serde(flatten)]
    pub held: HeldRow,
    /// What may be decided.
    pub choices: &'static [Release],
    /// Who must look.
    pub looks: Looks,
    /// Its rule and sides: what is held, and of a fork what the office had first.
    pub conflict: Conflict,
    /// That in words, by language.
    pub words: BTreeMap<&'static str, String>,
}

/// Something held, opened for the office.
#[derive(Debug, Serialize)]
pub struct HeldView {
    /// Its line in the list.
    #[serde(flatten)]
    pub line: HeldLine,
    /// Its events, as far as they can be read.
    pub contents: Vec<HeldEvent>,
    /// Cash that its receipts say was taken: it is somewhere, whatever is decided.
    pub cash: Vec<Money>,
}

/// An event that is held.
#[derive(Debug, Serialize)]
pub struct HeldEvent {
    /// Its sequence number.
    pub seq: u64,
    /// What it is.
    pub what: &'static str,
    /// When it was recorded, by its device's clock.
    pub wall: Instant,
    /// The visit.
    pub visit: Option<Id>,
}

/// One thing held, opened.
pub fn held_view(tx: &mut dyn Tx, id: Id) -> Result<HeldView, Failure> {
    let (held, tail) = known(tx, id)?;
    let events: Vec<_> = tail.events.iter().map(|bytes| Event::decode(bytes).ok()).collect();
    let mut cash: Vec<Money> = Vec::new();
    for event in events.iter().flatten() {
        let Payload::ReceiptIssued(receipt) = &event.payload else { continue };
        if receipt.method != PaymentMethod::Cash {
            continue;
        }
        match cash.iter_mut().find(|sum| sum.currency == receipt.amount.currency) {
            Some(sum) => *sum = sum.plus(receipt.amount).unwrap_or(*sum),
            None => cash.push(receipt.amount),
        }
    }
    let place = |(at, event): (usize, Option<Event>)| {
        let event = event?;
        Some(HeldEvent {
            seq: tail.from.saturating_add(at as u64),
            what: event.payload.name(),
            wall: event.clock.wall,
            visit: event.visit,
        })
    };
    let contents = events.into_iter().enumerate().filter_map(place).collect();
    Ok(HeldView { line: line(tx, held, &tail)?, contents, cash })
}

/// Everything held back, decided or not, as the office reads it.
pub fn held_list(tx: &mut dyn Tx) -> Result<Vec<HeldLine>, Failure> {
    let mut lines = Vec::new();
    for row in tx.held()? {
        let (held, tail) = known(tx, row.id)?;
        lines.push(line(tx, held, &tail)?);
    }
    Ok(lines)
}

fn line(tx: &mut dyn Tx, held: HeldRow, tail: &Tail) -> Result<HeldLine, Failure> {
    let forked = held.reason == "forked";
    let rule = if forked { Rule::C10 } else { Rule::C9 };
    let side = |what: &str, events: &[Event], id: Hash| {
        let first = events.first()?;
        let mut side = Side::new(first.actor, what, first.clock.wall, id);
        side.values.push(SideValue::text("count", events.len().to_string()));
        Some(side)
    };
    let events: Vec<Event> =
        tail.events.iter().filter_map(|bytes| Event::decode(bytes).ok()).collect();
    let zone = events.first().map_or(Zone::default(), |event| event.clock.zone);
    let id = Hash::of(&[&held.id.as_bytes()[..]]);
    let mut sides = Vec::new();
    let mut aside = &events[..];
    if forked {
        // Both pasts from where they part.
        let before = admit::look_up(tx, tail)?.before;
        let here = tx.events(&tail.stream, tail.from, i64::MAX as u64)?;
        let same = tail.hashes(before).iter().zip(&here).take_while(|(a, b)| **a == b.hash).count();
        let first: Vec<Event> =
            here[same..].iter().filter_map(|stored| Event::decode(&stored.bytes).ok()).collect();
        aside = events.get(same..).unwrap_or_default();
        sides.extend(here.get(same).and_then(|stored| side("had-first", &first, stored.hash)));
    }
    sides.extend(side("held-back", aside, id));
    let state = match &held.decided {
        None => ConflictState::Open,
        Some(decided) => match Release::named(&decided.choice) {
            Some(release) => ConflictState::Decided(Decision {
                choice: release.told(),
                by: decided.by,
                at: decided.at,
            }),
            None => ConflictState::Open,
        },
    };
    let (key, earlier) = (conflict_key(rule, &[id]), Vec::new());
    let conflict = Conflict { rule, key, events: vec![id], sides, state, earlier };
    let mut names = BTreeMap::new();
    let people = conflict.sides.iter().map(|side| side.actor);
    for person in people.chain(held.decided.iter().map(|decided| decided.by)) {
        if let Some(known) = tx.person(person)? {
            names.insert(person, known.name.reveal().to_owned());
        }
    }
    let called = |person: Id| names.get(&person).cloned().unwrap_or_else(|| person.to_string());
    // Held back, it counts for nothing yet, unlike work that was admitted and marked.
    let meanwhile = (rule == Rule::C9).then_some(Choice::WorkDoesNotCount);
    let words = Lang::ALL.map(|lang| {
        let telling = Telling { lang, zone, names: &called, open: &|_, _| None, meanwhile };
        (lang.tag(), conflict_words(&conflict, &telling))
    });
    Ok(HeldLine {
        choices: Release::of(&held.reason),
        looks: rule.row().looks,
        words: words.into_iter().collect(),
        conflict,
        held,
    })
}

pub(super) fn known(tx: &mut dyn Tx, id: Id) -> Result<(HeldRow, Tail), Failure> {
    let Some((held, bytes)) = tx.held_tail(id)? else {
        let message = format!("nothing is held under the id {id}");
        let todo = "look it up in the list of what is held";
        return Err(Problem::not_found("unknown-held", message, todo).into());
    };
    let tail = minicbor::decode(&bytes)
        .map_err(|error| StoreError::Damaged(format!("held {id}: {error}")))?;
    Ok((held, tail))
}

//! Verdicts: what the server judges because an order's own events can't show it.
//!
//! A rule is a function from an order as it is now to the verdicts that hold now, a file each. What
//! is new is written, what changed is superseded, what lost its ground is withdrawn; so the end
//! does not depend on the order in which things arrived. Facts that are no events (a price list
//! was published, a customer moved out) are kept with [`crate::store::Office::add_fact`].

mod c03;
mod c07;
mod c08;
mod c15;
mod c17;
mod c18;
mod c19;
mod c21;
mod c23;
mod c25;
mod c26;
mod recheck;
mod restore;

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id},
    event::{Payload, Recorded, Side, VerdictGiven},
    log::{StreamId, Subject, SubjectKind},
    order::{CHECKED_ELSEWHERE, Conflict, History, OrderState, Placed, RESTORED_ELSEWHERE},
    sync::StandingDoc,
};

pub(super) use self::{
    c15::charged,
    c17::{note as note_receipts, twice as receipts_twice},
    c21::moved_out_key,
};
use super::{Context, office, orders};
use crate::{
    problem::Failure,
    store::{StoreError, Tx},
};

/// An order as it is now.
struct Case<'a> {
    order: Id,
    state: &'a OrderState,
    history: &'a History<'a>,
}

type Rule = fn(&mut dyn Tx, &Context<'_>, &Case<'_>) -> Result<Vec<VerdictGiven>, StoreError>;

/// The rules judged here, by the ids of their verdicts.
const RULES: &[(&[&str], Rule)] = &[
    (&["C3"], c03::judge),
    (&["C7"], c07::judge),
    (&["C8"], c08::judge),
    (&["C15"], c15::judge),
    (&["C17"], c17::judge),
    (&["C18"], c18::judge),
    (&["C19"], c19::judge),
    (&["C21"], c21::judge),
    (&["C23"], c23::judge),
    (&["C25"], c25::judge),
    (&["C26"], c26::judge),
    (&[CHECKED_ELSEWHERE], recheck::judge),
    (&["C13", RESTORED_ELSEWHERE], restore::judge),
];

/// What judging an order brought.
pub(super) struct Judged {
    /// Whether any verdict changed.
    pub(super) changed: bool,
    /// Other orders that this one may clash with.
    pub(super) neighbours: Vec<Id>,
}

/// Judges an order anew and writes what changed.
pub(super) fn judge(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    history: &History<'_>,
    state: &OrderState,
) -> Result<Judged, Failure> {
    let case = Case { order, state, history };
    let mut wanted = Vec::new();
    for (_, rule) in RULES {
        wanted.extend(rule(tx, ctx, &case)?);
    }
    let mut given: BTreeMap<(String, Vec<Hash>), (&Placed<'_>, &VerdictGiven)> = BTreeMap::new();
    for placed in case.by_office() {
        if let Payload::VerdictGiven(verdict) = &placed.recorded.event.payload
            && RULES.iter().any(|(ids, _)| ids.contains(&verdict.rule.as_str()))
        {
            given.insert((verdict.rule.clone(), verdict.events.clone()), (placed, verdict));
        }
    }
    let mut writes = Vec::new();
    for verdict in wanted {
        let key = (verdict.rule.clone(), verdict.events.clone());
        let stands = given.remove(&key).is_some_and(|(placed, given)| {
            *given == verdict && recheck::knows_the_worst(&case, placed, given)
        });
        if !stands {
            writes.push(verdict);
        }
    }
    let given = given.into_values().map(|(_, old)| old);
    for old in given.filter(|old| old.withdrawn != Some(true)) {
        let again = VerdictGiven::new(&old.rule, old.events.clone(), old.effect);
        writes.push(VerdictGiven { withdrawn: Some(true), ..again });
    }
    let mut neighbours = c15::neighbours(tx, &case)?;
    neighbours.extend(c23::counterparts(tx, order, state)?);
    neighbours.extend(c18::others(tx, order, state)?);
    neighbours.extend(c25::others(tx, order, state)?);
    neighbours.extend(c26::others(tx, order, state)?);
    neighbours.extend(recheck::checked_here(tx, history)?);
    neighbours.extend(restore::others(tx, order, state, history)?);
    let judged = Judged { changed: !writes.is_empty(), neighbours };
    for verdict in writes {
        office::write(tx, ctx, Subject::work_order(order), office::Act::of_server(verdict))?;
    }
    Ok(judged)
}

/// Keeps of events that arrived in which order they are, for rules that look from one order to others.
pub(super) fn note(
    tx: &mut dyn Tx,
    stream: &StreamId,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    if stream.subject.kind != SubjectKind::WorkOrder {
        return Ok(());
    }
    let mut kept = BTreeSet::new();
    for recorded in recorded {
        let keys = [
            c18::noted(recorded),
            c23::noted(recorded),
            c25::noted(recorded),
            recheck::noted(recorded),
            restore::noted(recorded),
        ];
        for key in keys.into_iter().flatten() {
            if !kept.contains(&key) {
                tx.add_fact(&key, recorded.event.clock.wall, stream.subject.id.as_bytes())?;
                kept.insert(key);
            }
        }
    }
    Ok(())
}

/// Other orders in which a conflict of this one stands under the same key: what is decided about it
/// is decided there, too.
pub(super) fn twins(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
    conflict: &Conflict,
) -> Result<Vec<Id>, StoreError> {
    let others = match conflict.rule {
        doorstep::order::Rule::C23 => c23::counterparts(tx, order, state)?,
        doorstep::order::Rule::C18 => c18::others(tx, order, state)?,
        doorstep::order::Rule::C25 => c25::others(tx, order, state)?,
        doorstep::order::Rule::C26 => c26::others(tx, order, state)?,
        doorstep::order::Rule::C13 => {
            let recorded = orders::recorded(tx, order)?;
            restore::others(tx, order, state, &History::merge(&recorded))?
        }
        _ => return Ok(Vec::new()),
    };
    let mut twins = Vec::new();
    for id in others {
        let (_, theirs) = other(tx, id)?;
        if theirs.conflicts.iter().any(|other| other.key == conflict.key && other.is_open()) {
            twins.push(id);
        }
    }
    Ok(twins)
}

impl<'a> Case<'a> {
    fn by_office(&self) -> impl Iterator<Item = &'a Placed<'a>> {
        self.history.events().iter().filter(|placed| placed.from_office())
    }

    /// An event of the history.
    fn event(&self, id: Hash) -> Option<&'a Placed<'a>> {
        self.history.events().iter().find(|placed| placed.recorded.id == id)
    }
}

/// A side told by an event.
fn side(placed: &Placed<'_>, what: &str) -> Side {
    Side::new(placed.recorded.event.actor, what, placed.at, placed.recorded.id)
}

/// The key of facts about what was published.
pub(super) fn published_key(key: &str) -> String {
    format!("published/{key}")
}

/// Documents published under a key, with the times of it.
fn published(
    tx: &mut dyn Tx,
    key: &str,
) -> Result<Vec<(doorstep::base::Instant, StandingDoc)>, StoreError> {
    let facts = tx.facts(&published_key(key))?;
    let read = |(at, body): (_, Vec<u8>)| {
        let doc = minicbor::decode(&body)
            .map_err(|error| StoreError::Damaged(format!("a published document: {error}")))?;
        Ok((at, doc))
    };
    facts.into_iter().map(read).collect()
}

/// Names a published document among a verdict's facts.
fn document_hash(doc: &StandingDoc) -> Hash {
    Hash::of(&[b"doorstep published v1", doc.key.as_bytes(), &doc.version.to_be_bytes()])
}

/// The orders that facts under these keys name.
pub(super) fn orders_in(
    tx: &mut dyn Tx,
    keys: impl IntoIterator<Item = String>,
) -> Result<BTreeSet<Id>, StoreError> {
    let mut orders = BTreeSet::new();
    for key in keys {
        for (_, body) in tx.facts(&key)? {
            orders.extend(<[u8; 16]>::try_from(&body[..]).ok().map(Id::new));
        }
    }
    Ok(orders)
}

/// The same, without one.
fn others_in(
    tx: &mut dyn Tx,
    keys: impl IntoIterator<Item = String>,
    except: Id,
) -> Result<Vec<Id>, StoreError> {
    let mut orders = orders_in(tx, keys)?;
    orders.remove(&except);
    Ok(orders.into_iter().collect())
}

/// An order and its events, as another order's rule needs them.
fn other(tx: &mut dyn Tx, order: Id) -> Result<(Vec<Recorded>, OrderState), StoreError> {
    let recorded = orders::recorded(tx, order)?;
    let state = OrderState::fold(&recorded);
    Ok((recorded, state))
}

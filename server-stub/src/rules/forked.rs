//! A fork that was decided stays decided: a server that lost what counts in a restore takes it again when
//! a phone brings it, without asking anybody twice. And what belongs together is decided alike.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Event, Payload, Recorded},
    log::{StreamId, Subject, Tail, Writer},
    order::{Rule, excluded_pasts},
};

use super::{
    Context, admit,
    judge::{Judgement, Known, judge},
    orders,
    release::{self, Release},
};
use crate::{
    problem::Failure,
    store::{HeldDecision, HeldRow, StoreError, Tx},
};

/// The part of a forked tail that was let count in a past of which nothing is here, as the branch that it
/// was: what stands in its place is excluded, and nothing else has taken that.
pub(super) fn chosen(
    tx: &mut dyn Tx,
    tail: &Tail,
    at: Hash,
) -> Result<Option<(Tail, Known)>, StoreError> {
    let Some(part) = admit::from_fork(tx, tail, at)? else { return Ok(None) };
    let Some((_, here)) = tx.hashes(&tail.stream, part.from, part.from)?.pop() else {
        return Ok(None);
    };
    let excluded = excluded_pasts(&recorded(tx, &tail.stream.subject)?);
    let open = excluded.contains(&here) && !excluded.contains(&at);
    if !open || !branches_at(tx, &tail.stream, part.from)?.is_empty() {
        return Ok(None);
    }
    let known = admit::look_up(tx, &part)?;
    Ok(Some((part, known)))
}

/// What is held as a fork of a subject's streams counts where the office's verdict, which came back now,
/// says so.
pub(super) fn recall(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    subject: Subject,
) -> Result<(), Failure> {
    for row in tx.held()? {
        if row.stream.subject != subject || row.reason != "forked" || row.decided.is_some() {
            continue;
        }
        let (held, tail) = release::known(tx, row.id)?;
        let Some(key) = release::device_key(tx, ctx, held.device)? else { continue };
        let known = admit::look_up(tx, &tail)?;
        let Judgement::Fork(at) = judge(&tail, &known, &key) else { continue };
        let Some((part, known)) = chosen(tx, &tail, at)? else { continue };
        let Judgement::Admit(new) = judge(&part, &known, &key) else { continue };
        release::put_behind(tx, ctx, &part, known.head, &new)?;
        let (by, at) = decided(tx, &subject)?.unwrap_or((Id::default(), ctx.now));
        let choice = Release::BranchCounts.id().to_owned();
        tx.decide_held(held.id, &HeldDecision { choice, by, at })?;
    }
    Ok(())
}

/// Who decided last about a fork of the subject, and when.
fn decided(tx: &mut dyn Tx, subject: &Subject) -> Result<Option<(Id, Instant)>, StoreError> {
    let events = recorded(tx, subject)?;
    let verdicts = events.iter().filter(|it| {
        let office = matches!(it.stream.writer, Writer::Office(_));
        let fork = |payload: &Payload| {
            matches!(payload, Payload::VerdictGiven(given) if given.rule == Rule::C10.id())
        };
        office && fork(&it.event.payload)
    });
    let last = verdicts.max_by_key(|it| (it.stream.writer, it.seq));
    Ok(last.map(|it| (it.event.actor, it.event.clock.wall)))
}

/// Forks of the same device's other streams that are the same matter, each with the choice that is alike:
/// what one action wrote, a payment and its receipt, counts in whole or not at all.
pub(super) fn alike(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    held: &HeldRow,
    choice: Release,
) -> Result<Vec<(Id, Release)>, Failure> {
    let Some(this) = pasts(tx, ctx, held)? else { return Ok(Vec::new()) };
    let other_way = match choice {
        Release::MainCounts => Release::BranchCounts,
        _ => Release::MainCounts,
    };
    let mut found = Vec::new();
    for row in tx.held()? {
        let open = row.reason == "forked" && row.decided.is_none();
        if !open || row.device != held.device || row.stream.subject == held.stream.subject {
            continue;
        }
        let Some(other) = pasts(tx, ctx, &row)? else { continue };
        let meet = |a: &BTreeSet<Id>, b: &BTreeSet<Id>| !a.is_disjoint(b);
        if meet(&this.here, &other.here) || meet(&this.aside, &other.aside) {
            found.push((row.id, choice));
        } else if meet(&this.here, &other.aside) || meet(&this.aside, &other.here) {
            found.push((row.id, other_way));
        }
    }
    Ok(found)
}

/// The actions that wrote the two pasts of a fork, from where they part.
struct Pasts {
    here: BTreeSet<Id>,
    aside: BTreeSet<Id>,
}

fn pasts(tx: &mut dyn Tx, ctx: &Context<'_>, held: &HeldRow) -> Result<Option<Pasts>, Failure> {
    let (_, tail) = release::known(tx, held.id)?;
    let Some(key) = release::device_key(tx, ctx, held.device)? else { return Ok(None) };
    let known = admit::look_up(tx, &tail)?;
    let Judgement::Fork(at) = judge(&tail, &known, &key) else { return Ok(None) };
    let Some(part) = admit::from_fork(tx, &tail, at)? else { return Ok(None) };
    let action = |bytes: &[u8]| Event::decode(bytes).ok().map(|event| event.action);
    let here = tx.events(&tail.stream, part.from, i64::MAX as u64)?;
    let here = here.iter().filter_map(|stored| action(&stored.bytes)).collect();
    let aside = part.events.iter().filter_map(|bytes| action(bytes)).collect();
    Ok(Some(Pasts { here, aside }))
}

/// The branches of a stream that begin with this number, each by its first event.
pub(super) fn branches_at(
    tx: &mut dyn Tx,
    stream: &StreamId,
    from: u64,
) -> Result<Vec<Hash>, StoreError> {
    let mut names = Vec::new();
    for row in tx.streams_about(&stream.subject)? {
        if !row.stream.is_branch() || row.stream.trunk() != stream.trunk() {
            continue;
        }
        let first = tx.hashes(&row.stream, from, from)?.pop().map(|(_, hash)| hash);
        names.extend(first.filter(|hash| row.stream.branch.0 == Some(*hash)));
    }
    Ok(names)
}

fn recorded(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<Recorded>, StoreError> {
    tx.events_about(subject)?.into_iter().map(orders::read_stored).collect()
}

//! What was decided stays decided: a server that lost in a restore what it had let count takes it again
//! when a phone brings it, without asking anybody twice.

use std::collections::BTreeMap;

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Effect, Payload, Recorded},
    log::{Subject, Tail, Writer},
    order::Rule,
};

use super::{
    Context, admit,
    forked::{self, Parting},
    held,
    judge::{Judgement, judge},
    orders,
    release::{self, Release},
};
use crate::{
    problem::Failure,
    store::{HeldDecision, Tx},
};

/// What is held about a subject counts as far as the office's own words say so, which came back now.
pub(super) fn recall(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    subject: Subject,
    came: &[Recorded],
) -> Result<(), Failure> {
    forks(tx, ctx, subject, came)?;
    admitted(tx, ctx, subject)?;
    Ok(())
}

/// What is held as a fork of a subject's streams counts where a verdict of the office says so, which is
/// among what came back now.
fn forks(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    subject: Subject,
    came: &[Recorded],
) -> Result<(), Failure> {
    let of_fork = |it: &&Recorded| matches!(&it.event.payload, Payload::VerdictGiven(given) if given.rule == Rule::C10.id());
    let Some(verdict) = came.iter().rfind(of_fork) else { return Ok(()) };
    for row in tx.held()? {
        if row.stream.subject != subject || row.reason != "forked" || row.decided.is_some() {
            continue;
        }
        let (held, tail) = held::known(tx, row.id)?;
        let Some(Parting { branch, key }) = forked::parting(tx, ctx, held.device, &tail)? else {
            continue;
        };
        if !forked::was_chosen(tx, &tail.stream, &branch)? {
            continue;
        }
        let known = admit::look_up(tx, &branch)?;
        let Judgement::Admit(new) = judge(&branch, &known, &key) else { continue };
        release::put_behind(tx, ctx, &branch, known.head, &new)?;
        let decision = HeldDecision {
            choice: Release::BranchCounts.id().to_owned(),
            by: verdict.event.actor,
            at: verdict.event.clock.wall,
        };
        tx.decide_held(held.id, &decision)?;
    }
    Ok(())
}

/// Work that a supervisor had let count is held again, since what says so was lost, or comes later: it counts
/// as far as the office's word names it, whoever brings it. What may have been written behind that stays held.
/// Gives whether anything of it does.
pub(super) fn admitted(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    subject: Subject,
) -> Result<bool, Failure> {
    let named = named(tx, &subject)?;
    if named.is_empty() {
        return Ok(false);
    }
    let mut any = false;
    for row in tx.held()? {
        let waits = row.stream.subject == subject && row.decided.is_none();
        if !waits || !Release::of(&row.reason).contains(&Release::Admit) {
            continue;
        }
        let (held, tail) = held::known(tx, row.id)?;
        let known = admit::look_up(tx, &tail)?;
        if tail.from > known.head.seq + 1 {
            continue;
        }
        let hashes = tail.hashes(known.before);
        let Some(last) = hashes.iter().rposition(|hash| named.contains_key(hash)) else { continue };
        let Some((by, at)) = named.get(&hashes[last]) else { continue };
        let whole = last + 1 == hashes.len();
        let part = Tail { events: tail.events[..=last].to_vec(), ..tail };
        match release::believed(tx, ctx, held.device, &part, &known)? {
            (part, Judgement::Admit(recorded)) => {
                release::put_behind(tx, ctx, &part, known.head, &recorded)?;
                any = true;
            }
            (_, Judgement::AlreadyHad(_)) => {}
            // Something else stands in its place, or it can't be believed: a supervisor looks.
            _ => continue,
        }
        if whole {
            let choice = Release::Admit.id().to_owned();
            tx.decide_held(held.id, &HeldDecision { choice, by: *by, at: *at })?;
        }
    }
    Ok(any)
}

/// Events that the office's words let count though their device may not write: by whom, and when.
fn named(tx: &mut dyn Tx, subject: &Subject) -> Result<BTreeMap<Hash, (Id, Instant)>, Failure> {
    let mut named = BTreeMap::new();
    for recorded in orders::recorded_about(tx, subject)? {
        let Payload::VerdictGiven(given) = &recorded.event.payload else { continue };
        // A device may write the word, and it says nothing.
        if !matches!(recorded.stream.writer, Writer::Office(_)) {
            continue;
        }
        if given.rule == Rule::C9.id() && given.effect == Effect::Mark {
            let who = (recorded.event.actor, recorded.event.clock.wall);
            named.extend(given.events.iter().map(|event| (*event, who)));
        }
    }
    Ok(named)
}

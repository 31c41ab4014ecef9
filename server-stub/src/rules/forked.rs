//! Where a copied phone's pasts part, and that what belongs together is decided alike.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id},
    event::Event,
    log::{StreamId, Tail},
    order::excluded_pasts,
};

use super::{
    Context, admit, held,
    judge::{Judgement, judge},
    orders,
    release::{self, Release},
};
use crate::{
    problem::Failure,
    store::{HeldRow, StoreError, Tx},
};

/// A held tail that leaves the past that is here.
pub(super) struct Parting {
    /// What it shares no more, as the branch that it would be.
    pub(super) branch: Tail,
    /// The key of the device that held it.
    pub(super) key: [u8; 32],
}

/// Where a device's tail leaves what is here of its stream; `None` where it doesn't.
pub(super) fn parting(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: Id,
    tail: &Tail,
) -> Result<Option<Parting>, Failure> {
    let Some(key) = release::device_key(tx, ctx, device)? else { return Ok(None) };
    let known = admit::look_up(tx, tail)?;
    let Judgement::Fork(at) = judge(tail, &known, &key) else { return Ok(None) };
    Ok(admit::from_fork(tx, tail, at)?.map(|branch| Parting { branch, key }))
}

/// Whether this branch was let count in a past of which nothing is here: what stands in its place in the
/// stream that it leaves is excluded, and nothing else has taken that.
pub(super) fn was_chosen(
    tx: &mut dyn Tx,
    left: &StreamId,
    branch: &Tail,
) -> Result<bool, StoreError> {
    let Some((_, here)) = tx.hashes(left, branch.from, branch.from)?.pop() else {
        return Ok(false);
    };
    let excluded = excluded_pasts(&orders::recorded_about(tx, &left.subject)?);
    let itself = branch.stream.branch.0.is_some_and(|at| excluded.contains(&at));
    Ok(excluded.contains(&here) && !itself && branches_at(tx, left, branch.from)?.is_empty())
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
    let (_, tail) = held::known(tx, held.id)?;
    let Some(Parting { branch, .. }) = parting(tx, ctx, held.device, &tail)? else {
        return Ok(None);
    };
    let action = |bytes: &[u8]| Event::decode(bytes).ok().map(|event| event.action);
    let here = tx.events(&tail.stream, branch.from, i64::MAX as u64)?;
    let here = here.iter().filter_map(|stored| action(&stored.bytes)).collect();
    let aside = branch.events.iter().filter_map(|bytes| action(bytes)).collect();
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

//! What waits to be sent: ranked, counted, and cut to what goes at once.

use std::collections::{BTreeMap, BTreeSet};

use super::Identity;
use crate::{
    log::{StreamId, SubjectKind, Tail, Writer},
    store::{Store, StoreError, StreamRow},
    sync::{Backlog, Lane},
};

/// Streams of others that are still to be offered: to a server restored from a backup, or which a
/// colleague's phone brought.
pub(super) const OFFERED: &str = "offered";

/// What is unsent, lane by lane, most urgent first; lanes without anything are left out.
pub(super) fn backlog(store: &Store) -> Result<Vec<Backlog>, StoreError> {
    let mut lanes: Vec<Backlog> = Vec::new();
    for row in store.unsent_streams()? {
        let emergency = is_emergency(store, &row)?;
        for waiting in store.waiting(&row)? {
            let lane = Lane::of(waiting.head.kind, emergency);
            let since = waiting.head.wall;
            match lanes.iter_mut().find(|line| line.lane == lane) {
                Some(line) => {
                    line.events += 1;
                    line.bytes += waiting.bytes;
                    line.since = line.since.min(since);
                }
                None => lanes.push(Backlog { lane, events: 1, bytes: waiting.bytes, since }),
            }
        }
    }
    lanes.sort_by_key(|line| line.lane);
    Ok(lanes)
}

/// What of this phone's streams a request brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cargo {
    /// What the server hasn't accepted.
    Unsent,
    /// What no backup of the server covers, with what the office wrote about the same orders: it takes
    /// these in also when its disk is lost and it is restored from the last backup.
    NotSafe,
    /// Nothing of them.
    Nothing,
}

impl Cargo {
    /// The streams, each as if the server had what is not to be brought; and others' that go before.
    fn streams(self, store: &Store) -> Result<(Vec<StreamRow>, Vec<StreamId>), StoreError> {
        match self {
            Cargo::Unsent => {
                let offered = store.read().meta(OFFERED)?.unwrap_or_default();
                Ok((store.unsent_streams()?, offered))
            }
            Cargo::NotSafe => {
                let mut rows = store.read().own_not_safe()?;
                let mut before: Vec<StreamId> = store.read().meta(OFFERED)?.unwrap_or_default();
                let subjects: BTreeSet<_> = rows.iter().map(|row| row.stream.subject).collect();
                for subject in subjects {
                    let others = store.read().streams_of(&subject)?.into_iter();
                    let office = others
                        .filter(|row| matches!(row.stream.writer, Writer::Office(_)))
                        .filter(|row| row.purged == 0)
                        .map(|row| row.stream)
                        .filter(|stream| !before.contains(stream));
                    before.extend(office.collect::<Vec<_>>());
                }
                for row in &mut rows {
                    row.accepted = row.safe.max(row.purged);
                }
                Ok((rows, before))
            }
            Cargo::Nothing => Ok((Vec::new(), Vec::new())),
        }
    }
}

/// The tails of a cargo, by lane, within the budget and behind what is `packed` already; and how many
/// events are left behind.
pub(super) fn collect_tails(
    store: &Store,
    me: &Identity,
    cargo: Cargo,
    mut budget: usize,
    packed: &BTreeMap<StreamId, u64>,
) -> Result<(Vec<(StreamRow, Tail)>, u64), StoreError> {
    let mut lanes = Vec::new();
    let (rows, before) = cargo.streams(store)?;
    for mut row in rows {
        if let Some(seq) = packed.get(&row.stream) {
            row.accepted = row.accepted.max(*seq);
        }
        if row.unsent() > 0 {
            lanes.push((lane(store, &row)?, row));
        }
    }
    lanes.sort_by_key(|(lane, row)| (*lane, row.row));
    let (mut tails, mut left) = (Vec::new(), 0);
    // Before what was written here: the server must know an order again to take work on it.
    for stream in before {
        let wanted = budget > 0 && !packed.contains_key(&stream);
        let Some(row) = store.read().stream(&stream)?.filter(|_| wanted) else { continue };
        let Some((seq, seal)) = store.last_seal(&row)? else { continue };
        let mut tail = store.tail(&row, 0, usize::MAX)?;
        tail.events.truncate(seq as usize);
        tail.seal = Some(seal.into());
        let size: usize = tail.events.iter().map(|event| event.len()).sum();
        budget = budget.saturating_sub(size);
        tails.push((row, tail));
    }
    for (_, row) in lanes {
        let waiting = row.unsent();
        if budget == 0 {
            left += waiting;
            continue;
        }
        // What another certificate wrote goes up to where that one sealed it, then to its end.
        let most = if row.stream.writer != me.writer() { usize::MAX } else { budget };
        // Where a branch leaves the trunk's past shows only in its first event.
        let mut tail = match row.stream.is_branch() {
            true => store.whole_branch(&row)?,
            false => store.tail(&row, row.accepted, most)?,
        };
        let after = tail.from - 1;
        if tail.seal.is_none() && row.stream.writer != me.writer() {
            // As far as that certificate vouched for it, it needs no other.
            let sealed = store.last_seal(&row)?.filter(|(seq, _)| *seq > after);
            if let Some((seq, seal)) = sealed {
                tail.events.truncate((seq - after) as usize);
                tail.seal = Some(seal.into());
            }
        }
        let size: usize = tail.events.iter().map(|event| event.len()).sum();
        budget = budget.saturating_sub(size);
        left += row.chain.seq - tail.last();
        tails.push((row, tail));
    }
    Ok((tails, left))
}

/// The lane of the most urgent event that a stream has yet to send.
fn lane(store: &Store, row: &StreamRow) -> Result<Lane, StoreError> {
    if is_emergency(store, row)? {
        return Ok(Lane::Danger);
    }
    let lanes = store.waiting(row)?.into_iter().map(|waiting| Lane::of(waiting.head.kind, false));
    Ok(lanes.min().unwrap_or(Lane::Rest))
}

fn is_emergency(store: &Store, row: &StreamRow) -> Result<bool, StoreError> {
    let subject = row.stream.subject;
    Ok(subject.kind == SubjectKind::WorkOrder && store.read().is_emergency(subject.id)?)
}

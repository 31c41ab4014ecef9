//! Which branch of a forked stream counts.
//!
//! A fork is two pasts under one writer: a copied phone, or one put back from a backup. The stream's
//! unbranched line counts until a verdict by rule C10 excludes one of its events; then the branch
//! that begins in that place counts from there, if it is here. What doesn't count stays stored and
//! readable, and has no part in the fold. Only the office's own streams can give a verdict.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::Hash,
    event::{Effect, Payload, Recorded},
    log::{Branch, Head, Writer},
};

/// The rule by which branches are excluded.
const FORK_RULE: &str = "C10";

/// One writer's events that count, in their order, without a second one in any place.
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub(super) events: BTreeMap<u64, &'a Recorded>,
    /// The branch that the events end in.
    branch: Branch,
    /// Where each known branch begins.
    forks: BTreeMap<Branch, u64>,
}

pub(super) type Lines<'a> = BTreeMap<Writer, Line<'a>>;

impl Line<'_> {
    /// How far somebody had seen this line who had seen its writer's stream up to `head`: a branch
    /// shares only what came before it.
    pub(super) fn seen(&self, head: &Head) -> Option<u64> {
        if head.branch == self.branch {
            return Some(head.seq);
        }
        let theirs = self.forks.get(&head.branch).copied();
        let ours = self.forks.get(&self.branch).copied();
        let shared = match (theirs, ours) {
            (Some(theirs), Some(ours)) => theirs.min(ours),
            (Some(begins), None) | (None, Some(begins)) => begins,
            (None, None) => return None,
        };
        Some(head.seq.min(shared.saturating_sub(1)))
    }
}

/// The events that count, by writer. Numbers that appear twice in a stream count once.
pub(super) fn counting<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Lines<'a> {
    let mut streams: BTreeMap<(Writer, Branch), BTreeMap<u64, &Recorded>> = BTreeMap::new();
    for recorded in events {
        let stream = streams.entry((recorded.stream.writer, recorded.stream.branch)).or_default();
        stream.entry(recorded.seq).or_insert(recorded);
    }
    let excluded = excluded(&streams);
    let mut lines = Lines::new();
    // The unbranched stream of a writer sorts before its branches.
    for ((writer, branch), mut events) in streams {
        let cut =
            events.iter().find(|(_, event)| excluded.contains(&event.id)).map(|(seq, _)| *seq);
        if let Some(cut) = cut {
            events.split_off(&cut);
        }
        let line = lines.entry(writer).or_default();
        if branch == Branch::default() {
            line.events = events;
            continue;
        }
        let Some(begins) = events.keys().next().copied().or(cut) else { continue };
        line.forks.insert(branch, begins);
        let last = line.events.keys().next_back().copied().unwrap_or(0);
        // Behind what is left of the line, and nothing else: else it tells a past that nobody chose.
        if line.branch == Branch::default() && cut != Some(begins) && last + 1 == begins {
            line.events.append(&mut events);
            line.branch = branch;
        }
    }
    lines.retain(|_, line| !line.events.is_empty());
    lines
}

/// Events that verdicts in force exclude as forked.
fn excluded(streams: &BTreeMap<(Writer, Branch), BTreeMap<u64, &Recorded>>) -> BTreeSet<Hash> {
    let mut verdicts = BTreeMap::new();
    let office = streams.iter().filter(|((writer, branch), _)| {
        matches!(writer, Writer::Office(_)) && *branch == Branch::default()
    });
    for recorded in office.flat_map(|(_, stream)| stream.values()) {
        if let Payload::VerdictGiven(verdict) = &recorded.event.payload
            && verdict.rule == FORK_RULE
        {
            verdicts.insert(&verdict.events, verdict);
        }
    }
    let in_force = verdicts
        .into_values()
        .filter(|verdict| verdict.effect == Effect::Exclude && verdict.withdrawn != Some(true));
    in_force.flat_map(|verdict| &verdict.events).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{ClockReading, Id, Instant, Zone},
        event::{Event, OrderAssigned, VerdictGiven},
        log::{StreamId, Subject},
    };

    fn id(name: &str) -> Id {
        Id::from_hash(&Hash::of(&[name.as_bytes()]))
    }

    fn write(
        stream: StreamId,
        from: u64,
        names: &[&str],
        payload: impl Fn() -> Payload,
    ) -> Vec<Recorded> {
        let event = |name: &str| Event {
            action: id(name),
            actor: id("Mei"),
            visit: None,
            clock: ClockReading {
                wall: Instant(0),
                zone: Zone(480),
                boot: id("boot"),
                since_boot_ms: 0,
            },
            seen: None,
            payload: payload(),
            private: BTreeMap::new(),
        };
        let place = |(at, name): (usize, &&str)| Recorded {
            stream,
            seq: from + at as u64,
            id: Hash::of(&[name.as_bytes()]),
            event: event(name),
        };
        names.iter().enumerate().map(place).collect()
    }

    fn verdict(excluded: &str) -> Vec<Recorded> {
        let office = StreamId::new(Subject::work_order(id("R-1")), Writer::Office(1));
        let events = vec![Hash::of(&[excluded.as_bytes()])];
        let given = VerdictGiven::new("C10", events, Effect::Exclude);
        write(office, 1, &["verdict"], || given.clone().into())
    }

    /// Mei's phone wrote two events, was copied, and both copies wrote two more.
    fn forked() -> (StreamId, Vec<Recorded>) {
        let mei = Writer::Device(id("Mei's phone"));
        let main = StreamId::new(Subject::work_order(id("R-1")), mei);
        let payload = || OrderAssigned { to: id("Mei") }.into();
        let mut events = write(main, 1, &["one", "two", "three", "four"], payload);
        let first = Hash::of(&[b"three on the copy"]);
        let branch = StreamId { branch: Branch(Some(first)), ..main };
        events.extend(write(branch, 3, &["three on the copy", "four on the copy"], payload));
        (branch, events)
    }

    fn told(events: &[Recorded]) -> Vec<Hash> {
        let lines = counting(events);
        lines[&Writer::Device(id("Mei's phone"))].events.values().map(|event| event.id).collect()
    }

    fn named(names: [&str; 4]) -> Vec<Hash> {
        names.iter().map(|name| Hash::of(&[name.as_bytes()])).collect()
    }

    #[test]
    fn the_line_without_a_branch_counts_until_a_verdict_says_otherwise() {
        let (branch, mut events) = forked();
        assert_eq!(told(&events), named(["one", "two", "three", "four"]));
        events.extend(verdict("three on the copy"));
        assert_eq!(told(&events), named(["one", "two", "three", "four"]));
        events.retain(|event| event.stream.writer != Writer::Office(1));
        events.extend(verdict("three"));
        events.reverse();
        let chosen = ["one", "two", "three on the copy", "four on the copy"];
        assert_eq!(told(&events), named(chosen));
        events.retain(|event| event.stream != branch);
        assert_eq!(told(&events).len(), 2, "what was chosen isn't here yet");
    }

    #[test]
    fn who_had_seen_the_other_branch_had_seen_only_what_both_share() {
        let (branch, mut events) = forked();
        let head = |branch, seq| Head { writer: Writer::Device(id("Mei's phone")), branch, seq };
        let seen = |events: &[Recorded], branch, seq| {
            let lines = counting(events);
            lines[&Writer::Device(id("Mei's phone"))].seen(&head(branch, seq))
        };
        assert_eq!(seen(&events, Branch::default(), 4), Some(4));
        assert_eq!(seen(&events, branch.branch, 4), Some(2));
        events.extend(verdict("three"));
        assert_eq!(seen(&events, Branch::default(), 4), Some(2));
        assert_eq!(seen(&events, branch.branch, 4), Some(4));
        assert_eq!(seen(&events, Branch(Some(Hash::of(&[b"?"]))), 1), Some(1));
    }

    #[test]
    fn a_device_cannot_exclude_anything() {
        let (branch, mut events) = forked();
        let mut liar = verdict("three");
        liar[0].stream = StreamId { branch: Branch::default(), ..branch };
        liar[0].stream.writer = Writer::Device(id("a liar's phone"));
        events.extend(liar);
        assert_eq!(told(&events), named(["one", "two", "three", "four"]));
    }
}

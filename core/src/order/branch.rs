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
    /// The branches that the events lead through behind the trunk, in order, with where each begins.
    through: Vec<(Branch, u64)>,
    /// Where each known branch begins.
    forks: BTreeMap<Branch, u64>,
}

pub(super) type Lines<'a> = BTreeMap<Writer, Line<'a>>;

impl Line<'_> {
    /// How far somebody had seen this line who had seen its writer's stream up to `head`: a branch
    /// shares only what came before it.
    pub(super) fn seen(&self, head: &Head) -> Option<u64> {
        let part = match head.branch == Branch::default() {
            true => Some(0),
            false => {
                let at = self.through.iter().position(|(branch, _)| *branch == head.branch);
                at.map(|at| at + 1)
            }
        };
        let shared = match part {
            // Up to where the line goes on in another branch.
            Some(part) => self.through.get(part).map(|(_, begins)| *begins),
            None => {
                let theirs = self.forks.get(&head.branch).copied();
                let ours = self.through.first().map(|(_, begins)| *begins);
                let shared = [theirs, ours].into_iter().flatten().min();
                // Nothing is known of it.
                return shared.map(|shared| head.seq.min(shared.saturating_sub(1)));
            }
        };
        Some(shared.map_or(head.seq, |shared| head.seq.min(shared.saturating_sub(1))))
    }
}

/// The events that count, by writer. Numbers that appear twice in a stream count once.
pub(super) fn counting<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Lines<'a> {
    let mut streams: BTreeMap<(Writer, Branch), BTreeMap<u64, &Recorded>> = BTreeMap::new();
    for recorded in events {
        let stream = streams.entry((recorded.stream.writer, recorded.stream.branch)).or_default();
        stream.entry(recorded.seq).or_insert(recorded);
    }
    let excluded = excluded_pasts(streams.values().flat_map(|stream| stream.values().copied()));
    let mut lines = Lines::new();
    let mut branches: BTreeMap<Writer, Vec<Part<'_>>> = BTreeMap::new();
    for ((writer, branch), mut events) in streams {
        let begins = events.keys().next().copied().unwrap_or(0);
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
        line.forks.insert(branch, begins);
        if !events.is_empty() {
            let branches = branches.entry(writer).or_default();
            branches.push(Part { branch, begins, cut: cut.is_some(), events });
        }
    }
    for (writer, mut branches) in branches {
        let line = lines.entry(writer).or_default();
        // Behind what is left of the line, and nothing else: else it tells a past that nobody chose.
        // What ends by itself goes on nowhere.
        let mut goes_on = true;
        while goes_on {
            let next = line.events.keys().next_back().copied().unwrap_or(0) + 1;
            let Some(at) = branches.iter().position(|part| part.begins == next) else { break };
            let mut part = branches.remove(at);
            line.events.append(&mut part.events);
            line.through.push((part.branch, part.begins));
            goes_on = part.cut;
        }
    }
    lines.retain(|_, line| !line.events.is_empty());
    lines
}

/// What counts of a branch.
struct Part<'a> {
    branch: Branch,
    begins: u64,
    /// What followed was excluded.
    cut: bool,
    events: BTreeMap<u64, &'a Recorded>,
}

/// First events of the pasts that don't count, as the office has decided about the forks of a subject
/// whose events these are.
pub fn excluded_pasts<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> BTreeSet<Hash> {
    let mut verdicts = BTreeMap::new();
    for recorded in events {
        let stream = &recorded.stream;
        if let Payload::VerdictGiven(verdict) = &recorded.event.payload
            && verdict.rule == FORK_RULE
            && matches!(stream.writer, Writer::Office(_))
            && !stream.is_branch()
        {
            let place = (stream.writer, recorded.seq);
            let latest = verdicts.entry(&verdict.events).or_insert((place, verdict));
            if place >= latest.0 {
                *latest = (place, verdict);
            }
        }
    }
    let in_force = verdicts
        .into_values()
        .map(|(_, verdict)| verdict)
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

    /// Both phones went on in the branch that was let count: it forked once more.
    #[test]
    fn a_branch_can_leave_a_branch() {
        let (branch, mut events) = forked();
        let first = Hash::of(&[b"four on the first phone"]);
        let second = StreamId { branch: Branch(Some(first)), ..branch };
        let payload = || OrderAssigned { to: id("Mei") }.into();
        events.extend(write(second, 4, &["four on the first phone"], payload));
        events.extend(verdict("three"));
        let copy = ["one", "two", "three on the copy", "four on the copy"];
        assert_eq!(told(&events), named(copy), "until it is decided, what came first counts");
        let mut again = verdict("four on the copy");
        again[0].seq = 2;
        events.extend(again);
        let chosen = ["one", "two", "three on the copy", "four on the first phone"];
        assert_eq!(told(&events), named(chosen));
        let lines = counting(&events);
        let line = &lines[&Writer::Device(id("Mei's phone"))];
        let head = |branch, seq| Head { writer: Writer::Device(id("Mei's phone")), branch, seq };
        assert_eq!(line.seen(&head(Branch::default(), 4)), Some(2));
        assert_eq!(line.seen(&head(branch.branch, 4)), Some(3));
        assert_eq!(line.seen(&head(second.branch, 4)), Some(4));
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

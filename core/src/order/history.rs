//! All events of one subject in the one order every machine agrees on.
//!
//! Topological by each stream's own sequence and by what its writer had seen; ties by corrected
//! time, then writer. "At the same time" means that neither saw the other: clocks don't decide it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
    sync::Arc,
};

use crate::{
    base::{Id, Instant},
    event::{ClockCorrected, Payload, Recorded},
    log::Writer,
};

use super::{
    Choice, Rule,
    branch::{Line, Lines, counting},
    conflict_key,
};

/// One event in its place.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The event.
    pub recorded: &'a Recorded,
    /// When it happened, corrected where the server knows better than the device's clock.
    pub at: Instant,
    /// Whether that instant is a correction.
    pub corrected: bool,
    /// How far its writer knew the streams that are here, through whatever steps; shared with the
    /// next event while nothing is added.
    seen: Arc<BTreeMap<Writer, u64>>,
}

/// The merged history of one subject.
#[derive(Debug, Clone)]
pub struct History<'a> {
    events: Vec<Placed<'a>>,
}

impl<'a> History<'a> {
    /// Merges the events of one subject's streams, given in any order. Sequence numbers that
    /// appear twice count once; references to what is absent are ignored; references in a circle,
    /// which only a liar can write, are cut where time is earliest, and never turn a stream's own
    /// order around. Of a stream that forked, one branch counts: the others are not in the history.
    pub fn merge(events: impl IntoIterator<Item = &'a Recorded>) -> History<'a> {
        #[cfg(feature = "planted")]
        let (events, arrived) = {
            let events: Vec<_> = events.into_iter().collect();
            let mut arrived = BTreeMap::new();
            for recorded in events.iter().filter(|_| planted!(LatestByArrival)) {
                arrived.insert(recorded.id, Instant(arrived.len() as i64));
            }
            (events, arrived)
        };
        let lines = counting(events);
        let boots = corrected_boots(&lines);
        let placed = lines
            .iter()
            .flat_map(|(writer, line)| place_line(*writer, line, &boots, &lines))
            .collect::<Vec<_>>();
        #[cfg(feature = "planted")]
        let placed = match planted!(LatestByArrival) {
            true => by_arrival(placed, &arrived),
            false => placed,
        };
        let mut events = sort(placed);
        see_through(&mut events);
        History { events }
    }

    /// The events, first to last.
    pub fn events(&self) -> &[Placed<'a>] {
        &self.events
    }
}

impl Placed<'_> {
    /// Whether the office wrote it.
    pub fn from_office(&self) -> bool {
        matches!(self.recorded.stream.writer, Writer::Office(_))
    }

    /// Whether this event's writer could know of `other` when writing: had it before them, or had
    /// something whose writer had it, through whatever steps.
    pub fn saw(&self, other: &Placed<'_>) -> bool {
        let theirs = other.recorded.stream.writer;
        if theirs == self.recorded.stream.writer {
            return other.recorded.seq < self.recorded.seq;
        }
        self.seen.get(&theirs).is_some_and(|seq| *seq >= other.recorded.seq)
    }

    /// Whether neither saw the other.
    pub fn concurrent(&self, other: &Placed<'_>) -> bool {
        !self.saw(other) && !other.saw(self)
    }
}

#[cfg(feature = "planted")]
fn by_arrival<'a>(
    mut placed: Vec<Placed<'a>>,
    arrived: &BTreeMap<crate::base::Hash, Instant>,
) -> Vec<Placed<'a>> {
    for placed in &mut placed {
        placed.at = arrived.get(&placed.recorded.id).copied().unwrap_or(placed.at);
    }
    placed
}

/// The office's word on boots, each by whose and which.
type Boots<'a> = BTreeMap<(Writer, Id), &'a ClockCorrected>;

/// When each boot really was, by the office's word. The office's own streams only: a device can't
/// date another. Where somebody decided that the device's own clock counts (C11), it does.
fn corrected_boots<'a>(lines: &Lines<'a>) -> Boots<'a> {
    let (mut boots, mut decided) = (BTreeMap::new(), BTreeMap::new());
    let office = lines.iter().filter(|(writer, _)| matches!(writer, Writer::Office(_)));
    for recorded in office.flat_map(|(_, line)| line.events.values()) {
        match &recorded.event.payload {
            Payload::ClockCorrected(correction) => {
                boots.insert((correction.writer, correction.boot), correction);
            }
            Payload::ConflictDecided(decision) if decision.rule == Rule::C11.id() => {
                decided.entry(decision.conflict).or_insert(decision.choice.as_str());
            }
            _ => {}
        }
    }
    if decided.is_empty() {
        return boots;
    }
    boots.retain(|(writer, boot), _| {
        let mut events = lines.get(writer).into_iter().flat_map(|line| line.events.values());
        let first = events.find(|recorded| recorded.event.clock.boot == *boot);
        let choice = first.and_then(|f| decided.get(&conflict_key(Rule::C11, &[f.id])));
        choice != Some(&Choice::WallTimeCounts.id())
    });
    boots
}

fn place_line<'a>(
    writer: Writer,
    line: &Line<'a>,
    boots: &Boots<'_>,
    lines: &Lines<'_>,
) -> Vec<Placed<'a>> {
    let mut seen: Arc<BTreeMap<Writer, u64>> = Arc::default();
    let place = |recorded: &&'a Recorded| {
        for head in recorded.event.seen.iter().flatten() {
            let theirs = head.writer;
            // Heads of invented streams are dropped: a liar's list must not cost us memory.
            let known = lines.get(&theirs).filter(|_| theirs != writer);
            let Some(seq) = known.and_then(|line| line.seen(head)) else { continue };
            if seen.get(&theirs).is_none_or(|known| *known < seq) {
                Arc::make_mut(&mut seen).insert(theirs, seq);
            }
        }
        let clock = recorded.event.clock;
        let correction = boots.get(&(writer, clock.boot));
        let at = correction.map_or(clock.wall, |correction| correction.dates(&clock));
        Placed { recorded, at, corrected: correction.is_some(), seen: seen.clone() }
    };
    line.events.values().map(place).collect()
}

/// Kahn's algorithm over (own sequence, seen), smallest (time, writer) first.
fn sort(placed: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    let index: BTreeMap<(Writer, u64), usize> = placed
        .iter()
        .enumerate()
        .map(|(i, p)| ((p.recorded.stream.writer, p.recorded.seq), i))
        .collect();
    // The last event at or before `seq` that is here: a torn prefix must not hide a reference.
    let at_or_before =
        |of: Writer, seq: u64| index.range((of, 0)..=(of, seq)).next_back().map(|(_, i)| *i);
    let mut waits = vec![0_usize; placed.len()];
    let mut followers = vec![Vec::new(); placed.len()];
    let mut next_own = vec![None; placed.len()];
    let mut first = Vec::new();
    for (i, event) in placed.iter().enumerate() {
        let own = event.recorded.stream.writer;
        let previous = event.recorded.seq.checked_sub(1).and_then(|seq| at_or_before(own, seq));
        let others = event
            .seen
            .iter()
            .filter(|(theirs, _)| **theirs != own)
            .filter_map(|(theirs, seq)| at_or_before(*theirs, *seq));
        match previous {
            Some(before) => next_own[before] = Some(i),
            None => first.push(i),
        }
        for before in previous.into_iter().chain(others) {
            followers[before].push(i);
            waits[i] += 1;
        }
    }
    let key = |i: usize| Reverse((placed[i].at, placed[i].recorded.stream.writer, i));
    let mut ready: BinaryHeap<_> = (0..placed.len()).filter(|i| waits[*i] == 0).map(key).collect();
    // Where a circle may be cut: events that wait for other streams only.
    let mut stuck: BTreeSet<_> =
        first.into_iter().filter(|i| waits[*i] > 0).map(|i| key(i).0).collect();
    let mut order = Vec::with_capacity(placed.len());
    let mut done = vec![false; placed.len()];
    loop {
        let next = match ready.pop() {
            Some(Reverse(next)) => next,
            None => match stuck.pop_first() {
                Some(next) => next,
                None => break,
            },
        };
        let i = next.2;
        if std::mem::replace(&mut done[i], true) {
            continue;
        }
        stuck.remove(&next);
        order.push(i);
        for follower in &followers[i] {
            waits[*follower] = waits[*follower].saturating_sub(1);
            if waits[*follower] == 0 && !done[*follower] {
                ready.push(key(*follower));
                stuck.remove(&key(*follower).0);
            }
        }
        if let Some(own) = next_own[i]
            && waits[own] > 0
        {
            stuck.insert(key(own).0);
        }
    }
    let mut slots: Vec<_> = placed.into_iter().map(Some).collect();
    order.into_iter().filter_map(|i| slots[i].take()).collect()
}

/// Widens what each event saw by what was seen by that. Events come in their order, so whatever an
/// event saw was widened before; where a circle was cut, what comes later adds nothing.
fn see_through(events: &mut [Placed<'_>]) {
    let mut widened: BTreeMap<Writer, BTreeMap<u64, Arc<BTreeMap<Writer, u64>>>> = BTreeMap::new();
    for event in events {
        let own = event.recorded.stream.writer;
        let mut seen = match widened.get(&own).and_then(|done| done.last_key_value()) {
            Some((_, before)) => before.clone(),
            None => Arc::default(),
        };
        for (theirs, seq) in event.seen.iter() {
            if seen.get(theirs).is_some_and(|known| known >= seq) {
                continue;
            }
            let known = Arc::make_mut(&mut seen);
            known.insert(*theirs, *seq);
            let there = widened.get(theirs).and_then(|done| done.range(..=*seq).next_back());
            for (further, seq) in there.into_iter().flat_map(|(_, through)| through.iter()) {
                if *further != own {
                    let at = known.entry(*further).or_default();
                    *at = (*at).max(*seq);
                }
            }
        }
        event.seen = seen.clone();
        widened.entry(own).or_default().insert(event.recorded.seq, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{ClockReading, Hash, Zone},
        event::{ConditionsNoted, Event},
        log::{Branch, Head, StreamId, Subject},
    };

    const MEI: Writer = Writer::Device(Id::new([1; 16]));
    const WU: Writer = Writer::Device(Id::new([2; 16]));

    fn note(writer: Writer, seq: u64, seen: Vec<Head>) -> Recorded {
        let event = Event {
            action: Id::new([seq as u8; 16]),
            actor: Id::new([3; 16]),
            visit: None,
            clock: ClockReading {
                wall: Instant(1_796_097_600_000),
                zone: Zone(480),
                boot: Id::new([4; 16]),
                since_boot_ms: seq,
            },
            seen: Some(seen),
            payload: ConditionsNoted::default().into(),
            private: BTreeMap::new(),
        };
        let stream = StreamId::new(Subject::work_order(Id::new([5; 16])), writer);
        Recorded { stream, seq, id: Hash::of(&[&seq.to_be_bytes()]), event }
    }

    fn head(writer: Writer, seq: u64) -> Head {
        Head { writer, branch: Branch::default(), seq }
    }

    #[test]
    fn thousands_of_invented_heads_cost_nothing_and_a_list_is_kept_once_while_it_stands() {
        let invented = |event: u64| {
            let name = move |i: u64| Id::from_hash(&Hash::of(&[&(event << 32 | i).to_be_bytes()]));
            (0..2_000).map(move |i| head(Writer::Device(name(i)), 1))
        };
        let mut events: Vec<_> = (1..=40)
            .map(|seq| note(WU, seq, invented(seq).chain([head(MEI, 1)]).collect()))
            .collect();
        events.push(note(MEI, 1, Vec::new()));
        let history = History::merge(&events);
        let wus: Vec<_> =
            history.events().iter().filter(|p| p.recorded.stream.writer == WU).collect();
        assert_eq!(wus.len(), 40);
        assert!(wus.iter().all(|placed| placed.seen.len() == 1), "only Mei's stream is here");
        assert!(wus.iter().all(|placed| Arc::ptr_eq(&placed.seen, &wus[0].seen)));
        assert!(wus[0].saw(&history.events()[0]));
    }

    #[test]
    fn lin_saw_what_mei_wrote_when_she_saw_wu_who_had_seen_it_in_whatever_order_it_came() {
        const LIN: Writer = Writer::Device(Id::new([9; 16]));
        let events = [
            note(MEI, 1, vec![]),
            note(WU, 1, vec![head(MEI, 1)]),
            note(WU, 2, vec![]),
            note(LIN, 1, vec![head(WU, 2)]),
            note(LIN, 2, vec![]),
            note(MEI, 2, vec![]),
        ];
        for turn in 0..events.len() {
            let mut shuffled = events.to_vec();
            shuffled.rotate_left(turn);
            let history = History::merge(&shuffled);
            let at = |writer, seq| {
                let same =
                    |p: &&Placed<'_>| p.recorded.stream.writer == writer && p.recorded.seq == seq;
                history.events().iter().find(same).unwrap()
            };
            assert!(at(LIN, 1).saw(at(MEI, 1)), "through Wu");
            assert!(at(LIN, 2).saw(at(MEI, 1)), "and from then on");
            assert!(at(LIN, 2).concurrent(at(MEI, 2)), "nobody told her of that");
            assert!(!at(WU, 1).saw(at(LIN, 1)));
        }
    }
}

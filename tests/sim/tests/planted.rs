//! Bugs planted on purpose: the simulation finds each of them, and says after how many seeds.

use std::{
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use doorstep::planted::{Bug, plant};
use doorstep_sim::{Faults, History, Outcome, Violation, history, run, shrink};

/// Seeds tried for each bug.
const SEEDS: u64 = 300;

fn with(bug: Option<Bug>, history: &History) -> Outcome {
    plant(bug);
    let outcome = run(history);
    plant(None);
    outcome
}

/// What became of one bug.
struct Hunted {
    /// After how many seeds, and by what; `None` when none of them found it.
    found: Option<(u64, Violation)>,
    /// The same world without it: sound, or it wasn't the bug that was found.
    without: Option<Violation>,
}

fn hunt(bug: Bug) -> Hunted {
    for seed in 0..SEEDS {
        let history = history(seed, 3, 1, Faults::Cruel);
        if let Some(violation) = with(Some(bug), &history).violation {
            let without = with(None, &history).violation;
            return Hunted { found: Some((seed + 1, violation)), without };
        }
    }
    Hunted { found: None, without: None }
}

/// Each bug is planted in the thread that hunts it, and sleeps in every other.
#[test]
fn every_planted_bug_is_found_and_is_what_was_found() {
    let (next, hunted) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(bug) = Bug::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of = hunt(*bug);
                    hunted.lock().expect("no hunt panics").push((*bug, of));
                }
            });
        }
    });
    let hunted = hunted.into_inner().expect("no hunt panics");
    assert_eq!(hunted.len(), Bug::ALL.len());
    let mut missed = Vec::new();
    for (bug, Hunted { found, without }) in hunted {
        match found {
            Some((seeds, Violation { invariant, what })) => {
                println!("{bug:?}: after {seeds} seeds: {invariant} {what}");
            }
            None => missed.push(bug),
        }
        assert_eq!(without, None, "{bug:?}: not what was planted");
    }
    assert!(missed.is_empty(), "not found in {SEEDS} seeds: {missed:?}");
}

#[test]
fn a_failing_history_shrinks_to_what_it_needs_and_replays_from_its_text() {
    let long = history(0, 3, 1, Faults::Cruel);
    plant(Some(Bug::HalfAction));
    let (failed, short) = (run(&long), shrink(&long, 500));
    let read = History::parse(&short.to_string()).expect("a history is read as it was printed");
    let (once, twice) = (run(&short), run(&read));
    plant(None);
    println!("{short}");
    assert_eq!(read, short);
    assert_eq!(once, twice);
    let rule = |outcome: &Outcome| outcome.violation.clone().map(|found| found.invariant);
    assert_eq!(rule(&once), rule(&failed));
    assert!(rule(&once).is_some());
    // Somebody gets an order, goes there, sells something and is paid.
    assert!(short.steps.len() <= 6, "{} of {} steps", short.steps.len(), long.steps.len());
}

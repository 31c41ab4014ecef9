//! Bugs planted on purpose: the simulation finds each of them, and says after how many seeds.

use doorstep::planted::{Bug, plant};
use doorstep_sim::{Faults, History, Outcome, history, run, shrink};

/// Seeds tried for each bug.
const SEEDS: u64 = 300;

fn with(bug: Option<Bug>, history: &History) -> Outcome {
    plant(bug);
    let outcome = run(history);
    plant(None);
    outcome
}

#[test]
fn every_planted_bug_is_found_and_is_what_was_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let found = (0..SEEDS).find_map(|seed| {
            let history = history(seed, 3, 1, Faults::Cruel);
            let violation = with(Some(bug), &history).violation?;
            Some((seed + 1, history, violation))
        });
        let Some((seeds, history, violation)) = found else {
            missed.push(bug);
            continue;
        };
        println!("{bug:?}: after {seeds} seeds: {} {}", violation.invariant, violation.what);
        assert_eq!(with(None, &history).violation, None, "{bug:?}: not what was planted");
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

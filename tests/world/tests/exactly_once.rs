//! A tap counts once: tapped twice, from two threads, after a crash, after an error.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::sync::{Arc, Barrier, Mutex};

use doorstep::{base::Id, engine::ActError};
use doorstep_tests::{World, id, knock, repair, start, tap};

/// Mei in front of Mrs Chan's door, with her visit begun.
fn at_the_door() -> (World, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let visit = id("Mei's visit");
    world.work("Mei", &[start(order, visit)]);
    (world, visit)
}

fn events(world: &mut World) -> u64 {
    let streams = world.phone("Mei").engine().state().unwrap().streams;
    streams.iter().filter(|stream| stream.own).map(|stream| stream.seq).sum()
}

#[test]
fn the_same_tap_again_gives_the_first_outcome_and_records_nothing() {
    let (mut world, visit) = at_the_door();
    let four = tap("four raps", knock(visit, 4));
    let first = world.tap("Mei", &four).unwrap();
    assert_eq!(first.findings.len(), 1, "four raps are a finding");
    let recorded = events(&mut world);
    for _ in 0..3 {
        assert_eq!(world.tap("Mei", &four).unwrap(), first);
    }
    // Whatever comes under an id that is taken, it is the first tap.
    let other = tap("four raps", knock(visit, 2));
    assert_eq!(world.tap("Mei", &other).unwrap(), first);
    assert_eq!(events(&mut world), recorded);
}

#[test]
fn of_a_whole_visit_tapped_twice_every_tap_counts_once() {
    let (mut world, visit) = at_the_door();
    let taps = repair(id("R-1001"), visit);
    let mut first = Vec::new();
    for tap in &taps {
        first.push(world.tap("Mei", tap).unwrap());
        assert_eq!(world.tap("Mei", tap).unwrap(), first[first.len() - 1]);
    }
    let recorded = events(&mut world);
    assert_eq!(recorded, taps.len() as u64 + 1, "one event a tap, and the receipt");
    world.phone("Mei").reopen();
    for (tap, first) in taps.iter().zip(&first) {
        assert_eq!(&world.tap("Mei", tap).unwrap(), first, "{:?}", tap.action);
    }
    assert_eq!(events(&mut world), recorded);
    let receipts = world.phone("Mei").engine().receipts().unwrap();
    assert_eq!(receipts.len(), 1);
}

#[test]
fn two_threads_with_one_tap_record_it_once() {
    let (mut world, visit) = at_the_door();
    let recorded = events(&mut world);
    let reading = world.phone("Mei").reading();
    let mei = Mutex::new(world.phone("Mei").engine());
    let barrier = Arc::new(Barrier::new(2));
    let rounds: Vec<_> = (0..40).map(|n| tap(&format!("rap {n}"), knock(visit, 3))).collect();
    let thread = || {
        let outcome = |tap: &doorstep_tests::Tap| {
            barrier.wait();
            mei.lock().unwrap().act(tap.id, &reading, tap.action.clone()).unwrap()
        };
        rounds.iter().map(outcome).collect::<Vec<_>>()
    };
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(thread);
        (thread(), other.join().unwrap())
    });
    assert_eq!(one, two);
    assert_eq!(events(&mut world), recorded + 40);
}

#[test]
fn two_engines_on_one_file_record_a_tap_once() {
    let (mut world, visit) = at_the_door();
    let recorded = events(&mut world);
    let phone = world.phone("Mei");
    let reading = phone.reading();
    let second = doorstep_tests::engine(&phone.path, None, phone.secrets(), "the second").unwrap();
    let (first, second) = (Mutex::new(phone.engine()), Mutex::new(second));
    let taps: Vec<_> = (0..20).map(|n| tap(&format!("rap {n}"), knock(visit, 3))).collect();
    let all = |act: &dyn Fn(&doorstep_tests::Tap) -> doorstep::engine::Done| {
        taps.iter().map(act).collect::<Vec<_>>()
    };
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            all(&|tap| second.lock().unwrap().act(tap.id, &reading, tap.action.clone()).unwrap())
        });
        let one =
            all(&|tap| first.lock().unwrap().act(tap.id, &reading, tap.action.clone()).unwrap());
        (one, other.join().unwrap())
    });
    assert_eq!(one, two);
    assert_eq!(events(&mut world), recorded + 20);
    assert!(world.phone("Mei").engine().doctor().unwrap().problems.is_empty());
}

#[test]
fn an_id_whose_tap_was_refused_is_free_for_the_corrected_tap() {
    let (mut world, visit) = at_the_door();
    let recorded = events(&mut world);
    let wrong = tap("rap", knock(visit, -1));
    for _ in 0..2 {
        assert!(matches!(world.tap("Mei", &wrong), Err(ActError::Step(_))));
    }
    assert_eq!(events(&mut world), recorded);
    let right = tap("rap", knock(visit, 3));
    let done = world.tap("Mei", &right).unwrap();
    assert_eq!(world.tap("Mei", &wrong).unwrap(), done, "now the id is taken");
    assert_eq!(events(&mut world), recorded + 1);
}

#[test]
fn a_visit_tapped_twice_with_two_ids_begins_once() {
    let (mut world, _) = at_the_door();
    let again = start(id("R-1001"), id("another id"));
    assert!(matches!(world.tap("Mei", &again), Err(ActError::AlreadyOpen)));
}

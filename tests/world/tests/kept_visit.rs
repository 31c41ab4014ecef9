//! What the engine keeps from tap to tap is never older than the file.

use doorstep::engine::ActError;
use doorstep_tests::{World, engine, id, knock, start, tap};

/// A world in which Mei stands at the door.
fn at_the_door() -> World {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").expect("Mei is there");
    world.exchange("Mei");
    world.phone("Mei").tap(&start(order, id("Mei's visit"))).expect("the order is hers");
    world
}

#[test]
fn a_knock_recorded_by_another_process_counts_at_the_next_knock() {
    let mut world = at_the_door();
    let visit = id("Mei's visit");
    let mei = world.phone("Mei");
    for name in ["first", "second"] {
        mei.tap(&tap(name, knock(visit, 3))).expect("a knock");
    }
    let mut other = engine(&mei.path, None, mei.secrets(), "another process").expect("opens");
    let reading = mei.reading();
    other.act(id("third"), &reading, knock(visit, 3)).expect("a knock");
    let fourth = mei.tap(&tap("fourth", knock(visit, 3))).expect("a knock");
    assert!(
        fourth.findings.iter().any(|key| key.starts_with("too_often:knock:4")),
        "{:?}",
        fourth.findings
    );
}

#[test]
fn a_refused_tap_and_a_repeated_one_leave_the_visit_as_it_was() {
    let mut world = at_the_door();
    let visit = id("Mei's visit");
    let mei = world.phone("Mei");
    let first = mei.tap(&tap("first", knock(visit, 3))).expect("a knock");
    let refused = mei.tap(&tap("wild", knock(visit, -1)));
    assert!(matches!(refused, Err(ActError::Step(_))), "{refused:?}");
    assert_eq!(mei.tap(&tap("first", knock(visit, 3))).expect("the same again"), first);
    mei.tap(&tap("second", knock(visit, 3))).expect("a knock");
    assert_eq!(mei.engine().visit(visit).expect("hers").times("knock"), 2);
}

#[test]
fn numbers_of_requests_rise_over_restarts_and_the_office_suspects_nothing() {
    let mut world = at_the_door();
    for round in 0..3 {
        world.phone("Mei").tap(&tap(&format!("knock {round}"), knock(id("Mei's visit"), 3))).ok();
        world.exchange("Mei");
        world.phone("Mei").reopen();
        world.exchange("Mei");
    }
    assert!(world.office.devices().iter().all(|device| device.suspect.is_none()));
    assert_eq!(world.phone("Mei").engine().unsent().expect("readable"), 0);
}

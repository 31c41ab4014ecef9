//! Two copies of one phone, of which nobody knows yet.

use doorstep::{engine::EngineOptions, order::Rule};
use doorstep_tests::{Counter, World, id, repair};

/// Mei's phone was copied to a new one and both are in use. Each names the last answer that it stored
/// itself, so that of two answers in turn the earlier one is confirmed: that must count, or the
/// outcome is carried for ever and the order never leaves.
#[test]
fn an_outcome_is_delivered_to_two_copies_that_exchange_in_turn() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    for name in ["Wu", "Mei"] {
        world.office.assign(order, name).unwrap();
        world.exchange(name);
    }
    for name in ["Mei", "Wu"] {
        world.work(name, &repair(order, id(&format!("{name}'s visit"))));
        world.exchange(name);
    }
    world.exchange("Mei");
    // The cloud's backup of Mei's phone comes up on another device, keystore and all.
    let copy_path = world.directory.file("copy of Mei.db");
    let mei = world.phone("Mei");
    mei.kill();
    std::fs::copy(&mei.path, &copy_path).unwrap();
    let secrets = mei.secrets();
    mei.reopen();
    let options = EngineOptions {
        entropy: Box::new(Counter::new("the copy")),
        secrets: Box::new(secrets),
        vfs: None,
    };
    let mut copy = doorstep::engine::Engine::open(&copy_path, options).unwrap();

    let conflict = world.office.conflicts().into_iter().find(|it| it.conflict.rule == Rule::C2);
    let conflict = conflict.unwrap().conflict.key;
    world.office.decide(order, Rule::C2, conflict, Rule::C2.choices()[0].id()).unwrap();
    let device = mei_device(&mut world);
    assert_eq!(undelivered(&world, device), 1);
    let mut told = 0;
    for turn in 0..2 {
        told += world.round_trip("Mei", doorstep_tests::Loss::None).unwrap().outcomes;
        world.pass(1_000);
        let reading = world.phone("Mei").reading();
        let packet = copy.sync_request(&reading).unwrap().bytes;
        let answer = world.office.exchange(&packet).unwrap();
        told += copy.sync_answer(&reading, &answer).unwrap().outcomes;
        assert_eq!(undelivered(&world, device), usize::from(turn == 0), "turn {turn}");
    }
    assert_eq!(told, 2, "both have read it, and each once");
}

fn mei_device(world: &mut World) -> doorstep::base::Id {
    world.phone("Mei").engine().device().unwrap()
}

fn undelivered(world: &World, device: doorstep::base::Id) -> usize {
    world.office.undelivered(device)
}

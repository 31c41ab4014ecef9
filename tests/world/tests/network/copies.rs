//! Two copies of one phone, of which nobody knows yet.

use doorstep::{
    base::Lang,
    engine::{Engine, EngineOptions, Exchanged},
    order::Rule,
};
use doorstep_server::{Clock, Database, back_up, rules::Release};
use doorstep_tests::{Counter, Directory, Tap, World, cny, id, knock, long_bill, repair, tap};

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
    let mut copy = copy_of_mei(&mut world);

    let conflict = world.office.conflicts().into_iter().find(|it| it.conflict.rule == Rule::C2);
    let conflict = conflict.unwrap().conflict.key;
    world.office.decide(order, Rule::C2, conflict, Rule::C2.choices()[0].id()).unwrap();
    let device = mei_device(&mut world);
    assert_eq!(undelivered(&world, device), 1);
    let mut told = 0;
    for turn in 0..2 {
        told += world.round_trip("Mei", doorstep_tests::Loss::None).unwrap().outcomes;
        world.pass(1_000);
        told += round_trip(&mut world, &mut copy).outcomes;
        assert_eq!(undelivered(&world, device), usize::from(turn == 0), "turn {turn}");
    }
    assert_eq!(told, 2, "both have read it, and each once");
}

/// Mei goes on with the new phone, her son with the old one. The visit that he begins comes to the office
/// first; He lets hers count, and she works on. What she does next her son's phone shows, too, though it was
/// written under the certificate that both have.
#[test]
fn both_copies_show_what_is_written_on_the_branch_that_counts() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let mut copy = copy_of_mei(&mut world);
    on_copy(&mut world, &mut copy, &repair(order, id("her son's visit"))[..2]);
    while round_trip(&mut world, &mut copy).more {}
    let taps = repair(order, id("Mei's visit"));
    world.work("Mei", &taps[..3]);
    world.exchange("Mei");
    let held = world.office.held();
    assert_eq!((held.len(), held[0].reason.as_str()), (1, "forked"));
    world.office.release(held[0].id, Release::BranchCounts).unwrap();
    world.exchange("Mei");
    while round_trip(&mut world, &mut copy).more {}
    let agree = |world: &mut World, copy: &Engine| {
        let digests = world.digests(order, &["Mei"]);
        assert_eq!(digests, [copy.order(order).unwrap().digest(); 2]);
    };
    agree(&mut world, &copy);
    // Both are told what to do: the office can't tell them apart.
    let reading = world.phone("Mei").reading();
    for phone in [&copy, &*world.phone("Mei").engine()] {
        let shown = phone.sync_screen(&reading, Lang::En).unwrap();
        assert!(shown.enrol_again_text.unwrap().starts_with("A copy of this phone"));
        assert_eq!(shown.held, 0);
    }

    world.work("Mei", &taps[3..]);
    world.exchange("Mei");
    while round_trip(&mut world, &mut copy).more {}
    agree(&mut world, &copy);
    world.enrol_again("Mei");
    let shown = world.phone("Mei").engine().sync_screen(&reading, Lang::En).unwrap();
    assert_eq!(shown.enrol_again_text, None);
}

/// Both phones hear which branch counts, and both go on in it before they hear of each other: the branch
/// forks once more. He decides that too, and again all show the same; every chain holds, so that a backup
/// counts.
#[test]
fn a_branch_that_counts_forks_once_more() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let mut copy = copy_of_mei(&mut world);
    let begun = |visit: &str| repair(order, id(visit))[..2].to_vec();
    on_copy(&mut world, &mut copy, &begun("her son's visit"));
    while round_trip(&mut world, &mut copy).more {}
    world.work("Mei", &begun("Mei's visit"));
    world.exchange("Mei");
    let let_count = |world: &World| {
        let mut held = world.office.held();
        held.retain(|row| row.reason == "forked" && row.decided.is_none());
        assert_eq!(held.len(), 1);
        world.office.release(held[0].id, Release::BranchCounts).unwrap();
    };
    let_count(&world);
    world.exchange("Mei");
    while round_trip(&mut world, &mut copy).more {}

    let sells = |who: &str, gaskets: usize| -> Vec<Tap> {
        let bill = long_bill(id("Mei's visit"), gaskets, cny(0));
        let named = bill[..gaskets + 2].iter().zip(0..);
        named.map(|(of, at)| tap(&format!("{who} sells {at}"), of.action.clone())).collect()
    };
    on_copy(&mut world, &mut copy, &sells("her son", 1));
    while round_trip(&mut world, &mut copy).more {}
    world.work("Mei", &sells("Mei", 2));
    world.exchange("Mei");
    let_count(&world);
    for _ in 0..2 {
        world.exchange("Mei");
        while round_trip(&mut world, &mut copy).more {}
    }
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests, [copy.order(order).unwrap().digest(); 2]);
    let visit = world.office.order(order).state.visits.remove(&id("Mei's visit")).unwrap();
    assert_eq!(visit.charged, Some(cny(280)), "both gaskets that Mei sold, not her son's one");
    for phone in [&copy, &*world.phone("Mei").engine()] {
        assert_eq!(phone.doctor().unwrap().problems, Vec::<String>::new());
        assert_eq!(phone.unsent().unwrap(), 0);
    }
    let night = Directory::new();
    let live = world.directory.file("server.db");
    back_up(Database::File(&live), &night.file("night.db"), world.clock.now()).unwrap();
}

/// Mei ends her visit, and the server loses that in a restore. Her son's phone ends it otherwise, and comes
/// first. Hers begins with what the server never had in the past that it now knows: all of it must come.
#[test]
fn a_copied_phone_brings_a_restored_server_its_whole_past() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    let taps = repair(order, id("Mei's visit"));
    world.work("Mei", &taps[..2]);
    let mut copy = copy_of_mei(&mut world);
    world.work("Mei", &taps[2..4]);
    world.exchange("Mei");
    world.office = backup;
    world.pass(1);
    world.office.begin_epoch();
    let again = [1, 2].map(|raps| tap(&format!("knock {raps}"), knock(id("Mei's visit"), raps)));
    on_copy(&mut world, &mut copy, &again);
    while round_trip(&mut world, &mut copy).more {}
    world.work("Mei", &taps[4..5]);
    world.exchange("Mei");
    let held = world.office.held();
    let whole = held.iter().find(|row| row.reason == "forked" && row.stream.subject.id == order);
    let (from, events) = whole.map(|row| (row.from, row.events)).unwrap();
    assert!(from == 1 && events >= 5, "from {from}, {events} events");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
}

/// The cloud's backup of Mei's phone comes up on another device, keystore and all.
fn copy_of_mei(world: &mut World) -> Engine {
    let path = world.directory.file("copy of Mei.db");
    let mei = world.phone("Mei");
    mei.kill();
    std::fs::copy(&mei.path, &path).unwrap();
    let secrets = mei.secrets();
    mei.reopen();
    let entropy = Box::new(Counter::new("the copy"));
    let options = EngineOptions { entropy, secrets: Box::new(secrets), vfs: None };
    Engine::open(&path, options).unwrap()
}

fn on_copy(world: &mut World, copy: &mut Engine, taps: &[Tap]) {
    for tap in taps {
        world.pass(30_000);
        let reading = world.phone("Mei").reading();
        let action = tap.on(copy);
        copy.act(tap.id, &reading, action).unwrap();
    }
}

fn round_trip(world: &mut World, copy: &mut Engine) -> Exchanged {
    let reading = world.phone("Mei").reading();
    let packet = copy.sync_request(&reading).unwrap().bytes;
    let answer = world.office.exchange(&packet).unwrap();
    copy.sync_answer(&reading, &answer).unwrap()
}

fn mei_device(world: &mut World) -> doorstep::base::Id {
    world.phone("Mei").engine().device().unwrap()
}

fn undelivered(world: &World, device: doorstep::base::Id) -> usize {
    world.office.undelivered(device)
}

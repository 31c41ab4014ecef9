//! What an exchange costs does not grow with a phone's years: sums and short lists are kept, and what
//! is kept stays true.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    log::{HeldSum, Writer},
    store::Store,
};
use doorstep_tests::{Directory, World, id, repair};

/// Mei did a repair, and the office has it.
fn worked() -> World {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    world.exchange("Mei");
    world
}

/// What Mei's phone keeps, and what the office keeps of it.
fn sums(world: &mut World) -> [HeldSum; 2] {
    let engine = world.phone("Mei").engine();
    let device = engine.device().unwrap();
    let here = engine.store().read().held_sum(&Writer::Device(device)).unwrap();
    [here, world.office.stored(device).held]
}

#[test]
fn phone_and_office_keep_the_same_sum_over_work_and_a_new_certificate() {
    let mut world = worked();
    let [here, there] = sums(&mut world);
    assert!(here.events > 20);
    assert_eq!(here, there);

    world.enrol_again("Mei");
    assert_eq!(sums(&mut world), [HeldSum::default(); 2], "nothing is written under it yet");
    let order = world.office.open("R-2");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's second visit")));
    world.exchange("Mei");
    let [here, there] = sums(&mut world);
    assert!(here.events > 20);
    assert_eq!(here, there);
    assert!(world.office.devices().iter().all(|device| device.suspect.is_none()));
}

#[test]
fn the_doctor_finds_a_sum_that_is_not_the_streams_and_takes_it_anew() {
    let mut world = worked();
    let right = sums(&mut world);
    world.phone("Mei").kill();
    let file = rusqlite::Connection::open(&world.phone("Mei").path).unwrap();
    file.execute("UPDATE held_sum SET sum = zeroblob(32)", []).unwrap();
    drop(file);
    world.phone("Mei").reopen();
    let problems = world.phone("Mei").engine().doctor_rebuild().unwrap().problems;
    assert!(matches!(&problems[..], [it] if it.contains("sum")), "{problems:?}");
    assert_eq!(world.phone("Mei").engine().doctor().unwrap().problems, Vec::<String>::new());
    assert_eq!(sums(&mut world), right);
    world.exchange("Mei");
    assert!(world.office.devices().iter().all(|device| device.suspect.is_none()));
}

#[test]
fn keys_of_orders_that_others_wrote_about_go_to_a_restored_server_once() {
    let mut world = World::with_phones();
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.office = backup;
    world.pass(1);
    world.office.begin_epoch();
    world.exchange("Mei");
    assert_eq!(world.office.order(order).customer.unwrap().name.reveal(), "Mrs Chan");
    let store: &Store = world.phone("Mei").engine().store();
    let unsent = store.unsent_keys().unwrap();
    assert_eq!((unsent.boxes.len(), unsent.keys.len()), (0, 0));
}

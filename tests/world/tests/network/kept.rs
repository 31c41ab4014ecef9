//! Whatever is done to a phone, what it has not sent leaves it first, and the server takes it.

use doorstep::{
    engine::{EngineOptions, Packet},
    store::{OpenError, SCHEMA_VERSION},
};
use doorstep_server::store::RevokeReason;
use doorstep_tests::{Counter, World, id, repair};

/// Mei at work on an order, with a visit that nobody has heard of.
fn at_work() -> (World, doorstep::base::Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    (world, order)
}

/// What has to leave the phone.
fn files(world: &mut World) -> Vec<Packet> {
    let reading = world.phone("Mei").reading();
    world.phone("Mei").engine().request_files(&reading).unwrap()
}

/// The office takes the files, and the visit is there, whole.
fn taken(world: &World, order: doorstep::base::Id, files: &[Packet]) {
    for file in files {
        world.office.exchange(&file.bytes).unwrap();
    }
    let visits = world.office.order(order).state.visits;
    assert_eq!(visits.len(), 1);
    assert!(visits.values().all(|visit| visit.finished.is_some()));
    assert_eq!(world.office.held(), []);
}

#[test]
fn a_downgrade_opens_nothing_and_harms_nothing() {
    let (mut world, order) = at_work();
    let path = world.phone("Mei").path.clone();
    let secrets = world.phone("Mei").secrets();
    world.phone("Mei").kill();
    // A later version of the app has been here.
    let version = |version: i64| {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.pragma_update(None, "user_version", version).unwrap();
    };
    version(SCHEMA_VERSION + 1);
    let open = |secrets| {
        let entropy = Box::new(Counter::new("again"));
        let options = EngineOptions { entropy, secrets: Box::new(secrets), vfs: None };
        doorstep::engine::Engine::open(&path, options)
    };
    let refused = open(secrets);
    assert!(matches!(refused, Err(OpenError::TooNew { .. })));
    version(SCHEMA_VERSION);
    world.phone("Mei").reopen();
    let files = files(&mut world);
    taken(&world, order, &files);
}

#[test]
fn a_revoked_phones_work_leaves_as_a_file_and_is_admitted_or_held_but_never_lost() {
    let (mut world, order) = at_work();
    let reading = world.phone("Mei").reading();
    // The office has heard of this boot; the phone is then replaced, and can't connect any more.
    world.request("Mei");
    world.phone("Mei").engine().sync_failed(reading.wall, doorstep::sync::Trouble::Offline, None);
    world.pass(60_000);
    let device = world.phone("Mei").engine().device().unwrap();
    world.office.revoke(device, RevokeReason::Replaced).unwrap();
    let files = files(&mut world);
    taken(&world, order, &files);

    let (mut world, order) = at_work();
    let device = world.phone("Mei").engine().device().unwrap();
    world.office.revoke(device, RevokeReason::Lost).unwrap();
    let reading = world.phone("Mei").reading();
    for file in world.phone("Mei").engine().request_files(&reading).unwrap() {
        world.office.exchange(&file.bytes).unwrap();
    }
    let held = world.office.held();
    assert!(!held.is_empty() && held.iter().all(|row| row.reason == "revoked"));
    for row in held {
        world.office.release(row.id, doorstep_server::rules::Release::Admit).unwrap();
    }
    assert_eq!(world.office.order(order).state.visits.len(), 1);
}

#[test]
fn enrolment_anew_keeps_what_was_unsent_and_it_can_leave_as_a_file() {
    let (mut world, order) = at_work();
    let unsent = world.phone("Mei").engine().unsent().unwrap();
    world.enrol_again("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), unsent);
    let files = files(&mut world);
    taken(&world, order, &files);
}

#[test]
fn a_file_set_aside_is_opened_again_and_gives_up_its_work() {
    let (mut world, order) = at_work();
    let secrets = world.phone("Mei").secrets();
    // Reset: the app puts its file aside and begins a new one. Nothing in it is deleted.
    let aside = world.phone("Mei").take_engine().reset("reset").unwrap();
    let entropy = Box::new(Counter::new("support"));
    let options = EngineOptions { entropy, secrets: Box::new(secrets), vfs: None };
    let mut engine = doorstep::engine::Engine::open(&aside, options).unwrap();
    let reading = world.phone("Mei").reading();
    let leave = engine.leave(&reading).unwrap();
    assert!(!leave.everything_sent);
    taken(&world, order, &leave.files);
}

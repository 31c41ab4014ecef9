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
fn log_out_reset_and_purge_are_refused_until_the_work_is_safe_or_has_left_as_a_file() {
    let (mut world, order) = at_work();
    let reading = world.phone("Mei").reading();
    let before = world.phone("Mei").engine().leave(&reading).unwrap();
    assert!(!before.everything_sent);
    assert_eq!(before.unsent, world.phone("Mei").engine().unsent().unwrap());
    // The file alone is enough: the phone can lie in the harbour.
    let path = world.phone("Mei").path.clone();
    world.phone("Mei").kill();
    std::fs::remove_file(path).unwrap();
    taken(&world, order, &before.files);
}

#[test]
fn a_phone_that_sent_everything_may_go_and_shows_the_offices_word_for_it() {
    let (mut world, _) = at_work();
    world.exchange("Mei");
    // The office's word on the last event comes with the next exchange.
    world.exchange("Mei");
    let reading = world.phone("Mei").reading();
    let leave = world.phone("Mei").engine().leave(&reading).unwrap();
    assert!(leave.everything_sent && leave.unsent == 0 && leave.files.is_empty());
    let signed = leave.statement.unwrap();
    let company = world.office.company_key();
    let statement = doorstep::sync::Statement::open(&company, &signed).unwrap();
    assert_eq!(Some(statement.device), world.phone("Mei").engine().device());
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
    let path = world.phone("Mei").path.clone();
    let secrets = world.phone("Mei").secrets();
    world.phone("Mei").kill();
    // Reset: the app puts its file aside and begins a new one. Nothing in it is deleted.
    let aside = doorstep::store::set_aside(&path, "reset").unwrap();
    let entropy = Box::new(Counter::new("support"));
    let options = EngineOptions { entropy, secrets: Box::new(secrets), vfs: None };
    let mut engine = doorstep::engine::Engine::open(&aside, options).unwrap();
    let reading = world.phone("Mei").reading();
    let leave = engine.leave(&reading).unwrap();
    assert!(!leave.everything_sent);
    taken(&world, order, &leave.files);
}

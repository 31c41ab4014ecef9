//! The server goes back to last night's backup. Phones bring back what they hold, the office's own
//! events included, and nothing is handed out twice.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::Id,
    engine::SecretStore,
    event::{Event, OrderAssigned},
    log::{Chain, DeviceKeys, Seal, StreamId, Subject, Tail, Writer},
    sync::{RequestPacket, seal_request},
};
use doorstep_server::{Clock, Database, back_up, rules::Release, store::RevokeReason};
use doorstep_tests::{Directory, Loss, Office, World, id, repair};

/// Mei carries R-1 when the server is backed up: the world, the order, where the backup is, and a server of it.
fn backed_up() -> (World, Id, Directory, Office) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    (world, order, night, backup)
}

#[test]
fn what_a_restored_server_lost_comes_back_from_the_phones() {
    let (mut world, old, _night, backup) = backed_up();

    // After the backup: another order, work on both, all of it with the server that is then lost.
    let lost = world.office.open("R-2");
    world.office.assign(lost, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(old, id("Mei's visit")));
    world.exchange("Mei");
    world.work("Mei", &repair(lost, id("Mei's second visit"))[..9]);
    world.exchange("Mei");
    world.office.assign(lost, "Wu").unwrap();
    world.exchange("Mei");
    world.exchange("Wu");
    let digests = [old, lost].map(|order| world.digests(order, &["Mei"]));
    let receipts = world.phone("Mei").engine().receipts().unwrap().len();

    world.office = backup;
    let first = world.office.begin_epoch();
    world.pass(1);
    assert!(world.office.begin_epoch() > first, "the same backup restored twice is another epoch");
    for name in ["Wu", "Mei", "Wu", "Mei"] {
        let exchanged = world.exchange(name);
        assert_eq!(exchanged.refused, 0, "{name}");
    }
    for (order, before) in [old, lost].into_iter().zip(digests) {
        assert_eq!(world.digests(order, &["Mei"]), before);
    }
    assert_eq!(world.office.held(), []);
    for device in world.office.devices() {
        assert_eq!((device.suspect.as_deref(), device.unsent), (None, 0));
    }
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    // The customer's data of the order that was lost can be read again.
    let customer = world.office.order(lost).customer.unwrap();
    assert_eq!(customer.name.reveal(), "Mrs Chan");

    // Life goes on: the office writes in its new epoch, receipts go on behind the last number.
    world.office.assign(lost, "Mei").unwrap();
    world.exchange("Mei");
    let rest = repair(lost, id("Mei's second visit"));
    world.work("Mei", &rest[9..]);
    world.exchange("Mei");
    let now = world.phone("Mei").engine().receipts().unwrap();
    assert_eq!(now.len(), receipts + 1);
    assert!(now.iter().zip(1..).all(|(receipt, number)| receipt.counter == number));
    let digests = world.digests(lost, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_server_put_back_to_before_its_last_epoch_notices_and_writes_under_no_name_used_before() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.exchange("Mei");
    let nights = [Directory::new(), Directory::new()];
    let backup = world.office.copied(&world.directory, &nights[0], &world.clock);
    let again = world.office.copied(&world.directory, &nights[1], &world.clock);
    // Of the first epoch, and in no backup.
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.office = backup;
    world.pass(1);
    let second = world.office.begin_epoch();
    world.exchange("Mei");

    // The same backup once more, and nobody says so.
    world.office = again;
    world.pass(1);
    let first = world.office.epoch();
    let request = world.request("Mei");
    world.office.exchange(&request.bytes).unwrap();
    assert!(first < second && world.office.epoch() > second);
    world.office.open("R-2");
    world.exchange("Mei");
    world.exchange("Mei");
    assert_eq!(world.office.held(), []);
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    assert_eq!(world.office.order(order).state.assigned_to, Some(id("Mei")));
}

/// Mei's phone only read since the backup, nobody said that the server was restored, and before she is back the
/// office wrote as much for her again, and more: her place in her changes is there again, and another's.
#[test]
fn what_a_restored_server_wrote_over_what_a_phone_had_read_reaches_it_all_the_same() {
    let (mut world, first, _night, backup) = backed_up();
    let lost = world.office.open("R-2");
    world.office.assign(lost, "Mei").unwrap();
    world.exchange("Mei");

    world.office = backup;
    world.pass(1);
    let epoch = world.office.epoch();
    let mut again = Vec::new();
    for number in ["R-3", "R-4", "R-5"] {
        let order = world.office.open(number);
        world.office.assign(order, "Mei").unwrap();
        again.push(order);
        // Her other orders enter her changes as a colleague's exchange moves them there, too.
        world.office.assign(first, "Wu").unwrap();
        world.exchange("Wu");
        world.office.assign(first, "Mei").unwrap();
        world.exchange("Wu");
    }
    world.exchange("Mei");
    world.exchange("Mei");
    assert!(world.office.epoch() > epoch, "the place it had read to was put there at another time");
    for order in again.into_iter().chain([first, lost]) {
        let digests = world.digests(order, &["Mei"]);
        assert_eq!(digests[0], digests[1]);
        assert_eq!(world.office.order(order).state.assigned_to, Some(id("Mei")));
    }
    assert_eq!(world.office.held(), []);
}

#[test]
fn work_that_was_on_its_way_when_its_order_was_lost_alarms_nobody() {
    let mut world = World::with_phones();
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("visit"))[..3]);
    world.office = backup;
    world.office.begin_epoch();
    // Her request was made before she could know.
    world.round_trip("Mei", Loss::None);
    assert_eq!(world.office.held(), []);
    world.exchange("Mei");
    assert_eq!(world.office.held(), []);
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn what_was_held_of_a_revoked_phone_is_held_again_after_a_restore() {
    for reason in [RevokeReason::Lost, RevokeReason::Left] {
        let mut world = World::with_phones();
        let order = world.office.open("R-1");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        let device = world.phone("Mei").engine().device().unwrap();
        world.office.revoke(device, reason).unwrap();
        world.exchange("Mei");
        let night = Directory::new();
        let backup = world.office.copied(&world.directory, &night, &world.clock);
        world.work("Mei", &repair(order, id("visit"))[..3]);
        world.exchange("Mei");
        let events = |world: &World| world.office.held().iter().map(|row| row.events).max();
        assert_eq!(events(&world), Some(3), "{reason:?}");
        world.office = backup;
        world.office.begin_epoch();
        assert_eq!(events(&world), None);
        world.exchange("Mei");
        assert_eq!(events(&world), Some(3), "{reason:?}");
    }
}

/// Mei's phone was lost, and what it had recorded came in after all; He let it count, and Wu, who has the order now,
/// was told. Then the server goes back to before that. Wu's phone brings Mei's work and what He said of it, in
/// either order, and nobody is asked twice: it counts as far as his word names it. What Mei's phone recorded
/// since, in whoever's hands, is held.
#[test]
fn work_that_was_let_count_of_a_revoked_phone_counts_again_after_a_restore() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.office.assign(order, "Wu").unwrap();
    let device = world.phone("Mei").engine().device().unwrap();
    world.office.revoke(device, RevokeReason::Lost).unwrap();
    world.exchange("Wu");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);

    let work = repair(order, id("visit"));
    world.work("Mei", &work[..5]);
    world.exchange("Mei");
    let held = world.office.held();
    assert_eq!(held.len(), 1);
    world.office.release(held[0].id, Release::Admit).unwrap();
    world.exchange("Wu");
    let before = world.digests(order, &["Wu"]);
    assert_eq!(before[0], before[1]);

    world.office = backup;
    world.pass(1);
    world.office.begin_epoch();
    world.exchange("Wu");
    world.exchange("Wu");
    assert_eq!(world.digests(order, &["Wu"]), before, "as it was, without asking anybody");
    assert!(world.office.held().iter().all(|row| row.decided.is_some()));

    // The lost phone goes on: that is another matter, and waits for a word of its own.
    world.work("Mei", &work[5..7]);
    world.exchange("Mei");
    let waits: Vec<_> = world.office.held();
    assert!(waits.iter().any(|row| row.decided.is_none()), "{waits:?}");
    assert_eq!(world.digests(order, &["Wu"]), before);
}

/// The answer that brings R-1 is lost, and the next one says at once that it is Wu's now: Mei's phone has it
/// and no key to it. Before it can ask what a backup covers of it, the network goes. When she is back, the
/// server was restored: one answer says so, and lets her phone let go of R-1. What is gone it can't offer.
#[test]
fn a_phone_that_lets_go_of_an_order_as_it_hears_of_a_restore_comes_to_rest() {
    let mut world = World::with_phones();
    world.exchange("Mei");
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.round_trip("Mei", Loss::Answer);
    world.office.assign(order, "Wu").unwrap();
    let nights = [Directory::new(), Directory::new()];
    let live = world.directory.file("server.db");
    let file = nights[0].file("night.db");
    back_up(Database::File(&live), &file, world.clock.now()).unwrap();
    assert!(world.round_trip("Mei", Loss::None).unwrap().more);

    world.office = world.office.copied(&world.directory, &nights[1], &world.clock);
    world.office.begin_epoch();
    let exchanged = world.exchange("Mei");
    assert_eq!((exchanged.purged, exchanged.refused), (1, 0));
    world.exchange("Wu");
    let digests = world.digests(order, &["Wu"]);
    assert_eq!(digests[0], digests[1]);
}

/// Wu's phone was enrolled after the backup. Mei carries his order since, and his phone fell into the harbour.
#[test]
fn the_work_of_a_phone_that_the_restored_server_forgot_comes_back_from_a_colleagues() {
    let mut world = World::new();
    world.enrol("Mei");
    let order = world.office.open("R-1");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    world.enrol("Wu");
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    world.work("Wu", &repair(order, id("Wu's visit"))[..9]);
    world.exchange("Wu");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let before = world.digests(order, &["Mei"]);

    world.office = backup;
    world.office.begin_epoch();
    world.exchange("Mei");
    assert_eq!(world.office.held(), []);
    assert_eq!(world.digests(order, &["Mei"]), before);
    // It comes up after all, and is known.
    world.exchange("Wu");
    assert_eq!(world.office.held(), []);
}

/// All that the server lost was held back, and nobody said that it was restored: no number of events tells.
#[test]
fn a_server_that_lost_only_what_it_held_back_notices() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let device = world.phone("Mei").engine().device().unwrap();
    world.office.revoke(device, RevokeReason::Left).unwrap();
    world.exchange("Mei");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    world.work("Mei", &repair(order, id("visit"))[..3]);
    world.exchange("Mei");
    let events = |world: &World| world.office.held().iter().map(|row| row.events).max();
    assert_eq!(events(&world), Some(3));

    world.office = backup;
    world.pass(1);
    let first = world.office.epoch();
    world.exchange("Mei");
    assert_eq!((world.office.epoch() > first, events(&world)), (true, Some(3)));
}

#[test]
fn a_phone_cannot_write_for_the_office_by_bringing_its_stream_back() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let secret = world.phone("Mei").secrets().load().unwrap().unwrap();
    let keys = DeviceKeys::from_secret(&secret).unwrap();
    let device = world.phone("Mei").engine().device().unwrap();
    let packet = world.request("Mei").bytes;
    let parsed = RequestPacket::parse(&packet).unwrap();
    let mut request = parsed.open(&keys.public().signing).unwrap();
    // An epoch that nobody knows, and an assignment that the office never made.
    let stream = StreamId::new(Subject::work_order(order), Writer::Office(9));
    let event = Event {
        action: id("never done"),
        actor: id("He"),
        visit: None,
        clock: request.clock,
        seen: None,
        payload: OrderAssigned { to: id("Wu") }.into(),
        private: Default::default(),
    };
    let bytes = event.encode();
    let chain = Chain::start(&stream).then(&bytes);
    let seal = Seal::make(&keys.sign_key(), stream, chain, 1);
    let seal = Some(seal.bytes().to_vec().into());
    request.tails.push(Tail { stream, from: 1, events: vec![bytes.into()], seal });
    request.requests += 1;
    let forged = seal_request(&keys.sign_key(), &device.as_bytes()[..], &request);
    world.office.exchange(&forged).unwrap();
    let held = world.office.held();
    assert_eq!((held.len(), held[0].reason.as_str()), (1, "not-yours"));
    assert_eq!(world.office.order(order).state.assigned_to, Some(id("Mei")));
}

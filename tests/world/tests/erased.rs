//! A customer asked to be forgotten: what of it must not come back, whoever brings it.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::Id,
    log::{Class, Subject},
};
use doorstep_server::{Clock, Database, back_up};
use doorstep_tests::{Directory, Loss, World, id, no_access, repair, start};

/// Mei found nobody and Wu was given the order; both phones carry it and its keys.
fn two_phones() -> (World, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &no_access(order, id("visit")));
    world.exchange("Mei");
    world.office.assign(order, "Wu").unwrap();
    for name in ["Wu", "Mei"] {
        world.exchange(name);
    }
    (world, order)
}

#[test]
fn a_restored_server_takes_no_destroyed_key_back_from_a_phone_that_has_not_heard() {
    let (mut world, order) = two_phones();
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    world.office.cancel(order).unwrap();
    world.office.erase(order).unwrap();
    assert_eq!(world.office.keys_of(&Subject::work_order(order)), [Class::Money]);
    world.exchange("Wu");

    world.office = backup;
    world.office.begin_epoch();
    // Mei's phone learns of the new epoch and makes its offer before anybody else brings the erasure.
    world.round_trip("Mei", Loss::None);
    let offer = world.request("Mei");
    world.exchange("Wu");
    assert_eq!(
        world.office.keys_of(&Subject::work_order(order)),
        [Class::Money],
        "Wu brought the erasure back"
    );
    world.office.exchange(&offer.bytes).unwrap();
    assert_eq!(world.office.keys_of(&Subject::work_order(order)), [Class::Money], "and Mei no key");
    assert!(world.office.order(order).customer.is_none());
}

#[test]
fn with_the_record_of_the_work_its_photos_go_on_the_server_and_on_the_phone() {
    let mut world = World::with_phones();
    let [order, other] = ["R-1", "R-2"].map(|number| world.office.open(number));
    for order in [order, other] {
        world.office.assign(order, "Mei").unwrap();
    }
    world.exchange("Mei");
    let taps = repair(order, id("visit"));
    world.work("Mei", &taps[..1]);
    let sent = world.photo("Mei", id("visit"), "the burner");
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    let unsent = world.photo("Mei", id("visit"), "the flue");
    world.work("Mei", &taps[1..]);
    world.work("Mei", &[start(other, id("other visit"))]);
    let kept = world.photo("Mei", id("other visit"), "another kitchen");
    world.exchange("Mei");
    let part = world.phone("Mei").engine().photo_request().unwrap().unwrap();

    world.office.erase(order).unwrap();
    // The part was on its way: it is told that nothing more is wanted, and leaves nothing behind.
    world.office.photo_part(&part.bytes).unwrap();
    assert_eq!(photo_bytes(&world.directory, "server.db"), 0);
    for address in [sent, unsent] {
        let code = world.office.photo(order, &address).unwrap_err().code;
        assert_eq!(code, "photo-erased");
    }
    world.exchange("Mei");
    let engine = world.phone("Mei").engine();
    for address in [sent, unsent] {
        assert!(engine.photo(&address).is_err() && engine.thumbnail(&address).is_err());
    }
    assert_eq!(engine.photo(&kept).unwrap().unwrap(), b"another kitchen");
    assert_eq!(engine.doctor().unwrap().problems, [""; 0]);
    // Nobody waits for them, and a backup without them is one.
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    world.exchange("Mei");
    assert!(world.phone("Mei").engine().nothing_unsent().unwrap().unwrap().holds_all());
    assert_eq!(world.office.photo(other, &kept).unwrap(), b"another kitchen");
    let live = world.directory.file("server.db");
    let to = world.directory.file("night.db");
    let night = back_up(Database::File(&live), &to, world.clock.now()).unwrap();
    assert_eq!(night.photos, 1);
}

#[test]
fn one_photo_goes_alone_and_a_restored_server_takes_it_from_nobody() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &[start(order, id("visit"))]);
    let kept = world.photo("Mei", id("visit"), "the burner");
    let hers = world.photo("Mei", id("visit"), "Mrs Chan at the stove");
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);

    let unknown = world.office.erase_photos(order, &[doorstep::base::Hash::of(&[b"?"])]);
    assert_eq!(unknown.unwrap_err().code, "photo-unknown");
    world.office.erase_photos(order, &[hers]).unwrap();
    assert_eq!(world.office.photo(order, &hers).unwrap_err().code, "photo-erased");
    assert_eq!(world.office.photo(order, &kept).unwrap(), b"the burner");
    world.exchange("Mei");
    let engine = world.phone("Mei").engine();
    assert!(engine.photo(&hers).is_err() && engine.thumbnail(&hers).is_err());
    assert_eq!(engine.photo(&kept).unwrap().unwrap(), b"the burner");
    assert_eq!(engine.doctor().unwrap().problems, [""; 0]);
    assert_eq!(world.office.keys_of(&Subject::work_order(order)).len(), 3, "the record stays");

    // The server of before still has it, until the phone brings the office's word back.
    world.office = backup;
    world.office.begin_epoch();
    assert_eq!(world.office.photo(order, &hers).unwrap(), b"Mrs Chan at the stove");
    world.round_trip("Mei", Loss::None);
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    assert_eq!(world.office.photo(order, &hers).unwrap_err().code, "photo-erased");
    assert_eq!(world.office.photo(order, &kept).unwrap(), b"the burner");
    assert_eq!(world.digests(order, &["Mei"]).windows(2).filter(|it| it[0] != it[1]).count(), 0);
}

#[test]
fn what_is_written_after_the_erasure_was_heard_of_is_sealed_under_a_key_that_nobody_keeps() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.office.cancel(order).unwrap();
    world.office.erase(order).unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("visit"))[..6]);
    world.photo("Mei", id("visit"), "the burner");
    let read = world.phone("Mei").engine().store().read();
    for class in [Class::Contact, Class::Service] {
        assert_eq!(read.key(&Subject::work_order(order), class).unwrap(), None);
    }
    world.exchange("Mei");
    assert_eq!(world.office.keys_of(&Subject::work_order(order)), [Class::Money]);
}

/// Bytes of photos that a server's file holds.
fn photo_bytes(directory: &Directory, file: &str) -> i64 {
    let db = rusqlite::Connection::open(directory.file(file)).unwrap();
    let sql = "SELECT coalesce(sum(length(bytes)), 0) FROM photo_part";
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

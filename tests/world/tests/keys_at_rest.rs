//! Mei's phone is read by somebody who has its file and not its secret store; and Mei's own secret store
//! is emptied by an update of the phone.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::fs;

use doorstep::{
    base::Id,
    engine::{Action, SecretStore},
    log::{Class, Subject, SubjectKey},
};
use doorstep_tests::{World, cny, id, repair, tap};

/// Mei repairs Mrs Chan's cooker, money and a picture taken, and the office has none of it.
fn worked() -> (World, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &[tap("the bag", Action::StartShift { float: cny(10_000) })]);
    let visit = repair(order, id("Mei's visit"));
    // Up to before the farewell, so that a picture can still be taken.
    world.work("Mei", &visit[..visit.len() - 2]);
    (world, order)
}

fn key(world: &mut World, subject: Subject, class: Class) -> Option<SubjectKey> {
    world.phone("Mei").engine().store().read().key(&subject, class).unwrap()
}

fn series(world: &mut World) -> Subject {
    Subject::receipt_series(world.phone("Mei").engine().device().unwrap())
}

#[test]
fn the_file_alone_opens_nothing() {
    let (mut world, order) = worked();
    let series = series(&mut world);
    let order = Subject::work_order(order);
    let keys = [(order, Class::Contact), (order, Class::Service), (series, Class::Money)];
    let keys = keys.map(|(subject, class)| key(&mut world, subject, class).unwrap());
    world.phone("Mei").kill();
    let name = |ending: &str| world.directory.file(&format!("Mei.db{ending}"));
    for ending in ["", "-wal"] {
        let bytes = fs::read(name(ending)).unwrap_or_default();
        for key in &keys {
            assert!(!bytes.windows(32).any(|window| window == key.as_bytes()), "Mei.db{ending}");
        }
    }
    // Somebody else's phone opens the file, with its own secret store.
    let secret = world.phone("Wu").secrets().load().unwrap().unwrap();
    world.phone("Mei").secrets().keep(&secret).unwrap();
    world.phone("Mei").reopen();
    assert!(world.phone("Mei").engine().identity().is_none());
    assert_eq!(key(&mut world, order, Class::Contact), None);
}

#[test]
fn keys_made_on_a_phone_reach_the_office_although_its_secret_store_was_emptied() {
    let (mut world, order) = worked();
    let old = series(&mut world);
    let made = key(&mut world, old, Class::Money).unwrap();
    world.phone("Mei").secrets().keep(&[]).unwrap();
    world.phone("Mei").reopen();
    assert_eq!(key(&mut world, old, Class::Money), None);
    let left = world.phone("Mei").engine().unsent().unwrap();
    assert!(left > 0);

    world.enrol_again("Mei");
    world.exchange("Mei");
    assert_eq!(world.office.key_bytes(&old), [(Class::Money, *made.as_bytes())]);
    // The office gives back what it has of the orders she carries; the phone reads them again.
    assert!(key(&mut world, Subject::work_order(order), Class::Contact).is_some());
    let unsent = world.phone("Mei").engine().store().unsent_keys().unwrap();
    assert_eq!((unsent.boxes.len(), unsent.keys.len()), (0, 0));
    let report = world.phone("Mei").engine().doctor().unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn a_phone_enrolled_again_with_its_secrets_keeps_every_key() {
    let (mut world, order) = worked();
    let old = series(&mut world);
    let picture = world.photo("Mei", id("Mei's visit"), "the valve");
    let before = [(old, Class::Money), (Subject::work_order(order), Class::Service)]
        .map(|(subject, class)| key(&mut world, subject, class).unwrap());
    world.enrol_again("Mei");
    world.phone("Mei").reopen();
    let after = [(old, Class::Money), (Subject::work_order(order), Class::Service)]
        .map(|(subject, class)| key(&mut world, subject, class).unwrap());
    assert!(before == after);
    assert_eq!(world.phone("Mei").engine().photo(&picture).unwrap().unwrap(), b"the valve");
}

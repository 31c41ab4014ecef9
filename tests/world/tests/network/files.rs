//! Sneakernet: a request as a file, carried by a colleague or on a stick; its answer as a file.

use doorstep::engine::ExchangeError;
use doorstep_tests::{MINUTE, World, id, repair, start};

#[test]
fn a_file_is_carried_twice_and_its_answer_comes_late() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    let reading = world.phone("Mei").reading();
    let files = world.phone("Mei").engine().request_files(&reading).unwrap();
    let [file] = &files[..] else { panic!("a day fits into one file") };
    assert!(file.events > 30);
    // Meanwhile she goes on; the file is handed in at the desk twice, by two colleagues.
    let next = world.office.open("R-2");
    world.office.assign(next, "Mei").unwrap();
    world.pass(90 * MINUTE);
    let first = world.office.exchange(&file.bytes).unwrap();
    let second = world.office.exchange(&file.bytes).unwrap();
    assert_eq!(world.office.order(order).state.visits.len(), 1);
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), file.events as u64);
    // Her phone dies once, and is over the air before the answer comes back.
    world.phone("Mei").reopen();
    world.exchange("Mei");
    let listed = world.phone("Mei").engine().state().unwrap().listed;
    assert!(listed.contains(&next));
    let reading = world.phone("Mei").reading();
    let taken = world.phone("Mei").engine().take_answer_file(&reading, &second).unwrap();
    assert_eq!((taken.sent, taken.refused), (0, 0), "all of it was known by then");
    let again = world.phone("Mei").engine().take_answer_file(&reading, &first);
    assert!(matches!(again, Err(ExchangeError::NothingAsked)));
    // What was older did not put her back.
    let exchanged = world.exchange("Mei");
    assert_eq!((exchanged.received, exchanged.refused), (0, 0));
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    assert_eq!(world.phone("Mei").engine().doctor_rebuild().unwrap().problems, [""; 0]);
    let device = &world.office.devices()[0];
    assert_eq!((device.suspect.as_deref(), device.held), (None, 0));
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_phone_without_any_network_works_from_files_alone() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    let by_file = |world: &mut World| {
        let reading = world.phone("Mei").reading();
        for file in world.phone("Mei").engine().request_files(&reading).unwrap() {
            let answer = world.office.exchange(&file.bytes).unwrap();
            world.phone("Mei").engine().take_answer_file(&reading, &answer).unwrap();
        }
    };
    by_file(&mut world);
    world.work("Mei", &repair(order, id("Mei's visit")));
    by_file(&mut world);
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    let said = world.phone("Mei").engine().nothing_unsent().unwrap().unwrap();
    assert!(said.held >= said.recorded && said.recorded > 30);
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_file_about_an_order_that_was_given_away_counts() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    let reading = world.phone("Mei").reading();
    let files = world.phone("Mei").engine().request_files(&reading).unwrap();
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    // Wu himself brings it in, on the way to the same door.
    let answer = world.office.exchange(&files[0].bytes).unwrap();
    let taken = world.phone("Mei").engine().take_answer_file(&reading, &answer).unwrap();
    assert_eq!(taken.sent, files[0].events);
    assert_eq!(world.office.held(), []);
    assert_eq!(world.office.order(order).state.visits.len(), 1);
    // Somebody else's answer file is none of Wu's.
    let reading = world.phone("Wu").reading();
    let stolen = world.phone("Wu").engine().take_answer_file(&reading, &answer);
    assert!(matches!(stolen, Err(ExchangeError::NothingAsked)));
    let garbage = world.phone("Wu").engine().take_answer_file(&reading, b"<html>");
    assert!(matches!(garbage, Err(ExchangeError::NothingAsked)));
}

#[test]
fn a_file_for_a_server_that_lost_everything_proves_itself() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    let night = doorstep_tests::Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    // Enrolled after the backup: the restored server has never heard of this phone.
    world.enrol_again("Mei");
    world.exchange("Mei");
    world.work("Mei", &[start(order, id("Mei's visit"))]);
    let reading = world.phone("Mei").reading();
    let files = world.phone("Mei").engine().request_files(&reading).unwrap();
    world.office = backup;
    world.office.begin_epoch();
    let answer = world.office.exchange(&files[0].bytes).unwrap();
    let taken = world.phone("Mei").engine().take_answer_file(&reading, &answer).unwrap();
    assert!(taken.more, "a new epoch: she offers again all she holds");
}

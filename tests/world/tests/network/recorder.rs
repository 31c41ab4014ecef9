//! What support gets to see.

use doorstep::sync::Trouble;
use doorstep_tests::{World, id, repair};

#[test]
fn the_flight_recorder_tells_what_happened_and_nothing_of_anybody() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1203");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &repair(order, id("Mei's visit")));
    let reading = world.phone("Mei").reading();
    for trouble in [Trouble::Offline, Trouble::NotOurServer] {
        world.request("Mei");
        world.phone("Mei").engine().sync_failed(reading.wall, trouble, None);
    }
    let unsent = world.phone("Mei").engine().flight_record(&reading).unwrap().unsent;
    assert!(unsent.iter().map(|line| line.events).sum::<u64>() > 30);
    world.exchange("Mei");
    world.phone("Mei").reopen();
    let record = world.phone("Mei").engine().flight_record(&reading).unwrap();
    let what: Vec<_> = record.facts.iter().map(|fact| fact.what.as_str()).collect();
    assert!(what.ends_with(&["offline", "not_our_server", "answered"]), "{what:?}");
    let last = record.facts.last().unwrap();
    assert!(last.sent > 30 && last.bytes_out > 1_000 && last.bytes_back > 100, "{last:?}");

    // Everything a person could be known by, and every id in the file.
    let text = serde_json::to_string(&record).unwrap();
    let state = world.phone("Mei").engine().state().unwrap();
    let me = world.phone("Mei").engine().identity().unwrap().person().clone();
    let mut secrets = vec![
        "Mrs Chan".to_owned(),
        "Chan".to_owned(),
        "5550123".to_owned(),
        "Harbour".to_owned(),
        "1203".to_owned(),
        "Harbour Gas".to_owned(),
        "cracked".to_owned(),
        me.name.reveal().to_owned(),
        me.badge,
        me.id.to_string(),
        state.device.unwrap().to_string(),
        order.to_string(),
    ];
    secrets.extend(state.visits.keys().map(ToString::to_string));
    secrets.extend(state.streams.iter().map(|row| row.hash.to_string()));
    secrets.extend(state.receipts.iter().map(|receipt| receipt.number.clone()));
    for secret in secrets {
        assert!(!text.contains(&secret), "{secret} in {text}");
    }
}

#[test]
fn the_ring_has_an_end() {
    let mut world = World::with_phones();
    let reading = world.phone("Mei").reading();
    for _ in 0..450 {
        world.phone("Mei").engine().sync_failed(reading.wall, Trouble::ServerBusy, None);
    }
    let record = world.phone("Mei").engine().flight_record(&reading).unwrap();
    assert_eq!(record.facts.len(), 200);
    assert!(serde_json::to_vec(&record).unwrap().len() < 64 * 1024);
}

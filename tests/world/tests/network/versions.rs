//! Phones and servers of other versions within the same major one.

use doorstep::{
    base::Lang,
    event::{Event, Payload},
    log::{Chain, DeviceKeys, Seal, StreamId, Subject, Tail, Writer},
    order::RULES_VERSION,
    proof::Bundle,
    sync::{RequestPacket, seal_request},
};
use doorstep_tests::{World, id, repair, start};

/// An event of the office of a type that this version doesn't know, as a newer server writes it.
fn novelty(world: &mut World, order: doorstep::base::Id) -> Tail {
    let path = world.directory.file("company.key");
    let company = DeviceKeys::from_secret(&std::fs::read(path).unwrap()).unwrap();
    let stream = StreamId::new(Subject::work_order(order), Writer::Office(7));
    let event = Event {
        action: id("a novelty"),
        actor: id("He"),
        visit: None,
        clock: world.phone("Mei").reading(),
        seen: None,
        payload: Payload::Unknown { kind: 4_711, bytes: vec![0xa1, 0x00, 0x19, 0x04, 0xd2] },
        private: Default::default(),
    };
    let bytes = event.encode();
    let chain = Chain::start(&stream).then(&bytes);
    let seal = Seal::make(&company.sign_key(), stream, chain, RULES_VERSION + 1);
    let seal = Some(seal.bytes().to_vec().into());
    Tail { stream, from: 1, events: vec![bytes.into()], seal }
}

#[test]
fn what_a_newer_server_writes_stays_on_the_phone_byte_by_byte_and_leaves_it_so() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let tail = novelty(&mut world, order);
    // Wu's phone brings it in, as after a restore; Mei's gets it from the server.
    let packet = world.request("Wu").bytes;
    let wu = world.phone("Wu").secrets();
    let secret = doorstep::engine::SecretStore::load(&wu).unwrap().unwrap();
    let keys = DeviceKeys::from_secret(&secret).unwrap();
    let packet = RequestPacket::parse(&packet).unwrap();
    let mut request = packet.open(&keys.public().signing).unwrap();
    request.tails.push(tail.clone());
    let kid = packet.device().unwrap();
    world.office.exchange(&seal_request(&keys.sign_key(), kid.as_bytes(), &request)).unwrap();
    let reading = world.phone("Wu").reading();
    world.phone("Wu").engine().sync_failed(reading.wall, doorstep::sync::Trouble::Offline, None);
    let got = world.exchange("Mei");
    assert_eq!((got.received, got.refused), (1, 0));

    // She works on, sees the same order as the office, and hands out what she was given.
    world.work("Mei", &repair(order, id("Mei's visit")));
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    let company = world.office.company_key();
    let engine = world.phone("Mei").engine();
    assert_eq!(engine.doctor_rebuild().unwrap().problems, [""; 0]);
    let export = engine.export_visit(id("Mei's visit"), &[]).unwrap();
    let bundle = Bundle::parse(&export).unwrap();
    bundle.verify(&company).unwrap();
    let exported = bundle.streams.iter().find(|it| it.stream == tail.stream).unwrap();
    assert_eq!((&exported.events, &exported.seal), (&tail.events, &tail.seal));

    // After a restore she brings it back, the very bytes.
    let night = doorstep_tests::Directory::new();
    let fresh = world.office.copied(&world.directory, &night, &world.clock);
    world.office = fresh;
    world.office.begin_epoch();
    assert_eq!(world.exchange("Mei").refused, 0);
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn a_phone_of_older_rules_is_told_to_update_and_its_work_is_taken() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &[start(order, id("Mei's visit"))]);
    // The same request as an app of older rules would have made it.
    let packet = RequestPacket::parse(&world.request("Mei").bytes).unwrap();
    let secret = doorstep::engine::SecretStore::load(&world.phone("Mei").secrets());
    let keys = DeviceKeys::from_secret(&secret.unwrap().unwrap()).unwrap();
    let mut request = packet.open(&keys.public().signing).unwrap();
    assert_eq!(request.rules, RULES_VERSION);
    request.rules = RULES_VERSION - 1;
    let kid = packet.device().unwrap();
    let old = seal_request(&keys.sign_key(), kid.as_bytes(), &request);
    let answer = world.office.exchange(&old).unwrap();
    let hash = doorstep::base::Hash::of(&[&old]);
    let opened =
        doorstep::sync::open_answer(&keys, &world.office.company_key(), &hash, &answer).unwrap();
    assert_eq!(opened.rules, Some(RULES_VERSION));
    assert_eq!(world.office.order(order).state.visits.len(), 1, "its work counts");

    // An app that is up to date is told nothing; one that isn't shows it, and works on.
    let reading = world.phone("Mei").reading();
    world.phone("Mei").engine().sync_failed(reading.wall, doorstep::sync::Trouble::Offline, None);
    world.exchange("Mei");
    let screen = world.phone("Mei").engine().sync_screen(&reading, Lang::En).unwrap();
    assert_eq!((screen.update_text, screen.unsent), (None, 0));
}

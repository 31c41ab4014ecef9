//! Phones and servers of other versions within the same major one.

use doorstep::{
    base::{Id, Lang},
    event::{Event, Payload},
    log::{Chain, DeviceKeys, Seal, StreamId, Subject, Tail, Writer},
    order::RULES_VERSION,
    proof::Bundle,
    sync::{RequestPacket, open_answer, seal_answer, seal_request},
};
use doorstep_tests::{Counter, World, id, repair, start};

/// An event of the office of a type that this version doesn't know, as a newer server writes it.
fn novelty(world: &mut World, order: Id) -> Tail {
    let payload = Payload::Unknown { kind: 4_711, bytes: vec![0xa1, 0x00, 0x19, 0x04, 0xd2] };
    by_the_office(world, order, vec![payload])
}

/// What the office wrote in another epoch, with a newer server.
fn by_the_office(world: &mut World, order: Id, payloads: Vec<Payload>) -> Tail {
    let company = company(world);
    let stream = StreamId::new(Subject::work_order(order), Writer::Office(7));
    let clock = world.phone("Mei").reading();
    let event = |(nth, payload): (usize, Payload)| Event {
        action: id(&format!("a novelty {nth} of {order}")),
        actor: id("He"),
        visit: None,
        clock,
        seen: None,
        payload,
        private: Default::default(),
    };
    let events: Vec<_> = payloads.into_iter().enumerate().map(|it| event(it).encode()).collect();
    let chain = events.iter().fold(Chain::start(&stream), |chain, bytes| chain.then(bytes));
    let seal = Seal::make(&company.sign_key(), stream, chain, RULES_VERSION + 1);
    let seal = Some(seal.bytes().to_vec().into());
    Tail { stream, from: 1, events: events.into_iter().map(Into::into).collect(), seal }
}

fn company(world: &World) -> DeviceKeys {
    let path = world.directory.file("company.key");
    DeviceKeys::from_secret(&std::fs::read(path).unwrap()).unwrap()
}

fn keys(world: &mut World, name: &str) -> DeviceKeys {
    let secret = doorstep::engine::SecretStore::load(&world.phone(name).secrets());
    DeviceKeys::from_secret(&secret.unwrap().unwrap()).unwrap()
}

/// Wu's phone brings in what the office had written, as after a restore.
fn brought_by_wu(world: &mut World, tail: &Tail) {
    let packet = world.request("Wu").bytes;
    let keys = keys(world, "Wu");
    let packet = RequestPacket::parse(&packet).unwrap();
    let mut request = packet.open(&keys.public().signing).unwrap();
    request.tails.push(tail.clone());
    let kid = packet.device().unwrap();
    world.office.exchange(&seal_request(&keys.sign_key(), kid.as_bytes(), &request)).unwrap();
    let reading = world.phone("Wu").reading();
    world.phone("Wu").engine().sync_failed(reading.wall, doorstep::sync::Trouble::Offline, None);
}

#[test]
fn what_a_newer_server_writes_stays_on_the_phone_byte_by_byte_and_leaves_it_so() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let tail = novelty(&mut world, order);
    // Wu's phone brings it in, as after a restore; Mei's gets it from the server.
    brought_by_wu(&mut world, &tail);
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
    let keys = keys(&mut world, "Mei");
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

#[test]
fn an_order_opened_under_newer_rules_says_so_on_its_screen_and_still_takes_work() {
    let mut world = World::with_phones();
    let model = world.office.open("R-1");
    world.office.assign(model, "Mei").unwrap();
    world.exchange("Mei");
    let store = world.phone("Mei").engine().store();
    let known = store.read().events_about(&Subject::work_order(model)).unwrap();
    // The same order as a server of later rules would open it.
    let newer = id("R-2");
    let payloads = known.into_iter().map(|recorded| match recorded.event.payload {
        Payload::OrderOpened(mut opened) => {
            (opened.rules, opened.number) = (RULES_VERSION + 1, "R-2".into());
            Payload::OrderOpened(opened)
        }
        other => other,
    });
    let payloads = payloads.collect();
    let tail = by_the_office(&mut world, newer, payloads);
    brought_by_wu(&mut world, &tail);
    world.exchange("Mei");
    world.work("Mei", &[start(model, id("as ever")), start(newer, id("under newer rules"))]);
    for lang in Lang::ALL {
        let engine = world.phone("Mei").engine();
        let shown = engine.visit_screen(id("under newer rules"), lang).unwrap();
        let text = shown.update_text.unwrap();
        assert!(!text.is_empty() && !text.contains('⟨'), "{text}");
        assert_eq!(engine.visit_screen(id("as ever"), lang).unwrap().update_text, None);
    }
    // It takes work to its end, which the office takes in its turn.
    let taps = repair(newer, id("under newer rules"));
    world.work("Mei", &taps[1..]);
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    let visits = world.office.order(newer).state.visits;
    assert!(visits.values().all(|visit| visit.finished.is_some()) && visits.len() == 1);
    assert_eq!(world.office.held(), []);
}

#[test]
fn an_answer_of_later_rules_asks_for_an_update_and_unsent_work_is_still_taken() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    // The server's answer, as one of later rules would have given it.
    let packet = world.request("Mei").bytes;
    let answer = world.office.exchange(&packet).unwrap();
    let (mei, office) = (keys(&mut world, "Mei"), company(&world));
    let hash = doorstep::base::Hash::of(&[&packet]);
    let mut answer = open_answer(&mei, &world.office.company_key(), &hash, &answer).unwrap();
    answer.rules = Some(RULES_VERSION + 1);
    let mut entropy = Counter::new("a newer server");
    let wrapping = mei.public().wrapping;
    let answer = seal_answer(&mut entropy, &office.sign_key(), &wrapping, &answer).unwrap();
    let reading = world.phone("Mei").reading();
    world.phone("Mei").engine().sync_answer(&reading, &answer).unwrap();
    let asks = |world: &mut World, lang| {
        let reading = world.phone("Mei").reading();
        world.phone("Mei").engine().sync_screen(&reading, lang).unwrap().update_text
    };
    for lang in Lang::ALL {
        assert!(asks(&mut world, lang).is_some_and(|text| !text.contains('⟨')));
    }
    world.work("Mei", &repair(order, id("Mei's visit")));
    let waiting = world.phone("Mei").engine().unsent().unwrap();
    assert!(waiting > 30);
    // It still asks, however often the phone is started, and what it sends is taken.
    world.phone("Mei").reopen();
    assert!(asks(&mut world, Lang::En).is_some());
    assert_eq!(world.exchange("Mei").sent as u64, waiting);
    assert_eq!(world.office.order(order).state.visits.len(), 1);
    assert_eq!(asks(&mut world, Lang::En), None, "this server is of the phone's own rules");
}

//! Answers that the office signed and that are still wrong, and writers that lie about what they
//! saw: the phone keeps what is true, asks again, and never stops.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::fs;

use doorstep::{
    base::{ClockReading, Hash, Id, Zone},
    engine::{Exchanged, SecretStore},
    event::{Event, OrderAssigned, Payload, Recorded, StepRecorded, Value},
    log::{
        Branch, Chain, Class, DeviceKeys, DisclosedKey, Head, Seal, StreamId, Subject, SubjectKey,
        Writer,
    },
    order::History,
    sync::{
        Answer, Next, RequestPacket, StreamOutcome, StreamResult, Trouble, open_answer, seal_answer,
    },
};
use doorstep_tests::{Counter, World, id, repair, start};

/// Mei and Wu have worked on the order, Wu has exchanged, Mei hasn't.
fn both_worked() -> (World, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Wu", &repair(order, id("Wu's visit")));
    world.work("Mei", &repair(order, id("Mei's visit"))[..12]);
    world.exchange("Wu");
    (world, order)
}

fn company(world: &World) -> DeviceKeys {
    DeviceKeys::from_secret(&fs::read(world.directory.file("company.key")).unwrap()).unwrap()
}

/// One exchange of Mei's whose answer the office itself falsified.
fn falsified(
    world: &mut World,
    falsify: impl FnOnce(&mut Answer),
) -> Result<Exchanged, doorstep::engine::ExchangeError> {
    let packet = world.request("Mei");
    let bytes = world.office.exchange(&packet.bytes).unwrap();
    let company = company(world);
    let mei = world.phone("Mei");
    let keys = DeviceKeys::from_secret(&mei.secrets().load().unwrap().unwrap()).unwrap();
    let request = Hash::of(&[&packet.bytes]);
    let mut answer = open_answer(&keys, &company.public().signing, &request, &bytes).unwrap();
    falsify(&mut answer);
    let mut entropy = Counter::new("a liar");
    let wrapping = keys.public().wrapping;
    let bytes = seal_answer(&mut entropy, &company.sign_key(), &wrapping, &answer).unwrap();
    let reading = mei.reading();
    mei.engine().sync_answer(&reading, &bytes)
}

fn sound_and_alike_in_the_end(world: &mut World, order: Id) {
    for name in ["Mei", "Wu", "Mei"] {
        world.exchange(name);
    }
    let digests = world.digests(order, &["Mei", "Wu"]);
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    let mei = world.phone("Mei").engine();
    assert_eq!(mei.unsent().unwrap(), 0);
    assert_eq!(mei.doctor_rebuild().unwrap().problems, Vec::<String>::new());
}

#[test]
fn results_with_impossible_numbers_neither_lose_nor_stop_anything() {
    for outcome in [
        StreamOutcome::Accepted(u64::MAX),
        StreamOutcome::AlreadyHad(u64::MAX),
        StreamOutcome::Gap(u64::MAX),
        StreamOutcome::Gap(0),
        StreamOutcome::Gap(1),
    ] {
        let (mut world, order) = both_worked();
        let taken = falsified(&mut world, |answer| {
            let safe = answer.results.iter().map(|result| (result.stream, u64::MAX)).collect();
            answer.safe = safe;
            for result in &mut answer.results {
                result.outcome = outcome.clone();
            }
            let stream =
                StreamId::new(Subject::work_order(id("never heard of")), Writer::Office(9));
            answer.results.push(StreamResult { stream, outcome: outcome.clone() });
        });
        taken.unwrap_or_else(|error| panic!("{outcome:?}: {error}"));
        sound_and_alike_in_the_end(&mut world, order);
    }
}

#[test]
fn tails_that_do_not_hold_are_left_out_and_the_rest_is_taken() {
    let (mut world, order) = both_worked();
    let wu = world.phone("Wu").engine().device().unwrap();
    let taken = falsified(&mut world, |answer| {
        let theirs = answer
            .tails
            .iter()
            .find(|tail| tail.stream.writer == Writer::Device(wu))
            .expect("Wu's work is in the answer")
            .clone();
        let mut spoilt = Vec::new();
        let mut spoil = |change: &dyn Fn(&mut doorstep::log::Tail)| {
            let mut tail = theirs.clone();
            change(&mut tail);
            spoilt.push(tail);
        };
        spoil(&|tail| tail.stream.writer = Writer::Device(id("nobody")));
        spoil(&|tail| tail.stream.writer = Writer::Office(1));
        spoil(&|tail| tail.stream.subject = Subject::work_order(id("R-9")));
        spoil(&|tail| tail.seal = None);
        spoil(&|tail| tail.from = 0);
        spoil(&|tail| tail.from = u64::MAX);
        spoil(&|tail| tail.from += 1);
        spoil(&|tail| {
            tail.events.pop();
        });
        spoil(&|tail| tail.events[2] = tail.events[1].clone());
        spoil(&|tail| tail.events[0] = Vec::new().into());
        let wrong = spoilt.len();
        spoilt.append(&mut answer.tails);
        // Twice the whole, for good measure.
        spoilt.push(theirs);
        answer.tails = spoilt;
        answer.certificates.push(b"no certificate".to_vec().into());
        answer.standing.push(b"no document".to_vec().into());
        assert_eq!(wrong, 10);
    });
    let taken = taken.unwrap();
    assert_eq!(taken.refused, 12);
    assert!(taken.received > 30, "{taken:?}");
    sound_and_alike_in_the_end(&mut world, order);
}

#[test]
fn another_past_of_ones_own_stream_is_not_believed() {
    let (mut world, order) = both_worked();
    let mei = world.phone("Mei");
    let keys = DeviceKeys::from_secret(&mei.secrets().load().unwrap().unwrap()).unwrap();
    let row = {
        let rows = mei.engine().store().streams().unwrap();
        rows.into_iter().find(|row| row.own && row.stream.subject.id == order).unwrap()
    };
    let ours = mei.engine().store().tail(&row, 0, usize::MAX).unwrap();
    let taken = falsified(&mut world, |answer| {
        // Signed by Mei's own key, as a copy of her phone could: a knock that she never made, and
        // one event more than she has.
        let mut other = ours.clone();
        let mut event = Event::decode(&other.events[4]).unwrap();
        event.payload = StepRecorded { step: "knock".into(), value: Value::Count(9) }.into();
        other.events[4] = event.encode().into();
        event.action = id("never tapped");
        other.events.push(event.encode().into());
        let start = Chain::start(&other.stream);
        let chain = other.events.iter().fold(start, |chain, bytes| chain.then(bytes));
        let seal = Seal::make(&keys.sign_key(), other.stream, chain, 1);
        other.seal = Some(seal.bytes().to_vec().into());
        answer.tails.push(other);
    });
    assert_eq!(taken.unwrap().refused, 1);
    let engine = world.phone("Mei").engine();
    let now = engine.store().streams().unwrap();
    let now = now.iter().find(|now| now.stream == row.stream).unwrap();
    assert_eq!(now.chain, row.chain);
    sound_and_alike_in_the_end(&mut world, order);
}

#[test]
fn another_key_for_a_known_subject_changes_nothing() {
    let (mut world, order) = both_worked();
    let key = |world: &mut World| {
        let reader = world.phone("Mei").engine().store().read();
        *reader.key(&Subject::work_order(order), Class::Contact).unwrap().unwrap().as_bytes()
    };
    let before = key(&mut world);
    let taken = falsified(&mut world, |answer| {
        let mut entropy = Counter::new("another key");
        let subject = Subject::work_order(order);
        let key = SubjectKey::generate(&mut entropy);
        answer.keys.push(DisclosedKey { subject, class: Class::Contact, key });
    });
    assert_eq!(taken.unwrap().refused, 1);
    assert_eq!(key(&mut world), before);
    sound_and_alike_in_the_end(&mut world, order);
}

#[test]
fn a_phone_that_cannot_store_an_answer_waits_before_it_asks_again() {
    use doorstep_fault_vfs::{Fault, FaultDisk, Lasting};

    let disk = FaultDisk::new(3);
    let mut world = World::new();
    world.enrol_on("Mei", "mei.db".as_ref(), Some(disk.vfs_name()));
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    let packet = world.request("Mei");
    let answer = world.office.exchange(&packet.bytes).unwrap();
    disk.fail_after(0, Fault::Full, Lasting::UntilHealed);
    let mei = world.phone("Mei");
    let reading = mei.reading();
    let error = mei.engine().sync_answer(&reading, &answer).unwrap_err();
    assert!(error.to_string().contains("the disk is full"), "{error}");
    let next = mei.engine().sync_next(reading.wall).unwrap();
    assert!(matches!(next, doorstep::sync::Next::WaitUntil(at) if at > reading.wall), "{next:?}");
    disk.heal();
    world.exchange("Mei");
    world.work("Mei", &[start(order, id("Mei's visit"))]);
}

/// An event of this writer, whose writer claims to have seen these heads.
fn event(writer: Writer, seq: u64, at: i64, seen: &[(Writer, u64)]) -> Recorded {
    let stream = StreamId::new(Subject::work_order(id("R-1001")), writer);
    let head =
        |(writer, seq): &(Writer, u64)| Head { writer: *writer, branch: Branch(None), seq: *seq };
    let wall = doorstep::base::Instant(at);
    let clock = ClockReading { wall, zone: Zone(480), boot: id("boot"), since_boot_ms: 0 };
    Recorded {
        stream,
        seq,
        id: Hash::of(&[format!("{writer:?} {seq}").as_bytes()]),
        event: Event {
            action: id(&format!("{writer:?} {seq}")),
            actor: id("Mei"),
            visit: None,
            clock,
            seen: (!seen.is_empty()).then(|| seen.iter().map(head).collect()),
            payload: Payload::OrderAssigned(OrderAssigned { to: id("Mei") }),
            private: Default::default(),
        },
    }
}

fn order_of(events: &[Recorded]) -> Vec<(Writer, u64)> {
    let history = History::merge(events);
    history.events().iter().map(|p| (p.recorded.stream.writer, p.recorded.seq)).collect()
}

#[test]
fn writers_that_claim_to_have_seen_each_others_future_turn_nobodys_own_order_around() {
    let [mei, wu] = ["Mei", "Wu"].map(|name| Writer::Device(id(name)));
    let office = Writer::Office(1);
    // Mei's second event claims the earliest time of all, and a circle goes through everybody.
    let events = [
        event(mei, 1, 500, &[(wu, 2)]),
        event(mei, 2, 1, &[]),
        event(wu, 1, 400, &[(office, 2)]),
        event(wu, 2, 2, &[]),
        event(office, 1, 300, &[(mei, 2)]),
        event(office, 2, 3, &[]),
    ];
    let merged = order_of(&events);
    assert_eq!(merged.len(), events.len(), "nothing is lost and nothing doubled");
    for writer in [mei, wu, office] {
        let own: Vec<_> = merged.iter().filter(|(by, _)| *by == writer).map(|(_, n)| *n).collect();
        assert_eq!(own, [1, 2], "{writer:?} in {merged:?}");
    }
    let mut turned = events.to_vec();
    turned.reverse();
    assert_eq!(order_of(&turned), merged, "in whatever order they are given");
}

#[test]
fn ten_thousand_made_up_writers_seen_cost_nothing() {
    let mei = Writer::Device(id("Mei"));
    let crowd: Vec<_> = (0..10_000_u64).map(|n| (Writer::Office(n + 7), u64::MAX)).collect();
    let mut events = vec![event(mei, 1, 1, &crowd)];
    events.extend((2..3_000).map(|seq| event(mei, seq, seq as i64, &[])));
    let began = std::time::Instant::now();
    assert_eq!(order_of(&events).len(), 2_999);
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}

#[test]
fn a_tap_that_came_while_the_request_was_away_is_not_taken_for_held() {
    let (mut world, order) = both_worked();
    let sent = world.phone("Mei").engine().unsent().unwrap();
    let held = falsified(&mut world, |answer| {
        for result in &mut answer.results {
            result.outcome = StreamOutcome::Held("revoked".to_owned());
        }
    });
    assert_eq!(held.unwrap().sent, 0);
    assert!(sent > 0 && world.phone("Mei").engine().unsent().unwrap() == 0);
    // The request is on its way, and Mei goes on working.
    let packet = world.request("Mei");
    world.work("Mei", &repair(order, id("Mei's visit"))[12..13]);
    let bytes = world.office.exchange(&packet.bytes).unwrap();
    let mei = world.phone("Mei");
    let reading = mei.reading();
    mei.engine().sync_answer(&reading, &bytes).unwrap();
    assert_eq!(mei.engine().unsent().unwrap(), 1, "the new tap still has to go");
    sound_and_alike_in_the_end(&mut world, order);
}

#[test]
fn an_office_that_promises_more_and_brings_nothing_is_not_asked_for_ever() {
    let (mut world, _) = both_worked();
    world.exchange("Mei");
    world.exchange("Mei");
    let quiet = falsified(&mut world, |answer| answer.more = true).unwrap();
    assert!(!quiet.more);
    let mei = world.phone("Mei");
    let now = mei.reading().wall;
    assert!(matches!(mei.engine().sync_next(now).unwrap(), Next::WaitUntil(until) if until > now));
}

#[test]
fn a_phone_that_is_refused_introduces_itself_once_and_then_believes_it() {
    let (mut world, order) = both_worked();
    let company = company(&world).public().signing;
    let now = world.phone("Mei").reading().wall;
    world.request("Mei");
    assert!(world.phone("Mei").engine().sync_failed(now, Trouble::Refused, None));
    let packet = world.request("Mei");
    let introduced = RequestPacket::parse(&packet.bytes).unwrap();
    let device = world.phone("Mei").engine().device();
    assert_eq!(introduced.certificate(&company).map(|certificate| certificate.id()), device);
    assert!(!world.phone("Mei").engine().sync_failed(now, Trouble::Refused, None));
    let next = world.phone("Mei").engine().sync_next(now).unwrap();
    assert_eq!(next, Next::Blocked(Trouble::Refused));
    world.phone("Mei").engine().hurry();
    sound_and_alike_in_the_end(&mut world, order);
}

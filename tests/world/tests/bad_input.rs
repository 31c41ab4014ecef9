//! What people, files and networks get wrong: told in a typed way, with nothing lost.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::fs;

use doorstep::{
    base::{Id, Personal},
    engine::{ActError, Action, EnrolError, ExchangeError},
    event::{Answer, Event, EventError, Value},
    log::CanonicalError,
    money::{PaymentMethod, TenderError},
    standard::{Standard, shipped},
    store::OpenError,
    sync::{Next, Trouble},
    visit::{StepError, ValueError},
};
use doorstep_tests::{
    Counter, Directory, MINUTE, NOON, Phone, Secrets, World, cny, engine, id, knock, repair, step,
    tap,
};

/// Mei inside, with her visit done up to before the payment.
fn before_paying() -> (World, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let visit = id("Mei's visit");
    let taps = repair(order, visit);
    let pay = taps.iter().position(|tap| matches!(tap.action, Action::Pay { .. })).unwrap();
    world.work("Mei", &taps[..pay]);
    (world, visit)
}

fn own_events(world: &mut World) -> u64 {
    let streams = world.phone("Mei").engine().state().unwrap().streams;
    streams.iter().filter(|stream| stream.own).map(|stream| stream.seq).sum()
}

/// The tap is refused and leaves nothing.
fn refused(world: &mut World, action: Action) -> ActError {
    let before = own_events(world);
    let error = world.tap("Mei", &tap("refused", action)).unwrap_err();
    assert_eq!(own_events(world), before, "{error}");
    error
}

#[test]
fn a_torn_file_is_refused_or_its_damage_is_found_and_never_a_panic() {
    let (mut world, _) = before_paying();
    world.phone("Mei").kill();
    let phone = world.phone("Mei");
    let whole = fs::read(&phone.path).unwrap();
    let (mut refused, mut found) = (0, 0);
    for at in (0..whole.len()).step_by(4096) {
        for torn in [whole[..at + 100].to_vec(), scribbled(&whole, at)] {
            let directory = Directory::new();
            let path = directory.file("torn.db");
            fs::write(&path, &torn).unwrap();
            match engine(&path, None, phone.secrets(), "torn") {
                Err(error) => {
                    assert!(!matches!(error, OpenError::TooNew { .. }), "{error}");
                    refused += 1;
                }
                Ok(mut engine) => {
                    let sound = engine.doctor().is_ok_and(|report| report.problems.is_empty());
                    found += u32::from(!sound);
                    // Whatever is asked of it, it answers in some way.
                    let _ = engine.state();
                    let _ = engine.doctor_rebuild();
                    let _ = engine.sync_request(&phone.reading());
                }
            }
        }
    }
    assert!(refused > 0 && found > 10, "{refused} refused, {found} found");
}

fn scribbled(whole: &[u8], at: usize) -> Vec<u8> {
    let mut torn = whole.to_vec();
    let end = torn.len().min(at + 4096);
    torn[at..end].fill(0xa5);
    torn
}

#[test]
fn a_file_of_a_newer_version_and_another_programs_file_are_refused_untouched() {
    let (mut world, _) = before_paying();
    world.phone("Mei").kill();
    let path = world.phone("Mei").path.clone();
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let error = engine(&path, None, Secrets::default(), "newer").err().unwrap();
    assert!(matches!(error, OpenError::TooNew { found: 99 }), "{error}");
    assert!(error.to_string().contains("update the app"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let foreign = world.directory.file("server.db");
    let error = engine(&foreign, None, Secrets::default(), "foreign").err().unwrap();
    assert!(matches!(error, OpenError::Foreign), "{error}");
}

#[test]
fn a_clock_set_back_a_year_dates_nothing_wrong_once_the_office_knows() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.pass(MINUTE);
    let begun = NOON.plus_ms(MINUTE + 30_000);
    let taps = repair(order, id("Mei's visit"));
    world.work("Mei", &taps[..10]);
    world.phone("Mei").clock_off_ms = -365 * 24 * 60 * MINUTE;
    world.work("Mei", &taps[10..]);
    let finished = NOON.plus_ms(MINUTE + 30_000 * taps.len() as i64);
    world.exchange("Mei");
    world.exchange("Mei");
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    let visit = &world.office.order(order).state.visits[&id("Mei's visit")];
    assert!(visit.started_at.since(begun).abs() <= 30_000, "{:?}", visit.started_at);
    let ended = visit.finished.as_ref().unwrap().at;
    assert!(ended.since(finished).abs() <= 30_000, "{ended:?}");
    assert_eq!(visit.charged, Some(cny(12_340)));
}

#[test]
fn four_raps_are_a_finding_and_raps_nobody_can_mean_are_refused() {
    let (mut world, visit) = before_paying();
    let done = world.tap("Mei", &tap("four", knock(visit, 4))).unwrap();
    assert!(done.findings.iter().any(|key| key.starts_with("limit_broken:knock")), "{done:?}");
    for raps in [-1, 1_000_000_000_000, i64::MIN] {
        let error = refused(&mut world, knock(visit, raps));
        assert!(
            matches!(error, ActError::Step(StepError::Value(ValueError::OutOfRange { .. }))),
            "{error}"
        );
        assert_eq!(error.kind(), "bad_value");
    }
}

#[test]
fn a_tender_below_what_is_due_is_refused_and_the_right_one_taken() {
    let (mut world, visit) = before_paying();
    let pay = |minor| Action::Pay {
        visit,
        tendered: cny(minor),
        method: PaymentMethod::Cash,
        part: None,
        photo: None,
    };
    let error = refused(&mut world, pay(12_339));
    assert!(matches!(error, ActError::Tender(TenderError::Short { .. })), "{error}");
    for minor in [0, -12_340, i64::MIN, i64::MAX] {
        let error = refused(&mut world, pay(minor));
        assert_eq!(error.kind(), "bad_amount", "{error}");
    }
    let done = world.tap("Mei", &tap("right", pay(12_340))).unwrap();
    let receipt = done.receipt.unwrap();
    assert_eq!((receipt.counter, receipt.change), (1, cny(0)), "no number was used up");
}

#[test]
fn an_unknown_step_a_long_note_and_an_unknown_finding_are_refused_by_name() {
    let (mut world, visit) = before_paying();
    let error = refused(&mut world, step(visit, "moonwalk", Value::Done));
    assert!(
        matches!(error, ActError::Step(StepError::Value(ValueError::UnknownStep { .. }))),
        "{error}"
    );
    let note = Answer { note: Some(Personal::new("长".repeat(2_001))), ..Value::Count(3).into() };
    let error = refused(&mut world, step(visit, "knock", note));
    assert!(error.to_string().contains("2000"), "{error}");
    let text = Personal::new("x".repeat(1_000_000));
    let reason = Action::Reason { visit, finding: "none".to_owned(), text };
    let error = refused(&mut world, reason);
    assert!(error.to_string().contains("2000") && error.kind() == "bad_value", "{error}");
    let text = Personal::new("she asked for it");
    let error = refused(&mut world, Action::Reason { visit, finding: "none".to_owned(), text });
    assert!(matches!(error, ActError::NoSuchFinding(_)), "{error}");
}

#[test]
fn a_standard_with_a_circle_or_an_unknown_name_is_refused_with_its_place() {
    let world = World::new();
    let repair = shipped("repair").unwrap();
    let circle = repair.replace("relevant = \"door.open\"", "relevant = \"step.farewell.done\"");
    let circle = circle.replace("required = \"door.open\"", "relevant = \"step.tool_mat.done\"");
    let unknown = repair.replace("!door.open", "!door.opne");
    for (text, told) in [(circle, "circle"), (unknown, "unknown name `door.opne`")] {
        let errors = Standard::load(&text).err().unwrap();
        assert!(errors.iter().all(|error| error.line > 1), "{errors:?}");
        assert!(errors.iter().any(|error| error.message.contains(told)), "{errors:?}");
        let problem = world.office.publish("standard/gz-repair", &text).unwrap_err();
        assert_eq!(problem.code, "bad-document");
        assert!(problem.message.contains(told), "{}", problem.message);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_where_they_stand() {
    let (mut world, _) = before_paying();
    let engine = world.phone("Mei").engine();
    let rows = engine.store().streams().unwrap();
    let row = rows.iter().find(|row| row.own).unwrap();
    let tail = engine.store().tail(row, 0, usize::MAX).unwrap();
    let mut bytes = tail.events[0].to_vec();
    let at = bytes.windows(9).position(|text| text == b"gz-repair").unwrap();
    bytes[at] = 0xff;
    let error = Event::decode(&bytes).unwrap_err();
    assert!(matches!(error, EventError::Canonical(CanonicalError::Utf8(_))), "{error}");
}

#[test]
fn whatever_answers_instead_of_the_server_costs_a_wait_and_nothing_else() {
    let (mut world, _) = before_paying();
    let whole = {
        let packet = world.request("Wu");
        let answer = world.office.exchange(&packet.bytes).unwrap();
        let wu = world.phone("Wu");
        let reading = wu.reading();
        wu.engine().sync_answer(&reading, &answer).unwrap();
        answer
    };
    let answers: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"\x00\xff\xfe garbage".repeat(200),
        b"<!DOCTYPE html><html><body>Sign in to the hotel's Wi-Fi</body></html>".to_vec(),
        br#"{"code":"internal","message":"the server failed"}"#.to_vec(),
        whole.clone(),
        vec![0x84; 5 * 1024 * 1024],
    ];
    let before = own_events(&mut world);
    let mut waited = 0;
    for (nth, answer) in answers.iter().enumerate() {
        world.request("Mei");
        waited = not_our_server(&mut world, answer, nth as u32 + 1);
    }
    assert!(waited >= 10_000, "it waits longer and longer, {waited} ms by now");
    // Half of the true answer, and then the true answer to a request given up since.
    let packet = world.request("Mei");
    let answer = world.office.exchange(&packet.bytes).unwrap();
    not_our_server(&mut world, &answer[..answer.len() / 2], answers.len() as u32 + 1);
    let mei = world.phone("Mei");
    let reading = mei.reading();
    let late = mei.engine().sync_answer(&reading, &answer);
    assert!(matches!(late, Err(ExchangeError::NothingAsked)));

    world.exchange("Mei");
    assert_eq!(own_events(&mut world), before);
    let mei = world.phone("Mei").engine();
    assert_eq!((mei.unsent().unwrap(), mei.sync_status().trouble), (0, None));
    let device = mei.device().unwrap();
    let mut actions = world.office.actions_of(device);
    actions.sort();
    let all = actions.len();
    actions.dedup();
    assert_eq!((actions.len(), all as u64), (all, before), "each event once");
}

/// Mei's phone is answered this; gives for how long it then waits.
fn not_our_server(world: &mut World, answer: &[u8], failures: u32) -> i64 {
    let mei = world.phone("Mei");
    let reading = mei.reading();
    let taken = mei.engine().sync_answer(&reading, answer);
    assert!(matches!(taken, Err(ExchangeError::NotOurServer(_))), "{taken:?}");
    let status = mei.engine().sync_status();
    assert_eq!((status.trouble, status.failures), (Some(Trouble::NotOurServer), failures));
    match mei.engine().sync_next(reading.wall).unwrap() {
        Next::WaitUntil(until) => until.since(reading.wall),
        next => panic!("it asks on: {next:?}"),
    }
}

#[test]
fn a_request_altered_or_signed_by_another_key_is_refused_and_the_true_one_taken() {
    let (mut world, _) = before_paying();
    let packet = world.request("Mei").bytes;
    for at in (0..packet.len()).step_by(packet.len() / 40) {
        let mut altered = packet.clone();
        altered[at] ^= 0x04;
        assert!(world.office.exchange(&altered).is_err(), "byte {at}");
    }
    // Mei's request under another phone's signature.
    let stranger = doorstep::log::DeviceKeys::generate(&mut Counter::new("a stranger"));
    let device = world.phone("Mei").engine().device().unwrap();
    let request = doorstep::sync::RequestPacket::parse(&packet).unwrap();
    let me = world.phone("Mei").engine().identity().unwrap().certificate().clone();
    let request = request.open(&me.fields().signing_key).unwrap();
    let forged = doorstep::sync::seal_request(&stranger.sign_key(), device.as_bytes(), &request);
    let problem = world.office.exchange(&forged).unwrap_err();
    assert_eq!(problem.code, "bad-signature");
    assert!(problem.what_to_do.contains("nothing unsent is lost"), "{}", problem.what_to_do);
    assert_eq!(world.office.actions_of(device), []);
    world.exchange("Mei");
    assert_eq!(world.office.actions_of(device).len() as u64, own_events(&mut world));
}

#[test]
fn an_enrolment_code_works_once_and_the_phone_that_lost_its_answer_gets_it_again() {
    let world = World::new();
    let directory = Directory::new();
    let phone = |name: &str| Phone::new(name, &directory.file(name), None, &world.clock);
    let (mut mei, mut stranger) = (phone("Mei"), phone("a stranger"));
    let code = world.office.code("Mei");
    let request = mei.engine().enrol_request(&code).unwrap();
    world.office.enrol(&request).unwrap();
    let stolen = stranger.engine().enrol_request(&code).unwrap();
    assert_eq!(world.office.enrol(&stolen).unwrap_err().code, "code-used");

    // The answer was lost, the app killed: the same keys ask with the same code.
    mei.reopen();
    let again = mei.engine().enrol_request(&code).unwrap();
    let answer = world.office.enrol(&again).unwrap();
    let other = [7; 32];
    let wrong = mei.engine().finish_enrol(&answer, Some(&other)).map(|_| ());
    assert!(matches!(wrong, Err(EnrolError::Packet(_))), "{wrong:?}");
    let html = mei.engine().finish_enrol(b"<html></html>", None).map(|_| ());
    assert!(matches!(html, Err(EnrolError::Packet(_))), "{html:?}");
    let theirs = stranger.engine().finish_enrol(&answer, None).map(|_| ());
    assert!(matches!(theirs, Err(EnrolError::NotForUs(_))), "{theirs:?}");
    let company = world.office.company_key();
    assert!(mei.engine().finish_enrol(&answer, Some(&company)).is_ok());
    let twice = mei.engine().finish_enrol(&answer, Some(&company)).map(|_| ());
    assert!(matches!(twice, Err(EnrolError::AlreadyEnrolled)), "{twice:?}");
}

//! The two ends of Mei's day, and the meters between: one number, next.

use doorstep::{
    base::{Hash, Id, Instant, Lang},
    engine::{ActError, Action, FastReading},
    event::{ReadingFlag, Value, VisitKind},
    meter::MeterRecord,
    screen::CertificateState,
    standard::{SHIPPED_PROFILE, shipped},
};
use doorstep_server::rules::{
    CustomerInput, DistrictInput, MetersInput, OrderInput, PremisesInput,
};
use doorstep_tests::{Office, World, cny, id, repair, start, step, tap};

fn order(number: &str, kind: VisitKind, standard: &str, premises: Id) -> OrderInput {
    OrderInput {
        id: Some(id(number)),
        kind,
        premises,
        standard: standard.to_owned(),
        customer: CustomerInput::default(),
        ..Office::repair_for_mrs_chan(number)
    }
}

fn meter(number: &str, last: u64) -> MeterRecord {
    MeterRecord {
        number: number.to_owned(),
        digits: 5,
        last,
        // Two months before.
        last_at: Instant(doorstep_tests::NOON.0 - 61 * 86_400_000),
        last_actual: None,
        estimates: 0,
        usual: Some(40),
        used_this_year: 0,
        people: 3,
        seal: None,
        card_sold: None,
    }
}

/// Mei has meters to read behind these doors of one stair.
fn on_a_meter_round(meters: &[(&str, Vec<MeterRecord>)]) -> World {
    let mut world = World::with_phones();
    for (key, kind) in [("gz-meter-reading", "meter_reading"), ("gz-inspection", "inspection")] {
        let text = shipped(kind).expect("it ships");
        world.office.publish(&format!("standard/{key}"), text).expect("it loads");
    }
    world.office.publish("profile", SHIPPED_PROFILE.text).expect("it loads");
    let mut district = DistrictInput::default();
    for (flat, records) in meters {
        let premises = id(flat);
        district.premises.push(PremisesInput {
            id: Some(premises),
            address: format!("滨江路1号 {flat}"),
            building: "滨江路1号".to_owned(),
            stair: None,
            floor: flat.parse::<i32>().expect("a number") / 100,
            flat: Some((*flat).to_owned()),
            under_renovation: false,
            user: None,
        });
        district.meters.push(MetersInput { premises, meters: records.clone() });
    }
    world.office.change_district(&district).expect("kept");
    for (flat, _) in meters {
        let number = format!("M-{flat}");
        let input = order(&number, VisitKind::MeterReading, "gz-meter-reading", id(flat));
        let order = world.office.open_order(&input);
        world.office.assign(order, "Mei").expect("Mei is there");
    }
    world.exchange("Mei");
    world
}

fn number(value: &str) -> FastReading {
    let value = value.parse().expect("a number");
    FastReading { value, meter: None, photo: None, confirmed: false, rolled_over: false }
}

#[test]
fn one_number_reads_the_meter_ends_the_visit_and_shows_the_next_door() {
    let mut world = on_a_meter_round(&[
        ("101", vec![meter("A-1", 1_255)]),
        ("102", vec![meter("A-2", 500)]),
        ("201", vec![meter("A-3", 99_987)]),
    ]);
    // The kit is checked at the first door, opened as any visit is, and holds for the day.
    let mei = world.phone("Mei");
    let clock = mei.reading();
    let visit = id("first");
    mei.tap(&start(id("M-101"), visit)).expect("hers");
    let kit = Value::Many(vec!["uniform".to_owned(), "badge".to_owned()]);
    mei.tap(&tap("kit", step(visit, "kit", kit))).expect("carried");
    let first = mei.engine().fast_screen(&clock, Lang::En).expect("a screen");
    assert_eq!(first.progress, "0 of 3 done");

    let read = |mei: &mut doorstep_tests::Phone, name: &str, order: &str, reading| {
        let clock = mei.reading();
        mei.engine().read_next(id(name), &clock, id(order), reading, Lang::En)
    };
    let next = read(mei, "r1", "M-101", number("1301")).expect("plausible");
    let told = next.told.clone().expect("told to the customer");
    assert_eq!(told.text, "46 m³ since the last reading");
    assert_eq!(told.preview.expect("by the tiers").minor, 15_870);
    let stop = next.stop.clone().expect("two are left");
    assert_eq!(
        (stop.text.as_str(), next.meters[0].number.as_str()),
        ("Next door: 滨江路1号 102", "A-2")
    );
    let estimate = next.meters[0].estimate.as_deref();
    assert_eq!(estimate, Some("540: last value 500 and the usual 40"), "should nobody open");
    assert_eq!(read(mei, "r1", "M-101", number("1301")).expect("the same again"), next);

    // Far too much: told before anything is recorded; looked at again, it was a slip.
    let doubtful = read(mei, "r2", "M-102", number("5420"));
    assert!(
        matches!(&doubtful, Err(ActError::Doubtful(flags)) if flags == &[ReadingFlag::High]),
        "{doubtful:?}"
    );
    let words = doubtful.expect_err("doubtful").text(Lang::ZhHans);
    assert!(words.contains("远高于平常用量"), "{words}");
    let state = mei.engine().order(id("M-102")).expect("folds");
    assert!(state.visits.is_empty(), "nothing was recorded");
    let clock = mei.reading();
    let check = mei.engine().check_reading(id("M-102"), &number("542"), &clock, Lang::En);
    let check = check.expect("a verdict");
    assert_eq!((check.text.as_str(), check.flags.len()), ("42 m³ since the last reading", 0));
    read(mei, "r3", "M-102", number("542")).expect("plausible");
    let state = mei.engine().order(id("M-102")).expect("folds");
    let visit = state.visits.values().next().expect("visited").id;
    let report = mei.engine().visit_report(visit).expect("hers");
    let steps: Vec<_> = report.steps.iter().map(|line| line.step.as_str()).collect();
    assert_eq!(steps, ["kit", "reading"], "the kit of this morning");
    assert_eq!(report.outcome.as_deref(), Some("completed"));

    // Past the end of the wheels: refused, then confirmed with a picture.
    assert!(matches!(read(mei, "r4", "M-201", number("12")), Err(ActError::Reading(_))));
    let photo = Some(doorstep::base::Hash::of(&[b"wheels"]));
    let over = FastReading { photo, rolled_over: true, confirmed: true, ..number("12") };
    let last = read(mei, "r5", "M-201", over).expect("confirmed");
    assert_eq!(last.told.expect("told").text, "25 m³ since the last reading");
    assert_eq!((last.stop, last.progress.as_str()), (None, "3 of 3 done"));
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().expect("readable"), 0);
}

#[test]
fn of_two_meters_behind_one_door_the_last_one_ends_the_visit() {
    let mut world = on_a_meter_round(&[
        ("101", vec![meter("A-1", 100), meter("A-2", 200)]),
        ("102", vec![meter("A-3", 300)]),
    ]);
    let mei = world.phone("Mei");
    let clock = mei.reading();
    let unnamed = mei.engine().read_next(id("r0"), &clock, id("M-101"), number("140"), Lang::En);
    assert!(matches!(unnamed, Err(ActError::Reading(_))));
    let named = |meter: &str, value| FastReading { meter: Some(meter.to_owned()), ..number(value) };
    let first =
        mei.engine().read_next(id("r1"), &clock, id("M-101"), named("A-1", "140"), Lang::En);
    let first = first.expect("read");
    assert_eq!(first.stop.expect("the same door").order, id("M-101"));
    assert_eq!(first.meters.len(), 1);
    // The visit's own screen shows the one that is left, and what it is estimated at.
    let visits = mei.engine().order(id("M-101")).expect("folds").visits;
    let visit = visits.into_keys().next().expect("begun");
    let left = mei.engine().visit_screen(visit, Lang::En).expect("hers").meters;
    assert_eq!(left, first.meters);
    let estimate = left[0].estimate.as_deref();
    assert_eq!(estimate, Some("240: last value 200 and the usual 40"));
    let then = mei.engine().read_next(id("r2"), &clock, id("M-101"), named("A-2", "240"), Lang::En);
    assert_eq!(then.expect("read").stop.expect("the next door").order, id("M-102"));
    assert_eq!(mei.engine().visit_screen(visit, Lang::En).expect("hers").meters, []);
}

#[test]
fn a_visit_that_ended_with_its_picture_takes_no_more() {
    let mut world = on_a_meter_round(&[("101", vec![meter("A-1", 100)])]);
    let mei = world.phone("Mei");
    let clock = mei.reading();
    let pictured = FastReading { photo: Some(Hash::of(&[b"the wheels"])), ..number("140") };
    mei.engine().read_next(id("r1"), &clock, id("M-101"), pictured, Lang::En).expect("read");
    let visit = mei.engine().order(id("M-101")).expect("folds").visits.into_keys().next();
    let visit = visit.expect("visited");
    let more = Action::Finish { visit, outcome: "completed".into() };
    let refused = mei.engine().act(id("again"), &clock, more);
    assert!(matches!(refused, Err(ActError::Ended)), "{refused:?}");
}

#[test]
fn the_morning_counts_the_kit_of_the_days_orders() {
    let mut world = on_a_meter_round(&[("101", vec![meter("A-1", 100)])]);
    for number in ["I-1", "I-2"] {
        let input = order(number, VisitKind::Inspection, "gz-inspection", id("101"));
        let order = world.office.open_order(&input);
        world.office.assign(order, "Mei").expect("Mei is there");
    }
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").expect("Mei is there");
    world.exchange("Mei");
    let mei = world.phone("Mei");
    let clock = mei.reading();
    let screen = mei.engine().morning_screen(&clock, Lang::En).expect("a screen");
    let count = |id: &str| screen.kit.iter().find(|line| line.id == id).map(|line| line.count);
    assert_eq!(count("detector"), Some(1), "one serves a repair and two inspections");
    assert_eq!(count("hazard_notice"), Some(3));
    assert_eq!(count("hose"), Some(1));
    assert_eq!(count("task_sheet"), None);
    assert_eq!((screen.orders, screen.shift_open), (4, false));
    assert!(screen.certificates.is_empty() && screen.trouble.is_none(), "nobody publishes any");
}

#[test]
fn a_certificate_that_ended_is_told_in_the_morning_and_found_in_the_visit() {
    let mut world = on_a_meter_round(&[("101", vec![meter("A-1", 100)])]);
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").expect("Mei is there");
    let until = |day: &str| {
        format!(
            "[[certificate]]\nperson = \"{}\"\nkind = \"gas_work\"\nfrom = \"2024-12-01\"\n\
             until = \"{day}\"\n",
            id("Mei")
        )
    };
    let morning = |world: &mut World, text: &str| {
        world.office.publish("qualifications", text).expect("it loads");
        world.exchange("Mei");
        let mei = world.phone("Mei");
        let clock = mei.reading();
        mei.engine().morning_screen(&clock, Lang::En).expect("a screen")
    };
    assert_eq!(
        morning(&mut world, &until("2027-06-30")).certificates[0].state,
        CertificateState::Valid
    );
    let soon = morning(&mut world, &until("2026-11-30"));
    assert_eq!(soon.certificates[0].state, CertificateState::EndsSoon);
    assert!(soon.trouble.is_none());
    let ended = morning(&mut world, &until("2026-10-31"));
    let trouble = ended.trouble.expect("told");
    assert!(trouble.contains("ended on 2026-10-31"), "{trouble}");

    let mei = world.phone("Mei");
    for tap in repair(order, id("visit")) {
        mei.tap(&tap).expect("nothing is blocked");
    }
    let report = mei.engine().visit_report(id("visit")).expect("hers");
    let found = report.findings.iter().any(|line| line.finding.rule.as_deref() == Some("S-SAFE-2"));
    assert!(found, "{:?}", report.findings);
}

#[test]
fn the_evening_says_what_is_left_until_nothing_is() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").expect("Mei is there");
    world.exchange("Mei");
    let evening = |world: &mut World| {
        let mei = world.phone("Mei");
        let clock = mei.reading();
        mei.engine().evening_screen(&clock, Lang::En).expect("a screen")
    };
    assert!(evening(&mut world).ready, "nothing was begun");
    let taps = repair(order, id("visit"));
    let (last, before) = taps.split_last().expect("taps");
    let mei = world.phone("Mei");
    mei.tap(&tap("shift", Action::StartShift { float: cny(10_000) })).expect("begun");
    for tap in before {
        mei.tap(tap).expect("recorded");
    }
    let screen = evening(&mut world);
    assert_eq!(screen.to_do.len(), 3, "{:?}", screen.to_do);
    assert_eq!(screen.open_visits[0].visit, id("visit"));
    assert_eq!(screen.expected.as_ref().map(|amount| amount.minor), Some(10_000 + 12_340));

    let mei = world.phone("Mei");
    mei.tap(last).expect("ended");
    let counted = cny(10_000 + 12_340);
    let close = Action::CloseShift { counted, pieces: Vec::new(), reason: None };
    mei.tap(&tap("close", close)).expect("counted");
    let screen = evening(&mut world);
    assert!(!screen.ready && screen.open_visits.is_empty() && !screen.shift_open);
    assert_eq!((screen.difference, screen.progress.as_str()), (None, "1 of 1 done"));
    world.exchange("Mei");
    assert!(evening(&mut world).ready);
}

//! Mei's round: from door to door, with what is to be known before each opens.

use doorstep::{
    base::{Id, Lang, Personal},
    engine::{Action, HazardSeen},
    event::{VisitKind, Window},
    screen::TodayScreen,
    standard::{SHIPPED_PROFILE, SHIPPED_PROMISES, shipped},
};
use doorstep_server::rules::{CustomerInput, OrderInput, PremisesInput};
use doorstep_tests::{MINUTE, NOON, Office, World, id, no_access, start, step, tap};

const HOUR: i64 = 60 * MINUTE;

/// A door of a building, by stair, floor and flat.
fn door(building: &str, stair: &str, floor: i32, flat: &str) -> PremisesInput {
    PremisesInput {
        id: None,
        address: format!("{building} {stair} {flat}"),
        building: building.to_owned(),
        stair: Some(stair.to_owned()),
        floor,
        flat: Some(flat.to_owned()),
        under_renovation: false,
        user: None,
    }
}

fn inspection(number: &str, premises: Id) -> OrderInput {
    OrderInput {
        id: Some(id(number)),
        kind: VisitKind::Inspection,
        premises,
        standard: "gz-inspection".to_owned(),
        customer: CustomerInput::default(),
        ..Office::repair_for_mrs_chan(number)
    }
}

/// Mei has these inspections, by number and door, in whatever order.
fn on_a_round(doors: &[(&str, PremisesInput)]) -> World {
    let mut world = World::with_phones();
    let inspection_text = shipped("inspection").expect("it ships");
    world.office.publish("standard/gz-inspection", inspection_text).expect("it loads");
    world.office.publish("profile", SHIPPED_PROFILE.text).expect("it loads");
    world.office.publish("service-promises", SHIPPED_PROMISES.text).expect("they load");
    for (number, door) in doors {
        let premises = world.office.add_premises(door.clone());
        let order = world.office.open_order(&inspection(number, premises));
        world.office.assign(order, "Mei").expect("Mei is there");
    }
    world.exchange("Mei");
    world
}

fn today(world: &mut World, lang: Lang) -> TodayScreen {
    let mei = world.phone("Mei");
    let clock = mei.reading();
    mei.engine().today(&clock, lang).expect("a screen")
}

fn numbers(screen: &TodayScreen) -> Vec<&str> {
    screen.rows.iter().map(|row| row.number.as_str()).collect()
}

fn three_stairs() -> World {
    on_a_round(&[
        ("I-5", door("海港街8号", "十单元", 2, "201")),
        ("I-3", door("海港街8号", "2单元", 10, "1001")),
        ("I-1", door("海港街8号", "2单元", 2, "201")),
        ("I-2", door("海港街8号", "2单元", 2, "202")),
        ("I-4", door("海港街8号", "三单元", 1, "101")),
        ("I-6", door("海港街10号", "1单元", 1, "101")),
    ])
}

#[test]
fn the_list_goes_by_building_stair_floor_and_flat_and_numbers_by_their_value() {
    let mut world = three_stairs();
    let screen = today(&mut world, Lang::ZhHans);
    assert_eq!(numbers(&screen), ["I-1", "I-2", "I-3", "I-4", "I-5", "I-6"]);
    assert_eq!(screen.progress, "已完成 0 / 6 单");
    let next = screen.next.expect("the first door");
    assert_eq!((next.number.as_str(), screen.rows[0].kind.as_str()), ("I-1", "安检"));
    assert_eq!(screen.rows[2].stair.as_deref(), Some("2单元"));
}

#[test]
fn emergencies_go_first_then_times_agreed_then_the_round() {
    let mut world = three_stairs();
    let window = Window { from: NOON.plus_ms(2 * HOUR), to: NOON.plus_ms(4 * HOUR) };
    world.office.appoint(id("I-5"), Some(window)).expect("agreed");
    let leak = OrderInput { emergency: true, ..Office::repair_for_mrs_chan("R-1") };
    let leak = world.office.open_order(&leak);
    world.office.assign(leak, "Mei").expect("Mei is there");
    world.exchange("Mei");
    let screen = today(&mut world, Lang::En);
    assert_eq!(numbers(&screen), ["R-1", "I-5", "I-1", "I-2", "I-3", "I-4", "I-6"]);
    assert_eq!(screen.rows[1].appointment.as_deref(), Some("Agreed: 21:06 to 23:06"));
    let next = screen.next.expect("the leak");
    assert!(next.text.starts_with("Emergency first: "), "{}", next.text);

    world.office.appoint(id("I-5"), None).expect("called off");
    world.exchange("Mei");
    assert_eq!(numbers(&today(&mut world, Lang::En))[1], "I-1");
}

#[test]
fn after_each_visit_the_screen_names_the_next_door_and_closed_doors_wait_to_the_end() {
    let mut world = three_stairs();
    let window = Window { from: NOON.plus_ms(HOUR), to: NOON.plus_ms(2 * HOUR) };
    world.office.appoint(id("I-6"), Some(window)).expect("agreed");
    world.exchange("Mei");
    let mut told = Vec::new();
    for number in ["I-1", "I-2", "I-3"] {
        if number == "I-3" {
            world.pass(HOUR);
        }
        let visit = id(&format!("visit {number}"));
        let mei = world.phone("Mei");
        for tap in no_access(id(number), visit) {
            mei.tap(&tap).unwrap_or_else(|error| panic!("{number}: {error}"));
        }
        let next = mei.engine().visit_screen(visit, Lang::En).expect("a screen").next;
        told.push(next.expect("a door is left").text);
    }
    let expected = [
        "Next door: 海港街8号 2单元 202",
        "Same stair, floor 10: 海港街8号 2单元 1001",
        // The time agreed has come.
        "Agreed for 20:06–21:06: 海港街10号 1单元 101",
    ];
    assert_eq!(told, expected);
    let screen = today(&mut world, Lang::En);
    let attempted = screen.rows.iter().filter(|row| row.status == "attempted").count();
    assert_eq!((attempted, screen.counts.open, screen.counts.done), (3, 6, 0));
}

#[test]
fn need_language_and_open_hazards_are_known_before_the_door_opens() {
    let mut world = three_stairs();
    // Last time: a cracked hose, told and not mended.
    let visit = id("last visit");
    let held = format!(
        "[[certificate]]\nperson = \"{}\"\nkind = \"gas_work\"\nfrom = \"2024-12-01\"\n\
         until = \"2027-06-30\"\nnumber = \"GZ-RQ-20240317\"\n",
        id("Mei")
    );
    world.office.publish("qualifications", &held).expect("it loads");
    world.exchange("Mei");
    let mei = world.phone("Mei");
    mei.tap(&start(id("I-1"), visit)).expect("hers");
    let profile = doorstep::standard::Profile::load(SHIPPED_PROFILE.text).expect("it loads");
    let grade = &profile.scales[0].grades.last().expect("grades").clone();
    let seen = HazardSeen {
        grade: grade.code.clone(),
        item: "hose".to_owned(),
        text: None,
        evidence: Vec::new(),
        first: None,
        first_order: None,
        party: None,
    };
    mei.tap(&tap("hazard", Action::FindHazard { visit, seen })).expect("written down");
    // The notice says by which certificate she looked, whose the hose is, and what is asked of them.
    let notice = mei.engine().hazard_notice(visit).expect("there is something to tell");
    assert_eq!(notice.head.certificate, "GZ-RQ-20240317");
    let hazard = &notice.hazards[0];
    assert_eq!(hazard.party.as_ref().map(|it| it.en.as_str()), Some("User"));
    assert_eq!(hazard.action.as_ref().map(|it| it.zh_hans.as_str()), Some("建议整改。"));
    let customer = CustomerInput {
        name: Personal::new("陈太太"),
        special_need: Some(Personal::new("knock long, call first")),
        lang: Some(Lang::ZhHant),
        ..CustomerInput::default()
    };
    let premises = id("海港街8号 2单元 201");
    let again = world.office.open_order(&OrderInput { customer, ..inspection("I-9", premises) });
    world.office.assign(again, "Mei").expect("Mei is there");
    world.exchange("Mei");
    let screen = today(&mut world, Lang::En);
    let row = screen.rows.iter().find(|row| row.number == "I-9").expect("listed");
    assert_eq!(row.special_need.as_ref().map(Personal::reveal), Some("knock long, call first"));
    assert_eq!(row.speaks.as_deref(), Some("Papers in Chinese, traditional"));
    let [hazard] = &row.hazards[..] else { panic!("{:?}", row.hazards) };
    assert_eq!(hazard.order, id("I-1"));
    assert!(hazard.text.contains("hose") && hazard.text.contains(grade.title.get(Lang::En)));
    // The projections hold nothing that the events don't say.
    world.phone("Mei").engine().rebuild().expect("rebuilt");
    assert_eq!(today(&mut world, Lang::En), screen);
}

#[test]
fn the_list_says_which_promise_is_broken_and_a_late_visit_asks_why() {
    let mut world = three_stairs();
    let fault = OrderInput {
        promises: vec!["network_fault_attended".into(), "network_fault_restored".into()],
        received: Some(NOON.plus_ms(-7 * HOUR)),
        ..Office::repair_for_mrs_chan("R-1")
    };
    let fault = world.office.open_order(&fault);
    world.office.assign(fault, "Mei").expect("Mei is there");
    let window = Window { from: NOON.plus_ms(-2 * HOUR), to: NOON.plus_ms(-HOUR) };
    world.office.appoint(fault, Some(window)).expect("agreed");
    world.exchange("Mei");
    let screen = today(&mut world, Lang::En);
    let row = &screen.rows[0];
    assert!(row.overdue && row.late, "{row:?}");
    let lines: Vec<_> = row.promises.iter().map(|line| line.text.as_str()).collect();
    let expected = [
        "Network fault attended: promised by 18:06, overdue",
        "Network fault repaired and supply restored: by 2026-11-19 12:06",
    ];
    assert_eq!(lines, expected);
    assert_eq!(row.appointment.as_deref(), Some("Agreed for 17:06 to 18:06: nobody came"));

    let visit = id("late visit");
    let mei = world.phone("Mei");
    mei.tap(&start(fault, visit)).expect("hers");
    let left = mei.engine().visit_screen(visit, Lang::En).expect("a screen").left;
    let late = left.iter().find(|line| line.step == "late_reason").expect("asked");
    assert_eq!(late.rule.as_deref(), Some("S-APP-1"));
    let why = doorstep::event::Answer {
        text: Some(Personal::new("the bridge was closed")),
        ..doorstep::event::Value::Written.into()
    };
    mei.tap(&tap("why", step(visit, "late_reason", why))).expect("written down");
    // Somebody is there: the first promise waits for nothing more.
    let row = &today(&mut world, Lang::En).rows[0];
    assert_eq!(row.promises.len(), 1);
    assert!(!row.late);
}

#[test]
fn promises_and_windows_that_make_no_sense_are_refused_with_what_to_do() {
    let world = three_stairs();
    let backwards = Window { from: NOON, to: NOON };
    let refused = world.office.appoint(id("I-1"), Some(backwards)).expect_err("ends at once");
    assert!(refused.what_to_do.contains("`from` before `to`"), "{refused:?}");
}

#[test]
fn premises_that_move_take_their_orders_along_in_the_list() {
    let mut world = three_stairs();
    let moved = PremisesInput {
        stair: Some("1单元".to_owned()),
        ..door("海港街8号", "十单元", 2, "201")
    };
    world.office.add_premises(moved);
    world.exchange("Mei");
    assert_eq!(numbers(&today(&mut world, Lang::En))[0], "I-5");
}

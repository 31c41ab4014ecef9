//! From leaving to the tool mat.

use super::*;

#[test]
fn mei_forgets_her_badge() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT[1..]));
    let finding = story.only_finding();
    assert_eq!(
        (finding.key.as_str(), finding.rule.as_deref()),
        ("limit_broken:kit:1", Some("S-PREP-1"))
    );
    assert!(finding.text(Lang::En).contains("Carry all six"), "{}", finding.text(Lang::En));
}

#[test]
fn meis_bag_hangs_from_her_hand() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&["stocked", "clean"]));
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-PREP-2"));
}

#[test]
fn mei_knocks_three_and_three_and_rings_two_seconds() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&BAG));
    story.step("knock", Value::Count(3)).wait(30).step("knock", Value::Count(3));
    story.step("bell", Value::Presses(vec![2_000])).nothing_found();
    assert_eq!(story.state.times("knock"), 2);
}

#[test]
fn mei_stays_at_the_door_until_it_opens_or_three_rounds_are_over() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&BAG));
    story.step("knock", Value::Count(3));
    let phase = |story: &Story| story.state.explain().phase;
    assert_eq!(phase(&story).as_deref(), Some("at_door"));
    story.door_opens();
    assert_eq!(phase(&story).as_deref(), Some("entering"));
}

#[test]
fn mei_knocks_four_times() {
    let mut story = Story::begin();
    story.step("knock", Value::Count(4));
    let finding = story.only_finding();
    assert_eq!(finding.kind, FindingKind::LimitBroken);
    assert_eq!(finding.rule.as_deref(), Some("S-KNOCK-1"));
    assert_eq!(finding.source.as_deref(), Some("施工、维修服务规范 三(一)2 [L411]"));
    assert_eq!(finding.text(Lang::ZhHant), "敲門：每次敲門一至三下。");
    // Recorded all the same.
    assert_eq!(story.state.done().len(), 1);
}

#[test]
fn mei_presses_the_bell_for_five_seconds_and_gives_the_reason() {
    let mut story = Story::begin();
    story.step("bell", Value::Presses(vec![2_000, 5_000]));
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-BELL-1"));
    assert_eq!(story.state.explain().reasons_due, ["limit_broken:bell:1"]);
    story.tell(ReasonGiven { finding: "limit_broken:bell:1".into() });
    assert_eq!(story.only_finding().reason, Some(story.events.last().unwrap().id));
    assert_eq!(story.state.explain().reasons_due, [""; 0]);
}

#[test]
fn mei_presses_the_bell_four_times() {
    let mut story = Story::begin();
    story.step("bell", Value::Presses(vec![500; 4]));
    assert_eq!(story.keys(), ["limit_broken:bell:1"]);
}

#[test]
fn mei_knocks_a_fourth_round_though_the_company_allows_three() {
    let mut story = Story::begin();
    for _ in 0..4 {
        story.step("knock", Value::Count(2));
    }
    let finding = story.only_finding();
    assert_eq!(finding.kind, FindingKind::TooOften { at_most: 3, times: 4 });
    assert!(
        finding.source.as_deref().unwrap().contains("utility default"),
        "not the source document's"
    );
    assert_eq!(finding.text(Lang::En), "Knock: done 4 times; at most 3 are allowed.");
}

#[test]
fn mei_knocks_again_after_five_seconds_whatever_the_wall_clock_says() {
    let mut story = Story::begin();
    story.step("knock", Value::Count(3));
    story.wait(-55).clock.since_boot_ms -= 2 * 55_000;
    story.clock.wall = Instant(0);
    story.step("knock", Value::Count(3));
    assert_eq!(story.only_finding().kind, FindingKind::TooSoon { at_least: 20, passed: 5 });
}

#[test]
fn a_reboot_with_a_clock_set_back_a_year_accuses_nobody() {
    let mut story = Story::begin();
    story.step("knock", Value::Count(3));
    story.clock = ClockReading {
        wall: story.clock.wall.plus_ms(-365 * 86_400_000),
        boot: Id::new([9; 16]),
        since_boot_ms: 0,
        ..story.clock
    };
    story.step("knock", Value::Count(3)).nothing_found();
    assert_eq!(story.state.times("knock"), 2);
}

#[test]
fn mei_shows_her_badge_only_after_going_in() {
    let mut story = Story::begin();
    story.door_opens().done("shoe_covers").done("greeting");
    let finding = story.only_finding();
    assert_eq!(
        (finding.key.as_str(), finding.rule.as_deref()),
        ("out_of_order:greeting:1", Some("S-ID-1"))
    );
    assert_eq!(
        finding.text(Lang::En),
        "Thanks, badge, who and why: done after “Shoe covers on”, which comes later."
    );
}

#[test]
fn in_the_rain_the_raincoat_belongs_to_the_visit() {
    let mut story = Story::begin();
    let due = |story: &Story| story.state.explain().left.iter().any(|left| left.step == "raincoat");
    story.door_opens();
    assert!(!due(&story));
    story.tell(ConditionsNoted { raining: Some(true), ..ConditionsNoted::default() });
    assert!(due(&story));
    story.done("greeting").done("shoe_covers").done("raincoat");
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-RAIN-1"));
}

#[test]
fn under_renovation_mei_keeps_her_shoe_covers_in_the_bag() {
    let mut story = Story::begin();
    let due =
        |story: &Story| story.state.explain().left.iter().any(|left| left.step == "shoe_covers");
    story.door_opens();
    assert!(due(&story));
    story.tell(ConditionsNoted { under_renovation: Some(true), ..ConditionsNoted::default() });
    assert!(!due(&story));
}

#[test]
fn without_shoe_covers_the_finished_visit_says_so() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&BAG)).step("knock", Value::Count(3));
    story.door_opens().done("greeting").done("tool_mat").leak_test("before", "pass");
    story.step("diagnosis", Value::Written).done("farewell").finish("declined");
    let finding = story.only_finding();
    assert_eq!(
        (finding.key.as_str(), finding.rule.as_deref()),
        ("missing:shoe_covers:1", Some("S-SHOE-1"))
    );
    assert_eq!(finding.text(Lang::ZhHans), "穿上鞋套：没有做。");
}

#[test]
fn mei_tests_for_leaks_before_she_spreads_her_mat() {
    let mut story = Story::begin();
    story
        .door_opens()
        .done("greeting")
        .done("shoe_covers")
        .leak_test("before", "pass")
        .done("tool_mat");
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-MAT-1"));
}

#[test]
fn who_needs_special_service_is_read_about_before_the_knock() {
    let mut context = VisitContext::default();
    context.world.special_needs = Some(true);
    let story = Story::by(repair(), context);
    assert!(story.state.explain().left.iter().any(|left| left.step == "special_needs"));
    assert!(!Story::begin().state.explain().left.iter().any(|left| left.step == "special_needs"));
}

#[test]
fn nobody_opens_so_mei_leaves_a_notice_with_number_and_photo() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&BAG)).step("knock", Value::Count(3));
    let error = story.state.check_finish("no_access").unwrap_err();
    assert!(error.to_string().contains("S-NOTE-1"), "{error}");
    story.step("notice", Value::Written).finish("no_access");
    // The photo is missing, and said to be; nothing behind the door is.
    assert_eq!(story.keys(), ["missing:notice_photo:1"]);
}

//! How a visit may end.

use super::*;

fn refusal(story: &Story, outcome: &str) -> String {
    story.state.check_finish(outcome).unwrap_err().to_string()
}

#[test]
fn a_repair_closes_only_after_a_passed_leak_test() {
    let mut story = Story::begin();
    story.reach_the_quote().done("work");
    assert!(
        refusal(&story, "completed").contains("(S-SAFE-1)"),
        "{}",
        refusal(&story, "completed")
    );
    story.leak_test("after", "fail");
    assert!(refusal(&story, "completed").contains("made safe"));
    story.leak_test("after", "pass");
    assert_eq!(story.state.check_finish("completed"), Ok(()));
}

#[test]
fn work_after_the_passed_test_closes_the_gate_again() {
    let mut story = Story::begin();
    story.reach_the_test().done("work");
    assert!(refusal(&story, "completed").contains("(S-SAFE-1)"));
    assert!(refusal(&story, "waiting_part").contains("(S-SAFE-1)"));
    assert!(refusal(&story, "cancelled").contains("(S-SAFE-1)"));
    story.leak_test("after", "pass");
    assert_eq!(story.state.check_finish("completed"), Ok(()));
}

#[test]
fn a_failed_test_leaves_made_safe_as_the_only_end() {
    let mut story = Story::begin();
    story.reach_the_quote().done("work").leak_test("after", "fail");
    let explained = story.state.explain();
    let left: Vec<_> = explained.left.iter().map(|left| left.step.as_str()).collect();
    assert!(left.contains(&"valve_closed"), "{left:?}");
    assert!(refusal(&story, "made_safe").contains("(S-SAFE-1)"));
    story.done("valve_closed").step("warning_tag", Value::Photo(Hash::of(&[b"tag"])));
    story.done("customer_warned").step("opinion", choice("neutral")).sign(SignOffResult::Signed);
    story.farewell();
    for outcome in ["completed", "waiting_part", "declined", "no_access"] {
        assert!(story.state.check_finish(outcome).is_err(), "{outcome}");
    }
    story.finish("made_safe").nothing_found();
}

#[test]
fn a_declined_quote_ends_the_visit_when_nothing_leaks() {
    let mut story = Story::begin();
    story.reach_the_mat().leak_test("before", "fail").step("diagnosis", Value::Written);
    assert!(refusal(&story, "declined").contains("made safe"));
    story.leak_test("before", "pass").farewell().finish("declined").nothing_found();
}

#[test]
fn entry_refused_needs_the_reason() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT)).step("tool_bag", many(&BAG)).step("knock", Value::Count(2));
    assert!(refusal(&story, "refused").contains("(S-DESK-2)"));
    story.step("refusal", Value::Written).finish("refused").nothing_found();
}

#[test]
fn a_cancelled_visit_ends_at_any_door_but_not_over_an_open_pipe() {
    let mut story = Story::begin();
    story.step("kit", many(&KIT));
    assert_eq!(story.state.check_finish("cancelled"), Ok(()));
    story.reach_the_quote().done("work");
    assert!(refusal(&story, "cancelled").contains("(S-SAFE-1)"));
}

#[test]
fn unknown_ends_and_second_ends_are_refused_in_words() {
    let mut story = Story::begin();
    assert!(refusal(&story, "complete").contains("take one of completed, made_safe"));
    story.finish("cancelled");
    assert!(refusal(&story, "cancelled").contains("ended already"));
}

#[test]
fn explain_names_each_rule_that_keeps_the_visit_open() {
    let mut story = Story::begin();
    story.reach_the_quote().done("work");
    let explained = story.state.explain();
    assert_eq!(explained.phase.as_deref(), Some("leak_test_after"));
    let left: Vec<_> = explained.left.iter().map(|left| left.step.as_str()).collect();
    assert_eq!(
        left,
        [
            "leak_after_method",
            "leak_after_instrument",
            "leak_after_calibrated",
            "leak_after",
            "site_cleaned",
            "charges",
            "opinion",
            "signature",
            "farewell",
            "covers_wiped",
        ]
    );
    assert!(explained.left.iter().all(|left| left.rule.is_some() && left.source.is_some()));
    let completed = &explained.outcomes[0];
    assert_eq!((completed.outcome.as_str(), completed.gates.len()), ("completed", 1));
    assert_eq!(completed.gates[0].rule.as_deref(), Some("S-SAFE-1"));
    assert!(completed.gates[0].source.is_some());
    assert!(serde_json::to_string(&explained).unwrap().contains("\"reasons_due\":[]"));
}

#[test]
fn an_end_that_a_gate_forbids_is_a_finding_when_it_comes_all_the_same() {
    let mut story = Story::begin();
    story.tell(VisitFinished { outcome: "completed".into(), order: None, then: None });
    let gates = |finding: &&Finding| matches!(finding.kind, FindingKind::GateOpen { .. });
    let gates: Vec<_> = story.state.findings().iter().filter(gates).collect();
    assert_eq!(gates.len(), 2);
    assert_ne!(gates[0].key, gates[1].key);
    assert!(gates.iter().all(|gate| gate.rule.is_some()));
}

#[test]
fn an_installation_is_accepted_before_gas_is_turned_on() {
    let standard = Arc::new(Standard::load(shipped("installation").unwrap()).unwrap());
    let mut story = Story::by(standard, VisitContext::default());
    story.reach_the_mat().leak_test("before", "pass").step("survey", Value::Written).done("work");
    story.step("appliance", Value::Scan("A-1203".into())).leak_test("after", "pass");
    assert!(refusal(&story, "completed").contains("(S-INST-1)"));
    let items = |flame| {
        let pass = crate::event::ItemAnswer::Pass;
        let items =
            [("position", pass), ("ventilation", pass), ("connection", pass), ("flame", flame)];
        Value::Checklist(items.into_iter().map(|(id, it)| (id.to_owned(), it)).collect())
    };
    story.step("acceptance", items(crate::event::ItemAnswer::Hazard));
    assert!(refusal(&story, "completed").contains("(S-INST-1)"));
    story.step("acceptance", items(crate::event::ItemAnswer::Pass));
    story.done("safety_check").done("instruction").done("papers").done("site_cleaned");
    story.opinion_and_signature().farewell().finish("completed").nothing_found();
}

#[test]
fn a_rule_that_stops_is_refused_and_named() {
    let text = shipped("repair").unwrap().replacen(
        "rule = \"S-KNOCK-1\"",
        "on_break = \"stop\"\nrule = \"S-KNOCK-1\"",
        1,
    );
    let story = Story::by(Arc::new(Standard::load(&text).unwrap()), VisitContext::default());
    let check = |raps| story.state.check_step("knock", &Value::Count(raps).into(), story.clock);
    assert_eq!(check(3), Ok(vec![]));
    let error = check(4).unwrap_err();
    assert!(error.to_string().contains("(S-KNOCK-1): One to three raps"), "{error}");
}

#[test]
fn what_comes_out_of_order_is_kept_also_where_a_rule_stops() {
    let text = shipped("repair").unwrap().replacen(
        "rule = \"S-KNOCK-1\"",
        "on_break = \"stop\"\nrule = \"S-KNOCK-1\"",
        1,
    );
    let mut story = Story::by(Arc::new(Standard::load(&text).unwrap()), VisitContext::default());
    story.done("greeting");
    let check = |raps| story.state.check_step("knock", &Value::Count(raps).into(), story.clock);
    assert!(matches!(check(3).unwrap()[..], [FindingKind::OutOfOrder { .. }]));
    check(4).unwrap_err();
}

//! Leak tests: a pass that its numbers deny is refused, with the numbers and the limit.

use super::*;
use crate::{event::EntryCorrected, standard::World};

/// What the core says to `step` answered like this.
fn refusal(story: &Story, step: &str, answer: Value) -> String {
    match story.state.check_step(step, &answer.into(), story.clock) {
        Err(StepError::Refused { message, rule, source_text, .. }) => {
            assert!(rule.is_some() && source_text.is_some());
            assert!(!message.zh_hans.contains('{') && !message.zh_hant.contains('{'));
            message.en
        }
        other => panic!("{step}: {other:?}"),
    }
}

fn gauge(story: &mut Story, start: i64, end: i64, minutes: i64) {
    story.step("leak_after_method", choice("gauge")).number("leak_after_start", start, 2);
    story.number("leak_after_end", end, 2).number("leak_after_minutes", minutes, 0);
}

#[test]
fn a_pass_without_numbers_or_against_them_is_refused_and_a_fail_never_is() {
    let mut story = Story::begin();
    story.reach_the_quote().done("work");
    let said = refusal(&story, "leak_after", choice("pass"));
    assert!(said.contains("at most 0 ppm") && said.contains("Recorded: – ppm"), "{said}");

    story.step("leak_after_method", choice("detector")).number("leak_after_ppm", 1, 0);
    assert!(refusal(&story, "leak_after", choice("pass")).contains("Recorded: 1 ppm"));
    story.number("leak_after_ppm", 0, 0);
    assert_eq!(
        story.state.check_step("leak_after", &choice("pass").into(), story.clock),
        Ok(vec![])
    );

    gauge(&mut story, 210, 162, 5);
    let said = refusal(&story, "leak_after", choice("pass"));
    assert!(said.contains("2.10 → 1.62 kPa in 5 minutes"), "{said}");
    story.step("leak_after", choice("fail"));
    gauge(&mut story, 208, 208, 4);
    assert!(refusal(&story, "leak_after", choice("pass")).contains("in 4 minutes"));
    gauge(&mut story, 208, 207, 5);
    assert!(refusal(&story, "leak_after", choice("pass")).contains("2.08 → 2.07 kPa"));
    gauge(&mut story, 0, 0, 5);
    assert!(refusal(&story, "leak_after", choice("pass")).contains("0.00 → 0.00 kPa"));
    gauge(&mut story, 208, 208, 5);
    story.step("leak_after", choice("pass"));

    story.step("leak_after_method", choice("soap")).step("leak_after_bubbles", choice("seen"));
    assert!(refusal(&story, "leak_after", choice("pass")).contains("bubbles: Seen"));
    story.step("leak_after_bubbles", choice("none")).step("leak_after", choice("pass"));
    let results: Vec<_> =
        story.state.done().iter().filter(|done| done.step == "leak_after").collect();
    assert_eq!(results.len(), 3, "each round is kept");
}

#[test]
fn numbers_from_before_the_last_work_say_nothing_of_it() {
    let mut story = Story::begin();
    story.reach_the_test();
    assert_eq!(story.state.check_finish("completed"), Ok(()));
    story.done("work");
    refusal(&story, "leak_after", choice("pass"));
    story.number("leak_after_ppm", 0, 0).step("leak_after", choice("pass"));
    assert_eq!(story.state.check_finish("completed"), Ok(()));
}

#[test]
fn a_pass_falls_with_a_number_that_comes_after_it() {
    let mut story = Story::begin();
    story.reach_the_test();
    assert_eq!(story.state.check_finish("completed"), Ok(()));
    story.number("leak_after_ppm", 35, 0);
    assert!(story.state.check_finish("completed").is_err(), "what was measured last counts");
    assert!(!story.state.facts().steps["leak_after"].holds);
    story.number("leak_after_ppm", 0, 0);
    assert_eq!(story.state.check_finish("completed"), Ok(()));
}

#[test]
fn a_number_corrected_after_the_end_opens_the_gate_it_had_closed() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().opinion_and_signature().farewell();
    story.finish("completed").nothing_found();
    let ppm = |done: &&Done| done.step == "leak_after_ppm";
    let entry = story.state.done().iter().find(ppm).unwrap().event;
    let read = Value::Number(Decimal { units: 60, decimals: 0 });
    story.tell(EntryCorrected { entry, value: Some(read) });
    let gate = |it: &&Finding| matches!(it.kind, FindingKind::GateOpen { .. });
    let gates: Vec<_> = story.state.findings().iter().filter(gate).collect();
    assert_eq!(gates.len(), 1, "{:?}", story.keys());
    assert_eq!(gates[0].rule.as_deref(), Some("S-SAFE-1"));
}

#[test]
fn new_pipe_is_held_under_pressure_for_as_long_as_its_user_asks() {
    for (user, least) in [(Some("resident"), 15), (Some("commercial"), 30), (None, 30)] {
        let world = World { user: user.map(str::to_owned), ..World::default() };
        let standard = Arc::new(Standard::load(shipped("repair").unwrap()).unwrap());
        let mut story = Story::by(standard, VisitContext { world, ..VisitContext::default() });
        story.reach_the_quote().done("new_pipe").done("work").leak_test("after", "pass");
        assert!(story.state.check_finish("completed").is_err(), "{user:?}");
        story.step("pipe_test_instrument", Value::Scan("G-2".into()));
        story.number("pipe_test_calibrated", 202_608, 0);
        story.number("pipe_test_start", 500, 2).number("pipe_test_end", 500, 2);
        story.number("pipe_test_minutes", least - 1, 0);
        let said = refusal(&story, "pipe_test", choice("pass"));
        assert!(said.contains(&format!("in {} minutes", least - 1)), "{said}");
        story.number("pipe_test_minutes", least, 0).number("pipe_test_start", 499, 2);
        assert!(refusal(&story, "pipe_test", choice("pass")).contains("4.99 → 5.00 kPa"));
        story.number("pipe_test_start", 500, 2).step("pipe_test", choice("pass"));
        assert_eq!(story.state.check_finish("completed"), Ok(()), "{user:?}");
    }
}

#[test]
fn an_instrument_past_its_calibration_is_a_finding_by_what_the_profile_says() {
    let limit = AgeLimit { oldest: 202_512, unknown_is_hazard: true };
    let world =
        World { ages: BTreeMap::from([("leak_instrument".into(), limit)]), ..World::default() };
    let standard = Arc::new(Standard::load(shipped("repair").unwrap()).unwrap());
    let mut story = Story::by(standard, VisitContext { world, ..VisitContext::default() });
    story.reach_the_mat().step("leak_before_method", choice("detector"));
    story.number("leak_before_calibrated", 202_512, 0).nothing_found();
    story.number("leak_before_calibrated", 202_511, 0).number("leak_before_calibrated", 0, 0);
    assert_eq!(
        story.keys(),
        ["limit_broken:leak_before_calibrated:2", "limit_broken:leak_before_calibrated:3"]
    );
    assert_eq!(story.state.findings()[0].rule.as_deref(), Some("S-SAFE-2"));
}

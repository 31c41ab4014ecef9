//! What nobody can have meant: refused, nothing recorded.

use super::*;
use crate::event::ItemAnswer;

fn check(step: &str, answer: impl Into<Answer>) -> Result<(), ValueError> {
    validate_step(&repair(), step, &answer.into())
}

fn written(text: &str) -> Answer {
    Answer { text: Some(text.into()), ..Answer::from(Value::Written) }
}

#[test]
fn numbers_nobody_can_mean_are_refused_with_their_bounds() {
    for raps in [-1, 1_000_000_000_000, i64::MIN, i64::MAX] {
        let error = check("knock", Value::Count(raps)).unwrap_err();
        assert!(error.to_string().contains("0 to 1000"), "{error}");
    }
    assert_eq!(check("knock", Value::Count(4)), Ok(()), "that is a finding, not an error");
    assert!(check("bell", Value::Presses(vec![-1])).is_err());
    assert!(check("bell", Value::Presses(vec![MAX_PRESS_MS + 1])).is_err());
    assert!(check("bell", Value::Presses(vec![])).is_err());
    assert!(check("bell", Value::Presses(vec![1; MAX_PRESSES + 1])).is_err());
}

#[test]
fn unknown_steps_and_answers_of_another_kind_are_refused() {
    assert!(matches!(check("knok", Value::Count(1)), Err(ValueError::UnknownStep { .. })));
    assert!(
        matches!(check(&"k".repeat(1_000_000), Value::Done), Err(ValueError::UnknownStep { step }) if step.len() == 40)
    );
    let error = check("knock", Value::Done).unwrap_err();
    assert_eq!(error.to_string(), "step `knock` is a count step: answer it as one");
    assert!(matches!(check("payment", Value::Count(1)), Err(ValueError::OwnAction { .. })));
    assert!(matches!(check("signature", Value::Done), Err(ValueError::OwnAction { .. })));
}

#[test]
fn unknown_and_repeated_choices_are_refused() {
    let error = check("leak_after", choice("maybe")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "step `leak_after` has no choice `maybe`: take one of pass, fail"
    );
    assert!(matches!(
        check("kit", many(&["badge", "badge"])),
        Err(ValueError::RepeatedChoice { .. })
    ));
    assert!(matches!(check("kit", many(&[])), Err(ValueError::Empty { .. })));
    assert!(matches!(check("kit", many(&["badge"; 7])), Err(ValueError::TooLong { .. })));
    let items = BTreeMap::from([("roof".to_owned(), ItemAnswer::Pass)]);
    let installation = Standard::load(shipped("installation").unwrap()).unwrap();
    let error =
        validate_step(&installation, "acceptance", &Value::Checklist(items).into()).unwrap_err();
    assert!(matches!(error, ValueError::UnknownChoice { .. }));
}

#[test]
fn long_texts_are_refused_and_the_limit_is_named() {
    assert_eq!(check("diagnosis", written(&"气".repeat(2_000))), Ok(()));
    let error = check("diagnosis", written(&"气".repeat(2_001))).unwrap_err();
    assert!(error.to_string().contains("the limit is 2000"), "{error}");
    let error = check("notice", written(&"1".repeat(41))).unwrap_err();
    assert!(error.to_string().contains("the limit is 40"), "{error}");
    let note = Answer { note: Some("x".repeat(2_001).as_str().into()), ..Value::Count(1).into() };
    assert!(check("knock", note).unwrap_err().to_string().contains("the limit is 2000"));
    assert!(matches!(check("diagnosis", Value::Written), Err(ValueError::Empty { .. })));
    assert!(matches!(check("diagnosis", written(" ")), Err(ValueError::Empty { .. })));
    assert!(matches!(check("diagnosis", written("a\u{1b}[0m")), Err(ValueError::NotText { .. })));
    let both = Answer { text: Some("x".into()), ..Value::Count(1).into() };
    assert!(matches!(check("knock", both), Err(ValueError::WrongKind { .. })));
}

#[test]
fn numbers_have_their_steps_decimals() {
    let number = |units, decimals| Value::Number(Decimal { units, decimals });
    assert_eq!(check("leak_after_start", number(208, 2)), Ok(()));
    let error = check("leak_after_start", number(2_080, 3)).unwrap_err();
    assert_eq!(error.to_string(), "step `leak_after_start`: 3 decimals given, at most 2 are kept");
    assert!(check("leak_after_start", number(i64::MAX, 0)).is_err());
    assert!(check("leak_after_start", number(i64::MIN, 2)).is_err());
    assert!(check("leak_after_start", number(1, 255)).is_err());
}

#[test]
fn a_pressure_below_zero_is_a_finding() {
    let mut story = Story::begin();
    story.step("leak_after_method", choice("gauge"));
    story.step("leak_after_start", Value::Number(Decimal { units: -5, decimals: 2 }));
    assert_eq!(story.keys(), ["limit_broken:leak_after_start:1"]);
}

#[test]
fn what_a_refused_answer_would_have_been_leaves_no_trace() {
    let story = Story::begin();
    let refused = story.state.check_step("knock", &Value::Count(-1).into(), story.clock);
    assert!(refused.is_err());
    assert!(story.state.done().is_empty() && story.state.findings().is_empty());
}

#[test]
fn an_event_with_a_step_nobody_knows_is_kept_as_a_finding() {
    let mut story = Story::begin();
    story.tell(StepRecorded { step: "moonwalk".into(), value: Value::Done });
    story.tell(StepRecorded { step: "knock".into(), value: Value::Count(-1) });
    assert_eq!(story.keys(), ["not_in_standard:visit:2", "not_in_standard:knock:3"]);
    assert_eq!(story.state.times("knock"), 0);
}

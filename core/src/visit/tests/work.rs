//! From the tool mat to the farewell.

use super::*;

#[test]
fn a_repair_by_the_standard_finds_nothing() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().opinion_and_signature().farewell();
    let explained = story.state.explain();
    assert_eq!(explained.left, []);
    assert_eq!(explained.phase.as_deref(), Some("leaving"));
    story.finish("completed").nothing_found();
    assert!(story.state.pin_matches());
    assert_eq!(story.state.explain().phase, None);
}

#[test]
fn paying_before_cleaning_up_is_as_good_as_after() {
    let mut story = Story::begin();
    story.reach_the_test().charge().pay().done("site_cleaned").opinion_and_signature().farewell();
    story.finish("completed").nothing_found();
}

#[test]
fn charging_without_a_quote_is_found_at_the_end() {
    let mut story = Story::begin();
    story.reach_the_mat().leak_test("before", "pass").step("diagnosis", Value::Written);
    story.done("work").leak_test("after", "pass").charge().pay().done("site_cleaned");
    story.opinion_and_signature().farewell().finish("completed");
    assert_eq!(story.keys(), ["missing:quote:1"]);
}

#[test]
fn a_quote_accepted_after_the_work_is_out_of_order() {
    let mut story = Story::begin();
    story
        .reach_the_mat()
        .leak_test("before", "pass")
        .step("diagnosis", Value::Written)
        .done("work");
    let total = labour().amount();
    story.tell(QuoteOffered { version: 1, lines: vec![labour()], total });
    story.tell(QuoteAccepted { version: 1 });
    assert_eq!(story.keys(), ["out_of_order:quote:1"]);
}

#[test]
fn extra_work_is_quoted_again_without_blame() {
    let mut story = Story::begin();
    story.reach_the_quote().done("work");
    let total = labour().amount();
    story.tell(QuoteOffered { version: 2, lines: vec![labour()], total });
    story.tell(QuoteAccepted { version: 2 }).done("work").nothing_found();
}

#[test]
fn cash_that_was_not_called_out_and_counted_is_found() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge();
    let money = |minor| Money::new(minor, Currency::CNY);
    story.tell(Paid {
        series: Id::new([5; 16]),
        number: 1,
        due: money(3_000),
        tendered: money(3_000),
        change: money(0),
        method: PaymentMethod::Cash,
        photo: None,
        deposits: None,
    });
    story.opinion_and_signature().farewell().finish("completed");
    let finding = story.only_finding();
    assert_eq!(
        (finding.key.as_str(), finding.rule.as_deref()),
        ("missing:cash_counted:1", Some("S-PAY-1"))
    );
}

#[test]
fn what_is_still_owed_is_found_at_the_end() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().opinion_and_signature().farewell();
    story.finish("completed");
    assert_eq!(story.keys(), ["missing:payment:1"]);
}

#[test]
fn the_site_is_cleaned_before_the_customer_is_asked() {
    let mut story = Story::begin();
    story.reach_the_test().charge().pay().step("opinion", choice("neutral")).done("site_cleaned");
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-CLEAN-1"));
}

#[test]
fn the_opinion_is_asked_before_the_signature() {
    let mut story = Story::begin();
    story.reach_the_test().sign(SignOffResult::Signed).step("opinion", choice("satisfied"));
    assert_eq!(story.only_finding().rule.as_deref(), Some("S-SIGN-1"));
    assert_eq!(story.keys(), ["out_of_order:opinion:1"]);
}

#[test]
fn a_charge_after_the_signature_is_not_part_of_what_mrs_chan_signed() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().opinion_and_signature().charge();
    let finding = story.only_finding();
    assert_eq!(
        (&finding.kind, finding.key.as_str()),
        (&FindingKind::AfterSignOff, "after_sign_off:charges:2")
    );
}

#[test]
fn a_signature_mrs_chan_declined_binds_nothing_and_is_no_finding() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().step("opinion", choice("not_given"));
    story.sign(SignOffResult::Declined).charge().farewell().finish("completed").nothing_found();
}

#[test]
fn leaving_without_a_farewell_and_with_wet_covers_is_found() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().opinion_and_signature();
    story.finish("completed");
    assert_eq!(story.keys(), ["missing:farewell:1", "missing:covers_wiped:1"]);
    let rules: Vec<_> = story.state.findings().iter().filter_map(|f| f.rule.as_deref()).collect();
    assert_eq!(rules, ["S-BYE-1", "S-SHOE-2"]);
}

#[test]
fn what_is_recorded_after_the_end_is_kept_and_marked() {
    let mut story = Story::begin();
    story.reach_the_test().done("site_cleaned").charge().pay().opinion_and_signature().farewell();
    story.finish("completed");
    let clock = story.clock;
    let refused = story.state.check_step("work_photo", &Value::Photo(Hash::of(&[])).into(), clock);
    assert_eq!(refused, Err(StepError::Ended));
    // Another pen may have written it all the same.
    story.tell(StepRecorded { step: "farewell".into(), value: Value::Done });
    assert_eq!(story.only_finding().kind, FindingKind::AfterFinish);
    assert_eq!(story.state.times("farewell"), 2);
}

#[test]
fn findings_read_in_three_languages() {
    let mut story = Story::begin();
    story
        .step("knock", Value::Count(4))
        .step("knock", Value::Count(1))
        .wait(-60)
        .step("knock", Value::Count(1));
    story
        .step("knock", Value::Count(1))
        .tell(StepRecorded { step: "moonwalk".into(), value: Value::Done });
    story.done("tool_mat").done("greeting").sign(SignOffResult::Signed).done("work");
    story
        .tell(VisitFinished { outcome: "completed".into(), order: None, then: None })
        .tell(VisitFinished { outcome: "?".into(), order: None, then: None });
    assert!(story.keys().len() > 8, "{:?}", story.keys());
    for finding in story.state.findings() {
        for lang in Lang::ALL {
            let text = finding.text(lang);
            assert!(!text.is_empty() && !text.contains('⟨'), "{text}");
        }
    }
}

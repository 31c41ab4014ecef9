//! How soon what a hazard asks for is done.

use super::*;
use crate::event::{Duty, DutyDone, DutyWithin, GasShutOff, HazardFound, ShutOff};

/// A leak is found; the supervisor within half an hour, the notice within one.
fn leak(story: &mut Story) -> Hash {
    let now = story.clock;
    let limit = |duty, minutes, rule: &str| DutyWithin { duty, minutes, rule: rule.into() };
    story.tell(HazardFound {
        scale: "gd-3".into(),
        grade: "1".into(),
        rank: 1,
        item: "the joint behind the stove".into(),
        duties: vec![Duty::ShutOff, Duty::Notice, Duty::TellSupervisor],
        due: None,
        evidence: Vec::new(),
        first: None,
        first_order: None,
        within: Some(vec![
            limit(Duty::TellSupervisor, 30, "D-HAZARD-CALL"),
            limit(Duty::Notice, 60, "D-HAZARD-NOTICE"),
            limit(Duty::ShutOff, 5, "D-TEST"),
        ]),
        party: None,
        recheck: None,
    });
    // Telling it takes a minute: what follows counts from the finding.
    story.clock = now;
    story.events.last().unwrap().id
}

fn duty(story: &mut Story, hazard: Hash, duty: Duty) {
    story.tell(DutyDone { hazard, duty, refused: false, number: None, photo: None });
}

#[test]
fn in_time_to_the_second_is_in_time_and_a_second_later_is_a_finding_with_its_rule() {
    let mut story = Story::begin();
    let hazard = leak(&mut story);
    story.wait(30 * 60);
    duty(&mut story, hazard, Duty::TellSupervisor);
    story.nothing_found();
    story.wait(29 * 60 + 1);
    duty(&mut story, hazard, Duty::Notice);
    let [late] = story.state.findings() else { panic!("{:?}", story.state.findings()) };
    assert_eq!(late.rule.as_deref(), Some("D-HAZARD-NOTICE"));
    assert_eq!(late.kind, FindingKind::DutyLate { duty: Duty::Notice, within: 60, passed: 61 });
    let text = late.text(Lang::En);
    assert!(text.contains("joint behind the stove") && text.contains("61 minutes"), "{text}");
    assert!(late.text(Lang::ZhHans).contains("应在 60 分钟内"), "{}", late.text(Lang::ZhHans));
    // Done again it is not late again; a duty of another hazard is none of this visit's.
    story.wait(3_600);
    duty(&mut story, hazard, Duty::Notice);
    duty(&mut story, Hash::of(&[b"another"]), Duty::TellSupervisor);
    assert_eq!(story.keys().len(), 1);
}

#[test]
fn gas_shut_off_late_is_a_finding_too() {
    let mut story = Story::begin();
    let hazard = leak(&mut story);
    let off = GasShutOff { what: ShutOff::Valve, hazard: Some(hazard), paper: None, photo: None };
    story.wait(301).tell(off);
    assert_eq!(story.state.findings()[0].rule.as_deref(), Some("D-TEST"));
}

#[test]
fn a_clock_that_jumps_or_runs_back_finds_nothing_that_was_not_so() {
    // Set three hours forward while the phone runs: time since it was switched on counts.
    let mut story = Story::begin();
    let hazard = leak(&mut story);
    story.wait(600).clock.wall = story.clock.wall.plus_ms(3 * 3_600_000);
    duty(&mut story, hazard, Duty::TellSupervisor);
    story.nothing_found();
    // Run back while it runs: late is late.
    story.wait(3_600).clock.wall = story.clock.wall.plus_ms(-9 * 3_600_000);
    duty(&mut story, hazard, Duty::Notice);
    assert_eq!(story.keys().len(), 1);

    // Run back across a restart: nobody knows how much passed.
    let mut story = Story::begin();
    let hazard = leak(&mut story);
    story.wait(7_200);
    story.clock.boot = Id::new([5; 16]);
    story.clock.since_boot_ms = 60_000;
    story.clock.wall = story.clock.wall.plus_ms(-3 * 3_600_000);
    duty(&mut story, hazard, Duty::TellSupervisor);
    story.nothing_found();
}

//! What the customer takes home: the words she signed, and her signature.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{base::Lang, document::text, engine::ActError, event::SignOffResult};
use doorstep_tests::{World, id, repair};

#[test]
fn the_report_holds_the_words_mrs_chan_signed_and_not_what_was_recorded_afterwards() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let visit = id("Mei's visit");
    let taps = repair(order, visit);
    let signing = taps.iter().position(|tap| format!("{:?}", tap.action).contains("SignOff"));
    let (before, after) = taps.split_at(signing.unwrap());

    world.work("Mei", before);
    let early = world.phone("Mei").engine().service_report(visit);
    assert!(matches!(early, Err(ActError::NotSigned)), "{early:?}");
    let shown = world.phone("Mei").engine().statement(visit, None).unwrap();

    world.work("Mei", after);
    world.phone("Mei").kill();
    world.phone("Mei").reopen();
    let report = world.phone("Mei").engine().service_report(visit).unwrap();
    assert_eq!(report.statement.reveal(), shown.text, "the text as shown, to the letter");
    assert_eq!((report.result, report.lang), (SignOffResult::Signed, shown.lang));
    assert_eq!(report.strokes, [vec![(1_000, 2_000), (3_000, 2_500), (5_200, 1_900)]]);
    assert!(text(&report, Lang::En, 48).contains("123.40"));
    assert!(!format!("{report:?}").contains("Chan"), "a log never holds names");
}

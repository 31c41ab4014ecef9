//! What the customer takes home: the words she signed, and her signature.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{Hash, Id, Lang},
    document::{Font, pdf, svg, text},
    engine::{ActError, Action, SignOffError},
    event::{SignOffResult, Value},
};
use doorstep_tests::{MINUTE, Tap, World, id, repair, step, tap};

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

/// Mei's visit, up to the moment at which Mrs Chan is to sign, and what comes from then on.
fn to_be_signed(world: &mut World) -> (Id, Vec<Tap>) {
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let visit = id("Mei's visit");
    let mut taps = repair(order, visit);
    let signing = taps.iter().position(|tap| matches!(tap.action, Action::SignOff { .. }));
    let after = taps.split_off(signing.unwrap());
    world.work("Mei", &taps);
    (visit, after)
}

#[test]
fn nobody_signs_a_text_that_was_not_shown() {
    let mut world = World::with_phones();
    let (visit, after) = to_be_signed(&mut world);
    let reading = world.phone("Mei").reading();
    let mei = world.phone("Mei").engine();
    let shown = mei.sign_screen(visit, None).unwrap();
    let language = Lang::ALL.into_iter().find(|lang| *lang != shown.lang);
    let other = mei.sign_screen(visit, language).unwrap();
    for hash in [other.hash, Hash::of(&[])] {
        let mut action = after[0].action.clone();
        let Action::SignOff { sign_off, .. } = &mut action else { unreachable!() };
        sign_off.shown = hash;
        let refused = mei.act(id("signed unseen"), &reading, action);
        assert!(matches!(refused, Err(ActError::SignOff(SignOffError::Changed))), "{refused:?}");
    }
    assert!(mei.sign_screen(visit, None).unwrap() == shown, "nothing was recorded");
}

#[test]
fn after_signing_the_screen_shows_the_text_that_was_signed_whatever_came_later() {
    let mut world = World::with_phones();
    let (visit, after) = to_be_signed(&mut world);
    let shown = world.phone("Mei").engine().sign_screen(visit, None).unwrap();
    assert_eq!(shown.signed, None);
    world.work("Mei", &after[..1]);
    world.pass(MINUTE);
    world.work("Mei", &after[1..]);
    let mei = world.phone("Mei").engine();
    assert_ne!(mei.statement(visit, None).unwrap().text, shown.statement, "time went on");
    let signed = mei.sign_screen(visit, Some(Lang::ZhHans)).unwrap();
    assert!(signed.statement == shown.statement && signed.hash == shown.hash);
    assert_eq!(signed.lang, shown.lang);
    assert!(signed.signed.is_some());
}

/// A picture as a camera makes one, and as the phone's app makes it small.
const BURNER: &[u8] = include_bytes!("../../../core/tests/documents/burner.jpg");
/// The font that every machine with the checks has.
const FONT: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

#[test]
fn a_photo_of_the_visit_is_in_the_report_before_and_after_it_went_to_the_office() {
    let mut world = World::with_phones();
    let (visit, after) = to_be_signed(&mut world);
    let order = world.phone("Mei").engine().visit_report(visit).unwrap().order;
    let reading = world.phone("Mei").reading();
    let camera = [BURNER, &[0; 90_000]].concat();
    let taken =
        world.phone("Mei").engine().take_photo(id("the burner"), &reading, visit, &camera, BURNER);
    let address = taken.unwrap().photo.unwrap();
    world.work("Mei", &[tap("shown", step(visit, "work_photo", Value::Photo(address)))]);
    world.work("Mei", &after);

    let drawn = |world: &mut World| {
        let report = world.phone("Mei").engine().service_report(visit).unwrap();
        let [photo] = &report.photos[..] else { panic!("{:?}", report.photos) };
        assert_eq!(photo.address, address);
        let font = std::fs::read(FONT).unwrap();
        let page = pdf(&report, Lang::En, &Font::new(&font, 0).unwrap()).unwrap();
        (svg(&report, Lang::En), page)
    };
    let holds = |(drawing, page): &(String, Vec<u8>)| {
        let small = data_encoding::BASE64.encode(BURNER);
        assert!(drawing.contains(&format!("data:image/jpeg;base64,{small}")), "{drawing}");
        assert!(page.windows(BURNER.len()).any(|bytes| bytes == BURNER), "not in the PDF");
    };
    let before = drawn(&mut world);
    holds(&before);
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    assert_eq!(world.office.photo(order, &address).unwrap(), camera, "what the office fetches");
    world.exchange("Mei");
    world.phone("Mei").kill();
    world.phone("Mei").reopen();
    assert!(drawn(&mut world) == before, "the same paper, to the byte");
}

//! A phone gets a new certificate on the same file: after its keys were lost, after a revocation, in the
//! middle of a shift. What it had recorded is never lost, and never counts unless somebody vouches for it.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{Id, Lang},
    engine::{Action, EnrolError, SecretStore},
    event::Pieces,
    log::{Class, Subject},
};
use doorstep_server::{rules::Release, store::RevokeReason};
use doorstep_tests::{Directory, World, cny, id, repair, tap};

/// Mei is in the middle of Mrs Chan's repair, money taken, and the office has none of it.
fn in_the_middle() -> (World, Id, usize) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &[tap("the bag", Action::StartShift { float: cny(10_000) })]);
    let visit = repair(order, id("Mei's visit"));
    let paid = visit.iter().position(|tap| matches!(tap.action, Action::Pay { .. })).unwrap();
    // Sealed up to the receipt, and a little further without a seal.
    world.work("Mei", &visit[..=paid + 2]);
    (world, order, paid + 3)
}

fn device(world: &mut World) -> Id {
    world.phone("Mei").engine().device().unwrap()
}

fn sound(world: &mut World) {
    let report = world.phone("Mei").engine().doctor().unwrap();
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn work_whose_keys_were_lost_is_adopted_and_counts_once_he_admits_it() {
    let (mut world, order, events) = in_the_middle();
    let old = device(&mut world);
    // A keystore that a phone's update emptied.
    world.phone("Mei").secrets().keep(&[]).unwrap();
    world.phone("Mei").reopen();
    let phone = world.phone("Mei");
    assert!(phone.engine().identity().is_none(), "it has to be enrolled again");
    let unsent = phone.engine().unsent().unwrap();
    assert!(unsent as usize > events, "nothing is gone: {unsent}");

    world.enrol_again("Mei");
    assert_ne!(device(&mut world), old);
    world.exchange("Mei");
    // A key that was made offline came along: who paid can be read.
    let series = Subject::receipt_series(old);
    assert_eq!(world.office.keys_of(&series), [Class::Money]);
    // What the lost key had sealed, at the receipt, counts; nobody vouches for the rest yet.
    let state = world.office.order(order).state;
    assert_eq!(state.visits.values().next().unwrap().paid, Some(cny(12_340)));
    let held = world.office.held();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].reason.as_str(), held[0].device, held[0].events), ("adopted", old, 2));
    assert_eq!(world.office.held_view(held[0].id).contents.len(), 2);
    world.office.release(held[0].id, Release::Admit).unwrap();
    world.office.release(held[0].id, Release::Admit).unwrap();
    let other = world.office.release(held[0].id, Release::Refuse);
    assert!(other.is_err(), "a decision stands");
    world.exchange("Mei");
    world.exchange("Wu");
    let state = world.office.order(order).state;
    let visit = state.visits.values().next().unwrap();
    assert_eq!(visit.paid, Some(cny(12_340)));
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    sound(&mut world);
    // Everybody else believes it too: the company's seal is over it.
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    let digests = world.digests(order, &["Wu"]);
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn work_sealed_by_the_earlier_certificate_counts_without_a_question() {
    let (mut world, order, _) = in_the_middle();
    let old = device(&mut world);
    world.enrol_again("Mei");
    world.exchange("Mei");
    assert_eq!(world.office.held(), []);
    let state = world.office.order(order).state;
    assert_eq!(state.visits.values().next().unwrap().paid, Some(cny(12_340)));
    let devices = world.office.devices();
    let earlier = devices.iter().find(|device| device.device == old).unwrap();
    assert_eq!((earlier.suspect.as_deref(), earlier.held), (None, 0));
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    sound(&mut world);
    // Her old visit is of another pen: she begins a new one, and her receipts a new series.
    let again = repair(order, id("Mei's second visit"));
    world.work("Mei", &again);
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().receipts().unwrap()[0].counter, 1);
    // The cash of both is in the bag, and the float.
    let counted = cny(10_000 + 2 * 12_340);
    let close = Action::CloseShift { counted, pieces: Vec::<Pieces>::new(), reason: None };
    world.work("Mei", &[tap("the bag, counted", close)]);
}

#[test]
fn a_phone_that_dies_while_it_gets_a_new_certificate_is_one_device_or_the_other() {
    let (mut world, _, _) = in_the_middle();
    let (old, unsent) = (device(&mut world), world.phone("Mei").engine().unsent().unwrap());
    let code = world.office.code("Mei");
    let packet = world.phone("Mei").engine().enrol_again_request(&code).unwrap();
    world.phone("Mei").reopen();
    assert_eq!(device(&mut world), old, "nothing was answered yet");
    // Asked again after the crash: the same keys, so that the code is not burnt.
    assert_eq!(world.phone("Mei").engine().enrol_again_request(&code).unwrap(), packet);
    let answer = world.office.enrol(&packet).unwrap();
    let both = world.phone("Mei").secrets().load().unwrap().unwrap();
    world.phone("Mei").engine().finish_enrol(&answer, None).unwrap();
    let new = device(&mut world);
    // It died after the certificate was stored and before the old key was dropped.
    world.phone("Mei").secrets().keep(&both).unwrap();
    world.phone("Mei").reopen();
    assert_eq!(device(&mut world), new);
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), unsent);
    world.exchange("Mei");
    assert_eq!((world.office.held().len(), world.phone("Mei").engine().unsent().unwrap()), (0, 0));
    sound(&mut world);
}

#[test]
fn a_file_is_not_handed_to_another_person() {
    let (mut world, _, _) = in_the_middle();
    let code = world.office.code("Wu");
    let packet = world.phone("Mei").engine().enrol_again_request(&code).unwrap();
    let answer = world.office.enrol(&packet).unwrap();
    let refused = world.phone("Mei").engine().finish_enrol(&answer, None).map(|_| ());
    assert!(matches!(refused, Err(EnrolError::OtherPerson)));
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
}

#[test]
fn a_stolen_phone_that_is_enrolled_again_still_has_its_earlier_work_held() {
    let (mut world, order, _) = in_the_middle();
    let stolen = device(&mut world);
    world.office.revoke(stolen, RevokeReason::Stolen).unwrap();
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0, "the office has it, aside");
    world.enrol_again("Mei");
    world.exchange("Mei");
    assert_eq!(world.office.order(order).state.visits.len(), 0);
    assert!(world.office.held().iter().all(|row| row.reason == "revoked"));
    sound(&mut world);
}

/// Mei's phone was reported lost, and she found it again before it told anybody anything: whoever holds it
/// learns no decision. It says that it should be enrolled again, and hears then what was decided.
#[test]
fn a_phone_that_was_found_again_says_what_to_do_and_learns_what_was_decided() {
    let (mut world, _, _) = in_the_middle();
    let enrol_again = |world: &mut World| {
        let reading = world.phone("Mei").reading();
        let shown = world.phone("Mei").engine().sync_screen(&reading, Lang::En).unwrap();
        (shown.enrol_again_text, shown.held)
    };
    assert_eq!(enrol_again(&mut world), (None, 0));
    let lost = device(&mut world);
    world.office.revoke(lost, RevokeReason::Lost).unwrap();
    world.exchange("Mei");
    let held = world.office.held();
    assert!(held.len() > 1 && held.iter().all(|row| row.reason == "revoked"), "{held:?}");
    // Of one He says that it doesn't count.
    let mut choices = vec![Release::Admit; held.len()];
    choices[0] = Release::Refuse;
    for (row, choice) in held.iter().zip(choices) {
        world.office.release(row.id, choice).unwrap();
    }
    world.exchange("Mei");
    let (text, waiting) = enrol_again(&mut world);
    assert!(text.is_some_and(|text| text.contains("withdrew") && text.contains("enrolment code")));
    assert_eq!(waiting as usize, held.len());

    world.enrol_again("Mei");
    world.exchange("Mei");
    assert_eq!(enrol_again(&mut world), (None, 0));
    assert_eq!(world.office.held().len(), held.len(), "nothing is held twice");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0);
    sound(&mut world);
}

#[test]
fn a_phone_enrolled_again_at_a_restored_server_brings_what_the_lost_one_had_taken() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let night = Directory::new();
    let backup = world.office.copied(&world.directory, &night, &world.clock);
    world.work("Mei", &repair(order, id("Mei's visit")));
    world.exchange("Mei");
    assert_eq!(world.phone("Mei").engine().unsent().unwrap(), 0, "the server has all of it");

    // The server is put back to the night before, and Mei's phone gets a new certificate before it
    // hears of that.
    world.office = backup;
    world.office.begin_epoch();
    let old = device(&mut world);
    world.enrol_again("Mei");
    assert_ne!(device(&mut world), old);
    for _ in 0..3 {
        world.exchange("Mei");
    }
    let state = world.office.order(order).state;
    assert_eq!(state.visits.len(), 1, "what was accepted once is offered again");
    assert_eq!(state.visits.values().next().unwrap().paid, Some(cny(12_340)));
    let digests = world.digests(order, &["Mei"]);
    assert_eq!(digests[0], digests[1]);
    sound(&mut world);
}

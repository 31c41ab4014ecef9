//! Photos between Mei's phone and the office: what is taken, what is refused, and what stays.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{Hash, Lang},
    engine::{ActError, PhotoNext},
    log::DeviceKeys,
    sync::{MAX_PHOTO_BYTES, PhotoGrant, PhotoPart, Trouble},
};
use doorstep_server::store::RevokeReason;
use doorstep_tests::{MINUTE, World, id, start};

/// Mei is in a visit at Mrs Chan's, Wu has a phone too.
fn kitchen() -> (World, doorstep::base::Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    world.work("Mei", &[start(order, id("visit"))]);
    (world, order)
}

/// The part that Mei's phone would post, opened.
fn part(world: &mut World) -> PhotoPart {
    let packet = world.phone("Mei").engine().photo_request().unwrap().unwrap();
    PhotoPart::parse(&packet.bytes).unwrap()
}

fn code(world: &World, part: &PhotoPart) -> &'static str {
    world.office.photo_part(&part.to_bytes()).unwrap_err().code
}

#[test]
fn photos_go_after_every_event_and_the_office_opens_them() {
    let (mut world, order) = kitchen();
    let address = world.photo("Mei", id("visit"), "the burner");
    let engine = world.phone("Mei").engine();
    assert!(engine.photo_request().unwrap().is_none(), "nobody gave leave yet");
    world.exchange("Mei");
    assert_eq!(world.office.photo(order, &address).unwrap_err().code, "photo-awaited");
    let said = world.phone("Mei").engine().nothing_unsent().unwrap().unwrap();
    assert_eq!((said.photos, said.holds_all()), (Some(1), false));
    // Something is tapped meanwhile: it goes first.
    let second = world.photo("Mei", id("visit"), "the flue");
    assert!(world.phone("Mei").engine().photo_request().unwrap().is_none());
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    for (address, picture) in [(address, "the burner"), (second, "the flue")] {
        assert_eq!(world.office.photo(order, &address).unwrap(), picture.as_bytes());
        let engine = world.phone("Mei").engine();
        assert_eq!(engine.photo(&address).unwrap().unwrap(), picture.as_bytes());
        assert_eq!(engine.thumbnail(&address).unwrap().unwrap(), b"small");
    }
    world.exchange("Mei");
    assert!(world.phone("Mei").engine().nothing_unsent().unwrap().unwrap().holds_all());
    let other = world.office.open("R-2");
    assert_eq!(world.office.photo(other, &address).unwrap_err().code, "photo-unknown");
    assert_eq!(world.phone("Mei").engine().doctor().unwrap().problems, [""; 0]);
}

#[test]
fn the_same_tap_takes_one_photo_and_what_is_no_photo_is_refused_in_words() {
    let (mut world, _) = kitchen();
    let address = world.photo("Mei", id("visit"), "the burner");
    assert_eq!(world.photo("Mei", id("visit"), "the burner"), address);
    let reading = world.phone("Mei").reading();
    let engine = world.phone("Mei").engine();
    assert_eq!(engine.photo_count().unwrap().taken, 1);
    let huge = vec![0; MAX_PHOTO_BYTES as usize];
    let (huge, thick) = ((huge.as_slice(), &b""[..]), (&b"x"[..], &[0; 40_000][..]));
    for (nth, (image, small)) in [(&b""[..], &b""[..]), huge, thick].into_iter().enumerate() {
        let action = id(&format!("bad {nth}"));
        let refused = engine.take_photo(action, &reading, id("visit"), image, small).unwrap_err();
        assert!(matches!(refused, ActError::Photo(_)), "{refused}");
        assert!(Lang::ALL.iter().all(|lang| !refused.text(*lang).is_empty()));
    }
    let elsewhere = engine.take_photo(id("x"), &reading, id("no visit"), b"x", b"");
    assert!(matches!(elsewhere.unwrap_err(), ActError::NoSuchVisit));
    assert_eq!(engine.photo_count().unwrap().taken, 1);
}

#[test]
fn a_foreign_or_expired_leave_and_another_photo_are_refused() {
    let (mut world, order) = kitchen();
    let address = world.photo("Mei", id("visit"), "the burner");
    world.exchange("Mei");
    let good = part(&mut world);
    let wu = world.phone("Wu").engine().device().unwrap();
    let secret = std::fs::read(world.directory.file("company.key")).unwrap();
    let company = DeviceKeys::from_secret(&secret).unwrap().sign_key();
    let expires = world.phone("Mei").reading().wall.plus_ms(MINUTE);
    let grants = [
        (PhotoGrant { device: wu, expires }.sign(&company), "photo-not-yours"),
        (b"leave".to_vec(), "grant-foreign"),
        (good.grant[..good.grant.len() - 1].to_vec(), "grant-foreign"),
    ];
    for (grant, refusal) in grants {
        assert_eq!(code(&world, &PhotoPart { grant, ..good.clone() }), refusal);
    }
    let unnamed = PhotoPart { address: Hash::of(&[b"nobody's"]), ..good.clone() };
    assert_eq!(code(&world, &unnamed), "photo-unknown");
    let endless = PhotoPart { bytes: vec![0; 2_000_000], ..good.clone() };
    assert_eq!(code(&world, &endless), "photo-too-large");
    let longer = PhotoPart { bytes: vec![0; 500], ..good.clone() };
    assert_eq!(code(&world, &longer), "photo-differs");
    let other = PhotoPart { bytes: vec![0; good.bytes.len()], ..good.clone() };
    assert_eq!(code(&world, &other), "photo-differs");
    assert_eq!(world.office.photo(order, &address).unwrap_err().code, "photo-awaited");
    world.pass(61 * MINUTE);
    assert_eq!(code(&world, &good), "grant-expired");
    // The phone asks for another leave and sends the very photo.
    let engine = world.phone("Mei").engine();
    let next = engine.photo_failed(expires, Trouble::Refused, None, Some("grant-expired"));
    assert_eq!(next.unwrap(), PhotoNext::Exchange);
    assert!(engine.photo_request().unwrap().is_none());
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    assert_eq!(world.office.photo(order, &address).unwrap(), b"the burner");
}

#[test]
fn a_part_that_comes_twice_or_too_early_leaves_no_hole() {
    let (mut world, order) = kitchen();
    let address = world.photo("Mei", id("visit"), "the burner, from the left");
    world.exchange("Mei");
    let whole = part(&mut world);
    let piece = |from: usize, to: usize| PhotoPart {
        at: from as u64,
        bytes: whole.bytes[from..to].to_vec(),
        ..whole.clone()
    };
    let received = |part: &PhotoPart| {
        let bytes = world.office.photo_part(&part.to_bytes()).unwrap();
        let kept = doorstep::sync::PhotoKept::open(&world.office.company_key(), &bytes).unwrap();
        (kept.received, kept.whole)
    };
    assert_eq!(received(&piece(20, 40)), (0, false), "the beginning is missing");
    assert_eq!(received(&piece(0, 20)), (20, false));
    assert_eq!(received(&piece(0, 20)), (20, false), "twice is once");
    assert_eq!(received(&piece(10, 30)), (30, false), "what overlaps is passed over");
    assert_eq!(received(&piece(30, whole.bytes.len())), (whole.bytes.len() as u64, true));
    assert_eq!(received(&piece(0, 5)), (whole.bytes.len() as u64, true));
    assert_eq!(world.office.photo(order, &address).unwrap(), b"the burner, from the left");
}

#[test]
fn a_stolen_phone_sends_no_photo_and_a_replaced_one_still_does() {
    for (reason, refusals) in
        [(RevokeReason::Stolen, vec!["device-revoked"]), (RevokeReason::Replaced, vec![])]
    {
        let (mut world, _) = kitchen();
        world.photo("Mei", id("visit"), "the burner");
        world.exchange("Mei");
        let device = world.phone("Mei").engine().device().unwrap();
        world.office.revoke(device, reason).unwrap();
        assert_eq!(world.send_photos("Mei"), refusals);
    }
}

#[test]
fn a_devices_day_has_a_quota_and_what_is_above_it_goes_the_next_day() {
    let (mut world, order) = kitchen();
    let first = world.photo("Mei", id("visit"), "the burner");
    let second = world.photo("Mei", id("visit"), "the flue");
    let one = world.phone("Mei").engine().store().photo(&first).unwrap().unwrap().size;
    let (directory, clock) = (&world.directory, world.clock.clone());
    world.office.restart_with_quota(directory, &clock, one + 1);
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), ["photo-quota"]);
    assert_eq!(world.office.photo(order, &first).unwrap(), b"the burner");
    assert_eq!(world.phone("Mei").engine().photo_count().unwrap().refused, 1);
    // The same day again: it is tried, and stays where it is.
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), ["photo-quota"]);
    world.pass(24 * 60 * MINUTE);
    world.exchange("Mei");
    assert_eq!(world.send_photos("Mei"), [""; 0]);
    assert_eq!(world.office.photo(order, &second).unwrap(), b"the flue");
}

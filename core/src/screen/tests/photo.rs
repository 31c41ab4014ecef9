use std::collections::BTreeSet;

use super::*;

fn photo(name: u8, sent: u64, trouble: &str) -> PhotoMark {
    PhotoMark {
        address: Hash::of(&[&[name]]),
        size: 200_000,
        sent,
        arrived: sent == 200_000,
        purged: false,
        thumbnail: true,
        trouble: trouble.to_owned(),
    }
}

#[test]
fn a_step_says_how_many_of_its_photos_are_sent_and_what_nothing_names_is_shown_apart() {
    let taken = [photo(1, 200_000, ""), photo(2, 50_000, ""), photo(3, 0, ""), photo(4, 0, "")];
    let elsewhere = Hash::of(&[b"another phone's"]);
    let of_step = |at: usize| step("work_photo", Value::Photo(taken[at].address));
    let state = visit(vec![of_step(0), of_step(1), of_step(2)]);
    let mut named: Vec<_> =
        state.done().iter().zip(&taken).map(|(done, mark)| (done.event, mark.address)).collect();
    named.push((named[0].0, elsewhere));
    named.push((named[0].0, Hash::of(&[b"removed"])));
    let shown = screen_with(&state, Some("work"), &taken, &named, Lang::En);
    let card = shown.steps.iter().find(|card| card.step == "work_photo").unwrap();
    assert_eq!(card.photos_text.as_deref(), Some("1 of 3 sent"));
    let states: Vec<_> = card.photos.iter().map(|photo| photo.state).collect();
    use PhotoState::{Elsewhere, Erased, Sending, Sent, Waiting};
    assert_eq!(states, [Sent, Sending, Waiting, Elsewhere, Erased]);
    assert_eq!(card.photos[4].text, "Removed: the customer asked for it");
    assert_eq!(card.photos[1].text, "On its way: 25 % of 196 kB");
    assert_eq!((card.photos[1].bytes, card.photos[1].sent_bytes), (200_000, 50_000));
    let [loose] = &shown.loose_photos[..] else { panic!("{:?}", shown.loose_photos) };
    assert_eq!((loose.photo, loose.here, loose.thumbnail), (taken[3].address, true, true));
    let all = &shown.photos;
    assert_eq!((all.taken, all.sent, all.waiting, all.waiting_bytes), (4, 1, 3, 550_000));
    // Another step shows none of them.
    assert!(shown.steps.iter().all(|it| it.step == "work_photo" || it.photos_text.is_none()));
}

#[test]
fn a_photo_the_office_does_not_take_says_why_in_every_language() {
    let reasons = [
        "photo-quota",
        "photo-too-large",
        "photo-unknown",
        "photo-not-yours",
        "photo-differs",
        "stuck",
        "photo-of-a-later-server",
    ];
    for lang in Lang::ALL {
        let taken = reasons.iter().enumerate();
        let taken: Vec<_> = taken.map(|(name, why)| photo(name as u8, 0, why)).collect();
        let shown = screen_with(&visit(Vec::new()), None, &taken, &[], lang);
        let texts: BTreeSet<_> = shown.loose_photos.iter().map(|card| card.text.as_str()).collect();
        assert_eq!(texts.len(), reasons.len(), "{lang}");
        assert_eq!(shown.loose_photos[0].refused.as_deref(), Some("photo-quota"));
        assert_eq!((shown.photos.refused, shown.photos.waiting), (7, 7));
        assert!(shown.photos.text.unwrap().contains('7'));
    }
}

#[test]
fn photos_that_wait_stand_behind_the_records_and_keep_a_phone_from_being_wiped() {
    let statement = NothingUnsent { recorded: 41, held: 41, at: NOON, photos: None };
    let photos = PhotoBacklog { photos: 4, bytes: 550_000, refused: 1 };
    let facts = SyncFacts {
        photos,
        statement: Some(statement),
        bytes_per_second: Some(4_096),
        ..nothing()
    };
    let shown = SyncScreen::new(&facts, &clock(), Lang::En);
    assert_eq!(
        shown.unsent_text,
        "Every record of this phone is with the office; photos are still to go."
    );
    assert!(!shown.nothing_unsent && shown.time_left_text.is_none());
    let lane = shown.photos.unwrap();
    assert_eq!((lane.photos, lane.bytes, lane.refused), (4, 550_000, 1));
    assert_eq!(lane.text, "Photos: 4 (538 kB), 1 of them not taken by the office for now");
    assert_eq!(
        lane.time_left_text.as_deref(),
        Some("On this connection, sending takes about 3 min.")
    );
    // On a metered network they wait, where that was chosen, and no time is told.
    let waits = SyncFacts { photos_wait: true, ..facts.clone() };
    let lane = SyncScreen::new(&waits, &clock(), Lang::En).photos.unwrap();
    assert_eq!(lane.text, "Photos: 4 (538 kB), they wait for Wi-Fi");
    assert!(lane.waits && lane.time_left_text.is_none());
    let sent = SyncFacts { photos: PhotoBacklog::default(), ..facts };
    let shown = SyncScreen::new(&sent, &clock(), Lang::En);
    assert!(shown.nothing_unsent && shown.photos.is_none());
}

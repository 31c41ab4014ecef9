//! Devices, codes, requests, clocks, and what is held back.

use doorstep::{
    base::Instant,
    log::{Chain, Subject},
};
use doorstep_server::store::{
    BootRow, CodeRow, CodeUse, HeldRow, NumberRange, RevokeReason, Revoked,
};

use crate::place::{NOON, Place, enrol, events, hash, id, phone, run, stream};

on_each_store!(
    a_device_comes_back_as_it_was_kept_and_keeps_its_feed,
    a_code_says_by_what_it_was_used,
    failed_enrolments_are_counted_and_forgotten,
    requests_are_remembered_for_a_while,
    what_is_known_of_a_boot_is_kept_until_it_is_known_better,
    a_tail_held_twice_or_longer_counts_once,
);

fn a_device_comes_back_as_it_was_kept_and_keeps_its_feed(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    run(&*store, |tx| {
        tx.push(mei, &[crate::place::line(1)], NOON, false)?;
        let mut changed = phone("Mei");
        changed.seen_at = Some(Instant(-5));
        (changed.requests, changed.recorded, changed.unsent) = (3, i64::MAX as u64, 5);
        changed.standing = 7;
        changed.suspect = Some("counters-went-back".into());
        changed.revoked = Some(Revoked { reason: RevokeReason::Stolen, effective: NOON });
        changed.enrolled_at = NOON.plus_ms(1);
        tx.put_device(&changed)?;
        assert_eq!(tx.device(mei)?, Some(changed.clone()));
        assert_eq!(tx.feed_end(mei)?.position, 1);
        assert_eq!(tx.devices()?, [changed, phone("Wu")], "the latest first");
        assert_eq!(tx.device(id("nobody's"))?, None);
        let mut unknown = phone("Wu");
        unknown.person = None;
        tx.put_device(&unknown)?;
        assert_eq!(tx.device(wu)?, Some(unknown));
        Ok(())
    });
}

fn a_code_says_by_what_it_was_used(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    run(&*store, |tx| {
        let code = hash("a code");
        assert_eq!(tx.code(&code)?, None);
        let mut row =
            CodeRow { code, person: id("Mei"), expires: NOON, receipts: None, used: None };
        tx.add_code(&row)?;
        for (name, last) in [("lent", Some(450)), ("lent without an end", None)] {
            let receipts = Some(NumberRange { first: 401, last });
            let lent = CodeRow { code: hash(name), receipts, ..row.clone() };
            tx.add_code(&lent)?;
            assert_eq!(tx.code(&lent.code)?, Some(lent));
        }
        assert_eq!(tx.code(&code)?, Some(row.clone()));
        let used = CodeUse { device: mei, request: hash("a request") };
        tx.use_code(&code, used)?;
        row.used = Some(used);
        assert_eq!(tx.code(&code)?, Some(row));
        Ok(())
    });
}

fn failed_enrolments_are_counted_and_forgotten(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        let (this, other) = (hash("this"), hash("other"));
        tx.add_failure(&this, NOON, Instant(0))?;
        tx.add_failure(&this, NOON, Instant(0))?;
        tx.add_failure(&other, NOON.plus_ms(1), Instant(0))?;
        assert_eq!(tx.failures(&this, NOON)?, (2, 3));
        assert_eq!(tx.failures(&this, NOON.plus_ms(1))?, (0, 1));
        tx.add_failure(&other, NOON.plus_ms(2), NOON.plus_ms(1))?;
        assert_eq!(tx.failures(&other, Instant(0))?, (2, 2));
        Ok(())
    });
}

fn requests_are_remembered_for_a_while(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    run(&*store, |tx| {
        for number in 1..=3 {
            tx.add_request(mei, number, hash("first"), number.saturating_sub(1))?;
        }
        tx.add_request(mei, 3, hash("another"), 2)?;
        assert_eq!(tx.request(mei, 1)?, None);
        assert_eq!(tx.request(mei, 3)?, Some(hash("first")));
        Ok(())
    });
}

fn what_is_known_of_a_boot_is_kept_until_it_is_known_better(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    run(&*store, |tx| {
        let (boot, subject) = (id("a boot"), Subject::work_order(id("R-1")));
        assert_eq!((tx.boot(mei, boot)?, tx.correction(mei, boot, &subject)?), (None, None));
        for at in [NOON, NOON.plus_ms(-9)] {
            tx.put_boot(mei, boot, BootRow { at, learnt_at: at })?;
            tx.put_correction(mei, boot, &subject, at)?;
            let first = BootRow { at, learnt_at: NOON };
            assert_eq!(tx.boot(mei, boot)?, Some(first), "first heard of when it was first kept");
            assert_eq!(tx.correction(mei, boot, &subject)?, Some(at));
        }
        let shift = Subject::shift(subject.id);
        assert_eq!(tx.correction(mei, boot, &shift)?, None);
        Ok(())
    });
}

fn a_tail_held_twice_or_longer_counts_once(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    run(&*store, |tx| {
        let stream = stream("R-1", "Mei");
        let row = |name: &str, from, events, later| HeldRow {
            id: id(name),
            device: mei,
            stream,
            from,
            events,
            reason: "forked".into(),
            at: NOON.plus_ms(later),
            decided: None,
        };
        let (short, long, other) = (row("a", 1, 2, 0), row("b", 1, 5, 1), row("c", 9, 1, 2));
        for held in [&short, &short, &long, &other] {
            tx.hold(held, b"tail")?;
        }
        let start = Chain::start(&stream);
        let (new, _) = events(start, &[b"one", b"two"]);
        tx.append(&stream, start, &new, b"seal", NOON)?;
        assert_eq!(tx.held()?, [other, long, short], "the latest first");
        assert_eq!((tx.stored(mei)?.events(), tx.held_back(mei)?), (2, 6));
        assert_eq!((tx.stored(wu)?.events(), tx.held_back(wu)?), (0, 0));
        Ok(())
    });
}

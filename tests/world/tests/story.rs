//! One order, two technicians, an office that cancels it, a phone that dies, and a supervisor.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{Hash, Id, Lang},
    document::{Form, draw},
    log::Class,
    order::{OrderStatus, Rule},
    proof::{Bundle, ReceiptProof, receipt_codes},
};
use doorstep_tests::{MINUTE, World, cny, id, long_bill, repair, start};

/// Assigned to Wu, reassigned to Mei; both offline, both at the door; Mei's phone dies on the way.
fn both_work_and_the_office_cancels(world: &mut World) -> Id {
    let order = world.office.open("R-1001");
    world.office.assign(order, "Wu").unwrap();
    world.exchange("Wu");
    world.pass(MINUTE);
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");

    let mei = repair(order, id("Mei's visit"));
    let half = mei.len() / 2;
    let before = world.work("Mei", &mei[..half]);
    world.phone("Mei").kill();
    world.phone("Mei").reopen();
    // The tap whose screen never answered is tapped again, and so is one long done.
    for again in [half - 1, 3] {
        assert_eq!(world.tap("Mei", &mei[again]).unwrap(), before[again]);
    }
    world.work("Mei", &mei[half..]);
    world.work("Wu", &repair(order, id("Wu's visit")));
    world.office.cancel(order).unwrap();
    order
}

fn decide(world: &World, order: Id, rule: Rule, choice: &str) {
    let conflicts = world.office.conflicts();
    let open = conflicts.iter().find(|c| c.conflict.rule == rule && c.conflict.is_open()).unwrap();
    world.office.decide(order, rule, open.conflict.key, choice).unwrap();
    world.pass(MINUTE);
}

fn open_conflicts(state: &doorstep::order::OrderState) -> Vec<(Rule, Hash)> {
    state.open_conflicts().map(|conflict| (conflict.rule, conflict.key)).collect()
}

#[test]
fn c1_and_c2_appear_alike_whoever_exchanges_first_and_both_learn_what_he_decides() {
    for rounds in [["Mei", "Wu", "Mei"], ["Wu", "Mei", "Wu"]] {
        let mut world = World::with_phones();
        let order = both_work_and_the_office_cancels(&mut world);
        for name in rounds {
            assert_eq!(world.exchange(name).refused, 0);
        }
        let office = world.office.order(order).state;
        let found = open_conflicts(&office);
        // Both charged the same work, and both were paid for it.
        let rules: Vec<_> = found.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(rules, [Rule::C1, Rule::C2, Rule::C3]);
        assert_eq!(office.status, OrderStatus::Done, "the work stands");
        for name in ["Mei", "Wu"] {
            let state = world.phone(name).engine().order(order).unwrap();
            assert_eq!(open_conflicts(&state), found, "{name}");
            assert_eq!(state.visits.len(), 2, "{name}");
        }
        let digests = world.digests(order, &["Mei", "Wu"]);
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");

        decide(&world, order, Rule::C1, "work_stands");
        decide(&world, order, Rule::C2, "first_counts");
        decide(&world, order, Rule::C3, "both_payments_stand");
        for name in ["Mei", "Wu"] {
            assert_eq!(world.exchange(name).outcomes, 3, "{name}");
            let told = world.phone(name).engine().state().unwrap().outcomes;
            let told: Vec<_> = told.iter().map(|o| (&*o.rule, &*o.choice)).collect();
            let expected =
                [("C1", "work_stands"), ("C2", "first_counts"), ("C3", "both_payments_stand")];
            assert_eq!(told, expected, "{name}");
        }
        let digests = world.digests(order, &["Mei", "Wu"]);
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        assert_eq!(open_conflicts(&world.office.order(order).state), []);
    }
}

#[test]
fn the_visit_comes_to_123_40_and_76_60_back_and_its_receipt_proves_itself() {
    let mut world = World::with_phones();
    let order = both_work_and_the_office_cancels(&mut world);
    let company = world.office.company_key();
    let mei = world.phone("Mei").engine();
    let report = mei.visit_report(id("Mei's visit")).unwrap();
    assert_eq!(report.findings.len(), 0, "{:?}", report.findings);
    assert_eq!(report.outcome.as_deref(), Some("completed"));
    assert_eq!((report.charged, report.paid, report.due), (cny(12_340), cny(12_340), cny(0)));

    let receipts = mei.receipts().unwrap();
    assert_eq!(receipts.len(), 1);
    let receipt = &receipts[0];
    assert_eq!((receipt.counter, receipt.order), (1, order));
    assert_eq!(
        (receipt.amount, receipt.tendered, receipt.change, receipt.running),
        (cny(12_340), cny(20_000), cny(7_660), cny(12_340))
    );
    let verified = ReceiptProof::parse(&receipt.qr).unwrap().verify(&company).unwrap();
    assert_eq!(verified.paper.amount(), cny(12_340));
    assert_eq!(verified.disclosure.payer.reveal(), "Mrs Chan");

    let altered_at = |at: usize| {
        let mut text = receipt.qr.clone().into_bytes();
        text[at] = if text[at] == b'A' { b'B' } else { b'A' };
        let parsed = ReceiptProof::parse(std::str::from_utf8(&text).unwrap());
        parsed.and_then(|proof| proof.verify(&company))
    };
    for at in (4..receipt.qr.len()).step_by(11) {
        assert!(altered_at(at).is_err(), "letter {at} altered and nobody saw");
    }
}

#[test]
fn a_bill_of_forty_lines_is_paid_printed_in_every_form_and_checked_from_its_codes() {
    let mut world = World::with_phones();
    let order = world.office.open("R-1001");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    let visit = id("Mei's visit");
    world.work("Mei", &[start(order, visit)]);
    world.work("Mei", &long_bill(visit, 40, cny(100_000)));
    let company = world.office.company_key();
    let doc = world.phone("Mei").engine().receipt_doc(1, 0).unwrap();
    assert_eq!(doc.lines.len(), 40);
    for lang in Lang::ALL {
        let words = String::from_utf8(draw(&doc, Form::Text, lang)).unwrap();
        assert_eq!(words.matches(doc.lines[0].name()).count(), 40, "{words}");
        let drawing = String::from_utf8(draw(&doc, Form::Svg, lang)).unwrap();
        let codes = receipt_codes(&doc.qr);
        assert!(codes.len() > 1);
        assert_eq!(drawing.matches("shape-rendering").count(), codes.len());
        let print = draw(&doc, Form::Escpos, lang);
        let pictures = print.windows(4).filter(|bytes| bytes == b"\x1dv0\x00").count();
        assert!(pictures >= codes.len(), "{pictures} pictures");
        let shuffled: Vec<_> = codes.into_iter().rev().collect();
        let verified = ReceiptProof::parse(&shuffled.join("\n")).unwrap().verify(&company).unwrap();
        assert_eq!(verified.paper.receipt().unwrap().lines, doc.lines);
    }
}

#[test]
fn the_exported_visit_verifies_and_shows_only_the_classes_its_owner_chose() {
    let mut world = World::with_phones();
    let order = both_work_and_the_office_cancels(&mut world);
    for name in ["Mei", "Wu", "Mei"] {
        world.exchange(name);
    }
    let company = world.office.company_key();
    let mei = world.phone("Mei").engine();
    let bytes = mei.export_visit(id("Mei's visit"), &[Class::Service]).unwrap();
    let verified = Bundle::parse(&bytes).unwrap().verify(&company).unwrap();
    assert_eq!(verified.certificates.len(), 2);
    assert_eq!(verified.keys.keys().map(|(_, class)| *class).collect::<Vec<_>>(), [Class::Service]);
    let events = &verified.events;
    let folded = doorstep::order::OrderState::fold(events);
    assert_eq!(folded.digest(), world.office.order(order).digest);
    let mut altered = bytes;
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    assert!(Bundle::parse(&altered).map(|bundle| bundle.verify(&company).is_err()).unwrap_or(true));
}

#[test]
fn after_all_of_it_the_files_are_sound_and_a_rebuilt_list_is_the_same() {
    let mut world = World::with_phones();
    both_work_and_the_office_cancels(&mut world);
    for name in ["Mei", "Wu", "Mei"] {
        world.exchange(name);
    }
    for name in ["Mei", "Wu"] {
        let engine = world.phone(name).engine();
        let rows = engine.store().order_rows().unwrap();
        let report = engine.doctor_rebuild().unwrap();
        assert_eq!(report.problems, Vec::<String>::new(), "{name}");
        assert!(report.streams >= 3 && report.seals >= 3, "{name}: {report:?}");
        assert_eq!(engine.store().order_rows().unwrap(), rows, "{name}");
        assert_eq!(engine.unsent().unwrap(), 0, "{name}");
    }
    for device in world.office.devices() {
        assert_eq!((device.suspect.as_deref(), device.held), (None, 0));
        assert_eq!((device.recorded, device.unsent), (device.stored, 0));
    }
}

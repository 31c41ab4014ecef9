//! An open visit goes from one phone to another in a cellar without a network, and both ends know the
//! same in the end, in whatever order they come back, or if one never does.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{Id, Personal},
    engine::{ActError, Action, Done, HandingError, LineWanted, SecretStore},
    log::{Certificate, CertificateFields, DeviceKeys, PublicKeys, SignKey},
    money::PaymentMethod,
    order::{Choice, OrderStatus, Rule},
    sync::{HandedError, HandedVisit, read_taker_code, taker_code},
};
use doorstep_server::store::RevokeReason;
use doorstep_tests::{Counter, Directory, NOON, Office, Tap, World, cny, id, repair, tap};

/// Mei works on R-1 up to the customer's yes to the quote, and charges labour and hose; no network.
const MEIS_PART: usize = 29;

fn at_work(assigned: &str) -> (World, Id, Id) {
    let mut world = World::with_phones();
    let order = world.office.open("R-1");
    world.office.assign(order, "Mei").unwrap();
    world.exchange("Mei");
    if assigned != "Mei" {
        world.office.assign(order, assigned).unwrap();
    }
    world.exchange("Wu");
    let visit = id("Mei's visit");
    world.work("Mei", &repair(order, visit)[..MEIS_PART]);
    (world, order, visit)
}

fn hand(world: &mut World, from: &str, to: &str, visit: Id) -> Result<Vec<u8>, ActError> {
    world.pass(30_000);
    let code = world.phone(to).engine().taker_code().unwrap();
    let reading = world.phone(from).reading();
    let action = id(&format!("{from} hands {visit} to {to}"));
    world.phone(from).engine().hand_visit_over(action, &reading, visit, &code)
}

fn take(world: &mut World, name: &str, visit: &str, file: &[u8]) -> Result<Done, ActError> {
    world.pass(30_000);
    let reading = world.phone(name).reading();
    world.phone(name).engine().take_visit_over(id(visit), &reading, file)
}

/// What is left of the repair for whoever continues it.
fn rest(order: Id, visit: Id) -> Vec<Tap> {
    repair(order, visit)[MEIS_PART..].to_vec()
}

/// Mei hands over, Wu finishes; neither phone has been heard of.
fn handed(assigned: &str) -> (World, Id) {
    let (mut world, order, visit) = at_work(assigned);
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    let done = take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    assert_eq!(done.visit, Some(id("Wu's visit")));
    world.work("Wu", &rest(order, id("Wu's visit")));
    (world, order)
}

fn keys(world: &mut World, name: &str) -> DeviceKeys {
    let secrets = world.phone(name).secrets();
    DeviceKeys::from_secret(&secrets.load().unwrap().unwrap()).unwrap()
}

/// A certificate that a stranger signed with a key of their own, for the same keys.
fn forged(stranger: &DeviceKeys) -> Certificate {
    let PublicKeys { signing, wrapping } = stranger.public();
    let fields = CertificateFields {
        signing_key: signing,
        wrapping_key: wrapping,
        district: "harbour".to_owned(),
        issued: NOON,
        expires: NOON.plus_ms(86_400_000),
        first_receipt: 1,
        last_receipt: None,
    };
    Certificate::issue(&stranger.sign_key(), fields)
}

fn rules(office: &Office, order: Id) -> Vec<Rule> {
    office.order(order).state.conflicts.iter().map(|conflict| conflict.rule).collect()
}

#[test]
fn what_the_first_did_counts_for_the_second_and_money_taken_is_no_longer_due() {
    let (mut world, order) = handed("Wu");
    let report = world.phone("Wu").engine().visit_report(id("Wu's visit")).unwrap();
    assert_eq!(report.findings.len(), 0, "{:?}", report.findings);
    assert_eq!((report.charged, report.paid, report.due), (cny(12_340), cny(12_340), cny(0)));
    assert_eq!(report.continues, Some(id("Mei's visit")));
    let knocks: Vec<_> = report.steps.iter().filter(|line| line.step == "knock").collect();
    assert_eq!(knocks.len(), 2);
    assert!(knocks.iter().all(|line| line.earlier == Some(id("Mei's visit"))));
    let signed = report.steps.iter().find(|line| line.step == "signature").unwrap();
    assert_eq!(signed.earlier, None);
    // One receipt, of Wu's series, over what both charged.
    let receipts = world.phone("Wu").engine().receipts().unwrap();
    assert_eq!(receipts.iter().map(|it| it.amount).collect::<Vec<_>>(), [cny(12_340)]);
    let order_state = world.phone("Wu").engine().order(order).unwrap();
    assert_eq!(order_state.status, OrderStatus::Done);
    assert_eq!(order_state.conflicts, []);
    // Mei's phone says what it knows: nothing more is written into the visit there.
    let mei = world.phone("Mei").engine().visit_report(id("Mei's visit")).unwrap();
    assert_eq!(mei.outcome.as_deref(), Some("handed-over"));
    let late = world.tap("Mei", &rest(order, id("Mei's visit"))[0]);
    assert!(matches!(late, Err(ActError::Ended)), "{late:?}");
    let before = world.phone("Mei").engine().order(order).unwrap();
    assert_eq!((before.status, before.attempts(order, None).len()), (OrderStatus::InProgress, 0));
}

#[test]
fn the_server_ends_in_the_same_state_whoever_is_heard_of_first_or_never_again() {
    for assigned in ["Mei", "Wu"] {
        let (mut world, order) = handed(assigned);
        let directories = [Directory::new(), Directory::new()];
        let copies = directories
            .each_ref()
            .map(|directory| world.office.copied(&world.directory, directory, &world.clock));
        let packets = ["Mei", "Wu"].map(|name| {
            let reading = world.phone(name).reading();
            world.phone(name).engine().request_files(&reading).unwrap()
        });
        let [mei, wu] = &packets;
        for (office, files) in [(&copies[0], [mei, wu]), (&copies[1], [wu, mei])] {
            for file in files.into_iter().flatten() {
                office.exchange(&file.bytes).unwrap();
            }
        }
        // The third never hears of Mei's phone again.
        for file in wu {
            world.office.exchange(&file.bytes).unwrap();
        }
        let expected: &[Rule] = if assigned == "Mei" { &[Rule::C16] } else { &[] };
        let digests: Vec<_> = copies
            .iter()
            .chain([&world.office])
            .map(|office| {
                assert_eq!(office.held(), []);
                assert_eq!(rules(office, order), expected, "assigned to {assigned}");
                let state = office.order(order).state;
                assert_eq!((state.status, state.visits.len()), (OrderStatus::Done, 2));
                assert_eq!(state.primary, Some(id("Wu's visit")));
                office.order(order).digest
            })
            .collect();
        assert!(digests.iter().all(|digest| *digest == digests[0]));
    }
}

#[test]
fn phones_agree_with_the_server_after_both_were_heard_of() {
    for names in [["Mei", "Wu", "Mei", "Wu"], ["Wu", "Mei", "Wu", "Mei"]] {
        let (mut world, order) = handed("Mei");
        for name in names {
            assert_eq!(world.exchange(name).refused, 0);
        }
        let digests = world.digests(order, &["Mei", "Wu"]);
        assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
        for name in ["Mei", "Wu"] {
            let engine = world.phone(name).engine();
            assert_eq!(engine.unsent().unwrap(), 0);
            assert_eq!(engine.doctor_rebuild().unwrap().problems, Vec::<String>::new());
        }
        // The office is told that somebody else is there than it planned, and lets Wu go on.
        let conflict = &world.office.order(order).state.conflicts[0];
        assert_eq!((conflict.rule, conflict.holds()), (Rule::C16, Some(Choice::NewOneContinues)));
    }
}

#[test]
fn the_office_that_gives_the_order_to_whoever_took_it_over_has_nothing_left_to_decide() {
    let (mut world, order, visit) = at_work("Mei");
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    world.exchange("Mei");
    // On its way from one phone to the other somebody is there, and nothing is wrong.
    assert_eq!(world.office.order(order).state.status, OrderStatus::InProgress);
    assert_eq!(rules(&world.office, order), []);
    take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    world.exchange("Wu");
    assert_eq!(rules(&world.office, order), [Rule::C16]);
    world.office.assign(order, "Wu").unwrap();
    assert_eq!(rules(&world.office, order), []);
}

#[test]
fn a_giver_who_goes_on_all_the_same_is_told_as_two_at_one_order() {
    let (mut world, order) = handed("Wu");
    // A visit of her own beside Wu's.
    world.work("Mei", &repair(order, id("Mei's second visit"))[..12]);
    for name in ["Mei", "Wu", "Mei"] {
        world.exchange(name);
    }
    assert_eq!(rules(&world.office, order), [Rule::C2]);

    // Or the same visit, on a phone put back from a backup that knew nothing of it.
    let (mut world, order, visit) = at_work("Wu");
    let path = world.phone("Mei").path.clone();
    let copy = world.directory.file("Mei's backup.db");
    world.phone("Mei").kill();
    std::fs::copy(&path, &copy).unwrap();
    world.phone("Mei").reopen();
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    world.phone("Mei").kill();
    std::fs::copy(&copy, &path).unwrap();
    world.phone("Mei").reopen();
    world.work("Mei", &rest(order, visit)[..4]);
    world.exchange("Mei");
    // Wu brings what Mei's phone had sealed: another past of the same stream.
    world.exchange("Wu");
    let held = world.office.held();
    assert!(held.iter().any(|row| row.reason == "forked"), "{held:?}");
    // Wu's phone takes the server's word for what Mei's phone wrote.
    let state = world.phone("Wu").engine().order(order).unwrap();
    assert!(state.visits[&visit].handed_over.is_none());
    assert_eq!(world.phone("Wu").engine().doctor_rebuild().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_file_for_another_torn_or_false_is_refused_and_one_that_comes_twice_changes_nothing() {
    let (mut world, order, visit) = at_work("Wu");
    world.office.person("Bo");
    world.enrol("Bo");
    let kind = |refused: Result<Done, ActError>| refused.unwrap_err().kind();

    let reading = world.phone("Mei").reading();
    let own = world.phone("Mei").engine().taker_code().unwrap();
    let mut give = |code: &str| {
        let engine = world.phone("Mei").engine();
        engine.hand_visit_over(id("no"), &reading, visit, code).unwrap_err().kind()
    };
    assert_eq!(give(&own), "handed_this_phone");
    assert_eq!(give("DS1.ABC"), "handed_torn");
    assert_eq!(give(&own[..own.len() - 8]), "handed_torn");
    // Anybody can make a certificate; only the company's says anything here.
    let stranger = DeviceKeys::generate(&mut Counter::new("a stranger"));
    let forged = forged(&stranger);
    assert_eq!(give(&taker_code(&forged)), "handed_other_company");
    let before = world.phone("Mei").engine().visit(visit).unwrap();
    assert!(before.ended().is_none(), "nothing was closed");

    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    // The file got lost: the same phone gets another, no other phone does.
    let again = hand(&mut world, "Mei", "Wu", visit).unwrap();
    let gone = hand(&mut world, "Mei", "Bo", visit).unwrap_err();
    assert!(matches!(gone, ActError::Handing(HandingError::Gone)));

    assert_eq!(kind(take(&mut world, "Bo", "Bo's visit", &file)), "handed_other_phone");
    let wu = world.phone("Wu").engine().taker_code().unwrap();
    let wu = read_taker_code(&wu, &world.office.company_key()).unwrap();
    let nothing = HandedVisit {
        order,
        visit,
        certificates: Vec::new(),
        tails: Vec::new(),
        keys: Vec::new(),
        standing: Vec::new(),
        premises: None,
        meters: None,
    };
    let false_file = |giver: (&SignKey, &Certificate)| {
        nothing.seal(&mut Counter::new("a liar"), giver, &wu).unwrap()
    };
    let theirs = false_file((&stranger.sign_key(), &forged));
    assert_eq!(kind(take(&mut world, "Wu", "forged", &theirs)), "handed_other_company");
    // A colleague's phone that says it hands over what it does not hold.
    let mei = keys(&mut world, "Mei");
    let mei = (&mei.sign_key(), &read_taker_code(&own, &world.office.company_key()).unwrap());
    let empty = false_file(mei);
    assert_eq!(kind(take(&mut world, "Wu", "empty", &empty)), "handed_false");
    for end in [0, 1, 40, file.len() / 2, file.len() - 1] {
        assert_eq!(kind(take(&mut world, "Wu", "torn", &file[..end])), "handed_torn");
    }
    for at in [file.len() / 3, file.len() / 2, file.len() - 10] {
        let mut altered = file.clone();
        altered[at] ^= 1;
        assert_eq!(kind(take(&mut world, "Wu", "altered", &altered)), "handed_torn");
    }
    assert_eq!(world.phone("Bo").engine().state().unwrap().orders.len(), 0);

    let first = take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    for (action, file) in [("Wu's visit", &file), ("once more", &file), ("the other", &again)] {
        assert_eq!(take(&mut world, "Wu", action, file).unwrap().visit, first.visit);
    }
    let state = world.phone("Wu").engine().order(order).unwrap();
    assert_eq!(state.visits.len(), 2);
}

#[test]
fn nobody_but_the_named_phone_reads_the_file_and_names_stand_in_it_nowhere() {
    let (mut world, _, visit) = at_work("Wu");
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    let company = world.office.company_key();
    let wu = world.phone("Wu").engine().device().unwrap();
    // With Wu's name and Mei's keys: whoever finds the file has neither.
    let mei = keys(&mut world, "Mei");
    assert_eq!(HandedVisit::open(&file, &company, (&mei, wu)).unwrap_err(), HandedError::Torn);
    let own = keys(&mut world, "Wu");
    let (opened, giver) = HandedVisit::open(&file, &company, (&own, wu)).unwrap();
    assert_eq!((opened.visit, Some(giver.id())), (visit, world.phone("Mei").engine().device()));
    assert_eq!(opened.keys.len(), 3);
    let name = Personal::new("Mrs Chan");
    let holds = file.windows(name.reveal().len()).any(|it| it == name.reveal().as_bytes());
    assert!(!holds);
}

#[test]
fn a_phone_without_the_order_its_premises_or_the_price_list_goes_on_from_the_file_alone() {
    let (mut world, order, visit) = at_work("Mei");
    world.office.person("Bo");
    // Enrolled, and never exchanged.
    world.enrol("Bo");
    let file = hand(&mut world, "Mei", "Bo", visit).unwrap();
    take(&mut world, "Bo", "Bo's visit", &file).unwrap();
    world.work("Bo", &rest(order, id("Bo's visit")));
    let engine = world.phone("Bo").engine();
    let screen = engine.visit_screen(id("Bo's visit"), doorstep::base::Lang::En).unwrap();
    assert_eq!(screen.address, "Flat 1203, 8 Harbour Street");
    assert!(screen.customer.is_some());
    assert_eq!(engine.receipts().unwrap().len(), 1);
    for name in ["Bo", "Mei", "Bo"] {
        assert_eq!(world.exchange(name).refused, 0);
    }
    let digests = world.digests(order, &["Mei", "Bo"]);
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
}

#[test]
fn a_visit_goes_through_three_hands() {
    let (mut world, order, visit) = at_work("Mei");
    world.office.person("Bo");
    world.enrol("Bo");
    world.exchange("Bo");
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    let wus = rest(order, id("Wu's visit"));
    world.work("Wu", &wus[..3]);
    let file = hand(&mut world, "Wu", "Bo", id("Wu's visit")).unwrap();
    take(&mut world, "Bo", "Bo's visit", &file).unwrap();
    world.work("Bo", &rest(order, id("Bo's visit"))[3..]);
    let report = world.phone("Bo").engine().visit_report(id("Bo's visit")).unwrap();
    assert_eq!(report.findings.len(), 0, "{:?}", report.findings);
    assert_eq!((report.charged, report.due), (cny(12_340), cny(0)));
    // Bo is the only one who comes back.
    world.exchange("Bo");
    let state = world.office.order(order).state;
    assert_eq!((state.status, state.visits.len()), (OrderStatus::Done, 3));
    assert_eq!(rules(&world.office, order), [Rule::C16]);
    assert_eq!(world.office.held(), []);
}

#[test]
fn what_a_lost_givers_phone_sealed_waits_for_a_supervisor_and_so_does_what_follows_from_it() {
    let (mut world, order) = handed("Mei");
    let mei = world.phone("Mei").engine().device().unwrap();
    world.office.revoke(mei, RevokeReason::Lost).unwrap();
    world.exchange("Wu");
    let reasons = |world: &World| {
        let held = world.office.held();
        let mut reasons: Vec<_> = held.into_iter().map(|row| row.reason).collect();
        reasons.sort();
        reasons.dedup();
        reasons
    };
    assert_eq!(reasons(&world), ["not-yours", "revoked"]);
    for reason in ["revoked", "not-yours"] {
        for row in world.office.held().into_iter().filter(|row| row.reason == reason) {
            world.office.release(row.id, doorstep_server::rules::Release::Admit).unwrap();
        }
    }
    let state = world.office.order(order).state;
    assert_eq!((state.status, state.visits.len()), (OrderStatus::Done, 2));
    assert_eq!(state.visits[&id("Wu's visit")].continues, Some(id("Mei's visit")));
}

#[test]
fn a_payment_the_first_took_stays_in_her_series_and_the_second_takes_the_rest() {
    let (mut world, order, visit) = at_work("Wu");
    let (method, part) = (PaymentMethod::Cash, Some(cny(5_000)));
    let pay = Action::Pay { visit, tendered: cny(5_000), method, part, photo: None };
    world.work("Mei", &[tap("a part", pay)]);
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    let taps = rest(order, id("Wu's visit"));
    world.work("Wu", &taps);
    let amounts = |world: &mut World, name: &str| -> Vec<_> {
        let receipts = world.phone(name).engine().receipts().unwrap();
        receipts.into_iter().map(|it| it.amount).collect()
    };
    assert_eq!(amounts(&mut world, "Mei"), [cny(5_000)]);
    assert_eq!(amounts(&mut world, "Wu"), [cny(7_340)]);
    for name in ["Wu", "Mei", "Wu"] {
        world.exchange(name);
    }
    assert_eq!(rules(&world.office, order), []);
    let tied = world.office.reconciliation();
    assert!(tied.iter().all(|series| series.ties), "{tied:?}");
}

/// All that was charged in the repair, and one more line.
fn quoted(more: &LineWanted) -> Vec<LineWanted> {
    let codes = ["labour-repair", "hose", "clamp", "clamp", "valve-self-closing", "gasket"];
    let line = |code: &str| LineWanted { code: code.to_owned(), quantity: 1, free: None };
    codes.into_iter().map(line).chain([more.clone()]).collect()
}

#[test]
fn what_was_signed_with_the_first_and_charged_by_the_second_is_to_be_signed_anew() {
    let (mut world, order, visit) = at_work("Wu");
    let all = repair(order, visit);
    world.work("Mei", &all[MEIS_PART..all.len() - 3]);
    let file = hand(&mut world, "Mei", "Wu", visit).unwrap();
    take(&mut world, "Wu", "Wu's visit", &file).unwrap();
    let screen = world.phone("Wu").engine().sign_screen(id("Wu's visit"), None).unwrap();
    assert!(screen.statement.contains("123.40"));
    let line = LineWanted { code: "gasket".to_owned(), quantity: 1, free: None };
    let visit = id("Wu's visit");
    world.work(
        "Wu",
        &[
            tap("a new quote", Action::OfferQuote { visit, lines: quoted(&line) }),
            tap("yes", Action::AcceptQuote { visit, version: 2 }),
            tap("one more gasket", Action::Charge { visit, line }),
        ],
    );
    world.exchange("Wu");
    assert_eq!(rules(&world.office, order), [Rule::C6]);
}

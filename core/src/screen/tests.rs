use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::*;
use crate::{
    base::{ClockReading, Currency, Hash, Id, Instant, Lang, Money, Zone},
    event::{
        AfterLast, ConditionsNoted, Customer, Event, Paid, Payload, Recorded, StepRecorded, Value,
        VisitFinished, VisitStarted,
    },
    log::{StreamId, Subject, SubjectKind, Writer},
    meter::Meters,
    money::{PaymentMethod, PriceList, Quote},
    order::{Details, OrderState},
    standard::{Standard, shipped},
    store::{OrderRow, PhotoBacklog, PhotoMark},
    sync::{Backlog, Lane, NothingUnsent, OpenHazards, Outcome, Premises, Status, Trouble},
    visit::{VisitContext, VisitState},
};

mod complaint;
mod photo;

const NOON: Instant = Instant(1_796_097_600_000);
const MEI: Id = Id::new([2; 16]);

fn clock() -> ClockReading {
    ClockReading { wall: NOON, zone: Zone(480), boot: Id::new([4; 16]), since_boot_ms: 1_000 }
}

fn order(number: &str, status: &str, due: Option<Instant>) -> OrderFacts {
    let row = OrderRow {
        id: Id::from_hash(&Hash::of(&[number.as_bytes()])),
        listed: true,
        sort: 0,
        place: String::new(),
        status: status.to_owned(),
        kind: "repair".to_owned(),
        number: number.to_owned(),
        premises: None,
        emergency: false,
        due,
        appointment: None,
        promises: Vec::new(),
        conflicts: u32::from(number == "R-417"),
        owed: None,
        visit: None,
        opened: (0, 0),
    };
    OrderFacts { row, premises: home(), customer: None, hazards: Vec::new(), stops: Vec::new() }
}

fn home() -> Premises {
    Premises { address: "Flat 1203, 8 Harbour Street".to_owned(), ..Premises::default() }
}

fn today(orders: &[OrderFacts], outcomes: &[Outcome], unsent: u64, lang: Lang) -> TodayScreen {
    let open = orders.iter().filter(|order| order.row.status != "done").count();
    let listed = (orders.len() as u64, open as u64);
    let facts = TodayFacts {
        orders,
        listed,
        outcomes,
        unsent,
        promises: None,
        profile: None,
        complaints: &[],
        tables: &[],
    };
    TodayScreen::new(&facts, &clock(), lang)
}

fn outcome(rule: &str, choice: &str) -> Outcome {
    Outcome {
        id: Id::new([9; 16]),
        subject: Subject::work_order(Id::new([3; 16])),
        rule: rule.to_owned(),
        conflict: Hash::of(&[b"conflict"]),
        choice: choice.to_owned(),
        at: NOON,
        order_number: "R-417".to_owned(),
    }
}

/// Mei's visit to Mrs Chan, as far as `payloads` go, one a minute.
fn visit(payloads: Vec<Payload>) -> VisitState {
    let standard = Arc::new(Standard::load(shipped("repair").unwrap()).unwrap());
    let started = VisitStarted {
        standard: standard.id().to_owned(),
        version: standard.version(),
        fingerprint: standard.fingerprint(),
        price_list: 1,
        continues: None,
    };
    let all = std::iter::once(started.into()).chain(payloads).enumerate();
    let events: Vec<_> = all
        .map(|(place, payload)| {
            let ms = 60_000 * place as i64;
            let event = Event {
                action: Id::new([place as u8; 16]),
                actor: MEI,
                visit: Some(Id::new([1; 16])),
                clock: ClockReading {
                    wall: NOON.plus_ms(ms),
                    since_boot_ms: ms.unsigned_abs(),
                    ..clock()
                },
                seen: None,
                payload,
                private: BTreeMap::new(),
            };
            let subject = Subject::work_order(Id::new([3; 16]));
            let stream = StreamId::new(subject, Writer::Device(MEI));
            Recorded { stream, seq: place as u64 + 1, id: Hash::of(&[&[place as u8]]), event }
        })
        .collect();
    VisitState::fold(standard, VisitContext::default(), &events)
}

fn screen(state: &VisitState, phase: Option<&str>, lang: Lang) -> VisitScreen {
    screen_with(state, phase, &[], &[], lang)
}

fn screen_with(
    state: &VisitState,
    phase: Option<&str>,
    photos: &[PhotoMark],
    named: &[(Hash, Hash)],
    lang: Lang,
) -> VisitScreen {
    let premises = home();
    let customer = Customer {
        name: "Mrs Chan".into(),
        special_need: Some("knock long, call first".into()),
        ..Customer::default()
    };
    let facts = VisitFacts {
        bottles: &[],
        meters: MeterFacts { meters: &Meters::default(), rule: None, readings: &[] },
        earlier: &[],
        outdated: false,
        visit: Id::new([1; 16]),
        order: Id::new([3; 16]),
        number: "R-417",
        premises: &premises,
        customer: Some(&customer),
        access_note: None,
        details: &Details::default(),
        state,
        explanation: &state.explain(),
        hazards: HazardFacts {
            order: &OrderState::fold(&[]),
            visits: &[],
            elsewhere: &OpenHazards::default(),
            checked: &[],
            restored: &[],
            texts: &[],
            profile: None,
            tables: &[],
        },
        own: true,
        zone: Zone(480),
        next: None,
        photos,
        photos_erased: &[Hash::of(&[b"removed"])].into(),
        named,
    };
    VisitScreen::new(&facts, phase, lang)
}

fn step(id: &str, value: Value) -> Payload {
    StepRecorded { step: id.to_owned(), value }.into()
}

#[test]
fn the_list_says_what_is_overdue_and_what_waits_for_the_supervisor() {
    let orders = [
        order("R-417", "in_progress", Some(NOON.plus_ms(-3_600_000))),
        order("R-418", "assigned", Some(NOON.plus_ms(3_600_000))),
        order("R-419", "done", Some(NOON.plus_ms(-3_600_000))),
    ];
    let shown = today(&orders, &[], 7, Lang::En);
    assert_eq!(shown.headline, "2 of 3 orders to do, 1 overdue");
    assert_eq!((shown.counts.unsent, shown.counts.conflicts), (7, 1));
    let [first, second, third] = &shown.rows[..] else { panic!("{:?}", shown.rows) };
    assert_eq!(first.status_text, "In progress");
    assert_eq!(first.due_text.as_deref(), Some("Overdue since 11:00"));
    assert_eq!(first.conflicts_text.as_deref(), Some("Conflicts for the supervisor to decide: 1"));
    assert_eq!(second.due_text.as_deref(), Some("By 13:00"));
    assert!(first.overdue && !second.overdue && !third.overdue);
}

#[test]
fn a_decision_is_told_in_words_and_an_unknown_one_by_its_ids() {
    let known = [outcome("C1", "work_stands_uncharged"), outcome("C2", "first_counts")];
    for lang in Lang::ALL {
        let shown = today(&[], &known, 0, lang);
        for notice in &shown.notices {
            assert!(notice.text.contains("R-417"), "{}", notice.text);
            assert!(!notice.text.contains(&notice.choice), "{}", notice.text);
        }
    }
    let later = today(&[], &[outcome("C99", "split")], 0, Lang::En);
    assert!(later.notices[0].text.contains("C99: split"));
}

#[test]
fn every_rule_and_choice_has_words() {
    for row in crate::order::RULES {
        for choice in row.choices {
            let told = outcome(row.rule.id(), choice.id());
            let shown = today(&[], &[told], 0, Lang::En);
            assert!(!shown.notices[0].text.contains("Update the app"), "{}", choice.id());
        }
    }
}

#[test]
fn a_visit_shows_the_need_first_and_the_steps_of_its_phase_with_their_limits() {
    let state = visit(vec![step("knock", Value::Count(3))]);
    let shown = screen(&state, Some("at_door"), Lang::En);
    let need = shown.special_need.as_ref().map(|need| need.reveal().to_owned());
    assert_eq!(need.as_deref(), Some("knock long, call first"));
    assert_eq!(shown.phase, "at_door");
    let knock = shown.steps.iter().find(|step| step.step == "knock").unwrap();
    assert_eq!((knock.times, knock.answer.as_deref()), (1, Some("3")));
    let limits = ["One to three raps each time.", "At most 3 times.", "Wait at least 20 s"];
    for (limit, expected) in knock.limits.iter().zip(limits) {
        assert!(limit.starts_with(expected), "{limit}");
    }
    let left = &shown.phases[0];
    assert_eq!((left.state, left.progress.as_str()), (PhaseState::Lacking, "0 of 2 done"));
    assert!(shown.left.iter().any(|left| left.step == "kit" && left.rule.is_some()));
}

#[test]
fn a_broken_limit_is_shown_with_its_rule_and_source_and_stops_nothing() {
    let long = step("bell", Value::Presses(vec![5_000]));
    let state = visit(vec![long]);
    let shown = screen(&state, None, Lang::En);
    let [finding] = &shown.findings[..] else { panic!("{:?}", shown.findings) };
    assert!(finding.text.contains("none longer than three seconds"), "{}", finding.text);
    assert_eq!(finding.rule.as_deref(), Some("S-BELL-1"));
    assert!(finding.source.is_some() && finding.reason_due && shown.open);
    let shown = screen(&state, Some("at_door"), Lang::En);
    let bell = shown.steps.iter().find(|step| step.step == "bell").unwrap();
    assert_eq!(bell.answer.as_deref(), Some("5 s"));
}

#[test]
fn an_end_that_is_not_possible_says_why_and_by_which_rule() {
    let opened = ConditionsNoted { door_open: Some(true), ..ConditionsNoted::default() };
    let state = visit(vec![opened.into()]);
    for lang in Lang::ALL {
        let shown = screen(&state, None, lang);
        let completed = shown.outcomes.iter().find(|it| it.outcome == "completed").unwrap();
        assert!(!completed.possible && !completed.missing.is_empty());
        assert!(completed.stops.iter().all(|stop| !stop.text.is_empty()));
        assert!(completed.stops.iter().any(|stop| stop.rule.is_some()));
    }
    let ended = visit(vec![
        VisitFinished { outcome: "no_access".to_owned(), order: None, then: None }.into(),
    ]);
    let shown = screen(&ended, None, Lang::En);
    assert!(!shown.open && shown.outcomes.iter().all(|it| !it.possible));
    assert!(shown.ended.unwrap().contains("2026-12-01 12:01"));
}

#[test]
fn after_the_last_attempt_the_end_and_the_list_say_what_follows() {
    let last = |then: AfterLast| {
        let outcome = "no_access".to_owned();
        visit(vec![VisitFinished { outcome, order: None, then: Some(then) }.into()])
    };
    let back = last(AfterLast::BackToOffice);
    for (lang, words) in [
        (Lang::En, "goes back to the office"),
        (Lang::ZhHans, "退回办公室"),
        (Lang::ZhHant, "退回辦公室"),
    ] {
        let ended = screen(&back, None, lang).ended.unwrap();
        assert!(ended.contains(words) && ended.contains("12:01"), "{ended}");
    }
    let letter = screen(&last(AfterLast::Letter), None, Lang::En).ended.unwrap();
    assert!(letter.contains("the office writes to the customer"), "{letter}");
    // Past its promise, and no longer hers to keep.
    let yesterday = Some(NOON.plus_ms(-86_400_000));
    let given_back =
        [order("R-1", "back_to_office", yesterday), order("R-2", "attempted", yesterday)];
    let shown = today(&given_back, &[], 0, Lang::En);
    let overdue: Vec<bool> = shown.rows.iter().map(|row| row.overdue).collect();
    assert_eq!(overdue, [false, true]);
}

#[test]
fn another_phase_is_shown_when_asked_for() {
    let state = visit(Vec::new());
    let shown = screen(&state, Some("at_door"), Lang::ZhHant);
    assert_eq!((shown.phase.as_str(), shown.phase_title.as_str()), ("at_door", "上門"));
    assert_eq!(screen(&state, Some("nowhere"), Lang::En).phase, "before_leaving");
}

#[test]
fn due_received_and_change_are_called_out_before_and_after_money_is_taken() {
    let cny = |text| Money::parse(text, Currency::CNY).unwrap();
    let list = PriceList::load(PriceList::example_text()).unwrap();
    let line = list.line(&list.items()[0].code, 1, Lang::En, None).unwrap();
    let due = line.amount();
    let quote = Quote::new(1, Currency::CNY, vec![line.clone()]).unwrap();
    let lines = [line];
    let quotes = [quote.accept()];
    let facts = PayFacts {
        claim_photo: true,
        visit: Id::new([1; 16]),
        list: &list,
        lines: &lines,
        payments: &[],
        quotes: &quotes,
        charged: due,
        paid: cny("0.00"),
        due,
        next: due,
        is_deposit: false,
        ledger: PaymentFacts {
            payments: &[],
            series: None,
            voidable: &BTreeSet::new(),
            ended: &BTreeSet::new(),
        },
        over: None,
    };
    let said = |facts: &PayFacts<'_>, tendered| PayScreen::new(facts, tendered, Lang::En).call_out;
    assert_eq!(said(&facts, None).lines, [format!("Due: CNY {due}")]);
    let picture = |facts: &PayFacts<'_>| PayScreen::new(facts, None, Lang::En).claim_photo;
    let asked = "Paid by wallet or card: photograph the screen that the customer shows first.";
    assert_eq!(picture(&facts).as_deref(), Some(asked));
    assert_eq!(picture(&PayFacts { claim_photo: false, ..facts }), None);
    let short = said(&facts, Some(due.minus(cny("1.00")).unwrap()));
    assert_eq!(short.lines[2], "Still missing: CNY 1.00");
    assert!(!short.enough && short.change.is_none());
    let more = said(&facts, Some(due.plus(cny("76.60")).unwrap()));
    assert_eq!(more.lines[2], "Change: CNY 76.60");
    assert_eq!(more.change.map(|change| change.minor), Some(7_660));

    let paid = Paid {
        series: Id::new([8; 16]),
        number: 1,
        due,
        tendered: due,
        change: cny("0.00"),
        method: PaymentMethod::Cash,
        photo: None,
        deposits: None,
    };
    let after =
        PayFacts { payments: &[paid], paid: due, due: cny("0.00"), next: cny("0.00"), ..facts };
    let screen = PayScreen::new(&after, None, Lang::En);
    assert_eq!(screen.receipt.as_ref().map(|receipt| receipt.counter), Some(1));
    assert_eq!(screen.call_out.lines[1], format!("Received: CNY {due}"));
    assert_eq!((screen.quote.state, screen.quote.exceeded), (QuoteState::Accepted, false));
    let again = said(&after, Some(cny("5.00")));
    assert_eq!(again.lines[2], "Nothing is due: take no money.");
}

#[test]
fn sync_says_what_is_unsent_what_is_wrong_and_what_to_do() {
    let statement = NothingUnsent { recorded: 41, held: 41, at: NOON, photos: None };
    let facts = SyncFacts {
        lanes: vec![backlog(Lane::Money, 1, 700, -60_000), backlog(Lane::Rest, 1, 90_000, -30_000)],
        photos: PhotoBacklog::default(),
        photos_wait: false,
        held: 0,
        stuck: Vec::new(),
        status: Status {
            trouble: Some(Trouble::NotOurServer),
            next_try: Some(NOON.plus_ms(45_000)),
            ..Status::default()
        },
        bytes_per_second: Some(1_024),
        statement: Some(statement),
        enrol_again: None,
        safe: false,
        outdated: false,
    };
    let shown = SyncScreen::new(&facts, &clock(), Lang::En);
    assert_eq!(shown.unsent_text, "Not with the office yet: 2, since 11:59");
    assert!(!shown.nothing_unsent && shown.statement.is_none() && shown.update_text.is_none());
    let old = SyncScreen::new(&SyncFacts { outdated: true, ..facts.clone() }, &clock(), Lang::En);
    assert!(old.update_text.is_some_and(|text| text.contains("Update")));
    assert!(shown.what_to_do.unwrap().contains("browser"));
    let lines: Vec<_> = shown.lanes.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["Money: 1 (1 kB), since 11:59", "Everything else: 1 (88 kB), since 11:59"]);
    assert_eq!(
        shown.time_left_text.as_deref(),
        Some("On this connection, sending takes about 2 min.")
    );
    assert_eq!(shown.next_try_text.as_deref(), Some("Next try at 12:00:45. Pull down to try now."));
    let sent = SyncFacts { lanes: Vec::new(), status: Status::default(), ..facts };
    let shown = SyncScreen::new(&sent, &clock(), Lang::En);
    assert!(shown.nothing_unsent && !shown.safe);
    assert_eq!(
        shown.statement.as_deref(),
        Some(
            "The office holds all 41 records of this phone, as of 12:00; they are sent, but not yet \
             in a backup. Keep the phone, or take its files before it goes."
        )
    );
    let covered = SyncFacts { safe: true, ..sent };
    let shown = SyncScreen::new(&covered, &clock(), Lang::En);
    assert!(shown.safe);
    assert_eq!(
        shown.statement.as_deref(),
        Some(
            "The office has all 41 records of this phone in a backup, as of 12:00: the phone may be \
             wiped."
        )
    );
    let words = |facts: &SyncFacts| {
        let said = |lang| SyncScreen::new(facts, &clock(), lang).statement.unwrap();
        Lang::ALL.map(said)
    };
    let sent = SyncFacts { safe: false, ..covered.clone() };
    for (sent, safe) in words(&sent).into_iter().zip(words(&covered)) {
        assert_ne!(sent, safe);
        assert!(!sent.contains('⟨') && !safe.contains('⟨'), "{sent} {safe}");
    }
}

fn backlog(lane: Lane, events: u64, bytes: u64, since_ms: i64) -> Backlog {
    Backlog { lane, events, bytes, since: NOON.plus_ms(since_ms) }
}

fn nothing() -> SyncFacts {
    SyncFacts {
        lanes: Vec::new(),
        photos: PhotoBacklog::default(),
        photos_wait: false,
        held: 0,
        stuck: Vec::new(),
        status: Status::default(),
        bytes_per_second: None,
        statement: None,
        enrol_again: None,
        safe: false,
        outdated: false,
    }
}

#[test]
fn whatever_is_stuck_says_what_it_is_why_and_what_to_do_in_every_language() {
    let reasons =
        ["forked", "revoked", "not-yours", "bad-seal", "malformed", "adopted", "a-later-one"];
    for lang in Lang::ALL {
        let stuck = reasons.map(|reason| Stuck {
            kind: SubjectKind::WorkOrder,
            number: "R-1203".to_owned(),
            reason: reason.to_owned(),
        });
        let facts = SyncFacts { held: 7, stuck: stuck.to_vec(), ..nothing() };
        let shown = SyncScreen::new(&facts, &clock(), lang);
        let texts: std::collections::BTreeSet<_> =
            shown.stuck.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts.len(), reasons.len(), "{lang}");
        for line in &shown.stuck {
            assert!(line.what.contains("R-1203"), "{lang} {}", line.what);
            assert!(![&line.text, &line.what_to_do].iter().any(|it| it.contains('⟨')), "{line:?}");
        }
        for lane in Lane::ALL {
            let title = crate::text::named(lang, "sync-lane", &crate::text::id_of(&lane));
            assert_ne!(title, crate::text::id_of(&lane), "{lang}");
        }
    }
}

#[test]
fn every_trouble_has_words_in_every_language() {
    let troubles = [
        Trouble::Offline,
        Trouble::NotOurServer,
        Trouble::ServerBusy,
        Trouble::Refused,
        Trouble::NeedsNewerApp,
    ];
    for (lang, trouble) in Lang::ALL.into_iter().flat_map(|it| troubles.map(|t| (it, t))) {
        let status = Status { trouble: Some(trouble), ..Status::default() };
        let facts = SyncFacts { status, ..nothing() };
        let shown = SyncScreen::new(&facts, &clock(), lang);
        let id = crate::text::id_of(&trouble);
        assert!(shown.trouble_text.is_some_and(|text| text != id), "{lang} {id}");
        assert!(shown.what_to_do.is_some_and(|text| text != id), "{lang} {id}");
    }
}

#[test]
fn a_statement_comes_with_who_may_sign_and_every_way_it_can_go() {
    let text = "Statement of service".to_owned();
    let hash = Hash::of(&[text.as_bytes()]);
    for lang in Lang::ALL {
        let shown = SignScreen::new(Id::new([1; 16]), text.clone(), hash, lang, None);
        assert_eq!((shown.roles.len(), shown.results.len()), (4, 4));
        let all = shown.roles.iter().chain(&shown.results);
        assert!(all.into_iter().all(|choice| choice.title != choice.id));
        assert!(!shown.consent.is_empty() && shown.signed.is_none());
    }
}

#[test]
fn what_is_printed_for_developers_shows_nothing_of_mrs_chan() {
    let statement = "Mrs Chan, Flat 1203".to_owned();
    let screen = SignScreen::new(MEI, statement, Hash::of(&[b"text"]), Lang::En, None);
    let private = crate::event::SignOffPrivate {
        strokes: vec![vec![(1203, 1203)]],
        ..crate::event::SignOffPrivate::default()
    };
    let enrol = crate::sync::EnrolRequest {
        code: "K7M2".to_owned(),
        signing_key: [0; 32],
        wrapping_key: [0; 32],
    };
    let opened = crate::log::Opened::Plain(vec![203; 3]);
    let printed = format!("{screen:?} {private:?} {enrol:?} {opened:?}");
    assert!(!["Chan", "203", "K7M2"].iter().any(|part| printed.contains(part)), "{printed}");
}

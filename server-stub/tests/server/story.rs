//! Two technicians, one order, an office that cancels it meanwhile.

use doorstep::{
    base::{Hash, Personal},
    event::Recorded,
    event::{Customer, Event},
    log::{Chain, Class, Subject, Writer},
    order::Rule,
    sync::{StandingDoc, Statement, StreamOutcome},
};
use serde_json::json;

use crate::world::{MINUTE, World, id, repair};

#[tokio::test]
async fn both_phones_and_the_office_see_the_same_order_and_learn_what_he_decides() {
    let world = World::new().await;
    let (mut mei, mut wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    assert!(wu.scope.contains(&order));

    world.pass(MINUTE);
    world.assign("R-1", "Mei").await;
    mei.exchange(&world).await;
    assert!(mei.scope.contains(&order));

    // Everybody is offline now, and works.
    world.pass(10 * MINUTE);
    mei.now = world.now();
    mei.visit(order, "Mei's visit");
    world.pass(MINUTE);
    wu.now = world.now();
    wu.visit(order, "Wu's visit");
    let reason = json!({ "reason": "the customer rang" });
    world.ok(&world.desk, &format!("orders/{order}/cancel"), reason).await;

    world.pass(MINUTE);
    let answers = mei.exchange(&world).await;
    assert_eq!(answers[0].results[0].outcome, StreamOutcome::Accepted(2));
    wu.exchange(&world).await;
    assert!(wu.scope.contains(&order), "his work and an open conflict keep it there");
    mei.exchange(&world).await;

    let office = world.list(&format!("orders/{order}")).await;
    for phone in [&mei, &wu] {
        let state = phone.fold(order);
        assert_eq!(state.digest().to_string(), office["digest"], "{}", phone.name);
        let rules: Vec<_> = state.open_conflicts().map(|conflict| conflict.rule).collect();
        assert_eq!(rules, [Rule::C1, Rule::C2], "{}", phone.name);
    }

    let conflicts = world.list("conflicts").await;
    for (at, choice) in [(0, "work_stands"), (1, "first_counts")] {
        let conflict = &conflicts[at]["conflict"];
        let decision =
            json!({ "conflict": conflict["key"], "rule": conflict["rule"], "choice": choice });
        world.ok(&world.he, &format!("orders/{order}/decide"), decision).await;
    }
    let office = world.list(&format!("orders/{order}")).await;
    for phone in [&mut mei, &mut wu] {
        phone.exchange(&world).await;
        assert_eq!(phone.fold(order).digest().to_string(), office["digest"], "{}", phone.name);
        assert_eq!(phone.fold(order).open_conflicts().count(), 0);
        let told: Vec<_> = phone.outcomes.iter().map(|o| (&*o.rule, &*o.choice)).collect();
        assert_eq!(told, [("C1", "work_stands"), ("C2", "first_counts")]);
        assert_eq!(phone.outcomes[0].order_number, "R-1");
    }
    let again = wu.exchange(&world).await;
    assert!(again[0].outcomes.is_empty(), "he confirmed them with his next request");
}

#[tokio::test]
async fn outcomes_reach_a_phone_after_the_order_left_its_scope() {
    let world = World::new().await;
    let (mut mei, mut wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    wu.visit(order, "Wu's visit");
    world.assign("R-1", "Mei").await;
    mei.exchange(&world).await;
    mei.visit(order, "Mei's visit");
    mei.exchange(&world).await;
    wu.exchange(&world).await;
    mei.exchange(&world).await;
    let conflict = world.list("conflicts").await[0]["conflict"].clone();
    let decision = json!({ "conflict": conflict["key"], "rule": "C2", "choice": "both_count" });
    world.ok(&world.he, &format!("orders/{order}/decide"), decision).await;

    // Weeks later Wu's phone comes back.
    world.pass(40 * 24 * 60 * MINUTE);
    wu.exchange(&world).await;
    assert_eq!(wu.outcomes.len(), 1);
    assert!(wu.scope.contains(&order), "until it is known that he has it");
    wu.exchange(&world).await;
    assert!(!wu.scope.contains(&order));
    assert_eq!(wu.fold(order).open_conflicts().count(), 0, "the decision itself came too");
}

#[tokio::test]
async fn a_reassigned_order_leaves_the_phone_that_never_worked_on_it() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    world.assign("R-1", "Mei").await;
    let answers = wu.exchange(&world).await;
    assert_eq!(answers[0].scope.left, [order]);
    assert!(wu.scope.is_empty());
}

#[tokio::test]
async fn the_customer_is_sealed_in_the_event_and_opens_on_the_phone_that_has_the_order() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    let subject = Subject::work_order(order);
    let (stream, events) = mei.others.iter().next().unwrap();
    assert_eq!(stream.writer, Writer::Office(1));
    let plain: &[u8] = "Mrs Chan".as_bytes();
    assert!(!events.iter().any(|event| event.windows(plain.len()).any(|w| w == plain)));
    let recorded = Recorded {
        stream: *stream,
        seq: 1,
        id: Chain::start(stream).then(&events[0]).hash,
        event: Event::decode(&events[0]).unwrap(),
    };
    let key = &mei.subject_keys[&(subject, Class::Contact)];
    let customer: Customer = recorded.private(Class::Contact, Some(key)).unwrap();
    assert_eq!(customer.name.reveal(), "Mrs Chan");
    assert_eq!(customer.phone, Some(Personal::new("5550123")));
    assert_eq!(mei.subject_keys.len(), 3, "one for each class");
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(office["customer"]["name"], "Mrs Chan");
}

#[tokio::test]
async fn standing_data_comes_once_and_again_when_it_changes() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    mei.exchange(&world).await;
    let keys = |standing: &[Vec<u8>]| -> Vec<_> {
        let read = |bytes: &Vec<u8>| StandingDoc::verify(bytes, &mei.company).unwrap();
        standing.iter().map(read).map(|doc| (doc.key, doc.version)).collect()
    };
    let premises = format!("premises/{}", id("Flat 1203"));
    assert_eq!(keys(&mei.standing), [("standard/gz-repair".into(), 1), (premises, 1)]);
    let text = repair().replace("version = 1", "version = 2");
    let second = json!({ "key": "standard/gz-repair", "text": text });
    world.ok(&world.he, "standing", second.clone()).await;
    world.ok(&world.he, "standing", second).await;
    mei.standing.clear();
    mei.exchange(&world).await;
    mei.exchange(&world).await;
    let read = StandingDoc::verify(&mei.standing[0], &mei.company).unwrap();
    assert_eq!((mei.standing.len(), read.version), (1, 2));
}

#[tokio::test]
async fn a_clock_that_is_a_year_off_is_corrected_for_everybody() {
    let world = World::new().await;
    let (mut mei, mut wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    world.assign("R-1", "Mei").await;
    mei.exchange(&world).await;
    wu.clock_off_ms = -365 * 24 * 60 * MINUTE;
    mei.now = world.now();
    mei.visit(order, "Mei's visit");
    world.pass(5 * MINUTE);
    wu.now = world.now();
    wu.visit(order, "Wu's visit");
    mei.exchange(&world).await;
    wu.exchange(&world).await;
    wu.exchange(&world).await;
    mei.exchange(&world).await;
    for phone in [&mei, &wu] {
        let state = phone.fold(order);
        assert_eq!(state.primary, Some(id("Mei's visit")), "{} was first", phone.name);
        assert_eq!(state.visits[&id("Wu's visit")].started_at, world.now());
    }
    let corrections = mei
        .others
        .iter()
        .filter(|(stream, _)| matches!(stream.writer, Writer::Office(_)))
        .flat_map(|(_, events)| events)
        .filter(|bytes| Event::decode(bytes).unwrap().payload.name() == "ClockCorrected")
        .count();
    assert_eq!(corrections, 1);
}

#[tokio::test]
async fn the_server_says_what_it_holds_of_a_phone() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    let answers = mei.exchange(&world).await;
    let statement = mei.statement(&answers[0]);
    assert_eq!((statement.recorded, statement.held, statement.at), (2, 2, world.now()));
    // The office can say the same in writing, and nobody can write it for the office.
    let devices = world.list("devices").await;
    let listed = &devices[0]["statement"];
    assert_eq!(listed["nothing_unsent"], true);
    let hex = listed["signed"].as_str().unwrap();
    let signed = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    assert_eq!(Statement::open(&mei.company, &signed).unwrap().said, statement);
    let forged = Statement { device: mei.id(), said: statement }.sign(&mei.keys.sign_key());
    assert!(Statement::open(&mei.company, &forged).is_err());
    assert_ne!(answers[0].request, Hash::of(&[]));
}

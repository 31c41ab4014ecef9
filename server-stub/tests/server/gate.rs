//! What the gate lets in, and what it keeps aside.

use axum::http::StatusCode;
use doorstep::{
    event::{StepRecorded, Value},
    log::{Seal, StreamId, Subject, Writer},
    sync::StreamOutcome,
};
use serde_json::json;

use crate::world::{MINUTE, World, id};

fn knock(raps: i64) -> StepRecorded {
    StepRecorded { step: "knock".into(), value: Value::Count(raps) }
}

#[tokio::test]
async fn the_same_request_twice_does_no_harm() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    let tails = mei.unsent_tails();
    let request = mei.request(tails);
    let packet = mei.packet(&request);
    for outcome in [StreamOutcome::Accepted(2), StreamOutcome::AlreadyHad(2)] {
        let (_, bytes) = world.raw("/v1/exchange", packet.clone()).await;
        let answer = mei.open(&packet, &bytes);
        assert_eq!(answer.results[0].outcome, outcome);
        mei.take(&answer);
    }
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(mei.fold(order).digest().to_string(), office["digest"]);
    assert_eq!(world.list("devices").await[0]["suspect"], json!(null));
}

#[tokio::test]
async fn requests_that_overtake_each_other_or_arrive_late_once_more_are_normal() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    let stream = mei.stream(order);
    let mut packets = Vec::new();
    for part in 0..4 {
        mei.visit(order, &format!("part {part}"));
        let tails = vec![mei.tail(&stream, 1)];
        let request = mei.request(tails);
        packets.push(mei.packet(&request));
    }
    for arrival in [1, 3, 0, 3, 2, 1, 0] {
        let (status, _) = world.raw("/v1/exchange", packets[arrival].clone()).await;
        assert_eq!(status, StatusCode::OK);
        world.pass(MINUTE);
    }
    let devices = world.list("devices").await;
    assert_eq!((&devices[0]["stored"], &devices[0]["held"]), (&json!(8), &json!(0)));
    assert_eq!(devices[0]["suspect"], json!(null));
    mei.exchange(&world).await;
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(mei.fold(order).digest().to_string(), office["digest"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_phones_at_once_miss_nothing_of_each_other() {
    let world = std::sync::Arc::new(World::new().await);
    let order = world.order("R-1", "Mei").await;
    let mut working = Vec::new();
    for turn in 0..4 {
        let mut phone = world.phone_called("Mei", &format!("Mei's phone {turn}")).await;
        let world = world.clone();
        working.push(tokio::spawn(async move {
            for part in 0..10 {
                let visit = format!("{} {part}", phone.name);
                phone.visit(order, &visit);
                phone.exchange(&world).await;
            }
            phone
        }));
    }
    let mut phones = Vec::new();
    for phone in working {
        phones.push(phone.await.unwrap());
    }
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(office["state"]["visits"].as_object().unwrap().len(), 40);
    for phone in &mut phones {
        phone.exchange(&world).await;
        assert_eq!(phone.fold(order).digest().to_string(), office["digest"], "{}", phone.name);
    }
}

#[tokio::test]
async fn a_gap_is_named_and_a_tail_that_overlaps_is_taken_from_where_it_is_new() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    let stream = mei.stream(order);
    mei.visit(order, "Mei's visit");
    let late = vec![mei.tail(&stream, 2)];
    let answer = mei.send(&world, late).await;
    assert_eq!(answer.results[0].outcome, StreamOutcome::Gap(1));
    mei.exchange(&world).await;
    mei.record(order, "Mei's visit", knock(3));
    let whole = vec![mei.tail(&stream, 1)];
    let answer = mei.send(&world, whole).await;
    assert_eq!(answer.results[0].outcome, StreamOutcome::Accepted(3));
    assert!(mei.exchange(&world).await[0].results.is_empty());
}

#[tokio::test]
async fn a_forked_stream_is_kept_on_both_branches_and_blocks_no_other() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let (first, second) = (world.order("R-1", "Mei").await, world.order("R-2", "Mei").await);
    let stream = mei.stream(first);
    mei.start(first, "Mei's visit");
    mei.exchange(&world).await;
    // The phone is restored from a copy made before, and goes on from there.
    mei.own.get_mut(&stream).unwrap().clear();
    mei.record(first, "another visit", knock(2));
    mei.visit(second, "Mei's second visit");
    let fork = mei.chain(&stream, 1).hash;
    let tails = vec![mei.tail(&stream, 1), mei.tail(&mei.stream(second), 1)];
    let answer = mei.send(&world, tails).await;
    assert_eq!(answer.results[0].outcome, StreamOutcome::Forked(fork));
    assert_eq!(answer.results[1].outcome, StreamOutcome::Accepted(2));
    let held = world.list("held").await;
    assert_eq!((&held[0]["reason"], &held[0]["events"]), (&json!("forked"), &json!(1)));
    let office = world.list(&format!("orders/{first}")).await;
    assert!(office["state"]["visits"][id("Mei's visit").to_string()].is_object());
}

#[tokio::test]
async fn each_bad_stream_is_held_for_its_reason_and_the_good_one_passes() {
    let world = World::new().await;
    let (mut mei, wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let names = ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6", "R-7"];
    let mut tails = Vec::new();
    for name in names {
        let order = world.order(name, "Mei").await;
        mei.visit(order, name);
        tails.push(mei.tail(&mei.stream(order), 1));
    }
    // An altered event, another's seal, no seal, garbage, Wu's stream, the office's stream.
    let last = tails[0].events[1].len() - 1;
    tails[0].events[1][last] ^= 1;
    let chain = mei.chain(&tails[1].stream, 2);
    let seal = Seal::make(&wu.keys.sign_key(), tails[1].stream, chain, 1);
    tails[1].seal = Some(seal.bytes().to_vec().into());
    tails[2].seal = None;
    tails[3].events[0] = b"<html>".to_vec().into();
    tails[4].stream.writer = Writer::Device(wu.id());
    tails[5].stream.writer = Writer::Office(1);
    let answer = mei.send(&world, tails).await;
    let outcomes: Vec<_> = answer.results.iter().map(|result| result.outcome.clone()).collect();
    let held = |reason: &str| StreamOutcome::Held(reason.to_owned());
    assert!(matches!(&outcomes[0], StreamOutcome::Held(_)));
    assert_eq!(outcomes[1..4], [held("bad-seal"), held("bad-seal"), held("malformed")]);
    assert_eq!(outcomes[4..6], [held("not-yours"), held("not-yours")]);
    assert_eq!(outcomes[6], StreamOutcome::Accepted(2));
    assert_eq!(world.list("held").await.as_array().unwrap().len(), 6);
    assert_eq!(mei.statement(&answer).held, 14, "held back, but here");
}

#[tokio::test]
async fn a_foreign_receipt_series_is_not_yours() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    let series = StreamId::new(Subject::receipt_series(id("Wu")), Writer::Device(mei.id()));
    let events = mei.own[&mei.stream(order)].clone();
    mei.own.insert(series, events);
    let tails = vec![mei.tail(&series, 1)];
    let answer = mei.send(&world, tails).await;
    assert_eq!(answer.results[0].outcome, StreamOutcome::Held("not-yours".into()));
}

#[tokio::test]
async fn work_before_a_technician_left_counts_and_is_marked_later_work_is_held() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let (first, second) = (world.order("R-1", "Wu").await, world.order("R-2", "Wu").await);
    wu.exchange(&world).await;
    world.pass(10 * MINUTE);
    wu.now = world.now();
    wu.visit(first, "Wu's visit");
    world.pass(10 * MINUTE);
    let path = format!("devices/{}/revoke", wu.id());
    world.ok(&world.he, &path, json!({ "reason": "left", "effective": world.now() })).await;
    world.pass(10 * MINUTE);
    wu.now = world.now();
    wu.visit(second, "Wu's late visit");
    let answers = wu.exchange(&world).await;
    let outcome = |order| {
        let stream = wu.stream(order);
        let result = answers[0].results.iter().find(|result| result.stream == stream);
        result.unwrap().outcome.clone()
    };
    assert_eq!(outcome(first), StreamOutcome::Accepted(2));
    assert_eq!(outcome(second), StreamOutcome::Held("revoked".into()));
    assert!(answers[0].tails.is_empty() && answers[0].keys.is_empty(), "it gets no data");
    let office = world.list(&format!("orders/{first}")).await;
    let visit = &office["state"]["visits"][id("Wu's visit").to_string()];
    assert_eq!((&visit["marks"], &visit["counts"]), (&json!(["C9"]), &json!("fully")));
}

#[tokio::test]
async fn an_expired_certificate_still_brings_earlier_work_home() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let (first, second) = (world.order("R-1", "Wu").await, world.order("R-2", "Wu").await);
    wu.exchange(&world).await;
    world.pass(30 * 24 * 60 * MINUTE);
    wu.now = world.now();
    wu.visit(first, "Wu's visit");
    world.pass(340 * 24 * 60 * MINUTE);
    wu.now = world.now();
    wu.visit(second, "Wu's late visit");
    let answers = wu.exchange(&world).await;
    let outcomes: Vec<_> = answers[0].results.iter().map(|r| (r.stream, &r.outcome)).collect();
    assert!(outcomes.contains(&(wu.stream(first), &StreamOutcome::Accepted(2))));
    let held = StreamOutcome::Held("revoked".into());
    assert!(outcomes.contains(&(wu.stream(second), &held)));
    assert_eq!(wu.statement(&answers[0]).held, 4);
    let office = world.list(&format!("orders/{first}")).await;
    let visit = &office["state"]["visits"][id("Wu's visit").to_string()];
    assert_eq!(visit["marks"], json!([]), "nobody revoked it");
}

#[tokio::test]
async fn everything_a_stolen_phone_sends_is_held_and_it_learns_nothing() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    wu.visit(order, "Wu's visit");
    let path = format!("devices/{}/revoke", wu.id());
    world.ok(&world.he, &path, json!({ "reason": "stolen" })).await;
    world.order("R-2", "Wu").await;
    let answers = wu.exchange(&world).await;
    assert_eq!(answers[0].results[0].outcome, StreamOutcome::Held("revoked".into()));
    assert!(answers[0].tails.is_empty() && answers[0].scope.entered.is_empty());
    let (status, problem) = world.post(&world.desk, &path, json!({ "reason": "left" })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("wrong-role")));
}

#[tokio::test]
async fn a_copied_phone_is_noticed_and_marked() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    let copy_stands_at = mei.requests;
    world.pass(MINUTE);
    mei.exchange(&world).await;
    mei.requests = copy_stands_at;
    world.pass(MINUTE);
    mei.exchange(&world).await;
    assert_eq!(world.list("devices").await[0]["suspect"], "request-number-used-twice");
}

#[tokio::test]
async fn a_restored_phone_gets_its_own_streams_back() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    let stands_at = (mei.requests, mei.cursor, mei.last_answer);
    mei.visit(order, "Mei's visit");
    let recorded = mei.own.clone();
    world.pass(MINUTE);
    mei.exchange(&world).await;
    // A copy from before the visit is restored.
    (mei.requests, mei.cursor, mei.last_answer) = stands_at;
    mei.own.clear();
    mei.accepted.clear();
    world.pass(MINUTE);
    mei.exchange(&world).await;
    assert_eq!(mei.others[&mei.stream(order)], recorded[&mei.stream(order)]);
}

#[tokio::test]
async fn held_streams_that_differ_are_noticed_when_nothing_is_to_be_sent() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    mei.exchange(&world).await;
    let stream = mei.stream(order);
    mei.own.get_mut(&stream).unwrap().pop();
    mei.record(order, "Mei's visit", knock(4));
    mei.exchange(&world).await;
    assert_eq!(world.list("devices").await[0]["suspect"], "held-streams-differ");
}

#[tokio::test]
async fn a_boot_first_heard_of_after_a_revocation_dates_nothing_before_it() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let (first, second) = (world.order("R-1", "Wu").await, world.order("R-2", "Wu").await);
    wu.exchange(&world).await;
    world.pass(60 * MINUTE);
    let path = format!("devices/{}/revoke", wu.id());
    world.ok(&world.he, &path, json!({ "reason": "left", "effective": world.now() })).await;
    world.pass(10 * MINUTE);
    // The known boot claims to run for a day longer: what it wrote must not grow older by that.
    wu.now = world.now();
    wu.booted = wu.booted.plus_ms(-24 * 60 * MINUTE);
    wu.send(&world, Vec::new()).await;
    wu.booted = wu.booted.plus_ms(24 * 60 * MINUTE);
    wu.visit(first, "Wu's late visit");
    let outcome = wu.exchange(&world).await[0].results[0].outcome.clone();
    assert_eq!(outcome, StreamOutcome::Held("revoked".into()));
    // An invented boot, long enough ago.
    wu.boot = id("an invented boot");
    wu.booted = world.now().plus_ms(-40 * MINUTE);
    wu.now = world.now().plus_ms(-30 * MINUTE);
    wu.visit(second, "Wu's backdated visit");
    let tails = vec![wu.tail(&wu.stream(second), 1)];
    let answer = wu.send(&world, tails).await;
    assert_eq!(answer.results[0].outcome, StreamOutcome::Held("revoked".into()));
}

#[tokio::test]
async fn a_device_that_knows_of_less_than_it_sent_is_marked_and_gets_its_streams_back() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    mei.exchange(&world).await;
    let recorded = std::mem::take(&mut mei.own);
    mei.accepted.clear();
    // Its numbers of requests rise all the same.
    mei.exchange(&world).await;
    assert_eq!(world.list("devices").await[0]["suspect"], "recorded-less-than-stored");
    assert_eq!(mei.others[&mei.stream(order)], recorded[&mei.stream(order)]);
}

#[tokio::test]
async fn who_never_had_an_order_cannot_write_into_it_to_read_it() {
    let world = World::new().await;
    let mut wu = world.phone("Wu").await;
    let (order, his) = (world.order("R-1", "Mei").await, world.order("R-2", "Wu").await);
    world.assign("R-2", "Mei").await;
    for order in [order, id("an order nobody opened"), his] {
        wu.visit(order, "Wu's visit");
    }
    let answers = wu.exchange(&world).await;
    for result in &answers[0].results {
        let yours = result.stream.subject == Subject::work_order(his);
        let held = StreamOutcome::Held("not-yours".into());
        let wanted = if yours { StreamOutcome::Accepted(2) } else { held };
        assert_eq!(result.outcome, wanted);
    }
    assert!(!wu.scope.contains(&order) && wu.scope.contains(&his), "work he once had counts");
    assert!(wu.subject_keys.keys().all(|(subject, _)| *subject == Subject::work_order(his)));
    assert!(wu.others.keys().all(|stream| stream.subject == Subject::work_order(his)));
}

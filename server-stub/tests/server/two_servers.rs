//! Two servers on one PostgreSQL database, used at the same time: as if there were one.

use doorstep::event::{StepRecorded, Value};
use serde_json::json;

use crate::{
    shuffle::given_to_all,
    world::{MINUTE, World},
};

#[tokio::test]
async fn two_servers_on_one_database_serve_two_phones_at_once() {
    const ROUNDS: i64 = 12;
    let one = World::on_postgresql().await;
    let two = one.beside();
    assert_eq!(two.bootstrap, None, "there are accounts");
    assert_eq!(one.server.company_key(), two.server.company_key());
    let (mut phones, order) = given_to_all(&one).await;
    let [mei, wu, lin] = &mut phones[..] else { panic!("three phones") };
    for phone in [&mut *mei, &mut *wu] {
        let visit = format!("{}'s visit", phone.name);
        phone.start(order, &visit);
    }
    for round in 0..ROUNDS {
        one.pass(MINUTE);
        for phone in [&mut *mei, &mut *wu] {
            phone.now = one.now();
            let visit = format!("{}'s visit", phone.name);
            let value = Value::Count(round);
            phone.record(order, &visit, StepRecorded { step: "knock".into(), value });
        }
        // Both phones write about the same order, each through its own server, while the desk gives
        // it to somebody else through a third connection.
        let to = if round % 2 == 0 { "Mei" } else { "Wu" };
        tokio::join!(mei.exchange(&one), wu.exchange(&two), two.assign("R-1", to));
    }
    for phone in [&mut *mei, &mut *wu, lin] {
        phone.exchange(&two).await;
    }
    let (at_one, at_two) =
        (one.list(&format!("orders/{order}")).await, two.list(&format!("orders/{order}")).await);
    assert_eq!(at_one, at_two);
    for phone in [&*mei, wu] {
        assert!(phone.unsent_tails().is_empty(), "{}", phone.name);
        assert_eq!(phone.own[&phone.stream(order)].len() as i64, ROUNDS + 1);
        assert_eq!(phone.fold(order).digest().to_string(), at_one["digest"], "{}", phone.name);
    }
    for device in one.list("devices").await.as_array().unwrap() {
        assert_eq!((&device["suspect"], &device["held"]), (&json!(null), &json!(0)));
        assert_eq!(device["stored"], device["recorded"]);
    }
}

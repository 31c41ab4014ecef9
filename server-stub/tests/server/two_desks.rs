//! One conflict decided twice, at one desk and at two at once: one decision stands, everybody has the
//! same, and nobody is told twice.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::World;

/// An order that was cancelled while Mei finished it, and the conflict's key.
async fn crossed(world: &World, mei: &mut crate::device::Device, number: &str) -> (String, Value) {
    let order = world.order(number, "Mei").await;
    mei.exchange(world).await;
    mei.now = world.now();
    mei.visit(order, &format!("Mei's visit to {number}"));
    let path = format!("orders/{order}");
    world.ok(&world.desk, &format!("{path}/cancel"), json!({ "reason": "she rang" })).await;
    mei.exchange(world).await;
    let conflicts = world.list(&path).await["state"]["conflicts"].clone();
    assert_eq!(conflicts.as_array().unwrap().len(), 1);
    (path, conflicts[0]["key"].clone())
}

/// What stands after both desks have decided, on the server and on Mei's phone.
async fn stands(world: &World, mei: &mut crate::device::Device, path: &str) -> Value {
    mei.exchange(world).await;
    let office = world.list(path).await;
    let order = office["order"].as_str().unwrap().parse().unwrap();
    assert_eq!(mei.fold(order).digest().to_string(), office["digest"]);
    assert_eq!(mei.fold(order).open_conflicts().count(), 0);
    let decided = office["state"]["conflicts"][0]["state"]["decided"]["choice"].clone();
    let number = office["state"]["number"].as_str().unwrap();
    let told: Vec<_> = mei.outcomes.iter().filter(|o| o.order_number == number).collect();
    assert_eq!(told.len(), 1, "she is told once");
    assert_eq!(json!(told[0].choice), decided);
    decided
}

#[tokio::test]
async fn the_same_decision_from_two_desks_at_once_is_one_decision() {
    let one = World::on_postgresql().await;
    let two = one.beside();
    let mut mei = one.phone("Mei").await;
    for round in 0..4 {
        let (path, key) = crossed(&one, &mut mei, &format!("R-{round}")).await;
        let decide = json!({ "conflict": key, "rule": "C1", "choice": "work_stands" });
        let path_of = format!("{path}/decide");
        tokio::join!(
            one.ok(&one.he, &path_of, decide.clone()),
            two.ok(&two.he, &path_of, decide.clone())
        );
        // And once more, from each.
        one.ok(&one.he, &path_of, decide.clone()).await;
        two.ok(&two.he, &path_of, decide).await;
        assert_eq!(stands(&one, &mut mei, &path).await, json!("work_stands"));
    }
}

#[tokio::test]
async fn of_two_decisions_at_once_one_stands_and_the_other_desk_is_told_so() {
    let one = World::on_postgresql().await;
    let two = one.beside();
    let mut mei = one.phone("Mei").await;
    for round in 0..4 {
        let (path, key) = crossed(&one, &mut mei, &format!("R-{round}")).await;
        let decide = |choice: &str| json!({ "conflict": key, "rule": "C1", "choice": choice });
        let path_of = format!("{path}/decide");
        let (first, second) = tokio::join!(
            one.post(&one.he, &path_of, decide("work_stands")),
            two.post(&two.he, &path_of, decide("work_stands_uncharged"))
        );
        let (won, lost) = match (first.0, second.0) {
            (StatusCode::OK, StatusCode::CONFLICT) => ("work_stands", second.1),
            (StatusCode::CONFLICT, StatusCode::OK) => ("work_stands_uncharged", first.1),
            statuses => panic!("{statuses:?}"),
        };
        assert_eq!(lost["code"], "decided");
        assert!(lost["message"].as_str().unwrap().contains(won), "{lost}");
        assert_eq!(stands(&one, &mut mei, &path).await, json!(won));
    }
}

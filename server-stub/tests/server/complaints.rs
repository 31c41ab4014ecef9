//! Cases of complaint over HTTP: who may what, and what can't come next.

use axum::http::StatusCode;
use serde_json::json;

use crate::world::{MINUTE, World, id};

const HOUR: i64 = 60 * MINUTE;

async fn the_desk_takes_one_down(world: World) {
    let order = world.order("R-1", "Mei").await;
    let said = json!({ "channel": "phone", "words": "nobody came", "action": id("call") });
    let path = format!("orders/{order}/complaints");
    let case = world.ok(&world.desk, &path, said.clone()).await;
    assert_eq!((&case["number"], &case["status"]), (&json!("R-1-C1"), &json!("open")));
    assert_eq!(
        (&case["channel"], &case["acts"][0]["words"]),
        (&json!("phone"), &json!("nobody came"))
    );
    // The same call taken down twice is one case.
    world.ok(&world.desk, &path, said).await;
    assert_eq!(world.list("complaints").await.as_array().unwrap().len(), 1);

    world.pass(25 * HOUR);
    let alarms = world.list("alarms").await;
    assert_eq!((&alarms[0]["number"], &alarms[0]["overdue"]), (&json!("R-1-C1"), &json!(true)));
    assert!(alarms[0]["words"]["zh-Hans"].as_str().unwrap().contains("R-1-C1"));

    let act = |act: &str| json!({ "act": act, "action": id(act) });
    for (body, code) in [
        (act("closed"), "out-of-order"),
        (act("received"), "out-of-order"),
        (act("handed_over"), "malformed"),
        (json!({ "act": "handed_over", "to": id("nobody") }), "unknown-person"),
        (json!({ "act": "contacted", "to": id("Mei") }), "malformed"),
        (json!({ "act": "answered", "words": " " }), "empty"),
    ] {
        let (status, problem) = world.post(&world.desk, "complaints/R-1-C1", body.clone()).await;
        assert!(status.is_client_error() && problem["code"] == code, "{body}: {problem}");
    }
    let (_, unknown) = world.post(&world.desk, "complaints/R-9-C1", act("contacted")).await;
    assert_eq!(unknown["code"], "unknown-complaint");
    let to = json!({ "act": "handed_over", "to": id("Mei") });
    let case = world.ok(&world.desk, "complaints/R-1-C1", to).await;
    assert_eq!(case["owner"], json!(id("Mei")));
    for done in ["investigated", "contacted", "answered", "called_back", "closed"] {
        world.ok(&world.desk, "complaints/R-1-C1", act(done)).await;
        // Sent again, because the answer was lost.
        world.ok(&world.desk, "complaints/R-1-C1", act(done)).await;
    }
    let ledger = world.list("ledger").await;
    assert_eq!((&ledger["open"], &ledger["closed"]), (&json!(0), &json!(1)));
    assert_eq!(world.list("complaints").await, json!([]));
    assert_eq!(world.list("alarms").await, json!([]));
}

#[tokio::test]
async fn the_desk_takes_a_complaint_down_by_telephone() {
    the_desk_takes_one_down(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    the_desk_takes_one_down(World::on_postgresql().await).await;
}

#[tokio::test]
async fn every_route_of_cases_asks_who_and_for_what() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let log = format!("orders/{order}/complaints");
    for path in [log.as_str(), "complaints/R-1-C1", "complaints/R-1-C1/call-back"] {
        assert_eq!(world.post("", path, json!({})).await.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(
            world.post(&world.desk, path, json!({})).await.0,
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
    for path in ["complaints", "complaints/R-1-C1", "ledger", "alarms"] {
        assert_eq!(world.get("made-up", path).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(world.get(&world.desk, "ledger").await.0, StatusCode::FORBIDDEN);
    let tomorrow = world.now().plus_ms(HOUR);
    let early = json!({ "channel": "web", "words": "x", "received": tomorrow });
    assert_eq!(world.post(&world.desk, &log, early).await.0, StatusCode::BAD_REQUEST);
}

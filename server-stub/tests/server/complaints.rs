//! Cases of complaint over HTTP: who may what, and what can't come next.

use axum::http::StatusCode;
use doorstep::standard::SHIPPED_PROMISES;
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

#[tokio::test]
async fn cases_and_orders_are_counted_by_the_same_promises_and_by_new_ones_at_once() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let said = json!({ "channel": "phone", "words": "nobody came" });
    world.ok(&world.desk, &format!("orders/{order}/complaints"), said).await;
    let due = async || world.list("complaints").await[0]["due"].as_i64().unwrap();
    let received = world.now().0;
    assert_eq!(due().await, received + 24 * HOUR, "what ships: a first look within 24 hours");

    // Nothing was published, and an order is counted by what ships, too.
    let opened = async |number: &str| {
        let premises = world.get(&world.desk, &format!("orders/{order}")).await.1;
        let body = json!({
            "kind": "repair", "premises": premises["state"]["premises"], "number": number,
            "standard": "gz-repair", "customer": { "name": "Mrs Chan" },
            "promises": ["complaint_first_look", "complaint_passed_on"],
        });
        world.ok(&world.desk, "orders", body).await["state"]["promises"].clone()
    };
    assert_eq!(opened("R-2").await[0]["due"], json!(received + 24 * HOUR));

    let stricter = SHIPPED_PROMISES.text.replace(
        "hours = 24\nfrom = \"received\"\nkept_by = \"investigated\"",
        "hours = 12\nfrom = \"received\"\nkept_by = \"investigated\"",
    );
    assert_ne!(stricter, SHIPPED_PROMISES.text);
    let document = json!({ "key": "service-promises", "text": stricter });
    world.ok(&world.he, "standing", document).await;
    assert_eq!(due().await, received + 12 * HOUR, "the open case is counted anew");
    assert_eq!(opened("R-3").await[0]["due"], json!(received + 12 * HOUR));
}

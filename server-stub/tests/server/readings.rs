//! What customers say of their meters, and meters send, over HTTP: who may write it down, and what is
//! refused.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{MINUTE, World, id};

const DAY: i64 = 24 * 60 * MINUTE;

/// The order's readings as a phone would fold them.
async fn readings(world: &World, order: impl std::fmt::Display) -> Value {
    world.list(&format!("orders/{order}")).await["state"]["readings"].clone()
}

async fn a_customer_reads_by_the_app(world: World) {
    let order = world.order("R-1", "Mei").await;
    let path = format!("orders/{order}/readings");
    let premises = world.list(&format!("orders/{order}")).await["state"]["premises"].clone();
    let meter = json!({
        "number": "M-1", "digits": 5, "last": 2_170, "last_at": world.now().plus_ms(-60 * DAY).0,
        "usual": 40, "card_sold": 2_300,
    });
    world.ok(&world.desk, "meters", json!({ "premises": premises, "meters": [meter] })).await;

    let said = json!({
        "meter": " M-1 ", "kind": "customer", "source": "app", "value": "2210.5", "card_left": 60,
        "read_at": world.now().plus_ms(-MINUTE).0, "photo": "ab".repeat(32), "action": id("app"),
    });
    world.ok(&world.desk, &path, said.clone()).await;
    // Sent again because the answer was lost, and by an app that draws a new id each time.
    world.ok(&world.desk, &path, said.clone()).await;
    let mut again = said.clone();
    again["action"] = json!(id("another"));
    world.ok(&world.desk, &path, again).await;
    let kept = readings(&world, order).await;
    assert_eq!(kept.as_array().unwrap().len(), 1, "{kept}");
    assert_eq!((&kept[0]["source"], &kept[0]["standing"]), (&json!("app"), &json!("counts")));
    assert_eq!((&kept[0]["usage"], &kept[0]["at"]), (&json!(40), &said["read_at"]));
    // 2,300 sold and 60 left would be 2,240 on the wheels.
    assert_eq!(kept[0]["flags"], json!(["card_differs"]));

    let with = |key: &str, value: Value| {
        let mut said = said.clone();
        said["action"] = Value::Null;
        said["read_at"] = Value::Null;
        said[key] = value;
        said
    };
    for (body, code) in [
        (with("value", json!("2169")), "bad-reading"),
        (with("value", json!("-1")), "bad-reading"),
        (with("value", json!("9999999")), "bad-reading"),
        (with("kind", json!("physical")), "bad-reading"),
        (with("kind", json!("smart")), "bad-reading"),
        (with("source", json!("network")), "bad-reading"),
        (with("read_at", json!(world.now().plus_ms(MINUTE).0)), "bad-reading"),
        (with("meter", json!("  ")), "empty"),
        (with("meter", json!("M-2")), "unknown-meter"),
        (with("value", json!("many")), "malformed"),
        (with("reason", json!("x".repeat(2_001))), "too-long"),
    ] {
        let (status, problem) = world.post(&world.desk, &path, body.clone()).await;
        assert!(status.is_client_error() && problem["code"] == code, "{body}: {problem}");
    }
    assert_eq!(readings(&world, order).await.as_array().unwrap().len(), 1);

    // With a picture and a reason it waits for a supervisor, and makes no bill.
    let mut low = with("value", json!("2169"));
    low["reason"] = json!("her picture shows it");
    world.ok(&world.desk, &path, low).await;
    let kept = readings(&world, order).await;
    assert_eq!(kept[1]["standing"], json!("parked"));
    assert_eq!(kept[0]["standing"], json!("counts"));

    let gone = format!("orders/{order}/cancel");
    world.ok(&world.desk, &gone, json!({ "reason": "opened twice" })).await;
    let (_, closed) = world.post(&world.desk, &path, with("value", json!("2211"))).await;
    assert_eq!(closed["code"], "order-closed");
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_what_is_told_is_kept_once() {
    a_customer_reads_by_the_app(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    a_customer_reads_by_the_app(World::on_postgresql().await).await;
}

#[tokio::test]
async fn only_the_office_writes_down_what_it_was_told() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let path = format!("orders/{order}/readings");
    let said = json!({ "meter": "M-1", "kind": "customer", "source": "app", "value": "2210" });
    for token in ["", "made-up"] {
        let (status, _) = world.post(token, &path, said.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    let (status, _) =
        world.post(&world.desk, &format!("orders/{}/readings", id("x")), said.clone()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // Of premises whose meters nobody published it is kept as it was told.
    world.ok(&world.desk, &path, said).await;
    assert_eq!(readings(&world, order).await[0]["usage"], Value::Null);
}

#[tokio::test]
async fn a_meter_that_came_with_the_whole_district_is_known_to_the_office_too() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let premises = world.list(&format!("orders/{order}")).await["state"]["premises"].clone();
    let meter = |last: u64| {
        json!({ "number": "M-1", "digits": 5, "last": last,
                "last_at": world.now().plus_ms(-60 * DAY).0, "usual": 40 })
    };
    for last in [2_000, 2_170] {
        let meters = json!([{ "premises": premises, "meters": [meter(last)] }]);
        world.ok(&world.desk, "district", json!({ "meters": meters })).await;
    }
    let path = format!("orders/{order}/readings");
    let said = |value: &str| json!({ "meter": "M-1", "kind": "customer", "source": "app", "value": value });
    let (_, below) = world.post(&world.desk, &path, said("2169")).await;
    assert_eq!(below["code"], "bad-reading", "by the last list, not by the one before it");
    world.ok(&world.desk, &path, said("2210")).await;
    assert_eq!(readings(&world, order).await[0]["usage"], json!(40));

    // One list for itself takes its place, until the district's next.
    let alone = json!({ "premises": premises, "meters": [meter(2_200)] });
    world.ok(&world.desk, "meters", alone).await;
    world.ok(&world.desk, &path, said("2211")).await;
    assert_eq!(readings(&world, order).await[1]["usage"], json!(11));
}

#[tokio::test]
async fn meters_to_report_are_the_offices_to_read_month_by_month() {
    let world = World::new().await;
    for token in ["", "made-up"] {
        let (status, _) = world.get(token, "meters-to-report/2026-01").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    for month in ["2026", "2026-13", "26-01", "2999-01", "2026-1", "é026-01"] {
        let (status, problem) = world.get(&world.desk, &format!("meters-to-report/{month}")).await;
        assert!(status.is_client_error(), "{month}: {problem}");
    }
    // What readers find is counted in `tests/scenarios/day-reader.toml`.
    assert_eq!(world.list("meters-to-report/2020-01").await, json!([]));
}

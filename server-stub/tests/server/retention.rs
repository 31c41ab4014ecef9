//! What is kept of customers longer than the profile says: listed, and erased by people alone.

use axum::http::StatusCode;
use doorstep::standard::SHIPPED_PROFILE;
use serde_json::{Value, json};

use crate::world::{MINUTE, World};

const DAY: i64 = 24 * 60 * MINUTE;

/// Numbers of the orders that are listed, and which classes of each are due.
async fn due(world: &World) -> Vec<(String, Vec<String>)> {
    let listed = world.list("retention").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |order: &Value| {
        let classes = order["due"].as_array().unwrap().iter().map(|due| text(&due["class"]));
        (text(&order["number"]), classes.collect())
    };
    listed.as_array().unwrap().iter().map(line).collect()
}

async fn what_is_due_is_listed_until_somebody_erases_it(world: World) {
    let cancelled = world.order("R-1", "Mei").await;
    world.order("R-2", "Mei").await;
    let body = json!({ "reason": "asked twice" });
    world.ok(&world.desk, &format!("orders/{cancelled}/cancel"), body).await;
    world.pass(800 * DAY);
    assert_eq!(due(&world).await, [], "no profile says how long anything is kept");

    let profile = json!({ "key": "profile", "text": SHIPPED_PROFILE.text });
    world.ok(&world.he, "standing", profile).await;
    let one = |classes: &[&str]| {
        vec![("R-1".to_owned(), classes.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())]
    };
    assert_eq!(due(&world).await, one(&["contact"]), "after 24 months; R-2 is still to be done");
    let listed = world.list("retention").await;
    let (over, since) = (&listed[0]["over_at"], &listed[0]["due"][0]["since"]);
    let days = (since.as_i64().unwrap() - over.as_i64().unwrap()) / DAY;
    assert_eq!(days, 731, "24 months");

    let path = format!("orders/{cancelled}/erase");
    world.ok(&world.he, &path, json!({})).await;
    assert_eq!(due(&world).await, []);
    // Erased last month, it is looked at again for what is left: counted from when it was over.
    world.pass(800 * DAY);
    assert_eq!(due(&world).await, one(&["service"]));
    world.ok(&world.he, &path, json!({ "service": true })).await;
    world.pass(800 * DAY);
    assert_eq!(due(&world).await, []);

    // Another company forgets at once, and keeps the record of the work for ever.
    let text = SHIPPED_PROFILE.text.replacen("version = 1", "version = 2", 1);
    let text = text.replacen("months = 24\n", "months = 0\n", 1);
    let service = text.find("[[retention]]\nclass = \"service\"").unwrap();
    let tariff = text.find("[tariff]").unwrap();
    let text = [&text[..service], &text[tariff..]].concat();
    world.ok(&world.he, "standing", json!({ "key": "profile", "text": text })).await;
    let cancelled = world.order("R-3", "Mei").await;
    let body = json!({ "reason": "moved away" });
    world.ok(&world.desk, &format!("orders/{cancelled}/cancel"), body).await;
    assert_eq!(due(&world).await, [("R-3".to_owned(), vec!["contact".to_owned()])]);
}

#[tokio::test]
async fn what_is_kept_too_long_is_listed_until_somebody_erases_it() {
    what_is_due_is_listed_until_somebody_erases_it(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    what_is_due_is_listed_until_somebody_erases_it(World::on_postgresql().await).await;
}

#[tokio::test]
async fn only_a_supervisor_sees_whose_data_is_due() {
    let world = World::new().await;
    assert_eq!(world.get("made-up", "retention").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get(&world.desk, "retention").await.0, StatusCode::FORBIDDEN);
}

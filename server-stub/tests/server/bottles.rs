//! What customers hold of gas bottles, over HTTP: who may count it anew, and what is refused. What phones
//! scan is counted in `tests/scenarios/conflicts/c26.toml`.

use axum::http::StatusCode;
use serde_json::json;

use crate::world::{MINUTE, World, id};

const SIZES: &str = r#"
[[bottle]]
size = "15"
name = { zh-Hans = "15 公斤气瓶", zh-Hant = "15 公斤氣瓶", en = "15 kg bottle" }
codes = ["CYL-"]
"#;

async fn the_office_counts(world: World) {
    let order = world.order("D-1", "Mei").await;
    let premises = world.list(&format!("orders/{order}")).await["state"]["premises"].clone();
    let path = format!("premises/{}/bottles", premises.as_str().unwrap());
    let unknown = world.post(&world.he, &path, json!({ "held": { "15": 2 } })).await;
    assert_eq!(unknown.1["code"], "malformed", "no list counts bottles of that size yet");

    let list = doorstep::money::PriceList::example_text().replace("version = 12", "version = 13");
    let list = json!({ "key": "price-list", "text": format!("{list}{SIZES}") });
    world.ok(&world.he, "standing", list).await;
    for token in ["", &world.desk] {
        let (status, _) = world.post(token, &path, json!({ "held": { "15": 2 } })).await;
        assert!(status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN, "{status}");
    }
    let counted = world.ok(&world.he, &path, json!({ "held": { "15": 2 } })).await;
    assert_eq!(counted["held"], json!({ "15": 2 }));
    assert_eq!(world.list(&path).await, counted, "a dispatcher reads it");

    // What was written down for an earlier day doesn't take the place of what was counted since.
    let before = world.now().plus_ms(-MINUTE).0;
    world.ok(&world.he, &path, json!({ "held": { "15": 9 }, "at": before })).await;
    assert_eq!(world.list(&path).await["held"], json!({ "15": 2 }));

    let (status, gone) = world
        .post(&world.he, &format!("premises/{}/bottles", id("x")), json!({ "held": {} }))
        .await;
    assert_eq!((status, &gone["code"]), (StatusCode::NOT_FOUND, &json!("not-published")));
}

#[tokio::test]
async fn only_a_supervisor_counts_bottles_anew() {
    the_office_counts(World::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    the_office_counts(World::on_postgresql().await).await;
}

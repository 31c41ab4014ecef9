//! The office's routes: roles, tokens, and what can't be.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::{World, id, repair, token};

#[tokio::test]
async fn the_bootstrap_code_makes_one_supervisor_and_no_more() {
    let world = World::bare();
    let first = |role: &str| json!({ "name": "He", "role": role, "bootstrap": world.bootstrap });
    let (status, _) = world.post("", "accounts", first("dispatcher")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    token(&world.post("", "accounts", first("supervisor")).await);
    let (status, problem) = world.post("", "accounts", first("supervisor")).await;
    assert_eq!((status, &problem["code"]), (StatusCode::FORBIDDEN, &json!("wrong-bootstrap")));
    let wrong = json!({ "name": "Eve", "role": "supervisor", "bootstrap": "ABC" });
    assert_eq!(world.post("", "accounts", wrong).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_route_asks_for_a_token_and_for_the_role_it_needs() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let mei = world.phone("Mei").await;
    let posts: Vec<(String, bool)> = vec![
        ("accounts".into(), true),
        ("people".into(), true),
        ("standing".into(), true),
        (format!("devices/{}/revoke", mei.id()), true),
        ("premises".into(), false),
        ("enrolment-codes".into(), false),
        ("orders".into(), false),
        (format!("orders/{order}/assign"), false),
        (format!("orders/{order}/cancel"), false),
        // Whose it is to decide depends on the conflict.
        (format!("orders/{order}/decide"), false),
    ];
    let account = json!({ "name": "Eve", "role": "supervisor" });
    for (path, supervisor) in posts {
        for wrong in ["", "made-up"] {
            let (status, problem) = world.post(wrong, &path, account.clone()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(problem["code"], "no-account");
        }
        let (status, problem) = world.post(&world.desk, &path, account.clone()).await;
        if supervisor {
            assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(problem["code"], "wrong-role");
        } else {
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {problem}");
        }
    }
    let one = format!("orders/{order}");
    for path in ["orders", &one, "conflicts", "devices", "held"] {
        assert_eq!(world.get("made-up", path).await.0, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(world.get(&world.he, path).await.0, StatusCode::OK, "{path}");
    }
    assert_eq!(world.get(&world.desk, "held").await.0, StatusCode::FORBIDDEN);
}

async fn refused(world: &World, path: &str, body: Value) -> (u16, String) {
    let (status, problem) = world.post(&world.he, path, body).await;
    assert!(problem["message"].is_string() && problem["what_to_do"].is_string(), "{problem}");
    (status.as_u16(), problem["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_cannot_be_is_told_with_a_code_and_what_to_do() {
    let world = World::new().await;
    let order = world.order("R-1", "Mei").await;
    let new = |premises: &str, standard: &str, number: &str| {
        json!({ "kind": "repair", "premises": id(premises), "standard": standard,
                "number": number })
    };
    let ask = async |path: &str, body| refused(&world, path, body).await;
    let is = |code: u16, name: &str| (code, name.to_owned());
    let no_premises = ask("orders", new("nowhere", "gz-repair", "R-2")).await;
    assert_eq!(no_premises, is(404, "not-published"));
    let no_standard = ask("orders", new("Flat 1203", "dance", "R-2")).await;
    assert_eq!(no_standard, is(404, "not-published"));
    let same = ask("orders", new("Flat 1203", "gz-repair", "R-1")).await;
    assert_eq!(same, is(409, "number-taken"));
    let long = ask("orders", new("Flat 1203", "gz-repair", &"9".repeat(500))).await;
    assert_eq!(long, is(413, "too-long"));
    let typo = ask("orders", json!({ "kindd": "repair" })).await;
    assert_eq!(typo, is(400, "malformed"));
    let nobody = ask(&format!("orders/{order}/assign"), json!({ "to": id("Nobody") })).await;
    assert_eq!(nobody, is(404, "unknown-person"));
    let no_order = ask(&format!("orders/{}/cancel", id("R-9")), json!({ "reason": "x" })).await;
    assert_eq!(no_order, is(404, "unknown-order"));
    let no_reason = ask(&format!("orders/{order}/cancel"), json!({ "reason": " " })).await;
    assert_eq!(no_reason, is(400, "empty"));
    let bad_id = ask("orders/xyz/cancel", json!({ "reason": "x" })).await;
    assert_eq!(bad_id, is(400, "malformed"));
    let no_conflict = json!({ "conflict": "00".repeat(32), "rule": "C1", "choice": "x" });
    let no_conflict = ask(&format!("orders/{order}/decide"), no_conflict).await;
    assert_eq!(no_conflict, is(404, "unknown-conflict"));
    let key = ask("standing", json!({ "key": "premises/1", "text": "" })).await;
    assert_eq!(key, is(400, "unknown-key"));
    let other = json!({ "key": "standard/dance", "text": repair() });
    assert_eq!(ask("standing", other).await, is(400, "other-key"));
    let altered = repair().replace("# How", "# Why");
    let altered = json!({ "key": "standard/gz-repair", "text": altered });
    assert_eq!(ask("standing", altered).await, is(409, "old-version"));
    let revoke = ask(&format!("devices/{}/revoke", id("x")), json!({ "reason": "lost" })).await;
    assert_eq!(revoke, is(404, "unknown-device"));
}

#[tokio::test]
async fn an_office_action_sent_twice_happens_once() {
    let world = World::new().await;
    let open = json!({
        "action": id("open"), "kind": "repair", "premises": id("Flat 1203"), "number": "R-1",
        "standard": "gz-repair",
    });
    let first = world.ok(&world.desk, "orders", open.clone()).await;
    let second = world.ok(&world.desk, "orders", open).await;
    assert_eq!(first, second);
    let order = first["order"].as_str().unwrap();
    let assign = json!({ "action": id("assign"), "to": id("Mei") });
    let path = format!("orders/{order}/assign");
    let first = world.ok(&world.desk, &path, assign.clone()).await;
    world.ok(&world.desk, &path, json!({ "to": id("Wu") })).await;
    let second = world.ok(&world.desk, &path, assign).await;
    assert_eq!(first["state"]["assigned_to"], json!(id("Mei")));
    assert_eq!(second["state"]["assigned_to"], json!(id("Wu")), "the repeat changed nothing");
}

#[tokio::test]
async fn a_decision_stands_and_a_choice_must_be_one_of_the_rules() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    mei.visit(order, "Mei's visit");
    let reason = json!({ "reason": "the customer rang" });
    world.ok(&world.desk, &format!("orders/{order}/cancel"), reason).await;
    mei.exchange(&world).await;
    let key = world.list("conflicts").await[0]["conflict"]["key"].clone();
    let path = format!("orders/{order}/decide");
    let choose = |choice: &str| json!({ "conflict": key, "rule": "C1", "choice": choice });
    let (code, problem) = world.post(&world.he, &path, choose("first_counts")).await;
    assert_eq!((code, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("unknown-choice")));
    assert!(problem["what_to_do"].as_str().unwrap().contains("work_stands_uncharged"));
    world.ok(&world.he, &path, choose("work_stands")).await;
    world.ok(&world.he, &path, choose("work_stands")).await;
    let again = refused(&world, &path, choose("work_stands_uncharged")).await;
    assert_eq!(again, (409, "decided".to_owned()));
    let listed = world.list("orders").await;
    assert_eq!(
        (&listed[0]["conflicts"], &listed[0]["open_conflicts"], &listed[0]["status"]),
        (&json!(1), &json!(0), &json!("done"))
    );
}

#[tokio::test]
async fn a_document_that_does_not_load_is_refused_with_its_lines() {
    let world = World::new().await;
    let text = repair().replacen("visit = \"repair\"", "visit = \"dance\"", 1);
    let line = text.lines().position(|line| line.starts_with("visit =")).unwrap() + 1;
    let body = json!({ "key": "standard/gz-repair", "text": text });
    let (status, problem) = world.post(&world.he, "standing", body).await;
    assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("bad-document")));
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains(&format!("line {line}, column")), "{message}");
    let list = include_str!("../../../standards/price-list.toml");
    let body = json!({ "key": "price-list", "text": list });
    let published = world.ok(&world.he, "standing", body).await;
    assert_eq!((&published["key"], published["version"].is_u64()), (&json!("price-list"), true));
}

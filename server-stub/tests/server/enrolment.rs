//! One-time codes.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    device::Device,
    world::{MINUTE, World, id},
};

fn code_of(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap();
    assert!(problem["what_to_do"].as_str().is_some_and(|todo| !todo.is_empty()));
    problem["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_phone_becomes_a_device_of_its_person() {
    let world = World::new().await;
    let mei = world.phone("Mei").await;
    let person = mei.person.as_ref().unwrap();
    assert_eq!((person.id, person.badge.as_str()), (id("Mei"), "0417"));
    assert_eq!(mei.certificate.as_ref().unwrap().fields().district, "harbour");
    let devices = world.list("devices").await;
    assert_eq!(devices[0]["device"], json!(mei.id()));
    assert_eq!(devices[0]["person"], json!(id("Mei")));
}

#[tokio::test]
async fn a_code_used_twice_is_refused_the_second_time() {
    let world = World::new().await;
    let code = world.code("Mei").await;
    let (first, second) = (Device::new("Mei"), Device::new("a stranger"));
    assert_eq!(world.raw("/v1/enrol", first.enrolment(&code)).await.0, StatusCode::OK);
    let (status, body) = world.raw("/v1/enrol", second.enrolment(&code)).await;
    assert_eq!((status, code_of(&body).as_str()), (StatusCode::CONFLICT, "code-used"));
    assert_eq!(world.list("devices").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_phone_whose_answer_was_lost_gets_the_same_certificate_again() {
    let world = World::new().await;
    let code = world.code("Mei").await;
    let mut mei = Device::new("Mei");
    let (_, first) = world.raw("/v1/enrol", mei.enrolment(&code)).await;
    mei.enrolled(&first);
    let certificate = mei.id();
    world.pass(MINUTE);
    let (status, second) = world.raw("/v1/enrol", mei.enrolment(&code)).await;
    assert_eq!(status, StatusCode::OK);
    mei.enrolled(&second);
    assert_eq!(mei.id(), certificate);
}

#[tokio::test]
async fn an_old_code_and_a_made_up_one_are_refused() {
    let world = World::new().await;
    let code = world.code("Mei").await;
    world.pass(15 * MINUTE + 1);
    let mei = Device::new("Mei");
    let (status, body) = world.raw("/v1/enrol", mei.enrolment(&code)).await;
    assert_eq!((status, code_of(&body).as_str()), (StatusCode::FORBIDDEN, "code-expired"));
    let (status, body) = world.raw("/v1/enrol", mei.enrolment("ABC")).await;
    assert_eq!((status, code_of(&body).as_str()), (StatusCode::FORBIDDEN, "unknown-code"));
}

#[tokio::test]
async fn guessing_is_slowed_down_per_code_and_in_all_and_keeps_nobody_with_a_code_out() {
    let world = World::new().await;
    let mei = Device::new("Mei");
    for _ in 0..5 {
        assert_eq!(world.raw("/v1/enrol", mei.enrolment("ABC")).await.0, StatusCode::FORBIDDEN);
    }
    let (status, body) = world.raw("/v1/enrol", mei.enrolment("ABC")).await;
    assert_eq!(
        (status, code_of(&body).as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too-many-attempts")
    );
    for guess in 0..95 {
        world.raw("/v1/enrol", mei.enrolment(&format!("GUESS{guess}"))).await;
    }
    assert_eq!(
        world.raw("/v1/enrol", mei.enrolment("GUESS95")).await.0,
        StatusCode::TOO_MANY_REQUESTS
    );
    let code = world.code("Wu").await;
    assert_eq!(world.raw("/v1/enrol", Device::new("Wu").enrolment(&code)).await.0, StatusCode::OK);
    world.pass(16 * MINUTE);
    let code = world.code("Mei").await;
    assert_eq!(world.raw("/v1/enrol", mei.enrolment(&code)).await.0, StatusCode::OK);
}

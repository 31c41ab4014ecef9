//! Garbage, strangers, and things too large.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use doorstep::sync::seal_request;
use serde_json::Value;

use crate::{device::Device, world::World};

fn problem(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[tokio::test]
async fn garbage_is_told_so_on_every_packet_route() {
    let world = World::new().await;
    let html = b"<html><body>Welcome to the hotel's Wi-Fi</body></html>".to_vec();
    for path in ["/v1/enrol", "/v1/exchange"] {
        for body in [Vec::new(), html.clone(), vec![0xff; 300], b"{}".to_vec(), vec![0x84; 40]] {
            let (status, answer) = world.raw(path, body).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(problem(&answer)["code"], "malformed");
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_by_every_route() {
    let world = World::new().await;
    let huge = vec![b' '; 5 * 1024 * 1024];
    for path in ["/v1/enrol", "/v1/exchange", "/v1/office/standing"] {
        let (status, answer) = world.raw(path, huge.clone()).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(problem(&answer)["code"], "too-large");
    }
}

#[tokio::test]
async fn a_request_altered_anywhere_or_signed_by_another_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    let tails = mei.unsent_tails();
    let request = mei.request(tails);
    let packet = mei.packet(&request);
    for at in (0..packet.len()).step_by(7) {
        let mut altered = packet.clone();
        altered[at] ^= 0x20;
        let (status, _) = world.raw("/v1/exchange", altered).await;
        assert!(status.is_client_error(), "byte {at}: {status}");
    }
    let stranger = Device::new("a stranger");
    let forged = seal_request(&stranger.keys.sign_key(), mei.id().as_bytes(), &request);
    let (status, answer) = world.raw("/v1/exchange", forged).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(problem(&answer)["code"], "bad-signature");
    let unknown = seal_request(&stranger.keys.sign_key(), &[7; 16], &request);
    let (status, answer) = world.raw("/v1/exchange", unknown).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(problem(&answer)["code"], "unknown-device");
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(office["streams"].as_array().unwrap().len(), 1, "nothing but the office's");
    assert_eq!(world.list("held").await.as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn numbers_at_the_end_of_their_range_harm_nothing() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.visit(order, "Mei's visit");
    let mut tail = mei.tail(&mei.stream(order), 1);
    for from in [0, u64::MAX, u64::MAX - 1, i64::MAX as u64] {
        tail.from = from;
        mei.send(&world, vec![tail.clone()]).await;
    }
    tail.from = u64::MAX;
    tail.stream.writer = doorstep::log::Writer::Office(u64::MAX);
    mei.send(&world, vec![tail]).await;
    let mut request = mei.request(Vec::new());
    request.clock.since_boot_ms = u64::MAX;
    request.clock.wall = doorstep::base::Instant(i64::MIN);
    let (status, _) = world.raw("/v1/exchange", mei.packet(&request)).await;
    assert_eq!(status, StatusCode::OK);
    request.requests = u64::MAX;
    let (status, answer) = world.raw("/v1/exchange", mei.packet(&request)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem(&answer)["code"], "malformed");
    request.version = 2;
    let (_, answer) = world.raw("/v1/exchange", mei.packet(&request)).await;
    assert_eq!(problem(&answer)["code"], "other-version");
}

#[tokio::test]
async fn a_wrong_address_or_method_is_a_problem_in_json_too() {
    let world = World::bare();
    let (status, answer) = world.raw("/v1/test/clock", Vec::new()).await;
    assert_eq!((status, &problem(&answer)["code"]), (StatusCode::NOT_FOUND, &"no-route".into()));
    let request = Request::get("/v1/exchange").body(Body::empty()).unwrap();
    let (status, answer) = world.send(request).await;
    assert!(status.is_client_error());
    assert_eq!(problem(&answer)["code"], "no-method");
    let request = Request::get("/v1/health").body(Body::empty()).unwrap();
    let (status, answer) = world.send(request).await;
    assert_eq!((status, &problem(&answer)["status"]), (StatusCode::OK, &"ok".into()));
}

#[tokio::test]
async fn a_device_the_server_forgot_proves_itself_by_its_certificate() {
    let first = World::new().await;
    let mut mei = first.phone("Mei").await;
    mei.visit(crate::world::id("R-9"), "Mei's visit");
    // The same company's keys, an empty database.
    let mut second = World::bare();
    let key = first.directory.0.join("company.key");
    std::fs::copy(key, second.directory.0.join("company.key")).unwrap();
    std::fs::remove_file(second.directory.0.join("server.db")).unwrap();
    second.restart();
    let tails = mei.unsent_tails();
    let request = mei.request(tails);
    let certificate = mei.certificate.clone().unwrap();
    let packet = seal_request(&mei.keys.sign_key(), certificate.bytes(), &request);
    let (status, bytes) = second.raw("/v1/exchange", packet.clone()).await;
    assert_eq!(status, StatusCode::OK);
    let answer = mei.open(&packet, &bytes);
    assert_eq!(mei.statement(&answer).held, 2);
}

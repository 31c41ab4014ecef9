//! The bell: an indoor leak reaches a phone in front within seconds, over real sockets.

use std::time::Duration;

use axum::http::StatusCode;
use doorstep::sync::WakeRequest;
use doorstep_transport::{Tls, Transport, Waker, WakerPatience};
use serde_json::json;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    device::Device,
    socket::{Running, start_at},
    world::{MINUTE, World, id},
};

/// What the domain asks for: so long after the desk gave the order, the phone fetches it.
const SOON: Duration = Duration::from_secs(2);
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(30);

fn wish(phone: &Device) -> Vec<u8> {
    let wish = WakeRequest { at: phone.now };
    wish.seal(&phone.keys.sign_key(), phone.id().as_bytes())
}

fn waker(running: &Running) -> Waker {
    let transport = Transport::new(&format!("http://{}", running.address), &Tls::default());
    let patience = WakerPatience { first_pause: Duration::from_millis(20), ..Default::default() };
    Waker::new(transport.unwrap(), patience)
}

async fn leak(world: &World, number: &str, to: &str) {
    let order = json!({
        "id": id(number), "kind": "repair", "premises": id("Flat 1203"), "number": number,
        "standard": "gz-repair", "emergency": true, "customer": { "name": "Mrs Chan" },
    });
    world.ok(&world.desk, "orders", order).await;
    world.assign(number, to).await;
}

/// Mei's phone waits at `theirs`; the desk acts at `ours`.
async fn an_emergency_arrives(ours: &World, theirs: &World) {
    let running = start_at(theirs, false, "127.0.0.1:0".parse().unwrap()).await;
    let mut mei = ours.phone("Mei").await;
    mei.exchange(theirs).await;
    let mut waker = waker(&running);
    // What happened before it came, nobody told it: it asks once.
    timeout(LONG, waker.wait(|| wish(&mei))).await.unwrap();
    mei.exchange(theirs).await;
    for number in ["R-1", "R-2"] {
        leak(ours, number, "Mei").await;
        timeout(SOON, waker.wait(|| wish(&mei))).await.expect("the phone hears of the leak");
        mei.exchange(theirs).await;
        assert!(mei.scope.contains(&id(number)));
    }
    assert_eq!(waker.failures(), 0);
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_reaches_a_phone_in_front_within_two_seconds() {
    let world = World::new().await;
    an_emergency_arrives(&world, &world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_also_when_another_server_process_wrote_the_order() {
    let world = World::on_postgresql().await;
    let beside = world.beside();
    an_emergency_arrives(&world, &beside).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_found_again() {
    let world = World::new().await;
    let running = start_at(&world, false, "127.0.0.1:0".parse().unwrap()).await;
    let address = running.address;
    let mei = world.phone("Mei").await;
    let mut waker = waker(&running);
    timeout(LONG, waker.wait(|| wish(&mei))).await.unwrap();
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
    let back = async {
        // The phone tries in vain first.
        while TcpListener::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
        start_at(&world, false, address).await
    };
    let (rung, running) = tokio::join!(timeout(LONG, waker.wait(|| wish(&mei))), back);
    rung.unwrap();
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_one_stream_and_the_earlier_one_ends() {
    let world = World::new().await;
    let running = start_at(&world, false, "127.0.0.1:0".parse().unwrap()).await;
    let mei = world.phone("Mei").await;
    let (mut first, mut second) = (waker(&running), waker(&running));
    timeout(LONG, first.wait(|| wish(&mei))).await.unwrap();
    timeout(LONG, second.wait(|| wish(&mei))).await.unwrap();
    // The first one ended: the next wait has to open another, which rings at once.
    timeout(LONG, first.wait(|| wish(&mei))).await.unwrap();
    running.stop.send(()).unwrap();
    running.ended.await.unwrap();
}

#[tokio::test]
async fn only_a_device_of_the_company_may_wait_and_only_now() {
    let world = World::new().await;
    let mei = world.phone("Mei").await;
    let wu = world.phone("Wu").await;
    let refused = async |packet: Vec<u8>| {
        let (status, body) = world.raw("/v1/wake", packet).await;
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        (status, problem["code"].as_str().unwrap().to_owned())
    };
    let who = StatusCode::UNAUTHORIZED;
    assert_eq!(refused(b"<html>".to_vec()).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(refused(vec![0; 2_000]).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let stranger = WakeRequest { at: world.now() };
    let unknown = stranger.seal(&mei.keys.sign_key(), id("nobody").as_bytes());
    assert_eq!(refused(unknown).await, (who, "unknown-device".to_owned()));
    let as_wu = stranger.seal(&mei.keys.sign_key(), wu.id().as_bytes());
    assert_eq!(refused(as_wu).await, (who, "bad-signature".to_owned()));
    // A packet that was copied an hour ago is worth nothing.
    let copied = wish(&mei);
    world.pass(61 * MINUTE);
    assert_eq!(refused(copied).await, (who, "wrong-time".to_owned()));
    let revoke = json!({ "reason": "lost" });
    world.ok(&world.he, &format!("devices/{}/revoke", mei.id()), revoke).await;
    let late = WakeRequest { at: world.now() };
    let late = late.seal(&mei.keys.sign_key(), mei.id().as_bytes());
    assert_eq!(refused(late).await, (who, "revoked".to_owned()));
}

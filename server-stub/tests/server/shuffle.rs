//! Deliveries to the server in any order, lost and doubled: everybody ends with the same state.

use axum::http::StatusCode;
use doorstep::{
    base::Id,
    event::{StepRecorded, Value, VisitFinished},
};
use serde_json::json;

use crate::{
    device::Device,
    world::{MINUTE, World, id},
};

/// The phones of Mei, Wu and Lin, with an order that each of them was given once.
pub(crate) async fn given_to_all(world: &World) -> (Vec<Device>, Id) {
    let lin = json!({ "id": id("Lin"), "name": "Lin", "badge": "0500" });
    world.ok(&world.he, "people", lin).await;
    let mut phones = Vec::new();
    let order = world.order("R-1", "Mei").await;
    for name in ["Mei", "Wu", "Lin"] {
        world.assign("R-1", name).await;
        let mut phone = world.phone(name).await;
        phone.exchange(world).await;
        phones.push(phone);
    }
    (phones, order)
}

#[tokio::test]
async fn the_same_packets_in_any_order_give_the_same_state_and_conflicts() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut digests = Vec::new();
    for arrival in orders {
        let world = World::new().await;
        let (mut phones, order) = given_to_all(&world).await;
        phones[1].clock_off_ms = -400 * 24 * 60 * MINUTE;
        let mut packets = Vec::new();
        for phone in &mut phones {
            world.pass(MINUTE);
            phone.now = world.now();
            let visit = format!("{}'s visit", phone.name);
            phone.visit(order, &visit);
        }
        let reason = json!({ "reason": "the customer rang" });
        world.ok(&world.desk, &format!("orders/{order}/cancel"), reason).await;
        for phone in &mut phones {
            phone.now = world.now();
            let tails = phone.unsent_tails();
            let request = phone.request(tails);
            packets.push(phone.packet(&request));
        }
        for packet in arrival {
            let (status, _) = world.raw("/v1/exchange", packets[packet].clone()).await;
            assert_eq!(status, StatusCode::OK);
        }
        let office = world.list(&format!("orders/{order}")).await;
        let found = office["state"]["conflicts"].as_array().unwrap();
        let rules: Vec<_> =
            found.iter().map(|conflict| conflict["rule"].as_str().unwrap()).collect();
        assert_eq!(rules, ["C1", "C2", "C11"]);
        digests.push(office["digest"].as_str().unwrap().to_owned());
    }
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
}

/// What the network does to one round trip.
async fn trip(
    world: &World,
    phone: &mut Device,
    random: &mut fastrand::Rng,
    late: &mut Vec<Vec<u8>>,
) {
    phone.now = world.now();
    let tails = phone.unsent_tails();
    let request = phone.request(tails);
    let packet = phone.packet(&request);
    match random.u8(..4) {
        // The request is lost, or hangs about and arrives later.
        0 => late.push(packet),
        fate => {
            let (status, bytes) = world.raw("/v1/exchange", packet.clone()).await;
            assert_eq!(status, StatusCode::OK);
            // The answer is lost one time in three; the request may come again.
            if fate != 1 {
                let answer = phone.open(&packet, &bytes);
                phone.take(&answer);
            }
            if random.bool() {
                late.push(packet);
            }
        }
    }
}

async fn history(world: World, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut phones, order) = given_to_all(&world).await;
    let mut late: Vec<Vec<u8>> = Vec::new();
    for step in 0..40 {
        world.pass(random.i64(1..5) * MINUTE);
        let turn = random.usize(..phones.len());
        let phone = &mut phones[turn];
        phone.now = world.now();
        let visit = format!("{}'s visit", phone.name);
        match random.u8(..8) {
            0 => phone.start(order, &visit),
            1 => phone.record(
                order,
                &visit,
                VisitFinished { outcome: "completed".into(), order: None, then: None },
            ),
            2 | 3 => {
                let value = Value::Count(random.i64(..9));
                phone.record(order, &visit, StepRecorded { step: "knock".into(), value });
            }
            4 if !late.is_empty() => {
                let packet = late.swap_remove(random.usize(..late.len()));
                world.raw("/v1/exchange", packet).await;
            }
            5 if step == 20 => {
                let reason = json!({ "reason": "the customer rang" });
                world.post(&world.desk, &format!("orders/{order}/cancel"), reason).await;
            }
            _ => trip(&world, phone, &mut random, &mut late).await,
        }
    }
    for packet in late {
        world.raw("/v1/exchange", packet).await;
    }
    // Twice: what the last one brought, the first one still has to hear.
    for _ in 0..2 {
        for phone in &mut phones {
            phone.exchange(&world).await;
        }
    }
    let office = world.list(&format!("orders/{order}")).await;
    for phone in phones.iter().filter(|phone| phone.scope.contains(&order)) {
        assert!(phone.unsent_tails().is_empty(), "seed {seed}: {}", phone.name);
        let digest = phone.fold(order).digest().to_string();
        assert_eq!(digest, office["digest"], "seed {seed}: {}", phone.name);
    }
    for device in world.list("devices").await.as_array().unwrap() {
        assert_eq!((&device["suspect"], &device["held"]), (&json!(null), &json!(0)), "seed {seed}");
        assert_eq!(device["stored"], device["recorded"], "seed {seed}");
    }
}

#[tokio::test]
async fn whatever_the_network_loses_doubles_or_delays_everybody_ends_alike() {
    for seed in 0..25 {
        history(World::new().await, seed).await;
    }
}

#[tokio::test]
async fn and_so_they_do_on_postgresql() {
    for seed in 0..3 {
        history(World::on_postgresql().await, seed).await;
    }
}

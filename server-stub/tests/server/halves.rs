//! A payment is written twice by one action: into the order, and into the receipt series. A half without
//! its partner is named in the reconciliation, by its number.

use doorstep::{
    base::{Currency, Hash, Id, Money},
    event::{Paid, ReceiptIssued},
    log::{StreamId, Subject, Writer},
    money::PaymentMethod,
};
use serde_json::json;

use crate::{
    device::Device,
    world::{World, id},
};

fn cny(fen: i64) -> Money {
    Money::new(fen, Currency::CNY)
}

fn series(mei: &Device) -> StreamId {
    StreamId::new(Subject::receipt_series(mei.id()), Writer::Device(mei.id()))
}

/// Mei takes money in the order; gives the event.
fn paid(mei: &mut Device, order: Id, number: u64, fen: i64) -> Hash {
    let paid = Paid {
        series: series(mei).subject.id,
        number,
        due: cny(fen),
        tendered: cny(fen),
        change: cny(0),
        method: PaymentMethod::Cash,
        photo: None,
        deposits: None,
    };
    mei.record(order, "Mei's visit", paid);
    let stream = mei.stream(order);
    mei.chain(&stream, mei.own[&stream].len()).hash
}

/// And writes the receipt for it.
fn receipt(mei: &mut Device, order: Id, order_event: Hash, number: u64, fen: i64, running: i64) {
    let receipt = ReceiptIssued {
        number,
        order,
        order_event,
        lines: Vec::new(),
        amount: cny(fen),
        method: PaymentMethod::Cash,
        tendered: cny(fen),
        change: cny(0),
        running: cny(running),
        badge: "0417".into(),
        disclosure: Hash::of(&[b"payer"]),
    };
    let series = series(mei);
    mei.record_half(&series, "Mei's visit", receipt);
}

/// Sends one of Mei's streams, as far as it is recorded.
async fn send(mei: &mut Device, world: &World, stream: StreamId) {
    let from = mei.accepted.get(&stream).copied().unwrap_or(0) + 1;
    let tail = mei.tail(&stream, from);
    mei.send(world, vec![tail]).await;
}

#[tokio::test]
async fn a_half_without_its_partner_is_named_until_the_partner_comes() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    mei.start(order, "Mei's visit");
    let one = paid(&mut mei, order, 1, 3_000);
    receipt(&mut mei, order, one, 1, 3_000, 3_000);
    let (work, receipts) = (mei.stream(order), series(&mei));
    let report = async |world: &World| {
        let reports = world.list("reconciliation").await;
        let report = &reports[0];
        (
            report["without_payment"].clone(),
            report["without_receipt"].clone(),
            report["ties"] == true,
        )
    };

    // The payment arrives, its receipt doesn't.
    send(&mut mei, &world, work).await;
    assert_eq!(report(&world).await, (json!([]), json!([1]), false));
    send(&mut mei, &world, receipts).await;
    assert_eq!(report(&world).await, (json!([]), json!([]), true));

    // The other way round: a receipt, and no word of the payment in the order.
    let two = paid(&mut mei, order, 2, 2_000);
    receipt(&mut mei, order, two, 2, 2_000, 5_000);
    send(&mut mei, &world, receipts).await;
    assert_eq!(report(&world).await, (json!([2]), json!([]), false));
    send(&mut mei, &world, work).await;
    assert_eq!(report(&world).await, (json!([]), json!([]), true));

    // Both are there and say another amount: each is without the half it needs.
    let three = paid(&mut mei, order, 3, 2_000);
    receipt(&mut mei, order, three, 3, 9_000, 14_000);
    send(&mut mei, &world, receipts).await;
    send(&mut mei, &world, work).await;
    assert_eq!(report(&world).await, (json!([3]), json!([3]), false));
    assert_eq!(world.list("held").await, json!([]));
}

#[tokio::test]
async fn a_series_has_the_numbers_that_were_lent_to_it_and_no_others() {
    let world = World::new().await;
    let lend = |range: serde_json::Value| json!({ "person": id("Mei"), "receipts": range });
    for bad in [json!({ "first": 0 }), json!({ "first": 9, "last": 8 })] {
        let (status, answer) = world.post(&world.desk, "enrolment-codes", lend(bad)).await;
        assert_eq!((status.as_u16(), answer["code"].as_str()), (400, Some("bad-numbers")));
    }
    let lent = lend(json!({ "first": 417, "last": 418 }));
    let code = world.ok(&world.desk, "enrolment-codes", lent).await;
    let mut mei = Device::new("Mei");
    let (_, answer) = world.raw("/v1/enrol", mei.enrolment(code["code"].as_str().unwrap())).await;
    mei.enrolled(&answer);
    let fields = mei.certificate.as_ref().unwrap().fields();
    assert_eq!((fields.first_receipt, fields.last_receipt), (417, Some(418)));

    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    mei.start(order, "Mei's visit");
    let faults = async |world: &World| {
        let report = world.list("reconciliation").await[0].clone();
        (report["totals"]["faults"].clone(), report["ties"] == true)
    };
    let mut running = 0;
    let mut pay = async |mei: &mut Device, number| {
        running += 1_000;
        let event = paid(mei, order, number, 1_000);
        receipt(mei, order, event, number, 1_000, running);
        for stream in [mei.stream(order), series(mei)] {
            send(mei, &world, stream).await;
        }
        faults(&world).await
    };
    assert_eq!(pay(&mut mei, 417).await, (json!([]), true));
    assert_eq!(pay(&mut mei, 418).await, (json!([]), true));
    assert_eq!(pay(&mut mei, 419).await, (json!([{ "number": 419 }]), false), "beyond the last");

    // Another phone leaves its first number out.
    let mut wu = world.phone("Wu").await;
    world.assign("R-1", "Wu").await;
    wu.exchange(&world).await;
    wu.start(order, "Wu's visit");
    let event = paid(&mut wu, order, 2, 1_000);
    receipt(&mut wu, order, event, 2, 1_000, 1_000);
    for stream in [wu.stream(order), series(&wu)] {
        send(&mut wu, &world, stream).await;
    }
    let reports = world.list("reconciliation").await;
    let of_wu = reports.as_array().unwrap().iter().find(|it| it["device"] == json!(wu.id()));
    assert_eq!(of_wu.unwrap()["totals"]["faults"], json!([{ "number": 2 }]));
}

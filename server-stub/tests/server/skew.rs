//! Phones and servers of other versions within the same major one.

use doorstep::{
    event::{Event, Payload},
    sync::StreamOutcome,
};

use crate::world::{MINUTE, World};

#[tokio::test]
async fn what_a_newer_phone_writes_passes_through_untouched() {
    let world = World::new().await;
    let (mut mei, mut wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let order = world.order("R-1", "Mei").await;
    for phone in [&mut mei, &mut wu] {
        phone.exchange(&world).await;
    }
    world.assign("R-1", "Wu").await;
    mei.start(order, "Mei's visit");
    // A type of next year, and a payload that nobody here understands.
    let novelty = Payload::Unknown { kind: 4_711, bytes: vec![0xa1, 0x00, 0x63, b'n', b'e', b'w'] };
    mei.record(order, "Mei's visit", novelty.clone());
    mei.visit(order, "Mei's later visit");
    let sent = mei.own[&mei.stream(order)].clone();
    let answers = mei.exchange(&world).await;
    assert_eq!(answers[0].results[0].outcome, StreamOutcome::Accepted(sent.len() as u64));

    // It reaches others byte by byte, with a seal that holds, and folds go on around it.
    world.pass(MINUTE);
    wu.exchange(&world).await;
    let office = world.list(&format!("orders/{order}")).await;
    assert_eq!(wu.fold(order).digest().to_string(), office["digest"]);
    assert_eq!(office["state"]["visits"].as_object().unwrap().len(), 2);
    let seen = &wu.others[&mei.stream(order)];
    assert_eq!(*seen, sent);
    let unknown = seen.iter().filter_map(|bytes| Event::decode(bytes).ok());
    assert!(unknown.map(|event| event.payload).any(|payload| payload == novelty));
}

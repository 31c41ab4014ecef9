//! Scope, back-fill and paging.

use doorstep::{
    event::{ReasonGiven, VisitFinished},
    sync::Cursor,
};

use crate::world::{MINUTE, World};

/// A visit with much in it, sealed often, larger than one page.
async fn long_visit(world: &World) -> (crate::device::Device, doorstep::base::Id) {
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.start(order, "Mei's visit");
    for part in 0..30 {
        for line in 0..4 {
            let finding = format!("{part}.{line} {}", "x".repeat(6_000));
            mei.record(order, "Mei's visit", ReasonGiven { finding });
        }
        mei.exchange(world).await;
    }
    (mei, order)
}

#[tokio::test]
async fn an_order_that_enters_scope_comes_whole_in_pages() {
    let world = World::new().await;
    let (mut mei, order) = long_visit(&world).await;
    world.assign("R-1", "Wu").await;
    let mut wu = world.phone("Wu").await;
    let answers = wu.exchange(&world).await;
    assert!(answers.len() >= 3, "{} answers", answers.len());
    assert_eq!(wu.others[&mei.stream(order)], mei.own[&mei.stream(order)]);
    mei.exchange(&world).await;
    assert_eq!(wu.fold(order).digest(), mei.fold(order).digest());
}

#[tokio::test]
async fn back_fill_goes_on_where_it_was_cut_and_nothing_written_meanwhile_is_missed() {
    let world = World::new().await;
    let (mut mei, order) = long_visit(&world).await;
    world.assign("R-1", "Wu").await;
    let mut wu = world.phone("Wu").await;
    let first = wu.send(&world, Vec::new()).await;
    assert!(first.more);
    // While Wu's phone is away, Mei goes on.
    mei.record(
        order,
        "Mei's visit",
        VisitFinished { outcome: "completed".into(), order: None, then: None },
    );
    mei.exchange(&world).await;
    world.pass(MINUTE);
    // The second page is lost on its way: it is asked for again.
    let (cursor, known) = (wu.cursor, wu.others.clone());
    wu.send(&world, Vec::new()).await;
    (wu.cursor, wu.others) = (cursor, known);
    wu.exchange(&world).await;
    assert_eq!(wu.others[&mei.stream(order)], mei.own[&mei.stream(order)]);
    assert_eq!(wu.fold(order).digest(), mei.fold(order).digest());
}

#[tokio::test]
async fn an_order_that_left_and_came_back_is_whole_again() {
    let world = World::new().await;
    let (mut mei, mut wu) = (world.phone("Mei").await, world.phone("Wu").await);
    let order = world.order("R-1", "Wu").await;
    wu.exchange(&world).await;
    world.assign("R-1", "Mei").await;
    wu.exchange(&world).await;
    mei.exchange(&world).await;
    mei.start(order, "Mei's visit");
    mei.exchange(&world).await;
    world.assign("R-1", "Wu").await;
    wu.exchange(&world).await;
    mei.exchange(&world).await;
    assert!(wu.scope.contains(&order));
    assert_eq!(wu.fold(order).digest(), mei.fold(order).digest());
}

#[tokio::test]
async fn a_cursor_of_another_epoch_or_from_beyond_the_end_begins_again() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    let end = mei.cursor;
    for cursor in [
        Cursor { epoch: 7, position: end.position },
        Cursor { epoch: end.epoch, position: end.position + 1_000 },
    ] {
        mei.others.clear();
        mei.scope.clear();
        mei.cursor = cursor;
        mei.exchange(&world).await;
        assert_eq!(mei.cursor, end);
        assert!(mei.scope.contains(&order) && mei.others.len() == 1);
    }
}

#[tokio::test]
async fn one_new_event_costs_one_round_trip_and_less_than_a_kilobyte() {
    let world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.start(order, "Mei's visit");
    mei.exchange(&world).await;
    world.pass(MINUTE);
    mei.now = world.now();
    mei.record(
        order,
        "Mei's visit",
        VisitFinished { outcome: "completed".into(), order: None, then: None },
    );
    let tails = mei.unsent_tails();
    let request = mei.request(tails);
    let packet = mei.packet(&request);
    let (_, answer) = world.raw("/v1/exchange", packet.clone()).await;
    assert!(!mei.open(&packet, &answer).more);
    let bytes = packet.len() + answer.len();
    assert!(bytes <= 1024, "{} up, {} down", packet.len(), answer.len());
}

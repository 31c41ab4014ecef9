//! Feeds, scope and outcomes.

use doorstep::{
    base::Id,
    event::VisitKind,
    log::{Chain, Subject},
    order::OrderStatus,
    sync::Outcome,
};
use doorstep_server::store::{FeedEnd, FeedItem, OrderRow};

use crate::place::{NOON, Place, enrol, events, hash, id, line, run, stream};

on_each_store!(
    positions_rise_by_one_and_are_read_in_pages,
    every_kind_of_line_comes_back,
    an_order_is_in_the_scope_of_those_it_was_put_in,
    an_order_is_wanted_by_whom_it_concerns,
    outcomes_come_oldest_first_until_their_answer_was_stored,
);

fn positions_rise_by_one_and_are_read_in_pages(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    run(&*store, |tx| {
        tx.push(mei, &[line(1), line(2)], NOON, false)?;
        tx.push(wu, &[line(8)], NOON, false)?;
        tx.push(mei, &[], NOON, false)?;
        Ok(())
    });
    run(&*store, |tx| Ok(tx.push(mei, &[line(3)], NOON, false)?));
    run(&*store, |tx| {
        assert_eq!(tx.feed(mei, 0, 9)?, [(1, line(1)), (2, line(2)), (3, line(3))]);
        assert_eq!(tx.feed(mei, 1, 1)?, [(2, line(2))]);
        assert_eq!(tx.feed(mei, 3, 9)?, []);
        let end = |position| FeedEnd { position, put_at: Some(NOON) };
        assert_eq!((tx.feed_end(mei)?, tx.feed_end(wu)?), (end(3), end(1)));
        assert_eq!((tx.put_at(wu, 1)?, tx.put_at(wu, 2)?), (Some(Some(NOON)), None));
        Ok(())
    });
}

fn every_kind_of_line_comes_back(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    let lines = [
        FeedItem::Entered(id("R-1")),
        FeedItem::Left(id("R-1")),
        FeedItem::Events { stream: stream("R-1", "Wu"), from: 1, to: 9 },
        FeedItem::Keys(Subject::work_order(id("R-1"))),
        line(0),
    ];
    run(&*store, |tx| {
        tx.push(mei, &lines, NOON, false)?;
        let found: Vec<_> = tx.feed(mei, 0, 9)?.into_iter().map(|(_, line)| line).collect();
        assert_eq!(found, lines);
        Ok(())
    });
}

fn an_order_is_in_the_scope_of_those_it_was_put_in(place: &Place) {
    let store = place.open();
    let phones = enrol(&*store, ["Mei", "Wu", "Lin"]);
    run(&*store, |tx| {
        for phone in phones {
            tx.set_scope(phone, id("R-1"), true)?;
            tx.set_scope(phone, id("R-1"), true)?;
        }
        tx.set_scope(phones[0], id("R-2"), true)?;
        tx.set_scope(phones[1], id("R-1"), false)?;
        let mut due = vec![phones[0], phones[2]];
        due.sort();
        assert_eq!(tx.devices_with(id("R-1"))?, due);
        assert_eq!(tx.scope(phones[0])?, [id("R-1"), id("R-2")].into());
        assert_eq!(tx.scope(phones[1])?, [].into());
        Ok(())
    });
}

fn order(number: &str, to: &str, status: OrderStatus) -> OrderRow {
    OrderRow {
        id: id(number),
        number: number.into(),
        kind: Some(VisitKind::Repair),
        opened_at: Some(NOON),
        premises: None,
        assigned_to: Some(id(to)),
        status,
        conflicts: 1,
        open_conflicts: 0,
        charged: false,
        changed_at: NOON.plus_ms(-1),
    }
}

fn outcome(name: &str, order: &str) -> Outcome {
    Outcome {
        id: id(name),
        subject: Subject::work_order(id(order)),
        rule: "C2".into(),
        conflict: hash(name),
        choice: "both".into(),
        at: NOON,
        order_number: order.into(),
    }
}

fn an_order_is_wanted_by_whom_it_concerns(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    let wanted = |person: Option<Id>| run(&*store, |tx| Ok(tx.wanted(mei, person, NOON)?));
    run(&*store, |tx| {
        tx.put_order(&order("active", "Mei", OrderStatus::Assigned))?;
        tx.put_order(&order("over", "Mei", OrderStatus::Done))?;
        let changed_at = NOON;
        tx.put_order(&OrderRow { changed_at, ..order("fresh", "Mei", OrderStatus::Cancelled) })?;
        let open_conflicts = 1;
        tx.put_order(&OrderRow { open_conflicts, ..order("open", "Mei", OrderStatus::Done) })?;
        tx.put_order(&order("Wu's", "Wu", OrderStatus::Assigned))?;
        // Wu's orders in which Mei's phone wrote: long ago, lately, and in a conflict.
        for (number, at) in [("old", -1), ("late", 0), ("clash", -1)] {
            let mut row = order(number, "Wu", OrderStatus::Done);
            row.open_conflicts = u64::from(number == "clash");
            tx.put_order(&row)?;
            let stream = stream(number, "Mei");
            let start = Chain::start(&stream);
            let (new, _) = events(start, &[number.as_bytes()]);
            tx.append(&stream, start, &new, b"seal", NOON.plus_ms(at))?;
        }
        tx.add_outcome(mei, &outcome("told", "decided"))?;
        tx.add_outcome(wu, &outcome("told too", "Wu's decided"))?;
        Ok(())
    });
    let of_the_phone = [id("late"), id("clash"), id("decided")];
    assert_eq!(wanted(None), of_the_phone.into());
    let of_mei = [id("active"), id("fresh"), id("open")];
    assert_eq!(wanted(Some(id("Mei"))), of_mei.into_iter().chain(of_the_phone).collect());
}

fn outcomes_come_oldest_first_until_their_answer_was_stored(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    let (first, second, third) = (outcome("a", "R-1"), outcome("b", "R-1"), outcome("c", "R-1"));
    run(&*store, |tx| {
        tx.add_outcome(mei, &second)?;
        tx.add_outcome(wu, &third)?;
        tx.add_outcome(mei, &first)?;
        assert_eq!(tx.outcomes(mei)?, [second.clone(), first.clone()]);
        tx.outcomes_sent(mei, id("an answer"), NOON)?;
        // A copy of the phone asks in turn: neither answer makes the other void.
        tx.outcomes_sent(mei, id("the copy's answer"), NOON.plus_ms(1))?;
        tx.add_outcome(mei, &third)?;
        tx.outcomes_delivered(mei, id("another answer"))?;
        tx.outcomes_delivered(wu, id("an answer"))?;
        assert_eq!(tx.outcomes(mei)?.len(), 3);
        tx.outcomes_delivered(mei, id("an answer"))?;
        assert_eq!(
            (tx.outcomes(mei)?, tx.outcomes(wu)?),
            (vec![third.clone()], vec![third.clone()])
        );
        Ok(())
    });
}

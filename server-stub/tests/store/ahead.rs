//! What was read ahead: the same answers as without, whatever the transaction writes in between.

use doorstep::{
    event::VisitKind,
    log::{Chain, StreamId},
    order::OrderStatus,
};
use doorstep_server::store::{OrderRow, Tx};

use crate::place::{NOON, Place, enrol, events, id, run, stream};

on_each_store!(
    what_was_read_ahead_is_what_is_there,
    what_a_transaction_writes_moves_what_it_read_ahead,
    many_streams_are_read_ahead_and_begun_at_once,
);

fn line(number: &str, conflicts: u64) -> OrderRow {
    OrderRow {
        id: id(number),
        number: number.to_owned(),
        kind: Some(VisitKind::Repair),
        opened_at: Some(NOON),
        premises: Some(id("flat")),
        assigned_to: None,
        status: OrderStatus::Open,
        conflicts,
        open_conflicts: 0,
        charged: false,
        changed_at: NOON,
    }
}

fn ahead(tx: &mut dyn Tx, streams: &[StreamId]) {
    tx.streams_ahead(streams).unwrap();
    let subjects: Vec<_> = streams.iter().map(|stream| stream.subject).collect();
    tx.events_ahead(&subjects).unwrap();
}

fn what_was_read_ahead_is_what_is_there(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    let (first, second, none) = (stream("R-1", "Mei"), stream("R-1", "Wu"), stream("R-2", "Mei"));
    run(&*store, |tx| {
        for (stream, bytes) in [(first, [&b"one"[..], b"two"]), (second, [b"three", b"four"])] {
            let start = Chain::start(&stream);
            tx.append(&stream, start, &events(start, &bytes).0, b"seal", NOON)?;
        }
        tx.put_order(&line("R-1", 3))?;
        tx.set_scope(wu, id("R-1"), true)?;
        tx.set_scope(mei, id("R-1"), true)?;
        Ok(())
    });
    let all = |tx: &mut dyn Tx| {
        let mut heads = Vec::new();
        for stream in [first, second, none] {
            heads.push(tx.head(&stream).unwrap());
        }
        let carriers = tx.devices_with(id("R-1")).unwrap();
        let (one, two) = (tx.order(id("R-1")).unwrap(), tx.order(id("R-2")).unwrap());
        let told = tx.events_about(&first.subject).unwrap();
        (heads, carriers, one, two, told, tx.events_about(&none.subject).unwrap())
    };
    let without = run(&*store, |tx| Ok(all(tx)));
    let with = run(&*store, |tx| {
        // The same stream twice, and another of the same order.
        ahead(tx, &[first, second, none, first]);
        Ok(all(tx))
    });
    assert_eq!(with, without);
    assert_eq!((with.1.len(), with.4.len(), &with.2), (2, 4, &Some(line("R-1", 3))));
    assert_eq!((&with.0[2], &with.3, with.5.len()), (&None, &None, 0));
}

fn what_a_transaction_writes_moves_what_it_read_ahead(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    let stream = stream("R-1", "Mei");
    let start = Chain::start(&stream);
    let (one, then) = events(start, &[b"one"]);
    let (two, last) = events(then, &[b"two", b"three"]);
    run(&*store, |tx| {
        ahead(tx, &[stream]);
        assert_eq!(tx.order(id("R-1"))?, None);
        tx.append(&stream, start, &one, b"seal", NOON)?;
        assert_eq!(tx.head(&stream)?, Some(then));
        tx.append(&stream, then, &two, b"seal", NOON)?;
        tx.put_order(&line("R-1", 1))?;
        tx.set_scope(mei, id("R-1"), true)?;
        assert_eq!(tx.head(&stream)?, Some(last));
        assert_eq!(tx.events_about(&stream.subject)?.len(), 3);
        assert_eq!(tx.order(id("R-1"))?, Some(line("R-1", 1)));
        assert_eq!(tx.devices_with(id("R-1"))?, [mei]);
        tx.set_scope(mei, id("R-1"), false)?;
        assert_eq!(tx.devices_with(id("R-1"))?, []);
        Ok(())
    });
    // Nothing of it outlives the transaction.
    run(&*place.open(), |tx| {
        assert_eq!(tx.head(&stream)?, Some(last));
        let told = tx.events_about(&stream.subject)?;
        assert_eq!(told.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(told.last().map(|event| &event.bytes[..]), Some(&b"three"[..]));
        Ok(())
    });
}

fn many_streams_are_read_ahead_and_begun_at_once(place: &Place) {
    let store = place.open();
    enrol(&*store, ["Mei"]);
    // More than a store sends without waiting.
    let streams: Vec<_> = (0..600).map(|n| stream(&format!("R-{n}"), "Mei")).collect();
    run(&*store, |tx| {
        ahead(tx, &streams);
        for stream in &streams {
            let start = Chain::start(stream);
            tx.append(stream, start, &events(start, &[b"one", b"two"]).0, b"seal", NOON)?;
        }
        Ok(())
    });
    run(&*store, |tx| {
        ahead(tx, &streams);
        for stream in &streams {
            assert_eq!(tx.head(stream)?.map(|head| head.seq), Some(2));
            assert_eq!(tx.events_about(&stream.subject)?.len(), 2);
        }
        Ok(())
    });
}

//! What a transaction promises: all or nothing, and as if it were alone.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use doorstep::{event::VisitKind, order::OrderStatus};
use doorstep_server::{
    Failure,
    store::{Finish, OrderRow, StoreError, transact},
};

use crate::place::{NOON, Place, enrol, id, person, run};

on_each_store!(
    what_is_rolled_back_fails_or_panics_leaves_nothing,
    a_store_goes_on_after_a_statement_failed,
    no_count_is_lost_between_two_servers,
    two_who_take_the_same_number_at_once_do_not_both_get_it,
);

fn what_is_rolled_back_fails_or_panics_leaves_nothing(place: &Place) {
    let store = place.open();
    store
        .run(&mut |tx| {
            tx.put_person(&person("Mei"))?;
            Ok(Finish::RollBack)
        })
        .unwrap();
    let failed = transact(&*store, |tx| {
        tx.put_person(&person("Mei"))?;
        Err::<(), _>(Failure::Store(StoreError::Failed("the power went".into())))
    });
    assert!(failed.unwrap_err().to_string().contains("the power went"));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        run(&*store, |tx| {
            tx.put_person(&person("Mei"))?;
            if tx.person(id("Mei"))?.is_some() {
                std::panic::resume_unwind(Box::new("a mistake in a rule"));
            }
            Ok(())
        });
    }));
    assert!(panicked.is_err());
    for store in [store, place.open()] {
        assert!(run(&*store, |tx| Ok(tx.person(id("Mei"))?)).is_none());
    }
}

fn a_store_goes_on_after_a_statement_failed(place: &Place) {
    let store = place.open();
    let mut swallowed = false;
    let result = transact(&*store, |tx| {
        tx.put_person(&person("Mei"))?;
        // Nobody has this device: it comes out at once, or with what is asked next.
        let refused = tx.add_request(id("nobody's"), 1, crate::place::hash("it"), 0).is_err();
        swallowed = refused || tx.person(id("Mei")).is_err();
        Err::<(), _>(Failure::Store(StoreError::Failed("refused".into())))
    });
    assert!(swallowed && result.is_err());
    run(&*store, |tx| {
        assert!(tx.person(id("Mei"))?.is_none());
        Ok(tx.put_person(&person("Mei"))?)
    });
}

fn no_count_is_lost_between_two_servers(place: &Place) {
    const EACH: u64 = 20;
    let stores = [place.open(), place.open()];
    let [mei] = enrol(&*stores[0], ["Mei"]);
    thread::scope(|scope| {
        for store in &stores {
            scope.spawn(move || {
                for _ in 0..EACH {
                    run(&**store, |tx| {
                        let mut device = tx.device(mei)?.unwrap();
                        device.requests += 1;
                        Ok(tx.put_device(&device)?)
                    });
                }
            });
        }
    });
    let device = run(&*stores[0], |tx| Ok(tx.device(mei)?)).unwrap();
    assert_eq!(device.requests, 2 * EACH);
}

/// Neither writes what the other read: only a serialisable database sees the clash.
fn two_who_take_the_same_number_at_once_do_not_both_get_it(place: &Place) {
    let (one, two) = (place.open(), place.open());
    let take = |name: &str| OrderRow {
        id: id(name),
        number: "R-1".into(),
        kind: Some(VisitKind::Repair),
        opened_at: Some(NOON),
        premises: None,
        assigned_to: None,
        status: OrderStatus::Open,
        conflicts: 0,
        open_conflicts: 0,
        charged: false,
        changed_at: NOON,
    };
    let (looked, has_looked) = channel();
    let (taken, was_taken) = channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let was_taken = was_taken;
            let mut first = Some(looked);
            run(&*one, |tx| {
                let free = tx.order_by_number("R-1")?.is_none();
                if let Some(looked) = first.take() {
                    looked.send(()).unwrap();
                    // On SQLite the other can't come in while this one is open.
                    let _ = was_taken.recv_timeout(Duration::from_millis(300));
                }
                if free {
                    tx.put_order(&take("Lin's order"))?;
                }
                Ok(())
            });
        });
        has_looked.recv().unwrap();
        run(&*two, |tx| {
            if tx.order_by_number("R-1")?.is_none() {
                tx.put_order(&take("He's order"))?;
            }
            Ok(())
        });
        let _ = taken.send(());
    });
    assert_eq!(run(&*one, |tx| Ok(tx.orders(false, 9)?)).len(), 1);
}

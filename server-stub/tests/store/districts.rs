//! Districts as schemas of one PostgreSQL: each has tables of its own, so that none waits for, counts with
//! or sees another. Where a database grows too large, a schema moves to one of its own as it is.

use std::sync::atomic::{AtomicBool, Ordering};

use doorstep_server::store::postgres::PostgresStore;
use doorstep_test_postgres::database;

use crate::{
    interleaved::interleave,
    place::{NOON, enrol, line, run},
};

#[test]
fn a_transaction_of_one_district_is_not_waited_for_in_another() {
    let database = database();
    let open = |district: &str| {
        database.psql(&format!("CREATE SCHEMA {district}"));
        let glue = if database.url.contains('?') { '&' } else { '?' };
        let url = format!("{}{glue}options=-csearch_path%3D{district}", database.url);
        PostgresStore::open(&url).unwrap()
    };
    let (north, south) = (open("north"), open("south"));
    // The same people work in both, under the same ids: nothing of one is the other's.
    let [mei] = enrol(&north, ["Mei"]);
    enrol(&south, ["Mei"]);
    let done = AtomicBool::new(false);
    let overtook = interleave(
        |other| {
            run(&north, |tx| {
                tx.publish("price-list", 1, b"of the north", false)?;
                tx.push(mei, &[line(1)], NOON, false)?;
                other.let_in();
                Ok(())
            });
        },
        || {
            run(&south, |tx| {
                tx.publish("price-list", 1, b"of the south", false)?;
                Ok(tx.push(mei, &[line(2)], NOON, false)?)
            });
            done.store(true, Ordering::SeqCst);
        },
    );
    assert!(overtook && done.load(Ordering::SeqCst));
    // Each counts from one.
    assert_eq!(run(&north, |tx| Ok(tx.feed(mei, 0, 9)?)), [(1, line(1))]);
    assert_eq!(run(&south, |tx| Ok(tx.feed(mei, 0, 9)?)), [(1, line(2))]);
    for (store, text) in [(&north, "of the north"), (&south, "of the south")] {
        let published = run(store, |tx| Ok(tx.standing(0, 9)?));
        assert_eq!(published, [text.as_bytes()]);
    }
}

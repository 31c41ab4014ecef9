//! Photos: named, sent in parts, whole, missing.

use doorstep::base::{Hash, Id};
use doorstep_server::store::{PhotoRow, Tx};

use crate::place::{NOON, Place, enrol, hash, id, run};

on_each_store!(
    a_photo_is_named_once_and_its_parts_come_back_in_order,
    what_is_due_is_found_once_and_what_arrived_is_not_waited_for,
    what_is_let_go_of_leaves_no_bytes_and_nobody_waits_for_it,
);

fn named(address: Hash, device: Id) -> PhotoRow {
    PhotoRow {
        address,
        device,
        order: id("R-1"),
        size: 6,
        due_at: NOON.plus_ms(1_000),
        begun_at: None,
        received: 0,
        arrived_at: None,
        overdue: false,
        safe: false,
    }
}

fn a_photo_is_named_once_and_its_parts_come_back_in_order(place: &Place) {
    let store = place.open();
    let [mei, wu] = enrol(&*store, ["Mei", "Wu"]);
    let address = hash("the burner");
    run(&*store, |tx| {
        tx.name_photo(&named(address, mei))?;
        tx.begin_photo(&address, NOON)?;
        tx.add_photo_part(&address, 0, b"abc")?;
        // Named again, by another: it stays what it is.
        tx.name_photo(&named(address, wu))?;
        tx.add_photo_part(&address, 3, b"def")?;
        Ok(())
    });
    run(&*place.open(), |tx| {
        let row = PhotoRow { begun_at: Some(NOON), received: 6, ..named(address, mei) };
        assert_eq!(tx.photo(&address)?, Some(row));
        let mut bytes = Vec::new();
        tx.photo_parts(&address, &mut |part| bytes.extend_from_slice(part))?;
        assert_eq!(bytes, b"abcdef");
        assert_eq!(tx.photo_bytes_since(mei, NOON.plus_ms(-1))?, 6);
        assert_eq!(tx.photo_bytes_since(mei, NOON)?, 0);
        tx.drop_photo_parts(&address)?;
        assert_eq!(tx.photo(&address)?.unwrap().received, 0);
        assert_eq!(tx.photo(&hash("nobody's"))?, None);
        Ok(())
    });
}

fn what_is_due_is_found_once_and_what_arrived_is_not_waited_for(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    let [one, two] = [hash("one"), hash("two")];
    run(&*store, |tx| {
        for address in [one, two] {
            tx.name_photo(&named(address, mei))?;
        }
        assert_eq!(tx.photos_waited_for(mei)?, 2);
        tx.set_photo_safe(&one)?;
        assert!(!tx.photo(&one)?.unwrap().safe, "what is not here is not safe");
        tx.add_photo_part(&one, 0, b"abcdef")?;
        tx.photo_arrived(&one, NOON)?;
        tx.set_photo_safe(&one)?;
        assert!(tx.photo(&one)?.unwrap().safe);
        assert_eq!((tx.photos_waited_for(mei)?, tx.photos_arrived()?), (1, vec![one]));
        assert_eq!(tx.photos_due(NOON, 9)?, vec![]);
        let due = tx.photos_due(NOON.plus_ms(1_000), 9)?;
        assert_eq!(due.iter().map(|photo| photo.address).collect::<Vec<_>>(), [two]);
        tx.set_photo_overdue(&two)?;
        assert_eq!(tx.photos_due(NOON.plus_ms(9_000), 9)?, vec![]);
        Ok(())
    });
}

fn what_is_let_go_of_leaves_no_bytes_and_nobody_waits_for_it(place: &Place) {
    let store = place.open();
    let [mei] = enrol(&*store, ["Mei"]);
    let [whole, begun, other] = [hash("whole"), hash("begun"), hash("another order's")];
    run(&*store, |tx| {
        for (address, order) in [(whole, "R-1"), (begun, "R-1"), (other, "R-2")] {
            tx.name_photo(&PhotoRow { order: id(order), ..named(address, mei) })?;
            tx.add_photo_part(&address, 0, b"abc")?;
        }
        for address in [whole, other] {
            tx.add_photo_part(&address, 3, b"def")?;
            tx.photo_arrived(&address, NOON)?;
        }
        // One of another order, by its name: nothing happens.
        tx.let_photo_go(id("R-2"), &whole, NOON)?;
        assert_eq!(bytes(tx, &whole), 6);
        tx.let_photo_go(id("R-1"), &whole, NOON)?;
        assert_eq!((bytes(tx, &whole), bytes(tx, &begun)), (0, 3));
        tx.let_photos_go(id("R-1"), NOON.plus_ms(5))?;
        for (address, at) in [(whole, NOON), (begun, NOON.plus_ms(5))] {
            let row = tx.photo(&address)?.unwrap();
            assert_eq!((row.arrived_at, row.received, row.safe), (Some(at), 0, true));
            assert_eq!(bytes(tx, &address), 0);
        }
        assert_eq!(bytes(tx, &other), 6);
        assert_eq!((tx.photos_waited_for(mei)?, tx.photos_arrived()?), (0, vec![other]));
        assert_eq!(tx.photos_due(NOON.plus_ms(9_000), 9)?, vec![]);
        Ok(())
    });
}

fn bytes(tx: &mut dyn Tx, address: &Hash) -> usize {
    let mut bytes = 0;
    tx.photo_parts(address, &mut |part| bytes += part.len()).unwrap();
    bytes
}

//! The office: whose store it is, accounts, people, standing data, and the list of orders.

use doorstep::{
    base::{Hash, Personal},
    event::VisitKind,
    order::OrderStatus,
    sync::Person,
};
use doorstep_server::store::{Account, OrderRow, Role};

use crate::place::{NOON, Place, hash, id, person, run};

on_each_store!(
    a_store_knows_whose_it_is_and_who_may_begin,
    an_account_is_found_by_its_token,
    what_people_type_comes_back_letter_by_letter,
    standing_data_has_rising_positions_and_may_drop_what_it_replaces,
    what_was_published_of_premises_is_known_by_its_hash,
    orders_are_listed_last_changed_first,
    charged_work_of_one_kind_at_one_place_is_found_by_when_it_was_opened,
);

fn a_store_knows_whose_it_is_and_who_may_begin(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        assert_eq!(tx.company_key()?, None);
        tx.found(&[7; 32])?;
        tx.set_bootstrap(Some(&hash("a code")))?;
        Ok(())
    });
    run(&*place.open(), |tx| {
        assert_eq!((tx.company_key()?, tx.epoch()?), (Some([7; 32]), 1));
        assert_eq!(tx.bootstrap()?, Some(hash("a code")));
        tx.set_bootstrap(None)?;
        assert_eq!(tx.bootstrap()?, None);
        Ok(())
    });
}

fn an_account_is_found_by_its_token(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        assert!(!tx.has_accounts()?);
        tx.put_person(&person("He"))?;
        let he = Account { id: id("He's account"), person: id("He"), role: Role::Supervisor };
        tx.add_account(&he, &hash("token"))?;
        assert_eq!(tx.account(&hash("token"))?, Some(he));
        assert_eq!(tx.account(&hash("guess"))?, None);
        assert!(tx.has_accounts()?);
        Ok(())
    });
}

fn what_people_type_comes_back_letter_by_letter(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        for text in ["", "美 Mei 𠮷", "a\0b", "' OR 1=1; --", &"長".repeat(5_000)] {
            let mei = Person {
                id: id("Mei"),
                name: Personal::new(text.to_owned()),
                badge: text.to_owned(),
            };
            tx.put_person(&mei)?;
            assert!(tx.person(id("Mei"))? == Some(mei), "{} bytes", text.len());
            let mut row = order("R-1", 0);
            row.number = text.to_owned();
            tx.put_order(&row)?;
            assert_eq!(tx.order_by_number(text)?, Some(row));
        }
        Ok(())
    });
}

fn standing_data_has_rising_positions_and_may_drop_what_it_replaces(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        assert_eq!(tx.standing_version("price-list")?, None);
        tx.publish("price-list", 1, b"one", false)?;
        tx.publish("premises", 1, b"flat", true)?;
        tx.publish("price-list", 2, b"two!", false)?;
        tx.publish("premises", 2, b"flats", true)?;
        assert_eq!(tx.standing_after(0)?, [(1, 3), (3, 4), (4, 5)]);
        assert_eq!(tx.standing(1, 4)?, [b"two!".to_vec(), b"flats".to_vec()]);
        assert_eq!(tx.standing_version("price-list")?, Some(2));
        assert_eq!(tx.standing_latest("price-list")?.as_deref(), Some(&b"two!"[..]));
        assert_eq!(tx.standing_latest("nothing")?, None);
        Ok(())
    });
}

fn what_was_published_of_premises_is_known_by_its_hash(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        let [one, two] = [b"one", b"two"].map(|text| Hash::of(&[text]));
        assert_eq!(tx.district_hash("premises/1")?, None);
        tx.set_district_hash("premises/1", Some(&one))?;
        tx.set_district_hash("premises/1", Some(&two))?;
        assert_eq!(tx.district_hash("premises/1")?, Some(two));
        tx.set_district_hash("premises/1", None)?;
        assert_eq!(tx.district_hash("premises/1")?, None);
        Ok(())
    });
}

fn order(number: &str, later: i64) -> OrderRow {
    OrderRow {
        id: id(number),
        number: number.into(),
        kind: Some(VisitKind::Repair),
        opened_at: Some(NOON),
        premises: Some(id("Flat 1203, 8 Harbour Street")),
        assigned_to: None,
        status: OrderStatus::Open,
        conflicts: 0,
        open_conflicts: 0,
        charged: false,
        changed_at: NOON.plus_ms(later),
    }
}

fn orders_are_listed_last_changed_first(place: &Place) {
    let store = place.open();
    run(&*store, |tx| {
        for (number, later) in [("R-1", 1), ("R-2", 3), ("R-3", 2)] {
            tx.put_order(&order(number, later))?;
        }
        let mut changed = order("R-1", 4);
        (changed.conflicts, changed.open_conflicts) = (2, 1);
        (changed.status, changed.assigned_to) = (OrderStatus::InProgress, Some(id("Mei")));
        tx.put_order(&changed)?;
        assert_eq!(tx.order(id("R-1"))?, Some(changed.clone()));
        assert_eq!(tx.order(id("R-9"))?, None);
        assert_eq!(tx.orders(false, 2)?, [changed.clone(), order("R-2", 3)]);
        assert_eq!(tx.orders(true, 9)?, [changed]);
        Ok(())
    });
}

fn charged_work_of_one_kind_at_one_place_is_found_by_when_it_was_opened(place: &Place) {
    let store = place.open();
    let hour = 60 * 60 * 1_000;
    let flat = id("Flat 1203, 8 Harbour Street");
    run(&*store, |tx| {
        let opened = |number: &str, hours: i64| OrderRow {
            opened_at: Some(NOON.plus_ms(hours * hour)),
            charged: true,
            ..order(number, 0)
        };
        tx.put_order(&opened("first", 0))?;
        tx.put_order(&opened("second", 3))?;
        tx.put_order(&opened("next day", 30))?;
        tx.put_order(&OrderRow { charged: false, ..opened("free of charge", 1) })?;
        tx.put_order(&OrderRow { kind: Some(VisitKind::Inspection), ..opened("other", 1) })?;
        tx.put_order(&OrderRow { premises: Some(id("Flat 4")), ..opened("elsewhere", 1) })?;
        // As an earlier version left it.
        tx.put_order(&OrderRow { kind: None, opened_at: None, ..opened("unknown", 0) })?;
        let mut found = tx.charged_at(flat, VisitKind::Repair, NOON, NOON.plus_ms(24 * hour))?;
        found.sort_by_key(|id| id.to_string());
        let mut wanted = vec![id("first"), id("second"), id("unknown")];
        wanted.sort_by_key(|id| id.to_string());
        assert_eq!(found, wanted);
        Ok(())
    });
}

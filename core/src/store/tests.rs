//! Opening files of every kind.

use std::fs;

use rusqlite::params;

use super::*;
use crate::{
    base::{Hash, Id, Instant},
    log::{Class, DeviceKeys, Subject},
    sync::{OpenHazard, OpenHazards, Outcome, Premises, StandingDoc},
};

/// A fresh folder of this test's own.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("doorstep-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn schema(store: &Store) -> Vec<(String, String)> {
    let mut statement = store
        .db
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
        .unwrap();
    statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap()
}

#[test]
fn a_new_file_opens_twice_with_the_same_schema() {
    let path = folder("new").join("phone.db");
    let fresh = schema(&Store::open(&path, None).unwrap());
    assert_eq!(schema(&Store::open(&path, None).unwrap()), fresh);
    assert!(fresh.len() > 10);
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let path = folder("newer").join("phone.db");
    let store = Store::open(&path, None).unwrap();
    store.db.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(store);
    let before = fs::read(&path).unwrap();
    let refused = Store::open(&path, None).unwrap_err();
    assert!(matches!(refused, OpenError::TooNew { found } if found == SCHEMA_VERSION + 1));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_foreign_or_torn_file_is_refused_and_left_as_it_is() {
    let folder = folder("foreign");
    let foreign = folder.join("other.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let before = fs::read(&foreign).unwrap();
    assert!(matches!(Store::open(&foreign, None), Err(OpenError::Foreign)));
    assert_eq!(fs::read(&foreign).unwrap(), before);

    let torn = folder.join("torn.db");
    fs::write(
        &torn,
        b"<html>this is no database, but it is long enough to look at</html>".repeat(99),
    )
    .unwrap();
    let before = fs::read(&torn).unwrap();
    assert!(matches!(Store::open(&torn, None), Err(OpenError::NotADatabase(_))));
    assert_eq!(fs::read(&torn).unwrap(), before);

    let aside = set_aside(&torn, "1").unwrap();
    assert_eq!(fs::read(&aside).unwrap(), before);
    assert!(Store::open(&torn, None).is_ok());
    fs::write(&torn, b"x").unwrap();
    assert!(set_aside(&torn, "1").is_err(), "the first one set aside is not overwritten");
}

#[test]
fn an_error_in_a_transaction_leaves_no_trace() {
    let path = folder("rollback").join("phone.db");
    let mut store = Store::open(&path, None).unwrap();
    let failed: Result<(), StoreError> = store.transaction(|tx| {
        tx.set_meta("cursor", &7_u64)?;
        Err(StoreError::DiskFull)
    });
    assert!(failed.is_err());
    assert_eq!(store.read().meta::<u64>("cursor").unwrap(), None);
}

#[test]
fn a_file_of_the_first_schema_is_brought_up_to_date_with_all_it_holds() {
    let path = folder("upgrade").join("phone.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("schema.sql")).unwrap();
    old.pragma_update(None, "application_id", 0x446f_6f72).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let premises =
        Premises {
            id: Id::new([7; 16]), address: "海港街8号 1203".into(), ..Premises::default()
        };
    old.execute(
        "INSERT INTO standing (key, version, bytes) VALUES (?1, 3, ?2), ('price-list', 1, x'00')",
        params![Premises::key(premises.id), minicbor::to_vec(&premises).unwrap()],
    )
    .unwrap();
    for (id, at) in [(1, 5_000), (2, 9_000), (3, 1_000)] {
        let outcome = Outcome {
            id: Id::new([id; 16]),
            subject: Subject::work_order(Id::new([9; 16])),
            rule: "C1".into(),
            conflict: Hash::of(&[b"conflict"]),
            choice: "work_stands".into(),
            at: Instant(at),
            order_number: "R-1".into(),
        };
        let bytes = minicbor::to_vec(&outcome).unwrap();
        old.execute(
            "INSERT INTO outcome (id, bytes) VALUES (?1, ?2)",
            params![outcome.id.as_bytes(), bytes],
        )
        .unwrap();
    }
    old.execute_batch(
        "INSERT INTO order_row VALUES (x'01', 1, 0, 'open', 'R-1', x'', 0, NULL, 0, x'')",
    )
    .unwrap();
    drop(old);

    let store = Store::open(&path, None).unwrap();
    let fresh = Store::open(&folder("fresh").join("phone.db"), None).unwrap();
    assert_eq!(schema(&store), schema(&fresh));
    assert_eq!(store.read().premises(premises.id).unwrap(), Some(premises.clone()));
    let found = store.search_premises("港街 12", 10).unwrap();
    assert_eq!(found.first().map(|found| &found.premises), Some(&premises));
    assert_eq!(store.read().standing("premises/x").unwrap(), None);
    assert!(store.read().standing("price-list").unwrap().is_some());
    let latest = store.outcomes(2).unwrap();
    let latest: Vec<_> = latest.iter().map(|outcome| outcome.at.0).collect();
    assert_eq!(latest, [5_000, 9_000], "only the latest are read, newest last");
    assert_eq!(store.read().meta::<bool>("stale").unwrap(), Some(true));
    assert_eq!(fresh.read().meta::<bool>("stale").unwrap(), None);
}

#[test]
fn hazards_of_an_order_that_is_let_go_of_are_the_servers_to_tell() {
    let mut store = Store::open(&folder("hazards").join("a.db"), None).unwrap();
    let (flat, mine, theirs) = (Id::new([1; 16]), Id::new([2; 16]), Id::new([3; 16]));
    let hazard = |order, item: &str| OpenHazard {
        order,
        event: Hash::of(&[item.as_bytes()]),
        at: Instant(1),
        scale: "gd-3".into(),
        grade: "2".into(),
        rank: 2,
        item: item.into(),
        due: None,
        first: None,
    };
    let told = OpenHazards::of(vec![hazard(theirs, "gas_alarm")], Vec::new());
    let body = minicbor::to_vec(&told).unwrap();
    let doc = StandingDoc { key: OpenHazards::key(flat), version: 1, body };
    store
        .transaction(|tx| {
            assert!(tx.keep_standing(&doc, &[])?);
            tx.put_open(mine, flat, &[hazard(mine, "hose_age")], &[])
        })
        .unwrap();
    let there = |store: &Store| -> Vec<String> {
        store.open_at(flat).unwrap().hazards.into_iter().map(|hazard| hazard.item).collect()
    };
    assert_eq!(there(&store).len(), 2);
    store.transaction(|tx| tx.purge(mine)).unwrap();
    assert_eq!(there(&store), ["gas_alarm"]);
}

#[test]
fn keys_that_an_earlier_version_kept_in_plain_open_under_whatever_storage_key_comes_first() {
    let subject = Subject::work_order(Id::new([1; 16]));
    let kept = [7; 32];
    let storage = |n: u8| crate::log::StorageKey::of(&DeviceKeys::from_secret(&[n; 64]).unwrap());
    for enrolled_again in [false, true] {
        let path = folder(&format!("plain-{enrolled_again}")).join("phone.db");
        let mut store = Store::open(&path, None).unwrap();
        store
            .db
            .execute(
                "INSERT INTO subject_key VALUES (?1, ?2, 0, ?3, 0)",
                params![subject.kind.number(), subject.id.as_bytes(), kept],
            )
            .unwrap();
        store.transaction(|tx| tx.set_meta("keys_in_plain", &true)).unwrap();
        if enrolled_again {
            // Its secret store was emptied before the update: it was never unlocked.
            store.transaction(|tx| tx.keep_keys_under(&storage(2))).unwrap();
        }
        store.unlock(storage(2)).unwrap();
        let key = store.read().key(&subject, Class::Contact).unwrap().unwrap();
        assert_eq!(key.as_bytes(), &kept);
        store.unlock(storage(3)).unwrap();
        assert_eq!(store.read().key(&subject, Class::Contact).unwrap(), None);
    }
}

//! Files of every earlier schema, with work in them that nobody else has: this version opens them, and
//! the work leaves as it would have.

use std::path::Path;

use doorstep::{
    base::{Hash, Id},
    log::{Class, StreamId, Subject},
    store::SCHEMA_VERSION,
    sync::Premises,
};
use doorstep_tests::{World, id, repair};
use rusqlite::{Connection, params};

/// Each schema, in the order in which they came.
const SCHEMAS: [&str; 13] = [
    include_str!("../../../../core/src/store/schema.sql"),
    include_str!("../../../../core/src/store/schema_2.sql"),
    include_str!("../../../../core/src/store/schema_3.sql"),
    include_str!("../../../../core/src/store/schema_4.sql"),
    include_str!("../../../../core/src/store/schema_5.sql"),
    include_str!("../../../../core/src/store/schema_6.sql"),
    include_str!("../../../../core/src/store/schema_7.sql"),
    include_str!("../../../../core/src/store/schema_8.sql"),
    include_str!("../../../../core/src/store/schema_9.sql"),
    include_str!("../../../../core/src/store/schema_10.sql"),
    include_str!("../../../../core/src/store/schema_11.sql"),
    include_str!("../../../../core/src/store/schema_12.sql"),
    include_str!("../../../../core/src/store/schema_13.sql"),
];

/// The schema since which there are photos.
const PHOTOS: usize = 2;
/// The schema since which premises stand in rows of their own.
const PREMISES: usize = 4;

/// The schema since which keys stand under the storage key, and in boxes.
const VAULT: usize = 8;

/// A key as files kept it before they were put under a storage key.
struct Plain {
    subject: Subject,
    class: Class,
    key: [u8; 32],
}

/// Writes what stands in a present file as an app of schema `version` kept it.
fn as_of(version: usize, present: &Path, old: &Path, keys: &[Plain], photo: Option<[u8; 32]>) {
    let db = Connection::open(old).unwrap();
    for schema in &SCHEMAS[..version] {
        db.execute_batch(schema).unwrap();
    }
    db.pragma_update(None, "application_id", 0x446f_6f72).unwrap();
    db.pragma_update(None, "user_version", version as i64).unwrap();
    db.execute("ATTACH ?1 AS present", [present.to_str().unwrap()]).unwrap();
    let names = |sql: &str| -> Vec<String> {
        let mut statement = db.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.map(Result::unwrap).collect()
    };
    let tables = names(
        "SELECT name FROM main.sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'premises_words%'",
    );
    db.pragma_update(None, "foreign_keys", false).unwrap();
    for table in tables {
        let columns = names(&format!(
            "SELECT name FROM pragma_table_info('{table}', 'main')
             WHERE name IN (SELECT name FROM pragma_table_info('{table}', 'present'))"
        ));
        let columns = columns.join(", ");
        db.execute_batch(&format!(
            "INSERT OR REPLACE INTO main.{table} ({columns})
             SELECT {columns} FROM present.{table}"
        ))
        .unwrap();
    }
    // Before, keys stood in plain, and there were no boxes of them.
    for Plain { subject, class, key } in keys.iter().filter(|_| version < VAULT) {
        let kept = db.execute(
            "UPDATE main.subject_key SET key = ?4
             WHERE subject_kind = ?1 AND subject_id = ?2 AND class = ?3",
            params![subject.kind.number(), subject.id.as_bytes(), class.number(), key],
        );
        assert_eq!(kept.unwrap(), 1);
    }
    if let Some(key) = photo.filter(|_| (PHOTOS..VAULT).contains(&version)) {
        assert_eq!(db.execute("UPDATE main.photo SET key = ?1", params![key]).unwrap(), 1);
    }
    if version < PREMISES {
        let mut all =
            db.prepare("SELECT id, body FROM present.premises WHERE body <> x''").unwrap();
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        for (premises, body) in rows.map(Result::<(Vec<u8>, Vec<u8>), _>::unwrap) {
            let key = Premises::key(Id::from_slice(&premises).unwrap());
            let put = "INSERT INTO main.standing (key, version, bytes) VALUES (?1, 1, ?2)";
            db.execute(put, params![key, body]).unwrap();
        }
    }
    db.execute_batch("DELETE FROM main.meta WHERE key = 'keys_in_plain'").unwrap();
}

#[test]
fn a_file_of_any_earlier_schema_gives_up_its_unsent_work_its_keys_and_its_photo() {
    assert_eq!(SCHEMAS.len() as i64, SCHEMA_VERSION - 1, "each schema there ever was");
    for version in 1..=SCHEMAS.len() {
        let mut world = World::with_phones();
        let order = world.office.open("R-1");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        let taps = repair(order, id("visit"));
        world.work("Mei", &taps[..1]);
        let photo = (version >= PHOTOS).then(|| world.photo("Mei", id("visit"), "the burner"));
        world.work("Mei", &taps[1..]);

        let subject = Subject::work_order(order);
        let engine = world.phone("Mei").engine();
        let heads = |engine: &doorstep::engine::Engine| -> Vec<(StreamId, u64, Hash)> {
            let rows = engine.store().read().own_streams().unwrap();
            rows.iter().map(|row| (row.stream, row.chain.seq, row.chain.hash)).collect()
        };
        let (before, unsent) = (heads(engine), engine.unsent().unwrap());
        assert!(unsent > 30 && !before.is_empty());
        let subjects: std::collections::BTreeSet<_> =
            engine.store().streams().unwrap().iter().map(|row| row.stream.subject).collect();
        let mut keys = Vec::new();
        for (subject, class) in
            subjects.iter().flat_map(|subject| Class::ALL.map(|class| (*subject, class)))
        {
            let key = engine.store().read().key(&subject, class).unwrap();
            keys.extend(key.map(|key| Plain { subject, class, key: *key.as_bytes() }));
        }
        assert!(keys.iter().any(|plain| plain.subject == subject && plain.class == Class::Service));
        let photo_key = photo.map(|address| {
            *engine.store().photo(&address).unwrap().unwrap().key.unwrap().as_bytes()
        });

        let path = world.phone("Mei").path.clone();
        world.phone("Mei").kill();
        let old = path.with_extension("old");
        as_of(version, &path, &old, &keys, photo_key);
        let wal = |path: &Path| std::path::PathBuf::from(format!("{}-wal", path.display()));
        std::fs::rename(&old, &path).unwrap();
        let _ = std::fs::remove_file(wal(&path));

        world.phone("Mei").reopen();
        let engine = world.phone("Mei").engine();
        assert_eq!(heads(engine), before, "schema {version}");
        assert_eq!(engine.unsent().unwrap(), unsent, "schema {version}");
        assert_eq!(engine.doctor().unwrap().problems, [""; 0], "schema {version}");
        for Plain { subject, class, key } in &keys {
            let kept = engine.store().read().key(subject, *class).unwrap().unwrap();
            assert_eq!(kept.as_bytes(), key, "schema {version}");
        }
        assert_eq!(world.exchange("Mei").sent as u64, unsent, "schema {version}");
        let digests = world.digests(order, &["Mei"]);
        assert_eq!(digests[0], digests[1], "schema {version}");
        assert_eq!(world.office.held(), []);
        assert!(world.office.devices().iter().all(|device| device.suspect.is_none()));
        let company = world.office.keys_of(&subject);
        assert!(company.contains(&Class::Service), "schema {version}: {company:?}");
        if let Some(address) = photo {
            assert_eq!(world.send_photos("Mei"), [""; 0]);
            assert_eq!(world.office.photo(order, &address).unwrap(), b"the burner");
        }
    }
}

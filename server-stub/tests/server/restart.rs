//! The server stops and starts from its files; foreign and newer files are left alone.

use std::{fs, sync::Arc};

use doorstep_server::{OpenError, store};

use crate::world::{Directory, World, open};

#[tokio::test]
async fn a_restarted_server_goes_on_where_it_was() {
    let mut world = World::new().await;
    let mut mei = world.phone("Mei").await;
    let order = world.order("R-1", "Mei").await;
    mei.exchange(&world).await;
    mei.visit(order, "Mei's visit");
    mei.exchange(&world).await;
    let before = world.list(&format!("orders/{order}")).await;
    world.restart();
    assert_eq!(world.bootstrap, None, "there are accounts");
    assert_eq!(world.list(&format!("orders/{order}")).await, before);
    mei.visit(order, "Mei's second visit");
    let answers = mei.exchange(&world).await;
    assert!(answers[0].tails.is_empty(), "it has all that");
    let after = world.list(&format!("orders/{order}")).await;
    assert_eq!(mei.fold(order).digest().to_string(), after["digest"]);
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::bare();
    let key = fs::metadata(world.directory.0.join("company.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn without_its_keys_a_database_is_not_opened_and_no_new_keys_are_made() {
    let world = World::new().await;
    let key = world.directory.0.join("company.key");
    fs::rename(&key, world.directory.0.join("elsewhere")).unwrap();
    let error = open(&world.directory, &world.clock, 5).err().unwrap();
    assert!(matches!(error, OpenError::OtherKeys), "{error}");
    assert!(!key.exists());
    fs::write(&key, [7; 64]).unwrap();
    assert!(matches!(open(&world.directory, &world.clock, 5).err(), Some(OpenError::OtherKeys)));
    fs::write(&key, b"short").unwrap();
    let damaged = open(&world.directory, &world.clock, 5).err();
    assert!(matches!(damaged, Some(OpenError::KeyFileDamaged)));
}

#[test]
fn a_newer_a_torn_and_a_foreign_file_are_refused_and_not_touched() {
    let clock = World::bare().clock;
    let refused = |prepare: &dyn Fn(&std::path::Path)| {
        let directory = Directory::new();
        let path = directory.0.join("server.db");
        prepare(&path);
        let before = fs::read(&path).unwrap();
        let error = open(&directory, &Arc::clone(&clock), 5).err().unwrap();
        assert_eq!(fs::read(&path).unwrap(), before, "{error}");
        match error {
            OpenError::Database(error) => error,
            other => panic!("{other}"),
        }
    };
    let newer = refused(&|path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
    });
    assert!(matches!(newer, store::OpenError::TooNew { found: 99, .. }), "{newer}");
    let torn = refused(&|path| fs::write(path, b"half a database, or a photo").unwrap());
    assert!(matches!(torn, store::OpenError::NotOurs(_)), "{torn}");
    let foreign = refused(&|path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute("CREATE TABLE holiday (day TEXT)", []).unwrap();
    });
    assert!(matches!(foreign, store::OpenError::NotOurs(_)), "{foreign}");
}

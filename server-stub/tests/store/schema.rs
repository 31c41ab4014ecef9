//! Opening a PostgreSQL database: newer and foreign ones are refused and not touched. (For SQLite
//! see the server's own tests.)

use std::thread;

use doorstep_server::{
    Failure,
    store::{OpenError, StoreError, postgres::PostgresStore, transact},
};
use doorstep_test_postgres::database;

use crate::place::{Place, id, person, run};

const TABLES: &str = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";

#[test]
fn a_newer_database_is_refused_and_not_touched() {
    let database = database();
    PostgresStore::open(&database.url).unwrap();
    database.psql("UPDATE doorstep_schema SET version = 99");
    let error = PostgresStore::open(&database.url).unwrap_err();
    assert!(matches!(error, OpenError::TooNew { found: 99, .. }), "{error}");
    assert_eq!(database.psql("SELECT version FROM doorstep_schema"), "99");
}

#[test]
fn another_programs_database_is_refused_and_not_touched() {
    let database = database();
    database.psql("CREATE TABLE holiday (day TEXT)");
    let error = PostgresStore::open(&database.url).unwrap_err();
    assert!(matches!(error, OpenError::NotOurs(_)), "{error}");
    assert_eq!(database.psql(TABLES), "1");
}

#[test]
fn a_migration_that_fails_leaves_nothing_behind() {
    let database = database();
    database.psql("CREATE TYPE device AS (name TEXT)");
    let error = PostgresStore::open(&database.url).unwrap_err();
    assert!(matches!(error, OpenError::Failed(_)), "{error}");
    assert_eq!(database.psql(TABLES), "0");
    database.psql("DROP TYPE device");
    PostgresStore::open(&database.url).unwrap();
}

#[test]
fn servers_that_start_at_once_on_an_empty_database_all_come_up() {
    let place = Place::postgresql();
    thread::scope(|scope| {
        for name in ["Mei", "Wu", "Lin"] {
            let place = &place;
            scope.spawn(move || run(&*place.open(), |tx| Ok(tx.put_person(&person(name))?)));
        }
    });
    let store = place.open();
    for name in ["Mei", "Wu", "Lin"] {
        assert!(run(&*store, |tx| Ok(tx.person(id(name))?)).is_some());
    }
}

#[test]
fn a_database_that_is_not_there_is_named_without_its_password() {
    let database = database();
    for url in [format!("{}_not", database.url), "postgres://u:only-for@nowhere:x/d".to_owned()] {
        let error = PostgresStore::open(&url).unwrap_err();
        assert!(matches!(error, OpenError::Failed(_)), "{error}");
        assert!(!error.to_string().contains("only-for"), "{error}");
    }
}

#[test]
fn a_store_goes_on_after_the_database_broke_its_connections() {
    let database = database();
    let store = PostgresStore::open(&database.url).unwrap();
    run(&store, |tx| Ok(tx.put_person(&person("Mei"))?));
    database.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'doorstep' AND datname = current_database()",
    );
    // One try may still meet the broken connection; the phone tries again after it.
    let mut tries = 0;
    loop {
        match transact(&store, |tx| Ok(tx.person(id("Mei"))?)) {
            Ok(found) => break assert!(found.is_some()),
            Err(error) => assert!(matches!(error, Failure::Store(StoreError::Busy)), "{error}"),
        }
        tries += 1;
        assert!(tries < 5);
    }
}

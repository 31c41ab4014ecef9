//! A small workload whose transactions are easily told whole from half.
//!
//! Transaction `n` of Mei's tour records visit `n` with three events, and every third removes the
//! visit four back with its events. [`check`] knows what must then be there.

use doorstep_fault_vfs::FaultDisk;
use rusqlite::{Connection, Result};

/// The database's path on its disk.
pub(crate) const PATH: &str = "tour.db";
/// How many transactions the tour has.
pub(crate) const VISITS: i64 = 8;

/// Opens with small pages and caches, so that a little work does all that SQLite can do to a disk.
pub(crate) fn open(disk: &FaultDisk, journal: &str, synchronous: &str) -> Result<Connection> {
    let db = disk.open(PATH)?;
    db.execute_batch(&format!(
        "PRAGMA page_size=1024; PRAGMA cache_size=4; PRAGMA journal_mode={journal};
         PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=12;"
    ))?;
    Ok(db)
}

/// Creates the tables, if they aren't there, in one transaction.
pub(crate) fn create(db: &Connection) -> Result<()> {
    db.execute_batch(
        "BEGIN IMMEDIATE;
         CREATE TABLE IF NOT EXISTS visit (n INTEGER PRIMARY KEY, premises TEXT) STRICT;
         CREATE TABLE IF NOT EXISTS event (visit INTEGER, kind TEXT, note TEXT) STRICT;
         CREATE INDEX IF NOT EXISTS event_visit ON event (visit);
         COMMIT",
    )
}

/// Records visit `n` in one transaction.
pub(crate) fn visit(db: &mut Connection, n: i64) -> Result<()> {
    let tx = db.transaction()?;
    tx.execute("INSERT INTO visit VALUES (?1, 'Flat 1203, 8 Harbour Street')", [n])?;
    for kind in ["knock", "work", "receipt"] {
        let note = format!("{kind} of visit {n} ").repeat(20);
        tx.execute("INSERT INTO event VALUES (?1, ?2, ?3)", (n, kind, note))?;
    }
    if n % 3 == 0 {
        tx.execute("DELETE FROM event WHERE visit = ?1", [n - 4])?;
        tx.execute("DELETE FROM visit WHERE n = ?1", [n - 4])?;
    }
    tx.commit()
}

/// The whole tour, from an empty disk; how many visits were confirmed before it failed, if it did.
pub(crate) fn tour(disk: &FaultDisk, journal: &str, synchronous: &str) -> (i64, Result<()>) {
    let mut confirmed = 0;
    let mut go = || {
        let mut db = open(disk, journal, synchronous)?;
        create(&db)?;
        for n in 1..=VISITS {
            visit(&mut db, n)?;
            confirmed = n;
        }
        db.close().map_err(|(_, error)| error)
    };
    let result = go();
    (confirmed, result)
}

/// How many visits of the tour the database holds. Panics unless SQLite finds it sound and each
/// transaction is there whole or not at all, with none missing in between.
pub(crate) fn check(db: &Connection) -> Result<i64> {
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(sound, "ok");
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    assert!(tables == 0 || tables == 3, "half a schema");
    if tables == 0 {
        return Ok(0);
    }
    let mut visits =
        db.prepare("SELECT n, (SELECT count(*) FROM event WHERE visit = n) FROM visit ORDER BY n")?;
    let found: Vec<(i64, i64)> =
        visits.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_>>()?;
    let last = found.last().map_or(0, |(n, _)| *n);
    let removed = |n: i64| (n + 4) % 3 == 0 && n + 4 <= last;
    let expected: Vec<_> = (1..=last).filter(|n| !removed(*n)).map(|n| (n, 3)).collect();
    assert_eq!(found, expected, "half a transaction");
    let events: i64 = db.query_row("SELECT count(*) FROM event", [], |row| row.get(0))?;
    assert_eq!(events, 3 * i64::try_from(expected.len()).unwrap());
    Ok(last)
}

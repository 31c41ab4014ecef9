//! Several connections to one database, as an app has a writer and readers.

use crate::tour::{PATH, check, create, open, visit};
use doorstep_fault_vfs::FaultDisk;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

fn count(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM visit", [], |row| row.get(0)).unwrap()
}

#[test]
fn each_sees_what_the_other_committed_to_the_log() {
    let disk = FaultDisk::new(1);
    let mut mei = open(&disk, "wal", "full").unwrap();
    create(&mei).unwrap();
    let mut wu = open(&disk, "wal", "full").unwrap();
    visit(&mut mei, 1).unwrap();
    assert_eq!(count(&wu), 1);
    visit(&mut wu, 2).unwrap();
    assert_eq!(count(&mei), 2);
    assert!(disk.files().contains(&format!("{PATH}-wal")));
}

#[test]
fn a_reader_of_the_log_keeps_its_view_while_another_writes_and_checkpoints() {
    let disk = FaultDisk::new(2);
    let mut writer = open(&disk, "wal", "full").unwrap();
    create(&writer).unwrap();
    visit(&mut writer, 1).unwrap();
    let mut reader = open(&disk, "wal", "full").unwrap();
    let view = reader.transaction().unwrap();
    assert_eq!(count(&view), 1);
    for n in 2..=8 {
        visit(&mut writer, n).unwrap();
    }
    let _ = writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
    assert_eq!(count(&view), 1);
    view.commit().unwrap();
    assert_eq!(check(&reader).unwrap(), 8);
}

#[test]
fn two_do_not_write_at_once() {
    for journal in ["wal", "delete"] {
        let disk = FaultDisk::new(3);
        let mut mei = open(&disk, journal, "full").unwrap();
        create(&mei).unwrap();
        let mut wu = open(&disk, journal, "full").unwrap();
        let writing = mei.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let error = visit(&mut wu, 1).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{journal}");
        drop(writing);
        visit(&mut wu, 1).unwrap();
        assert_eq!(count(&mei), 1);
    }
}

#[test]
fn with_a_rollback_journal_a_writer_waits_for_readers() {
    let disk = FaultDisk::new(4);
    let mut writer = open(&disk, "delete", "full").unwrap();
    create(&writer).unwrap();
    let mut reader = open(&disk, "delete", "full").unwrap();
    let view = reader.transaction().unwrap();
    assert_eq!(count(&view), 0);
    let error = visit(&mut writer, 1).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    view.commit().unwrap();
    visit(&mut writer, 1).unwrap();
    assert_eq!(count(&reader), 1);
}

#[test]
fn threads_write_and_read_the_log_together_and_nothing_is_lost_with_the_power() {
    let disk = FaultDisk::new(5);
    let db = open(&disk, "wal", "full").unwrap();
    db.execute_batch("CREATE TABLE visit (who TEXT, n INTEGER)").unwrap();
    std::thread::scope(|scope| {
        for who in ["Mei", "Wu", "Lin"] {
            let disk = &disk;
            scope.spawn(move || {
                let db = open_until_free(disk);
                for n in 0..50 {
                    until_free(|| db.execute("INSERT INTO visit VALUES (?1, ?2)", (who, n)));
                    let mine = "SELECT count(*) FROM visit WHERE who = ?1";
                    let seen: i64 = until_free(|| db.query_row(mine, [who], |row| row.get(0)));
                    assert_eq!(seen, n + 1);
                }
            });
        }
    });
    disk.power_loss();
    drop(db);
    let db = open(&disk, "wal", "full").unwrap();
    let distinct = "SELECT count(*), count(DISTINCT who || n) FROM visit";
    let counts: (i64, i64) = db.query_row(distinct, [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    assert_eq!(counts, (150, 150));
}

fn open_until_free(disk: &FaultDisk) -> Connection {
    until_free(|| open(disk, "wal", "full"))
}

/// The disk's sleep is short, so a busy timeout is soon up; ask again.
fn until_free<T>(mut ask: impl FnMut() -> rusqlite::Result<T>) -> T {
    loop {
        match ask() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::yield_now();
            }
            answer => return answer.unwrap(),
        }
    }
}

#[test]
fn a_connection_outlives_the_disks_handle_and_the_name_goes_with_the_last() {
    let disk = FaultDisk::new(6);
    let name = disk.vfs_name();
    let mut db = open(&disk, "wal", "full").unwrap();
    drop(disk);
    create(&db).unwrap();
    visit(&mut db, 1).unwrap();
    assert_eq!(check(&db).unwrap(), 1);
    drop(db);
    let gone = Connection::open_with_flags_and_vfs(PATH, rusqlite::OpenFlags::default(), name);
    assert!(gone.is_err());
}

#[test]
fn a_database_too_large_for_its_cache_sorts_in_temporary_files() {
    let disk = FaultDisk::new(7);
    let db = open(&disk, "delete", "full").unwrap();
    db.execute_batch(
        "PRAGMA temp_store=FILE; PRAGMA cache_size=2;
         CREATE TEMP TABLE scratch (n, note);
         WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000)
         INSERT INTO scratch SELECT n, hex(zeroblob(50)) FROM c;",
    )
    .unwrap();
    let sum: i64 = db
        .query_row("SELECT sum(n) FROM (SELECT n FROM scratch ORDER BY note, n)", [], |r| r.get(0))
        .unwrap();
    assert_eq!(sum, 2001 * 1000);
    assert!(disk.files().len() <= 1, "a temporary file has a name");
}

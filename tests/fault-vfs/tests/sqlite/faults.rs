//! SQLite over the disk, with operations that fail.

use crate::tour::{PATH, VISITS, check, create, open, tour, visit};
use doorstep_fault_vfs::{Fault, FaultDisk, Lasting};
use rusqlite::ErrorCode;

const MODES: [(&str, &str); 2] = [("wal", "full"), ("delete", "extra")];

#[test]
fn a_full_disk_refuses_the_visit_and_keeps_those_before() {
    for (journal, synchronous) in MODES {
        let disk = FaultDisk::new(1);
        let mut db = open(&disk, journal, synchronous).unwrap();
        create(&db).unwrap();
        visit(&mut db, 1).unwrap();
        disk.fail_after(0, Fault::Full, Lasting::UntilHealed);
        // Files that had grown before take in a little more.
        let (refused, error) =
            (2..100).find_map(|n| visit(&mut db, n).err().map(|error| (n, error))).unwrap();
        assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DiskFull));
        assert_eq!(check(&db).unwrap(), refused - 1, "readable while full");
        disk.heal();
        visit(&mut db, refused).unwrap();
        assert_eq!(check(&db).unwrap(), refused);
    }
}

/// Lets `fault` strike at each chance of the tour; after each, what was confirmed is there, in the
/// same process and after a power loss, and the tour can go on.
fn survives_at_every_chance(fault: Fault, lasting: Lasting, expected: &[ErrorCode]) {
    survives_in(&MODES, fault, lasting, expected);
}

fn survives_in(modes: &[(&str, &str)], fault: Fault, lasting: Lasting, expected: &[ErrorCode]) {
    for &(journal, synchronous) in modes {
        let mut struck = 0;
        for chance in 0.. {
            let disk = FaultDisk::new(chance);
            disk.fail_after(chance, fault, lasting);
            let (confirmed, result) = tour(&disk, journal, synchronous);
            if disk.chances(fault) <= chance {
                result.unwrap();
                break;
            }
            // A fault in a checkpoint or in tidying up is nobody's loss, and SQLite says nothing.
            if let Err(error) = result {
                struck += 1;
                let code = error.sqlite_error_code().unwrap();
                assert!(expected.contains(&code), "{journal}, chance {chance}: {error}");
            }
            disk.heal();
            let kept = check(&open(&disk, journal, synchronous).unwrap()).unwrap();
            assert!((confirmed..=confirmed + 1).contains(&kept), "{confirmed} kept as {kept}");
            disk.power_loss();
            let mut db = open(&disk, journal, synchronous).unwrap();
            let kept = check(&db).unwrap();
            assert!((confirmed..=confirmed + 1).contains(&kept), "{confirmed} kept as {kept}");
            create(&db).unwrap();
            visit(&mut db, kept + 1).unwrap();
            assert_eq!(check(&db).unwrap(), kept + 1);
        }
        assert!(struck > 5, "{journal}: only {struck} errors");
    }
}

#[test]
fn a_disk_that_is_full_for_a_moment_loses_no_confirmed_visit() {
    survives_at_every_chance(Fault::Full, Lasting::Once, &[ErrorCode::DiskFull]);
}

#[test]
fn a_disk_that_stays_full_loses_no_confirmed_visit() {
    survives_at_every_chance(Fault::Full, Lasting::UntilHealed, &[ErrorCode::DiskFull]);
}

#[test]
fn writes_that_fail_lose_no_confirmed_visit() {
    let expected = [ErrorCode::SystemIoFailure, ErrorCode::CannotOpen];
    survives_at_every_chance(Fault::WriteError, Lasting::Once, &expected);
    survives_at_every_chance(Fault::WriteError, Lasting::UntilHealed, &expected);
}

#[test]
fn syncs_that_fail_lose_no_confirmed_visit_with_a_rollback_journal() {
    let expected = [ErrorCode::SystemIoFailure];
    survives_in(&MODES[1..], Fault::SyncError, Lasting::Once, &expected);
    survives_in(&MODES[1..], Fault::SyncError, Lasting::UntilHealed, &expected);
}

/// A hole in the log that the system's memory hides: the next process takes the log for whole,
/// brings it into the file and deletes it; power goes, and the log comes back with the hole. So
/// whoever uses the log must settle it after a failed sync, as `Store` does.
#[test]
fn syncs_that_fail_can_damage_what_a_log_of_plain_sqlite_confirmed() {
    let mut damaged = 0;
    for seed in 0..400 {
        let disk = FaultDisk::new(seed);
        disk.fail_after(seed % 27, Fault::SyncError, Lasting::UntilHealed);
        let (confirmed, _) = tour(&disk, "wal", "full");
        disk.heal();
        check(&open(&disk, "wal", "full").unwrap()).unwrap();
        disk.power_loss();
        let kept = std::panic::catch_unwind(|| check(&open(&disk, "wal", "full").unwrap()));
        damaged += u64::from(!matches!(kept, Ok(Ok(kept)) if kept >= confirmed));
    }
    assert!(damaged > 0, "the disk makes failed syncs good");
}

#[test]
fn reads_that_fail_lose_no_confirmed_visit() {
    let expected = [ErrorCode::SystemIoFailure];
    survives_at_every_chance(Fault::ReadError, Lasting::Once, &expected);
}

#[test]
fn a_foreign_file_is_told_from_a_database() {
    let disk = FaultDisk::new(2);
    disk.put(PATH, &b"not a database, but long enough to be taken for one ".repeat(40));
    let error = open(&disk, "wal", "full").unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase));
}

#[test]
fn a_database_can_be_copied_to_another_disk() {
    let disk = FaultDisk::new(3);
    tour(&disk, "wal", "full").1.unwrap();
    assert_eq!(disk.files(), [PATH]);
    let copy = FaultDisk::new(4);
    copy.put(PATH, &disk.content(PATH).unwrap());
    copy.power_loss();
    assert_eq!(check(&open(&copy, "wal", "full").unwrap()).unwrap(), VISITS);
}

#[test]
fn the_clock_shows_what_it_was_set_to() {
    let disk = FaultDisk::new(5);
    let db = disk.open(PATH).unwrap();
    let now = || -> String { db.query_row("SELECT datetime('now')", [], |r| r.get(0)).unwrap() };
    assert_eq!(now(), "2026-01-01 00:00:00");
    disk.set_clock(1_000);
    assert_eq!(now(), "1970-01-01 00:00:01");
}

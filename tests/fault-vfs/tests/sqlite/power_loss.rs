//! SQLite over the disk, with the power cut at every point of a small workload.

use crate::tour::{PATH, VISITS, check, create, open, tour, visit};
use doorstep_fault_vfs::FaultDisk;

/// Cuts the power at each point of the tour, for each seed, and hands the disk, powered again, and
/// the number of confirmed visits to `judge`. Returns how many points there were.
fn at_every_point(
    seeds: std::ops::Range<u64>,
    journal: &str,
    synchronous: &str,
    mut judge: impl FnMut(&FaultDisk, i64),
) -> u64 {
    let mut points = 0;
    for seed in seeds {
        for point in 0.. {
            let disk = FaultDisk::new(seed << 32 | point);
            disk.power_loss_after(point);
            let (confirmed, result) = tour(&disk, journal, synchronous);
            if !disk.is_off() {
                result.unwrap();
                break;
            }
            disk.power_on();
            judge(&disk, confirmed);
            points += 1;
        }
    }
    points
}

fn found(disk: &FaultDisk, journal: &str, synchronous: &str) -> i64 {
    check(&open(disk, journal, synchronous).unwrap()).unwrap()
}

/// Each confirmed visit is there; the one that was being confirmed may be.
fn survives_everywhere(journal: &str, synchronous: &str) {
    let points = at_every_point(0..6, journal, synchronous, |disk, confirmed| {
        let found = found(disk, journal, synchronous);
        assert!((confirmed..=confirmed + 1).contains(&found), "{confirmed} kept as {found}");
    });
    assert!(points > 6 * 50, "only {points} points");
}

#[test]
fn with_a_log_and_full_syncs_every_confirmed_visit_survives() {
    survives_everywhere("wal", "full");
}

#[test]
fn with_a_deleted_journal_and_extra_syncs_every_confirmed_visit_survives() {
    survives_everywhere("delete", "extra");
}

#[test]
fn with_a_truncated_journal_and_full_syncs_every_confirmed_visit_survives() {
    survives_everywhere("truncate", "full");
}

#[test]
fn with_a_kept_journal_and_full_syncs_every_confirmed_visit_survives() {
    survives_everywhere("persist", "full");
}

#[test]
fn with_a_deleted_journal_and_full_syncs_the_last_visit_may_go_but_never_half() {
    let mut lost = 0;
    at_every_point(0..6, "delete", "full", |disk, confirmed| {
        let found = found(disk, "delete", "full");
        assert!((confirmed - 1..=confirmed + 1).contains(&found), "{confirmed} kept as {found}");
        lost += i64::from(found < confirmed);
    });
    assert!(lost > 0, "deleting the journal was durable without a sync of the directory");
}

#[test]
fn with_a_log_and_normal_syncs_confirmed_visits_may_go_but_never_half() {
    let mut lost = 0;
    at_every_point(0..6, "wal", "normal", |disk, confirmed| {
        let found = found(disk, "wal", "normal");
        assert!(found <= confirmed + 1);
        lost += (confirmed - found).max(0);
    });
    assert!(lost > 0, "the disk kept what was not synced");
}

#[test]
fn without_syncs_confirmed_visits_are_lost_and_files_damaged() {
    let (mut lost, mut damaged) = (0, 0);
    at_every_point(0..2, "wal", "off", |disk, confirmed| {
        let kept = std::panic::catch_unwind(|| open(disk, "wal", "off").and_then(|db| check(&db)));
        match kept {
            Ok(Ok(found)) => lost += i64::from(found < confirmed),
            Ok(Err(_)) | Err(_) => damaged += 1,
        }
    });
    assert!(lost > 0 && damaged > 0, "{lost} lost, {damaged} damaged");
}

#[test]
fn power_lost_again_while_recovering_changes_nothing() {
    for (journal, synchronous) in [("wal", "full"), ("delete", "extra")] {
        let mut again = 0;
        at_every_point(10..11, journal, synchronous, |disk, confirmed| {
            for point in 0..6 {
                disk.power_loss_after(point);
                let _ = open(disk, journal, synchronous).and_then(|db| check(&db));
                again += u64::from(disk.is_off());
                disk.power_on();
                disk.heal();
            }
            let found = found(disk, journal, synchronous);
            assert!((confirmed..=confirmed + 1).contains(&found), "{confirmed} kept as {found}");
        });
        assert!(again > 20, "{journal}: recovery hit only {again} times");
    }
}

#[test]
fn the_tour_goes_on_after_a_power_loss_and_another() {
    let disk = FaultDisk::new(3);
    for n in 1..=VISITS {
        let mut db = open(&disk, "wal", "full").unwrap();
        create(&db).unwrap();
        visit(&mut db, n).unwrap();
        disk.power_loss();
        assert!(visit(&mut db, n + 1).is_err(), "a connection outlived the power");
    }
    assert_eq!(found(&disk, "wal", "full"), VISITS);
}

#[test]
fn a_connection_from_before_the_power_loss_can_not_touch_what_survived() {
    for journal in ["wal", "delete"] {
        let disk = FaultDisk::new(4);
        let (confirmed, result) = tour(&disk, journal, "extra");
        result.unwrap();
        let mut old = open(&disk, journal, "extra").unwrap();
        old.execute_batch("BEGIN IMMEDIATE; DELETE FROM event; DELETE FROM visit").unwrap();
        disk.power_loss();
        let new = open(&disk, journal, "extra").unwrap();
        assert!(old.execute_batch("COMMIT").is_err());
        assert!(visit(&mut old, 99).is_err());
        drop(old);
        assert_eq!(check(&new).unwrap(), confirmed);
    }
}

#[test]
fn while_the_power_is_off_nothing_works() {
    let disk = FaultDisk::new(5);
    tour(&disk, "wal", "full").1.unwrap();
    let mut db = open(&disk, "wal", "full").unwrap();
    disk.power_loss_after(0);
    assert!(visit(&mut db, VISITS + 1).is_err());
    assert!(disk.is_off());
    drop(db);
    assert!(open(&disk, "wal", "full").is_err());
    disk.power_on();
    assert!(found(&disk, "wal", "full") >= VISITS);
}

#[test]
fn one_seed_makes_one_history() {
    let run = |seed| {
        let disk = FaultDisk::new(seed);
        disk.power_loss_after(60);
        let (confirmed, _) = tour(&disk, "wal", "off");
        (confirmed, disk.ops(), disk.files(), disk.content(PATH))
    };
    assert_eq!(run(8), run(8));
    assert!((9..40).any(|seed| run(seed) != run(8)));
}

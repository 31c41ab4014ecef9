//! Mei's phone on a disk that loses power at every moment of a visit, fills up, or fails.
//!
//! What act said is done is there, once, whatever happens after; what failed left nothing that
//! counts twice when it is tapped again. `DOORSTEP_SEEDS` sets how often every moment is tried (2).

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{collections::BTreeMap, path::Path};

use doorstep::{
    base::{ClockReading, Id},
    engine::{ActError, Action, Done, Engine, LineWanted},
    money::PaymentMethod,
    store::{OpenError, StoreError},
};
use doorstep_fault_vfs::{Fault, FaultDisk, Lasting};
use doorstep_tests::{Secrets, Tap, World, cny, engine, id, no_access, tap};

const FILE: &str = "mei.db";

/// Mei's phone as it left the office: enrolled, with one order.
struct Morning {
    files: Vec<(String, Vec<u8>)>,
    secrets: Secrets,
    reading: ClockReading,
    taps: Vec<Tap>,
}

impl Morning {
    fn new() -> Morning {
        let disk = FaultDisk::new(0);
        let mut world = World::new();
        world.enrol_on("Mei", Path::new(FILE), Some(disk.vfs_name()));
        let order = world.office.open("R-1001");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        world.phone("Mei").kill();
        let phone = world.phone("Mei");
        let content = |name: String| (name.clone(), disk.content(&name).unwrap());
        Morning {
            files: disk.files().into_iter().map(content).collect(),
            secrets: phone.secrets(),
            reading: phone.reading(),
            taps: short_visit(order),
        }
    }

    fn disk(&self, seed: u64) -> FaultDisk {
        let disk = FaultDisk::new(seed);
        for (name, content) in &self.files {
            disk.put(name, content);
        }
        disk
    }

    fn open(&self, disk: &FaultDisk, seed: &str) -> Result<Engine, OpenError> {
        engine(Path::new(FILE), Some(disk.vfs_name()), self.secrets.clone(), seed)
    }

    fn tap(&self, mei: &mut Engine, tap: &Tap) -> Result<Done, ActError> {
        let action = tap.on(mei);
        mei.act(tap.id, &self.reading, action)
    }

    /// What every tap brings about when nothing fails.
    fn outcomes(&self) -> Vec<Done> {
        let mut mei = self.open(&self.disk(1), "calm").unwrap();
        self.taps.iter().map(|tap| self.tap(&mut mei, tap).unwrap()).collect()
    }

    /// Events each tap has in the file.
    fn recorded(&self, mei: &mut Engine) -> BTreeMap<Id, usize> {
        let mut recorded = BTreeMap::new();
        let own: Vec<_> =
            mei.store().streams().unwrap().into_iter().filter(|row| row.own).collect();
        for row in own {
            for event in mei.store().read().events(&row, 1).unwrap() {
                *recorded.entry(event.event.action).or_insert(0) += 1;
            }
        }
        recorded
    }

    /// Whether each tap is there as often as told: all of its events or none.
    fn check(&self, mei: &mut Engine, there: impl Fn(usize) -> Option<bool>, story: &str) {
        assert_eq!(mei.doctor().unwrap().problems, Vec::<String>::new(), "{story}");
        let recorded = self.recorded(mei);
        for (at, tap) in self.taps.iter().enumerate() {
            let whole = if matches!(tap.action, Action::Pay { .. }) { 2 } else { 1 };
            let found = recorded.get(&tap.id).copied().unwrap_or(0);
            let right = match there(at) {
                Some(true) => found == whole,
                Some(false) => found == 0,
                None => found == 0 || found == whole,
            };
            assert!(right, "{story}: tap {at} has {found} events: {:?}", tap.action);
        }
    }

    /// Taps everything again from the first, and checks that all counts once.
    fn finish(&self, mei: &mut Engine, outcomes: &[Done], story: &str) {
        for (at, (tap, outcome)) in self.taps.iter().zip(outcomes).enumerate() {
            let done = self.tap(mei, tap);
            assert_eq!(done.as_ref().ok(), Some(outcome), "{story}: tap {at}: {done:?}");
        }
        self.check(mei, |_| Some(true), story);
        let receipts = mei.receipts().unwrap();
        assert_eq!(receipts.len(), 1, "{story}");
        assert_eq!((receipts[0].counter, receipts[0].running), (1, cny(600)), "{story}");
    }
}

fn seeds() -> u64 {
    std::env::var("DOORSTEP_SEEDS").map_or(2, |text| text.parse().unwrap())
}

/// Nobody opens, but a battery is sold through the door: private text, money, two streams, seals.
fn short_visit(order: Id) -> Vec<Tap> {
    let visit = id("Mei's visit");
    let battery = || LineWanted { code: "battery".to_owned(), quantity: 1, free: None };
    let mut taps = no_access(order, visit);
    let finish = taps.pop().unwrap();
    taps.extend([
        tap("offer", Action::OfferQuote { visit, lines: vec![battery()] }),
        tap("accept", Action::AcceptQuote { visit, version: 1 }),
        tap("charge", Action::Charge { visit, line: battery() }),
        tap(
            "pay",
            Action::Pay {
                visit,
                tendered: cny(1_000),
                method: PaymentMethod::Cash,
                part: None,
                photo: None,
            },
        ),
        finish,
    ]);
    taps
}

#[test]
fn power_may_go_at_any_moment_and_what_was_confirmed_is_there_once() {
    let morning = Morning::new();
    let outcomes = morning.outcomes();
    let mut points = 0_u64;
    let seeds = seeds();
    for seed in 0..seeds {
        for point in 0.. {
            let story = format!("seed {seed}, point {point}");
            let disk = morning.disk(seed << 32 | point);
            disk.power_loss_after(point);
            let mut confirmed = 0;
            if let Ok(mut mei) = morning.open(&disk, "before") {
                for tap in &morning.taps {
                    match morning.tap(&mut mei, tap) {
                        Ok(done) => assert_eq!(done, outcomes[confirmed], "{story}"),
                        Err(error) => {
                            assert!(disk.is_off(), "{story}: {error}");
                            assert!(matches!(error, ActError::Store(_)), "{story}: {error}");
                            break;
                        }
                    }
                    confirmed += 1;
                }
            }
            if !disk.is_off() {
                break;
            }
            disk.power_on();
            let mut mei = morning.open(&disk, "after").unwrap();
            let there = |at: usize| match at.cmp(&confirmed) {
                std::cmp::Ordering::Less => Some(true),
                std::cmp::Ordering::Equal => None,
                std::cmp::Ordering::Greater => Some(false),
            };
            morning.check(&mut mei, there, &story);
            morning.finish(&mut mei, &outcomes, &story);
            points += 1;
        }
    }
    assert!(points > seeds * 40, "only {points} points");
}

/// Strikes at every chance of `fault` in a visit; taps on and on until it is over.
fn every_chance(fault: Fault, lasting: Lasting, told: fn(&ActError) -> bool) {
    let morning = Morning::new();
    let outcomes = morning.outcomes();
    let mut struck = 0;
    for chance in 0.. {
        let story = format!("{fault:?} {lasting:?}, chance {chance}");
        let disk = morning.disk(chance);
        let mut mei = morning.open(&disk, "before").unwrap();
        disk.fail_after(chance, fault, lasting);
        let mut failed = 0;
        for (at, (tap, outcome)) in morning.taps.iter().zip(&outcomes).enumerate() {
            let mut done = morning.tap(&mut mei, tap);
            if let Err(error) = &done {
                assert!(told(error), "{story}: tap {at}: {error}");
                failed += 1;
                if lasting == Lasting::UntilHealed {
                    let again = morning.tap(&mut mei, tap).unwrap_err();
                    assert!(told(&again), "{story}: tap {at}, again: {again}");
                    disk.heal();
                }
                morning.check(&mut mei, |tap| Some(tap < at), &story);
                done = morning.tap(&mut mei, tap);
            }
            assert_eq!(done.as_ref().ok(), Some(outcome), "{story}: tap {at}: {done:?}");
        }
        if failed == 0 {
            break;
        }
        struck += 1;
        disk.heal();
        disk.power_loss();
        drop(mei);
        let mut mei = morning.open(&disk, "after").unwrap();
        morning.check(&mut mei, |_| Some(true), &story);
        morning.finish(&mut mei, &outcomes, &story);
    }
    assert!(struck >= 10, "struck only {struck} times");
}

fn full(error: &ActError) -> bool {
    matches!(error, ActError::Store(StoreError::DiskFull)) && error.kind() == "disk_full"
}

fn broken(error: &ActError) -> bool {
    matches!(error, ActError::Store(StoreError::Sqlite(_))) && error.kind() == "store"
}

#[test]
fn a_full_disk_is_told_as_such_and_the_tap_works_once_there_is_room() {
    every_chance(Fault::Full, Lasting::Once, full);
    every_chance(Fault::Full, Lasting::UntilHealed, full);
}

#[test]
fn a_write_that_fails_leaves_nothing_and_the_tap_works_again() {
    every_chance(Fault::WriteError, Lasting::Once, broken);
    every_chance(Fault::WriteError, Lasting::UntilHealed, broken);
}

#[test]
fn a_sync_that_fails_confirms_nothing_and_the_tap_works_again() {
    every_chance(Fault::SyncError, Lasting::Once, broken);
    every_chance(Fault::SyncError, Lasting::UntilHealed, broken);
}

#[test]
fn power_lost_right_after_a_failed_sync_leaves_the_tap_once_or_not_at_all() {
    let morning = Morning::new();
    let outcomes = morning.outcomes();
    let syncs = {
        let disk = morning.disk(0);
        let mut mei = morning.open(&disk, "counting").unwrap();
        let before = disk.chances(Fault::SyncError);
        for tap in &morning.taps {
            morning.tap(&mut mei, tap).unwrap();
        }
        disk.chances(Fault::SyncError) - before
    };
    for chance in 0..syncs {
        let story = format!("sync {chance}");
        let disk = morning.disk(chance);
        let mut mei = morning.open(&disk, "before").unwrap();
        disk.fail_after(chance, Fault::SyncError, Lasting::Once);
        let failed = morning.taps.iter().position(|tap| morning.tap(&mut mei, tap).is_err());
        let failed = failed.unwrap();
        disk.power_loss();
        drop(mei);
        let mut mei = morning.open(&disk, "after").unwrap();
        let there = |at| if at == failed { None } else { Some(at < failed) };
        morning.check(&mut mei, there, &story);
        morning.finish(&mut mei, &outcomes, &story);
    }
}

#[test]
fn a_failed_sync_forgotten_by_a_restart_damages_nothing_when_power_goes_later() {
    let morning = Morning::new();
    let outcomes = morning.outcomes();
    for (seed, lasting) in
        (0..seeds()).flat_map(|s| [(s, Lasting::Once), (s, Lasting::UntilHealed)])
    {
        for chance in 0.. {
            let story = format!("seed {seed}, {lasting:?}, sync {chance}");
            let disk = morning.disk(seed << 32 | chance);
            let mut mei = morning.open(&disk, "before").unwrap();
            disk.fail_after(chance, Fault::SyncError, lasting);
            let Some(failed) =
                morning.taps.iter().position(|tap| morning.tap(&mut mei, tap).is_err())
            else {
                break;
            };
            drop(mei);
            disk.heal();
            let mut mei = morning.open(&disk, "between").unwrap();
            let there = |at| if at == failed { None } else { Some(at < failed) };
            morning.check(&mut mei, there, &story);
            assert_eq!(morning.tap(&mut mei, &morning.taps[failed]).unwrap(), outcomes[failed]);
            disk.power_loss();
            drop(mei);
            let mut mei = morning.open(&disk, "after").unwrap();
            morning.check(&mut mei, |at| Some(at <= failed), &story);
            morning.finish(&mut mei, &outcomes, &story);
        }
    }
}

#[test]
fn a_disk_without_room_for_the_first_file_is_told_and_works_later() {
    for fault in [Fault::Full, Fault::WriteError, Fault::SyncError] {
        let mut struck = 0;
        for chance in 0.. {
            let disk = FaultDisk::new(chance);
            disk.fail_after(chance, fault, Lasting::UntilHealed);
            let open = || engine(Path::new(FILE), Some(disk.vfs_name()), Secrets::default(), "new");
            match open() {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, OpenError::Io(_)), "{fault:?}: {error}"),
            }
            struck += 1;
            disk.heal();
            let opened = open().unwrap();
            assert_eq!(opened.doctor().unwrap().problems, Vec::<String>::new());
        }
        assert!(struck > 1, "{fault:?} struck {struck} times");
    }
}

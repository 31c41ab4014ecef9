//! A phone as a real process, killed again and again while Mei and Wu work.
//!
//! `DOORSTEP_KILLS` sets how often (200), `DOORSTEP_SEED` what is drawn: where in a visit the kill
//! falls. To the microsecond no run is like another, which is the point.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use doorstep::{
    base::{ClockReading, Id},
    engine::{Action, SecretStore},
};
use doorstep_tests::{Tap, World, cny, id, repair};
use fastrand::Rng;
use serde_json::{Value, json};

/// Lives of a phone between two kills are about so many taps, so that kills fall everywhere.
const MOST_TAPS: usize = 6;
const TAPS_A_VISIT: usize = 30;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// A phone's whole working life, over many processes.
struct Life {
    taps: Vec<Tap>,
    /// What each tap's first confirmation said; taps are confirmed in their order.
    confirmed: Vec<Value>,
    /// Taps sent at least once.
    sent: usize,
    kills: u64,
    /// Kills that left a tap without an answer.
    interrupted: u64,
    /// How long a tap takes, about.
    usual: Duration,
}

impl Life {
    fn live(mut self, db: &Path, clock: ClockReading, kills: u64, rng: &mut Rng) -> Life {
        while self.kills < kills {
            let mut process = Process::start(db);
            // Not always, so that kills fall into the opening of the file too.
            if !self.confirmed.is_empty() && rng.u8(..4) > 0 {
                let at = rng.usize(..self.confirmed.len());
                let again = process.act(&self.taps[at], &clock).unwrap();
                assert_eq!(again, self.confirmed[at], "tap {at} has two outcomes");
            }
            let last = rng.usize(..MOST_TAPS);
            for nth in 0..=last {
                let tap = &self.taps[self.confirmed.len()];
                self.sent = self.sent.max(self.confirmed.len() + 1);
                if nth == last {
                    // Before, during or after the commit, on fast machines and slow ones.
                    process.kill_in(self.usual.mul_f64(2.0 * rng.f64()), tap, &clock);
                    self.kills += 1;
                    match process.receive(tap) {
                        Some(outcome) => self.confirmed.push(outcome),
                        None => self.interrupted += 1,
                    }
                    continue;
                }
                let begun = Instant::now();
                self.confirmed.push(process.act(tap, &clock).unwrap());
                // A process's first tap reads the standard too.
                if nth > 0 {
                    self.usual = (self.usual * 3 + begun.elapsed()) / 4;
                }
            }
            process.bury();
        }
        self
    }
}

struct Process {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Process {
    fn start(db: &Path) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doorstep"))
            .args(["device", "--db"])
            .arg(db)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Process { child, output }
    }

    fn send(&mut self, tap: &Tap, clock: &ClockReading) {
        let mut action = tap.action.clone();
        if let Action::SignOff { visit, sign_off } = &mut action {
            self.write(&json!({ "id": tap.id, "cmd": "statement", "visit": visit }));
            let statement = self.receive(tap).unwrap();
            sign_off.shown = statement["hash"].as_str().unwrap().parse().unwrap();
        }
        self.write(&json!({
            "id": tap.id, "cmd": "act", "action_id": tap.id, "action": action, "clock": clock,
        }));
    }

    fn write(&mut self, line: &Value) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// What the phone said, if it said the whole of it.
    fn receive(&mut self, tap: &Tap) -> Option<Value> {
        let mut line = Vec::new();
        self.output.read_until(b'\n', &mut line).unwrap();
        if line.last() != Some(&b'\n') {
            return None;
        }
        let answer: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(answer["id"], json!(tap.id));
        assert!(answer["error"].is_null(), "{:?}: {answer}", tap.action);
        Some(answer["ok"].clone())
    }

    fn act(&mut self, tap: &Tap, clock: &ClockReading) -> Option<Value> {
        self.send(tap, clock);
        self.receive(tap)
    }

    /// Sends the tap and kills the phone this long after.
    fn kill_in(&mut self, delay: Duration, tap: &Tap, clock: &ClockReading) {
        self.send(tap, clock);
        // Not to wait for anything: the kill has to fall at some moment, and this draws it.
        std::thread::sleep(delay);
        self.child.kill().unwrap();
    }

    fn bury(mut self) {
        self.child.wait().unwrap();
    }
}

fn events_of(engine: &doorstep::engine::Engine) -> BTreeMap<Id, usize> {
    let mut events = BTreeMap::new();
    for row in engine.store().streams().unwrap().into_iter().filter(|row| row.own) {
        for recorded in engine.store().read().events(&row, 1).unwrap() {
            *events.entry(recorded.event.action).or_insert(0) += 1;
        }
    }
    events
}

#[test]
fn killed_hundreds_of_times_a_phone_keeps_every_confirmed_tap_once() {
    let (kills, seed) = (setting("DOORSTEP_KILLS", 200), setting("DOORSTEP_SEED", 1203));
    println!("{kills} kills, seed {seed}");
    let names = ["Mei", "Wu"];
    let mut world = World::with_phones();
    let kills_each = kills.div_ceil(names.len() as u64);
    let visits = kills_each as usize * MOST_TAPS / TAPS_A_VISIT + 2;
    let mut lives = Vec::new();
    for name in names {
        let mut taps = Vec::new();
        for number in 0..visits {
            let order = world.office.open(&format!("{name}'s order {number}"));
            world.office.assign(order, name).unwrap();
            taps.extend(repair(order, id(&format!("{name}'s visit {number}"))));
        }
        world.exchange(name);
        let phone = world.phone(name);
        phone.kill();
        let mut keys = phone.path.clone().into_os_string();
        keys.push(".keys");
        std::fs::write(keys, phone.secrets().load().unwrap().unwrap()).unwrap();
        let life = Life {
            taps,
            confirmed: Vec::new(),
            sent: 0,
            kills: 0,
            interrupted: 0,
            usual: Duration::from_millis(4),
        };
        lives.push((name, life, phone.path.clone(), phone.reading()));
    }
    let lived: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = lives
            .into_iter()
            .enumerate()
            .map(|(nth, (name, life, path, reading))| {
                let mut rng = Rng::with_seed(seed.wrapping_add(nth as u64));
                let live = move || (name, life.live(&path, reading, kills_each, &mut rng));
                scope.spawn(live)
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    for (name, life) in lived {
        println!(
            "{name}: {} taps confirmed, {} of {} kills left one unanswered",
            life.confirmed.len(),
            life.interrupted,
            life.kills
        );
        let phone = world.phone(name);
        phone.reopen();
        let engine = phone.engine();
        assert_eq!(engine.doctor().unwrap().problems, Vec::<String>::new(), "{name}");
        let events = events_of(engine);
        for (at, tap) in life.taps.iter().enumerate() {
            let whole = if matches!(tap.action, Action::Pay { .. }) { 2 } else { 1 };
            let found = events.get(&tap.id).copied().unwrap_or(0);
            let right = match at {
                _ if at < life.confirmed.len() => found == whole,
                _ if at < life.sent => found == 0 || found == whole,
                _ => found == 0,
            };
            assert!(right, "{name}: tap {at} has {found} events: {:?}", tap.action);
        }
        for (nth, receipt) in engine.receipts().unwrap().iter().enumerate() {
            let counter = nth as u64 + 1;
            assert_eq!(receipt.counter, counter, "{name}'s series has a gap");
            assert_eq!(receipt.running, cny(12_340 * counter as i64), "{name}");
        }
        assert!(life.interrupted * 10 > life.kills, "{name}: the kills missed the taps");
        assert!(life.interrupted < life.kills, "{name}: the kills came before every commit");
        // All of it reaches the office, once.
        world.exchange(name);
        assert_eq!(world.phone(name).engine().unsent().unwrap(), 0);
    }
    for device in world.office.devices() {
        assert_eq!((device.suspect, device.held), (None, 0));
        assert_eq!(device.recorded, device.stored);
    }
}

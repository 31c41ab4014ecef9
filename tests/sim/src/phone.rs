//! A phone: the real engine on a disk that fails, its keystore, its clock, and what its person
//! has in hand.

use std::path::Path;

use doorstep::{
    base::{ClockReading, Hash, Id, Instant, Zone},
    engine::{Action, Done, Engine},
    log::{StreamId, Subject, SubjectKind, Writer},
    store::Store,
};
use doorstep_fault_vfs::FaultDisk;
use doorstep_server::Clock;
use doorstep_tests::{Secrets, SetClock, engine, id};

const FILE: &str = "phone.db";

/// A phone, or a copy of one.
pub(crate) struct Phone {
    pub(crate) number: u32,
    pub(crate) disk: FaultDisk,
    pub(crate) off_ms: i64,
    /// The visit its person is at.
    pub(crate) visit: Option<Id>,
    /// What was tapped last, and what came of it.
    pub(crate) last: Option<(Id, Action, Option<Done>)>,
    /// The receipt it gave last.
    pub(crate) receipt: Option<u64>,
    /// A fault is armed on its disk, or lasts.
    pub(crate) armed: bool,
    /// A sync failed or may yet fail, and nothing was durably written since.
    pub(crate) in_doubt: bool,
    /// The request it waits for.
    pub(crate) flight: Option<u64>,
    /// Requests it made, and answers it got, latest last; a few.
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) answers: Vec<Vec<u8>>,
    /// Garbage in its file.
    pub(crate) poison: Vec<StreamId>,
    secrets: Secrets,
    clock: SetClock,
    seed: u64,
    boot: Id,
    booted: Instant,
    openings: u64,
    engine: Option<Engine>,
}

impl Phone {
    /// A new phone with an empty disk.
    pub(crate) fn new(seed: u64, number: u32, clock: &SetClock) -> Phone {
        Phone {
            number,
            disk: FaultDisk::new(seed << 8 | u64::from(number)),
            off_ms: 0,
            visit: None,
            last: None,
            receipt: None,
            armed: false,
            in_doubt: false,
            flight: None,
            requests: Vec::new(),
            answers: Vec::new(),
            poison: Vec::new(),
            secrets: Secrets::default(),
            clock: clock.clone(),
            seed,
            boot: id(&format!("{seed} phone {number} boots")),
            booted: clock.now(),
            openings: 0,
            engine: None,
        }
    }

    /// Another phone with a copy of this one's files and keys, as a migration app makes it.
    pub(crate) fn copied(&mut self, number: u32) -> Phone {
        self.kill();
        let disk = FaultDisk::new(self.seed << 8 | u64::from(number));
        for name in self.disk.files() {
            if let Some(content) = self.disk.content(&name) {
                disk.put(&name, &content);
            }
        }
        Phone {
            number,
            disk,
            last: self.last.clone(),
            secrets: self.secrets.clone(),
            requests: Vec::new(),
            answers: Vec::new(),
            poison: self.poison.clone(),
            boot: id(&format!("{} phone {number} boots", self.seed)),
            booted: self.clock.now(),
            clock: self.clock.clone(),
            engine: None,
            armed: false,
            flight: None,
            ..*self
        }
    }

    /// The engine, opened if its app is not running; `Err` when its file can't be opened.
    pub(crate) fn engine(&mut self) -> Result<&mut Engine, String> {
        if self.disk.is_off() {
            self.disk.power_on();
            self.kill();
            self.boot_anew();
        }
        if self.engine.is_none() {
            self.openings += 1;
            let seed = format!("{} phone {} opening {}", self.seed, self.number, self.openings);
            let vfs = Some(self.disk.vfs_name());
            let opened = engine(Path::new(FILE), vfs, self.secrets.clone(), &seed);
            self.engine = Some(opened.map_err(|error| error.to_string())?);
        }
        self.engine.as_mut().ok_or_else(|| "the app is not running".to_owned())
    }

    /// The engine if its app is running.
    pub(crate) fn running(&mut self) -> Option<&mut Engine> {
        self.engine.as_mut()
    }

    /// The app dies in the middle of whatever it did; also when the power has just gone.
    pub(crate) fn kill(&mut self) {
        self.engine = None;
        self.flight = None;
    }

    /// It is switched off and on.
    pub(crate) fn boot_anew(&mut self) {
        self.kill();
        self.boot =
            id(&format!("{} phone {} boots at {}", self.seed, self.number, self.clock.now().0));
        self.booted = self.clock.now();
    }

    /// Its disk works from now on.
    pub(crate) fn heal(&mut self) {
        self.armed = false;
        self.disk.heal();
    }

    /// What its clock says.
    pub(crate) fn reading(&self) -> ClockReading {
        let now = self.clock.now();
        ClockReading {
            wall: now.plus_ms(self.off_ms),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: u64::try_from(now.since(self.booted)).unwrap_or(0),
        }
    }

    /// Garbage gets into its file, as a stream that the phone takes for its own.
    pub(crate) fn poison(&mut self, n: u32) -> Result<(), String> {
        let Some(device) = self.engine()?.device() else { return Ok(()) };
        self.kill();
        let name = format!("{} poison {n}", self.seed);
        let subject = Subject { kind: SubjectKind::ComplaintCase, id: id(&name) };
        let stream = StreamId::new(subject, Writer::Device(device));
        let mut store = Store::open(Path::new(FILE), Some(self.disk.vfs_name()))
            .map_err(|error| error.to_string())?;
        // Even a write that fails may have reached the disk.
        self.poison.push(stream);
        let garbage = Hash::of(&[name.as_bytes()]);
        store
            .transaction(|tx| {
                let mut row = tx.stream_or_new(&stream, true)?;
                tx.append(&mut row, garbage.as_bytes())?;
                tx.append(&mut row, name.as_bytes())
            })
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    /// The garbage that is really there.
    pub(crate) fn poisoned(&mut self) -> Result<Vec<StreamId>, String> {
        let poison = self.poison.clone();
        let read = self.engine()?.store().read();
        let there = |stream: &StreamId| {
            read.stream(stream).ok().flatten().is_some_and(|row| row.chain.seq > 0)
        };
        Ok(poison.into_iter().filter(there).collect())
    }
}

//! A phone: the engine on a file, its keystore, and a clock that may be wrong.

use std::path::{Path, PathBuf};

use doorstep::{
    base::{ClockReading, Id, Instant, Zone},
    engine::{ActError, Done, Engine, EngineOptions, SecretStore},
    store::OpenError,
};
use doorstep_server::Clock;

use crate::{Counter, NOON, Secrets, SetClock, Tap, id};

/// Opens an engine with counted randomness.
pub fn engine(
    path: &Path,
    vfs: Option<&str>,
    secrets: impl SecretStore + 'static,
    seed: &str,
) -> Result<Engine, OpenError> {
    Engine::open(
        path,
        EngineOptions {
            entropy: Box::new(Counter::new(seed)),
            secrets: Box::new(secrets),
            vfs: vfs.map(str::to_owned),
        },
    )
}

/// A phone. Its app can be killed and opened again; its file, keystore and boot stay.
pub struct Phone {
    /// Whose it is.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What its clock is off by.
    pub clock_off_ms: i64,
    secrets: Secrets,
    vfs: Option<String>,
    clock: SetClock,
    boot: Id,
    booted: Instant,
    openings: u64,
    engine: Option<Engine>,
}

impl Phone {
    /// A new phone on a file at `path`, on the VFS of this name if there is one.
    pub fn new(name: &str, path: &Path, vfs: Option<&str>, clock: &SetClock) -> Phone {
        let mut phone = Phone {
            name: name.to_owned(),
            path: path.to_owned(),
            clock_off_ms: 0,
            secrets: Secrets::default(),
            vfs: vfs.map(str::to_owned),
            clock: clock.clone(),
            boot: id(&format!("{name}'s boot")),
            booted: NOON,
            openings: 0,
            engine: None,
        };
        phone.reopen();
        phone
    }

    /// The keystore.
    pub fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the app is open")
    }

    /// The engine itself, out of the app.
    pub fn take_engine(&mut self) -> Engine {
        self.engine.take().expect("the app is open")
    }

    /// Puts back what was taken out.
    pub fn put_engine(&mut self, engine: Engine) {
        self.engine = Some(engine);
    }

    /// The app dies in the middle of whatever it did.
    pub fn kill(&mut self) {
        self.engine = None;
    }

    /// The app dies, if it lives, and is opened again on the same file.
    pub fn reopen(&mut self) {
        self.kill();
        self.openings += 1;
        let seed = format!("{} {}", self.name, self.openings);
        let opened = engine(&self.path, self.vfs.as_deref(), self.secrets.clone(), &seed);
        self.engine = Some(opened.unwrap_or_else(|error| panic!("{}: {error}", self.name)));
    }

    /// What the phone's clock says.
    pub fn reading(&self) -> ClockReading {
        let now = self.clock.now();
        ClockReading {
            wall: now.plus_ms(self.clock_off_ms),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: u64::try_from(now.since(self.booted)).unwrap_or(0),
        }
    }

    /// Takes one tap.
    pub fn tap(&mut self, tap: &Tap) -> Result<Done, ActError> {
        let reading = self.reading();
        let action = tap.on(self.engine());
        self.engine().act(tap.id, &reading, action)
    }
}

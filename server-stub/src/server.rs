//! The server as a whole: its store, its keys, its clock; opened once, shared by all requests.

use std::{
    ffi::OsStr,
    io,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
};

use doorstep::{
    base::{Entropy, Hash, Id, Instant, Zone},
    log::{DeviceKeys, StorageKey},
    standard::{Calendar, SHIPPED_CALENDAR, SHIPPED_PROMISES, ServicePromises},
    sync::Company,
};

use crate::{
    ports::{Clock, KeyFile, SharedEntropy},
    problem::{Failure, Problem},
    rules::{self, Context, KnownTerms, new_code},
    store::{self, Store, Tx, sqlite, transact, unlock},
};

/// What a company sets once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The company, as receipts name it.
    pub company: Company,
    /// The district new devices are enrolled for.
    pub district: String,
    /// The office's zone.
    pub zone: Zone,
    /// How long an order stays in scope after it last changed.
    pub keep_ms: i64,
    /// How long after the event that names it a photo may take to arrive before it counts as missing.
    pub photo_window_ms: i64,
    /// Bytes of photos that a device may begin to send in a day.
    pub photo_quota_bytes: u64,
    /// What the office promises until it publishes something; what ships, unless it is set here.
    pub promises: Arc<ServicePromises>,
    /// Which days are worked, likewise.
    pub calendar: Arc<Calendar>,
}

/// What ships, read once. A test of its crate holds that it loads.
static SHIPPED: LazyLock<(Arc<ServicePromises>, Arc<Calendar>)> = LazyLock::new(|| {
    let promises = ServicePromises::load(SHIPPED_PROMISES.text);
    let calendar = Calendar::load(SHIPPED_CALENDAR.text);
    let promises = promises.unwrap_or_else(|errors| panic!("the shipped promises: {errors:?}"));
    let calendar = calendar.unwrap_or_else(|errors| panic!("the shipped calendar: {errors:?}"));
    (Arc::new(promises), Arc::new(calendar))
});

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            company: Company::default(),
            district: String::new(),
            zone: Zone(480),
            keep_ms: 14 * 24 * 60 * 60 * 1000,
            photo_window_ms: 3 * 24 * 60 * 60 * 1000,
            photo_quota_bytes: 1024 * 1024 * 1024,
            promises: SHIPPED.0.clone(),
            calendar: SHIPPED.1.clone(),
        }
    }
}

/// Where a server keeps what it knows.
#[derive(Clone, Copy)]
pub enum Database<'a> {
    /// An SQLite file; made if it isn't there. One server process at a time.
    File(&'a Path),
    /// An SQLite file on another SQLite VFS than the system's, by the VFS's name: for tests.
    FileOn(&'a Path, &'a str),
    /// A PostgreSQL database, by its `postgres://` URL. Any number of server processes, all with the
    /// same key file.
    Postgres(&'a str),
}

impl<'a> Database<'a> {
    /// What a person named: a URL, or else a file.
    pub fn named(name: &'a OsStr) -> Database<'a> {
        match name.to_str() {
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Database::Postgres(url)
            }
            _ => Database::File(Path::new(name)),
        }
    }

    pub(crate) fn open(self) -> Result<Box<dyn Store>, OpenError> {
        match self {
            Database::File(path) => Ok(Box::new(sqlite::SqliteStore::open(path, None)?)),
            Database::FileOn(path, vfs) => {
                Ok(Box::new(sqlite::SqliteStore::open(path, Some(vfs))?))
            }
            #[cfg(feature = "postgres")]
            Database::Postgres(url) => Ok(Box::new(store::postgres::PostgresStore::open(url)?)),
            #[cfg(not(feature = "postgres"))]
            Database::Postgres(_) => Err(OpenError::NoPostgres),
        }
    }
}

/// What a server is opened with.
pub struct Parts<'a> {
    /// Where it keeps what it knows.
    pub database: Database<'a>,
    /// Where the company's keys are kept; made at the first start.
    pub keys: &'a dyn KeyFile,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for keys, codes and tokens.
    pub entropy: Box<dyn Entropy>,
    /// What the company sets.
    pub settings: Settings,
}

/// Why a server doesn't open. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database.
    #[error(transparent)]
    Database(#[from] store::OpenError),
    /// This build can't speak to PostgreSQL.
    #[error("this server was built without PostgreSQL: build it with its feature `postgres`")]
    NoPostgres,
    /// The key file can't be read or made.
    #[error("the key file cannot be used: {0}")]
    KeyFile(#[from] io::Error),
    /// The key file isn't one.
    #[error("the key file does not hold this company's keys: restore it from its backup")]
    KeyFileDamaged,
    /// The database was in use under keys that aren't here.
    #[error(
        "the database belongs to other keys than the key file holds: restore the key file that \
         was made with it"
    )]
    OtherKeys,
    /// The store failed right away.
    #[error("the database cannot be used: {0}")]
    Store(String),
}

/// A server that was opened.
pub struct Opened {
    /// The server.
    pub server: Arc<Server>,
    /// While there is no account yet: the code that makes the first one. Show it to the person who
    /// sets the server up, and nobody else; an earlier one is void.
    pub bootstrap: Option<String>,
}

/// The server. Its rules run in transactions of its store; see [`crate::app`] for its routes.
pub struct Server {
    store: Box<dyn Store>,
    keys: DeviceKeys,
    clock: Arc<dyn Clock>,
    entropy: SharedEntropy,
    settings: Settings,
    terms: KnownTerms,
    boot: Id,
    started: Instant,
}

impl Server {
    /// Opens the database and the keys; makes both at the first start.
    pub fn open(parts: Parts<'_>) -> Result<Opened, OpenError> {
        let mut entropy = SharedEntropy(Arc::new(Mutex::new(parts.entropy)));
        let store = parts.database.open()?;
        let belongs_to = transact(&*store, |tx| Ok(tx.company_key()?)).map_err(failed)?;
        let keys = match parts.keys.load()? {
            Some(secret) => DeviceKeys::from_secret(&secret).ok_or(OpenError::KeyFileDamaged)?,
            // Making new keys would orphan every certificate and receipt.
            None if belongs_to.is_some() => return Err(OpenError::OtherKeys),
            None => {
                let keys = DeviceKeys::generate(&mut entropy);
                let secret = zeroize::Zeroizing::new(keys.to_secret());
                parts.keys.create(&secret[..])?;
                keys
            }
        };
        let public = keys.public().signing;
        if belongs_to.is_some_and(|key| key != public) {
            return Err(OpenError::OtherKeys);
        }
        unlock(&*store, StorageKey::of(&keys)).map_err(|error| failed(error.into()))?;
        let code = new_code(&mut entropy);
        let code_hash = Hash::of(&[code.as_bytes()]);
        let first = transact(&*store, |tx| {
            if tx.company_key()?.is_none() {
                tx.found(&public)?;
            }
            let first = !tx.has_accounts()?;
            tx.set_bootstrap(first.then_some(&code_hash))?;
            Ok(first)
        })
        .map_err(failed)?;
        let boot = (&mut entropy as &mut dyn Entropy).id();
        let server = Server {
            store,
            keys,
            started: parts.clock.now(),
            clock: parts.clock,
            entropy,
            settings: parts.settings,
            terms: KnownTerms::default(),
            boot,
        };
        Ok(Opened { server: Arc::new(server), bootstrap: first.then_some(code) })
    }

    /// The key that checks everything the company signs.
    pub fn company_key(&self) -> [u8; 32] {
        self.keys.public().signing
    }

    /// Begins a new epoch, and gives it: for a server whose database was restored from a backup. Every
    /// phone then offers again all it holds. Epochs are named by the clock, so that the same backup
    /// restored twice never writes under one name.
    pub fn begin_epoch(&self) -> Result<u64, Problem> {
        self.run(|tx, ctx| Ok(rules::begin_epoch(tx, ctx)?))
    }

    pub(crate) fn keys(&self) -> &DeviceKeys {
        &self.keys
    }

    /// Runs a rule in one transaction. Blocking: call it from a thread that may block.
    pub fn run<T>(
        &self,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>) -> Result<T, Failure>,
    ) -> Result<T, Problem> {
        let now = self.clock.now();
        let done = transact(&*self.store, |tx| {
            let mut context = Context {
                now,
                epoch: tx.epoch()?,
                keys: &self.keys,
                entropy: &mut self.entropy.clone(),
                settings: &self.settings,
                terms: &self.terms,
                boot: self.boot,
                since_boot_ms: u64::try_from(now.since(self.started)).unwrap_or(0),
            };
            rule(tx, &mut context)
        });
        Ok(done?)
    }
}

fn failed(failure: Failure) -> OpenError {
    OpenError::Store(failure.to_string())
}

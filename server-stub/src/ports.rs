//! What the server takes from outside: time, randomness, and the place of its private keys.
//!
//! All three are given by whoever opens the server, so that a test or a scenario sets the time and
//! replays exactly.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use doorstep::base::{Entropy, Instant};
use zeroize::Zeroizing;

/// The server's clock.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("an operating system that runs this server has random bytes");
    }
}

/// One source of randomness lent to many requests.
#[derive(Clone)]
pub(crate) struct SharedEntropy(pub(crate) Arc<Mutex<Box<dyn Entropy>>>);

impl Entropy for SharedEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// Where the company's private keys are kept. What it holds is never logged.
pub trait KeyFile {
    /// The secret kept earlier, or `None` before the first start.
    fn load(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>>;

    /// Keeps a new secret durably. Fails rather than replace one.
    fn create(&self, secret: &[u8]) -> io::Result<()>;
}

/// A file that only its owner may read.
#[derive(Debug, Clone)]
pub struct DiskKeyFile(PathBuf);

impl DiskKeyFile {
    /// The key file at `path`; nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> DiskKeyFile {
        DiskKeyFile(path.into())
    }
}

impl KeyFile for DiskKeyFile {
    fn load(&self) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut secret = Zeroizing::new(Vec::new());
        file.take(1024).read_to_end(&mut secret)?;
        Ok(Some(secret))
    }

    fn create(&self, secret: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.0)?;
        file.write_all(secret)?;
        file.sync_all()?;
        // The name must survive a power loss too, or the company would lose its keys.
        match self.0.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }
}

//! Time, randomness, secrets and names, as a test sets them.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use doorstep::{
    base::{Entropy, Hash, Id, Instant},
    engine::SecretStore,
};
use doorstep_server::Clock;

/// When every test begins.
pub const NOON: Instant = Instant(1_795_000_000_000);
/// A minute in milliseconds.
pub const MINUTE: i64 = 60_000;

/// The id of what is called this.
pub fn id(name: &str) -> Id {
    Id::from_hash(&Hash::of(&[name.as_bytes()]))
}

/// Counts up from a seed: every draw differs, every run is the same.
#[derive(Debug, Clone)]
pub struct Counter(Hash, u64);

impl Counter {
    /// Draws that differ from those of every other name.
    pub fn new(name: &str) -> Counter {
        Counter(Hash::of(&[name.as_bytes()]), 0)
    }
}

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let drawn = Hash::of(&[self.0.as_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

/// A clock that stands until it is set. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// A clock that shows `now`.
    pub fn new(now: Instant) -> SetClock {
        SetClock(Arc::new(AtomicI64::new(now.0)))
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

/// A keystore in memory that outlives the engine, as a phone's outlives the app. Clones are the
/// same keystore.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Mutex<Option<Vec<u8>>>>);

impl SecretStore for Secrets {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn keep(&mut self, secret: &[u8]) -> Result<(), String> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.to_vec());
        Ok(())
    }
}

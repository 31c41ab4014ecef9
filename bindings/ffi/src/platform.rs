//! What an app's side gives: a place for keys, a clock, an ear for changes.

use std::sync::Arc;

use doorstep::{
    base::{ClockReading, Entropy, Hash, Id, Instant, Zone},
    engine::SecretStore,
};

use crate::DoorstepError;

/// What the platform gives. Its methods are called from Doorstep's own thread.
#[uniffi::export(with_foreign)]
pub trait Platform: Send + Sync {
    /// The secret that was kept, from the platform's keystore; nothing on the first run.
    fn load_secret(&self) -> Result<Option<Vec<u8>>, PlatformError>;

    /// Keeps the secret, before this returns, where no backup copies it.
    fn keep_secret(&self, secret: Vec<u8>) -> Result<(), PlatformError>;

    /// The clock, now.
    fn clock(&self) -> Result<Clock, PlatformError>;
}

/// Why the platform could not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PlatformError {
    /// It failed.
    #[error("{text}")]
    Failed {
        /// How, for developers.
        text: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PlatformError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> PlatformError {
        PlatformError::Failed { text: error.reason }
    }
}

/// All a phone knows about time at one moment, raw.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Clock {
    /// What the wall clock says: milliseconds since 1970-01-01T00:00:00Z.
    pub wall_ms: i64,
    /// The zone it is shown in: minutes east of UTC.
    pub zone_min: i32,
    /// Any text that is another one after each boot.
    pub boot_id: String,
    /// Milliseconds since that boot, sleep included (`elapsedRealtime`, `mach_continuous_time`).
    pub since_boot_ms: i64,
}

impl Clock {
    fn reading(&self) -> ClockReading {
        let zone = i16::try_from(self.zone_min).unwrap_or(0);
        ClockReading {
            wall: Instant(self.wall_ms),
            zone: Zone(zone),
            boot: Id::from_hash(&Hash::of(&[self.boot_id.as_bytes()])),
            since_boot_ms: u64::try_from(self.since_boot_ms).unwrap_or(0),
        }
    }
}

pub(crate) fn now(platform: &dyn Platform) -> Result<ClockReading, DoorstepError> {
    Ok(platform.clock().map_err(DoorstepError::report)?.reading())
}

/// The platform's keystore, as the engine wants it.
pub(crate) struct Secrets(pub(crate) Arc<dyn Platform>);

impl SecretStore for Secrets {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        self.0.load_secret().map_err(|error| error.to_string())
    }

    fn keep(&mut self, secret: &[u8]) -> Result<(), String> {
        self.0.keep_secret(secret.to_vec()).map_err(|error| error.to_string())
    }
}

/// The system's randomness.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has randomness: keys cannot be made without it");
    }
}

/// What changed, so that screens that show it are drawn anew.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Change {
    /// An action was recorded.
    Recorded {
        /// In this visit, if in one.
        visit: Option<String>,
    },
    /// An exchange brought something, or ended: the list and sync.
    Exchanged,
    /// A photo is whole with the server: its step and sync.
    PhotoSent {
        /// Which.
        photo: String,
    },
    /// The phone became a device.
    Enrolled,
}

/// Hears what changed. Called from a thread of its own; it may call back.
#[uniffi::export(with_foreign)]
pub trait ChangeListener: Send + Sync {
    /// Something changed.
    fn changed(&self, change: Change) -> Result<(), PlatformError>;
}

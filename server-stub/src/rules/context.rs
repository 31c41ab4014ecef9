//! What a rule may know beside the store: the time, the company's keys, randomness, settings.

use doorstep::{
    base::{ClockReading, Entropy, Hash, Id, Instant},
    log::DeviceKeys,
};

use super::KnownTerms;
use crate::Settings;

/// Letters of codes: none that look alike.
const CODE_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CODE_LENGTH: usize = 12;

/// What a rule may know beside the store.
pub struct Context<'a> {
    /// The server's clock when the rule began.
    pub now: Instant,
    /// The server's epoch.
    pub epoch: u64,
    /// The company's keys.
    pub keys: &'a DeviceKeys,
    /// Randomness.
    pub entropy: &'a mut dyn Entropy,
    /// What the company set.
    pub settings: &'a Settings,
    /// What it promises, as it was read last.
    pub terms: &'a KnownTerms,
    /// This start of the server.
    pub boot: Id,
    /// How long ago it was.
    pub since_boot_ms: u64,
}

impl Context<'_> {
    /// The office's clock, for its events.
    pub fn clock(&self) -> ClockReading {
        ClockReading {
            wall: self.now,
            zone: self.settings.zone,
            boot: self.boot,
            since_boot_ms: self.since_boot_ms,
        }
    }

    /// A random id.
    pub fn id(&mut self) -> Id {
        self.entropy.id()
    }
}

/// A one-time code: 60 bits, to be read out or shown.
pub(crate) fn new_code(entropy: &mut dyn Entropy) -> String {
    let bytes: [u8; CODE_LENGTH] = entropy.bytes();
    // 256 is a multiple of 32: every letter is as likely.
    bytes.iter().map(|byte| char::from(CODE_LETTERS[usize::from(byte % 32)])).collect()
}

/// SHA-256 of a secret that has enough randomness of its own.
pub(super) fn secret_hash(secret: &str) -> Hash {
    Hash::of(&[secret.trim().as_bytes()])
}

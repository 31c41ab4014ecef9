//! What people were told: the simulation's own memory of every tap, kept apart from the phones.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id},
    engine::ReceiptRef,
};

/// A tap that a phone confirmed.
#[derive(Debug, Clone)]
pub(crate) struct Confirmed {
    /// The device that wrote it.
    pub(crate) device: Id,
    /// Events it must have.
    pub(crate) events: usize,
    /// The receipt, if money was taken.
    pub(crate) receipt: Option<ReceiptRef>,
    /// In words.
    pub(crate) what: String,
}

/// A photo that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// By which device.
    pub(crate) device: Id,
    /// What it shows.
    pub(crate) image: Vec<u8>,
}

/// The memory.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// By action.
    pub(crate) confirmed: BTreeMap<Id, Confirmed>,
    /// Every action that was tried, and the events it has if it was recorded.
    pub(crate) tried: BTreeMap<Id, usize>,
    /// Photos that a phone confirmed, by their address.
    pub(crate) photos: BTreeMap<Hash, Picture>,
    /// The server was restored from a backup so often.
    pub(crate) restores: u32,
    /// Once at least nobody said so.
    pub(crate) untold: bool,
    /// Devices whose files were copied.
    pub(crate) cloned: BTreeSet<Id>,
    /// Devices that were revoked.
    pub(crate) revoked: BTreeSet<Id>,
    /// Devices with garbage in their files.
    pub(crate) poisoned: BTreeSet<Id>,
    /// SHA-256 over everything that came of every step.
    pub(crate) trace: Trace,
}

/// A running hash of what happened.
#[derive(Debug)]
pub(crate) struct Trace(pub(crate) Hash);

impl Default for Trace {
    fn default() -> Trace {
        Trace(Hash::of(&[b"doorstep simulation v1"]))
    }
}

impl Trace {
    pub(crate) fn add(&mut self, line: &str) {
        self.0 = Hash::of(&[self.0.as_bytes(), line.as_bytes()]);
    }
}

//! The network: what is on its way, and what becomes of bytes.

use doorstep::base::Instant;

/// Something on its way.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) due: Instant,
    /// Rising: of two due at once the earlier sent comes first.
    pub(crate) number: u64,
    /// The phone that asked.
    pub(crate) phone: u32,
    /// The request it belongs to.
    pub(crate) flight: u64,
    pub(crate) content: Content,
}

/// What it is.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Request {
        bytes: Vec<u8>,
        /// How long its answer takes.
        back_ms: i64,
    },
    Answer(Vec<u8>),
}

/// What is on its way.
#[derive(Debug, Default)]
pub(crate) struct Network {
    packets: Vec<Packet>,
    numbers: u64,
}

impl Network {
    /// A new number for a request or a packet.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn send(&mut self, due: Instant, phone: u32, flight: u64, content: Content) {
        let number = self.number();
        self.packets.push(Packet { due, number, phone, flight, content });
    }

    /// The next packet that arrives by `now`.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Packet> {
        let due = self.packets.iter().enumerate().filter(|(_, packet)| packet.due <= now);
        let (at, _) = due.min_by_key(|(_, packet)| (packet.due, packet.number))?;
        Some(self.packets.remove(at))
    }
}

/// The first part of it, in thousandths.
pub(crate) fn cut(mut bytes: Vec<u8>, part: u32) -> Vec<u8> {
    bytes.truncate(bytes.len() * part.min(1_000) as usize / 1_000);
    bytes
}

/// One bit turned over.
pub(crate) fn spoil(mut bytes: Vec<u8>, which: u32) -> Vec<u8> {
    let bits = bytes.len() * 8;
    if bits > 0 {
        let bit = which as usize % bits;
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    bytes
}

/// What a portal says.
pub(crate) const PORTAL: &[u8] =
    b"<!DOCTYPE html><html><body>Welcome! Please sign in.</body></html>";

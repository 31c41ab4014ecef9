//! What a device holds of its own streams, as one number that moves with each of them: both ends
//! keep it, so that comparing costs the same after a day and after ten years.

use super::{Chain, StreamId};
use crate::base::Hash;

/// The sum of the heads of a device's own streams, branches left aside: every stream with events adds
/// SHA-256("doorstep held v2" ‖ CBOR of `[stream, seq, hash]`), read as a big-endian number, modulo
/// 2^256.
///
/// It finds copies and restored phones, and faults of the programs that keep it. It is no defence
/// against a device that lies about itself: chains and seals are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldSum {
    /// Events in these streams.
    pub events: u64,
    /// The sum, big-endian.
    pub sum: [u8; 32],
}

impl HeldSum {
    /// The sum over these heads.
    ///
    /// ```
    /// use doorstep::{base::Id, log::{Chain, HeldSum, StreamId, Subject, Writer}};
    ///
    /// let stream = StreamId::new(Subject::shift(Id::new([1; 16])), Writer::Device(Id::new([2; 16])));
    /// let (start, head) = (Chain::start(&stream), Chain::start(&stream).then(b"an event"));
    /// let mut kept = HeldSum::default();
    /// kept.moved(&stream, start, head);
    /// assert_eq!(kept, HeldSum::of([(stream, head)]));
    /// ```
    pub fn of(heads: impl IntoIterator<Item = (StreamId, Chain)>) -> HeldSum {
        let mut held = HeldSum::default();
        for (stream, head) in heads {
            held.moved(&stream, Chain::start(&stream), head);
        }
        held
    }

    /// A stream's head went from `before` to `after`, onward or back.
    pub fn moved(&mut self, stream: &StreamId, before: Chain, after: Chain) {
        if stream.is_branch() {
            return;
        }
        self.events = self.events.saturating_add(after.seq).saturating_sub(before.seq);
        if before.seq > 0 {
            // What is taken away is added as its complement.
            self.add(share(stream, before).map(|byte| !byte), 1);
        }
        if after.seq > 0 {
            self.add(share(stream, after), 0);
        }
    }

    /// The sum as it travels.
    pub fn digest(&self) -> Hash {
        Hash::new(self.sum)
    }

    fn add(&mut self, number: [u8; 32], mut carry: u16) {
        for (digit, other) in self.sum.iter_mut().zip(number).rev() {
            let sum = u16::from(*digit) + u16::from(other) + carry;
            [_, *digit] = sum.to_be_bytes();
            carry = sum >> 8;
        }
    }
}

/// What one stream adds.
fn share(stream: &StreamId, head: Chain) -> [u8; 32] {
    let named = minicbor::to_vec((stream, head.seq, head.hash)).unwrap_or_default();
    *Hash::of(&[b"doorstep held v2", &named]).as_bytes()
}

//! The hash chain of a stream.
//!
//! `h_0 = SHA-256("doorstep stream v1" ‖ subject ‖ writer ‖ branch)`,
//! `h_n = SHA-256(h_{n-1} ‖ bytes_n)`. Hashes are implied, never sent.

use super::StreamId;
use crate::base::Hash;

/// `h_0` of a stream: two streams never share a hash. The branch enters as its bare bytes, without
/// a CBOR head, so that an unforked stream adds nothing.
pub fn first_hash(stream: &StreamId) -> Hash {
    let subject = minicbor::to_vec(stream.subject).unwrap_or_default();
    let writer = minicbor::to_vec(stream.writer).unwrap_or_default();
    Hash::of(&[b"doorstep stream v1", &subject, &writer, stream.branch.as_bytes()])
}

/// `h_n` from `h_{n-1}` and the event's bytes.
pub fn next_hash(previous: &Hash, bytes: &[u8]) -> Hash {
    Hash::of(&[previous.as_bytes(), bytes])
}

/// Where a chain stands: the last sequence number and its hash. Starts at 0 with `h_0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Last sequence number; 0 before the first event.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Chain {
    /// A stream without events.
    pub fn start(stream: &StreamId) -> Chain {
        Chain { seq: 0, hash: first_hash(stream) }
    }

    /// The chain after one more event.
    #[must_use]
    pub fn then(self, bytes: &[u8]) -> Chain {
        Chain { seq: self.seq + 1, hash: next_hash(&self.hash, bytes) }
    }
}

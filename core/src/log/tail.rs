//! A run of events of one stream, as it travels.

use minicbor::{Decode, Encode, bytes::ByteVec};

use super::{Chain, Seal, SealError, StreamId};
use crate::{
    base::Hash,
    event::{Event, EventError, Recorded},
};

/// Events `from`, `from + 1`, … of a stream, and the seal over the last one. CBOR: a map with
/// integer keys.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tail {
    /// Which stream.
    #[n(0)]
    pub stream: StreamId,
    /// Sequence number of the first event.
    #[n(1)]
    pub from: u64,
    /// The events' bytes as signed.
    #[n(2)]
    pub events: Vec<ByteVec>,
    /// The seal over the last event; absent only for an unsealed tail that is being adopted.
    #[n(3)]
    pub seal: Option<ByteVec>,
}

/// Why a tail is refused. It never touches other streams.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TailError {
    /// An event can't be read.
    #[error("event {seq} cannot be read: {error}")]
    Event {
        /// Its sequence number.
        seq: u64,
        /// Why.
        error: EventError,
    },
    /// The seal is wrong.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no seal.
    #[error("the tail has no seal: its device must seal it first")]
    Unsealed,
    /// It doesn't begin right after what came before.
    #[error("the tail begins at {from}, but {expected} is next: send from there")]
    Gap {
        /// Where it begins.
        from: u64,
        /// What is next.
        expected: u64,
    },
}

impl Tail {
    /// Follows the chain from `before` over the events and checks the seal against the key of
    /// whoever vouches for them: the writer, or the company. Gives the events in their places and
    /// where the chain then stands.
    pub fn verify(
        &self,
        before: Chain,
        public: &[u8; 32],
    ) -> Result<(Vec<Recorded>, Chain), TailError> {
        let (recorded, chain) = self.follow(before)?;
        let seal = self.seal.as_ref().ok_or(TailError::Unsealed)?;
        let seal = Seal::verify(seal, public)?;
        // A branch keeps the seals that it was written with, which know of no branch.
        seal.fits(&self.stream.trunk(), chain).or_else(|_| seal.fits(&self.stream, chain))?;
        Ok((recorded, chain))
    }

    /// Follows the chain without looking at the seal.
    pub fn follow(&self, before: Chain) -> Result<(Vec<Recorded>, Chain), TailError> {
        if self.from != before.seq + 1 {
            return Err(TailError::Gap { from: self.from, expected: before.seq + 1 });
        }
        let mut chain = before;
        let mut recorded = Vec::with_capacity(self.events.len());
        for bytes in &self.events {
            chain = chain.then(bytes);
            let event =
                Event::decode(bytes).map_err(|error| TailError::Event { seq: chain.seq, error })?;
            recorded.push(Recorded { stream: self.stream, seq: chain.seq, id: chain.hash, event });
        }
        Ok((recorded, chain))
    }

    /// The last sequence number; `from - 1` for an empty tail.
    pub fn last(&self) -> u64 {
        self.from.saturating_sub(1).saturating_add(self.events.len() as u64)
    }

    /// The hash each event has if the chain stood at `before`.
    pub fn hashes(&self, before: Chain) -> Vec<Hash> {
        let mut chain = before;
        let step = |bytes: &ByteVec| {
            chain = chain.then(bytes);
            chain.hash
        };
        self.events.iter().map(step).collect()
    }
}

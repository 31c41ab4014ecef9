//! Seals: a signature over where a stream stands, vouching for all before it.

use minicbor::{Decode, Encode};

use super::{Chain, SignError, SignKey, Signed, StreamId, Writer, sign1};
use crate::base::Hash;

const PURPOSE: &str = "doorstep seal v1";

/// What a seal says. CBOR: `[stream, seq, hash, rules version]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct SealBody {
    /// The sealed stream.
    #[n(0)]
    pub stream: StreamId,
    /// Up to and including this event.
    #[n(1)]
    pub seq: u64,
    /// The chain's hash there.
    #[n(2)]
    pub hash: Hash,
    /// Version of the folding rules its writer used.
    #[n(3)]
    pub rules: u32,
}

/// A seal: its bytes as signed, and what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    bytes: Vec<u8>,
    body: SealBody,
}

/// Why a seal is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Signature or form.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signed content isn't a seal's.
    #[error("the signed content is not a seal: {0}")]
    Body(String),
    /// It seals other events than the ones shown.
    #[error("the seal does not fit these events: they are altered, or belong to another stream")]
    Mismatch,
}

impl Seal {
    /// Seals a stream where its chain stands.
    pub fn make(key: &SignKey, stream: StreamId, chain: Chain, rules: u32) -> Seal {
        let body = SealBody { stream, seq: chain.seq, hash: chain.hash, rules };
        let payload = minicbor::to_vec(&body).unwrap_or_default();
        let kid = match &stream.writer {
            Writer::Device(certificate) => certificate.as_bytes().to_vec(),
            Writer::Office(epoch) => epoch.to_be_bytes().to_vec(),
        };
        Seal { bytes: sign1(key, &kid, PURPOSE, payload), body }
    }

    /// Reads a seal and checks its signature against its writer's key.
    pub fn verify(bytes: &[u8], public: &[u8; 32]) -> Result<Seal, SealError> {
        let signed = Signed::parse(bytes)?;
        signed.verify(public, PURPOSE)?;
        let body = decode_body(signed.payload())?;
        Ok(Seal { bytes: bytes.to_vec(), body })
    }

    /// Whether it vouches for this stream standing exactly here.
    pub fn fits(&self, stream: &StreamId, chain: Chain) -> Result<(), SealError> {
        let same = self.body.stream == *stream
            && self.body.seq == chain.seq
            && self.body.hash == chain.hash;
        if same { Ok(()) } else { Err(SealError::Mismatch) }
    }

    /// The bytes as signed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn body(&self) -> &SealBody {
        &self.body
    }
}

fn decode_body(payload: &[u8]) -> Result<SealBody, SealError> {
    super::check_canonical(payload).map_err(|error| SealError::Body(error.to_string()))?;
    minicbor::decode(payload).map_err(|error| SealError::Body(error.to_string()))
}

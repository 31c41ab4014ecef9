//! COSE_Sign1 (RFC 9052) with Ed25519 and the signer's id as `kid`.
//!
//! The external data names the purpose, so that a signature made for one thing never passes for
//! another.

use coset::{CborSerializable, CoseSign1, CoseSign1Builder, HeaderBuilder, iana};

use super::{SignKey, check_canonical, key};

/// Why a signed message is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Not a COSE_Sign1 in deterministic CBOR.
    #[error("not a signed message: {0}")]
    Malformed(String),
    /// Another algorithm than EdDSA, or none.
    #[error("signed with an algorithm this format does not use: only EdDSA is accepted")]
    Algorithm,
    /// The signature does not fit key, purpose and bytes.
    #[error("the signature does not match: altered, or signed with another key")]
    Signature,
}

/// A parsed, not yet verified COSE_Sign1.
#[derive(Debug, Clone)]
pub struct Signed {
    message: CoseSign1,
}

/// Signs `payload` for `purpose`; `kid` tells the reader which key to check with.
pub fn sign1(key: &SignKey, kid: &[u8], purpose: &str, payload: Vec<u8>) -> Vec<u8> {
    let protected =
        HeaderBuilder::new().algorithm(iana::Algorithm::EdDSA).key_id(kid.to_vec()).build();
    CoseSign1Builder::new()
        .protected(protected)
        .payload(payload)
        .create_signature(purpose.as_bytes(), |bytes| key.sign(bytes).to_vec())
        .build()
        .to_vec()
        .unwrap_or_default()
}

/// Parses and verifies in one step; gives the payload.
pub fn verify1(public: &[u8; 32], purpose: &str, bytes: &[u8]) -> Result<Vec<u8>, SignError> {
    let signed = Signed::parse(bytes)?;
    signed.verify(public, purpose)?;
    Ok(signed.into_payload())
}

impl Signed {
    /// Reads a COSE_Sign1 without trusting it: the key id and payload may be looked at to find the
    /// key, and nothing else.
    pub fn parse(bytes: &[u8]) -> Result<Signed, SignError> {
        check_canonical(bytes).map_err(|error| SignError::Malformed(error.to_string()))?;
        let message = CoseSign1::from_slice(bytes)
            .map_err(|error| SignError::Malformed(error.to_string()))?;
        // The unprotected header is not signed: if it could hold anything, bytes could be altered
        // and still pass. A critical header is one the reader must understand; none is in use.
        if !message.unprotected.is_empty() || !message.protected.header.crit.is_empty() {
            return Err(SignError::Malformed("a header this format does not use".to_owned()));
        }
        let algorithm = coset::RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA);
        if message.protected.header.alg != Some(algorithm) {
            return Err(SignError::Algorithm);
        }
        if message.payload.is_none() {
            return Err(SignError::Malformed("the payload is missing".to_owned()));
        }
        Ok(Signed { message })
    }

    /// The key id in the protected header; empty when there is none.
    pub fn kid(&self) -> &[u8] {
        &self.message.protected.header.key_id
    }

    /// The payload, unverified.
    pub fn payload(&self) -> &[u8] {
        self.message.payload.as_deref().unwrap_or_default()
    }

    /// The payload, taken out.
    pub fn into_payload(self) -> Vec<u8> {
        self.message.payload.unwrap_or_default()
    }

    /// Checks the signature for `purpose`.
    pub fn verify(&self, public: &[u8; 32], purpose: &str) -> Result<(), SignError> {
        self.message.verify_signature(purpose.as_bytes(), |signature, bytes| {
            if key::verify(public, bytes, signature) { Ok(()) } else { Err(SignError::Signature) }
        })
    }
}

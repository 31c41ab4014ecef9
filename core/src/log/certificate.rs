//! Device certificates: who may hold a pen, proved by the company's key alone.

use minicbor::{Decode, Encode};

use super::{PublicKeys, SignError, SignKey, Signed, sign1};
use crate::base::{Hash, Id, Instant};

const PURPOSE: &str = "doorstep certificate v1";

/// What a certificate says. CBOR: a map with integer keys, see `docs/wire.cddl`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CertificateFields {
    /// Ed25519 key that makes the device's seals.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub signing_key: [u8; 32],
    /// X25519 key the server seals to.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub wrapping_key: [u8; 32],
    /// The district whose standing data it carries.
    #[n(2)]
    pub district: String,
    /// Signed at (server's clock).
    #[n(3)]
    pub issued: Instant,
    /// Not accepted for new work after (server's clock).
    #[n(4)]
    pub expires: Instant,
    /// The first number of its receipt series.
    #[n(5)]
    pub first_receipt: u64,
    /// The last one, where the company lends number ranges.
    #[n(6)]
    pub last_receipt: Option<u64>,
}

/// A device certificate: its bytes as the server signed them, what they say, and the id that both
/// imply (the first 16 bytes of SHA-256 over the signed payload).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    bytes: Vec<u8>,
    fields: CertificateFields,
    id: Id,
}

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Signature or form.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The signed content isn't a certificate's.
    #[error("the signed content is not a certificate: {0}")]
    Fields(String),
}

impl Certificate {
    /// Issues a certificate with the company's key.
    pub fn issue(company: &SignKey, fields: CertificateFields) -> Certificate {
        let payload = minicbor::to_vec(&fields).unwrap_or_default();
        let id = certificate_id(&payload);
        Certificate { bytes: sign1(company, &[], PURPOSE, payload), fields, id }
    }

    /// Reads a certificate and checks the company's signature. Expiry is the caller's question: a
    /// seal made before it still counts.
    pub fn verify(bytes: &[u8], company: &[u8; 32]) -> Result<Certificate, CertificateError> {
        let signed = Signed::parse(bytes)?;
        signed.verify(company, PURPOSE)?;
        let payload = signed.payload();
        super::check_canonical(payload)
            .map_err(|error| CertificateError::Fields(error.to_string()))?;
        let fields = minicbor::decode(payload)
            .map_err(|error| CertificateError::Fields(error.to_string()))?;
        Ok(Certificate { bytes: bytes.to_vec(), fields, id: certificate_id(payload) })
    }

    /// The device's id as a writer.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The bytes as signed.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says.
    pub fn fields(&self) -> &CertificateFields {
        &self.fields
    }

    /// The device's public keys.
    pub fn keys(&self) -> PublicKeys {
        PublicKeys { signing: self.fields.signing_key, wrapping: self.fields.wrapping_key }
    }
}

fn certificate_id(payload: &[u8]) -> Id {
    Id::from_hash(&Hash::of(&[payload]))
}

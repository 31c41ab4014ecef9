//! Standing data: versioned documents signed by the company.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    base::Id,
    log::{SignError, SignKey, Signed, check_canonical, sign1},
};

const PURPOSE: &str = "doorstep standing v1";

/// One document of standing data. CBOR, signed: `[key, version, body]`. Keys in use:
/// `standard/<id>` and `price-list` (TOML text), `premises/<id>` (CBOR of [`Premises`]).
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StandingDoc {
    /// What it is.
    #[n(0)]
    pub key: String,
    /// Rises with each publication of the same key.
    #[n(1)]
    pub version: u32,
    /// Its text or CBOR.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

/// Where a visit goes: standing data of the district, no personal data. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct Premises {
    /// Id.
    #[n(0)]
    pub id: Id,
    /// The address, as written on a letter.
    #[n(1)]
    pub address: String,
    /// Building, for the order of a round.
    #[n(2)]
    pub building: String,
    /// Floor.
    #[n(3)]
    pub floor: i32,
    /// Known to be under renovation.
    #[n(4)]
    pub under_renovation: bool,
}

/// Why a document of standing data is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StandingError {
    /// Signature or form.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Its content can't be read.
    #[error("the standing data cannot be read: {0}")]
    Malformed(String),
}

impl StandingDoc {
    /// Publishes it under the company's key.
    pub fn sign(&self, company: &SignKey) -> Vec<u8> {
        sign1(company, &[], PURPOSE, minicbor::to_vec(self).unwrap_or_default())
    }

    /// Reads and checks a published document.
    pub fn verify(bytes: &[u8], company: &[u8; 32]) -> Result<StandingDoc, StandingError> {
        let signed = Signed::parse(bytes)?;
        signed.verify(company, PURPOSE)?;
        check_canonical(signed.payload()).map_err(|e| StandingError::Malformed(e.to_string()))?;
        minicbor::decode(signed.payload()).map_err(|e| StandingError::Malformed(e.to_string()))
    }
}

impl Premises {
    /// The key its document is published under.
    pub fn key(id: Id) -> String {
        format!("premises/{id}")
    }
}

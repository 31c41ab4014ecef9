//! Standing data: versioned documents signed by the company.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    base::{Id, natural_key},
    log::{SignError, SignKey, Signed, check_canonical, sign1},
    meter::MeterRecord,
};

const PURPOSE: &str = "doorstep standing v1";

/// One document of standing data. CBOR, signed: `[key, version, body]`. Keys in use:
/// `standard/<id>`, `price-list`, `profile`, `service-promises` and `calendar` (TOML text),
/// `premises/<id>` (CBOR of [`Premises`]), `meters/<id>` (CBOR of their meters), `hazards/<id>` (CBOR
/// of [`super::OpenHazards`]), `bottles/<id>` (CBOR of [`super::Bottles`]), and
/// `district/premises` (CBOR of [`PremisesDelta`]): of the last each version says what changed, of
/// the others the highest counts.
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
    /// Stair or entrance of the building, like 3单元.
    #[n(5)]
    pub stair: Option<String>,
    /// The flat, as its door says.
    #[n(6)]
    pub flat: Option<String>,
    /// Whose they are, like `resident`: conditions ask for it, and how often they are inspected.
    #[n(7)]
    pub user: Option<String>,
}

/// What changed among the premises of the district since the delta before: a document of its own,
/// so that one signature and one check bring hundreds. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct PremisesDelta {
    /// New or changed.
    #[n(0)]
    pub put: Vec<Premises>,
    /// Whose meters are new or changed: all of them, as they are now.
    #[n(1)]
    pub meters: Vec<MetersOf>,
    /// No longer of the district.
    #[n(2)]
    pub gone: Vec<Id>,
}

/// All meters of some premises.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MetersOf {
    /// Whose.
    #[n(0)]
    pub premises: Id,
    /// The meters.
    #[n(1)]
    pub meters: Vec<MeterRecord>,
}

impl PremisesDelta {
    /// The key deltas are published under, one version after the other.
    pub const KEY: &str = "district/premises";
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

    /// The premises it is about, where it is such a document.
    pub fn premises(&self) -> Option<Premises> {
        let premises: Premises = minicbor::decode(&self.body).ok()?;
        (self.key == Premises::key(premises.id)).then_some(premises)
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
    /// Its place on a round: building, stair, floor, flat, numbers by value. Premises that are not
    /// here go last.
    pub fn place(&self) -> String {
        if self.address.is_empty() && self.building.is_empty() {
            return '\u{10ffff}'.to_string();
        }
        let part = |text: &Option<String>| natural_key(text.as_deref().unwrap_or_default());
        let door = match &self.flat {
            Some(flat) => natural_key(flat),
            None => natural_key(&self.address),
        };
        let floor = i64::from(self.floor) - i64::from(i32::MIN);
        // The separator is smaller than anything a key holds.
        format!(
            "{}\u{1}{}\u{1}{floor:010}\u{1}{door}",
            natural_key(&self.building),
            part(&self.stair)
        )
    }

    /// The key its document is published under.
    pub fn key(id: Id) -> String {
        format!("premises/{id}")
    }
}

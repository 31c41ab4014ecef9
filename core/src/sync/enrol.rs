//! How a phone becomes a device: a one-time code and its public keys for a certificate.

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::base::{Id, Instant, Personal};

/// What a new phone sends, signed with the key it asks a certificate for. CBOR: a map.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolRequest {
    /// The one-time code from the office.
    #[n(0)]
    pub code: String,
    /// Ed25519 public key.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signing_key: [u8; 32],
    /// X25519 public key.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub wrapping_key: [u8; 32],
}

/// Prints no code: it makes a device.
impl std::fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolRequest(…)")
    }
}

/// The company, as receipts name it.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, Encode, Decode, serde::Serialize, serde::Deserialize,
)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Name.
    #[n(0)]
    pub name: String,
    /// Licence number.
    #[n(1)]
    pub licence: String,
    /// Hot-line.
    #[n(2)]
    pub hotline: String,
}

/// The person a device was enrolled for.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Person {
    /// Id.
    #[n(0)]
    pub id: Id,
    /// Name.
    #[n(1)]
    pub name: Personal,
    /// Badge number, shown at the door.
    #[n(2)]
    pub badge: String,
}

/// The server's answer, signed with the company's key. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolAnswer {
    /// The device's certificate.
    #[n(0)]
    pub certificate: ByteVec,
    /// The company's Ed25519 key: checks certificates, answers, standing data and the office.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub company_signing_key: [u8; 32],
    /// The company's X25519 key: keys made on phones are wrapped to it.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub company_wrapping_key: [u8; 32],
    /// Who the device is for.
    #[n(3)]
    pub person: Person,
    /// The company.
    #[n(4)]
    pub company: Company,
    /// The server's clock.
    #[n(5)]
    pub time: Instant,
}

//! Sixteen-byte identifiers.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

use super::Hash;

/// Identifies a work order, a visit, a person, a device, an action…: 16 bytes that nobody else
/// will choose. Random for things a person makes; derived by hash where a thing proves itself
/// (a certificate, a receipt series). Prints and parses as 32 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Id(#[cbor(n(0), with = "minicbor::bytes")] [u8; 16]);

/// A text that is not the hex digits of an id or a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an identifier: write {digits} hexadecimal digits")]
pub struct IdError {
    text: String,
    digits: usize,
}

impl IdError {
    pub(super) fn not_hex(text: &str, digits: usize) -> IdError {
        IdError { text: text.chars().take(64).collect(), digits }
    }
}

impl Id {
    /// Wraps 16 bytes.
    pub const fn new(bytes: [u8; 16]) -> Id {
        Id(bytes)
    }

    /// The first 16 bytes of a hash: an id that proves what it names.
    pub fn from_hash(hash: &Hash) -> Id {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Id(bytes)
    }

    /// The id from exactly 16 bytes, or `None`.
    pub fn from_slice(bytes: &[u8]) -> Option<Id> {
        bytes.try_into().ok().map(Id)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Id {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Id, IdError> {
        data_encoding::HEXLOWER_PERMISSIVE
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| Id::from_slice(&bytes))
            .ok_or_else(|| IdError::not_hex(text, 32))
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Id, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

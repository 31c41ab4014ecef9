//! Private fields: personal data sealed under a key per (subject, retention class).
//!
//! Hashes and seals cover the sealed bytes, so destroying the key erases the person while every
//! chain still verifies. Keys travel sealed by HPKE (RFC 9180, base mode, X25519 + HKDF-SHA256 +
//! ChaCha20-Poly1305): to a named device with the whole answer that brings them, to the server in a
//! box of their own, for the rest of a request is only signed.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{DeviceKeys, Subject, key::hpke_public};
use crate::base::{Entropy, EntropyRng, Hash, Id};

/// How long a private field is kept, by what it is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Names, phones, access notes: gone when the job is done with.
    #[n(0)]
    Contact,
    /// The service record: what was found and signed, some years.
    #[n(1)]
    Service,
    /// Receipts: five years.
    #[n(2)]
    Money,
}

impl Class {
    /// Every class.
    pub const ALL: [Class; 3] = [Class::Contact, Class::Service, Class::Money];

    /// The number in CBOR and SQL.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The class with this number.
    pub fn from_number(number: i64) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.number() == number)
    }
}

/// A key for one subject's fields of one class. Debug prints nothing; wiped when dropped. CBOR: 32 bytes.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop, Encode, Decode)]
#[cbor(transparent)]
pub struct SubjectKey(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(…)")
    }
}

/// What a private field gives to a reader.
#[derive(Clone, PartialEq, Eq)]
pub enum Opened {
    /// The plain bytes.
    Plain(Vec<u8>),
    /// The key is gone, or was never given: the person is erased here.
    Erased,
    /// The key doesn't fit the bytes: altered, or moved here from another event.
    Damaged,
}

/// Prints nothing of what was opened.
impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Opened::Plain(_) => "Plain(…)",
            Opened::Erased => "Erased",
            Opened::Damaged => "Damaged",
        })
    }
}

impl SubjectKey {
    /// So many bytes more than it had has whatever is sealed: nonce and tag.
    pub const SEALED_MORE: usize = 24 + 16;

    /// A new key.
    pub fn generate(entropy: &mut dyn Entropy) -> SubjectKey {
        SubjectKey(entropy.bytes())
    }

    /// The key from the 32 bytes a store kept.
    pub fn from_slice(bytes: &[u8]) -> Option<SubjectKey> {
        bytes.try_into().ok().map(SubjectKey)
    }

    /// The bytes for a store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A print of `plain` that only who holds the key can make or guess from: equal for equal texts,
    /// and worth nothing once the key is destroyed.
    pub fn print(&self, plain: &[u8]) -> Hash {
        let inner = Hash::of(&[plain]);
        Hash::of(&[b"doorstep private print v1", &self.0, inner.as_bytes()])
    }

    /// Seals `plain` for one event: `nonce (24) ‖ ciphertext ‖ tag (16)`, bound to subject, class
    /// and action, so that it opens nowhere else.
    pub fn seal(
        &self,
        entropy: &mut dyn Entropy,
        subject: Subject,
        class: Class,
        action: Id,
        plain: &[u8],
    ) -> Vec<u8> {
        let nonce: [u8; 24] = entropy.bytes();
        let aad = binding(subject, class, action);
        let payload = Payload { msg: plain, aad: &aad };
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default());
        sealed
    }

    /// Opens what [`SubjectKey::seal`] made for the same event.
    pub fn open(&self, subject: Subject, class: Class, action: Id, sealed: &[u8]) -> Opened {
        let Some((nonce, message)) = sealed.split_first_chunk::<24>() else {
            return Opened::Damaged;
        };
        let aad = binding(subject, class, action);
        let payload = Payload { msg: message, aad: &aad };
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        match cipher.decrypt(&XNonce::from(*nonce), payload) {
            Ok(plain) => Opened::Plain(plain),
            Err(_) => Opened::Damaged,
        }
    }
}

fn binding(subject: Subject, class: Class, action: Id) -> Vec<u8> {
    minicbor::to_vec((subject, class, action)).unwrap_or_default()
}

/// Why something sealed to a key can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// Sealed to another key, for another purpose, or altered.
    #[error("sealed to another device, or altered: ask for it again")]
    NotForUs,
    /// The recipient's public key is no point on the curve.
    #[error("the recipient's public key is not valid")]
    PublicKey,
}

/// Seals `plain` to the owner of `recipient`: `encapsulated key (32) ‖ ciphertext ‖ tag`.
pub fn seal_to(
    entropy: &mut dyn Entropy,
    recipient: &[u8; 32],
    purpose: &str,
    plain: &[u8],
) -> Result<Vec<u8>, WrapError> {
    let public = hpke_public(recipient).map_err(|_| WrapError::PublicKey)?;
    let (encapsulated, ciphertext) =
        hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeS::Base,
            &public,
            purpose.as_bytes(),
            plain,
            &[],
            &mut EntropyRng(entropy),
        )
        .map_err(|_| WrapError::PublicKey)?;
    let mut sealed = encapsulated.to_bytes().to_vec();
    sealed.extend(ciphertext);
    Ok(sealed)
}

/// Opens what was sealed to these keys for the same purpose.
pub fn open_from(keys: &DeviceKeys, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, WrapError> {
    let (encapsulated, ciphertext) = sealed.split_at_checked(32).ok_or(WrapError::NotForUs)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_| WrapError::NotForUs)?;
    let (private, _) = keys.hpke_pair();
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &encapsulated,
        purpose.as_bytes(),
        ciphertext,
        &[],
    )
    .map_err(|_| WrapError::NotForUs)
}

/// A subject's key shown to a reader. CBOR: `[subject, class, key]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct DisclosedKey {
    /// Whose fields it opens.
    #[n(0)]
    pub subject: Subject,
    /// Of which class.
    #[n(1)]
    pub class: Class,
    /// The key.
    #[n(2)]
    pub key: SubjectKey,
}

/// Keys on their way from a phone to the company, in a box that only it opens.
/// CBOR: [`seal_to`] the company, over the CBOR of a list of [`DisclosedKey`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct SealedKeys(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>);

const KEYS_PURPOSE: &str = "doorstep subject keys v1";

impl SealedKeys {
    /// Seals `keys` to the owner of `recipient`.
    ///
    /// # Errors
    /// When the recipient's public key is no point on the curve.
    pub fn seal(
        entropy: &mut dyn Entropy,
        recipient: &[u8; 32],
        keys: &[DisclosedKey],
    ) -> Result<SealedKeys, WrapError> {
        let plain = Zeroizing::new(minicbor::to_vec(keys).unwrap_or_default());
        Ok(SealedKeys(seal_to(entropy, recipient, KEYS_PURPOSE, &plain)?))
    }

    /// The box as it was kept.
    pub fn from_bytes(bytes: Vec<u8>) -> SealedKeys {
        SealedKeys(bytes)
    }

    /// The bytes to keep.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Opens the box with the recipient's keys.
    ///
    /// # Errors
    /// When it was sealed to another, or altered, or holds no list of keys.
    pub fn open(&self, recipient: &DeviceKeys) -> Result<Vec<DisclosedKey>, WrapError> {
        let plain = Zeroizing::new(open_from(recipient, KEYS_PURPOSE, &self.0)?);
        minicbor::decode(&plain).map_err(|_| WrapError::NotForUs)
    }
}

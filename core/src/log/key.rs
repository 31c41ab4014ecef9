//! Key pairs: Ed25519 for seals, X25519 for what is sealed to somebody.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hpke::{Deserializable, Kem, Serializable, kem::X25519HkdfSha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base::Entropy;

/// The public halves of a device or server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKeys {
    /// Ed25519 public key (RFC 8032), checks seals.
    pub signing: [u8; 32],
    /// X25519 public key (RFC 7748), seals to its owner.
    pub wrapping: [u8; 32],
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKeys({})", data_encoding::HEXLOWER.encode(&self.signing[..4]))
    }
}

/// An Ed25519 private key. Debug prints nothing; the memory is wiped when dropped.
#[derive(Clone)]
pub struct SignKey(SigningKey);

impl SignKey {
    /// Signs `bytes`.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }

    /// The public half.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl fmt::Debug for SignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignKey(…)")
    }
}

/// Whether `signature` over `bytes` was made by the owner of `key`. Weak keys and malleable
/// signatures are refused.
pub(crate) fn verify(key: &[u8; 32], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) =
        (VerifyingKey::from_bytes(key), ed25519_dalek::Signature::from_slice(signature))
    else {
        return false;
    };
    key.verify_strict(bytes, &signature).is_ok()
}

/// Both private keys of a device or server, as 64 bytes in a secret store.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceKeys {
    signing: [u8; 32],
    wrapping: [u8; 32],
}

impl DeviceKeys {
    /// New keys.
    pub fn generate(entropy: &mut dyn Entropy) -> DeviceKeys {
        DeviceKeys { signing: entropy.bytes(), wrapping: entropy.bytes() }
    }

    /// The keys from the bytes a secret store kept; `None` unless they are 64.
    pub fn from_secret(bytes: &[u8]) -> Option<DeviceKeys> {
        let (signing, sealing) = bytes.split_at_checked(32)?;
        Some(DeviceKeys { signing: signing.try_into().ok()?, wrapping: sealing.try_into().ok()? })
    }

    /// The bytes for a secret store; nowhere else.
    pub fn to_secret(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.signing);
        bytes[32..].copy_from_slice(&self.wrapping);
        bytes
    }

    /// The key that makes seals.
    pub fn sign_key(&self) -> SignKey {
        SignKey(SigningKey::from_bytes(&self.signing))
    }

    /// The public halves.
    pub fn public(&self) -> PublicKeys {
        let (_, wrapping) = self.hpke_pair();
        let mut wrapping_bytes = [0; 32];
        wrapping_bytes.copy_from_slice(&wrapping.to_bytes());
        PublicKeys { signing: self.sign_key().public(), wrapping: wrapping_bytes }
    }

    pub(super) fn hpke_pair(
        &self,
    ) -> (<X25519HkdfSha256 as Kem>::PrivateKey, <X25519HkdfSha256 as Kem>::PublicKey) {
        X25519HkdfSha256::derive_keypair(&self.wrapping)
    }
}

impl fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKeys(…)")
    }
}

pub(super) fn hpke_public(
    bytes: &[u8; 32],
) -> Result<<X25519HkdfSha256 as Kem>::PublicKey, hpke::HpkeError> {
    <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(bytes)
}

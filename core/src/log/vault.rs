//! Keys at rest. What opens private fields and pictures stands in a database only under the storage key, which
//! follows from a secret that is kept elsewhere: a phone's in the platform's secret store, the server's in the
//! file of the company's keys. The database alone, or a copy of it, opens none of them.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Class, DeviceKeys, Subject, SubjectKey};
use crate::base::{Hash, Id};

const NONCE: usize = 24;

/// The key that keys are kept under.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct StorageKey([u8; 32]);

impl StorageKey {
    /// The storage key of a device, or of the company: from its secret.
    pub fn of(keys: &DeviceKeys) -> StorageKey {
        let mut secret = keys.to_secret();
        let key = StorageKey(*Hash::of(&[b"doorstep storage key v1", &secret]).as_bytes());
        secret.zeroize();
        key
    }
}

/// Prints nothing of the key.
impl std::fmt::Debug for StorageKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StorageKey(…)")
    }
}

/// Where a kept key stands: it opens nowhere else.
#[derive(Clone, Copy)]
pub enum Place {
    /// The key of a subject's fields of one class.
    Field(Subject, Class),
    /// The key of a picture about a subject, which this action took.
    Photo(Subject, Id),
}

impl Place {
    fn to_bytes(self) -> Vec<u8> {
        match self {
            Place::Field(subject, class) => minicbor::to_vec((subject, class)),
            Place::Photo(subject, action) => minicbor::to_vec((subject, action)),
        }
        .unwrap_or_default()
    }
}

/// Seals and opens kept keys.
#[derive(Debug)]
pub struct Vault(StorageKey);

impl Vault {
    /// Keys are kept under this one.
    pub fn new(key: StorageKey) -> Vault {
        Vault(key)
    }

    /// The bytes for the database: `nonce (24) ‖ ciphertext ‖ tag (16)`, bound to the `place` they stand
    /// in. The nonce follows from what is sealed, so that one key in one place is always the same bytes.
    pub fn seal(&self, place: Place, key: &SubjectKey) -> Vec<u8> {
        let StorageKey(storage) = &self.0;
        let place = place.to_bytes();
        let whole = Hash::of(&[b"doorstep kept key v1", storage, &place, key.as_bytes()]);
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&whole.as_bytes()[..NONCE]);
        let payload = Payload { msg: key.as_bytes(), aad: &place };
        let cipher = XChaCha20Poly1305::new(storage.into());
        let mut sealed = nonce.to_vec();
        sealed.extend(cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default());
        sealed
    }

    /// The key that was sealed in this place; `None` without the storage key it was sealed under.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Option<SubjectKey> {
        let StorageKey(storage) = &self.0;
        let (nonce, message) = sealed.split_first_chunk::<NONCE>()?;
        let place = place.to_bytes();
        let payload = Payload { msg: message, aad: &place };
        let cipher = XChaCha20Poly1305::new(storage.into());
        let mut plain = cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
        let key = SubjectKey::from_slice(&plain);
        plain.zeroize();
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Entropy;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_kept_key_opens_in_its_place_under_its_storage_key_alone() {
        let vault = Vault::new(StorageKey::of(&DeviceKeys::generate(&mut Fixed(1))));
        let other = Vault::new(StorageKey::of(&DeviceKeys::generate(&mut Fixed(2))));
        let key = SubjectKey::generate(&mut Fixed(3));
        let order = Subject::work_order(Id::new([4; 16]));
        let here = Place::Field(order, Class::Contact);
        let there = [Place::Field(order, Class::Service), Place::Photo(order, order.id)];
        let sealed = vault.seal(here, &key);
        assert_eq!(vault.seal(here, &key), sealed);
        assert_eq!(vault.open(here, &sealed), Some(key.clone()));
        assert_eq!(there.map(|place| vault.open(place, &sealed)), [None, None]);
        assert_eq!(other.open(here, &sealed), None);
        assert!(!sealed.windows(32).any(|bytes| bytes == key.as_bytes()));
    }
}

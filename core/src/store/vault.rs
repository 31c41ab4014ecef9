//! The vault of a phone's file, which may be open before the secret is there.

use super::StoreError;
use crate::log::{self, Place, StorageKey, SubjectKey};

/// Seals and opens kept keys. Without a storage key nothing is opened, and nothing can be kept.
#[derive(Debug, Default)]
pub(super) struct Vault(Option<log::Vault>);

impl Vault {
    pub(super) fn new(key: StorageKey) -> Vault {
        Vault(Some(log::Vault::new(key)))
    }

    /// The bytes for the file; an error without a storage key.
    pub(super) fn seal(&self, place: Place, key: &SubjectKey) -> Result<Vec<u8>, StoreError> {
        let vault = self.0.as_ref().ok_or_else(|| {
            StoreError::Damaged("it keeps keys, and has no storage key".to_owned())
        })?;
        Ok(vault.seal(place, key))
    }

    /// The key that was sealed in this place; `None` without the storage key it was sealed under.
    pub(super) fn open(&self, place: Place, sealed: &[u8]) -> Option<SubjectKey> {
        self.0.as_ref()?.open(place, sealed)
    }
}

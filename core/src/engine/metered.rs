//! Whether photos may go now. Records always do; photos wait for a network that isn't metered where the
//! technician chose so, and go all the same when told to.

use super::{ActError, Engine};
use crate::store::StoreError;

const WIFI_ONLY: &str = "photos_wifi_only";

impl Engine {
    /// Keeps the choice that photos go on networks alone that aren't metered; it outlives the app.
    ///
    /// # Errors
    /// The store's.
    pub fn set_photos_wifi_only(&mut self, only: bool) -> Result<(), ActError> {
        self.store
            .light_transaction(|tx| -> Result<(), StoreError> { tx.set_meta(WIFI_ONLY, &only) })?;
        Ok(())
    }

    /// Whether they wait for such a network; not unless it was chosen.
    ///
    /// # Errors
    /// The store's.
    pub fn photos_wifi_only(&self) -> Result<bool, ActError> {
        Ok(self.store.read().meta(WIFI_ONLY)?.unwrap_or(false))
    }

    /// The platform says what network it has: told before each sync, and when it changes. Before it is
    /// told, none is metered.
    pub fn set_metered(&mut self, metered: bool) {
        self.sending.metered = metered;
        self.sending.anyway &= metered;
    }

    /// Photos that wait go all the same, until none is left or the network is another.
    pub fn send_photos_now(&mut self) {
        self.sending.anyway = self.sending.metered;
    }

    /// Whether photos wait for another network.
    pub(super) fn photos_wait(&self) -> Result<bool, ActError> {
        Ok(self.sending.metered && !self.sending.anyway && self.photos_wifi_only()?)
    }
}

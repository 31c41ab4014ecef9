//! The bell: what a phone that is in front sends to be told when to exchange.
//!
//! It says nothing of any work, and what comes back is only "exchange now". The packet is good for an
//! hour around the time it names, so that one that was copied is soon worth nothing.

use minicbor::{Decode, Encode};

use super::{
    PacketError,
    packet::{decode, within_limit},
};
use crate::{
    base::{Id, Instant},
    log::{SignKey, Signed, sign1},
};

const WAKE: &str = "doorstep wake v1";

/// A wish to be woken. CBOR: a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct WakeRequest {
    /// Now, by the server's clock as far as the phone knows it.
    #[n(0)]
    pub at: Instant,
}

impl WakeRequest {
    /// A packet is good so long before and after the time it names, in milliseconds.
    pub const GOOD_FOR_MS: i64 = 60 * 60_000;

    /// Signs it; `kid` is the certificate's id.
    pub fn seal(&self, key: &SignKey, kid: &[u8]) -> Vec<u8> {
        sign1(key, kid, WAKE, minicbor::to_vec(self).unwrap_or_default())
    }
}

/// A wish that arrived: look at who it says it is, then open it with that device's key.
#[derive(Debug)]
pub struct WakePacket(Signed);

impl WakePacket {
    /// Reads the outer form.
    ///
    /// # Errors
    /// When it isn't one.
    pub fn parse(bytes: &[u8]) -> Result<WakePacket, PacketError> {
        within_limit(bytes)?;
        Ok(WakePacket(Signed::parse(bytes)?))
    }

    /// The certificate id it names.
    pub fn device(&self) -> Option<Id> {
        Id::from_slice(self.0.kid())
    }

    /// Checks the device's signature.
    ///
    /// # Errors
    /// When it doesn't hold, or holds something else.
    pub fn open(&self, signing_key: &[u8; 32]) -> Result<WakeRequest, PacketError> {
        self.0.verify(signing_key, WAKE)?;
        decode(self.0.payload())
    }
}

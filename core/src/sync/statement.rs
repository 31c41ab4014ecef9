//! *Nothing unsent*: the server's signed word on what it holds of one phone. Whoever has the
//! company's public key can check it without a network: before a wipe, an upgrade, a leaver's last
//! day, the close of a month.

use minicbor::{Decode, Encode};

use super::{
    NothingUnsent, PacketError,
    packet::{decode, within_limit},
};
use crate::{
    base::Id,
    log::{SignKey, sign1, verify1},
};

const STATEMENT: &str = "doorstep statement v1";

/// What the server holds of one phone. CBOR: `[device, statement]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Statement {
    /// Of which device.
    #[n(0)]
    pub device: Id,
    /// What it holds of it.
    #[n(1)]
    pub said: NothingUnsent,
}

impl Statement {
    /// Signs it with the company's key.
    pub fn sign(&self, company: &SignKey) -> Vec<u8> {
        sign1(company, &[], STATEMENT, minicbor::to_vec(self).unwrap_or_default())
    }

    /// Checks and reads it.
    ///
    /// # Errors
    /// When it isn't the company's, was altered, or is something else the company signed.
    pub fn open(company: &[u8; 32], bytes: &[u8]) -> Result<Statement, PacketError> {
        within_limit(bytes)?;
        decode(&verify1(company, STATEMENT, bytes)?)
    }
}

//! Photos on their way: who may send them, in which parts, and how far the server has them; and the
//! mark by which a server learns that it was restored from a backup.

use minicbor::{Decode, Encode};

use super::{
    PacketError,
    packet::{decode, within_limit},
};
use crate::{
    base::{Hash, Id, Instant},
    log::{SignKey, Signed, sign1, verify1},
};

const GRANT: &str = "doorstep photo grant v1";
const KEPT: &str = "doorstep photo kept v1";
const MARK: &str = "doorstep mark v1";

/// The largest part of a photo that is sent at once.
pub const MAX_PART_BYTES: usize = 1024 * 1024;

/// The largest sealed photo there is: 16 MiB.
pub const MAX_PHOTO_BYTES: u64 = 16 * 1024 * 1024;

/// The server's leave to send the photos that a device's events name. CBOR: a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhotoGrant {
    /// The device whose events name them.
    #[n(0)]
    pub device: Id,
    /// No longer than until then, by the server's clock.
    #[n(1)]
    pub expires: Instant,
}

/// A part of a photo. CBOR: a map. It proves nothing itself: the grant says who may send, and the
/// photo's address whether it arrived whole.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhotoPart {
    /// A [`PhotoGrant`], signed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub grant: Vec<u8>,
    /// SHA-256 of the whole photo.
    #[n(1)]
    pub address: Hash,
    /// Where this part begins.
    #[n(2)]
    pub at: u64,
    /// Its bytes; none asks only how far the server is.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// A piece of a photo in a request that travels as a file. The request's signature says who sends it.
/// CBOR: `[address, at, bytes]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct PhotoPiece {
    /// SHA-256 of the whole photo.
    #[n(0)]
    pub address: Hash,
    /// Where this piece begins.
    #[n(1)]
    pub at: u64,
    /// Its bytes.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// How far the server has a photo. CBOR: a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhotoKept {
    /// Which photo.
    #[n(0)]
    pub address: Hash,
    /// It keeps the first so many bytes: the next part begins there.
    #[n(1)]
    pub received: u64,
    /// Nothing more of it is wanted: all of it came, and its hash is its address; or its order was
    /// erased since, and what came of it, too.
    #[n(2)]
    pub whole: bool,
}

/// How far the server was when it answered a device. Shown again to a server that is not so far, it
/// proves that this one was restored from a backup. CBOR: a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Mark {
    /// The server's epoch.
    #[n(0)]
    pub epoch: u64,
    /// The device it answered.
    #[n(1)]
    pub device: Id,
    /// The end of that device's changes.
    #[n(2)]
    pub position: u64,
    /// Events of that device that it had stored.
    #[n(3)]
    pub stored: u64,
    /// Tails of that device that it had kept aside, decided or not; absent when there were none.
    #[n(4)]
    pub aside: Option<u64>,
    /// When the last of those changes was put there, by the server's clock. A server that was restored may be as far
    /// again since, by other changes: it put them there at another time. Absent where it never noted that.
    #[n(5)]
    pub put_at: Option<Instant>,
}

macro_rules! signed_by_company {
    ($name:ident, $purpose:ident) => {
        impl $name {
            /// Signs it with the company's key.
            pub fn sign(&self, company: &SignKey) -> Vec<u8> {
                sign1(company, &[], $purpose, minicbor::to_vec(self).unwrap_or_default())
            }

            /// Checks and reads it.
            pub fn open(company: &[u8; 32], bytes: &[u8]) -> Result<$name, PacketError> {
                within_limit(bytes)?;
                decode(&verify1(company, $purpose, bytes)?)
            }
        }
    };
}

signed_by_company!(PhotoGrant, GRANT);
signed_by_company!(PhotoKept, KEPT);
signed_by_company!(Mark, MARK);

impl Mark {
    /// What a mark says, unchecked: to be believed only once it is opened.
    pub fn claimed(bytes: &[u8]) -> Option<Mark> {
        within_limit(bytes).ok()?;
        decode(Signed::parse(bytes).ok()?.payload()).ok()
    }
}

impl PhotoPart {
    /// The part as it is posted.
    pub fn to_bytes(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads a posted part.
    pub fn parse(bytes: &[u8]) -> Result<PhotoPart, PacketError> {
        within_limit(bytes)?;
        decode(bytes)
    }
}

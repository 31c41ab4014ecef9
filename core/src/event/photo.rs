//! A picture: the event names it, its bytes travel apart and later.

use minicbor::{Decode, Encode};

use crate::base::Hash;

/// A photo was taken. Its bytes are sealed under a key of their own, which stands in the private part;
/// whoever has the event can ask whether they arrived.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PhotoTaken {
    /// SHA-256 of its sealed bytes: other events name it so.
    #[n(0)]
    pub address: Hash,
    /// How many sealed bytes there are.
    #[n(1)]
    pub size: u64,
}

/// Private part of [`PhotoTaken`], class service.
#[derive(Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct PhotoPrivate {
    /// The 32 bytes of the key that opens the photo, bound to subject, class and action of this event.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: Vec<u8>,
}

/// Prints no key.
impl std::fmt::Debug for PhotoPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PhotoPrivate(…)")
    }
}

//! Streams: who wrote what about which subject, in a hash chain under seals.
//!
//! The bytes that were signed are the bytes that are stored, sent and exported: nothing here
//! re-encodes what it was given. `docs/wire.cddl` is the schema, `docs/protocol.md` the prose.

mod canonical;
mod certificate;
mod chain;
mod held;
mod key;
mod private;
mod seal;
mod sign;
mod stream;
mod tail;
mod vault;

pub use canonical::{CanonicalError, check_canonical};
pub use certificate::{Certificate, CertificateError, CertificateFields};
pub use chain::{Chain, first_hash, next_hash};
pub use held::HeldSum;
pub use key::{DeviceKeys, PublicKeys, SignKey};
pub use private::{
    Class, DisclosedKey, Opened, SealedKeys, SubjectKey, WrapError, open_from, seal_to,
};
pub use seal::{Seal, SealBody, SealError};
pub use sign::{SignError, Signed, sign1, verify1};
pub use stream::{Branch, Head, StreamId, Subject, SubjectKind, Writer};
pub use tail::{Tail, TailError};
pub use vault::{Place, StorageKey, Vault};

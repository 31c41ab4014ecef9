//! A wrong entry is superseded, never edited. The envelope names the visit.

use minicbor::{Decode, Encode};

use super::Value;
use crate::base::Hash;

/// An earlier entry of the same visit was wrong. It stays readable; from here on this counts in its
/// place. Why, and the new words where the value is [`Value::Written`], stand in the private part,
/// class service, as a [`super::StepText`] whose note is the reason.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EntryCorrected {
    /// The entry: a step's answer, its last correction, or a charge.
    #[n(0)]
    pub entry: Hash,
    /// What the answer should have been; absent: the entry is taken back. A charge is only taken
    /// back.
    #[n(1)]
    pub value: Option<Value>,
}

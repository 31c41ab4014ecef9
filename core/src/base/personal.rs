//! Text about a person: never printed by accident.

use std::fmt;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A name, phone number, address line, reason or note. Debug and logs show `…`; whoever needs the
/// text asks for it by [`Personal::reveal`]. Wiped from memory when dropped.
#[derive(
    Clone, PartialEq, Eq, Default, Zeroize, ZeroizeOnDrop, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Personal(#[n(0)] String);

impl Personal {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Personal {
        Personal(text.into())
    }

    /// The text itself, for a screen or a document the person may see.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Personal {
        Personal::new(text)
    }
}

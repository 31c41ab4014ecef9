//! Meters: what the office knows of one, and whether what was read on it can be true.
//!
//! Pure: a record, limits from the profile and what was seen give usage and flags. A soft flag never
//! blocks; what cannot be is told before it is recorded. Only whole units are billed. What it doesn't
//! do: choose between two readings of a period (that is `order`), or make a bill.

mod estimate;
mod judge;

pub use estimate::{Estimated, estimate};
pub use judge::{MeterVerdict, Seen, judge};

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Id, Instant};

/// What the office knows of one meter: standing data of its premises.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct MeterRecord {
    /// The number on its plate.
    #[n(0)]
    pub number: String,
    /// Black wheels.
    #[n(1)]
    pub digits: u8,
    /// What it showed last, in whole units: read or estimated.
    #[n(2)]
    pub last: u64,
    /// When.
    #[n(3)]
    pub last_at: Instant,
    /// What it showed when it was last really read, where `last` is an estimate.
    #[n(4)]
    pub last_actual: Option<u64>,
    /// Estimates in a row so far.
    #[n(5)]
    #[serde(default)]
    pub estimates: u32,
    /// Usual use in such a period, in whole units; absent: not known.
    #[n(6)]
    pub usual: Option<u64>,
    /// Used this year, for the tiers of the price.
    #[n(7)]
    #[serde(default)]
    pub used_this_year: u64,
    /// People of the household, for the tiers of the price.
    #[n(8)]
    #[serde(default)]
    pub people: u32,
    /// The seal's number.
    #[n(9)]
    pub seal: Option<String>,
    /// All that was ever sold to it by card, in whole units, counted as its wheels count; absent:
    /// it takes no card, or what was sold is not known.
    #[n(10)]
    #[serde(default)]
    pub card_sold: Option<u64>,
}

/// All meters of some premises. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Meters {
    /// The meters.
    #[n(0)]
    pub meters: Vec<MeterRecord>,
}

impl Meters {
    /// The key of a premises' meters in standing data.
    pub fn key(premises: Id) -> String {
        format!("meters/{premises}")
    }
}

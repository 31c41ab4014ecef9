//! Instants and what a phone's clock said.

use std::fmt;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::Id;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Encode,
    Decode,
    Serialize,
    Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Instant(#[n(0)] pub i64);

impl Instant {
    /// This instant moved by `ms`, held at the ends of the range.
    pub fn plus_ms(self, ms: i64) -> Instant {
        Instant(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this; negative when it is the other way round.
    pub fn since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The wall time in `zone`, to the millisecond, as RFC 3339; the raw number when the instant
    /// lies beyond the calendar's range.
    pub fn at(self, zone: Zone) -> String {
        match self.local(zone) {
            Some(local) => local.to_rfc3339_opts(SecondsFormat::Secs, false),
            None => format!("{} ms", self.0),
        }
    }

    /// Day, hour and minute in `zone`, as texts for people write them.
    pub fn minute(self, zone: Zone) -> String {
        match self.local(zone) {
            Some(local) => local.format("%Y-%m-%d %H:%M").to_string(),
            None => self.at(zone),
        }
    }

    /// The date and time in `zone`; `None` beyond the calendar's range.
    pub fn local(self, zone: Zone) -> Option<DateTime<FixedOffset>> {
        let offset = FixedOffset::east_opt(i32::from(zone.0) * 60)?;
        Some(DateTime::from_timestamp_millis(self.0)?.with_timezone(&offset))
    }
}

/// The zone offset a phone showed, in minutes east of UTC.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Zone(#[n(0)] pub i16);

/// Milliseconds that a device's clock may be off and still counts as right.
pub const CLOCK_TOLERANCE_MS: i64 = 30_000;

/// All a phone knows about time at one moment, raw: nothing is corrected before it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(array)]
pub struct ClockReading {
    /// What the wall clock said. May be wrong by years.
    #[n(0)]
    pub wall: Instant,
    /// The zone it was shown in.
    #[n(1)]
    pub zone: Zone,
    /// Drawn anew at each boot: readings of one boot are comparable to the millisecond.
    #[n(2)]
    pub boot: Id,
    /// Milliseconds since that boot, sleep included; never runs back.
    #[n(3)]
    pub since_boot_ms: u64,
}

impl fmt::Display for ClockReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.wall.at(self.zone))
    }
}

//! Measured numbers: exact decimals, no floats.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Encode};

/// `units / 10^decimals`: a gauge's 2.08 kPa is `[208, 2]`. Written and read as `2.08`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(array)]
pub struct Decimal {
    /// The digits without the point.
    #[n(0)]
    pub units: i64,
    /// Digits behind the point, at most 9.
    #[n(1)]
    pub decimals: u8,
}

impl Decimal {
    /// Its whole units, what stands behind the point dropped; `None` below zero.
    pub fn whole(self) -> Option<u64> {
        let unit = 10_i64.checked_pow(u32::from(self.decimals))?;
        u64::try_from(self.units.div_euclid(unit)).ok()
    }
}

/// A text that is not a decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a number: write it like 2.08, with at most 9 decimals")]
pub struct DecimalError(String);

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Decimal, DecimalError> {
        let wrong = || DecimalError(text.chars().take(40).collect());
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let clean = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !clean(whole) || !clean(fraction) || fraction.len() > 9 {
            return Err(wrong());
        }
        let units: i64 = format!("{whole}{fraction}").parse().map_err(|_| wrong())?;
        let units = if digits.len() < text.len() { -units } else { units };
        Ok(Decimal { units, decimals: fraction.len() as u8 })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10_u64.pow(u32::from(self.decimals.min(9)));
        let sign = if self.units < 0 { "-" } else { "" };
        let (whole, part) = (self.units.unsigned_abs() / unit, self.units.unsigned_abs() % unit);
        match self.decimals {
            0 => write!(f, "{sign}{whole}"),
            width => write!(f, "{sign}{whole}.{part:0width$}", width = usize::from(width.min(9))),
        }
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

//! Limits of meter readings.

use serde::Deserialize;
use toml::Spanned;

use crate::standard::{raw::Str, report::Report};

/// Limits of meter readings. All but the flow are soft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingRules {
    /// Above so many percent of the usual use: high.
    pub high_percent: u32,
    /// Below so many percent: low.
    pub low_percent: u32,
    /// Wheel and display may differ by so much.
    pub display_differs: u32,
    /// Cubic metres an hour that no such meter can pass.
    pub most_per_hour: u32,
    /// Estimates in a row.
    pub estimates_in_a_row: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawReading {
    high_percent: Spanned<u32>,
    low_percent: Spanned<u32>,
    display_differs: Spanned<u32>,
    most_per_hour: Spanned<u32>,
    estimates_in_a_row: Spanned<u32>,
    source: Str,
}

pub(super) fn read(report: &mut Report<'_>, raw: &RawReading) -> ReadingRules {
    ReadingRules {
        high_percent: report.within(&raw.high_percent, "high_percent", 101, 10_000),
        low_percent: report.within(&raw.low_percent, "low_percent", 0, 99),
        display_differs: report.within(&raw.display_differs, "display_differs", 0, 100_000),
        most_per_hour: report.within(&raw.most_per_hour, "most_per_hour", 1, 100_000),
        estimates_in_a_row: report.within(&raw.estimates_in_a_row, "estimates_in_a_row", 0, 100),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

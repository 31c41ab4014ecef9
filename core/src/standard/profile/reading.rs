//! Limits of meter readings, and how one is estimated that nobody could read.

use serde::Deserialize;
use toml::Spanned;

use crate::{
    event::EstimateMethod,
    standard::{raw::Str, report::Report},
};

/// Limits of meter readings. All but the flow are soft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingRules {
    /// Above so many percent of the usual use: high.
    pub high_percent: u32,
    /// Below so many percent: low.
    pub low_percent: u32,
    /// Wheel and display may differ by so much.
    pub display_differs: u32,
    /// Wheels, and what was bought by card less what is left, may differ by so much; where it is
    /// left out, nobody compares them.
    pub card_differs: Option<u32>,
    /// Cubic metres an hour that no such meter can pass.
    pub most_per_hour: u32,
    /// Past the end of the wheels is offered up to so many times the usual use: beyond it, the
    /// number was mistyped.
    pub roll_over_times: u32,
    /// How one is estimated; where it is left out, nobody checks an estimate.
    pub estimate: Option<EstimateRule>,
    /// Where this is written.
    pub source: String,
}

/// How a reading is estimated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateRule {
    /// How; `None`: never.
    pub method: Option<EstimateMethod>,
    /// Estimates in a row; one more stands out.
    pub most_in_a_row: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawReading {
    high_percent: Spanned<u32>,
    low_percent: Spanned<u32>,
    display_differs: Spanned<u32>,
    card_differs: Option<Spanned<u32>>,
    most_per_hour: Spanned<u32>,
    roll_over_times: Spanned<u32>,
    estimate: Option<RawEstimate>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawEstimate {
    method: Str,
    most_in_a_row: Spanned<u32>,
    source: Str,
}

pub(super) fn read(report: &mut Report<'_>, raw: &RawReading) -> ReadingRules {
    ReadingRules {
        high_percent: report.within(&raw.high_percent, "high_percent", 101, 10_000),
        low_percent: report.within(&raw.low_percent, "low_percent", 0, 99),
        display_differs: report.within(&raw.display_differs, "display_differs", 0, 100_000),
        card_differs: raw
            .card_differs
            .as_ref()
            .map(|raw| report.within(raw, "card_differs", 0, 100_000)),
        most_per_hour: report.within(&raw.most_per_hour, "most_per_hour", 1, 100_000),
        roll_over_times: report.within(&raw.roll_over_times, "roll_over_times", 1, 1_000),
        estimate: raw.estimate.as_ref().map(|raw| estimate(report, raw)),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

fn estimate(report: &mut Report<'_>, raw: &RawEstimate) -> EstimateRule {
    let methods = [
        (Some(EstimateMethod::UsualUse), "usual_use"),
        (Some(EstimateMethod::NoUse), "no_use"),
        (None, "forbidden"),
    ];
    EstimateRule {
        method: report.one_of(&raw.method, "method", &methods).flatten(),
        most_in_a_row: report.within(&raw.most_in_a_row, "most_in_a_row", 0, 100),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

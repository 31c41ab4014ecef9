//! The shape of a standard's TOML, with the place of everything that is checked later.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text with its place.
pub(crate) type Str = Spanned<String>;
/// A text in several languages, by tag.
pub(crate) type RawText = Spanned<BTreeMap<Str, Str>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStandard {
    pub(super) id: Str,
    pub(super) version: Spanned<u32>,
    pub(super) visit: Str,
    pub(super) title: RawText,
    pub(super) languages: Spanned<Vec<Str>>,
    pub(super) mandatory_from: Str,
    #[serde(default)]
    pub(super) kit: Vec<RawKitItem>,
    #[serde(default)]
    pub(super) phase: Vec<Spanned<RawPhase>>,
    #[serde(default)]
    pub(super) outcome: Vec<Spanned<RawOutcome>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawKitItem {
    pub(super) id: Str,
    pub(super) kind: Str,
    pub(super) title: RawText,
    #[serde(default)]
    pub(super) each: bool,
    pub(super) source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPhase {
    pub(super) id: Str,
    pub(super) title: RawText,
    #[serde(default)]
    pub(super) any_order: bool,
    #[serde(default)]
    pub(super) step: Vec<Spanned<RawStep>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStep {
    pub(super) id: Str,
    pub(super) kind: Str,
    pub(super) title: RawText,
    pub(super) say: Option<RawText>,
    pub(super) hint: Option<RawText>,
    pub(super) relevant: Option<Str>,
    pub(super) required: Option<Spanned<RawRequired>>,
    pub(super) constraint: Option<Str>,
    pub(super) message: Option<RawText>,
    pub(super) repeat: Option<Spanned<RawRepeat>>,
    pub(super) on_break: Option<Str>,
    #[serde(default)]
    pub(super) once_a_day: bool,
    pub(super) rule: Option<Str>,
    pub(super) source: Option<Str>,
    pub(super) choices: Option<Spanned<Vec<RawChoice>>>,
    pub(super) items: Option<Spanned<Vec<RawChoice>>>,
    pub(super) unit: Option<Str>,
    pub(super) decimals: Option<Spanned<u8>>,
    pub(super) max_length: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`required` is true, false, or a condition in quotes")]
pub(super) enum RawRequired {
    Always(bool),
    When(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRepeat {
    pub(super) at_most: Option<Spanned<u32>>,
    pub(super) at_least_seconds_between: Option<Spanned<u32>>,
    pub(super) source: Option<Str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChoice {
    pub(super) id: Str,
    pub(super) title: RawText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOutcome {
    pub(super) id: Str,
    pub(super) title: RawText,
    pub(super) order: Option<Str>,
    pub(super) phases: Vec<Str>,
    #[serde(default)]
    pub(super) require: Vec<RawRequire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRequire {
    pub(super) condition: Str,
    pub(super) message: RawText,
    pub(super) rule: Option<Str>,
    pub(super) source: Option<Str>,
}

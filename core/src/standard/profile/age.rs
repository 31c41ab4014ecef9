//! How old hoses and appliances may be.

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::{Instant, Zone},
    standard::{
        condition::AgeLimit,
        raw::Str,
        report::{Report, Seen},
    },
};

/// How old one kind of thing may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgeRule {
    /// What conditions call it.
    pub item: String,
    /// Months from the one it was made in; none: as long as it is sound.
    pub months: Option<u32>,
    /// Whether one whose date nobody can read is a hazard.
    pub unknown_is_hazard: bool,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawAge {
    item: Str,
    months: Option<Spanned<u32>>,
    unknown: Str,
    source: Str,
}

impl Profile {
    /// What conditions of a visit see of ages: of each item the oldest month that passes at `now`.
    pub fn age_limits(&self, now: Instant, zone: Zone) -> BTreeMap<String, AgeLimit> {
        let month = now.local(zone).map(|at| i64::from(at.year()) * 12 + i64::from(at.month0()));
        let limit = |rule: &AgeRule| {
            let oldest = month.zip(rule.months).map(|(month, most)| month - i64::from(most));
            // As people write it: 202403.
            let oldest = oldest.map_or(0, |month| month.div_euclid(12) * 100 + month % 12 + 1);
            AgeLimit { oldest: oldest.max(0), unknown_is_hazard: rule.unknown_is_hazard }
        };
        self.ages.iter().map(|rule| (rule.item.clone(), limit(rule))).collect()
    }
}

pub(super) fn read(report: &mut Report<'_>, raw: &[RawAge]) -> Vec<AgeRule> {
    let (mut seen, mut all) = (Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.item, "age");
        let unknown = [(true, "hazard"), (false, "passes")];
        all.push(AgeRule {
            item: report.identifier(&raw.item),
            months: raw.months.as_ref().map(|months| report.within(months, "months", 1, 1_200)),
            unknown_is_hazard: report.one_of(&raw.unknown, "word", &unknown).unwrap_or_default(),
            source: report.words(Some(&raw.source), "source").unwrap_or_default(),
        });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::SHIPPED_PROFILE;

    #[test]
    fn the_oldest_month_that_passes_is_counted_back_from_the_visit() {
        // 1 December 2026, in Guangdong.
        let now = Instant(1_796_097_600_000);
        let limits = |text: &str| Profile::load(text).unwrap().age_limits(now, Zone(480));
        let shipped = limits(SHIPPED_PROFILE.text);
        assert_eq!(shipped["hose"], AgeLimit { oldest: 202_506, unknown_is_hazard: true });
        let years = SHIPPED_PROFILE.text.replacen("months = 18", "months = 24", 1);
        assert_eq!(limits(&years)["hose"].oldest, 202_412);
        let endless = SHIPPED_PROFILE.text.replacen("months = 18\n", "", 1);
        assert_eq!(limits(&endless)["hose"].oldest, 0, "as long as it is sound");
    }
}

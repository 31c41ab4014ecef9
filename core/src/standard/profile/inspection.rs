//! How often whose premises are inspected.

use chrono::Months;
use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::{Instant, Zone},
    standard::{
        raw::Str,
        report::{Report, Seen},
    },
};

/// How often one kind of user's premises are inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectionRule {
    /// Whose: what `premises.user` says.
    pub user: String,
    /// Months from one inspection to the next.
    pub months: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawInspection {
    user: Str,
    months: Spanned<u32>,
    source: Str,
}

impl Profile {
    /// The day by which premises of such a user are inspected again, like `2027-12-01`.
    pub fn next_inspection(&self, user: &str, inspected: Instant, zone: Zone) -> Option<String> {
        let rule = self.inspections.iter().find(|rule| rule.user == user)?;
        let next = inspected.local(zone)?.date_naive().checked_add_months(Months::new(rule.months));
        next.map(|day| day.to_string())
    }
}

pub(super) fn read(report: &mut Report<'_>, raw: &[RawInspection]) -> Vec<InspectionRule> {
    let (mut seen, mut all) = (Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.user, "inspection");
        all.push(InspectionRule {
            user: report.identifier(&raw.user),
            months: report.within(&raw.months, "months", 1, 1_200),
            source: report.words(Some(&raw.source), "source").unwrap_or_default(),
        });
    }
    all
}

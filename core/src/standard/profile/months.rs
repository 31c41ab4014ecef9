//! What is counted in months: how long things may last, how often premises are inspected, how long
//! records are kept.

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::standard::{
    raw::Str,
    report::{Report, Seen},
};

/// How long something may last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// What, like `hose_rubber`.
    pub what: String,
    /// Months from its date.
    pub months: u32,
    /// Where this is written.
    pub source: String,
}

/// How often premises are inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frequency {
    /// Whose: `resident`, `commercial`, `industrial`.
    pub user: String,
    /// Months from one to the next.
    pub months: u32,
    /// Where this is written.
    pub source: String,
}

/// How long something is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// What, like `receipts`.
    pub what: String,
    /// Months.
    pub months: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawMonths {
    of: Str,
    months: Spanned<u32>,
    source: Str,
}

impl Profile {
    /// Whether something of this kind and date is over age on a day. `None` where the profile says
    /// nothing of it.
    pub fn over_age(&self, what: &str, made: NaiveDate, today: NaiveDate) -> Option<bool> {
        let age = self.ages.iter().find(|age| age.what == what)?;
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let passed = months(today) - months(made) - i64::from(today.day() < made.day());
        Some(passed >= i64::from(age.months))
    }
}

pub(super) fn read<T>(
    report: &mut Report<'_>,
    raw: &[RawMonths],
    make: impl Fn(String, u32, String) -> T,
) -> Vec<T> {
    let mut seen = Seen::new();
    let mut found = Vec::new();
    for raw in raw {
        report.unique(&mut seen, &raw.of, "line");
        let what = report.identifier(&raw.of);
        let months = report.within(&raw.months, "months", 1, 1_200);
        let source = report.words(Some(&raw.source), "source").unwrap_or_default();
        found.push(make(what, months, source));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::SHIPPED_PROFILE;

    #[test]
    fn a_hose_of_unknown_kind_is_nobodys_guess() {
        let profile = Profile::load(SHIPPED_PROFILE.text).unwrap();
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let over = |made| profile.over_age("hose_rubber", made, day(2026, 12, 1));
        assert_eq!(over(day(2025, 6, 1)), Some(true));
        assert_eq!(over(day(2025, 6, 2)), Some(false));
        assert_eq!(profile.over_age("hose_of_glass", day(2025, 6, 1), day(2026, 12, 1)), None);
    }
}

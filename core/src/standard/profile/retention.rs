//! How long what is known of a customer is kept.

use chrono::Months;
use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::Instant,
    log::Class,
    standard::{
        raw::Str,
        report::{Report, Seen},
    },
};

/// How long one class of personal data is kept after its order is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRule {
    /// Of which class.
    pub class: Class,
    /// Months; then it is due to be erased.
    pub months: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawRetention {
    class: Str,
    months: Spanned<u32>,
    source: Str,
}

impl Profile {
    /// From when on a class of an order that was over then is due to be erased; `None`: never.
    pub fn erase_from(&self, class: Class, over: Instant) -> Option<Instant> {
        let rule = self.retentions.iter().find(|rule| rule.class == class)?;
        let over = chrono::DateTime::from_timestamp_millis(over.0)?;
        let from = over.checked_add_months(Months::new(rule.months))?;
        Some(Instant(from.timestamp_millis()))
    }

    /// What was over before this, and nothing later, can have a class due at `now`.
    pub fn oldest_kept(&self, now: Instant) -> Option<Instant> {
        let shortest = self.retentions.iter().map(|rule| rule.months).min()?;
        let now = chrono::DateTime::from_timestamp_millis(now.0)?;
        // Months differ in length: a few days more are looked through than are due.
        let before = now.checked_sub_months(Months::new(shortest))?;
        Some(Instant(before.timestamp_millis()).plus_ms(4 * 86_400_000))
    }
}

/// What the law keeps of money is not a company's to set, and stays out.
const CLASSES: [(Class, &str); 2] = [(Class::Contact, "contact"), (Class::Service, "service")];

pub(super) fn read(report: &mut Report<'_>, raw: &[RawRetention]) -> Vec<RetentionRule> {
    let (mut seen, mut all) = (Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.class, "retention");
        let Some(class) = report.one_of(&raw.class, "class", &CLASSES) else { continue };
        all.push(RetentionRule {
            class,
            months: report.within(&raw.months, "months", 0, 1_200),
            source: report.words(Some(&raw.source), "source").unwrap_or_default(),
        });
    }
    all
}

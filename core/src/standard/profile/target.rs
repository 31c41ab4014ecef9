//! What a company means to reach in a day.

use serde::Deserialize;
use toml::Spanned;

use crate::{
    event::VisitKind,
    standard::{
        model::VISIT_KINDS,
        raw::Str,
        report::{Report, Seen},
    },
};

/// Of the doors a day went to for one kind of visit, so many are to be done. Shown in the day report
/// of whoever went, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// For which kind of visit.
    pub visit: VisitKind,
    /// Percent, of all orders that were gone to.
    pub done_percent: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawTarget {
    visit: Str,
    done_percent: Spanned<u32>,
    source: Str,
}

pub(super) fn read(report: &mut Report<'_>, raw: &[RawTarget]) -> Vec<Target> {
    let (mut seen, mut all) = (Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.visit, "target");
        let visit = report.one_of(&raw.visit, "kind of visit", &VISIT_KINDS);
        let done_percent = report.within(&raw.done_percent, "done_percent", 1, 100);
        let source = report.words(Some(&raw.source), "source").unwrap_or_default();
        all.extend(visit.map(|visit| Target { visit, done_percent, source }));
    }
    all
}

//! Which certificates a technician needs.

use serde::Deserialize;
use toml::Spanned;

use crate::{
    base::Text3,
    event::VisitKind,
    standard::{
        model::VISIT_KINDS,
        raw::{RawText, Str},
        report::{Report, Seen},
    },
};

/// A certificate that work asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredCertificate {
    /// Its kind.
    pub kind: String,
    /// What people call it.
    pub title: Text3,
    /// Kinds of visit that need it.
    pub visits: Vec<VisitKind>,
    /// Days before its end from which it is told.
    pub warn_days: u32,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawCertificate {
    kind: Str,
    title: RawText,
    visits: Vec<Str>,
    warn_days: Spanned<u32>,
    source: Str,
}

pub(super) fn read(report: &mut Report<'_>, raw: &[RawCertificate]) -> Vec<RequiredCertificate> {
    let (mut seen, mut all) = (Seen::new(), Vec::new());
    for raw in raw {
        report.unique(&mut seen, &raw.kind, "certificate");
        let visits = raw.visits.iter();
        all.push(RequiredCertificate {
            kind: report.identifier(&raw.kind),
            title: report.text3(&raw.title),
            visits: visits
                .filter_map(|visit| report.one_of(visit, "kind of visit", &VISIT_KINDS))
                .collect(),
            warn_days: report.within(&raw.warn_days, "warn_days", 0, 1_000),
            source: report.words(Some(&raw.source), "source").unwrap_or_default(),
        });
    }
    all
}

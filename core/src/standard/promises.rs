//! What the office promises, as data: each promise with its deadline and its source.

use serde::Deserialize;
use toml::Spanned;

use super::{
    MAX_FILE,
    raw::{RawText, Str},
    report::{Report, Seen},
    shape::{self, FileKind},
};
use crate::base::{SourceError, Text3};

/// The office's promises. Ids are unique; every promise has exactly one deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePromises {
    /// In the order of the file.
    pub promises: Vec<Promise>,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// What cases call it.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// How long it may take.
    pub within: Within,
    /// The moment the time runs from, like `received` or `handed_over`.
    pub from: String,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where it is promised.
    pub source: String,
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    /// Hours on the clock.
    Hours(u32),
    /// Days of the calendar.
    Days(u32),
    /// Working days of the calendar.
    WorkingDays(u32),
    /// Straight away.
    AtOnce,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPromises {
    promise: Vec<RawPromise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPromise {
    id: Str,
    title: RawText,
    hours: Option<Spanned<u32>>,
    days: Option<Spanned<u32>>,
    working_days: Option<Spanned<u32>>,
    #[serde(default)]
    at_once: bool,
    from: Str,
    rule: Option<Str>,
    source: Str,
}

impl ServicePromises {
    /// Reads and checks the promises. All errors found, each with its line and column.
    pub fn load(text: &str) -> Result<ServicePromises, Vec<SourceError>> {
        let (raw, wrong) = shape::read(text, MAX_FILE, FileKind::Promises.shape());
        let raw: RawPromises = match raw {
            Some(raw) => raw,
            None => return Err(wrong),
        };
        let mut report = Report::with(text, wrong);
        let mut seen = Seen::new();
        let mut promises = Vec::new();
        for raw in &raw.promise {
            report.unique(&mut seen, &raw.id, "promise");
            let mut limits = Vec::new();
            let mut bounded = |raw: &Option<Spanned<u32>>, what| {
                raw.as_ref().map(|number| report.within(number, what, 1, 1_000))
            };
            limits.extend(bounded(&raw.hours, "hours").map(Within::Hours));
            limits.extend(bounded(&raw.days, "days").map(Within::Days));
            limits.extend(bounded(&raw.working_days, "working_days").map(Within::WorkingDays));
            limits.extend(raw.at_once.then_some(Within::AtOnce));
            let &[within] = limits.as_slice() else {
                let message = "a promise says one of hours, days, working_days, at_once";
                report.error(raw.id.span(), message);
                continue;
            };
            promises.push(Promise {
                id: report.identifier(&raw.id),
                title: report.text3(&raw.title),
                within,
                from: report.identifier(&raw.from),
                rule: report.words(raw.rule.as_ref(), "rule"),
                source: report.words(Some(&raw.source), "source").unwrap_or_default(),
            });
        }
        report.finish()?;
        Ok(ServicePromises { promises })
    }

    /// The promise with this id.
    pub fn get(&self, id: &str) -> Option<&Promise> {
        self.promises.iter().find(|promise| promise.id == id)
    }
}

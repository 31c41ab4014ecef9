//! What the office promises, as data: each promise with its deadline and its source.

use serde::Deserialize;
use toml::Spanned;

use super::{
    MAX_FILE,
    raw::{RawText, Str},
    report::{Report, Seen},
    shape::{self, FileKind},
};
use crate::{
    base::{Instant, SourceError, Text3},
    event::Until,
};

/// The office's promises. Ids are unique; every promise has exactly one deadline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServicePromises {
    /// In the order of the file.
    pub promises: Vec<Promise>,
    /// Answers at the door that open a case of complaint.
    pub complaints: Vec<OpensComplaint>,
    /// So many hours before a deadline people are reminded of it.
    pub remind_hours_before: u32,
}

/// An answer at the door that opens a case of complaint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpensComplaint {
    /// The step it answers.
    pub step: String,
    /// The choice.
    pub answer: String,
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
    /// What keeps it, where it is about a work order.
    pub until: Until,
    /// The moment that keeps it, like `answered`, in a case or an emergency. Without one it is not
    /// counted there.
    pub kept_by: Option<String>,
    /// What it is about: `complaint` or `emergency`. There wherever `kept_by` is.
    pub of: Option<String>,
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
    #[serde(default)]
    complaint: Vec<RawOpens>,
    remind_hours_before: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOpens {
    step: Str,
    answer: Str,
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
    #[serde(default)]
    until: Until,
    kept_by: Option<Str>,
    of: Option<Str>,
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
            let about = [("complaint", "complaint"), ("emergency", "emergency")];
            let of = raw.of.as_ref().and_then(|of| report.one_of(of, "matter", &about));
            if raw.kept_by.is_some() != raw.of.is_some() {
                let message = "a promise that is counted says both `of` and `kept_by`";
                report.error(raw.id.span(), message);
            }
            promises.push(Promise {
                id: report.identifier(&raw.id),
                title: report.text3(&raw.title),
                within,
                from: report.identifier(&raw.from),
                until: raw.until,
                kept_by: raw.kept_by.as_ref().map(|moment| report.identifier(moment)),
                of: of.map(str::to_owned),
                rule: report.words(raw.rule.as_ref(), "rule"),
                source: report.words(Some(&raw.source), "source").unwrap_or_default(),
            });
        }
        let complaints = raw.complaint.iter().map(|it| OpensComplaint {
            step: report.identifier(&it.step),
            answer: report.identifier(&it.answer),
        });
        let complaints = complaints.collect();
        let remind = raw.remind_hours_before.as_ref();
        let remind_hours_before =
            remind.map_or(0, |it| report.within(it, "remind_hours_before", 0, 1_000));
        report.finish()?;
        Ok(ServicePromises { promises, complaints, remind_hours_before })
    }

    /// Whether this answer to this step opens a case of complaint.
    pub fn opens_complaint(&self, step: &str, answer: &str) -> bool {
        self.complaints.iter().any(|opens| opens.step == step && opens.answer == answer)
    }

    /// Up to which deadlines people are reminded at `now`.
    pub fn remind_until(&self, now: Instant) -> Instant {
        now.plus_ms(i64::from(self.remind_hours_before) * 3_600_000)
    }

    /// The promise with this id.
    pub fn get(&self, id: &str) -> Option<&Promise> {
        self.promises.iter().find(|promise| promise.id == id)
    }
}

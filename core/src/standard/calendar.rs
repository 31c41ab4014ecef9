//! Which days are working days: weekends, save what the calendar says otherwise.
//!
//! It knows days, not hours or zones; a day it has no data for is judged by the week alone, and
//! [`Calendar::covers`] tells so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;
use toml::Spanned;

use super::{
    MAX_FILE,
    raw::{RawText, Str},
    report::{Report, Seen},
    shape::{self, FileKind},
};
use crate::base::{SourceError, Text3};

/// The farthest a deadline is counted, in working days.
const MAX_COUNT: u32 = 1_000;

/// Holidays and make-up working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    holidays: BTreeMap<NaiveDate, Text3>,
    working: BTreeSet<NaiveDate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCalendar {
    years: Vec<Spanned<i32>>,
    #[serde(default)]
    holiday: Vec<RawHoliday>,
    #[serde(default)]
    working_days: Vec<Str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHoliday {
    title: RawText,
    days: Vec<Str>,
}

impl Calendar {
    /// Reads and checks a calendar. All errors found, each with its line and column.
    pub fn load(text: &str) -> Result<Calendar, Vec<SourceError>> {
        let (raw, wrong) = shape::read(text, MAX_FILE, FileKind::Calendar.shape());
        let raw: RawCalendar = match raw {
            Some(raw) => raw,
            None => return Err(wrong),
        };
        let mut report = Report::with(text, wrong);
        let years: BTreeSet<i32> = raw.years.iter().map(|year| *year.get_ref()).collect();
        if let Some(year) = raw.years.iter().find(|year| !(2000..=2200).contains(year.get_ref())) {
            report.error(year.span(), "a year is 2000 to 2200");
        }
        let mut seen = Seen::new();
        let mut day = |report: &mut Report<'_>, raw: &Str| {
            report.unique(&mut seen, raw, "entry for the day");
            let day = NaiveDate::parse_from_str(raw.get_ref(), "%Y-%m-%d").ok();
            match day {
                None => report.error(raw.span(), "write a day like \"2026-10-01\""),
                Some(day) if !years.contains(&day.year()) => {
                    report.error(raw.span(), format!("{} is not among `years`", day.year()));
                }
                Some(_) => {}
            }
            day
        };
        let mut holidays = BTreeMap::new();
        for holiday in &raw.holiday {
            let title = report.text3(&holiday.title);
            for raw in &holiday.days {
                holidays.extend(day(&mut report, raw).map(|day| (day, title.clone())));
            }
        }
        let working = raw.working_days.iter().filter_map(|raw| day(&mut report, raw)).collect();
        report.finish()?;
        Ok(Calendar { years, holidays, working })
    }

    /// Whether the calendar has the holidays of that day's year.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.years.contains(&day.year())
    }

    /// Whether people work on `day`.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.working.contains(&day) || !(weekend || self.holidays.contains_key(&day))
    }

    /// Every holiday it knows, day by day.
    pub fn holidays(&self) -> impl Iterator<Item = (NaiveDate, &Text3)> {
        self.holidays.iter().map(|(day, title)| (*day, title))
    }

    /// The holiday on `day`, if it is one.
    pub fn holiday(&self, day: NaiveDate) -> Option<&Text3> {
        self.holidays.get(&day)
    }

    /// The last working day of a deadline of `count` working days that starts on `day`; that day
    /// itself doesn't count. `None` beyond a thousand, or beyond the end of time.
    pub fn plus_working_days(&self, day: NaiveDate, count: u32) -> Option<NaiveDate> {
        if count > MAX_COUNT {
            return None;
        }
        let mut day = day;
        for _ in 0..count {
            // A calendar file of 256 KiB can hold holidays for years on end, not forever.
            loop {
                day = day.checked_add_days(Days::new(1))?;
                if self.is_working_day(day) {
                    break;
                }
            }
        }
        Some(day)
    }
}

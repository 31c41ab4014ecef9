//! What a jurisdiction and a utility set for themselves, as data: hazard scales, what a grade asks
//! for, how often nobody home is tried again and what follows, ages, frequencies, limits of meter
//! readings, tiers of prices, retention.
//!
//! None of it is code, and no number here has a default in code: what a profile leaves out, nobody
//! checks. Grades are always named with their scale: the same word means different things in two
//! companies.

use chrono::{Datelike, NaiveDate, Timelike};
use serde::Deserialize;
use toml::Spanned;

use super::{
    MAX_FILE,
    raw::{RawText, Str},
    report::Report,
};
use crate::{
    base::{Currency, Instant, Money, SourceError, Text3, Zone, parse_toml},
    event::Duty,
};

/// A profile, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Which.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// What people call it.
    pub title: Text3,
    /// Whether it ships as a starting point: the utility has not made it its own.
    pub is_default: bool,
    /// The scale that new hazards are graded on.
    pub scale: String,
    /// All scales, old ones too.
    pub scales: Vec<Scale>,
    /// What happens when nobody is home.
    pub access: Option<Access>,
    /// How long things may last.
    pub ages: Vec<Age>,
    /// How often premises are inspected.
    pub frequencies: Vec<Frequency>,
    /// Limits of meter readings.
    pub readings: Option<ReadingRules>,
    /// Tiers of prices.
    pub tariff: Option<Tariff>,
    /// How long things are kept.
    pub retention: Vec<Retention>,
}

/// A scale of hazards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// Its grades, the gravest first.
    pub grades: Vec<Grade>,
}

/// One grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// Its code in the scale.
    pub code: String,
    /// 1 is the gravest.
    pub rank: u32,
    /// What people call it.
    pub title: Text3,
    /// Days until it must be mended; none: advice only.
    pub deadline_days: Option<u32>,
    /// What must happen before the visit may end.
    pub duties: Vec<Duty>,
    /// Where this is written.
    pub source: String,
}

/// What happens when nobody is home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// After so many attempts it is over.
    pub max_attempts: u32,
    /// Hours between two attempts.
    pub min_hours_between: u32,
    /// Whether an attempt counts only in another part of the day than those before.
    pub different_daypart: bool,
    /// Hours at which a part of the day begins, rising.
    pub dayparts: Vec<u32>,
    /// What follows the last attempt: a word the office's work flow knows.
    pub then: String,
    /// Where this is written.
    pub source: String,
}

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

/// Limits of meter readings. All but the flow are soft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingRules {
    /// Above so many percent of the usual use: high.
    pub high_percent: u32,
    /// Below so many percent: low.
    pub low_percent: u32,
    /// A usage that stands out in this many readings alike is told.
    pub same_in_a_row: u32,
    /// Wheel and display may differ by so much.
    pub display_differs: u32,
    /// Cubic metres an hour that no such meter can pass.
    pub most_per_hour: u32,
    /// Estimates in a row.
    pub estimates_in_a_row: u32,
    /// Where this is written.
    pub source: String,
}

/// Prices that rise with a year's use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// Rising; the last has no end.
    pub tiers: Vec<Tier>,
    /// So many people are in the limits as they stand.
    pub household: u32,
    /// Each further person raises each limit by so much.
    pub more_per_person: u32,
    /// Where this is written.
    pub source: String,
}

/// One tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Up to so many units in a year; none: without end.
    pub up_to: Option<u32>,
    /// Price of one unit.
    pub price: Money,
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

/// How the next attempt to find somebody home stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptVerdict {
    /// Attempts that count so far.
    pub counted: u32,
    /// Attempts left.
    pub left: u32,
    /// Now is too soon after the last one.
    pub too_soon: bool,
    /// An earlier attempt was in this part of the day.
    pub same_daypart: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawProfile {
    id: String,
    version: Spanned<u32>,
    title: RawText,
    #[serde(default)]
    default: bool,
    scale: Str,
    #[serde(default)]
    scales: Vec<RawScale>,
    access: Option<RawAccess>,
    #[serde(default)]
    age: Vec<RawMonths>,
    #[serde(default)]
    frequency: Vec<RawMonths>,
    reading: Option<RawReading>,
    tariff: Option<RawTariff>,
    #[serde(default)]
    retention: Vec<RawMonths>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScale {
    id: Str,
    title: RawText,
    grade: Vec<RawGrade>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrade {
    code: Str,
    title: RawText,
    deadline_days: Option<Spanned<u32>>,
    #[serde(default)]
    duties: Vec<Duty>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAccess {
    max_attempts: Spanned<u32>,
    min_hours_between: Spanned<u32>,
    different_daypart: bool,
    dayparts: Spanned<Vec<u32>>,
    then: Str,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMonths {
    of: Str,
    months: Spanned<u32>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawReading {
    high_percent: Spanned<u32>,
    low_percent: Spanned<u32>,
    same_in_a_row: Spanned<u32>,
    display_differs: Spanned<u32>,
    most_per_hour: Spanned<u32>,
    estimates_in_a_row: Spanned<u32>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTariff {
    currency: Str,
    household: Spanned<u32>,
    more_per_person: Spanned<u32>,
    tier: Vec<RawTier>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTier {
    up_to: Option<Spanned<u32>>,
    price: Str,
}

impl Profile {
    /// Reads and checks a profile. All errors found, each with its line and column.
    pub fn load(text: &str) -> Result<Profile, Vec<SourceError>> {
        let raw: RawProfile = parse_toml(text, MAX_FILE).map_err(|error| vec![error])?;
        let mut report = Report::new(text);
        let profile =
            Profile {
                id: raw.id,
                version: report.within(&raw.version, "version", 1, u32::MAX),
                title: report.text3(&raw.title),
                is_default: raw.default,
                scale: raw.scale.get_ref().clone(),
                scales: raw.scales.iter().map(|scale| read_scale(&mut report, scale)).collect(),
                access: raw.access.as_ref().map(|access| read_access(&mut report, access)),
                ages: months(&mut report, &raw.age, |what, months, source| Age {
                    what,
                    months,
                    source,
                }),
                frequencies: months(&mut report, &raw.frequency, |user, months, source| {
                    Frequency { user, months, source }
                }),
                readings: raw.reading.as_ref().map(|reading| read_reading(&mut report, reading)),
                tariff: raw.tariff.as_ref().and_then(|tariff| read_tariff(&mut report, tariff)),
                retention: months(&mut report, &raw.retention, |what, months, source| Retention {
                    what,
                    months,
                    source,
                }),
            };
        if !profile.scales.iter().any(|scale| scale.id == profile.scale) {
            let message = format!("there is no scale `{}` among [[scales]]", profile.scale);
            report.error(raw.scale.span(), message);
        }
        report.finish()?;
        Ok(profile)
    }

    /// The grade with this code on a scale.
    pub fn grade(&self, scale: &str, code: &str) -> Option<&Grade> {
        let scale = self.scales.iter().find(|known| known.id == scale)?;
        scale.grades.iter().find(|grade| grade.code == code)
    }

    /// How another attempt at `now` stands after those before. Attempts in the same part of the
    /// day, or too soon, count only as far as the profile lets them.
    pub fn attempt(&self, before: &[Instant], now: Instant, zone: Zone) -> Option<AttemptVerdict> {
        let access = self.access.as_ref()?;
        let daypart = |at: Instant| {
            let hour = at.local(zone).map_or(0, |local| local.hour());
            access.dayparts.iter().filter(|begins| **begins <= hour).count()
        };
        let mut counted: Vec<Instant> = Vec::new();
        let mut sorted = before.to_vec();
        sorted.sort();
        let judge = |counted: &[Instant], at: Instant| {
            let soon = |earlier: &Instant| {
                at.since(*earlier) < i64::from(access.min_hours_between) * 3_600_000
            };
            let same = access.different_daypart
                && (counted.len() as u32) < access.dayparts.len() as u32
                && counted.iter().any(|earlier| daypart(*earlier) == daypart(at));
            (counted.iter().any(soon), same)
        };
        for at in sorted {
            let (too_soon, same) = judge(&counted, at);
            if !too_soon && !same {
                counted.push(at);
            }
        }
        let (too_soon, same_daypart) = judge(&counted, now);
        let count = counted.len() as u32;
        Some(AttemptVerdict {
            counted: count,
            left: access.max_attempts.saturating_sub(count),
            too_soon,
            same_daypart,
        })
    }

    /// Whether something of this kind and date is over age on a day. `None` where the profile says
    /// nothing of it.
    pub fn over_age(&self, what: &str, made: NaiveDate, today: NaiveDate) -> Option<bool> {
        let age = self.ages.iter().find(|age| age.what == what)?;
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let passed = months(today) - months(made) - i64::from(today.day() < made.day());
        Some(passed >= i64::from(age.months))
    }
}

impl Tariff {
    /// What `units` cost after `used` this year, for a household of so many. A preview: the bill
    /// is the office's. `None` where it can't be summed.
    pub fn price(&self, used: u64, units: u64, people: u32) -> Option<Money> {
        let raise = u64::from(people.saturating_sub(self.household));
        let raise = raise.checked_mul(u64::from(self.more_per_person))?;
        let end = used.checked_add(units)?;
        let mut sum = Money::zero(self.tiers.first()?.price.currency);
        let mut from = 0;
        for tier in &self.tiers {
            let to = tier.up_to.map_or(u64::MAX, |limit| u64::from(limit) + raise);
            let within = end.min(to).saturating_sub(used.max(from));
            sum = sum.plus(tier.price.times(i64::try_from(within).ok()?).ok()?).ok()?;
            from = to;
        }
        Some(sum)
    }
}

fn read_scale(report: &mut Report<'_>, raw: &RawScale) -> Scale {
    let (mut seen, mut grades) = (Vec::new(), Vec::new());
    for (place, grade) in raw.grade.iter().enumerate() {
        report.unique(&mut seen, &grade.code, "grade");
        grades.push(Grade {
            code: grade.code.get_ref().clone(),
            rank: u32::try_from(place + 1).unwrap_or(u32::MAX),
            title: report.text3(&grade.title),
            deadline_days: grade
                .deadline_days
                .as_ref()
                .map(|days| report.within(days, "deadline_days", 0, 3_650)),
            duties: grade.duties.clone(),
            source: report.words(Some(&grade.source), "source").unwrap_or_default(),
        });
    }
    Scale { id: raw.id.get_ref().clone(), title: report.text3(&raw.title), grades }
}

fn read_access(report: &mut Report<'_>, raw: &RawAccess) -> Access {
    let dayparts = raw.dayparts.get_ref().clone();
    let rising = dayparts.is_sorted_by(|one, next| one < next);
    if !rising || dayparts.is_empty() || dayparts.iter().any(|hour| *hour > 23) {
        report.error(raw.dayparts.span(), "dayparts are hours from 0 to 23, rising");
    }
    Access {
        max_attempts: report.within(&raw.max_attempts, "max_attempts", 1, 100),
        min_hours_between: report.within(&raw.min_hours_between, "min_hours_between", 0, 10_000),
        different_daypart: raw.different_daypart,
        dayparts,
        then: report.identifier(&raw.then),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

fn read_reading(report: &mut Report<'_>, raw: &RawReading) -> ReadingRules {
    ReadingRules {
        high_percent: report.within(&raw.high_percent, "high_percent", 101, 10_000),
        low_percent: report.within(&raw.low_percent, "low_percent", 0, 99),
        same_in_a_row: report.within(&raw.same_in_a_row, "same_in_a_row", 2, 100),
        display_differs: report.within(&raw.display_differs, "display_differs", 0, 100_000),
        most_per_hour: report.within(&raw.most_per_hour, "most_per_hour", 1, 100_000),
        estimates_in_a_row: report.within(&raw.estimates_in_a_row, "estimates_in_a_row", 0, 100),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

fn read_tariff(report: &mut Report<'_>, raw: &RawTariff) -> Option<Tariff> {
    let Some(currency) = Currency::new(raw.currency.get_ref()) else {
        report.error(raw.currency.span(), "a currency is three capital letters");
        return None;
    };
    let (mut tiers, mut last) = (Vec::new(), Some(0));
    for tier in &raw.tier {
        let up_to = tier.up_to.as_ref().map(|limit| *limit.get_ref());
        let rises = last.is_some_and(|last| up_to.is_none_or(|limit| limit > last));
        if !rises {
            report.error(tier.price.span(), "tiers rise, and only the last has no end");
        }
        last = up_to;
        match Money::parse(tier.price.get_ref(), currency) {
            Ok(price) => tiers.push(Tier { up_to, price }),
            Err(error) => report.error(tier.price.span(), error.to_string()),
        }
    }
    if last.is_some() {
        report.error(raw.source.span(), "the last tier has no `up_to`: use has no end");
    }
    Some(Tariff {
        tiers,
        household: report.within(&raw.household, "household", 1, 100),
        more_per_person: report.within(&raw.more_per_person, "more_per_person", 0, 100_000),
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    })
}

fn months<T>(
    report: &mut Report<'_>,
    raw: &[RawMonths],
    make: impl Fn(String, u32, String) -> T,
) -> Vec<T> {
    let mut seen = Vec::new();
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

    fn guangdong() -> Profile {
        Profile::load(SHIPPED_PROFILE.text).unwrap()
    }

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    #[test]
    fn what_ships_says_that_it_is_a_default_for_the_utility_to_edit() {
        let profile = guangdong();
        assert!(profile.is_default);
        let gravest = profile.grade(&profile.scale, "1").unwrap();
        assert_eq!(gravest.rank, 1);
        assert!(gravest.duties.contains(&Duty::ShutOff) && gravest.duties.contains(&Duty::Notice));
        assert_eq!(profile.grade(&profile.scale, "一般"), None, "a bare word is no grade");
    }

    #[test]
    fn previews_come_out_to_the_fen_at_and_across_the_limits() {
        let tariff = guangdong().tariff.unwrap();
        for (used, units, fen) in [
            (0, 46, 15_870),
            (310, 100, 41_750),
            (405, 25, 12_950),
            (200, 25, 8_625),
            (0, 320, 110_400),
            (320, 80, 33_120),
            (400, 1, 518),
            (0, 0, 0),
        ] {
            assert_eq!(tariff.price(used, units, 3), Some(cny(fen)), "{used} + {units}");
        }
        let larger = tariff.price(310, 100, tariff.household + 2).unwrap();
        assert!(larger.minor < 41_750, "six people have higher limits: {larger}");
        assert_eq!(tariff.price(u64::MAX, 1, 3), None);
    }

    #[test]
    fn a_second_attempt_in_the_same_part_of_the_day_does_not_count() {
        let profile = guangdong();
        let at = |hour: i64| Instant(1_796_054_400_000 + hour * 3_600_000);
        let zone = Zone(480);
        let first = profile.attempt(&[], at(10), zone).unwrap();
        assert_eq!((first.counted, first.same_daypart, first.too_soon), (0, false, false));
        let again = profile.attempt(&[at(10)], at(34), zone).unwrap();
        assert!(again.same_daypart, "the next day at ten, as the day before");
        let evening = profile.attempt(&[at(10)], at(43), zone).unwrap();
        assert_eq!((evening.counted, evening.same_daypart), (1, false));
        let soon = profile.attempt(&[at(10)], at(11), zone).unwrap();
        assert!(soon.too_soon);
        let all = profile.attempt(&[at(10), at(34), at(43)], at(48), zone).unwrap();
        assert_eq!(all.counted, 2, "the one at the same time of day is kept, and not counted");
    }

    #[test]
    fn a_hose_of_unknown_kind_is_nobodys_guess() {
        let profile = guangdong();
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        let over = |made| profile.over_age("hose_rubber", made, day(2026, 12, 1));
        assert_eq!(over(day(2025, 6, 1)), Some(true));
        assert_eq!(over(day(2025, 6, 2)), Some(false));
        assert_eq!(profile.over_age("hose_of_glass", day(2025, 6, 1), day(2026, 12, 1)), None);
    }

    #[test]
    fn a_profile_that_contradicts_itself_is_told_by_line() {
        let text = SHIPPED_PROFILE.text.replacen("dayparts = [6, 12, 18]", "dayparts = [12, 6]", 1);
        let errors = Profile::load(&text).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let text = SHIPPED_PROFILE.text.replacen("scale = \"gd-3\"", "scale = \"gd-4\"", 1);
        assert!(Profile::load(&text).unwrap_err()[0].message.contains("gd-4"));
    }
}

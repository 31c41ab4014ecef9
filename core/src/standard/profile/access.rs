//! Nobody home: how often it is tried again, and when an attempt counts.

use chrono::Timelike;
use serde::Deserialize;
use toml::Spanned;

use super::Profile;
use crate::{
    base::{Instant, Zone},
    event::AfterLast,
    standard::{raw::Str, report::Report},
};

/// What happens when nobody is home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// After so many attempts it is over.
    pub max_attempts: u32,
    /// What follows the last of them; `None`: nothing, the order stays with its technician.
    pub then: Option<AfterLast>,
    /// Hours between two attempts.
    pub min_hours_between: u32,
    /// Whether an attempt counts only in another part of the day than those before.
    pub different_daypart: bool,
    /// Hours at which a part of the day begins, rising.
    pub dayparts: Vec<u32>,
    /// Where this is written.
    pub source: String,
}

/// How the next attempt to find somebody home stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptVerdict {
    /// Attempts that count so far.
    pub counted: u32,
    /// Now is too soon after the last one.
    pub too_soon: bool,
    /// An earlier attempt was in this part of the day.
    pub same_daypart: bool,
    /// What follows once this attempt meets nobody: it is the last that counts, or one beyond it.
    pub then: Option<AfterLast>,
}

impl AttemptVerdict {
    /// Whether this attempt counts.
    pub fn counts(&self) -> bool {
        !self.too_soon && !self.same_daypart
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawAccess {
    max_attempts: Spanned<u32>,
    then: Str,
    min_hours_between: Spanned<u32>,
    different_daypart: bool,
    dayparts: Spanned<Vec<u32>>,
    source: Str,
}

impl Profile {
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
        let mut verdict =
            AttemptVerdict { counted: counted.len() as u32, too_soon, same_daypart, then: None };
        let with_this = verdict.counted.saturating_add(u32::from(verdict.counts()));
        verdict.then = access.then.filter(|_| with_this >= access.max_attempts);
        Some(verdict)
    }
}

pub(super) fn read(report: &mut Report<'_>, raw: &RawAccess) -> Access {
    let dayparts = raw.dayparts.get_ref().clone();
    let rising = dayparts.is_sorted_by(|one, next| one < next);
    if !rising || dayparts.is_empty() || dayparts.iter().any(|hour| *hour > 23) {
        report.error(raw.dayparts.span(), "dayparts are hours from 0 to 23, rising");
    }
    let then = [
        (Some(AfterLast::BackToOffice), "back_to_office"),
        (Some(AfterLast::Letter), "letter"),
        (None, "nothing"),
    ];
    Access {
        max_attempts: report.within(&raw.max_attempts, "max_attempts", 1, 100),
        then: report.one_of(&raw.then, "thing that follows", &then).flatten(),
        min_hours_between: report.within(&raw.min_hours_between, "min_hours_between", 0, 10_000),
        different_daypart: raw.different_daypart,
        dayparts,
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::SHIPPED_PROFILE;

    #[test]
    fn a_second_attempt_in_the_same_part_of_the_day_does_not_count() {
        let profile = Profile::load(SHIPPED_PROFILE.text).unwrap();
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
    fn what_follows_the_last_attempt_is_the_profile_s() {
        let zone = Zone(480);
        let at = |hour: i64| Instant(1_796_054_400_000 + hour * 3_600_000);
        let then = |text: &str, before: &[Instant], now: Instant| {
            Profile::load(text).unwrap().attempt(before, now, zone).unwrap().then
        };
        let office = SHIPPED_PROFILE.text;
        let back = Some(AfterLast::BackToOffice);
        assert_eq!(then(office, &[at(10)], at(43)), None, "the second of three");
        assert_eq!(then(office, &[at(10), at(43)], at(48)), back);
        assert_eq!(then(office, &[at(10), at(43)], at(44)), None, "too soon to count");
        assert_eq!(then(office, &[at(10), at(43), at(48)], at(49)), back, "one too many");
        let word = |word: &str| office.replacen("\"back_to_office\"", word, 1);
        let letter = word("\"letter\"");
        assert_eq!(then(&letter, &[at(10), at(43)], at(48)), Some(AfterLast::Letter));
        assert_eq!(then(&word("\"nothing\""), &[at(10), at(43)], at(48)), None);
        let errors = Profile::load(&word("\"leter\"")).unwrap_err();
        assert!(errors[0].message.contains("letter"), "{errors:?}");
    }
}

//! Until when a promise must be kept: working days, days of the calendar, hours on the clock.
//!
//! Pure: what happened goes in as named moments, and so does the time. A promise in days ends with
//! its last day, at midnight of the office's zone; one in hours ends to the millisecond.

use chrono::{Days, NaiveDate};

use super::{Calendar, Promise, Within};
use crate::base::{Instant, Zone};

/// A stretch of time that no deadline counts, like a dispute. Without an end it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// When it began.
    pub from: Instant,
    /// When it ended.
    pub to: Option<Instant>,
}

/// By what deadlines are counted.
#[derive(Debug, Clone, Copy)]
pub struct Clockwork<'a> {
    /// Which days are worked.
    pub calendar: &'a Calendar,
    /// Where the office is.
    pub zone: Zone,
}

/// Where a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has not begun.
    Waiting,
    /// It must be kept before this moment.
    Due(Instant),
    /// Its clock stands still.
    Paused,
    /// It was kept in time.
    Kept,
    /// It was kept, and too late.
    Late,
}

impl Clockwork<'_> {
    /// The moment before which `within`, begun at `from`, must be kept, pauses left out. `None` while
    /// one of them goes on, and beyond the end of time.
    pub fn due(&self, within: Within, from: Instant, pauses: &[Pause]) -> Option<Instant> {
        let mut pauses: Vec<Pause> = pauses.to_vec();
        pauses.sort_by_key(|pause| pause.from);
        let mut due = self.count(within, from)?;
        for pause in pauses {
            // What was over before it was promised, or begins after it was due, changes nothing.
            if pause.from >= due || pause.to.is_some_and(|to| to <= from) {
                continue;
            }
            let to = pause.to?;
            due = self.later(within, due, pause.from.max(from), to)?;
        }
        Some(due)
    }

    fn count(&self, within: Within, from: Instant) -> Option<Instant> {
        let day = || Some(from.local(self.zone)?.date_naive());
        match within {
            Within::AtOnce => Some(from),
            Within::Hours(hours) => {
                Some(Instant(from.0.checked_add(i64::from(hours) * 3_600_000)?))
            }
            Within::Days(days) => self.end_of(day()?.checked_add_days(Days::new(days.into()))?),
            Within::WorkingDays(days) => {
                self.end_of(self.calendar.plus_working_days(day()?, days)?)
            }
        }
    }

    /// `due`, moved on by a pause: by as many hours, days or working days as it took.
    fn later(&self, within: Within, due: Instant, from: Instant, to: Instant) -> Option<Instant> {
        let day = |at: Instant| Some(at.local(self.zone)?.date_naive());
        // The last day of a promise in days is the one before the midnight it ends at.
        let last = || day(Instant(due.0.checked_sub(1)?));
        let (begins, ends) = (day(from)?, day(to)?);
        match within {
            Within::AtOnce | Within::Hours(_) => Some(Instant(due.0.checked_add(to.since(from))?)),
            Within::Days(_) => {
                let days = u64::try_from((ends - begins).num_days()).ok()?;
                self.end_of(last()?.checked_add_days(Days::new(days))?)
            }
            Within::WorkingDays(_) => {
                let days = begins.iter_days().skip(1).take_while(|day| *day <= ends);
                let worked = days.filter(|day| self.calendar.is_working_day(*day)).count();
                self.end_of(self.calendar.plus_working_days(last()?, u32::try_from(worked).ok()?)?)
            }
        }
    }

    /// Midnight after `day`, in the office's zone.
    fn end_of(&self, day: NaiveDate) -> Option<Instant> {
        let next = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
        let minutes = i64::from(self.zone.0);
        Some(Instant(next.and_utc().timestamp_millis().checked_sub(minutes * 60_000)?))
    }

    /// Where `promise` stands, given when its beginning and its end were last. An end before the
    /// last beginning belongs to an earlier round.
    pub fn standing(
        &self,
        promise: &Promise,
        begun: Option<Instant>,
        ended: Option<Instant>,
        pauses: &[Pause],
    ) -> Standing {
        let Some(begun) = begun else { return Standing::Waiting };
        let due = self.due(promise.within, begun, pauses);
        match (ended.filter(|ended| *ended >= begun), due) {
            (None, None) => Standing::Paused,
            (None, Some(due)) => Standing::Due(due),
            (Some(ended), Some(due)) if ended >= due && due > begun => Standing::Late,
            (Some(_), _) => Standing::Kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::{SHIPPED_CALENDAR, SHIPPED_PROMISES, ServicePromises};

    const GUANGZHOU: Zone = Zone(480);

    fn calendar() -> Calendar {
        Calendar::load(SHIPPED_CALENDAR.text).unwrap()
    }

    /// A moment of 2026 in Guangzhou, like `09-30 16:40`.
    fn at(text: &str) -> Instant {
        let text = format!("2026-{text}:00");
        let local = chrono::NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").unwrap();
        Instant(local.and_utc().timestamp_millis() - 480 * 60_000)
    }

    fn due(within: Within, from: &str, pauses: &[Pause]) -> Option<Instant> {
        let calendar = calendar();
        Clockwork { calendar: &calendar, zone: GUANGZHOU }.due(within, at(from), pauses)
    }

    fn pause(from: &str, to: &str) -> Pause {
        Pause { from: at(from), to: Some(at(to)) }
    }

    #[test]
    fn mrs_chan_complains_on_the_eve_of_national_day() {
        // Wednesday afternoon; seven days of holiday; Saturday the 10th is worked.
        let from = "09-30 16:40";
        assert_eq!(due(Within::WorkingDays(1), from, &[]), Some(at("10-09 00:00")));
        assert_eq!(due(Within::WorkingDays(3), from, &[]), Some(at("10-11 00:00")));
        assert_eq!(
            due(Within::Hours(48), from, &[]),
            Some(at("10-02 16:40")),
            "a clock knows no holidays"
        );
        assert_eq!(due(Within::Days(5), from, &[]), Some(at("10-06 00:00")));
        assert_eq!(due(Within::AtOnce, from, &[]), Some(at(from)));
    }

    #[test]
    fn a_dispute_is_not_counted_by_any_clock() {
        // Wednesday; disputed from Thursday to Monday.
        let from = "11-25 10:00";
        let dispute = [pause("11-26 09:00", "11-30 12:00")];
        assert_eq!(due(Within::WorkingDays(3), from, &[]), Some(at("12-01 00:00")));
        assert_eq!(
            due(Within::WorkingDays(3), from, &dispute),
            Some(at("12-03 00:00")),
            "Friday and Monday are added"
        );
        assert_eq!(due(Within::Hours(48), from, &dispute), Some(at("12-01 13:00")));
        assert_eq!(due(Within::Days(5), from, &dispute), Some(at("12-05 00:00")));
        let goes_on = [Pause { from: at("11-26 09:00"), to: None }];
        assert_eq!(due(Within::Hours(48), from, &goes_on), None);
        // Over before, or begun after it was due.
        for beside in [pause("11-20 09:00", "11-21 09:00"), pause("11-29 09:00", "11-30 09:00")] {
            assert_eq!(due(Within::Hours(48), from, &[beside]), Some(at("11-27 10:00")));
        }
    }

    #[test]
    fn kept_late_or_still_due_is_told_by_the_moments_alone() {
        let promises = ServicePromises::load(SHIPPED_PROMISES.text).unwrap();
        let contacted = promises.get("complaint_contacted").unwrap();
        let calendar = calendar();
        let clock = Clockwork { calendar: &calendar, zone: GUANGZHOU };
        let standing = |begun: Option<&str>, ended: Option<&str>| {
            clock.standing(contacted, begun.map(at), ended.map(at), &[])
        };
        assert_eq!(standing(None, None), Standing::Waiting);
        assert_eq!(standing(Some("11-25 10:00"), None), Standing::Due(at("11-27 10:00")));
        assert_eq!(standing(Some("11-25 10:00"), Some("11-26 10:00")), Standing::Kept);
        assert_eq!(standing(Some("11-25 10:00"), Some("11-27 10:00")), Standing::Late);
        // An answer of before it was taken up again is no answer now.
        assert_eq!(
            standing(Some("11-25 10:00"), Some("11-24 10:00")),
            Standing::Due(at("11-27 10:00"))
        );
    }
}

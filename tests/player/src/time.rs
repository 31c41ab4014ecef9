//! Times and durations as people write them in scenarios.

use chrono::{DateTime, Duration, FixedOffset, NaiveTime};
use doorstep::base::{Instant, Zone};

/// When the scenario starts, and in which zone its times are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub(crate) at: DateTime<FixedOffset>,
}

impl Start {
    /// Reads `2026-12-01T08:00:00+08:00`.
    pub(crate) fn parse(text: &str) -> Result<Start, String> {
        let wrong = |_| format!("`{text}` is no time: write it like 2026-12-01T08:00:00+08:00");
        DateTime::parse_from_rfc3339(text).map(|at| Start { at }).map_err(wrong)
    }

    pub(crate) fn instant(self) -> Instant {
        Instant(self.at.timestamp_millis())
    }

    pub(crate) fn zone(self) -> Zone {
        let minutes = self.at.offset().local_minus_utc() / 60;
        Zone(i16::try_from(minutes).unwrap_or(0))
    }

    /// A step's time: `+90s` after the last step, `09:05` on the day of `last`, or a whole date
    /// and time.
    pub(crate) fn step(self, text: &str, last: Instant) -> Result<Instant, String> {
        if text.starts_with('+') {
            return Ok(last.plus_ms(duration(text)?));
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Instant(at.timestamp_millis()));
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M:%S")
            .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
        let day = last.local(self.zone()).map(|local| local.date_naive());
        match (time, day) {
            (Ok(time), Some(day)) => {
                let local = day.and_time(time) - Duration::minutes(i64::from(self.zone().0));
                Ok(Instant(local.and_utc().timestamp_millis()))
            }
            _ => Err(format!(
                "`{text}` is no time: write \"09:05\", \"09:05:30\", \"+20s\", \"+1h30m\", or a \
                 whole date and time"
            )),
        }
    }
}

/// Reads `+20s`, `-365d`, `1h30m`: milliseconds. Units: d, h, m, s, ms.
pub(crate) fn duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no duration: write it like \"20s\", \"-365d\", \"1h30m\"");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut total: i64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let ms = match &rest[..unit_end] {
            "d" => 86_400_000,
            "h" => 3_600_000,
            "m" => 60_000,
            "s" => 1_000,
            "ms" => 1,
            _ => return Err(wrong()),
        };
        rest = &rest[unit_end..];
        total = number.checked_mul(ms).and_then(|ms| total.checked_add(ms)).ok_or_else(wrong)?;
    }
    if total > 100 * 366 * 86_400_000 {
        return Err(format!("`{text}` is too long: at most a hundred years"));
    }
    Ok(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let start = Start::parse("2026-12-01T08:00:00+08:00").unwrap();
        let at = |text| start.step(text, start.instant()).map(|at| at.at(start.zone()));
        assert_eq!(at("09:05").unwrap(), "2026-12-01T09:05:00+08:00");
        assert_eq!(at("09:05:30").unwrap(), "2026-12-01T09:05:30+08:00");
        assert_eq!(at("+1h30m").unwrap(), "2026-12-01T09:30:00+08:00");
        assert_eq!(at("2026-12-02T00:00:00+08:00").unwrap(), "2026-12-02T00:00:00+08:00");
        assert!(at("soon").is_err() && at("25:00").is_err() && at("+").is_err());
        assert!(at("+5x").is_err() && at("+5").is_err() && at("+99999999999999999999s").is_err());
        assert_eq!(duration("-365d"), Ok(-31_536_000_000));
    }
}

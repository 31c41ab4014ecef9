//! What a meter is estimated at that nobody could read, by the profile's rule.

use super::MeterRecord;
use crate::{
    event::{EstimateBasis, EstimateMethod},
    standard::EstimateRule,
};

/// What the rule says of one meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimated {
    /// So much, and what it was made from.
    Value(u64, EstimateBasis),
    /// Nobody may estimate.
    Forbidden,
    /// The usual use is not known, or leads past the end of the wheels.
    Unknown,
}

/// The estimate of a meter.
pub fn estimate(record: &MeterRecord, rule: &EstimateRule) -> Estimated {
    let Some(method) = rule.method else { return Estimated::Forbidden };
    let usual = match method {
        EstimateMethod::UsualUse => record.usual,
        EstimateMethod::NoUse => None,
    };
    if usual.is_none() && method == EstimateMethod::UsualUse {
        return Estimated::Unknown;
    }
    let wheels = 10_u64.checked_pow(u32::from(record.digits)).unwrap_or(u64::MAX);
    let basis = EstimateBasis { method, last: record.last, usual };
    match record.last.checked_add(usual.unwrap_or(0)).filter(|value| *value < wheels) {
        Some(value) => Estimated::Value(value, basis),
        None => Estimated::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::Instant,
        standard::{Profile, SHIPPED_PROFILE},
    };

    fn meter(last: u64, usual: Option<u64>) -> MeterRecord {
        MeterRecord {
            number: "M-1501".into(),
            digits: 5,
            last,
            last_at: Instant(0),
            last_actual: None,
            estimates: 0,
            usual,
            used_this_year: 0,
            people: 3,
            seal: None,
            card_sold: None,
        }
    }

    fn by(method: &str, record: &MeterRecord) -> Estimated {
        let text = SHIPPED_PROFILE.text.replacen("\"usual_use\"", &format!("\"{method}\""), 1);
        estimate(record, &Profile::load(&text).unwrap().readings.unwrap().estimate.unwrap())
    }

    #[test]
    fn the_same_meter_is_estimated_as_the_profile_says() {
        let locked = meter(1_000, Some(40));
        let basis = |method, usual| EstimateBasis { method, last: 1_000, usual };
        let usual = basis(EstimateMethod::UsualUse, Some(40));
        assert_eq!(by("usual_use", &locked), Estimated::Value(1_040, usual));
        let none = basis(EstimateMethod::NoUse, None);
        assert_eq!(by("no_use", &locked), Estimated::Value(1_000, none));
        assert_eq!(by("forbidden", &locked), Estimated::Forbidden);
        assert_eq!(by("usual_use", &meter(1_000, None)), Estimated::Unknown);
        assert_eq!(by("usual_use", &meter(99_987, Some(30))), Estimated::Unknown);
    }
}

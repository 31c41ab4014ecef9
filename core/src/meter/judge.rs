//! Whether a reading can be true.

use serde::{Deserialize, Serialize};

use super::MeterRecord;
use crate::{
    base::Instant,
    event::{ReadingFlag, ReadingKind},
    standard::ReadingRules,
};

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How.
    pub kind: ReadingKind,
    /// Whole units on the wheels.
    pub value: u64,
    /// Whole units on a display beside the wheels.
    pub display: Option<u64>,
    /// Of a meter that takes a card: what is left on it, and all that was ever bought by it, where
    /// the meter shows that.
    pub card: Option<(u64, Option<u64>)>,
    /// The wheels went past their end: confirmed, with a picture.
    pub rolled_over: bool,
    /// The meter was changed: what the old one showed last. The new one began at `began`.
    pub swapped: Option<(u64, u64)>,
    /// The number on the plate is the record's.
    pub right_meter: bool,
    /// When.
    pub at: Instant,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterVerdict {
    /// Used since the last real reading, in whole units; absent where it can't be said.
    pub usage: Option<u64>,
    /// Billed too much by an estimate before: to be taken off.
    pub credit: u64,
    /// What stands out.
    pub flags: Vec<ReadingFlag>,
    /// Below the last value, and past the end of the wheels would be plausible: look again, take a
    /// picture, and confirm.
    pub offer_roll_over: bool,
    /// Why it cannot be: it must be read again, or sent to a supervisor with a picture and reason.
    pub impossible: bool,
}

/// Judges what was read against what is known. Limits that the profile doesn't set aren't checked.
pub fn judge(record: &MeterRecord, rules: Option<&ReadingRules>, seen: &Seen) -> MeterVerdict {
    let mut flags = Vec::new();
    if !seen.right_meter {
        // Of another meter nothing can be said.
        let flags = vec![ReadingFlag::WrongMeter];
        return MeterVerdict {
            usage: None,
            credit: 0,
            flags,
            offer_roll_over: false,
            impossible: false,
        };
    }
    let before = record.last_actual.unwrap_or(record.last);
    let wheels = 10_u64.checked_pow(u32::from(record.digits)).unwrap_or(u64::MAX);
    let most = rules.and_then(|rules| {
        let hours = u64::try_from(seen.at.since(record.last_at)).ok()? / 3_600_000;
        hours.checked_mul(u64::from(rules.most_per_hour))
    });
    let plausible = |usage: u64| most.is_none_or(|most| usage <= most);
    let over = wheels.checked_sub(before).and_then(|rest| rest.checked_add(seen.value));
    let usage = match seen.swapped {
        Some((old_final, began)) => {
            flags.push(ReadingFlag::Swapped);
            let old = old_final.checked_sub(before);
            let new = seen.value.checked_sub(began);
            old.zip(new).and_then(|(old, new)| old.checked_add(new))
        }
        None if seen.rolled_over => {
            flags.push(ReadingFlag::RolledOver);
            over.filter(|_| seen.value < before)
        }
        None => seen.value.checked_sub(before),
    };
    let offer_roll_over = usage.is_none()
        && seen.swapped.is_none()
        && over.is_some_and(|usage| {
            most.is_some() && plausible(usage) && likely(record, rules, usage)
        });
    if seen.value >= wheels {
        flags.push(ReadingFlag::TooManyDigits);
    }
    let impossible = usage.is_none_or(|usage| !plausible(usage)) || seen.value >= wheels;
    if let Some(usage) = usage {
        stand_out(record, rules, seen, usage, &mut flags);
    } else {
        flags.push(ReadingFlag::Backwards);
    }
    // An estimate was billed: what really ran is less than what was asked for.
    let billed = record.last_actual.map_or(0, |actual| record.last.saturating_sub(actual));
    let credit = usage.map_or(0, |usage| billed.saturating_sub(usage));
    MeterVerdict { usage, credit, flags, offer_roll_over, impossible }
}

/// Whether a use is so many times the usual one at most: a slip of the finger is seldom that small.
fn likely(record: &MeterRecord, rules: Option<&ReadingRules>, usage: u64) -> bool {
    let times = rules.map(|rules| u64::from(rules.roll_over_times));
    let most = record.usual.zip(times).map(|(usual, times)| usual.max(1).saturating_mul(times));
    most.is_none_or(|most| usage <= most)
}

fn stand_out(
    record: &MeterRecord,
    rules: Option<&ReadingRules>,
    seen: &Seen,
    usage: u64,
    flags: &mut Vec<ReadingFlag>,
) {
    if usage == 0 {
        flags.push(ReadingFlag::Zero);
    }
    let Some(rules) = rules else { return };
    if let Some(usual) = record.usual {
        let share = |percent: u32| usual.saturating_mul(u64::from(percent)) / 100;
        if usage > share(rules.high_percent) {
            flags.push(ReadingFlag::High);
        } else if usage > 0 && usage < share(rules.low_percent) {
            flags.push(ReadingFlag::Low);
        }
    }
    if let Some(display) = seen.display
        && display.abs_diff(seen.value) > u64::from(rules.display_differs)
    {
        flags.push(ReadingFlag::DisplayDiffers);
    }
    if let Some(apart) = card_apart(record, seen)
        && rules.card_differs.is_some_and(|most| apart > u64::from(most))
    {
        flags.push(ReadingFlag::CardDiffers);
    }
    let in_a_row = rules.estimate.as_ref().map(|rule| rule.most_in_a_row);
    if seen.kind == ReadingKind::Estimate && in_a_row.is_some_and(|most| record.estimates >= most) {
        flags.push(ReadingFlag::TooManyEstimates);
    }
}

/// How far the wheels are from what the card says they passed, by what the meter shows and by what was
/// sold: the larger. A new meter's wheels say nothing of what was sold to the old one.
fn card_apart(record: &MeterRecord, seen: &Seen) -> Option<u64> {
    let (left, bought) = seen.card.filter(|_| seen.swapped.is_none())?;
    let wheels = 10_u64.checked_pow(u32::from(record.digits))?;
    let apart = |bought: u64| {
        // More left than was ever bought is as far off as it is.
        let Some(passed) = bought.checked_sub(left) else { return left - bought };
        let apart = (passed % wheels).abs_diff(seen.value);
        apart.min(wheels.saturating_sub(apart))
    };
    [bought, record.card_sold].into_iter().flatten().map(apart).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::{Profile, SHIPPED_PROFILE};

    const DAY_MS: i64 = 86_400_000;

    fn meter(last: u64, usual: u64) -> MeterRecord {
        MeterRecord {
            number: "M-1203".into(),
            digits: 5,
            last,
            last_at: Instant(1_790_000_000_000),
            last_actual: None,
            estimates: 0,
            usual: Some(usual),
            used_this_year: 0,
            people: 3,
            seal: None,
            card_sold: None,
        }
    }

    fn seen(value: u64) -> Seen {
        Seen {
            kind: ReadingKind::Physical,
            value,
            display: None,
            card: None,
            rolled_over: false,
            swapped: None,
            right_meter: true,
            at: Instant(1_790_000_000_000).plus_ms(61 * DAY_MS),
        }
    }

    fn verdict(record: &MeterRecord, seen: Seen) -> MeterVerdict {
        let profile = Profile::load(SHIPPED_PROFILE.text).unwrap();
        judge(record, profile.readings.as_ref(), &seen)
    }

    #[test]
    fn the_reader_s_day_comes_out_as_it_must() {
        // Typed 01240 where the last was 01255: read again, 01340.
        let typed = verdict(&meter(1_255, 60), seen(1_240));
        assert!(typed.impossible && !typed.offer_roll_over, "{typed:?}");
        assert_eq!(verdict(&meter(1_255, 60), seen(1_340)).usage, Some(85));
        // Past the end of the wheels: offered, and only then taken.
        let over = verdict(&meter(99_987, 30), seen(12));
        assert!(over.impossible && over.offer_roll_over);
        let over = verdict(&meter(99_987, 30), Seen { rolled_over: true, ..seen(12) });
        assert_eq!((over.usage, over.impossible), (Some(25), false));
        // Twelve times the usual use is past what this profile offers.
        let much = verdict(&meter(99_700, 30), seen(60));
        assert!(much.impossible && !much.offer_roll_over, "{much:?}");
        // A new meter within the period.
        let swap = verdict(&meter(4_300, 30), Seen { swapped: Some((4_321, 0)), ..seen(13) });
        assert_eq!(swap.usage, Some(34));
        // 50 were billed on an estimate, 30 ran: 20 come off.
        let record = MeterRecord { last: 1_250, last_actual: Some(1_200), ..meter(1_250, 40) };
        let corrected = verdict(&record, seen(1_230));
        assert_eq!((corrected.usage, corrected.credit), (Some(30), 20));
    }

    #[test]
    fn what_no_meter_can_pass_in_61_days_is_a_typing_error() {
        assert!(!verdict(&meter(0, 60), seen(5_856)).impossible);
        assert!(verdict(&meter(0, 60), seen(5_857)).impossible);
        assert!(verdict(&meter(0, 60), seen(u64::MAX)).impossible);
    }

    #[test]
    fn soft_flags_never_block() {
        let flags = |usage: u64| {
            let verdict = verdict(&meter(1_000, 40), seen(1_000 + usage));
            assert!(!verdict.impossible);
            verdict.flags
        };
        assert_eq!(flags(81), [ReadingFlag::High]);
        assert_eq!(flags(80), []);
        assert_eq!(flags(14), []);
        assert_eq!(flags(13), [ReadingFlag::Low]);
        assert_eq!(flags(0), [ReadingFlag::Zero]);
    }

    #[test]
    fn wheel_and_display_may_differ_by_what_the_profile_says() {
        let small = verdict(&meter(1_500, 40), Seen { display: Some(1_523), ..seen(1_531) });
        assert_eq!(small.flags, []);
        let large = verdict(&meter(850, 40), Seen { display: Some(880), ..seen(894) });
        assert_eq!(large.flags, [ReadingFlag::DisplayDiffers]);
    }

    #[test]
    fn wheels_and_card_may_differ_by_what_the_profile_says() {
        let card = |left, bought| Seen { card: Some((left, bought)), ..seen(1_040) };
        let flags = |record: &MeterRecord, seen| verdict(record, seen).flags;
        let plain = meter(1_000, 40);
        assert_eq!(flags(&plain, card(60, Some(1_100))), []);
        assert_eq!(flags(&plain, card(60, Some(1_110))), []);
        // 51 passed the wheels that nobody bought, or stand on the card that the wheels did not pass.
        assert_eq!(flags(&plain, card(60, Some(1_049))), [ReadingFlag::CardDiffers]);
        assert_eq!(flags(&plain, card(60, Some(1_111))), [ReadingFlag::CardDiffers]);
        assert_eq!(flags(&plain, card(1_200, Some(1_100))), [ReadingFlag::CardDiffers]);
        // The office sold less than the meter says was bought.
        let sold = MeterRecord { card_sold: Some(900), ..plain.clone() };
        assert_eq!(flags(&sold, card(60, Some(1_100))), [ReadingFlag::CardDiffers]);
        assert_eq!(flags(&sold, card(60, None)), [ReadingFlag::CardDiffers]);
        // Where nobody knows what was bought, nothing is said; nor of what was sold to the old meter.
        assert_eq!(flags(&plain, card(60, None)), []);
        let swapped = Seen { swapped: Some((1_020, 1_020)), ..card(60, Some(400)) };
        assert_eq!(flags(&plain, swapped), [ReadingFlag::Swapped]);
        // Past their end the wheels begin anew, and the card's sum does not.
        let over = MeterRecord { usual: Some(40), ..meter(99_990, 40) };
        let seen = Seen { rolled_over: true, card: Some((0, Some(100_020))), ..seen(20) };
        assert_eq!(flags(&over, seen), [ReadingFlag::RolledOver]);
    }

    #[test]
    fn of_another_meter_nothing_is_computed() {
        let wrong = verdict(&meter(1_000, 40), Seen { right_meter: false, ..seen(3) });
        assert_eq!((wrong.usage, wrong.flags), (None, vec![ReadingFlag::WrongMeter]));
    }
}

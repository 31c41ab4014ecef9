//! Prices that rise with a year's use, for a preview of the bill.

use serde::Deserialize;
use toml::Spanned;

use crate::{
    base::{Currency, Money},
    standard::{raw::Str, report::Report},
};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawTariff {
    currency: Str,
    household: Spanned<u32>,
    more_per_person: Spanned<u32>,
    tier: Vec<RawTier>,
    source: Str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawTier {
    up_to: Option<Spanned<u32>>,
    price: Str,
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

pub(super) fn read(report: &mut Report<'_>, raw: &RawTariff) -> Option<Tariff> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::{Profile, SHIPPED_PROFILE};

    fn cny(minor: i64) -> Money {
        Money::new(minor, Currency::CNY)
    }

    #[test]
    fn previews_come_out_to_the_fen_at_and_across_the_limits() {
        let tariff = Profile::load(SHIPPED_PROFILE.text).unwrap().tariff.unwrap();
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
}

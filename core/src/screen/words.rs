//! Small things that every screen says alike.

use serde::Serialize;

use crate::{
    base::{Instant, Lang, Money, Zone},
    order::Reading,
    text::{id_of, named, tr},
};

/// An amount, to read and to compute with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// With its currency, as people write it.
    pub text: String,
    /// In the currency's smallest unit.
    pub minor: i64,
    /// Three capital letters.
    pub currency: String,
}

impl Amount {
    /// The amount as people who read `lang` write it.
    pub fn new(money: Money, lang: Lang) -> Amount {
        let args =
            [("currency", money.currency.code().into()), ("amount", money.to_string().into())];
        Amount {
            text: tr(lang, "money-amount", &args),
            minor: money.minor,
            currency: money.currency.code().to_owned(),
        }
    }
}

/// One way to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What actions call it.
    pub id: String,
    /// What people call it.
    pub title: String,
}

/// The wall time in `zone`: the hour alone on the day of `today`, the date too otherwise.
pub(super) fn when(at: Instant, zone: Zone, today: Option<Instant>) -> String {
    let Some(local) = at.local(zone) else { return at.at(zone) };
    let same_day = today.and_then(|it| it.local(zone)).map(|it| it.date_naive());
    if same_day == Some(local.date_naive()) {
        return local.format("%H:%M").to_string();
    }
    at.minute(zone)
}

/// What the office was told of meters, or they sent, each in words.
pub(super) fn told_readings<'a>(
    readings: impl IntoIterator<Item = &'a Reading>,
    zone: Zone,
    lang: Lang,
) -> Vec<String> {
    let told = |reading: &Reading| {
        let source = named(lang, "reading-source", &id_of(&reading.source?));
        let args = [
            ("source", source.into()),
            ("when", when(reading.at, zone, None).into()),
            ("meter", reading.of().into()),
            ("value", reading.value.to_string().into()),
        ];
        Some(tr(lang, "reading-told", &args))
    };
    readings.into_iter().filter_map(told).collect()
}

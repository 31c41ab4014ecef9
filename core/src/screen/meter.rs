//! Meters that are still to be read, as a round and a visit show them.

use serde::Serialize;

use super::words::told_readings;
use crate::{
    base::{Lang, Zone},
    meter::{Estimated, MeterRecord, Meters, estimate},
    order::Reading,
    standard::EstimateRule,
    text::{id_of, tr},
};

/// What the cards are made of.
#[derive(Debug, Clone, Copy)]
pub struct MeterFacts<'a> {
    /// Meters that are still to be read.
    pub meters: &'a Meters,
    /// How one is estimated that nobody gets at.
    pub rule: Option<&'a EstimateRule>,
    /// What is known of readings under the order.
    pub readings: &'a [Reading],
}

impl MeterFacts<'_> {
    /// A card for each.
    pub(super) fn cards(&self, zone: Zone, lang: Lang) -> Vec<MeterCard> {
        self.meters.meters.iter().map(|record| card(self, record, zone, lang)).collect()
    }
}

/// A meter to be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MeterCard {
    /// The number that stands on its plate.
    pub number: String,
    /// Black wheels.
    pub digits: i64,
    /// Its seal's number.
    pub seal: Option<String>,
    /// What it is estimated at where nobody gets at it, and from what, in words; recorded as an
    /// estimate without a value. Absent where the profile says nothing of estimates.
    pub estimate: Option<String>,
    /// What its customer said of it, or it sent, in words: the wheels are read all the same.
    pub told: Option<String>,
}

fn card(facts: &MeterFacts<'_>, record: &MeterRecord, zone: Zone, lang: Lang) -> MeterCard {
    let of_it = |reading: &&Reading| reading.of() == record.number;
    let told = told_readings(facts.readings.iter().filter(of_it), zone, lang);
    MeterCard {
        number: record.number.clone(),
        digits: record.digits.into(),
        seal: record.seal.clone(),
        estimate: facts.rule.map(|rule| estimated(estimate(record, rule), lang)),
        told: (!told.is_empty()).then(|| told.join("\n")),
    }
}

fn estimated(estimated: Estimated, lang: Lang) -> String {
    let (value, basis) = match estimated {
        Estimated::Value(value, basis) => (value, basis),
        Estimated::Forbidden => return tr(lang, "estimate-forbidden", &[]),
        Estimated::Unknown => return tr(lang, "estimate-unknown", &[]),
    };
    let args = [
        ("value", value.to_string().into()),
        ("last", basis.last.to_string().into()),
        ("usual", basis.usual.unwrap_or(0).to_string().into()),
    ];
    tr(lang, &format!("estimate-{}", id_of(&basis.method).replace('_', "-")), &args)
}

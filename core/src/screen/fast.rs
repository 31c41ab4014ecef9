//! Meters one after another: what the last number came to, and the next meter.

use serde::Serialize;

use super::{
    NextStop, OrderFacts,
    meter::{MeterCard, MeterFacts},
    words::Amount,
};
use crate::{
    base::{ClockReading, Id, Lang, Money},
    event::ReadingFlag,
    meter::MeterVerdict,
    sync::Premises,
    text::{id_of, named, tr},
};

/// What the screen is made of.
#[derive(Debug, Clone, Copy)]
pub struct FastFacts<'a> {
    /// What the last reading came to.
    pub told: Option<&'a ReadingCheck>,
    /// Its visit.
    pub visit: Option<Id>,
    /// The order to go to.
    pub stop: Option<&'a OrderFacts>,
    /// Where the last one was.
    pub here: Option<&'a Premises>,
    /// Meters there that are still to be read.
    pub meters: MeterFacts<'a>,
    /// Orders to read meters: all, and those not over.
    pub listed: (u64, u64),
}

/// The next meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FastScreen {
    /// What the last number came to, to be told to the customer.
    pub told: Option<ReadingCheck>,
    /// The last reading's visit, where something must still be put right.
    pub visit: Option<Id>,
    /// How far the round is done, in words.
    pub progress: String,
    /// Where to go; absent when every meter is read.
    pub stop: Option<NextStop>,
    /// The meters there.
    pub meters: Vec<MeterCard>,
}

/// What a number comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingCheck {
    /// Used since the last real reading, in words.
    pub text: String,
    /// What stands out, in words; empty when nothing does.
    pub flags: Vec<String>,
    /// It cannot be: read it again, or open the visit to send it to a supervisor.
    pub impossible: bool,
    /// Past the end of the wheels would be plausible: look again, take a picture, and say so.
    pub offer_roll_over: bool,
    /// What it would cost; the bill is the office's.
    pub preview: Option<Amount>,
}

impl ReadingCheck {
    /// A verdict in words.
    pub fn new(verdict: &MeterVerdict, preview: Option<Money>, lang: Lang) -> ReadingCheck {
        ReadingCheck {
            text: used(verdict.usage, verdict.credit, lang),
            flags: verdict.flags.iter().map(|flag| flag_words(*flag, lang)).collect(),
            impossible: verdict.impossible && !verdict.offer_roll_over,
            offer_roll_over: verdict.offer_roll_over,
            preview: preview.map(|money| Amount::new(money, lang)),
        }
    }
}

fn used(usage: Option<u64>, credit: u64, lang: Lang) -> String {
    match (usage, credit) {
        (None, 0) => tr(lang, "reading-unknown", &[]),
        (Some(usage), 0) => tr(lang, "reading-used", &[("usage", usage.to_string().into())]),
        (_, credit) => tr(lang, "reading-credit", &[("credit", credit.to_string().into())]),
    }
}

/// What stands out about a reading, in words.
pub fn flag_words(flag: ReadingFlag, lang: Lang) -> String {
    named(lang, "reading-flag", &id_of(&flag))
}

impl FastScreen {
    /// The screen at `clock`.
    pub fn new(facts: &FastFacts<'_>, clock: &ClockReading, lang: Lang) -> FastScreen {
        let (listed, open) = facts.listed;
        let args = [
            ("done", listed.saturating_sub(open).to_string().into()),
            ("orders", listed.to_string().into()),
        ];
        FastScreen {
            told: facts.told.cloned(),
            visit: facts.visit,
            progress: tr(lang, "today-progress", &args),
            stop: facts.stop.map(|stop| NextStop::new(stop, facts.here, clock.zone, lang)),
            meters: facts.meters.cards(clock.zone, lang),
        }
    }
}

//! What the customer is told after a meter was read: the quantity, and what it would cost.

use super::{
    content::{Content, Document},
    layout::{Row, Style},
    notice::{NoticeHead, foot, head},
    receipt::money,
};
use crate::{
    base::{Decimal, Lang, Money},
    event::{ReadingFlag, ReadingKind},
    text::{id_of, named, tr},
};

/// One meter that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlipReading {
    /// The number on its plate.
    pub meter: String,
    /// How it was read.
    pub kind: ReadingKind,
    /// What the usage is counted from.
    pub previous: Option<u64>,
    /// What the wheels show.
    pub value: Decimal,
    /// What a display beside them shows.
    pub display: Option<Decimal>,
    /// Of a card: all that was bought by it, and what is left.
    pub card: (Option<u64>, Option<u64>),
    /// The old meter's last value and the new one's first, where it was changed.
    pub swapped: Option<(u64, u64)>,
    /// Used since, in cubic metres; `None` while it waits for the office.
    pub usage: Option<u64>,
    /// Billed too much by an estimate before: taken off.
    pub credit: u64,
    /// What stands out.
    pub flags: Vec<ReadingFlag>,
    /// What the usage would cost. The bill is the office's.
    pub preview: Option<Money>,
}

impl SlipReading {
    /// How far wheels and display are apart, in whole units.
    fn apart(&self) -> u64 {
        let display = self.display.and_then(Decimal::whole);
        display.zip(self.value.whole()).map_or(0, |(display, wheels)| display.abs_diff(wheels))
    }
}

/// The slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterSlipDoc {
    /// Who, where, when; without a number of its own.
    pub head: NoticeHead,
    /// What was read.
    pub readings: Vec<SlipReading>,
}

impl Document for MeterSlipDoc {
    fn content(&self, lang: Lang) -> Content {
        let mut rows = head(&self.head, "slip-title", lang);
        let units = |units: u64| tr(lang, "slip-units", &[("units", units.to_string().into())]);
        for reading in &self.readings {
            let mut pair = |id: &str, value: String, style| {
                rows.push(Row::Pair { label: tr(lang, id, &[]), value, style });
            };
            let kind = named(lang, "reading-kind", &id_of(&reading.kind));
            pair("slip-meter", reading.meter.clone(), Style::Bold);
            pair("slip-kind", kind, Style::Plain);
            if let Some(previous) = reading.previous {
                pair("slip-previous", previous.to_string(), Style::Plain);
            }
            if let Some((old_last, new_first)) = reading.swapped {
                pair("slip-old-last", old_last.to_string(), Style::Plain);
                pair("slip-new-first", new_first.to_string(), Style::Plain);
            }
            pair("slip-value", reading.value.to_string(), Style::Plain);
            if let Some(display) = reading.display {
                pair("slip-display", display.to_string(), Style::Plain);
            }
            let (bought, left) = reading.card;
            for (id, card) in [("slip-card-bought", bought), ("slip-card-left", left)] {
                card.into_iter().for_each(|card| pair(id, units(card), Style::Plain));
            }
            match reading.usage {
                Some(usage) => pair("slip-usage", units(usage), Style::Bold),
                None => pair("slip-usage", tr(lang, "slip-waits", &[]), Style::Bold),
            }
            if reading.credit > 0 {
                pair("slip-credit", units(reading.credit), Style::Plain);
            }
            if let Some(preview) = reading.preview {
                pair("slip-preview", money(preview, lang), Style::Bold);
            }
            if reading.flags.contains(&ReadingFlag::RolledOver) {
                rows.push(Row::Text(tr(lang, "slip-rolled-over", &[])));
            }
            if reading.flags.contains(&ReadingFlag::DisplayDiffers) {
                let apart = [("apart", reading.apart().to_string().into())];
                rows.push(Row::Text(tr(lang, "slip-display-report", &apart)));
            }
            if reading.flags.contains(&ReadingFlag::CardDiffers) {
                rows.push(Row::Text(tr(lang, "slip-card-report", &[])));
            }
            rows.push(Row::Rule);
        }
        if self.readings.iter().any(|reading| reading.preview.is_some()) {
            rows.push(Row::Text(tr(lang, "slip-no-bill", &[])));
        }
        rows.push(Row::Text(tr(lang, "slip-dispute", &[])));
        foot(&self.head, lang, &mut rows);
        Content { rows, qr: String::new(), codes: Vec::new(), stamp: None }
    }
}

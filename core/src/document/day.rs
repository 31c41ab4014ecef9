//! The day report: a shift's receipts and its bag, for whoever settles up.

use super::{
    content::{Content, Document},
    layout::{Row, Style},
    receipt::{minute, money},
};
use crate::{
    base::{Instant, Lang, Money, Personal, Text3, Zone},
    event::{Pieces, VisitKind},
    text::{id_of, named, tr},
};

/// Everything a day report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayReportDoc {
    /// Who works for whom.
    pub company: super::Company,
    /// Whose day.
    pub person: Personal,
    /// Their badge.
    pub badge: String,
    /// When the report was made, by the phone's clock.
    pub at: Instant,
    /// The zone the phone showed.
    pub zone: Zone,
    /// Whether the shift is still open: then the figures are not the last ones.
    pub open: bool,
    /// The first and the last receipt number, as printed.
    pub numbers: Option<(String, String)>,
    /// Receipts for money taken, void ones too.
    pub receipts: u64,
    /// Of these void.
    pub voids: u64,
    /// Receipts for money given back.
    pub refunds: u64,
    /// Cash taken less cash given back.
    pub cash: Money,
    /// Payments that customers say they made, less such refunds.
    pub claimed: Money,
    /// Deposits taken: part of the takings, and owed back.
    pub deposits: Money,
    /// Deposits given back.
    pub deposits_back: Money,
    /// Cash in the bag at the start.
    pub float: Money,
    /// What the bag should hold.
    pub expected: Money,
    /// What was counted, once it was.
    pub counted: Option<Money>,
    /// Notes and coins, where they were listed.
    pub pieces: Vec<Pieces>,
    /// Cash that colleagues handed over to this bag: how much, and the badge of who gave it.
    pub taken: Vec<(Money, String)>,
    /// Cash that went to others: how much, and the badge of who took it.
    pub handed: Vec<(Money, String)>,
    /// Doors gone to, by kind of visit.
    pub doors: Vec<DoorLine>,
    /// Sign-offs: the signer's role, or why nobody signed, and how many.
    pub signed: Vec<(String, u64)>,
    /// Parts that went, by name.
    pub parts: Vec<(Text3, u64)>,
    /// Meters that were changed.
    pub meters_changed: u64,
    /// Events that the office does not have yet.
    pub unsent: u64,
}

/// Doors of one kind of visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorLine {
    /// The kind.
    pub kind: VisitKind,
    /// Gone to.
    pub visited: u64,
    /// Done there.
    pub done: u64,
    /// The share done, in whole percent.
    pub percent: u64,
    /// The percent that the company means to reach.
    pub target: Option<u64>,
    /// It was not reached.
    pub below: bool,
}

impl Document for DayReportDoc {
    fn content(&self, lang: Lang) -> Content {
        let say = |id: &str| tr(lang, id, &[]);
        let line =
            |id: &str, value: String| Row::Pair { label: say(id), value, style: Style::Plain };
        let sum = |id: &str, amount: Money, style| {
            let (label, value) = (say(id), money(amount, lang));
            Row::Pair { label, value, style }
        };
        let centre = |text: String, style| Row::Centre { text, style };
        let mut rows = vec![centre(self.company.name.get(lang).to_owned(), Style::Bold)];
        rows.push(centre(say("day-title"), Style::Large));
        if self.open {
            rows.push(centre(say("day-open"), Style::Bold));
        }
        rows.push(Row::Rule);
        let args = [("name", self.person.reveal().into()), ("badge", self.badge.as_str().into())];
        rows.push(line("day-person", tr(lang, "receipt-named", &args)));
        rows.push(line("day-at", minute(self.at, self.zone)));
        rows.push(Row::Rule);
        rows.push(line("day-receipts", self.receipts.to_string()));
        if let Some((first, last)) = &self.numbers {
            rows.push(line("day-first", first.clone()));
            rows.push(line("day-last", last.clone()));
        }
        rows.push(line("day-voids", self.voids.to_string()));
        rows.push(line("day-refunds", self.refunds.to_string()));
        rows.push(Row::Rule);
        rows.push(sum("day-float", self.float, Style::Plain));
        rows.push(sum("day-cash", self.cash, Style::Plain));
        let moved = |id: &str, (amount, badge): &(Money, String)| {
            let label = tr(lang, id, &[("badge", badge.as_str().into())]);
            Row::Pair { label, value: money(*amount, lang), style: Style::Plain }
        };
        rows.extend(self.taken.iter().map(|taken| moved("day-taken", taken)));
        rows.push(sum("day-expected", self.expected, Style::Bold));
        for piece in &self.pieces {
            let worth = Money { minor: piece.value, currency: self.float.currency };
            let all = piece.value.checked_mul(i64::from(piece.count)).unwrap_or(i64::MAX);
            let all = Money { minor: all, currency: self.float.currency };
            let label = format!("  {worth} × {}", piece.count);
            rows.push(Row::Pair { label, value: all.to_string(), style: Style::Plain });
        }
        if let Some(counted) = self.counted {
            rows.push(sum("day-counted", counted, Style::Bold));
            if let Ok(difference) = counted.minus(self.expected) {
                rows.push(sum("day-difference", difference, Style::Bold));
            }
        }
        rows.extend(self.handed.iter().map(|handed| moved("day-handed", handed)));
        self.work(lang, &mut rows);
        rows.push(Row::Rule);
        for (id, amount) in
            [("day-deposits", self.deposits), ("day-deposits-back", self.deposits_back)]
        {
            if amount.minor != 0 {
                rows.push(sum(id, amount, Style::Plain));
            }
        }
        rows.push(sum("day-claimed", self.claimed, Style::Plain));
        rows.push(line("day-unsent", self.unsent.to_string()));
        Content { rows, qr: String::new(), codes: Vec::new(), stamp: None }
    }
}

impl DayReportDoc {
    /// What the visits came to, where there were any.
    fn work(&self, lang: Lang, rows: &mut Vec<Row>) {
        let mut lines = Vec::new();
        for doors in &self.doors {
            let count = |count: u64| count.to_string().into();
            let args = [
                ("done", count(doors.done)),
                ("visited", count(doors.visited)),
                ("percent", count(doors.percent)),
            ];
            lines.push((named(lang, "kind", &id_of(&doors.kind)), tr(lang, "day-doors", &args)));
            if let Some(target) = doors.target {
                let id = if doors.below { "day-target-below" } else { "day-target-reached" };
                let label = tr(lang, "day-target", &[("target", count(target))]);
                lines.push((label, tr(lang, id, &[])));
            }
        }
        for (by, count) in &self.signed {
            lines.push((named(lang, "day-signed", by), count.to_string()));
        }
        for (name, count) in &self.parts {
            lines.push((name.get(lang).to_owned(), format!("× {count}")));
        }
        if self.meters_changed > 0 {
            lines.push((tr(lang, "day-meters", &[]), format!("× {}", self.meters_changed)));
        }
        if !lines.is_empty() {
            rows.push(Row::Rule);
        }
        let row = |(label, value)| Row::Pair { label, value, style: Style::Plain };
        rows.extend(lines.into_iter().map(row));
    }
}

//! The day report: what the open shift comes to, from its own streams alone.

use serde::Serialize;

use super::{
    ActError, DayWork, Doors, Engine,
    handover::taken,
    shift::{OpenShift, SHIFT},
    sign::company,
};
use crate::{
    base::{ClockReading, Id, Instant, Money},
    document::{DayReportDoc, DoorLine},
    event::{Payload, Pieces, ShiftClosed, VisitKind},
    log::{StreamId, Subject},
    money::{ReceiptNumber, SeriesTotals},
};

/// One shift in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayReport {
    /// The shift.
    pub shift: Id,
    /// Whether it is still open.
    pub open: bool,
    /// Cash in the bag at the start.
    pub float: Money,
    /// Receipts of the shift, and what they come to.
    pub totals: SeriesTotals,
    /// What the bag should hold.
    pub expected: Money,
    /// What was counted, once it was.
    pub counted: Option<Money>,
    /// Notes and coins, where they were listed.
    pub pieces: Vec<Pieces>,
    /// Counted less expected.
    pub difference: Option<Money>,
    /// Cash that colleagues handed over to this bag: how much, and their badge.
    pub taken: Vec<(Money, String)>,
    /// Cash that went to others since: how much, and the badge of who took it.
    pub handed: Vec<(Money, String)>,
    /// While the shift is open: the bag holds so much more than the profile lets it. Take it to the
    /// bank.
    pub over: Option<Money>,
    /// What the shift's visits come to.
    pub work: DayWork,
}

/// When a shift began, and when it was closed, by the phone's clock.
type Span = Option<(Instant, Option<Instant>)>;

impl Engine {
    /// The open shift, or the one closed last. `None` before the first.
    pub fn day_report(&mut self) -> Result<Option<DayReport>, ActError> {
        let Some((mut report, span)) = self.shift_report()? else { return Ok(None) };
        if let Some((began, ended)) = span {
            report.work = self.day_work(began, ended)?;
        }
        Ok(Some(report))
    }

    /// The same without its work, which every order of the day is folded for; and from when till when
    /// the shift was. For screens that only show its money.
    pub(super) fn shift_report(&mut self) -> Result<Option<(DayReport, Span)>, ActError> {
        let (me, reader) = (self.me()?, self.store.read());
        let kept: Option<OpenShift> = reader.meta(SHIFT)?;
        let Some(OpenShift { last: Some(shift), float, series_seq, ended_seq, .. }) = kept else {
            return Ok(None);
        };
        let stream = StreamId::new(Subject::shift(shift), me.writer());
        let of_shift = match reader.stream(&stream)? {
            Some(row) => reader.events(&row, 1)?,
            None => Vec::new(),
        };
        let handed = of_shift.iter().filter_map(|recorded| match &recorded.event.payload {
            Payload::CashHandedOver(handed) => Some((handed.amount, handed.to_badge.clone())),
            _ => None,
        });
        let handed: Vec<_> = handed.collect();
        let came = Money::sum(float.currency, taken(&of_shift).map(|it| it.amount))?;
        let taken = taken(&of_shift).map(|it| (it.amount, it.from_badge.clone())).collect();
        let began = of_shift.first().map(|first| first.event.clock.wall);
        let ended = of_shift.iter().find_map(|recorded| match &recorded.event.payload {
            Payload::ShiftClosed(_) => Some(recorded.event.clock.wall),
            _ => None,
        });
        let closed: Option<ShiftClosed> =
            of_shift.into_iter().find_map(|recorded| match recorded.event.payload {
                Payload::ShiftClosed(closed) => Some(closed),
                _ => None,
            });
        let events = match self.series_row()? {
            Some(row) => reader.events(&row, series_seq + 1)?,
            None => Vec::new(),
        };
        let within = |seq| ended_seq.is_none_or(|end| seq <= end);
        let events = events.iter().filter(|recorded| within(recorded.seq));
        let totals = SeriesTotals::fold(float.currency, None, events)?;
        let expected = match &closed {
            Some(closed) => closed.expected,
            None => float.plus(totals.cash)?.plus(came)?,
        };
        let counted = closed.as_ref().map(|closed| closed.counted);
        let over = if closed.is_none() { self.cash_over(expected) } else { None };
        let report = DayReport {
            shift,
            open: closed.is_none(),
            float,
            totals,
            expected,
            difference: counted.map(|counted| counted.minus(expected)).transpose()?,
            counted,
            over,
            work: DayWork::default(),
            taken,
            handed,
            pieces: closed.and_then(|closed| closed.pieces).unwrap_or_default(),
        };
        Ok(Some((report, began.map(|began| (began, ended)))))
    }

    /// What is in the bag above the profile's limit, if it is. Without a limit nobody checks.
    fn cash_over(&mut self, bag: Money) -> Option<Money> {
        let profile = self.books.profile(&self.store.read()).ok()?;
        let over = bag.minus(profile.risk.as_ref()?.cash_held).ok()?;
        (over.minor > 0).then_some(over)
    }

    /// The same as a document, with what the office doesn't have yet. `None` before the first shift.
    pub fn day_report_doc(
        &mut self,
        clock: &ClockReading,
    ) -> Result<Option<DayReportDoc>, ActError> {
        let Some(report) = self.day_report()? else { return Ok(None) };
        let me = self.me()?;
        let number = |counter: u64| ReceiptNumber::new(me.series().id, counter);
        let totals = report.totals;
        let ends = totals.first.and_then(number).zip(totals.last.and_then(number));
        Ok(Some(DayReportDoc {
            company: company(me),
            person: me.person.name.clone(),
            badge: me.person.badge.clone(),
            at: clock.wall,
            zone: clock.zone,
            open: report.open,
            numbers: ends.map(|(first, last)| (first.to_string(), last.to_string())),
            receipts: totals.receipts,
            voids: totals.voids,
            refunds: totals.refunds,
            cash: totals.cash,
            claimed: totals.claimed,
            deposits: totals.deposits,
            deposits_back: totals.deposits_back,
            float: report.float,
            expected: report.expected,
            counted: report.counted,
            pieces: report.pieces,
            taken: report.taken,
            handed: report.handed,
            doors: report.work.doors.into_iter().map(door_line).collect(),
            signed: report.work.signed.into_iter().collect(),
            parts: report.work.parts.into_values().map(|part| (part.name, part.count)).collect(),
            meters_changed: report.work.meters_changed,
            unsent: self.unsent()?,
        }))
    }
}

fn door_line((kind, doors): (VisitKind, Doors)) -> DoorLine {
    let Doors { visited, done, percent, target, below } = doors;
    DoorLine { kind, visited, done, percent, target, below }
}

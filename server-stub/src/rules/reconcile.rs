//! Whether receipts and payments tie: every receipt series against the orders it was paid for.
//!
//! Of a series that was forked one branch counts, which is the trunk until a supervisor decides. What
//! the others say is no part of its totals; the money is somewhere all the same, so each stands on a
//! line of its own. The two halves of a payment are found by the action that wrote both.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Currency, Id, Money, MoneyError},
    event::{Effect, Event, Payload, Recorded},
    log::{Certificate, StreamId, Subject, SubjectKind, Tail, Writer},
    money::{SeriesFault, SeriesTotals},
    order::{OrderState, PaymentState, VisitSummary},
};
use serde::Serialize;

use super::orders;
use crate::{
    problem::Failure,
    store::{DeviceRow, StoreError, Tx},
};

/// One series against the orders it paid for.
#[derive(Debug, Serialize)]
pub struct SeriesReport {
    /// The device.
    pub device: Id,
    /// Its receipt series.
    pub series: Id,
    /// What its receipts come to: of a forked series, those of the branch that counts.
    pub totals: SeriesTotals,
    /// Numbers whose half in the order is missing or says another amount.
    pub without_payment: Vec<u64>,
    /// Numbers of payments in orders without their receipt.
    pub without_receipt: Vec<u64>,
    /// What doesn't count, or not yet: other branches, and what is held back.
    pub aside: Vec<AsideLine>,
    /// Claimed payments the provider has said nothing of.
    pub promised: Money,
    /// Claimed payments that bounced.
    pub bounced: Money,
    /// What visits of this device that have ended still charge: part payments, claims that bounced.
    /// The desk collects it.
    pub owed: Vec<Owed>,
    /// Shifts that were closed: counted less expected, one after the other.
    pub differences: Vec<Money>,
    /// Whether all of it ties.
    pub ties: bool,
    /// The last number of a notice that was drawn on this phone.
    pub notices: u64,
    /// Numbers of notices below it that no order here holds: an order that has not arrived, or one
    /// that never will.
    pub missing_notices: Vec<u64>,
}

/// What is still to be paid for a visit that has ended.
#[derive(Debug, Serialize)]
pub struct Owed {
    /// The order.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// The visit: what the desk names when it takes the money.
    pub visit: Id,
    /// How much.
    pub amount: Money,
    /// A claimed payment of the order bounced.
    pub bounced: bool,
}

/// Receipts that don't count: their money is somewhere, and is counted by nobody else.
#[derive(Debug, Serialize)]
pub struct AsideLine {
    /// The place in the series where it leaves what counts.
    pub from: u64,
    /// A supervisor decided that it doesn't count; otherwise that is still to be decided.
    pub decided: bool,
    /// Numbers of its receipts and refunds.
    pub numbers: Vec<u64>,
    /// Cash taken less cash given back.
    pub cash: Money,
    /// Claimed payments less such refunds.
    pub claimed: Money,
    /// Numbers whose half in the order is nowhere, held back or not.
    pub without_payment: Vec<u64>,
}

/// Every series against the orders: receipts = payments, number by number, gap-free.
pub fn reconcile(tx: &mut dyn Tx) -> Result<Vec<SeriesReport>, Failure> {
    let mut held: BTreeMap<Id, Vec<Held>> = BTreeMap::new();
    for row in tx.held()? {
        // What can't be believed says nothing of money.
        if !["forked", "revoked", "adopted"].contains(&row.reason.as_str()) {
            continue;
        }
        let Writer::Device(writer) = row.stream.writer else { continue };
        let Some((_, bytes)) = tx.held_tail(row.id)? else { continue };
        let Ok(tail) = minicbor::decode::<Tail>(&bytes) else { continue };
        held.entry(writer).or_default().push(Held { tail, decided: row.decided.is_some() });
    }
    let mut reports = Vec::new();
    for device in tx.devices()? {
        let held = held.remove(&device.id).unwrap_or_default();
        let series = Series::read(tx, &device, &held)?;
        let report = report(tx, &series, &held)?;
        let anything = !series.counts.is_empty() || !series.aside.is_empty() || report.notices > 0;
        // Money was taken, and no receipt of it ever came.
        if anything || !report.ties {
            reports.push(report);
        }
    }
    Ok(reports)
}

/// Something held back of a device's streams.
struct Held {
    tail: Tail,
    decided: bool,
}

/// A device's receipt series, what counts of it and what doesn't.
struct Series {
    device: Id,
    id: Id,
    /// Its first number and its last, as the certificate lends them.
    range: (u64, Option<u64>),
    counts: Vec<Recorded>,
    aside: Vec<Aside>,
}

struct Aside {
    decided: bool,
    /// What goes before it in its own past.
    before: Vec<Recorded>,
    events: Vec<Recorded>,
}

impl Series {
    fn read(tx: &mut dyn Tx, row: &DeviceRow, held: &[Held]) -> Result<Series, Failure> {
        let device = row.id;
        let subject = Subject::receipt_series(device);
        let trunk = StreamId::new(subject, Writer::Device(device));
        let key = tx.company_key()?.unwrap_or_default();
        let range = Certificate::verify(&row.certificate, &key)
            .map_or((1, None), |it| (it.fields().first_receipt, it.fields().last_receipt));
        let (counts, aside) = (Vec::new(), Vec::new());
        let mut series = Series { device, id: subject.id, range, counts, aside };
        let mut excluded = BTreeSet::new();
        let (mut main, mut branches) = (Vec::new(), Vec::new());
        for row in tx.streams_about(&subject)? {
            let events = recorded(tx, &row.stream)?;
            match row.stream.writer {
                Writer::Office(_) => excluded.extend(events.iter().flat_map(excludes)),
                _ if row.stream == trunk => main = events,
                _ => branches.push(events),
            }
        }
        // Behind an excluded event nothing counts.
        let end = |events: &[Recorded]| {
            events
                .iter()
                .position(|recorded| excluded.contains(&recorded.id))
                .unwrap_or(events.len())
        };
        let kept = end(&main);
        let stands = main.get(kept).map_or(u64::MAX, |recorded| recorded.seq);
        series.counts.extend_from_slice(&main[..kept]);
        series.put_aside(&main[..kept], &main[kept..], true);
        for branch in &branches {
            let Some(begins) = branch.first().map(|recorded| recorded.seq) else { continue };
            let before: Vec<_> =
                main.iter().filter(|recorded| recorded.seq < begins).cloned().collect();
            // It counts only where it leaves what counts.
            let kept = if begins <= stands { end(branch) } else { 0 };
            series.counts.extend_from_slice(&branch[..kept]);
            let before = [&before[..], &branch[..kept]].concat();
            series.put_aside(&before, &branch[kept..], true);
        }
        let mut seen: BTreeSet<_> =
            main.iter().chain(branches.iter().flatten()).map(place).collect();
        for held in held.iter().filter(|held| held.tail.stream.subject == subject) {
            let events = opened(&held.tail);
            let fresh: Vec<_> = events.into_iter().filter(|it| seen.insert(place(it))).collect();
            let from = fresh.first().map_or(0, |recorded| recorded.seq);
            let before: Vec<_> =
                main.iter().filter(|recorded| recorded.seq < from).cloned().collect();
            series.put_aside(&before, &fresh, held.decided);
        }
        // By their place, whenever they came.
        series.aside.sort_by_key(|aside| aside.events.first().map(place));
        Ok(series)
    }

    fn put_aside(&mut self, before: &[Recorded], events: &[Recorded], decided: bool) {
        if events.iter().any(|recorded| currency(&recorded.event.payload).is_some()) {
            let (before, events) = (before.to_vec(), events.to_vec());
            self.aside.push(Aside { decided, before, events });
        }
    }

    fn currency(&self) -> Currency {
        let mut all = self.counts.iter().chain(self.aside.iter().flat_map(|aside| &aside.events));
        all.find_map(|recorded| currency(&recorded.event.payload)).unwrap_or(Currency::CNY)
    }
}

/// Events that a verdict takes out, with all behind them.
fn excludes(recorded: &Recorded) -> Vec<doorstep::base::Hash> {
    match &recorded.event.payload {
        Payload::VerdictGiven(verdict) if verdict.effect == Effect::Exclude => {
            verdict.events.clone()
        }
        _ => Vec::new(),
    }
}

/// Where an event stands, whoever holds it.
fn place(recorded: &Recorded) -> (u64, Id) {
    (recorded.seq, recorded.event.action)
}

/// The events of a tail that is held back, as far as they can be read.
fn opened(tail: &Tail) -> Vec<Recorded> {
    let read = |(seq, bytes): (u64, &minicbor::bytes::ByteVec)| {
        let event = Event::decode(bytes).ok()?;
        // Its place in the chain is not known: what is held may begin behind a gap.
        let id = doorstep::base::Hash::of(&[bytes]);
        Some(Recorded { stream: tail.stream, seq, id, event })
    };
    (tail.from..).zip(&tail.events).filter_map(read).collect()
}

fn report(tx: &mut dyn Tx, series: &Series, held: &[Held]) -> Result<SeriesReport, Failure> {
    let currency = series.currency();
    let nothing = Money::zero(currency);
    // The certificate says where it begins and ends, so neither can be moved.
    let (first, last) = series.range;
    let before = Some((first.saturating_sub(1), nothing));
    let mut totals = SeriesTotals::fold(currency, before, &series.counts).map_err(unsummed)?;
    if series.counts.is_empty() {
        totals.last = None;
    }
    if let Some(beyond) = totals.last.filter(|number| last.is_some_and(|last| *number > last)) {
        totals.faults.push(SeriesFault::Number(beyond));
    }
    let mut orders = Halves::default();
    let (mut promised, mut bounced) = (nothing, nothing);
    let (mut differences, mut owed) = (Vec::new(), Vec::new());
    let mut notices = BTreeSet::new();
    let mut subjects = BTreeSet::new();
    for row in tx.streams_by(&Writer::Device(series.device))? {
        let subject = row.stream.subject;
        match subject.kind {
            SubjectKind::Shift => {
                for recorded in recorded(tx, &row.stream)? {
                    if let Payload::ShiftClosed(closed) = recorded.event.payload {
                        differences.extend(closed.counted.minus(closed.expected));
                    }
                }
            }
            SubjectKind::WorkOrder => {
                for recorded in recorded(tx, &row.stream)? {
                    orders.take_order(&recorded, series.id, true);
                    if let Payload::NoticeNumbered(notice) = recorded.event.payload
                        && notice.series == series.id
                    {
                        notices.insert(notice.number);
                    }
                }
                // A branch of it is the same order.
                if !subjects.insert(subject.id) {
                    continue;
                }
                let state = orders::fold(tx, subject.id)?;
                owed.extend(owed_here(&state, subject.id, series.device));
                for payment in state.payments {
                    let sum = match payment.state {
                        PaymentState::Promised if payment.series == series.id => &mut promised,
                        PaymentState::Bounced if payment.series == series.id => &mut bounced,
                        _ => continue,
                    };
                    *sum = sum.plus(payment.amount).map_err(unsummed)?;
                }
            }
            _ => {}
        }
    }
    let receipts = Halves::of_series(&series.counts, true);
    let mut elsewhere = Halves::default();
    for held in held.iter().filter(|it| it.tail.stream.subject.kind == SubjectKind::WorkOrder) {
        for recorded in opened(&held.tail) {
            elsewhere.take_order(&recorded, series.id, false);
        }
    }
    let mut aside = Vec::new();
    let mut known = receipts.actions();
    for line in &series.aside {
        known.extend(Halves::of_series(&line.events, false).actions());
        aside.push(aside_line(line, currency, &orders, &elsewhere)?);
    }
    let without_payment = receipts.without(&orders);
    let mut without_receipt = orders.without(&receipts);
    // The receipt of a payment that was made by what doesn't count is found on its line.
    let counted = receipts.actions();
    without_receipt.retain(|_, action| counted.contains(action) || !known.contains(action));
    let numbers = |halves: BTreeMap<u64, Id>| halves.into_keys().collect::<Vec<_>>();
    let (without_payment, without_receipt) = (numbers(without_payment), numbers(without_receipt));
    let ties = totals.faults.is_empty()
        && without_payment.is_empty()
        && without_receipt.is_empty()
        && aside.iter().all(|line| line.without_payment.is_empty());
    Ok(SeriesReport {
        device: series.device,
        series: series.id,
        totals,
        without_payment,
        without_receipt,
        aside,
        promised,
        bounced,
        owed,
        differences,
        ties,
        notices: notices.last().copied().unwrap_or(0),
        missing_notices: missing(&notices),
    })
}

/// What is owed for visits of a device to an order.
fn owed_here(state: &OrderState, order: Id, device: Id) -> Vec<Owed> {
    let bounced = state.payments.iter().any(|it| it.state == PaymentState::Bounced);
    let of_device = |visit: &&VisitSummary| visit.writer == Writer::Device(device);
    let owed = |visit: &VisitSummary| {
        let (number, visit, amount) =
            (state.number.clone().unwrap_or_default(), visit.id, state.owed_by(visit)?);
        Some(Owed { order, number, visit, amount, bounced })
    };
    state.visits.values().filter(of_device).filter_map(owed).collect()
}

fn aside_line(
    line: &Aside,
    currency: Currency,
    orders: &Halves,
    held: &Halves,
) -> Result<AsideLine, Failure> {
    let fold = |events: &mut dyn Iterator<Item = &Recorded>| {
        SeriesTotals::fold(currency, None, events).map_err(unsummed)
    };
    // A receipt of before may be made void in it.
    let before = fold(&mut line.before.iter())?;
    let after = fold(&mut line.before.iter().chain(&line.events))?;
    let receipts = Halves::of_series(&line.events, false);
    let mut without_payment = receipts.without(orders);
    let nowhere = receipts.without(held);
    without_payment.retain(|number, _| nowhere.contains_key(number));
    Ok(AsideLine {
        from: line.events.first().map_or(0, |recorded| recorded.seq),
        decided: line.decided,
        numbers: receipts.moved.values().map(|half| half.number).collect(),
        cash: after.cash.minus(before.cash).map_err(unsummed)?,
        claimed: after.claimed.minus(before.claimed).map_err(unsummed)?,
        without_payment: without_payment.into_keys().collect(),
    })
}

pub(super) fn unsummed(error: MoneyError) -> StoreError {
    StoreError::Damaged(error.to_string())
}

/// Halves of what moved money, by the action that wrote both, and what was made void.
#[derive(Default)]
struct Halves {
    moved: BTreeMap<Id, Half>,
    undone: BTreeMap<Id, u64>,
}

/// A number, how much the company has more, and the order's event where that is known on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Half {
    number: u64,
    amount: Option<Money>,
    event: Option<doorstep::base::Hash>,
}

impl Half {
    fn fits(&self, other: &Half) -> bool {
        let same_event = match (self.event, other.event) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.number == other.number && self.amount == other.amount && same_event
    }
}

fn back(amount: Money) -> Option<Money> {
    Money::zero(amount.currency).minus(amount).ok()
}

impl Halves {
    /// What a series says; `chained`: the orders' events are known by their place in the chain.
    fn of_series(events: &[Recorded], chained: bool) -> Halves {
        let mut halves = Halves::default();
        for recorded in events {
            let action = recorded.event.action;
            let (number, amount, event) = match &recorded.event.payload {
                Payload::ReceiptIssued(r) => (r.number, Some(r.amount), r.order_event),
                Payload::RefundIssued(r) => (r.number, back(r.amount), r.order_event),
                Payload::ReceiptVoided(void) => {
                    halves.undone.insert(action, void.number);
                    continue;
                }
                _ => continue,
            };
            let event = chained.then_some(event);
            halves.moved.insert(action, Half { number, amount, event });
        }
        halves
    }

    /// What an order says of this series.
    fn take_order(&mut self, recorded: &Recorded, series: Id, chained: bool) {
        let action = recorded.event.action;
        let (number, amount) = match &recorded.event.payload {
            Payload::Paid(p) if p.series == series => (p.number, p.tendered.minus(p.change).ok()),
            Payload::PaymentRefunded(r) if r.series == series => (r.number, back(r.amount)),
            Payload::PaymentVoided(void) if void.series == series => {
                self.undone.insert(action, void.number);
                return;
            }
            _ => return,
        };
        let event = chained.then_some(recorded.id);
        self.moved.insert(action, Half { number, amount, event });
    }

    fn actions(&self) -> BTreeSet<Id> {
        self.moved.keys().chain(self.undone.keys()).copied().collect()
    }

    /// Numbers of these whose other half is missing or says another thing.
    fn without(&self, other: &Halves) -> BTreeMap<u64, Id> {
        let alone = |(action, half): &(&Id, &Half)| {
            !other.moved.get(action).is_some_and(|other| other.fits(half))
        };
        let moved = self.moved.iter().filter(alone).map(|(action, half)| (half.number, *action));
        let undone =
            self.undone.iter().filter(|(action, number)| other.undone.get(action) != Some(number));
        moved.chain(undone.map(|(action, number)| (*number, *action))).collect()
    }
}

fn currency(payload: &Payload) -> Option<Currency> {
    match payload {
        Payload::ReceiptIssued(receipt) => Some(receipt.amount.currency),
        Payload::RefundIssued(refund) => Some(refund.amount.currency),
        _ => None,
    }
}

/// The most numbers that are named as missing: more of them is another trouble.
const MOST_MISSING: usize = 1_000;

/// Numbers from 1 to the last that are not there.
fn missing(numbers: &BTreeSet<u64>) -> Vec<u64> {
    let (mut missing, mut next) = (Vec::new(), 1);
    for number in numbers {
        let room = MOST_MISSING.saturating_sub(missing.len());
        missing.extend((next..*number).take(room));
        next = number.saturating_add(1);
    }
    missing
}

pub(super) fn recorded(tx: &mut dyn Tx, stream: &StreamId) -> Result<Vec<Recorded>, StoreError> {
    let head = tx.head(stream)?.map_or(0, |head| head.seq);
    if head == 0 {
        return Ok(Vec::new());
    }
    tx.events(stream, 1, head)?.into_iter().map(orders::read_stored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_no_order_holds_is_told_by_its_number() {
        assert_eq!(missing(&BTreeSet::new()), [0; 0]);
        assert_eq!(missing(&(1..=8).collect()), [0; 0]);
        assert_eq!(missing(&BTreeSet::from([2, 3, 6])), [1, 4, 5]);
        assert_eq!(missing(&BTreeSet::from([u64::MAX])).len(), MOST_MISSING);
    }
}

//! I3: money.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Currency, Id, Money},
    engine::ReceiptRef,
    event::{Effect, Paid, Payload, PaymentRefunded, ReceiptIssued, Recorded, RefundIssued},
    log::{StreamId, SubjectKind, Writer},
    order::{OrderState, PaymentState},
};
use doorstep_server::rules;

use super::ledger::Ledger;
use crate::{
    report::{Violation, violated},
    world::World,
};

/// Receipts, payments, refunds, what people were told, and the server's own totals agree.
pub(super) fn conserved(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let wrong = |why: String| violated("I3", why);
    let (mut issued, mut given) = (Numbered::new(), Numbered::new());
    let mut series: BTreeMap<StreamId, Vec<Recorded>> = BTreeMap::new();
    for recorded in &ledger.events {
        let Writer::Device(device) = recorded.stream.writer else { continue };
        if recorded.stream.subject.kind == SubjectKind::ReceiptSeries {
            series.entry(recorded.stream).or_default().push(recorded.clone());
        }
        let action = (device, recorded.event.action);
        let twice = match &recorded.event.payload {
            Payload::ReceiptIssued(receipt) => issued.insert(action, receipt.clone().into()),
            Payload::RefundIssued(refund) => issued.insert(action, refund.clone().into()),
            Payload::Paid(paid) => given.insert(action, half(paid).map_err(wrong)?),
            Payload::PaymentRefunded(refund) => given.insert(action, refund.clone().into()),
            _ => None,
        };
        if twice.is_some() {
            return Err(wrong(format!("one action twice: {}", recorded.event.action)));
        }
    }
    for (stream, events) in &series {
        let Writer::Device(device) = stream.writer else { continue };
        let first = ledger.first_receipt.get(&device).copied().unwrap_or(1);
        // What a branch says goes on from where it left the trunk.
        let begins = events.first().map_or(1, |event| event.seq);
        let trunk = series.get(&stream.trunk()).map_or(&[][..], |trunk| trunk);
        let before = trunk.iter().filter(|event| stream.is_branch() && event.seq < begins);
        let payloads = before.chain(events).map(|recorded| &recorded.event.payload);
        in_sequence(device, first, payloads).map_err(wrong)?;
    }
    let aside = |action: &Id| ledger.held.iter().any(|held| held.event.action == *action);
    for ((device, action), receipt) in &issued {
        world.figures.receipts += 1;
        world.figures.refunds += u64::from(receipt.amount < 0);
        let told = world.book.confirmed.get(action).and_then(|told| told.receipt.as_ref());
        // A refund's receipt says what was given back as change.
        let as_told = |told: &ReceiptRef| match receipt.amount < 0 {
            true => -told.change.minor,
            false => told.due.minor,
        };
        if told.is_some_and(|it| (it.counter, as_told(it)) != (receipt.number, receipt.amount)) {
            let why = format!("receipt {} is not the one that was handed out", receipt.number);
            return Err(wrong(why));
        }
        match given.get(&(*device, *action)) {
            Some(half) if half == receipt => {}
            None if aside(action) => {}
            _ => {
                let why = format!("receipt {} of {device} and its other half", receipt.number);
                return Err(wrong(why));
            }
        }
    }
    if let Some((_, action)) = given
        .keys()
        .find(|(device, action)| !issued.contains_key(&(*device, *action)) && !aside(action))
    {
        return Err(wrong(format!("money moved without a receipt: {action}")));
    }
    totals(world, ledger)?;
    reconciled(world, ledger)
}

/// By device and action.
type Numbered = BTreeMap<(Id, Id), Half>;

/// One half of what moved money: under which number, and how much the company has more.
#[derive(Debug, PartialEq, Eq)]
struct Half {
    number: u64,
    amount: i64,
}

impl From<ReceiptIssued> for Half {
    fn from(receipt: ReceiptIssued) -> Half {
        Half { number: receipt.number, amount: receipt.amount.minor }
    }
}

impl From<RefundIssued> for Half {
    fn from(refund: RefundIssued) -> Half {
        Half { number: refund.number, amount: -refund.amount.minor }
    }
}

impl From<PaymentRefunded> for Half {
    fn from(refund: PaymentRefunded) -> Half {
        Half { number: refund.number, amount: -refund.amount.minor }
    }
}

fn half(paid: &Paid) -> Result<Half, String> {
    let amount = paid.tendered.minus(paid.change).map_err(|error| error.to_string())?;
    Ok(Half { number: paid.number, amount: amount.minor })
}

/// The server's own reconciliation finds nothing wrong: no gap, every running total adds up, every
/// receipt has its payment unless that very half is held back; and of a forked series each receipt
/// stands once, in the totals or on a line of its own.
fn reconciled(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let reports = world.office.run(|tx, _| rules::reconcile(tx));
    for report in reports.map_err(|no| violated("I0", format!("{no:?}")))? {
        let wrong = || violated("I3", format!("the series of {}: {report:?}", report.device));
        // Halves of what is held back, by their numbers.
        let held = |payload: &Payload| match payload {
            Payload::Paid(half) if half.series == report.series => Some(half.number),
            Payload::PaymentRefunded(half) if half.series == report.series => Some(half.number),
            Payload::PaymentVoided(half) if half.series == report.series => Some(half.number),
            Payload::ReceiptIssued(half) => Some(half.number),
            Payload::RefundIssued(half) => Some(half.number),
            Payload::ReceiptVoided(half) => Some(half.number),
            _ => None,
        };
        let held: BTreeSet<u64> =
            ledger.held.iter().filter_map(|it| held(&it.event.payload)).collect();
        let mut alone = report.without_payment.iter().chain(&report.without_receipt);
        if !report.totals.faults.is_empty() || !alone.all(|number| held.contains(number)) {
            return Err(wrong());
        }
        let moves = |payload: &Payload| {
            matches!(payload, Payload::ReceiptIssued(_) | Payload::RefundIssued(_))
        };
        let stored = ledger.events.iter().filter(|recorded| {
            recorded.stream.writer == Writer::Device(report.device)
                && recorded.stream.subject.kind == SubjectKind::ReceiptSeries
                && moves(&recorded.event.payload)
        });
        let stored: BTreeSet<Id> = stored.map(|recorded| recorded.event.action).collect();
        let counted = report.totals.receipts + report.totals.refunds;
        let aside: usize = report.aside.iter().map(|line| line.numbers.len()).sum();
        if (counted as usize) + aside < stored.len() {
            return Err(wrong());
        }
    }
    Ok(())
}

/// Counters have no gap, and each running total is the one before and the amount.
fn in_sequence<'a>(
    device: Id,
    first: u64,
    series: impl Iterator<Item = &'a Payload>,
) -> Result<(), String> {
    let mut running = Money::zero(Currency::CNY);
    let (mut next, mut amounts) = (first, BTreeMap::new());
    for payload in series {
        let (half, after) = match payload {
            Payload::ReceiptIssued(receipt) => (Half::from(receipt.clone()), receipt.running),
            Payload::RefundIssued(refund) => (Half::from(refund.clone()), refund.running),
            Payload::ReceiptVoided(void) => {
                running.minor -= amounts.remove(&void.number).unwrap_or(0);
                if void.running != running {
                    return Err(format!("series of {device}: {} does not add up", void.number));
                }
                continue;
            }
            _ => continue,
        };
        if half.number != next {
            return Err(format!("series of {device}: {} where {next} is next", half.number));
        }
        next += 1;
        running.minor += half.amount;
        if after != running {
            return Err(format!("series of {device}: {} does not add up", half.number));
        }
        amounts.insert(half.number, half.amount);
    }
    Ok(())
}

/// The server's own sums, order by order, are what was paid less what was given back; and no more was
/// given back than was allowed and paid.
fn totals(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let states = world.office.states().map_err(|no| violated("I0", format!("{no:?}")))?;
    let mut by_order: BTreeMap<Id, Vec<&Recorded>> = BTreeMap::new();
    for recorded in &ledger.events {
        by_order.entry(recorded.stream.subject.id).or_default().push(recorded);
    }
    for (order, state) in states {
        let events = by_order.get(&order).map_or(&[][..], |events| events);
        order_adds_up(&state, events)
            .map_err(|why| violated("I3", format!("order {order}: {why}")))?;
    }
    Ok(())
}

fn order_adds_up(state: &OrderState, events: &[&Recorded]) -> Result<(), String> {
    // What a decision excludes is in no sum; the report of the drawers says it on a line of its own.
    let whole = !events.iter().any(|recorded| match &recorded.event.payload {
        Payload::VerdictGiven(verdict) => verdict.effect == Effect::Exclude,
        _ => false,
    });
    let desk = state.desk_payments.iter().filter(|paid| state.visits.contains_key(&paid.visit));
    let mut expected: i64 = desk.map(|paid| paid.amount.minor).sum();
    let mut numbers = BTreeSet::new();
    for payment in &state.payments {
        // Two copies of a phone gave one number to two payments.
        if !numbers.insert((payment.series, payment.number)) {
            return Ok(());
        }
    }
    for recorded in events {
        let known = match &recorded.event.payload {
            Payload::Paid(paid) => {
                let payment = state.payments.iter().find(|it| it.event == recorded.id);
                let counts = payment.is_some_and(|payment| {
                    !matches!(payment.state, PaymentState::Void | PaymentState::Bounced)
                });
                expected += if counts { half(paid)?.amount } else { 0 };
                payment.is_some()
            }
            Payload::PaymentRefunded(refund) => {
                let of = state.payments.iter().find(|payment| {
                    payment.refunds.contains(&recorded.id) || payment.extra.contains(&recorded.id)
                });
                let takes_off = of.is_some_and(|payment| {
                    payment.refunds.contains(&recorded.id)
                        && !matches!(payment.state, PaymentState::Void | PaymentState::Bounced)
                });
                expected -= if takes_off { refund.amount.minor } else { 0 };
                of.is_some()
            }
            _ => true,
        };
        if whole && !known {
            return Err(format!("{} {} is in no sum", recorded.event.payload.name(), recorded.id));
        }
    }
    let paid = state.visits.values().filter_map(|visit| visit.paid);
    let by_visit: i64 = paid.map(|money| money.minor).sum();
    if by_visit != expected {
        return Err(format!("visits say {by_visit} is paid, payments and refunds {expected}"));
    }
    for payment in &state.payments {
        let allowed = payment.approved.map_or(0, |sum| sum.minor).min(payment.amount.minor);
        let back = payment.refunded.map_or(0, |sum| sum.minor);
        if back > allowed {
            return Err(format!("{back} of {allowed} given back of receipt {}", payment.number));
        }
    }
    Ok(())
}

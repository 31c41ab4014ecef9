//! I3: money.

use std::collections::BTreeMap;

use doorstep::{
    base::{Currency, Id, Money},
    event::{Paid, Payload, ReceiptIssued},
    log::{SubjectKind, Writer},
    order::OrderState,
};
use doorstep_server::rules;

use super::ledger::Ledger;
use crate::{
    report::{Violation, violated},
    world::World,
};

/// Receipts, payments, what people were told, and the server's own totals agree.
pub(super) fn conserved(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let wrong = |why: String| violated("I3", why);
    let (mut receipts, mut payments) = (BTreeMap::new(), BTreeMap::new());
    let mut series: BTreeMap<Id, Vec<Payload>> = BTreeMap::new();
    for recorded in &ledger.events {
        let Writer::Device(device) = recorded.stream.writer else { continue };
        if recorded.stream.subject.kind == SubjectKind::ReceiptSeries {
            series.entry(device).or_default().push(recorded.event.payload.clone());
        }
        match &recorded.event.payload {
            Payload::ReceiptIssued(receipt) => {
                let known = receipts.entry(device).or_insert_with(Vec::new);
                known.push((recorded.event.action, receipt.clone()));
            }
            Payload::Paid(paid)
                if payments.insert((device, recorded.event.action), paid.clone()).is_some() =>
            {
                return Err(wrong(format!("one action paid twice: {}", recorded.event.action)));
            }
            _ => {}
        }
    }
    for (device, receipts) in &receipts {
        let first = ledger.first_receipt.get(device).copied().unwrap_or(1);
        let series = series.get(device).map_or(&[][..], |series| series);
        in_sequence(*device, first, series).map_err(wrong)?;
        for (action, receipt) in receipts {
            matched(world, ledger, *device, *action, receipt, &payments).map_err(wrong)?;
            world.figures.receipts += 1;
        }
    }
    for ((device, action), paid) in &payments {
        let issued = receipts.get(device).is_some_and(|receipts| {
            receipts.iter().any(|(of, receipt)| of == action && receipt.number == paid.number)
        });
        let aside = ledger.held.iter().any(|held| held.event.action == *action);
        if !issued && !aside {
            return Err(wrong(format!("paid without a receipt: {action}")));
        }
    }
    totals(world, ledger)?;
    reconciled(world, ledger)
}

/// The server's own reconciliation finds nothing wrong: no gap, every running total adds up, and
/// every receipt has its payment unless a half of something is held back.
fn reconciled(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let reports = world.office.run(|tx, _| rules::reconcile(tx));
    for report in reports.map_err(|no| violated("I0", format!("{no:?}")))? {
        let held = ledger.held.iter().any(|held| held.device == report.device);
        if !report.totals.faults.is_empty() || !(report.ties || held) {
            return Err(violated("I3", format!("the series of {}: {report:?}", report.device)));
        }
    }
    Ok(())
}

/// Counters have no gap, and each running total is the one before and the amount.
fn in_sequence(device: Id, first: u64, series: &[Payload]) -> Result<(), String> {
    let mut running = Money::zero(Currency::CNY);
    let (mut next, mut amounts) = (first, BTreeMap::new());
    for payload in series {
        let (number, after, change) = match payload {
            Payload::ReceiptIssued(receipt) => {
                if receipt.number != next {
                    let found = receipt.number;
                    return Err(format!("series of {device}: {found} where {next} is next"));
                }
                next += 1;
                amounts.insert(receipt.number, receipt.amount);
                (receipt.number, receipt.running, receipt.amount.minor)
            }
            Payload::ReceiptVoided(void) => {
                let amount = amounts.remove(&void.number).map_or(0, |amount| amount.minor);
                (void.number, void.running, -amount)
            }
            _ => continue,
        };
        running.minor += change;
        if after != running {
            return Err(format!("series of {device}: {number} does not add up"));
        }
    }
    Ok(())
}

fn matched(
    world: &World,
    ledger: &Ledger,
    device: Id,
    action: Id,
    receipt: &ReceiptIssued,
    payments: &BTreeMap<(Id, Id), Paid>,
) -> Result<(), String> {
    let told = world.book.confirmed.get(&action).and_then(|told| told.receipt.as_ref());
    if told.is_some_and(|told| told.counter != receipt.number || told.due != receipt.amount) {
        return Err(format!("receipt {} is not the one that was handed out", receipt.number));
    }
    match payments.get(&(device, action)) {
        Some(paid) => {
            let amount = paid.tendered.minus(paid.change).map_err(|error| error.to_string())?;
            if paid.number == receipt.number && amount == receipt.amount {
                return Ok(());
            }
            Err(format!("receipt {} and its payment differ", receipt.number))
        }
        None if ledger.held.iter().any(|held| held.event.action == action) => Ok(()),
        None => Err(format!("receipt {} of {device} without a payment", receipt.number)),
    }
}

/// The server's own sums, order by order, are the payments.
fn totals(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let orders = ledger.orders.clone();
    let states: Result<Vec<OrderState>, _> =
        world.office.run(|tx, _| orders.iter().map(|order| Ok(rules::fold(tx, *order)?)).collect());
    let states = states.map_err(|no| violated("I0", format!("{no:?}")))?;
    let visits = states.iter().flat_map(|state| state.visits.values());
    let by_order: i64 = visits.filter_map(|visit| visit.paid).map(|money| money.minor).sum();
    let paid = |paid: &Paid| paid.tendered.minor - paid.change.minor;
    // By order too: two copies of a phone give one number to two customers.
    let mut by_order_and_number: BTreeMap<(Id, Id, u64), i64> = BTreeMap::new();
    for recorded in &ledger.events {
        let order = recorded.stream.subject.id;
        match &recorded.event.payload {
            Payload::Paid(of) => {
                *by_order_and_number.entry((order, of.series, of.number)).or_default() += paid(of);
            }
            Payload::PaymentVoided(void) => {
                by_order_and_number.insert((order, void.series, void.number), 0);
            }
            _ => {}
        }
    }
    let by_payment: i64 = by_order_and_number.values().sum();
    if by_order != by_payment {
        let why = format!("orders say {by_order} was paid, payments say {by_payment}");
        return Err(violated("I3", why));
    }
    Ok(())
}

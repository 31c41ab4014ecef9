//! I3: money.

use std::collections::BTreeMap;

use doorstep::{
    base::{Currency, Id, Money},
    event::{Paid, Payload, ReceiptIssued},
    log::Writer,
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
    for recorded in &ledger.events {
        let Writer::Device(device) = recorded.stream.writer else { continue };
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
        in_sequence(*device, first, receipts).map_err(wrong)?;
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
    totals(world, ledger, &payments)
}

/// Counters have no gap, and each running total is the one before and the amount.
fn in_sequence(device: Id, first: u64, receipts: &[(Id, ReceiptIssued)]) -> Result<(), String> {
    let mut running = Money::zero(Currency::CNY);
    for (number, (_, receipt)) in (first..).zip(receipts) {
        if receipt.number != number {
            return Err(format!("series of {device}: {} where {number} is next", receipt.number));
        }
        running = running.plus(receipt.amount).map_err(|error| error.to_string())?;
        if receipt.running != running {
            return Err(format!("series of {device}: receipt {number} does not add up"));
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
fn totals(
    world: &mut World,
    ledger: &Ledger,
    payments: &BTreeMap<(Id, Id), Paid>,
) -> Result<(), Violation> {
    let orders = ledger.orders.clone();
    let states: Result<Vec<OrderState>, _> =
        world.office.run(|tx, _| orders.iter().map(|order| Ok(rules::fold(tx, *order)?)).collect());
    let states = states.map_err(|no| violated("I0", format!("{no:?}")))?;
    let visits = states.iter().flat_map(|state| state.visits.values());
    let by_order: i64 = visits.filter_map(|visit| visit.paid).map(|money| money.minor).sum();
    let paid = |paid: &Paid| paid.tendered.minor - paid.change.minor;
    let by_payment: i64 = payments.values().map(paid).sum();
    if by_order != by_payment {
        let why = format!("orders say {by_order} was paid, payments say {by_payment}");
        return Err(violated("I3", why));
    }
    Ok(())
}

//! C17: a receipt number twice, because a device's series forked. Both stay on record; the decision
//! about the fork (C10) says which one counts.
//!
//! What a fork holds is kept aside and is in no order's streams, so the two receipts of a number are
//! kept as a fact when the fork is: an order looks its payments up there, once for each series.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id, Instant, Money},
    event::{Event, Payload, Side, SideValue, VerdictGiven},
    log::{StreamId, Tail, Writer},
    money::ReceiptNumber,
};
use minicbor::{Decode, Encode};

use super::Case;
use crate::{
    rules::{Context, clock},
    store::{StoreError, Tx},
};

/// One receipt of a number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
struct Issued {
    #[n(0)]
    order: Id,
    /// Its half in the order.
    #[n(1)]
    order_event: Hash,
    #[n(2)]
    actor: Id,
    #[n(3)]
    at: Instant,
    #[n(4)]
    minor: i64,
    #[n(5)]
    currency: String,
}

/// A number that was used twice: in the series as it is known, and in the fork.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(array)]
pub(in crate::rules) struct Twice {
    #[n(0)]
    number: u64,
    #[n(1)]
    first: Issued,
    #[n(2)]
    second: Issued,
}

impl Twice {
    /// The events of the verdict about it.
    pub(in crate::rules) fn events(&self) -> Vec<Hash> {
        let mut events = vec![self.first.order_event, self.second.order_event];
        events.sort();
        events.dedup();
        events
    }

    /// The orders that were paid for.
    pub(in crate::rules) fn orders(&self) -> [Id; 2] {
        [self.first.order, self.second.order]
    }
}

fn key(series: Id) -> String {
    format!("receipt-twice/{series}")
}

/// What was used twice of a series.
pub(in crate::rules) fn twice(tx: &mut dyn Tx, series: Id) -> Result<BTreeSet<Twice>, StoreError> {
    let read = |(_, body): (Instant, Vec<u8>)| {
        minicbor::decode(&body)
            .map_err(|error| StoreError::Damaged(format!("a receipt used twice: {error}")))
    };
    tx.facts(&key(series))?.into_iter().map(read).collect()
}

/// Keeps which numbers a fork of a receipt series, held back, uses that the series itself used.
pub(in crate::rules) fn note(tx: &mut dyn Tx, tail: &Tail) -> Result<(), StoreError> {
    let stream = tail.stream.trunk();
    let Some(head) = tx.head(&stream)? else { return Ok(()) };
    // A void doesn't shift the numbers' places by more than the voids there are: all from the fork on.
    let mut ours = Vec::new();
    for stored in tx.events(&stream, tail.from.max(1), head.seq)? {
        ours.push(stored.bytes);
    }
    let first = issued(tx, &stream, &ours)?;
    let theirs: Vec<Vec<u8>> = tail.events.iter().map(|bytes| bytes.to_vec()).collect();
    let second = issued(tx, &stream, &theirs)?;
    let known = twice(tx, stream.subject.id)?;
    for (number, first) in first {
        let other = second.get(&number).filter(|other| other.order_event != first.order_event);
        let Some(second) = other.cloned() else { continue };
        let at = second.at;
        let found = Twice { number, first, second };
        if !known.contains(&found) {
            let body = minicbor::to_vec(&found).unwrap_or_default();
            tx.add_fact(&key(stream.subject.id), at, &body)?;
        }
    }
    Ok(())
}

fn issued(
    tx: &mut dyn Tx,
    stream: &StreamId,
    events: &[Vec<u8>],
) -> Result<BTreeMap<u64, Issued>, StoreError> {
    let mut found = BTreeMap::new();
    for event in events.iter().filter_map(|bytes| Event::decode(bytes).ok()) {
        let (number, order, order_event, amount) = match &event.payload {
            Payload::ReceiptIssued(r) => (r.number, r.order, r.order_event, r.amount),
            Payload::RefundIssued(r) => (r.number, r.order, r.order_event, r.amount),
            _ => continue,
        };
        let at = match stream.writer {
            Writer::Device(device) => clock::date(tx, device, &event.clock)?,
            Writer::Office(_) => event.clock.wall,
        };
        let (actor, currency) = (event.actor, amount.currency.code().to_owned());
        let issued = Issued { order, order_event, actor, at, minor: amount.minor, currency };
        found.insert(number, issued);
    }
    Ok(found)
}

/// One verdict for each payment of the order whose number was used twice.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let series: BTreeSet<Id> = case.state.payments.iter().map(|payment| payment.series).collect();
    let mut verdicts = Vec::new();
    for series in series {
        for twice in twice(tx, series)? {
            if !twice.orders().contains(&case.order) {
                continue;
            }
            let sides = vec![side(tx, series, &twice, 0)?, side(tx, series, &twice, 1)?];
            verdicts.push(VerdictGiven::conflict("C17", twice.events(), sides));
        }
    }
    Ok(verdicts)
}

fn side(tx: &mut dyn Tx, series: Id, twice: &Twice, which: usize) -> Result<Side, StoreError> {
    let issued = if which == 0 { &twice.first } else { &twice.second };
    let number = ReceiptNumber::new(series, twice.number).map(|number| number.to_string());
    let order = tx.order(issued.order)?.map(|order| order.number).unwrap_or_default();
    let mut side = Side::new(issued.actor, "issued-receipt", issued.at, issued.order_event)
        .with(SideValue::text("number", number.unwrap_or_default()))
        .with(SideValue::text("order", order));
    if let Some(currency) = doorstep::base::Currency::new(&issued.currency) {
        side = side.with(SideValue::money("amount", Money::new(issued.minor, currency)));
    }
    Ok(side)
}

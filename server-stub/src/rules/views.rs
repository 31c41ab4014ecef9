//! What the office sees.

use std::collections::BTreeMap;

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    event::{Customer, DetailText, Payload, Recorded},
    log::{Chain, Class, StreamId, Subject},
    order::{Conflict, OrderState},
    sync::{NothingUnsent, Statement},
};
use serde::Serialize;

use super::{Context, orders as order_rules};
use crate::{
    problem::{Failure, Problem},
    store::{DeviceRow, HeldRow, OrderRow, Revoked, Tx},
};

/// Lines in a list.
const MOST: usize = 1_000;

/// Where a stream stands.
#[derive(Debug, Serialize)]
pub struct StreamView {
    /// Which.
    pub stream: StreamId,
    /// Its last sequence number.
    pub seq: u64,
    /// Its last event's id.
    pub hash: Hash,
}

/// A customer, opened for the office.
#[derive(Debug, Serialize)]
pub struct CustomerView {
    /// Name.
    pub name: Personal,
    /// Phone.
    pub phone: Option<Personal>,
    /// What was reported.
    pub report: Option<Personal>,
    /// The service need.
    pub special_need: Option<Personal>,
}

/// An order as the server sees it.
#[derive(Debug, Serialize)]
pub struct OrderView {
    /// Its id.
    pub order: Id,
    /// Its state: the same fold as on every phone.
    pub state: OrderState,
    /// SHA-256 of the state.
    pub digest: Hash,
    /// For whom; absent once erased.
    pub customer: Option<CustomerView>,
    /// Phones and access notes that were written down, by event; absent once erased.
    pub texts: BTreeMap<Hash, Personal>,
    /// Its streams.
    pub streams: Vec<StreamView>,
}

/// A conflict and where it is.
#[derive(Debug, Serialize)]
pub struct ConflictView {
    /// The order.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// The conflict.
    pub conflict: Conflict,
}

/// A device as the office sees it.
#[derive(Debug, Serialize)]
pub struct DeviceView {
    /// Its certificate's id.
    pub device: Id,
    /// Whose it is.
    pub person: Option<Id>,
    /// When it became one.
    pub enrolled_at: Instant,
    /// When it last exchanged.
    pub seen_at: Option<Instant>,
    /// Events it said it recorded.
    pub recorded: u64,
    /// Of these, not sent when it last exchanged.
    pub unsent: u64,
    /// Events stored of it.
    pub stored: u64,
    /// Events held back of it.
    pub held: u64,
    /// Why it looks like a clone or a restored copy: a code.
    pub suspect: Option<String>,
    /// Its revocation.
    pub revoked: Option<Revoked>,
    /// What the office can say of it in writing; absent before its first exchange.
    pub statement: Option<StatementView>,
}

/// What the company's server holds of a device, said in a form that proves itself.
#[derive(Debug, Serialize)]
pub struct StatementView {
    /// All that the device said it had recorded is here: it may be wiped, replaced, handed in.
    pub nothing_unsent: bool,
    /// As of its last exchange.
    pub at: Instant,
    /// The signed statement in hexadecimal digits, for `doorstep verify statement`.
    pub signed: String,
}

/// One order, whole.
pub fn order(tx: &mut dyn Tx, id: Id) -> Result<OrderView, Failure> {
    let recorded = order_rules::recorded(tx, id)?;
    if recorded.is_empty() {
        let message = format!("no order has the id {id}");
        let todo = "look it up in the list of orders";
        return Err(Problem::not_found("unknown-order", message, todo).into());
    }
    let subject = Subject::work_order(id);
    let keys = tx.keys(&subject)?;
    let key = keys.iter().find(|(class, _)| *class == Class::Contact).map(|(_, key)| key);
    let customer = recorded
        .iter()
        .find(|recorded| matches!(recorded.event.payload, Payload::OrderOpened(_)))
        .and_then(|opened| opened.private::<Customer>(Class::Contact, key))
        .map(|customer| CustomerView {
            name: customer.name,
            phone: customer.phone,
            report: customer.report,
            special_need: customer.special_need,
        });
    let text = |recorded: &Recorded| match recorded.event.payload {
        Payload::DetailChanged(_) => {
            Some((recorded.id, recorded.private::<DetailText>(Class::Contact, key)?.text))
        }
        _ => None,
    };
    let texts = recorded.iter().filter_map(text).collect();
    let state = OrderState::fold(&recorded);
    let streams = tx.streams_about(&subject)?;
    let view = |row: &crate::store::StreamRow| {
        let Chain { seq, hash } = row.head;
        StreamView { stream: row.stream, seq, hash }
    };
    Ok(OrderView {
        order: id,
        digest: state.digest(),
        state,
        customer,
        texts,
        streams: streams.iter().map(view).collect(),
    })
}

/// The list of orders, last changed first.
pub fn orders(tx: &mut dyn Tx) -> Result<Vec<OrderRow>, Failure> {
    Ok(tx.orders(false, MOST)?)
}

/// All conflicts, open and decided.
pub fn conflicts(tx: &mut dyn Tx) -> Result<Vec<ConflictView>, Failure> {
    let mut found = Vec::new();
    for row in tx.orders(true, MOST)? {
        let state = order_rules::fold(tx, row.id)?;
        let view = |conflict| ConflictView { order: row.id, number: row.number.clone(), conflict };
        found.extend(state.conflicts.into_iter().map(view));
    }
    Ok(found)
}

/// Everything held back.
pub fn held(tx: &mut dyn Tx) -> Result<Vec<HeldRow>, Failure> {
    Ok(tx.held()?)
}

/// All devices.
pub fn devices(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Vec<DeviceView>, Failure> {
    let mut views = Vec::new();
    for row in tx.devices()? {
        views.push(device_view(tx, ctx, row)?);
    }
    Ok(views)
}

fn device_view(tx: &mut dyn Tx, ctx: &Context<'_>, row: DeviceRow) -> Result<DeviceView, Failure> {
    let (stored, held) = (tx.stored(row.id)?.events(), tx.held_back(row.id)?);
    let waited_for = tx.photos_waited_for(row.id)?;
    let statement = row.seen_at.map(|at| {
        let photos = (waited_for > 0).then_some(waited_for);
        let said = NothingUnsent { recorded: row.recorded, held: stored + held, at, photos };
        let nothing_unsent = said.holds_all();
        let signed = Statement { device: row.id, said }.sign(&ctx.keys.sign_key());
        StatementView { nothing_unsent, at, signed: data_encoding::HEXLOWER.encode(&signed) }
    });
    Ok(DeviceView {
        device: row.id,
        person: row.person,
        enrolled_at: row.enrolled_at,
        seen_at: row.seen_at,
        recorded: row.recorded,
        unsent: row.unsent,
        stored,
        held,
        suspect: row.suspect,
        revoked: row.revoked,
        statement,
    })
}

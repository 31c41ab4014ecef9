//! What the office does with work orders: opens, assigns, cancels.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant, Lang, Personal},
    event::{
        Appointment, Customer, DetailChange, DetailChanged, Event, OrderAssigned, OrderCancelled,
        OrderExpired, OrderOpened, Promised, Recorded, VisitKind, Window,
    },
    log::{Class, Subject, SubjectKey},
    order::{History, OrderState, OrderStatus, RULES_VERSION},
};
use serde::Deserialize;

use super::{
    Context, bottles, complaint, details, district, hazards,
    input::{LONG, SHORT, at_most, filled},
    office, terms, verdict,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, OrderRow, StoreError, StoredEvent, Tx},
};

/// A customer, as the office knows them. Sealed before it is stored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerInput {
    /// Name, as to be addressed.
    pub name: Personal,
    /// Phone.
    pub phone: Option<Personal>,
    /// What was reported.
    pub report: Option<Personal>,
    /// The service need, never the illness.
    pub special_need: Option<Personal>,
    /// The language of their documents.
    pub lang: Option<Lang>,
}

/// A work order to open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderInput {
    /// The caller's id of this action: the same again opens nothing twice.
    pub action: Option<Id>,
    /// The order's id, if the caller chooses it.
    pub id: Option<Id>,
    /// What is to be done.
    pub kind: VisitKind,
    /// Where; published before.
    pub premises: Id,
    /// The number people say on the phone; no two orders share one.
    pub number: String,
    /// Which standard its visits follow; published before.
    pub standard: String,
    /// Danger to life.
    #[serde(default)]
    pub emergency: bool,
    /// Promised by.
    pub due: Option<Instant>,
    /// Promises of the company that hold for it, by their ids: their deadlines are counted now.
    #[serde(default)]
    pub promises: Vec<String>,
    /// When it was reported, for deadlines; now, when absent.
    #[serde(default)]
    pub received: Option<Instant>,
    /// For whom.
    #[serde(default)]
    pub customer: CustomerInput,
}

/// To whom an order is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The technician.
    pub to: Id,
}

/// A time agreed with the customer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppointInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// When somebody comes; absent: called off.
    pub window: Option<Window>,
}

/// Why an order is cancelled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// Why, in the office's words; no personal data.
    pub reason: String,
}

/// Why an order is closed as expired.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// Why, in the office's words; no personal data.
    pub reason: String,
}

/// Opens an order and makes its keys. Gives its id.
pub fn open_order(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    input: &OrderInput,
) -> Result<Id, Failure> {
    if let Some(action) = input.action
        && let Some(subject) = tx.office_action(action)?
    {
        return Ok(subject.id);
    }
    filled("number", &input.number, SHORT)?;
    let customer = customer(&input.customer)?;
    let published = |tx: &mut dyn Tx, key: &str| -> Result<(), Failure> {
        if tx.standing_version(key)?.is_some() {
            return Ok(());
        }
        let message = format!("`{key}` was never published");
        Err(Problem::not_found("not-published", message, "publish it first").into())
    };
    district::known(tx, input.premises)?;
    published(tx, &super::standing::standard_key(&input.standard))?;
    if tx.order_by_number(&input.number)?.is_some() {
        let message = "another order has this number";
        return Err(Problem::conflict("number-taken", message, "choose another number").into());
    }
    let id = input.id.unwrap_or_else(|| ctx.id());
    let subject = Subject::work_order(id);
    if tx.order(id)?.is_some() || !tx.streams_about(&subject)?.is_empty() {
        let message = "an order with this id is here already";
        return Err(Problem::conflict("order-exists", message, "choose another id").into());
    }
    let promises = promised(tx, ctx, input)?;
    for class in Class::ALL {
        tx.add_key(&subject, class, &SubjectKey::generate(ctx.entropy))?;
    }
    let opened = OrderOpened {
        kind: input.kind,
        premises: input.premises,
        number: input.number.clone(),
        standard: input.standard.clone(),
        rules: RULES_VERSION,
        emergency: input.emergency,
        due: input.due,
        promises: (!promises.is_empty()).then_some(promises),
    };
    let mut act = office::Act::new(input.action, account.person, opened);
    act.private = Some((Class::Contact, minicbor::to_vec(&customer).unwrap_or_default()));
    office::write(tx, ctx, subject, act)?;
    refresh(tx, ctx, id)?;
    tracing::info!(order = %id, "order opened");
    Ok(id)
}

/// The deadlines of the promises that hold for a new order.
fn promised(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    input: &OrderInput,
) -> Result<Vec<Promised>, Failure> {
    const MOST: usize = 10;
    if input.promises.is_empty() {
        return Ok(Vec::new());
    }
    if input.promises.len() > MOST {
        let message = format!("at most {MOST} promises hold for an order");
        return Err(Problem::bad("malformed", message, "name fewer").into());
    }
    let from = input.received.unwrap_or(ctx.now);
    let terms = terms::in_force(tx, ctx)?;
    let mut promised = Vec::new();
    for id in &input.promises {
        let Some(promise) = terms.promises.get(id) else {
            let message = format!("no promise is called `{id}`");
            let todo = "name one of the service promises";
            return Err(Problem::not_found("unknown-promise", message, todo).into());
        };
        let due = terms.clock(ctx).due(promise.within, from, &[]).ok_or_else(|| {
            let message = format!("the deadline of `{id}` is beyond the end of time");
            Problem::bad("bad-deadline", message, "correct `received`")
        })?;
        promised.push(Promised { id: id.clone(), due, until: promise.until });
    }
    Ok(promised)
}

fn customer(input: &CustomerInput) -> Result<Customer, Problem> {
    at_most("customer.name", input.name.reveal(), SHORT)?;
    let fields = [
        ("customer.phone", &input.phone, SHORT),
        ("customer.report", &input.report, LONG),
        ("customer.special_need", &input.special_need, LONG),
    ];
    for (field, text, max) in fields {
        at_most(field, text.as_ref().map_or("", Personal::reveal), max)?;
    }
    Ok(Customer {
        name: input.name.clone(),
        phone: input.phone.clone(),
        report: input.report.clone(),
        special_need: input.special_need.clone(),
        lang: input.lang,
    })
}

/// Gives an order to a person. To whom it is given already, nothing happens.
pub fn assign(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &AssignInput,
) -> Result<(), Failure> {
    if done_before(tx, order, input.action)? {
        return Ok(());
    }
    let row = known(tx, order)?;
    if tx.person(input.to)?.is_none() {
        let message = format!("no person has the id {}", input.to);
        return Err(Problem::not_found("unknown-person", message, "add the person first").into());
    }
    if !row.is_active() {
        let message = "the order is done or cancelled";
        return Err(Problem::conflict("order-closed", message, "open a new order").into());
    }
    if row.assigned_to == Some(input.to) {
        return Ok(());
    }
    let act = office::Act::new(input.action, account.person, OrderAssigned { to: input.to });
    write(tx, ctx, order, act)?;
    // It may be an indoor leak: whoever has the phone in front hears of it now.
    Ok(tx.ring_person(input.to, ctx.now)?)
}

/// Writes down a time agreed with the customer, or that it was called off. What holds already is
/// not written again.
pub fn appoint(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &AppointInput,
) -> Result<(), Failure> {
    if done_before(tx, order, input.action)? {
        return Ok(());
    }
    if !known(tx, order)?.is_active() {
        let message = "the order is done or cancelled";
        return Err(Problem::conflict("order-closed", message, "open a new order").into());
    }
    let agreed = |window: Window| Appointment { from: window.from, to: window.to, agreed: true };
    let made = input.window.map(agreed);
    if made.is_some_and(|made| !made.makes_sense()) {
        let message = "an appointment ends after it begins, within a day";
        return Err(Problem::bad("malformed", message, "write `from` before `to`").into());
    }
    if fold(tx, order)?.details.appointment == made {
        return Ok(());
    }
    let change = made.map_or(DetailChange::NoAppointment, DetailChange::Appointment);
    write(tx, ctx, order, office::Act::new(input.action, account.person, DetailChanged { change }))
}

/// Cancels an order. Cancelled already, nothing happens; work the office knows of is not undone.
pub fn cancel(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &CancelInput,
) -> Result<(), Failure> {
    if done_before(tx, order, input.action)? {
        return Ok(());
    }
    filled("reason", &input.reason, LONG)?;
    match known(tx, order)?.status {
        OrderStatus::Cancelled => return Ok(()),
        OrderStatus::Done => {
            let message = "the work is done: it can't be cancelled any more";
            return Err(Problem::conflict("order-done", message, "look at the order").into());
        }
        _ => {}
    }
    let cancelled = OrderCancelled { reason: input.reason.clone() };
    let act = office::Act::new(input.action, account.person, cancelled);
    write(tx, ctx, order, act)
}

/// Closes an order that nobody went to in time. Closed already, nothing happens; what the office
/// knows to be done or cancelled is not closed.
pub fn expire(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ExpireInput,
) -> Result<(), Failure> {
    if done_before(tx, order, input.action)? {
        return Ok(());
    }
    filled("reason", &input.reason, LONG)?;
    match known(tx, order)?.status {
        OrderStatus::Expired => return Ok(()),
        OrderStatus::Done | OrderStatus::Cancelled => {
            let message = "the order is done or cancelled";
            return Err(Problem::conflict("order-closed", message, "look at the order").into());
        }
        _ => {}
    }
    let expired = OrderExpired { reason: input.reason.clone() };
    let act = office::Act::new(input.action, account.person, expired);
    write(tx, ctx, order, act)
}

/// Writes what the office did to an order, and judges it anew.
pub(super) fn write(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    act: office::Act,
) -> Result<(), Failure> {
    office::write(tx, ctx, Subject::work_order(order), act)?;
    refresh(tx, ctx, order)
}

/// Whether this action was done before, on this order.
pub(super) fn done_before(tx: &mut dyn Tx, order: Id, action: Option<Id>) -> Result<bool, Failure> {
    let Some(action) = action else { return Ok(false) };
    match tx.office_action(action)? {
        None => Ok(false),
        Some(subject) if subject == Subject::work_order(order) => Ok(true),
        Some(_) => {
            let message = "this action id was used on another order";
            Err(Problem::conflict("action-reused", message, "draw a new action id").into())
        }
    }
}

/// The order's line in the list.
pub(super) fn known(tx: &mut dyn Tx, order: Id) -> Result<OrderRow, Failure> {
    tx.order(order)?.ok_or_else(|| {
        let message = format!("no order has the id {order}");
        Problem::not_found("unknown-order", message, "look it up in the list of orders").into()
    })
}

/// All events of an order, in their places.
pub(super) fn recorded(tx: &mut dyn Tx, order: Id) -> Result<Vec<Recorded>, StoreError> {
    recorded_about(tx, &Subject::work_order(order))
}

/// All events about a subject, in their places.
pub(super) fn recorded_about(
    tx: &mut dyn Tx,
    subject: &Subject,
) -> Result<Vec<Recorded>, StoreError> {
    tx.events_about(subject)?.into_iter().map(read_stored).collect()
}

/// An event as stored, in its place.
pub(super) fn read_stored(stored: StoredEvent) -> Result<Recorded, StoreError> {
    let event = Event::decode(&stored.bytes)
        .map_err(|error| StoreError::Damaged(format!("event {}: {error}", stored.hash)))?;
    Ok(Recorded { stream: stored.stream, seq: stored.seq, id: stored.hash, event })
}

/// An order's state, as every machine folds it.
pub fn fold(tx: &mut dyn Tx, order: Id) -> Result<OrderState, StoreError> {
    Ok(OrderState::fold(&recorded(tx, order)?))
}

/// Judges an order anew, as [`refresh_all`] does several.
pub(super) fn refresh(tx: &mut dyn Tx, ctx: &mut Context<'_>, order: Id) -> Result<(), Failure> {
    refresh_all(tx, ctx, [order])
}

/// Judges orders anew and brings their lines in the list up to date with their streams; then, once
/// they all stand, those that their changes may touch, each once.
pub(super) fn refresh_all(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    orders: impl IntoIterator<Item = Id>,
) -> Result<(), Failure> {
    let orders: Vec<_> = orders.into_iter().collect();
    let mut neighbours = BTreeSet::new();
    for some in orders.chunks(AHEAD) {
        look_ahead(tx, some)?;
        for order in some.iter().copied() {
            let (events, state, judged) = judged(tx, ctx, order)?;
            put_line(tx, ctx, order, &state)?;
            complaint::follow(tx, ctx, order, &events, &state)?;
            hazards::follow(tx, ctx, order, &state)?;
            bottles::follow(tx, ctx, order, &state)?;
            neighbours.extend(judged.neighbours);
        }
    }
    let neighbours: Vec<_> = neighbours.into_iter().collect();
    for some in neighbours.chunks(AHEAD) {
        look_ahead(tx, some)?;
        for neighbour in some.iter().copied() {
            let (_, state, judged) = judged(tx, ctx, neighbour)?;
            if judged.changed {
                put_line(tx, ctx, neighbour, &state)?;
                hazards::follow(tx, ctx, neighbour, &state)?;
            }
        }
    }
    Ok(())
}

/// So many orders' events are read at once, and held until each is judged.
const AHEAD: usize = 64;

fn look_ahead(tx: &mut dyn Tx, orders: &[Id]) -> Result<(), StoreError> {
    let subjects: Vec<_> = orders.iter().map(|order| Subject::work_order(*order)).collect();
    tx.events_ahead(&subjects)
}

/// An order's events, its state with the verdicts that hold now, and what judging it brought.
fn judged(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
) -> Result<(Vec<Recorded>, OrderState, verdict::Judged), Failure> {
    let events = recorded(tx, order)?;
    let history = History::merge(&events);
    let state = OrderState::of(&history);
    let judged = verdict::judge(tx, ctx, order, &history, &state)?;
    let state = if judged.changed { fold(tx, order)? } else { state };
    Ok((events, state, judged))
}

fn put_line(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), StoreError> {
    details::forget(tx, ctx, order, state)?;
    tx.put_order(&OrderRow {
        id: order,
        number: state.number.clone().unwrap_or_default(),
        kind: state.kind,
        opened_at: state.opened_at,
        premises: state.premises,
        assigned_to: state.assigned_to,
        status: state.status,
        conflicts: state.conflicts.len() as u64,
        open_conflicts: state.open_conflicts().count() as u64,
        charged: verdict::charged(state).is_some(),
        changed_at: ctx.now,
    })
}

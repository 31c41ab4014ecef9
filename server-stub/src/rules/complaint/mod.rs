//! Cases of complaint: from what was said at the door or on the phone to the call-back.
//!
//! A case belongs to a work order, under whose key its words are sealed. What happened in it is
//! kept as facts that are never changed; its line in the list is derived from them, its earliest
//! deadline with it. Deadlines are data: the promises and the calendar the company set.

mod alarm;
mod case;
mod follow;
mod tell;
mod view;

use doorstep::{
    base::{Id, Instant, Personal},
    event::{CaseStatus, Channel, Customer, Payload, VisitKind},
    log::{Class, Opened, Subject, SubjectKey},
    order::OrderStatus,
};
use serde::Deserialize;

pub use alarm::{AlarmView, alarms};
pub use case::Act;
pub use view::{ActView, CaseView, DeadlineView, Ledger, case, ledger, open_complaints};

pub(super) use follow::follow;

use self::case::{Case, CaseFact, earliest};
use super::{
    Context,
    input::{LONG, SHORT, filled},
    orders, terms,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, ComplaintRow, StoreError, Tx},
};

/// Lines in a list.
const MOST: usize = 1_000;

/// A complaint, as somebody in the office takes it down.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintInput {
    /// The caller's id of this action: the same again opens nothing twice.
    pub action: Option<Id>,
    /// How it came in.
    pub channel: Channel,
    /// What the customer said.
    pub words: Personal,
    /// When it was received; now, if left out. Not in the future.
    pub received: Option<Instant>,
}

/// Something done in a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// What.
    pub act: Act,
    /// To whom it is handed over.
    pub to: Option<Id>,
    /// What was said or found, like the answer.
    pub words: Option<Personal>,
}

/// A call-back to plan.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallBackInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The number of the order to open.
    pub number: String,
    /// Which standard the visit follows; published before.
    pub standard: String,
    /// The order's id, if the caller chooses it.
    pub id: Option<Id>,
    /// Who goes there, if that is known.
    pub to: Option<Id>,
}

/// Takes a complaint down. Gives the case's number.
pub fn log_complaint(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ComplaintInput,
) -> Result<String, Failure> {
    filled("words", input.words.reveal(), LONG)?;
    let row = orders::known(tx, order)?;
    let received = input.received.unwrap_or(ctx.now);
    if received > ctx.now {
        let message = "a complaint can't be received in the future";
        return Err(Problem::bad("malformed", message, "correct `received`").into());
    }
    let action = input.action.unwrap_or_else(|| ctx.id());
    if let Some(number) = done_before(tx, order, action)? {
        return Ok(number);
    }
    let mut fact = fact(Act::Received, action, account.person);
    fact.channel = Some(input.channel);
    fact.words = Some(sealed(tx, ctx, order, action, &input.words)?);
    open(tx, ctx, order, &row.number, received, fact)
}

/// The number of the case about this order that `action` is part of.
fn done_before(tx: &mut dyn Tx, order: Id, action: Id) -> Result<Option<String>, Failure> {
    for row in tx.complaints_of(order)? {
        if facts(tx, &row.number)?.iter().any(|(_, fact)| fact.action == action) {
            return Ok(Some(row.number));
        }
    }
    Ok(None)
}

fn open(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    order_number: &str,
    received: Instant,
    fact: CaseFact,
) -> Result<String, Failure> {
    let before = tx.complaints_of(order)?.len();
    let number = format!("{order_number}-C{}", before + 1);
    keep(tx, ctx, &number, order, received, &fact)?;
    tracing::info!(%order, case = before + 1, "complaint received");
    Ok(number)
}

/// Does something in a case. The same action again changes nothing.
pub fn act_in_case(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    number: &str,
    input: &CaseInput,
) -> Result<(), Failure> {
    let row = known(tx, number)?;
    let facts = facts(tx, number)?;
    let action = input.action.unwrap_or_else(|| ctx.id());
    if facts.iter().any(|(_, fact)| fact.action == action) {
        return Ok(());
    }
    may(&facts, input.act)?;
    let mut fact = fact(input.act, action, account.person);
    match (input.act, input.to) {
        (Act::HandedOver, None) => {
            let message = "a case is handed over to somebody";
            return Err(Problem::bad("malformed", message, "name a person in `to`").into());
        }
        (Act::HandedOver, Some(to)) => {
            if tx.person(to)?.is_none() {
                let message = format!("no person has the id {to}");
                let todo = "add the person first";
                return Err(Problem::not_found("unknown-person", message, todo).into());
            }
            fact.to = Some(to);
        }
        (_, None) => {}
        (_, Some(_)) => {
            let message = "`to` belongs to `handed_over`";
            return Err(Problem::bad("malformed", message, "leave it out").into());
        }
    }
    if input.act == Act::CallBackPlanned {
        let message = "a call-back is planned by its own route";
        return Err(Problem::bad("malformed", message, "open the call-back's order there").into());
    }
    if input.act == Act::Withdrawn && input.words.is_none() {
        let message = "what the customer said when they took it back is missing";
        return Err(Problem::bad("malformed", message, "write it in `words`").into());
    }
    if let Some(words) = &input.words {
        filled("words", words.reveal(), LONG)?;
        fact.words = Some(sealed(tx, ctx, row.order, action, words)?);
    }
    keep(tx, ctx, number, row.order, ctx.now, &fact)?;
    if input.act == Act::Withdrawn {
        cancel_call_backs(tx, ctx, account, number, &facts)?;
    }
    match fact.to {
        // They may have had nothing of the order yet.
        Some(to) => Ok(tx.ring_person(to, ctx.now)?),
        None => Ok(()),
    }
}

/// Opens the order of a call-back at the same premises, for the same customer.
pub fn plan_call_back(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    number: &str,
    input: &CallBackInput,
) -> Result<(), Failure> {
    let row = known(tx, number)?;
    let before = facts(tx, number)?;
    let action = input.action.unwrap_or_else(|| ctx.id());
    if before.iter().any(|(_, fact)| fact.action == action) {
        return Ok(());
    }
    may(&before, Act::CallBackPlanned)?;
    filled("number", &input.number, SHORT)?;
    let about = orders::known(tx, row.order)?;
    let Some(premises) = about.premises else {
        let message = "the order of the complaint has no premises";
        return Err(Problem::conflict("not-published", message, "open the order by hand").into());
    };
    let key = contact_key(tx, row.order)?;
    let recorded = orders::recorded(tx, row.order)?;
    let opened = recorded.iter().find(|it| matches!(it.event.payload, Payload::OrderOpened(_)));
    let customer: Customer =
        opened.and_then(|opened| opened.private(Class::Contact, key.as_ref())).unwrap_or_default();
    let case = Case::fold(&before);
    let terms = terms::in_force(tx, ctx)?;
    let due = case.and_then(|case| {
        let deadlines = case.deadlines(&terms.promises, terms.clock(ctx));
        earliest(&deadlines).map(|(_, at)| at)
    });
    let order = orders::OrderInput {
        action: None,
        id: input.id,
        kind: VisitKind::CallBack,
        premises,
        number: input.number.clone(),
        standard: input.standard.clone(),
        emergency: false,
        due,
        promises: Vec::new(),
        received: None,
        customer: orders::CustomerInput {
            name: customer.name,
            phone: customer.phone,
            report: None,
            special_need: customer.special_need,
            lang: customer.lang,
        },
    };
    let order = orders::open_order(tx, ctx, account, &order)?;
    // From now on the order's end is the case's next step.
    tx.add_fact(&call_back_key(order), ctx.now, number.as_bytes())?;
    let mut fact = fact(Act::CallBackPlanned, action, account.person);
    fact.order = Some(order);
    keep(tx, ctx, number, row.order, ctx.now, &fact)?;
    if let Some(to) = input.to {
        orders::assign(tx, ctx, account, order, &orders::AssignInput { action: None, to })?;
    }
    Ok(())
}

/// Nobody goes to call back about what was taken back.
fn cancel_call_backs(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    number: &str,
    facts: &[(Instant, CaseFact)],
) -> Result<(), Failure> {
    let planned = facts.iter().filter(|(_, fact)| fact.act == Act::CallBackPlanned);
    for order in planned.filter_map(|(_, fact)| fact.order) {
        if orders::known(tx, order)?.status == OrderStatus::Done {
            continue;
        }
        let input = orders::CancelInput { action: None, reason: format!("{number}: withdrawn") };
        orders::cancel(tx, ctx, account, order, &input)?;
    }
    Ok(())
}

fn fact(act: Act, action: Id, actor: Id) -> CaseFact {
    CaseFact { act, action, actor, to: None, order: None, channel: None, event: None, words: None }
}

fn may(facts: &[(Instant, CaseFact)], act: Act) -> Result<(), Problem> {
    if Case::fold(facts).is_some_and(|case| case.allows(act)) {
        return Ok(());
    }
    let message = "this can't come next in the case";
    Err(Problem::conflict(
        "out-of-order",
        message,
        "look at the case: what happened in it stands there",
    ))
}

fn known(tx: &mut dyn Tx, number: &str) -> Result<ComplaintRow, Failure> {
    tx.complaint(number)?.ok_or_else(|| {
        let shown: String = number.chars().take(SHORT).collect();
        let message = format!("no complaint has the number {shown}");
        Problem::not_found("unknown-complaint", message, "look it up in the list").into()
    })
}

/// What happened in a case.
fn facts(tx: &mut dyn Tx, number: &str) -> Result<Vec<(Instant, CaseFact)>, StoreError> {
    let facts = tx.facts(&format!("complaint/{number}"))?;
    let read = |(at, body): (Instant, Vec<u8>)| {
        let fact = minicbor::decode(&body)
            .map_err(|error| StoreError::Damaged(format!("a complaint: {error}")))?;
        Ok((at, fact))
    };
    facts.into_iter().map(read).collect()
}

/// Keeps an act, and the case's line as it then is.
fn keep(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    number: &str,
    order: Id,
    at: Instant,
    fact: &CaseFact,
) -> Result<(), Failure> {
    let body = minicbor::to_vec(fact).unwrap_or_default();
    tx.add_fact(&format!("complaint/{number}"), at, &body)?;
    put_line(tx, ctx, number, order)
}

/// Counts the deadlines of every open case anew: what is promised, or which days are worked, changed.
pub(super) fn count_anew(tx: &mut dyn Tx, ctx: &mut Context<'_>) -> Result<(), Failure> {
    for row in tx.open_complaints(i32::MAX as usize)? {
        put_line(tx, ctx, &row.number, row.order)?;
    }
    Ok(())
}

/// The case's line, as what happened in it leaves it; whoever has the order hears of it.
fn put_line(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    number: &str,
    order: Id,
) -> Result<(), Failure> {
    let facts = facts(tx, number)?;
    let Some(case) = Case::fold(&facts) else { return Ok(()) };
    let terms = terms::in_force(tx, ctx)?;
    let deadlines = case.deadlines(&terms.promises, terms.clock(ctx));
    let due = match case.status {
        CaseStatus::Closed => None,
        _ => earliest(&deadlines).map(|(_, at)| at),
    };
    tx.put_complaint(&ComplaintRow {
        number: number.to_owned(),
        order,
        owner: case.owner,
        status: case.status,
        due,
        received_at: case.received_at,
    })?;
    let facts: Vec<_> = facts.into_iter().map(|(_, fact)| fact).collect();
    tell::tell(tx, ctx, (number, order), &case, &facts, &deadlines)
}

fn contact_key(tx: &mut dyn Tx, order: Id) -> Result<Option<SubjectKey>, StoreError> {
    let keys = tx.keys(&Subject::work_order(order))?;
    Ok(keys.into_iter().find(|(class, _)| *class == Class::Contact).map(|(_, key)| key))
}

/// What somebody said, sealed; `None` where the customer was forgotten.
fn seal(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    action: Id,
    words: &Personal,
) -> Result<Option<Vec<u8>>, StoreError> {
    let Some(key) = contact_key(tx, order)? else { return Ok(None) };
    let plain = minicbor::to_vec(words).unwrap_or_default();
    Ok(Some(key.seal(ctx.entropy, Subject::work_order(order), Class::Contact, action, &plain)))
}

/// What the office takes down, sealed.
fn sealed(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    action: Id,
    words: &Personal,
) -> Result<Vec<u8>, Failure> {
    seal(tx, ctx, order, action, words)?.ok_or_else(|| {
        let message = "this order's personal data was erased";
        let todo = "open another order for the complaint";
        Problem::conflict("erased", message, todo).into()
    })
}

/// What was said in an act of a case about `order`, while its customer is not forgotten.
fn open_words(tx: &mut dyn Tx, order: Id, fact: &CaseFact) -> Result<Option<Personal>, StoreError> {
    let (Some(sealed), Some(key)) = (&fact.words, contact_key(tx, order)?) else {
        return Ok(None);
    };
    Ok(match key.open(Subject::work_order(order), Class::Contact, fact.action, sealed) {
        Opened::Plain(plain) => minicbor::decode(&plain).ok(),
        Opened::Erased | Opened::Damaged => None,
    })
}

fn call_back_key(order: Id) -> String {
    format!("call-back/{order}")
}

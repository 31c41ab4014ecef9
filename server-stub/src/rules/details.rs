//! The office changes details of an order, and forgets customers who ask for it.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id},
    event::{DetailInput, ErasureAsked, PhotosErased},
    log::{Class, Subject, SubjectKind},
    order::OrderState,
};
use serde::Deserialize;

use super::{Context, office, orders};
use crate::{
    problem::{Failure, Problem},
    store::{Account, StoreError, Tx},
};

/// A change of one detail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// Which, and to what.
    pub change: DetailInput,
}

/// That a customer asks to be forgotten.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EraseInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The record of the work goes, too: nothing obliges the company to keep it.
    #[serde(default)]
    pub service: bool,
}

/// Changes a detail. A technician may have changed the same one meanwhile: that is conflict C4.
pub fn change_detail(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ChangeInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    orders::known(tx, order)?;
    let keys = tx.keys(&Subject::work_order(order))?;
    let Some((_, key)) = keys.iter().find(|(class, _)| *class == Class::Contact) else {
        let message = "the customer of this order was forgotten";
        return Err(Problem::conflict("erased", message, "open a new order").into());
    };
    let (changed, text) = input.change.parts(key).map_err(|error| {
        Problem::bad("bad-detail", error.to_string(), "correct it and send it again")
    })?;
    let mut act = office::Act::new(input.action, account.person, changed);
    let private = text.map(|text| minicbor::to_vec(&text).unwrap_or_default());
    act.private = private.map(|plain| (Class::Contact, plain));
    orders::write(tx, ctx, order, act)
}

/// Forgets the customer of an order: destroys the keys under which their data are sealed, here at
/// once, on each phone when it hears of it. Work on the way is conflict C22.
pub fn erase(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &EraseInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    if orders::known(tx, order)?.is_active() {
        let message = "somebody is still to go there, and needs to know to whom";
        let todo = "cancel the order first, or wait until it is done";
        return Err(Problem::conflict("order-active", message, todo).into());
    }
    let mut classes = vec![Class::Contact];
    classes.extend(input.service.then_some(Class::Service));
    let act = office::Act::new(input.action, account.person, ErasureAsked { classes });
    orders::write(tx, ctx, order, act)
}

/// Pictures to remove because the customer asks for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasePhotosInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// Which, by their addresses; none named: all of the order that are taken by now, those that a
    /// phone has still to send, too.
    #[serde(default)]
    pub photos: Vec<Hash>,
}

/// The most pictures that are named at once.
const MOST_PHOTOS: usize = 500;

/// Removes pictures of an order at the customer's request: their bytes go here at once, on each phone when
/// it hears of it, and are taken from nobody. What was found and done stays, and names them.
pub fn erase_photos(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ErasePhotosInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    orders::known(tx, order)?;
    if input.photos.len() > MOST_PHOTOS {
        let message = "at most 500 photos are named at once";
        return Err(Problem::bad("too-long", message, "name fewer, or none for all").into());
    }
    for address in &input.photos {
        if tx.photo(address)?.is_none_or(|row| row.order != order) {
            let message = "this order names no such photo";
            let todo = "look at the order's photos; one that has not been named yet goes with all";
            return Err(Problem::not_found("photo-unknown", message, todo).into());
        }
    }
    let erased = PhotosErased { photos: input.photos.clone() };
    let act = office::Act::new(input.action, account.person, erased);
    orders::write(tx, ctx, order, act)
}

/// Destroys the keys of what an order says is erased, and with the record of the work its photos.
pub(super) fn forget(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), StoreError> {
    for class in &state.erased {
        tx.drop_key(&Subject::work_order(order), *class)?;
    }
    for address in &state.photos_erased {
        tx.let_photo_go(order, address, ctx.now)?;
    }
    let erased = state.erased.contains(&Class::Service);
    #[cfg(feature = "planted")]
    let erased = erased && !doorstep::planted::is(doorstep::planted::Bug::PhotosOutliveErasure);
    if erased {
        tx.let_photos_go(order, ctx.now)?;
    }
    Ok(())
}

/// The classes of a subject whose keys are not to be taken back. Judged by its events alone: they are
/// what phones bring back to a server that was restored from a backup.
pub(super) fn erased(tx: &mut dyn Tx, subject: &Subject) -> Result<BTreeSet<Class>, StoreError> {
    match subject.kind {
        SubjectKind::WorkOrder => Ok(orders::fold(tx, subject.id)?.erased),
        _ => Ok(BTreeSet::new()),
    }
}

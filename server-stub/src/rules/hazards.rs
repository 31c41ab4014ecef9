//! Hazards that are still there and gas that is off, told to every phone with the premises: whoever stands
//! before that door next knows of them, under whatever order they were found.

use doorstep::{base::Id, order::OrderState, sync::OpenHazards};

use super::{Context, district, orders, standing};
use crate::{problem::Failure, store::Tx};

/// The most hazards of one premises that are told: the gravest.
const MOST: usize = 50;

/// Publishes the premises' hazards anew, if what is still there of this order's changed. An order
/// without any costs nothing.
pub(super) fn follow(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), Failure> {
    let nothing = state.hazards.is_empty() && state.stops.is_empty();
    let Some(premises) = state.premises.filter(|_| !nothing) else {
        return Ok(());
    };
    let mine = (state.open_hazards(order), state.open_stops(order));
    let own = minicbor::to_vec(&mine).unwrap_or_default();
    if !district::changed(tx, &format!("hazards-of/{order}"), &own)? {
        return Ok(());
    }
    let (mut hazards, mut stops) = mine;
    for row in tx.orders_at(premises)?.into_iter().filter(|row| row.id != order) {
        let theirs = orders::fold(tx, row.id)?;
        hazards.extend(theirs.open_hazards(row.id));
        stops.extend(theirs.open_stops(row.id));
    }
    let mut told = OpenHazards::of(hazards, stops);
    told.hazards.truncate(MOST);
    let body = minicbor::to_vec(&told).unwrap_or_default();
    let key = OpenHazards::key(premises);
    if district::changed(tx, &key, &body)? {
        standing::put(tx, ctx, &key, None, &body, true)?;
    }
    Ok(())
}

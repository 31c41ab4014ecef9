//! Hazards that are still there, told to every phone with the premises: whoever stands before that door
//! next knows of them, under whatever order they were found.

use doorstep::{base::Id, order::OrderState, sync::OpenHazards};

use super::{Context, district, orders, standing};
use crate::{problem::Failure, store::Tx};

/// The most hazards of one premises that are told: the gravest.
const MOST: usize = 50;

/// Publishes the premises' hazards anew, if what is still there of this order's changed. An order
/// without hazards costs nothing.
pub(super) fn follow(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), Failure> {
    let Some(premises) = state.premises.filter(|_| !state.hazards.is_empty()) else {
        return Ok(());
    };
    let own = minicbor::to_vec(state.open_hazards(order)).unwrap_or_default();
    if !district::changed(tx, &format!("hazards-of/{order}"), &own)? {
        return Ok(());
    }
    let mut all = Vec::new();
    for row in tx.orders_at(premises)? {
        match row.id == order {
            true => all.extend(state.open_hazards(order)),
            false => all.extend(orders::fold(tx, row.id)?.open_hazards(row.id)),
        }
    }
    let mut told = OpenHazards::of(all);
    told.hazards.truncate(MOST);
    let body = minicbor::to_vec(&told).unwrap_or_default();
    let key = OpenHazards::key(premises);
    if district::changed(tx, &key, &body)? {
        standing::put(tx, ctx, &key, None, &body, true)?;
    }
    Ok(())
}

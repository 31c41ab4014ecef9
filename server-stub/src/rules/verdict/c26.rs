//! C26: more gas bottles came back from a customer than they held. Phones refuse what they know; two that
//! were away at the same time, or one that had not heard, take back what was one. The conflict has one key
//! in all orders it is about. Dates are the corrected ones.

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Side, SideValue, VerdictGiven},
    order::{OrderState, hold},
};

use super::Case;
use crate::{
    rules::{
        Context,
        bottles::{self, Kept, OfOrder},
    },
    store::{StoreError, Tx},
};

/// What all orders at the premises of this one moved; its own as they stand now.
fn all(tx: &mut dyn Tx, order: Id, state: &OrderState) -> Result<Vec<OfOrder>, StoreError> {
    let Some(premises) = state.premises else { return Ok(Vec::new()) };
    let mut all = bottles::moves_at(tx, premises)?;
    all.retain(|of| of.order != order);
    all.push(OfOrder::of(order, state));
    Ok(all)
}

/// The other orders at these premises that moved bottles not long before this one, or since.
pub(super) fn others(
    tx: &mut dyn Tx,
    order: Id,
    state: &OrderState,
) -> Result<Vec<Id>, StoreError> {
    let Some(premises) = state.premises else { return Ok(Vec::new()) };
    let known = bottles::moves_at(tx, premises)?;
    // As it stood before, too: what was taken back by a correction settles what came after.
    let mine = known.iter().filter(|of| of.order == order).flat_map(|of| &of.moves);
    let mine = mine.map(|it| it.at).chain(state.bottle_moves.iter().map(|it| it.at));
    let Some(first) = mine.min() else { return Ok(Vec::new()) };
    let ends = |of: &&OfOrder| of.moves.iter().map(|it| it.at).max().unwrap_or(Instant(i64::MIN));
    let others: Vec<_> = known.iter().filter(|of| of.order != order).collect();
    let before = others.iter().copied().filter(|of| ends(of) < first).max_by_key(ends);
    let since = others.iter().copied().filter(|of| ends(of) >= first);
    Ok(since.chain(before).map(|of| of.order).collect())
}

/// One verdict for each bottle that came back beyond what was held, with the return before it, in the
/// orders of both.
pub(super) fn judge(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let Some(premises) = case.state.premises.filter(|_| !case.state.bottle_moves.is_empty()) else {
        return Ok(Vec::new());
    };
    let Some(list) = bottles::list(tx, ctx)? else { return Ok(Vec::new()) };
    let all = all(tx, case.order, case.state)?;
    let (counted_at, counted) = bottles::counted(tx, premises)?;
    let mut moves: Vec<_> =
        all.iter().flat_map(|of| of.sized(&list)).filter(|it| it.at > counted_at).collect();
    moves.sort_by_key(|it| (it.at, it.event));
    let (_, over) = hold(&counted, moves.iter().cloned());
    let mut verdicts = Vec::new();
    for it in over {
        let earlier = moves.iter().take_while(|other| other.event != it.event);
        let before = earlier.filter(|other| !other.handed_over && other.size == it.size).last();
        let events: Vec<Hash> = before.map(|it| it.event).into_iter().chain([it.event]).collect();
        if !case.state.bottle_moves.iter().any(|mine| events.contains(&mine.event)) {
            continue;
        }
        let sides = events.iter().filter_map(|event| side(&all, *event)).collect();
        verdicts.push(VerdictGiven::conflict("C26", events, sides));
    }
    Ok(verdicts)
}

fn side(all: &[OfOrder], event: Hash) -> Option<Side> {
    let of = |of: &'_ OfOrder| -> Option<(Kept, String)> {
        let kept = of.moves.iter().find(|it| it.event == event)?;
        Some((kept.clone(), of.number.clone()))
    };
    let (kept, number) = all.iter().find_map(of)?;
    let side = Side::new(kept.actor, "bottle-returned", kept.at, event)
        .with(SideValue::text("code", &kept.code))
        .with(SideValue::text("number", number));
    Some(side)
}

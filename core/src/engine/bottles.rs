//! The gas bottles a customer holds: what the server told of their premises, and what the orders on this
//! phone say. Nobody gives back what they don't hold.

use super::{ActError, act::Desk, context::VisitView};
use crate::{
    base::{Hash, Id},
    event::{Value, VisitKind},
    log::Subject,
    money::PriceList,
    order::{BottleMove, Held, OrderState, Place, hold, still_there},
    screen::HeldBottles,
    store::{Reader, StoreError},
    sync::{BottleTold, Bottles},
    text::id_of,
};

const NONE_LEFT: &str = "no such bottle is left at this customer: somebody has counted one bottle too \
                         few, or it is somebody else's";
const CAME_BACK: &str =
    "a bottle that came back since would have been none of theirs: correct that first";

/// What is known of the bottles at some premises, before it is counted.
struct Known {
    told: Bottles,
    /// All that came and went since, of every order.
    moves: Vec<(BottleTold, Option<Id>)>,
}

impl Known {
    fn read(reader: &Reader<'_>, list: &PriceList, premises: Id) -> Result<Known, StoreError> {
        let told = reader.bottles_told(premises)?;
        let here = reader.orders_at(premises)?;
        let theirs = told.since.iter().filter(|it| !here.contains(&it.order));
        let mut moves: Vec<_> = theirs.map(|it| (it.clone(), None)).collect();
        for order in here {
            let row = reader.order_kind(order)?;
            if row != id_of(&VisitKind::Delivery) {
                continue;
            }
            let state = OrderState::fold(&reader.events_about(&Subject::work_order(order))?);
            let own = state.bottle_moves.iter().filter(|it| it.at > told.until);
            moves.extend(own.filter_map(|it| Some((sized(list, order, it)?, it.visit))));
        }
        Ok(Known { told, moves })
    }

    fn held(self) -> Held {
        hold(&self.told.held, self.moves.into_iter().map(|(it, _)| it)).0
    }

    /// How many came back that were not there.
    fn over(&self) -> usize {
        hold(&self.told.held, self.moves.iter().map(|(it, _)| it.clone())).1.len()
    }
}

/// A move of one of the company's bottles, with its size.
fn sized(list: &PriceList, order: Id, it: &BottleMove) -> Option<BottleTold> {
    Some(BottleTold {
        order,
        event: it.event,
        at: it.at,
        size: list.bottle_of(&it.code)?.size.clone(),
        code: it.code.clone(),
        handed_over: it.handed_over,
    })
}

/// What of these premises is counted in a delivery, by the list the visit is pinned to.
fn counted(
    desk: &mut Desk<'_>,
    view: &VisitView,
) -> Result<Option<(std::sync::Arc<PriceList>, Known)>, ActError> {
    let Some(premises) = view.order_state.premises else { return Ok(None) };
    let list = desk.books.price_list(&desk.tx.read(), Some(view.price_list))?;
    if list.bottles().is_empty() {
        return Ok(None);
    }
    let known = Known::read(&desk.tx.read(), &list, premises)?;
    Ok(Some((list, known)))
}

/// Refuses to take back what is not there. What was handed over in this very visit is full, and comes
/// back by a step of its own: it makes no empty one.
pub(super) fn check_return(
    desk: &mut Desk<'_>,
    view: &VisitView,
    place: Place,
    code: &str,
) -> Result<(), ActError> {
    if place != Place::Empty {
        return Ok(());
    }
    let Some((list, mut known)) = counted(desk, view)? else { return Ok(()) };
    let Some(size) = list.bottle_of(code) else { return Ok(()) };
    let ours = |visit: &Option<Id>| visit.is_some_and(|visit| view.line.contains(&visit));
    known.moves.retain(|(it, visit)| !(it.handed_over && ours(visit)));
    match known.held().get(&size.size).copied().unwrap_or(0) {
        0 => Err(ActError::NotHeld(NONE_LEFT)),
        _ => Ok(()),
    }
}

/// Refuses a correction of a scan that would leave less than nothing at the customer's.
pub(super) fn check_correction(
    desk: &mut Desk<'_>,
    view: &VisitView,
    entry: Hash,
    value: Option<&Value>,
) -> Result<(), ActError> {
    let Some((list, mut known)) = counted(desk, view)? else { return Ok(()) };
    let before = known.over();
    let Some(at) = known.moves.iter().position(|(it, _)| it.event == entry) else { return Ok(()) };
    let (mut moved, visit) = known.moves.remove(at);
    if let Some(Value::Scan(code)) = value
        && let Some(size) = list.bottle_of(code)
    {
        (moved.size, moved.code) = (size.size.clone(), code.clone());
        known.moves.push((moved, visit));
    }
    match known.over() > before {
        true => Err(ActError::NotHeld(CAME_BACK)),
        false => Ok(()),
    }
}

/// The bottles of a delivery's customer, for a screen: each size that is counted there.
pub(super) fn at(
    reader: &Reader<'_>,
    list: &PriceList,
    state: &OrderState,
) -> Result<Vec<HeldBottles>, StoreError> {
    let premises = state.premises.filter(|_| state.kind == Some(VisitKind::Delivery));
    let Some(premises) = premises.filter(|_| !list.bottles().is_empty()) else {
        return Ok(Vec::new());
    };
    let known = Known::read(reader, list, premises)?;
    let mut moves: Vec<_> = known.moves.iter().map(|(it, _)| it.clone()).collect();
    moves.sort_by_key(|it| (it.at, it.event));
    let there = still_there(known.told.there.clone(), &moves);
    let mut held = known.held();
    let line = |size: &crate::money::BottleSize| HeldBottles {
        size: size.size.clone(),
        name: size.name.clone(),
        held: held.remove(&size.size).unwrap_or(0),
        codes: there
            .iter()
            .filter(|it| it.size == size.size)
            .map(|it| (it.code.clone(), it.at))
            .collect(),
    };
    Ok(list.bottles().iter().map(line).collect())
}

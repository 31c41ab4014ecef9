//! A gas bottle is in one place at a time.
//!
//! A phone knows what its own visits scanned, in every delivery it still keeps; what other phones
//! scanned it learns with their orders. What cannot be is refused before it is recorded.

use super::{ActError, act::Desk, bottles, context::VisitView};
use crate::{
    base::Id,
    event::{Value, VisitKind},
    log::Subject,
    order::{Cylinder, OrderState, Place},
    text::id_of,
};

const GONE: &str = "this bottle was handed over already: it comes back as an empty one first";

/// Refuses a scan that would put a bottle in two places, or take back what the customer does not hold.
pub(super) fn check(
    desk: &mut Desk<'_>,
    view: &VisitView,
    step: &str,
    value: &Value,
) -> Result<(), ActError> {
    match (check_place(desk, view, step, value)?, value) {
        (Some(place), Value::Scan(code)) => bottles::check_return(desk, view, place, code),
        _ => Ok(()),
    }
}

/// Refuses a scan that would put a bottle in two places; says where it goes, if it moves. One that was
/// never loaded is the standard's matter: it is in one place all the same.
pub(super) fn check_place(
    desk: &Desk<'_>,
    view: &VisitView,
    step: &str,
    value: &Value,
) -> Result<Option<Place>, ActError> {
    let (Some(place), Value::Scan(code)) = (Place::of_step(step), value) else { return Ok(None) };
    if view.order_state.kind != Some(VisitKind::Delivery) {
        return Ok(None);
    }
    // As it is by now: the visit at hand knows its order as it was when it was read.
    let state = OrderState::fold(&desk.tx.read().events_about(&view.order)?);
    let here = state.cylinders.iter().find(|it| it.code == *code);
    // Full as it came, it goes back onto the vehicle it came from, in the visit that handed it over.
    if step == "taken_back" {
        let handed = here.is_some_and(|it| {
            it.place == Place::Delivered && it.visit.is_some_and(|visit| view.line.contains(&visit))
        });
        return match handed {
            true => Ok(Some(place)),
            false => Err(ActError::Cylinder("this bottle was not handed over on this visit")),
        };
    }
    // Scanned again where it is: nothing moves.
    if here.is_some_and(|it| it.place == place && it.visit == Some(view.id)) {
        return Ok(None);
    }
    let elsewhere = elsewhere(desk, view.order.id, code)?;
    let refused = match (place, here, elsewhere) {
        (Place::Loaded, _, Some(Place::Loaded)) => {
            Some("this bottle is loaded for another order: scan the one that is for this")
        }
        (Place::Loaded, _, Some(Place::Delivered)) => Some(GONE),
        (Place::Loaded, Some(it), _) if it.place == Place::Delivered => Some(GONE),
        (Place::Delivered, _, Some(Place::Loaded)) => {
            Some("this bottle is loaded for another order: scan the one that is for this")
        }
        (Place::Delivered, _, Some(Place::Delivered)) => {
            Some("this bottle was handed over to somebody else: scan the one that is here")
        }
        (Place::Empty, Some(it), _) if it.place == Place::Loaded => {
            Some("this bottle is a full one from the vehicle: scan the empty one")
        }
        (Place::Empty, _, Some(Place::Loaded | Place::Empty)) => {
            Some("this bottle is on the vehicle already: scan the customer's empty one")
        }
        _ => None,
    };
    match refused {
        Some(why) => Err(ActError::Cylinder(why)),
        None => Ok(Some(place)),
    }
}

/// Where the other deliveries on this phone have the bottle, by the scan that was recorded last.
fn elsewhere(desk: &Desk<'_>, order: Id, code: &str) -> Result<Option<Place>, ActError> {
    let mut last: Option<(i64, Cylinder)> = None;
    let deliveries = id_of(&VisitKind::Delivery);
    for id in desk.tx.read().orders_naming(&deliveries, code)?.into_iter().filter(|id| *id != order)
    {
        let events = desk.tx.read().events_about(&Subject::work_order(id))?;
        let state = OrderState::fold(&events);
        for cylinder in state.cylinders.into_iter().filter(|it| it.code == code) {
            let scan = events.iter().find(|recorded| recorded.id == cylinder.event);
            let at = scan.map_or(0, |recorded| recorded.event.clock.wall.0);
            // A bottle loaded for a visit that is over and not handed over was brought back.
            let over = cylinder.visit.and_then(|visit| state.visits.get(&visit));
            let back = over.is_some_and(|visit| visit.finished.is_some());
            if cylinder.place == Place::Loaded && back {
                continue;
            }
            if last.as_ref().is_none_or(|(before, _)| *before <= at) {
                last = Some((at, cylinder));
            }
        }
    }
    Ok(last.map(|(_, cylinder)| cylinder.place))
}

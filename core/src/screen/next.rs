//! Where to go next: from door to door, by the list and the clock alone.

use serde::Serialize;

use super::{
    OrderFacts,
    today::{personal, speaks},
    words::when,
};
use crate::{
    base::{Id, Instant, Lang, Personal, Zone},
    store::{OrderRow, RANK_OVER, RANK_ROUND},
    sync::Premises,
    text::tr,
};

/// The door to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NextStop {
    /// The order that waits there.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// Where, and why this one, in words.
    pub text: String,
    /// Where.
    pub address: String,
    /// What service this customer needs; to be read before the door opens.
    pub special_need: Option<Personal>,
    /// The customer's language in words, where it is known.
    pub speaks: Option<String>,
    /// Hazards there that are not mended.
    pub hazards: i64,
    /// Gas there is off.
    pub gas_off: bool,
}

impl NextStop {
    /// The stop at an order, for somebody who stands at `here`.
    pub fn new(order: &OrderFacts, here: Option<&Premises>, zone: Zone, lang: Lang) -> NextStop {
        let OrderFacts { row, premises, customer, hazards, stops } = order;
        let stair = |of: &Premises| of.stair.clone().unwrap_or_default();
        let same_building =
            |here: &&Premises| !here.building.is_empty() && here.building == premises.building;
        let building = here.filter(same_building);
        let same_stair = building.filter(|here| stair(here) == stair(premises));
        let key = if row.emergency {
            "next-emergency"
        } else if let Some(made) = row.appointment {
            if made.agreed { "next-appointment" } else { "next-planned" }
        } else if same_stair.is_some_and(|here| here.floor == premises.floor) {
            "next-door"
        } else if same_stair.is_some() {
            "next-floor"
        } else if building.is_some() {
            "next-stair"
        } else {
            "next-stop"
        };
        let mut args = vec![
            ("number", row.number.as_str().into()),
            ("address", premises.address.as_str().into()),
        ];
        args.push(("floor", premises.floor.to_string().into()));
        args.push(("stair", stair(premises).into()));
        args.extend(row.appointment.map(|made| {
            let to = when(made.to, zone, Some(made.from));
            ("time", format!("{}–{to}", when(made.from, zone, Some(made.from))).into())
        }));
        NextStop {
            order: row.id,
            number: row.number.clone(),
            text: tr(lang, key, &args),
            address: premises.address.clone(),
            special_need: personal(customer.as_ref(), |customer| customer.special_need.as_ref()),
            speaks: speaks(customer.as_ref(), lang),
            hazards: hazards.len() as i64,
            gas_off: !stops.is_empty(),
        }
    }
}

/// The order to go to next, of rows in the order of the list: an emergency; then whoever has a
/// promise, or a time agreed that has come; then the door behind `after` on the round, from its
/// beginning again when it is through; then times agreed that are still to come. Doors where
/// nobody opened wait until the others are done.
pub fn next_row<'a>(
    rows: impl IntoIterator<Item = &'a OrderRow>,
    after: Option<&OrderRow>,
    now: Instant,
) -> Option<&'a OrderRow> {
    let waits =
        |row: &&OrderRow| row.sort < RANK_OVER && after.is_none_or(|after| after.id != row.id);
    let rows: Vec<&OrderRow> = rows.into_iter().filter(waits).collect();
    let timed = |row: &&&OrderRow| row.sort < RANK_ROUND;
    let come = |row: &&&OrderRow| row.appointment.is_none_or(|made| made.from <= now);
    let of_round = |row: &&&OrderRow| row.sort == RANK_ROUND;
    // Where nobody opened, an appointment that is still to end makes it a door like another.
    let again = |row: &OrderRow| row.appointment.is_some_and(|made| made.to > now);
    let fresh = |row: &&&OrderRow| row.status != "attempted" || again(row);
    let behind = |row: &&&OrderRow| after.is_none_or(|after| row.place >= after.place);
    let first = rows.iter().find(|row| row.emergency);
    let first = first.or_else(|| rows.iter().filter(timed).filter(fresh).find(come));
    let doors = || rows.iter().filter(of_round);
    let first = first.or_else(|| doors().filter(fresh).find(behind));
    let first = first.or_else(|| doors().find(fresh));
    let first = first.or_else(|| rows.iter().filter(timed).find(fresh));
    first.or_else(|| doors().find(behind)).or(rows.first()).copied()
}

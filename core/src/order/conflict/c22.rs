//! C22: the customer asked to be forgotten while work on the order was unsent. Whom to call is erased
//! on arrival; what must be kept is kept under its class; the work's record waits for a decision.

use std::collections::BTreeMap;

use super::{Case, Conflict, Placed, Rule, Side};
use crate::{event::Payload, log::Writer};

/// One conflict for each erasure, with each device's first event that didn't know of it and that it
/// didn't know of. What such a device sends later belongs to the same matter.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for asked in case.by_office() {
        let Payload::ErasureAsked(_) = &asked.recorded.event.payload else { continue };
        let mut first: BTreeMap<Writer, &Placed<'_>> = BTreeMap::new();
        for placed in case.history.events().iter().filter(|placed| !placed.from_office()) {
            if placed.concurrent(asked) {
                let known = first.entry(placed.recorded.stream.writer).or_insert(placed);
                if placed.recorded.seq < known.recorded.seq {
                    *known = placed;
                }
            }
        }
        if first.is_empty() {
            continue;
        }
        let side = |placed: &Placed<'_>, what| {
            Side::new(placed.recorded.event.actor, what, placed.at, placed.recorded.id)
        };
        let mut sides: Vec<_> = first.into_values().map(|p| side(p, "worked-unsent")).collect();
        sides.push(side(asked, "asked-erasure"));
        found.push(Conflict::new(Rule::C22, sides));
    }
    found
}

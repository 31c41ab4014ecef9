//! Which entries of an order were taken back.

use std::collections::BTreeMap;

use super::{History, Placed};
use crate::{base::Hash, event::Payload};

/// Charges that were taken back, each with the event that says so: of the same visit, by the same
/// writer, later. The first one counts.
pub(super) fn taken_back(history: &History<'_>) -> BTreeMap<Hash, Hash> {
    let corrects = |placed: &&Placed<'_>| match &placed.recorded.event.payload {
        Payload::EntryCorrected(correction) => correction.value.is_none(),
        _ => false,
    };
    let mut found = BTreeMap::new();
    if !history.events().iter().any(|placed| corrects(&placed)) {
        return found;
    }
    let charged =
        |placed: &&Placed<'_>| matches!(placed.recorded.event.payload, Payload::Charged(_));
    let charges: BTreeMap<Hash, &Placed<'_>> =
        history.events().iter().filter(charged).map(|p| (p.recorded.id, p)).collect();
    for placed in history.events().iter().filter(corrects) {
        let Payload::EntryCorrected(correction) = &placed.recorded.event.payload else { continue };
        let Some(charge) = charges.get(&correction.entry).map(|placed| placed.recorded) else {
            continue;
        };
        let by = placed.recorded;
        let ours = charge.event.visit == by.event.visit
            && charge.stream.writer == by.stream.writer
            && charge.seq < by.seq;
        if ours {
            found.entry(charge.id).or_insert(by.id);
        }
    }
    found
}

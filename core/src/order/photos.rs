//! The pictures that an order's events name. Whether their bytes arrived is not in the events.

use std::collections::BTreeSet;

use super::{History, Placed};
use crate::{
    base::Hash,
    event::{Payload, Value},
};

/// Every picture that is named, once each. What was corrected stays named.
pub(super) fn photos(history: &History<'_>) -> BTreeSet<Hash> {
    let named = |placed: &Placed<'_>| named_photos(&placed.recorded.event.payload);
    history.events().iter().flat_map(named).collect()
}

/// The pictures that nobody keeps any more, as the office was asked by the customer. Only this order's own.
pub(super) fn erased(history: &History<'_>) -> BTreeSet<Hash> {
    let asked = |placed: &Placed<'_>| match &placed.recorded.event.payload {
        Payload::PhotosErased(erased) if placed.from_office() => Some(erased.photos.clone()),
        _ => None,
    };
    let asked: Vec<_> =
        history.events().iter().filter_map(|placed| Some((placed, asked(placed)?))).collect();
    let gone = |placed: &Placed<'_>| match &placed.recorded.event.payload {
        Payload::PhotoTaken(taken) => {
            let named = |(asked, photos): &(&Placed<'_>, Vec<Hash>)| match photos.is_empty() {
                true => !placed.saw(asked),
                false => photos.contains(&taken.address),
            };
            asked.iter().any(named).then_some(taken.address)
        }
        _ => None,
    };
    match asked.is_empty() {
        true => BTreeSet::new(),
        false => history.events().iter().filter_map(gone).collect(),
    }
}

/// The pictures that one event names; a picture's own event names none.
pub fn named_photos(payload: &Payload) -> Vec<Hash> {
    match payload {
        Payload::StepRecorded(step) => photo(&step.value).into_iter().collect(),
        Payload::EntryCorrected(correction) => {
            correction.value.as_ref().and_then(photo).into_iter().collect()
        }
        Payload::HazardFound(found) => found.evidence.clone(),
        Payload::DutyDone(done) => done.photo.into_iter().collect(),
        Payload::HazardRechecked(check) => check.evidence.clone(),
        Payload::GasShutOff(off) => off.photo.into_iter().collect(),
        Payload::Paid(paid) => paid.photo.into_iter().collect(),
        Payload::MeterRead(read) => {
            [read.photo, read.display_photo].into_iter().flatten().collect()
        }
        _ => Vec::new(),
    }
}

fn photo(value: &Value) -> Option<Hash> {
    match value {
        Value::Photo(hash) => Some(*hash),
        _ => None,
    }
}

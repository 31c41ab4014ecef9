//! The pictures that an order's events name. Whether their bytes arrived is not in the events.

use std::collections::BTreeSet;

use super::History;
use crate::{
    base::Hash,
    event::{Payload, Value},
};

/// Every picture that is named, once each. What was corrected stays named.
pub(super) fn photos(history: &History<'_>) -> BTreeSet<Hash> {
    let named = |placed: &super::Placed<'_>| named_photos(&placed.recorded.event.payload);
    history.events().iter().flat_map(named).collect()
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

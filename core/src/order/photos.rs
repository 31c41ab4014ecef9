//! The pictures that an order's events name. Whether their bytes arrived is not in the events.

use std::collections::BTreeSet;

use super::History;
use crate::{
    base::Hash,
    event::{Payload, Value},
};

/// Every picture that is named, once each. What was corrected stays named.
pub(super) fn photos(history: &History<'_>) -> BTreeSet<Hash> {
    let mut photos = BTreeSet::new();
    for placed in history.events() {
        match &placed.recorded.event.payload {
            Payload::StepRecorded(step) => photos.extend(photo(&step.value)),
            Payload::EntryCorrected(correction) => {
                photos.extend(correction.value.as_ref().and_then(photo));
            }
            Payload::HazardFound(found) => photos.extend(&found.evidence),
            Payload::DutyDone(done) => photos.extend(done.photo),
            Payload::HazardRechecked(check) => photos.extend(&check.evidence),
            Payload::GasShutOff(off) => photos.extend(off.photo),
            Payload::MeterRead(read) => photos.extend(read.photo),
            _ => {}
        }
    }
    photos
}

fn photo(value: &Value) -> Option<Hash> {
    match value {
        Value::Photo(hash) => Some(*hash),
        _ => None,
    }
}

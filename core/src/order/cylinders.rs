//! Gas bottles by the codes that were scanned: which went where in an order.
//!
//! A delivery standard scans a bottle in steps whose ids say what happens to it: `loaded` onto the
//! vehicle, `delivered` to the customer, `taken_back` full when its test failed, `empty` taken back. What was corrected counts as corrected.

use std::collections::BTreeMap;

use serde::Serialize;

use super::History;
use crate::{
    base::{Hash, Id, Instant},
    event::{Payload, Value, VisitKind},
};

/// Where a bottle is, as far as an order's scans tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On a vehicle, full.
    Loaded,
    /// At the customer's.
    Delivered,
    /// On a vehicle, taken back.
    Empty,
}

impl Place {
    /// What a scan in this step says; `None` for a step that moves no bottle.
    pub fn of_step(step: &str) -> Option<Place> {
        match step {
            "loaded" | "taken_back" => Some(Place::Loaded),
            "delivered" => Some(Place::Delivered),
            "empty" => Some(Place::Empty),
            _ => None,
        }
    }
}

/// One bottle, where its last scan in this order put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cylinder {
    /// The code on it.
    pub code: String,
    /// Where it is.
    pub place: Place,
    /// The visit that scanned it last.
    pub visit: Option<Id>,
    /// That scan.
    pub event: Hash,
    /// When.
    pub at: Instant,
    /// Who scanned.
    pub actor: Id,
}

/// A bottle that came to the customer of an order, or went from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BottleMove {
    /// The code on it.
    pub code: String,
    /// It came to the customer; otherwise it went from there.
    pub handed_over: bool,
    /// When.
    pub at: Instant,
    /// The scan.
    pub event: Hash,
    /// The visit that scanned it.
    pub visit: Option<Id>,
    /// Who scanned.
    pub actor: Id,
}

/// The bottles of an order, by code, and all that each did at the customer's.
pub(super) fn cylinders(
    history: &History<'_>,
    kind: Option<VisitKind>,
) -> (Vec<Cylinder>, Vec<BottleMove>) {
    let (mut found, mut moves) = (BTreeMap::<String, Cylinder>::new(), Vec::new());
    for scan in scans(history, kind) {
        let before = found.get(&scan.code).map(|it| it.place);
        let handed_over = match (before, scan.place) {
            (Some(Place::Delivered), Place::Delivered) | (Some(Place::Empty), Place::Empty) => None,
            (_, Place::Delivered) => Some(true),
            // Full as it came, when its test failed.
            (Some(Place::Delivered), Place::Loaded) | (_, Place::Empty) => Some(false),
            (_, Place::Loaded) => None,
        };
        moves.extend(handed_over.map(|handed_over| BottleMove {
            code: scan.code.clone(),
            handed_over,
            at: scan.at,
            event: scan.event,
            visit: scan.visit,
            actor: scan.actor,
        }));
        found.insert(scan.code.clone(), scan);
    }
    (found.into_values().collect(), moves)
}

/// The scans of a delivery that stand, in their order.
fn scans(history: &History<'_>, kind: Option<VisitKind>) -> Vec<Cylinder> {
    if kind != Some(VisitKind::Delivery) {
        return Vec::new();
    }
    let mut scans: Vec<Cylinder> = Vec::new();
    for placed in history.events() {
        let recorded = placed.recorded;
        match &recorded.event.payload {
            Payload::StepRecorded(step) => {
                if let (Some(place), Value::Scan(code)) = (Place::of_step(&step.step), &step.value)
                {
                    scans.push(Cylinder {
                        code: code.clone(),
                        place,
                        visit: recorded.event.visit,
                        event: recorded.id,
                        at: placed.at,
                        actor: recorded.event.actor,
                    });
                }
            }
            Payload::EntryCorrected(correction) => {
                let at = scans.iter().position(|scan| scan.event == correction.entry);
                let Some(at) = at.filter(|at| scans[*at].visit == recorded.event.visit) else {
                    continue;
                };
                match &correction.value {
                    Some(Value::Scan(code)) => {
                        scans[at].event = recorded.id;
                        scans[at].code.clone_from(code);
                    }
                    _ => drop(scans.remove(at)),
                }
            }
            _ => {}
        }
    }
    scans
}

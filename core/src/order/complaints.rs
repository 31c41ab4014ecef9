//! Cases of complaint that the office tells of in an order.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Placed;
use crate::{
    base::Hash,
    event::{CaseStatus, CaseTold, Payload},
    log::Class,
};

/// A case, as it was told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// Where it stands.
    #[serde(flatten)]
    pub told: CaseTold,
    /// The event whose private part holds what the customer said.
    pub said: Option<Hash>,
}

impl Complaint {
    /// Whether something is still to be done about it.
    pub fn is_open(&self) -> bool {
        self.told.status != CaseStatus::Closed
    }

    /// Takes in what an event tells. A device may not speak for the office.
    pub(super) fn take(cases: &mut BTreeMap<String, Complaint>, placed: &Placed<'_>) {
        let Payload::CaseTold(told) = &placed.recorded.event.payload else { return };
        let private = placed.recorded.event.private.contains_key(&Class::Contact);
        let said = private.then_some(placed.recorded.id);
        let before = cases.get(&told.number).and_then(|before| before.said);
        let complaint = Complaint { told: told.clone(), said: said.or(before) };
        cases.insert(told.number.clone(), complaint);
    }
}

//! Details that the office and technicians may change: which value holds, by each detail's own rule.
//!
//! Of a phone and an access note the latest holds; of appointments one agreed with the customer
//! before one set by a plan, then the latest; a warning stays until the office takes it away, knowing
//! of everybody who put it up. Who changes a detail knowing the value before it settles it; changes
//! that didn't know of each other clash (C4).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Choice, History, Placed};
use crate::{
    base::{Hash, Id, Instant},
    event::{DetailChange, Payload, Slot},
};

/// Details as they stand. What was never changed is as the order was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Details {
    /// The event that holds the phone.
    pub phone: Option<Hash>,
    /// The event that holds the access note.
    pub access_note: Option<Hash>,
    /// The appointment.
    pub appointment: Option<Slot>,
    /// Codes of the warnings that stand.
    pub warnings: BTreeSet<String>,
    #[serde(skip)]
    changes: BTreeMap<Field, Vec<Change>>,
}

/// One thing that can be changed alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Phone,
    AccessNote,
    Appointment,
    Warning(String),
}

/// A change that no other change of its field knew of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) event: Hash,
    pub(super) actor: Id,
    pub(super) at: Instant,
    pub(super) office: bool,
    pub(super) value: DetailChange,
}

impl Field {
    fn of(change: &DetailChange) -> Field {
        match change {
            DetailChange::Phone(_) => Field::Phone,
            DetailChange::AccessNote(_) => Field::AccessNote,
            DetailChange::Appointment(_) => Field::Appointment,
            DetailChange::Warning(warning) => Field::Warning(warning.code.clone()),
        }
    }
}

impl Change {
    /// Whether both say the same, whoever says it.
    fn same(&self, other: &Change) -> bool {
        match (&self.value, &other.value) {
            (DetailChange::Appointment(a), DetailChange::Appointment(b)) => {
                (a.from, a.to) == (b.from, b.to)
            }
            (a, b) => a == b,
        }
    }

    /// Higher holds: the field's rule, then time, then the event's id.
    fn rank(&self) -> (bool, Instant, Hash) {
        let before_others = match &self.value {
            DetailChange::Appointment(slot) => slot.agreed,
            DetailChange::Warning(warning) => !warning.away,
            DetailChange::Phone(_) | DetailChange::AccessNote(_) => false,
        };
        (before_others, self.at, self.event)
    }
}

/// Folds the details of an order.
pub(super) fn details(history: &History<'_>) -> Details {
    let mut all: BTreeMap<Field, Vec<(&Placed<'_>, &DetailChange)>> = BTreeMap::new();
    for placed in history.events() {
        let Payload::DetailChanged(changed) = &placed.recorded.event.payload else { continue };
        // Only the office takes a warning away.
        let away = matches!(&changed.change, DetailChange::Warning(warning) if warning.away);
        if !away || placed.from_office() {
            all.entry(Field::of(&changed.change)).or_default().push((placed, &changed.change));
        }
    }
    let mut details = Details::default();
    for (field, changes) in all {
        let unknown = |placed: &Placed<'_>| !changes.iter().any(|(later, _)| later.saw(placed));
        let last = changes.iter().filter(|(placed, _)| unknown(placed));
        let last = last.map(|(placed, value)| Change {
            event: placed.recorded.id,
            actor: placed.recorded.event.actor,
            at: placed.at,
            office: placed.from_office(),
            value: (*value).clone(),
        });
        details.changes.insert(field.clone(), last.collect());
        details.settle(&field, None);
    }
    details
}

impl Details {
    /// Changes that clash: several of one field that say different things.
    pub(super) fn clashes(&self) -> impl Iterator<Item = (&Field, &[Change])> {
        let apart = |changes: &[Change]| changes.iter().any(|change| !change.same(&changes[0]));
        let fields = self.changes.iter().map(|(field, changes)| (field, &changes[..]));
        fields.filter(move |(_, changes)| apart(changes))
    }

    /// The field that one of these events changed last.
    pub(super) fn field_of(&self, events: &[Hash]) -> Option<Field> {
        let of = |changes: &[Change]| changes.iter().any(|c| events.contains(&c.event));
        self.changes.iter().find(|(_, changes)| of(changes)).map(|(field, _)| field.clone())
    }

    /// Lets one change of a field hold: by its rule, or by what was decided.
    pub(super) fn settle(&mut self, field: &Field, decided: Option<Choice>) {
        let Some(changes) = self.changes.get(field) else { return };
        let side = |change: &&Change| match decided {
            Some(Choice::OfficeValue) => change.office,
            Some(Choice::TechnicianValue) => !change.office,
            _ => true,
        };
        let chosen = changes.iter().filter(side).max_by_key(|change| match decided {
            Some(Choice::OfficeValue | Choice::TechnicianValue) => (false, change.at, change.event),
            _ => change.rank(),
        });
        // Of two technicians' values none is the office's: then the field's rule holds.
        let Some(chosen) = chosen.or_else(|| changes.iter().max_by_key(|c| c.rank())) else {
            return;
        };
        match &chosen.value {
            DetailChange::Phone(_) => self.phone = Some(chosen.event),
            DetailChange::AccessNote(_) => self.access_note = Some(chosen.event),
            DetailChange::Appointment(slot) => self.appointment = Some(*slot),
            DetailChange::Warning(warning) if warning.away => {
                self.warnings.remove(&warning.code);
            }
            DetailChange::Warning(warning) => {
                self.warnings.insert(warning.code.clone());
            }
        }
    }
}

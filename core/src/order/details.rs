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
    event::{Appointment, DetailChange, Payload},
};

/// Details as they stand. What was never changed is as the order was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Details {
    /// The event that holds the phone.
    pub phone: Option<Hash>,
    /// The event that holds the access note.
    pub access_note: Option<Hash>,
    /// The appointment.
    pub appointment: Option<Appointment>,
    /// Codes of the warnings that stand.
    pub warnings: BTreeSet<String>,
    #[serde(skip)]
    changes: BTreeMap<Field, Vec<Change>>,
    /// Every change of the appointment, and when somebody who knew of it changed it again.
    #[serde(skip)]
    appointments: Vec<(Change, Option<Instant>)>,
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
            DetailChange::Appointment(_) | DetailChange::NoAppointment => Field::Appointment,
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
            DetailChange::Appointment(made) => made.agreed,
            // Who calls it off has spoken with the customer.
            DetailChange::NoAppointment => true,
            DetailChange::Warning(warning) => !warning.away,
            DetailChange::Phone(_) | DetailChange::AccessNote(_) => false,
        };
        (before_others, self.at, self.event)
    }
}

/// What an event changes, if it may.
fn change(placed: &Placed<'_>) -> Option<DetailChange> {
    match &placed.recorded.event.payload {
        // Only the office takes a warning away.
        Payload::DetailChanged(changed) => match &changed.change {
            DetailChange::Warning(warning) if warning.away && !placed.from_office() => None,
            change => Some(change.clone()),
        },
        Payload::AppointmentMade(made) if placed.from_office() => {
            Some(made.window.map_or(DetailChange::NoAppointment, |window| {
                let (from, to) = (window.from, window.to);
                DetailChange::Appointment(Appointment { from, to, agreed: true })
            }))
        }
        _ => None,
    }
}

/// Folds the details of an order.
pub(super) fn details(history: &History<'_>) -> Details {
    let mut all: BTreeMap<Field, Vec<(&Placed<'_>, Change)>> = BTreeMap::new();
    for placed in history.events() {
        let Some(value) = change(placed) else { continue };
        let field = Field::of(&value);
        let change = Change {
            event: placed.recorded.id,
            actor: placed.recorded.event.actor,
            at: placed.at,
            office: placed.from_office(),
            value,
        };
        all.entry(field).or_default().push((placed, change));
    }
    let mut details = Details::default();
    for (field, changes) in all {
        // When each was changed again by somebody who knew of it.
        let again = |placed: &Placed<'_>| {
            let later = changes.iter().filter(|(later, _)| later.saw(placed));
            later.map(|(later, _)| later.at).min()
        };
        let known: Vec<_> =
            changes.iter().map(|(placed, change)| (change.clone(), again(placed))).collect();
        let last = known.iter().filter(|(_, again)| again.is_none());
        details.changes.insert(field.clone(), last.map(|(change, _)| change.clone()).collect());
        details.settle(&field, None);
        if field == Field::Appointment {
            details.appointments = known;
        }
    }
    details
}

impl Details {
    /// The appointment as it stood at `at`: what was written down later has no say in whether
    /// somebody was late.
    pub fn appointment_at(&self, at: Instant) -> Option<Appointment> {
        if self.appointments.iter().all(|(change, _)| change.at <= at) {
            return self.appointment;
        }
        let stood = |(change, again): &&(Change, Option<Instant>)| {
            change.at <= at && again.is_none_or(|again| again > at)
        };
        let stood = self.appointments.iter().filter(stood);
        match stood.map(|(change, _)| change).max_by_key(|change| change.rank())?.value {
            DetailChange::Appointment(made) => Some(made),
            _ => None,
        }
    }

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
            DetailChange::Appointment(made) => self.appointment = Some(*made),
            DetailChange::NoAppointment => self.appointment = None,
            DetailChange::Warning(warning) if warning.away => {
                self.warnings.remove(&warning.code);
            }
            DetailChange::Warning(warning) => {
                self.warnings.insert(warning.code.clone());
            }
        }
    }
}

//! C4: a detail was changed on two sides that didn't know of each other. Its own rule says which value
//! holds meanwhile ([`super::super::details`]).

use super::{Case, Conflict, Rule, Side, SideValue};
use crate::{event::DetailChange, log::Class, order::details::Change};

/// One conflict for each detail whose last changes differ.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let conflict = |changes: &[Change]| Conflict::new(Rule::C4, changes.iter().map(side).collect());
    case.state.details.clashes().map(|(_, changes)| conflict(changes)).collect()
}

fn side(change: &Change) -> Side {
    let side = |what| Side::new(change.actor, what, change.at, change.event);
    // Personal data: told only to who holds the key.
    let private = || SideValue::private("value", Class::Contact);
    match &change.value {
        DetailChange::Phone(_) => side("set-phone").with(private()),
        DetailChange::AccessNote(_) => side("set-access-note").with(private()),
        DetailChange::Appointment(made) => {
            let what = if made.agreed { "agreed-appointment" } else { "planned-appointment" };
            side(what).with(SideValue::at("from", made.from)).with(SideValue::at("to", made.to))
        }
        DetailChange::NoAppointment => side("called-appointment-off"),
        DetailChange::Warning(warning) => {
            let what = if warning.away { "took-warning-away" } else { "put-warning-up" };
            side(what).with(SideValue::text("code", &warning.code))
        }
    }
}

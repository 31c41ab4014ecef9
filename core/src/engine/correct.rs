//! A wrong entry is superseded.

use super::{
    ActError, Done,
    act::{Desk, check_length, done},
    bottles, cylinder,
    pen::plain,
    project::project,
};
use crate::{
    base::{Hash, Id, Personal},
    event::{Answer, EntryCorrected, Paid, Payload, StepText, Value},
    log::Class,
};

/// Puts another value in the place of an answer, or takes an answer or a charge back. Also after the
/// visit's end, when a mistake is often seen first: it is then a finding, as all that comes late.
pub(super) fn correct(
    desk: &mut Desk<'_>,
    visit: Id,
    entry: Hash,
    value: Option<Value>,
    text: Option<Personal>,
    reason: Personal,
) -> Result<Done, ActError> {
    let mut view = desk.view(visit)?;
    if view.state.is_handed_over() {
        return Err(ActError::Ended);
    }
    check_length("the reason", reason.reveal())?;
    if reason.reveal().trim().is_empty() {
        return Err(ActError::Correction("say why it was wrong"));
    }
    let wrong = view.state.entry(entry).ok_or(ActError::Correction(
        "there is no such entry, or it was corrected already: money is made void or given back, a \
         meter is read again, a hazard is checked again",
    ))?;
    match (&value, &wrong.value) {
        (Some(_), None) => {
            return Err(ActError::Correction("a charge is taken back: then charge what is right"));
        }
        (Some(value), Some(_)) => {
            let note = Some(reason.clone());
            let answer = Answer { value: value.clone(), text: text.clone(), note };
            view.state.check_correction(&wrong.step, &answer, desk.clock)?;
            let step = wrong.step.clone();
            cylinder::check_place(desk, &view, &step, value)?;
            bottles::check_correction(desk, &view, entry, Some(value))?;
        }
        (None, None) => check_charge(desk, &view, entry)?,
        (None, Some(_)) => bottles::check_correction(desk, &view, entry, None)?,
    }
    let private = vec![plain(Class::Service, &StepText { text, note: Some(reason) })];
    let correction = EntryCorrected { entry, value };
    let order = view.order;
    let (recorded, row) = desk.pen().write(order, Some(visit), correction, private)?;
    if view.state.ended().is_some() {
        desk.pen().seal(&row)?;
    }
    project(desk.tx, desk.me, order.id)?;
    Ok(done(&mut view, &recorded))
}

/// A line that stands on a receipt, whole or in part paid, stays until the receipt is void.
fn check_charge(
    desk: &mut Desk<'_>,
    view: &super::context::VisitView,
    entry: Hash,
) -> Result<(), ActError> {
    let list = desk.books.price_list(&desk.tx.read(), Some(view.price_list))?;
    let payments = view.money_in(&list)?.payments;
    let stands = |paid: &Paid| {
        payments.iter().any(|it| it.series == paid.series && it.number == paid.number)
    };
    let later = view.events.iter().skip_while(|recorded| recorded.id != entry);
    let paid = later.filter_map(|recorded| match &recorded.event.payload {
        Payload::Paid(paid) => Some(paid),
        _ => None,
    });
    if paid.into_iter().any(stands) {
        return Err(ActError::Correction(
            "this was paid: make its receipt void first, or have the money given back",
        ));
    }
    Ok(())
}

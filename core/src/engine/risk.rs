//! What is risked with money while the office cannot be asked: limits of the profile, counted over the
//! shift. Without a profile, or limits in it, nobody checks.

use super::{
    ActError,
    act::Desk,
    photo::PhotoError,
    shift::{OpenShift, SHIFT, since},
};
use crate::{
    base::{Id, Money},
    event::{Payload, Recorded},
    log::Subject,
    money::PaymentMethod,
    order::{OrderState, PaymentState},
    standard::Risk,
};

/// Refuses a claimed payment without the photo that the profile asks for, above what one may come to,
/// or with which all that are not settled would come to too much.
pub(super) fn check_claim(desk: &mut Desk<'_>, amount: Money, photo: bool) -> Result<(), ActError> {
    let Some(risk) = limits(desk, amount) else { return Ok(()) };
    if risk.claim_photo && !photo {
        return Err(PhotoError::OfClaim.into());
    }
    if amount.minor > risk.claimed_each.minor {
        return Err(ActError::Risk { claimed: amount, limit: risk.claimed_each });
    }
    let claimed = claimed(&of_shift(desk)?);
    let mut open = amount;
    for it in &claimed {
        open = open.plus(it.amount)?;
    }
    // What was settled is looked up only where it matters.
    for it in &claimed {
        if open.minor <= risk.claimed_open.minor {
            return Ok(());
        }
        if is_settled(desk, it)? {
            open = open.minus(it.amount)?;
        }
    }
    if open.minor > risk.claimed_open.minor {
        return Err(ActError::Risk { claimed: open, limit: risk.claimed_open });
    }
    Ok(())
}

/// The limits, where there are some in this currency.
fn limits(desk: &mut Desk<'_>, amount: Money) -> Option<Risk> {
    let profile = desk.books.profile(&desk.tx.read()).ok()?;
    profile.risk.clone().filter(|risk| risk.cash_held.currency == amount.currency)
}

/// What the series wrote since the shift began; since the last one ended where none is open.
fn of_shift(desk: &Desk<'_>) -> Result<Vec<Recorded>, ActError> {
    let shift: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    Ok(since(desk, shift.map_or(0, |shift| shift.settled_seq()))?)
}

/// A claimed payment by its receipt.
struct Claimed {
    order: Id,
    number: u64,
    amount: Money,
}

fn claimed(events: &[Recorded]) -> Vec<Claimed> {
    let void = |number: u64| {
        events.iter().any(|recorded| match &recorded.event.payload {
            Payload::ReceiptVoided(void) => void.number == number,
            _ => false,
        })
    };
    let issued = events.iter().filter_map(|recorded| match &recorded.event.payload {
        Payload::ReceiptIssued(it) if matches!(it.method, PaymentMethod::Claimed(_)) => {
            Some(Claimed { order: it.order, number: it.number, amount: it.amount })
        }
        _ => None,
    });
    issued.filter(|claimed| !void(claimed.number)).collect()
}

/// Whether the provider has spoken, as far as this phone heard.
fn is_settled(desk: &Desk<'_>, claimed: &Claimed) -> Result<bool, ActError> {
    let series = desk.me.series().id;
    let events = desk.tx.read().events_about(&Subject::work_order(claimed.order))?;
    let state = OrderState::fold(&events);
    let payment =
        state.payments.iter().find(|it| it.series == series && it.number == claimed.number);
    Ok(payment.is_some_and(|payment| payment.state != PaymentState::Promised))
}

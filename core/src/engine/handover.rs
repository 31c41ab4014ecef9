//! The bag changes hands, and a payer wants an invoice.

use super::{
    ActError, Done,
    act::{Desk, check_length},
    giveback::find_issued,
    pen::plain,
    project::project,
    shift::{OpenShift, SHIFT},
    sign::check_strokes,
};
use crate::{
    base::{Money, Personal},
    event::{
        CashHandedOver, CashTaken, HandoverPrivate, InvoiceDetails, InvoiceWanted, Payload,
        Recorded, ShiftClosed, Stroke,
    },
    log::{Class, StreamId, Subject},
    order::{OrderState, PaymentState},
};

/// The most things handed over at once.
const MOST_ITEMS: usize = 20;
/// The longest badge or thing.
const SHORT: usize = 80;

/// The bag, or a part of it, goes to somebody else.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HandOver {
    /// How much cash.
    pub amount: Money,
    /// Who takes it.
    pub to: Personal,
    /// Their badge.
    pub to_badge: String,
    /// What else goes along.
    #[serde(default)]
    pub items: Vec<String>,
    /// The giver's signature.
    pub giver: Vec<Stroke>,
    /// The taker's.
    pub taker: Vec<Stroke>,
    /// What the next one must know.
    #[serde(default)]
    pub note: Option<Personal>,
}

/// What an invoice needs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InvoiceAsked {
    /// Whom it is made out to.
    pub title: Personal,
    /// A firm's taxpayer number.
    #[serde(default)]
    pub taxpayer: Option<Personal>,
    /// Where it goes.
    pub send_to: Personal,
}

/// Hands cash of the last shift over, once it is counted: never more than was counted, and never
/// twice. Both sign, here and now.
pub(super) fn hand_over(desk: &mut Desk<'_>, given: HandOver) -> Result<Done, ActError> {
    let shift: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    let (id, open) = match shift {
        Some(OpenShift { id, last: Some(last), .. }) => (last, id.is_some()),
        _ => return Err(ActError::Shift("no shift was begun on this phone")),
    };
    if open {
        return Err(ActError::Shift("count the cash first: close the shift, then hand it over"));
    }
    let badge = given.to_badge.trim().to_owned();
    if badge.is_empty() || badge == desk.me.person.badge || given.to.reveal().trim().is_empty() {
        return Err(ActError::Handover("name who takes it: somebody else, with their badge"));
    }
    if given.items.len() > MOST_ITEMS {
        return Err(ActError::TooLong { what: "the list", limit: MOST_ITEMS, unit: "things" });
    }
    for text in given.items.iter().chain([&badge]) {
        if text.chars().count() > SHORT {
            return Err(ActError::TooLong { what: "the text", limit: SHORT, unit: "characters" });
        }
    }
    check_length("the name", given.to.reveal())?;
    check_length("the note", given.note.as_ref().map_or("", Personal::reveal))?;
    for strokes in [&given.giver, &given.taker] {
        if check_strokes(strokes)? == 0 {
            return Err(ActError::Handover("both sign: the one who gives, and the one who takes"));
        }
    }
    let subject = Subject::shift(id);
    let held = left(desk, subject)?;
    if given.amount.minor < 0 || held.minus(given.amount)?.minor < 0 {
        return Err(ActError::Handover("more than is in the bag cannot be handed over"));
    }
    if given.amount.minor == 0 && given.items.is_empty() {
        return Err(ActError::Handover("nothing is handed over: say what"));
    }
    let private =
        HandoverPrivate { to: given.to, giver: given.giver, taker: given.taker, note: given.note };
    let handed = CashHandedOver { amount: given.amount, to_badge: badge, items: given.items };
    let private = vec![plain(Class::Money, &private)];
    let (_, row) = desk.pen().write(subject, None, handed, private)?;
    desk.pen().seal(&row)?;
    Ok(Done::default())
}

/// Takes cash of a colleague into the open shift's bag, which holds it from then on.
pub(super) fn take_cash(
    desk: &mut Desk<'_>,
    amount: Money,
    from_badge: &str,
) -> Result<Done, ActError> {
    let shift: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    let Some(OpenShift { id: Some(id), float, .. }) = shift else {
        return Err(ActError::Shift("no shift is open on this phone: begin one first"));
    };
    // Another currency could never be counted with what is in the bag.
    float.plus(amount)?;
    if amount.minor <= 0 {
        return Err(ActError::Handover("count what you were given, and enter it"));
    }
    let from_badge = from_badge.trim().to_owned();
    if from_badge.is_empty() || from_badge == desk.me.person.badge {
        return Err(ActError::Handover("name who gives it: somebody else, by their badge"));
    }
    if from_badge.chars().count() > SHORT {
        return Err(ActError::TooLong { what: "the badge", limit: SHORT, unit: "characters" });
    }
    let taken = CashTaken { amount, from_badge };
    let (_, row) = desk.pen().write(Subject::shift(id), None, taken, Vec::new())?;
    desk.pen().seal(&row)?;
    Ok(Done::default())
}

/// What came into a shift's bag from colleagues.
pub(super) fn taken(shift: &[Recorded]) -> impl Iterator<Item = &CashTaken> {
    shift.iter().filter_map(|recorded| match &recorded.event.payload {
        Payload::CashTaken(taken) => Some(taken),
        _ => None,
    })
}

/// What was counted, less what went to others since.
fn left(desk: &Desk<'_>, shift: Subject) -> Result<Money, ActError> {
    let reader = desk.tx.read();
    let row = reader.stream(&StreamId::new(shift, desk.me.writer()))?;
    let none = || ActError::Shift("the shift was closed under an earlier certificate");
    let events = reader.events(&row.ok_or_else(none)?, 1)?;
    let closed = events.iter().find_map(|recorded| match &recorded.event.payload {
        Payload::ShiftClosed(ShiftClosed { counted, .. }) => Some(*counted),
        _ => None,
    });
    let mut left = closed.ok_or_else(none)?;
    for recorded in &events {
        if let Payload::CashHandedOver(handed) = &recorded.event.payload {
            left = left.minus(handed.amount)?;
        }
    }
    Ok(left)
}

/// Writes down that the payer of a receipt of this phone wants an invoice. Once is enough; asked
/// again, the later details count.
pub(super) fn want_invoice(
    desk: &mut Desk<'_>,
    counter: u64,
    asked: InvoiceAsked,
) -> Result<Done, ActError> {
    let receipt = find_issued(desk, counter)?.ok_or(ActError::NoSuchReceipt(counter))?;
    let (title, send_to) = (asked.title.reveal().trim(), asked.send_to.reveal().trim());
    if title.is_empty() || send_to.is_empty() {
        return Err(ActError::Invoice("say whom it is made out to, and where it goes"));
    }
    check_length("the title", title)?;
    check_length("the address", send_to)?;
    if let Some(number) = &asked.taxpayer {
        let fits = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase();
        let number = number.reveal();
        if !(15..=20).contains(&number.len()) || !number.chars().all(fits) {
            return Err(ActError::Invoice(
                "a taxpayer number has 15 to 20 digits and capital letters: look again",
            ));
        }
    }
    let series = desk.me.series().id;
    let order = Subject::work_order(receipt.order);
    let state = OrderState::fold(&desk.tx.read().events_about(&order)?);
    let is = |it: &&crate::order::Payment| it.series == series && it.number == counter;
    if state.payments.iter().find(is).is_some_and(|it| it.state == PaymentState::Void) {
        return Err(ActError::Invoice("this receipt is void: there is nothing to invoice"));
    }
    let details =
        InvoiceDetails { title: asked.title, taxpayer: asked.taxpayer, send_to: asked.send_to };
    let private = vec![plain(Class::Money, &details)];
    let wanted = InvoiceWanted { series, number: counter };
    let (_, row) = desk.pen().write(order, None, wanted, private)?;
    desk.pen().seal(&row)?;
    project(desk.tx, desk.me, receipt.order)?;
    Ok(Done::default())
}

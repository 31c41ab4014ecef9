//! Quotes, charges, payments.

use super::{
    ActError, Done, LineWanted, ReceiptRef,
    act::{Desk, done},
    answer::{FORKED, no_earlier},
    context::{VisitMoney, VisitView},
    pen::plain,
    photo::PhotoError,
    risk,
};
use crate::{
    base::{Entropy, Hash, Id, Lang, Money, Personal},
    event::{Charged, Paid, Payload, QuoteAccepted, QuoteOffered, ReceiptIssued, ReceiptPrivate},
    log::{Class, StreamId},
    money::{
        ChargeLine, PaymentMethod, PriceList, Quote, ReceiptNumber, claim, needs_acceptance,
        part_payment, tender,
    },
    store::{Reader, StoreError, StreamRow},
    sync::Premises,
};

pub(super) fn offer_quote(
    desk: &mut Desk<'_>,
    visit: Id,
    wanted: &[LineWanted],
) -> Result<Done, ActError> {
    const MAX_LINES: usize = 40;
    if wanted.len() > MAX_LINES {
        return Err(ActError::TooLong { what: "the quote", limit: MAX_LINES, unit: "lines" });
    }
    let view = desk.open_visit(visit)?;
    let list = list_of_today(desk, &view)?;
    let lines =
        wanted.iter().map(|line| wanted_line(&list, line, &view)).collect::<Result<Vec<_>, _>>()?;
    let money = view.money(list.currency())?;
    let version = money.quotes.iter().map(|quote| quote.version).max().unwrap_or(0) + 1;
    let quote = Quote::new(version, list.currency(), lines)?;
    let offered = QuoteOffered { version, lines: quote.lines, total: quote.total };
    let done = desk.in_visit(view, offered, Vec::new())?;
    Ok(Done { quote: Some(version), ..done })
}

pub(super) fn accept_quote(desk: &mut Desk<'_>, visit: Id, version: u32) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    let list = price_list(desk, &view)?;
    let money = view.money(list.currency())?;
    let last = money.quotes.last().filter(|quote| quote.version == version);
    match last {
        Some(quote) if !quote.accepted => {
            desk.in_visit(view, QuoteAccepted { version }, Vec::new())
        }
        _ => Err(ActError::NoSuchQuote(version)),
    }
}

pub(super) fn charge(
    desk: &mut Desk<'_>,
    visit: Id,
    wanted: &LineWanted,
) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    let list = list_of_today(desk, &view)?;
    let line = wanted_line(&list, wanted, &view)?;
    let money = view.money(list.currency())?;
    let mut lines = money.lines.clone();
    lines.push(line.clone());
    if needs_acceptance(money.accepted(), &lines) {
        return Err(ActError::NotAccepted);
    }
    crate::money::total(list.currency(), &lines)?;
    desk.in_visit(view, Charged { line }, Vec::new())
}

/// Money as it is taken: what was handed over or claimed, how, of which part, and the photo that
/// shows a claim.
pub(super) struct Taken {
    pub tendered: Money,
    pub method: PaymentMethod,
    pub part: Option<Money>,
    pub photo: Option<Hash>,
}

/// Takes the money, issues the receipt in the device's series and notes it in the order: both
/// events or neither.
pub(super) fn pay(desk: &mut Desk<'_>, visit: Id, given: Taken) -> Result<Done, ActError> {
    let Taken { tendered, method, part, photo } = given;
    if photo.is_some() && method == PaymentMethod::Cash {
        return Err(PhotoError::OfCash.into());
    }
    let mut view = desk.open_visit(visit)?;
    let list = price_list(desk, &view)?;
    let money = view.money(list.currency())?;
    let now = match part {
        // What is owed back whole is taken whole.
        Some(part) if money.is_deposit && part != money.next => {
            return Err(ActError::PartOfDeposit);
        }
        Some(part) => part_payment(money.next, part)?.part,
        None => money.next,
    };
    let taken = match &method {
        PaymentMethod::Cash => tender(now, tendered)?,
        PaymentMethod::Claimed(_) => {
            let taken = claim(now, tendered)?;
            risk::check_claim(desk, taken.due(), photo.is_some())?;
            taken
        }
    };
    let series = desk.me.series();
    let (counter, running) = next_receipt(desk, now)?;
    let number = ReceiptNumber::new(series.id, counter).ok_or(ActError::NoNumbers)?;
    let lines = money.unreceipted.into_iter().map(|(_, line)| line);
    let lines: Vec<_> = lines.filter(|line| line.deposit().is_some() == money.is_deposit).collect();
    let paid = Paid {
        series: series.id,
        number: counter,
        due: money.next,
        tendered: taken.tendered(),
        change: taken.change(),
        method: method.clone(),
        photo,
        deposits: money.is_deposit.then(|| lines.clone()),
    };
    let (recorded, order_row) = desk.pen().write(view.order, Some(visit), paid, Vec::new())?;
    let payer = view.customer.as_ref().map_or(Personal::default(), |c| c.name.clone());
    let disclosure = disclosure(&mut *desk.entropy, payer, &view.premises);
    let receipt = ReceiptIssued {
        number: counter,
        order: view.order.id,
        order_event: recorded.id,
        lines,
        amount: taken.due(),
        method,
        tendered: taken.tendered(),
        change: taken.change(),
        running,
        badge: desk.me.person.badge.clone(),
        disclosure: disclosure.hash(),
    };
    let private = vec![plain(Class::Money, &disclosure)];
    if !planted!(HalfAction) {
        let (_, series_row) = desk.pen().write(series, Some(visit), receipt, private)?;
        desk.pen().seal(&series_row)?;
    }
    desk.pen().seal(&order_row)?;
    let receipt = ReceiptRef {
        counter,
        number: number.to_string(),
        due: taken.due(),
        tendered: taken.tendered(),
        change: taken.change(),
    };
    Ok(Done { receipt: Some(receipt), ..done(&mut view, &recorded) })
}

/// The next counter of the series, and its running total with `amount` (below zero for a refund).
pub(super) fn next_receipt(desk: &Desk<'_>, amount: Money) -> Result<(u64, Money), ActError> {
    let fields = desk.me.certificate.fields();
    let (number, before) = match series(desk)? {
        Some(row) => series_stand(desk, &row)?,
        None => (None, None),
    };
    let counter = number.map_or(fields.first_receipt, |number| number.saturating_add(1));
    if fields.last_receipt.is_some_and(|last| counter > last) {
        return Err(ActError::NoNumbers);
    }
    let before = before.unwrap_or(Money::zero(amount.currency));
    Ok((counter, before.plus(amount)?))
}

/// The highest number of the series and what it comes to. Every event of a series says the running
/// total, so the last one tells all, but for a void: the numbers before it may be higher.
pub(super) fn series_stand(
    desk: &Desk<'_>,
    row: &StreamRow,
) -> Result<(Option<u64>, Option<Money>), ActError> {
    let branches = desk.tx.read().streams_of(&row.stream.subject)?;
    if row.trouble == FORKED || branches.iter().any(|row| row.stream.is_branch()) {
        return Err(ActError::SeriesForked);
    }
    let (mut number, mut running) = (None, None);
    let mut from = row.chain.seq;
    while from > 0 && number.is_none() {
        for recorded in desk.tx.read().events(row, from)?.iter().take(1) {
            let (found, sum) = match &recorded.event.payload {
                Payload::ReceiptIssued(receipt) => (Some(receipt.number), receipt.running),
                Payload::RefundIssued(refund) => (Some(refund.number), refund.running),
                Payload::ReceiptVoided(void) => (None, void.running),
                // What it does to numbers and totals, only a newer version knows.
                _ => return Err(ActError::NeedsNewerApp),
            };
            number = number.or(found);
            running = running.or(Some(sum));
        }
        from -= 1;
    }
    Ok((number, running))
}

pub(super) fn series(desk: &Desk<'_>) -> Result<Option<StreamRow>, StoreError> {
    desk.tx.read().stream(&StreamId::new(desk.me.series(), desk.me.writer()))
}

/// Payer and premises, with the salt that keeps their hash from being guessed.
pub(super) fn disclosure(
    entropy: &mut dyn Entropy,
    payer: Personal,
    premises: &Premises,
) -> ReceiptPrivate {
    ReceiptPrivate {
        salt: entropy.bytes::<16>().to_vec(),
        payer,
        premises: Personal::new(premises.address.clone()),
    }
}

fn wanted_line(
    list: &PriceList,
    wanted: &LineWanted,
    view: &VisitView,
) -> Result<ChargeLine, ActError> {
    let free = wanted.free.as_deref();
    Ok(list.line(&wanted.code, wanted.quantity, view.lang(), free)?)
}

fn price_list(
    desk: &mut Desk<'_>,
    view: &VisitView,
) -> Result<std::sync::Arc<PriceList>, ActError> {
    let reader: Reader<'_> = desk.tx.read();
    desk.books.price_list(&reader, Some(view.price_list))
}

/// The visit's list, to quote and charge by: its day has come.
fn list_of_today(
    desk: &mut Desk<'_>,
    view: &VisitView,
) -> Result<std::sync::Arc<PriceList>, ActError> {
    let list = price_list(desk, view)?;
    let now = no_earlier(&desk.tx.read(), &desk.clock)?;
    match list.holds_at(now, desk.clock.zone) {
        true => Ok(list),
        false => Err(ActError::PricesNotYet { version: list.version(), from: list.valid_from() }),
    }
}

impl VisitView {
    /// The language of the customer's documents.
    pub(super) fn lang(&self) -> Lang {
        self.customer.as_ref().and_then(|customer| customer.lang).unwrap_or_default()
    }

    /// The visit's money in the currency of its price list.
    pub(super) fn money_in(&self, list: &PriceList) -> Result<VisitMoney, ActError> {
        Ok(self.money(list.currency())?)
    }
}

//! Quotes, charges, payments, shifts.

use minicbor::{Decode, Encode};

use super::{
    ActError, Done, LineWanted, ReceiptRef,
    act::{Desk, done},
    context::{VisitMoney, VisitView},
    exchange::FORKED,
    pen::plain,
};
use crate::{
    base::{Entropy, Id, Lang, Money, Personal},
    event::{
        Charged, Paid, Payload, QuoteAccepted, QuoteOffered, ReceiptIssued, ReceiptPrivate,
        ShiftClosed, ShiftStarted,
    },
    log::{Class, StreamId, Subject},
    money::{
        ChargeLine, PaymentMethod, PriceList, Quote, ReceiptNumber, claim, needs_acceptance,
        part_payment, tender,
    },
    store::{Reader, StoreError},
};

/// The shift that is open, as kept in the store.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct OpenShift {
    #[n(0)]
    id: Option<Id>,
    #[n(1)]
    float: Money,
    /// Where the receipt series stood when it began.
    #[n(2)]
    series_seq: u64,
}

const SHIFT: &str = "shift";

pub(super) fn start_shift(desk: &mut Desk<'_>, float: Money) -> Result<Done, ActError> {
    let open: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    if open.is_some_and(|shift| shift.id.is_some()) {
        return Err(ActError::Shift("a shift is open on this phone: close it first"));
    }
    if float.minor < 0 {
        return Err(ActError::Shift("the float cannot be less than nothing: count it again"));
    }
    // One bag, one currency: another could never be counted against the receipts.
    let reader = desk.tx.read();
    if let Ok(list) = desk.books.price_list(&reader, None) {
        float.plus(Money::zero(list.currency()))?;
    }
    let id = desk.action;
    let started =
        ShiftStarted { person: desk.me.person.id, badge: desk.me.person.badge.clone(), float };
    let (_, row) = desk.pen().write(Subject::shift(id), None, started, Vec::new())?;
    desk.pen().seal(&row)?;
    let series_seq = series(desk)?.map_or(0, |row| row.chain.seq);
    desk.tx.set_meta(SHIFT, &OpenShift { id: Some(id), float, series_seq })?;
    Ok(Done::default())
}

pub(super) fn close_shift(desk: &mut Desk<'_>, counted: Money) -> Result<Done, ActError> {
    let open: Option<OpenShift> = desk.tx.read().meta(SHIFT)?;
    let Some(OpenShift { id: Some(id), float, series_seq }) = open else {
        return Err(ActError::Shift("no shift is open on this phone"));
    };
    if counted.minor < 0 {
        return Err(ActError::Shift("cash cannot be less than nothing: count it again"));
    }
    let mut expected = float;
    if let Some(row) = series(desk)? {
        for recorded in desk.tx.read().events(&row, series_seq + 1)? {
            if let Payload::ReceiptIssued(receipt) = recorded.event.payload
                && receipt.method == PaymentMethod::Cash
            {
                expected = expected.plus(receipt.amount)?;
            }
        }
    }
    // Two currencies in one bag are refused before anything is written.
    counted.minus(expected)?;
    let closed = ShiftClosed { expected, counted };
    let (_, row) = desk.pen().write(Subject::shift(id), None, closed, Vec::new())?;
    desk.pen().seal(&row)?;
    desk.tx.set_meta(SHIFT, &OpenShift { id: None, float, series_seq })?;
    Ok(Done::default())
}

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
    let list = price_list(desk, &view)?;
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
    let list = price_list(desk, &view)?;
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

/// Takes the money, issues the receipt in the device's series and notes it in the order: both
/// events or neither.
pub(super) fn pay(
    desk: &mut Desk<'_>,
    visit: Id,
    tendered: Money,
    method: PaymentMethod,
    part: Option<Money>,
) -> Result<Done, ActError> {
    let mut view = desk.open_visit(visit)?;
    let list = price_list(desk, &view)?;
    let money = view.money(list.currency())?;
    let now = match part {
        Some(part) => part_payment(money.due, part)?.part,
        None => money.due,
    };
    let taken = match &method {
        PaymentMethod::Cash => tender(now, tendered)?,
        PaymentMethod::Claimed(_) => claim(now, tendered)?,
    };
    let series = desk.me.series();
    let (counter, running) = next_receipt(desk, now)?;
    let number = ReceiptNumber::new(series.id, counter).ok_or(ActError::NoNumbers)?;
    let paid = Paid {
        series: series.id,
        number: counter,
        due: money.due,
        tendered: taken.tendered(),
        change: taken.change(),
        method: method.clone(),
    };
    let (recorded, order_row) = desk.pen().write(view.order, Some(visit), paid, Vec::new())?;
    let disclosure = disclosure(&mut *desk.entropy, &view);
    let receipt = ReceiptIssued {
        number: counter,
        order: view.order.id,
        order_event: recorded.id,
        lines: money.unreceipted,
        amount: taken.due(),
        method,
        tendered: taken.tendered(),
        change: taken.change(),
        running,
        badge: desk.me.person.badge.clone(),
        disclosure: disclosure.hash(),
    };
    let private = vec![plain(Class::Money, &disclosure)];
    let (_, series_row) = desk.pen().write(series, Some(visit), receipt, private)?;
    desk.pen().seal(&series_row)?;
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

/// The next counter of the series, and its running total with `amount`.
fn next_receipt(desk: &Desk<'_>, amount: Money) -> Result<(u64, Money), ActError> {
    let fields = desk.me.certificate.fields();
    let mut last = None;
    if let Some(row) = series(desk)? {
        if row.trouble == FORKED {
            return Err(ActError::SeriesForked);
        }
        // Every event of the series says the running total and its number.
        let events = desk.tx.read().events(&row, row.chain.seq)?;
        let mut voided_last = false;
        for recorded in events {
            match recorded.event.payload {
                Payload::ReceiptIssued(receipt) => last = Some((receipt.number, receipt.running)),
                // What it does to numbers and totals, only a newer version knows.
                Payload::Unknown { .. } => return Err(ActError::NeedsNewerApp),
                Payload::ReceiptVoided(void) => {
                    voided_last = true;
                    last = Some((void.number, void.running));
                }
                _ => {}
            }
        }
        if voided_last {
            last = highest_number(desk, &row)?.zip(last).map(|(n, (_, running))| (n, running));
        }
    }
    let (counter, before) = match last {
        Some((number, running)) => (number.saturating_add(1), running),
        None => (fields.first_receipt, Money::zero(amount.currency)),
    };
    if fields.last_receipt.is_some_and(|last| counter > last) {
        return Err(ActError::NoNumbers);
    }
    Ok((counter, before.plus(amount)?))
}

fn highest_number(
    desk: &Desk<'_>,
    row: &crate::store::StreamRow,
) -> Result<Option<u64>, StoreError> {
    let events = desk.tx.read().events(row, 1)?;
    let number = |payload: &Payload| match payload {
        Payload::ReceiptIssued(receipt) => Some(receipt.number),
        _ => None,
    };
    Ok(events.iter().filter_map(|recorded| number(&recorded.event.payload)).max())
}

fn series(desk: &Desk<'_>) -> Result<Option<crate::store::StreamRow>, StoreError> {
    desk.tx.read().stream(&StreamId::new(desk.me.series(), desk.me.writer()))
}

/// Payer and premises, with the salt that keeps their hash from being guessed.
fn disclosure(entropy: &mut dyn Entropy, view: &VisitView) -> ReceiptPrivate {
    ReceiptPrivate {
        salt: entropy.bytes::<16>().to_vec(),
        payer: view.customer.as_ref().map_or(Personal::default(), |c| c.name.clone()),
        premises: Personal::new(view.premises.address.clone()),
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

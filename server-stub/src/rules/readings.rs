//! The office writes down what a customer said of their meter, or what a meter sent: a fact of the
//! order, which a reader's own reading confirms or replaces. Both stay.

use doorstep::{
    base::{Decimal, Hash, Id, Instant, Personal},
    event::{MeterRead, ReadingFlag, ReadingKind, ReadingSource, ReasonText},
    log::Class,
    meter::{MeterRecord, Meters, Seen, judge},
    order::OrderStatus,
    standard::{Profile, SHIPPED_PROFILE},
};
use serde::Deserialize;

use super::{
    Context, district,
    input::{LONG, SHORT, at_most, filled},
    office, orders, terms,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, Tx},
};

/// A reading that no technician made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadingInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The number on the plate.
    pub meter: String,
    /// `customer` or `smart`: wheels are read at the door, and estimates follow the profile there.
    pub kind: ReadingKind,
    /// By which way it came.
    pub source: ReadingSource,
    /// What it shows.
    pub value: Decimal,
    /// What is left on a card.
    #[serde(default)]
    pub card_left: Option<u64>,
    /// All that was ever bought by card, as the meter shows it.
    #[serde(default)]
    pub card_bought: Option<u64>,
    /// When it was read or sent; now, when absent.
    #[serde(default)]
    pub read_at: Option<Instant>,
    /// SHA-256 of the customer's picture, which stays in the system it came by.
    #[serde(default)]
    pub photo: Option<Hash>,
    /// Why it is kept although it cannot be.
    #[serde(default)]
    pub reason: Option<Personal>,
}

/// Writes down what a customer said or a meter sent, also late. What cannot be is refused, unless a
/// picture and a reason send it to a supervisor.
pub fn take_reading(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &ReadingInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    let row = orders::known(tx, order)?;
    if matches!(row.status, OrderStatus::Cancelled | OrderStatus::Expired) {
        let message = "the order is cancelled or expired: nobody reads a meter under it";
        return Err(Problem::conflict("order-closed", message, "open a new order").into());
    }
    let meter = input.meter.trim();
    filled("meter", meter, SHORT)?;
    at_most("reason", input.reason.as_ref().map_or("", Personal::reveal), LONG)?;
    match (input.kind, input.source) {
        (ReadingKind::Smart, ReadingSource::Network) => {}
        (ReadingKind::Customer, source) if source != ReadingSource::Network => {}
        _ => {
            let message = "the office takes what a `customer` said, by whichever way, and what a \
                           `smart` meter sent over the `network`";
            return Err(Problem::bad("bad-reading", message, "correct `kind` and `source`").into());
        }
    }
    if input.read_at.is_some_and(|at| at > ctx.now) {
        let message = "nothing is read in the future";
        return Err(Problem::bad("bad-reading", message, "correct `read_at`").into());
    }
    let value = input.value.whole().ok_or_else(|| {
        Problem::bad("bad-reading", "a meter is not below zero", "correct `value`")
    })?;
    let records = match row.premises {
        Some(premises) => district::meters(tx, ctx, premises)?,
        None => None,
    };
    let record = records.as_ref().map(|all| named(all, meter)).transpose()?.flatten();
    let read = judged(tx, ctx, input, meter, value, record)?;
    // Who is asked again has nothing new to say.
    let same = orders::fold(tx, order)?.readings.into_iter().any(|known| {
        let at = input.read_at.is_some_and(|at| at == known.at);
        at && (known.of(), known.value, known.source) == (meter, input.value, Some(input.source))
    });
    if same {
        return Ok(());
    }
    let mut act = office::Act::new(input.action, account.person, read);
    if let Some(text) = &input.reason {
        let keys = tx.keys(&doorstep::log::Subject::work_order(order))?;
        if !keys.iter().any(|(class, _)| *class == Class::Service) {
            let message = "the record of this order was erased";
            return Err(Problem::conflict("erased", message, "open a new order").into());
        }
        let reason = minicbor::to_vec(ReasonText { text: text.clone() }).unwrap_or_default();
        act.private = Some((Class::Service, reason));
    }
    orders::write(tx, ctx, order, act)
}

/// The reading as it is kept, by the record and the profile in force.
fn judged(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    input: &ReadingInput,
    meter: &str,
    value: u64,
    record: Option<&MeterRecord>,
) -> Result<MeterRead, Failure> {
    let mut read = MeterRead {
        meter: meter.to_owned(),
        expected: record.map(|record| record.number.clone()),
        kind: input.kind,
        value: input.value,
        display: None,
        previous: record.map(|record| record.last_actual.unwrap_or(record.last)),
        usage: None,
        credit: 0,
        flags: Vec::new(),
        swapped: None,
        photo: input.photo,
        seal: None,
        seal_state: None,
        card_left: input.card_left,
        estimate: None,
        source: Some(input.source),
        read_at: Some(input.read_at.unwrap_or(ctx.now)),
        card_bought: input.card_bought,
        display_photo: None,
    };
    let Some(record) = record else { return Ok(read) };
    let published = terms::published(tx, ctx, terms::PROFILE, |text| Profile::load(text).ok())?;
    let profile = published.or_else(|| Profile::load(SHIPPED_PROFILE.text).ok());
    let seen = Seen {
        kind: input.kind,
        value,
        display: None,
        card: input.card_left.map(|left| (left, input.card_bought)),
        rolled_over: false,
        swapped: None,
        right_meter: true,
        at: input.read_at.unwrap_or(ctx.now),
    };
    let verdict = judge(record, profile.as_ref().and_then(|it| it.readings.as_ref()), &seen);
    (read.usage, read.credit, read.flags) = (verdict.usage, verdict.credit, verdict.flags);
    if verdict.impossible {
        let reason = input.reason.as_ref().is_some_and(|it| !it.reveal().trim().is_empty());
        if input.photo.is_none() || !reason {
            let message = "this cannot be, by what is known of the meter";
            let todo = "ask again, or send it to a supervisor with a picture and a reason";
            return Err(Problem::bad("bad-reading", message, todo).into());
        }
        read.flags.push(ReadingFlag::ForReview);
    }
    Ok(read)
}

/// The meter of this number among those of the premises; `None` where none is on record there.
fn named<'a>(all: &'a Meters, meter: &str) -> Result<Option<&'a MeterRecord>, Problem> {
    let found = all.meters.iter().find(|record| record.number == meter);
    if found.is_none() && !all.meters.is_empty() {
        let message = format!("these premises have no meter `{meter}`");
        let todo = "ask for the number on its plate, or for the address";
        return Err(Problem::not_found("unknown-meter", message, todo));
    }
    Ok(found)
}

//! C8: the customer accepted a quote from a price list that was not in force: one that had been
//! replaced, or, by a wrong clock, one whose day had not come. The quote stands; the difference is told.

use std::{cmp::Reverse, sync::Arc};

use doorstep::{
    base::{Id, Instant, Money},
    event::{Payload, QuoteOffered, Side, SideValue, VerdictGiven},
    money::PriceList,
    order::Placed,
    sync::StandingDoc,
};

use super::{Case, document_hash, published, side};
use crate::{
    rules::{Context, terms::PRICES},
    store::{StoreError, Tx},
};

/// One verdict for each visit whose last accepted quote would be another by the list of that time.
pub(super) fn judge(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for visit in case.state.visits.values() {
        let Some((placed, quote)) = accepted(case, visit.started) else { continue };
        let Some(version) = quote.lines.first().map(|line| line.list_version()) else { continue };
        let Some(InForce { at, doc, list }) = in_force(tx, ctx, placed, version)? else { continue };
        let Some(new) = by_list(quote, &list) else { continue };
        let Ok(difference) = new.minus(quote.total) else { continue };
        if difference.minor == 0 {
            continue;
        }
        let what = if doc.version > version { "prices-published" } else { "prices-in-force" };
        let replaced = Side::new(Id::new([0; 16]), what, at, document_hash(&doc))
            .with(SideValue::text("version", doc.version.to_string()))
            .with(SideValue::money("new", new))
            .with(SideValue::money("difference", difference));
        let mut quoted = side(placed, "quoted")
            .with(SideValue::text("version", version.to_string()))
            .with(SideValue::money("old", quote.total));
        quoted.visit = Some(visit.id);
        let events = vec![placed.recorded.id];
        verdicts.push(VerdictGiven::conflict("C8", events, vec![replaced, quoted]));
    }
    Ok(verdicts)
}

/// A price list, and when it was published.
struct InForce {
    at: Instant,
    doc: StandingDoc,
    list: Arc<PriceList>,
}

/// The list that was in force when this was written, where that is not the version it was written by:
/// the newest that was published by then and whose day had come.
fn in_force(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    placed: &Placed<'_>,
    version: u32,
) -> Result<Option<InForce>, StoreError> {
    let zone = placed.recorded.event.clock.zone;
    // Asked first: the documents themselves are long.
    let known = ctx.terms.prices(version).is_some_and(|list| list.holds_at(placed.at, zone));
    if known && tx.standing_version(PRICES)? == Some(version) {
        return Ok(None);
    }
    let mut lists = published(tx, PRICES)?;
    lists.sort_by_key(|(_, doc)| Reverse(doc.version));
    for (at, doc) in lists {
        // What the phone had was published, whatever its clock says.
        if doc.version > version && at > placed.at {
            continue;
        }
        let Some(list) = ctx.terms.price_list(&doc) else { continue };
        if list.holds_at(placed.at, zone) {
            let other = doc.version != version;
            return Ok(other.then_some(InForce { at, doc, list }));
        }
    }
    Ok(None)
}

/// The last quote accepted in a visit, and when that was.
fn accepted<'a>(
    case: &Case<'a>,
    started: doorstep::base::Hash,
) -> Option<(&'a Placed<'a>, &'a QuoteOffered)> {
    let begun = case.event(started)?.recorded;
    let (mut offers, mut last) = (Vec::new(), None);
    for placed in case.history.events() {
        let recorded = placed.recorded;
        if recorded.event.visit != begun.event.visit || recorded.stream != begun.stream {
            continue;
        }
        match &recorded.event.payload {
            Payload::QuoteOffered(offer) => offers.push(offer),
            Payload::QuoteAccepted(accepted) => {
                let offer = offers.iter().rev().find(|offer| offer.version == accepted.version);
                last = offer.map(|offer| (placed, *offer)).or(last);
            }
            _ => {}
        }
    }
    last
}

/// What a quote's lines cost by another list; what it doesn't have keeps its price.
fn by_list(quote: &QuoteOffered, list: &PriceList) -> Option<Money> {
    let mut sum = Money::new(0, quote.total.currency);
    for line in &quote.lines {
        let amount = match list.item(line.code()) {
            Some(item) if line.free_reason().is_none() => item.price.times(line.quantity()).ok()?,
            _ => line.amount(),
        };
        sum = sum.plus(amount).ok()?;
    }
    Some(sum)
}

//! C8: the customer accepted a quote from a price list that had been replaced. The quote stands;
//! the difference is told.

use doorstep::{
    base::{Id, Money},
    event::{Payload, QuoteOffered, Side, SideValue, VerdictGiven},
    money::PriceList,
    order::Placed,
};

use super::{Case, document_hash, published, side};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// One verdict for each visit whose last accepted quote would be another by the list of that time.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for visit in case.state.visits.values() {
        let Some((placed, quote)) = accepted(case, visit.started) else { continue };
        let Some(version) = quote.lines.first().map(|line| line.list_version()) else { continue };
        // Asked first: the documents themselves are long.
        if tx.standing_version("price-list")?.is_none_or(|newest| newest <= version) {
            continue;
        }
        let lists = published(tx, "price-list")?;
        let newest = lists
            .into_iter()
            .filter(|(at, doc)| doc.version > version && *at <= placed.at)
            .max_by_key(|(_, doc)| doc.version);
        let Some((at, doc)) = newest else { continue };
        let Ok(list) = PriceList::load(&String::from_utf8_lossy(&doc.body)) else { continue };
        let Some(new) = by_list(quote, &list) else { continue };
        let Ok(difference) = new.minus(quote.total) else { continue };
        if difference.minor == 0 {
            continue;
        }
        let replaced = Side::new(Id::new([0; 16]), "prices-published", at, document_hash(&doc))
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

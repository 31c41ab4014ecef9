//! C3: the same charges were paid twice: on two phones, or at the desk and on a phone. Both receipts
//! stand; what was paid twice is to be given back.

use std::collections::BTreeMap;

use doorstep::{
    base::{Id, Money},
    event::{ClaimResult, Payload, Side, SideValue, VerdictGiven},
    log::Writer,
    money::ReceiptNumber,
    order::{PaymentState, Placed},
};

use super::Case;
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// A payment that stands: neither void nor bounced. What was given back of it since doesn't take
/// the conflict away: it settles what is due.
struct Taken<'a> {
    placed: &'a Placed<'a>,
    visit: Id,
    amount: Money,
    /// The printed number.
    number: String,
    /// Of the visit's charges.
    writer: Option<Writer>,
    /// The provider had said that it never came: what was paid after it was paid in its place.
    came_back: bool,
}

/// One verdict for each two payments that pay the same and didn't know of each other, or of which one
/// had bounced and came after all.
pub(super) fn judge(
    _: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let taken = taken(case);
    let mut verdicts = Vec::new();
    for (place, first) in taken.iter().enumerate() {
        for second in &taken[place + 1..] {
            let knew = !first.placed.concurrent(second.placed);
            if knew && !first.came_back && !second.came_back {
                continue;
            }
            let Some(twice) = twice(case, &taken, first, second) else { continue };
            let later = (first.placed.at, first.placed.recorded.id)
                < (second.placed.at, second.placed.recorded.id);
            let (earlier, later) = if later { (first, second) } else { (second, first) };
            let sides = vec![side(earlier), side(later).with(SideValue::money("twice", twice))];
            let events = sides.iter().map(|side| side.event).collect();
            verdicts.push(VerdictGiven::conflict("C3", events, sides));
        }
    }
    Ok(verdicts)
}

fn taken<'a>(case: &Case<'a>) -> Vec<Taken<'a>> {
    let writer = |visit: &Id| case.state.visits.get(visit).map(|visit| visit.writer);
    let bounced: Vec<_> = case
        .by_office()
        .filter_map(|placed| match &placed.recorded.event.payload {
            Payload::ClaimJudged(judged) if judged.result == ClaimResult::Bounced => {
                Some((judged.series, judged.number))
            }
            _ => None,
        })
        .collect();
    let stands = |state| !matches!(state, PaymentState::Void | PaymentState::Bounced);
    let on_visits = case.state.payments.iter().filter(|payment| stands(payment.state));
    let on_visits = on_visits.filter_map(|payment| {
        let number = ReceiptNumber::new(payment.series, payment.number);
        Some(Taken {
            placed: case.event(payment.event)?,
            visit: payment.visit,
            amount: payment.amount,
            number: number.map_or_else(String::new, |number| number.to_string()),
            writer: writer(&payment.visit),
            came_back: bounced.contains(&(payment.series, payment.number)),
        })
    });
    let at_desk = case.state.desk_payments.iter().filter_map(|payment| {
        Some(Taken {
            placed: case.event(payment.event)?,
            visit: payment.visit,
            amount: payment.amount,
            number: payment.receipt.clone(),
            writer: writer(&payment.visit),
            came_back: false,
        })
    });
    on_visits.chain(at_desk).collect()
}

/// How much two payments pay twice.
///
/// For one visit's charges: what its payments come to above them; of a visit that was taken over, with
/// all that was charged and paid before in the hands of others. For the charges of two visits of
/// different devices: the lines that both charged, or took over, as far as both took money.
fn twice(case: &Case<'_>, all: &[Taken<'_>], one: &Taken<'_>, other: &Taken<'_>) -> Option<Money> {
    let most = |sum: Money| {
        let amounts = [sum, one.amount, other.amount];
        amounts.into_iter().min_by_key(|amount| amount.minor).filter(|least| least.minor > 0)
    };
    if one.visit == other.visit {
        let line = case.state.line(one.visit);
        let charged = case.state.money_of(&line).0?;
        let of_visit = all.iter().filter(|taken| line.contains(&taken.visit));
        let paid = Money::sum(charged.currency, of_visit.map(|taken| taken.amount)).ok()?;
        return most(paid.minus(charged).ok()?);
    }
    if one.writer == other.writer {
        return None;
    }
    let (ours, theirs) = (lines(case, one), lines(case, other));
    let both = ours.iter().filter_map(|(code, amount)| {
        let amounts = [*amount, *theirs.get(code)?];
        amounts.into_iter().min_by_key(|amount| amount.minor)
    });
    most(Money::sum(one.amount.currency, both).ok()?)
}

/// What a payment's visit charged, by code of the price list.
fn lines(case: &Case<'_>, taken: &Taken<'_>) -> BTreeMap<String, Money> {
    let mut lines: BTreeMap<String, Money> = BTreeMap::new();
    let line = case.state.line(taken.visit);
    let of = |id: &Id| case.state.visits.get(id).map(|visit| (visit.id, visit.writer));
    let of: Vec<_> = line.iter().filter_map(of).collect();
    for placed in case.history.events() {
        let recorded = placed.recorded;
        let its = recorded.event.visit.is_some_and(|id| of.contains(&(id, recorded.stream.writer)));
        let Payload::Charged(charged) = &recorded.event.payload else { continue };
        if its {
            let amount = charged.line.amount();
            let code = charged.line.code().to_owned();
            let sum = lines.get(&code).map_or(Ok(amount), |sum| sum.plus(amount));
            lines.insert(code, sum.unwrap_or(amount));
        }
    }
    lines
}

fn side(taken: &Taken<'_>) -> Side {
    let what = if taken.placed.from_office() { "desk-took-money" } else { "took-money" };
    super::side(taken.placed, what)
        .with(SideValue::money("amount", taken.amount))
        .with(SideValue::text("number", &taken.number))
}

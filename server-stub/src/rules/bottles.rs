//! The gas bottles that customers hold, by premises and size, over all their orders: kept as deliveries
//! arrive, told to every phone with the premises, set right by the office where they were counted.

use std::{collections::BTreeMap, sync::Arc};

use doorstep::{
    base::{Hash, Id, Instant, Money},
    event::VisitKind,
    money::{ChargeLine, PriceList, ReceiptNumber},
    order::{OrderState, hold, still_there},
    sync::{BackTold, BottleTold, Bottles, DepositTold, Held},
};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{
    Context, district, standing,
    terms::{self, PRICES},
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, StoreError, Tx},
};

/// Bottles there that are told by their codes, the earliest.
const MOST_CODES: usize = 50;
/// Sizes of one count.
const MOST_SIZES: usize = 20;
/// So long beyond what phones keep of an order is told move by move: a phone that was away adds its own
/// to it. In milliseconds.
const MARGIN_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// One scan of an order, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Kept {
    /// The scan.
    #[n(0)]
    pub(super) event: Hash,
    #[n(1)]
    pub(super) at: Instant,
    #[n(2)]
    pub(super) code: String,
    #[n(3)]
    pub(super) handed_over: bool,
    #[n(4)]
    pub(super) actor: Id,
}

/// What of an order moved bottles, with its number.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct OfOrder {
    #[n(0)]
    pub(super) order: Id,
    #[n(1)]
    pub(super) number: String,
    #[n(2)]
    pub(super) moves: Vec<Kept>,
    /// Deposit receipts, with what each pays.
    #[n(3)]
    pub(super) deposits: Option<Vec<Taken>>,
    /// What went back under it, of whatever receipt.
    #[n(4)]
    pub(super) back: Option<Vec<GivenBack>>,
}

/// A deposit receipt of an order.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct Taken {
    #[n(0)]
    pub(super) series: Id,
    #[n(1)]
    pub(super) number: u64,
    #[n(2)]
    pub(super) lines: Vec<ChargeLine>,
    /// Nothing where it is void or bounced.
    #[n(3)]
    pub(super) amount: Money,
}

/// A deposit that went back.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct GivenBack {
    #[n(0)]
    pub(super) of_series: Id,
    #[n(1)]
    pub(super) of_number: u64,
    #[n(2)]
    pub(super) event: Hash,
    #[n(3)]
    pub(super) amount: Money,
}

impl OfOrder {
    /// What an order moved, as it stands.
    pub(super) fn of(order: Id, state: &OrderState) -> OfOrder {
        let kept = |it: &doorstep::order::BottleMove| Kept {
            event: it.event,
            at: it.at,
            code: it.code.clone(),
            handed_over: it.handed_over,
            actor: it.actor,
        };
        let moves = state.bottle_moves.iter().map(kept).collect();
        let deposits = state.payments.iter().filter(|payment| !payment.deposits.is_empty());
        let deposits: Vec<_> = deposits
            .map(|payment| Taken {
                series: payment.series,
                number: payment.number,
                lines: payment.deposits.clone(),
                amount: payment.counts(),
            })
            .collect();
        let back = state.deposits_back.iter().map(|it| GivenBack {
            of_series: it.of_series,
            of_number: it.of_number,
            event: it.event,
            amount: it.amount,
        });
        let back: Vec<_> = back.collect();
        OfOrder {
            order,
            number: state.number.clone().unwrap_or_default(),
            moves,
            deposits: (!deposits.is_empty()).then_some(deposits),
            back: (!back.is_empty()).then_some(back),
        }
    }

    /// Its moves of the company's bottles, with their sizes.
    pub(super) fn sized<'a>(
        &'a self,
        list: &'a PriceList,
    ) -> impl Iterator<Item = BottleTold> + 'a {
        self.moves.iter().filter_map(|it| {
            Some(BottleTold {
                order: self.order,
                event: it.event,
                at: it.at,
                size: list.bottle_of(&it.code)?.size.clone(),
                code: it.code.clone(),
                handed_over: it.handed_over,
            })
        })
    }
}

/// A count by the office: what was there at a time.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Counted {
    #[n(0)]
    held: Vec<Held>,
    /// Whose account said so.
    #[n(1)]
    by: Id,
}

fn moves_key(premises: Id) -> String {
    format!("bottle-moves/{premises}")
}

fn counts_key(premises: Id) -> String {
    format!("bottle-counts/{premises}")
}

fn read<T: for<'b> Decode<'b, ()>>(body: &[u8]) -> Result<T, StoreError> {
    minicbor::decode(body).map_err(|e| StoreError::Damaged(format!("bottles of premises: {e}")))
}

/// What the orders at some premises moved, as each last stood; one read, however many there are.
pub(super) fn moves_at(tx: &mut dyn Tx, premises: Id) -> Result<Vec<OfOrder>, StoreError> {
    let mut last = BTreeMap::new();
    for (_, body) in tx.facts(&moves_key(premises))? {
        let of: OfOrder = read(&body)?;
        last.insert(of.order, of);
    }
    Ok(last.into_values().collect())
}

/// What was counted last at some premises, and when; nothing since ever where nobody counted.
pub(super) fn counted(tx: &mut dyn Tx, premises: Id) -> Result<(Instant, Vec<Held>), StoreError> {
    let counts = tx.facts(&counts_key(premises))?;
    // Of two counts of one moment the one that was written down later.
    let Some((at, body)) = counts.into_iter().max_by_key(|(at, _)| *at) else {
        return Ok((Instant(i64::MIN), Vec::new()));
    };
    Ok((at, read::<Counted>(&body)?.held))
}

/// The price list that was published last, where it counts bottles.
pub(super) fn list(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
) -> Result<Option<Arc<PriceList>>, StoreError> {
    let Some(version) = tx.standing_version(PRICES)? else { return Ok(None) };
    let list = match ctx.terms.prices(version) {
        Some(list) => Some(list),
        None => terms::latest(tx, ctx, PRICES)?.and_then(|doc| ctx.terms.price_list(&doc)),
    };
    Ok(list.filter(|list| !list.bottles().is_empty()))
}

/// Keeps what an order moved and tells it, if it changed. An order that moved nothing costs nothing.
pub(super) fn follow(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), Failure> {
    let delivery = state.kind == Some(VisitKind::Delivery);
    let Some(premises) = state.premises.filter(|_| delivery) else { return Ok(()) };
    let key = format!("bottles-of/{order}");
    let deposits = !state.deposits_back.is_empty()
        || state.payments.iter().any(|payment| !payment.deposits.is_empty());
    if state.bottle_moves.is_empty() && !deposits && tx.district_hash(&key)?.is_none() {
        return Ok(());
    }
    let own = minicbor::to_vec(OfOrder::of(order, state)).unwrap_or_default();
    if district::changed(tx, &key, &own)? {
        tx.add_fact(&moves_key(premises), ctx.now, &own)?;
        tell(tx, ctx, premises)?;
    }
    Ok(())
}

/// Publishes what is held at some premises.
fn tell(tx: &mut dyn Tx, ctx: &mut Context<'_>, premises: Id) -> Result<(), Failure> {
    let Some(list) = list(tx, ctx)? else { return Ok(()) };
    let (count, of_orders) = (counted(tx, premises)?, moves_at(tx, premises)?);
    let bottles = stand(ctx, &count, &of_orders, &list);
    let body = minicbor::to_vec(&bottles).unwrap_or_default();
    let key = Bottles::key(premises);
    if district::changed(tx, &key, &body)? {
        standing::put(tx, ctx, &key, None, &body, true)?;
    }
    Ok(())
}

/// What is held at some premises, as it is told: what was counted last and when, and what orders moved.
fn stand(
    ctx: &Context<'_>,
    (counted_at, counted): &(Instant, Vec<Held>),
    of_orders: &[OfOrder],
    list: &PriceList,
) -> Bottles {
    let mut moves: Vec<_> = of_orders.iter().flat_map(|of| of.sized(list)).collect();
    moves.sort_by_key(|it| (it.at, it.event));
    let mut there = still_there(Vec::new(), &moves);
    there.truncate(MOST_CODES);
    let kept = ctx.settings.keep_ms.saturating_add(MARGIN_MS);
    let until = Instant(ctx.now.0.saturating_sub(kept)).max(*counted_at);
    moves.retain(|it| it.at > *counted_at);
    let (before, since): (Vec<_>, Vec<_>) = moves.into_iter().partition(|it| it.at <= until);
    let (held, _) = hold(counted, before);
    let held = held.into_iter().map(|(size, count)| Held { size, count }).collect();
    let deposits = deposits(of_orders);
    Bottles { until, held, since, there, deposits: (!deposits.is_empty()).then_some(deposits) }
}

/// Deposit receipts of some premises that still hold something.
fn deposits(of_orders: &[OfOrder]) -> Vec<DepositTold> {
    let back = || of_orders.iter().flat_map(|of| of.back.iter().flatten());
    let taken = of_orders.iter().flat_map(|of| of.deposits.iter().flatten());
    let told = taken.map(|it| {
        let of = back().filter(|b| b.of_series == it.series && b.of_number == it.number);
        DepositTold {
            series: it.series,
            number: it.number,
            lines: it.lines.clone(),
            amount: it.amount,
            back: of.map(|b| BackTold { event: b.event, amount: b.amount }).collect(),
        }
    });
    let left = |it: &DepositTold| {
        it.back.iter().map(|back| back.amount.minor).sum::<i64>() < it.amount.minor
    };
    let mut told: Vec<_> = told.filter(left).collect();
    told.sort_by_key(|it| (it.series, it.number));
    told.truncate(MOST_CODES);
    told
}

/// What a customer holds, for the office.
#[derive(Debug, Serialize)]
pub struct BottlesView {
    /// Where.
    pub premises: Id,
    /// When it was last counted, if ever.
    pub counted_at: Option<Instant>,
    /// How many of each size.
    pub held: BTreeMap<String, u64>,
    /// Codes that are there, with size and since when.
    pub there: Vec<ThereView>,
    /// Bottles that came back and were not held, by code, since it was counted last.
    pub over: Vec<String>,
    /// Deposit receipts that still hold something.
    pub deposits: Vec<DepositView>,
}

/// A deposit receipt.
#[derive(Debug, Serialize)]
pub struct DepositView {
    /// Its number, as printed.
    pub receipt: String,
    /// What it was for.
    pub amount: Money,
    /// What is still owed back on it.
    pub left: Money,
}

/// A bottle at a customer's.
#[derive(Debug, Serialize)]
pub struct ThereView {
    /// Its code.
    pub code: String,
    /// Its size.
    pub size: String,
    /// Since when.
    pub since: Instant,
}

/// What is held at some premises now.
pub fn bottles_at(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    premises: Id,
) -> Result<BottlesView, Failure> {
    district::known(tx, premises)?;
    let count = counted(tx, premises)?;
    let (counted_at, counted) = &count;
    let mut view = BottlesView {
        premises,
        counted_at: (*counted_at > Instant(i64::MIN)).then_some(*counted_at),
        held: BTreeMap::new(),
        there: Vec::new(),
        over: Vec::new(),
        deposits: Vec::new(),
    };
    let Some(list) = list(tx, ctx)? else { return Ok(view) };
    let all = moves_at(tx, premises)?;
    let bottles = stand(ctx, &count, &all, &list);
    view.deposits = bottles.deposits.iter().flatten().map(deposit_view).collect();
    let since = all.iter().flat_map(|of| of.sized(&list)).filter(|it| it.at > *counted_at);
    let (held, over) = hold(counted, since);
    view.held = held;
    view.over = over.into_iter().map(|it| it.code).collect();
    let there = bottles.there.into_iter();
    view.there = there.map(|it| ThereView { code: it.code, size: it.size, since: it.at }).collect();
    Ok(view)
}

fn deposit_view(told: &DepositTold) -> DepositView {
    let number = ReceiptNumber::new(told.series, told.number);
    let back = told.back.iter().map(|it| it.amount.minor).sum::<i64>();
    DepositView {
        receipt: number.map_or_else(|| told.number.to_string(), |number| number.to_string()),
        amount: told.amount,
        left: Money { minor: told.amount.minor.saturating_sub(back), ..told.amount },
    }
}

/// What somebody counted at some premises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BottlesInput {
    /// How many of each size of the price list; what is left out is none.
    pub held: BTreeMap<String, u32>,
    /// When it was so; now, when absent.
    pub at: Option<Instant>,
}

/// Sets right what a customer holds: what was before that moment counts no more.
pub fn count_bottles(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    premises: Id,
    input: &BottlesInput,
) -> Result<BottlesView, Failure> {
    district::known(tx, premises)?;
    let known = list(tx, ctx)?;
    let sizes = known.as_deref().map_or(&[][..], |list| list.bottles());
    let unknown = input.held.keys().find(|size| !sizes.iter().any(|it| it.size == **size));
    if unknown.is_some() || input.held.len() > MOST_SIZES {
        let size = unknown.map_or("", String::as_str);
        let message = format!("the price list counts no bottles of size `{size}`");
        return Err(Problem::bad("malformed", message, "use a size of its `[[bottle]]`").into());
    }
    let at = input.at.unwrap_or(ctx.now).min(ctx.now);
    let held = input
        .held
        .iter()
        .map(|(size, count)| Held { size: size.clone(), count: u64::from(*count) });
    let body = minicbor::to_vec(Counted { held: held.collect(), by: account.person });
    tx.add_fact(&counts_key(premises), at, &body.unwrap_or_default())?;
    let orders: Vec<_> = moves_at(tx, premises)?.into_iter().map(|of| of.order).collect();
    super::orders::refresh_all(tx, ctx, orders)?;
    tell(tx, ctx, premises)?;
    bottles_at(tx, ctx, premises)
}

//! The terms in force: what the office promises, and which days are worked.
//!
//! One source for all that counts deadlines: what the company published last; until it did, what the
//! server was started with. Read once a minute at most: nobody's exchange waits for documents to be
//! parsed. What this server publishes holds at once, what another one of the same database publishes
//! within that minute.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use doorstep::{
    base::{Id, Instant},
    money::PriceList,
    standard::{Calendar, Clockwork, ServicePromises},
    sync::StandingDoc,
};

use super::{Context, retention::Over};
use crate::store::{OrderRow, StoreError, Tx};

/// The key of the service promises in standing data.
pub(super) const PROMISES: &str = "service-promises";
/// The key of the calendar in standing data.
pub(super) const CALENDAR: &str = "calendar";
/// The key of the price list.
pub(super) const PRICES: &str = "price-list";
/// The key of the profile in standing data.
pub(super) const PROFILE: &str = "profile";

const GOOD_FOR_MS: i64 = 60 * 1_000;
/// Orders that are over and remembered: some tens of megabytes.
const MOST_OVER: usize = 100_000;

/// What is in force.
#[derive(Debug)]
pub(super) struct Terms {
    pub(super) promises: Arc<ServicePromises>,
    pub(super) calendar: Arc<Calendar>,
}

/// The terms as they were read last, and when; and the price lists that were
/// asked for: a version never changes. And of orders that are over what the list of what is due to be
/// erased asks for, each as long as its line stays as it was.
#[derive(Debug, Default)]
pub struct KnownTerms {
    terms: Mutex<Option<(Instant, Arc<Terms>)>>,
    prices: Mutex<BTreeMap<u32, Arc<PriceList>>>,
    over: Mutex<BTreeMap<Id, (OrderRow, Over)>>,
}

impl KnownTerms {
    /// They are read anew when they are asked for next.
    pub(super) fn forget(&self) {
        *self.terms.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A version of the price list, if it was read before.
    pub(super) fn prices(&self, version: u32) -> Option<Arc<PriceList>> {
        self.prices.lock().unwrap_or_else(PoisonError::into_inner).get(&version).cloned()
    }

    /// What was kept of an order that is over, if its line is still the same.
    pub(super) fn over(&self, row: &OrderRow) -> Option<Over> {
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        over.get(&row.id).filter(|(known, _)| known == row).map(|(_, over)| over.clone())
    }

    /// Keeps it; begins anew where it would become too much.
    pub(super) fn keep_over(&self, row: &OrderRow, over: Over) {
        let mut all = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_OVER {
            all.clear();
        }
        all.insert(row.id, (row.clone(), over));
    }

    /// A published price list; read once.
    pub(super) fn price_list(&self, doc: &StandingDoc) -> Option<Arc<PriceList>> {
        if let Some(known) = self.prices(doc.version) {
            return Some(known);
        }
        let list = Arc::new(PriceList::load(std::str::from_utf8(&doc.body).ok()?).ok()?);
        let mut prices = self.prices.lock().unwrap_or_else(PoisonError::into_inner);
        prices.insert(doc.version, list.clone());
        Some(list)
    }
}

impl Terms {
    /// By what deadlines are counted, in the office's zone.
    pub(super) fn clock<'a>(&'a self, ctx: &Context<'_>) -> Clockwork<'a> {
        Clockwork { calendar: &self.calendar, zone: ctx.settings.zone }
    }
}

/// The terms in force.
pub(super) fn in_force(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Arc<Terms>, StoreError> {
    let known = ctx.terms.terms.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let fresh = |at: Instant| (0..GOOD_FOR_MS).contains(&ctx.now.since(at));
    if let Some((_, terms)) = known.filter(|(at, _)| fresh(*at)) {
        return Ok(terms);
    }
    let promises = published(tx, ctx, PROMISES, |text| ServicePromises::load(text).ok())?;
    let calendar = published(tx, ctx, CALENDAR, |text| Calendar::load(text).ok())?;
    let terms = Arc::new(Terms {
        promises: promises.map_or_else(|| ctx.settings.promises.clone(), Arc::new),
        calendar: calendar.map_or_else(|| ctx.settings.calendar.clone(), Arc::new),
    });
    let now = Some((ctx.now, terms.clone()));
    *ctx.terms.terms.lock().unwrap_or_else(PoisonError::into_inner) = now;
    Ok(terms)
}

/// What the company published under a key, newest, where it can be read.
pub(super) fn published<T>(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    key: &str,
    load: fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let doc = latest(tx, ctx, key)?;
    Ok(doc.and_then(|doc| String::from_utf8(doc.body).ok()).and_then(|text| load(&text)))
}

/// The newest document that the company published under a key.
pub(super) fn latest(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    key: &str,
) -> Result<Option<StandingDoc>, StoreError> {
    let bytes = tx.standing_latest(key)?;
    Ok(bytes.and_then(|bytes| StandingDoc::verify(&bytes, &ctx.keys.public().signing).ok()))
}

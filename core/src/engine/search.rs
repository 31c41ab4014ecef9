//! Search as one types.
//!
//! Premises are found by an index in the file. Customers' names are compared in memory, of the
//! orders in scope alone, and kept there only while nothing in the file changes: they are never
//! written down beside the sealed events, and are gone with their key.

use std::collections::BTreeSet;

use super::{ActError, Engine};
use crate::{
    base::{Id, Lang, Personal, folded},
    screen::{Found, SearchScreen},
    store::{FoundPremises, Stamp, StoreError},
};

/// Rows of one screen.
const MOST_ROWS: usize = 50;
/// Orders in scope whose names are looked through.
const MOST_ORDERS: u32 = 2_000;

/// Orders in scope as they are looked for by name and number.
pub(super) struct InScope {
    stamp: Stamp,
    orders: Vec<Known>,
}

struct Known {
    premises: Option<Id>,
    found: Found,
    /// Name and number, as they are compared.
    words: Personal,
}

impl Engine {
    /// What fits what was typed: orders in scope by their number, their customer's name and their
    /// premises; then other premises of the district, by address, building, stair, flat or the
    /// number of a meter.
    pub fn search(&mut self, typed: &str, lang: Lang) -> Result<SearchScreen, ActError> {
        let typed: String = typed.trim().chars().take(100).collect();
        if typed.is_empty() {
            return Ok(SearchScreen::new(Vec::new(), MOST_ROWS, lang));
        }
        let mut places = self.store.search_premises(&typed, MOST_ROWS as u32 + 1)?;
        places.sort_by_cached_key(|place| place.premises.place());
        let here: BTreeSet<Id> = places.iter().map(|place| place.premises.id).collect();
        let word = folded(&typed);
        let scope = self.in_scope()?;
        let fits = |known: &&Known| {
            known.words.reveal().contains(&word)
                || known.premises.is_some_and(|premises| here.contains(&premises))
        };
        let mut found: Vec<Found> =
            scope.orders.iter().filter(fits).map(|known| known.found.clone()).collect();
        let taken: BTreeSet<Id> = found.iter().filter_map(|found| found.premises).collect();
        let other = places.into_iter().filter(|place| !taken.contains(&place.premises.id));
        found.extend(other.map(without_order));
        Ok(SearchScreen::new(found, MOST_ROWS, lang))
    }

    /// The orders in scope, as long as the file stands where it stood.
    fn in_scope(&mut self) -> Result<&InScope, StoreError> {
        let stamp = self.store.read().stamp()?;
        let kept = self.books.in_scope.take().filter(|kept| kept.stamp == stamp);
        let kept = match kept {
            Some(kept) => kept,
            None => {
                let rows = self.store.listed_orders(MOST_ORDERS)?;
                let places: BTreeSet<_> = rows.iter().filter_map(|row| row.premises).collect();
                let meters = self.store.meters_at(places)?;
                let orders = self.at_doors(rows)?.into_iter().map(|facts| {
                    let name = facts.customer.map(|customer| customer.name);
                    let shown = name.as_ref().map_or("", Personal::reveal);
                    let words = folded(&format!("{shown} {}", facts.row.number));
                    let meters = facts.row.premises.and_then(|place| meters.get(&place));
                    let meters = meters.into_iter().flat_map(|meters| &meters.meters);
                    Known {
                        premises: facts.row.premises,
                        found: Found {
                            premises: facts.row.premises,
                            address: facts.premises.address,
                            meters: meters.map(|meter| meter.number.clone()).collect(),
                            order: Some((facts.row.id, facts.row.number)),
                            customer: name.filter(|name| !name.is_empty()),
                        },
                        words: Personal::new(words),
                    }
                });
                let orders = orders.collect();
                InScope { stamp, orders }
            }
        };
        Ok(self.books.in_scope.insert(kept))
    }
}

fn without_order(place: FoundPremises) -> Found {
    Found {
        premises: Some(place.premises.id),
        address: place.premises.address,
        meters: place.meters.meters.into_iter().map(|meter| meter.number).collect(),
        order: None,
        customer: None,
    }
}

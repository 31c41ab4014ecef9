//! What was found while somebody typed.

use serde::Serialize;

use crate::{
    base::{Id, Lang, Personal},
    text::tr,
};

/// One thing that was found: an order in scope, or premises without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The premises; absent when they are not here.
    pub premises: Option<Id>,
    /// Where.
    pub address: String,
    /// Numbers of its meters.
    pub meters: Vec<String>,
    /// The order in scope there: its id and number.
    pub order: Option<(Id, String)>,
    /// Its customer's name, while the key is here.
    pub customer: Option<Personal>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchScreen {
    /// How much, in words.
    pub text: String,
    /// Orders in scope first.
    pub rows: Vec<SearchRow>,
    /// There is more than is shown: type more.
    pub more: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SearchRow {
    /// The premises; absent when they are not here.
    pub premises: Option<Id>,
    /// Where.
    pub address: String,
    /// Numbers of its meters.
    pub meters: Vec<String>,
    /// The order in scope there.
    pub order: Option<Id>,
    /// Its number.
    pub number: Option<String>,
    /// Its customer's name, while the key is here.
    pub customer: Option<Personal>,
}

impl SearchScreen {
    /// The screen for what was found, at most `most` of it.
    pub fn new(mut found: Vec<Found>, most: usize, lang: Lang) -> SearchScreen {
        let more = found.len() > most;
        found.truncate(most);
        let rows: Vec<_> = found.into_iter().map(row).collect();
        let count = [("count", rows.len().to_string().into())];
        let text = match (rows.is_empty(), more) {
            (true, _) => tr(lang, "search-none", &[]),
            (false, false) => tr(lang, "search-found", &count),
            (false, true) => tr(lang, "search-more", &count),
        };
        SearchScreen { text, rows, more }
    }
}

fn row(found: Found) -> SearchRow {
    let (order, number) = found.order.unzip();
    SearchRow {
        premises: found.premises,
        address: found.address,
        meters: found.meters,
        order,
        number,
        customer: found.customer,
    }
}

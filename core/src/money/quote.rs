//! What a customer was told a piece of work will cost, and whether that still covers it.

use std::collections::HashMap;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::charge::{ChargeLine, total};
use crate::base::{Currency, Money, MoneyError};

/// A version of the price told to the customer before the work. More work is a new version.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// Counts up from 1 within an order.
    #[n(0)]
    pub version: u32,
    /// What would be charged.
    #[n(1)]
    pub lines: Vec<ChargeLine>,
    /// What the lines come to.
    #[n(2)]
    pub total: Money,
    /// Whether the customer said yes to it.
    #[n(3)]
    pub accepted: bool,
}

impl Quote {
    /// Version `version`, not yet accepted; an error when a line isn't in `currency`.
    pub fn new(
        version: u32,
        currency: Currency,
        lines: Vec<ChargeLine>,
    ) -> Result<Quote, MoneyError> {
        let total = total(currency, &lines)?;
        Ok(Quote { version, lines, total, accepted: false })
    }

    /// The same quote, accepted.
    pub fn accept(self) -> Quote {
        Quote { accepted: true, ..self }
    }
}

/// Whether the customer has to say yes again before `lines` may be worked and charged: when they
/// charge an item that `accepted` doesn't have, more of it, or at another price. Less work and free
/// lines never need a new yes; a quote that wasn't accepted covers nothing.
pub fn needs_acceptance(accepted: Option<&Quote>, lines: &[ChargeLine]) -> bool {
    let mut covered: HashMap<(&str, Money), i64> = HashMap::new();
    let quoted = accepted.filter(|quote| quote.accepted).into_iter().flat_map(|q| &q.lines);
    for line in quoted.filter(|line| line.free_reason().is_none()) {
        let left = covered.entry((line.code(), line.unit_price())).or_default();
        *left = left.saturating_add(line.quantity());
    }
    lines.iter().filter(|line| line.amount().minor != 0).any(|line| {
        match covered.get_mut(&(line.code(), line.unit_price())) {
            Some(left) => {
                *left = left.saturating_sub(line.quantity());
                *left < 0
            }
            None => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{base::Lang, money::PriceList};

    fn line(code: &str, quantity: i64) -> ChargeLine {
        let list = PriceList::load(PriceList::example_text()).unwrap();
        list.line(code, quantity, Lang::En, None).unwrap()
    }

    fn free(code: &str) -> ChargeLine {
        let list = PriceList::load(PriceList::example_text()).unwrap();
        list.line(code, 1, Lang::En, Some("firm-owned")).unwrap()
    }

    fn quote(lines: Vec<ChargeLine>) -> Quote {
        Quote::new(1, Currency::CNY, lines).unwrap()
    }

    #[test]
    fn an_extra_valve_needs_mrs_chans_yes_again() {
        let first = quote(vec![line("alteration", 1)]).accept();
        let work = [line("alteration", 1), line("valve-extra", 1)];
        assert!(!needs_acceptance(Some(&first), &work[..1]));
        assert!(needs_acceptance(Some(&first), &work));
        let second = quote(work.to_vec());
        assert_eq!(second.total.to_string(), "525.00");
        assert!(needs_acceptance(Some(&second), &work), "shown is not yet accepted");
        assert!(!needs_acceptance(Some(&second.accept()), &work));
    }

    #[test]
    fn more_of_the_same_needs_a_yes_and_less_does_not() {
        let accepted = quote(vec![line("clamp", 2), line("hose", 1)]).accept();
        assert!(!needs_acceptance(Some(&accepted), &[line("clamp", 1), line("clamp", 1)]));
        assert!(needs_acceptance(Some(&accepted), &[line("clamp", 2), line("clamp", 1)]));
        assert!(!needs_acceptance(Some(&accepted), &[line("hose", 1)]));
    }

    #[test]
    fn only_what_costs_something_needs_a_yes() {
        assert!(!needs_acceptance(None, &[]));
        assert!(!needs_acceptance(None, &[free("gasket")]));
        assert!(needs_acceptance(None, &[line("gasket", 1)]));
    }

    #[test]
    fn a_line_quoted_free_does_not_cover_a_charged_one() {
        let accepted = quote(vec![free("gasket")]).accept();
        assert!(needs_acceptance(Some(&accepted), &[line("gasket", 1)]));
    }
}

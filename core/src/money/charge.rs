//! One line of what is charged.
//!
//! A line pins everything it was computed from, so that it reads the same after the price list has
//! moved on. It is made by [`PriceList::line`](super::PriceList::line) only, or decoded from an
//! event, where a line that does not add up can't be read.

use minicbor::{Decode, Decoder, Encode, decode};
use serde::{Deserialize, Serialize};

use crate::base::{Currency, Money, MoneyError};

/// The most units one line can charge.
pub const MAX_QUANTITY: i64 = 10_000;

/// A quantity of one item of one version of a price list.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
#[serde(deny_unknown_fields)]
pub struct ChargeLine {
    #[n(0)]
    code: String,
    #[n(1)]
    list: String,
    #[n(2)]
    list_version: u32,
    #[n(3)]
    name: String,
    #[n(4)]
    unit_price: Money,
    #[n(5)]
    quantity: i64,
    #[n(6)]
    amount: Money,
    #[n(7)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    free_reason: Option<String>,
    #[n(8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    free_text: Option<String>,
    #[n(9)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deposit: Option<String>,
}

/// Why a line can't be charged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The price list has no such item, so it can't be charged.
    #[error("price list {list} version {version} has no item `{code}`: choose one from the list")]
    UnknownItem {
        /// What was asked for, cut to 64 characters.
        code: String,
        /// The list that was asked.
        list: String,
        /// Its version.
        version: u32,
    },
    /// Nothing, less than nothing, or absurdly many.
    #[error("a quantity of {0} can't be charged: enter 1 to {MAX_QUANTITY}")]
    Quantity(i64),
    /// The price list has no such reason. Reasons are its own words, not the technician's: lines
    /// aren't private, so nothing typed at a door may stand in them.
    #[error("`{code}` is no reason to charge nothing: use one of {known}")]
    UnknownFreeReason {
        /// What was given, cut to 64 characters.
        code: String,
        /// The codes of the list's reasons, with commas between.
        known: String,
    },
    /// The amount doesn't fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What a line takes from its price list.
pub(super) struct Pinned<'a> {
    pub(super) code: &'a str,
    pub(super) list: &'a str,
    pub(super) list_version: u32,
    pub(super) name: &'a str,
    pub(super) unit_price: Money,
    /// Code and text of the reason for charging nothing.
    pub(super) free: Option<(&'a str, &'a str)>,
    /// The size of bottle it is a deposit for.
    pub(super) deposit: Option<&'a str>,
}

impl ChargeLine {
    /// The line for `quantity` units of a pinned item.
    pub(super) fn new(item: Pinned<'_>, quantity: i64) -> Result<ChargeLine, LineError> {
        if !(1..=MAX_QUANTITY).contains(&quantity) {
            return Err(LineError::Quantity(quantity));
        }
        Ok(ChargeLine {
            code: item.code.to_owned(),
            list: item.list.to_owned(),
            list_version: item.list_version,
            name: item.name.to_owned(),
            unit_price: item.unit_price,
            quantity,
            amount: price_of(item.unit_price, quantity, item.free.is_some())?,
            free_reason: item.free.map(|(code, _)| code.to_owned()),
            free_text: item.free.map(|(_, text)| text.to_owned()),
            deposit: item.deposit.map(str::to_owned),
        })
    }

    /// The item's code in the price list.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The price list's id.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// The price list's version.
    pub fn list_version(&self) -> u32 {
        self.list_version
    }

    /// The item's name as the customer was shown it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The price of one unit in that version, also when the line is free.
    pub fn unit_price(&self) -> Money {
        self.unit_price
    }

    /// Whole units.
    pub fn quantity(&self) -> i64 {
        self.quantity
    }

    /// What the customer pays for the line: nothing when it is free.
    pub fn amount(&self) -> Money {
        self.amount
    }

    /// The code of the reason why nothing is charged; `None` for a line that is charged.
    pub fn free_reason(&self) -> Option<&str> {
        self.free_reason.as_deref()
    }

    /// That reason as the customer was shown it.
    pub fn free_text(&self) -> Option<&str> {
        self.free_text.as_deref()
    }

    /// The size of bottle that this is a deposit for: money that is owed back, no turnover.
    pub fn deposit(&self) -> Option<&str> {
        self.deposit.as_deref()
    }

    /// Whether quantity and amount follow the rules. Always true of a line made from a price list;
    /// a decoded one can be wrong.
    pub(super) fn adds_up(&self) -> bool {
        (1..=MAX_QUANTITY).contains(&self.quantity)
            && self.unit_price.minor >= 0
            && price_of(self.unit_price, self.quantity, self.free_reason.is_some())
                == Ok(self.amount)
    }
}

/// Reads a line of an event; one that does not add up is refused.
pub(crate) fn decode_line<C>(
    d: &mut Decoder<'_>,
    ctx: &mut C,
) -> Result<ChargeLine, decode::Error> {
    let line: ChargeLine = d.decode_with(ctx)?;
    match line.adds_up() {
        true => Ok(line),
        false => Err(decode::Error::message("a charge whose amount is not its quantity's price")),
    }
}

/// Reads lines as [`decode_line`] reads one.
pub(crate) fn decode_lines<C>(
    d: &mut Decoder<'_>,
    ctx: &mut C,
) -> Result<Vec<ChargeLine>, decode::Error> {
    let lines: Vec<ChargeLine> = d.decode_with(ctx)?;
    match lines.iter().all(ChargeLine::adds_up) {
        true => Ok(lines),
        false => Err(decode::Error::message("a charge whose amount is not its quantity's price")),
    }
}

/// Whether lines are deposits alone: what they are paid by is a deposit receipt, and owed back against it.
pub fn are_deposits(lines: &[ChargeLine]) -> bool {
    !lines.is_empty() && lines.iter().all(|line| line.deposit().is_some())
}

/// Reads lines as [`decode_lines`] does, where there are any.
pub(crate) fn decode_some_lines<C>(
    d: &mut Decoder<'_>,
    ctx: &mut C,
) -> Result<Option<Vec<ChargeLine>>, decode::Error> {
    decode_lines(d, ctx).map(Some)
}

fn price_of(unit_price: Money, quantity: i64, free: bool) -> Result<Money, MoneyError> {
    if free { Ok(Money::zero(unit_price.currency)) } else { unit_price.times(quantity) }
}

/// What `lines` come to, in `currency`; an error when one is in another currency.
pub fn total<'a>(
    currency: Currency,
    lines: impl IntoIterator<Item = &'a ChargeLine>,
) -> Result<Money, MoneyError> {
    Money::sum(currency, lines.into_iter().map(ChargeLine::amount))
}

//! What is risked with money while nobody can be asked.

use serde::Deserialize;

use super::super::{raw::Str, report::Report};
use crate::base::{Currency, Money};

/// What is risked with money between two exchanges, by one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// A single claimed payment is believed up to this.
    pub claimed_each: Money,
    /// All claimed payments of a shift that are not settled, up to this.
    pub claimed_open: Money,
    /// Cash in the bag above this belongs in the bank: a warning.
    pub cash_held: Money,
    /// A claimed payment needs a photo of the screen that the customer shows.
    pub claim_photo: bool,
    /// Where this is written.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::standard) struct RawRisk {
    currency: Str,
    claimed_each: Str,
    claimed_open: Str,
    cash_held: Str,
    #[serde(default)]
    claim_photo: bool,
    source: Str,
}

pub(super) fn read(report: &mut Report<'_>, raw: &RawRisk) -> Option<Risk> {
    let Some(currency) = Currency::new(raw.currency.get_ref()) else {
        report.error(raw.currency.span(), "a currency is three capital letters");
        return None;
    };
    let mut amount = |text: &Str| match Money::parse(text.get_ref(), currency) {
        Ok(amount) if amount.minor >= 0 => Some(amount),
        _ => {
            report.error(text.span(), "an amount like \"500.00\", not below zero");
            None
        }
    };
    let each = amount(&raw.claimed_each);
    let (open, held) = (amount(&raw.claimed_open), amount(&raw.cash_held));
    Some(Risk {
        claimed_each: each?,
        claimed_open: open?,
        cash_held: held?,
        claim_photo: raw.claim_photo,
        source: report.words(Some(&raw.source), "source").unwrap_or_default(),
    })
}

//! A receipt series, folded: how many receipts, what they come to, and whether numbers and running
//! totals hold together. Drawers and days are counted from this alone, so that they don't depend on
//! which orders are still there.

use std::collections::BTreeMap;

use serde::Serialize;

use super::PaymentMethod;
use crate::{
    base::{Currency, Money, MoneyError},
    event::{Payload, Recorded},
};

/// What the receipts of a series, or of a part of it, come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeriesTotals {
    /// Receipts for money taken, void ones too.
    pub receipts: u64,
    /// Of these void.
    pub voids: u64,
    /// Receipts for money given back.
    pub refunds: u64,
    /// Cash taken less cash given back.
    pub cash: Money,
    /// Claimed payments less such refunds.
    pub claimed: Money,
    /// Deposits taken, void ones taken off: part of what was taken, and owed back.
    pub deposits: Money,
    /// Deposits given back.
    pub deposits_back: Money,
    /// The sum the series says of itself at its end.
    pub running: Money,
    /// Lowest number.
    pub first: Option<u64>,
    /// Highest number.
    pub last: Option<u64>,
    /// What doesn't hold.
    pub faults: Vec<SeriesFault>,
}

/// What is wrong in a series. An honest phone writes none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesFault {
    /// A number is missing before this one, or it comes twice.
    Number(u64),
    /// The running total at this number isn't the sum before and its amount.
    Running(u64),
    /// A void of a number that isn't there, or is void already.
    Void(u64),
    /// Another currency than the series began with.
    Currency(u64),
}

/// Adds to a sum of the same currency; another's is a fault that is told beside it.
fn add(sum: &mut Money, amount: Money) -> Result<(), MoneyError> {
    if sum.currency == amount.currency {
        *sum = sum.plus(amount)?;
    }
    Ok(())
}

impl SeriesTotals {
    /// Folds the events of a series in their order. `before` is what the series came to before the
    /// first of them, and the number it then stood at; `None` where it isn't known.
    pub fn fold<'a>(
        currency: Currency,
        before: Option<(u64, Money)>,
        events: impl IntoIterator<Item = &'a Recorded>,
    ) -> Result<SeriesTotals, MoneyError> {
        let nothing = Money::zero(currency);
        let mut totals = SeriesTotals {
            receipts: 0,
            voids: 0,
            refunds: 0,
            cash: nothing,
            claimed: nothing,
            deposits: nothing,
            deposits_back: nothing,
            running: before.map_or(nothing, |(_, running)| running),
            first: None,
            last: before.map(|(number, _)| number),
            faults: Vec::new(),
        };
        let mut taken: BTreeMap<u64, Option<(Money, bool, bool)>> = BTreeMap::new();
        let mut known = before.is_some();
        for recorded in events {
            match &recorded.event.payload {
                Payload::ReceiptIssued(receipt) => {
                    let cash = receipt.method == PaymentMethod::Cash;
                    totals.receipts += 1;
                    let deposit = receipt.is_deposit();
                    taken.insert(receipt.number, Some((receipt.amount, cash, deposit)));
                    totals.number(receipt.number, &mut known, receipt.running, receipt.amount)?;
                    totals.move_money(receipt.number, receipt.amount, cash)?;
                    if deposit {
                        add(&mut totals.deposits, receipt.amount)?;
                    }
                }
                Payload::RefundIssued(refund) => {
                    let back = Money::zero(refund.amount.currency).minus(refund.amount)?;
                    totals.refunds += 1;
                    totals.number(refund.number, &mut known, refund.running, back)?;
                    totals.move_money(refund.number, back, refund.method == PaymentMethod::Cash)?;
                    if refund.deposit == Some(true) {
                        add(&mut totals.deposits_back, refund.amount)?;
                    }
                }
                Payload::ReceiptVoided(void) => {
                    totals.voids += 1;
                    match taken.insert(void.number, None).flatten() {
                        Some((amount, cash, deposit)) => {
                            let back = Money::zero(amount.currency).minus(amount)?;
                            totals.sum_up(void.number, void.running, back)?;
                            totals.move_money(void.number, back, cash)?;
                            if deposit {
                                add(&mut totals.deposits, back)?;
                            }
                        }
                        None => totals.faults.push(SeriesFault::Void(void.number)),
                    }
                }
                _ => {}
            }
        }
        Ok(totals)
    }

    fn number(
        &mut self,
        number: u64,
        known: &mut bool,
        running: Money,
        amount: Money,
    ) -> Result<(), MoneyError> {
        if self.last.is_some_and(|last| number != last.saturating_add(1)) {
            self.faults.push(SeriesFault::Number(number));
        }
        self.first.get_or_insert(number);
        self.last = Some(number);
        if !std::mem::replace(known, true) && running.currency == self.running.currency {
            // Where the sum before isn't known, the first receipt's own word is where to count from.
            self.running = running.minus(amount)?;
        }
        self.sum_up(number, running, amount)
    }

    fn sum_up(&mut self, number: u64, running: Money, amount: Money) -> Result<(), MoneyError> {
        if running.currency != self.running.currency || amount.currency != running.currency {
            self.faults.push(SeriesFault::Currency(number));
            return Ok(());
        }
        if self.running.plus(amount)? != running {
            self.faults.push(SeriesFault::Running(number));
        }
        self.running = running;
        Ok(())
    }

    fn move_money(&mut self, number: u64, amount: Money, cash: bool) -> Result<(), MoneyError> {
        if amount.currency != self.cash.currency {
            if !self.faults.contains(&SeriesFault::Currency(number)) {
                self.faults.push(SeriesFault::Currency(number));
            }
            return Ok(());
        }
        let sum = if cash { &mut self.cash } else { &mut self.claimed };
        *sum = sum.plus(amount)?;
        Ok(())
    }
}

//! Where the day's cash is: of every shift what was counted and what went on, and the same sum again at
//! whoever took it.
//!
//! A hand-over stands in the giver's shift with both signatures: the taker's line is made from it, so
//! that nobody holds cash of which only the other side knows. Who has a bag of their own takes it into that by
//! their own phone, too; one is held against the other.

use std::collections::BTreeMap;

use doorstep::{
    base::{Id, Instant, Money},
    event::{CashHandedOver, CashTaken, Payload, Recorded},
    log::{SubjectKind, Writer},
};
use serde::Serialize;

use super::reconcile::{recorded, unsummed};
use crate::{problem::Failure, store::Tx};

/// One person's cash, by badge.
#[derive(Debug, Default, Serialize)]
pub struct CashReport {
    /// The badge.
    pub badge: String,
    /// Whose it is; absent where nobody here has it, or several do: ask who took the money.
    pub person: Option<Id>,
    /// Shifts with a bag, as they were begun.
    pub shifts: Vec<ShiftCash>,
    /// Cash that others handed over to them.
    pub received: Vec<Received>,
}

/// The bag of one shift.
#[derive(Debug, Serialize)]
pub struct ShiftCash {
    /// The device.
    pub device: Id,
    /// The shift.
    pub shift: Id,
    /// When it began, by the device's clock.
    pub began: Instant,
    /// In the bag at its start.
    pub float: Money,
    /// Cash of others that its own phone took into the bag.
    pub taken: Vec<Taken>,
    /// As counted at its end; absent while it is open.
    pub counted: Option<Money>,
    /// Counted less what it should have held.
    pub difference: Option<Money>,
    /// What went on.
    pub handed: Vec<Handed>,
    /// What is still in the bag: counted, less what went on.
    pub left: Option<Money>,
}

/// Cash that left a bag.
#[derive(Debug, Serialize)]
pub struct Handed {
    /// The badge of who took it.
    pub to: String,
    /// How much.
    pub amount: Money,
    /// When, by the device's clock.
    pub at: Instant,
}

/// The same cash, where it went.
#[derive(Debug, Serialize)]
pub struct Received {
    /// The badge of who gave it.
    pub from: String,
    /// From which shift.
    pub shift: Id,
    /// How much.
    pub amount: Money,
    /// When, by the giver's clock.
    pub at: Instant,
    /// The taker's own phone has it in a bag. A cashier without one never says so.
    pub taken: bool,
}

/// Cash that came into a bag, by the taker's phone.
#[derive(Debug, Serialize)]
pub struct Taken {
    /// The badge of who gave it.
    pub from: String,
    /// How much.
    pub amount: Money,
    /// When, by the taker's clock.
    pub at: Instant,
    /// The giver's shift says the same sum. Until it has come, or where it says another, not.
    pub handed: bool,
}

/// Everybody who had cash in their hands, by badge.
///
/// # Errors
/// Sums that don't fit, or a store that fails.
pub fn cash(tx: &mut dyn Tx) -> Result<Vec<CashReport>, Failure> {
    let mut people: BTreeMap<String, CashReport> = BTreeMap::new();
    for device in tx.devices()? {
        for row in tx.streams_by(&Writer::Device(device.id))? {
            // A branch of a shift is counted by whoever decides about it.
            if row.stream.subject.kind != SubjectKind::Shift || row.stream.is_branch() {
                continue;
            }
            let events = recorded(tx, &row.stream)?;
            let Some((badge, shift)) = shift(device.id, row.stream.subject.id, &events)? else {
                continue;
            };
            for handed in &shift.handed {
                people.entry(handed.to.clone()).or_default().received.push(Received {
                    from: badge.clone(),
                    shift: shift.shift,
                    amount: handed.amount,
                    at: handed.at,
                    taken: false,
                });
            }
            people.entry(badge).or_default().shifts.push(shift);
        }
    }
    let named = |(badge, mut report): (String, CashReport)| {
        report.shifts.sort_by_key(|shift| (shift.began, shift.shift));
        report.received.sort_by_key(|received| (received.at, received.shift));
        pair(&mut report);
        report.person = tx.person_of_badge(&badge)?;
        report.badge = badge;
        Ok(report)
    };
    people.into_iter().map(named).collect()
}

/// Holds what others say they gave against what this person's phones took, sum by sum.
fn pair(report: &mut CashReport) {
    let mut taken: Vec<_> = report.shifts.iter_mut().flat_map(|shift| &mut shift.taken).collect();
    for received in &mut report.received {
        let same = |it: &&mut &mut Taken| {
            !it.handed && it.from == received.from && it.amount == received.amount
        };
        if let Some(taken) = taken.iter_mut().find(same) {
            (taken.handed, received.taken) = (true, true);
        }
    }
}

/// A shift's bag, and the badge of whose it is.
fn shift(
    device: Id,
    shift: Id,
    events: &[Recorded],
) -> Result<Option<(String, ShiftCash)>, Failure> {
    let mut bag: Option<(String, ShiftCash)> = None;
    for recorded in events {
        let at = recorded.event.clock.wall;
        match (&recorded.event.payload, &mut bag) {
            (Payload::ShiftStarted(started), None) => {
                let bag_of = ShiftCash {
                    device,
                    shift,
                    began: at,
                    float: started.float,
                    taken: Vec::new(),
                    counted: None,
                    difference: None,
                    handed: Vec::new(),
                    left: None,
                };
                bag = Some((started.badge.clone(), bag_of));
            }
            (Payload::ShiftClosed(closed), Some((_, bag))) => {
                bag.difference = Some(closed.counted.minus(closed.expected).map_err(unsummed)?);
                (bag.counted, bag.left) = (Some(closed.counted), Some(closed.counted));
            }
            (Payload::CashTaken(CashTaken { amount, from_badge }), Some((_, bag))) => {
                let (from, amount) = (from_badge.clone(), *amount);
                bag.taken.push(Taken { from, amount, at, handed: false });
            }
            (Payload::CashHandedOver(CashHandedOver { amount, to_badge, .. }), Some((_, bag))) => {
                bag.handed.push(Handed { to: to_badge.clone(), amount: *amount, at });
                let left = bag.left.map(|left| left.minus(*amount)).transpose();
                bag.left = left.map_err(unsummed)?;
            }
            _ => {}
        }
    }
    Ok(bag)
}

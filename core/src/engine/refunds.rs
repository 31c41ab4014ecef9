//! The refunds that this device paid out: as tools read them, and their paper.

use serde::Serialize;

use super::{
    ActError, Engine,
    context::{customer, premises},
    read::printed,
    sign::company,
};
use crate::{
    base::{Id, Instant, Money, Personal},
    document::RefundDoc,
    event::{Payload, Recorded, RefundIssued},
    log::Subject,
    money::PaymentMethod,
    order::OrderState,
};

/// A refund, as it stands in the series of the device that paid it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefundView {
    /// Number as printed.
    pub number: String,
    /// Counter in the series, which receipts and refunds share.
    pub counter: u64,
    /// The work order.
    pub order: Id,
    /// Number of the receipt whose money went back, of this device or of another.
    pub of: String,
    /// How much.
    pub amount: Money,
    /// Sum of the series after it.
    pub running: Money,
    /// How.
    pub method: PaymentMethod,
    /// When, as the clock said.
    pub at: Instant,
}

impl Engine {
    /// The refunds of this device's series, first to last.
    pub fn refunds(&self) -> Result<Vec<RefundView>, ActError> {
        let view = |(recorded, refund): (Recorded, RefundIssued)| {
            Ok(RefundView {
                number: self.receipt_number(refund.number)?,
                counter: refund.number,
                order: refund.order,
                of: printed(refund.of_series, refund.of_number)?,
                amount: refund.amount,
                running: refund.running,
                method: refund.method,
                at: recorded.event.clock.wall,
            })
        };
        self.refunded()?.into_iter().map(view).collect()
    }

    /// The refund with this counter, ready to be drawn; `copy` is 0 for the original. Where the order
    /// has left this phone its number stays out; where the money's record was erased, the customer, the
    /// premises and the code.
    ///
    /// # Errors
    /// [`ActError::NoSuchReceipt`] where this device gave nothing back under it.
    pub fn refund_doc(&self, counter: u64, copy: u32) -> Result<RefundDoc, ActError> {
        let me = self.me()?;
        let (recorded, refund) = self.find_refund(counter)?;
        let (reader, order) = (self.store.read(), Subject::work_order(refund.order));
        let events = reader.events_about(&order)?;
        let state = OrderState::fold(&events);
        let row = self.series_row()?.ok_or(ActError::NoSuchReceipt(counter))?;
        let proof = match self.proof_of(&row, &recorded, counter) {
            Err(ActError::Erased(_)) => None,
            proof => Some(proof?),
        };
        // Of an older one the order knows whose it was, for as long as it is here.
        let shown = proof.as_ref().map(|proof| &proof.disclosure).filter(|it| !it.salt.is_empty());
        let (customer, place) = match shown {
            Some(shown) => (shown.payer.clone(), shown.premises.clone()),
            None => (
                customer(&reader, &order, &events)?.map(|it| it.name).unwrap_or_default(),
                Personal::new(premises(&reader, state.premises)?.address),
            ),
        };
        Ok(RefundDoc {
            company: company(me),
            number: self.receipt_number(counter)?,
            copy,
            issued: recorded.event.clock.wall,
            zone: recorded.event.clock.zone,
            order: state.number.clone().unwrap_or_default(),
            customer,
            premises: place,
            of: printed(refund.of_series, refund.of_number)?,
            amount: refund.amount,
            method: refund.method,
            worker: me.person.name.clone(),
            badge: refund.badge,
            qr: proof.map_or_else(String::new, |proof| proof.to_text()),
            deposit: refund.deposit == Some(true),
        })
    }

    pub(super) fn find_refund(&self, counter: u64) -> Result<(Recorded, RefundIssued), ActError> {
        let found = self.refunded()?.into_iter().find(|(_, refund)| refund.number == counter);
        found.ok_or(ActError::NoSuchReceipt(counter))
    }

    fn refunded(&self) -> Result<Vec<(Recorded, RefundIssued)>, ActError> {
        let Some(row) = self.series_row()? else { return Ok(Vec::new()) };
        let refund = |recorded: Recorded| match recorded.event.payload.clone() {
            Payload::RefundIssued(refund) => Some((recorded, refund)),
            _ => None,
        };
        Ok(self.store.read().events(&row, 1)?.into_iter().filter_map(refund).collect())
    }
}

//! The refunds that this device paid out, as tools read them.

use serde::Serialize;

use super::{ActError, Engine};
use crate::{
    base::{Id, Instant, Money},
    event::Payload,
    money::{PaymentMethod, ReceiptNumber},
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
        let Some(row) = self.series_row()? else { return Ok(Vec::new()) };
        let series = self.me()?.series().id;
        let printed = |series: Id, counter: u64| {
            let number = ReceiptNumber::new(series, counter).ok_or(ActError::NoNumbers)?;
            Ok::<_, ActError>(number.to_string())
        };
        let mut refunds = Vec::new();
        for recorded in self.store.read().events(&row, 1)? {
            let Payload::RefundIssued(refund) = recorded.event.payload else { continue };
            refunds.push(RefundView {
                number: printed(series, refund.number)?,
                counter: refund.number,
                order: refund.order,
                of: printed(refund.of_series, refund.of_number)?,
                amount: refund.amount,
                running: refund.running,
                method: refund.method,
                at: recorded.event.clock.wall,
            });
        }
        Ok(refunds)
    }
}

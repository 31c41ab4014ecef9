//! Charges, payment, receipts: what may be charged, what was tendered, how a receipt is numbered.
//!
//! Pure rules. A refusal here means that nothing is recorded; this module records nothing itself
//! and knows no event, stream or clock.

mod bottles;
mod capitals;
mod charge;
mod list;
mod number;
mod payment;
mod quote;
mod series;

pub use bottles::BottleSize;
#[cfg(test)]
pub(crate) use bottles::RawBottle;
pub use capitals::capital_numerals;
pub use charge::{ChargeLine, LineError, MAX_QUANTITY, are_deposits, total};
pub(crate) use charge::{decode_line, decode_lines, decode_some_lines};
pub use list::{
    Deposit, DepositBack, FreeReason, ItemKind, PRICE_LIST_LIMIT, PriceItem, PriceList,
};
#[cfg(test)]
pub(crate) use list::{RawFree, RawItem, RawList};
pub use number::{NumberError, ReceiptNumber, SeriesLabel};
pub use payment::{
    CHANGE_LIMIT, Claim, PartPayment, PaymentMethod, Tender, TenderError, claim, part_payment,
    tender,
};
pub use quote::{Quote, needs_acceptance};
pub use series::{SeriesFault, SeriesTotals};

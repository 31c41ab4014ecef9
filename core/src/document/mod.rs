//! Papers for people: receipts and statements, as text, SVG and bytes for a printer.
//!
//! A document is a plain struct, filled by whoever knows the facts; a renderer turns it into one
//! form. Renderers decide nothing and look nothing up: the same struct gives the same bytes.

mod escpos;
mod form;
mod layout;
mod plain;
mod qr;
mod receipt;
mod statement;
mod svg;

pub use escpos::{Paper, escpos};
pub use form::{Form, draw};
pub use plain::text;
pub use qr::QrTooLong;
pub use receipt::{Company, ReceiptDoc};
pub use statement::{StatementDoc, StatementPayment, statement_text};
pub use svg::svg;

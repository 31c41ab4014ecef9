//! Papers for people: receipts and statements, as text, SVG and bytes for a printer.
//!
//! A document is a plain struct, filled by whoever knows the facts; a renderer turns it into one
//! form. Renderers decide nothing and look nothing up: the same struct gives the same bytes.

mod content;
mod day;
mod escpos;
mod font;
mod form;
mod layout;
mod meter_slip;
mod notice;
mod pdf;
mod picture;
mod plain;
mod qr;
mod receipt;
mod refund;
mod report;
mod sheet;
mod statement;
mod svg;
mod taker;

pub use content::{Content, Document};
pub use day::{DayReportDoc, DoorLine};
pub use escpos::{Paper, escpos};
pub use font::{Font, FontError};
pub use form::{Form, draw};
pub use meter_slip::{MeterSlipDoc, SlipReading};
pub use notice::{
    HazardNoticeDoc, NoAccessDoc, NoticeHazard, NoticeHead, NoticeMeasure, NoticeReceived,
};
pub use pdf::pdf;
pub use picture::Picture;
pub use plain::text;
pub use receipt::{Company, ReceiptDoc};
pub use refund::RefundDoc;
pub use report::{ReportPhoto, ServiceReportDoc};
pub use statement::{StatementDoc, StatementPayment, StatementWarranty, statement_text};
pub use svg::svg;
pub use taker::TakerCodeDoc;

//! What a document says, before anybody knows on what it will stand.

use super::{layout::Row, qr::Qr};
use crate::base::Lang;

/// A code to scan, and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ScanCode {
    pub(super) qr: Qr,
    pub(super) caption: String,
}

/// The rows of a document in one language, top to bottom; its codes come last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub(super) rows: Vec<Row>,
    /// What the codes say together; empty where there are none.
    pub(super) qr: String,
    pub(super) codes: Vec<ScanCode>,
    /// A word across the whole of it.
    pub(super) stamp: Option<String>,
}

/// A document that every renderer can draw. No form of it says less than another, because all of
/// them draw the same content.
pub trait Document {
    /// What it says in `lang`.
    fn content(&self, lang: Lang) -> Content;

    /// It is signed by hand, on paper: a signature on a screen doesn't count for it, and no app may
    /// ask for one.
    fn paper_only(&self) -> bool {
        false
    }
}

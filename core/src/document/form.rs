//! The forms a document can take.

use serde::{Deserialize, Serialize};

use super::{Document, Paper, escpos, svg, text};
use crate::base::Lang;

/// Columns of a document as text: paper of 80 mm.
const COLUMNS: usize = 48;

/// A form a document can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Lines of text.
    Text,
    /// A picture, QR codes included.
    Svg,
    /// Bytes for a receipt printer with paper of 80 mm.
    Escpos,
    /// The same for paper of 58 mm.
    Escpos58,
    /// The text of the QR codes, whole; empty where the document has none.
    Qr,
}

impl Form {
    /// Whether it goes to a printer, and what is drawn so is a copy that is handed out.
    pub const fn is_print(self) -> bool {
        matches!(self, Form::Escpos | Form::Escpos58)
    }
}

/// The document in this form: UTF-8, but for a printer.
pub fn draw(doc: &(impl Document + ?Sized), form: Form, lang: Lang) -> Vec<u8> {
    match form {
        Form::Text => text(doc, lang, COLUMNS).into_bytes(),
        Form::Svg => svg(doc, lang).into_bytes(),
        Form::Escpos => escpos(doc, lang, Paper::Mm80),
        Form::Escpos58 => escpos(doc, lang, Paper::Mm58),
        Form::Qr => doc.content(lang).qr.into_bytes(),
    }
}

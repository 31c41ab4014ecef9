//! The code that a phone shows to whoever hands a visit over to it.

use super::{
    content::{Content, Document, ScanCode},
    layout::{Row, Style},
    qr::Qr,
};
use crate::{
    base::{Lang, Personal},
    text::tr,
};

/// Who takes a visit over, for the giver's camera.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakerCodeDoc {
    /// Whose company.
    pub company: super::Company,
    /// Who takes the visit over.
    pub person: Personal,
    /// Their badge.
    pub badge: String,
    /// The text of the code.
    pub code: String,
}

impl Document for TakerCodeDoc {
    fn content(&self, lang: Lang) -> Content {
        let centre = |text: String, style| Row::Centre { text, style };
        let args = [("name", self.person.reveal().into()), ("badge", self.badge.as_str().into())];
        let rows = vec![
            centre(self.company.name.get(lang).to_owned(), Style::Bold),
            centre(tr(lang, "handed-code-title", &[]), Style::Large),
            centre(tr(lang, "receipt-named", &args), Style::Plain),
        ];
        let caption = tr(lang, "handed-code-scan", &[]);
        let codes = Qr::new(&self.code).map(|qr| ScanCode { qr, caption });
        Content { rows, qr: self.code.clone(), codes: codes.into_iter().collect(), stamp: None }
    }
}

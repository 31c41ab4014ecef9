//! The service report: what the customer signed, word for word, with their signature.

use super::{
    content::{Content, Document},
    layout::{Row, Style},
    picture::Picture,
    receipt::minute,
};
use crate::{
    base::{Hash, Instant, Lang, Personal, Zone},
    event::{SignOffResult, SignerRole, Stroke},
    text::{id_of, named, tr},
};

/// Everything a service report says. It repeats the signed text and makes nothing anew: wordings
/// change with the app's version, what was signed doesn't.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceReportDoc {
    /// The statement as it was shown and signed over, lines ended by a line feed.
    pub statement: Personal,
    /// Its language; the report has no other.
    pub lang: Lang,
    /// How the sign-off ended.
    pub result: SignOffResult,
    /// Who signed.
    pub role: Option<SignerRole>,
    /// The signer's name; empty when not given.
    pub signer: Personal,
    /// The signature, in 1/10,000 of the pad's width and height.
    pub strokes: Vec<Stroke>,
    /// Why it was not signed; empty when it was.
    pub reason: Personal,
    /// Who saw it; empty when nobody.
    pub witness: Personal,
    /// When, by the phone's clock.
    pub at: Instant,
    /// The zone the phone showed.
    pub zone: Zone,
    /// The sign-off's hash of the statement: what the device's seal vouches for.
    pub hash: Hash,
    /// By when an inspection is due again, like `2027-12-01`: not part of what was signed.
    pub next_inspection: Option<String>,
    /// What was corrected since, a line each: not part of what was signed.
    pub corrected: Vec<String>,
    /// The photos that the visit names: not part of what was signed.
    pub photos: Vec<ReportPhoto>,
}

/// A photo of a visit, as its report shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportPhoto {
    /// What it is of: the step's title, in the report's language.
    pub title: String,
    /// When it was put down, by the phone's clock.
    pub at: Instant,
    /// SHA-256 of its sealed bytes, by which the visit's events name it.
    pub address: Hash,
    /// A small picture; absent where none is here, or none that can be drawn.
    pub picture: Option<Picture>,
    /// The customer asked that it be removed.
    pub erased: bool,
}

impl Document for ServiceReportDoc {
    /// The signed statement's own words, whatever `lang` is asked: they can't be translated after
    /// they were signed. What stands around the signature is in the same language.
    fn content(&self, _lang: Lang) -> Content {
        let lang = self.lang;
        let mut lines = self.statement.reveal().lines().filter(|line| !line.is_empty());
        let centre = |line: &str, style| Row::Centre { text: line.to_owned(), style };
        let mut rows = Vec::new();
        rows.extend(lines.next().map(|company| centre(company, Style::Bold)));
        rows.extend(lines.next().map(|title| centre(title, Style::Large)));
        rows.push(Row::Rule);
        rows.extend(lines.map(|line| Row::Text(line.to_owned())));
        rows.push(Row::Rule);
        self.signature(lang, &mut rows);
        if let Some(day) = &self.next_inspection {
            rows.push(Row::Rule);
            rows.push(Row::Text(tr(lang, "report-next", &[("day", day.as_str().into())])));
        }
        if !self.corrected.is_empty() {
            rows.push(Row::Rule);
            rows.push(Row::Text(tr(lang, "report-corrected", &[])));
            rows.extend(self.corrected.iter().map(|line| Row::Text(format!("- {line}"))));
        }
        self.photos(lang, &mut rows);
        Content { rows, qr: String::new(), codes: Vec::new(), stamp: None }
    }
}

impl ServiceReportDoc {
    fn photos(&self, lang: Lang, rows: &mut Vec<Row>) {
        if self.photos.is_empty() {
            return;
        }
        rows.push(Row::Rule);
        rows.push(Row::Text(tr(lang, "report-photos", &[])));
        for (place, photo) in self.photos.iter().enumerate() {
            let args = [
                ("place", (place + 1).to_string().into()),
                ("title", photo.title.as_str().into()),
                ("at", minute(photo.at, self.zone).into()),
            ];
            rows.push(Row::Text(tr(lang, "report-photo", &args)));
            match &photo.picture {
                _ if photo.erased => rows.push(Row::Framed(tr(lang, "report-photo-erased", &[]))),
                Some(picture) => rows.push(Row::Picture(picture.clone())),
                None => rows.push(Row::Text(tr(lang, "report-photo-away", &[]))),
            }
            let hash = photo.address.to_string();
            rows.push(Row::Text(tr(lang, "report-photo-hash", &[("hash", hash.into())])));
        }
    }

    fn signature(&self, lang: Lang, rows: &mut Vec<Row>) {
        let mut pair = |id: &str, value: String| {
            let label = tr(lang, id, &[]);
            rows.push(Row::Pair { label, value, style: Style::Plain });
        };
        pair("report-sign-off", named(lang, "sign-result", &id_of(&self.result)));
        if let Some(role) = self.role {
            pair("report-role", named(lang, "sign-role", &id_of(&role)));
        }
        for (id, text) in [
            ("report-signer", &self.signer),
            ("report-reason", &self.reason),
            ("report-witness", &self.witness),
        ] {
            if !text.is_empty() {
                pair(id, text.reveal().to_owned());
            }
        }
        pair("report-at", minute(self.at, self.zone));
        if !self.strokes.is_empty() {
            rows.push(Row::Signature(self.strokes.clone()));
        }
        rows.push(Row::Text(tr(lang, "report-hash", &[("hash", self.hash.to_string().into())])));
    }
}

//! A receipt's content, and its order on paper.
//!
//! All renderers walk the same rows, so that no form of a receipt says less than another.

use super::{
    content::{Content, Document, ScanCode},
    layout::{Row, Style},
    qr::Qr,
};
use crate::{
    base::{Instant, Lang, Money, Personal, Text3, Zone},
    money::{ChargeLine, PaymentMethod, are_deposits, capital_numerals},
    proof::receipt_codes,
    text::tr,
};

/// Who issues receipts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// The company's name.
    pub name: Text3,
    /// Its licence number.
    pub licence: String,
    /// Its hot-line.
    pub hotline: String,
}

/// Everything a receipt says. Empty texts are left out of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptDoc {
    /// The number, as [`ReceiptNumber`](crate::money::ReceiptNumber) prints it.
    pub number: String,
    /// 0 for the original, `n` for the n-th reprint.
    pub copy: u32,
    /// When it was issued.
    pub issued: Instant,
    /// The zone the phone showed then.
    pub zone: Zone,
    /// Who paid.
    pub payer: Personal,
    /// What the work was done at.
    pub premises: Personal,
    /// What was charged.
    pub lines: Vec<ChargeLine>,
    /// What the lines come to.
    pub total: Money,
    /// What this receipt is for: less than the total when a part was paid.
    pub amount: Money,
    /// How it was paid.
    pub method: PaymentMethod,
    /// What was handed over.
    pub tendered: Money,
    /// What went back.
    pub change: Money,
    /// Who took the money.
    pub payee: Personal,
    /// The payee's badge.
    pub badge: String,
    /// Who issues it.
    pub company: Company,
    /// Whether it was made void.
    pub voided: bool,
    /// Whether the payment is claimed and not yet confirmed.
    pub pending: bool,
    /// What the QR codes say: all of it signed, for anyone to check.
    pub qr: String,
}

impl Document for ReceiptDoc {
    fn content(&self, lang: Lang) -> Content {
        let say = |id: &str| tr(lang, id, &[]);
        Content {
            rows: rows(self, lang),
            qr: self.qr.clone(),
            codes: codes(&self.qr, "receipt-scan", lang),
            stamp: self.voided.then(|| say("receipt-void")),
        }
    }
}

/// The codes of a receipt or refund: one, or as many as a long bill fills; none of an empty text.
/// `scan` says below a single one what it checks.
pub(super) fn codes(text: &str, scan: &str, lang: Lang) -> Vec<ScanCode> {
    if text.is_empty() {
        return Vec::new();
    }
    let texts = receipt_codes(text);
    let of = texts.len();
    let caption = |at: usize| match of {
        1 => tr(lang, scan, &[]),
        _ => {
            let args = [("code", (at + 1).to_string().into()), ("of", of.to_string().into())];
            tr(lang, "receipt-scan-all", &args)
        }
    };
    let codes = texts.iter().enumerate();
    codes
        .filter_map(|(at, text)| Some(ScanCode { qr: Qr::new(text)?, caption: caption(at) }))
        .collect()
}

/// The receipt's rows, top to bottom, without the QR codes' own place: they come last.
fn rows(doc: &ReceiptDoc, lang: Lang) -> Vec<Row> {
    let say = |id: &str| tr(lang, id, &[]);
    let centre = |text: String, style| Row::Centre { text, style };
    let pair = |id: &str, value: String| Row::Pair { label: say(id), value, style: Style::Plain };
    let private = |id: &str, value: &Personal| {
        (!value.is_empty()).then(|| pair(id, value.reveal().to_owned()))
    };

    let mut rows = vec![centre(doc.company.name.get(lang).to_owned(), Style::Bold)];
    let deposit = are_deposits(&doc.lines);
    let title = if deposit { "receipt-deposit-title" } else { "receipt-title" };
    rows.push(centre(say(title), Style::Large));
    if doc.copy > 0 {
        let text = tr(lang, "receipt-copy", &[("copy", doc.copy.to_string().into())]);
        rows.push(centre(text, Style::Bold));
    }
    rows.extend(void_mark(doc, lang));
    rows.push(Row::Rule);
    rows.push(pair("receipt-number", doc.number.clone()));
    rows.push(pair("receipt-issued", issued(doc)));
    rows.extend(private("receipt-payer", &doc.payer));
    rows.extend(private("receipt-premises", &doc.premises));
    rows.push(Row::Rule);
    for line in &doc.lines {
        rows.push(Row::Text(line.name().to_owned()));
        let (label, value) = (quantity(line, lang), line.amount().to_string());
        rows.push(Row::Pair { label: format!("  {label}"), value, style: Style::Plain });
        rows.extend(free(line, lang).map(|reason| Row::Text(format!("  {reason}"))));
    }
    rows.push(Row::Rule);
    rows.push(Row::Pair {
        label: say("receipt-total"),
        value: money(doc.total, lang),
        style: Style::Bold,
    });
    if doc.amount != doc.total {
        let (label, value) = (say("receipt-amount"), money(doc.amount, lang));
        rows.push(Row::Pair { label, value, style: Style::Bold });
    }
    rows.extend(capital_numerals(doc.amount).map(|words| pair("receipt-capitals", words)));
    rows.push(pair("receipt-method", method(&doc.method, lang)));
    match &doc.method {
        PaymentMethod::Cash => {
            rows.push(pair("receipt-tendered", doc.tendered.to_string()));
            rows.push(pair("receipt-change", doc.change.to_string()));
        }
        PaymentMethod::Claimed(claim) => {
            rows.push(pair("receipt-reference", claim.reference.clone()));
        }
    }
    if doc.pending {
        rows.push(Row::Text(say("receipt-pending")));
    }
    rows.push(Row::Rule);
    rows.push(pair("receipt-payee", payee(doc, lang)));
    rows.extend(price_lists(&doc.lines, lang).into_iter().map(Row::Text));
    rows.extend(company(&doc.company, lang).into_iter().map(Row::Text));
    if deposit {
        rows.push(Row::Text(say("receipt-deposit-keep")));
    }
    rows.push(Row::Text(say("receipt-not-invoice")));
    rows.extend(void_mark(doc, lang));
    rows
}

/// The word that makes a void receipt void, once above and once below.
fn void_mark(doc: &ReceiptDoc, lang: Lang) -> Option<Row> {
    let text = || format!("*** {} ***", tr(lang, "receipt-void", &[]));
    doc.voided.then(|| Row::Centre { text: text(), style: Style::Large })
}

/// Name and badge; the badge alone where the name was erased.
fn payee(doc: &ReceiptDoc, lang: Lang) -> String {
    let badge = ("badge", doc.badge.as_str().into());
    if doc.payee.is_empty() {
        return tr(lang, "receipt-badge", &[badge]);
    }
    tr(lang, "receipt-named", &[("name", doc.payee.reveal().into()), badge])
}

/// Date, time and zone; seconds would only make the line longer.
fn issued(doc: &ReceiptDoc) -> String {
    minute(doc.issued, doc.zone)
}

/// An instant as papers show it.
pub(super) fn minute(instant: Instant, zone: Zone) -> String {
    match instant.local(zone) {
        Some(local) => local.format("%Y-%m-%d %H:%M %:z").to_string(),
        None => instant.at(zone),
    }
}

/// An amount with its currency.
pub(super) fn money(amount: Money, lang: Lang) -> String {
    let args = [
        ("amount", amount.to_string().into()),
        ("currency", amount.currency.code().to_owned().into()),
    ];
    tr(lang, "money-amount", &args)
}

/// How it was paid, in words.
pub(super) fn method(method: &PaymentMethod, lang: Lang) -> String {
    match method {
        PaymentMethod::Cash => tr(lang, "money-method-cash", &[]),
        PaymentMethod::Claimed(claim) => {
            tr(lang, "money-method-claimed", &[("provider", claim.provider.as_str().into())])
        }
    }
}

/// How many at what price.
pub(super) fn quantity(line: &ChargeLine, lang: Lang) -> String {
    let args = [
        ("quantity", line.quantity().to_string().into()),
        ("price", line.unit_price().to_string().into()),
    ];
    tr(lang, "money-quantity", &args)
}

/// Why a line is free.
pub(super) fn free(line: &ChargeLine, lang: Lang) -> Option<String> {
    line.free_text().map(|reason| tr(lang, "money-free", &[("reason", reason.into())]))
}

/// Which price lists the lines were made from, each once.
pub(super) fn price_lists(lines: &[ChargeLine], lang: Lang) -> Vec<String> {
    let mut seen: Vec<(&str, u32)> = Vec::new();
    for line in lines {
        let list = (line.list(), line.list_version());
        if !seen.contains(&list) {
            seen.push(list);
        }
    }
    seen.into_iter()
        .map(|(list, version)| {
            let args = [("list", list.into()), ("version", version.to_string().into())];
            tr(lang, "money-price-list", &args)
        })
        .collect()
}

/// How to find out about the company.
pub(super) fn company(company: &Company, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if !company.licence.is_empty() {
        let args = [("licence", company.licence.as_str().into())];
        lines.push(tr(lang, "receipt-licence", &args));
    }
    if !company.hotline.is_empty() {
        let args = [("hotline", company.hotline.as_str().into())];
        lines.push(tr(lang, "receipt-hotline", &args));
    }
    lines
}

//! What the customer gets who is given money back.

use super::{
    content::{Content, Document},
    layout::{Row, Style},
    receipt::{codes, company, method, minute, money},
};
use crate::{
    base::{Instant, Lang, Money, Personal, Zone},
    money::{PaymentMethod, capital_numerals},
    text::tr,
};

/// A refund's paper: whose money, of which receipt, and room to sign that it was received. Its code
/// proves it as a receipt's does. Empty texts are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundDoc {
    /// Who gives it back.
    pub company: super::Company,
    /// Its own number, of the same count as the receipts'.
    pub number: String,
    /// 0 for the original, `n` for the n-th reprint.
    pub copy: u32,
    /// When.
    pub issued: Instant,
    /// The zone the phone showed then.
    pub zone: Zone,
    /// The work order's number.
    pub order: String,
    /// Whose money it is.
    pub customer: Personal,
    /// What the work was done at.
    pub premises: Personal,
    /// The receipt whose money goes back, as printed.
    pub of: String,
    /// How much.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// Who paid it back.
    pub worker: Personal,
    /// Their badge.
    pub badge: String,
    /// What the QR codes say; empty where nothing proves it any more.
    pub qr: String,
    /// It is a deposit that goes back.
    pub deposit: bool,
}

impl Document for RefundDoc {
    fn content(&self, lang: Lang) -> Content {
        let say = |id: &str| tr(lang, id, &[]);
        let centre = |text: String, style| Row::Centre { text, style };
        let plain = |id: &str, value: &str| {
            let (label, value) = (say(id), value.to_owned());
            (!value.is_empty()).then_some(Row::Pair { label, value, style: Style::Plain })
        };
        let mut rows = vec![
            centre(self.company.name.get(lang).to_owned(), Style::Bold),
            centre(
                say(if self.deposit { "refund-deposit-title" } else { "refund-title" }),
                Style::Large,
            ),
        ];
        if self.copy > 0 {
            let text = tr(lang, "receipt-copy", &[("copy", self.copy.to_string().into())]);
            rows.push(centre(text, Style::Bold));
        }
        rows.push(Row::Rule);
        rows.extend(plain("receipt-number", &self.number));
        rows.extend(plain("receipt-issued", &minute(self.issued, self.zone)));
        rows.extend(plain("notice-order", &self.order));
        rows.extend(plain("notice-customer", self.customer.reveal()));
        rows.extend(plain("receipt-premises", self.premises.reveal()));
        rows.push(Row::Rule);
        rows.extend(plain("refund-of", &self.of));
        let (label, value) = (say("refund-amount"), money(self.amount, lang));
        rows.push(Row::Pair { label, value, style: Style::Bold });
        rows.extend(capital_numerals(self.amount).and_then(|it| plain("receipt-capitals", &it)));
        rows.extend(plain("refund-method", &method(&self.method, lang)));
        if let PaymentMethod::Claimed(claim) = &self.method {
            rows.extend(plain("receipt-reference", &claim.reference));
        }
        let args = [("name", self.worker.reveal().into()), ("badge", self.badge.as_str().into())];
        rows.extend(plain("refund-worker", &tr(lang, "receipt-named", &args)));
        rows.push(Row::Rule);
        let stands = if self.deposit { "refund-deposit-stands" } else { "refund-receipt-stands" };
        rows.push(Row::Text(say(stands)));
        for id in ["notice-by-hand", "notice-on-day"] {
            rows.extend(plain(id, "______________"));
        }
        rows.push(Row::Rule);
        rows.extend(company(&self.company, lang).into_iter().map(Row::Text));
        rows.push(Row::Text(say("notice-copies")));
        Content {
            rows,
            qr: self.qr.clone(),
            codes: codes(&self.qr, "refund-scan", lang),
            stamp: None,
        }
    }
}

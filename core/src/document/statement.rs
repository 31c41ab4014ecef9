//! The statement a customer signs over.
//!
//! The sign-off covers the SHA-256 of exactly this text: it is kept with the signature as it was
//! shown, never made again from its parts, because wordings change with the app's version.

use super::{
    layout::clean,
    receipt::{Company, company, free, method, minute, money, price_lists, quantity},
};
use crate::{
    base::{Instant, Lang, Money, Personal, Zone},
    money::{ChargeLine, PaymentMethod},
    text::{Value, tr},
};

/// What was paid, and the receipt for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPayment {
    /// How much.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
    /// The receipt's number.
    pub receipt: String,
}

/// What the company answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementWarranty {
    /// The part or the work.
    pub name: String,
    /// Its last day.
    pub until: Instant,
}

/// Everything a statement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementDoc {
    /// The company that did the work.
    pub company: Company,
    /// The work order's number as people call it.
    pub order: String,
    /// When the visit began.
    pub from: Instant,
    /// When the statement was made.
    pub until: Instant,
    /// The zone the phone showed.
    pub zone: Zone,
    /// Where.
    pub premises: Personal,
    /// For whom; left out when empty.
    pub customer: Personal,
    /// Who did the work.
    pub worker: Personal,
    /// The worker's badge.
    pub badge: String,
    /// What was done, a line each, in the customer's language.
    pub work: Vec<String>,
    /// What is charged, parts included.
    pub lines: Vec<ChargeLine>,
    /// What the lines come to.
    pub total: Money,
    /// What was paid so far.
    pub payments: Vec<StatementPayment>,
    /// What stays open; left out when nothing does.
    pub open: Money,
    /// What the company answers for, and how long.
    pub warranties: Vec<StatementWarranty>,
    /// Hazards and findings the customer was told of, a line each, in the customer's language.
    pub told: Vec<Personal>,
    /// What the customer said about the service; empty when nothing.
    pub opinion: Personal,
}

/// The statement in `lang`, lines ended by a line feed. The same document gives the same bytes.
pub fn statement_text(doc: &StatementDoc, lang: Lang) -> String {
    let mut page = Page { lang, text: String::new() };
    page.line(doc.company.name.get(lang));
    page.say("statement-title", &[]);
    page.gap();
    page.say("statement-order", &[("order", doc.order.as_str().into())]);
    let (from, until) = (minute(doc.from, doc.zone), minute(doc.until, doc.zone));
    page.say("statement-when", &[("from", from.into()), ("until", until.into())]);
    page.say("statement-premises", &[("premises", doc.premises.reveal().into())]);
    if !doc.customer.is_empty() {
        page.say("statement-customer", &[("customer", doc.customer.reveal().into())]);
    }
    let worker = [("name", doc.worker.reveal().into()), ("badge", doc.badge.as_str().into())];
    page.say("statement-worker", &worker);
    page.gap();
    page.list("statement-work", doc.work.iter().map(String::as_str));
    charges(&mut page, doc);
    let warranties = doc.warranties.iter().map(|it| {
        let day =
            it.until.local(doc.zone).map_or_else(String::new, |at| at.date_naive().to_string());
        tr(lang, "statement-warranty", &[("name", it.name.as_str().into()), ("day", day.into())])
    });
    let warranties: Vec<String> = warranties.collect();
    page.list("statement-warranties", warranties.iter().map(String::as_str));
    page.list("statement-told", doc.told.iter().map(Personal::reveal));
    if doc.opinion.is_empty() {
        page.say("statement-opinion-none", &[]);
    } else {
        page.say("statement-opinion", &[("opinion", doc.opinion.reveal().into())]);
    }
    page.gap();
    for line in company(&doc.company, lang) {
        page.line(&line);
    }
    page.gap();
    page.say("statement-consent", &[]);
    page.text
}

fn charges(page: &mut Page, doc: &StatementDoc) {
    let lang = page.lang;
    if doc.lines.is_empty() {
        page.say("statement-no-charges", &[]);
        page.gap();
        return;
    }
    let lines: Vec<String> = doc.lines.iter().map(|line| charge(line, lang)).collect();
    page.items("statement-charges", lines.iter().map(String::as_str));
    for list in price_lists(&doc.lines, lang) {
        page.line(&list);
    }
    page.say("statement-total", &[("amount", money(doc.total, lang).into())]);
    for payment in &doc.payments {
        let args = [
            ("amount", money(payment.amount, lang).into()),
            ("method", method(&payment.method, lang).into()),
            ("number", payment.receipt.as_str().into()),
        ];
        page.say("statement-paid", &args);
    }
    if doc.open.minor != 0 {
        page.say("statement-open", &[("amount", money(doc.open, lang).into())]);
    }
    page.gap();
}

fn charge(line: &ChargeLine, lang: Lang) -> String {
    let name = ("name", Value::from(line.name()));
    let quantity = ("quantity", Value::from(quantity(line, lang)));
    match free(line, lang) {
        Some(free) => tr(lang, "statement-charge-free", &[name, quantity, ("free", free.into())]),
        None => {
            let amount = ("amount", line.amount().to_string().into());
            tr(lang, "statement-charge", &[name, quantity, amount])
        }
    }
}

/// The text so far. Nothing in a document can begin a line of its own: see [`clean`].
struct Page {
    lang: Lang,
    text: String,
}

impl Page {
    fn line(&mut self, text: &str) {
        self.text.push_str(&clean(text));
        self.text.push('\n');
    }

    fn say(&mut self, id: &str, args: &[(&str, Value<'_>)]) {
        let text = tr(self.lang, id, args);
        self.line(&text);
    }

    fn items<'a>(&mut self, heading: &str, items: impl Iterator<Item = &'a str>) {
        self.say(heading, &[]);
        for item in items {
            self.line(&format!("- {item}"));
        }
    }

    /// Heading, items and a gap; nothing at all when there are no items.
    fn list<'a>(&mut self, heading: &str, items: impl ExactSizeIterator<Item = &'a str>) {
        if items.len() > 0 {
            self.items(heading, items);
            self.gap();
        }
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }
}

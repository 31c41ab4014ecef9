//! What is charged, what is due, what was said aloud when money changed hands.

use serde::Serialize;

use super::{
    payment::{PaymentFacts, PaymentLine, bag_words, payment_lines},
    words::{Amount, Choice},
};
use crate::{
    base::{Id, Lang, Money},
    event::Paid,
    money::{ChargeLine, PriceList, Quote, ReceiptNumber, TenderError, needs_acceptance, tender},
    text::tr,
};

/// What a pay screen is made of.
#[derive(Debug, Clone, Copy)]
pub struct PayFacts<'a> {
    /// The visit.
    pub visit: Id,
    /// Its price list.
    pub list: &'a PriceList,
    /// All that was charged.
    pub lines: &'a [ChargeLine],
    /// All that was paid.
    pub payments: &'a [Paid],
    /// All quotes, by version.
    pub quotes: &'a [Quote],
    /// Sum of the lines.
    pub charged: Money,
    /// Sum of the payments.
    pub paid: Money,
    /// What is left to pay.
    pub due: Money,
    /// Of that, what is paid next, on one receipt.
    pub next: Money,
    /// It is a deposit.
    pub is_deposit: bool,
    /// The payments of the whole order.
    pub ledger: PaymentFacts<'a>,
    /// By the profile a claimed payment needs a photo of the screen shown.
    pub claim_photo: bool,
    /// The bag holds so much more than the profile lets it.
    pub over: Option<Money>,
}

/// The money of one visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayScreen {
    /// The visit.
    pub visit: Id,
    /// What was charged.
    pub lines: Vec<PayLine>,
    /// What can be charged.
    pub items: Vec<ItemLine>,
    /// Reasons for which something may go free.
    pub free_reasons: Vec<Choice>,
    /// Sum of the lines.
    pub charged: Amount,
    /// Sum of the payments.
    pub paid: Amount,
    /// What is left to pay.
    pub due: Amount,
    /// All payments of the order, first to last: what may be made void or given back.
    pub payments: Vec<PaymentLine>,
    /// The bag holds too much cash: what to do, in words.
    pub bag: Option<String>,
    /// What is paid next is a deposit, with a receipt of its own: so in words.
    pub deposit: Option<String>,
    /// A wallet's or card's payment needs a photo of the screen shown: what to do, in words.
    pub claim_photo: Option<String>,
    /// Where the quote stands.
    pub quote: QuoteLine,
    /// The last receipt of this visit.
    pub receipt: Option<ReceiptLine>,
    /// What to say now: of the sum entered, or else of the last payment, or else what is due.
    pub call_out: CallOut,
}

/// One line that was charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayLine {
    /// The item's code.
    pub code: String,
    /// Its name, in the customer's language.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// The price of one.
    pub unit_price: Amount,
    /// What they come to.
    pub amount: Amount,
    /// Why it is free, when it is.
    pub free: Option<String>,
}

/// One thing that can be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The price of one.
    pub unit_price: Amount,
}

/// Where a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteState {
    /// None was offered.
    None,
    /// The last one waits for the customer's yes.
    Offered,
    /// The last one was accepted.
    Accepted,
}

/// The last quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuoteLine {
    /// Where it stands.
    pub state: QuoteState,
    /// Its version; 0 when there is none.
    pub version: i64,
    /// Its total.
    pub total: Option<Amount>,
    /// In words.
    pub text: String,
    /// What is charged goes beyond what was accepted.
    pub exceeded: bool,
}

/// A receipt that was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptLine {
    /// The number printed on it.
    pub number: String,
    /// Its counter in the device's series.
    pub counter: i64,
}

/// What is said aloud, line by line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallOut {
    /// The lines, in the order they are said.
    pub lines: Vec<String>,
    /// What is due.
    pub due: Amount,
    /// What was handed over.
    pub tendered: Option<Amount>,
    /// What is given back.
    pub change: Option<Amount>,
    /// The sum entered can be taken as it is.
    pub enough: bool,
}

impl PayScreen {
    /// The money in words. `tendered` is a sum that is being entered and not yet taken.
    pub fn new(facts: &PayFacts<'_>, tendered: Option<Money>, lang: Lang) -> PayScreen {
        let amount = |money: Money| Amount::new(money, lang);
        PayScreen {
            visit: facts.visit,
            lines: facts.lines.iter().map(|line| pay_line(line, lang)).collect(),
            items: facts
                .list
                .items()
                .iter()
                .map(|item| ItemLine {
                    code: item.code.clone(),
                    name: item.name.get(lang).to_owned(),
                    unit_price: amount(item.price),
                })
                .collect(),
            free_reasons: facts
                .list
                .free_reasons()
                .iter()
                .map(|it| Choice { id: it.code.clone(), title: it.text.get(lang).to_owned() })
                .collect(),
            charged: amount(facts.charged),
            paid: amount(facts.paid),
            due: amount(facts.due),
            payments: payment_lines(&facts.ledger, lang),
            bag: bag_words(facts.over, lang),
            deposit: facts.is_deposit.then(|| tr(lang, "pay-deposit", &[])),
            claim_photo: facts.claim_photo.then(|| tr(lang, "pay-claim-photo", &[])),
            quote: quote_line(facts, lang),
            receipt: facts.payments.last().and_then(|paid| {
                Some(ReceiptLine {
                    number: ReceiptNumber::new(paid.series, paid.number)?.to_string(),
                    counter: i64::try_from(paid.number).ok()?,
                })
            }),
            call_out: call_out(facts, tendered, lang),
        }
    }
}

fn pay_line(line: &ChargeLine, lang: Lang) -> PayLine {
    PayLine {
        code: line.code().to_owned(),
        name: line.name().to_owned(),
        quantity: line.quantity(),
        unit_price: Amount::new(line.unit_price(), lang),
        amount: Amount::new(line.amount(), lang),
        free: line.free_text().map(str::to_owned),
    }
}

fn quote_line(facts: &PayFacts<'_>, lang: Lang) -> QuoteLine {
    let accepted = facts.quotes.iter().rev().find(|quote| quote.accepted);
    let exceeded = needs_acceptance(accepted, facts.lines);
    let Some(quote) = facts.quotes.last() else {
        let text = tr(lang, "quote-none", &[]);
        return QuoteLine { state: QuoteState::None, version: 0, total: None, text, exceeded };
    };
    let (state, key) = match quote.accepted {
        true => (QuoteState::Accepted, "quote-accepted"),
        false => (QuoteState::Offered, "quote-offered"),
    };
    let total = Amount::new(quote.total, lang);
    let args =
        [("version", quote.version.to_string().into()), ("amount", total.text.as_str().into())];
    let text = tr(lang, key, &args);
    QuoteLine { state, version: quote.version.into(), total: Some(total), text, exceeded }
}

fn call_out(facts: &PayFacts<'_>, tendered: Option<Money>, lang: Lang) -> CallOut {
    let said =
        |key: &str, amount: &Amount| tr(lang, key, &[("amount", amount.text.as_str().into())]);
    let whole = |due: Money, tendered: Money, change: Money| {
        let due = Amount::new(due, lang);
        let (tendered, change) = (Amount::new(tendered, lang), Amount::new(change, lang));
        let lines = vec![
            said("pay-due", &due),
            said("pay-tendered", &tendered),
            said("pay-change", &change),
        ];
        CallOut { lines, due, tendered: Some(tendered), change: Some(change), enough: true }
    };
    let due = Amount::new(facts.next, lang);
    match (tendered, facts.payments.last()) {
        (Some(sum), _) => match tender(facts.next, sum) {
            Ok(taken) => whole(taken.due(), taken.tendered(), taken.change()),
            Err(error) => {
                let sum = Amount::new(sum, lang);
                let mut lines = vec![said("pay-due", &due), said("pay-tendered", &sum)];
                lines.push(match &error {
                    TenderError::Short { due, tendered } => match due.minus(*tendered) {
                        Ok(missing) => said("pay-missing", &Amount::new(missing, lang)),
                        Err(_) => tr(lang, "pay-refused", &[]),
                    },
                    TenderError::NothingDue(_) => tr(lang, "pay-nothing", &[]),
                    _ => tr(lang, "pay-refused", &[]),
                });
                CallOut { lines, due, tendered: Some(sum), change: None, enough: false }
            }
        },
        (None, Some(last)) if facts.due.minor == 0 => whole(last.due, last.tendered, last.change),
        // Nobody takes money in a visit that has ended.
        (None, _) if facts.due.minor > 0 && facts.ledger.ended.contains(&facts.visit) => {
            let lines = vec![said("pay-due", &due), tr(lang, "pay-desk", &[])];
            CallOut { lines, due, tendered: None, change: None, enough: false }
        }
        (None, _) => {
            let nothing = facts.due.minor == 0;
            let line = if nothing { tr(lang, "pay-nothing", &[]) } else { said("pay-due", &due) };
            CallOut { lines: vec![line], due, tendered: None, change: None, enough: nothing }
        }
    }
}

//! Papers of a deposit: its receipt, what goes back, the day it was taken on.

use doorstep::{
    base::{Lang, Text3},
    document::text,
    money::{PriceList, total},
};

use crate::{cny, day, receipt, refund};

/// A bottle firm's list: its deposit is 200.00.
const LIST: &str = include_str!("../../../tests/scenarios/days/bottles.toml");

fn says(shown: &str, parts: &[&str]) {
    for part in parts {
        assert!(shown.contains(part), "`{part}` is missing in\n{shown}");
    }
}

#[test]
fn a_deposit_receipt_says_what_it_is_in_figures_and_capitals_and_that_it_is_owed_back() {
    let list = PriceList::load(LIST).unwrap();
    let words: [(Lang, &[&str]); 3] = [
        (Lang::ZhHans, &["押金收据", "肆佰元整", "400.00", "凭本收据退还"]),
        (Lang::ZhHant, &["押金收據", "肆佰元整", "400.00", "憑本收據退還"]),
        (Lang::En, &["Deposit receipt", "400.00", "Deposit, no charge", "given back"]),
    ];
    for (lang, parts) in words {
        let mut doc = receipt(lang);
        doc.lines = vec![list.line("deposit-15", 2, lang, None).unwrap()];
        doc.total = total(list.currency(), &doc.lines).unwrap();
        (doc.amount, doc.tendered, doc.change) = (doc.total, doc.total, cny("0.00"));
        says(&text(&doc, lang, 48), parts);
        // With anything else on it, it would be no deposit receipt.
        doc.lines.push(list.line("bottle-15", 1, lang, None).unwrap());
        let shown = text(&doc, lang, 48);
        assert!(!shown.contains(parts[0]), "{shown}");
    }
}

#[test]
fn what_goes_back_of_a_deposit_is_no_refund_of_work() {
    let mut doc = refund::refund();
    doc.deposit = true;
    let titles = Text3 {
        zh_hans: "押金退还单".into(),
        zh_hant: "押金退還單".into(),
        en: "Deposit given back".into(),
    };
    for lang in Lang::ALL {
        says(&text(&doc, lang, 48), &[titles.get(lang), "84.00", "7YE5-P0N7-000002"]);
    }
}

#[test]
fn a_day_shows_deposits_on_lines_of_their_own() {
    let mut doc = day::report();
    (doc.deposits, doc.deposits_back) = (cny("400.00"), cny("200.00"));
    let shown = text(&doc, Lang::En, 48);
    for (label, amount) in
        [("Of this deposits, owed back", "400.00"), ("Deposits given back", "200.00")]
    {
        let line = shown.lines().find(|line| line.starts_with(label)).unwrap();
        assert!(line.ends_with(amount), "{line}");
    }
    says(&text(&doc, Lang::ZhHans, 48), &["其中押金", "已退押金"]);
}

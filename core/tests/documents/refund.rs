//! The refund's paper, in every form.

use doorstep::{
    base::{Lang, Personal},
    document::{RefundDoc, text},
    money::{Claim, PaymentMethod},
};

use crate::{PAID_AT, ZONE, cny, company, everywhere, pdf};

pub(crate) fn refund() -> RefundDoc {
    RefundDoc {
        company: company(),
        number: "7YE5-P0N7-000004".into(),
        copy: 0,
        issued: PAID_AT.plus_ms(3 * 3_600_000),
        zone: ZONE,
        order: "R-2026-0314-07".into(),
        customer: "Mrs Chan 陈太太".into(),
        premises: "Flat 1203, 8 Harbour Street".into(),
        of: "7YE5-P0N7-000002".into(),
        amount: cny("84.00"),
        method: PaymentMethod::Cash,
        worker: "Mei 美".into(),
        badge: "1024".into(),
        deposit: false,
        qr: "DOORSTEP:1:7YE5P0N7000004:0123456789ABCDEFGHJKMNPQRSTVWXYZ".into(),
    }
}

#[test]
fn a_refund_names_its_own_number_the_receipts_and_leaves_room_to_sign() {
    everywhere("refund", &refund(), "84.00");
    let shown = text(&refund(), Lang::ZhHans, 48);
    for part in ["7YE5-P0N7-000004", "7YE5-P0N7-000002", "捌拾肆元整", "____"] {
        assert!(shown.contains(part), "`{part}` is missing in\n{shown}");
    }
    pdf::keep("refund-zh-Hans.pdf", &pdf::made(&refund(), Lang::ZhHans));
    assert!(!format!("{:?}", refund()).contains("Chan"), "a log never holds names");
}

#[test]
fn a_reprinted_refund_of_an_erased_customer_says_so_and_names_nobody() {
    let mut doc = refund();
    (doc.copy, doc.customer, doc.order) = (2, Personal::default(), String::new());
    let claim = Claim { provider: "Example Wallet".into(), reference: "4200001".into() };
    doc.method = PaymentMethod::Claimed(claim);
    let shown = text(&doc, Lang::En, 48);
    assert!(shown.contains("Copy 2") && shown.contains("4200001"), "{shown}");
    assert!(!shown.contains("Customer  ") && !shown.contains("Work order"), "{shown}");
}

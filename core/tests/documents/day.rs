//! The day report, as Mei hands it in with the bag.

use doorstep::{
    base::Lang,
    document::{DayReportDoc, DoorLine, text},
    event::{Pieces, VisitKind},
    money::PriceList,
};

use crate::{PAID_AT, ZONE, cny, company, everywhere, pdf};

pub(crate) fn report() -> DayReportDoc {
    let hose =
        PriceList::load(PriceList::example_text()).unwrap().item("hose").unwrap().name.clone();
    DayReportDoc {
        company: company(),
        person: "Mei 美".into(),
        badge: "1024".into(),
        at: PAID_AT.plus_ms(8 * 3_600_000),
        zone: ZONE,
        open: false,
        numbers: Some(("7YE5-P0N7-000001".into(), "7YE5-P0N7-000005".into())),
        receipts: 4,
        voids: 1,
        refunds: 1,
        cash: cny("367.00"),
        claimed: cny("84.00"),
        deposits: cny("0.00"),
        deposits_back: cny("0.00"),
        float: cny("100.00"),
        expected: cny("517.00"),
        counted: Some(cny("516.50")),
        pieces: vec![Pieces { value: 10_000, count: 5 }, Pieces { value: 50, count: 33 }],
        taken: vec![(cny("50.00"), "0233".into())],
        handed: vec![(cny("367.00"), "0900".into())],
        doors: vec![DoorLine {
            kind: VisitKind::Inspection,
            visited: 60,
            done: 42,
            percent: 70,
            target: Some(72),
            below: true,
        }],
        signed: vec![("declined".into(), 2), ("owner".into(), 25)],
        parts: vec![(hose, 2)],
        meters_changed: 1,
        unsent: 2,
    }
}

#[test]
fn a_day_report_reads_as_its_golden_files() {
    everywhere("day", &report(), "517.00");
}

#[test]
fn what_is_missing_in_the_bag_has_a_line_of_its_own() {
    let shown = text(&report(), Lang::En, 48);
    let line = shown.lines().find(|line| line.starts_with("Difference")).unwrap();
    assert!(line.ends_with("-0.50"), "{line}");
}

#[test]
fn before_the_count_nothing_is_said_about_it() {
    let mut open = report();
    (open.open, open.counted) = (true, None);
    let shown = text(&open, Lang::En, 48);
    assert!(shown.contains("still open") && !shown.contains("Counted"), "{shown}");
}

#[test]
fn a_day_report_can_be_a_pdf() {
    let made = pdf::made(&report(), Lang::ZhHans);
    pdf::keep("day-zh-Hans.pdf", &made);
    assert!(pdf::words(&made).contains("517.00"));
}

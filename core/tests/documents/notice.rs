//! Notices and slips that stay with the customer, in every form.

use doorstep::{
    base::{Currency, Hash, Lang, Money, Text3},
    document::{
        Document, HazardNoticeDoc, MeterSlipDoc, NoAccessDoc, NoticeHazard, NoticeHead,
        NoticeMeasure, NoticeReceived, SlipReading, svg, text,
    },
    event::{ReadingFlag, ReadingKind, ShutOff, SignOffResult},
};

use crate::{PAID_AT, ZONE, company, everywhere, report::strokes};

fn head(number: &str) -> NoticeHead {
    NoticeHead {
        company: company(),
        number: number.to_owned(),
        order: "I-1704".to_owned(),
        customer: "Mrs Chan 陈太太".into(),
        premises: "Flat 1704, 8 Harbour Street".into(),
        worker: "Lin 林".into(),
        badge: "0101".to_owned(),
        certificate: String::new(),
        at: PAID_AT,
        zone: ZONE,
    }
}

fn words(zh_hans: &str, zh_hant: &str, en: &str) -> Text3 {
    Text3 { zh_hans: zh_hans.into(), zh_hant: zh_hant.into(), en: en.into() }
}

fn hose(mended: bool) -> NoticeHazard {
    NoticeHazard {
        item: words("软管接头", "軟管接頭", "Hose joint"),
        should_be: false,
        text: "1,850 ppm 灶后接头漏气".into(),
        grade: words("一级：立即停气", "一級：立即停氣", "Grade 1: shut off now"),
        code: "gd-3 1".to_owned(),
        basis: "公司默认 · utility default".to_owned(),
        party: Some(words("用户", "用戶", "User")),
        action: Some(words(
            "立即停止使用，整改并经复查合格后方可使用。",
            "立即停止使用，整改並經複查合格後方可使用。",
            "Do not use it. Have it mended; it is used again only after a passed check.",
        )),
        due: Some(PAID_AT.plus_ms(7 * 86_400_000)),
        recheck: Some(PAID_AT.plus_ms(7 * 86_400_000)),
        photos: vec![Hash::of(&[b"detector"]), Hash::of(&[b"joint"])],
        mended,
    }
}

fn rust() -> NoticeHazard {
    NoticeHazard {
        item: words("无锈蚀", "無鏽蝕", "No rust"),
        should_be: true,
        text: Default::default(),
        grade: words("三级：建议", "三級：建議", "Grade 3: advice"),
        code: "gd-3 3".to_owned(),
        basis: "公司默认 · utility default".to_owned(),
        party: Some(words("燃气公司", "燃氣公司", "Gas company")),
        action: None,
        due: None,
        recheck: None,
        photos: Vec::new(),
        mended: false,
    }
}

/// What Mrs Chan gets: one hazard by a date, one advice, and her signature.
fn notice() -> HazardNoticeDoc {
    HazardNoticeDoc {
        head: NoticeHead { certificate: "GZ-RQ-20240317".to_owned(), ..head("7KQ2-M4XD-N000007") },
        hazards: vec![hose(false), rust()],
        measures: vec![NoticeMeasure {
            what: ShutOff::Appliance,
            at: PAID_AT.plus_ms(60_000),
            paper: None,
            restored: false,
        }],
        opinion: vec![
            (Lang::ZhHans, "满意".into()),
            (Lang::ZhHant, "滿意".into()),
            (Lang::En, "Satisfied".into()),
        ],
        received: Some(NoticeReceived {
            result: SignOffResult::Signed,
            signer: "Mrs Chan".into(),
            strokes: strokes(),
            reason: Default::default(),
            witness: Default::default(),
        }),
    }
}

fn stopped() -> HazardNoticeDoc {
    HazardNoticeDoc {
        hazards: vec![hose(true)],
        measures: vec![NoticeMeasure {
            what: ShutOff::Supply,
            at: PAID_AT,
            paper: Some("P-0031".to_owned()),
            restored: true,
        }],
        ..notice()
    }
}

fn door() -> NoAccessDoc {
    let head = NoticeHead { customer: Default::default(), ..head("7KQ2-M4XD-N000008") };
    NoAccessDoc {
        head,
        purpose: words("入户安检", "入戶安檢", "Safety inspection"),
        attempt: Some((1, 3)),
        then: None,
        next: vec![(12, 18), (18, 24)],
    }
}

fn slip() -> MeterSlipDoc {
    let reading = |meter: &str, value: &str| SlipReading {
        meter: meter.to_owned(),
        kind: ReadingKind::Physical,
        previous: None,
        value: value.parse().unwrap(),
        display: None,
        card: (None, None),
        swapped: None,
        usage: None,
        credit: 0,
        flags: Vec::new(),
        preview: None,
    };
    let cny = |minor| Money { minor, currency: Currency::CNY };
    MeterSlipDoc {
        head: head(""),
        readings: vec![
            SlipReading {
                previous: Some(99_987),
                usage: Some(25),
                flags: vec![ReadingFlag::RolledOver],
                preview: Some(cny(8_625)),
                ..reading("M-801", "12.345")
            },
            SlipReading {
                previous: Some(4_300),
                swapped: Some((4_321, 0)),
                usage: Some(34),
                credit: 20,
                preview: Some(cny(11_730)),
                ..reading("M-1204-NEW", "13")
            },
            SlipReading {
                previous: Some(850),
                display: Some("880".parse().unwrap()),
                card: (Some(954), Some(60)),
                usage: Some(44),
                flags: vec![ReadingFlag::DisplayDiffers, ReadingFlag::CardDiffers],
                ..reading("M-1501", "894")
            },
            reading("M-803", "730"),
        ],
    }
}

#[test]
fn a_notice_names_every_hazard_its_grade_and_its_date() {
    everywhere("hazard-notice", &notice(), "7KQ2-M4XD-N000007");
    let shown = text(&notice(), Lang::En, 48);
    for part in
        ["1. Hose joint", "(gd-3 1)", "2026-03-21", "2. Not so: No rust", "no date", "need not buy"]
    {
        assert!(shown.contains(part), "`{part}` is missing in\n{shown}");
    }
    assert!(!notice().paper_only() && shown.contains("Mrs Chan"));
}

#[test]
fn where_supply_is_stopped_no_signature_on_a_screen_is_shown() {
    everywhere("stop-notice", &stopped(), "P-0031");
    let shown = text(&stopped(), Lang::En, 48);
    assert!(stopped().paper_only());
    let words: Vec<_> = shown.split_whitespace().collect();
    assert!(words.join(" ").contains("signed by hand") && shown.contains("____"), "{shown}");
    // The strokes stay in the order; they are not drawn where they don't count.
    assert!(!shown.contains('~') && !svg(&stopped(), Lang::En).contains("stroke-linecap"));
}

#[test]
fn a_notice_on_the_door_names_no_customer() {
    everywhere("no-access", &door(), "7KQ2-M4XD-N000008");
    let shown = text(&door(), Lang::En, 48);
    assert!(!shown.contains("Chan") && shown.contains("attempt 1 of 3"), "{shown}");
    assert!(shown.contains("000-0000"), "the hot-line is missing in\n{shown}");
    assert!(shown.contains("12:00–18:00") && !shown.contains("06:00"), "{shown}");
}

#[test]
fn a_slip_tells_the_quantity_and_calls_the_amount_no_bill() {
    everywhere("meter-slip", &slip(), "M-1204-NEW");
    let shown = text(&slip(), Lang::En, 48);
    for part in ["25 m³", "86.25", "34 m³", "20 m³", "117.30", "the office looks at it"] {
        assert!(shown.contains(part), "`{part}` is missing in\n{shown}");
    }
    assert!(shown.contains("not a bill"));
}

//! The service report: the signed words and the signature, in every form.

use doorstep::{
    base::{Hash, Lang, Personal},
    document::{
        Form, Paper, Picture, ReportPhoto, ServiceReportDoc, draw, escpos, statement_text, svg,
        text,
    },
    event::{SignOffResult, SignerRole},
};

use crate::{PAID_AT, ZONE, golden, pdf, print, printed, statement};

/// Mrs Chan's signature: a C, and a dot.
pub(crate) fn strokes() -> Vec<Vec<(u16, u16)>> {
    let c = [(4_000, 2_000), (2_500, 1_500), (1_500, 5_000), (2_500, 8_500), (4_000, 8_000)];
    vec![c.to_vec(), vec![(5_000, 8_000)]]
}

pub(crate) fn report(lang: Lang) -> ServiceReportDoc {
    let signed = statement_text(&statement(lang), lang);
    ServiceReportDoc {
        next_inspection: None,
        corrected: Vec::new(),
        photos: Vec::new(),
        hash: Hash::of(&[&[7; 16], signed.as_bytes()]),
        statement: Personal::new(signed),
        lang,
        result: SignOffResult::Signed,
        role: Some(SignerRole::Tenant),
        signer: if lang == Lang::En { "Mrs Chan" } else { "陳女士" }.into(),
        strokes: strokes(),
        reason: Personal::default(),
        witness: Personal::default(),
        at: PAID_AT.plus_ms(5 * 60_000),
        zone: ZONE,
    }
}

#[test]
fn a_report_repeats_every_word_that_was_signed() {
    for lang in Lang::ALL {
        let doc = report(lang);
        let shown = text(&doc, lang, 120);
        for line in doc.statement.reveal().lines() {
            assert!(shown.contains(line.trim_start()), "{lang}: {line} is missing in\n{shown}");
        }
        assert!(shown.contains(&doc.hash.to_string()) && !shown.contains('⟨'), "{shown}");
        golden(&format!("report-{lang}.txt"), &text(&doc, lang, 48));
    }
    printed("report-zh-Hans", &report(Lang::ZhHans), Lang::ZhHans);
}

#[test]
fn a_report_stays_in_the_language_that_was_signed() {
    let doc = report(Lang::ZhHant);
    assert_eq!(text(&doc, Lang::En, 48), text(&doc, Lang::ZhHant, 48));
}

#[test]
fn the_signature_is_drawn_in_every_form_that_can_draw() {
    let doc = report(Lang::En);
    let drawing = svg(&doc, Lang::En);
    golden("report-en.svg", &drawing);
    // 336 units across and 112 high, from the left margin: the C begins at 4,000 of 10,000.
    assert!(drawing.contains("M156 ") && drawing.contains("stroke-linecap"), "{drawing}");
    for paper in [Paper::Mm58, Paper::Mm80] {
        let dots = print(&escpos(&doc, Lang::En, paper)).dots;
        assert_eq!((dots.len(), dots[0].len()), (paper.dots() / 3, paper.dots()));
        let dark = |x: usize, y: usize| dots[y * dots.len() / 10_000][x * paper.dots() / 10_000];
        assert!(dark(4_000, 2_000) && dark(1_500, 5_000) && dark(5_000, 8_000));
        assert!(!dark(9_000, 5_000));
    }
    let pdf = pdf::made(&doc, Lang::En);
    pdf::keep("report-en.pdf", &pdf);
    let dark = pdf::rendered(&pdf).iter().flatten().filter(|dark| **dark).count();
    let mut unsigned = doc;
    unsigned.strokes.clear();
    let bare = pdf::rendered(&pdf::made(&unsigned, Lang::En));
    assert!(dark > bare.iter().flatten().filter(|dark| **dark).count() + 500);
}

#[test]
fn who_would_not_sign_is_reported_with_the_reason_and_the_witness() {
    let mut doc = report(Lang::ZhHans);
    doc.result = SignOffResult::Declined;
    (doc.role, doc.strokes, doc.signer) = (None, Vec::new(), Personal::default());
    doc.reason = "不同意收费".into();
    doc.witness = "物业林先生".into();
    let shown = text(&doc, Lang::ZhHans, 48);
    assert!(shown.contains("不同意收费") && shown.contains("物业林先生"), "{shown}");
    assert!(!shown.contains('~'), "a signature nobody gave:\n{shown}");
}

#[test]
fn a_document_without_a_code_has_none_to_give() {
    assert!(draw(&report(Lang::En), Form::Qr, Lang::En).is_empty());
}

const BURNER: &[u8] = include_bytes!("burner.jpg");

/// Mei's report with three photos: one was removed at Mrs Chan's request, one went with an earlier
/// phone.
fn with_photos(lang: Lang) -> ServiceReportDoc {
    let title = match lang {
        Lang::ZhHans => "维修照片",
        Lang::ZhHant => "維修照片",
        Lang::En => "Photo of the work",
    };
    let photo = |name: u8, picture: Option<Picture>| ReportPhoto {
        title: title.to_owned(),
        at: PAID_AT.plus_ms(-i64::from(name) * 60_000),
        address: Hash::of(&[&[name]]),
        picture,
        erased: name == 5,
    };
    let photos = vec![photo(9, Picture::read(BURNER)), photo(5, None), photo(3, None)];
    ServiceReportDoc { photos, ..report(lang) }
}

#[test]
fn photos_stand_behind_the_signature_and_one_that_is_gone_by_its_hash() {
    for lang in Lang::ALL {
        let doc = with_photos(lang);
        let shown = text(&doc, lang, 48);
        golden(&format!("report-photos-{lang}.txt"), &shown);
        let narrow = shown.replace('\n', "");
        for photo in &doc.photos {
            assert!(narrow.replace(' ', "").contains(&photo.address.to_string()), "{shown}");
        }
        let signed = shown.find(&report(lang).hash.to_string()[..20]).unwrap();
        assert!(shown[signed..].contains(&doc.photos[0].title), "{shown}");
        let printed = escpos(&doc, lang, Paper::Mm80);
        let bare = escpos(&report(lang), lang, Paper::Mm80);
        assert!(printed.len() > bare.len(), "a printer says that there are photos");
    }
}

#[test]
fn a_photo_is_drawn_where_pictures_can_be() {
    let doc = with_photos(Lang::En);
    let drawing = svg(&doc, Lang::En);
    golden("report-photos-en.svg", &drawing);
    assert_eq!(drawing.matches("<image ").count(), 1);
    // The one that was removed has a frame in its place, as wide as the words.
    assert_eq!(drawing.matches(r#"<rect x="22""#).count(), 1);
    assert!(drawing.contains("Removed at the customer's request"), "{drawing}");
    // Two thirds of the paper's width, in the picture's own shape.
    assert!(drawing.contains(r#"width="224" height="168" href="data:image/jpeg;base64,/9j/"#));
    let made = pdf::made(&doc, Lang::En);
    pdf::keep("report-photos-en.pdf", &made);
    assert_eq!(made, pdf::made(&doc, Lang::En), "the same document gives the same bytes");
    let [picture] = &pdf::pictures(&made)[..] else { panic!("one picture") };
    assert_eq!(picture, BURNER, "as the phone made it, to the byte");
    assert!(pdf::words(&made).contains("The picture itself is not"));
    pdf::keep("report-photos-zh-Hant.pdf", &pdf::made(&with_photos(Lang::ZhHant), Lang::ZhHant));
}

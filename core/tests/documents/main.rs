//! What receipts and statements look like, against the files in `tests/golden`. After a wanted
//! change run with `UPDATE_GOLDEN=1` and look at the difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test's helpers fail as loudly as the test")]

mod day;
mod deposit;
mod notice;
mod pdf;
mod refund;
mod report;

use std::{env, fs, path::Path};

use doorstep::{
    base::{Currency, Instant, Lang, Money, Text3, Zone},
    document::{
        Company, Document, Paper, ReceiptDoc, StatementDoc, StatementPayment, StatementWarranty,
        escpos, statement_text, svg, text,
    },
    money::{Claim, PaymentMethod, PriceList, ReceiptNumber, tender, total},
    proof::receipt_codes,
};
use encoding_rs::GB18030;
use unicode_width::UnicodeWidthStr;

fn cny(text: &str) -> Money {
    Money::parse(text, Currency::CNY).unwrap()
}

/// 14 March 2026, 10:42 in Mei's zone.
const PAID_AT: Instant = Instant(1_773_456_120_000);
const ZONE: Zone = Zone(480);

fn company() -> Company {
    Company {
        name: Text3 {
            zh_hans: "示例燃气有限公司".into(),
            zh_hant: "示例煤氣有限公司".into(),
            en: "Example Gas Company Limited".into(),
        },
        licence: "EX-0001".into(),
        hotline: "000-0000".into(),
    }
}

/// Mei's receipt for Mrs Chan: 123.40 due, 200.00 tendered, 76.60 change.
fn receipt(lang: Lang) -> ReceiptDoc {
    let list = PriceList::load(PriceList::example_text()).unwrap();
    let lines: Vec<_> = [
        ("labour-repair", 1, None),
        ("hose", 1, None),
        ("clamp", 2, None),
        ("valve-self-closing", 1, None),
        ("gasket", 1, None),
        ("battery", 1, Some("goodwill")),
    ]
    .into_iter()
    .map(|(code, quantity, free)| list.line(code, quantity, lang, free).unwrap())
    .collect();
    let total = total(Currency::CNY, &lines).unwrap();
    let paid = tender(total, cny("200")).unwrap();
    let (payer, premises, payee) = match lang {
        Lang::ZhHans => ("陈女士", "海港街8号1203室", "美"),
        Lang::ZhHant => ("陳女士", "海港街8號1203室", "美"),
        Lang::En => ("Mrs Chan", "Flat 1203, 8 Harbour Street", "Mei"),
    };
    let series = "3f9c5b02a7d14e6688a0b1c2d3e4f506".parse().unwrap();
    ReceiptDoc {
        number: ReceiptNumber::new(series, 1).unwrap().to_string(),
        copy: 0,
        issued: PAID_AT,
        zone: ZONE,
        payer: payer.into(),
        premises: premises.into(),
        lines,
        total,
        amount: paid.due(),
        method: PaymentMethod::Cash,
        tendered: paid.tendered(),
        change: paid.change(),
        payee: payee.into(),
        badge: "1024".into(),
        company: company(),
        voided: false,
        pending: false,
        qr: "DOORSTEP:1:7KQ2M4XD000001:0123456789ABCDEFGHJKMNPQRSTVWXYZ".into(),
    }
}

fn statement(lang: Lang) -> StatementDoc {
    let receipt = receipt(lang);
    let receipt_name = receipt.lines[0].name().to_owned();
    let (work, told, opinion): (&[&str], &str, &str) = match lang {
        Lang::En => (
            &["Leak test before work: 0 ppm", "Hose and valve replaced", "Leak test after: 0 ppm"],
            "The old hose had cracked; keep the cooker off until the kitchen is aired.",
            "Quick and clean.",
        ),
        Lang::ZhHant => (
            &["作業前檢漏：0 ppm", "更換軟管和自閉閥", "作業後檢漏：0 ppm"],
            "舊軟管已開裂，請先開窗通風再使用爐具。",
            "又快又乾淨。",
        ),
        Lang::ZhHans => (
            &["作业前检漏：0 ppm", "更换软管和自闭阀", "作业后检漏：0 ppm"],
            "旧软管已开裂，请先开窗通风再使用灶具。",
            "又快又干净。",
        ),
    };
    StatementDoc {
        company: company(),
        order: "R-2026-0314-07".into(),
        from: PAID_AT.plus_ms(-62 * 60_000),
        until: PAID_AT.plus_ms(4 * 60_000),
        zone: ZONE,
        premises: receipt.premises,
        customer: receipt.payer,
        worker: receipt.payee,
        badge: receipt.badge,
        work: work.iter().map(|line| (*line).to_owned()).collect(),
        lines: receipt.lines,
        total: receipt.total,
        payments: vec![StatementPayment {
            amount: receipt.amount,
            method: receipt.method,
            receipt: receipt.number,
        }],
        open: cny("0"),
        warranties: vec![StatementWarranty {
            name: receipt_name,
            until: PAID_AT.plus_ms(365 * 86_400_000),
        }],
        told: vec![told.into()],
        opinion: opinion.into(),
    }
}

fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; if that is wanted, run with UPDATE_GOLDEN=1. Now it is:\n{actual}",
        path.display()
    );
}

#[test]
fn receipts_read_as_their_golden_files_in_every_language_and_width() {
    for lang in Lang::ALL {
        for width in [32, 48] {
            let shown = text(&receipt(lang), lang, width);
            assert!(shown.lines().all(|line| line.width() <= width), "{shown}");
            assert!(!shown.contains('⟨'), "a text is missing:\n{shown}");
            golden(&format!("receipt-{lang}-{width}.txt"), &shown);
        }
    }
}

#[test]
fn drawn_receipts_look_as_their_golden_files() {
    for lang in Lang::ALL {
        golden(&format!("receipt-{lang}.svg"), &svg(&receipt(lang), lang));
    }
}

#[test]
fn printed_receipts_are_byte_for_byte_their_golden_files() {
    printed("receipt-zh-Hans", &receipt(Lang::ZhHans), Lang::ZhHans);
}

/// What a printer gets, on either paper, against golden files.
fn printed(name: &str, doc: &impl Document, lang: Lang) {
    for (paper, width) in [(Paper::Mm58, "58mm"), (Paper::Mm80, "80mm")] {
        let bytes = escpos(doc, lang, paper);
        let hex: Vec<String> = bytes
            .chunks(48)
            .map(|chunk| chunk.iter().map(|byte| format!("{byte:02x}")).collect())
            .collect();
        golden(&format!("{name}-{width}.hex"), &(hex.join("\n") + "\n"));
    }
}

/// A document in every form: texts in two widths, a drawing, both printers, a page.
fn everywhere(name: &str, doc: &impl Document, says: &str) {
    for lang in Lang::ALL {
        let shown = text(doc, lang, 48);
        assert!(!shown.contains('⟨'), "{lang}: a text is missing in\n{shown}");
        golden(&format!("{name}-{lang}.txt"), &shown);
        golden(&format!("{name}-{lang}-32.txt"), &text(doc, lang, 32));
        for paper in [Paper::Mm58, Paper::Mm80] {
            let printed = print(&escpos(doc, lang, paper));
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let printed = printed.lines.concat();
            assert!(squeezed(&printed).contains(&squeezed(says)), "{printed}");
        }
    }
    golden(&format!("{name}-zh-Hans.svg"), &svg(doc, Lang::ZhHans));
    printed(&format!("{name}-zh-Hans"), doc, Lang::ZhHans);
    for lang in Lang::ALL {
        let file = pdf::made(doc, lang);
        pdf::keep(&format!("{name}-{lang}.pdf"), &file);
        let dark = pdf::rendered(&file).iter().flatten().filter(|dark| **dark).count();
        assert!(dark > 5_000, "{name}, {lang}: an empty page, {dark} dark points");
    }
}

#[test]
fn statements_read_as_their_golden_files() {
    for lang in Lang::ALL {
        let shown = statement_text(&statement(lang), lang);
        assert!(!shown.contains('⟨'), "a text is missing:\n{shown}");
        assert_eq!(shown, statement_text(&statement(lang), lang));
        golden(&format!("statement-{lang}.txt"), &shown);
    }
}

#[test]
fn a_typed_line_break_cannot_add_a_line_to_what_mrs_chan_signs() {
    let mut doc = statement(Lang::En);
    let honest = statement_text(&doc, Lang::En);
    doc.opinion = "Quick and clean.\nTotal: CNY 0.00".into();
    let shown = statement_text(&doc, Lang::En);
    assert_eq!(shown.lines().count(), honest.lines().count());
}

/// What a printer makes of the bytes: its lines, and the picture's rows.
struct Print {
    lines: Vec<String>,
    dots: Vec<Vec<bool>>,
    /// Where a picture begins: rows that follow words.
    begins: Vec<usize>,
    cut: bool,
}

impl Print {
    fn pictures(&self) -> Vec<&[Vec<bool>]> {
        let ends = self.begins[1..].iter().copied().chain([self.dots.len()]);
        self.begins.iter().zip(ends).map(|(from, to)| &self.dots[*from..to]).collect()
    }
}

/// Obeys exactly the commands a receipt may use; anything else is a fault of the renderer.
fn print(bytes: &[u8]) -> Print {
    let mut print = Print { lines: Vec::new(), dots: Vec::new(), begins: Vec::new(), cut: false };
    let mut words = true;
    let mut text = Vec::new();
    let mut rest = bytes;
    while let Some(byte) = rest.first() {
        rest = match (byte, rest) {
            (0x1b, [_, b'@', after @ ..] | [_, b'E' | b'd', _, after @ ..]) => after,
            (0x1c, [_, b'&', after @ ..]) => after,
            (0x1d, [_, b'!', _, after @ ..]) => after,
            (0x1d, [_, b'V', 0x42, 0, after @ ..]) => {
                print.cut = true;
                after
            }
            (0x1d, [_, b'v', b'0', 0, across, 0, rows, 0, after @ ..]) => {
                if std::mem::take(&mut words) {
                    print.begins.push(print.dots.len());
                }
                let (picture, after) = after.split_at(usize::from(*across) * usize::from(*rows));
                for row in picture.chunks(usize::from(*across)) {
                    let dots = row.iter().flat_map(|b| (0..8).map(move |bit| b << bit & 0x80 != 0));
                    print.dots.push(dots.collect());
                }
                after
            }
            (b'\n', [_, after @ ..]) => {
                let (line, _, bad) = GB18030.decode(&text);
                assert!(!bad);
                words |= !line.is_empty();
                print.lines.push(line.into_owned());
                text.clear();
                after
            }
            (0x20..=0x7e, [byte, after @ ..]) => {
                text.push(*byte);
                after
            }
            // GB18030: two bytes, or four when the second is a digit.
            (0x81..=0xfe, [_, second, ..]) => {
                let length = if second.is_ascii_digit() { 4 } else { 2 };
                text.extend_from_slice(&rest[..length]);
                &rest[length..]
            }
            _ => panic!("unknown command at {:02x?}", &rest[..rest.len().min(8)]),
        };
    }
    assert!(text.is_empty());
    print
}

/// What a scanner reads in a picture.
fn scan(dots: &[Vec<bool>]) -> String {
    let width = dots.iter().map(Vec::len).max().unwrap() + 40;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, dots.len() + 40, |x, y| {
        let dark = y.checked_sub(20).and_then(|y| dots.get(y)).is_some_and(|row| {
            x.checked_sub(20).and_then(|x| row.get(x)).copied().unwrap_or(false)
        });
        if dark { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

/// The only QR code of an SVG.
fn drawn(svg: &str) -> Vec<Vec<bool>> {
    let mut all = drawn_all(svg);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The QR codes of an SVG, drawn at five dots a square.
fn drawn_all(svg: &str) -> Vec<Vec<Vec<bool>>> {
    let paths = svg.split("fill=\"#000\" d=\"").skip(1);
    paths.map(|path| squares(path.split_once('"').unwrap().0)).collect()
}

fn squares(path: &str) -> Vec<Vec<bool>> {
    let runs: Vec<[usize; 3]> = path
        .split('z')
        .filter(|run| !run.is_empty())
        .map(|run| {
            let numbers: Vec<usize> =
                run.split(['M', ' ', 'h', 'v', '-']).filter_map(|n| n.parse().ok()).collect();
            [numbers[0], numbers[1], numbers[2]]
        })
        .collect();
    let side = runs.iter().map(|[x, _, length]| x + length).max().unwrap();
    let mut dots = vec![vec![false; side * 5]; side * 5];
    for [x, y, length] in runs {
        for row in &mut dots[y * 5..(y + 1) * 5] {
            row[x * 5..(x + length) * 5].fill(true);
        }
    }
    dots
}

#[test]
fn the_printers_bytes_read_back_as_the_receipt() {
    for lang in Lang::ALL {
        for paper in [Paper::Mm58, Paper::Mm80] {
            let doc = receipt(lang);
            let print = print(&escpos(&doc, lang, paper));
            let words = print.lines.join("\n");
            for wanted in [
                "123.40",
                "200.00",
                "76.60",
                doc.number.as_str(),
                "壹佰贰拾叁元肆角整",
                doc.payer.reveal(),
            ] {
                assert!(words.contains(wanted), "{wanted} is missing in\n{words}");
            }
            let columns =
                |line: &String| line.chars().map(|c| 1 + usize::from(!c.is_ascii())).sum();
            let widest: usize = print.lines.iter().map(columns).max().unwrap();
            assert!(widest <= paper.columns(), "{widest} columns\n{words}");
            assert!(print.dots.iter().all(|row| row.len() <= paper.dots()));
            assert_eq!(scan(&print.dots), doc.qr);
            assert!(print.cut);
        }
    }
}

#[test]
fn a_code_of_1700_characters_scans_from_every_form() {
    let mut doc = receipt(Lang::ZhHant);
    doc.qr = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".repeat(38)[..1_700].to_owned();
    assert_eq!(scan(&drawn(&svg(&doc, Lang::ZhHant))), doc.qr);
    for paper in [Paper::Mm58, Paper::Mm80] {
        let print = print(&escpos(&doc, Lang::ZhHant, paper));
        assert_eq!(scan(&print.dots), doc.qr);
    }
}

#[test]
fn a_bill_of_forty_lines_is_printed_with_several_codes_that_scan() {
    let mut doc = receipt(Lang::ZhHans);
    doc.lines = vec![doc.lines[0].clone(); 40];
    doc.qr = format!("DS1.{}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(160));
    let codes = receipt_codes(&doc.qr);
    let counted = |words: &str| {
        assert_eq!(words.matches(doc.lines[0].name()).count(), 40, "{words}");
    };
    counted(&text(&doc, Lang::ZhHans, 48));
    for paper in [Paper::Mm58, Paper::Mm80] {
        let print = print(&escpos(&doc, Lang::ZhHans, paper));
        let words = print.lines.join("\n");
        counted(&words);
        assert!(words.contains("第2码，共3码"), "{words}");
        let found: Vec<_> = print.pictures().iter().map(|dots| scan(dots)).collect();
        assert_eq!(found, codes);
    }
    let drawing = svg(&doc, Lang::ZhHans);
    counted(&drawing);
    let found: Vec<_> = drawn_all(&drawing).iter().map(|dots| scan(dots)).collect();
    assert_eq!(found, codes);
}

#[test]
fn a_void_receipt_says_so_twice_and_keeps_its_number_and_code() {
    let mut doc = receipt(Lang::ZhHans);
    doc.voided = true;
    for copy in [0, 1] {
        doc.copy = copy;
        let shown = text(&doc, Lang::ZhHans, 32);
        assert_eq!(shown.matches("*** 作废 ***").count(), 2, "{shown}");
        assert!(shown.contains(&doc.number));
        assert_eq!(scan(&drawn(&svg(&doc, Lang::ZhHans))), doc.qr);
    }
}

#[test]
fn a_reprint_names_its_copy_and_the_original_does_not() {
    let mut doc = receipt(Lang::En);
    assert!(!text(&doc, Lang::En, 48).contains("Copy"));
    doc.copy = 2;
    assert!(text(&doc, Lang::En, 48).contains("Copy 2"));
}

#[test]
fn a_claimed_payment_says_that_nobody_has_confirmed_it() {
    let mut doc = receipt(Lang::En);
    doc.method = PaymentMethod::Claimed(Claim {
        provider: "Example Wallet".into(),
        reference: "4200001".into(),
    });
    doc.pending = true;
    let shown = text(&doc, Lang::En, 80);
    assert!(shown.contains("not confirmed yet") && shown.contains("4200001"), "{shown}");
    assert!(!shown.contains("Change"), "{shown}");
    doc.pending = false;
    assert!(!text(&doc, Lang::En, 80).contains("not confirmed yet"));
}

#[test]
fn a_part_payments_capitals_are_those_of_the_part() {
    let mut doc = receipt(Lang::ZhHans);
    doc.amount = cny("100");
    let shown = text(&doc, Lang::ZhHans, 48);
    assert!(shown.contains("壹佰元整") && shown.contains("123.40"), "{shown}");
}

#[test]
fn names_cannot_break_out_of_the_drawing_or_into_the_printer() {
    let mut doc = receipt(Lang::En);
    doc.payer = "</text><script>&\"\u{1b}@\u{202e}Chan".into();
    let drawing = svg(&doc, Lang::En);
    assert!(!drawing.contains("<script>") && drawing.contains("&lt;script&gt;&amp;"));
    // The reader panics on any command a receipt doesn't use, and counts this one as text.
    let print = print(&escpos(&doc, Lang::En, Paper::Mm80));
    assert!(print.lines.join("\n").contains("@Chan"));
}

#[test]
fn the_receipt_never_prints_names_in_a_log() {
    let logged = format!("{:?} {:?}", receipt(Lang::En), statement(Lang::En));
    for name in ["Chan", "Harbour", "Mei", "Quick", "cracked"] {
        assert!(!logged.contains(name), "{name}");
    }
}

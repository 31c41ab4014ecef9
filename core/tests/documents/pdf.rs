//! PDFs, read back by programs that share nothing with the writer: poppler and a QR decoder.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use doorstep::{
    base::Lang,
    document::{Document, Font, FontError, ReceiptDoc, pdf},
    money::{Claim, PaymentMethod},
};

use crate::{receipt, scan};

/// CFF outlines, in a collection.
const CJK: &str = "opentype/noto/NotoSansCJK-Regular.ttc";
/// TrueType outlines.
const LATIN: &str = "truetype/dejavu/DejaVuSans.ttf";

fn font_file(name: &str) -> Vec<u8> {
    let path = Path::new("/usr/share/fonts").join(name);
    fs::read(&path).unwrap_or_else(|error| {
        let needed = "install fonts-noto-cjk and fonts-dejavu-core";
        panic!("{}: {error}; {needed}", path.display())
    })
}

/// Which face of the collection has the strokes of that region.
fn face(lang: Lang) -> u32 {
    match lang {
        Lang::ZhHant => 3,
        Lang::ZhHans | Lang::En => 2,
    }
}

pub(crate) fn made(doc: &impl Document, lang: Lang) -> Vec<u8> {
    let file = font_file(CJK);
    pdf(doc, lang, &Font::new(&file, face(lang)).unwrap()).unwrap()
}

/// Runs one of poppler's programs over a PDF: its standard output.
fn poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; install poppler-utils"));
    let mut input = child.stdin.take().unwrap();
    let pdf = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&pdf));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{program}: {complaints}");
    output.stdout
}

pub(crate) fn words(pdf: &[u8]) -> String {
    String::from_utf8(poppler("pdftotext", &["-layout", "-", "-"], pdf)).unwrap()
}

/// The page as dots, dark or not.
pub(crate) fn rendered(pdf: &[u8]) -> Vec<Vec<bool>> {
    let picture = poppler("pdftoppm", &["-gray", "-r", "200", "-"], pdf);
    let mut header = picture.splitn(4, |byte| *byte == b'\n');
    assert_eq!(header.next().unwrap(), b"P5");
    let size = String::from_utf8(header.next().unwrap().to_vec()).unwrap();
    let width: usize = size.split(' ').next().unwrap().parse().unwrap();
    assert_eq!(header.next().unwrap(), b"255");
    header.next().unwrap().chunks(width).map(|row| row.iter().map(|b| *b < 128).collect()).collect()
}

/// The JPEGs in it, as they stand there.
pub(crate) fn pictures(pdf: &[u8]) -> Vec<Vec<u8>> {
    let folder = std::env::temp_dir().join(format!("doorstep-pictures-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let root = folder.join("picture");
    poppler("pdfimages", &["-all", "-", &root.to_string_lossy()], pdf);
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let pictures = files.iter().map(|file| fs::read(file).unwrap()).collect();
    fs::remove_dir_all(&folder).unwrap();
    pictures
}

/// Keeps what was drawn, to be looked at: `target/documents`.
pub(crate) fn keep(name: &str, pdf: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../documents");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), pdf).unwrap();
}

#[test]
fn a_pdf_can_be_searched_and_copied_in_every_language() {
    for lang in Lang::ALL {
        let doc = receipt(lang);
        let pdf = made(&doc, lang);
        keep(&format!("receipt-{lang}.pdf"), &pdf);
        let words = words(&pdf);
        let payer = doc.payer.reveal();
        for wanted in ["123.40", "76.60", "壹佰贰拾叁元肆角整", doc.number.as_str(), payer]
        {
            assert!(words.contains(wanted), "{lang}: {wanted} is missing in\n{words}");
        }
        assert_eq!(pdf, made(&doc, lang), "the same document gives the same bytes");
    }
}

#[test]
fn the_code_of_a_rendered_pdf_scans() {
    let mut doc = receipt(Lang::ZhHant);
    doc.qr = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".repeat(38)[..1_700].to_owned();
    assert_eq!(scan(&rendered(&made(&doc, Lang::ZhHant))), doc.qr);
}

#[test]
fn only_the_glyphs_that_are_used_come_along() {
    let pdf = made(&receipt(Lang::ZhHans), Lang::ZhHans);
    assert!(pdf.len() < 100_000, "{} bytes", pdf.len());
    let fonts = String::from_utf8(poppler("pdffonts", &["-"], &pdf)).unwrap();
    let line = fonts.lines().last().unwrap();
    assert!(line.contains("CID Type 0C") && line.contains("yes yes yes"), "{fonts}");
}

#[test]
fn a_true_type_font_serves_as_well() {
    let file = font_file(LATIN);
    let doc = receipt(Lang::En);
    let pdf = pdf(&doc, Lang::En, &Font::new(&file, 0).unwrap()).unwrap();
    let fonts = String::from_utf8(poppler("pdffonts", &["-"], &pdf)).unwrap();
    assert!(fonts.contains("CID TrueType"), "{fonts}");
    assert!(words(&pdf).contains("Flat 1203, 8 Harbour Street"));
}

#[test]
fn a_void_receipt_is_stamped_across_its_text_and_still_scans() {
    let mut doc = receipt(Lang::ZhHans);
    doc.voided = true;
    let pdf = made(&doc, Lang::ZhHans);
    keep("receipt-void.pdf", &pdf);
    let claimed =
        PaymentMethod::Claimed(Claim { provider: "示例钱包".into(), reference: "42".into() });
    let pending = ReceiptDoc { method: claimed, pending: true, ..receipt(Lang::ZhHans) };
    keep("receipt-claimed.pdf", &made(&pending, Lang::ZhHans));
    assert!(words(&pdf).matches("作废").count() >= 2);
    assert_eq!(scan(&rendered(&pdf)), doc.qr);
}

#[test]
fn what_is_no_font_is_refused_with_what_to_do() {
    assert_eq!(Font::new(b"not a font", 0).unwrap_err(), FontError::NoFont(0));
    let file = font_file(CJK);
    assert_eq!(Font::new(&file, 99).unwrap_err(), FontError::NoFont(99));
    let mut torn = file[..file.len() / 2].to_vec();
    torn.truncate(300_000);
    if let Ok(font) = Font::new(&torn, 2) {
        let error = pdf(&receipt(Lang::En), Lang::En, &font).unwrap_err();
        assert!(matches!(error, FontError::NotEmbeddable(_)), "{error}");
    }
}

#[test]
fn a_roll_longer_than_a_page_may_be_keeps_its_size_by_larger_units() {
    let mut doc = receipt(Lang::En);
    doc.lines = doc.lines.iter().cycle().take(600).cloned().collect();
    let file = made(&doc, Lang::En);
    let height = |file: &[u8]| {
        let text = String::from_utf8_lossy(file);
        let page = text.split("/MediaBox [").nth(1).unwrap().split(']').next().unwrap();
        page.split_whitespace().nth(3).unwrap().parse::<f32>().unwrap()
    };
    assert!(height(&file) <= 14_400.0, "{}", height(&file));
    assert!(String::from_utf8_lossy(&file).contains("/UserUnit 2"));
    assert_eq!(words(&file).matches("Gasket").count(), 100);
    let short = made(&receipt(Lang::En), Lang::En);
    assert!(!String::from_utf8_lossy(&short).contains("/UserUnit"));
}

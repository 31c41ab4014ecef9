//! Receipts as SVG: one file, nothing loaded from elsewhere.

use std::fmt::Write;

use super::{
    layout::{Columns, Line, Style, lay},
    qr::{Qr, QrTooLong},
    receipt::{ReceiptDoc, rows},
};
use crate::{base::Lang, text::tr};

/// Columns a line is laid for. Latin letters are wider than half a square on average, so the
/// drawing leaves each column a bit more than that.
const COLUMNS: usize = 42;
const COLUMN: usize = 8;
const FONT: usize = 14;
const LEADING: usize = 22;
const MARGIN: usize = 22;
const INNER: usize = COLUMNS * COLUMN;
const WIDTH: usize = INNER + 2 * MARGIN;
/// Light squares around the code, as its standard asks.
const QUIET: usize = 4;

/// The receipt as a self-contained SVG, QR code included.
pub fn svg(doc: &ReceiptDoc, lang: Lang) -> Result<String, QrTooLong> {
    let qr = Qr::new(&doc.qr)?;
    let mut body = String::new();
    let mut y = MARGIN;
    for line in lay(&rows(doc, lang), COLUMNS, Columns::Screen) {
        y = draw(&mut body, &line, y);
    }
    let text_end = y;
    y = draw_qr(&mut body, &qr, y + LEADING / 2);
    y += LEADING;
    let scan = tr(lang, "receipt-scan", &[]);
    put(&mut body, WIDTH / 2, y, "middle", Style::Plain, &scan);
    if doc.voided {
        draw_void(&mut body, text_end, &tr(lang, "receipt-void", &[]));
    }
    let height = y + MARGIN;
    let (tag, fonts) = (lang.tag(), fonts(lang));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"{tag}\" width=\"{WIDTH}\" \
         height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"{fonts}\" \
         font-size=\"{FONT}\" fill=\"#111\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    ))
}

/// Han characters differ by region: the wrong font shows the wrong strokes.
fn fonts(lang: Lang) -> &'static str {
    match lang {
        Lang::ZhHant => "'Noto Sans CJK TC','PingFang TC','Microsoft JhengHei',sans-serif",
        Lang::ZhHans | Lang::En => "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif",
    }
}

/// Draws one line below `y` and returns where the next begins.
fn draw(out: &mut String, line: &Line, y: usize) -> usize {
    let large = matches!(line, Line::Centre { style: Style::Large, .. });
    let next = y + if large { LEADING * 3 / 2 } else { LEADING };
    let base = next - LEADING / 3;
    match line {
        Line::Rule => {
            let (end, middle) = (WIDTH - MARGIN, y + LEADING / 2);
            let _ = writeln!(
                out,
                "<path d=\"M{MARGIN} {middle}H{end}\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>"
            );
        }
        Line::Centre { text, style } => put(out, WIDTH / 2, base, "middle", *style, text),
        Line::Left { text, style } => {
            let words = text.trim_start_matches(' ');
            let indent = (text.len() - words.len()) * COLUMN;
            put(out, MARGIN + indent, base, "start", *style, words);
        }
        Line::Pair { label, value, style } => {
            let words = label.trim_start_matches(' ');
            let indent = (label.len() - words.len()) * COLUMN;
            put(out, MARGIN + indent, base, "start", *style, words);
            put(out, WIDTH - MARGIN, base, "end", *style, value);
        }
    }
    next
}

fn put(out: &mut String, x: usize, y: usize, anchor: &str, style: Style, text: &str) {
    let style = match style {
        Style::Plain => String::new(),
        Style::Bold => " font-weight=\"bold\"".to_owned(),
        Style::Large => format!(" font-weight=\"bold\" font-size=\"{}\"", FONT * 3 / 2),
    };
    let text = escape(text);
    let _ =
        writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{style}>{text}</text>");
}

/// One path in units of squares, scaled to the paper.
fn draw_qr(out: &mut String, qr: &Qr, y: usize) -> usize {
    let side = qr.side() + 2 * QUIET;
    let _ = write!(
        out,
        "<svg x=\"{MARGIN}\" y=\"{y}\" width=\"{INNER}\" height=\"{INNER}\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\""
    );
    for row in 0..qr.side() {
        for (start, length) in qr.runs(row) {
            let (x, y) = (start + QUIET, row + QUIET);
            let _ = write!(out, "M{x} {y}h{length}v1h-{length}z");
        }
    }
    out.push_str("\"/></svg>\n");
    y + INNER
}

/// Across the text, not across the code: a void receipt must still prove which one it was.
fn draw_void(out: &mut String, height: usize, word: &str) {
    let (x, y) = (WIDTH / 2, height / 2);
    let word = escape(word);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"96\" font-weight=\"bold\" \
         fill=\"#c00\" fill-opacity=\"0.35\" transform=\"rotate(-30 {x} {y})\">{word}</text>"
    );
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // The only characters XML can't hold that are not control characters.
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

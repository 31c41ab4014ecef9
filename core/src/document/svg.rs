//! Documents as SVG: one file, nothing loaded from elsewhere.

use std::fmt::Write;

use super::{
    content::Document,
    sheet::{Anchor, Code, Framed, Mark, ROLL, Signature, Words, place},
};
use crate::base::Lang;

/// The document as a self-contained SVG, QR code included.
pub fn svg(doc: &(impl Document + ?Sized), lang: Lang) -> String {
    let grid = &ROLL;
    let sheet = place(doc.content(lang), grid);
    let mut body = String::new();
    for mark in &sheet.marks {
        match mark {
            Mark::Words(words) => put(&mut body, words, grid.font),
            Mark::Rule(y) => {
                let (start, end) = (grid.margin, sheet.width - grid.margin);
                let _ = writeln!(
                    body,
                    "<path d=\"M{start} {y}H{end}\" stroke=\"#999\" stroke-dasharray=\"4 3\"/>"
                );
            }
            Mark::Frame { top, bottom } => {
                let (x, width, height) = (grid.margin, grid.inner(), bottom - top);
                let _ = writeln!(
                    body,
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"none\" \
                     stroke=\"#999\"/>"
                );
            }
            Mark::Code(code) => draw_code(&mut body, code),
            Mark::Signature(signature) => draw_signature(&mut body, signature),
            Mark::Picture(framed) => draw_picture(&mut body, framed),
            Mark::Stamp(words) => stamp(&mut body, words),
        }
    }
    let (tag, fonts, font) = (lang.tag(), fonts(lang), grid.font);
    let (width, height) = (sheet.width, sheet.height);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xml:lang=\"{tag}\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{fonts}\" \
         font-size=\"{font}\" fill=\"#111\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

/// Han characters differ by region: the wrong font shows the wrong strokes.
fn fonts(lang: Lang) -> &'static str {
    match lang {
        Lang::ZhHant => "'Noto Sans CJK TC','PingFang TC','Microsoft JhengHei',sans-serif",
        Lang::ZhHans | Lang::En => "'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif",
    }
}

fn put(out: &mut String, words: &Words, font: usize) {
    let Words { x, y, size, .. } = words;
    let anchor = match words.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let mut style = String::new();
    if words.bold {
        style.push_str(" font-weight=\"bold\"");
    }
    if *size != font {
        let _ = write!(style, " font-size=\"{size}\"");
    }
    let text = escape(&words.text);
    let _ =
        writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\"{style}>{text}</text>");
}

/// One path in units of squares, scaled to the paper.
fn draw_code(out: &mut String, code: &Code) {
    let Code { x, y, edge, .. } = code;
    let side = code.side();
    let _ = write!(
        out,
        "<svg x=\"{x}\" y=\"{y}\" width=\"{edge}\" height=\"{edge}\" \
         viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\"><path fill=\"#000\" d=\""
    );
    for (x, y, length) in code.runs() {
        let _ = write!(out, "M{x} {y}h{length}v1h-{length}z");
    }
    out.push_str("\"/></svg>\n");
}

fn draw_signature(out: &mut String, signature: &Signature) {
    out.push_str(
        "<path fill=\"none\" stroke=\"#111\" stroke-width=\"2\" stroke-linecap=\"round\" d=\"",
    );
    for stroke in &signature.strokes {
        for (at, (x, y)) in stroke.iter().enumerate() {
            let _ = write!(out, "{}{x} {y}", if at == 0 { 'M' } else { 'L' });
        }
        if let [(x, y)] = stroke.as_slice() {
            let _ = write!(out, "L{x} {y}");
        }
    }
    out.push_str("\"/>\n");
}

fn draw_picture(out: &mut String, framed: &Framed) {
    let Framed { x, y, width, height, picture } = framed;
    let data = data_encoding::BASE64.encode(&picture.jpeg);
    let _ = writeln!(
        out,
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         href=\"data:image/jpeg;base64,{data}\"/>"
    );
}

fn stamp(out: &mut String, words: &Words) {
    let Words { x, y, size, .. } = words;
    let word = escape(&words.text);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"{size}\" font-weight=\"bold\" \
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

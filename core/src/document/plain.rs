//! Documents as text for a screen or a terminal.

use super::{
    content::Document,
    layout::{Columns, Line, lay},
};
use crate::base::Lang;

/// The narrowest and the widest text: narrower is unreadable, wider is no receipt.
const WIDTHS: std::ops::RangeInclusive<usize> = 24..=120;

/// The document as lines of at most `width` columns (held to 24..=120), each ended by a line feed.
/// The QR code isn't drawn: on a screen the SVG shows it.
pub fn text(doc: &(impl Document + ?Sized), lang: Lang, width: usize) -> String {
    let width = width.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut out = String::new();
    for line in lay(&doc.content(lang).rows, width, Columns::Screen) {
        if matches!(line, Line::Picture(_)) {
            continue;
        }
        out.push_str(flat(&line, width, Columns::Screen).trim_end());
        out.push('\n');
    }
    out
}

/// A laid line as one text, filled with spaces where it has to be.
pub(super) fn flat(line: &Line, width: usize, columns: Columns) -> String {
    match line {
        Line::Rule => "-".repeat(width),
        Line::Frame { .. } => format!("+{}+", "-".repeat(width.saturating_sub(2))),
        Line::Left { text, .. } => text.clone(),
        Line::Picture(_) => String::new(),
        // Where nothing can be drawn: that there is one.
        Line::Signature(_) => "~".repeat(width / 2),
        Line::Centre { text, .. } => {
            format!("{}{text}", " ".repeat(width.saturating_sub(columns.of(text)) / 2))
        }
        Line::Pair { label, value, .. } => {
            let used = columns.of(label) + columns.of(value);
            format!("{label}{}{value}", " ".repeat(width.saturating_sub(used)))
        }
    }
}

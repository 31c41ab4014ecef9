//! Documents as bytes for a 58 mm or 80 mm thermal printer.
//!
//! Text goes out as GB18030 in the printer's Chinese mode. The QR code goes out as a picture,
//! because many printers have no QR command of their own or stop at short codes. The handful of
//! commands stands here by hand: the crates for them draw pictures through an image library, which
//! is more than a phone should carry for eight commands.

use encoding_rs::GB18030;

use super::{
    content::Document,
    layout::{Columns, Line, Style, lay},
    plain::flat,
    qr::Qr,
    sheet::{PAD, scale},
};
use crate::{base::Lang, event::Stroke};

/// The roll in the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 58 mm: 384 dots, 32 columns.
    Mm58,
    /// 80 mm: 576 dots, 48 columns.
    Mm80,
}

impl Paper {
    /// Columns of a line.
    pub const fn columns(self) -> usize {
        match self {
            Paper::Mm58 => 32,
            Paper::Mm80 => 48,
        }
    }

    /// Dots across.
    pub const fn dots(self) -> usize {
        self.columns() * 12
    }
}

/// ESC @: forget what the last document set.
const RESET: &[u8] = b"\x1b@";
/// FS &: two bytes are one Chinese character.
const CHINESE_MODE: &[u8] = b"\x1c&";
/// ESC E: bold on or off follows.
const BOLD: &[u8] = b"\x1bE";
/// GS !: a size follows.
const SIZE: &[u8] = b"\x1d!";
const NORMAL: u8 = 0x00;
const DOUBLE: u8 = 0x11;
/// GS v 0, at the printer's own resolution: bytes across and rows follow.
const RASTER: &[u8] = b"\x1dv0\x00";
/// ESC d: feed so many lines.
const FEED: &[u8] = b"\x1bd";
/// GS V: feed to the knife and cut, leaving a hinge. Printers without a knife go on.
const CUT: &[u8] = b"\x1dV\x42\x00";

/// Rows sent in one picture: small printers hold no more, and 255 needs one byte of length.
const BAND: usize = 255;
/// The largest square of a QR code, in dots: 1 mm. Larger wastes paper.
const MAX_SCALE: usize = 8;
/// Light squares left and right of the code, when the paper has room.
const QUIET: usize = 4;

/// The document as printer commands, ending with a cut.
pub fn escpos(doc: &(impl Document + ?Sized), lang: Lang, paper: Paper) -> Vec<u8> {
    let content = doc.content(lang);
    let mut out = [RESET, CHINESE_MODE].concat();
    for line in lay(&content.rows, paper.columns(), Columns::Printer) {
        match &line {
            Line::Signature(strokes) => raster(&mut out, &signature(strokes, paper)),
            // A JPEG is not decoded here, and black dots would show little of it.
            Line::Picture(_) => {}
            line => put(&mut out, line, paper),
        }
    }
    for code in content.codes {
        picture(&mut out, &code.qr, paper);
        put(&mut out, &Line::Centre { text: code.caption, style: Style::Plain }, paper);
    }
    out.extend_from_slice(FEED);
    out.push(3);
    out.extend_from_slice(CUT);
    out
}

fn put(out: &mut Vec<u8>, line: &Line, paper: Paper) {
    let style = match line {
        Line::Centre { style, .. } | Line::Pair { style, .. } | Line::Left { style, .. } => *style,
        Line::Rule | Line::Frame { .. } | Line::Signature(_) | Line::Picture(_) => Style::Plain,
    };
    let width = if style == Style::Large { paper.columns() / 2 } else { paper.columns() };
    let text = flat(line, width, Columns::Printer);
    let (bytes, _, _) = GB18030.encode(&text);
    let (on, off): (Vec<u8>, Vec<u8>) = match style {
        Style::Plain => (Vec::new(), Vec::new()),
        Style::Bold => ([BOLD, &[1]].concat(), [BOLD, &[0]].concat()),
        Style::Large => ([SIZE, &[DOUBLE]].concat(), [SIZE, &[NORMAL]].concat()),
    };
    out.extend_from_slice(&on);
    out.extend_from_slice(&bytes);
    out.extend_from_slice(b"\n");
    out.extend_from_slice(&off);
}

/// The code in the middle of the paper, as large as fits up to [`MAX_SCALE`].
fn picture(out: &mut Vec<u8>, qr: &Qr, paper: Paper) {
    let scale = (paper.dots() / (qr.side() + 2 * QUIET)).clamp(1, MAX_SCALE);
    let left = paper.dots().saturating_sub(qr.side() * scale) / 2;
    let bytes = (left + qr.side() * scale).div_ceil(8);
    let rows: Vec<Vec<u8>> = (0..qr.side())
        .map(|y| {
            let mut row = vec![0_u8; bytes];
            for (start, length) in qr.runs(y) {
                for dot in left + start * scale..left + (start + length) * scale {
                    row[dot / 8] |= 0x80 >> (dot % 8);
                }
            }
            row
        })
        .flat_map(|row| std::iter::repeat_n(row, scale))
        .collect();
    raster(out, &rows);
}

/// A signature as rows of dots, two dots thick.
fn signature(strokes: &[Stroke], paper: Paper) -> Vec<Vec<u8>> {
    let (width, height) = (paper.dots(), paper.dots() / PAD);
    let mut rows = vec![vec![0_u8; width / 8]; height];
    let mut dot = |x: usize, y: usize| {
        for (x, y) in [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)] {
            if let Some(byte) = rows.get_mut(y).and_then(|row| row.get_mut(x / 8)) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    };
    for stroke in scale(strokes, width, height, 0, 0) {
        let [first, ..] = stroke.as_slice() else { continue };
        let mut from = *first;
        for &to in &stroke {
            let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
            for step in 0..=steps {
                let along = |a: usize, b: usize| (a * (steps - step) + b * step) / steps;
                dot(along(from.0, to.0), along(from.1, to.1));
            }
            from = to;
        }
    }
    rows
}

/// Sends rows of dots, all of one length, as pictures that small printers can hold.
fn raster(out: &mut Vec<u8>, rows: &[Vec<u8>]) {
    let bytes = rows.first().map_or(0, Vec::len);
    out.extend_from_slice(b"\n");
    for band in rows.chunks(BAND) {
        out.extend_from_slice(RASTER);
        // Neither needs its high byte: at most 72 bytes across and BAND rows.
        out.extend_from_slice(&[bytes as u8, 0, band.len() as u8, 0]);
        out.extend(band.iter().flatten());
    }
    out.extend_from_slice(b"\n");
}

//! Where everything stands on a page that is drawn: the same for every picture.
//!
//! Units are those of the grid, whole numbers, `y` downwards. Writers of SVG and PDF only
//! translate marks; they place nothing.

use super::{
    content::Content,
    layout::{Columns, Line, Style, lay},
    picture::Picture,
    qr::Qr,
};
use crate::event::Stroke;

/// A page's measures. Latin letters are wider than half a square on average, so a column is a bit
/// more than half a font's size.
pub(super) struct Grid {
    pub(super) columns: usize,
    pub(super) column: usize,
    pub(super) font: usize,
    pub(super) leading: usize,
    pub(super) margin: usize,
}

/// A receipt's roll, as long as it needs to be.
pub(super) const ROLL: Grid = Grid { columns: 42, column: 8, font: 14, leading: 22, margin: 22 };

/// A signing pad is so many times as wide as high.
pub(super) const PAD: usize = 3;
/// What the points of a stroke count in.
const PAD_UNITS: usize = 10_000;

/// Light squares around a code, as its standard asks.
const QUIET: usize = 4;

impl Grid {
    pub(super) fn inner(&self) -> usize {
        self.columns * self.column
    }

    pub(super) fn width(&self) -> usize {
        self.inner() + 2 * self.margin
    }

    fn size(&self, style: Style) -> usize {
        if style == Style::Large { self.font * 3 / 2 } else { self.font }
    }
}

/// Which end of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text on its base line.
pub(super) struct Words {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) anchor: Anchor,
    pub(super) bold: bool,
    pub(super) size: usize,
    pub(super) text: String,
}

/// A code: its top left corner and how long an edge is, light border included.
pub(super) struct Code {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) edge: usize,
    qr: Qr,
}

impl Code {
    /// Squares along an edge, light border included.
    pub(super) fn side(&self) -> usize {
        self.qr.side() + 2 * QUIET
    }

    /// The dark stretches: column, row and length, in squares.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..self.qr.side()).flat_map(|row| {
            let runs = self.qr.runs(row).into_iter();
            runs.map(move |(start, length)| (start + QUIET, row + QUIET, length))
        })
    }
}

/// A signature: each stroke's points on the sheet.
pub(super) struct Signature {
    pub(super) strokes: Vec<Vec<(usize, usize)>>,
}

/// A picture in its place.
pub(super) struct Framed {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) picture: Picture,
}

/// Something drawn.
pub(super) enum Mark {
    Words(Words),
    /// A dashed line across at this height.
    Rule(usize),
    /// A frame across, from one height to another.
    Frame {
        top: usize,
        bottom: usize,
    },
    Code(Code),
    Signature(Signature),
    Picture(Framed),
    /// A word in large letters, turned, light enough to read through.
    Stamp(Words),
}

/// A drawn page.
pub(super) struct Sheet {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) marks: Vec<Mark>,
}

/// Places `content` on one page as long as it has to be.
pub(super) fn place(content: Content, grid: &Grid) -> Sheet {
    let mut marks = Vec::new();
    let mut y = grid.margin;
    let mut top = y;
    for line in lay(&content.rows, grid.columns, Columns::Screen) {
        if let Line::Frame { begins } = line {
            // As much room above its edge as a picture has.
            y += grid.leading / 3;
            match begins {
                true => top = y,
                false => marks.push(Mark::Frame { top, bottom: y }),
            }
            y += grid.leading / 3;
            continue;
        }
        y = put(&mut marks, line, y, grid);
    }
    let text_end = y;
    for code in content.codes {
        let (x, top, edge) = (grid.margin, y + grid.leading / 2, grid.inner());
        marks.push(Mark::Code(Code { x, y: top, edge, qr: code.qr }));
        y = top + edge + grid.leading;
        marks.push(Mark::Words(Words {
            x: grid.width() / 2,
            y,
            anchor: Anchor::Middle,
            bold: false,
            size: grid.font,
            text: code.caption,
        }));
    }
    if let Some(word) = content.stamp {
        // Across the text, not across the code: a void receipt must still prove which one it was.
        marks.push(Mark::Stamp(Words {
            x: grid.width() / 2,
            y: text_end / 2,
            anchor: Anchor::Middle,
            bold: true,
            size: 96,
            text: word,
        }));
    }
    Sheet { width: grid.width(), height: y + grid.margin, marks }
}

/// Draws one line below `y` and returns where the next begins.
fn put(marks: &mut Vec<Mark>, line: Line, y: usize, grid: &Grid) -> usize {
    if let Line::Signature(strokes) = line {
        let (width, height) = (grid.inner(), grid.inner() / PAD);
        marks.push(Mark::Signature(Signature {
            strokes: scale(&strokes, width, height, grid.margin, y),
        }));
        return y + height;
    }
    if let Line::Picture(picture) = line {
        let edge = grid.inner() * 2 / 3;
        let (width, height) = picture.within(edge, edge);
        // As far from the words below as from those above, whose letters go under their base line.
        let (x, top) = (grid.margin, y + grid.leading / 3);
        marks.push(Mark::Picture(Framed { x, y: top, width, height, picture }));
        return top + height + grid.leading / 3;
    }
    let large = matches!(line, Line::Centre { style: Style::Large, .. });
    let next = y + if large { grid.leading * 3 / 2 } else { grid.leading };
    let base = next - grid.leading / 3;
    let mut words = |x, anchor, style: Style, text: String| {
        let (bold, size) = (style != Style::Plain, grid.size(style));
        marks.push(Mark::Words(Words { x, y: base, anchor, bold, size, text }));
    };
    let indented = |text: &str| {
        let words = text.trim_start_matches(' ');
        (grid.margin + (text.len() - words.len()) * grid.column, words.to_owned())
    };
    match line {
        Line::Signature(_) | Line::Picture(_) | Line::Frame { .. } => {}
        Line::Rule => marks.push(Mark::Rule(y + grid.leading / 2)),
        Line::Centre { text, style } => words(grid.width() / 2, Anchor::Middle, style, text),
        Line::Left { text, style } => {
            let (x, text) = indented(&text);
            words(x, Anchor::Start, style, text);
        }
        Line::Pair { label, value, style } => {
            let (x, label) = indented(&label);
            words(x, Anchor::Start, style, label);
            words(grid.width() - grid.margin, Anchor::End, style, value);
        }
    }
    next
}

/// The strokes in a pad of this size whose corner is at `left` and `top`.
pub(super) fn scale(
    strokes: &[Stroke],
    width: usize,
    height: usize,
    left: usize,
    top: usize,
) -> Vec<Vec<(usize, usize)>> {
    let along = |at: u16, size: usize| usize::from(at).min(PAD_UNITS) * size / PAD_UNITS;
    let point = |&(x, y): &(u16, u16)| (left + along(x, width), top + along(y, height));
    strokes.iter().map(|stroke| stroke.iter().map(point).collect()).collect()
}

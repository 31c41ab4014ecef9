//! Rows into lines of a given width, counted in columns: a Chinese character takes two.
//!
//! Everything a person typed passes through [`clean`] here, so that no name can carry a line
//! break, a printer command or a mark that turns the text around.

use unicode_width::UnicodeWidthChar;

use super::picture::Picture;
use crate::event::Stroke;

/// How a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    /// Double width and height: takes twice the columns.
    Large,
}

/// One thing a document says, before it is known how wide the paper is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// In the middle.
    Centre { text: String, style: Style },
    /// A label at the left edge and its value at the right.
    Pair { label: String, value: String, style: Style },
    /// From the left; spaces at its start are kept for every line of it.
    Text(String),
    /// A line across.
    Rule,
    /// A signature as drawn.
    Signature(Vec<Stroke>),
    /// Words in a frame, where something would stand that is no more.
    Framed(String),
    /// A picture; where none can be drawn, the rows around it say that there is one.
    Picture(Picture),
}

/// A row's lines on paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    Centre {
        text: String,
        style: Style,
    },
    Pair {
        label: String,
        value: String,
        style: Style,
    },
    Left {
        text: String,
        style: Style,
    },
    Rule,
    Signature(Vec<Stroke>),
    Picture(Picture),
    /// A frame's upper edge, and its lower one.
    Frame {
        begins: bool,
    },
}

/// How many columns a character takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Columns {
    /// On a screen.
    Screen,
    /// On a printer in Chinese mode: whatever isn't ASCII is set in a square.
    Printer,
}

impl Columns {
    pub(super) fn of_char(self, c: char) -> usize {
        match self {
            Columns::Screen => c.width().unwrap_or(0),
            Columns::Printer if c.is_ascii() => 1,
            Columns::Printer => 2,
        }
    }

    pub(super) fn of(self, text: &str) -> usize {
        text.chars().map(|c| self.of_char(c)).sum()
    }
}

/// Control characters become spaces; marks that are invisible or turn text around are left out.
pub(super) fn clean(text: &str) -> String {
    let invisible = |c: char| {
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
            || c == '\u{FEFF}'
    };
    text.chars().filter(|c| !invisible(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Lays `rows` into lines of at most `width` columns.
pub(super) fn lay(rows: &[Row], width: usize, columns: Columns) -> Vec<Line> {
    rows.iter().flat_map(|row| lay_row(row, width, columns)).collect()
}

fn lay_row(row: &Row, width: usize, columns: Columns) -> Vec<Line> {
    match row {
        Row::Rule => vec![Line::Rule],
        Row::Signature(strokes) => vec![Line::Signature(strokes.clone())],
        Row::Picture(picture) => vec![Line::Picture(picture.clone())],
        Row::Framed(text) => {
            let mut lines = vec![Line::Frame { begins: true }];
            let style = Style::Plain;
            let words = wrap(&clean(text), width.saturating_sub(4), columns).into_iter();
            lines.extend(words.map(|text| Line::Centre { text, style }));
            lines.push(Line::Frame { begins: false });
            lines
        }
        Row::Centre { text, style } => {
            let room = if *style == Style::Large { width / 2 } else { width };
            let lines = wrap(&clean(text), room, columns).into_iter();
            lines.map(|text| Line::Centre { text, style: *style }).collect()
        }
        Row::Text(text) => indented(text, width, columns, Style::Plain),
        Row::Pair { label, value, style } => {
            let (label, value) = (clean(label), clean(value));
            if columns.of(&label) + 2 + columns.of(&value) <= width {
                return vec![Line::Pair { label, value, style: *style }];
            }
            let mut lines = indented(&label, width, columns, *style);
            lines.extend(indented(&format!("  {value}"), width, columns, *style));
            lines
        }
    }
}

fn indented(text: &str, width: usize, columns: Columns, style: Style) -> Vec<Line> {
    let text = clean(text);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let (spaces, words) = text.split_at(indent);
    let room = width.saturating_sub(indent);
    let lines = wrap(words, room, columns).into_iter();
    lines.map(|line| Line::Left { text: format!("{spaces}{line}"), style }).collect()
}

/// Breaks at spaces and around Chinese characters, never before a closing mark; a word that is
/// wider than the line is cut. No Chinese character is left alone on the last line.
fn wrap(text: &str, width: usize, columns: Columns) -> Vec<String> {
    let width = width.max(2);
    let mut pieces = pieces(text);
    let lines = fill(&pieces, width, columns);
    let chinese = |text: &str| text.chars().all(|c| wide(c) || is_mark(c));
    let alone = |line: &String| line.chars().filter(|c| wide(*c) && !is_mark(*c)).count() == 1;
    if let [.., before, last] = &lines[..]
        && before.chars().count() > 2
        && chinese(last)
        && alone(last)
        && let Some([joined, end]) = pieces.last_chunk()
        && chinese(joined)
    {
        // As one piece with the character before it, it takes that one along.
        let both = &text[text.len() - joined.len() - end.len()..];
        pieces.truncate(pieces.len() - 2);
        pieces.push(both);
        return fill(&pieces, width, columns);
    }
    lines
}

/// Fills lines with pieces, one after the other.
fn fill(pieces: &[&str], width: usize, columns: Columns) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces {
        if columns.of(&line) + columns.of(piece.trim_end()) > width && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for c in piece.chars() {
            if columns.of(&line) + columns.of_char(c) > width {
                if c == ' ' {
                    continue;
                }
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
            line.push(c);
        }
    }
    lines.push(line.trim_end().to_owned());
    lines.retain(|line| !line.is_empty());
    lines
}

/// The parts of a text that stay together: words with the spaces after them, single Chinese
/// characters with the marks that belong to them, a day with its time.
fn pieces(text: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        let (head, tail) = text.split_at(at);
        if before.is_some_and(|before| breaks(before, c)) && !is_moment(head, tail) {
            cuts.push(at);
        }
        before = Some(c);
    }
    cuts.push(text.len());
    cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

const CLOSING: &str = "，。；：！？、）」』》”’％";
const OPENING: &str = "（「『《“‘";

fn is_mark(c: char) -> bool {
    CLOSING.contains(c) || OPENING.contains(c)
}

fn wide(c: char) -> bool {
    c.width() == Some(2)
}

fn breaks(before: char, after: char) -> bool {
    // A zone stays with its time, a dash with the word before it.
    const JOINED: &str = "+-–—";
    if before == ' ' && JOINED.contains(after) {
        return false;
    }
    if after == ' ' || CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before == ' ' || wide(before) || wide(after)
}

/// Whether a day ends here, as papers write it, and its time begins.
fn is_moment(head: &str, tail: &str) -> bool {
    let has = |text: Option<&str>, form: &str| {
        text.is_some_and(|text| {
            let mut pairs = text.chars().zip(form.chars());
            pairs.all(|(c, f)| if f == '0' { c.is_ascii_digit() } else { c == f })
        })
    };
    has(head.get(head.len().saturating_sub(11)..), "0000-00-00 ")
        && head.len() >= 11
        && has(tail.get(..5), "00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_breaks_anywhere_but_before_a_closing_mark() {
        let lines = wrap("本收据不是发票，如需发票请告知。", 14, Columns::Screen);
        assert_eq!(lines, ["本收据不是发", "票，如需发票请", "告知。"]);
    }

    #[test]
    fn english_breaks_at_spaces_and_long_words_are_cut() {
        assert_eq!(
            wrap("Flat 1203, 8 Harbour Street", 12, Columns::Screen),
            ["Flat 1203, 8", "Harbour", "Street"]
        );
        assert_eq!(wrap("abcdefgh ij", 4, Columns::Screen), ["abcd", "efgh", "ij"]);
    }

    #[test]
    fn a_zone_stays_with_its_time() {
        let lines = wrap("Photo, 2026-03-14 10:33 +08:00", 26, Columns::Screen);
        assert_eq!(lines, ["Photo,", "2026-03-14 10:33 +08:00"]);
        let lines = wrap("整改期限：2026-03-21 10:42 +08:00", 32, Columns::Printer);
        assert_eq!(lines, ["整改期限：", "2026-03-21 10:42 +08:00"]);
    }

    #[test]
    fn no_chinese_character_stands_alone_on_the_last_line() {
        let lines = wrap("由谁整改由您决定，不必购买本公司的产品或服务。", 42, Columns::Screen);
        assert_eq!(lines, ["由谁整改由您决定，不必购买本公司的产品或", "服务。"]);
        assert_eq!(wrap("已关闭一台用气设备", 16, Columns::Screen), ["已关闭一台用气", "设备"]);
        // A word of two letters' room has nothing to give.
        assert_eq!(wrap("设备设", 4, Columns::Screen), ["设备", "设"]);
    }

    #[test]
    fn no_line_is_wider_than_the_paper() {
        let text = "港灣街8號 Flat 1203，Tower (A)——三樓 abcdefghijklmnopqrstuvwxyz";
        for width in 4..40 {
            for columns in [Columns::Screen, Columns::Printer] {
                for line in wrap(text, width, columns) {
                    assert!(columns.of(&line) <= width, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn a_name_cannot_carry_commands_or_line_breaks() {
        assert_eq!(clean("Chan\u{1b}@\n\u{202e}陈"), "Chan @ 陈");
    }
}

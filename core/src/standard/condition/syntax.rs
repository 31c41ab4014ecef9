//! What a parser could not read, in words for whoever wrote the condition.
//!
//! The parser's own words are about its grammar. Most slips are few: a sign of another language, a bracket or
//! a quote left open, a sign of a Chinese keyboard. They are looked for first; what is none of them is told by its
//! place.

use super::ConditionError;

/// What other languages and a Chinese keyboard write, and what it is here.
const FOREIGN: [(&str, &str); 34] = [
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("AND", "&&"),
    ("OR", "||"),
    ("NOT", "!"),
    ("True", "true"),
    ("False", "false"),
    ("===", "=="),
    ("!==", "!="),
    ("=>", ">="),
    ("=<", "<="),
    ("<>", "!="),
    ("=", "=="),
    ("&", "&&"),
    ("|", "||"),
    ("（", "("),
    ("）", ")"),
    ("，", ","),
    ("＝", "="),
    ("！", "!"),
    ("＞", ">"),
    ("＜", "<"),
    ("＆", "&"),
    ("｜", "|"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("‘", "'"),
    ("’", "'"),
    ("“", "'"),
    ("”", "'"),
    ("？", "?"),
    ("：", ":"),
];

/// Signs of two characters.
const KNOWN: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];

/// Where a condition that is none goes wrong, and what to write instead. `at` is the byte where the parser
/// gave up.
pub(super) fn slip(text: &str, at: usize) -> ConditionError {
    let tell = |offset, message: String| ConditionError { offset, message };
    if text.trim().is_empty() {
        return tell(0, "the condition is empty: leave it out where it always holds".to_owned());
    }
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(open) => {
            return tell(open, "this quote is not closed: end the text with another".to_owned());
        }
    };
    if let Some((offset, message)) = foreign(&pieces).or_else(|| brackets(&pieces)) {
        return tell(offset, message);
    }
    if at >= text.trim_end().len() {
        let (offset, last) = pieces.last().copied().unwrap_or((0, text.trim()));
        return tell(offset, format!("something is missing after `{last}`"));
    }
    let here = match pieces.iter().find(|(offset, _)| *offset == at) {
        Some((_, piece)) => (*piece).to_owned(),
        None => text.get(at..).unwrap_or("").chars().take(1).collect(),
    };
    let message = format!(
        "`{here}` can't stand here: write && or || between conditions, a sign like == between what is compared, and texts in quotes"
    );
    tell(at, message)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A piece of a condition: its place, and a word or a sign.
type Piece<'a> = (usize, &'a str);

/// What stands outside quotes; or where a quote opens that nothing closes.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, usize> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let piece = match c {
            '\'' | '"' => {
                at += quoted(rest, c).ok_or(at)?;
                continue;
            }
            c if is_word(c) => &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())],
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            _ => sign(rest),
        };
        pieces.push((at, piece));
        at += piece.len();
    }
    Ok(pieces)
}

/// How long the text in quotes is that stands first, with its quotes; `None` where nothing closes it.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The sign that stands first: the longest that is known here or elsewhere, or one character.
fn sign(rest: &str) -> &str {
    let signs = FOREIGN.iter().map(|(other, _)| *other).chain(KNOWN);
    let longest = signs.filter(|sign| rest.starts_with(sign)).max_by_key(|sign| sign.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    &rest[..longest.map_or(one, str::len)]
}

/// The first piece that is another language's.
fn foreign(pieces: &[Piece<'_>]) -> Option<(usize, String)> {
    pieces.iter().find_map(|(at, piece)| {
        let (_, instead) = FOREIGN.iter().find(|(other, _)| other == piece)?;
        Some((*at, format!("`{piece}` is not known here: write `{instead}`")))
    })
}

/// The first bracket that closes nothing, or the last that nothing closes.
fn brackets(pieces: &[Piece<'_>]) -> Option<(usize, String)> {
    let mut open: Vec<Piece<'_>> = Vec::new();
    for (at, piece) in pieces {
        let end = match *piece {
            "(" => ")",
            "[" => "]",
            "{" => "}",
            ")" | "]" | "}" => {
                let opened = open.pop().map(|(_, end)| end);
                if opened == Some(*piece) {
                    continue;
                }
                return Some((*at, format!("`{piece}` closes a bracket that nothing opened")));
            }
            _ => continue,
        };
        open.push((*at, end));
    }
    let (at, end) = open.pop()?;
    Some((at, format!("this bracket is not closed: write `{end}` where it ends")))
}

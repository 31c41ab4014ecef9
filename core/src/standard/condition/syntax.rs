//! What a parser could not read, in words for whoever wrote the condition.
//!
//! The parser's own words are about its grammar. Most slips are few: a sign of another language, a bracket or
//! a quote left open, a sign of a Chinese keyboard. They are looked for first; what is none of them is told by its
//! place.

use super::ConditionError;

/// Signs of other languages, and what they are written as here.
const WORDS: [(&str, &str); 8] = [
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("AND", "&&"),
    ("OR", "||"),
    ("NOT", "!"),
    ("True", "true"),
    ("False", "false"),
];

/// Full-width signs, as a Chinese keyboard makes them, and typographic ones.
const WIDE: [(char, &str); 18] = [
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('＝', "="),
    ('！', "!"),
    ('＞', ">"),
    ('＜', "<"),
    ('＆', "&"),
    ('｜', "|"),
    ('≥', ">="),
    ('≤', "<="),
    ('≠', "!="),
    ('‘', "'"),
    ('’', "'"),
    ('“', "'"),
    ('”', "'"),
    ('？', "?"),
    ('：', ":"),
];

/// Pairs of signs that compare elsewhere.
const PAIRS: [(&str, &str); 5] =
    [("===", "=="), ("!==", "!="), ("=>", ">="), ("=<", "<="), ("<>", "!=")];

/// A piece of a condition outside quotes.
enum Piece<'a> {
    Word(&'a str),
    Sign(char),
}

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
    if let Some((offset, message)) = foreign(text, &pieces).or_else(|| brackets(&pieces)) {
        return tell(offset, message);
    }
    let end = text.trim_end();
    if at >= end.len() {
        // A sign may be of two characters.
        let start = end.trim_end_matches(|c: char| !is_word(c) && !c.is_whitespace()).len();
        let start = match pieces.last() {
            Some((offset, Piece::Word(_))) => *offset,
            _ => start,
        };
        return tell(start, format!("something is missing after `{}`", &end[start..]));
    }
    let here = text.get(at..).unwrap_or("");
    let word: String = here.chars().take_while(|c| is_word(*c)).take(40).collect();
    let what = match word.is_empty() {
        true => here.chars().take(1).collect(),
        false => word,
    };
    let message = format!(
        "`{what}` can't stand here: write && or || between conditions, a sign like == between what is compared, and texts in quotes"
    );
    tell(at, message)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What stands outside quotes, with its places; or where a quote opens that nothing closes.
fn pieces(text: &str) -> Result<Vec<(usize, Piece<'_>)>, usize> {
    let mut pieces = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if c == '\'' || c == '"' {
            loop {
                match rest.next() {
                    None => return Err(at),
                    Some((_, '\\')) => drop(rest.next()),
                    Some((_, end)) if end == c => break,
                    Some(_) => {}
                }
            }
        } else if is_word(c) {
            let mut end = at + c.len_utf8();
            while let Some((next, c)) = rest.next_if(|(_, c)| is_word(*c)) {
                end = next + c.len_utf8();
            }
            pieces.push((at, Piece::Word(&text[at..end])));
        } else if !c.is_whitespace() {
            pieces.push((at, Piece::Sign(c)));
        }
    }
    Ok(pieces)
}

/// The first sign that is another language's.
fn foreign(text: &str, pieces: &[(usize, Piece<'_>)]) -> Option<(usize, String)> {
    pieces.iter().find_map(|(at, piece)| {
        let pair = |(other, _): &&(&str, &str)| text[*at..].starts_with(other);
        if let (Piece::Sign(_), Some((other, instead))) = (piece, PAIRS.iter().find(pair)) {
            return Some((*at, format!("`{other}` is not known here: write `{instead}`")));
        }
        let instead = match piece {
            Piece::Word(word) => WORDS.iter().find(|(other, _)| other == word)?.1,
            Piece::Sign(sign @ ('=' | '&' | '|')) => {
                let before = text[..*at].chars().next_back();
                let after = text[at + 1..].chars().next();
                let twice = before == Some(*sign) || after == Some(*sign);
                let compares = *sign == '=' && matches!(before, Some('<' | '>' | '!'));
                match (sign, twice || compares) {
                    (_, true) => return None,
                    ('=', _) => "==",
                    ('&', _) => "&&",
                    _ => "||",
                }
            }
            Piece::Sign(sign) => WIDE.iter().find(|(other, _)| other == sign)?.1,
        };
        let what = match piece {
            Piece::Word(word) => (*word).to_owned(),
            Piece::Sign(sign) => sign.to_string(),
        };
        Some((*at, format!("`{what}` is not known here: write `{instead}`")))
    })
}

/// The first bracket that closes nothing, or the last that nothing closes.
fn brackets(pieces: &[(usize, Piece<'_>)]) -> Option<(usize, String)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    for (at, piece) in pieces {
        let Piece::Sign(sign) = piece else { continue };
        let end = match sign {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            ')' | ']' | '}' => {
                let opened = open.pop().map(|(_, end)| end);
                if opened == Some(*sign) {
                    continue;
                }
                return Some((*at, format!("`{sign}` closes a bracket that nothing opened")));
            }
            _ => continue,
        };
        open.push((*at, end));
    }
    let (at, end) = open.pop()?;
    Some((at, format!("this bracket is not closed: write `{end}` where it ends")))
}

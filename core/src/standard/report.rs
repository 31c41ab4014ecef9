//! Collecting errors while a file is checked, each at its place.

use std::{collections::HashMap, ops::Range};

use toml::Spanned;

use super::{
    names::is_identifier,
    raw::{RawText, Str},
};
use crate::base::{Lang, SourceError, Text3, did_you_mean};

/// The most errors told about one file: whoever sees fifty mends those first.
const MAX_ERRORS: usize = 50;

/// The longest text for people, in characters.
const MAX_TEXT: usize = 1_000;

/// The ids of one kind met so far, with the place of each.
pub(crate) type Seen = HashMap<String, Range<usize>>;

/// The errors and warnings found in one file so far.
pub(crate) struct Report<'a> {
    text: &'a str,
    errors: Vec<SourceError>,
    warnings: Vec<SourceError>,
}

impl<'a> Report<'a> {
    /// A report that begins with what was found before.
    pub(crate) fn with(text: &'a str, errors: Vec<SourceError>) -> Report<'a> {
        Report { text, errors, warnings: Vec::new() }
    }

    /// Notes an error where `span` starts. Nothing written starts where the text ends: there stands
    /// what was put in for something missing, and that is told already.
    pub(crate) fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        if span.start >= self.text.len() && span.start > 0 {
            return;
        }
        self.errors.push(SourceError::in_span(self.text, span, message));
    }

    /// Notes an error at a byte of the text a quoted string stands for.
    pub(super) fn error_inside(&mut self, string: Range<usize>, offset: usize, message: String) {
        if string.start >= self.text.len() {
            return;
        }
        let offset = inside(self.text, string, offset);
        self.errors.push(SourceError::at(self.text, offset, message));
    }

    pub(super) fn warning(&mut self, span: Range<usize>, message: impl Into<String>) {
        if span.start >= self.text.len() {
            return;
        }
        self.warnings.push(SourceError::in_span(self.text, span, message));
    }

    /// `Err` with the errors in the order of the file, or the warnings. Of more than fifty errors
    /// the last one told says how many follow.
    pub(crate) fn finish(self) -> Result<Vec<SourceError>, Vec<SourceError>> {
        let (errors, warnings) = self.all();
        if errors.is_empty() { Ok(warnings) } else { Err(errors) }
    }

    /// The errors and the warnings, each in the order of the file.
    pub(super) fn all(mut self) -> (Vec<SourceError>, Vec<SourceError>) {
        in_order(&mut self.errors);
        in_order(&mut self.warnings);
        (self.errors, self.warnings)
    }

    /// The text in all three languages; an error for each that is missing, empty or unknown.
    pub(crate) fn text3(&mut self, raw: &RawText) -> Text3 {
        let mut text = Text3::default();
        let mut unknown = Vec::new();
        for (tag, words) in raw.get_ref() {
            let slot = match tag.get_ref().parse() {
                Ok(Lang::ZhHans) => &mut text.zh_hans,
                Ok(Lang::ZhHant) => &mut text.zh_hant,
                Ok(Lang::En) => &mut text.en,
                Err(error) => {
                    unknown.push((tag, error));
                    continue;
                }
            };
            if words.get_ref().trim().is_empty() {
                self.error(words.span(), format!("the {} text is empty", tag.get_ref()));
            } else if words.get_ref().chars().count() > MAX_TEXT {
                self.error(words.span(), format!("a text has at most {MAX_TEXT} characters"));
            }
            *slot = words.get_ref().clone();
        }
        let has = |lang: Lang| raw.get_ref().keys().any(|tag| tag.get_ref() == lang.tag());
        let missing: Vec<_> =
            Lang::ALL.into_iter().filter(|lang| !has(*lang)).map(Lang::tag).collect();
        if missing.is_empty() {
            for (tag, error) in unknown {
                self.error(tag.span(), error.to_string());
            }
        } else {
            // One mistake a text, or a file in other languages is nothing but mistakes.
            let known: Vec<_> = unknown.iter().map(|(tag, _)| tag.get_ref().as_str()).collect();
            let has = match known.is_empty() {
                true => String::new(),
                false => format!("; it has {}, which Doorstep does not show", known.join(", ")),
            };
            let message = format!("the text is missing in {}{has}", missing.join(", "));
            self.error(raw.span(), message);
        }
        text
    }

    /// An id that can stand in conditions.
    pub(super) fn identifier(&mut self, raw: &Str) -> String {
        let id = raw.get_ref();
        if !is_identifier(id) {
            let shown: String = id.chars().take(40).collect();
            let message = format!(
                "`{shown}` is no id: write small letters, digits and _, a letter first, at most 40"
            );
            self.error(raw.span(), message);
        }
        id.clone()
    }

    /// Notes an error when the id was seen before.
    pub(crate) fn unique(&mut self, seen: &mut Seen, raw: &Str, what: &str) {
        let id = raw.get_ref();
        match seen.get(id) {
            Some(first) => {
                let line = SourceError::in_span(self.text, first.clone(), "").line;
                let message = format!("there is already a {what} `{id}`, in line {line}");
                self.error(raw.span(), message);
            }
            None => {
                seen.insert(id.clone(), raw.span());
            }
        }
    }

    /// The value whose name was written, or an error that lists the names.
    pub(super) fn one_of<T: Copy>(
        &mut self,
        raw: &Str,
        what: &str,
        known: &[(T, &str)],
    ) -> Option<T> {
        let found = known.iter().find(|(_, name)| name == raw.get_ref()).map(|(value, _)| *value);
        if found.is_none() {
            let names: Vec<_> = known.iter().map(|(_, name)| *name).collect();
            let hint = did_you_mean(raw.get_ref(), names.iter().copied());
            let hint = if hint.is_empty() { format!(": write {}", names.join(", ")) } else { hint };
            self.error(raw.span(), format!("unknown {what} `{}`{hint}", raw.get_ref()));
        }
        found
    }

    /// A number within bounds.
    pub(crate) fn within(&mut self, raw: &Spanned<u32>, what: &str, from: u32, to: u32) -> u32 {
        let value = *raw.get_ref();
        if !(from..=to).contains(&value) {
            self.error(raw.span(), format!("{what} is {value}: write {from} to {to}"));
        }
        value
    }

    /// A rule's name or source: some words, not empty, not endless.
    pub(crate) fn words(&mut self, raw: Option<&Str>, what: &str) -> Option<String> {
        let raw = raw?;
        let words = raw.get_ref();
        if words.trim().is_empty() || words.chars().count() > 200 {
            self.error(raw.span(), format!("a {what} has 1 to 200 characters"));
        }
        Some(words.clone())
    }
}

/// Sorts errors, each once, and cuts them where nobody reads on.
fn in_order(errors: &mut Vec<SourceError>) {
    errors.sort_by_key(|error| (error.line, error.column));
    errors.dedup();
    if let Some(next) = errors.get(MAX_ERRORS) {
        let more = errors.len() - MAX_ERRORS;
        let message = format!("and {more} more from here on: mend those above first");
        let last = SourceError { message, ..*next };
        errors.truncate(MAX_ERRORS);
        errors.push(last);
    }
}

/// The byte of `text` where byte `offset` of the string at `span` comes from.
fn inside(text: &str, span: Range<usize>, offset: usize) -> usize {
    let raw = text.get(span.clone()).unwrap_or("");
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| raw.starts_with(quotes));
    let Some(quotes) = quotes else { return span.start };
    let mut at = quotes.len();
    if quotes.len() == 3 {
        // A line break straight after the opening quotes is not part of the string.
        at += ["\r\n", "\n"].iter().find(|end| raw[at..].starts_with(**end)).map_or(0, |e| e.len());
    }
    let escapes = quotes.starts_with('"');
    let mut decoded = 0;
    while decoded < offset {
        let rest = raw.get(at..).unwrap_or("");
        let mut chars = rest.chars();
        match chars.next() {
            None => break,
            Some('\\') if escapes => match chars.next() {
                Some(size @ ('u' | 'U' | 'x')) => {
                    let digits = match size {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    let code =
                        rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                    decoded += code.and_then(char::from_u32).map_or(1, char::len_utf8);
                    at += 2 + digits;
                }
                Some(blank) if blank.is_whitespace() => {
                    // A line that ends in a backslash goes on at the next character.
                    at += 1 + (rest.len() - 1 - rest[1..].trim_start().len());
                }
                _ => {
                    decoded += 1;
                    at += 2;
                }
            },
            Some(c) => {
                decoded += c.len_utf8();
                at += c.len_utf8();
            }
        }
    }
    (span.start + at).min(span.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_inside_strings_survive_quotes_escapes_and_line_breaks() {
        let cases = [
            (r#""abc""#, 2, 'c'),
            (r#"'a"c'"#, 2, 'c'),
            (r#""a\"c""#, 2, 'c'),
            (r#""a\u95e8c""#, 4, 'c'),
            ("\"\"\"\nabc\"\"\"", 2, 'c'),
            ("\"\"\"ab\\\n   c\"\"\"", 2, 'c'),
            ("'''门c'''", 3, 'c'),
        ];
        for (text, offset, expected) in cases {
            let found = inside(text, 0..text.len(), offset);
            let found = text[found..].trim_start_matches(['\\', '\n', ' ']).chars().next();
            assert_eq!(found, Some(expected), "{text}");
        }
        assert_eq!(inside("'ab'", 0..4, 99), 4);
    }
}

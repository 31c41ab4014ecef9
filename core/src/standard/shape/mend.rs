//! Reads a file into structs; where that fails, tells all that is wrong with its keys, and reads
//! the rest as if that stood right, so that whatever else is wrong is told too.

use std::{borrow::Cow, ops::Range};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeArray, DeInteger, DeString, DeTable, DeValue},
};

use super::{Field, Shape, What};
use crate::base::{Lang, SourceError, did_you_mean, parse_toml};

/// A file as far as it could be read, and what is wrong with its keys. The place of whatever was
/// put in for something missing is the end of the text, where nothing written ever stands: an error
/// there is nobody's.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    limit: usize,
    shape: &Shape,
) -> (Option<T>, Vec<SourceError>) {
    let first = match parse_toml(text, limit) {
        Ok(raw) => return (Some(raw), Vec::new()),
        Err(error) => error,
    };
    if text.len() > limit {
        return (None, vec![first]);
    }
    let (mut table, broken) = DeTable::parse_recoverable(text);
    if !broken.is_empty() {
        let place = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        let told = broken.iter().map(|e| SourceError::at(text, place(e), e.message())).collect();
        return (None, told);
    }
    let mut mend = Mend { text, errors: Vec::new() };
    // A table of the file begins where its header stands, the file itself where it begins.
    mend.table(table.get_mut(), 0..0, shape);
    match T::deserialize(toml::Deserializer::from(table)) {
        Ok(raw) if !mend.errors.is_empty() => (Some(raw), mend.errors),
        // What no shape knows of: the first error is better than none.
        _ if mend.errors.is_empty() => (None, vec![first]),
        _ => (None, mend.errors),
    }
}

struct Mend<'a> {
    text: &'a str,
    errors: Vec<SourceError>,
}

impl<'a> Mend<'a> {
    fn error(&mut self, span: Range<usize>, message: String) {
        self.errors.push(SourceError::in_span(self.text, span, message));
    }

    fn end(&self) -> Range<usize> {
        self.text.len()..self.text.len()
    }

    fn table(&mut self, table: &mut DeTable<'a>, place: Range<usize>, shape: &Shape) {
        let names = || shape.fields.iter().map(|field| field.name);
        let unknown = |key: &&Spanned<DeString<'a>>| !names().any(|name| name == key.get_ref());
        let unknown: Vec<_> = table.keys().filter(unknown).cloned().collect();
        for key in unknown {
            let shown: String = key.get_ref().chars().take(40).collect();
            let hint = did_you_mean(&shown, names());
            let hint = match hint.is_empty() {
                true => format!(": write {}", names().collect::<Vec<_>>().join(", ")),
                false => hint,
            };
            self.error(key.span(), format!("unknown key `{shown}`{hint}"));
            table.remove(key.get_ref().as_ref());
        }
        for field in shape.fields {
            match table.get_mut(field.name) {
                Some(value) => self.value(value, field, &field.what),
                None if field.needed => {
                    let message = format!("`{}` is missing: {}", field.name, written(&field.what));
                    self.error(place.clone(), message);
                    let key = Spanned::new(self.end(), Cow::Borrowed(field.name));
                    table.insert(key, self.stand_in(&field.what));
                }
                None => {}
            }
        }
    }

    fn value(&mut self, value: &mut Spanned<DeValue<'a>>, field: &Field, what: &What) {
        let span = value.span();
        match (what, value.get_mut()) {
            (What::Table(shape), DeValue::Table(table)) => self.table(table, span, shape),
            (What::Tables(shape), DeValue::Array(array)) => {
                for (at, entry) in array.iter_mut().enumerate() {
                    let span = entry.span();
                    match entry.get_mut() {
                        DeValue::Table(table) => self.table(table, span, shape),
                        _ => {
                            let (name, place) = (field.name, at + 1);
                            let message =
                                format!("entry {place} of `{name}` is a table: {}", written(what));
                            self.error(span, message);
                            *entry = self.stand_in(&What::Table(shape));
                        }
                    }
                }
            }
            (What::List(inner), DeValue::Array(array)) => {
                for entry in array.iter_mut() {
                    self.value(entry, field, inner);
                }
            }
            (What::Texts, DeValue::Table(table)) => {
                for (_, words) in table.iter_mut() {
                    self.value(words, field, &What::Words);
                }
            }
            (What::Flag | What::Required, DeValue::Boolean(_)) => {}
            (What::Number(..), DeValue::Integer(number)) => {
                // Whether it is within its bounds is told where it is read.
                let digits = i128::from_str_radix(number.as_str(), number.radix()).ok();
                if digits.and_then(|digits| u32::try_from(digits).ok()).is_none() {
                    self.error(span, format!("`{}` is {}", field.name, written(what)));
                    *value = self.stand_in(what);
                }
            }
            (
                What::Words
                | What::Id
                | What::Name(_)
                | What::Day
                | What::Condition
                | What::Required
                | What::Price,
                DeValue::String(_),
            ) => {}
            (What::OneOf(known), DeValue::String(word)) => {
                if !known.iter().any(|name| name == word) {
                    let shown: String = word.chars().take(40).collect();
                    let hint = did_you_mean(&shown, known.iter().copied());
                    let hint = match hint.is_empty() {
                        true => format!(": write {}", known.join(", ")),
                        false => hint,
                    };
                    self.error(span, format!("unknown {} `{shown}`{hint}", field.name));
                    *value = self.stand_in(what);
                }
            }
            _ => {
                let message = format!("`{}` is {}", field.name, written(what));
                self.error(span, message);
                *value = self.stand_in(what);
            }
        }
    }

    /// Something that reads without an error, standing where nothing is written.
    fn stand_in(&self, what: &What) -> Spanned<DeValue<'a>> {
        let words = |words: &'static str| DeValue::String(DeString::Borrowed(words));
        let value = match what {
            What::Words => words("?"),
            What::Id | What::Name(_) => words("x"),
            What::OneOf(known) => words(known.first().copied().unwrap_or("")),
            What::Day => words("2000-01-01"),
            What::Price => words("0"),
            What::Condition => words("true"),
            What::Required | What::Flag => DeValue::Boolean(false),
            What::Number(..) => DeValue::Integer(DeInteger::default()),
            What::Texts => {
                let mut table = DeTable::new();
                for lang in Lang::ALL {
                    let key = Spanned::new(self.end(), DeString::Borrowed(lang.tag()));
                    table.insert(key, Spanned::new(self.end(), words("?")));
                }
                DeValue::Table(table)
            }
            What::List(_) | What::Tables(_) => DeValue::Array(DeArray::new()),
            What::Table(shape) => {
                let mut table = DeTable::new();
                for field in shape.fields.iter().filter(|field| field.needed) {
                    let key = Spanned::new(self.end(), DeString::Borrowed(field.name));
                    table.insert(key, self.stand_in(&field.what));
                }
                DeValue::Table(table)
            }
        };
        Spanned::new(self.end(), value)
    }
}

/// How something of this kind is written.
fn written(what: &What) -> String {
    match what {
        What::Words => "words in quotes".to_owned(),
        What::Id => "an id in quotes: small letters, digits and _, a letter first".to_owned(),
        What::Name(most) => format!("small letters, digits and -, at most {most}, in quotes"),
        What::OneOf(known) => format!("words in quotes, one of {}", known.join(", ")),
        What::Day => "a day in quotes, like \"2026-12-01\"".to_owned(),
        What::Condition => "a condition in quotes, like \"door.open\"".to_owned(),
        What::Required => "true, false, or a condition in quotes".to_owned(),
        What::Flag => "true or false, without quotes".to_owned(),
        What::Number(from, to) => format!("a whole number from {from} to {to}, without quotes"),
        What::Price => "a price in quotes, like \"3.50\"".to_owned(),
        What::Texts => {
            let texts: Vec<_> = Lang::ALL.iter().map(|lang| format!("{lang} = \"…\"")).collect();
            format!("one text per language: {{ {} }}", texts.join(", "))
        }
        What::List(inner) => format!("a list in square brackets, each {}", written(inner)),
        What::Table(_) => "a table: { key = … } or [key] on a line of its own".to_owned(),
        What::Tables(_) => "tables one after another, each begun by [[…]]".to_owned(),
    }
}

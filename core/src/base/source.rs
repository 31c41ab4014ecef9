//! Errors in files that people write, told by line and column.

use std::ops::Range;

use serde::de::DeserializeOwned;

/// What is wrong in a file somebody wrote, and where. Lines and columns count from 1, columns in
/// characters, as editors show them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SourceError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl SourceError {
    /// An error at a byte offset of `text`; an offset beyond the end means the end.
    pub fn at(text: &str, offset: usize, message: impl Into<String>) -> SourceError {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        SourceError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }

    /// An error at the start of a span, as `toml::Spanned` gives it.
    pub fn in_span(text: &str, span: Range<usize>, message: impl Into<String>) -> SourceError {
        SourceError::at(text, span.start, message)
    }
}

/// Reads `text` as TOML into `T`. Refuses more than `limit` bytes before parsing; unknown keys are
/// refused where `T` says `deny_unknown_fields`. Use `toml::Spanned` in `T` for values whose
/// meaning is checked later.
pub fn parse_toml<T: DeserializeOwned>(text: &str, limit: usize) -> Result<T, SourceError> {
    if text.len() > limit {
        let message = format!("the file has {} bytes; at most {limit} are read", text.len());
        return Err(SourceError::at(text, limit, message));
    }
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        SourceError::at(text, offset, error.message())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Door {
        #[allow(dead_code)]
        open: bool,
    }

    #[test]
    fn a_typo_is_told_by_line_and_column() {
        let error = parse_toml::<Door>("# 门\nopen = true\nopne = 1\n", 1000).unwrap_err();
        assert_eq!((error.line, error.column), (3, 1), "{error}");
        let error = parse_toml::<Door>("open = 门", 1000).unwrap_err();
        assert_eq!((error.line, error.column), (1, 8), "{error}");
    }

    #[test]
    fn a_file_over_the_limit_is_not_parsed() {
        let error = parse_toml::<Door>("open = true", 4).unwrap_err();
        assert!(error.message.contains("at most 4"), "{error}");
    }
}

//! What a TOML reader says of a file, in words for who wrote it.

use doorstep::base::{SourceError, did_you_mean};

/// Up to so many names are listed; where there are more, the page that explains them is named.
const LISTED: usize = 16;

/// What was found, and what to write instead.
pub(crate) fn friendlier(mut error: SourceError) -> SourceError {
    if let Some(message) = reworded(&error.message) {
        error.message = message;
    }
    error
}

fn reworded(message: &str) -> Option<String> {
    if message == "duplicate key" {
        return Some("this name stands here a second time: keep one".to_owned());
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return Some(format!("{name} is missing"));
    }
    for (field, what) in [("field", "key"), ("variant", "word")] {
        let Some(rest) = message.strip_prefix(&format!("unknown {field} `")) else { continue };
        let mut names = rest.split('`').step_by(2);
        let (name, known) = (names.next()?, rest.split('`').skip(2).step_by(2));
        let known: Vec<&str> = known.collect();
        let hint = did_you_mean(name, known.iter().copied());
        let hint = match hint.is_empty() {
            false => hint,
            true if known.len() > LISTED => ": docs/scenarios.md has those there are".to_owned(),
            true => format!(": write one of {}", known.join(", ")),
        };
        return Some(format!("unknown {what} `{name}`{hint}"));
    }
    let (found, expected) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?
        .split_once(", expected ")?;
    let write = match expected {
        "a string" => "write it in quotes",
        "a boolean" => "write true or false",
        "a sequence" => "write a list, like [ … ]",
        "a map" => "write a table, like { … }",
        "any valid TOML value" => return Some("nobody means so large a number".to_owned()),
        "i64" | "i32" => "write a whole number",
        "u64" | "u32" | "u8" | "usize" => "write a whole number, not negative",
        table if table.starts_with("struct ") => "write a table, like { … }",
        other => return Some(format!("{found} is not what stands here: {other}")),
    };
    // A date without quotes is a table to the reader.
    let found = match found {
        "map" => "this",
        "sequence" => "a list",
        found => found,
    };
    Some(format!("{found} is not what stands here: {write}"))
}

#[cfg(test)]
mod tests {
    use super::reworded;

    #[test]
    fn what_the_reader_says_becomes_what_to_write() {
        for (said, told) in [
            (
                "invalid type: map, expected a string",
                "this is not what stands here: write it in quotes",
            ),
            (
                "invalid type: floating point `5.0`, expected a string",
                "floating point `5.0` is not what stands here: write it in quotes",
            ),
            (
                "invalid value: integer `-1`, expected u64",
                "integer `-1` is not what stands here: write a whole number, not negative",
            ),
            (
                "invalid type: sequence, expected u64",
                "a list is not what stands here: write a whole number, not negative",
            ),
            ("missing field `start`", "`start` is missing"),
            (
                "unknown variant `fitter`, expected one of `technician`, `dispatcher`, `supervisor`",
                "unknown word `fitter`: write one of technician, dispatcher, supervisor",
            ),
            (
                "unknown field `strat`, expected one of `title`, `start`",
                "unknown key `strat`: did you mean `start`?",
            ),
            ("duplicate key", "this name stands here a second time: keep one"),
        ] {
            assert_eq!(reworded(said).as_deref(), Some(told));
        }
        assert_eq!(reworded("key with no value, expected `=`"), None);
    }
}

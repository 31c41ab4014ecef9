//! Limits on what people type.

use crate::problem::{Problem, ProblemKind};

/// Names, numbers, badges.
pub(super) const SHORT: usize = 200;
/// Reasons and reports.
pub(super) const LONG: usize = 2_000;

/// `text`, if it isn't longer than `max` characters.
pub(super) fn at_most(field: &'static str, text: &str, max: usize) -> Result<(), Problem> {
    let length = text.chars().count();
    if length <= max {
        return Ok(());
    }
    Err(Problem::new(
        ProblemKind::TooLarge,
        "too-long",
        format!("`{field}` has {length} characters; at most {max} are taken"),
        "shorten it and send it again",
    ))
}

/// `text`, if there is any and not too much.
pub(super) fn filled(field: &'static str, text: &str, max: usize) -> Result<(), Problem> {
    if text.trim().is_empty() {
        let message = format!("`{field}` is empty");
        return Err(Problem::bad("empty", message, "fill it in and send it again"));
    }
    at_most(field, text, max)
}

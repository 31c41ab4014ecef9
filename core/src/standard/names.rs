//! Which names can stand in conditions.

/// Whether `name` can identify a step, phase or outcome: a small letter, then small letters,
/// digits and `_`, at most 40 in all. Such names stand in conditions as they are.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && name.len() <= 40
        && !RESERVED.contains(&name)
}

/// Words the condition language keeps for itself.
const RESERVED: [&str; 4] = ["in", "true", "false", "null"];

//! A receipt's text cut into QR codes that any phone reads from narrow paper, and put together again.
//!
//! A short text is one code, as it is. A long one becomes `DS1.2/3.KQ7ZX2MB.` and a part of the
//! letters: which code of how many, and a tag that tells one receipt's codes from another's. The tag
//! keeps honest people from mixing piles; what is signed is only known once the text is whole.

use std::collections::BTreeMap;

use data_encoding::BASE32_NOPAD;

use super::receipt::{MAX_RECEIPT_TEXT, PREFIX, ReceiptProofError};
use crate::base::Hash;

/// The longest code: at three dots a square it is as wide as paper of 58 mm.
const CODE: usize = 1_800;
/// What a code's heading leaves for letters.
const PART: usize = CODE - 24;
/// The most codes that are read for one receipt.
const MAX_CODES: usize = 200;
/// Bytes of the tag: eight letters of base32.
const TAG: usize = 5;

/// The texts of the QR codes that carry `text`, the text of a
/// [`ReceiptProof`](super::ReceiptProof): itself when it is short, else its parts in order. Each has
/// at most 1,800 bytes, which every QR code holds; whitespace between them makes them one text that
/// [`ReceiptProof::parse`](super::ReceiptProof::parse) reads in any order.
pub fn receipt_codes(text: &str) -> Vec<String> {
    if text.len() <= CODE {
        return vec![text.to_owned()];
    }
    let letters = text.strip_prefix(PREFIX).unwrap_or(text);
    let count = letters.len().div_ceil(PART);
    let (size, tag) = (letters.len().div_ceil(count), tag(letters));
    let mut rest = letters;
    let mut parts = Vec::with_capacity(count);
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.ceil_char_boundary(size.min(rest.len())));
        parts.push(part);
        rest = after;
    }
    let of = parts.len();
    let code = |(at, part): (usize, &str)| format!("{PREFIX}{}/{of}.{tag}.{part}", at + 1);
    parts.into_iter().enumerate().map(code).collect()
}

/// The letters after the prefix of a receipt's text, or of its codes in any order.
pub(super) fn letters(text: &str) -> Result<String, ReceiptProofError> {
    if text.len() > MAX_RECEIPT_TEXT {
        return Err(ReceiptProofError::Text);
    }
    let mut found: Option<(&str, &str)> = None;
    let mut parts = BTreeMap::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let word = word.strip_prefix(PREFIX).ok_or(ReceiptProofError::Text)?;
        let Some((place, tagged)) = word.split_once('.') else {
            // A whole text stands alone.
            let alone = found.is_none() && words.peek().is_none();
            return alone.then(|| word.to_owned()).ok_or(ReceiptProofError::Mixed);
        };
        let (at, of) = place.split_once('/').ok_or(ReceiptProofError::Text)?;
        let (tag, part) = tagged.split_once('.').ok_or(ReceiptProofError::Text)?;
        if *found.get_or_insert((of, tag)) != (of, tag) {
            return Err(ReceiptProofError::Mixed);
        }
        if parts.insert(number(at)?, part).is_some_and(|before| before != part) {
            return Err(ReceiptProofError::Mixed);
        }
    }
    let (of, tagged) = found.ok_or(ReceiptProofError::Text)?;
    let of = number(of)?;
    if let Some(missing) = (1..=of).find(|at| !parts.contains_key(at)) {
        return Err(ReceiptProofError::CodeMissing { missing, of });
    }
    let whole: String = parts.range(1..=of).map(|(_, part)| *part).collect();
    if parts.len() != of || tag(&whole) != tagged {
        return Err(ReceiptProofError::Mixed);
    }
    Ok(whole)
}

/// A number as a code has it: no sign, no zeros before it, not too many.
fn number(digits: &str) -> Result<usize, ReceiptProofError> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    let number = digits.parse().ok().filter(|number| plain && *number <= MAX_CODES);
    number.ok_or(ReceiptProofError::Text)
}

fn tag(letters: &str) -> String {
    BASE32_NOPAD.encode(&Hash::of(&[letters.as_bytes()]).as_bytes()[..TAG])
}

#[cfg(test)]
mod tests {
    use super::{super::ReceiptProof, *};

    /// A bill of some forty lines.
    fn long() -> String {
        format!("{PREFIX}{}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(160))
    }

    #[test]
    fn a_short_text_is_one_code_and_a_long_one_comes_together_in_any_order() {
        assert_eq!(receipt_codes("DS1.AAAA"), ["DS1.AAAA"]);
        let mut codes = receipt_codes(&long());
        assert_eq!(codes.len(), 3);
        assert!(codes.iter().all(|code| code.len() <= CODE), "{codes:?}");
        codes.rotate_left(1);
        codes.push(codes[0].clone());
        assert_eq!(letters(&codes.join("\n")).unwrap(), long()[PREFIX.len()..]);
    }

    #[test]
    fn a_code_that_was_not_scanned_is_named() {
        let codes = receipt_codes(&long());
        let error = letters(&format!("{} {}", codes[2], codes[0])).unwrap_err();
        assert_eq!(error, ReceiptProofError::CodeMissing { missing: 2, of: 3 });
    }

    #[test]
    fn codes_of_two_receipts_or_altered_ones_are_not_joined() {
        let (codes, other) = (receipt_codes(&long()), receipt_codes(&long().replace('Q', "P")));
        for mixed in [
            format!("{} {} {}", codes[0], codes[1], other[2]),
            format!("{} {} {} DS1.AAAA", codes[0], codes[1], codes[2]),
            format!("{} {} {}", codes[0].replace("CDE", "CCE"), codes[1], codes[2]),
            format!("{} {}", codes.join(" "), codes[0].replace("CDE", "CCE")),
            format!("{} {}", codes.join(" "), codes[2].replace("3/3", "4/3")),
            format!("DS1.AAAA {}", codes.join(" ")),
        ] {
            assert_eq!(letters(&mixed).unwrap_err(), ReceiptProofError::Mixed);
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", " ", "DS1.1", "DS1.1/2", "DS1.1/2.A", "DS1.x/1.A.B", "DS1.1/999.A.B"] {
            assert_eq!(ReceiptProof::parse(text).unwrap_err(), ReceiptProofError::Text, "{text}");
        }
        for text in ["DS1.0/1.A.B", "DS1.01/1.A.B", "DS1.+1/1.A.B", "DS1.1/0.A.B"] {
            assert_eq!(letters(text).unwrap_err(), ReceiptProofError::Text, "{text}");
        }
    }

    #[test]
    fn any_text_is_cut_into_codes_that_can_be_drawn() {
        let codes = receipt_codes(&"陈".repeat(9_000));
        assert!(codes.iter().all(|code| code.len() <= CODE), "{codes:?}");
    }
}

//! Receipt numbers: which series, and the how-manyeth of it.
//!
//! A number says nothing about what was sold. The label is cut from the series' id, so that two
//! series a customer could hold receipts of are told apart by eye; it is no proof of anything:
//! that is the signature's business.

use std::{fmt, str::FromStr};

use crate::base::Id;

/// Crockford's base 32: no I, L, O or U, so that a number can be read out on the phone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LABEL_BITS: u32 = 40;
const COUNTER_WIDTH: usize = 6;

/// The first 40 bits of a receipt series' id, shown like `7KQ2-M4XD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesLabel(u64);

/// The number on a receipt, like `7KQ2-M4XD-000001`. The counter is at least 1 and grows beyond
/// six digits when it has to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptNumber {
    label: SeriesLabel,
    counter: u64,
}

/// A text that is not a receipt number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a receipt number: it looks like 7KQ2-M4XD-000001")]
pub struct NumberError(String);

impl SeriesLabel {
    /// The label of a series.
    pub fn of(series: Id) -> SeriesLabel {
        let bits = series.as_bytes()[..LABEL_BITS as usize / 8]
            .iter()
            .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        SeriesLabel(bits)
    }

    /// Whether the label is this series'. Other series can share it.
    pub fn fits(self, series: Id) -> bool {
        SeriesLabel::of(series) == self
    }
}

impl ReceiptNumber {
    /// The `counter`th receipt of a series; `None` for 0, because receipts count from 1.
    pub fn new(series: Id, counter: u64) -> Option<ReceiptNumber> {
        (counter > 0).then(|| ReceiptNumber { label: SeriesLabel::of(series), counter })
    }

    /// Which series.
    pub fn label(self) -> SeriesLabel {
        self.label
    }

    /// The how-manyeth receipt of the series, from 1.
    pub fn counter(self) -> u64 {
        self.counter
    }
}

impl fmt::Display for SeriesLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..LABEL_BITS / 5).rev() {
            let digit = ALPHABET[(self.0 >> (5 * place) & 31) as usize];
            write!(f, "{}", char::from(digit))?;
            if place == 4 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:0COUNTER_WIDTH$}", self.label, self.counter)
    }
}

impl FromStr for ReceiptNumber {
    type Err = NumberError;

    /// Reads a number as people write it down: small letters, and I, L, O where 1, 1, 0 were meant.
    fn from_str(text: &str) -> Result<ReceiptNumber, NumberError> {
        read(text).ok_or_else(|| NumberError(text.chars().take(40).collect()))
    }
}

fn read(text: &str) -> Option<ReceiptNumber> {
    let mut parts = text.split('-');
    let (first, second, counter) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || first.len() != 4 || second.len() != 4 {
        return None;
    }
    if counter.len() < COUNTER_WIDTH || !digits(counter) {
        return None;
    }
    let mut label = 0;
    for byte in first.bytes().chain(second.bytes()) {
        let meant = match byte.to_ascii_uppercase() {
            b'I' | b'L' => b'1',
            b'O' => b'0',
            other => other,
        };
        let value = ALPHABET.iter().position(|digit| *digit == meant)?;
        label = label << 5 | value as u64;
    }
    let counter: u64 = counter.parse().ok()?;
    (counter > 0).then_some(ReceiptNumber { label: SeriesLabel(label), counter })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series() -> Id {
        "0123456789abcdef0000000000000000".parse().unwrap()
    }

    #[test]
    fn a_number_is_label_and_counter() {
        let number = ReceiptNumber::new(series(), 1).unwrap();
        assert_eq!(number.to_string(), "04HM-ASW9-000001");
        assert_eq!(
            ReceiptNumber::new(series(), 1_234_567).unwrap().to_string(),
            "04HM-ASW9-1234567"
        );
        assert_eq!(ReceiptNumber::new(series(), 0), None);
        assert!(number.label().fits(series()));
        assert!(!number.label().fits(Id::new([9; 16])));
    }

    #[test]
    fn a_number_reads_back_as_people_write_it() {
        for counter in [1, 417, 999_999, 1_000_000, u64::MAX] {
            let number = ReceiptNumber::new(series(), counter).unwrap();
            assert_eq!(number.to_string().parse::<ReceiptNumber>().unwrap(), number);
        }
        let meant = ReceiptNumber::new(series(), 1).unwrap();
        assert_eq!("o4hm-asw9-000001".parse::<ReceiptNumber>().unwrap(), meant);
    }

    #[test]
    fn what_is_not_a_number_is_refused_in_words() {
        for text in [
            "",
            "04HM-ASW9",
            "04HM-ASW9-1",
            "04HM-ASW9-000000",
            "04HM-ASWU-000001",
            "04HM-ASW9-00000１",
            "04HM-ASW9-+00001",
            "04HM-ASW9-000001-1",
            "04é-ASW9-000001",
            "04HM-ASW9-99999999999999999999999",
        ] {
            let error = text.parse::<ReceiptNumber>().unwrap_err();
            assert!(error.to_string().contains("looks like"), "{text}");
        }
    }
}

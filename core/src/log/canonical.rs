//! Checks that bytes are one item of deterministic CBOR (RFC 8949 §4.2.1), before anything else
//! looks at them. What passes has one meaning, so hash and meaning cannot part.
//!
//! Doorstep uses a narrow part of CBOR: no floats, no tags, no indefinite lengths, map keys that
//! are unsigned integers in rising order.

/// Nesting that is still read.
const MAX_DEPTH: usize = 16;

/// Why bytes are not deterministic CBOR as Doorstep uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// The item ends before it should.
    #[error("the bytes end in the middle of an item at offset {0}")]
    Torn(usize),
    /// More bytes follow the item.
    #[error("bytes follow the item at offset {0}")]
    Trailing(usize),
    /// A number or length written longer than needed.
    #[error("a number at offset {0} is not in its shortest form")]
    NotShortest(usize),
    /// Floats, tags, indefinite lengths, undefined and reserved values.
    #[error("an item at offset {0} is of a kind this format does not use")]
    Kind(usize),
    /// Keys out of order, repeated, or not unsigned integers.
    #[error("the map key at offset {0} is repeated, out of order or not an unsigned integer")]
    Key(usize),
    /// A text that is not UTF-8.
    #[error("the text at offset {0} is not UTF-8")]
    Utf8(usize),
    /// Nested too deep.
    #[error("items are nested deeper than {MAX_DEPTH} levels at offset {0}")]
    Deep(usize),
}

/// Checks that `bytes` hold exactly one deterministic item.
pub fn check_canonical(bytes: &[u8]) -> Result<(), CanonicalError> {
    let mut walker = Walker { bytes, at: 0 };
    walker.item(0)?;
    if walker.at == bytes.len() { Ok(()) } else { Err(CanonicalError::Trailing(walker.at)) }
}

struct Walker<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walker<'a> {
    fn item(&mut self, depth: usize) -> Result<(), CanonicalError> {
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(CanonicalError::Deep(start));
        }
        let (major, value) = self.head()?;
        match major {
            0 | 1 => {}
            2 => {
                self.take(value)?;
            }
            3 => {
                std::str::from_utf8(self.take(value)?).map_err(|_| CanonicalError::Utf8(start))?;
            }
            4 => {
                for _ in 0..value {
                    self.item(depth + 1)?;
                }
            }
            5 => {
                let mut previous = None;
                for _ in 0..value {
                    let key_at = self.at;
                    let (major, key) = self.head()?;
                    if major != 0 || previous.is_some_and(|previous| previous >= key) {
                        return Err(CanonicalError::Key(key_at));
                    }
                    previous = Some(key);
                    self.item(depth + 1)?;
                }
            }
            // false, true and null.
            7 if (20..=22).contains(&value) => {}
            _ => return Err(CanonicalError::Kind(start)),
        }
        Ok(())
    }

    /// Reads major type and argument.
    fn head(&mut self) -> Result<(u8, u64), CanonicalError> {
        let start = self.at;
        let first = self.take(1)?[0];
        let (major, short) = (first >> 5, first & 0x1f);
        let width = match short {
            0..=23 => return Ok((major, u64::from(short))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(CanonicalError::Kind(start)),
        };
        if major == 7 {
            return Err(CanonicalError::Kind(start));
        }
        let value = self.take(width)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let least = if width == 1 { 24 } else { 1 << (4 * width) };
        if value < least { Err(CanonicalError::NotShortest(start)) } else { Ok((major, value)) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CanonicalError> {
        let torn = CanonicalError::Torn(self.at);
        let length = usize::try_from(length).map_err(|_| torn)?;
        let end = self.at.checked_add(length).ok_or(torn)?;
        let taken = self.bytes.get(self.at..end).ok_or(torn)?;
        self.at = end;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_our_encoder_writes_passes() {
        let mut buffer = Vec::new();
        minicbor::Encoder::new(&mut buffer)
            .map(3)
            .unwrap()
            .u8(0)
            .unwrap()
            .str("鞋套")
            .unwrap()
            .u8(24)
            .unwrap()
            .array(2)
            .unwrap()
            .i64(-70_000)
            .unwrap()
            .null()
            .unwrap()
            .u16(300)
            .unwrap()
            .bytes(&[1; 300])
            .unwrap();
        assert_eq!(check_canonical(&buffer), Ok(()));
    }

    #[test]
    fn every_second_way_to_write_the_same_is_refused() {
        use CanonicalError::*;
        let cases: [(&[u8], CanonicalError); 12] = [
            (&[0x18, 0x05], NotShortest(0)),
            (&[0x19, 0x00, 0xff], NotShortest(0)),
            (&[0x1a, 0, 0, 0xff, 0xff], NotShortest(0)),
            (&[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], NotShortest(0)),
            (&[0xa2, 0x01, 0x00, 0x00, 0x00], Key(3)),
            (&[0xa2, 0x01, 0x00, 0x01, 0x00], Key(3)),
            (&[0xa1, 0x61, 0x61, 0x00], Key(1)),
            (&[0x9f, 0xff], Kind(0)),
            (&[0xf9, 0x3c, 0x00], Kind(0)),
            (&[0xc0, 0x00], Kind(0)),
            (&[0x61, 0xff], Utf8(0)),
            (&[0x00, 0x00], Trailing(1)),
        ];
        for (bytes, error) in cases {
            assert_eq!(check_canonical(bytes), Err(error), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_or_a_thousand_brackets_end_in_an_error() {
        assert_eq!(
            check_canonical(&[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            Err(CanonicalError::Torn(9))
        );
        assert!(matches!(check_canonical(&[0x81; 1000]), Err(CanonicalError::Deep(_))));
        assert_eq!(check_canonical(&[]), Err(CanonicalError::Torn(0)));
    }
}

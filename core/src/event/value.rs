//! What a step can hold.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Decimal, Hash, Personal};

/// The value of a step, by the step's kind. CBOR: `[variant, fields…]`; JSON: `"done"`,
/// `{"count": 3}`, `{"presses": [2000]}`, `{"number": "2.08"}`, …
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(flat)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Done.
    #[n(0)]
    Done,
    /// So many raps.
    #[n(1)]
    Count(#[n(0)] i64),
    /// Doorbell presses, each in milliseconds.
    #[n(2)]
    Presses(#[n(0)] Vec<i64>),
    /// One choice, by its id.
    #[n(3)]
    Choice(#[n(0)] String),
    /// Several choices.
    #[n(4)]
    Many(#[n(0)] Vec<String>),
    /// A measured number in the step's unit.
    #[n(5)]
    Number(#[n(0)] Decimal),
    /// A picture, by the hash of its stored bytes.
    #[n(6)]
    Photo(#[n(0)] Hash),
    /// A code that was scanned.
    #[n(7)]
    Scan(#[n(0)] String),
    /// Answers of a table, by item id. CBOR: `[[item, answer], …]`, rising, since map keys on the
    /// wire are integers.
    #[n(8)]
    Checklist(#[cbor(n(0), with = "pairs")] BTreeMap<String, ItemAnswer>),
    /// Free text was written: it stands in the event's private part.
    #[n(9)]
    Written,
}

/// A checklist's answers as pairs; unsorted or repeated items are refused, so that there is one
/// way to write them.
mod pairs {
    use std::collections::BTreeMap;

    use minicbor::{Decoder, Encoder, decode::Error as Unread, encode::Error, encode::Write};

    use super::ItemAnswer;

    pub(super) fn encode<C, W: Write>(
        answers: &BTreeMap<String, ItemAnswer>,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), Error<W::Error>> {
        e.array(answers.len() as u64)?;
        for pair in answers {
            e.encode_with(pair, ctx)?;
        }
        Ok(())
    }

    pub(super) fn decode<C>(
        d: &mut Decoder<'_>,
        ctx: &mut C,
    ) -> Result<BTreeMap<String, ItemAnswer>, Unread> {
        let pairs: Vec<(String, ItemAnswer)> = d.decode_with(ctx)?;
        if !pairs.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err(Unread::message("checklist items are repeated or out of order"));
        }
        Ok(pairs.into_iter().collect())
    }
}

/// The answer to one item of a checklist: never a bare yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ItemAnswer {
    /// In order.
    #[n(0)]
    Pass,
    /// A hazard.
    #[n(1)]
    Hazard,
    /// Nothing there to check.
    #[n(2)]
    NotApplicable,
    /// There, but could not be checked.
    #[n(3)]
    NotCheckable,
}

/// A step's value together with what may be personal in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The value.
    pub value: Value,
    /// The text, where the value is [`Value::Written`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal>,
    /// A remark beside any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal>,
}

impl From<Value> for Answer {
    fn from(value: Value) -> Answer {
        Answer { value, text: None, note: None }
    }
}

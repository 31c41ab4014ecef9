//! The gas bottles that a customer holds, in words.

use serde::Serialize;

use super::words::when;
use crate::{
    base::{Instant, Lang, Text3, Zone},
    text::tr,
};

/// What a customer holds of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBottles {
    /// The size's id.
    pub size: String,
    /// What people call it.
    pub name: Text3,
    /// How many.
    pub held: u64,
    /// The codes that are known of them, the earliest first, each with when it came.
    pub codes: Vec<(String, Instant)>,
}

/// One size of bottle at the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BottleLine {
    /// The size's id.
    pub size: String,
    /// How many the customer holds.
    pub held: i64,
    /// Size and number in words.
    pub text: String,
    /// Each that is known by its code, with when it came, in words.
    pub codes: Vec<String>,
}

impl HeldBottles {
    pub(super) fn line(&self, zone: Zone, lang: Lang) -> BottleLine {
        let name = self.name.get(lang);
        let args = [("size", name.into()), ("held", self.held.to_string().into())];
        let code = |(code, at): &(String, Instant)| {
            let args = [("code", code.as_str().into()), ("when", when(*at, zone, None).into())];
            tr(lang, "visit-bottle", &args)
        };
        BottleLine {
            size: self.size.clone(),
            held: i64::try_from(self.held).unwrap_or(i64::MAX),
            text: tr(lang, "visit-bottles", &args),
            codes: self.codes.iter().map(code).collect(),
        }
    }
}

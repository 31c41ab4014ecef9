//! The sizes of gas bottles that the company lends: which codes are on them, and what they are called.
//!
//! A bottle is counted by its code. A code that begins like none of these is another company's bottle, or
//! the customer's own: nobody counts it.

use serde::Deserialize;

use crate::{
    base::Text3,
    standard::{RawText, Report, Seen, Str},
};

/// The longest beginning of a code, in bytes.
const LONGEST: usize = 32;

/// One size of bottle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BottleSize {
    /// Its id: what balances and items of the list call it.
    pub size: String,
    /// What people call it.
    pub name: Text3,
    /// How codes of this size begin.
    pub codes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawBottle {
    pub(super) size: Str,
    pub(super) name: RawText,
    pub(super) codes: Vec<Str>,
}

impl RawBottle {
    /// Its id, as written.
    pub(super) fn size(&self) -> &str {
        self.size.get_ref()
    }
}

/// The size of the bottle with this code: where several fit, the one that says most of the code.
pub(super) fn size_of<'a>(sizes: &'a [BottleSize], code: &str) -> Option<&'a BottleSize> {
    let fits = |size: &&'a BottleSize| {
        let begins = size.codes.iter().filter(|begin| code.starts_with(begin.as_str()));
        begins.map(String::len).max().unwrap_or(0)
    };
    sizes.iter().max_by_key(fits).filter(|size| fits(size) > 0)
}

/// Reads the sizes; their ids are checked by the caller.
pub(super) fn sizes(report: &mut Report<'_>, raw: &[RawBottle]) -> Vec<BottleSize> {
    let (mut ids, mut begins) = (Seen::new(), Seen::new());
    for bottle in raw {
        report.unique(&mut ids, &bottle.size, "size");
        if bottle.codes.is_empty() {
            report.error(bottle.size.span(), "say how codes of this size begin");
        }
        for code in &bottle.codes {
            let text = code.get_ref();
            if text.is_empty() || text.len() > LONGEST {
                let message = format!("a code begins with 1 to {LONGEST} characters");
                report.error(code.span(), message);
            }
            report.unique(&mut begins, code, "beginning of a code");
        }
    }
    raw.iter()
        .map(|bottle| BottleSize {
            size: bottle.size.get_ref().clone(),
            name: report.text3(&bottle.name),
            codes: bottle.codes.iter().map(|code| code.get_ref().clone()).collect(),
        })
        .collect()
}

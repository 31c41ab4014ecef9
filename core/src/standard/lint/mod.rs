//! What an author is told of a standard: what is wrong with it, and what can't have been meant.
//!
//! A file that loads can still say nothing sensible: a step that is never there, a limit no answer
//! keeps, two gates that can't both be passed. Conditions are not proved but tried, on every value
//! that can make a difference to them; where that would be too many, nothing is said.

mod notice;
mod search;
mod values;

use std::collections::BTreeSet;

use self::search::{Says, Search};
use super::{Condition, Kind, Standard, load};
use crate::base::SourceError;

/// How grave a remark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file can't be used like this.
    Error,
    /// It can, and is worth a second look.
    Warning,
}

/// One thing an author is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How grave it is.
    pub severity: Severity,
    /// Which kind of remark: a short name that stays.
    pub code: &'static str,
    /// Where, and what to do.
    pub place: SourceError,
}

/// A standard after it was looked through.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The standard, unless something in it is an error.
    pub standard: Option<Standard>,
    /// What was found, in the order of the file.
    pub remarks: Vec<Remark>,
}

impl Checked {
    /// Whether something found is an error.
    pub fn is_refused(&self) -> bool {
        self.remarks.iter().any(|remark| remark.severity == Severity::Error)
    }
}

/// Looks through a standard: everything [`Standard::load`] refuses, and everything in it that can
/// never do what it says. Takes longer than loading; for whoever writes or publishes it.
pub fn check(text: &str) -> Checked {
    let (raw, read) = load::read(text);
    let mut remarks = Vec::new();
    if let (Some(raw), Some(standard)) = (&raw, &read.standard) {
        remarks = notice::look(text, raw, standard);
    }
    let (errors, warnings) = read.report.all();
    let told = |severity, code| move |place| Remark { severity, code, place };
    remarks.extend(errors.into_iter().map(told(Severity::Error, "load")));
    remarks.extend(warnings.into_iter().map(told(Severity::Warning, "no-source")));
    remarks.sort_by_key(|remark| (remark.place.line, remark.place.column, remark.severity));
    remarks.dedup();
    let mut checked = Checked { standard: None, remarks };
    if !checked.is_refused() {
        checked.standard = read.standard;
    }
    checked
}

/// How a limit compares with the one it replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitChange {
    /// Every answer is judged alike.
    Same,
    /// Some answers that kept the old one break the new one, and none the other way round.
    Tighter,
    /// Some answers that broke the old one keep the new one, and none the other way round.
    Looser,
    /// Neither, or it can't be told.
    Other,
}

/// Compares the constraint of a step of this kind with the one it replaced. Both may ask about
/// steps of `standard`.
pub fn compare_limits(
    old: &Condition,
    new: &Condition,
    standard: &Standard,
    kind: &Kind,
) -> LimitChange {
    let mut search = Search::new(standard);
    let mut never = |keeps, breaks| {
        let says = [Says::Yes(keeps), Says::No(breaks)];
        search.impossible(&says, &BTreeSet::new(), Some(kind))
    };
    match (never(new, old), never(old, new)) {
        (true, true) => LimitChange::Same,
        (true, false) => LimitChange::Tighter,
        (false, true) => LimitChange::Looser,
        (false, false) => LimitChange::Other,
    }
}

#[cfg(test)]
mod tests;

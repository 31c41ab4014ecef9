//! The types a condition is checked with before it ever runs.

use std::fmt;

/// What kind of value an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::standard) enum Type {
    Flag,
    Int,
    Decimal,
    /// Free words.
    Text,
    /// One of these ids.
    Choice(Vec<String>),
    List(Box<Type>),
    /// A checklist: these items, each answered by one of these ids.
    Items(Vec<String>, Vec<String>),
    Null,
}

impl Type {
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Decimal)
    }

    /// Whether it is measured, or a list of what is.
    pub(super) fn measured(&self) -> bool {
        match self {
            Type::List(of) => of.measured(),
            kind => *kind == Type::Decimal,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Type::Text | Type::Choice(_))
    }

    /// Whether `==` between the two can ever be true.
    pub(super) fn comparable(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Null, _) | (_, Type::Null) => true,
            (Type::List(a), Type::List(b)) => a.comparable(b),
            (a, b) if a.is_number() => b.is_number(),
            (a, b) if a.is_text() => b.is_text(),
            (a, b) => a == b,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Flag => "yes or no",
            Type::Int => "a whole number",
            Type::Decimal => "a number",
            Type::Text => "text",
            Type::Choice(_) => "a choice",
            Type::List(_) => "a list",
            Type::Items(..) => "a checklist",
            Type::Null => "null",
        })
    }
}

//! One side of a conflict: who did what, when, with which values. A verdict carries sides where
//! the facts stand outside its order; a fold makes them from the order's own events.
//!
//! Personal data never stand in a side: a value names the private part of its event instead.

use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::{
    base::{Hash, Id, Instant, Money},
    log::Class,
};

/// One side of a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct Side {
    /// The person; all zeros for the server itself.
    #[n(0)]
    pub actor: Id,
    /// `cancelled`, `finished`, `visited`, …: the key of its words.
    #[n(1)]
    pub what: String,
    /// When, corrected.
    #[n(2)]
    pub at: Instant,
    /// The event, here or in another subject; of a fact that is no event, a hash that names it.
    #[n(3)]
    pub event: Hash,
    /// The visit, if it is one of this order.
    #[n(4)]
    pub visit: Option<Id>,
    /// What was charged in it.
    #[n(5)]
    pub charged: Option<Money>,
    /// How it ended, or the office's reason; no personal data.
    #[n(6)]
    pub detail: Option<String>,
    /// Further values, by the names that its words use.
    #[n(7)]
    #[cbor(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<SideValue>,
}

/// A value of a side: one of what it can be.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct SideValue {
    /// The name its words use.
    #[n(0)]
    pub name: String,
    /// Words or a number; no personal data.
    #[n(1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Money.
    #[n(2)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
    /// A time.
    #[n(3)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Instant>,
    /// A person.
    #[n(4)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Id>,
    /// It stands in the private part of the side's event, under this class: only who holds the
    /// key reads it.
    #[n(5)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private: Option<Class>,
}

impl Side {
    /// A side without visit, charges or values.
    pub fn new(actor: Id, what: &str, at: Instant, event: Hash) -> Side {
        let what = what.to_owned();
        Side {
            actor,
            what,
            at,
            event,
            visit: None,
            charged: None,
            detail: None,
            values: Vec::new(),
        }
    }

    /// With one more value.
    #[must_use]
    pub fn with(mut self, value: SideValue) -> Side {
        self.values.push(value);
        self
    }
}

impl SideValue {
    fn empty(name: &str) -> SideValue {
        let name = name.to_owned();
        SideValue { name, text: None, money: None, at: None, person: None, private: None }
    }

    /// Words or a number; no personal data.
    pub fn text(name: &str, text: impl Into<String>) -> SideValue {
        SideValue { text: Some(text.into()), ..SideValue::empty(name) }
    }

    /// Money.
    pub fn money(name: &str, money: Money) -> SideValue {
        SideValue { money: Some(money), ..SideValue::empty(name) }
    }

    /// A time.
    pub fn at(name: &str, at: Instant) -> SideValue {
        SideValue { at: Some(at), ..SideValue::empty(name) }
    }

    /// A person.
    pub fn person(name: &str, person: Id) -> SideValue {
        SideValue { person: Some(person), ..SideValue::empty(name) }
    }

    /// What stands in the private part of the side's event.
    pub fn private(name: &str, class: Class) -> SideValue {
        SideValue { private: Some(class), ..SideValue::empty(name) }
    }
}

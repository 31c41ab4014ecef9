//! What a condition can see of a visit.

use std::{collections::BTreeMap, fmt};

use super::types::Type;
use crate::base::Decimal;

/// An answer in the form conditions read it. Its Debug shows no content: answers may be personal.
#[derive(Clone, PartialEq)]
pub enum FactValue {
    /// Yes or no.
    Flag(bool),
    /// A count, money in minor units, or milliseconds.
    Int(i64),
    /// A measured number.
    Decimal(Decimal),
    /// A choice's id, or words.
    Text(String),
    /// Several answers to one step: ids, or milliseconds of presses.
    List(Vec<FactValue>),
    /// A checklist: item id to answer id.
    Items(BTreeMap<String, String>),
}

impl fmt::Debug for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactValue")
    }
}

/// How old one kind of thing may be at the visit: `age.<item>`. What no profile speaks of passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgeLimit {
    /// The month it was made in that just passes, like 202403; 0: any.
    pub oldest: i64,
    /// Whether one whose date nobody can read is a hazard.
    pub unknown_is_hazard: bool,
}

/// What is known of one step of a visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepFacts {
    /// The latest answer; absent for steps not done.
    pub value: Option<FactValue>,
    /// What the wall clock said at the latest answer, in milliseconds.
    pub at: i64,
    /// How often the step was done; 0 when it was not.
    pub times: i64,
    /// Place of the latest answer in the order of recording, which no clock can disturb.
    pub seq: i64,
    /// Whether the latest answer keeps the step's limit now, after all that was answered and
    /// corrected since.
    pub holds: bool,
}

macro_rules! world {
    ($($(#[$doc:meta])* $variant:ident $field:ident $name:literal $kind:ident $rust:ty,)*) => {
        /// One fact about the world that conditions may name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fact {
            $($(#[$doc])* $variant,)*
        }

        impl Fact {
            /// Every fact, in the order of the documentation.
            pub const ALL: &[Fact] = &[$(Fact::$variant,)*];

            /// The name conditions use, like `premises.floor`.
            pub const fn name(self) -> &'static str {
                match self { $(Fact::$variant => $name,)* }
            }

            pub(super) fn kind(self) -> Type {
                match self { $(Fact::$variant => Type::$kind,)* }
            }
        }

        /// The world around a visit, as far as conditions may ask about it.
        #[derive(Clone, PartialEq, Default)]
        pub struct World {
            $($(#[$doc])* pub $field: Option<$rust>,)*
            /// How old things may be, by what conditions call them.
            pub ages: BTreeMap<String, AgeLimit>,
        }

        impl World {
            /// What is known of `fact`.
            pub fn get(&self, fact: Fact) -> Option<FactValue> {
                match fact { $(Fact::$variant => self.$field.clone().map(FactValue::from),)* }
            }

            /// Sets what is known of `fact`; a value of another kind is not known.
            pub(in crate::standard) fn set(&mut self, fact: Fact, value: Option<FactValue>) {
                match fact {
                    $(Fact::$variant => {
                        self.$field = value.and_then(|value| <$rust>::try_from(value).ok());
                    })*
                }
            }
        }
    };
}

world! {
    /// Whether the home is being renovated.
    UnderRenovation under_renovation "premises.under_renovation" Flag bool,
    /// Whether somebody there needs special service (the need is kept, not its cause).
    SpecialNeeds special_needs "premises.special_needs" Flag bool,
    /// The floor; below ground is negative.
    Floor floor "premises.floor" Int i64,
    /// The building, as the district calls it.
    Building building "premises.building" Text String,
    /// Whose premises: `resident`, `commercial`, `industrial`.
    User user "premises.user" Text String,
    /// Whether it rains at the door.
    Raining raining "weather.raining" Flag bool,
    /// The kind of work order, like `repair`.
    OrderKind order_kind "order.kind" Text String,
    /// Whether the order is an emergency.
    Emergency emergency "order.emergency" Flag bool,
    /// How many visits to this order met nobody before.
    Attempts attempts "order.attempts" Int i64,
    /// Whether an earlier attempt was in this part of the day, by the region's profile.
    SameDaypart same_daypart "order.same_daypart" Flag bool,
    /// Whether the last attempt was too short a time ago, by the region's profile.
    TooSoon too_soon "order.too_soon" Flag bool,
    /// Whether the visit began after the last attempt, when the order was the office's.
    Beyond beyond "order.beyond_attempts" Flag bool,
    /// Whether the visit began after the time agreed with the customer.
    Late late "order.late" Flag bool,
    /// What was charged so far, paid or not, in minor units.
    Due due "money.due" Int i64,
    /// What was paid so far, in minor units.
    Paid paid "money.paid" Int i64,
    /// How much of it was cash.
    Cash cash "money.cash" Int i64,
    /// Whether an adult is there.
    AdultPresent adult_present "people.adult_present" Flag bool,
    /// Whether the technician lacks a certificate that such a visit needs.
    Unqualified unqualified "people.unqualified" Flag bool,
    /// Whether the door was opened.
    DoorOpen door_open "door.open" Flag bool,
}

impl Fact {
    /// The fact with this name.
    pub fn named(name: &str) -> Option<Fact> {
        Fact::ALL.iter().copied().find(|fact| fact.name() == name)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

/// Everything one evaluation sees.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Premises, weather, order, money, people, door. A yes-or-no fact nobody told is taken as
    /// no, a number as 0; an unknown text is an answer not given.
    pub world: World,
    /// Steps by id. A step that is not there was not done.
    pub steps: BTreeMap<String, StepFacts>,
    /// The answer just given; only a step's own constraint sees it.
    pub value: Option<FactValue>,
    /// The answer to the same step at the last visit.
    pub previous: Option<FactValue>,
}

impl From<bool> for FactValue {
    fn from(value: bool) -> FactValue {
        FactValue::Flag(value)
    }
}

impl From<i64> for FactValue {
    fn from(value: i64) -> FactValue {
        FactValue::Int(value)
    }
}

impl From<String> for FactValue {
    fn from(value: String) -> FactValue {
        FactValue::Text(value)
    }
}

impl From<&str> for FactValue {
    fn from(value: &str) -> FactValue {
        FactValue::Text(value.to_owned())
    }
}

impl TryFrom<FactValue> for bool {
    type Error = ();

    fn try_from(value: FactValue) -> Result<bool, ()> {
        if let FactValue::Flag(flag) = value { Ok(flag) } else { Err(()) }
    }
}

impl TryFrom<FactValue> for i64 {
    type Error = ();

    fn try_from(value: FactValue) -> Result<i64, ()> {
        if let FactValue::Int(int) = value { Ok(int) } else { Err(()) }
    }
}

impl TryFrom<FactValue> for String {
    type Error = ();

    fn try_from(value: FactValue) -> Result<String, ()> {
        if let FactValue::Text(text) = value { Ok(text) } else { Err(()) }
    }
}

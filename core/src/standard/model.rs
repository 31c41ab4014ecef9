//! A loaded standard. Everything in it was checked: ids are unique, texts are there in three
//! languages, conditions name only what exists.

use chrono::NaiveDate;

use super::{
    Condition,
    condition::{Name, Type},
};
use crate::{
    base::{Hash, Lang, SourceError, Text3},
    event::{OrderAfter, VisitKind},
};

/// The largest count that can be meant.
pub const MAX_COUNT: i64 = 1_000;

/// The most presses of one answer.
pub const MAX_PRESSES: usize = 100;

/// The longest press that can be meant, in milliseconds.
pub const MAX_PRESS_MS: i64 = 600_000;

/// The longest scanned code, in characters.
pub const MAX_SCAN: usize = 200;

/// The way of working for one kind of visit, in one version.
#[derive(Debug, Clone)]
pub struct Standard {
    pub(super) id: String,
    pub(super) version: u32,
    pub(super) visit: VisitKind,
    pub(super) title: Text3,
    pub(super) languages: Vec<Lang>,
    pub(super) mandatory_from: NaiveDate,
    pub(super) kit: Vec<KitItem>,
    pub(super) phases: Vec<Phase>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) fingerprint: Hash,
    pub(super) warnings: Vec<SourceError>,
}

/// What sort of thing is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KitKind {
    /// Used, and brought back.
    Tool,
    /// Stays at the customer's.
    Part,
    /// Forms, notices, leaflets.
    Paper,
}

/// One thing to carry for visits of a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitItem {
    /// Its id: the same in two standards is the same thing.
    pub id: String,
    /// What sort.
    pub kind: KitKind,
    /// What people call it.
    pub title: Text3,
    /// One for every order, not one for the day.
    pub each: bool,
    /// Where this is written.
    pub source: String,
}

/// A part of a visit. Phases come one after another.
#[derive(Debug, Clone)]
pub struct Phase {
    /// What conditions and outcomes call it.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// Whether its steps may be done in any order.
    pub any_order: bool,
    /// Its steps, in their order.
    pub steps: Vec<Step>,
}

/// One line of a standard.
#[derive(Debug, Clone)]
pub struct Step {
    /// Unique within the standard.
    pub id: String,
    /// What is answered, with its choices and bounds.
    pub kind: Kind,
    /// What people call it.
    pub title: Text3,
    /// Words the technician may say.
    pub say: Option<Text3>,
    /// What to look at while doing it.
    pub hint: Option<Text3>,
    /// When the step is shown at all; always, if absent.
    pub relevant: Option<Condition>,
    /// When the visit lacks something without it.
    pub required: Required,
    /// What an answer must satisfy.
    pub constraint: Option<Condition>,
    /// What the technician reads when it doesn't. There wherever `constraint` is.
    pub message: Option<Text3>,
    /// How often, and how soon again.
    pub repeat: Option<Repeat>,
    /// What happens to an answer that breaks a rule of this step.
    pub on_break: OnBreak,
    /// The answer of the day's first visit holds at the doors after it, where they are gone to fast.
    pub once_a_day: bool,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

/// Whether a step must be done.
#[derive(Debug, Clone)]
pub enum Required {
    /// It may be left out.
    No,
    /// It belongs to every visit it is relevant to.
    Yes,
    /// It depends.
    When(Condition),
}

/// Limits on doing a step again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// How often at most.
    pub at_most: Option<u32>,
    /// Seconds that pass at least before it is done again.
    pub at_least_seconds_between: Option<u32>,
    /// Where this limit comes from, when not from the step's own source.
    pub source: Option<String>,
}

/// What breaking a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnBreak {
    /// The answer is kept, with a finding; work goes on.
    #[default]
    Record,
    /// The answer is refused.
    Stop,
}

/// One answer a person can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What conditions call it.
    pub id: String,
    /// What people call it.
    pub title: Text3,
}

/// What a step asks for.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Done, at a time.
    Done,
    /// A whole number of something, like raps.
    Count,
    /// Presses of a button, each with its length in milliseconds.
    Presses,
    /// One of several.
    Choice(Vec<Choice>),
    /// Some of several.
    Many(Vec<Choice>),
    /// Words.
    Text {
        /// Characters at most.
        max_length: u32,
    },
    /// A measurement.
    Number {
        /// Its unit.
        unit: String,
        /// Digits behind the point.
        decimals: u8,
    },
    /// A picture.
    Photo,
    /// A bar or QR code.
    Scan,
    /// Items, each pass, hazard, not applicable or not checkable.
    Checklist(Vec<Choice>),
    /// A meter reading.
    Reading {
        /// Digits behind the point.
        decimals: u8,
    },
    /// A hazard with its grade.
    Hazard,
    /// Parts used.
    Parts,
    /// A price the customer accepts before work.
    Quote,
    /// Lines from the price list.
    Charges,
    /// Money taken.
    Payment,
    /// The customer's opinion.
    Opinion(Vec<Choice>),
    /// Signed over a statement, or why not.
    Signature,
    /// Handed to somebody else.
    Handover,
}

/// What a visit shows in the place of its outcome once a colleague goes on with it. No outcome of a
/// standard can be called so: such a name has no hyphen.
pub const HANDED_OVER: &str = "handed-over";

/// A way a visit can end.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What events call it.
    pub id: String,
    /// What people call it.
    pub title: Text3,
    /// What it means for the order.
    pub order: OrderAfter,
    /// Phases whose required steps belong to a visit that ends like this.
    pub phases: Vec<String>,
    /// What must hold before a visit may end like this. These stop.
    pub requires: Vec<Require>,
}

/// One gate before an outcome.
#[derive(Debug, Clone)]
pub struct Require {
    /// What must hold.
    pub condition: Condition,
    /// What the technician reads when it doesn't.
    pub message: Text3,
    /// The rule's short name.
    pub rule: Option<String>,
    /// Where the rule is written.
    pub source: Option<String>,
}

fn in_table(step: &Step, item: &Choice) -> Text3 {
    let both = |table: &str, item: &str| format!("{table} – {item}");
    Text3 {
        zh_hans: both(&step.title.zh_hans, &item.title.zh_hans),
        zh_hant: both(&step.title.zh_hant, &item.title.zh_hant),
        en: both(&step.title.en, &item.title.en),
    }
}

impl Standard {
    /// Which standard.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Which version of it.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The kind of visit it is for.
    pub fn visit(&self) -> VisitKind {
        self.visit
    }

    /// What people call it.
    pub fn title(&self) -> &Text3 {
        &self.title
    }

    /// The languages it is written in.
    pub fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The first day on which visits must follow it.
    pub fn mandatory_from(&self) -> NaiveDate {
        self.mandatory_from
    }

    /// What is carried for a visit, to be counted in the morning.
    pub fn kit(&self) -> &[KitItem] {
        &self.kit
    }

    /// Its phases, in order.
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Every step, in the order of phases.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.phases.iter().flat_map(|phase| &phase.steps)
    }

    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps().find(|step| step.id == id)
    }

    /// Whether any limit compares an answer with the last visit's.
    pub fn compares(&self) -> bool {
        let limits = self.steps().filter_map(|step| step.constraint.as_ref());
        limits.flat_map(|limit| limit.names()).any(|name| *name == Name::Previous)
    }

    /// The items of its checklists as a hazard names them, `hose.age`, each with its table's title
    /// and its own.
    pub fn items(&self) -> impl Iterator<Item = (String, Text3)> {
        self.checklists().flat_map(|(step, items)| {
            items.iter().map(|item| (format!("{}.{}", step.id, item.id), in_table(step, item)))
        })
    }

    /// What an item of its checklists is called: `hose.age` with its table, `age` as the first table
    /// that has one calls it. `None`: other words.
    pub fn item_title(&self, item: &str) -> Option<Text3> {
        match item.split_once('.') {
            Some((table, id)) => {
                let (step, items) = self.checklists().find(|(step, _)| step.id == table)?;
                items.iter().find(|item| item.id == id).map(|item| in_table(step, item))
            }
            None => {
                let mut items = self.checklists().flat_map(|(_, items)| items);
                items.find(|known| known.id == item).map(|known| known.title.clone())
            }
        }
    }

    fn checklists(&self) -> impl Iterator<Item = (&Step, &[Choice])> {
        self.steps().filter_map(|step| match &step.kind {
            Kind::Checklist(items) => Some((step, items.as_slice())),
            _ => None,
        })
    }

    /// The phase that holds this step.
    pub fn phase_of(&self, step: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.steps.iter().any(|s| s.id == step))
    }

    /// The ways a visit by it can end, in order.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The outcome with this id.
    pub fn outcome(&self, id: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.id == id)
    }

    /// SHA-256 of the text it was loaded from: what a visit pins at its start.
    pub fn fingerprint(&self) -> Hash {
        self.fingerprint
    }

    /// What is allowed in the text but worth a second look, like a rule without its source.
    pub fn warnings(&self) -> &[SourceError] {
        &self.warnings
    }
}

/// Every kind of visit with its name in files.
pub(super) const VISIT_KINDS: [(VisitKind, &str); 6] = [
    (VisitKind::Repair, "repair"),
    (VisitKind::Installation, "installation"),
    (VisitKind::Inspection, "inspection"),
    (VisitKind::MeterReading, "meter_reading"),
    (VisitKind::Delivery, "delivery"),
    (VisitKind::CallBack, "call_back"),
];

/// What a visit's end can mean for its order, by the words of a standard.
pub(super) const ORDERS_AFTER: [(OrderAfter, &str); 3] = [
    (OrderAfter::Done, "done"),
    (OrderAfter::Attempted, "attempted"),
    (OrderAfter::NobodyMet, "nobody_met"),
];

/// What an item of a checklist can be answered with.
pub const ITEM_ANSWERS: [&str; 4] = ["pass", "hazard", "not_applicable", "not_checkable"];

/// What a signature can be answered with.
pub const SIGNATURE_ANSWERS: [&str; 4] = ["signed", "declined", "absent", "unable"];

impl Kind {
    /// Every kind's name in files.
    pub const NAMES: [&'static str; 19] = [
        "done",
        "count",
        "presses",
        "choice",
        "many",
        "text",
        "number",
        "photo",
        "scan",
        "checklist",
        "reading",
        "hazard",
        "parts",
        "quote",
        "charges",
        "payment",
        "opinion",
        "signature",
        "handover",
    ];

    /// The name in files.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Done => "done",
            Kind::Count => "count",
            Kind::Presses => "presses",
            Kind::Choice(_) => "choice",
            Kind::Many(_) => "many",
            Kind::Text { .. } => "text",
            Kind::Number { .. } => "number",
            Kind::Photo => "photo",
            Kind::Scan => "scan",
            Kind::Checklist(_) => "checklist",
            Kind::Reading { .. } => "reading",
            Kind::Hazard => "hazard",
            Kind::Parts => "parts",
            Kind::Quote => "quote",
            Kind::Charges => "charges",
            Kind::Payment => "payment",
            Kind::Opinion(_) => "opinion",
            Kind::Signature => "signature",
            Kind::Handover => "handover",
        }
    }

    /// The choices or items, where the kind has any.
    pub fn choices(&self) -> &[Choice] {
        match self {
            Kind::Choice(c) | Kind::Many(c) | Kind::Checklist(c) | Kind::Opinion(c) => c,
            _ => &[],
        }
    }

    /// The type of `step.<id>.value` in conditions.
    pub(super) fn answer_type(&self) -> Type {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let choices = || self.choices().iter().map(|choice| choice.id.clone()).collect::<Vec<_>>();
        match self {
            // Written words are private: conditions see that there are some.
            Kind::Done | Kind::Text { .. } | Kind::Hazard | Kind::Handover => Type::Flag,
            Kind::Count | Kind::Parts | Kind::Quote | Kind::Charges | Kind::Payment => Type::Int,
            Kind::Presses => Type::List(Box::new(Type::Int)),
            Kind::Choice(_) | Kind::Opinion(_) => Type::Choice(choices()),
            Kind::Many(_) => Type::List(Box::new(Type::Choice(choices()))),
            Kind::Number { .. } | Kind::Reading { .. } => Type::Decimal,
            Kind::Checklist(_) => Type::Items(choices(), ids(&ITEM_ANSWERS)),
            Kind::Signature => Type::Choice(ids(&SIGNATURE_ANSWERS)),
            Kind::Photo | Kind::Scan => Type::Text,
        }
    }
}

//! The shape of a standard.

use super::{Shape, What, needed, optional};
use crate::standard::{MAX_NOTE, model::Kind};

pub(super) const VISITS: &[&str] =
    &["repair", "installation", "inspection", "meter_reading", "delivery", "call_back"];

const ORDERS: &[&str] = &["done", "attempted", "nobody_met"];

pub(super) const STANDARD: Shape = Shape {
    about: "How one kind of visit is done: its phases, steps and limits, and how it may end.",
    fields: &[
        needed("id", What::Name(40), "Which standard: small letters, digits and -."),
        needed("version", What::Number(1, 1_000_000), "From 1; raise it with every change."),
        needed("visit", What::OneOf(VISITS), "The kind of visit it is for."),
        needed("title", What::Texts, "What people call it."),
        needed(
            "languages",
            What::List(&What::OneOf(&["zh-Hans", "zh-Hant", "en"])),
            "The languages it is written in: all three.",
        ),
        needed("mandatory_from", What::Day, "The first day on which visits must follow it."),
        optional("kit", What::Tables(&KIT), "What is carried for such a visit."),
        optional("phase", What::Tables(&PHASE), "Parts of a visit, one after another."),
        optional("outcome", What::Tables(&OUTCOME), "Ways a visit can end."),
    ],
};

const KIT: Shape = Shape {
    about: "One thing to carry.",
    fields: &[
        needed("id", What::Id, "The same in two standards is the same thing."),
        needed("kind", What::OneOf(&["tool", "part", "paper"]), "What sort."),
        needed("title", What::Texts, "What people call it."),
        optional("each", What::Flag, "One for every order, not one for the day."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const PHASE: Shape = Shape {
    about: "A part of a visit.",
    fields: &[
        needed("id", What::Id, "What outcomes call it."),
        needed("title", What::Texts, "What people call it."),
        optional("any_order", What::Flag, "Whether its steps may be done in any order."),
        optional("step", What::Tables(&STEP), "Its steps, in their order."),
    ],
};

const STEP: Shape = Shape {
    about: "One line of a standard.",
    fields: &[
        needed("id", What::Id, "Unique in the file; conditions say `step.<id>`."),
        needed("kind", What::OneOf(&Kind::NAMES), "What is answered."),
        needed("title", What::Texts, "What people call it."),
        optional("say", What::Texts, "Words the technician may say."),
        optional("hint", What::Texts, "What to look at while doing it."),
        optional(
            "relevant",
            What::Condition,
            "When the step is there at all; always, if left out.",
        ),
        optional("required", What::Required, "When the visit lacks something without it."),
        optional(
            "constraint",
            What::Condition,
            "What an answer must satisfy; `value` is the answer.",
        ),
        optional("message", What::Texts, "What is read when it doesn't."),
        optional("repeat", What::Table(&REPEAT), "How often, and how soon again."),
        optional(
            "on_break",
            What::OneOf(&["record", "stop"]),
            "What becomes of an answer that breaks a rule: kept with a finding, or refused.",
        ),
        optional(
            "once_a_day",
            What::Flag,
            "The answer at the day's first door holds at those after it, where meters are read fast.",
        ),
        optional("rule", What::Words, "The rule's short name."),
        optional("source", What::Words, "Where the rule is written."),
        optional(
            "choices",
            What::Tables(&CHOICE),
            "For choice, many, opinion: what can be chosen.",
        ),
        optional("items", What::Tables(&CHOICE), "For checklist: what is looked at."),
        optional("unit", What::Words, "For number: its unit."),
        optional(
            "decimals",
            What::Number(0, 6),
            "For number and reading: digits behind the point.",
        ),
        optional("max_length", What::Number(1, MAX_NOTE), "For text: characters at most."),
    ],
};

const REPEAT: Shape = Shape {
    about: "Limits on doing a step again.",
    fields: &[
        optional("at_most", What::Number(1, 100), "How often at most."),
        optional(
            "at_least_seconds_between",
            What::Number(1, 86_400),
            "Seconds that pass at least before it is done again.",
        ),
        optional("source", What::Words, "Where this limit comes from, when not from the step's."),
    ],
};

const CHOICE: Shape = Shape {
    about: "One answer that can be chosen, or one item that is looked at.",
    fields: &[
        needed("id", What::Id, "What conditions call it."),
        needed("title", What::Texts, "What people call it."),
    ],
};

const OUTCOME: Shape = Shape {
    about: "A way a visit can end.",
    fields: &[
        needed("id", What::Id, "What events call it."),
        needed("title", What::Texts, "What people call it."),
        optional(
            "order",
            What::OneOf(ORDERS),
            "What it means for the order: `done`; `attempted`: it stays open; `nobody_met`: it stays open, and this was an attempt at the door. Left out, the ids `completed` and `made_safe` are done, `no_access` met nobody, any other attempted.",
        ),
        needed(
            "phases",
            What::List(&What::Id),
            "Phases whose required steps belong to a visit that ends like this.",
        ),
        optional("require", What::Tables(&GATE), "What must hold before: these stop."),
    ],
};

const GATE: Shape = Shape {
    about: "One gate before an outcome.",
    fields: &[
        needed("condition", What::Condition, "What must hold."),
        needed("message", What::Texts, "What is read when it doesn't."),
        optional("rule", What::Words, "The rule's short name."),
        optional("source", What::Words, "Where the rule is written."),
    ],
};

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::standard::{
        model::{ORDERS_AFTER, VISIT_KINDS},
        raw::{
            RawChoice, RawKitItem, RawOutcome, RawPhase, RawRepeat, RawRequire, RawStandard,
            RawStep,
        },
        shape::tests::holds,
    };

    #[test]
    fn a_standard_has_the_keys_its_reader_knows() {
        holds::<RawStandard>(&STANDARD);
        holds::<RawKitItem>(&KIT);
        holds::<RawPhase>(&PHASE);
        holds::<RawStep>(&STEP);
        holds::<RawRepeat>(&REPEAT);
        holds::<RawChoice>(&CHOICE);
        holds::<RawOutcome>(&OUTCOME);
        holds::<RawRequire>(&GATE);
        assert_eq!(VISITS, VISIT_KINDS.map(|(_, name)| name));
        assert_eq!(ORDERS, ORDERS_AFTER.map(|(_, name)| name));
    }
}

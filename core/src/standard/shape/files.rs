//! The shapes of the other files: profile, price list, promises, calendar.

use super::{Shape, What, needed, optional, standard::VISITS};

pub(super) const PROFILE: Shape = Shape {
    about: "What a jurisdiction and a utility set for themselves.",
    fields: &[
        needed("id", What::Words, "Which."),
        needed("version", What::Number(1, u32::MAX), "From 1; raise it with every change."),
        needed("title", What::Texts, "What people call it."),
        optional("default", What::Flag, "Whether it is a starting point nobody has confirmed."),
        needed("scale", What::Words, "The scale that new hazards are graded on."),
        optional("scales", What::Tables(&SCALE), "All scales of hazards, old ones too."),
        optional("party", What::Tables(&PARTY), "Who can have to mend a hazard."),
        optional("access", What::Table(&ACCESS), "What happens when nobody is home."),
        optional("reading", What::Table(&READING), "Limits of meter readings."),
        optional("tariff", What::Table(&TARIFF), "Prices that rise with a year's use."),
        optional("risk", What::Table(&RISK), "What is risked with money between two exchanges."),
        optional("age", What::Tables(&AGE), "How old hoses and appliances may be."),
        optional(
            "inspection",
            What::Tables(&INSPECTION),
            "How often whose premises are inspected.",
        ),
        optional("retention", What::Tables(&RETENTION), "How long what is known is kept."),
        optional("certificate", What::Tables(&CERTIFICATE), "Certificates that work asks for."),
        optional("target", What::Tables(&TARGET), "What a day is to reach."),
    ],
};

const AGE: Shape = Shape {
    about: "How old one kind of thing may be.",
    fields: &[
        needed("item", What::Id, "What conditions call it: `age.<item>.oldest`."),
        optional("months", What::Number(1, 1_200), "Months from the one it was made in."),
        needed(
            "unknown",
            What::OneOf(&["hazard", "passes"]),
            "What one is whose date nobody can read.",
        ),
        needed("source", What::Words, "Where this is written."),
    ],
};

const INSPECTION: Shape = Shape {
    about: "How often one kind of user's premises are inspected.",
    fields: &[
        needed("user", What::Id, "Whose: what `premises.user` says."),
        needed("months", What::Number(1, 1_200), "Months from one inspection to the next."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const RETENTION: Shape = Shape {
    about: "How long one class of personal data is kept after its order is over.",
    fields: &[
        needed("class", What::OneOf(&["contact", "service"]), "Of which class."),
        needed("months", What::Number(0, 1_200), "Then it is due to be erased."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const CERTIFICATE: Shape = Shape {
    about: "A certificate that work asks for.",
    fields: &[
        needed("kind", What::Id, "Its kind."),
        needed("title", What::Texts, "What people call it."),
        needed("visits", What::List(&What::OneOf(VISITS)), "Kinds of visit that need it."),
        needed("warn_days", What::Number(0, 1_000), "Days before its end from which it is told."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const TARGET: Shape = Shape {
    about: "What a day is to reach for one kind of visit.",
    fields: &[
        needed("visit", What::OneOf(VISITS), "The kind of visit."),
        needed("done_percent", What::Number(1, 100), "Of all doors gone to, so many are done."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const SCALE: Shape = Shape {
    about: "A scale of hazards.",
    fields: &[
        needed("id", What::Words, "Its id."),
        needed("title", What::Texts, "What people call it."),
        needed("grade", What::Tables(&GRADE), "Its grades, the gravest first."),
    ],
};

const DUTIES: &[&str] =
    &["shut_off", "tag", "notice", "witness", "photo_before", "photo_after", "tell_supervisor"];

const GRADE: Shape = Shape {
    about: "One grade.",
    fields: &[
        needed("code", What::Words, "Its code in the scale."),
        needed("title", What::Texts, "What people call it."),
        optional("deadline_days", What::Number(0, 3_650), "Days until it must be mended."),
        optional(
            "duties",
            What::List(&What::OneOf(DUTIES)),
            "What must happen before the visit may end.",
        ),
        optional("within", What::Tables(&WITHIN), "How soon some of it is to be done."),
        optional("recheck_days", What::Number(0, 3_650), "Days until it is looked at again."),
        optional("action", What::Texts, "What whoever has to mend it is asked to do."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const WITHIN: Shape = Shape {
    about: "How soon after the finding a duty is to be done.",
    fields: &[
        needed("duty", What::OneOf(DUTIES), "Which of the grade's duties."),
        needed("minutes", What::Number(1, 100_000), "Minutes from the finding at most."),
        needed("rule", What::Words, "The rule's short name."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const PARTY: Shape = Shape {
    about: "Somebody who can have to mend a hazard.",
    fields: &[
        needed("id", What::Id, "Its id."),
        needed("title", What::Texts, "What people call it."),
        optional(
            "items",
            What::List(&What::Words),
            "What it mends unless somebody says otherwise: a checklist, or an item of one.",
        ),
        needed("source", What::Words, "Where this is written."),
    ],
};

const ACCESS: Shape = Shape {
    about: "What happens when nobody is home.",
    fields: &[
        needed("max_attempts", What::Number(1, 100), "After so many attempts it is over."),
        needed(
            "then",
            What::OneOf(&["back_to_office", "letter", "nothing"]),
            "What follows the last attempt.",
        ),
        needed("min_hours_between", What::Number(0, 10_000), "Hours between two attempts."),
        needed(
            "different_daypart",
            What::Flag,
            "Whether an attempt counts only in another part of the day.",
        ),
        needed(
            "dayparts",
            What::List(&What::Number(0, 23)),
            "Hours at which a part of the day begins, rising.",
        ),
        needed("source", What::Words, "Where this is written."),
    ],
};

const READING: Shape = Shape {
    about: "Limits of meter readings.",
    fields: &[
        needed(
            "high_percent",
            What::Number(101, 10_000),
            "Above so many percent of the usual use: high.",
        ),
        needed("low_percent", What::Number(0, 99), "Below so many percent: low."),
        needed(
            "display_differs",
            What::Number(0, 100_000),
            "Wheel and display may differ by so much.",
        ),
        optional(
            "card_differs",
            What::Number(0, 100_000),
            "Wheels, and what was bought by card less what is left of it, may differ by so much.",
        ),
        needed(
            "most_per_hour",
            What::Number(1, 100_000),
            "Cubic metres an hour that no such meter can pass.",
        ),
        needed(
            "roll_over_times",
            What::Number(1, 1_000),
            "Past the end of the wheels is offered up to so many times the usual use.",
        ),
        optional("estimate", What::Table(&ESTIMATE), "How a reading is estimated."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const ESTIMATE: Shape = Shape {
    about: "How a reading is estimated that nobody could read.",
    fields: &[
        needed(
            "method",
            What::OneOf(&["usual_use", "no_use", "forbidden"]),
            "The last value and the usual use; the last value alone; or never.",
        ),
        needed("most_in_a_row", What::Number(0, 100), "Estimates in a row: one more stands out."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const TARIFF: Shape = Shape {
    about: "Prices that rise with a year's use: a preview, never the bill.",
    fields: &[
        needed("currency", What::Words, "Three capital letters."),
        needed(
            "household",
            What::Number(1, 100),
            "So many people are in the limits as they stand.",
        ),
        needed(
            "more_per_person",
            What::Number(0, 100_000),
            "Each further person raises each limit by so much.",
        ),
        needed("tier", What::Tables(&TIER), "Rising; the last has no `up_to`."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const RISK: Shape = Shape {
    about: "What is risked with money between two exchanges, by one phone.",
    fields: &[
        needed("currency", What::Words, "Three capital letters."),
        needed("claimed_each", What::Words, "A single claimed payment is believed up to this."),
        needed("claimed_open", What::Words, "All of a shift that are not settled, up to this."),
        needed("cash_held", What::Words, "Cash above this belongs in the bank: a warning."),
        optional("claim_photo", What::Flag, "A claimed payment needs a photo of the screen shown."),
        needed("source", What::Words, "Where this is written."),
    ],
};

const TIER: Shape = Shape {
    about: "One tier.",
    fields: &[
        optional("up_to", What::Number(1, u32::MAX), "Up to so many units in a year."),
        needed("price", What::Price, "Price of one unit."),
    ],
};

pub(super) const PRICE_LIST: Shape = Shape {
    about: "The published prices.",
    fields: &[
        needed("id", What::Name(64), "Which list."),
        needed("version", What::Number(1, u32::MAX), "From 1; raise it with every change."),
        needed("currency", What::Words, "Three capital letters."),
        needed("valid_from", What::Day, "The first day these prices hold."),
        optional("item", What::Tables(&ITEM), "What can be charged."),
        optional("free", What::Tables(&FREE), "Reasons for which something may go free."),
        optional(
            "bottle",
            What::Tables(&BOTTLE),
            "Sizes of gas bottles that are lent and counted.",
        ),
    ],
};

const BOTTLE: Shape = Shape {
    about: "One size of gas bottle.",
    fields: &[
        needed("size", What::Name(64), "What balances call it."),
        needed("name", What::Texts, "What people call it."),
        needed("codes", What::List(&What::Words), "How the codes on bottles of this size begin."),
    ],
};

const ITEM: Shape = Shape {
    about: "One thing that can be charged.",
    fields: &[
        needed("code", What::Name(64), "Never reused for another thing."),
        needed("name", What::Texts, "What the customer reads."),
        needed("unit", What::Texts, "What one is counted in."),
        needed("price", What::Price, "Of one unit."),
        needed("kind", What::OneOf(&["labour", "part", "fee"]), "What it is for."),
        optional("tax_note", What::Texts, "What the price says about tax."),
        optional(
            "warranty_days",
            What::Number(0, u32::MAX),
            "How long the company answers for it.",
        ),
        optional(
            "deposit",
            What::OneOf(&["at_door", "by_office"]),
            "It is a deposit, owed back against its receipt: by whoever is at the door, or as the office allows.",
        ),
        optional("bottle", What::Name(64), "Of a deposit: the size of bottle it is for."),
    ],
};

const FREE: Shape = Shape {
    about: "A reason for which something may go free.",
    fields: &[
        needed("code", What::Name(64), "The name in events."),
        needed("text", What::Texts, "What the customer reads."),
    ],
};

pub(super) const PROMISES: Shape = Shape {
    about: "What the office promises, and from when the time runs.",
    fields: &[
        needed("promise", What::Tables(&PROMISE), "One promise each."),
        optional("complaint", What::Tables(&OPENS), "Answers at the door that open a case."),
        optional(
            "remind_hours_before",
            What::Number(0, 1_000),
            "So many hours before a deadline people are reminded of it.",
        ),
    ],
};

const OPENS: Shape = Shape {
    about: "An answer at the door that opens a case of complaint.",
    fields: &[
        needed("step", What::Id, "The step it answers."),
        needed("answer", What::Id, "The choice."),
    ],
};

const PROMISE: Shape = Shape {
    about: "One promise, with one of hours, days, working_days, at_once.",
    fields: &[
        needed("id", What::Id, "What cases call it."),
        needed("title", What::Texts, "What people call it."),
        optional("hours", What::Number(1, 1_000), "Hours on the clock."),
        optional("days", What::Number(1, 1_000), "Days of the calendar."),
        optional("working_days", What::Number(1, 1_000), "Working days of the calendar."),
        optional("at_once", What::Flag, "Straight away."),
        needed("from", What::Id, "The moment the time runs from."),
        optional("until", What::OneOf(&["attended", "done"]), "What keeps it; done, if left out."),
        optional("kept_by", What::Id, "The moment that keeps it in a case or an emergency."),
        optional("of", What::OneOf(&["complaint", "emergency"]), "What it is about."),
        optional("rule", What::Words, "The rule's short name."),
        needed("source", What::Words, "Where it is promised."),
    ],
};

pub(super) const CALENDAR: Shape = Shape {
    about: "Holidays and make-up working days.",
    fields: &[
        needed("years", What::List(&What::Number(2000, 2200)), "The years it is whole for."),
        optional("holiday", What::Tables(&HOLIDAY), "Holidays."),
        optional("working_days", What::List(&What::Day), "Saturdays and Sundays that are worked."),
    ],
};

const HOLIDAY: Shape = Shape {
    about: "One holiday.",
    fields: &[
        needed("title", What::Texts, "What people call it."),
        needed("days", What::List(&What::Day), "Its days."),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        event::Duty,
        money::{RawBottle, RawFree, RawItem, RawList},
        standard::{
            calendar::{RawCalendar, RawHoliday},
            profile::{
                RawAccess, RawAge, RawCertificate, RawEstimate, RawGrade, RawInspection, RawParty,
                RawProfile, RawReading, RawRetention, RawRisk, RawScale, RawTariff, RawTier,
                RawWithin,
            },
            promises::{RawOpens, RawPromise, RawPromises},
            shape::tests::holds,
        },
    };

    #[test]
    fn the_other_files_have_the_keys_their_readers_know() {
        holds::<RawProfile>(&PROFILE);
        holds::<RawScale>(&SCALE);
        holds::<RawGrade>(&GRADE);
        holds::<RawParty>(&PARTY);
        holds::<RawWithin>(&WITHIN);
        holds::<RawAccess>(&ACCESS);
        holds::<RawCertificate>(&CERTIFICATE);
        holds::<RawReading>(&READING);
        holds::<RawEstimate>(&ESTIMATE);
        holds::<RawTariff>(&TARIFF);
        holds::<RawTier>(&TIER);
        holds::<RawRisk>(&RISK);
        holds::<RawAge>(&AGE);
        holds::<RawInspection>(&INSPECTION);
        holds::<RawRetention>(&RETENTION);
        holds::<RawList>(&PRICE_LIST);
        holds::<RawItem>(&ITEM);
        holds::<RawFree>(&FREE);
        holds::<RawBottle>(&BOTTLE);
        holds::<RawPromises>(&PROMISES);
        holds::<RawPromise>(&PROMISE);
        holds::<RawOpens>(&OPENS);
        holds::<RawCalendar>(&CALENDAR);
        holds::<RawHoliday>(&HOLIDAY);
        for duty in DUTIES {
            let word = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(duty);
            assert!(<Duty as serde::Deserialize>::deserialize(word).is_ok(), "{duty}");
        }
    }
}

//! A meter is read.

use super::{
    ActError, Done, FastReading, ReadingDone,
    act::{Desk, check_length, done},
    context::VisitView,
    pen::plain,
    project::project,
};
use crate::{
    base::{Decimal, Hash, Id, Instant, Money, Personal},
    event::{EstimateBasis, MeterRead, Payload, ReadingFlag, ReadingKind, ReasonText, SealState},
    log::Class,
    meter::{Estimated, MeterRecord, MeterVerdict, Meters, Seen, estimate, judge},
    standard::Profile,
};

const SHORT: usize = 40;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReadingTaken {
    /// The number on the plate.
    pub meter: String,
    /// The number in the record, where the premises have several; the only one when absent.
    #[serde(default)]
    pub expected: Option<String>,
    /// How.
    pub kind: ReadingKind,
    /// What the wheels show; of an estimate nothing, and the profile's rule gives it.
    #[serde(default)]
    pub value: Option<Decimal>,
    /// What a display shows.
    #[serde(default)]
    pub display: Option<Decimal>,
    /// The wheels went past their end.
    #[serde(default)]
    pub rolled_over: bool,
    /// The meter was changed: the old one's last value, the new one's first.
    #[serde(default)]
    pub swapped: Option<(u64, u64)>,
    /// A picture of number and wheels.
    #[serde(default)]
    pub photo: Option<Hash>,
    /// The seal's number.
    #[serde(default)]
    pub seal: Option<String>,
    /// How the seal is.
    #[serde(default)]
    pub seal_state: Option<SealState>,
    /// What is left on an IC card.
    #[serde(default)]
    pub card_left: Option<u64>,
    /// All that was ever bought by card, where the meter shows it.
    #[serde(default)]
    pub card_bought: Option<u64>,
    /// A picture of the display, where it differs from the wheels.
    #[serde(default)]
    pub display_photo: Option<Hash>,
    /// Why it is sent to a supervisor although it cannot be.
    #[serde(default)]
    pub reason: Option<Personal>,
}

/// Records a reading. What cannot be is refused, unless it is sent to a supervisor with a picture and
/// a reason; it then waits, and no bill is made of it.
pub(super) fn read(desk: &mut Desk<'_>, visit: Id, taken: ReadingTaken) -> Result<Done, ActError> {
    let mut view = desk.open_visit(visit)?;
    if taken.meter.trim().is_empty() || taken.meter.chars().count() > SHORT {
        return Err(ActError::Reading("write the number on the plate"));
    }
    for text in [&taken.expected, &taken.seal].into_iter().flatten() {
        if text.chars().count() > SHORT {
            return Err(ActError::TooLong { what: "the number", limit: SHORT, unit: "characters" });
        }
    }
    check_length("the reason", taken.reason.as_ref().map_or("", Personal::reveal))?;
    let display = taken.display.map(|display| display.whole().ok_or(DISPLAY)).transpose()?;
    if taken.rolled_over && taken.photo.is_none() {
        return Err(ActError::Reading("past the end of the wheels: take a picture"));
    }
    let record = record(desk, &view, &taken)?;
    let profile = desk.books.profile(&desk.tx.read())?;
    let (shown, by_rule) = given(record.as_ref(), &profile, &taken)?;
    let value = shown.whole().ok_or(ActError::Reading("a meter is not below zero"))?;
    let seen = Seen {
        kind: taken.kind,
        value,
        display,
        card: taken.card_left.map(|left| (left, taken.card_bought)),
        rolled_over: taken.rolled_over,
        swapped: taken.swapped,
        // After a change the new meter's number stands on the plate.
        right_meter: taken.swapped.is_some()
            || record.as_ref().is_none_or(|record| record.number == taken.meter.trim()),
        at: desk.clock.wall,
    };
    let (mut verdict, preview) = judged(record.as_ref(), &profile, &seen);
    let differs = verdict.flags.contains(&ReadingFlag::DisplayDiffers);
    if differs && (taken.photo.is_none() || taken.display_photo.is_none()) {
        return Err(ActError::Reading(
            "wheels and display are too far apart: take a picture of each, the meter is reported",
        ));
    }
    let explained = taken.reason.as_ref().is_some_and(|r| !r.reveal().trim().is_empty());
    let for_supervisor = taken.photo.is_some() && explained;
    let estimate = match by_rule {
        ByRule::Made(basis) => Some(basis),
        ByRule::Free => None,
        ByRule::Otherwise if for_supervisor => {
            verdict.flags.push(ReadingFlag::ForReview);
            None
        }
        ByRule::Otherwise => {
            return Err(ActError::Estimate(
                "the rule estimates this otherwise: record it without a value, or send it to a \
                 supervisor with a picture and a reason",
            ));
        }
    };
    if verdict.impossible {
        if verdict.offer_roll_over {
            return Err(ActError::Reading(
                "below the last value: past the end of the wheels? take a picture and confirm, or \
                 read again",
            ));
        }
        if !for_supervisor {
            return Err(ActError::Reading(
                "this cannot be: read again, or send it to a supervisor with a picture and a reason",
            ));
        }
        if !verdict.flags.contains(&ReadingFlag::ForReview) {
            verdict.flags.push(ReadingFlag::ForReview);
        }
    }
    let told = ReadingDone {
        usage: verdict.usage,
        credit: verdict.credit,
        flags: verdict.flags.clone(),
        preview,
    };
    let read = MeterRead {
        meter: taken.meter.trim().to_owned(),
        expected: record.as_ref().map(|record| record.number.clone()),
        kind: taken.kind,
        value: shown,
        display: taken.display,
        previous: record.as_ref().map(|r| r.last_actual.unwrap_or(r.last)),
        usage: verdict.usage,
        credit: verdict.credit,
        flags: verdict.flags,
        swapped: taken.swapped,
        photo: taken.photo,
        seal: taken.seal,
        seal_state: taken.seal_state,
        card_left: taken.card_left,
        estimate,
        source: None,
        read_at: None,
        card_bought: taken.card_bought,
        display_photo: taken.display_photo,
    };
    let private = match taken.reason {
        None => Vec::new(),
        Some(text) => vec![plain(Class::Service, &ReasonText { text })],
    };
    let order = view.order;
    let (recorded, _) = desk.pen().write(order, Some(visit), read, private)?;
    project(desk.tx, desk.me, order.id)?;
    Ok(Done { reading: Some(told), ..done(&mut view, &recorded) })
}

/// Leaves the meters that nobody has read in this visit.
pub(super) fn leave_unread(meters: &mut Meters, view: &VisitView) {
    meters.meters.retain(|record| {
        !view.events.iter().any(|recorded| match &recorded.event.payload {
            Payload::MeterRead(read) => read.expected.as_ref() == Some(&record.number),
            _ => false,
        })
    });
}

/// How a value stands to the profile's rule for estimates.
enum ByRule {
    /// The rule says nothing of it.
    Free,
    /// The rule made it, from this.
    Made(EstimateBasis),
    /// The rule gives another value, or none.
    Otherwise,
}

/// The value of a reading: what was typed, or what the rule estimates.
fn given(
    record: Option<&MeterRecord>,
    profile: &Profile,
    taken: &ReadingTaken,
) -> Result<(Decimal, ByRule), ActError> {
    let rule = profile.readings.as_ref().and_then(|rules| rules.estimate.as_ref());
    let rule = rule.filter(|_| taken.kind == ReadingKind::Estimate);
    let made = record.zip(rule).map(|(record, rule)| estimate(record, rule));
    if rule.is_some_and(|rule| rule.method.is_none()) {
        return Err(ActError::Estimate("nobody may estimate here: end without a reading"));
    }
    match (taken.value, made) {
        (None, Some(Estimated::Value(value, basis))) => {
            let units = i64::try_from(value).map_err(|_| ActError::too_large())?;
            Ok((Decimal { units, decimals: 0 }, ByRule::Made(basis)))
        }
        (Some(typed), Some(Estimated::Value(value, basis))) if typed.whole() == Some(value) => {
            Ok((typed, ByRule::Made(basis)))
        }
        (Some(typed), Some(_)) => Ok((typed, ByRule::Otherwise)),
        (Some(typed), None) => Ok((typed, ByRule::Free)),
        (None, Some(_)) => Err(ActError::Estimate(
            "the usual use is not known: the office estimates, or a supervisor's value with a \
             picture and a reason",
        )),
        (None, None) => Err(ActError::Reading("write what the wheels show")),
    }
}

/// The verdict on what was seen, and what it would cost where it can be.
pub(super) fn judged(
    record: Option<&MeterRecord>,
    profile: &Profile,
    seen: &Seen,
) -> (MeterVerdict, Option<Money>) {
    let verdict = match record {
        Some(record) => judge(record, profile.readings.as_ref(), seen),
        None => MeterVerdict {
            usage: None,
            credit: 0,
            flags: Vec::new(),
            offer_roll_over: false,
            impossible: false,
        },
    };
    let preview = match (record, verdict.usage, &profile.tariff) {
        (Some(record), Some(usage), Some(tariff)) if !verdict.impossible => {
            tariff.price(record.used_this_year, usage, record.people)
        }
        _ => None,
    };
    (verdict, preview)
}

/// A number read in passing, as it is judged.
pub(super) fn in_passing(
    reading: &FastReading,
    record: Option<&MeterRecord>,
    value: u64,
    at: Instant,
) -> Seen {
    let plate = reading.meter.as_deref().map(str::trim);
    Seen {
        kind: ReadingKind::Physical,
        value,
        display: None,
        card: None,
        rolled_over: reading.rolled_over,
        swapped: None,
        right_meter: record.zip(plate).is_none_or(|(record, plate)| record.number == plate),
        at,
    }
}

const DISPLAY: ActError = ActError::Reading("a display is not below zero");

/// The record of the meter that was to be read; `None` where the office has none for these premises.
fn record(
    desk: &Desk<'_>,
    view: &VisitView,
    taken: &ReadingTaken,
) -> Result<Option<MeterRecord>, ActError> {
    let Some(premises) = view.order_state.premises else { return Ok(None) };
    let meters = desk.tx.read().meters(premises)?;
    let wanted = taken.expected.as_deref().unwrap_or(taken.meter.trim());
    let named = meters.meters.iter().find(|record| record.number == wanted);
    match (named, &meters.meters[..]) {
        (Some(record), _) => Ok(Some(record.clone())),
        (None, [only]) if taken.expected.is_none() => Ok(Some(only.clone())),
        (None, []) => Ok(None),
        (None, _) => Err(ActError::Reading("which meter of these premises? name it by its record")),
    }
}

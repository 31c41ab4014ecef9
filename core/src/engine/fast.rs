//! Reading meters door by door: one number, next.
//!
//! One action begins the visit, records what was said of the kit this morning, the reading and its
//! picture, and ends the visit by the standard. What stands out is answered before anything is
//! recorded: the number is looked at again, and confirmed.

use minicbor::{Decode, Encode};

use super::{
    ActError, Action, Done, Engine, ReadingTaken,
    act::Desk,
    context::{meters, visit_view},
    meter,
};
use crate::{
    base::{ClockReading, Decimal, Hash, Id, Lang},
    event::{Payload, ReadingKind, Value, VisitKind},
    log::Subject,
    meter::{MeterRecord, MeterVerdict, Meters},
    order::OrderState,
    screen::{FastFacts, FastScreen, MeterFacts, ReadingCheck, next_row},
    standard::{Kind, Standard},
    store::StoreError,
    text::id_of,
};

/// A number read in passing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FastReading {
    /// What the wheels show.
    pub value: Decimal,
    /// The meter, where the premises have several, or where another number stands on the plate.
    #[serde(default)]
    pub meter: Option<String>,
    /// A picture of number and wheels.
    #[serde(default)]
    pub photo: Option<Hash>,
    /// What stands out was looked at again, and is so.
    #[serde(default)]
    pub confirmed: bool,
    /// Past the end of the wheels: looked at again, with a picture.
    #[serde(default)]
    pub rolled_over: bool,
}

/// Answers that hold for the day: given at one door, they are given at the others.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct DayAnswers {
    /// Days since 1970 on the phone's clock.
    #[n(0)]
    day: i64,
    #[n(1)]
    standard: String,
    #[n(2)]
    answers: Vec<(String, Value)>,
}

const DAY_ANSWERS: &str = "day_answers";

fn day(clock: &ClockReading) -> i64 {
    clock.wall.plus_ms(i64::from(clock.zone.0) * 60_000).0.div_euclid(86_400_000)
}

/// Keeps an answer to a step that is asked once a day.
pub(super) fn keep_day_answer(
    desk: &Desk<'_>,
    standard: &Standard,
    step: &str,
    value: &Value,
) -> Result<(), StoreError> {
    if !standard.step(step).is_some_and(|step| step.once_a_day) {
        return Ok(());
    }
    let fresh = || DayAnswers {
        day: day(&desk.clock),
        standard: standard.id().to_owned(),
        answers: Vec::new(),
    };
    let kept: Option<DayAnswers> = desk.tx.read().meta(DAY_ANSWERS)?;
    let same = |kept: &DayAnswers| kept.day == day(&desk.clock) && kept.standard == standard.id();
    let mut kept = kept.filter(same).unwrap_or_else(fresh);
    kept.answers.retain(|(known, _)| known != step);
    kept.answers.push((step.to_owned(), value.clone()));
    desk.tx.set_meta(DAY_ANSWERS, &kept)
}

pub(super) fn read_next(
    desk: &mut Desk<'_>,
    order: Id,
    reading: FastReading,
) -> Result<Done, ActError> {
    let events = desk.tx.read().events_about(&Subject::work_order(order))?;
    let state = OrderState::fold(&events);
    let visit = match state.open_visit_of(desk.me.writer()) {
        Some(visit) => visit.id,
        None => {
            desk.start_visit(order)?;
            let visit = desk.action;
            carry_over(desk, visit)?;
            visit
        }
    };
    let Some(plan) = plan(desk.open_visit(visit)?.state.standard()) else {
        return Err(ActError::Reading("this visit's standard reads no meter: open the visit"));
    };
    let meters = meters(&desk.tx.read(), state.premises)?;
    let plate = reading.meter.clone().or_else(|| only(&meters).map(|it| it.number.clone()));
    let Some(plate) = plate else {
        return Err(ActError::Reading("which meter? write the number on the plate"));
    };
    let taken = ReadingTaken {
        meter: plate,
        expected: None,
        kind: ReadingKind::Physical,
        value: Some(reading.value),
        display: None,
        rolled_over: reading.rolled_over,
        swapped: None,
        photo: reading.photo,
        seal: None,
        seal_state: None,
        card_left: None,
        card_bought: None,
        display_photo: None,
        reason: None,
    };
    let done = meter::read(desk, visit, taken)?;
    let flags = done.reading.as_ref().map_or(&[][..], |reading| &reading.flags);
    if !reading.confirmed && !flags.is_empty() {
        return Err(ActError::Doubtful(flags.to_vec()));
    }
    let mut findings = done.findings.clone();
    if let (Some(photo), Some(step)) = (reading.photo, plan.photo) {
        findings.extend(desk.record(visit, step, Value::Photo(photo).into())?.findings);
    }
    let view = desk.view(visit)?;
    let read = |record: &&MeterRecord| {
        view.events.iter().any(|recorded| match &recorded.event.payload {
            Payload::MeterRead(read) => read.expected.as_ref() == Some(&record.number),
            _ => false,
        })
    };
    // Of several meters, the last one ends the visit.
    if meters.meters.iter().all(|record| read(&record)) {
        findings.extend(desk.finish(visit, plan.outcome)?.findings);
    }
    Ok(Done { findings, ..done })
}

/// What a standard calls the picture of a number in passing, and the end of its visit.
struct Plan {
    photo: Option<String>,
    outcome: String,
}

/// The first reading of a standard, the picture beside it, and the way such a visit ends well.
fn plan(standard: &Standard) -> Option<Plan> {
    let reading = standard.steps().find(|step| matches!(step.kind, Kind::Reading { .. }))?;
    let photo =
        standard.phase_of(&reading.id)?.steps.iter().find(|it| matches!(it.kind, Kind::Photo));
    Some(Plan {
        photo: photo.map(|step| step.id.clone()),
        outcome: standard.outcomes().first()?.id.clone(),
    })
}

fn only(meters: &Meters) -> Option<&MeterRecord> {
    match &meters.meters[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// Gives the answers of the day to a visit that was just begun.
fn carry_over(desk: &mut Desk<'_>, visit: Id) -> Result<(), ActError> {
    let kept: Option<DayAnswers> = desk.tx.read().meta(DAY_ANSWERS)?;
    let Some(kept) = kept.filter(|kept| kept.day == day(&desk.clock)) else { return Ok(()) };
    if kept.standard != desk.open_visit(visit)?.state.standard().id() {
        return Ok(());
    }
    for (step, value) in kept.answers {
        desk.record(visit, step, value.into())?;
    }
    Ok(())
}

impl Engine {
    /// Records a number, ends the visit, and gives the screen of the next meter: one call.
    /// [`ActError::Doubtful`] says what stands out; nothing is recorded then, and the same number
    /// is given again, confirmed, under another action id.
    pub fn read_next(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        order: Id,
        reading: FastReading,
        lang: Lang,
    ) -> Result<FastScreen, ActError> {
        let done = self.act(action_id, clock, Action::ReadNext { order, reading })?;
        self.fast(Some((order, done)), clock, lang)
    }

    /// The next meter to be read, without a reading before it.
    pub fn fast_screen(
        &mut self,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<FastScreen, ActError> {
        self.fast(None, clock, lang)
    }

    /// What a number would come to, before it is recorded.
    pub fn check_reading(
        &mut self,
        order: Id,
        reading: &FastReading,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<ReadingCheck, ActError> {
        let row = self.store.order_row(order)?.ok_or(ActError::NoSuchOrder)?;
        let reader = self.store.read();
        let meters = meters(&reader, row.premises)?;
        let named = |record: &&MeterRecord| Some(&record.number) == reading.meter.as_ref();
        let record = meters.meters.iter().find(named).or_else(|| only(&meters));
        let profile = self.books.profile(&reader)?;
        let value = reading.value.whole().ok_or(ActError::Reading("a meter is not below zero"))?;
        let seen = meter::in_passing(reading, record, value, clock.wall);
        let (verdict, preview) = meter::judged(record, &profile, &seen);
        Ok(ReadingCheck::new(&verdict, preview, lang))
    }

    fn fast(
        &mut self,
        after: Option<(Id, Done)>,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<FastScreen, ActError> {
        let kind = id_of(&VisitKind::MeterReading);
        let rows = self.store.open_orders(super::screen::MAX_ROWS)?;
        let before = match &after {
            Some((order, _)) => self.store.order_row(*order)?,
            None => None,
        };
        let of_kind = rows.iter().filter(|row| row.kind == kind);
        // Another meter waits behind the same door.
        let here = before.as_ref().filter(|row| row.status == "in_progress");
        let next = here.or_else(|| next_row(of_kind, before.as_ref(), clock.wall)).cloned();
        let stop = self.at_door(next)?;
        let reader = self.store.read();
        let premises = stop.as_ref().and_then(|stop| stop.row.premises);
        let mut meters = meters(&reader, premises)?;
        if let (Some(visit), true) = (here.and_then(|row| row.visit), here.is_some()) {
            let view = visit_view(self.store.read(), &mut self.books, visit)?;
            meter::leave_unread(&mut meters, &view);
        }
        let readings = match &stop {
            Some(stop) => {
                let order = Subject::work_order(stop.row.id);
                OrderState::fold(&reader.events_about(&order)?).readings
            }
            None => Vec::new(),
        };
        let before = match before.and_then(|row| row.premises) {
            Some(premises) => self.store.read().premises(premises)?,
            None => None,
        };
        let told = after.as_ref().and_then(|(_, done)| done.reading.as_ref()).map(|done| {
            let verdict = MeterVerdict {
                usage: done.usage,
                credit: done.credit,
                flags: done.flags.clone(),
                offer_roll_over: false,
                impossible: false,
            };
            ReadingCheck::new(&verdict, done.preview, lang)
        });
        let profile = self.books.profile(&self.store.read()).ok();
        let rules = profile.as_ref().and_then(|profile| profile.readings.as_ref());
        let facts = FastFacts {
            told: told.as_ref(),
            visit: after.as_ref().and_then(|(_, done)| done.visit),
            stop: stop.as_ref(),
            here: before.as_ref(),
            meters: MeterFacts {
                meters: &meters,
                readings: &readings,
                rule: rules.and_then(|rules| rules.estimate.as_ref()),
            },
            listed: self.store.listed_of_kind(&kind)?,
        };
        Ok(FastScreen::new(&facts, clock, lang))
    }
}

//! Notices and slips that stay with the customer: their numbers, and what stands on them.

use std::sync::Arc;

use minicbor::{Decode, Encode};

use super::{
    ActError, Done, Engine, Identity,
    act::Desk,
    context::{VisitView, meters, visit_view},
    sign::{self, company},
};
use crate::{
    base::{ClockReading, Hash, Id, Instant, Lang, Personal, Text3},
    document::{
        HazardNoticeDoc, MeterSlipDoc, NoAccessDoc, NoticeHazard, NoticeHead, NoticeMeasure,
        NoticeReceived, SlipReading,
    },
    event::{
        Answer, HazardText, NoticeNumbered, Payload, Recorded, SignOffPrivate, StepText, Value,
    },
    log::{Class, SubjectKey},
    order::{Hazard, Standing},
    screen::item_title,
    standard::{Kind, Profile, Qualifications, Standard},
};

/// How many notices this device has numbered, under its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Drawn {
    #[n(0)]
    series: Id,
    #[n(1)]
    last: u64,
}

const DRAWN: &str = "notices";
/// The step that tells a notice's number where nobody opened.
const NOTICE: &str = "notice";

/// Draws the next number. Counter and event are written together or not at all, so no number is
/// given twice and none is left out. A new certificate begins a new series.
pub(super) fn draw(desk: &mut Desk<'_>, visit: Id) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    let series = desk.me.series().id;
    let drawn: Option<Drawn> = desk.tx.read().meta(DRAWN)?;
    let last = drawn.filter(|drawn| drawn.series == series).map_or(0, |drawn| drawn.last);
    let number = last.checked_add(1).ok_or(ActError::NoNumbers)?;
    desk.tx.set_meta(DRAWN, &Drawn { series, last: number })?;
    let numbered = NoticeNumbered { series, number };
    let notice = Some(numbered.text());
    Ok(Done { notice, ..desk.in_visit(view, numbered, Vec::new())? })
}

/// Where nobody was met and the notice's step names no number: the number drawn last in the visit, or
/// one drawn for it now. `None` where the step is another, or a number is written.
pub(super) fn number_for_door(
    desk: &mut Desk<'_>,
    visit: Id,
    step: &str,
    answer: &Answer,
) -> Result<Option<String>, ActError> {
    let written = answer.text.as_ref().is_some_and(|text| !text.reveal().trim().is_empty());
    if step != NOTICE || written || answer.value != Value::Written {
        return Ok(None);
    }
    let view = desk.open_visit(visit)?;
    let asked = view.state.standard().step(step);
    let asked = asked.is_some_and(|step| matches!(step.kind, Kind::Text { .. }));
    let drawn = last_drawn(&view);
    desk.left = Some(view);
    match drawn {
        _ if !asked => Ok(None),
        Some(number) => Ok(Some(number)),
        None => Ok(draw(desk, visit)?.notice),
    }
}

/// The number drawn last in a visit.
pub(super) fn last_drawn(view: &VisitView) -> Option<String> {
    view.events.iter().rev().find_map(|recorded| match &recorded.event.payload {
        Payload::NoticeNumbered(numbered) => Some(numbered.text()),
        _ => None,
    })
}

impl Engine {
    /// The notice of what a visit found.
    ///
    /// # Errors
    /// [`ActError::Hazard`] where it found nothing, [`ActError::NoProfile`] where nobody can say what
    /// its grades mean.
    pub fn hazard_notice(&mut self, visit: Id) -> Result<HazardNoticeDoc, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let reader = self.store.read();
        let profile = self.books.profile(&reader)?;
        let tables = self.books.tables(&reader)?;
        let key = reader.key(&view.order, Class::Service)?;
        let held = self.books.qualifications(&reader);
        let number = held.and_then(|held| certificate(me, &view, &profile, &held));
        let opinion = Lang::ALL.into_iter();
        let opinion = opinion.map(|lang| Ok((lang, sign::opinion(&reader, &view, lang)?)));
        let opinion = opinion.collect::<Result<_, ActError>>()?;
        let found: Vec<&Hazard> =
            view.order_state.hazards.iter().filter(|it| view.found(it)).collect();
        if found.is_empty() {
            return Err(ActError::Hazard("this visit found no hazard: there is nothing to tell"));
        }
        let mut numbers: Vec<String> = Vec::new();
        for number in found.iter().flat_map(|hazard| &hazard.notices) {
            if !numbers.contains(number) {
                numbers.push(number.clone());
            }
        }
        if numbers.is_empty() {
            numbers.extend(last_drawn(&view));
        }
        let ours = |event: Hash| view.events.iter().any(|recorded| recorded.id == event);
        let measures = view.order_state.stops.iter().filter(|stop| ours(stop.event));
        Ok(HazardNoticeDoc {
            hazards: told(&view, &profile, key.as_ref(), &tables),
            measures: measures
                .map(|stop| NoticeMeasure {
                    what: stop.what,
                    at: stop.at,
                    paper: stop.paper.clone(),
                    restored: !stop.is_off(),
                })
                .collect(),
            opinion,
            received: received(&view, key.as_ref()),
            head: NoticeHead {
                certificate: number.unwrap_or_default(),
                ..head(me, &view, numbers.join(", "))
            },
        })
    }

    /// What hangs on the door after a visit that met nobody.
    pub fn no_access_notice(
        &mut self,
        visit: Id,
        clock: &ClockReading,
    ) -> Result<NoAccessDoc, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let reader = self.store.read();
        let key = reader.key(&view.order, Class::Service)?;
        let profile = self.books.profile(&reader).ok();
        let started = view.events.first().map_or(clock.wall, |first| first.event.clock.wall);
        let access = profile.as_ref().and_then(|profile| profile.access.as_ref());
        let before = view.order_state.attempts(visit, Some(started));
        let verdict = profile.as_ref().and_then(|it| it.attempt(&before, started, clock.zone));
        let attempt = verdict.as_ref().filter(|it| it.counts()).zip(access);
        let then = verdict.as_ref().and_then(|it| it.then);
        // After the last attempt nobody comes unless somebody is asked.
        let next = access.filter(|_| then.is_none());
        let mut head = head(me, &view, written_number(&view, key.as_ref()));
        // It hangs where everybody passes.
        head.customer = Personal::default();
        Ok(NoAccessDoc {
            head,
            purpose: view.state.standard().title().clone(),
            attempt: attempt.map(|(it, access)| (it.counted + 1, access.max_attempts)),
            then,
            next: next.map_or_else(Vec::new, |it| untried(&it.dayparts, &before, started, clock)),
        })
    }

    /// What the customer is told after a reading.
    ///
    /// # Errors
    /// [`ActError::Reading`] where the visit read no meter.
    pub fn meter_slip(&mut self, visit: Id) -> Result<MeterSlipDoc, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let reader = self.store.read();
        let tariff = self.books.profile(&reader).ok().and_then(|it| it.tariff.clone());
        let meters = meters(&reader, view.order_state.premises)?;
        let stands = |event: Hash| {
            view.order_state
                .readings
                .iter()
                .any(|it| it.event == event && it.standing != Standing::Beaten)
        };
        let slip = |recorded: &Recorded| {
            let Payload::MeterRead(read) = &recorded.event.payload else { return None };
            if !stands(recorded.id) {
                return None;
            }
            let record = meters.meters.iter().find(|it| Some(&it.number) == read.expected.as_ref());
            let preview = record.zip(read.usage).zip(tariff.as_ref());
            Some(SlipReading {
                meter: read.meter.clone(),
                kind: read.kind,
                previous: read.previous,
                value: read.value,
                display: read.display,
                card: (read.card_bought, read.card_left),
                swapped: read.swapped,
                usage: read.usage,
                credit: read.credit,
                flags: read.flags.clone(),
                preview: preview.and_then(|((record, usage), tariff)| {
                    tariff.price(record.used_this_year, usage, record.people)
                }),
            })
        };
        let readings: Vec<_> = view.events.iter().filter_map(slip).collect();
        if readings.is_empty() {
            return Err(ActError::Reading("no meter was read in this visit"));
        }
        Ok(MeterSlipDoc { head: head(me, &view, String::new()), readings })
    }
}

fn head(me: &Identity, view: &VisitView, number: String) -> NoticeHead {
    let clock = view.events.first().map(|first| first.event.clock);
    NoticeHead {
        company: company(me),
        number,
        order: view.order_state.number.clone().unwrap_or_default(),
        customer: view.customer.as_ref().map_or(Personal::default(), |it| it.name.clone()),
        premises: Personal::new(view.premises.address.clone()),
        worker: me.person.name.clone(),
        badge: me.person.badge.clone(),
        certificate: String::new(),
        at: clock.map_or(Instant(0), |clock| clock.wall),
        zone: clock.map_or(crate::base::Zone(0), |clock| clock.zone),
    }
}

/// The number of the certificate that such a visit needs, where the office's list has one of who came.
fn certificate(
    me: &Identity,
    view: &VisitView,
    profile: &Profile,
    held: &Qualifications,
) -> Option<String> {
    let clock = view.events.first()?.event.clock;
    let kind = view.state.standard().visit();
    let needed = profile.certificates.iter().filter(|it| it.visits.contains(&kind));
    let mut numbers = needed
        .filter_map(|it| held.valid(me.person.id, &it.kind, clock.wall, clock.zone))
        .map(|certificate| certificate.number.clone());
    numbers.find(|number| !number.is_empty())
}

/// What a visit found, as the customer is told of it.
pub(super) fn told(
    view: &VisitView,
    profile: &Profile,
    key: Option<&SubjectKey>,
    tables: &[Arc<Standard>],
) -> Vec<NoticeHazard> {
    let found = view.order_state.hazards.iter().filter(|it| view.found(it));
    found.map(|hazard| line(view, profile, key, tables, hazard)).collect()
}

fn line(
    view: &VisitView,
    profile: &Profile,
    key: Option<&SubjectKey>,
    tables: &[Arc<Standard>],
    hazard: &Hazard,
) -> NoticeHazard {
    let plain = |text: &str| Text3 { zh_hans: text.into(), zh_hant: text.into(), en: text.into() };
    let item = item_title(Some(view.state.standard()), tables, &hazard.item);
    let grade = profile.grade(&hazard.scale, &hazard.grade);
    let named = plain(&format!("{} {}", hazard.scale, hazard.grade));
    let event = view.events.iter().find(|recorded| recorded.id == hazard.event);
    let photos = event.map_or_else(Vec::new, |recorded| match &recorded.event.payload {
        Payload::HazardFound(found) => found.evidence.clone(),
        _ => Vec::new(),
    });
    let party = hazard.party.as_deref();
    let titled = |id: &str| profile.party(id).map_or_else(|| plain(id), |it| it.title.clone());
    let text = event.and_then(|it| it.private::<HazardText>(Class::Service, key));
    NoticeHazard {
        should_be: item.is_some(),
        item: item.unwrap_or_else(|| plain(&hazard.item)),
        text: text.and_then(|it| it.text).unwrap_or_default(),
        grade: grade.map_or(named, |grade| grade.title.clone()),
        code: format!("{} {}", hazard.scale, hazard.grade),
        basis: grade.map_or_else(String::new, |grade| grade.source.clone()),
        party: party.map(titled),
        action: grade.and_then(|grade| grade.action.clone()),
        due: hazard.due,
        recheck: hazard.recheck,
        photos,
        mended: !hazard.is_open(),
    }
}

fn received(view: &VisitView, key: Option<&SubjectKey>) -> Option<NoticeReceived> {
    view.events.iter().rev().find_map(|recorded| match &recorded.event.payload {
        Payload::SignedOff(signed) => {
            let private: SignOffPrivate = recorded.private(Class::Service, key).unwrap_or_default();
            Some(NoticeReceived {
                result: signed.result,
                signer: private.signer.unwrap_or_default(),
                strokes: private.strokes,
                reason: private.reason.unwrap_or_default(),
                witness: private.witness.unwrap_or_default(),
            })
        }
        _ => None,
    })
}

/// The number that was written down for the notice on the door; without one, the last drawn.
fn written_number(view: &VisitView, key: Option<&SubjectKey>) -> String {
    let mut done = view.state.done().iter().rev();
    let last = done.find(|done| done.step == NOTICE && done.corrected_by.is_none());
    let event = last.and_then(|done| view.events.iter().find(|it| it.id == done.event));
    let text = event.and_then(|it| it.private::<StepText>(Class::Service, key));
    let written = text.and_then(|it| it.text).map(|text| text.reveal().to_owned());
    written.or_else(|| last_drawn(view)).unwrap_or_default()
}

/// Parts of the day in which nobody has been there, this visit included.
fn untried(
    dayparts: &[u32],
    before: &[Instant],
    now: Instant,
    clock: &ClockReading,
) -> Vec<(u32, u32)> {
    use chrono::Timelike;
    let hour = |at: &Instant| at.local(clock.zone).map_or(0, |local| local.hour());
    let tried: Vec<u32> = before.iter().chain([&now]).map(hour).collect();
    let ends = dayparts.iter().skip(1).copied().chain([24]);
    dayparts
        .iter()
        .copied()
        .zip(ends)
        .filter(|(from, to)| !tried.iter().any(|hour| (*from..*to).contains(hour)))
        .collect()
}

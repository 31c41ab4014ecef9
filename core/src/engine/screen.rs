//! Screens: gathers what each shows, and leaves the words to [`crate::screen`].

use std::sync::Arc;

use super::{
    ActError, Engine, Statement,
    answer::{FORKED, REVOKED, SERVER_RULES},
    bottles,
    context::{VisitView, meters, visit_view},
    hazard, meter,
    outbox::backlog,
    peer,
    picture::photos_by_entry,
    take::FORKED_UNDER,
};
use crate::{
    base::{ClockReading, Hash, Id, Instant, Lang, Money, Zone},
    event::SignOffResult,
    log::{Class, StreamId, Subject, SubjectKind, Writer},
    meter::Meters,
    screen::{
        EarlierVisit, EnrolAgain, HazardFacts, MeterFacts, OrderFacts, PayFacts, PayScreen,
        PaymentFacts, SignScreen, Stuck, SyncFacts, SyncScreen, TodayFacts, TodayScreen,
        VisitFacts, VisitScreen, next_row,
    },
    standard::{Kind, Step},
    store::{Door, OrderRow, StoreError, StreamRow},
    sync::OpenHazards,
};

/// Rows of the first screen: more than anybody visits in a day.
pub(super) const MAX_ROWS: u32 = 500;
/// Decisions of the first screen, the latest.
const MAX_NOTICES: u32 = 50;

impl Engine {
    /// The first screen. Reads the list's rows and folds no order, so that its cost doesn't grow
    /// with what is stored.
    pub fn today(&mut self, clock: &ClockReading, lang: Lang) -> Result<TodayScreen, ActError> {
        let profile = self.books.profile(&self.store.read()).ok();
        let promises = self.books.promises(&self.store.read());
        let rows = self.store.listed_orders(MAX_ROWS)?;
        let orders = self.at_doors(rows)?;
        // Looked at only where there is something to be named.
        let tables = match orders.iter().any(|order| !order.hazards.is_empty()) {
            true => self.books.tables(&self.store.read())?,
            false => Arc::default(),
        };
        let complaints = self.complaint_reminders(clock, lang)?;
        let facts = TodayFacts {
            complaints: &complaints,
            tables: &tables,
            orders: &orders,
            listed: self.store.listed_count()?,
            outcomes: &self.store.outcomes(MAX_NOTICES)?,
            unsent: self.unsent()?,
            promises: promises.as_deref(),
            profile: profile.as_deref(),
        };
        Ok(TodayScreen::new(&facts, clock, lang))
    }

    /// Orders of a list with all that is to be known before their doors open.
    pub(super) fn at_doors(&self, rows: Vec<OrderRow>) -> Result<Vec<OrderFacts>, StoreError> {
        let facts = |Door { order, premises, customer, open }| OrderFacts {
            row: order,
            premises,
            customer,
            hazards: open.hazards,
            stops: open.stops.unwrap_or_default(),
        };
        Ok(self.store.doors(rows)?.into_iter().map(facts).collect())
    }

    /// The same of one order, if there is one.
    pub(super) fn at_door(&self, row: Option<OrderRow>) -> Result<Option<OrderFacts>, StoreError> {
        Ok(self.at_doors(row.into_iter().collect())?.pop())
    }

    /// Where to go from an order, by the clock at its visit's end.
    fn next_stop(&self, from: Id, at: Instant) -> Result<Option<OrderFacts>, StoreError> {
        let rows = self.store.open_orders(MAX_ROWS)?;
        let from = self.store.order_row(from)?;
        self.at_door(next_row(&rows, from.as_ref(), at).cloned())
    }

    /// The visit, with the steps of the phase it is in.
    pub fn visit_screen(&mut self, visit: Id, lang: Lang) -> Result<VisitScreen, ActError> {
        self.visit_phase(visit, None, lang)
    }

    /// The visit, with the steps of a phase of the technician's choice.
    pub fn visit_phase(
        &mut self,
        visit: Id,
        phase: Option<&str>,
        lang: Lang,
    ) -> Result<VisitScreen, ActError> {
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let next = match view.state.ended() {
            Some(ended) => self.next_stop(view.order.id, ended.at)?,
            None => None,
        };
        let photos = self.store.photos_of(&view.order, visit)?;
        let named: Vec<_> = view.events.iter().flat_map(photos_by_entry).collect();
        let mut earlier = Vec::new();
        for id in view.line.iter().filter(|id| **id != visit) {
            let Some(summary) = view.order_state.visits.get(id) else { continue };
            let Some(handed) = &summary.handed_over else { continue };
            let stream = StreamId::new(view.order, summary.writer);
            earlier.push(EarlierVisit {
                visit: *id,
                badge: handed.badge.clone(),
                began: summary.started_at,
                provisional: peer::provisional(&self.store.read(), &stream)?.is_some(),
            });
        }
        let reader = self.store.read();
        let (profile, tables) = (self.books.profile(&reader).ok(), self.books.tables(&reader)?);
        let key = reader.key(&view.order, Class::Service)?;
        let elsewhere = match view.order_state.premises {
            Some(premises) => self.store.open_at(premises)?,
            None => OpenHazards::default(),
        };
        let held = match self.books.price_list(&reader, Some(view.price_list)) {
            Ok(list) => bottles::at(&reader, &list, &view.order_state)?,
            Err(_) => Vec::new(),
        };
        let settled = hazard::settled_elsewhere(&view);
        let reads = |step: &Step| matches!(step.kind, Kind::Reading { .. });
        let mut unread = match view.state.standard().steps().any(reads) {
            true => meters(&reader, view.order_state.premises)?,
            false => Meters::default(),
        };
        meter::leave_unread(&mut unread, &view);
        let rules = profile.as_ref().and_then(|profile| profile.readings.as_ref());
        let facts = VisitFacts {
            meters: MeterFacts {
                meters: &unread,
                rule: rules.and_then(|rules| rules.estimate.as_ref()),
                readings: &view.order_state.readings,
            },
            bottles: &held,
            earlier: &earlier,
            explanation: &hazard::explain(&view, profile.as_deref(), &tables),
            hazards: HazardFacts {
                order: &view.order_state,
                visits: &view.line,
                elsewhere: &elsewhere,
                checked: &settled.checked,
                restored: &settled.restored,
                texts: &hazard::texts(&view, key.as_ref()),
                profile: profile.as_deref(),
                tables: &tables,
            },
            photos: &photos,
            photos_erased: &view.order_state.photos_erased,
            named: &named,
            visit,
            order: view.order.id,
            number: view.order_state.number.as_deref().unwrap_or_default(),
            premises: &view.premises,
            customer: view.customer.as_ref(),
            access_note: view.access_note.as_ref(),
            details: &view.order_state.details,
            state: &view.state,
            outdated: view.order_state.needs_newer_app,
            own: self.identity.as_ref().is_some_and(|me| me.writer() == view.row.stream.writer),
            zone: zone(&view),
            next: next.as_ref(),
        };
        Ok(VisitScreen::new(&facts, phase, lang))
    }

    /// The visit's money. `tendered` is a sum that is being entered and not yet taken: the call-out
    /// says its change.
    pub fn pay_screen(
        &mut self,
        visit: Id,
        tendered: Option<Money>,
        lang: Lang,
    ) -> Result<PayScreen, ActError> {
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let list = self.books.price_list(&self.store.read(), Some(view.price_list))?;
        let money = view.money_in(&list)?;
        // What was paid before the visit was taken over stands on receipts of another series.
        let mut own_payments = money.payments.clone();
        if let Writer::Device(device) = view.row.stream.writer {
            let series = Subject::receipt_series(device).id;
            own_payments.retain(|paid| paid.series == series);
        }
        let voidable = self.voidable()?;
        let region = self.books.profile(&self.store.read()).ok();
        let risk = region.as_ref().and_then(|profile| profile.risk.as_ref());
        let visits = view.order_state.visits.values();
        let ended = visits.filter(|it| it.finished.is_some()).map(|it| it.id).collect();
        let facts = PayFacts {
            ledger: PaymentFacts {
                payments: &view.order_state.payments,
                series: self.identity.as_ref().map(|me| me.series().id),
                voidable: &voidable,
                ended: &ended,
            },
            claim_photo: risk.is_some_and(|risk| risk.claim_photo),
            over: self.shift_report()?.and_then(|(day, _)| day.over),
            visit,
            list: &list,
            lines: &money.lines,
            payments: &own_payments,
            quotes: &money.quotes,
            charged: money.charged,
            paid: money.paid,
            due: money.due,
            next: money.next,
            is_deposit: money.is_deposit,
        };
        Ok(PayScreen::new(&facts, tendered, lang))
    }

    /// The statement to sign; in the customer's language when none is given. Once it is signed, the
    /// very text that was signed, in the language it was signed in.
    pub fn sign_screen(&mut self, visit: Id, lang: Option<Lang>) -> Result<SignScreen, ActError> {
        let (statement, result) = match self.service_report(visit) {
            Ok(report) if report.result == SignOffResult::Signed => {
                let text = report.statement.reveal().to_owned();
                let hash = Hash::of(&[text.as_bytes()]);
                (Statement { text, hash, lang: report.lang }, Some(report.result))
            }
            Ok(report) => (self.statement(visit, lang)?, Some(report.result)),
            Err(ActError::NotSigned) => (self.statement(visit, lang)?, None),
            Err(error) => return Err(error),
        };
        Ok(SignScreen::new(visit, statement.text, statement.hash, statement.lang, result))
    }

    /// Sync, as shown. Costs what is unsent and what is held back, however long the phone was in use.
    pub fn sync_screen(&self, clock: &ClockReading, lang: Lang) -> Result<SyncScreen, ActError> {
        let held = self.store.held_streams()?;
        let mut stuck = Vec::new();
        for row in held.iter().take(STUCK_SHOWN) {
            let subject = row.stream.subject;
            let number = match subject.kind {
                SubjectKind::WorkOrder => self.store.read().order_number(subject.id)?,
                _ => String::new(),
            };
            stuck.push(Stuck { kind: subject.kind, number, reason: row.trouble.clone() });
        }
        let facts = SyncFacts {
            lanes: backlog(&self.store)?,
            photos: self.store.photo_backlog()?,
            photos_wait: self.photos_wait()?,
            held: held.len() as u64,
            stuck,
            status: self.sync_status(),
            bytes_per_second: self.pace.bytes_per_second(),
            statement: self.nothing_unsent()?,
            enrol_again: self.enrol_again(&held)?,
            safe: self.store.read().all_safe()?,
            outdated: self.store.read().meta::<u32>(SERVER_RULES)?.is_some(),
        };
        Ok(SyncScreen::new(&facts, clock, lang))
    }

    /// Why this phone should get another certificate, if it should.
    fn enrol_again(&self, held: &[StreamRow]) -> Result<Option<EnrolAgain>, ActError> {
        let Some(me) = &self.identity else { return Ok(None) };
        let mine = |reason: &str| {
            held.iter().any(|row| row.trouble == reason && row.stream.writer == me.writer())
        };
        if mine(REVOKED) {
            return Ok(Some(EnrolAgain::Withdrawn));
        }
        let forked = self.store.read().meta::<Id>(FORKED_UNDER)?;
        let copied = mine(FORKED) || forked == Some(me.certificate.id());
        Ok(copied.then_some(EnrolAgain::Copied))
    }
}

/// Streams held back that a screen names; it says how many there are in all.
const STUCK_SHOWN: usize = 20;

/// The zone the technician's own clock showed.
fn zone(view: &VisitView) -> Zone {
    view.events.last().map_or(Zone::default(), |recorded| recorded.event.clock.zone)
}

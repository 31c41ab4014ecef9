//! What an action is judged against: the folded visit, its money, its order.

use std::{borrow::Cow, sync::Arc};

use super::{ActError, answer::no_earlier, enrol::Books, previous::previous};
use crate::{
    base::{ClockReading, Currency, Hash, Id, Instant, Money, MoneyError, Personal},
    event::{Customer, DetailText, Paid, Payload, Recorded},
    log::{Class, Subject},
    meter::Meters,
    money::{ChargeLine, PriceList, Quote, total},
    order::{DeskPayment, Hazard, History, OrderState, Payment},
    standard::{AttemptVerdict, Profile, Qualifications, ServicePromises, Standard, World},
    store::{Reader, StoreError, StreamRow, Transaction},
    sync::{Premises, StandingDoc},
    visit::{VisitContext, VisitState},
};

/// The key of the price list in standing data.
pub(super) const PRICE_LIST: &str = "price-list";

/// The key of the service promises in standing data.
pub(super) const PROMISES: &str = "service-promises";

/// The key of everybody's certificates in standing data.
pub(super) const QUALIFICATIONS: &str = "qualifications";

/// The key of the region's profile in standing data.
pub(super) const PROFILE: &str = "profile";

/// One visit with all around it.
pub(super) struct VisitView {
    pub id: Id,
    pub order: Subject,
    pub order_state: OrderState,
    pub row: StreamRow,
    /// The visit with those that it continues, first to last: it is the last.
    pub line: Vec<Id>,
    /// The events of all of them, in that order.
    pub events: Vec<Recorded>,
    pub state: VisitState,
    pub premises: Premises,
    pub customer: Option<Customer>,
    pub access_note: Option<Personal>,
    pub price_list: u32,
}

/// The money of one visit.
pub(super) struct VisitMoney {
    pub lines: Vec<ChargeLine>,
    /// Lines charged since all was last paid.
    pub unreceipted: Vec<(Hash, ChargeLine)>,
    pub payments: Vec<Paid>,
    /// What the customer paid at the office for these charges.
    pub at_desk: Vec<DeskPayment>,
    pub charged: Money,
    pub paid: Money,
    pub due: Money,
    /// What is to be paid now, on one receipt: what work and goods cost, then deposits.
    pub next: Money,
    /// It is deposits.
    pub is_deposit: bool,
    pub quotes: Vec<Quote>,
}

impl VisitMoney {
    pub(super) fn accepted(&self) -> Option<&Quote> {
        self.quotes.iter().rev().find(|quote| quote.accepted)
    }
}

/// The meters of these premises; none where the order names no premises.
pub(super) fn meters(reader: &Reader<'_>, premises: Option<Id>) -> Result<Meters, StoreError> {
    premises.map_or(Ok(Meters::default()), |premises| reader.meters(premises))
}

/// Reads the visit `id`, folded by the version of the standard it is pinned to.
pub(super) fn visit_view(
    reader: Reader<'_>,
    books: &mut Books,
    id: Id,
) -> Result<VisitView, ActError> {
    let (row, first) = reader.visit_place(id)?.ok_or(ActError::NoSuchVisit)?;
    let order = row.stream.subject;
    let all = reader.events_about(&order)?;
    let order_state = OrderState::fold(&all);
    let mut customer = customer(&reader, &order, &all)?;
    let details = &order_state.details;
    let phone = detail_text(&reader, &order, &all, details.phone)?;
    if let (Some(customer), Some(phone)) = (&mut customer, phone) {
        customer.phone = Some(phone);
    }
    let access_note = detail_text(&reader, &order, &all, details.access_note)?;
    let premises = premises(&reader, order_state.premises)?;
    let line = order_state.line(id);
    let mut parts = Vec::new();
    for visit in line.iter().filter(|visit| **visit != id) {
        if let Some((row, first)) = reader.visit_place(*visit)? {
            parts.push((*visit, visit_events(&row, first, *visit, Cow::Borrowed(&all))));
        }
    }
    let own = visit_events(&row, first, id, Cow::Owned(all));
    let started = own.iter().find_map(|recorded| match &recorded.event.payload {
        Payload::VisitStarted(started) => Some(started.clone()),
        _ => None,
    });
    parts.push((id, own));
    let started = started.ok_or(ActError::NoSuchVisit)?;
    let standard = books.standard(&reader, &started.standard, Some(started.version))?;
    let around = Around { reader: &reader, order: &order_state, premises: &premises };
    let begun = parts.iter().find_map(|(_, events)| events.first());
    let began = begun.map_or(Instant(0), |first| first.event.clock.wall);
    let previous = previous(&reader, books, &standard, order_state.premises, began)?;
    let mut state: Option<VisitState> = None;
    for (visit, events) in &parts {
        let world = around.world(books, customer.as_ref(), *visit, events);
        let context = VisitContext { world, previous: previous.clone() };
        let before = state.take().filter(|before| before.pin_matches());
        let next = match before {
            Some(before) => before.continued(context),
            None => VisitState::new(standard.clone(), context),
        };
        state = Some(next.with(events));
    }
    let state = state.ok_or(ActError::NoSuchVisit)?;
    if !state.pin_matches() {
        return Err(ActError::NoStandard(started.standard));
    }
    let price_list = started.price_list;
    let own = parts.pop().map(|(_, own)| own).unwrap_or_default();
    let mut events: Vec<_> = parts.into_iter().flat_map(|(_, events)| events).collect();
    match events.is_empty() {
        true => events = own,
        false => events.extend(own),
    }
    Ok(VisitView {
        id,
        order,
        order_state,
        row,
        line,
        events,
        state,
        premises,
        customer,
        access_note,
        price_list,
    })
}

/// What a visit's conditions are read from.
struct Around<'a> {
    reader: &'a Reader<'a>,
    order: &'a OrderState,
    premises: &'a Premises,
}

impl Around<'_> {
    /// What one visit's conditions know before the door opens.
    fn world(
        &self,
        books: &mut Books,
        customer: Option<&Customer>,
        visit: Id,
        events: &[Recorded],
    ) -> World {
        let mut world = world(self.order, self.premises, customer, visit);
        let Some(first) = events.first() else { return world };
        let clock = first.event.clock;
        let made = self.order.details.appointment_at(clock.wall);
        world.late = Some(made.is_some_and(|made| made.agreed && clock.wall > made.to));
        world.beyond = self.order.visits.get(&visit).map(|visit| visit.beyond);
        // Without a profile nobody judges attempts.
        let Ok(profile) = books.profile(self.reader) else { return world };
        world.ages = profile.age_limits(clock.wall, clock.zone);
        let verdict = attempt(&profile, self.order, visit, &clock);
        world.same_daypart = verdict.as_ref().map(|verdict| verdict.same_daypart);
        world.too_soon = verdict.as_ref().map(|verdict| verdict.too_soon);
        // Without a list of certificates nobody judges them.
        if let Some(known) = books.qualifications(self.reader) {
            let needed = profile.certificates.iter().filter(|required| {
                self.order.kind.is_some_and(|kind| required.visits.contains(&kind))
            });
            let held = |kind: &str| known.held(first.event.actor, kind, clock.wall, clock.zone);
            world.unqualified = Some(!needed.map(|required| &required.kind).all(|it| held(it)));
        }
        world
    }
}

/// How a visit that began at `clock` stands as an attempt to meet somebody.
pub(super) fn attempt(
    profile: &Profile,
    order: &OrderState,
    visit: Id,
    clock: &ClockReading,
) -> Option<AttemptVerdict> {
    profile.attempt(&order.attempts(visit, Some(clock.wall)), clock.wall, clock.zone)
}

/// The visit's events in its writer's line. A device whose past has forked sees its own; others see
/// what counts.
pub(super) fn visit_events(
    row: &StreamRow,
    first: u64,
    id: Id,
    all: Cow<'_, [Recorded]>,
) -> Vec<Recorded> {
    let branch = |r: &&Recorded| r.stream.is_branch() && r.stream.trunk() == row.stream;
    let fork = all.iter().filter(branch).min_by_key(|r| r.seq).map(|r| (r.stream, r.seq));
    let counts: Vec<_> = match fork {
        Some((_, begins)) if !row.own && first < begins => {
            let history = History::merge(&*all);
            history.events().iter().map(|placed| placed.recorded.id).collect()
        }
        _ => Vec::new(),
    };
    let in_line = |r: &Recorded| match fork {
        Some((branch, begins)) if row.own && first < begins => {
            (r.stream == row.stream && r.seq >= first && r.seq < begins) || r.stream == branch
        }
        Some((_, begins)) if first < begins => {
            r.stream.writer == row.stream.writer && counts.contains(&r.id)
        }
        _ => r.stream == row.stream && r.seq >= first,
    };
    let its = |r: &Recorded| r.event.visit == Some(id) && in_line(r);
    match all {
        Cow::Owned(all) => all.into_iter().filter(its).collect(),
        Cow::Borrowed(all) => all.iter().filter(|r| its(r)).cloned().collect(),
    }
}

/// What the order's conditions know before the door opens.
fn world(order: &OrderState, premises: &Premises, customer: Option<&Customer>, visit: Id) -> World {
    World {
        under_renovation: Some(premises.under_renovation),
        special_needs: Some(customer.is_some_and(|c| c.special_need.is_some())),
        floor: Some(i64::from(premises.floor)),
        building: Some(premises.building.clone()),
        user: premises.user.clone(),
        order_kind: order
            .kind
            .and_then(|kind| serde_json::to_value(kind).ok()?.as_str().map(str::to_owned)),
        emergency: Some(order.emergency),
        attempts: Some(order.attempts(visit, None).len() as i64),
        ..World::default()
    }
}

pub(super) fn customer(
    reader: &Reader<'_>,
    order: &Subject,
    events: &[Recorded],
) -> Result<Option<Customer>, StoreError> {
    let key = reader.key(order, Class::Contact)?;
    let opened = events.iter().find(|r| matches!(r.event.payload, Payload::OrderOpened(_)));
    Ok(opened.and_then(|recorded| recorded.private(Class::Contact, key.as_ref())))
}

/// The text that an event of a changed detail holds, while the key is here.
fn detail_text(
    reader: &Reader<'_>,
    order: &Subject,
    events: &[Recorded],
    event: Option<Hash>,
) -> Result<Option<Personal>, StoreError> {
    let Some(event) = event else { return Ok(None) };
    let key = reader.key(order, Class::Contact)?;
    let holds = events.iter().find(|recorded| recorded.id == event);
    let text = holds.and_then(|r| r.private::<DetailText>(Class::Contact, key.as_ref()));
    Ok(text.map(|text| text.text))
}

pub(super) fn premises(reader: &Reader<'_>, id: Option<Id>) -> Result<Premises, StoreError> {
    let Some(id) = id else { return Ok(Premises::default()) };
    Ok(reader.premises(id)?.unwrap_or(Premises { id, ..Premises::default() }))
}

impl VisitView {
    /// Whether a hazard was found in this visit, or in one that it continues.
    pub(super) fn found(&self, hazard: &Hazard) -> bool {
        hazard.visit.is_some_and(|visit| self.line.contains(&visit))
    }

    /// The visit's money, from its events.
    pub(super) fn money(&self, currency: Currency) -> Result<VisitMoney, MoneyError> {
        type Charges = Vec<(Hash, ChargeLine)>;
        let (mut lines, mut unreceipted): (Charges, Charges) = Default::default();
        let mut payments: Vec<(Paid, Charges)> = Vec::new();
        let mut quotes: Vec<Quote> = Vec::new();
        for recorded in &self.events {
            match &recorded.event.payload {
                Payload::Charged(charged) => {
                    lines.push((recorded.id, charged.line.clone()));
                    unreceipted.push((recorded.id, charged.line.clone()));
                }
                Payload::EntryCorrected(correction) if correction.value.is_none() => {
                    lines.retain(|(event, _)| *event != correction.entry);
                    unreceipted.retain(|(event, _)| *event != correction.entry);
                }
                Payload::Paid(paid) => {
                    // After a part, the next receipt still says what the rest is for.
                    let whole = paid.tendered.minus(paid.change)? == paid.due;
                    let mut covered = Vec::new();
                    if whole {
                        let deposits = paid.deposits.is_some();
                        let of =
                            |(_, line): &(Hash, ChargeLine)| line.deposit().is_some() == deposits;
                        covered = unreceipted.iter().filter(|it| of(it)).cloned().collect();
                        unreceipted.retain(|it| !of(it));
                    }
                    payments.push((paid.clone(), covered));
                }
                Payload::PaymentVoided(void) => {
                    let is = |(paid, _): &(Paid, Charges)| {
                        paid.series == void.series && paid.number == void.number
                    };
                    if let Some(at) = payments.iter().position(is) {
                        // Its lines are for the receipt in its place.
                        let (_, covered) = payments.remove(at);
                        unreceipted.splice(0..0, covered);
                    }
                }
                Payload::QuoteOffered(offered) => {
                    quotes.push(Quote::new(offered.version, currency, offered.lines.clone())?);
                }
                Payload::QuoteAccepted(accepted) => {
                    for quote in quotes.iter_mut().filter(|q| q.version == accepted.version) {
                        *quote = quote.clone().accept();
                    }
                }
                _ => {}
            }
        }
        let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
        let charged = total(currency, &lines)?;
        let payments: Vec<Paid> = payments.into_iter().map(|(paid, _)| paid).collect();
        let counts = |paid: &Paid| {
            let of = |p: &&Payment| p.series == paid.series && p.number == paid.number;
            match self.order_state.payments.iter().find(of) {
                Some(payment) => Ok(payment.counts()),
                None => paid.tendered.minus(paid.change),
            }
        };
        let mut amounts: Vec<_> = payments.iter().map(counts).collect::<Result<_, _>>()?;
        let at_desk = self.order_state.desk_payments.iter();
        let at_desk = at_desk.filter(|paid| self.line.contains(&paid.visit));
        let at_desk: Vec<_> = at_desk.cloned().collect();
        amounts.extend(at_desk.iter().map(|paid| paid.amount));
        let paid = Money::sum(currency, amounts)?;
        let due = charged.minus(paid)?;
        let deposits = total(currency, lines.iter().filter(|line| line.deposit().is_some()))?;
        let paid_deposits = payments.iter().filter(|paid| paid.deposits.is_some()).map(counts);
        let paid_deposits = Money::sum(currency, paid_deposits.collect::<Result<Vec<_>, _>>()?)?;
        let deposits = deposits.minus(paid_deposits)?;
        let goods = due.minus(deposits)?;
        // Deposits have a receipt of their own, when nothing else is due.
        let is_deposit = goods.minor <= 0 && deposits.minor > 0;
        let next = match (is_deposit, goods.minor < 0) {
            (true, true) => due,
            (true, false) => deposits,
            (false, _) if deposits.minor > 0 => goods,
            (false, _) => due,
        };
        Ok(VisitMoney {
            lines,
            unreceipted,
            payments,
            at_desk,
            charged,
            paid,
            due,
            next,
            is_deposit,
            quotes,
        })
    }
}

/// Keeps a document the company published. A standard is checked whole here, once: where it was
/// found right, it is only read afterwards. `false`: its content can't be read.
pub(super) fn keep_standing(
    tx: &Transaction<'_>,
    doc: &StandingDoc,
    signed: &[u8],
) -> Result<bool, StoreError> {
    let kept = tx.keep_standing(doc, signed)?;
    let Ok(text) = std::str::from_utf8(&doc.body) else { return Ok(kept) };
    if doc.key.starts_with("standard/") && Standard::load(text).is_ok() {
        tx.set_meta(&sound_key(Hash::of(&[&doc.body])), &true)?;
    }
    Ok(kept)
}

/// Where it is kept that a standard's text was found right.
fn sound_key(fingerprint: Hash) -> String {
    format!("sound/{fingerprint}")
}

/// The newest document under `key`, read once as long as it stays the same.
fn newest<T>(
    reader: &Reader<'_>,
    key: &str,
    kept: &mut Option<(Hash, Arc<T>)>,
    load: impl Fn(&str) -> Option<T>,
) -> Option<Arc<T>> {
    let text = reader.standing_text(key, None).ok()??;
    let fingerprint = Hash::of(&[text.as_bytes()]);
    match kept {
        Some((known, document)) if *known == fingerprint => Some(document.clone()),
        _ => {
            let document = Arc::new(load(&text)?);
            *kept = Some((fingerprint, document.clone()));
            Some(document)
        }
    }
}

impl Books {
    /// The standard `id`, in one version or the newest.
    pub(super) fn standard(
        &mut self,
        reader: &Reader<'_>,
        id: &str,
        version: Option<u32>,
    ) -> Result<Arc<Standard>, ActError> {
        let missing = || ActError::NoStandard(id.to_owned());
        let text = reader.standing_text(&format!("standard/{id}"), version)?.ok_or_else(missing)?;
        let fingerprint = Hash::of(&[text.as_bytes()]);
        if let Some(standard) = self.standards.get(&fingerprint) {
            return Ok(standard.clone());
        }
        let sound = reader.meta::<bool>(&sound_key(fingerprint))?.unwrap_or(false);
        let standard = if sound { Standard::read(&text) } else { Standard::load(&text) };
        let standard = Arc::new(standard.map_err(|_| missing())?);
        self.standards.insert(fingerprint, standard.clone());
        Ok(standard)
    }

    /// The newest standards on the phone that have checklists: what a hazard's item is called, where
    /// the visit at hand doesn't say. One that can't be read names nothing.
    pub(super) fn tables(&mut self, reader: &Reader<'_>) -> Result<Arc<[Arc<Standard>]>, ActError> {
        let newest = reader.standing_versions("standard/")?;
        if let Some((known, tables)) = &self.tables
            && *known == newest
        {
            return Ok(tables.clone());
        }
        let mut tables = Vec::new();
        for (key, version) in &newest {
            let id = key.trim_start_matches("standard/");
            tables.extend(self.standard(reader, id, Some(*version)).ok());
        }
        tables.retain(|standard| standard.items().next().is_some());
        let tables: Arc<[_]> = tables.into();
        self.tables = Some((newest, tables.clone()));
        Ok(tables)
    }

    /// The profile of the region, the newest.
    pub(super) fn profile(&mut self, reader: &Reader<'_>) -> Result<Arc<Profile>, ActError> {
        let load = |text: &str| Profile::load(text).ok();
        newest(reader, PROFILE, &mut self.region, load).ok_or(ActError::NoProfile)
    }

    /// The company's promises, the newest, where it published some.
    pub(super) fn promises(&mut self, reader: &Reader<'_>) -> Option<Arc<ServicePromises>> {
        newest(reader, PROMISES, &mut self.promises, |text| ServicePromises::load(text).ok())
    }

    /// Everybody's certificates, the newest list, where the office published one.
    pub(super) fn qualifications(&mut self, reader: &Reader<'_>) -> Option<Arc<Qualifications>> {
        let load = |text: &str| Qualifications::load(text).ok();
        newest(reader, QUALIFICATIONS, &mut self.qualifications, load)
    }

    /// The price list for work that begins now: the newest whose day has come. A list is published
    /// ahead of its day; where no day has come, the first to come is given, and it charges nothing
    /// until then.
    pub(super) fn prices_now(
        &mut self,
        reader: &Reader<'_>,
        clock: &ClockReading,
    ) -> Result<Arc<PriceList>, ActError> {
        let now = no_earlier(reader, clock)?;
        let mut first = Err(ActError::NoPriceList);
        for version in reader.versions_of(PRICE_LIST)? {
            let list = self.price_list(reader, Some(version))?;
            if list.holds_at(now, clock.zone) {
                return Ok(list);
            }
            first = Ok(list);
        }
        first
    }

    /// The price list, in one version or the newest.
    pub(super) fn price_list(
        &mut self,
        reader: &Reader<'_>,
        version: Option<u32>,
    ) -> Result<Arc<PriceList>, ActError> {
        let text = reader.standing_text(PRICE_LIST, version)?.ok_or(ActError::NoPriceList)?;
        let fingerprint = Hash::of(&[text.as_bytes()]);
        if let Some(list) = self.price_lists.get(&fingerprint) {
            return Ok(list.clone());
        }
        let list = Arc::new(PriceList::load(&text).map_err(|_| ActError::NoPriceList)?);
        self.price_lists.insert(fingerprint, list.clone());
        Ok(list)
    }
}

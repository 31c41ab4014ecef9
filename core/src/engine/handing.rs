//! An open visit goes from one phone to another while neither has a network. (The bag's cash is handed
//! over in [`super::handover`]; that is something else.)
//!
//! The taker's phone shows its certificate as a code. The giver's closes its visit with an event that
//! names that device, and makes a file that no other opens: the order's streams and keys, and the
//! standing data the visit is pinned to. The taker's phone begins a visit of its own that continues the
//! first. What came so is provisional until the server's word ([`super::peer`]), and is offered to the
//! server beside the taker's own work: the giver's phone may never be heard of again.

use super::{
    ActError, Done, Engine,
    act::Desk,
    context::{PRICE_LIST, PROFILE, PROMISES, QUALIFICATIONS, keep_standing},
    outbox::OFFERED,
    peer,
    project::project,
    take::{SigningKeys, Source, take_tail},
};
use crate::{
    base::{ClockReading, Id},
    document::TakerCodeDoc,
    event::{Payload, Recorded, VisitHandedOver, VisitStarted},
    log::{Certificate, Class, DisclosedKey, StreamId, Subject, Writer},
    order::{OrderState, VisitSummary},
    store::StoreError,
    sync::{
        HandedError, HandedVisit, PacketError, Premises, StandingDoc, read_taker_code, taker_code,
    },
};

/// Why a visit can't go from one phone to another like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandingError {
    /// The code or the file.
    #[error(transparent)]
    File(#[from] HandedError),
    /// The code is this phone's own.
    #[error("this is this phone's own code: scan the colleague's")]
    ThisPhone,
    /// The taker's certificate has run out.
    #[error("that phone's certificate has run out: it must be enrolled again first")]
    Expired,
    /// It was handed over to another phone before.
    #[error("this visit was handed over to another phone already")]
    Gone,
    /// It was not handed over from this phone.
    #[error("this visit was not handed over from this phone: there is nothing to take back")]
    NotFromHere,
    /// The other phone has gone on with it.
    #[error("the colleague has begun already: ask for it to be handed over to this phone")]
    Begun,
    /// Whoever handed it over took it back.
    #[error("the colleague took this visit back: ask for it to be handed over anew")]
    TakenBack,
    /// The file doesn't hold what it says.
    #[error("what this file says does not hold: ask for it again, and tell the office")]
    False,
}

impl HandingError {
    /// Its stable name.
    pub(super) fn kind(self) -> &'static str {
        match self {
            HandingError::File(HandedError::Torn) => "handed_torn",
            HandingError::File(HandedError::OtherCompany) => "handed_other_company",
            HandingError::File(HandedError::OtherPhone) => "handed_other_phone",
            HandingError::File(HandedError::Newer) => "handed_newer",
            HandingError::ThisPhone => "handed_this_phone",
            HandingError::Expired => "handed_expired",
            HandingError::Gone => "handed_gone",
            HandingError::NotFromHere => "handed_not_from_here",
            HandingError::Begun => "handed_begun",
            HandingError::TakenBack => "handed_taken_back",
            HandingError::False => "handed_false",
        }
    }
}

impl From<HandedError> for ActError {
    fn from(error: HandedError) -> ActError {
        HandingError::File(error).into()
    }
}

impl Engine {
    /// What this phone shows to whoever hands a visit over to it, as a text that stands in one QR code.
    ///
    /// # Errors
    /// When the phone isn't enrolled.
    pub fn taker_code(&self) -> Result<String, ActError> {
        Ok(taker_code(&self.me()?.certificate))
    }

    /// That code as a paper to be drawn.
    pub(super) fn taker_code_doc(&self) -> Result<TakerCodeDoc, ActError> {
        let me = self.me()?;
        Ok(TakerCodeDoc {
            company: super::sign::company(me),
            person: me.person.name.clone(),
            badge: me.person.badge.clone(),
            code: taker_code(&me.certificate),
        })
    }

    /// Hands an open visit over to the phone whose code was scanned: closes it here, and gives the file
    /// for that phone. When this returns, that the visit was handed over survives loss of power; the
    /// file can be made again, for the same phone, by the same call.
    ///
    /// # Errors
    /// [`HandingError`] for the code, and what keeps any action from being taken.
    pub fn hand_visit_over(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        visit: Id,
        code: &str,
    ) -> Result<Vec<u8>, ActError> {
        let me = self.me()?;
        let taker = read_taker_code(code, &me.company_signing_key)?;
        if taker.id() == me.certificate.id() {
            return Err(HandingError::ThisPhone.into());
        }
        if self.server_time(clock)? > taker.fields().expires {
            return Err(HandingError::Expired.into());
        }
        let to = taker.id();
        self.at_desk(action_id, clock, |desk| hand_over(desk, visit, to))?;
        let (row, _) = self.store.read().visit_place(visit)?.ok_or(ActError::NoSuchVisit)?;
        let handed = self.handed(row.stream.subject.id, visit)?;
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let giver = (&me.keys.sign_key(), &me.certificate);
        handed.seal(&mut *self.entropy, giver, &taker).map_err(|error| match error {
            PacketError::TooLarge(limit) => {
                ActError::TooLong { what: "the order", limit, unit: "bytes" }
            }
            _ => HandingError::File(HandedError::OtherCompany).into(),
        })
    }

    /// All of an order that whoever continues its visit needs.
    fn handed(&self, order: Id, visit: Id) -> Result<HandedVisit, ActError> {
        let reader = self.store.read();
        let subject = Subject::work_order(order);
        let me = self.me()?;
        let mut handed = HandedVisit {
            order,
            visit,
            certificates: vec![me.certificate.bytes().to_vec().into()],
            tails: Vec::new(),
            keys: Vec::new(),
            standing: Vec::new(),
            premises: None,
            meters: None,
        };
        // A branch is this phone's alone until the server's word.
        for row in reader.streams_of(&subject)?.into_iter().filter(|row| !row.stream.is_branch()) {
            let Some((seq, seal)) = self.store.last_seal(&row)?.filter(|_| row.purged == 0) else {
                continue;
            };
            let mut tail = self.store.tail(&row, 0, usize::MAX)?;
            tail.events.truncate(seq as usize);
            tail.seal = Some(seal.into());
            handed.tails.push(tail);
            if let Writer::Device(id) = row.stream.writer
                && row.stream.writer != me.writer()
                && let Some(bytes) = reader.certificate(id)?
            {
                handed.certificates.push(bytes.into());
            }
        }
        for class in Class::ALL {
            if let Some(key) = reader.key(&subject, class)? {
                handed.keys.push(DisclosedKey { subject, class, key });
            }
        }
        let events = reader.events_about(&subject)?;
        let started = events.iter().find_map(|recorded| match &recorded.event.payload {
            Payload::VisitStarted(started) if recorded.event.visit == Some(visit) => Some(started),
            _ => None,
        });
        let started = started.ok_or(ActError::NoSuchVisit)?;
        let standard = format!("standard/{}", started.standard);
        let documents = [
            (standard.as_str(), Some(started.version)),
            (PRICE_LIST, Some(started.price_list)),
            (PROFILE, None),
            (PROMISES, None),
            (QUALIFICATIONS, None),
        ];
        for (key, version) in documents {
            handed.standing.extend(reader.standing_signed(key, version)?.map(Into::into));
        }
        if let Some(premises) = OrderState::fold(&events).premises {
            handed.premises = reader.premises(premises)?;
            let meters = reader.meters(premises)?;
            handed.meters = (!meters.meters.is_empty()).then_some(meters);
        }
        Ok(handed)
    }

    /// Takes a visit over from a colleague's file, and begins the one that continues it: the action's id
    /// becomes that visit's. The same file again changes nothing and names the visit that was begun.
    ///
    /// # Errors
    /// [`HandingError`] for the file, of which nothing is kept then; [`ActError::AlreadyOpen`] while
    /// another visit to this order is open here.
    pub fn take_visit_over(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        file: &[u8],
    ) -> Result<Done, ActError> {
        let me = self.me()?;
        let mine = (&me.keys, me.certificate.id());
        let (handed, giver) = HandedVisit::open(file, &me.company_signing_key, mine)?;
        self.at_desk(action_id, clock, |desk| take_over(desk, &handed, &giver))
    }

    /// Takes a visit back that was handed over from this phone, where nobody has gone on with it as far as
    /// this phone knows: begins one that continues it, and the action's id becomes that visit's. Done
    /// again, it names the visit that was begun. Where the colleague began all the same, both are told
    /// as two at one order (C2).
    ///
    /// # Errors
    /// [`HandingError::NotFromHere`], [`HandingError::Begun`]; [`ActError::AlreadyOpen`] while another
    /// visit to this order is open here.
    pub fn take_visit_back(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        visit: Id,
    ) -> Result<Done, ActError> {
        self.at_desk(action_id, clock, |desk| take_back(desk, visit))
    }
}

/// Closes the visit for the device that goes on with it. For the same device again, it is closed
/// already.
fn hand_over(desk: &mut Desk<'_>, visit: Id, to: Id) -> Result<Done, ActError> {
    let view = desk.view(visit)?;
    if view.state.is_handed_over() {
        let summary = view.order_state.visits.get(&visit);
        let handed = summary.and_then(|visit| visit.handed_over.as_ref());
        return match handed.is_some_and(|handed| handed.to == Writer::Device(to)) {
            true => Ok(Done { visit: Some(visit), ..Done::default() }),
            false => Err(HandingError::Gone.into()),
        };
    }
    if view.state.ended().is_some() {
        return Err(ActError::Ended);
    }
    let order = view.order;
    let handed = VisitHandedOver { to, badge: desk.me.person.badge.clone() };
    let (_, row) = desk.pen().write(order, Some(visit), handed, Vec::new())?;
    desk.pen().seal(&row)?;
    project(desk.tx, desk.me, order.id)?;
    Ok(Done { visit: Some(visit), ..Done::default() })
}

fn take_over(
    desk: &mut Desk<'_>,
    handed: &HandedVisit,
    giver: &Certificate,
) -> Result<Done, ActError> {
    keep(desk, handed)?;
    let subject = Subject::work_order(handed.order);
    let events = desk.tx.read().events_about(&subject)?;
    let state = OrderState::fold(&events);
    let me = desk.me.writer();
    let first = state.visits.get(&handed.visit);
    let first = first.filter(|visit| {
        let to_us = visit.handed_over.as_ref().is_some_and(|handed| handed.to == me);
        to_us && visit.writer == Writer::Device(giver.id())
    });
    let first = first.ok_or(HandingError::False)?;
    go_on(desk, (&events, &state), first, HandingError::TakenBack)
}

fn take_back(desk: &mut Desk<'_>, visit: Id) -> Result<Done, ActError> {
    let (row, _) = desk.tx.read().visit_place(visit)?.ok_or(ActError::NoSuchVisit)?;
    let order = row.stream.subject;
    if !desk.tx.in_scope(order.id)? {
        return Err(ActError::NoSuchOrder);
    }
    let events = desk.tx.read().events_about(&order)?;
    let state = OrderState::fold(&events);
    let me = desk.me.writer();
    let first = state.visits.get(&visit).filter(|it| it.writer == me && it.handed_over.is_some());
    let first = first.ok_or(HandingError::NotFromHere)?;
    go_on(desk, (&events, &state), first, HandingError::Begun)
}

/// Begins the visit that continues `first`, unless it is begun here already; where another device has,
/// it is `gone`.
fn go_on(
    desk: &mut Desk<'_>,
    (events, state): (&[Recorded], &OrderState),
    first: &VisitSummary,
    gone: HandingError,
) -> Result<Done, ActError> {
    let me = desk.me.writer();
    let ours = |visit: &&VisitSummary| visit.writer == me && visit.continues == Some(first.id);
    if let Some(begun) = state.visits.values().find(ours) {
        return Ok(Done { visit: Some(begun.id), ..Done::default() });
    }
    if first.continued_by.is_some() {
        return Err(gone.into());
    }
    if state.open_visit_of(me).is_some() {
        return Err(ActError::AlreadyOpen);
    }
    let begun = events.iter().find(|recorded| recorded.id == first.started);
    let started = begun.and_then(|recorded| match &recorded.event.payload {
        Payload::VisitStarted(started) => Some((recorded.stream.subject, started)),
        _ => None,
    });
    let (subject, started) = started.ok_or(HandingError::False)?;
    // Both are needed to go on with it; the file holds them unless the giver got them long ago.
    let reader = desk.tx.read();
    desk.books.standard(&reader, &started.standard, Some(started.version))?;
    desk.books.price_list(&reader, Some(started.price_list))?;
    let started = VisitStarted { continues: Some(first.id), ..started.clone() };
    let visit = desk.action;
    let (recorded, row) = desk.pen().write(subject, Some(visit), started, Vec::new())?;
    desk.tx.place_visit(visit, &row, recorded.seq)?;
    project(desk.tx, desk.me, subject.id)?;
    Ok(Done { visit: Some(visit), ..Done::default() })
}

/// Keeps what the file brings and this phone lacks. Streams hold under their writers' seals.
fn keep(desk: &mut Desk<'_>, handed: &HandedVisit) -> Result<(), ActError> {
    let (tx, me) = (desk.tx, desk.me);
    let subject = Subject::work_order(handed.order);
    for bytes in &handed.certificates {
        let certificate = Certificate::verify(bytes, &me.company_signing_key);
        let certificate = certificate.map_err(|_| HandingError::False)?;
        tx.keep_certificate(certificate.id(), certificate.bytes())?;
    }
    for bytes in &handed.standing {
        let doc = StandingDoc::verify(bytes, &me.company_signing_key);
        let doc = doc.map_err(|_| HandingError::False)?;
        keep_standing(tx, &doc, bytes)?;
    }
    keep_place(desk, handed)?;
    for DisclosedKey { subject: of, class, key } in &handed.keys {
        if *of == subject && tx.read().key(of, *class)?.is_none() {
            tx.keep_key(of, *class, key)?;
            peer::brought_key(tx, *of, *class)?;
        }
    }
    let mut keys = SigningKeys::new();
    let mut offered: Vec<StreamId> = tx.read().meta(OFFERED)?.unwrap_or_default();
    for tail in &handed.tails {
        let stream = tail.stream;
        let known = tx.read().stream(&stream)?;
        // What this phone wrote, it knows better, or the server gives it back; a branch is for the
        // server to name.
        let own = stream.writer == me.writer() || known.as_ref().is_some_and(|row| row.own);
        if own || stream.subject != subject || stream.is_branch() {
            continue;
        }
        let before = known.map_or(0, |row| row.chain.seq);
        // What doesn't hold is left out; without the giver's own there is nothing to go on with.
        let taken = take_tail(tx, me, &mut keys, tail, Source::Colleague)?.is_some();
        if taken && matches!(stream.writer, Writer::Device(_)) && tail.last() > before {
            peer::brought(tx, &stream, before + 1)?;
            if !offered.contains(&stream) {
                offered.push(stream);
            }
        }
    }
    tx.set_meta(OFFERED, &offered)?;
    Ok(tx.set_scope(handed.order, true)?)
}

/// The premises as the giver has them, where this phone has none.
fn keep_place(desk: &Desk<'_>, handed: &HandedVisit) -> Result<(), StoreError> {
    let Some(premises) = &handed.premises else { return Ok(()) };
    if desk.tx.read().premises(premises.id)?.is_some() {
        return Ok(());
    }
    let document = |key: String, body| StandingDoc { key, version: 0, body };
    let body = minicbor::to_vec(premises).unwrap_or_default();
    keep_standing(desk.tx, &document(Premises::key(premises.id), body), &[])?;
    if let Some(meters) = &handed.meters {
        let body = minicbor::to_vec(meters).unwrap_or_default();
        let key = crate::meter::Meters::key(premises.id);
        keep_standing(desk.tx, &document(key, body), &[])?;
    }
    Ok(())
}

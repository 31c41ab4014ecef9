//! The statement, and the customer's word on it.

use std::sync::Arc;

use super::{
    ActError, Done, Engine, Identity, SignOff, SignOffError, Statement,
    act::{Desk, check_length, done},
    context::{VisitView, visit_view},
    pen::plain,
};
use crate::{
    base::{Hash, Id, Instant, Lang, Personal, Text3},
    document::{
        self, ServiceReportDoc, StatementDoc, StatementPayment, StatementWarranty, statement_text,
    },
    event::{
        OrderAfter, Payload, SignOffPrivate, SignOffResult, SignedOff, Stroke, Value, VisitKind,
    },
    log::Class,
    money::{ChargeLine, PriceList, ReceiptNumber},
    standard::{Kind, Profile, Standard, Step},
    store::Reader,
    text::tr,
};

const MAX_STROKES: usize = 200;
const MAX_POINTS: usize = 8_000;

impl Engine {
    /// The text the customer is asked to sign over as the visit stands now, and its hash, which the
    /// sign-off gives back.
    pub fn statement(&mut self, visit: Id, lang: Option<Lang>) -> Result<Statement, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let reader = self.store.read();
        let list = self.books.price_list(&reader, Some(view.price_list))?;
        let lang = lang.unwrap_or(view.lang());
        let (profile, tables) = (self.books.profile(&reader).ok(), self.books.tables(&reader)?);
        let words = profile.as_deref().map(|profile| (profile, &*tables));
        let text = text(&reader, &view, me, &list, words, lang)?;
        Ok(Statement { hash: Hash::of(&[text.as_bytes()]), text, lang })
    }

    /// The report of a visit that was signed off: the very text that was signed, and the signature.
    ///
    /// # Errors
    /// [`ActError::NotSigned`] before the sign-off, and [`ActError::Forgotten`] after its private
    /// part was erased.
    pub fn service_report(&mut self, visit: Id) -> Result<ServiceReportDoc, ActError> {
        let view = visit_view(self.store.read(), &mut self.books, visit)?;
        let signed = view.events.iter().rev().find_map(|recorded| match &recorded.event.payload {
            Payload::SignedOff(signed) => Some((recorded, signed)),
            _ => None,
        });
        let (recorded, signed) = signed.ok_or(ActError::NotSigned)?;
        let profile = self.books.profile(&self.store.read()).ok();
        let next_inspection = profile.and_then(|profile| next_inspection(&view, &profile));
        let key = self.store.read().key(&view.order, Class::Service)?;
        let private: SignOffPrivate =
            recorded.private(Class::Service, key.as_ref()).ok_or(ActError::Forgotten)?;
        Ok(ServiceReportDoc {
            statement: private.statement,
            lang: signed.lang,
            result: signed.result,
            role: signed.role,
            signer: private.signer.unwrap_or_default(),
            strokes: private.strokes,
            reason: private.reason.unwrap_or_default(),
            witness: private.witness.unwrap_or_default(),
            at: recorded.event.clock.wall,
            zone: recorded.event.clock.zone,
            hash: signed.statement,
            next_inspection,
            corrected: view
                .events
                .iter()
                .filter(|later| later.seq > recorded.seq)
                .filter_map(|later| correction(&view, later.id, signed.lang))
                .collect(),
            photos: self.report_photos(&view, signed.lang),
        })
    }
}

/// When these premises are inspected again, where the visit was an inspection that was made.
fn next_inspection(view: &VisitView, profile: &Profile) -> Option<String> {
    let summary = view.order_state.visits.get(&view.id)?;
    let made = summary.finished.as_ref().filter(|end| end.order == OrderAfter::Done)?;
    let inspection = view.order_state.kind == Some(VisitKind::Inspection);
    let zone = view.events.first()?.event.clock.zone;
    let user = view.premises.user.as_deref().filter(|_| inspection)?;
    profile.next_inspection(user, made.at, zone)
}

pub(super) fn sign_off(
    desk: &mut Desk<'_>,
    visit: Id,
    sign_off: SignOff,
) -> Result<Done, ActError> {
    let mut view = desk.open_visit(visit)?;
    check(&sign_off)?;
    let reader = desk.tx.read();
    let list = desk.books.price_list(&reader, Some(view.price_list))?;
    let lang = sign_off.lang.unwrap_or(view.lang());
    let (profile, tables) = (desk.books.profile(&reader).ok(), desk.books.tables(&reader)?);
    let words = profile.as_deref().map(|profile| (profile, &*tables));
    let text = text(&reader, &view, desk.me, &list, words, lang)?;
    if sign_off.shown != Hash::of(&[text.as_bytes()]) {
        return Err(SignOffError::Changed.into());
    }
    let salt = desk.entropy.bytes::<16>();
    let signed = SignedOff {
        result: sign_off.result,
        statement: Hash::of(&[&salt, text.as_bytes()]),
        lang,
        role: sign_off.role,
        consent: sign_off.consent,
    };
    let private = SignOffPrivate {
        salt: salt.to_vec(),
        statement: Personal::new(text),
        signer: sign_off.signer,
        strokes: sign_off.strokes,
        reason: sign_off.reason,
        witness: sign_off.witness,
    };
    let private = vec![plain(Class::Service, &private)];
    let (recorded, row) = desk.pen().write(view.order, Some(visit), signed, private)?;
    desk.pen().seal(&row)?;
    Ok(done(&mut view, &recorded))
}

fn check(sign_off: &SignOff) -> Result<(), ActError> {
    for text in [&sign_off.signer, &sign_off.reason, &sign_off.witness].into_iter().flatten() {
        check_length("the sign-off's text", text.reveal())?;
    }
    let points = check_strokes(&sign_off.strokes)?;
    match sign_off.result {
        SignOffResult::Signed if !sign_off.adult => Err(SignOffError::Minor.into()),
        SignOffResult::Signed if !sign_off.consent => Err(SignOffError::NoConsent.into()),
        SignOffResult::Signed if points == 0 => Err(SignOffError::NoStrokes.into()),
        SignOffResult::Signed => Ok(()),
        _ if sign_off.reason.as_ref().is_none_or(Personal::is_empty) => {
            Err(SignOffError::NoReason.into())
        }
        _ => Ok(()),
    }
}

/// How many points a signature has: within limits, or an error.
pub(super) fn check_strokes(strokes: &[Stroke]) -> Result<usize, ActError> {
    let points: usize = strokes.iter().map(Vec::len).sum();
    if strokes.len() > MAX_STROKES || points > MAX_POINTS {
        return Err(ActError::TooLong { what: "the signature", limit: MAX_POINTS, unit: "points" });
    }
    Ok(points)
}

/// The statement as the visit stands. It depends on the visit's events and the documents they are read
/// by, so that what was shown can be made again for the signature; where another profile came between,
/// it is shown anew.
fn text(
    reader: &Reader<'_>,
    view: &VisitView,
    me: &Identity,
    list: &PriceList,
    words: Option<(&Profile, &[Arc<Standard>])>,
    lang: Lang,
) -> Result<String, ActError> {
    let money = view.money(list.currency())?;
    let clock = |recorded: Option<&crate::event::Recorded>| recorded.map(|r| r.event.clock);
    let first = clock(view.events.first()).ok_or(ActError::NoSuchVisit)?;
    let last = clock(view.events.last()).unwrap_or(first);
    let payments = money.payments.iter().map(|paid| {
        Ok(StatementPayment {
            amount: paid.tendered.minus(paid.change)?,
            method: paid.method.clone(),
            receipt: ReceiptNumber::new(paid.series, paid.number)
                .map_or_else(String::new, |number| number.to_string()),
        })
    });
    let at_desk = money.at_desk.iter().map(|paid| {
        let (amount, method) = (paid.amount, paid.method.clone());
        Ok(StatementPayment { amount, method, receipt: paid.receipt.clone() })
    });
    let doc = StatementDoc {
        company: company(me),
        order: view.order_state.number.clone().unwrap_or_default(),
        from: first.wall,
        until: last.wall,
        zone: last.zone,
        premises: Personal::new(view.premises.address.clone()),
        customer: view.customer.as_ref().map_or(Personal::default(), |c| c.name.clone()),
        worker: me.person.name.clone(),
        badge: me.person.badge.clone(),
        work: work(view, lang),
        lines: money.lines.clone(),
        total: money.charged,
        payments: payments.chain(at_desk).collect::<Result<_, ActError>>()?,
        open: money.due,
        warranties: warranties(&money.lines, list, last.wall),
        told: match words {
            Some((profile, tables)) => {
                let key = reader.key(&view.order, Class::Service)?;
                let told = super::notice::told(view, profile, key.as_ref(), tables);
                told.iter().map(|hazard| hazard.told(lang, last.zone)).collect()
            }
            // Without a profile no hazard was written down.
            None => Vec::new(),
        },
        opinion: opinion(reader, view, lang)?,
    };
    Ok(statement_text(&doc, lang))
}

/// The company, as documents name it: one name for every language.
pub(super) fn company(me: &Identity) -> document::Company {
    let name = me.company.name.clone();
    document::Company {
        name: Text3 { zh_hans: name.clone(), zh_hant: name.clone(), en: name },
        licence: me.company.licence.clone(),
        hotline: me.company.hotline.clone(),
    }
}

/// What was measured, found and done: every answer that is more than a tick, after the door opened, in
/// the customer's language and in the order of recording: a test that failed stands before the one
/// that passed. What was corrected says once what stands there now, and what stood there before.
fn work(view: &VisitView, lang: Lang) -> Vec<String> {
    let standard = view.state.standard();
    let done = view.state.done();
    let line = |it: &crate::visit::Done| {
        let step = standard.step(&it.step)?;
        match (it.corrected_by, it.corrects) {
            // What stands in its place tells of it.
            (Some(by), _) if done.iter().any(|other| other.event == by) => None,
            (Some(by), _) => correction(view, by, lang),
            (None, Some(_)) => correction(view, it.event, lang),
            (None, None) => {
                let value = it.value.as_ref().and_then(|value| words(step, value, lang));
                value.map(|value| format!("{}: {value}", step.title.get(lang)))
            }
        }
    };
    done.iter().filter_map(line).collect()
}

/// A correction in words: what counts now, and what stood there before. `None` where the event is
/// no correction that counts, or neither says more than a tick.
fn correction(view: &VisitView, by: Hash, lang: Lang) -> Option<String> {
    let wrong = view.state.done().iter().find(|done| done.corrected_by == Some(by))?;
    let now = view.state.done().iter().find(|done| done.event == by);
    let step = view.state.standard().step(&wrong.step)?;
    let value = |value: &Option<Value>| value.as_ref().and_then(|value| words(step, value, lang));
    let charge = view.events.iter().find_map(|recorded| match &recorded.event.payload {
        Payload::Charged(it) if recorded.id == wrong.event => {
            Some(format!("{} {}", it.line.name(), it.line.amount()))
        }
        _ => None,
    });
    let title = ("step", step.title.get(lang).into());
    let before = ("before", value(&wrong.value).or(charge)?.into());
    Some(match now.map(|now| value(&now.value)) {
        Some(now) => tr(lang, "statement-corrected", &[title, ("now", now?.into()), before]),
        None => tr(lang, "statement-taken-back", &[title, before]),
    })
}

fn words(step: &Step, value: &Value, lang: Lang) -> Option<String> {
    let title = |id: &str| {
        let choice = step.kind.choices().iter().find(|choice| choice.id == id);
        choice.map_or_else(|| id.to_owned(), |choice| choice.title.get(lang).to_owned())
    };
    match (&step.kind, value) {
        (Kind::Choice { .. }, Value::Choice(id)) => Some(title(id)),
        (Kind::Number { unit, .. }, Value::Number(number)) => Some(format!("{number} {unit}")),
        (Kind::Scan, Value::Scan(code)) => Some(code.clone()),
        _ => None,
    }
}

/// What the company answers for, and until when: of each item once.
fn warranties(lines: &[ChargeLine], list: &PriceList, from: Instant) -> Vec<StatementWarranty> {
    const DAY_MS: i64 = 86_400_000;
    let mut warranties: Vec<StatementWarranty> = Vec::new();
    for line in lines {
        let days = list.item(line.code()).and_then(|item| item.warranty_days);
        if let Some(days) = days.filter(|_| warranties.iter().all(|it| it.name != line.name())) {
            let until = from.plus_ms(i64::from(days) * DAY_MS);
            warranties.push(StatementWarranty { name: line.name().to_owned(), until });
        }
    }
    warranties
}

/// The answer to the opinion asked for, and what the customer said with it.
pub(super) fn opinion(
    reader: &Reader<'_>,
    view: &VisitView,
    lang: Lang,
) -> Result<Personal, ActError> {
    let key = reader.key(&view.order, Class::Service)?;
    let standard = view.state.standard();
    let is_opinion = |step: &str| {
        standard.step(step).is_some_and(|step| matches!(step.kind, Kind::Opinion { .. }))
    };
    let given = view.state.done().iter().rev();
    let given =
        given.filter(|done| done.corrected_by.is_none()).find(|done| is_opinion(&done.step));
    let Some(given) = given else { return Ok(Personal::default()) };
    let answer = match (standard.step(&given.step), &given.value) {
        (Some(step), Some(Value::Choice(id))) => {
            let choice = step.kind.choices().iter().find(|choice| choice.id == *id);
            choice.map_or_else(|| id.clone(), |choice| choice.title.get(lang).to_owned())
        }
        _ => String::new(),
    };
    let text = Some(given).and_then(|done| {
        let recorded = view.events.iter().find(|recorded| recorded.id == done.event)?;
        let text = recorded.private::<crate::event::StepText>(Class::Service, key.as_ref())?;
        // Beside a correction stands why, which is no word of the customer's.
        text.text.or(text.note.filter(|_| done.corrects.is_none()))
    });
    let said = text.as_ref().map_or("", Personal::reveal);
    Ok(Personal::new(match (answer.is_empty(), said.is_empty()) {
        (false, false) => {
            let words = [("answer", answer.into()), ("words", said.into())];
            tr(lang, "statement-opinion-said", &words)
        }
        (false, true) => answer,
        _ => said.to_owned(),
    }))
}

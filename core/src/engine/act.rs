//! From action to events.

use super::{
    ActError, Action, Done, Engine, Identity,
    context::{VisitView, attempt, visit_view},
    correct, cylinder, deposit,
    enrol::Books,
    fast, giveback, handover, hazard, meter, money, notice,
    pen::{Pen, plain},
    project::project,
    shift, sign,
};
use crate::{
    base::{ClockReading, Entropy, Id, Personal},
    event::{
        AfterLast, Answer, ConditionsNoted, DetailError, DetailInput, GasRestored, GasShutOff,
        OrderAfter, Payload, ReasonGiven, ReasonText, Recorded, StepRecorded, StepText,
        VisitFinished, VisitStarted,
    },
    log::{Class, Subject},
    order::OrderState,
    standard::MAX_NOTE,
    store::Transaction,
};

impl Engine {
    /// Takes one action. When this returns `Ok`, its events survive loss of power; on `Err`
    /// nothing was recorded. The same `action` id again returns the first outcome and records
    /// nothing, from whatever thread, after whatever crash.
    pub fn act(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        action: Action,
    ) -> Result<Done, ActError> {
        self.at_desk(action_id, clock, |desk| desk.perform(action))
    }

    /// Works on one action; its outcome is kept with what it wrote.
    pub(super) fn at_desk(
        &mut self,
        action_id: Id,
        clock: &ClockReading,
        work: impl FnOnce(&mut Desk<'_>) -> Result<Done, ActError>,
    ) -> Result<Done, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let (books, entropy) = (&mut self.books, &mut *self.entropy);
        let done = self.store.transaction(|tx| {
            let forgets = planted!(ForgottenIdempotency);
            if let Some(outcome) = tx.outcome_of(action_id)?.filter(|_| !forgets) {
                return serde_json::from_str(&outcome)
                    .map_err(|error| ActError::Repeated(error.to_string()));
            }
            let clock = *clock;
            let mut desk = Desk { tx, me, books, entropy, action: action_id, clock, left: None };
            let done = work(&mut desk)?;
            let left = desk.left;
            let outcome = serde_json::to_string(&done).unwrap_or_default();
            if !forgets {
                tx.keep_outcome(action_id, &outcome)?;
            }
            if let Some(view) = left {
                books.visit = Some((view, tx.read().stamp()?));
            }
            Ok(done)
        });
        if done.is_err() {
            // A commit that failed leaves the stamp as it is and the events out.
            self.books.visit = None;
        }
        done
    }
}

/// Where one action is worked on.
pub(super) struct Desk<'a> {
    pub tx: &'a Transaction<'a>,
    pub me: &'a Identity,
    pub books: &'a mut Books,
    pub entropy: &'a mut dyn Entropy,
    pub action: Id,
    pub clock: ClockReading,
    /// The visit as the action leaves it, when nothing else changed that a view shows.
    pub left: Option<VisitView>,
}

impl Desk<'_> {
    fn perform(&mut self, action: Action) -> Result<Done, ActError> {
        match action {
            Action::StartShift { float } => shift::start_shift(self, float),
            Action::CloseShift { counted, pieces, reason } => {
                shift::close_shift(self, counted, pieces, reason)
            }
            Action::ReadMeter { visit, taken } => meter::read(self, visit, taken),
            Action::ReadNext { order, reading } => fast::read_next(self, order, reading),
            Action::DrawNotice { visit } => notice::draw(self, visit),
            Action::FindHazard { visit, seen } => hazard::find(self, visit, seen),
            Action::DoDuty { visit, report } => hazard::duty(self, visit, report),
            Action::Recheck { visit, hazard, grade, evidence, first_order } => {
                hazard::recheck(self, visit, hazard, grade, evidence, first_order)
            }
            Action::ShutOffGas { visit, what, hazard, paper, photo } => {
                hazard::shut_off(self, visit, GasShutOff { what, hazard, paper, photo })
            }
            Action::RestoreGas { visit, shut_off, first_order } => {
                hazard::restore(self, visit, GasRestored { shut_off, first_order })
            }
            Action::HandOver { given } => handover::hand_over(self, given),
            Action::TakeCash { amount, from_badge } => {
                handover::take_cash(self, amount, &from_badge)
            }
            Action::WantInvoice { receipt, asked } => handover::want_invoice(self, receipt, asked),
            Action::VoidReceipt { receipt, copies_back, reason } => {
                giveback::void(self, receipt, copies_back, reason)
            }
            Action::Refund { order, receipt, method } => {
                giveback::refund(self, order, &receipt, method)
            }
            Action::ReturnDeposit { visit, receipt, code, count, method } => {
                let (receipt, code) = (receipt.as_str(), code.as_deref());
                deposit::give_back(self, visit, deposit::Wanted { receipt, code, count, method })
            }
            Action::ChangeDetail { order, change } => self.change_detail(order, &change),
            Action::StartVisit { order } => self.start_visit(order),
            Action::Note { visit, conditions } => self.note(visit, conditions),
            Action::Record { visit, step, answer } => self.record(visit, step, answer),
            Action::Correct { visit, entry, value, text, reason } => {
                correct::correct(self, visit, entry, value, text, reason)
            }
            Action::Reason { visit, finding, text } => {
                let view = self.view(visit)?;
                check_length("the reason", text.reveal())?;
                if view.state.finding(&finding).is_none() {
                    return Err(ActError::NoSuchFinding(finding.chars().take(80).collect()));
                }
                let private = vec![plain(Class::Service, &ReasonText { text })];
                self.in_visit(view, ReasonGiven { finding }, private)
            }
            Action::OfferQuote { visit, lines } => money::offer_quote(self, visit, &lines),
            Action::AcceptQuote { visit, version } => money::accept_quote(self, visit, version),
            Action::Charge { visit, line } => money::charge(self, visit, &line),
            Action::Pay { visit, tendered, method, part, photo } => {
                let taken = money::Taken { tendered, method, part, photo };
                money::pay(self, visit, taken)
            }
            Action::SignOff { visit, sign_off } => sign::sign_off(self, visit, sign_off),
            Action::Finish { visit, outcome } => self.finish(visit, outcome),
        }
    }

    pub(super) fn start_visit(&mut self, order: Id) -> Result<Done, ActError> {
        let subject = Subject::work_order(order);
        let reader = self.tx.read();
        let events = reader.events_about(&subject)?;
        if events.is_empty() || !self.tx.in_scope(order)? {
            return Err(ActError::NoSuchOrder);
        }
        let state = OrderState::fold(&events);
        if state.open_visit_of(self.me.writer()).is_some() {
            return Err(ActError::AlreadyOpen);
        }
        let id = state.standard.ok_or(ActError::NoSuchOrder)?;
        let standard = self.books.standard(&reader, &id, None)?;
        let price_list = self.books.prices_now(&reader, &self.clock)?;
        let visit = self.action;
        let started = VisitStarted {
            standard: id,
            version: standard.version(),
            fingerprint: standard.fingerprint(),
            price_list: price_list.version(),
            continues: None,
        };
        let (recorded, row) = self.pen().write(subject, Some(visit), started, Vec::new())?;
        self.tx.place_visit(visit, &row, recorded.seq)?;
        project(self.tx, self.me, order)?;
        Ok(Done { visit: Some(visit), ..Done::default() })
    }

    fn change_detail(&mut self, order: Id, change: &DetailInput) -> Result<Done, ActError> {
        let subject = Subject::work_order(order);
        let events = self.tx.read().events_about(&subject)?;
        if events.is_empty() || !self.tx.in_scope(order)? {
            return Err(ActError::NoSuchOrder);
        }
        if OrderState::fold(&events).erased.contains(&Class::Contact) {
            return Err(ActError::Forgotten);
        }
        // The office's word alone takes a warning away.
        if matches!(change, DetailInput::Warning { away: true, .. }) {
            return Err(DetailError::Away.into());
        }
        let key = self.pen().key(subject, Class::Contact)?;
        let (changed, text) = change.parts(&key)?;
        let private = text.iter().map(|text| plain(Class::Contact, text)).collect();
        self.pen().write(subject, None, changed, private)?;
        project(self.tx, self.me, order)?;
        Ok(Done::default())
    }

    fn note(&mut self, visit: Id, conditions: ConditionsNoted) -> Result<Done, ActError> {
        let view = self.open_visit(visit)?;
        self.in_visit(view, conditions, Vec::new())
    }

    pub(super) fn record(
        &mut self,
        visit: Id,
        step: String,
        mut answer: Answer,
    ) -> Result<Done, ActError> {
        let notice = notice::number_for_door(self, visit, &step, &answer)?;
        if let Some(number) = &notice {
            answer.text = Some(Personal::new(number.clone()));
        }
        let view = self.open_visit(visit)?;
        cylinder::check(self, &view, &step, &answer.value)?;
        view.state.check_step(&step, &answer, self.clock)?;
        fast::keep_day_answer(self, view.state.standard(), &step, &answer.value)?;
        let Answer { value, text, note } = answer;
        let private = match (&text, &note) {
            (None, None) => Vec::new(),
            _ => vec![plain(Class::Service, &StepText { text, note })],
        };
        Ok(Done { notice, ..self.in_visit(view, StepRecorded { step, value }, private)? })
    }

    pub(super) fn finish(&mut self, visit: Id, outcome: String) -> Result<Done, ActError> {
        let mut view = self.open_visit(visit)?;
        view.state.check_finish(&outcome)?;
        hazard::check_finish(&view)?;
        let order = view.order;
        // With the end goes what it means: whoever folds the order has no standard at hand.
        let meant = view.state.standard().outcome(&outcome).map(|end| end.order);
        let then = match meant {
            Some(OrderAfter::NobodyMet) => self.after_last(&view),
            _ => None,
        };
        let finished = VisitFinished { outcome, order: meant, then };
        let (recorded, row) = self.pen().write(order, Some(visit), finished, Vec::new())?;
        self.pen().seal(&row)?;
        project(self.tx, self.me, order.id)?;
        Ok(done(&mut view, &recorded))
    }

    /// What follows a visit that met nobody, where no further attempt is made.
    fn after_last(&mut self, view: &VisitView) -> Option<AfterLast> {
        let profile = self.books.profile(&self.tx.read()).ok()?;
        let began = view.events.first()?.event.clock;
        attempt(&profile, &view.order_state, view.id, &began)?.then
    }

    /// A visit of this device that has not ended.
    pub(super) fn open_visit(&mut self, visit: Id) -> Result<VisitView, ActError> {
        let view = self.view(visit)?;
        if view.state.ended().is_some() { Err(ActError::Ended) } else { Ok(view) }
    }

    /// A visit of this device.
    pub(super) fn view(&mut self, visit: Id) -> Result<VisitView, ActError> {
        // As this action left it, or the one before.
        let kept = match (self.left.take(), self.books.visit.take()) {
            (Some(view), _) => Some(view),
            (None, Some((view, stamp))) if stamp == self.tx.read().stamp()? => Some(view),
            _ => None,
        };
        let view = match kept.filter(|view| view.id == visit) {
            Some(view) => view,
            None => visit_view(self.tx.read(), self.books, visit)?,
        };
        // Also not what was begun here under an earlier certificate: that pen is put down.
        if view.row.stream.writer == self.me.writer() { Ok(view) } else { Err(ActError::NotOurs) }
    }

    /// Writes one event into the visit and tells what it brought about.
    pub(super) fn in_visit(
        &mut self,
        mut view: VisitView,
        payload: impl Into<Payload>,
        private: super::pen::Plain,
    ) -> Result<Done, ActError> {
        let (order, visit) = (view.order, view.id);
        let (recorded, row) = self.pen().write(order, Some(visit), payload, private)?;
        let done = done(&mut view, &recorded);
        if tells_order_nothing(&recorded) {
            view.row = row;
            view.events.push(recorded);
            self.left = Some(view);
        }
        Ok(done)
    }

    /// The pen. What it writes may change more than the visit's own fold, so nothing kept holds.
    pub(super) fn pen(&mut self) -> Pen<'_> {
        self.left = None;
        Pen {
            tx: self.tx,
            me: self.me,
            entropy: self.entropy,
            action: self.action,
            clock: self.clock,
        }
    }
}

/// Whether the order, as folded before this event, is the order after it.
fn tells_order_nothing(recorded: &Recorded) -> bool {
    let within = matches!(
        recorded.event.payload,
        Payload::StepRecorded(_)
            | Payload::ConditionsNoted(_)
            | Payload::ReasonGiven(_)
            | Payload::PhotoTaken(_)
    );
    within && recorded.event.seen.is_none()
}

/// Applies what was written to the fold, and names the findings that are new.
pub(super) fn done(view: &mut VisitView, recorded: &Recorded) -> Done {
    let before = view.state.findings().len();
    view.state.apply(recorded);
    let findings =
        view.state.findings().iter().skip(before).map(|finding| finding.key.clone()).collect();
    Done { visit: Some(view.id), findings, ..Done::default() }
}

/// Refuses a text over the limit for notes.
pub(super) fn check_length(what: &'static str, text: &str) -> Result<(), ActError> {
    let limit = MAX_NOTE as usize;
    if text.chars().count() > limit {
        return Err(ActError::TooLong { what, limit, unit: "characters" });
    }
    Ok(())
}

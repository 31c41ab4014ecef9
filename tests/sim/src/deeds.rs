//! What people do with phones, tap by tap, and what they were told.

use doorstep::{
    base::{Hash, Id, Money, Personal},
    engine::{ActError, Action, Done, Engine, LineWanted},
    money::{Claim, PaymentMethod, ReceiptNumber},
};
use doorstep_tests::{cny, knock};

use crate::{
    book::{Confirmed, Picture},
    history::Deed,
    office,
    phone::Phone,
    report::{Violation, violated},
    world::World,
};

/// Which device acted, and what came of it.
type Acted = (Id, Result<Done, ActError>);

impl World {
    pub(crate) fn work(&mut self, n: u32, device: u32, deed: Deed) -> Result<String, Violation> {
        let Some(phone) = self.phones.get(&device) else { return Ok(String::new()) };
        let (visit, last, receipt) = (phone.visit, phone.last.clone(), phone.receipt);
        let mut taps: Vec<Action> = Vec::new();
        match deed {
            Deed::StartShift => taps.push(Action::StartShift { float: cny(10_000) }),
            Deed::CloseShift => taps.push(Action::CloseShift {
                counted: cny(10_000),
                pieces: Vec::new(),
                reason: Some(Personal::new("counted twice")),
            }),
            Deed::Start { order } => {
                taps.push(Action::StartVisit { order: office::order(self.seed, order) });
            }
            Deed::Void => taps.extend(receipt.map(|receipt| Action::VoidReceipt {
                receipt,
                copies_back: true,
                reason: Personal::new("one too many"),
            })),
            Deed::Again => {
                let Some((id, action, done)) = last else { return Ok(String::new()) };
                let said = self.tap(device, id, action)?;
                let now = self.phones.get(&device).and_then(|phone| phone.last.clone());
                if let (Some(before), Some((_, _, Some(after)))) = (done, now)
                    && before != after
                {
                    return Err(violated("I1", format!("the tap {id} gave two outcomes")));
                }
                return Ok(said);
            }
            Deed::Refund => taps.extend(self.refund(device)),
            Deed::Photo { bytes } => {
                let Some(visit) = visit else { return Ok(String::new()) };
                return self.photo(device, self.id(n, 0), visit, bytes);
            }
            _ => {
                let Some(visit) = visit else { return Ok(String::new()) };
                taps.extend(self.at_door(device, visit, deed));
            }
        }
        let mut said = String::new();
        for (part, mut action) in (0..).zip(taps) {
            let id = self.id(n, part);
            if let Action::AcceptQuote { version, .. } = &mut action {
                let done =
                    self.phones.get(&device).and_then(|phone| phone.last.as_ref()?.2.clone());
                *version = done.and_then(|done| done.quote).unwrap_or(0);
            }
            said += &self.tap(device, id, action)?;
        }
        Ok(said)
    }

    /// What is tapped in a visit.
    fn at_door(&mut self, device: u32, visit: Id, deed: Deed) -> Vec<Action> {
        let line = |quantity| LineWanted { code: "battery".into(), quantity, free: None };
        let pay = |tendered, method, part| {
            vec![Action::Pay { visit, tendered, method, part, photo: None }]
        };
        match deed {
            Deed::Knock => vec![knock(visit, 2)],
            Deed::Sell { quantity } => vec![
                Action::OfferQuote { visit, lines: vec![line(quantity)] },
                Action::AcceptQuote { visit, version: 0 },
                Action::Charge { visit, line: line(quantity) },
            ],
            Deed::Pay => pay(cny(100_000), PaymentMethod::Cash, None),
            Deed::PayPart => pay(cny(100), PaymentMethod::Cash, Some(cny(100))),
            Deed::Claim => {
                let due = self.reads(device, |engine| due(engine, visit));
                let claim = Claim { provider: "wallet".to_owned(), reference: visit.to_string() };
                due.map_or(Vec::new(), |due| pay(due, PaymentMethod::Claimed(claim), None))
            }
            _ => {
                let done = matches!(deed, Deed::Finish { done: true });
                let outcome = if done { "completed" } else { "no_access" };
                vec![Action::Finish { visit, outcome: outcome.to_owned() }]
            }
        }
    }

    /// The first thing that the office allowed to be given back, as far as this phone knows.
    fn refund(&mut self, device: u32) -> Option<Action> {
        let (order, receipt) = self.reads(device, |engine| {
            let orders = engine.store().listed_orders(100).ok()?;
            orders.into_iter().find_map(|row| {
                let state = engine.order(row.id).ok()?;
                let payment = state.payments.iter().find(|it| it.refundable().minor > 0)?;
                Some((row.id, ReceiptNumber::new(payment.series, payment.number)?))
            })
        })?;
        let method = PaymentMethod::Cash;
        Some(Action::Refund { order, receipt: receipt.to_string(), method })
    }

    /// What a person reads off a phone; nothing, where it doesn't open.
    fn reads<T>(&mut self, device: u32, read: impl FnOnce(&Engine) -> Option<T>) -> Option<T> {
        let phone = self.phones.get_mut(&device)?;
        let read = read(phone.engine().ok()?);
        if phone.disk.is_off() {
            phone.boot_anew();
        }
        read
    }

    /// A photo is taken.
    fn photo(
        &mut self,
        device: u32,
        action: Id,
        visit: Id,
        bytes: u32,
    ) -> Result<String, Violation> {
        let seed = Hash::of(&[action.as_bytes()]);
        let image: Vec<u8> =
            seed.as_bytes().iter().copied().cycle().take(bytes.max(1) as usize).collect();
        let done =
            self.acts(device, action, 1, &format!("a photo of {bytes} bytes"), |engine, at| {
                engine.take_photo(action, at, visit, &image, b"small")
            })?;
        let Some((writer, done)) = done else { return Ok("closed".to_owned()) };
        match done {
            Ok(done) => {
                let address = done.photo.unwrap_or(Hash::of(&[]));
                self.book.photos.insert(address, Picture { device: writer, image });
                Ok("done ".to_owned())
            }
            Err(error) => Ok(format!("{} ", error.kind())),
        }
    }

    /// One tap; keeps in the book what the person was told.
    fn tap(&mut self, device: u32, action_id: Id, action: Action) -> Result<String, Violation> {
        let two = matches!(
            action,
            Action::Pay { .. } | Action::VoidReceipt { .. } | Action::Refund { .. }
        );
        let events = if two { 2 } else { 1 };
        let what = format!("{action:?}");
        let act = action.clone();
        let done = self
            .acts(device, action_id, events, &what, |engine, at| engine.act(action_id, at, act))?;
        let Some((_, done)) = done else { return Ok("closed".to_owned()) };
        let Some(phone) = self.phones.get_mut(&device) else { return Ok(String::new()) };
        let said = match &done {
            Ok(done) => {
                told(phone, &action, done);
                "done ".to_owned()
            }
            Err(error) => format!("{} ", error.kind()),
        };
        phone.last = Some((action_id, action, done.ok()));
        Ok(said)
    }

    /// Something is done on a phone: what was confirmed, and by which device. `None`: its app does not
    /// open on a disk that fails.
    fn acts(
        &mut self,
        number: u32,
        action: Id,
        events: usize,
        what: &str,
        act: impl FnOnce(&mut Engine, &doorstep::base::ClockReading) -> Result<Done, ActError>,
    ) -> Result<Option<Acted>, Violation> {
        let Some(phone) = self.phones.get_mut(&number) else { return Ok(None) };
        let (reading, armed) = (phone.reading(), phone.armed);
        let engine = match phone.engine() {
            Ok(engine) => engine,
            Err(_) if armed => return Ok(None),
            Err(error) => {
                return Err(violated("I0", format!("phone {number} does not open: {error}")));
            }
        };
        let Some(device) = engine.device() else { return Ok(None) };
        let done = act(engine, &reading);
        self.figures.taps += 1;
        self.book.tried.insert(action, events);
        match &done {
            Ok(done) => {
                phone.in_doubt &= phone.armed;
                let what = format!("phone {number}: {what}");
                let receipt = done.receipt.clone();
                let confirmed = Confirmed { device, events, receipt, what };
                self.book.confirmed.insert(action, confirmed);
                self.figures.confirmed = self.book.confirmed.len() as u64;
            }
            Err(error @ ActError::Store(_)) if !armed => {
                return Err(violated("I0", format!("phone {number}, a sound disk: {error}")));
            }
            Err(_) => {}
        }
        if phone.disk.is_off() {
            phone.boot_anew();
        }
        Ok(Some((device, done)))
    }
}

/// What a person has in hand afterwards.
fn told(phone: &mut Phone, action: &Action, done: &Done) {
    match action {
        Action::Pay { .. } => {
            phone.receipt = done.receipt.as_ref().map(|receipt| receipt.counter).or(phone.receipt);
        }
        Action::StartVisit { .. } => phone.visit = done.visit,
        Action::Finish { .. } => phone.visit = None,
        _ => {}
    }
}

/// What is due of a visit, as its phone shows it.
fn due(engine: &Engine, visit: Id) -> Option<Money> {
    let orders = engine.store().listed_orders(100).ok()?;
    orders.into_iter().find_map(|row| {
        let state = engine.order(row.id).ok()?;
        let visit = state.visits.get(&visit)?;
        let charged = visit.charged?;
        visit.paid.map_or(Ok(charged), |paid| charged.minus(paid)).ok()
    })
}

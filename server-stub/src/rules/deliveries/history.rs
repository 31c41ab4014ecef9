//! What a drawn history holds: the office's part, and what three phones then write.

use doorstep::{
    base::{Decimal, Hash, Id, Instant, Lang, Money},
    event::{
        Appointment, Charged, DetailChange, DetailChanged, ErasureAsked, GasRestored, GasShutOff,
        HazardFound, HazardRechecked, MeterRead, OrderAssigned, OrderCancelled, OrderExpired,
        OrderOpened, Paid, Payload, PaymentRefunded, PaymentVoided, ReadingFlag, ReadingKind,
        ReceiptIssued, ReceiptVoided, RefundApproved, RefundIssued, ShutOff, SignOffResult,
        SignedOff, VisitFinished, VisitKind, VisitStarted, Warning,
    },
    log::{Class, Head, StreamId, Subject, SubjectKey, Writer},
    money::PaymentMethod,
};

use super::{
    MINUTE, NOON, PEOPLE, World,
    hands::{Phone, counter, id},
};
use crate::{
    problem::Failure,
    rules::{DecideInput, decide, orders::fold},
    store::{Account, Role},
};

/// What the phones have told of so far in a history.
#[derive(Default)]
pub(super) struct Told {
    /// Of each visit: the phone, the order, its id, what it charged since it was last paid.
    visits: Vec<(usize, Id, Id, Money)>,
    /// What was found and shut off, with its order.
    hazards: Vec<(Id, Hash)>,
    stops: Vec<(Id, Hash)>,
    /// Receipts whose money nobody asked back.
    receipts: Vec<Receipt>,
    /// Receipts whose money may be given back.
    approved: Vec<Receipt>,
}

/// A receipt, and who wrote it.
struct Receipt {
    who: usize,
    order: Id,
    visit: Id,
    series: Id,
    number: u64,
    amount: Money,
}

impl World {
    /// The office's part, the same on both.
    pub(super) fn prepare(&mut self, seed: u64, orders: &[Id], random: &mut fastrand::Rng) {
        let mut acts: Vec<(Id, Payload)> = Vec::new();
        for (nth, order) in orders.iter().enumerate() {
            let opened = OrderOpened {
                kind: VisitKind::Repair,
                premises: id(&format!("flat of {seed}")),
                number: format!("R-{seed}-{nth}"),
                standard: "short".into(),
                rules: 1,
                emergency: false,
                due: None,
                promises: None,
            };
            acts.push((*order, opened.into()));
            for name in PEOPLE {
                acts.push((*order, OrderAssigned { to: id(name) }.into()));
            }
        }
        for _ in 0..random.usize(0..4) {
            let order = orders[random.usize(..orders.len())];
            let act: Payload = match random.u8(..6) {
                0 => OrderCancelled { reason: "the customer rang".into() }.into(),
                1 => OrderExpired { reason: "nobody went".into() }.into(),
                2 => OrderAssigned { to: id(PEOPLE[random.usize(..3)]) }.into(),
                3 => ErasureAsked { classes: vec![Class::Contact, Class::Service] }.into(),
                _ => DetailChanged { change: change(random, true) }.into(),
            };
            acts.push((order, act));
        }
        for office in &mut self.offices {
            // Both draw the same for what the office does, so that it is the very same.
            office.entropy = counter(&format!("history {seed}"));
            for order in orders {
                office.run(|tx, ctx| {
                    let subject = Subject::work_order(*order);
                    for class in Class::ALL {
                        tx.add_key(&subject, class, &SubjectKey::generate(ctx.entropy))?;
                    }
                    Ok(())
                });
            }
            for (order, act) in &acts {
                office.act(*order, act);
            }
        }
        let now = self.offices[0].now.max(self.offices[1].now);
        self.offices.iter_mut().for_each(|office| office.now = now);
        self.heads = orders.iter().map(|order| (*order, self.offices[0].head(*order))).collect();
        self.told = Told::default();
        for phone in &mut self.phones {
            phone.clock_off_ms = if random.u8(..6) == 0 { -400 * 24 * 60 * MINUTE } else { 0 };
        }
    }

    /// He reads what came: he decides what is open, says so twice, and lets money go back.
    pub(super) fn decide(&mut self, orders: &[Id], random: &mut fastrand::Rng) {
        let account = Account { id: id("He's account"), person: id("He"), role: Role::Supervisor };
        for order in orders {
            let state = self.offices[0].run(|tx, _| Ok(fold(tx, *order)?));
            for conflict in state.open_conflicts() {
                if random.u8(..4) == 0 {
                    continue;
                }
                let choices = conflict.rule.choices();
                let input = DecideInput {
                    action: None,
                    conflict: conflict.key,
                    rule: conflict.rule.id().to_owned(),
                    choice: choices[random.usize(..choices.len())].id().to_owned(),
                };
                for office in &mut self.offices {
                    for _ in 0..2 {
                        // What was decided of the other order may have settled it.
                        office.run(|tx, ctx| match decide(tx, ctx, &account, *order, &input) {
                            Err(Failure::Refused(problem))
                                if ["unknown-conflict", "decided"].contains(&problem.code) =>
                            {
                                Ok(())
                            }
                            done => done,
                        });
                    }
                }
            }
        }
        if let Some(receipt) = self.told.receipts.pop() {
            let Receipt { order, series, number, amount, .. } = receipt;
            for office in &mut self.offices {
                office.act(order, &RefundApproved { series, number, amount }.into());
            }
            self.told.approved.push(receipt);
        }
        let now = self.offices[0].now.max(self.offices[1].now);
        self.offices.iter_mut().for_each(|office| office.now = now);
    }

    /// The phones' part: each saw the office's stream up to somewhere, and of the others anything.
    pub(super) fn write(&mut self, orders: &[Id], count: usize, random: &mut fastrand::Rng) {
        let mut now = self.offices[0].now;
        let (list, heads) = (&self.list, &self.heads);
        let Told { visits, hazards, stops, receipts, approved } = &mut self.told;
        for _ in 0..count {
            now = now.plus_ms(random.i64(1..20) * MINUTE);
            let who = random.usize(..self.phones.len());
            let order = orders[random.usize(..orders.len())];
            let subject = Subject::work_order(order);
            let mut seen = vec![Head {
                writer: Writer::Office(1),
                branch: Default::default(),
                seq: random.u64(1..=heads[&order]),
            }];
            let other = &self.phones[random.usize(..self.phones.len())];
            let theirs = StreamId::new(subject, other.writer());
            let length = other.streams.get(&theirs).map_or(0, Vec::len) as u64;
            if length > 0 && other.writer() != self.phones[who].writer() && random.bool() {
                let writer = other.writer();
                seen.push(Head { writer, branch: Default::default(), seq: length });
            }
            seen.sort();
            let phone = &mut self.phones[who];
            let action = phone.action();
            let open = visits.iter_mut().rev().find(|visit| visit.0 == who && visit.1 == order);
            let Some((_, _, visit, charged)) = open else {
                let started = VisitStarted {
                    standard: "short".into(),
                    version: 1,
                    fingerprint: Hash::of(&[b"standard"]),
                    price_list: list.version(),
                    continues: None,
                };
                phone.write(subject, action, Some(action), now, seen, started);
                visits.push((who, order, action, Money::zero(list.currency())));
                continue;
            };
            let visit = *visit;
            let payload: Payload = match random.u8(..13) {
                0 | 1 => {
                    let code = ["labour-repair", "hose"][random.usize(..2)];
                    let line = list.line(code, 1, Lang::En, None).unwrap();
                    *charged = charged.plus(line.amount()).unwrap();
                    Charged { line }.into()
                }
                2 | 3 if charged.minor > 0 => {
                    let amount = std::mem::replace(charged, Money::zero(list.currency()));
                    let number = pay(phone, subject, (action, visit), now, seen, amount);
                    let series = Subject::receipt_series(phone.certificate.id()).id;
                    receipts.push(Receipt { who, order, visit, series, number, amount });
                    continue;
                }
                // What it took itself it may void; what was approved anybody gives back.
                10 => {
                    let own = receipts.iter().position(|it| it.who == who && it.order == order);
                    let Some(at) = own else { continue };
                    void(phone, &receipts.remove(at), action, now, seen);
                    continue;
                }
                11 => {
                    let due = approved.iter().position(|it| it.order == order);
                    let Some(at) = due else { continue };
                    give_back(phone, &approved.remove(at), action, now, seen);
                    continue;
                }
                4 => {
                    let outcome = ["completed", "no_access"][random.usize(..2)].to_owned();
                    VisitFinished { outcome, order: None, then: None }.into()
                }
                5 => reading(random).into(),
                6 => {
                    let found = HazardFound {
                        scale: "gd-3".into(),
                        grade: "2".into(),
                        rank: 2,
                        item: "hose".into(),
                        duties: Vec::new(),
                        due: None,
                        evidence: Vec::new(),
                        first: None,
                        first_order: None,
                        within: None,
                        party: None,
                        recheck: None,
                    };
                    let event = phone.write(subject, action, Some(visit), now, seen, found);
                    hazards.push((order, event));
                    continue;
                }
                7 if !hazards.is_empty() => {
                    let (of, hazard) = hazards[random.usize(..hazards.len())];
                    let first_order = (of != order).then_some(of);
                    let passed = random.bool();
                    let (grade, rank) = (Some("1".to_owned()), Some(1));
                    let (grade, rank) = if passed { (None, None) } else { (grade, rank) };
                    let evidence = Vec::new();
                    HazardRechecked { hazard, passed, grade, rank, evidence, first_order }.into()
                }
                8 => match stops.get(random.usize(..3)).copied() {
                    Some((of, shut_off)) => {
                        let first_order = (of != order).then_some(of);
                        GasRestored { shut_off, first_order }.into()
                    }
                    None => {
                        let off = GasShutOff {
                            what: ShutOff::Valve,
                            hazard: hazards.iter().find(|(of, _)| *of == order).map(|it| it.1),
                            paper: None,
                            photo: None,
                        };
                        let event = phone.write(subject, action, Some(visit), now, seen, off);
                        stops.push((order, event));
                        continue;
                    }
                },
                9 => SignedOff {
                    result: SignOffResult::Signed,
                    statement: Hash::of(&[b"statement"]),
                    lang: Lang::En,
                    role: None,
                    consent: true,
                }
                .into(),
                _ => DetailChanged { change: change(random, false) }.into(),
            };
            phone.write(subject, action, Some(visit), now, seen, payload);
        }
        self.offices.iter_mut().for_each(|office| office.now = now.plus_ms(MINUTE));
    }
}

fn change(random: &mut fastrand::Rng, office: bool) -> DetailChange {
    match random.u8(..4) {
        3 => DetailChange::NoAppointment,
        0 => DetailChange::Phone(Hash::of(&[&[random.u8(..3)]])),
        1 => {
            let from = NOON.plus_ms(random.i64(0..3) * 60 * MINUTE);
            let (to, agreed) = (from.plus_ms(60 * MINUTE), random.bool());
            DetailChange::Appointment(Appointment { from, to, agreed })
        }
        _ => DetailChange::Warning(Warning { code: "dog".into(), away: office && random.bool() }),
    }
}

fn reading(random: &mut fastrand::Rng) -> MeterRead {
    let plates = ["M-1", "M-2"];
    let (meter, expected) = (plates[random.usize(..2)], plates[random.usize(..2)]);
    let wrong = meter != expected;
    MeterRead {
        meter: meter.into(),
        expected: Some(expected.into()),
        kind: if random.bool() { ReadingKind::Physical } else { ReadingKind::Smart },
        value: Decimal { units: random.i64(2_200..2_203), decimals: 0 },
        display: None,
        previous: Some(2_170),
        usage: None,
        credit: 0,
        flags: if wrong { vec![ReadingFlag::WrongMeter] } else { Vec::new() },
        swapped: None,
        photo: None,
        seal: None,
        seal_state: None,
        card_left: None,
        estimate: None,
        source: None,
        read_at: None,
        card_bought: None,
        display_photo: None,
    }
}

/// A payment and its receipt, by one action; gives its number.
fn pay(
    phone: &mut Phone,
    subject: Subject,
    (action, visit): (Id, Id),
    now: Instant,
    seen: Vec<Head>,
    amount: Money,
) -> u64 {
    let series = Subject::receipt_series(phone.certificate.id());
    phone.receipts += 1;
    phone.running = phone.running.plus(amount).unwrap();
    let zero = Money::zero(amount.currency);
    let (number, running) = (phone.receipts, phone.running);
    let paid = Paid {
        series: series.id,
        number,
        due: amount,
        tendered: amount,
        change: zero,
        method: PaymentMethod::Cash,
        photo: None,
        deposits: None,
    };
    let order_event = phone.write(subject, action, Some(visit), now, seen, paid);
    let receipt = ReceiptIssued {
        number,
        order: subject.id,
        order_event,
        lines: Vec::new(),
        amount,
        method: PaymentMethod::Cash,
        tendered: amount,
        change: zero,
        running,
        badge: "0417".into(),
        disclosure: Hash::of(&[b"nobody"]),
    };
    phone.write(series, action, Some(visit), now, Vec::new(), receipt);
    number
}

/// A receipt is made void by the phone that wrote it.
fn void(phone: &mut Phone, receipt: &Receipt, action: Id, now: Instant, seen: Vec<Head>) {
    let Receipt { order, visit, series, number, amount, .. } = *receipt;
    phone.running = phone.running.minus(amount).unwrap();
    let running = phone.running;
    let subject = Subject::work_order(order);
    phone.write(subject, action, Some(visit), now, seen, PaymentVoided { series, number });
    let series = Subject::receipt_series(phone.certificate.id());
    let voided = ReceiptVoided { number, order, running };
    phone.write(series, action, Some(visit), now, Vec::new(), voided);
}

/// Money goes back under a number of the phone that hands it over.
fn give_back(phone: &mut Phone, receipt: &Receipt, action: Id, now: Instant, seen: Vec<Head>) {
    let Receipt { order, series: of_series, number: of_number, amount, .. } = *receipt;
    phone.receipts += 1;
    phone.running = phone.running.minus(amount).unwrap();
    let (number, running) = (phone.receipts, phone.running);
    let own = Subject::receipt_series(phone.certificate.id());
    let (series, method) = (own.id, PaymentMethod::Cash);
    let refunded = PaymentRefunded {
        series,
        number,
        of_series,
        of_number,
        amount,
        method: method.clone(),
        deposit: None,
    };
    let order_event = phone.write(Subject::work_order(order), action, None, now, seen, refunded);
    let badge = "0417".into();
    let issued = RefundIssued {
        disclosure: None,
        deposit: None,
        number,
        order,
        order_event,
        of_series,
        of_number,
        amount,
        method,
        running,
        badge,
    };
    phone.write(own, action, None, now, Vec::new(), issued);
}

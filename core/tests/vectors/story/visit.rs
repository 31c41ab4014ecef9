//! What Mei writes at Mrs Chan's: an event of every type, private parts, receipts, an export.

use doorstep::{
    base::{Hash, Id, Instant, Lang},
    event::{
        AfterLast, Appointment, AppointmentMade, CaseClock, CasePromise, CaseStatus, CaseTold,
        CaseWords, CashHandedOver, CashTaken, Channel, Charged, ClaimJudged, ClaimResult,
        ClockCorrected, ConditionsNoted, ConflictDecided, Customer, DetailChange, DetailChanged,
        DetailText, Duty, DutyDone, DutyWithin, Effect, EntryCorrected, ErasureAsked,
        EstimateBasis, EstimateMethod, Event, GasRestored, GasShutOff, HazardFound,
        HazardRechecked, InvoiceWanted, ItemAnswer, MeterRead, NoticeNumbered, OrderAfter,
        OrderAssigned, OrderCancelled, OrderOpened, Paid, PaidAtDesk, Payload, PaymentRefunded,
        PaymentVoided, PhotoTaken, PhotosErased, Pieces, Promised, QuoteAccepted, QuoteOffered,
        ReadingFlag, ReadingKind, ReadingSource, ReasonGiven, ReasonText, ReceiptIssued,
        ReceiptPrivate, ReceiptVoided, RefundApproved, RefundIssued, SealState, ShiftClosed,
        ShiftStarted, ShutOff, SignOffPrivate, SignOffResult, SignedOff, SignerRole, StepRecorded,
        StepText, Until, Value, VerdictGiven, VisitFinished, VisitHandedOver, VisitKind,
        VisitStarted, Warning, Window,
    },
    log::{Chain, Class, DisclosedKey, Head, StreamId, Subject, Tail, Writer},
    money::{Claim, PaymentMethod},
    proof::{Bundle, ReceiptProof, receipt_codes},
};

use super::{NOON, Story, cbor, cny};
use crate::facts::to_hex;

impl Story {
    pub(super) fn certificates(&mut self) {
        let bytes = self.certificate.bytes().to_vec();
        let company = self.company_key();
        self.valid_and_altered("certificate", "certificate", &bytes, &[("company", company)]);
        let device = self.certificate.id();
        self.valid("receipt series", "series", &device.to_string(), &[]);
    }

    /// An event of every type a work order or a shift holds, with private parts.
    pub(super) fn work(&mut self) -> Tail {
        let (order, hash) = (self.order, Hash::of(&[b"any"]));
        let line = self.line(None);
        let series = Subject::receipt_series(self.certificate.id()).id;
        let head = Head { writer: Writer::Office(1), branch: Default::default(), seq: 2 };
        let claim = Claim { provider: "wallet".into(), reference: "4200".into() };
        let paid = |method, photo| Paid {
            series,
            number: 101,
            due: cny(12_340),
            tendered: cny(20_000),
            change: cny(7_660),
            method,
            photo,
            deposits: None,
        };
        let answers = [("hose", ItemAnswer::Hazard), ("阀", ItemAnswer::NotCheckable)];
        let answers = answers.map(|(item, answer)| (item.to_owned(), answer)).into();
        let values = [
            Value::Done,
            Value::Count(-3),
            Value::Presses(vec![2_000, 5_000]),
            Value::Choice("door".into()),
            Value::Many(vec!["dust".into(), "noise".into()]),
            Value::Number("-2.08".parse().unwrap()),
            Value::Photo(hash),
            Value::Scan("METER-7".into()),
            Value::Checklist(answers),
            Value::Written,
        ];
        let opened = OrderOpened {
            kind: VisitKind::CallBack,
            premises: self.id(),
            number: "R-1203".into(),
            standard: "repair".into(),
            rules: 1,
            emergency: true,
            due: Some(NOON),
            promises: Some(vec![Promised {
                id: "network_fault_attended".into(),
                due: NOON,
                until: Until::Attended,
            }]),
        };
        let device = self.device();
        let (boot, mei, visit) = (self.boot, self.mei, self.visit);
        let mut payloads: Vec<Payload> = vec![
            opened.into(),
            OrderAssigned { to: mei }.into(),
            OrderCancelled { reason: "客户取消".into() }.into(),
            AppointmentMade { window: Some(Window { from: NOON, to: NOON.plus_ms(3_600_000) }) }
                .into(),
            AppointmentMade { window: None }.into(),
            self.complaint(mei, Some(Channel::Message), None).into(),
            self.complaint(mei, None, Some(visit)).into(),
            ConflictDecided {
                conflict: hash,
                rule: "C1".into(),
                choice: "accept".into(),
                heads: vec![head],
            }
            .into(),
            VerdictGiven::new("C9", vec![hash], Effect::Mark).into(),
            ClockCorrected { writer: device, boot, booted_at: Instant(-70_000) }.into(),
            VisitStarted {
                standard: "repair".into(),
                version: 3,
                fingerprint: hash,
                price_list: 12,
                continues: Some(visit),
            }
            .into(),
            ConditionsNoted { raining: Some(true), ..Default::default() }.into(),
            ReasonGiven { finding: "bell".into() }.into(),
            QuoteOffered { version: 1, lines: vec![line.clone()], total: cny(12_340) }.into(),
            QuoteAccepted { version: 1 }.into(),
            Charged { line }.into(),
            Charged { line: self.line(Some("warranty")) }.into(),
            paid(PaymentMethod::Cash, None).into(),
            paid(PaymentMethod::Claimed(claim.clone()), None).into(),
            paid(PaymentMethod::Claimed(claim), Some(hash)).into(),
            SignedOff {
                result: SignOffResult::Signed,
                statement: hash,
                lang: Lang::En,
                role: Some(SignerRole::Tenant),
                consent: true,
            }
            .into(),
            VisitFinished {
                outcome: "completed".into(),
                order: Some(OrderAfter::NobodyMet),
                then: Some(AfterLast::Letter),
            }
            .into(),
            VisitHandedOver { to: boot, badge: "0417".into() }.into(),
            ReceiptVoided { number: 101, order: order.id, running: cny(0) }.into(),
            RefundApproved { series, number: 101, amount: cny(4_000) }.into(),
            ClaimJudged { series, number: 101, result: ClaimResult::Bounced }.into(),
            PaymentVoided { series, number: 101 }.into(),
            PaymentRefunded {
                series,
                number: 102,
                of_series: order.id,
                of_number: 7,
                amount: cny(4_000),
                method: PaymentMethod::Cash,
                deposit: None,
            }
            .into(),
            PaymentRefunded {
                series,
                number: 103,
                of_series: order.id,
                of_number: 8,
                amount: cny(4_000),
                method: PaymentMethod::Cash,
                deposit: Some(cny(20_000)),
            }
            .into(),
            Paid { deposits: Some(vec![self.deposit()]), ..paid(PaymentMethod::Cash, None) }.into(),
            MeterRead {
                meter: "M-9".into(),
                expected: Some("M-1".into()),
                kind: ReadingKind::Customer,
                value: "13.250".parse().unwrap(),
                display: Some("14".parse().unwrap()),
                previous: Some(4_300),
                usage: Some(34),
                credit: 20,
                flags: vec![ReadingFlag::Swapped, ReadingFlag::ForReview, ReadingFlag::CardDiffers],
                swapped: Some((4_321, 0)),
                photo: Some(hash),
                seal: Some("B-204417".into()),
                seal_state: Some(SealState::Missing),
                card_left: Some(7),
                estimate: Some(EstimateBasis {
                    method: EstimateMethod::NoUse,
                    last: 4_300,
                    usual: Some(30),
                }),
                source: Some(ReadingSource::Network),
                read_at: Some(NOON),
                card_bought: Some(1_347),
                display_photo: Some(hash),
            }
            .into(),
            HazardFound {
                scale: "gd-3".into(),
                grade: "1".into(),
                rank: 1,
                item: "软管接头".into(),
                duties: vec![Duty::ShutOff, Duty::TellSupervisor],
                due: Some(NOON),
                evidence: vec![hash],
                first: Some(hash),
                first_order: Some(visit),
                within: Some(vec![DutyWithin {
                    duty: Duty::TellSupervisor,
                    minutes: 30,
                    rule: "D-HAZARD-CALL".into(),
                }]),
                party: Some("user".into()),
                recheck: Some(NOON),
            }
            .into(),
            DutyDone {
                hazard: hash,
                duty: Duty::Notice,
                refused: false,
                number: Some("N-2207".into()),
                photo: Some(hash),
            }
            .into(),
            HazardRechecked {
                hazard: hash,
                passed: false,
                grade: Some("2".into()),
                rank: Some(2),
                evidence: Vec::new(),
                first_order: None,
            }
            .into(),
            GasShutOff {
                what: ShutOff::Supply,
                hazard: Some(hash),
                paper: Some("P-0031".into()),
                photo: Some(hash),
            }
            .into(),
            GasRestored { shut_off: hash, first_order: None }.into(),
            GasRestored { shut_off: hash, first_order: Some(visit) }.into(),
            EntryCorrected { entry: hash, value: Some(Value::Count(3)) }.into(),
            EntryCorrected { entry: hash, value: None }.into(),
            NoticeNumbered { series, number: 7 }.into(),
            InvoiceWanted { series, number: 101 }.into(),
            CashHandedOver {
                amount: cny(62_300),
                to_badge: "0900".into(),
                items: vec!["phone 7".into()],
            }
            .into(),
            CashTaken { amount: cny(62_300), from_badge: "0417".into() }.into(),
            PhotoTaken { address: hash, size: 204_840 }.into(),
            PaidAtDesk {
                visit,
                amount: cny(8_800),
                method: PaymentMethod::Cash,
                receipt: "D-0817".into(),
            }
            .into(),
            ErasureAsked { classes: vec![Class::Contact, Class::Service] }.into(),
            PhotosErased { photos: vec![hash] }.into(),
            PhotosErased { photos: Vec::new() }.into(),
            DetailChanged { change: DetailChange::Phone(hash) }.into(),
            DetailChanged { change: DetailChange::AccessNote(hash) }.into(),
            DetailChanged {
                change: DetailChange::Appointment(Appointment {
                    from: NOON,
                    to: NOON,
                    agreed: false,
                }),
            }
            .into(),
            DetailChanged { change: DetailChange::NoAppointment }.into(),
            DetailChanged {
                change: DetailChange::Warning(Warning { code: "dog".into(), away: false }),
            }
            .into(),
            RefundIssued {
                number: 102,
                order: order.id,
                order_event: hash,
                of_series: order.id,
                of_number: 7,
                amount: cny(4_000),
                method: PaymentMethod::Cash,
                running: cny(8_340),
                badge: "0417".into(),
                disclosure: None,
                deposit: Some(true),
            }
            .into(),
            ShiftStarted { person: mei, badge: "0417".into(), float: cny(50_000) }.into(),
            ShiftClosed {
                expected: cny(62_340),
                counted: cny(62_300),
                pieces: Some(vec![
                    Pieces { value: 10_000, count: 6 },
                    Pieces { value: 100, count: 23 },
                ]),
            }
            .into(),
        ];
        payloads.extend(values.map(|value| StepRecorded { step: "step".into(), value }.into()));
        let unknown = Payload::Unknown { kind: 1_000, bytes: vec![0x82, 0xf6, 0x61, b'?'] };
        payloads.push(unknown);

        let mut events = Vec::new();
        for payload in payloads {
            let mut event = self.event(payload);
            self.private_part(&mut event);
            let name = format!("{} {}", event.payload.name(), events.len());
            self.valid(&name, "event", &to_hex(event.encode()), &[]);
            events.push(event);
        }
        events[7].seen = Some(vec![head]);
        events[8].visit = None;
        let stream = StreamId::new(order, device);
        let tail = self.tail(&self.phone, stream, &events[6..12]);
        let (key, bytes) = (self.phone_key(), cbor(&tail));
        self.valid("tail", "tail", &to_hex(&bytes), &[("key", key.clone())]);
        let mut swapped = tail.clone();
        swapped.events.swap(0, 1);
        self.refused("tail, swapped", "tail", &to_hex(cbor(&swapped)), &[("key", key.clone())]);
        let seal = tail.seal.clone().unwrap();
        self.valid_and_altered("seal", "seal", &seal, &[("key", key)]);
        tail
    }

    fn complaint(&self, owner: Id, channel: Option<Channel>, about: Option<Id>) -> CaseTold {
        let due = Some(NOON.plus_ms(86_400_000));
        let promise = |clock, due| CasePromise {
            id: "complaint_answered".into(),
            kept_by: "answered".into(),
            clock,
            due,
        };
        let clocks = [CaseClock::Paused, CaseClock::Kept, CaseClock::Late];
        let mut promises: Vec<_> = clocks.map(|clock| promise(clock, None)).into();
        promises.push(promise(CaseClock::Due, due));
        CaseTold {
            number: "R-1204-C1".into(),
            status: CaseStatus::Answered,
            owner,
            channel,
            received: NOON,
            promises,
            about,
        }
    }

    fn private_part(&mut self, event: &mut Event) {
        let order = self.order;
        match event.payload {
            Payload::OrderOpened(_) => {
                let customer = Customer {
                    name: "陈太太".into(),
                    phone: Some("555 0100".into()),
                    report: None,
                    special_need: Some("knock long".into()),
                    lang: Some(Lang::ZhHant),
                };
                self.seal_part(event, order, Class::Contact, &customer);
            }
            Payload::DetailChanged(DetailChanged { change: DetailChange::Phone(_) }) => {
                let phone = DetailText { text: "555 0199".into() };
                self.seal_part(event, order, Class::Contact, &phone);
            }
            Payload::CaseTold(CaseTold { about: None, .. }) => {
                let words = CaseWords { said: "nobody called 先".into() };
                self.seal_part(event, order, Class::Contact, &words);
            }
            Payload::StepRecorded(StepRecorded { value: Value::Written, .. }) => {
                let text = StepText { text: Some("软管老化".into()), note: None };
                self.seal_part(event, order, Class::Service, &text);
            }
            Payload::ReasonGiven(_) => {
                let reason = ReasonText { text: "the bell was stuck".into() };
                self.seal_part(event, order, Class::Service, &reason);
            }
            Payload::SignedOff(_) => {
                let sign_off = SignOffPrivate {
                    salt: vec![9; 16],
                    statement: "What was done".into(),
                    signer: Some("Mrs Chan".into()),
                    strokes: vec![vec![(0, 10_000), (5, 9_999)], vec![(65_535, 1)]],
                    reason: None,
                    witness: None,
                };
                self.seal_part(event, order, Class::Service, &sign_off);
            }
            _ => {}
        }
    }

    /// Three receipts and a refund, each as its text; the third fills more than one QR code.
    pub(super) fn receipts(&mut self) -> Tail {
        let device = self.certificate.id();
        let subject = Subject::receipt_series(device);
        let stream = StreamId::new(subject, Writer::Device(device));
        let company = self.company_key();
        let mut events = Vec::new();
        let mut before = Chain::start(&stream);
        for (number, lines) in [(101, Some(1)), (102, Some(1)), (103, Some(40)), (104, None)] {
            let disclosure = ReceiptPrivate {
                salt: vec![number as u8; 16],
                payer: "Mrs Chan 陈".into(),
                premises: "Flat 1203, 8 Harbour Street".into(),
            };
            let name = if lines.is_some() { "receipt" } else { "refund" };
            let mut event = match lines {
                Some(lines) => self.event(ReceiptIssued {
                    number,
                    order: self.order.id,
                    order_event: Hash::of(&[b"paid"]),
                    lines: vec![self.line(None); lines],
                    amount: cny(12_340),
                    method: PaymentMethod::Cash,
                    tendered: cny(20_000),
                    change: cny(7_660),
                    running: cny(12_340 * (number as i64 - 100)),
                    badge: "0417".into(),
                    disclosure: disclosure.hash(),
                }),
                // The first receipt's money, all of it.
                None => self.event(RefundIssued {
                    deposit: None,
                    number,
                    order: self.order.id,
                    order_event: Hash::of(&[b"refunded"]),
                    of_series: subject.id,
                    of_number: 101,
                    amount: cny(12_340),
                    method: PaymentMethod::Cash,
                    running: cny(2 * 12_340),
                    badge: "0417".into(),
                    disclosure: Some(disclosure.hash()),
                }),
            };
            self.seal_part(&mut event, subject, Class::Money, &disclosure);
            events.push(event);
            let tail = self.tail(&self.phone, stream, &events);
            let bytes = tail.events.last().unwrap().clone();
            let proof = ReceiptProof {
                certificate: self.certificate.bytes().to_vec().into(),
                before: before.hash,
                event: bytes.clone(),
                seal: tail.seal.unwrap(),
                disclosure,
            };
            let with = [("company", company.clone())];
            self.valid(&format!("{name} {number}"), "receipt", &proof.to_text(), &with);
            let codes = receipt_codes(&proof.to_text());
            if codes.len() > 1 {
                let name = format!("{name} {number} in codes");
                self.valid(&name, "receipt", &codes.join("\n"), &with);
            }
            let mut forged = proof.clone();
            forged.disclosure.payer = "Wu".into();
            let name = format!("{name} {number} for somebody else");
            self.refused(&name, "receipt", &forged.to_text(), &with);
            let mut altered = proof;
            let last = altered.event.len() - 1;
            altered.event[last] ^= 1;
            let name = format!("{name} {number} altered");
            self.refused(&name, "receipt", &altered.to_text(), &with);
            before = before.then(&bytes);
        }
        self.tail(&self.phone, stream, &events)
    }

    pub(super) fn export(&mut self, work: &Tail, receipts: &Tail) {
        let keys = [(self.order, Class::Service), (receipts.stream.subject, Class::Money)];
        let keys = keys.map(|(subject, class)| DisclosedKey {
            subject,
            class,
            key: self.keys[class.number() as usize].clone(),
        });
        let certificate = vec![self.certificate.bytes().to_vec().into()];
        let streams = vec![work.clone(), receipts.clone()];
        let bundle = Bundle::new(certificate, streams, keys.into());
        let with = [("company", self.company_key())];
        self.valid("export", "bundle", &to_hex(bundle.to_bytes()), &with);
        let bare = Bundle { keys: Vec::new(), ..bundle.clone() };
        self.valid_and_altered("export without keys", "bundle", &bare.to_bytes(), &with);
        let orphan = Bundle { certificates: Vec::new(), ..bundle };
        self.refused("export without certificate", "bundle", &to_hex(orphan.to_bytes()), &with);
    }
}

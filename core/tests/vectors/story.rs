//! Vectors written by the core, for the Python script to read: one morning of Mei's, from her
//! certificate to the exported visit. The same bytes at each run.

use doorstep::{
    base::{ClockReading, Currency, Entropy, Hash, Id, Instant, Lang, Money, Zone},
    event::{
        Charged, ClockCorrected, ConditionsNoted, ConflictDecided, Customer, Effect, Event,
        ItemAnswer, OrderAssigned, OrderCancelled, OrderOpened, Paid, Payload, QuoteAccepted,
        QuoteOffered, ReasonGiven, ReasonText, ReceiptIssued, ReceiptPrivate, ReceiptVoided,
        ShiftClosed, ShiftStarted, SignOffPrivate, SignOffResult, SignedOff, SignerRole,
        StepRecorded, StepText, Value, VerdictGiven, VisitFinished, VisitKind, VisitStarted,
    },
    log::{
        Certificate, CertificateFields, Chain, Class, DeviceKeys, Head, Seal, StreamId, Subject,
        SubjectKey, Tail, WrappedKey, Writer,
    },
    money::{ChargeLine, Claim, PaymentMethod, PriceList},
    proof::{Bundle, DisclosedKey, ReceiptProof},
    sync::{
        Answer, Company, Cursor, EnrolAnswer, EnrolRequest, NothingUnsent, Outcome, Person,
        Premises, Request, Scope, StandingDoc, StreamOutcome, StreamResult, held_digest,
        seal_answer, seal_enrol, seal_enrol_answer, seal_request,
    },
};
use serde_json::{Map, Value as Json, json};

use crate::facts::{self, With, to_hex};

const NOON: Instant = Instant(1_795_000_000_000);

const PRICES: &str = r#"
id = "harbour"
version = 12
currency = "CNY"
valid_from = "2026-01-01"

[[item]]
code = "valve"
name = { zh-Hans = "阀门", zh-Hant = "閥門", en = "Valve" }
unit = { zh-Hans = "只", zh-Hant = "隻", en = "piece" }
price = "61.70"
kind = "part"

[[free]]
code = "warranty"
text = { zh-Hans = "保修", zh-Hant = "保養", en = "Under warranty" }
"#;

/// Counts up: every draw differs, every run is the same.
struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            let drawn = Hash::of(&[b"vectors of the core", &self.0.to_be_bytes()]);
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

struct Story {
    entropy: Counter,
    vectors: Vec<Json>,
    company: DeviceKeys,
    phone: DeviceKeys,
    certificate: Certificate,
    mei: Id,
    visit: Id,
    boot: Id,
    order: Subject,
    keys: [SubjectKey; 3],
    ms: u64,
}

/// The file `tests/vectors/rust.json`.
pub(crate) fn render() -> String {
    let mut story = Story::begin();
    story.certificates();
    let tail = story.work();
    let receipts = story.receipts();
    story.export(&tail, &receipts);
    story.wrapped();
    story.exchange(tail);
    story.enrolment();
    let written_by = "core/tests/vectors";
    let file = json!({ "format": 1, "written_by": written_by, "vectors": story.vectors });
    serde_json::to_string_pretty(&file).unwrap() + "\n"
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn cbor<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap()
}

impl Story {
    fn begin() -> Story {
        let mut counter = Counter(0);
        let entropy: &mut dyn Entropy = &mut counter;
        let (company, phone) = (DeviceKeys::generate(entropy), DeviceKeys::generate(entropy));
        let fields = CertificateFields {
            signing_key: phone.public().signing,
            wrapping_key: phone.public().wrapping,
            district: "海港".into(),
            issued: NOON,
            expires: NOON.plus_ms(31_536_000_000),
            first_receipt: 101,
            last_receipt: Some(200),
        };
        Story {
            certificate: Certificate::issue(&company.sign_key(), fields),
            mei: entropy.id(),
            visit: entropy.id(),
            boot: entropy.id(),
            order: Subject::work_order(entropy.id()),
            keys: [(); 3].map(|()| SubjectKey::generate(entropy)),
            vectors: Vec::new(),
            ms: 60_000,
            company,
            phone,
            entropy: counter,
        }
    }

    fn id(&mut self) -> Id {
        (&mut self.entropy as &mut dyn Entropy).id()
    }

    fn company_key(&self) -> Json {
        json!(to_hex(self.company.public().signing))
    }

    fn phone_key(&self) -> Json {
        json!(to_hex(self.phone.public().signing))
    }

    fn device(&self) -> Writer {
        Writer::Device(self.certificate.id())
    }

    // Collecting

    /// A vector that holds, with the facts found here.
    fn valid(&mut self, name: &str, kind: &str, input: &str, with: &[(&str, Json)]) {
        let expect = self.examine(kind, input, with).unwrap_or_else(|e| panic!("{name}: {e}"));
        self.vectors.push(json!({
            "name": name, "kind": kind, "input": input, "with": map(with), "expect": expect,
        }));
    }

    /// A vector that is refused, for the reason found here.
    fn refused(&mut self, name: &str, kind: &str, input: &str, with: &[(&str, Json)]) {
        let refused = self.examine(kind, input, with).expect_err(name);
        self.vectors.push(json!({
            "name": name, "kind": kind, "input": input, "with": map(with), "refused": refused,
        }));
    }

    fn examine(&self, kind: &str, input: &str, with: &[(&str, Json)]) -> Result<Json, &str> {
        facts::examine(kind, input, &With(&map(with)))
    }

    /// One that holds; the same with a byte altered, at three places; and half of it.
    fn valid_and_altered(&mut self, name: &str, kind: &str, bytes: &[u8], with: &[(&str, Json)]) {
        self.valid(name, kind, &to_hex(bytes), with);
        for at in [bytes.len() / 7, bytes.len() / 2, bytes.len() - 1] {
            let mut altered = bytes.to_vec();
            altered[at] ^= 0x11;
            self.refused(&format!("{name}, byte {at} altered"), kind, &to_hex(&altered), with);
        }
        let half = to_hex(&bytes[..bytes.len() / 2]);
        self.refused(&format!("{name}, cut in half"), kind, &half, with);
    }

    // Making

    fn event(&mut self, payload: impl Into<Payload>) -> Event {
        self.ms += 1_500;
        Event {
            action: self.id(),
            actor: self.mei,
            visit: Some(self.visit),
            clock: ClockReading {
                wall: NOON.plus_ms(self.ms as i64),
                zone: Zone(480),
                boot: self.boot,
                since_boot_ms: self.ms,
            },
            seen: None,
            payload: payload.into(),
            private: Default::default(),
        }
    }

    fn seal_part<T: minicbor::Encode<()>>(
        &mut self,
        event: &mut Event,
        subject: Subject,
        class: Class,
        part: &T,
    ) {
        let plain = cbor(part);
        let key = self.keys[class.number() as usize].clone();
        let sealed = key.seal(&mut self.entropy, subject, class, event.action, &plain);
        let with = [
            ("subject", json!(to_hex(cbor(&subject)))),
            ("class", json!(class.number())),
            ("action", json!(event.action)),
            ("key", json!(to_hex(key.as_bytes()))),
            ("type", json!(event.payload.kind())),
        ];
        let name = format!("private part of {}", event.payload.name());
        self.valid_and_altered(&name, "private", &sealed, &with);
        event.private.insert(class, sealed);
    }

    fn tail(&self, keys: &DeviceKeys, stream: StreamId, events: &[Event]) -> Tail {
        let bytes: Vec<_> = events.iter().map(|event| event.encode().into()).collect();
        let mut tail = Tail { stream, from: 1, events: bytes, seal: None };
        let (_, chain) = tail.follow(Chain::start(&stream)).unwrap();
        let seal = Seal::make(&keys.sign_key(), stream, chain, 1);
        tail.seal = Some(seal.bytes().to_vec().into());
        tail
    }

    fn line(&self, free: Option<&str>) -> ChargeLine {
        PriceList::load(PRICES).unwrap().line("valve", 2, Lang::ZhHant, free).unwrap()
    }

    // The morning

    fn certificates(&mut self) {
        let bytes = self.certificate.bytes().to_vec();
        let company = self.company_key();
        self.valid_and_altered("certificate", "certificate", &bytes, &[("company", company)]);
        let device = self.certificate.id();
        self.valid("receipt series", "series", &device.to_string(), &[]);
    }

    /// An event of every type a work order or a shift holds, with private parts.
    fn work(&mut self) -> Tail {
        let (order, hash) = (self.order, Hash::of(&[b"any"]));
        let line = self.line(None);
        let series = Subject::receipt_series(self.certificate.id()).id;
        let head = Head { writer: Writer::Office(1), branch: Default::default(), seq: 2 };
        let claim = Claim { provider: "wallet".into(), reference: "4200".into() };
        let paid = |method| Paid {
            series,
            number: 101,
            due: cny(12_340),
            tendered: cny(20_000),
            change: cny(7_660),
            method,
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
        };
        let device = self.device();
        let (boot, mei, visit) = (self.boot, self.mei, self.visit);
        let mut payloads: Vec<Payload> = vec![
            opened.into(),
            OrderAssigned { to: mei }.into(),
            OrderCancelled { reason: "客户取消".into() }.into(),
            ConflictDecided {
                conflict: hash,
                rule: "C1".into(),
                choice: "accept".into(),
                heads: vec![head],
            }
            .into(),
            VerdictGiven { rule: "C9".into(), events: vec![hash], effect: Effect::Mark }.into(),
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
            paid(PaymentMethod::Cash).into(),
            paid(PaymentMethod::Claimed(claim)).into(),
            SignedOff {
                result: SignOffResult::Signed,
                statement: hash,
                lang: Lang::En,
                role: Some(SignerRole::Tenant),
                consent: true,
            }
            .into(),
            VisitFinished { outcome: "completed".into() }.into(),
            ReceiptVoided { number: 101, order: order.id, running: cny(0) }.into(),
            ShiftStarted { person: mei, badge: "0417".into(), float: cny(50_000) }.into(),
            ShiftClosed { expected: cny(62_340), counted: cny(62_300) }.into(),
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

    /// Two receipts, each as the text of its QR code.
    fn receipts(&mut self) -> Tail {
        let device = self.certificate.id();
        let subject = Subject::receipt_series(device);
        let stream = StreamId::new(subject, Writer::Device(device));
        let company = self.company_key();
        let mut events = Vec::new();
        let mut before = Chain::start(&stream);
        for number in [101, 102] {
            let disclosure = ReceiptPrivate {
                salt: vec![number as u8; 16],
                payer: "Mrs Chan 陈".into(),
                premises: "Flat 1203, 8 Harbour Street".into(),
            };
            let mut event = self.event(ReceiptIssued {
                number,
                order: self.order.id,
                order_event: Hash::of(&[b"paid"]),
                lines: vec![self.line(None)],
                amount: cny(12_340),
                method: PaymentMethod::Cash,
                tendered: cny(20_000),
                change: cny(7_660),
                running: cny(12_340 * (number as i64 - 100)),
                badge: "0417".into(),
                disclosure: disclosure.hash(),
            });
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
            self.valid(&format!("receipt {number}"), "receipt", &proof.to_text(), &with);
            let mut forged = proof.clone();
            forged.disclosure.payer = "Wu".into();
            let name = format!("receipt {number} for somebody else");
            self.refused(&name, "receipt", &forged.to_text(), &with);
            let mut altered = proof;
            let last = altered.event.len() - 1;
            altered.event[last] ^= 1;
            let name = format!("receipt {number} altered");
            self.refused(&name, "receipt", &altered.to_text(), &with);
            before = before.then(&bytes);
        }
        self.tail(&self.phone, stream, &events)
    }

    fn export(&mut self, work: &Tail, receipts: &Tail) {
        let keys = [(self.order, Class::Service), (receipts.stream.subject, Class::Money)];
        let keys = keys.map(|(subject, class)| DisclosedKey {
            subject,
            class,
            key: *self.keys[class.number() as usize].as_bytes(),
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

    fn wrap(&mut self, class: Class, to_company: bool) -> WrappedKey {
        let to = if to_company { &self.company } else { &self.phone };
        let recipient = to.public().wrapping;
        let key = &self.keys[class.number() as usize];
        WrappedKey::wrap(&mut self.entropy, &recipient, self.order, class, key).unwrap()
    }

    fn wrapped(&mut self) {
        let wrapped = self.wrap(Class::Contact, false);
        let with = [("recipient", json!(to_hex(self.phone.to_secret())))];
        self.valid("wrapped key", "wrapped", &to_hex(cbor(&wrapped)), &with);
        let moved = WrappedKey { class: Class::Money, ..wrapped.clone() };
        self.refused("wrapped key of another class", "wrapped", &to_hex(cbor(&moved)), &with);
        let with = [("recipient", json!(to_hex(self.company.to_secret())))];
        self.refused("wrapped key of the phone", "wrapped", &to_hex(cbor(&wrapped)), &with);
    }

    fn exchange(&mut self, tail: Tail) {
        let heads = vec![
            (StreamId::new(Subject::shift(self.mei), self.device()), 300, Hash::of(&[b"2"])),
            (tail.stream, 6, Hash::of(&[b"1"])),
        ];
        let bytes = cbor(&heads);
        self.valid("held heads", "held", &to_hex(bytes), &[]);
        let boot = self.boot;
        let request = Request {
            version: 1,
            cursor: Cursor { epoch: 1, position: 42 },
            last_answer: Some(self.id()),
            clock: ClockReading { wall: NOON, zone: Zone(-90), boot, since_boot_ms: self.ms },
            requests: 9,
            recorded: 32,
            unsent: 1,
            held: held_digest(heads),
            tails: vec![tail.clone()],
            keys: vec![self.wrap(Class::Service, true)],
            rules: 1,
        };
        let device = self.certificate.id();
        let packet = seal_request(&self.phone.sign_key(), device.as_bytes(), &request);
        let with = [("key", self.phone_key())];
        self.valid_and_altered("request", "request", &packet, &with);
        let quiet = Request { last_answer: None, tails: Vec::new(), keys: Vec::new(), ..request };
        let carrying = seal_request(&self.phone.sign_key(), self.certificate.bytes(), &quiet);
        self.valid("request with its certificate", "request", &to_hex(carrying), &with);
        let answer = self.answer(Hash::of(&[&packet]), &tail);
        let company = self.company.sign_key();
        let recipient = self.phone.public().wrapping;
        let sealed = seal_answer(&mut self.entropy, &company, &recipient, &answer).unwrap();
        let with = |request: Hash, recipient: &DeviceKeys| {
            [
                ("company", self.company_key()),
                ("recipient", json!(to_hex(recipient.to_secret()))),
                ("request", json!(request)),
            ]
        };
        let good = with(answer.request, &self.phone);
        let other = with(Hash::of(&[b"another"]), &self.phone);
        let stranger = with(answer.request, &self.company);
        self.valid_and_altered("answer", "answer", &sealed, &good);
        self.refused("answer to another request", "answer", &to_hex(&sealed), &other);
        self.refused("answer for another device", "answer", &to_hex(&sealed), &stranger);
    }

    fn answer(&mut self, request: Hash, tail: &Tail) -> Answer {
        let office = StreamId::new(self.order, Writer::Office(1));
        let assigned = self.event(OrderAssigned { to: self.mei });
        let company = self.company.sign_key();
        let doc = StandingDoc { key: "price-list".into(), version: 12, body: PRICES.into() };
        let premises = Premises {
            id: self.id(),
            address: "Flat 1203, 8 Harbour Street".into(),
            building: "8 Harbour Street".into(),
            floor: -2,
            under_renovation: true,
        };
        let key = Premises::key(premises.id);
        let place = StandingDoc { key, version: 1, body: cbor(&premises) };
        let docs = [doc, place].map(|doc| doc.sign(&company));
        let with = [("company", self.company_key())];
        for bytes in &docs {
            self.valid_and_altered("standing data", "standing", bytes, &with);
        }
        let outcomes = [
            StreamOutcome::Accepted(6),
            StreamOutcome::AlreadyHad(6),
            StreamOutcome::Gap(7),
            StreamOutcome::Forked(Hash::of(&[b"fork"])),
            StreamOutcome::Held("not-yours".into()),
        ];
        let results =
            outcomes.map(|outcome| StreamResult { stream: tail.stream, outcome }).to_vec();
        Answer {
            version: 1,
            id: self.id(),
            request,
            time: NOON,
            results,
            cursor: Cursor { epoch: 1, position: 43 },
            tails: vec![self.tail(&self.company, office, &[assigned])],
            certificates: vec![self.certificate.bytes().to_vec().into()],
            keys: vec![self.wrap(Class::Contact, false)],
            standing: docs.map(Into::into).to_vec(),
            scope: Scope { entered: vec![self.order.id], left: vec![self.id()] },
            outcomes: vec![Outcome {
                id: self.id(),
                subject: self.order,
                rule: "C2".into(),
                conflict: Hash::of(&[b"conflict"]),
                choice: "primary".into(),
                at: NOON,
                order_number: "R-1203".into(),
            }],
            more: true,
            statement: NothingUnsent { recorded: 32, held: 31, at: NOON },
            safe: vec![(tail.stream, 6)],
        }
    }

    fn enrolment(&mut self) {
        let request = EnrolRequest {
            code: "7KQ2-M9XD".into(),
            signing_key: self.phone.public().signing,
            wrapping_key: self.phone.public().wrapping,
        };
        let bytes = seal_enrol(&self.phone.sign_key(), &request);
        self.valid_and_altered("enrolment", "enrol", &bytes, &[]);
        let stolen = seal_enrol(&self.company.sign_key(), &request);
        self.refused("enrolment with a stranger's key", "enrol", &to_hex(stolen), &[]);
        let answer = EnrolAnswer {
            certificate: self.certificate.bytes().to_vec().into(),
            company_signing_key: self.company.public().signing,
            company_wrapping_key: self.company.public().wrapping,
            person: Person { id: self.mei, name: "Mei 美".into(), badge: "0417".into() },
            company: Company {
                name: "Harbour Gas".into(),
                licence: "G-77".into(),
                hotline: "555 0199".into(),
            },
            time: NOON,
        };
        let bytes = seal_enrol_answer(&self.company.sign_key(), &answer);
        let with = [("company", self.company_key())];
        self.valid_and_altered("enrolment answered", "enrol_answer", &bytes, &with);
    }
}

fn map(with: &[(&str, Json)]) -> Map<String, Json> {
    with.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

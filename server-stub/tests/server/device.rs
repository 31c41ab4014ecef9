//! A phone small enough for a test: it keeps streams, seals and exchanges them, and folds what it
//! has.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use doorstep::{
    base::{ClockReading, Hash, Id, Instant, Zone},
    event::{Event, Payload, Recorded, VisitFinished, VisitStarted},
    log::{
        Certificate, Chain, Class, DeviceKeys, Head, HeldSum, Seal, StreamId, Subject, SubjectKey,
        Tail, Writer,
    },
    order::OrderState,
    sync::{
        Answer, Cursor, EnrolRequest, NothingUnsent, Outcome, Person, Request, SafeAsked,
        Statement, StreamOutcome, open_answer, open_enrol_answer, seal_enrol, seal_request,
    },
};

use crate::world::{Counter, NOON, World, id};

pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) keys: DeviceKeys,
    pub(crate) certificate: Option<Certificate>,
    pub(crate) company: [u8; 32],
    pub(crate) person: Option<Person>,
    /// What its wall clock is off by.
    pub(crate) clock_off_ms: i64,
    pub(crate) boot: Id,
    /// Server time at its boot.
    pub(crate) booted: Instant,
    pub(crate) now: Instant,
    pub(crate) own: BTreeMap<StreamId, Vec<Vec<u8>>>,
    pub(crate) accepted: BTreeMap<StreamId, u64>,
    pub(crate) others: BTreeMap<StreamId, Vec<Vec<u8>>>,
    pub(crate) certificates: BTreeMap<Id, Certificate>,
    pub(crate) subject_keys: BTreeMap<(Subject, Class), SubjectKey>,
    pub(crate) standing: Vec<Vec<u8>>,
    pub(crate) scope: BTreeSet<Id>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) cursor: Cursor,
    pub(crate) last_answer: Option<Id>,
    pub(crate) requests: u64,
    actions: u64,
}

impl Device {
    pub(crate) fn new(name: &str) -> Device {
        let seed = u64::from_be_bytes(id(name).as_bytes()[..8].try_into().unwrap()) >> 8;
        let mut entropy = Counter(seed);
        Device {
            name: name.to_owned(),
            keys: DeviceKeys::generate(&mut entropy),
            certificate: None,
            company: [0; 32],
            person: None,
            clock_off_ms: 0,
            boot: id(&format!("{name}'s boot")),
            booted: NOON,
            now: NOON,
            own: BTreeMap::new(),
            accepted: BTreeMap::new(),
            others: BTreeMap::new(),
            certificates: BTreeMap::new(),
            subject_keys: BTreeMap::new(),
            standing: Vec::new(),
            scope: BTreeSet::new(),
            outcomes: Vec::new(),
            cursor: Cursor::default(),
            last_answer: None,
            requests: 0,
            actions: 0,
        }
    }

    pub(crate) fn enrolment(&self, code: &str) -> Vec<u8> {
        let public = self.keys.public();
        let request = EnrolRequest {
            code: code.to_owned(),
            signing_key: public.signing,
            wrapping_key: public.wrapping,
        };
        seal_enrol(&self.keys.sign_key(), &request)
    }

    pub(crate) fn enrolled(&mut self, answer: &[u8]) {
        let answer = open_enrol_answer(None, answer).unwrap();
        self.company = answer.company_signing_key;
        let certificate = Certificate::verify(&answer.certificate, &self.company).unwrap();
        self.certificates.insert(certificate.id(), certificate.clone());
        self.certificate = Some(certificate);
        self.person = Some(answer.person);
    }

    pub(crate) fn id(&self) -> Id {
        self.certificate.as_ref().unwrap().id()
    }

    pub(crate) fn stream(&self, order: Id) -> StreamId {
        StreamId::new(Subject::work_order(order), Writer::Device(self.id()))
    }

    pub(crate) fn clock(&self) -> ClockReading {
        ClockReading {
            wall: self.now.plus_ms(self.clock_off_ms),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: self.now.since(self.booted).try_into().unwrap(),
        }
    }

    /// Records an event about an order.
    pub(crate) fn record(&mut self, order: Id, visit: &str, payload: impl Into<Payload>) {
        self.actions += 1;
        self.record_half(&self.stream(order), visit, payload);
    }

    /// Records a further event of the action before, in a stream of its own.
    pub(crate) fn record_half(
        &mut self,
        stream: &StreamId,
        visit: &str,
        payload: impl Into<Payload>,
    ) {
        let subject = stream.subject;
        let seen: Vec<_> = self
            .others
            .iter()
            .filter(|(stream, _)| stream.subject == subject)
            .map(|(stream, events)| Head {
                writer: stream.writer,
                branch: stream.branch,
                seq: events.len() as u64,
            })
            .collect();
        let event = Event {
            action: id(&format!("{} {}", self.name, self.actions)),
            actor: id(&self.name),
            visit: Some(id(visit)),
            clock: self.clock(),
            seen: (!seen.is_empty()).then_some(seen),
            payload: payload.into(),
            private: BTreeMap::new(),
        };
        self.own.entry(*stream).or_default().push(event.encode());
    }

    pub(crate) fn start(&mut self, order: Id, visit: &str) {
        let started = VisitStarted {
            standard: "repair".into(),
            version: 1,
            fingerprint: Hash::of(&[b"standard"]),
            price_list: 1,
            continues: None,
        };
        self.record(order, visit, started);
    }

    /// Records a whole visit, short as it is.
    pub(crate) fn visit(&mut self, order: Id, visit: &str) {
        self.start(order, visit);
        self.record(
            order,
            visit,
            VisitFinished { outcome: "completed".into(), order: None, then: None },
        );
    }

    pub(crate) fn chain(&self, stream: &StreamId, to: usize) -> Chain {
        let events = self.own.get(stream).map_or(&[][..], Vec::as_slice);
        events[..to].iter().fold(Chain::start(stream), |chain, bytes| chain.then(bytes))
    }

    /// The sealed tail of a stream from a sequence number on.
    pub(crate) fn tail(&self, stream: &StreamId, from: u64) -> Tail {
        let events = &self.own[stream];
        let chain = self.chain(stream, events.len());
        let seal = Seal::make(&self.keys.sign_key(), *stream, chain, 1);
        Tail {
            stream: *stream,
            from,
            events: events[from as usize - 1..].iter().map(|e| e.clone().into()).collect(),
            seal: Some(seal.bytes().to_vec().into()),
        }
    }

    pub(crate) fn unsent_tails(&self) -> Vec<Tail> {
        let unsent = |(stream, events): (&StreamId, &Vec<Vec<u8>>)| {
            let accepted = self.accepted.get(stream).copied().unwrap_or(0);
            (accepted < events.len() as u64).then(|| self.tail(stream, accepted + 1))
        };
        self.own.iter().filter_map(unsent).collect()
    }

    pub(crate) fn request(&mut self, tails: Vec<Tail>) -> Request {
        self.requests += 1;
        let heads = self.own.iter().map(|(stream, events)| {
            let chain = self.chain(stream, events.len());
            (*stream, chain)
        });
        Request {
            version: 1,
            cursor: self.cursor,
            last_answer: self.last_answer,
            clock: self.clock(),
            requests: self.requests,
            recorded: self.own.values().map(|events| events.len() as u64).sum(),
            unsent: 0,
            held: HeldSum::of(heads).digest(),
            tails,
            rules: 1,
            asked: None,
            mark: None,
            photos: None,
            keys: None,
            certificates: None,
            room: None,
            pieces: None,
        }
    }

    /// What the server says it holds, checked.
    pub(crate) fn statement(&self, answer: &Answer) -> NothingUnsent {
        let statement = Statement::open(&self.company, &answer.statement).unwrap();
        assert_eq!(statement.device, self.id());
        statement.said
    }

    pub(crate) fn packet(&self, request: &Request) -> Vec<u8> {
        seal_request(&self.keys.sign_key(), self.id().as_bytes(), request)
    }

    pub(crate) fn open(&self, packet: &[u8], answer: &[u8]) -> Answer {
        open_answer(&self.keys, &self.company, &Hash::of(&[packet]), answer).unwrap()
    }

    /// One round trip with these tails; the answer is taken in.
    pub(crate) async fn send(&mut self, world: &World, tails: Vec<Tail>) -> Answer {
        self.now = world.now();
        let request = self.request(tails);
        let packet = self.packet(&request);
        let (status, bytes) = world.raw("/v1/exchange", packet.clone()).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&bytes));
        let answer = self.open(&packet, &bytes);
        self.take(&answer);
        answer
    }

    /// One round trip that asks what is safe; the answer is taken in.
    pub(crate) async fn ask(&mut self, world: &World, asked: SafeAsked) -> Answer {
        self.now = world.now();
        let request = Request { asked: Some(asked), ..self.request(Vec::new()) };
        let packet = self.packet(&request);
        let (_, bytes) = world.raw("/v1/exchange", packet.clone()).await;
        let answer = self.open(&packet, &bytes);
        self.take(&answer);
        answer
    }

    /// Exchanges until nothing is left; gives every answer.
    pub(crate) async fn exchange(&mut self, world: &World) -> Vec<Answer> {
        let mut answers = vec![self.send(world, self.unsent_tails()).await];
        while answers.last().unwrap().more {
            answers.push(self.send(world, Vec::new()).await);
            assert!(answers.len() < 100, "the server never comes to an end");
        }
        answers
    }

    /// Believes an answer as a phone does: every tail follows its chain and its seal is its
    /// writer's.
    pub(crate) fn take(&mut self, answer: &Answer) {
        for result in &answer.results {
            if let StreamOutcome::Accepted(seq) | StreamOutcome::AlreadyHad(seq) = result.outcome {
                self.accepted.insert(result.stream, seq);
            }
        }
        for certificate in &answer.certificates {
            let certificate = Certificate::verify(certificate, &self.company).unwrap();
            self.certificates.insert(certificate.id(), certificate);
        }
        for tail in &answer.tails {
            self.take_tail(tail);
        }
        for it in &answer.keys {
            self.subject_keys.insert((it.subject, it.class), it.key.clone());
        }
        self.standing.extend(answer.standing.iter().map(|document| document.to_vec()));
        for left in &answer.scope.left {
            self.scope.remove(left);
        }
        self.scope.extend(&answer.scope.entered);
        for outcome in &answer.outcomes {
            if !self.outcomes.iter().any(|known| known.id == outcome.id) {
                self.outcomes.push(outcome.clone());
            }
        }
        self.cursor = answer.cursor;
        self.last_answer = Some(answer.id);
    }

    fn take_tail(&mut self, tail: &Tail) {
        let key = match tail.stream.writer {
            Writer::Office(_) => self.company,
            Writer::Device(device) => self.certificates[&device].keys().signing,
        };
        let known = self.others.entry(tail.stream).or_default();
        let before = known
            .iter()
            .take(tail.from as usize - 1)
            .fold(Chain::start(&tail.stream), |chain, bytes| chain.then(bytes));
        tail.verify(before, &key).unwrap();
        known.truncate(tail.from as usize - 1);
        known.extend(tail.events.iter().map(|event| event.to_vec()));
    }

    /// The order as this phone folds it.
    pub(crate) fn fold(&self, order: Id) -> OrderState {
        let subject = Subject::work_order(order);
        let mut recorded = Vec::new();
        for (stream, events) in self.own.iter().chain(&self.others) {
            if stream.subject != subject {
                continue;
            }
            let mut chain = Chain::start(stream);
            for bytes in events {
                chain = chain.then(bytes);
                let event = Event::decode(bytes).unwrap();
                recorded.push(Recorded { stream: *stream, seq: chain.seq, id: chain.hash, event });
            }
        }
        OrderState::fold(&recorded)
    }
}

//! What travels: keys, a request, its answer, standing data, an enrolment.

use doorstep::{
    base::{ClockReading, Hash, Id, Zone},
    event::OrderAssigned,
    log::{
        Certificate, CertificateFields, Chain, Class, DeviceKeys, DisclosedKey, HeldSum,
        SealedKeys, StreamId, Subject, Tail, Writer,
    },
    sync::{
        Answer, Company, Cursor, EnrolAnswer, EnrolRequest, HandedVisit, Mark, NothingUnsent,
        Outcome, Person, PhotoGrant, PhotoKept, PhotoPart, PhotoPiece, Premises, Request,
        SafeAsked, Scope, StandingDoc, Statement, StreamOutcome, StreamResult, seal_answer,
        seal_enrol, seal_enrol_answer, seal_request, taker_code,
    },
};
use serde_json::json;

use super::{NOON, PRICES, Story, cbor};
use crate::facts::to_hex;

impl Story {
    fn disclosed(&self, class: Class) -> DisclosedKey {
        let key = self.keys[class.number() as usize].clone();
        DisclosedKey { subject: self.order, class, key }
    }

    fn sealed_keys(&mut self, classes: &[Class]) -> SealedKeys {
        let keys: Vec<_> = classes.iter().map(|class| self.disclosed(*class)).collect();
        let company = self.company.public().wrapping;
        SealedKeys::seal(&mut self.entropy, &company, &keys).unwrap()
    }

    pub(super) fn keys_for_the_company(&mut self) {
        let sealed = self.sealed_keys(&[Class::Service, Class::Money]);
        let with = [("recipient", json!(to_hex(self.company.to_secret())))];
        self.valid("sealed keys", "sealed_keys", &to_hex(cbor(&sealed)), &with);
        let with = [("recipient", json!(to_hex(self.phone.to_secret())))];
        self.refused("sealed keys for the company", "sealed_keys", &to_hex(cbor(&sealed)), &with);
    }

    pub(super) fn exchange(&mut self, tail: Tail) {
        let heads = vec![
            (StreamId::new(Subject::shift(self.mei), self.device()), 300, Hash::of(&[b"2"])),
            (tail.stream, 6, Hash::of(&[b"1"])),
        ];
        let bytes = cbor(&heads);
        let chains = heads.into_iter().map(|(stream, seq, hash)| (stream, Chain { seq, hash }));
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
            held: HeldSum::of(chains).digest(),
            tails: vec![tail.clone()],
            rules: 1,
            asked: Some(SafeAsked {
                streams: vec![(tail.stream, 6, Hash::of(&[b"1"]))],
                photos: vec![Hash::of(&[b"photo"])],
            }),
            mark: Some(self.mark().into()),
            photos: Some(3),
            keys: Some(vec![self.sealed_keys(&[Class::Service])]),
            certificates: Some(vec![self.certificate.bytes().to_vec().into()]),
            room: Some(8 * 1024),
            pieces: Some(vec![PhotoPiece {
                address: Hash::of(&[b"photo"]),
                at: 1_048_576,
                bytes: b"sealed".to_vec(),
            }]),
        };
        let device = self.certificate.id();
        let packet = seal_request(&self.phone.sign_key(), device.as_bytes(), &request);
        let with = [("key", self.phone_key())];
        self.valid_and_altered("request", "request", &packet, &with);
        let quiet = Request {
            last_answer: None,
            tails: Vec::new(),
            keys: None,
            asked: None,
            mark: None,
            photos: None,
            certificates: None,
            pieces: None,
            ..request
        };
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
        self.handed(&answer);
        self.valid_and_altered("answer", "answer", &sealed, &good);
        self.refused("answer to another request", "answer", &to_hex(&sealed), &other);
        self.refused("answer for another device", "answer", &to_hex(&sealed), &stranger);
    }

    /// The visit goes to another phone of the company.
    fn handed(&mut self, answer: &Answer) {
        let taker = DeviceKeys::generate(&mut self.entropy);
        let fields = CertificateFields {
            signing_key: taker.public().signing,
            wrapping_key: taker.public().wrapping,
            ..self.certificate.fields().clone()
        };
        let to = Certificate::issue(&self.company.sign_key(), fields);
        let company = [("company", self.company_key())];
        self.valid("a phone's code", "taker_code", &taker_code(&to), &company);
        let visit = HandedVisit {
            order: self.order.id,
            visit: self.visit,
            certificates: answer.certificates.clone(),
            tails: answer.tails.clone(),
            keys: answer.keys.clone(),
            standing: answer.standing.clone(),
            premises: Some(Premises { id: self.boot, ..Premises::default() }),
            meters: None,
        };
        let giver = (&self.phone.sign_key(), &self.certificate);
        let file = visit.seal(&mut self.entropy, giver, &to).unwrap();
        let with = |device: Id, recipient: &DeviceKeys| {
            [
                ("company", self.company_key()),
                ("recipient", json!(to_hex(recipient.to_secret()))),
                ("device", json!(device)),
            ]
        };
        let good = with(to.id(), &taker);
        let other = with(self.certificate.id(), &self.phone);
        self.valid_and_altered("visit handed over", "handed", &file, &good);
        self.refused("visit handed over to another", "handed", &to_hex(&file), &other);
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
            stair: Some("3单元".into()),
            flat: Some("1203".into()),
            user: Some("resident".into()),
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
        let said = NothingUnsent { recorded: 32, held: 31, at: NOON, photos: Some(3) };
        let statement = Statement { device: self.certificate.id(), said }.sign(&company);
        self.valid_and_altered("statement", "statement", &statement, &with);
        Answer {
            version: 1,
            id: self.id(),
            request,
            time: NOON,
            results,
            cursor: Cursor { epoch: 1, position: 43 },
            tails: vec![self.tail(&self.company, office, &[assigned])],
            certificates: vec![self.certificate.bytes().to_vec().into()],
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
            statement: statement.into(),
            safe: vec![(tail.stream, 6)],
            grant: Some(self.grant().into()),
            backed_up: Some(NOON.plus_ms(-5)),
            safe_photos: Some(vec![Hash::of(&[b"photo"])]),
            mark: Some(self.mark().into()),
            keys: vec![self.disclosed(Class::Contact)],
            rules: Some(2),
            pieces: Some(vec![PhotoKept {
                address: Hash::of(&[b"photo"]),
                received: 1_048_582,
                whole: true,
            }]),
        }
    }

    fn grant(&self) -> Vec<u8> {
        let device = self.certificate.id();
        let grant = PhotoGrant { device, expires: NOON.plus_ms(3_600_000) };
        grant.sign(&self.company.sign_key())
    }

    fn mark(&self) -> Vec<u8> {
        let device = self.certificate.id();
        Mark { epoch: 1, device, position: 43, stored: 31, aside: Some(2), put_at: Some(NOON) }
            .sign(&self.company.sign_key())
    }

    pub(super) fn photos(&mut self) {
        let (grant, mark) = (self.grant(), self.mark());
        let address = Hash::of(&[b"photo"]);
        let kept = PhotoKept { address, received: 65_536, whole: false };
        let kept = kept.sign(&self.company.sign_key());
        let with = [("company", self.company_key())];
        self.valid_and_altered("leave to send photos", "photo_grant", &grant, &with);
        self.valid_and_altered("how far a photo is", "photo_kept", &kept, &with);
        self.valid_and_altered("a mark", "mark", &mark, &with);
        let part = PhotoPart { grant, address, at: 65_536, bytes: vec![7; 99] };
        self.valid("part of a photo", "photo_part", &to_hex(part.to_bytes()), &[]);
    }

    pub(super) fn enrolment(&mut self) {
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

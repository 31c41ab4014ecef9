//! The format holds: what is written reads back, what is altered is refused.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use doorstep::{
    base::{ClockReading, Currency, Entropy, Hash, Id, Instant, Money, Zone},
    event::{
        Event, EventError, ItemAnswer, MAX_EVENT_BYTES, Paid, Payload, ReceiptIssued,
        ReceiptPrivate, StepRecorded, Value,
    },
    log::{
        Certificate, CertificateFields, Chain, Class, DeviceKeys, DisclosedKey, Head, HeldSum,
        Opened, Seal, SealError, SealedKeys, StreamId, Subject, SubjectKey, Tail, TailError,
        WrapError, Writer,
    },
    money::PaymentMethod,
    proof::{Bundle, ReceiptProof, ReceiptProofError},
    sync::{Cursor, PacketError, Request, RequestPacket, StandingDoc, seal_request},
};

/// Counts up: every draw differs, every run is the same.
struct Counter(u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Hash::of(&[&self.0.to_be_bytes()]).as_bytes()[..chunk.len()]);
        }
    }
}

struct Fixture {
    entropy: Counter,
    company: DeviceKeys,
    phone: DeviceKeys,
    certificate: Certificate,
}

fn fixture() -> Fixture {
    let mut entropy = Counter(0);
    let company = DeviceKeys::generate(&mut entropy);
    let phone = DeviceKeys::generate(&mut entropy);
    let fields = CertificateFields {
        signing_key: phone.public().signing,
        wrapping_key: phone.public().wrapping,
        district: "harbour".into(),
        issued: Instant(1_795_000_000_000),
        expires: Instant(1_826_000_000_000),
        first_receipt: 1,
        last_receipt: None,
    };
    let certificate = Certificate::issue(&company.sign_key(), fields);
    Fixture { entropy, company, phone, certificate }
}

impl Fixture {
    fn company_key(&self) -> [u8; 32] {
        self.company.public().signing
    }

    fn id(&mut self) -> Id {
        (&mut self.entropy as &mut dyn Entropy).id()
    }

    fn event(&mut self, payload: impl Into<Payload>) -> Event {
        Event {
            action: self.id(),
            actor: self.id(),
            visit: Some(self.id()),
            clock: ClockReading {
                wall: Instant(1_795_000_123_456),
                zone: Zone(480),
                boot: self.id(),
                since_boot_ms: 123_456,
            },
            seen: Some(vec![Head {
                writer: Writer::Office(1),
                branch: Default::default(),
                seq: 2,
            }]),
            payload: payload.into(),
            private: Default::default(),
        }
    }

    fn knock(&mut self, raps: i64) -> Event {
        self.event(StepRecorded { step: "knock".into(), value: Value::Count(raps) })
    }

    fn stream(&mut self) -> StreamId {
        StreamId::new(Subject::work_order(self.id()), Writer::Device(self.certificate.id()))
    }

    fn sealed_tail(&self, stream: StreamId, events: &[Event]) -> Tail {
        let bytes: Vec<_> = events.iter().map(|event| event.encode().into()).collect();
        let mut tail = Tail { stream, from: 1, events: bytes, seal: None };
        let (_, chain) = tail.follow(Chain::start(&stream)).unwrap();
        let seal = Seal::make(&self.phone.sign_key(), stream, chain, 1);
        tail.seal = Some(seal.bytes().to_vec().into());
        tail
    }

    fn receipt(&mut self) -> ReceiptProof {
        let disclosure =
            ReceiptPrivate { salt: vec![7; 16], payer: "Mrs Chan".into(), premises: "1203".into() };
        let cny = |fen| Money::new(fen, Currency::CNY);
        let receipt = ReceiptIssued {
            number: 1,
            order: self.id(),
            order_event: Hash::of(&[b"paid"]),
            lines: Vec::new(),
            amount: cny(12_340),
            method: PaymentMethod::Cash,
            tendered: cny(20_000),
            change: cny(7_660),
            running: cny(12_340),
            badge: "0417".into(),
            disclosure: disclosure.hash(),
        };
        let stream = StreamId::new(
            Subject::receipt_series(self.certificate.id()),
            Writer::Device(self.certificate.id()),
        );
        let event = self.event(receipt);
        let tail = self.sealed_tail(stream, &[event]);
        ReceiptProof {
            certificate: self.certificate.bytes().to_vec().into(),
            before: Chain::start(&stream).hash,
            event: tail.events[0].clone(),
            seal: tail.seal.unwrap(),
            disclosure,
        }
    }
}

#[test]
fn an_event_reads_back_as_it_was_written() {
    let mut f = fixture();
    let mut event = f.knock(3);
    event.private.insert(Class::Service, vec![1, 2, 3]);
    assert_eq!(Event::decode(&event.encode()), Ok(event.clone()));
    event.seen = None;
    event.visit = None;
    event.private.clear();
    assert_eq!(Event::decode(&event.encode()), Ok(event));
}

#[test]
fn a_type_of_a_newer_version_is_kept_to_the_byte() {
    let mut f = fixture();
    let bytes = f.knock(3).encode();
    // The type 18 stands right behind the map's head and key 0.
    assert_eq!(&bytes[1..3], &[0x00, 0x12]);
    let mut unknown = bytes;
    unknown.splice(2..3, [0x19, 0x03, 0xe8]);
    let event = Event::decode(&unknown).unwrap();
    assert_eq!(event.payload.kind(), 1000);
    assert_eq!(event.encode(), unknown);
}

#[test]
fn a_checklist_has_one_way_to_be_written() {
    let mut f = fixture();
    let answers = [("hose", ItemAnswer::Hazard), ("valve", ItemAnswer::Pass)];
    let value = Value::Checklist(answers.map(|(id, answer)| (id.to_owned(), answer)).into());
    let event = f.event(StepRecorded { step: "safety".into(), value });
    let bytes = event.encode();
    assert_eq!(Event::decode(&bytes), Ok(event));
    let at = bytes.windows(4).position(|window| window == b"hose").unwrap();
    let mut repeated = bytes;
    repeated[at..at + 4].copy_from_slice(b"zoom");
    assert!(matches!(Event::decode(&repeated), Err(EventError::Field(_))));
}

#[test]
fn an_oversize_event_names_the_limit() {
    let bytes = vec![0; MAX_EVENT_BYTES + 1];
    assert_eq!(Event::decode(&bytes), Err(EventError::TooLarge(MAX_EVENT_BYTES + 1)));
}

#[test]
fn every_cut_and_every_flipped_byte_of_an_event_ends_in_an_error_or_another_event() {
    let mut f = fixture();
    let event = f.knock(3);
    let bytes = event.encode();
    for cut in 0..bytes.len() {
        assert!(Event::decode(&bytes[..cut]).is_err());
    }
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 0x41;
        assert_ne!(Event::decode(&altered), Ok(event.clone()), "byte {at}");
    }
}

#[test]
fn a_sealed_tail_verifies_and_any_altered_byte_breaks_it() {
    let mut f = fixture();
    let stream = f.stream();
    let (first, second) = (f.knock(3), f.knock(2));
    let tail = f.sealed_tail(stream, &[first, second]);
    let key = f.phone.public().signing;
    let (recorded, chain) = tail.verify(Chain::start(&stream), &key).unwrap();
    assert_eq!((recorded.len(), chain.seq), (2, 2));
    assert_eq!(recorded[1].id, chain.hash);

    let mut altered = tail.clone();
    let last = altered.events[0].len() - 1;
    altered.events[0][last] ^= 1;
    assert!(altered.verify(Chain::start(&stream), &key).is_err());
    let mut swapped = tail.clone();
    swapped.events.swap(0, 1);
    let mismatch = Err(TailError::Seal(SealError::Mismatch));
    assert_eq!(swapped.verify(Chain::start(&stream), &key), mismatch);
    let other = f.stream();
    assert_eq!(
        Tail { stream: other, ..tail.clone() }.verify(Chain::start(&other), &key),
        Err(TailError::Seal(SealError::Mismatch)),
        "the same bytes in another stream are another chain"
    );
    assert!(tail.verify(Chain::start(&stream), &f.company_key()).is_err());
}

#[test]
fn a_private_field_opens_only_in_its_own_place_and_not_once_its_key_is_gone() {
    let mut f = fixture();
    let subject = Subject::work_order(f.id());
    let (action, elsewhere) = (f.id(), f.id());
    let key = SubjectKey::generate(&mut f.entropy);
    let sealed = key.seal(&mut f.entropy, subject, Class::Contact, action, "陈太太".as_bytes());
    assert_eq!(
        key.open(subject, Class::Contact, action, &sealed),
        Opened::Plain("陈太太".as_bytes().to_vec())
    );
    assert_eq!(key.open(subject, Class::Contact, elsewhere, &sealed), Opened::Damaged);
    assert_eq!(key.open(subject, Class::Money, action, &sealed), Opened::Damaged);
    assert_eq!(key.open(subject, Class::Contact, action, &sealed[..20]), Opened::Damaged);
    assert_eq!(format!("{key:?}"), "SubjectKey(…)");
}

#[test]
fn sealed_keys_open_for_their_recipient_alone() {
    let mut f = fixture();
    let subject = Subject::work_order(f.id());
    let key = SubjectKey::generate(&mut f.entropy);
    let keys = [DisclosedKey { subject, class: Class::Contact, key }];
    let recipient = f.company.public().wrapping;
    let sealed = SealedKeys::seal(&mut f.entropy, &recipient, &keys).unwrap();
    assert_eq!(sealed.open(&f.company), Ok(keys.to_vec()));
    assert_eq!(sealed.open(&f.phone), Err(WrapError::NotForUs));
    let mut altered = minicbor::to_vec(&sealed).unwrap();
    *altered.last_mut().unwrap() ^= 1;
    let altered: SealedKeys = minicbor::decode(&altered).unwrap();
    assert_eq!(altered.open(&f.company), Err(WrapError::NotForUs));
}

#[test]
fn a_receipt_text_verifies_with_the_company_key_alone_and_one_altered_letter_fails() {
    let mut f = fixture();
    let text = f.receipt().to_text();
    let verified = ReceiptProof::parse(&text).unwrap().verify(&f.company_key()).unwrap();
    assert_eq!(verified.paper.amount().to_string(), "123.40");
    assert_eq!(verified.disclosure.payer.reveal(), "Mrs Chan");
    for at in (4..text.len()).step_by(7) {
        let mut altered = text.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let result = ReceiptProof::parse(&altered).and_then(|proof| proof.verify(&f.company_key()));
        assert!(result.is_err(), "letter {at} altered and nobody noticed");
    }
    let stranger = DeviceKeys::generate(&mut f.entropy).public().signing;
    let result = ReceiptProof::parse(&text).unwrap().verify(&stranger);
    assert!(matches!(result, Err(ReceiptProofError::Certificate(_))));
}

#[test]
fn an_exported_visit_verifies_and_says_which_stream_does_not() {
    let mut f = fixture();
    let stream = f.stream();
    let knock = f.knock(3);
    let tail = f.sealed_tail(stream, &[knock]);
    let certificates = vec![f.certificate.bytes().to_vec().into()];
    let bundle = Bundle::new(certificates, vec![tail], Vec::new());
    let read = Bundle::parse(&bundle.to_bytes()).unwrap();
    assert_eq!(read.verify(&f.company_key()).unwrap().events.len(), 1);
    let mut altered = bundle.clone();
    altered.streams[0].events[0][20] ^= 1;
    assert!(altered.verify(&f.company_key()).is_err());
    assert!(Bundle::parse(b"<html>").is_err());
}

#[test]
fn a_request_opens_with_its_devices_key_and_no_other() {
    let mut f = fixture();
    let boot = f.id();
    let request = Request {
        version: 1,
        cursor: Cursor { epoch: 1, position: 42 },
        last_answer: None,
        clock: ClockReading { wall: Instant(1), zone: Zone(480), boot, since_boot_ms: 5 },
        requests: 1,
        recorded: 2,
        unsent: 0,
        held: HeldSum::default().digest(),
        tails: Vec::new(),
        rules: 1,
        asked: None,
        mark: None,
        photos: None,
        keys: None,
        certificates: None,
        room: None,
        pieces: None,
    };
    let bytes = seal_request(&f.phone.sign_key(), f.certificate.id().as_bytes(), &request);
    let packet = RequestPacket::parse(&bytes).unwrap();
    assert_eq!(packet.device(), Some(f.certificate.id()));
    assert_eq!(packet.open(&f.phone.public().signing), Ok(request.clone()));
    assert!(packet.open(&f.company_key()).is_err());

    // A server that lost its database reads the certificate from the request itself.
    let bytes = seal_request(&f.phone.sign_key(), f.certificate.bytes(), &request);
    let packet = RequestPacket::parse(&bytes).unwrap();
    assert_eq!(packet.certificate(&f.company_key()), Some(f.certificate.clone()));
    for garbage in [&b""[..], b"<html>login</html>", &bytes[..bytes.len() / 2], &[0xff; 64]] {
        assert!(matches!(RequestPacket::parse(garbage), Err(PacketError::Sign(_))));
    }
}

#[test]
fn standing_data_is_the_companys_or_nothing() {
    let f = fixture();
    let doc = StandingDoc { key: "price-list".into(), version: 12, body: b"...".to_vec() };
    let bytes = doc.sign(&f.company.sign_key());
    assert_eq!(StandingDoc::verify(&bytes, &f.company_key()), Ok(doc.clone()));
    let forged = doc.sign(&f.phone.sign_key());
    assert!(StandingDoc::verify(&forged, &f.company_key()).is_err());
}

#[test]
fn a_payment_names_its_receipt() {
    let mut f = fixture();
    let cny = |fen| Money::new(fen, Currency::CNY);
    let paid = Paid {
        series: f.id(),
        number: 1,
        due: cny(12_340),
        tendered: cny(20_000),
        change: cny(7_660),
        method: PaymentMethod::Cash,
        photo: None,
        deposits: None,
    };
    let event = f.event(paid);
    assert_eq!(Event::decode(&event.encode()), Ok(event));
}

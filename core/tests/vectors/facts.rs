//! What a vector must say: reads its input by kind and gives the facts found, the same as
//! `tests/vectors/facts.py` finds without our code. Decides nothing about what is expected.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER_PERMISSIVE as HEX;
use doorstep::{
    base::{Hash, Id, Personal},
    event::{
        CaseWords, Customer, DetailText, Event, EventError, PhotoPrivate, ReasonText,
        ReceiptPrivate, SignOffPrivate, StepText,
    },
    log::{
        Certificate, CertificateError, Chain, Class, DeviceKeys, DisclosedKey, HeldSum, Opened,
        Seal, SealError, SealedKeys, SignError, StreamId, Subject, SubjectKey, Tail, TailError,
    },
    proof::{Bundle, BundleError, Proven, ReceiptProof, ReceiptProofError, receipt_codes},
    sync::{
        EnrolRequest, HandedError, HandedVisit, Mark, PacketError, PhotoGrant, PhotoKept,
        PhotoPart, RequestPacket, StandingDoc, StandingError, Statement, StreamOutcome,
        open_answer, open_enrol_answer, read_taker_code,
    },
};
use serde_json::{Map, Value, json};

/// A code from `tests/vectors`: why something is refused.
pub(crate) type Refused = &'static str;

/// What a vector's input is read with: keys, places.
pub(crate) struct With<'a>(pub &'a Map<String, Value>);

impl With<'_> {
    fn bytes(&self, name: &str) -> Vec<u8> {
        hex(self.0[name].as_str().unwrap())
    }

    fn key(&self, name: &str) -> [u8; 32] {
        self.bytes(name).try_into().unwrap()
    }

    fn keys(&self, name: &str) -> DeviceKeys {
        DeviceKeys::from_secret(&self.bytes(name)).unwrap()
    }

    fn id(&self, name: &str) -> Id {
        Id::from_slice(&self.bytes(name)).unwrap()
    }

    fn number(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap()
    }
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    HEX.decode(text.as_bytes()).unwrap()
}

pub(crate) fn to_hex(bytes: impl AsRef<[u8]>) -> String {
    HEX.encode(bytes.as_ref())
}

fn cbor<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).unwrap()
}

/// The facts of one vector, or why it is refused.
pub(crate) fn examine(kind: &str, input: &str, with: &With<'_>) -> Result<Value, Refused> {
    if kind == "receipt" {
        return receipt(input, with);
    }
    if kind == "taker_code" {
        let taker = read_taker_code(input, &with.key("company")).map_err(handed_code)?;
        return Ok(json!({ "device": taker.id() }));
    }
    let data = hex(input);
    match kind {
        "event" => event(&data),
        "certificate" => certificate(&data, with),
        "seal" => seal(&data, with),
        "tail" => tail(&data, with),
        "held" => held(&data),
        "series" => series(&data),
        "private" => private(&data, with),
        "sealed_keys" => sealed_keys(&data, with),
        "bundle" => bundle(&data, with),
        "request" => request(&data, with),
        "answer" => answer(&data, with),
        "handed" => handed(&data, with),
        "enrol" => enrol(&data),
        "enrol_answer" => enrol_answer(&data, with),
        "standing" => standing(&data, with),
        "photo_grant" => photo_grant(&data, with),
        "photo_kept" => photo_kept(&data, with),
        "photo_part" => photo_part(&data),
        "mark" => mark(&data, with),
        "statement" => statement(&data, with),
        other => panic!("no such kind of vector: {other}"),
    }
}

fn event(data: &[u8]) -> Result<Value, Refused> {
    let event = Event::decode(data).map_err(|error| event_code(&error))?;
    let class = |class: &Class| serde_json::to_value(class).unwrap().as_str().unwrap().to_owned();
    let sealed = event.private.iter().map(|(name, part)| (class(name), json!(part.len())));
    Ok(json!({
        "type": event.payload.kind(),
        "payload": event.payload.name(),
        "action": event.action,
        "actor": event.actor,
        "visit": event.visit,
        "wall": event.clock.wall,
        "zone": event.clock.zone,
        "boot": event.clock.boot,
        "since_boot_ms": event.clock.since_boot_ms,
        "seen": event.seen.as_ref().map(Vec::len),
        "private": sealed.collect::<Map<_, _>>(),
        // What this version doesn't know is in the bytes, but not in the re-encoded event.
        "all_known": event.encode() == data,
    }))
}

fn certificate(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let certificate =
        Certificate::verify(data, &with.key("company")).map_err(|e| certificate_code(&e))?;
    let fields = certificate.fields();
    Ok(json!({
        "id": certificate.id(),
        "signing_key": to_hex(fields.signing_key),
        "wrapping_key": to_hex(fields.wrapping_key),
        "district": fields.district,
        "issued": fields.issued,
        "expires": fields.expires,
        "first_receipt": fields.first_receipt,
        "last_receipt": fields.last_receipt,
    }))
}

fn seal(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let seal = Seal::verify(data, &with.key("key")).map_err(|error| seal_code(&error))?;
    let body = seal.body();
    let stream = to_hex(cbor(&body.stream));
    Ok(json!({ "stream": stream, "seq": body.seq, "hash": body.hash, "rules": body.rules }))
}

fn tail(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let tail: Tail = minicbor::decode(data).unwrap();
    assert_eq!(cbor(&tail), data, "a tail is written as it was read");
    let start = Chain::start(&tail.stream);
    let (events, _) = tail.verify(start, &with.key("key")).map_err(|error| tail_code(&error))?;
    let ids: Vec<Hash> = events.iter().map(|event| event.id).collect();
    Ok(json!({ "stream": to_hex(cbor(&tail.stream)), "first": start.hash, "ids": ids }))
}

fn held(data: &[u8]) -> Result<Value, Refused> {
    let heads: Vec<(StreamId, u64, Hash)> = minicbor::decode(data).unwrap();
    let heads = heads.into_iter().map(|(stream, seq, hash)| (stream, Chain { seq, hash }));
    let held = HeldSum::of(heads);
    Ok(json!({ "events": held.events, "sum": held.digest() }))
}

fn series(data: &[u8]) -> Result<Value, Refused> {
    let subject = Subject::receipt_series(Id::from_slice(data).unwrap());
    Ok(json!({ "series": subject.id }))
}

fn private(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let subject = minicbor::decode(&with.bytes("subject")).unwrap();
    let class = Class::from_number(with.number("class")).unwrap();
    let action = Id::from_slice(&with.bytes("action")).unwrap();
    let key = SubjectKey::from_slice(&with.bytes("key")).unwrap();
    let Opened::Plain(plain) = key.open(subject, class, action, data) else {
        return Err("damaged");
    };
    let (of, again) = match with.number("type") {
        1 => (Class::Contact, cbor(&minicbor::decode::<Customer>(&plain).unwrap())),
        18 => (Class::Service, cbor(&minicbor::decode::<StepText>(&plain).unwrap())),
        19 => (Class::Service, cbor(&minicbor::decode::<ReasonText>(&plain).unwrap())),
        13 => (Class::Contact, cbor(&minicbor::decode::<CaseWords>(&plain).unwrap())),
        37 => (Class::Contact, cbor(&minicbor::decode::<DetailText>(&plain).unwrap())),
        24 => (Class::Service, cbor(&minicbor::decode::<SignOffPrivate>(&plain).unwrap())),
        38 => (Class::Service, cbor(&minicbor::decode::<PhotoPrivate>(&plain).unwrap())),
        40 | 42 => (Class::Money, cbor(&minicbor::decode::<ReceiptPrivate>(&plain).unwrap())),
        other => panic!("no private part of type {other}"),
    };
    Ok(json!({ "plain": to_hex(&plain), "all_known": of == class && again == plain }))
}

fn sealed_keys(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let sealed: SealedKeys = minicbor::decode(data).unwrap();
    assert_eq!(cbor(&sealed), data, "sealed keys are written as they were read");
    let keys = sealed.open(&with.keys("recipient")).map_err(|_| "not-for-us")?;
    let told = |it: &DisclosedKey| {
        json!({
            "subject": to_hex(cbor(&it.subject)),
            "class": it.class.number(),
            "key": to_hex(it.key.as_bytes()),
        })
    };
    Ok(json!({ "keys": keys.iter().map(told).collect::<Vec<_>>() }))
}

fn receipt(text: &str, with: &With<'_>) -> Result<Value, Refused> {
    let proof = ReceiptProof::parse(text).map_err(|error| receipt_code(&error))?;
    let whole = proof.to_text();
    let read: BTreeSet<&str> = text.split_whitespace().collect();
    let codes = receipt_codes(&whole);
    assert!(
        text == whole || read == codes.iter().map(String::as_str).collect(),
        "a receipt's text and codes are written as they were read"
    );
    let found = proof.verify(&with.key("company")).map_err(|error| receipt_code(&error))?;
    let money = |money| serde_json::to_value::<doorstep::base::Money>(money).unwrap();
    let mut told = json!({
        "id": found.id,
        "before": found.before,
        "seq": found.seq,
        "certificate": found.certificate.id(),
        "number": found.paper.number(),
        "amount": money(found.paper.amount()),
        "running": money(found.paper.running()),
        "payer": Personal::reveal(&found.disclosure.payer),
        "premises": Personal::reveal(&found.disclosure.premises),
        "wall": found.clock.wall,
    });
    match &found.paper {
        Proven::Receipt(receipt) => {
            told["change"] = money(receipt.change);
            told["lines"] = json!(receipt.lines.len());
        }
        Proven::Refund(refund) => told["of"] = json!([refund.of_series, refund.of_number]),
    }
    Ok(told)
}

fn bundle(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let bundle = Bundle::parse(data).map_err(|error| bundle_code(&error))?;
    let found = bundle.verify(&with.key("company")).map_err(|error| bundle_code(&error))?;
    let opens = |recorded: &doorstep::event::Recorded| {
        let event = &recorded.event;
        let opened = event.private.iter().filter(|(class, sealed)| {
            let subject = recorded.stream.subject;
            found.keys.get(&(subject, **class)).is_some_and(|key| {
                let opened = key.open(subject, **class, event.action, sealed);
                matches!(opened, Opened::Plain(_))
            })
        });
        opened.count()
    };
    let ids: Vec<Hash> = found.events.iter().map(|event| event.id).collect();
    Ok(json!({
        "certificates": found.certificates.len(),
        "keys": found.keys.len(),
        "opened": found.events.iter().map(opens).sum::<usize>(),
        "ids": ids,
    }))
}

fn request(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let packet = RequestPacket::parse(data).map_err(|error| packet_code(&error))?;
    let body = packet.open(&with.key("key")).map_err(|error| packet_code(&error))?;
    let kid = doorstep::log::Signed::parse(data).unwrap().kid().to_vec();
    Ok(json!({
        "packet": packet.hash(),
        "body": Hash::of(&[&cbor(&body)]),
        "kid": to_hex(kid),
        "cursor": [body.cursor.epoch, body.cursor.position],
        "requests": body.requests,
        "events": body.events(),
        "keys": body.keys.map_or(0, |boxes| boxes.len()),
    }))
}

fn answer(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let request = Hash::new(with.key("request"));
    let body = open_answer(&with.keys("recipient"), &with.key("company"), &request, data)
        .map_err(|error| packet_code(&error))?;
    let number = |outcome: &StreamOutcome| match outcome {
        StreamOutcome::Accepted(_) => 0,
        StreamOutcome::AlreadyHad(_) => 1,
        StreamOutcome::Gap(_) => 2,
        StreamOutcome::Forked(_) => 3,
        StreamOutcome::Held(_) => 4,
    };
    let results: Vec<_> = body.results.iter().map(|result| number(&result.outcome)).collect();
    Ok(json!({
        "body": Hash::of(&[&cbor(&body)]),
        "id": body.id,
        "time": body.time,
        "results": results,
        "tails": body.tails.len(),
        "decisions": body.outcomes.len(),
        "more": body.more,
    }))
}

fn handed(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let (keys, device) = (with.keys("recipient"), with.id("device"));
    let (body, giver) =
        HandedVisit::open(data, &with.key("company"), (&keys, device)).map_err(handed_code)?;
    Ok(json!({
        "giver": giver.id(),
        "body": Hash::of(&[&cbor(&body)]),
        "order": body.order,
        "visit": body.visit,
        "certificates": body.certificates.len(),
        "tails": body.tails.len(),
        "keys": body.keys.len(),
        "standing": body.standing.len(),
        "premises": body.premises.is_some(),
        "meters": body.meters.is_some(),
    }))
}

fn handed_code(error: HandedError) -> Refused {
    match error {
        HandedError::Torn => "torn",
        HandedError::OtherCompany => "other-company",
        HandedError::OtherPhone => "other-phone",
        HandedError::Newer => "newer",
    }
}

fn enrol(data: &[u8]) -> Result<Value, Refused> {
    let body = EnrolRequest::open(data).map_err(|error| packet_code(&error))?;
    Ok(json!({
        "code": body.code,
        "signing_key": to_hex(body.signing_key),
        "wrapping_key": to_hex(body.wrapping_key),
    }))
}

fn enrol_answer(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let company = with.key("company");
    let body = open_enrol_answer(Some(&company), data).map_err(|error| packet_code(&error))?;
    let certificate = Certificate::verify(&body.certificate, &body.company_signing_key)
        .map_err(|error| certificate_code(&error))?;
    Ok(json!({
        "certificate": certificate.id(),
        "badge": body.person.badge,
        "company": body.company.name,
        "time": body.time,
    }))
}

fn standing(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let doc = StandingDoc::verify(data, &with.key("company")).map_err(|error| match error {
        StandingError::Sign(error) => sign_code(&error),
        StandingError::Malformed(_) => "malformed",
    })?;
    Ok(json!({ "key": doc.key, "version": doc.version, "body": to_hex(doc.body) }))
}

fn photo_grant(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let grant = PhotoGrant::open(&with.key("company"), data).map_err(|e| packet_code(&e))?;
    Ok(json!({ "device": grant.device, "expires": grant.expires }))
}

fn photo_kept(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let kept = PhotoKept::open(&with.key("company"), data).map_err(|e| packet_code(&e))?;
    Ok(json!({ "address": kept.address, "received": kept.received, "whole": kept.whole }))
}

fn photo_part(data: &[u8]) -> Result<Value, Refused> {
    let part = PhotoPart::parse(data).map_err(|error| packet_code(&error))?;
    assert_eq!(part.to_bytes(), data, "a part is written as it was read");
    Ok(json!({ "address": part.address, "at": part.at, "bytes": part.bytes.len() }))
}

fn mark(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let mark = Mark::open(&with.key("company"), data).map_err(|error| packet_code(&error))?;
    Ok(json!({
        "epoch": mark.epoch,
        "device": mark.device,
        "position": mark.position,
        "stored": mark.stored,
        "aside": mark.aside,
        "put_at": mark.put_at.map(|at| at.0),
    }))
}

fn statement(data: &[u8], with: &With<'_>) -> Result<Value, Refused> {
    let statement =
        Statement::open(&with.key("company"), data).map_err(|error| packet_code(&error))?;
    let said = &statement.said;
    Ok(json!({
        "device": statement.device, "recorded": said.recorded, "held": said.held, "at": said.at,
    }))
}

fn event_code(error: &EventError) -> Refused {
    match error {
        EventError::TooLarge(_) => "too-large",
        EventError::Canonical(_) => "not-canonical",
        EventError::Field(_) => "field",
    }
}

fn sign_code(error: &SignError) -> Refused {
    match error {
        SignError::Malformed(_) => "malformed",
        SignError::Algorithm => "algorithm",
        SignError::Signature => "signature",
    }
}

fn certificate_code(error: &CertificateError) -> Refused {
    match error {
        CertificateError::Sign(error) => sign_code(error),
        CertificateError::Fields(_) => "field",
    }
}

fn seal_code(error: &SealError) -> Refused {
    match error {
        SealError::Sign(error) => sign_code(error),
        SealError::Body(_) => "field",
        SealError::Mismatch => "mismatch",
    }
}

fn tail_code(error: &TailError) -> Refused {
    match error {
        TailError::Event { error, .. } => event_code(error),
        TailError::Seal(error) => seal_code(error),
        TailError::Unsealed => "unsealed",
        TailError::Gap { .. } => "gap",
    }
}

fn receipt_code(error: &ReceiptProofError) -> Refused {
    match error {
        ReceiptProofError::Text => "text",
        ReceiptProofError::Mixed => "mixed",
        ReceiptProofError::CodeMissing { .. } => "code-missing",
        ReceiptProofError::Malformed(_) => "malformed",
        ReceiptProofError::Certificate(error) => certificate_code(error),
        ReceiptProofError::Seal(error) => seal_code(error),
        ReceiptProofError::Series => "series",
        ReceiptProofError::Event(error) => event_code(error),
        ReceiptProofError::NotAReceipt => "not-a-receipt",
        ReceiptProofError::Amounts => "amounts",
        ReceiptProofError::Disclosure => "disclosure",
    }
}

fn bundle_code(error: &BundleError) -> Refused {
    match error {
        BundleError::Malformed(_) => "malformed",
        BundleError::Newer(_) => "newer",
        BundleError::Certificate(error) => certificate_code(error),
        BundleError::Empty => "empty",
        BundleError::Twice(_) => "twice",
        BundleError::NoCertificate(_) => "no-certificate",
        BundleError::Stream { error, .. } => tail_code(error),
    }
}

fn packet_code(error: &PacketError) -> Refused {
    match error {
        PacketError::TooLarge(_) => "too-large",
        PacketError::Sign(error) => sign_code(error),
        PacketError::Wrap(_) => "not-for-us",
        PacketError::Malformed(_) => "malformed",
        PacketError::OtherRequest => "other-request",
    }
}

//! Vectors written by the core, for the Python script to read: one morning of Mei's, from her
//! certificate to the exported visit. The same bytes at each run.

mod exchange;
mod visit;

use doorstep::{
    base::{ClockReading, Currency, Entropy, Hash, Id, Instant, Lang, Money, Zone},
    event::{Event, Payload},
    log::{
        Certificate, CertificateFields, Chain, Class, DeviceKeys, Seal, StreamId, Subject,
        SubjectKey, Tail, Writer,
    },
    money::{ChargeLine, PriceList},
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

[[item]]
code = "deposit-15"
name = { zh-Hans = "押金", zh-Hant = "押金", en = "Deposit" }
unit = { zh-Hans = "瓶", zh-Hant = "瓶", en = "bottle" }
price = "200.00"
kind = "fee"
deposit = "at_door"
bottle = "15"

[[bottle]]
size = "15"
name = { zh-Hans = "气瓶", zh-Hant = "氣瓶", en = "Bottle" }
codes = ["CYL-"]

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
    story.keys_for_the_company();
    story.exchange(tail);
    story.photos();
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

    fn deposit(&self) -> ChargeLine {
        PriceList::load(PRICES).unwrap().line("deposit-15", 1, Lang::ZhHans, None).unwrap()
    }

    fn line(&self, free: Option<&str>) -> ChargeLine {
        PriceList::load(PRICES).unwrap().line("valve", 2, Lang::ZhHant, free).unwrap()
    }
}

fn map(with: &[(&str, Json)]) -> Map<String, Json> {
    with.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

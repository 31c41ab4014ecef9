//! Whatever devices wrote, and however it was cut into deliveries, delayed, doubled and shuffled on
//! its way here: every server ends with the same orders, the same open conflicts and the same money.
//!
//! A history is drawn from a seed: what the office did, and what three phones then wrote without
//! hearing of each other's latest. It is given to two servers, one in the order in which it was
//! written, one in pieces. `DOORSTEP_CASES` says how many histories (2,000), `DOORSTEP_SEED` the
//! first of their seeds; a failure names its own.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{collections::BTreeMap, path::Path};

use doorstep::{
    base::{ClockReading, Decimal, Entropy, Hash, Id, Instant, Lang, Money, Personal, Zone},
    event::{
        Appointment, Charged, DetailChange, DetailChanged, ErasureAsked, Event, GasRestored,
        GasShutOff, HazardFound, HazardRechecked, MeterRead, OrderAssigned, OrderCancelled,
        OrderExpired, OrderOpened, Paid, Payload, ReadingFlag, ReadingKind, ReceiptIssued, ShutOff,
        SignOffResult, SignedOff, VisitFinished, VisitKind, VisitStarted, Warning,
    },
    log::{
        Certificate, CertificateFields, Chain, Class, DeviceKeys, Head, Seal, StreamId, Subject,
        SubjectKey, Tail, Writer,
    },
    money::{PaymentMethod, PriceList},
    order::{OrderState, Rule},
    sync::{Person, StreamOutcome},
};

use super::{
    Context, KnownTerms,
    admit::Sender,
    enrol::fresh_device,
    exchange::receive,
    office,
    orders::{fold, refresh},
    reconcile::reconcile,
};
use crate::{
    Settings,
    problem::Failure,
    store::{Store, Tx, sqlite::SqliteStore, transact},
};

const NOON: Instant = Instant(1_795_000_000_000);
const MINUTE: i64 = 60_000;
const PEOPLE: [&str; 3] = ["Mei", "Wu", "Lan"];
/// Histories that one pair of servers is given, one after the other.
const TOGETHER: u64 = 25;

fn id(name: &str) -> Id {
    Id::from_hash(&Hash::of(&[name.as_bytes()]))
}

/// Counts up from a name: the same draws on every server.
struct Counter(Hash, u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let drawn = Hash::of(&[self.0.as_bytes(), &self.1.to_be_bytes()]);
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

fn counter(name: &str) -> Counter {
    Counter(Hash::of(&[name.as_bytes()]), 0)
}

/// A server's rules over a store in memory.
struct Office {
    store: SqliteStore,
    keys: DeviceKeys,
    entropy: Counter,
    settings: Settings,
    now: Instant,
}

impl Office {
    fn new() -> Office {
        let keys = DeviceKeys::generate(&mut counter("the company"));
        let store = SqliteStore::open(Path::new(":memory:"), None).unwrap();
        let settings = Settings::default();
        Office { store, keys, entropy: counter("nothing yet"), settings, now: NOON }
    }

    fn run<T>(
        &mut self,
        mut rule: impl FnMut(&mut dyn Tx, &mut Context<'_>) -> Result<T, Failure>,
    ) -> T {
        let Office { store, keys, entropy, settings, now } = self;
        let done = transact(&*store as &dyn Store, |tx| {
            let mut ctx = Context {
                now: *now,
                epoch: 1,
                keys,
                entropy,
                settings,
                terms: &KnownTerms::default(),
                boot: id("the server's boot"),
                since_boot_ms: 0,
            };
            rule(tx, &mut ctx)
        });
        done.unwrap()
    }

    /// What the office does to an order.
    fn act(&mut self, order: Id, payload: &Payload) {
        self.now = self.now.plus_ms(MINUTE);
        self.run(|tx, ctx| {
            let act = office::Act::new(None, id("He"), payload.clone());
            office::write(tx, ctx, Subject::work_order(order), act)?;
            refresh(tx, ctx, order)
        });
    }

    fn head(&mut self, order: Id) -> u64 {
        let stream = StreamId::new(Subject::work_order(order), Writer::Office(1));
        self.run(|tx, _| Ok(tx.head(&stream)?.map_or(0, |head| head.seq)))
    }
}

/// A phone: what it wrote, and how it is known.
struct Phone {
    person: Id,
    keys: DeviceKeys,
    certificate: Certificate,
    boot: Id,
    clock_off_ms: i64,
    streams: BTreeMap<StreamId, Vec<Vec<u8>>>,
    /// Of each stream, how far the office had heard when the history began.
    before: BTreeMap<StreamId, usize>,
    receipts: u64,
    running: Money,
    drawn: u64,
}

impl Phone {
    fn new(name: &str, company: &DeviceKeys, list: &PriceList) -> Phone {
        let keys = DeviceKeys::generate(&mut counter(name));
        let fields = CertificateFields {
            signing_key: keys.public().signing,
            wrapping_key: keys.public().wrapping,
            district: String::new(),
            issued: NOON,
            expires: NOON.plus_ms(i64::MAX / 4),
            first_receipt: 1,
            last_receipt: None,
        };
        Phone {
            person: id(name),
            certificate: Certificate::issue(&company.sign_key(), fields),
            keys,
            boot: id(&format!("{name}'s boot")),
            clock_off_ms: 0,
            streams: BTreeMap::new(),
            before: BTreeMap::new(),
            receipts: 0,
            running: Money::zero(list.currency()),
            drawn: 0,
        }
    }

    fn writer(&self) -> Writer {
        Writer::Device(self.certificate.id())
    }

    fn clock(&self, now: Instant) -> ClockReading {
        ClockReading {
            wall: now.plus_ms(self.clock_off_ms),
            zone: Zone(480),
            boot: self.boot,
            since_boot_ms: u64::try_from(now.since(NOON)).unwrap(),
        }
    }

    /// Writes an event; gives its id.
    fn write(
        &mut self,
        subject: Subject,
        action: Id,
        visit: Option<Id>,
        now: Instant,
        seen: Vec<Head>,
        payload: impl Into<Payload>,
    ) -> Hash {
        let event = Event {
            action,
            actor: self.person,
            visit,
            clock: self.clock(now),
            seen: (!seen.is_empty()).then_some(seen),
            payload: payload.into(),
            private: BTreeMap::new(),
        };
        let stream = StreamId::new(subject, self.writer());
        let events = self.streams.entry(stream).or_default();
        events.push(event.encode());
        chain(&stream, events).hash
    }

    fn action(&mut self) -> Id {
        self.drawn += 1;
        let number = self.drawn.to_be_bytes();
        Id::from_hash(&Hash::of(&[self.person.as_bytes(), &number]))
    }

    /// Part of a stream, sealed.
    fn tail(&self, stream: &StreamId, from: usize, to: usize) -> Tail {
        let events = &self.streams[stream];
        let seal = Seal::make(&self.keys.sign_key(), *stream, chain(stream, &events[..to]), 1);
        Tail {
            stream: *stream,
            from: from as u64 + 1,
            events: events[from..to].iter().map(|event| event.clone().into()).collect(),
            seal: Some(seal.bytes().to_vec().into()),
        }
    }
}

fn chain(stream: &StreamId, events: &[Vec<u8>]) -> Chain {
    events.iter().fold(Chain::start(stream), |chain, bytes| chain.then(bytes))
}

/// What three people do, and two servers that are to agree about it.
struct World {
    offices: [Office; 2],
    phones: Vec<Phone>,
    list: PriceList,
}

impl World {
    fn new() -> World {
        let list = PriceList::load(PriceList::example_text()).unwrap();
        let mut offices = [Office::new(), Office::new()];
        let company = DeviceKeys::generate(&mut counter("the company"));
        let phones: Vec<_> = PEOPLE.iter().map(|name| Phone::new(name, &company, &list)).collect();
        for office in &mut offices {
            for phone in &phones {
                office.run(|tx, ctx| {
                    let badge = String::new();
                    tx.put_person(&Person { id: phone.person, name: Personal::default(), badge })?;
                    let mut device = fresh_device(ctx, &phone.certificate);
                    device.person = Some(phone.person);
                    Ok(tx.put_device(&device)?)
                });
            }
        }
        World { offices, phones, list }
    }

    /// Plays one history on both servers; `Err` says how they differ.
    fn play(&mut self, seed: u64) -> Result<(), String> {
        let mut random = fastrand::Rng::with_seed(seed);
        let orders: Vec<Id> = (0..2).map(|nth| id(&format!("order {nth} of {seed}"))).collect();
        self.prepare(seed, &orders, &mut random);
        self.write(&orders, &mut random);
        self.deliver(0, None);
        self.deliver(1, Some(&mut random));
        for phone in &mut self.phones {
            phone.before = phone.streams.iter().map(|(s, events)| (*s, events.len())).collect();
        }
        self.compare(&orders)
    }

    /// The office's part, the same on both.
    fn prepare(&mut self, seed: u64, orders: &[Id], random: &mut fastrand::Rng) {
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
    }

    /// The phones' part: each saw the office's stream up to somewhere, and of the others anything.
    fn write(&mut self, orders: &[Id], random: &mut fastrand::Rng) {
        let heads: BTreeMap<Id, u64> =
            orders.iter().map(|order| (*order, self.offices[0].head(*order))).collect();
        let mut now = self.offices[0].now;
        let list = &self.list;
        for phone in &mut self.phones {
            phone.clock_off_ms = if random.u8(..6) == 0 { -400 * 24 * 60 * MINUTE } else { 0 };
        }
        // Of each visit: the phone, the order, its id, what it charged; what it found and shut off.
        let mut visits: Vec<(usize, Id, Id, Money)> = Vec::new();
        let mut hazards: Vec<(Id, Hash)> = Vec::new();
        let mut stops: Vec<(Id, Hash)> = Vec::new();
        for _ in 0..random.usize(6..16) {
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
            let payload: Payload = match random.u8(..11) {
                0 | 1 => {
                    let code = ["labour-repair", "hose"][random.usize(..2)];
                    let line = list.line(code, 1, Lang::En, None).unwrap();
                    *charged = charged.plus(line.amount()).unwrap();
                    Charged { line }.into()
                }
                2 | 3 if charged.minor > 0 => {
                    let amount = std::mem::replace(charged, Money::zero(list.currency()));
                    pay(phone, subject, (action, visit), now, seen, amount);
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

    /// Delivers what the phones wrote: each at once and in order, or in pieces.
    fn deliver(&mut self, to: usize, random: Option<&mut fastrand::Rng>) {
        let mut known: BTreeMap<StreamId, usize> = BTreeMap::new();
        for phone in &self.phones {
            known.extend(phone.before.iter().map(|(stream, length)| (*stream, *length)));
        }
        if let Some(random) = random {
            for _ in 0..random.usize(2..5) {
                let who = random.usize(..self.phones.len());
                let mut tails = Vec::new();
                for (stream, events) in &self.phones[who].streams {
                    let had = known.get(stream).copied().unwrap_or(0);
                    if had == events.len() || random.u8(..3) == 0 {
                        continue;
                    }
                    // Some of it was sent before; some comes before its time.
                    let begun = self.phones[who].before.get(stream).copied().unwrap_or(0);
                    let from = random.usize(begun..=(had + 1).min(events.len() - 1));
                    let upto = random.usize(from + 1..=events.len());
                    tails.push(self.phones[who].tail(stream, from, upto));
                }
                random.shuffle(&mut tails);
                self.send(to, who, &tails, &mut known);
            }
            let mut rest: Vec<usize> = (0..self.phones.len()).collect();
            random.shuffle(&mut rest);
            for who in rest {
                self.send_rest(to, who, &mut known);
            }
        } else {
            for who in 0..self.phones.len() {
                self.send_rest(to, who, &mut known);
            }
        }
    }

    fn send_rest(&mut self, to: usize, who: usize, known: &mut BTreeMap<StreamId, usize>) {
        let phone = &self.phones[who];
        let left = phone.streams.iter().filter_map(|(stream, events)| {
            let had = known.get(stream).copied().unwrap_or(0);
            (had < events.len()).then(|| phone.tail(stream, had, events.len()))
        });
        let tails: Vec<_> = left.collect();
        self.send(to, who, &tails, known);
    }

    fn send(
        &mut self,
        to: usize,
        who: usize,
        tails: &[Tail],
        known: &mut BTreeMap<StreamId, usize>,
    ) {
        let World { offices, phones, .. } = self;
        let (office, phone) = (&mut offices[to], &phones[who]);
        let clock = ClockReading { ..phone.clock(office.now) };
        let results = office.run(|tx, ctx| {
            let device = tx.device(phone.certificate.id())?.unwrap();
            let sender = Sender::of(ctx, &device, &phone.certificate);
            receive(tx, ctx, &device, &sender, (tails, &clock))
        });
        for result in results {
            match result.outcome {
                StreamOutcome::Accepted(seq) => {
                    known.insert(result.stream, seq as usize);
                }
                StreamOutcome::AlreadyHad(_) | StreamOutcome::Gap(_) => {}
                other => panic!("an honest phone was told {other:?}"),
            }
        }
    }

    fn compare(&mut self, orders: &[Id]) -> Result<(), String> {
        for order in orders {
            let [one, other] = &mut self.offices;
            let seen = [one, other].map(|office| office.run(|tx, _| Ok(fold(tx, *order)?)));
            if seen[0].digest() != seen[1].digest() {
                return Err(format!("{}\n{}", told(&seen[0]), told(&seen[1])));
            }
            let listed = [0, 1].map(|at| {
                self.offices[at].run(|tx, _| Ok(tx.order(*order)?.map(|row| row.open_conflicts)))
            });
            let open = Some(seen[0].open_conflicts().count() as u64);
            if listed != [open, open] {
                return Err(format!("{open:?} conflicts are open; listed are {listed:?}"));
            }
        }
        Ok(())
    }

    /// Receipts and payments of everything that was delivered tie, and come to the same.
    fn money(&mut self) -> Result<(), String> {
        let [one, other] = &mut self.offices;
        let reports = [one, other].map(|office| office.run(|tx, _| reconcile(tx)));
        let written = reports.each_ref().map(|r| serde_json::to_string(r).unwrap());
        let ties = reports.iter().flatten().all(|report| report.ties);
        if ties && written[0] == written[1] { Ok(()) } else { Err(written.join("\n")) }
    }
}

/// An order, as short as it still shows what differs.
fn told(state: &OrderState) -> String {
    let open: Vec<(Rule, usize)> =
        state.open_conflicts().map(|conflict| (conflict.rule, conflict.sides.len())).collect();
    format!("{:?}, open {open:?}: {}", state.number, serde_json::to_string(state).unwrap())
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

/// A payment and its receipt, by one action.
fn pay(
    phone: &mut Phone,
    subject: Subject,
    (action, visit): (Id, Id),
    now: Instant,
    seen: Vec<Head>,
    amount: Money,
) {
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
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// Tells how to play a history again when its thread panics.
struct Again {
    first: u64,
    seed: u64,
}

impl Again {
    fn words(&self) -> String {
        let cases = self.seed - self.first + 1;
        format!("play it again with DOORSTEP_SEED={} DOORSTEP_CASES={cases}", self.first)
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.words());
        }
    }
}

/// Plays histories from a seed on, on one pair of servers; a failure says how to play it again.
fn play(first: u64, count: u64) -> Result<(), String> {
    let mut world = World::new();
    for seed in first..first + count {
        let again = Again { first, seed };
        let mut played = world.play(seed);
        // Money is summed over all that was ever paid: once, at the end.
        if seed + 1 == first + count {
            played = played.and_then(|()| world.money());
        }
        played.map_err(|told| format!("{}\n{told}", again.words()))?;
    }
    Ok(())
}

#[test]
fn in_whatever_pieces_and_order_deliveries_come_servers_end_alike() {
    let (cases, seed) = (setting("DOORSTEP_CASES", 2_000), setting("DOORSTEP_SEED", 1));
    let starts: Vec<u64> = (0..cases.div_ceil(TOGETHER)).map(|nth| seed + nth * TOGETHER).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let share = starts.len().div_ceil(threads);
        let workers: Vec<_> = starts
            .chunks(share.max(1))
            .map(|starts| {
                scope.spawn(move || {
                    for start in starts {
                        let left = (seed + cases).saturating_sub(*start);
                        play(*start, left.min(TOGETHER))?;
                    }
                    Ok::<(), String>(())
                })
            })
            .collect();
        for worker in workers {
            if let Err(told) = worker.join().unwrap() {
                panic!("{told}");
            }
        }
    });
}

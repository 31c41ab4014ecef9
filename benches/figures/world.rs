//! A real server on loopback with an office, and Mei's phone enrolled at it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorstep::{
    base::{ClockReading, Entropy, Hash, Id, Instant, Zone},
    engine::{Engine, EngineOptions, SecretStore},
    event::VisitKind,
    log::{Chain, Class, DeviceKeys, StorageKey, StreamId, Subject, SubjectKey, Writer},
    money::PriceList,
    order::OrderStatus,
    standard::SHIPPED_STANDARDS,
    store::{Store, StoreError},
};
use doorstep_server::{
    Clock, Database, DiskKeyFile, OsEntropy, Parts, Server, Settings, SystemClock,
    rules::{self, AssignInput, CodeInput, OrderInput},
    store::{Account, NewEvent, OrderRow, Role},
};
use doorstep_transport::{Patience, Tls, Transport};

use crate::{
    measure::Failed,
    screens::{KINDS, Round},
};

const PACKET: &str = "application/cose";

/// A random id.
pub(crate) fn id() -> Id {
    (&mut OsEntropy as &mut dyn Entropy).id()
}

/// A clock that agrees with the server's.
pub(crate) fn clock() -> ClockReading {
    static BOOT: std::sync::OnceLock<(Id, std::time::Instant)> = std::sync::OnceLock::new();
    let (boot, since) = BOOT.get_or_init(|| (id(), std::time::Instant::now()));
    let since_boot_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    ClockReading { wall: SystemClock.now(), zone: Zone(480), boot: *boot, since_boot_ms }
}

/// A directory of this run alone, removed when it is over.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(within: &Path) -> Result<Scratch, Failed> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = within.join(format!("run-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind, it costs some disk and nothing else.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Keys in a file of their own: the benches' stand-in for a platform's keystore.
struct FileSecrets(PathBuf);

impl SecretStore for FileSecrets {
    fn load(&self) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(&self.0) {
            Ok(secret) => Ok(Some(secret)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn keep(&mut self, secret: &[u8]) -> Result<(), String> {
        std::fs::write(&self.0, secret).map_err(|error| error.to_string())
    }
}

/// Opens a phone's engine on a file, with its keys beside it.
pub(crate) fn open(database: &Path) -> Result<Engine, Failed> {
    let secrets = Box::new(FileSecrets(database.with_extension("keys")));
    let options = EngineOptions { entropy: Box::new(OsEntropy), secrets, vfs: None };
    Ok(Engine::open(database, options)?)
}

/// Opens a phone's file to write into it directly.
pub(crate) fn store(database: &Path) -> Result<Store, Failed> {
    let secret = FileSecrets(database.with_extension("keys")).load()?.unwrap_or_default();
    let keys = DeviceKeys::from_secret(&secret).ok_or("the keys are gone")?;
    let mut store = Store::open(database, None)?;
    store.unlock(StorageKey::of(&keys))?;
    Ok(store)
}

/// The server, its office, its address.
pub(crate) struct World {
    pub(crate) directory: Scratch,
    pub(crate) address: SocketAddr,
    server: Arc<Server>,
    office: Account,
    premises: Id,
    mei: Id,
    orders: AtomicU64,
}

impl World {
    /// Starts a server with an office, Mei, the shipped standards and the example price list.
    pub(crate) async fn start(within: &Path) -> Result<World, Failed> {
        let directory = Scratch::new(within)?;
        let file = directory.0.join("server.db");
        World::start_on(directory, Database::File(&file)).await
    }

    /// The same on any database.
    pub(crate) async fn start_on(
        directory: Scratch,
        database: Database<'_>,
    ) -> Result<World, Failed> {
        let opened = Server::open(Parts {
            database,
            keys: &DiskKeyFile::new(directory.0.join("server.keys")),
            clock: Arc::new(SystemClock),
            entropy: Box::new(OsEntropy),
            settings: Settings { district: "harbour".to_owned(), ..Settings::default() },
        })?;
        let server = opened.server;
        let first: rules::AccountInput = serde_json::from_value(serde_json::json!({
            "name": "He", "role": "supervisor", "bootstrap": opened.bootstrap,
        }))?;
        let account = run(&server, |tx, ctx| rules::add_account(tx, ctx, None, &first))?;
        let token = Some(account.token.as_str());
        let office = run(&server, |tx, _| rules::authorise(tx, token, Role::Supervisor))?;
        let person: rules::PersonInput =
            serde_json::from_value(serde_json::json!({ "name": "Mei", "badge": "0417" }))?;
        let mei = run(&server, |tx, ctx| rules::add_person(tx, ctx, &person))?.person;
        for file in SHIPPED_STANDARDS {
            let id = doorstep::standard::Standard::load(file.text)
                .map_err(|_| "a shipped standard does not load")?
                .id()
                .to_owned();
            publish(&server, format!("standard/{id}"), file.text)?;
        }
        publish(&server, "price-list".to_owned(), PriceList::example_text())?;
        let home: rules::PremisesInput = serde_json::from_value(serde_json::json!({
            "address": "Flat 1203, 8 Harbour Street", "building": "8 Harbour Street", "floor": 12,
        }))?;
        let premises = run(&server, |tx, ctx| rules::add_premises(tx, ctx, &home))?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(doorstep_server::serve(listener, server.clone(), std::future::pending()));
        let orders = AtomicU64::new(0);
        Ok(World { directory, address, server, office, premises, mei, orders })
    }

    /// The office opens a repair for Mrs Chan and gives it to Mei.
    pub(crate) fn order(&self) -> Result<Id, Failed> {
        let number = self.orders.fetch_add(1, Ordering::Relaxed);
        let input = OrderInput {
            action: None,
            id: None,
            kind: VisitKind::Repair,
            premises: self.premises,
            number: format!("R-{number:05}"),
            standard: "gz-repair".to_owned(),
            emergency: false,
            due: None,
            promises: Vec::new(),
            received: None,
            customer: serde_json::from_value(serde_json::json!({
                "name": "Mrs Chan", "phone": "5550123", "report": "The cooker does not light.",
            }))?,
        };
        let assign = AssignInput { action: None, to: self.mei };
        run(&self.server, |tx, ctx| {
            let order = rules::open_order(tx, ctx, &self.office, &input)?;
            rules::assign(tx, ctx, &self.office, order, &assign)?;
            Ok(order)
        })
    }

    /// The standards of rounds, and the region's profile.
    pub(crate) fn publish_rounds(&self) -> Result<(), Failed> {
        publish(&self.server, "profile".to_owned(), doorstep::standard::SHIPPED_PROFILE.text)
    }

    /// Premises of the district, each with a meter: those numbered `from` to `to`.
    pub(crate) fn district(&self, from: usize, to: usize) -> Result<(), Failed> {
        const AT_ONCE: usize = 2_500;
        for first in (from..to).step_by(AT_ONCE) {
            let mut input = rules::DistrictInput::default();
            for number in first..to.min(first + AT_ONCE) {
                let (premises, meters) = flat(number)?;
                input.premises.push(premises);
                input.meters.push(meters);
            }
            run(&self.server, |tx, ctx| rules::change_district(tx, ctx, &input))?;
        }
        Ok(())
    }

    /// Some of the first `count` premises of the district.
    pub(crate) fn some_premises(&self, count: usize) -> Vec<Id> {
        (0..count).step_by((count / 5_000).max(1)).map(premises_id).collect()
    }

    /// A day's orders for Mei: meters to read and flats to inspect, side by side.
    pub(crate) fn round(&self, meters: usize, flats: usize) -> Result<Round, Failed> {
        let assign = AssignInput { action: None, to: self.mei };
        let open = |place: usize, number: usize| {
            let (kind, standard) = KINDS[place];
            let input = OrderInput {
                action: None,
                id: None,
                kind,
                premises: premises_id(number),
                number: format!("D-{place}{number:05}"),
                standard: standard.to_owned(),
                emergency: false,
                due: None,
                promises: Vec::new(),
                received: None,
                customer: serde_json::from_value(serde_json::json!({
                    "name": "陈太太", "phone": "5550123", "special_need": "knock long",
                }))?,
            };
            run(&self.server, |tx, ctx| {
                let order = rules::open_order(tx, ctx, &self.office, &input)?;
                rules::assign(tx, ctx, &self.office, order, &assign)?;
                Ok(order)
            })
        };
        Ok(Round {
            meters: (0..meters).map(|number| open(0, number)).collect::<Result<_, _>>()?,
            flats: (0..flats).map(|number| open(1, number)).collect::<Result<_, _>>()?,
        })
    }

    /// What a phone did in earlier years, in its file and at the server: orders that are done, a stream of
    /// one event and a key each. Written as rows; no engine has the file open.
    pub(crate) fn worked_for_years(
        &self,
        database: &Path,
        device: Id,
        orders: usize,
    ) -> Result<(), Failed> {
        let past = |number: usize| {
            let order = Id::from_hash(&Hash::of(&[b"an earlier order", &number.to_be_bytes()]));
            (order, StreamId::new(Subject::work_order(order), Writer::Device(device)))
        };
        let (event, long_ago) = ([0x55; 300], Instant(1_500_000_000_000));
        let mut phone = store(database)?;
        for first in (0..orders).step_by(1_000) {
            phone.transaction(|tx| {
                for (order, stream) in (first..orders.min(first + 1_000)).map(past) {
                    let mut row = tx.stream_or_new(&stream, true)?;
                    tx.append(&mut row, &event)?;
                    tx.set_accepted(&row, 1)?;
                    let key = SubjectKey::generate(&mut OsEntropy);
                    tx.keep_key(&Subject::work_order(order), Class::Service, &key)?;
                }
                Ok::<_, StoreError>(())
            })?;
            run(&self.server, |tx, _| {
                for (order, stream) in (first..orders.min(first + 1_000)).map(past) {
                    let start = Chain::start(&stream);
                    let new = NewEvent {
                        hash: start.then(&event).hash,
                        action: order,
                        bytes: event.to_vec(),
                    };
                    tx.append(&stream, start, &[new], b"a seal", long_ago)?;
                    tx.put_order(&OrderRow {
                        id: order,
                        number: order.to_string(),
                        kind: Some(VisitKind::Repair),
                        opened_at: Some(long_ago),
                        premises: None,
                        assigned_to: Some(self.mei),
                        status: OrderStatus::Done,
                        conflicts: 0,
                        open_conflicts: 0,
                        charged: false,
                        changed_at: long_ago,
                    })?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Mei's phone on a file, enrolled, with all that waits for it.
    pub(crate) async fn phone(&self, database: &Path) -> Result<Phone, Failed> {
        let input = CodeInput { person: self.mei, receipts: None };
        let code = run(&self.server, |tx, ctx| rules::add_code(tx, ctx, &input))?.code;
        let mut engine = open(database)?;
        let request = engine.enrol_request(&code)?;
        let line = Line::to(self.address)?;
        let answer = line.post("/v1/enrol", request).await?;
        engine.finish_enrol(&answer, Some(&self.server.company_key()))?;
        let mut phone = Phone { engine, line };
        phone.sync().await?;
        Ok(phone)
    }
}

fn publish(server: &Server, key: String, text: &str) -> Result<(), Failed> {
    let input = rules::StandingInput { key, text: text.to_owned() };
    run(server, |tx, ctx| rules::publish(tx, ctx, &input))?;
    Ok(())
}

fn run<T>(
    server: &Server,
    rule: impl FnMut(
        &mut dyn doorstep_server::store::Tx,
        &mut rules::Context<'_>,
    ) -> Result<T, doorstep_server::Failure>,
) -> Result<T, Failed> {
    server.run(rule).map_err(|problem| problem.message.into())
}

/// The id of the district's premises of this number.
fn premises_id(number: usize) -> Id {
    Id::from_hash(&doorstep::base::Hash::of(&[b"premises", &number.to_be_bytes()]))
}

/// Premises of the district: 60 stairs of 30 flats to a street's ten buildings.
fn flat(number: usize) -> Result<(rules::PremisesInput, rules::MetersInput), Failed> {
    let (door, stair) = (number % 4 + 1, number / 120 % 6 + 1);
    let (floor, building) = (number / 4 % 30 + 1, number / 720 + 1);
    let flat = format!("{floor}{door:02}");
    let address = format!("滨江路{building}号 {stair}单元 {flat}");
    let premises = serde_json::json!({
        "id": premises_id(number), "address": address, "building": format!("滨江路{building}号"),
        "stair": format!("{stair}单元"), "floor": floor, "flat": flat,
    });
    let meters = serde_json::json!({
        "premises": premises_id(number),
        "meters": [{
            "number": format!("G25-{number:08}"), "digits": 5, "last": 1_255,
            "last_at": 1_790_000_000_000_i64, "usual": 40, "used_this_year": 120, "people": 3,
        }],
    });
    Ok((serde_json::from_value(premises)?, serde_json::from_value(meters)?))
}

/// A kept connection to one address.
pub(crate) struct Line(Transport);

impl Line {
    pub(crate) fn to(address: SocketAddr) -> Result<Line, Failed> {
        Ok(Line(Transport::new(&format!("http://{address}"), &Tls::default())?))
    }

    /// One round trip.
    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Result<Vec<u8>, Failed> {
        Ok(self.0.post(path, PACKET, body, Patience::default()).await?.body)
    }
}

/// What went over the line while a phone exchanged: requests and answers, in their order.
#[derive(Default)]
pub(crate) struct Talk {
    pub(crate) sent: Vec<Vec<u8>>,
    pub(crate) got: Vec<Vec<u8>>,
    /// From the first byte of a request to the last of its answer, added up.
    pub(crate) waited: Duration,
}

/// A phone and its way to the server.
pub(crate) struct Phone {
    pub(crate) engine: Engine,
    pub(crate) line: Line,
}

impl Phone {
    /// Exchanges until nothing is left.
    pub(crate) async fn sync(&mut self) -> Result<Talk, Failed> {
        let mut talk = Talk::default();
        loop {
            let packet = self.engine.sync_request(&clock())?;
            talk.sent.push(packet.bytes.clone());
            let start = std::time::Instant::now();
            let answer = self.line.post("/v1/exchange", packet.bytes).await?;
            talk.waited += start.elapsed();
            let more = self.engine.sync_answer(&clock(), &answer)?.more;
            talk.got.push(answer);
            if !more {
                return Ok(talk);
            }
        }
    }
}

impl Phone {
    /// Sends photos until none is left; gives the parts as they were sent.
    pub(crate) async fn send_photos(&mut self) -> Result<Vec<Vec<u8>>, Failed> {
        let mut sent = Vec::new();
        while let Some(packet) = self.engine.photo_request()? {
            sent.push(packet.bytes.clone());
            let kept = self.line.post("/v1/photos", packet.bytes).await?;
            self.engine.photo_answer(clock().wall, &kept)?;
        }
        Ok(sent)
    }
}

/// The runtime that server, proxy and client share.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

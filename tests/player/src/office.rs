//! The office: the real server on loopback with its SQLite file, its clock held by the player, and
//! the people who work through its routes.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, header},
};
use doorstep::{
    base::{Entropy, Hash, Id, Instant, Personal},
    order::OrderState,
};
use doorstep_server::{
    Clock, Database, DiskKeyFile, Opened, Parts, Server, Settings, app, rules, serve,
    store::HeldRow,
};
use serde_json::{Value, json};
use tokio::{runtime::Handle, sync::oneshot, task::JoinHandle};
use tower::ServiceExt;

use crate::{phone::Refusal, scenario::Scenario};

/// The server's database, in its directory.
pub(crate) const DATABASE: &str = "server.db";

/// Counts up from a seed: every draw differs, every run is the same. A server that starts again goes on.
struct Seeded(u64, Arc<AtomicU64>);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.1.fetch_add(1, Ordering::SeqCst) + 1;
            let drawn = Hash::of(&[&self.0.to_be_bytes(), &number.to_be_bytes()]);
            chunk.copy_from_slice(&drawn.as_bytes()[..chunk.len()]);
        }
    }
}

struct HeldClock(Arc<AtomicI64>);

impl Clock for HeldClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

/// What a server is started with, each time.
struct Start {
    directory: PathBuf,
    settings: Settings,
    seed: u64,
    drawn: Arc<AtomicU64>,
    clock: Arc<AtomicI64>,
    listener: std::net::TcpListener,
}

/// A server that runs, until it is told to stop.
struct Running {
    server: Arc<Server>,
    app: Router,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Start {
    /// Starts the server, and gives the code for the first account where there is none.
    fn start(&self, runtime: &Handle) -> Result<(Running, Option<String>), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let Opened { server, bootstrap } = Server::open(Parts {
            database: Database::File(&self.directory.join(DATABASE)),
            keys: &DiskKeyFile::new(self.directory.join("company.key")),
            clock: Arc::new(HeldClock(self.clock.clone())),
            entropy: Box::new(Seeded(self.seed, self.drawn.clone())),
            settings: self.settings.clone(),
        })
        .map_err(|error| told(&error))?;
        let _in = runtime.enter();
        let listener = self.listener.try_clone().and_then(tokio::net::TcpListener::from_std);
        let listener = listener.map_err(|error| told(&error))?;
        let (stop, stopped) = oneshot::channel();
        let served = server.clone();
        let serving = runtime.spawn(async move {
            let until = async {
                let _ = stopped.await;
            };
            let _ = serve(listener, served, until).await;
        });
        let app = app(server.clone());
        Ok((Running { server, app, stop, serving }, bootstrap))
    }
}

/// The server and its people.
pub(crate) struct Office {
    runtime: Handle,
    start: Start,
    /// `None` while it is down.
    running: Option<Running>,
    company_key: [u8; 32],
    tokens: BTreeMap<String, String>,
    pub(crate) address: SocketAddr,
}

impl Office {
    /// Opens the server in `directory` and listens on loopback.
    pub(crate) fn open(
        runtime: Handle,
        directory: &Path,
        scenario: &Scenario,
    ) -> Result<(Office, Option<String>), String> {
        let settings = Settings {
            company: scenario.company.clone(),
            zone: scenario.start.zone(),
            keep_ms: scenario.keep_ms,
            ..Settings::default()
        };
        let listener = listen().map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let start = Start {
            directory: directory.to_owned(),
            settings,
            seed: scenario.seed,
            drawn: Arc::default(),
            clock: Arc::new(AtomicI64::new(scenario.start.instant().0)),
            listener,
        };
        let (running, bootstrap) = start.start(&runtime)?;
        let company_key = running.server.company_key();
        let (running, tokens) = (Some(running), BTreeMap::new());
        Ok((Office { runtime, start, running, company_key, tokens, address }, bootstrap))
    }

    /// Stops the server. Requests under way are finished; its files are free afterwards.
    pub(crate) fn stop(&mut self) {
        if let Some(Running { server, app, stop, serving }) = self.running.take() {
            drop((server, app));
            let _ = stop.send(());
            let _ = self.runtime.block_on(serving);
        }
    }

    /// Starts it again where it listened before; `restored` tells it that its database is a backup.
    pub(crate) fn start(&mut self, restored: bool) -> Result<(), String> {
        let (running, _) = self.start.start(&self.runtime)?;
        if restored {
            running.server.begin_epoch().map_err(|problem| problem.message)?;
        }
        self.running = Some(running);
        Ok(())
    }

    fn server(&self) -> Option<&Server> {
        self.running.as_ref().map(|running| &*running.server)
    }

    pub(crate) fn set_time(&self, now: Instant) {
        self.start.clock.store(now.0, Ordering::SeqCst);
    }

    pub(crate) fn company_key(&self) -> [u8; 32] {
        self.company_key
    }

    pub(crate) fn keep_token(&mut self, person: &str, token: &str) {
        self.tokens.insert(person.to_owned(), token.to_owned());
    }

    /// Sends JSON to one of the office's routes as `person`.
    pub(crate) fn post(&self, person: &str, path: &str, body: &Value) -> Result<Value, Refusal> {
        let request = Request::post(format!("/v1/office/{path}"))
            .header(header::AUTHORIZATION, self.bearer(person))
            .body(Body::from(body.to_string()));
        self.send(request.map_err(|error| Refusal::new("malformed", error))?)
    }

    /// Reads one of the office's lists as `person`.
    pub(crate) fn get(&self, person: &str, path: &str) -> Result<Value, Refusal> {
        let request = Request::get(format!("/v1/office/{path}"))
            .header(header::AUTHORIZATION, self.bearer(person))
            .body(Body::empty());
        self.send(request.map_err(|error| Refusal::new("malformed", error))?)
    }

    fn bearer(&self, person: &str) -> String {
        format!("Bearer {}", self.tokens.get(person).map_or("", String::as_str))
    }

    /// Hands a phone's file in, as a person at the office does; both in hex.
    pub(crate) fn exchange(&self, file: &str) -> Result<String, Refusal> {
        let bytes = data_encoding::HEXLOWER.decode(file.as_bytes());
        let bytes = bytes.map_err(|error| Refusal::new("malformed", error))?;
        let request = Request::post("/v1/exchange").body(Body::from(bytes));
        let request = request.map_err(|error| Refusal::new("malformed", error))?;
        Ok(data_encoding::HEXLOWER.encode(&self.answer(request)?))
    }

    fn send(&self, request: Request<Body>) -> Result<Value, Refusal> {
        Ok(serde_json::from_slice(&self.answer(request)?).unwrap_or(json!({})))
    }

    fn answer(&self, request: Request<Body>) -> Result<Bytes, Refusal> {
        let Some(running) = &self.running else {
            return Err(Refusal::new("offline", "the server is down"));
        };
        let app = running.app.clone();
        let answered = async {
            let response = match app.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            };
            let status = response.status();
            let body = axum::body::to_bytes(response.into_body(), 64 << 20).await;
            (status, body.unwrap_or_default())
        };
        let (status, body) = self.runtime.block_on(answered);
        if status.is_success() {
            return Ok(body);
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or(json!({}));
        let kind = body["code"].as_str().unwrap_or("http").replace('-', "_");
        let told = format!("{} ({status})", body["message"].as_str().unwrap_or("no words"));
        Err(Refusal::new(&kind, told))
    }

    /// An order as the server folds it.
    pub(crate) fn order(&self, id: Id) -> Option<OrderState> {
        self.server()?.run(|tx, _| Ok(rules::order(tx, id)?.state)).ok()
    }

    /// What is sealed in an order and the office may read, by event.
    pub(crate) fn texts(&self, id: Id) -> BTreeMap<Hash, Personal> {
        let texts = self.server().map(|it| it.run(|tx, _| Ok(rules::order(tx, id)?.texts)));
        texts.and_then(Result::ok).unwrap_or_default()
    }

    /// Every receipt series against the orders.
    pub(crate) fn reconcile(&self) -> Vec<rules::SeriesReport> {
        let reports = self.server().map(|it| it.run(|tx, _| rules::reconcile(tx)));
        reports.and_then(Result::ok).unwrap_or_default()
    }

    /// Where the cash is, by badge.
    pub(crate) fn cash(&self) -> Vec<rules::CashReport> {
        let reports = self.server().map(|it| it.run(|tx, _| rules::cash(tx)));
        reports.and_then(Result::ok).unwrap_or_default()
    }

    /// Every photo that is whole with the server.
    pub(crate) fn photos(&self) -> Vec<Hash> {
        let photos = self.server().map(|it| it.run(|tx, _| Ok(tx.photos_arrived()?)));
        photos.and_then(Result::ok).unwrap_or_default()
    }

    /// The same as a supervisor reads it: rule, sides, words.
    pub(crate) fn held_list(&self) -> serde_json::Value {
        let held = self.server().map(|it| it.run(|tx, _| rules::held_list(tx)));
        serde_json::json!(held.and_then(Result::ok).unwrap_or_default())
    }

    /// What the server holds back.
    pub(crate) fn held(&self) -> Vec<HeldRow> {
        let held = self.server().map(|it| it.run(|tx, _| rules::held(tx)));
        held.and_then(Result::ok).unwrap_or_default()
    }
}

/// A port of this machine. It stays the server's while that is down, so that it starts again there.
fn listen() -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

//! The office: the real server on loopback with its SQLite file, its clock held by the player, and
//! the people who work through its routes.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
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
use tokio::runtime::Handle;
use tower::ServiceExt;

use crate::{phone::Refusal, scenario::Scenario};

/// Counts up from a seed: every draw differs, every run is the same.
struct Seeded(u64, u64);

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let drawn = Hash::of(&[&self.0.to_be_bytes(), &self.1.to_be_bytes()]);
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

/// The server and its people.
pub(crate) struct Office {
    runtime: Handle,
    server: Arc<Server>,
    app: Router,
    clock: Arc<AtomicI64>,
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
        let clock = Arc::new(AtomicI64::new(scenario.start.instant().0));
        let settings = Settings {
            company: scenario.company.clone(),
            zone: scenario.start.zone(),
            keep_ms: scenario.keep_ms,
            ..Settings::default()
        };
        let Opened { server, bootstrap } = Server::open(Parts {
            database: Database::File(&directory.join("server.db")),
            keys: &DiskKeyFile::new(directory.join("company.key")),
            clock: Arc::new(HeldClock(clock.clone())),
            entropy: Box::new(Seeded(scenario.seed, 0)),
            settings,
        })
        .map_err(|error| error.to_string())?;
        let address =
            runtime.block_on(listen(server.clone())).map_err(|error| error.to_string())?;
        let app = app(server.clone());
        let tokens = BTreeMap::new();
        Ok((Office { runtime, server, app, clock, tokens, address }, bootstrap))
    }

    pub(crate) fn set_time(&self, now: Instant) {
        self.clock.store(now.0, Ordering::SeqCst);
    }

    pub(crate) fn company_key(&self) -> [u8; 32] {
        self.server.company_key()
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

    fn send(&self, request: Request<Body>) -> Result<Value, Refusal> {
        let app = self.app.clone();
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
        let body: Value = serde_json::from_slice(&body).unwrap_or(json!({}));
        if status.is_success() {
            return Ok(body);
        }
        let kind = body["code"].as_str().unwrap_or("http").replace('-', "_");
        let told = format!("{} ({status})", body["message"].as_str().unwrap_or("no words"));
        Err(Refusal::new(&kind, told))
    }

    /// An order as the server folds it.
    pub(crate) fn order(&self, id: Id) -> Option<OrderState> {
        self.server.run(|tx, _| Ok(rules::order(tx, id)?.state)).ok()
    }

    /// What is sealed in an order and the office may read, by event.
    pub(crate) fn texts(&self, id: Id) -> BTreeMap<Hash, Personal> {
        self.server.run(|tx, _| Ok(rules::order(tx, id)?.texts)).unwrap_or_default()
    }

    /// Every receipt series against the orders.
    pub(crate) fn reconcile(&self) -> Vec<rules::SeriesReport> {
        self.server.run(|tx, _| rules::reconcile(tx)).unwrap_or_default()
    }

    /// Every photo that is whole with the server.
    pub(crate) fn photos(&self) -> Vec<Hash> {
        self.server.run(|tx, _| Ok(tx.photos_arrived()?)).unwrap_or_default()
    }

    /// What the server holds back.
    pub(crate) fn held(&self) -> Vec<HeldRow> {
        self.server.run(|tx, _| rules::held(tx)).unwrap_or_default()
    }
}

async fn listen(server: Arc<Server>) -> io::Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve(listener, server, std::future::pending()));
    Ok(address)
}

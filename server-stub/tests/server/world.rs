//! A server in a directory of its own, with a clock the test sets, and an office that acts.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header},
};
use doorstep::{
    base::{Entropy, Hash, Id, Instant},
    sync::Company,
};
use doorstep_server::{
    Clock, Database, DiskKeyFile, OpenError, Opened, Parts, Server, Settings, app,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::device::Device;

pub(crate) const NOON: Instant = Instant(1_795_000_000_000);
pub(crate) const MINUTE: i64 = 60_000;

/// Counts up: every draw differs, every run is the same.
pub(crate) struct Counter(pub(crate) u64);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Hash::of(&[&self.0.to_be_bytes()]).as_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new() -> Directory {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("doorstep-server-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn id(name: &str) -> Id {
    Id::from_hash(&Hash::of(&[name.as_bytes()]))
}

/// The repair standard that ships.
pub(crate) fn repair() -> &'static str {
    doorstep::standard::shipped("repair").unwrap()
}

pub(crate) struct World {
    pub(crate) directory: Arc<Directory>,
    /// Where its rows are, unless in a file in its directory.
    postgres: Option<doorstep_test_postgres::Database>,
    pub(crate) server: Arc<Server>,
    pub(crate) app: Router,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) bootstrap: Option<String>,
    /// He's token: the supervisor.
    pub(crate) he: String,
    /// The desk's token: a dispatcher.
    pub(crate) desk: String,
}

pub(crate) fn open(
    directory: &Directory,
    clock: &Arc<SetClock>,
    seed: u64,
) -> Result<Opened, OpenError> {
    open_on(Database::File(&directory.0.join("server.db")), directory, clock, seed)
}

fn open_on(
    database: Database<'_>,
    directory: &Directory,
    clock: &Arc<SetClock>,
    seed: u64,
) -> Result<Opened, OpenError> {
    let company =
        Company { name: "Harbour Gas".into(), licence: "L-77".into(), hotline: "96777".into() };
    Server::open(Parts {
        database,
        keys: &DiskKeyFile::new(directory.0.join("company.key")),
        clock: clock.clone(),
        entropy: Box::new(Counter(seed)),
        settings: Settings { company, district: "harbour".into(), ..Settings::default() },
    })
}

impl World {
    /// A server nobody has an account at.
    pub(crate) fn bare() -> World {
        World::bare_on(None)
    }

    fn bare_on(postgres: Option<doorstep_test_postgres::Database>) -> World {
        let directory = Arc::new(Directory::new());
        let clock = Arc::new(SetClock(AtomicI64::new(NOON.0)));
        World::opened(directory, postgres, clock, 1_000)
    }

    fn opened(
        directory: Arc<Directory>,
        postgres: Option<doorstep_test_postgres::Database>,
        clock: Arc<SetClock>,
        seed: u64,
    ) -> World {
        let opened = match &postgres {
            Some(it) => open_on(Database::Postgres(&it.url), &directory, &clock, seed),
            None => open(&directory, &clock, seed),
        };
        let Opened { server, bootstrap } = opened.unwrap();
        let app = app(server.clone());
        let (he, desk) = (String::new(), String::new());
        World { directory, postgres, server, app, clock, bootstrap, he, desk }
    }

    /// The database of a world on PostgreSQL.
    pub(crate) fn postgres(&self) -> &doorstep_test_postgres::Database {
        self.postgres.as_ref().unwrap()
    }

    /// A second server over the same database, for the same people.
    pub(crate) fn beside(&self) -> World {
        let (directory, postgres) = (self.directory.clone(), self.postgres.clone());
        let mut second = World::opened(directory, postgres, self.clock.clone(), 500_000);
        (second.he, second.desk) = (self.he.clone(), self.desk.clone());
        second
    }

    /// A server with He the supervisor, a desk, Mei and Wu, a standard and Mrs Chan's premises.
    pub(crate) async fn new() -> World {
        World::furnished(World::bare()).await
    }

    /// The same over a PostgreSQL of its own.
    pub(crate) async fn on_postgresql() -> World {
        World::furnished(World::bare_on(Some(doorstep_test_postgres::database()))).await
    }

    async fn furnished(mut world: World) -> World {
        let first = json!({
            "name": "He", "role": "supervisor", "bootstrap": world.bootstrap, "person": id("He"),
        });
        world.he = token(&world.post("", "accounts", first).await);
        let desk = json!({ "name": "Lin", "role": "dispatcher", "person": id("Lin") });
        world.desk = token(&world.post(&world.he, "accounts", desk).await);
        for (name, badge) in [("Mei", "0417"), ("Wu", "0233")] {
            let person = json!({ "id": id(name), "name": name, "badge": badge });
            world.ok(&world.he, "people", person).await;
        }
        let standard = json!({ "key": "standard/gz-repair", "text": repair() });
        world.ok(&world.he, "standing", standard).await;
        let premises = json!({
            "id": id("Flat 1203"), "address": "Flat 1203, 8 Harbour Street", "floor": 12,
        });
        world.ok(&world.desk, "premises", premises).await;
        world
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// Closes the server and opens it again from its files.
    pub(crate) fn restart(&mut self) {
        let Opened { server, bootstrap } = open(&self.directory, &self.clock, 9_000).unwrap();
        self.app = app(server.clone());
        self.server = server;
        self.bootstrap = bootstrap;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (StatusCode, Vec<u8>) {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap();
        (status, body.to_vec())
    }

    pub(crate) async fn raw(&self, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        self.send(Request::post(path).body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(format!("/v1/office/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let (status, body) = self.send(request).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> (StatusCode, Value) {
        let request = Request::get(format!("/v1/office/{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let (status, body) = self.send(request).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    pub(crate) async fn ok(&self, token: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(token, path, body).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub(crate) async fn list(&self, path: &str) -> Value {
        let (status, answer) = self.get(&self.he, path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// A fresh enrolment code.
    pub(crate) async fn code(&self, person: &str) -> String {
        let code = self.ok(&self.desk, "enrolment-codes", json!({ "person": id(person) })).await;
        code["code"].as_str().unwrap().to_owned()
    }

    /// A person's phone, enrolled.
    pub(crate) async fn phone(&self, person: &str) -> Device {
        self.phone_called(person, person).await
    }

    /// A person's phone, where they have several.
    pub(crate) async fn phone_called(&self, person: &str, name: &str) -> Device {
        let code = self.code(person).await;
        let mut device = Device::new(name);
        let (status, answer) = self.raw("/v1/enrol", device.enrolment(&code)).await;
        assert_eq!(status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer));
        device.enrolled(&answer);
        device
    }

    /// Opens a repair for Mrs Chan under this number and gives it to somebody.
    pub(crate) async fn order(&self, number: &str, to: &str) -> Id {
        let order = json!({
            "id": id(number), "kind": "repair", "premises": id("Flat 1203"), "number": number,
            "standard": "gz-repair", "customer": { "name": "Mrs Chan", "phone": "5550123" },
        });
        self.ok(&self.desk, "orders", order).await;
        self.assign(number, to).await;
        id(number)
    }

    pub(crate) async fn assign(&self, number: &str, to: &str) {
        let path = format!("orders/{}/assign", id(number));
        self.ok(&self.desk, &path, json!({ "to": id(to) })).await;
    }
}

pub(crate) fn token((status, answer): &(StatusCode, Value)) -> String {
    assert_eq!(*status, StatusCode::OK, "{answer}");
    answer["token"].as_str().unwrap().to_owned()
}

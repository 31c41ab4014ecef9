//! Servers as real processes that are killed and stopped in the middle of exchanges, one on an SQLite
//! file and two on one PostgreSQL database, while Mei and Wu work on the same order.
//!
//! The phones' network is this test: it decides after which byte the server dies. Nothing waits for a
//! time to pass.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};

use doorstep::{base::Id, sync::Trouble};
use doorstep_server::Clock;
use doorstep_tests::{Directory, Phone, SetClock, Tap, id, repair};
use serde_json::{Value, json};

/// How far an exchange gets before its server is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dies {
    Never,
    /// The server has half of the request.
    HalfWay,
    /// It has all of it, and is somewhere in its work.
    AtWork,
    /// It has committed, and its answer is on the way.
    Answering,
}

/// A running server.
struct Served {
    child: Child,
    said: BufReader<ChildStdout>,
    address: String,
    key: String,
    code: Option<String>,
}

impl Served {
    fn start(database: &OsString, keys: &PathBuf) -> Served {
        let mut child = Command::new(env!("CARGO_BIN_EXE_doorstep"))
            .args(["serve", "--init", "--listen", "127.0.0.1:0", "--db"])
            .arg(database)
            .arg("--keys")
            .arg(keys)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let (address, key, code) = (String::new(), String::new(), None);
        let mut served = Served { child, said, address, key, code };
        while served.address.is_empty() {
            let mut line = String::new();
            assert!(served.said.read_line(&mut line).unwrap() > 0, "the server ended");
            let after = |word| line.strip_prefix(word)?.split_whitespace().next();
            if let Some(key) = after("company key ") {
                served.key = key.to_owned();
            } else if let Some(code) = after("bootstrap code ") {
                served.code = Some(code.to_owned());
            } else if let Some(url) = after("listening on http://") {
                served.address = url.to_owned();
            }
        }
        served
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a machine does that shuts down.
    fn ask_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn head(method: &str, path: &str, length: usize, more: &str) -> String {
    format!(
        "{method} /v1/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         content-length: {length}\r\n{more}\r\n"
    )
}

/// The body of a whole answer with status 200; `None` when it was cut, or is none.
fn whole(answer: &[u8]) -> Option<Vec<u8>> {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (String::from_utf8_lossy(&answer[..at]), answer[at + 4..].to_vec());
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length: ").and_then(|length| length.parse::<usize>().ok())
    });
    (head.starts_with("HTTP/1.1 200") && length == Some(body.len())).then_some(body)
}

fn send(address: &str, head: &str, body: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    whole(&answer)
}

/// Servers that stand in for each other, their office and its phones.
struct World {
    database: OsString,
    keys: PathBuf,
    servers: Vec<Served>,
    token: String,
    clock: SetClock,
    phones: Vec<Phone>,
    kills: usize,
    _directory: Directory,
}

impl World {
    fn new(directory: Directory, database: OsString, servers: usize) -> World {
        let keys = directory.file("company.keys");
        let servers = (0..servers).map(|_| Served::start(&database, &keys)).collect();
        let clock = SetClock::new(doorstep_server::SystemClock.now());
        let (token, phones) = (String::new(), Vec::new());
        let mut world = World {
            database,
            keys,
            servers,
            token,
            clock,
            phones,
            kills: 0,
            _directory: directory,
        };
        // A server that starts makes the code of the one before it void.
        let code = world.servers.last().unwrap().code.clone();
        let he = json!({ "name": "He", "role": "supervisor", "bootstrap": code });
        world.token = world.post("accounts", &he)["token"].as_str().unwrap().to_owned();
        for name in ["Mei", "Wu"] {
            world.post("people", &json!({ "id": id(name), "name": name, "badge": "0417" }));
            world.enrol(name);
        }
        let flat = json!({ "id": id("Flat 1203"), "address": "Flat 1203, 8 Harbour Street" });
        world.post("premises", &flat);
        world
    }

    fn office(&self, method: &str, path: &str, body: &str) -> Value {
        let authorised = format!("authorization: Bearer {}\r\n", self.token);
        let head = head(method, &format!("office/{path}"), body.len(), &authorised);
        let answer = send(&self.servers[0].address, &head, body.as_bytes());
        serde_json::from_slice(&answer.unwrap_or_else(|| panic!("{path} was refused"))).unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.office("POST", path, &body.to_string())
    }

    fn enrol(&mut self, name: &str) {
        let slip = self.post("enrolment-codes", &json!({ "person": id(name) }));
        let path = self._directory.file(&format!("{name}.db"));
        let mut phone = Phone::new(name, &path, None, &self.clock);
        let packet = phone.engine().enrol_request(slip["code"].as_str().unwrap()).unwrap();
        let head = head("POST", "enrol", packet.len(), "");
        let answer = send(&self.servers[0].address, &head, &packet).unwrap();
        phone.engine().finish_enrol(&answer, None).unwrap();
        self.phones.push(phone);
    }

    fn order(&self, number: &str, to: &str) -> Id {
        let order = json!({
            "id": id(number), "kind": "repair", "premises": id("Flat 1203"), "number": number,
            "standard": "gz-repair", "customer": { "name": "Mrs Chan" },
        });
        self.post("orders", &order);
        self.post(&format!("orders/{}/assign", id(number)), &json!({ "to": id(to) }));
        id(number)
    }

    fn work(&mut self, who: usize, taps: &[Tap]) {
        for tap in taps {
            self.clock.pass(30_000);
            self.phones[who].tap(tap).unwrap();
        }
    }

    /// One exchange of this phone with this server, which dies on the way; says whether the phone
    /// got its answer and wants to ask again.
    fn exchange(&mut self, who: usize, server: usize, dies: Dies) -> Option<bool> {
        let reading = self.phones[who].reading();
        let packet = self.phones[who].engine().sync_request(&reading).unwrap().bytes;
        let head = head("POST", "exchange", packet.len(), "");
        let answer = self.carry(server, head.as_bytes(), &packet, dies);
        if dies != Dies::Never {
            self.servers[server] = Served::start(&self.database, &self.keys);
        }
        let engine = self.phones[who].engine();
        let Some(answer) = answer else {
            engine.sync_failed(reading.wall, Trouble::Offline, None);
            return None;
        };
        Some(engine.sync_answer(&reading, &answer).unwrap().more)
    }

    fn carry(&mut self, server: usize, head: &[u8], body: &[u8], dies: Dies) -> Option<Vec<u8>> {
        let served = &mut self.servers[server];
        let mut stream = TcpStream::connect(&served.address).unwrap();
        stream.write_all(head).unwrap();
        let (first, second) = body.split_at(body.len() / 2);
        stream.write_all(first).unwrap();
        if dies == Dies::HalfWay {
            served.kill();
            self.kills += 1;
            return None;
        }
        stream.write_all(second).unwrap();
        let mut answer = Vec::new();
        if dies == Dies::Answering {
            answer.push(0);
            stream.read_exact(&mut answer).unwrap();
        }
        if dies != Dies::Never {
            served.kill();
            self.kills += 1;
        }
        // What is still on its way to a phone after the kill, the network loses.
        let _ = stream.read_to_end(&mut answer);
        if dies == Dies::Answering { None } else { whole(&answer) }
    }

    fn settle(&mut self, server: usize) {
        // Twice: what the last one brought, the first one still has to hear.
        for who in [0, 1, 0, 1] {
            while self.exchange(who, server, Dies::Never).unwrap() {}
        }
    }

    fn check(&mut self, order: Id, at_the_door: &[usize]) {
        let seen = self.office("GET", &format!("orders/{order}"), "");
        for who in at_the_door {
            let phone = &mut self.phones[*who];
            assert_eq!(phone.engine().unsent().unwrap(), 0, "{}", phone.name);
            let digest = phone.engine().order(order).unwrap().digest();
            assert_eq!(seen["digest"], json!(digest), "{}", phone.name);
        }
        for device in self.office("GET", "devices", "").as_array().unwrap() {
            assert_eq!((&device["suspect"], &device["held"]), (&json!(null), &json!(0)));
            assert_eq!(device["stored"], device["recorded"]);
        }
    }
}

fn killed_again_and_again(mut world: World) {
    let order = world.order("R-1", "Mei");
    world.settle(0);
    // Mei's phone doesn't know yet, so both go to the door.
    world.post(&format!("orders/{order}/assign"), &json!({ "to": id("Wu") }));
    while world.exchange(1, 0, Dies::Never).unwrap() {}
    let servers = world.servers.len();
    let visits = [repair(order, id("Mei's visit")), repair(order, id("Wu's visit"))];
    let ends = [Dies::HalfWay, Dies::AtWork, Dies::Answering, Dies::Never];
    for (nth, at) in (0..visits[0].len()).step_by(4).enumerate() {
        for who in [0, 1] {
            let taps = &visits[who][at..visits[who].len().min(at + 4)];
            world.work(who, taps);
            let dies = ends[(nth + who) % ends.len()];
            world.exchange(who, (nth + who) % servers, dies);
        }
    }
    assert!(world.kills >= 12, "{} kills", world.kills);
    world.settle(servers - 1);
    world.check(order, &[0, 1]);
}

#[test]
fn a_server_on_a_file_that_is_killed_in_the_middle_of_exchanges_loses_and_doubles_nothing() {
    let directory = Directory::new();
    let database = directory.file("server.db").into_os_string();
    killed_again_and_again(World::new(directory, database, 1));
}

#[test]
fn two_servers_on_one_postgresql_that_are_killed_by_turns_lose_and_double_nothing() {
    let database = doorstep_test_postgres::database().url.into();
    killed_again_and_again(World::new(Directory::new(), database, 2));
}

#[test]
fn a_server_that_is_told_to_stop_answers_the_exchange_under_way_and_ends_well() {
    let directory = Directory::new();
    let database = directory.file("server.db").into_os_string();
    let mut world = World::new(directory, database, 1);
    let order = world.order("R-1", "Mei");
    world.settle(0);
    world.work(0, &repair(order, id("Mei's visit"))[..5]);
    let reading = world.phones[0].reading();
    let packet = world.phones[0].engine().sync_request(&reading).unwrap().bytes;
    let served = &mut world.servers[0];
    let mut stream = TcpStream::connect(&served.address).unwrap();
    let head = head("POST", "exchange", packet.len(), "expect: 100-continue\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    // It says this once it reads the body: from here on the exchange is under way.
    let mut goes_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut goes_on).unwrap();
    assert!(goes_on.starts_with(b"HTTP/1.1 100"));
    served.ask_to_stop();
    stream.write_all(&packet).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = whole(&answer).expect("the whole answer");
    assert!(served.ended().success());
    assert!(TcpStream::connect(&served.address).is_err(), "nobody listens any more");
    world.phones[0].engine().sync_answer(&reading, &answer).unwrap();
    assert_eq!(world.phones[0].engine().unsent().unwrap(), 0);
    world.servers[0] = Served::start(&world.database, &world.keys);
    world.settle(0);
    world.check(order, &[0]);
}

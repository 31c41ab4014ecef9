//! Photos over a link that drops again and again, between a phone and a server that are processes and
//! are killed in the middle.
//!
//! The network is this test: a relay on loopback that cuts every connection after so many bytes, and
//! counts them.

#![cfg(unix)]
#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use doorstep::{base::Hash, engine::SecretStore};
use doorstep_tests::{World, id, start};
use serde_json::{Value, json};

/// The link drops each time so many bytes have gone up.
const DROPS_AFTER: u64 = 64 * 1024;

/// A process whose first line of output says that it is there, killed with the test.
struct Process(Child, BufReader<ChildStdout>);

impl Process {
    fn start(command: &mut Command) -> Process {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Process(child, output)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line
    }

    fn ask(&mut self, request: &Value) -> Value {
        self.say(request);
        let answer: Value = serde_json::from_str(&self.line()).unwrap();
        assert!(answer["error"].is_null(), "{request}: {answer}");
        answer["ok"].clone()
    }

    fn say(&mut self, request: &Value) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{request}").unwrap();
    }
}

impl Drop for Process {
    /// SIGKILL.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn doorstep() -> Command {
    Command::new(env!("CARGO_BIN_EXE_doorstep"))
}

fn phone(db: &Path, relay: &Relay) -> Process {
    let server = format!("http://{}", relay.address);
    Process::start(doorstep().args(["device", "--server", &server, "--db"]).arg(db))
}

fn server(world: &World) -> (Process, SocketAddr) {
    let mut process = Process::start(
        doorstep()
            .args(["serve", "--listen", "127.0.0.1:0", "--db"])
            .arg(world.directory.file("server.db"))
            .arg("--keys")
            .arg(world.directory.file("company.key")),
    );
    loop {
        let line = process.line();
        assert!(!line.is_empty(), "the server ended");
        if let Some(address) = line.trim().strip_prefix("listening on http://") {
            return (process, address.split_whitespace().next().unwrap().parse().unwrap());
        }
    }
}

/// What happens once so many bytes have gone up.
type Planned = (u64, Box<dyn FnOnce() + Send>);
type At = Mutex<Option<Planned>>;

/// The link between phone and server.
struct Relay {
    address: SocketAddr,
    to: Arc<Mutex<SocketAddr>>,
    /// Bytes that went up.
    up: Arc<AtomicU64>,
    drops: Arc<AtomicU64>,
    /// Called once when so many bytes have gone up.
    at: Arc<At>,
}

impl Relay {
    fn new(to: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let relay = Relay {
            address: listener.local_addr().unwrap(),
            to: Arc::new(Mutex::new(to)),
            up: Arc::default(),
            drops: Arc::default(),
            at: Arc::default(),
        };
        let (to, up, drops, at) =
            (relay.to.clone(), relay.up.clone(), relay.drops.clone(), relay.at.clone());
        thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(*to.lock().unwrap()) else { continue };
                let (mut down_in, mut down_out) =
                    (server.try_clone().unwrap(), phone.try_clone().unwrap());
                thread::spawn(move || {
                    let _ = std::io::copy(&mut down_in, &mut down_out);
                    let _ = down_out.shutdown(std::net::Shutdown::Both);
                });
                let (up, drops, at) = (up.clone(), drops.clone(), at.clone());
                thread::spawn(move || carry(phone, server, &up, &drops, &at));
            }
        });
        relay
    }

    fn up(&self) -> u64 {
        self.up.load(Ordering::SeqCst)
    }
}

fn carry(mut phone: TcpStream, mut server: TcpStream, up: &AtomicU64, drops: &AtomicU64, at: &At) {
    let (mut left, mut buffer) = (DROPS_AFTER as usize, [0; 4096]);
    while left > 0 {
        let most = left.min(buffer.len());
        let Ok(read @ 1..) = phone.read(&mut buffer[..most]) else { break };
        if server.write_all(&buffer[..read]).is_err() {
            break;
        }
        left -= read;
        let so_far = up.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
        let mut at = at.lock().unwrap();
        if at.as_ref().is_some_and(|(bytes, _)| so_far >= *bytes)
            && let Some((_, now)) = at.take()
        {
            now();
        }
    }
    if left == 0 {
        drops.fetch_add(1, Ordering::SeqCst);
    }
    let _ = phone.shutdown(std::net::Shutdown::Both);
    let _ = server.shutdown(std::net::Shutdown::Both);
}

/// Bytes that no compression makes smaller.
fn picture(name: &str, size: usize) -> Vec<u8> {
    let piece = |n: usize| *Hash::of(&[name.as_bytes(), &n.to_be_bytes()]).as_bytes();
    (0..size.div_ceil(32)).flat_map(piece).take(size).collect()
}

struct Story {
    world: World,
    order: doorstep::base::Id,
    clock: Value,
}

impl Story {
    /// Mei stands in Mrs Chan's kitchen; her phone is a process from now on.
    fn new() -> Story {
        let mut world = World::with_phones();
        let order = world.office.open("R-1");
        world.office.assign(order, "Mei").unwrap();
        world.exchange("Mei");
        world.work("Mei", &[start(order, id("visit"))]);
        let phone = world.phone("Mei");
        phone.kill();
        let keys = format!("{}.keys", phone.path.display());
        std::fs::write(keys, phone.secrets().load().unwrap().unwrap()).unwrap();
        let clock = json!(phone.reading());
        Story { world, order, clock }
    }

    fn db(&mut self) -> std::path::PathBuf {
        self.world.phone("Mei").path.clone()
    }

    fn take(&self, phone: &mut Process, name: &str, size: usize) -> Hash {
        let file = self.world.directory.file(name);
        std::fs::write(&file, picture(name, size)).unwrap();
        let done = phone.ask(&json!({
            "id": 1, "cmd": "photo", "action_id": id(name), "visit": id("visit"), "file": file,
            "clock": self.clock,
        }));
        done["photo"].as_str().unwrap().parse().unwrap()
    }

    fn sync(&self) -> Value {
        json!({ "id": 1, "cmd": "sync", "clock": self.clock })
    }

    /// The office opens the photo and sees what the camera saw.
    fn office_sees(&self, address: &Hash, name: &str, size: usize) {
        let seen = self.world.office.photo(self.order, address).unwrap();
        assert!(seen == picture(name, size), "{name} is another picture");
    }
}

#[test]
fn five_megabytes_arrive_over_a_link_that_drops_every_64_kilobytes() {
    const SIZE: usize = 5_000_000;
    let mut story = Story::new();
    let (_server, address) = server(&story.world);
    let relay = Relay::new(address);
    let mut phone = phone(&story.db(), &relay);
    let address = story.take(&mut phone, "the boiler", SIZE);
    let done = phone.ask(&story.sync());
    assert_eq!((&done["trouble"], &done["photos_sent"]), (&Value::Null, &json!(1)), "{done}");
    story.office_sees(&address, "the boiler", SIZE);
    let (up, drops) = (relay.up(), relay.drops.load(Ordering::SeqCst));
    let again = up - SIZE as u64;
    println!("{up} bytes up for {SIZE}, {drops} drops, {done}");
    assert!(drops > 10, "{drops} drops: the link is too good to show anything");
    // A part lost whole at each drop, at most as much as the link carries at once; requests' heads
    // and the exchanges beside.
    let parts = done["photo_parts"].as_u64().unwrap();
    assert!(again <= drops * DROPS_AFTER + parts * 1_024 + 16 * 1024, "{again} bytes sent again");
    assert_eq!(phone.ask(&json!({ "id": 1, "cmd": "state" }))["photos"]["arrived"], 1);
    assert_eq!(phone.ask(&story.sync())["photo_parts"], 0, "it is sent once");
}

#[test]
fn a_phone_and_a_server_killed_in_the_middle_go_on_where_they_were() {
    const SIZE: usize = 2_000_000;
    let mut story = Story::new();
    let (process, address) = server(&story.world);
    let relay = Relay::new(address);
    let db = story.db();
    let mut first = phone(&db, &relay);
    let address = story.take(&mut first, "the flue", SIZE);
    // The server dies in the middle of a part.
    let serving = Arc::new(Mutex::new(Some(process)));
    let dies = serving.clone();
    *relay.at.lock().unwrap() =
        Some((600_000, Box::new(move || drop(dies.lock().unwrap().take()))));
    let done = first.ask(&story.sync());
    assert_eq!(done["trouble"], "offline", "{done}");
    assert!(serving.lock().unwrap().is_none(), "the server was killed");
    let before = relay.up();
    assert!((600_000..700_000).contains(&before), "{before}");
    // Another server on the same file, and now the phone dies in the middle.
    let (_server, again) = server(&story.world);
    *relay.to.lock().unwrap() = again;
    let (told, dead) = std::sync::mpsc::channel();
    *relay.at.lock().unwrap() = Some((1_300_000, Box::new(move || told.send(()).unwrap())));
    first.say(&story.sync());
    dead.recv().unwrap();
    drop(first);
    // A third life of the phone: nothing is sent from the beginning.
    let mut last = phone(&db, &relay);
    let done = last.ask(&story.sync());
    assert_eq!((&done["trouble"], &done["photos_sent"]), (&Value::Null, &json!(1)), "{done}");
    story.office_sees(&address, "the flue", SIZE);
    let drops = relay.drops.load(Ordering::SeqCst);
    let again = relay.up() - SIZE as u64;
    assert!(again <= (drops + 2) * DROPS_AFTER + 256 * 1024, "{again} bytes, {drops} drops");
}

//! `doorstep serve` and `doorstep device`, each a process, as somebody would start them by hand.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("doorstep-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A child that doesn't outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn doorstep(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Posts JSON to the office's routes.
fn post(address: &str, path: &str, token: &str, body: &Value) -> Value {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /v1/office/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Reads one of the office's lists.
fn get(address: &str, path: &str, token: &str) -> Value {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /v1/office/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

struct Phone {
    process: Process,
    output: BufReader<std::process::ChildStdout>,
}

impl Phone {
    fn new(db: &Path, server: &str) -> Phone {
        let db = db.to_str().unwrap();
        let mut child = doorstep(&["device", "--db", db, "--server", server]).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Phone { process: Process(child), output }
    }

    fn ask_line(&mut self, line: &str) -> Value {
        writeln!(self.process.0.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn ask(&mut self, mut request: Value) -> Value {
        request["clock"] = json!({
            "wall": 1_795_000_000_000_i64, "zone": 480, "boot": "00112233445566778899aabbccddeeff",
            "since_boot_ms": 5_000,
        });
        self.ask_line(&request.to_string())
    }
}

#[test]
fn a_phone_enrols_at_a_server_and_exchanges_with_it() {
    let directory = Directory::new("serve");
    let db = directory.0.join("server.db");
    let start = ["serve", "--init", "--listen", "127.0.0.1:0", "--db", db.to_str().unwrap()];
    let mut server = Process(doorstep(&start).spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = |word: &str| {
        let line = lines.find(|line| line.starts_with(word)).unwrap();
        line[word.len()..].split_whitespace().next().unwrap().to_owned()
    };
    let (key, code) = (said("company key "), said("bootstrap code "));
    let url = said("listening on ");
    let address = url.strip_prefix("http://").unwrap();
    let he = json!({ "name": "He", "role": "supervisor", "bootstrap": code });
    let he = post(address, "accounts", "", &he);
    let token = he["token"].as_str().unwrap();
    let mei = post(address, "people", token, &json!({ "name": "Mei", "badge": "0417" }));
    let person = json!({ "person": mei["person"] });
    let slip = post(address, "enrolment-codes", token, &person);
    assert_eq!(slip["company_key"], json!(key));

    let file = directory.0.join("phone.db");
    let mut phone = Phone::new(&file, &url);
    assert_eq!(phone.ask(json!({ "id": 1, "cmd": "sync" }))["error"]["kind"], "not_enrolled");
    let stranger = json!({
        "id": 2, "cmd": "enrol", "code": slip["code"], "company_key": "ab".repeat(32),
    });
    assert_eq!(phone.ask(stranger)["error"]["kind"], "not_our_server");
    let enrol = json!({ "id": 3, "cmd": "enrol", "code": slip["code"], "company_key": key });
    let enrolled = phone.ask(enrol);
    assert_eq!(enrolled["ok"]["person"], mei["person"], "{enrolled}");
    let synced = phone.ask(json!({ "id": 4, "cmd": "sync" }));
    assert_eq!(synced["ok"]["trouble"], Value::Null, "{synced}");
    // She begins her shift where there is no network, and her phone is to be handed in.
    let shift = json!({
        "id": 5, "cmd": "act", "action_id": "00000000000000000000000000000002",
        "action": { "do": "start_shift", "float": "200.00 CNY" },
    });
    let shift = phone.ask(shift);
    assert!(shift["ok"].is_object(), "{shift}");
    drop(phone);
    let looked = doorstep(&["doctor", file.to_str().unwrap()]).output().unwrap();
    assert!(looked.status.success());
    // A file of an earlier version is not upgraded by looking at it.
    let (older, mut bytes) = (directory.0.join("older.db"), std::fs::read(&file).unwrap());
    bytes[63] -= 1;
    std::fs::write(&older, &bytes).unwrap();
    doorstep(&["doctor", older.to_str().unwrap()]).output().unwrap();
    assert!(std::fs::read(&older).unwrap() == bytes, "looking has written");

    let path = |name: &str| directory.0.join(name).to_str().unwrap().to_owned();
    let told = |arguments: &[&str]| {
        let output = doorstep(arguments).output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (rescued, said) = told(&["rescue", &path("phone.db"), "--out", &path("rescued")]);
    assert!(rescued && said.contains("carry-1.cose: 1 events"), "{said}");
    let (unsent, answer) = (path("rescued/carry-1.cose"), path("answer"));
    let carry = ["carry", &unsent, "--server", &url, "--key", &key, "--answer", &answer];
    assert!(told(&carry).0);
    assert!(std::fs::metadata(&answer).unwrap().len() > 100);
    // The office says in writing that it has all of it, and anybody can check the office's word.
    let devices = get(address, "devices", token);
    let statement = &devices[0]["statement"];
    assert_eq!(statement["nothing_unsent"], true);
    let signed = statement["signed"].as_str().unwrap();
    let (holds, said) = told(&["verify", "statement", signed, "--key", &key]);
    assert!(holds && said.contains("1 of 1"), "{said}");
    let forged = signed.replace(&signed[signed.len() - 8..], "00000000");
    assert!(!told(&["verify", "statement", &forged, "--key", &key]).0);
    assert!(!told(&["verify", "statement", signed, "--key", &"ab".repeat(32)]).0);
    let (printed, record) = told(&["flight-record", &path("phone.db")]);
    assert!(printed && record.contains("answered") && !record.contains("Mei"), "{record}");
}

#[test]
fn two_servers_on_one_postgresql_stand_in_for_each_other() {
    let directory = Directory::new("two-servers");
    let database = doorstep_test_postgres::database();
    let keys = directory.0.join("company.keys");
    let start = ["serve", "--init", "--listen", "127.0.0.1:0", "--db", &database.url];
    let serve = || {
        let mut child = doorstep(&start).arg("--keys").arg(&keys).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        (Process(child), lines)
    };
    let (one, mut said) = serve();
    let mut said = |word: &str| {
        let line = said.find(|line| line.starts_with(word)).unwrap();
        line[word.len()..].split_whitespace().next().unwrap().to_owned()
    };
    let (key, code, at_one) =
        (said("company key "), said("bootstrap code "), said("listening on "));
    let he = json!({ "name": "He", "role": "supervisor", "bootstrap": code });
    let he = post(&at_one["http://".len()..], "accounts", "", &he);
    let (_two, mut said) = serve();
    assert_eq!(said.next().unwrap(), format!("company key {key}"));
    let listening = said.next().unwrap();
    let at_two = listening.strip_prefix("listening on ").unwrap();
    let token = he["token"].as_str().unwrap();
    let office = &at_two["http://".len()..];
    let mei = post(office, "people", token, &json!({ "name": "Mei", "badge": "0417" }));
    let slip = post(office, "enrolment-codes", token, &json!({ "person": mei["person"] }));
    let file = directory.0.join("phone.db");
    let mut phone = Phone::new(&file, &at_one);
    let enrol = json!({ "id": 1, "cmd": "enrol", "code": slip["code"], "company_key": key });
    assert_eq!(phone.ask(enrol)["ok"]["person"], mei["person"]);
    drop((phone, one));
    // The first is killed; the phone knows no difference.
    let mut phone = Phone::new(&file, at_two);
    let synced = phone.ask(json!({ "id": 2, "cmd": "sync" }));
    assert_eq!(synced["ok"]["trouble"], Value::Null, "{synced}");
    let mut refused = doorstep(&start);
    let refused = refused.output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--keys"));
}

#[test]
fn a_phone_answers_nonsense_and_goes_on() {
    let directory = Directory::new("nonsense");
    let mut phone = Phone::new(&directory.0.join("phone.db"), "http://127.0.0.1:9");
    for line in ["nonsense", "{}", "[1]", r#"{"cmd":"fly"}"#, r#"{"cmd":"act"}"#, "\u{0}"] {
        let answer = phone.ask_line(line);
        assert_eq!(answer["error"]["kind"], "malformed", "{line}: {answer}");
    }
    let huge = json!({ "id": 7, "cmd": "act", "action_id": "00".repeat(16), "action": {
        "do": "record", "visit": "00".repeat(16), "step": "knock", "value": { "count": i64::MAX },
    }});
    assert_eq!(phone.ask(huge)["error"]["kind"], "not_enrolled");
    assert_eq!(phone.ask(json!({ "id": 8, "cmd": "state" }))["id"], 8);
}

#[test]
fn files_that_are_no_phones_are_left_alone() {
    let directory = Directory::new("foreign");
    let file = directory.0.join("letter.txt");
    let text = "Dear Mrs Chan, this is no database. ".repeat(100);
    std::fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    for arguments in
        [&["doctor", path][..], &["receipt", "1", "--db", path], &["device", "--db", path]]
    {
        let run = doorstep(arguments).stdin(Stdio::null()).output().unwrap();
        assert_eq!(run.status.code(), Some(1), "{arguments:?}");
        assert!(String::from_utf8_lossy(&run.stderr).contains("database"), "{arguments:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    // SQLite takes an empty file for a new database; a phone whose file is empty has lost everything.
    let empty = directory.0.join("empty.db");
    std::fs::write(&empty, b"").unwrap();
    for path in [empty.as_path(), directory.0.as_path()] {
        let run = doorstep(&["doctor", path.to_str().unwrap()]).output().unwrap();
        assert_eq!(run.status.code(), Some(1), "{}", path.display());
    }
    assert_eq!(std::fs::metadata(&empty).unwrap().len(), 0);
    let nowhere = directory.0.join("nowhere.db");
    let run = doorstep(&["doctor", nowhere.to_str().unwrap()]).output().unwrap();
    assert!(run.status.code() == Some(1) && !nowhere.exists());
}

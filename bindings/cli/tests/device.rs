//! `doorstep device` with lines that make no sense: told so, forgotten, and nothing is lost.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use doorstep_tests::Directory;
use serde_json::Value;

fn device(db: &Path, input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_doorstep"))
        .args(["device", "--db"])
        .arg(db)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may stop listening before all of it is read.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn kinds(output: &Output) -> Vec<String> {
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice::<Value>(line).unwrap())
        .map(|answer| answer["error"]["kind"].as_str().unwrap_or("ok").to_owned())
        .collect()
}

#[test]
fn lines_that_are_no_requests_are_told_so_and_the_next_one_works() {
    let directory = Directory::new();
    let clock = r#"{"wall":1795000000000,"zone":480,"boot":"00000000000000000000000000000001","since_boot_ms":1}"#;
    let act = |action: &str| {
        format!(
            r#"{{"cmd":"act","action_id":"00000000000000000000000000000002","clock":{clock},"action":{action}}}"#
        )
        .into_bytes()
    };
    let lines: Vec<(Vec<u8>, &str)> = vec![
        (b"\xff\xfe\x00 not text".to_vec(), "malformed"),
        (b"{\"cmd\":\"act\",\"note\":\"\xc3\x28\"}".to_vec(), "malformed"),
        (b"<html>".to_vec(), "malformed"),
        (b"{\"cmd\":\"moonwalk\"}".to_vec(), "malformed"),
        (b"[".repeat(100_000), "malformed"),
        (act(r#"{"do":"start_shift","float":"1e9 CNY"}"#), "malformed"),
        (act(r#"{"do":"start_shift","float":"99999999999999999999.00 CNY"}"#), "malformed"),
        (act(r#"{"do":"start_shift","float":"200.00 CNY"}"#), "not_enrolled"),
        (b"{\"cmd\":\"doctor\"}".to_vec(), "ok"),
    ];
    let mut input = Vec::new();
    for (line, _) in &lines {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    let output = device(&directory.file("mei.db"), &input);
    assert!(output.status.success(), "{output:?}");
    let expected: Vec<_> = lines.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds(&output), expected);
}

#[test]
fn a_line_without_an_end_ends_the_phone_with_its_limit_named() {
    let directory = Directory::new();
    let output = device(&directory.file("mei.db"), &vec![b' '; 2 * 1024 * 1024]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("1048576"), "{output:?}");
}

#[test]
fn a_file_that_is_no_phones_is_refused_in_words_and_left_as_it_is() {
    let directory = Directory::new();
    let letter = directory.file("letter.txt");
    let text = "Dear Mrs Chan, ".repeat(500);
    std::fs::write(&letter, &text).unwrap();
    let output = device(&letter, b"{\"cmd\":\"state\"}\n");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("no readable database") && !told.contains("panicked"), "{told}");
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), text);
}

//! The wire format, told by two programs that share no code: what the Python script wrote holds
//! here, and what is written here is checked in for the script to read.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

mod facts;
mod story;

use facts::With;
use serde_json::{Value, json};

fn path(file: &str) -> String {
    format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What each vector says wrongly.
fn differences(file: &Value) -> Vec<String> {
    let vectors = file["vectors"].as_array().unwrap();
    assert!(vectors.len() > 20, "a file with {} vectors shows little", vectors.len());
    let difference = |vector: &Value| {
        let text = |name: &str| vector[name].as_str().unwrap();
        let with = With(vector["with"].as_object().unwrap());
        let found = facts::examine(text("kind"), text("input"), &with);
        let found = found.unwrap_or_else(|code| json!({ "refused": code }));
        let wanted = match vector.get("refused") {
            Some(code) => json!({ "refused": code }),
            None => vector["expect"].clone(),
        };
        (found != wanted).then(|| format!("{}: expected {wanted}, found {found}", text("name")))
    };
    vectors.iter().filter_map(difference).collect()
}

#[test]
fn every_vector_python_wrote_says_the_same_here() {
    let wrong = differences(&serde_json::from_str(&text("python.json")).unwrap());
    assert!(wrong.is_empty(), "{} vectors differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Bytes that change here change for every phone and office: `UPDATE_VECTORS=1` writes them anew,
/// for whoever means it.
#[test]
fn what_the_core_writes_is_what_is_checked_in() {
    let written = story::render();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path("rust.json"), &written).unwrap();
    }
    let wrong = differences(&serde_json::from_str(&written).unwrap());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        text("rust.json") == written,
        "tests/vectors/rust.json is not what this core writes: if the format was meant to change, \
         run with UPDATE_VECTORS=1 and look at the difference"
    );
}

//! The wire format, told by two programs that share no code: what the Python script wrote holds
//! here, and what is written here is checked in for the script to read.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

mod facts;

use facts::With;
use serde_json::{Value, json};

fn read(file: &str) -> Value {
    let path = format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
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
    let wrong = differences(&read("python.json"));
    assert!(wrong.is_empty(), "{} vectors differ:\n{}", wrong.len(), wrong.join("\n"));
}

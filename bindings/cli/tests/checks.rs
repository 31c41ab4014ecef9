//! The commands that need no phone, as somebody types them.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{path::PathBuf, process::Command};

use doorstep::{log::Subject, money::ReceiptNumber, proof::ReceiptProof};

fn doorstep(arguments: &[&str]) -> (i32, String, String) {
    let run = Command::new(env!("CARGO_BIN_EXE_doorstep")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("doorstep-cli-{}-{name}", std::process::id()));
    std::fs::write(&path, content).unwrap();
    path
}

/// One check of the vectors both programs share.
fn vector(name: &str) -> serde_json::Value {
    let file = include_str!("../../../tests/vectors/python.json");
    let vectors: serde_json::Value = serde_json::from_str(file).unwrap();
    let found = vectors["vectors"].as_array().unwrap().iter().find(|v| v["name"] == name);
    found.unwrap_or_else(|| panic!("no vector {name}")).clone()
}

#[test]
fn a_good_standard_passes_and_a_broken_one_is_told_by_line_and_column() {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../../standards/repair.toml");
    let (code, out, _) = doorstep(&["standard", "check", shipped]);
    assert!(code == 0 && out.contains("gz-repair"), "{out}");
    let text = std::fs::read_to_string(shipped).unwrap().replace("door.open", "door.opne");
    let broken = file("broken.toml", text.as_bytes());
    let (code, _, told) = doorstep(&["standard", "check", broken.to_str().unwrap()]);
    assert_eq!(code, 1);
    let line = text.lines().position(|line| line.contains("door.opne")).unwrap() + 1;
    let place = format!("{}:{line}:", broken.display());
    assert!(told.starts_with(&place) && told.contains("did you mean"), "{told}");
    std::fs::remove_file(broken).unwrap();
}

/// The number that stands on the paper: labelled with the device's receipt series.
fn printed(text: &str, key: &str) -> String {
    let key = data_encoding::HEXLOWER.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let receipt = ReceiptProof::parse(text).unwrap().verify(&key).unwrap();
    let series = Subject::receipt_series(receipt.certificate.id()).id;
    ReceiptNumber::new(series, receipt.paper.number()).unwrap().to_string()
}

#[test]
fn a_receipt_holds_in_three_languages_and_one_altered_letter_does_not() {
    let receipt = vector("receipt 1");
    let (text, key) =
        (receipt["input"].as_str().unwrap(), receipt["with"]["company"].as_str().unwrap());
    for (lang, word) in [("en", "holds"), ("zh-Hans", "有效"), ("zh-Hant", "有效")] {
        let check = ["verify", "receipt", text, "--key", key, "--lang", lang];
        let (code, out, err) = doorstep(&check);
        assert!(code == 0 && out.contains(word), "{out}{err}");
        assert!(out.lines().next().unwrap().contains(&printed(text, key)), "{out}");
    }
    let mut altered = text.to_owned();
    let letter = if altered.as_bytes()[200] == b'A' { "B" } else { "A" };
    altered.replace_range(200..201, letter);
    let (code, out, err) = doorstep(&["verify", "receipt", &altered, "--key", key]);
    assert!(code == 1 && out.is_empty() && err.contains("does not hold"), "{err}");
}

#[test]
fn a_refund_is_told_from_a_receipt_and_names_the_receipt_whose_money_went_back() {
    let refund = vector("refund 4");
    let (text, key) =
        (refund["input"].as_str().unwrap(), refund["with"]["company"].as_str().unwrap());
    let of = printed(vector("receipt 1")["input"].as_str().unwrap(), key);
    for (lang, word) in
        [("en", "This refund holds"), ("zh-Hans", "退款单有效"), ("zh-Hant", "退款單有效")]
    {
        let (code, out, err) = doorstep(&["verify", "receipt", text, "--key", key, "--lang", lang]);
        assert!(code == 0 && out.starts_with(word), "{out}{err}");
        for part in [printed(text, key).as_str(), of.as_str(), "CNY 40.00", "Mrs Chan 陈"] {
            assert!(out.contains(part), "`{part}` is missing in\n{out}");
        }
    }
    let altered = vector("a refund with an altered amount");
    let text = altered["input"].as_str().unwrap();
    let (code, out, _) = doorstep(&["verify", "receipt", text, "--key", key]);
    assert!(code == 1 && out.is_empty(), "{out}");
}

#[test]
fn an_exported_visit_is_told_and_one_altered_byte_is_refused() {
    let export = vector("an export");
    let hex = export["input"].as_str().unwrap();
    let key = export["with"]["company"].as_str().unwrap();
    let mut bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let whole = file("visit.bin", &bytes);
    let (code, out, err) = doorstep(&["verify", "visit", whole.to_str().unwrap(), "--key", key]);
    assert!(code == 0 && out.contains("OrderOpened"), "{out}{err}");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let altered = file("altered.bin", &bytes);
    let (code, ..) = doorstep(&["verify", "visit", altered.to_str().unwrap(), "--key", key]);
    assert_eq!(code, 1);
    std::fs::remove_file(whole).unwrap();
    std::fs::remove_file(altered).unwrap();
}

//! Commands that look into a phone's file: `doctor` and `receipt`.

use std::{io::Write, path::Path};

use doorstep::base::Lang;

use crate::device::{self, Form};

/// Looks whether the file is sound, and prints what was looked at.
pub(crate) fn doctor(db: &Path) -> Result<(), String> {
    let report = existing(db)?.doctor().map_err(|error| error.to_string())?;
    println!(
        "{} streams, {} events, {} seals looked at",
        report.streams, report.events, report.seals
    );
    if report.problems.is_empty() {
        println!("{} is sound", db.display());
        return Ok(());
    }
    Err(report.problems.join("\n"))
}

/// Prints the receipt whose number or counter is `id`.
pub(crate) fn receipt(id: &str, db: &Path, form: Form, lang: Lang) -> Result<(), String> {
    let engine = existing(db)?;
    let receipts = engine.receipts().map_err(|error| error.to_string())?;
    let found = receipts.iter().find(|r| r.number == id || r.counter.to_string() == id);
    let Some(found) = found else {
        let known: Vec<_> = receipts.iter().map(|receipt| receipt.number.as_str()).collect();
        return Err(format!("no receipt `{id}` in this file; it holds: {}", known.join(", ")));
    };
    let bytes = device::receipt_bytes(&engine, found.counter, form, lang)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Opens a file that is there: looking must not make one.
fn existing(db: &Path) -> Result<doorstep::engine::Engine, String> {
    if !db.is_file() {
        return Err(format!("{}: there is no such file", db.display()));
    }
    device::open(db, None)
}

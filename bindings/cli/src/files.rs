//! Commands that look into a phone's file: `doctor` and `receipt`.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use doorstep::{
    base::Lang,
    document::{Font, pdf},
};

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

/// How a receipt is to be printed.
pub(crate) enum Wanted {
    Form(Form),
    Pdf { font: PathBuf, face: u32 },
}

/// Prints the receipt whose number or counter is `id`.
pub(crate) fn receipt(id: &str, db: &Path, wanted: &Wanted, lang: Lang) -> Result<(), String> {
    let engine = existing(db)?;
    let receipts = engine.receipts().map_err(|error| error.to_string())?;
    let found = receipts.iter().find(|r| r.number == id || r.counter.to_string() == id);
    let Some(found) = found else {
        let known: Vec<_> = receipts.iter().map(|receipt| receipt.number.as_str()).collect();
        return Err(format!("no receipt `{id}` in this file; it holds: {}", known.join(", ")));
    };
    let bytes = match wanted {
        Wanted::Form(form) => device::receipt_bytes(&engine, found.counter, *form, lang)?,
        Wanted::Pdf { font, face } => {
            let doc = engine.receipt_doc(found.counter, 0).map_err(|error| error.to_string())?;
            let file = std::fs::read(font).map_err(|e| format!("{}: {e}", font.display()))?;
            let font = Font::new(&file, *face).map_err(|error| error.to_string())?;
            pdf(&doc, lang, &font).map_err(|error| error.to_string())?
        }
    };
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

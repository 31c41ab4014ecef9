//! Commands that look into a phone's file: `doctor`, `receipt`, `flight-record` and `rescue`.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use doorstep::{
    base::{ClockReading, Entropy, Lang, Zone},
    document::{Font, pdf},
};
use doorstep_server::{Clock, OsEntropy, SystemClock};

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

/// Prints the flight recorder.
pub(crate) fn flight_record(db: &Path) -> Result<(), String> {
    let record = existing(db)?.flight_record(&reading()).map_err(|error| error.to_string())?;
    println!("{}", record.to_json());
    Ok(())
}

/// Writes what the server lacks into files.
pub(crate) fn rescue(db: &Path, out: &Path) -> Result<(), String> {
    let leave = existing(db)?.leave(&reading()).map_err(|error| error.to_string())?;
    if leave.everything_sent {
        println!("the server holds all of it, and said so: nothing to rescue");
        return Ok(());
    }
    let fails = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(out).map_err(|error| fails(out, error))?;
    for (number, file) in leave.files.iter().enumerate() {
        let path = out.join(format!("unsent-{}.cose", number + 1));
        // Never over a file of another rescue.
        let mut into = File::create_new(&path).map_err(|error| fails(&path, error))?;
        into.write_all(&file.bytes)
            .and_then(|()| into.sync_all())
            .map_err(|error| fails(&path, error))?;
        println!("{}: {} events", path.display(), file.events);
    }
    if leave.photos > 0 {
        println!("{} photos are in no file: keep the phone's own file", leave.photos);
    }
    println!("bring them in with: doorstep carry FILE --server ADDRESS --key KEY --answer FILE");
    Ok(())
}

/// This machine's clock in the phone's place: it says when the file was made, and nothing of when the
/// work was done.
fn reading() -> ClockReading {
    ClockReading {
        wall: SystemClock.now(),
        zone: Zone(0),
        boot: (&mut OsEntropy as &mut dyn Entropy).id(),
        since_boot_ms: 0,
    }
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

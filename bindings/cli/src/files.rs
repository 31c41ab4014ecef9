//! Commands that look into a phone's file: `doctor`, `receipt`, `flight-record` and `rescue`.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use doorstep::{
    base::{ClockReading, Entropy, Lang, Zone},
    document::{Font, pdf},
    engine::ActError,
    store::{SCHEMA_VERSION, StoreError},
};
use doorstep_server::{Clock, OsEntropy, SystemClock};

use crate::device::{self, Form};

/// Looks whether the file is sound, and prints what was looked at.
pub(crate) fn doctor(db: &Path) -> Result<(), String> {
    present(db)?;
    let copied = Copied::of_older(db)?;
    let engine = match &copied {
        Some(copied) => device::open_with_keys(&copied.file, db)?,
        None => device::open(db, None)?,
    };
    let report = engine.doctor().map_err(|error| match error {
        ActError::Store(StoreError::Damaged(what)) => format!(
            "{}: this database is damaged ({what}): keep the file as it is; `doorstep rescue` writes out what can still be read",
            db.display()
        ),
        error => error.to_string(),
    })?;
    if copied.is_some() {
        println!(
            "written by an earlier version: an upgraded copy is looked at, the file stays as it is"
        );
    }
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

/// Writes what no backup of the server covers into files.
pub(crate) fn rescue(db: &Path, out: &Path) -> Result<(), String> {
    let told = |error: ActError| error.to_string();
    let mut engine = existing(db)?;
    let leave = engine.leave(&reading()).map_err(told)?;
    if leave.everything_safe {
        println!("a backup of the server covers all of it: nothing to rescue");
        return Ok(());
    }
    std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
    for (number, file) in leave.files.iter().enumerate() {
        let path = out.join(format!("carry-{}.cose", number + 1));
        write_new(&path, &file.bytes)?;
        println!("{}: {} events", path.display(), file.events);
    }
    for (photo, address) in leave.photos_to_carry.iter().enumerate() {
        for (number, file) in
            engine.photo_files(&reading(), address).map_err(told)?.iter().enumerate()
        {
            let path = out.join(format!("carry-photo-{}-{}.cose", photo + 1, number + 1));
            write_new(&path, &file.bytes)?;
            println!("{}: of photo {address}", path.display());
        }
    }
    println!(
        "bring them in, in this order: doorstep carry FILE --server ADDRESS --key KEY --answer FILE"
    );
    Ok(())
}

/// Never over a file of another rescue; on the disk when this returns.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let fails = |error: io::Error| format!("{}: {error}", path.display());
    let mut into = File::create_new(path).map_err(fails)?;
    into.write_all(bytes).and_then(|()| into.sync_all()).map_err(fails)
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

/// Prints the receipt or refund whose number or counter is `id`.
pub(crate) fn receipt(id: &str, db: &Path, wanted: &Wanted, lang: Lang) -> Result<(), String> {
    let engine = existing(db)?;
    let receipts = engine.receipts().map_err(|error| error.to_string())?.into_iter();
    let refunds = engine.refunds().map_err(|error| error.to_string())?.into_iter();
    let mut numbers: Vec<_> = receipts.map(|it| (it.counter, it.number)).collect();
    numbers.extend(refunds.map(|it| (it.counter, it.number)));
    numbers.sort();
    let found = numbers.iter().find(|(counter, number)| number == id || counter.to_string() == id);
    let Some((counter, _)) = found else {
        let known: Vec<_> = numbers.iter().map(|(_, number)| number.as_str()).collect();
        return Err(format!("no receipt `{id}` in this file; it holds: {}", known.join(", ")));
    };
    let bytes = match wanted {
        Wanted::Form(form) => device::receipt_bytes(&engine, *counter, *form, lang)?,
        Wanted::Pdf { font, face } => {
            let doc = engine.numbered(*counter, 0).map_err(|error| error.to_string())?;
            let file = std::fs::read(font).map_err(|e| format!("{}: {e}", font.display()))?;
            let font = Font::new(&file, *face).map_err(|error| error.to_string())?;
            pdf(&*doc, lang, &font).map_err(|error| error.to_string())?
        }
    };
    let mut out = std::io::stdout().lock();
    out.write_all(&bytes).and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Opens a file that is there: looking must not make one.
fn existing(db: &Path) -> Result<doorstep::engine::Engine, String> {
    present(db)?;
    device::open(db, None)
}

/// Whether there is anything to look at. SQLite takes an empty file for a new database and would write
/// its tables into it.
fn present(db: &Path) -> Result<(), String> {
    let told = |what: &str| Err(format!("{}: {what}", db.display()));
    match std::fs::metadata(db) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => told("there is no such file"),
        Err(error) => told(&error.to_string()),
        Ok(found) if found.is_dir() => told("this is a directory: name the phone's file in it"),
        Ok(found) if found.len() == 0 => {
            told("this file is empty: nothing of a phone is in it; look for a copy of it")
        }
        Ok(_) => Ok(()),
    }
}

/// A copy of a file that an earlier version wrote: opened itself, it would be upgraded.
struct Copied {
    folder: PathBuf,
    file: PathBuf,
}

impl Copied {
    fn of_older(db: &Path) -> Result<Option<Copied>, String> {
        let fails = |error: io::Error| format!("{}: {error}", db.display());
        let mut head = [0; 100];
        let whole = File::open(db).and_then(|mut file| file.read_exact(&mut head));
        // SQLite keeps `user_version` here, big-endian. What is shorter is none of its files.
        let version = i64::from(i32::from_be_bytes([head[60], head[61], head[62], head[63]]));
        if whole.is_err() || !(1..SCHEMA_VERSION).contains(&version) {
            return Ok(None);
        }
        let folder = std::env::temp_dir().join(format!("doorstep-doctor-{}", std::process::id()));
        let mut make = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
        make.create(&folder).map_err(fails)?;
        let copied = Copied { file: folder.join("phone.db"), folder };
        std::fs::copy(db, &copied.file).map_err(fails)?;
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push("-wal");
            PathBuf::from(name)
        };
        if beside(db).exists() {
            std::fs::copy(beside(db), beside(&copied.file)).map_err(fails)?;
        }
        Ok(Some(copied))
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

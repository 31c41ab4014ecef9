//! `doorstep standard check`.

use std::path::{Path, PathBuf};

use doorstep::{
    base::SourceError,
    money::PriceList,
    standard::{
        Calendar, FileKind, Profile, Remark, ServicePromises, Severity, check as look_through,
    },
};
use serde_json::{Value, json};

use super::{placed, read};

/// What became of one file.
struct Outcome {
    kind: FileKind,
    remarks: Vec<Remark>,
    /// What it is, when it can be used.
    usable: Option<Usable>,
}

struct Usable {
    id: String,
    version: u32,
    /// How many, of what a file of its kind is made of.
    count: usize,
    of: &'static str,
}

/// Checks every file and prints what was found. `Err` when one can't be used, or, if strict, has
/// warnings; its text is what stands in no line yet.
pub(crate) fn check(files: &[PathBuf], strict: bool, json: bool) -> Result<(), String> {
    let mut refused = 0;
    let mut told = Vec::new();
    for file in files {
        let outcome = look(file);
        let warnings = outcome.remarks.iter().any(|it| it.severity == Severity::Warning);
        let ok = outcome.usable.is_some() && !(strict && warnings);
        refused += usize::from(!ok);
        if json {
            told.push(as_json(file, &outcome, ok));
        } else {
            print(file, &outcome, ok);
        }
    }
    if json {
        println!("{:#}", Value::from(told));
    }
    match refused {
        0 => Ok(()),
        _ if json => Err(String::new()),
        _ => Err(format!("{refused} of {} files refused", files.len())),
    }
}

fn look(file: &Path) -> Outcome {
    match read(file) {
        Ok(text) => look_at(&text),
        Err(place) => {
            let remarks = vec![Remark { severity: Severity::Error, code: "unreadable", place }];
            Outcome { kind: FileKind::Standard, remarks, usable: None }
        }
    }
}

/// All remarks on a file that can't be used, each at its place.
pub(super) fn told(file: &Path, remarks: &[Remark]) -> String {
    let lines = remarks.iter().map(|remark| placed(file, severity(remark), &remark.place));
    lines.collect::<Vec<_>>().join("\n")
}

/// An error if the text can't be used as what it is.
pub(super) fn sound(file: &Path, text: &str) -> Result<(), String> {
    let Outcome { remarks, usable, .. } = look_at(text);
    usable.map(|_| ()).ok_or_else(|| told(file, &remarks))
}

fn look_at(text: &str) -> Outcome {
    let kind = FileKind::guess(text);
    let made = |id: &str, version, count, of| Usable { id: id.to_owned(), version, count, of };
    let loaded = match kind {
        FileKind::Standard => {
            let checked = look_through(text);
            let usable =
                checked.standard.map(|it| made(it.id(), it.version(), it.steps().count(), "steps"));
            return Outcome { kind, remarks: checked.remarks, usable };
        }
        FileKind::Profile => Profile::load(text)
            .map(|it| made(&it.id, it.version, it.scales.len(), "scales of hazards")),
        FileKind::PriceList => {
            PriceList::load(text).map(|it| made(it.id(), it.version(), it.items().len(), "items"))
        }
        FileKind::Promises => ServicePromises::load(text)
            .map(|it| made(kind.name(), 1, it.promises.len(), "promises")),
        FileKind::Calendar => {
            Calendar::load(text).map(|it| made(kind.name(), 1, it.holidays().count(), "holidays"))
        }
    };
    let remark = |place: SourceError| Remark { severity: Severity::Error, code: "load", place };
    match loaded {
        Ok(usable) => Outcome { kind, remarks: Vec::new(), usable: Some(usable) },
        Err(errors) => {
            let remarks = errors.into_iter().map(remark).collect();
            Outcome { kind, remarks, usable: None }
        }
    }
}

fn severity(remark: &Remark) -> &'static str {
    match remark.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn print(file: &Path, outcome: &Outcome, ok: bool) {
    for remark in &outcome.remarks {
        eprintln!("{}", placed(file, severity(remark), &remark.place));
    }
    let name = file.display();
    match &outcome.usable {
        Some(it) if ok => {
            let Usable { id, version, count, of } = it;
            println!("{name}: `{id}` version {version} can be used: {count} {of}");
        }
        _ => {
            let count = outcome.remarks.len();
            println!("{name}: refused: {count} to mend");
        }
    }
}

fn as_json(file: &Path, outcome: &Outcome, ok: bool) -> Value {
    let remark = |it: &Remark| {
        json!({
            "severity": severity(it),
            "code": it.code,
            "line": it.place.line,
            "column": it.place.column,
            "message": it.place.message,
        })
    };
    let usable = outcome.usable.as_ref();
    json!({
        "file": file.display().to_string(),
        "kind": outcome.kind.name(),
        "ok": ok,
        "id": usable.map(|it| &it.id),
        "version": usable.map(|it| it.version),
        "remarks": outcome.remarks.iter().map(remark).collect::<Vec<_>>(),
    })
}

//! `doorstep standard`: what those who write standards work with.

mod check;
mod data_diff;
mod diff;
mod preview;
mod schema;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use doorstep::{
    base::{Lang, SourceError},
    money::PRICE_LIST_LIMIT,
    standard::{Checked, FileKind, Standard, check as look_through},
};

#[derive(Subcommand)]
pub(crate) enum StandardCommand {
    /// Checks standards, profiles, price lists, promises and calendars.
    ///
    /// Prints everything found as FILE:line:column: error or warning: what to do. Exit status 1
    /// when a file can't be used.
    Check {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Refuse files with warnings, too.
        #[arg(long)]
        strict: bool,
        /// Print what was found as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says in words what changed from one version of a file to another.
    Diff {
        /// The file as it was.
        old: PathBuf,
        /// The file as it is now.
        new: PathBuf,
        /// In which language: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Draws the whole visit as a page to read and print, in every language.
    Preview {
        /// The file.
        file: PathBuf,
        /// The language shown first: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "en")]
        lang: Lang,
        /// Write the page to this file instead of standard output.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Prints the JSON Schema of a kind of file, for editors.
    Schema {
        /// standard, profile, price-list, service-promises or calendar.
        #[arg(value_parser = kind)]
        kind: FileKind,
    },
}

fn kind(name: &str) -> Result<FileKind, String> {
    let found = FileKind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| format!("write one of {}", FileKind::ALL.map(FileKind::name).join(", ")))
}

pub(crate) fn run(command: StandardCommand) -> Result<(), String> {
    match command {
        StandardCommand::Check { files, strict, json } => check::check(&files, strict, json),
        StandardCommand::Diff { old, new, lang } => {
            for line in difference(&old, &new, lang)? {
                println!("{line}");
            }
            Ok(())
        }
        StandardCommand::Preview { file, lang, out } => {
            let page = preview::page(&usable(&file)?, lang);
            match out {
                None => print!("{page}"),
                Some(out) => std::fs::write(&out, page)
                    .map_err(|error| format!("{}: {error}", out.display()))?,
            }
            Ok(())
        }
        StandardCommand::Schema { kind } => {
            println!("{}", schema::schema(kind));
            Ok(())
        }
    }
}

/// What changed between two files of one kind.
fn difference(old: &Path, new: &Path, lang: Lang) -> Result<Vec<String>, String> {
    let (was, is) = (text(old)?, text(new)?);
    let kinds = (FileKind::guess(&was), FileKind::guess(&is));
    if kinds == (FileKind::Standard, FileKind::Standard) {
        return Ok(diff::diff(&standard(old, &was)?, &standard(new, &is)?, lang));
    }
    check::sound(old, &was)?;
    check::sound(new, &is)?;
    if kinds.0 != kinds.1 {
        let (was, is) = (kinds.0.name(), kinds.1.name());
        return Err(format!(
            "{} is a {was}, {} a {is}: compare two files of one kind",
            old.display(),
            new.display()
        ));
    }
    let table = |file: &Path, text: &str| {
        text.parse::<toml::Table>().map_err(|error| format!("{}: {error}", file.display()))
    };
    Ok(data_diff::diff(&table(old, &was)?, &table(new, &is)?, lang))
}

/// A standard that has no errors, or what is wrong with the file.
fn usable(file: &Path) -> Result<Standard, String> {
    let text = text(file)?;
    let kind = FileKind::guess(&text);
    if kind == FileKind::Standard {
        return standard(file, &text);
    }
    check::sound(file, &text)?;
    Err(format!("{} is a {}: only a standard can be drawn", file.display(), kind.name()))
}

fn standard(file: &Path, text: &str) -> Result<Standard, String> {
    let Checked { standard, remarks } = look_through(text);
    standard.ok_or_else(|| check::told(file, &remarks))
}

fn text(file: &Path) -> Result<String, String> {
    read(file).map_err(|error| placed(file, "error", &error))
}

/// A file of another kind, as its reader makes it, or every error at its place.
pub(crate) fn loaded<T>(
    file: &Path,
    load: impl Fn(&str) -> Result<T, Vec<SourceError>>,
) -> Result<T, String> {
    let text = text(file)?;
    let told = |errors: Vec<SourceError>| {
        let lines: Vec<_> = errors.iter().map(|error| placed(file, "error", error)).collect();
        lines.join("\n")
    };
    load(&text).map_err(told)
}

fn placed(file: &Path, severity: &str, place: &SourceError) -> String {
    let name = file.display();
    format!("{name}:{}:{}: {severity}: {}", place.line, place.column, place.message)
}

/// The text of a file, read no further than any file may be long.
fn read(file: &Path) -> Result<String, SourceError> {
    let whole = |message: String| SourceError { line: 1, column: 1, message };
    let opened = File::open(file).map_err(|error| whole(format!("can't be read: {error}")))?;
    let mut bytes = Vec::new();
    let limit = PRICE_LIST_LIMIT as u64;
    let read = opened.take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| whole(format!("can't be read: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(whole(format!("the file has more than {limit} bytes, the most that is read")));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(whole("the file is UTF-16: save it as UTF-8".to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        let message = "a byte that is no UTF-8: save the file as UTF-8";
        SourceError::at(&before, before.len(), message)
    })
}

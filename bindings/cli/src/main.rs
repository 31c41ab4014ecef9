//! `doorstep`: plays scenarios, acts as a phone or a server, checks files and receipts.
//!
//! Exit status: 0 it is so, 1 it is not (the reason is printed), 2 wrong usage.

mod backup;
mod device;
mod files;
mod play;
mod serve;
mod sim;
mod standard;
mod verify;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use doorstep::base::Lang;

/// Doorstep: visits at other people's doors, with or without a network. `doorstep demo` shows one.
#[derive(Parser)]
#[command(name = "doorstep", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays a whole working day: two phones, an office, a network that fails.
    Demo(Telling),
    /// Plays a scenario file; see docs/scenarios.md.
    Play {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        telling: Telling,
    },
    /// Acts as a phone: JSON lines on standard input and output.
    Device(device::Options),
    /// Looks whether a phone's file is sound; changes nothing.
    Doctor {
        /// The phone's file.
        db: PathBuf,
    },
    /// Prints what sync did lately on a phone, as JSON for support; it holds no personal data.
    FlightRecord {
        /// The phone's file.
        db: PathBuf,
    },
    /// Writes all of a phone that no backup of the server covers into files, before it is wiped, reset or
    /// handed in; the office takes them with `carry`. Fails when nothing could be written.
    Rescue {
        /// The phone's file, also one that was set aside; its keys are beside it.
        db: PathBuf,
        /// The directory for the files; made if it isn't there.
        #[arg(long)]
        out: PathBuf,
    },
    /// Brings a phone's file to the server, as a colleague or a stick does, and keeps the answer.
    Carry {
        /// The file.
        file: PathBuf,
        /// The server's address.
        #[arg(long)]
        server: String,
        /// The company's public key, for https: 64 hexadecimal digits.
        #[arg(long)]
        key: Option<Key>,
        /// Where the answer goes; only the phone that made the file can read it.
        #[arg(long)]
        answer: PathBuf,
    },
    /// Prints a receipt that a phone issued.
    Receipt {
        /// Its number as printed, or its counter in the phone's series.
        id: String,
        /// The phone's file.
        #[arg(long)]
        db: PathBuf,
        /// In which form.
        #[arg(long = "as", value_enum, default_value = "text")]
        form: device::Form,
        /// In which language: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "zh-Hans")]
        lang: Lang,
        /// Prints a PDF instead, set in this OpenType font.
        #[arg(long, conflicts_with = "form")]
        pdf_font: Option<PathBuf>,
        /// Which face of the font's file, if it is a collection.
        #[arg(long, default_value_t = 0)]
        face: u32,
    },
    /// Makes a backup of a server, looks at all of it, and lets phones rely on it.
    Backup(backup::Options),
    /// Runs a server that phones and the office speak to.
    Serve(serve::Options),
    /// Plays a simulated world that fails in every way, and checks that nothing is lost.
    Sim(sim::Options),
    /// Checks, compares and draws standards; checks the files beside them.
    #[command(subcommand)]
    Standard(standard::StandardCommand),
    /// Checks what Doorstep hands out, offline, with the company's public key.
    #[command(subcommand)]
    Verify(VerifyCommand),
}

/// How a scenario is told.
#[derive(clap::Args)]
struct Telling {
    /// The language of the story: zh-Hans, zh-Hant or en.
    #[arg(long, default_value = "en")]
    lang: Lang,
    /// Print the final state of everything as JSON instead of the story.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum VerifyCommand {
    /// Checks a receipt from the text of its QR code, or the texts of all its codes.
    Receipt {
        /// The text, beginning with DS1; of several codes each, in any order.
        #[arg(required = true)]
        text: Vec<String>,
        /// The company's public key: 64 hexadecimal digits.
        #[arg(long)]
        key: Key,
        /// The language of the answer: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Checks what the office says it holds of a phone: the signed statement of nothing unsent.
    Statement {
        /// The statement in hexadecimal digits, as the office's list of devices and the phone show it.
        text: String,
        /// The company's public key: 64 hexadecimal digits.
        #[arg(long)]
        key: Key,
        /// The language of the answer: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
    /// Checks an exported visit.
    Visit {
        /// The file.
        file: PathBuf,
        /// The company's public key: 64 hexadecimal digits.
        #[arg(long)]
        key: Key,
        /// The language of the answer: zh-Hans, zh-Hant or en.
        #[arg(long, default_value = "en")]
        lang: Lang,
    },
}

/// A public key, written as hexadecimal digits.
#[derive(Debug, Clone, Copy)]
struct Key([u8; 32]);

impl std::str::FromStr for Key {
    type Err = doorstep::base::IdError;

    fn from_str(text: &str) -> Result<Key, Self::Err> {
        text.parse().map(|hash: doorstep::base::Hash| Key(*hash.as_bytes()))
    }
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(Telling { lang, json }) => play::demo(lang, json),
        Command::Play { file, telling } => play::file(&file, telling.lang, telling.json),
        Command::Device(options) => device::run(options),
        Command::Doctor { db } => files::doctor(&db),
        Command::FlightRecord { db } => files::flight_record(&db),
        Command::Rescue { db, out } => files::rescue(&db, &out),
        Command::Carry { file, server, key, answer } => {
            device::carry(&file, &server, key.map(|key| key.0), &answer)
        }
        Command::Receipt { id, db, form, lang, pdf_font, face } => {
            let form = match pdf_font {
                Some(font) => files::Wanted::Pdf { font, face },
                None => files::Wanted::Form(form),
            };
            files::receipt(&id, &db, &form, lang)
        }
        Command::Backup(options) => backup::backup(&options),
        Command::Serve(options) => serve::serve(options),
        Command::Sim(options) => sim::sim(&options),
        Command::Standard(command) => standard::run(command),
        Command::Verify(VerifyCommand::Receipt { text, key, lang }) => {
            verify::receipt(&text.join(" "), &key.0, lang)
        }
        Command::Verify(VerifyCommand::Statement { text, key, lang }) => {
            verify::statement(&text, &key.0, lang)
        }
        Command::Verify(VerifyCommand::Visit { file, key, lang }) => {
            verify::visit(&file, &key.0, lang)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Where all is said already there is nothing to add.
            if !reason.is_empty() {
                eprintln!("{reason}");
            }
            ExitCode::FAILURE
        }
    }
}

//! A scenario, checked: every name is known, every time readable, every step has one meaning.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use doorstep::{
    base::{Instant, Lang, SourceError},
    event::{ClaimResult, ConditionsNoted, DetailInput, VisitKind},
    money::{Claim, PriceList},
    order::Rule,
    standard::Standard,
    sync::Company,
};
use doorstep_server::store::RevokeReason;

use crate::{
    expand::MAX_TEXT as MAX_EXPANDED,
    hazard::HazardTap,
    raw::{
        RawCustomer, RawExpect, RawFullLine, RawPremises, RawReading, RawScenario, RawSign, Role,
        Words,
    },
    time::Start,
};

/// The largest scenario file, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;
/// The most steps of a scenario.
pub const MAX_STEPS: usize = 5_000;
/// The most devices, people, premises or orders.
pub(crate) const MAX_OF_A_KIND: usize = 300;
const MAX_ERRORS: usize = 50;

/// Why a scenario can't be played: what is wrong where.
#[derive(Debug, thiserror::Error)]
pub struct LoadError {
    /// File and errors in it.
    pub errors: Vec<(PathBuf, SourceError)>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |(file, e): &(PathBuf, SourceError)| {
            format!("{}:{}:{}: {}", file.display(), e.line, e.column, e.message)
        };
        f.write_str(&self.errors.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

/// A scenario ready to be played.
pub struct Scenario {
    pub(crate) file: PathBuf,
    pub(crate) title: Option<Words>,
    pub(crate) start: Start,
    pub(crate) seed: u64,
    pub(crate) company: Company,
    pub(crate) keep_ms: i64,
    /// Kilobytes of each picture that a step names; with 0 none is taken.
    pub(crate) camera: usize,
    pub(crate) standards: Vec<(String, Arc<Standard>)>,
    pub(crate) price_list: (String, PriceList),
    pub(crate) profile: String,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) premises: BTreeMap<String, RawPremises>,
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) steps: Vec<Step>,
}

pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) badge: String,
    pub(crate) role: Role,
}

pub(crate) struct Device {
    pub(crate) person: String,
    pub(crate) clock: i64,
    pub(crate) enrolled: bool,
    pub(crate) receipts: Option<toml::Value>,
}

pub(crate) struct Order {
    pub(crate) number: String,
    pub(crate) kind: VisitKind,
    pub(crate) premises: String,
    pub(crate) standard: Arc<Standard>,
    pub(crate) customer: RawCustomer,
    pub(crate) due: Option<Instant>,
    pub(crate) promises: Vec<String>,
    pub(crate) emergency: bool,
    pub(crate) assigned_to: Option<String>,
    pub(crate) opened: bool,
}

pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) at: Instant,
    pub(crate) who: Vec<String>,
    pub(crate) show: Option<Words>,
    pub(crate) verb: Verb,
    pub(crate) label: Option<String>,
    pub(crate) fails: Option<String>,
    /// Parts of what the person is told where it fails, by language.
    pub(crate) says: Vec<(Lang, String)>,
    pub(crate) cut: bool,
}

pub(crate) enum Verb {
    Nothing,
    Tap(Tap),
    Repeat(String),
    Sync,
    Network(Network),
    Kill,
    Restart,
    Reboot,
    Backup(String),
    Restore(String),
    Clock(i64),
    Enrol(String),
    EnrolAgain(String),
    VerifyReceipt {
        counter: u64,
        altered: bool,
    },
    VerifyVisit {
        order: String,
        altered: bool,
    },
    Look,
    Change {
        order: String,
        change: DetailInput,
    },
    ToldReading {
        order: String,
        meter: String,
        reading: Box<RawReading>,
        read_at: Option<Instant>,
    },
    Open(String),
    Assign {
        order: String,
        to: String,
    },
    Cancel {
        order: String,
        reason: String,
    },
    Decide {
        order: String,
        rule: Rule,
        choice: String,
    },
    /// Pictures of an order go at the customer's request: those of these words, or all.
    ErasePhotos {
        order: String,
        photos: Vec<String>,
    },
    ApproveRefund {
        receipt: u64,
        of: String,
        amount: String,
    },
    JudgeClaim {
        receipt: u64,
        of: String,
        result: ClaimResult,
    },
    Office {
        path: String,
        body: serde_json::Value,
    },
    Revoke {
        device: String,
        reason: RevokeReason,
        effective: Option<Instant>,
    },
    Release {
        device: String,
        choice: String,
    },
    Code {
        name: String,
        person: String,
    },
    /// A document under its key.
    Publish {
        key: String,
        text: String,
    },
    /// What is unsent goes into a file of this name.
    Pack(String),
    /// Such a file is brought to the server, and its answer fetched.
    Carry(String),
    /// The answer to such a file is taken in.
    Unpack(String),
    /// An open visit goes to another phone; its file is kept under the order's name.
    HandVisit {
        order: String,
        to: String,
    },
    /// The visit last handed over for this order is taken over; its file `altered` on the way, or not.
    TakeVisit {
        order: String,
        altered: bool,
    },
    /// Photos wait for a network that isn't metered, or don't.
    PhotosWifiOnly(bool),
    /// Those that wait go with the next exchange.
    PhotosNow,
    /// The visit last handed over for this order is taken back by whoever handed it over.
    TakeBack(String),
    ServerBackup(String),
    /// The server goes back to a backup; `told` of it when it starts, or not.
    ServerRestore {
        name: String,
        told: bool,
    },
    Expect(Box<RawExpect>),
}

/// What a person does on a phone.
#[derive(Clone)]
pub(crate) enum Tap {
    StartShift(String),
    CloseShift {
        counted: String,
        /// What was counted of each note and coin.
        pieces: BTreeMap<String, u32>,
        reason: Option<String>,
    },
    ReadMeter {
        visit: String,
        meter: String,
        reading: Option<Box<RawReading>>,
    },
    /// A number read in passing: the visit begins and ends by itself.
    ReadNext {
        order: String,
        reading: Box<RawReading>,
        confirmed: bool,
    },
    Hazard {
        visit: String,
        tap: HazardTap,
    },
    Void {
        receipt: u64,
        copies_back: bool,
        reason: String,
    },
    Refund {
        receipt: u64,
        of: String,
        claim: Option<Claim>,
    },
    ReturnDeposit {
        visit: String,
        receipt: u64,
        of: String,
        count: i64,
        by_code: bool,
        claim: Option<Claim>,
    },
    StartVisit(String),
    Note {
        visit: String,
        seen: ConditionsNoted,
    },
    TakePhoto {
        visit: String,
        words: String,
        kilobytes: usize,
    },
    Record {
        visit: String,
        step: String,
        value: Option<toml::Value>,
        text: Option<String>,
        remark: Option<String>,
    },
    HandOver {
        amount: String,
        to: String,
        badge: String,
        items: Vec<String>,
        signatures: u64,
    },
    TakeCash {
        amount: String,
        badge: String,
    },
    Invoice {
        receipt: u64,
        title: String,
        taxpayer: Option<String>,
        send_to: String,
    },
    DrawNotice {
        visit: String,
    },
    Correct {
        visit: String,
        step: String,
        value: Option<toml::Value>,
        text: Option<String>,
        reason: String,
    },
    Explain {
        visit: String,
        finding: String,
        text: String,
    },
    Quote {
        visit: String,
        lines: Vec<RawFullLine>,
    },
    AcceptQuote {
        visit: String,
        version: u32,
    },
    Charge {
        visit: String,
        line: RawFullLine,
    },
    Pay {
        visit: String,
        tendered: String,
        claim: Option<Claim>,
        part: Option<String>,
        photo: Option<String>,
    },
    Sign {
        visit: String,
        sign: RawSign,
    },
    Finish {
        visit: String,
        outcome: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Network {
    /// It costs by the byte.
    pub(crate) metered: bool,
    pub(crate) off: bool,
    pub(crate) imposter: Option<Imposter>,
    pub(crate) delay_ms: u64,
    pub(crate) bytes_per_second: Option<u64>,
    pub(crate) cut_after_bytes: Option<u64>,
    pub(crate) off_after_bytes: Option<u64>,
}

/// Something else that answers in the server's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imposter {
    /// A log-in page, with status 200.
    Portal,
    /// No HTTP at all.
    Garbage,
    /// A proxy's error page, with status 500.
    Error,
    /// The head of an answer and half its body.
    Half,
    /// Nothing: the connection is closed.
    Nothing,
    /// A server that asks to wait 90 seconds.
    Busy,
}

impl Imposter {
    pub(crate) const ALL: [(&str, Imposter); 6] = [
        ("portal", Imposter::Portal),
        ("garbage", Imposter::Garbage),
        ("error", Imposter::Error),
        ("half", Imposter::Half),
        ("nothing", Imposter::Nothing),
        ("busy", Imposter::Busy),
    ];
}

impl Scenario {
    /// Reads and checks the scenario in `file`; files it names are looked up beside it.
    pub fn load(file: &Path) -> Result<Scenario, LoadError> {
        let unreadable = |error: std::io::Error| {
            let message = match error.kind() {
                std::io::ErrorKind::InvalidData => {
                    "the file is not UTF-8: save it as UTF-8".to_owned()
                }
                std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
                std::io::ErrorKind::IsADirectory => {
                    "this is a directory: name a scenario's file in it".to_owned()
                }
                _ => error.to_string(),
            };
            LoadError { errors: vec![(file.to_owned(), SourceError::at("", 0, message))] }
        };
        if std::fs::metadata(file).map_err(unreadable)?.len() > MAX_FILE as u64 {
            let message = format!("a scenario has at most {MAX_FILE} bytes");
            return Err(unreadable(std::io::Error::other(message)));
        }
        Scenario::parse(file, &std::fs::read_to_string(file).map_err(unreadable)?)
    }

    /// Reads and checks the scenario `text`, which stands in `file`.
    pub fn parse(file: &Path, text: &str) -> Result<Scenario, LoadError> {
        let here = |error| LoadError { errors: vec![(file.to_owned(), error)] };
        if text.len() > MAX_FILE {
            let message = format!("a scenario has at most {MAX_FILE} bytes");
            return Err(here(SourceError { line: 1, column: 1, message }));
        }
        let expanded = crate::expand::expand(text).map_err(here)?;
        let place = |mut error: SourceError| {
            error.line = expanded.line(error.line);
            error
        };
        let raw: RawScenario = doorstep::base::parse_toml(&expanded.text, MAX_EXPANDED)
            .map_err(|error| here(crate::blame::friendlier(place(error))))?;
        let text = expanded.text.as_str();
        let mut loader = crate::load::Loader::new(file, text);
        let scenario = loader.scenario(raw);
        // Errors of other files have their own lines.
        let own = |(path, error)| if path == file { (path, place(error)) } else { (path, error) };
        let mut errors: Vec<_> = loader.errors.into_iter().map(own).collect();
        let scenario = scenario.map(|mut scenario| {
            for step in &mut scenario.steps {
                step.line = expanded.line(step.line);
            }
            scenario
        });
        match scenario {
            Some(scenario) if errors.is_empty() => Ok(scenario),
            _ => {
                errors.sort_by_key(|(_, error)| (error.line, error.column));
                errors.truncate(MAX_ERRORS);
                Err(LoadError { errors })
            }
        }
    }
}

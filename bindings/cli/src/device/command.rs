//! What a parent can ask of a phone, and how a refusal is told.

use std::{collections::BTreeMap, path::PathBuf};

use doorstep::{
    base::{ClockReading, Hash, Id, Lang, Money},
    engine::{ActError, Action, EnrolError, ExchangeError, Paper},
};
use doorstep_transport::TransportError;
use serde::{Deserialize, Serialize};

/// One request. `clock` is the phone's clock at that moment, as the parent says.
#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub(super) enum Command {
    /// Turns the phone into a device, with a one-time code from the office.
    Enrol {
        code: String,
        /// The company's key as shown with the code, in hex.
        company_key: Option<String>,
        /// For a new certificate on the same file: unsent work goes on under it.
        #[serde(default)]
        again: bool,
    },
    /// Takes an action; durable when answered.
    Act { action_id: Id, action: Box<Action>, clock: ClockReading },
    /// Keeps a photo that was taken in a visit, from a file; durable when answered.
    Photo {
        action_id: Id,
        visit: Id,
        file: PathBuf,
        /// A small picture of it, as the platform makes one.
        thumbnail: Option<PathBuf>,
        clock: ClockReading,
    },
    /// A photo that was taken here, into a file; or its small picture.
    ShowPhoto {
        address: Hash,
        into: PathBuf,
        #[serde(default)]
        small: bool,
    },
    /// Exchanges until nothing is left or something is in the way.
    Sync {
        clock: ClockReading,
        /// On a network that is metered.
        #[serde(default)]
        metered: bool,
    },
    /// Photos wait for a network that isn't metered, or don't.
    PhotosWifiOnly { only: bool },
    /// Photos that wait go with the next sync.
    SendPhotosNow,
    /// The text a customer signs over.
    Statement { visit: Id, lang: Option<Lang> },
    /// A receipt of this phone's series.
    Receipt {
        counter: u64,
        #[serde(rename = "as")]
        form: Form,
        #[serde(default)]
        lang: Lang,
    },
    /// A paper, in one of its forms.
    Paper {
        paper: Paper,
        #[serde(rename = "as")]
        form: Form,
        #[serde(default)]
        lang: Lang,
        clock: ClockReading,
    },
    /// The visit's order as a file that proves itself.
    ExportVisit { visit: Id },
    /// The first screen.
    Today { lang: Lang, clock: ClockReading },
    /// Complaints.
    Complaints { lang: Lang, clock: ClockReading },
    /// Before the first door.
    Morning { lang: Lang, clock: ClockReading },
    /// After the last.
    Evening { lang: Lang, clock: ClockReading },
    /// A visit's screen.
    VisitScreen { visit: Id, lang: Lang },
    /// A visit's money, with a sum that is being entered.
    PayScreen { visit: Id, lang: Lang, tendered: Option<Money> },
    /// How sync stands, in words.
    SyncScreen { lang: Lang, clock: ClockReading },
    /// How sync stands.
    SyncStatus,
    /// One order, as the phone folds it.
    Order { order: Id },
    /// One visit, as the phone folds it.
    Visit { visit: Id },
    /// The server's last signed statement on what it holds of this phone.
    NothingUnsent,
    /// What is unsent, as files for a stick, in hex.
    RequestFiles { clock: ClockReading },
    /// The answer to such a file, in hex.
    TakeFile { hex: String, clock: ClockReading },
    /// Brings a colleague's file to the server; gives the answer's file, in hex.
    Carry { hex: String },
    /// This phone's code, for whoever hands a visit over to it.
    TakerCode,
    /// Hands an open visit over to the phone with this code; gives the file, in hex.
    HandVisitOver { action_id: Id, visit: Id, taker: String, clock: ClockReading },
    /// Takes a visit over from such a file, in hex.
    TakeVisitOver { action_id: Id, hex: String, clock: ClockReading },
    /// Takes back a visit that was handed over from this phone.
    TakeVisitBack { action_id: Id, visit: Id, clock: ClockReading },
    /// What must leave this phone before it may go.
    Leave { clock: ClockReading },
    /// What sync did lately, for support.
    FlightRecord { clock: ClockReading },
    /// All that the phone sees.
    State,
    /// Whether the file is sound.
    Doctor,
}

/// The forms of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// Lines of text.
    Text,
    /// A picture, QR code included.
    Svg,
    /// Bytes for a receipt printer with paper of 80 mm.
    Escpos,
    /// The same for paper of 58 mm.
    Escpos58,
    /// The text of the QR code.
    Qr,
}

/// Why a request was refused: `kind` is stable, `message` is for people who look for a cause.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    pub(super) kind: String,
    pub(super) message: String,
    /// What the person at the phone is told, by language; nothing where no action was refused.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    words: BTreeMap<Lang, String>,
}

impl Refusal {
    pub(super) fn new(kind: &str, message: impl ToString) -> Refusal {
        Refusal { kind: kind.to_owned(), message: message.to_string(), words: BTreeMap::new() }
    }
}

impl From<ActError> for Refusal {
    fn from(error: ActError) -> Refusal {
        let words = Lang::ALL.map(|lang| (lang, error.text(lang))).into();
        Refusal { words, ..Refusal::new(error.kind(), error) }
    }
}

impl From<EnrolError> for Refusal {
    fn from(error: EnrolError) -> Refusal {
        let kind = match &error {
            EnrolError::AlreadyEnrolled => "already_enrolled",
            EnrolError::OtherCompany => "other_company",
            EnrolError::OtherPerson => "other_person",
            EnrolError::Packet(_) => "not_our_server",
            EnrolError::NotForUs(_) => "not_for_us",
            EnrolError::Secrets(_) => "secrets",
            EnrolError::Store(_) => "store",
        };
        Refusal::new(kind, error)
    }
}

impl From<ExchangeError> for Refusal {
    fn from(error: ExchangeError) -> Refusal {
        match error {
            ExchangeError::Act(error) => error.into(),
            error @ ExchangeError::NothingAsked => Refusal::new("nothing_asked", error),
            error => Refusal::new("not_our_server", error),
        }
    }
}

impl From<TransportError> for Refusal {
    /// The server's own code, like `code_used`, or the trouble.
    fn from(error: TransportError) -> Refusal {
        let kind = match error.problem() {
            Some(problem) => problem.code.replace('-', "_"),
            None => trouble_name(error.trouble()),
        };
        Refusal::new(&kind, error)
    }
}

/// A trouble's name in JSON.
pub(super) fn trouble_name(trouble: doorstep_transport::Trouble) -> String {
    let name = serde_json::to_value(trouble).ok();
    name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

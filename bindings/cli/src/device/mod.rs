//! `doorstep device`: a phone as a process.
//!
//! Opens the engine on a file and speaks JSON lines: one answer for each request, in order. It
//! reads no clock: the parent says what time the phone believes it is. A line that makes no sense
//! is answered and forgotten; when the parent closes its end, the phone ends. Being killed at any
//! moment is part of its life.

mod command;
mod photo;
mod secrets;

use std::{
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use doorstep::{
    base::{ClockReading, Hash, Lang},
    document::{self, Document},
    engine::{Engine, EngineOptions, Packet},
    log::Class,
};
use doorstep_server::OsEntropy;
use doorstep_transport::{Patience, Reply, Tls, Transport, TransportError};
use serde_json::{Value, json};

pub(crate) use command::Form;
use command::{Command, Refusal, trouble_name};
use secrets::FileSecrets;

/// The longest request line.
const MAX_LINE: u64 = 1024 * 1024;
/// Exchanges of one `sync`; a server that always has more is left for the next.
const MOST_EXCHANGES: usize = 1_000;
const PACKET: &str = "application/cose";

/// What a phone is started with.
#[derive(Args)]
pub(crate) struct Options {
    /// The phone's file; made if it isn't there. Its keys are kept beside it.
    #[arg(long)]
    db: PathBuf,
    /// The server's address.
    #[arg(long)]
    server: Option<String>,
    /// The SQLite VFS to use instead of the system's.
    #[arg(long)]
    vfs: Option<String>,
}

/// Opens the engine on a file, with the keys beside it.
pub(crate) fn open(db: &Path, vfs: Option<String>) -> Result<Engine, String> {
    opened(db, FileSecrets::beside(db), vfs)
}

/// Opens a copy of the phone's file at `keys_of`, with the keys that are beside that one.
pub(crate) fn open_with_keys(copy: &Path, keys_of: &Path) -> Result<Engine, String> {
    opened(copy, FileSecrets::beside(keys_of), None)
}

fn opened(db: &Path, secrets: FileSecrets, vfs: Option<String>) -> Result<Engine, String> {
    let options = EngineOptions { entropy: Box::new(OsEntropy), secrets: Box::new(secrets), vfs };
    Engine::open(db, options).map_err(|error| format!("{}: {error}", db.display()))
}

/// Runs the phone until its parent closes the pipe.
pub(crate) fn run(options: Options) -> Result<(), String> {
    let engine = open(&options.db, options.vfs)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let mut phone = Phone { engine, server: options.server, transport: None, runtime };
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(MAX_LINE + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) | Err(_) => return Ok(()),
            Ok(_) if line.len() as u64 > MAX_LINE => {
                return Err(format!("a request line has at most {MAX_LINE} bytes"));
            }
            Ok(_) => {}
        }
        let answer = phone.answer(&line);
        let told = writeln!(output, "{answer}").and_then(|()| output.flush());
        if told.is_err() {
            // Nobody listens any more.
            return Ok(());
        }
    }
}

struct Phone {
    engine: Engine,
    server: Option<String>,
    transport: Option<Transport>,
    runtime: tokio::runtime::Runtime,
}

impl Phone {
    fn answer(&mut self, line: &[u8]) -> Value {
        let malformed = |error: serde_json::Error| Refusal::new("malformed", error);
        let parsed = serde_json::from_slice::<Value>(line).map_err(malformed);
        let id = parsed.as_ref().map_or(Value::Null, |request| request["id"].clone());
        let done = parsed
            .and_then(|request| serde_json::from_value::<Command>(request).map_err(malformed))
            .and_then(|command| self.perform(command));
        match done {
            Ok(ok) => json!({ "id": id, "ok": ok }),
            Err(refusal) => json!({ "id": id, "error": refusal }),
        }
    }

    fn perform(&mut self, command: Command) -> Result<Value, Refusal> {
        let engine = &mut self.engine;
        match command {
            Command::Enrol { code, company_key, again } => {
                self.enrol(&code, company_key.as_deref(), again)
            }
            Command::Act { action_id, action, clock } => {
                value(&engine.act(action_id, &clock, *action)?)
            }
            Command::Photo { action_id, visit, file, thumbnail, clock } => {
                let image = photo::read(&file)?;
                let small = thumbnail.map_or(Ok(Vec::new()), |file| photo::read(&file))?;
                value(&engine.take_photo(action_id, &clock, visit, &image, &small)?)
            }
            Command::ShowPhoto { address, into, small } => {
                photo::show(engine, &address, &into, small)
            }
            Command::Sync { clock, metered } => {
                self.engine.set_metered(metered);
                self.sync(&clock)
            }
            Command::Statement { visit, lang } => value(&engine.statement(visit, lang)?),
            Command::Receipt { counter, form, lang } => {
                Ok(as_text(receipt(engine, counter, form, lang)?))
            }
            Command::Paper { paper, form, lang, clock } => {
                Ok(as_text(drawn(&*engine.paper(paper, &clock)?, form, lang)?))
            }
            Command::ExportVisit { visit } => {
                // A customer's own copy: contact data stays out, the work and the money are in.
                let bytes = engine.export_visit(visit, &[Class::Service, Class::Money])?;
                let key =
                    engine.identity().map(|me| data_encoding::HEXLOWER.encode(me.company_key()));
                let hex = data_encoding::HEXLOWER.encode(&bytes);
                Ok(json!({ "hex": hex, "company_key": key }))
            }
            Command::Today { lang, clock } => value(&engine.today(&clock, lang)?),
            Command::Complaints { lang, clock } => value(&engine.complaints_screen(&clock, lang)?),
            Command::Morning { lang, clock } => value(&engine.morning_screen(&clock, lang)?),
            Command::Evening { lang, clock } => value(&engine.evening_screen(&clock, lang)?),
            Command::VisitScreen { visit, lang } => value(&engine.visit_screen(visit, lang)?),
            Command::PayScreen { visit, lang, tendered } => {
                value(&engine.pay_screen(visit, tendered, lang)?)
            }
            Command::SyncScreen { lang, clock } => value(&engine.sync_screen(&clock, lang)?),
            Command::SyncStatus => value(&engine.sync_status()),
            Command::Order { order } => value(&engine.order(order)?),
            Command::Visit { visit } => value(&engine.visit_report(visit)?),
            Command::NothingUnsent => {
                let signed = engine.statement_proof().map_err(doorstep::engine::ActError::from)?;
                Ok(json!({ "hex": signed.map(|it| data_encoding::HEXLOWER.encode(&it)) }))
            }
            Command::RequestFiles { clock } => Ok(as_files(&engine.request_files(&clock)?)),
            Command::TakeFile { hex, clock } => {
                value(&engine.take_answer_file(&clock, &from_hex(&hex)?)?)
            }
            Command::Carry { hex } => {
                let reply = self.post("/v1/exchange", from_hex(&hex)?, None)?;
                let answer = reply.map_err(Refusal::from)?.body;
                Ok(json!({ "hex": data_encoding::HEXLOWER.encode(&answer) }))
            }
            Command::TakerCode => Ok(json!({ "text": engine.taker_code()? })),
            Command::HandVisitOver { action_id, visit, taker, clock } => {
                let file = engine.hand_visit_over(action_id, &clock, visit, &taker)?;
                Ok(json!({ "hex": data_encoding::HEXLOWER.encode(&file) }))
            }
            Command::TakeVisitOver { action_id, hex, clock } => {
                value(&engine.take_visit_over(action_id, &clock, &from_hex(&hex)?)?)
            }
            Command::PhotosWifiOnly { only } => value(&engine.set_photos_wifi_only(only)?),
            Command::SendPhotosNow => {
                engine.send_photos_now();
                Ok(Value::Null)
            }
            Command::TakeVisitBack { action_id, visit, clock } => {
                value(&engine.take_visit_back(action_id, &clock, visit)?)
            }
            Command::Leave { clock } => {
                let leave = engine.leave(&clock)?;
                let statement =
                    leave.statement.as_ref().map(|it| data_encoding::HEXLOWER.encode(it));
                Ok(json!({
                    "everything_sent": leave.everything_sent, "unsent": leave.unsent,
                    "everything_safe": leave.everything_safe,
                    "photos": leave.photos, "photos_to_carry": leave.photos_to_carry,
                    "files": as_files(&leave.files)["files"], "statement": statement,
                }))
            }
            Command::FlightRecord { clock } => value(&engine.flight_record(&clock)?),
            Command::State => value(&engine.state()?),
            Command::Doctor => value(&engine.doctor()?),
        }
    }

    fn enrol(
        &mut self,
        code: &str,
        company_key: Option<&str>,
        again: bool,
    ) -> Result<Value, Refusal> {
        let shown = match company_key {
            None => None,
            Some(hex) => {
                let key: Result<Hash, _> = hex.parse();
                Some(*key.map_err(|error| Refusal::new("bad_value", error))?.as_bytes())
            }
        };
        let request = match again {
            true => self.engine.enrol_again_request(code),
            false => self.engine.enrol_request(code),
        }
        .map_err(|error| Refusal::new("secrets", error))?;
        let reply = self.post("/v1/enrol", request, shown)?.map_err(Refusal::from)?;
        self.engine.finish_enrol(&reply.body, shown.as_ref())?;
        let me = self.engine.identity().ok_or_else(|| Refusal::new("not_enrolled", ""))?;
        Ok(json!({
            "device": me.certificate().id(),
            "person": me.person().id,
            "series": me.series().id,
        }))
    }

    /// Exchanges until nothing is left, then sends photos, and exchanges again where that needs it.
    fn sync(&mut self, clock: &ClockReading) -> Result<Value, Refusal> {
        let mut told = Told::default();
        self.engine.hurry();
        while told.exchanges < MOST_EXCHANGES {
            if let Some(more) = self.exchange(clock, &mut told)? {
                if more {
                    continue;
                }
                if self.send_photos(clock, &mut told)? {
                    continue;
                }
            }
            break;
        }
        value(&told)
    }

    /// One exchange: whether another is worth it at once; nothing when something is in the way.
    fn exchange(&mut self, clock: &ClockReading, told: &mut Told) -> Result<Option<bool>, Refusal> {
        let packet = self.engine.sync_request(clock)?;
        told.bytes_sent += packet.bytes.len();
        let reply = match self.post("/v1/exchange", packet.bytes, None)? {
            Ok(reply) => reply,
            Err(error) => {
                let wait = error.retry_after_ms();
                if self.engine.sync_failed(clock.wall, error.trouble(), wait) {
                    return Ok(Some(true));
                }
                told.trouble = Some(trouble_name(error.trouble()));
                return Ok(None);
            }
        };
        told.bytes_received += reply.body.len();
        told.exchanges += 1;
        match self.engine.sync_answer(clock, &reply.body) {
            Ok(exchanged) => {
                told.sent_events += exchanged.sent;
                told.received_events += exchanged.received;
                Ok(Some(exchanged.more))
            }
            Err(doorstep::engine::ExchangeError::Act(error)) => Err(error.into()),
            Err(error) => {
                told.trouble = Some(Refusal::from(error).kind);
                Ok(None)
            }
        }
    }

    /// Posts to the server; outer errors are ours, inner ones the network's.
    fn post(
        &mut self,
        path: &str,
        body: Vec<u8>,
        shown: Option<[u8; 32]>,
    ) -> Result<Result<Reply, TransportError>, Refusal> {
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.connect(shown)?,
        };
        let done = self.runtime.block_on(transport.post(path, PACKET, body, Patience::default()));
        self.transport = Some(transport);
        Ok(done)
    }

    fn connect(&self, shown: Option<[u8; 32]>) -> Result<Transport, Refusal> {
        let Some(url) = &self.server else {
            return Err(Refusal::new("no_server", "this phone was started without --server"));
        };
        let known = self.engine.identity().map(|me| *me.company_key());
        let tls = Tls { company_key: known.or(shown), roots_pem: None };
        Transport::new(url, &tls).map_err(|error| Refusal::new("no_server", error))
    }
}

/// What a sync brought.
#[derive(Default, serde::Serialize)]
struct Told {
    exchanges: usize,
    sent_events: usize,
    received_events: usize,
    bytes_sent: usize,
    bytes_received: usize,
    /// Photos that arrived whole.
    photos_sent: usize,
    /// Parts that were posted, those that failed included, and their bytes.
    photo_parts: usize,
    photo_bytes: usize,
    trouble: Option<String>,
}

/// The largest file that is carried.
const MAX_FILE: u64 = doorstep::sync::MAX_PACKET_BYTES as u64;

/// Brings a phone's file to the server and keeps the answer.
pub(crate) fn carry(
    file: &Path,
    server: &str,
    company_key: Option<[u8; 32]>,
    answer: &Path,
) -> Result<(), String> {
    let fails = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| fails(file, error))?;
    opened.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| fails(file, error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("{}: a phone's file has at most {MAX_FILE} bytes", file.display()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let _inside = runtime.enter();
    let transport = Transport::new(server, &Tls { company_key, roots_pem: None })
        .map_err(|error| error.to_string())?;
    let reply =
        runtime.block_on(transport.post("/v1/exchange", PACKET, bytes, Patience::default()));
    let reply = reply.map_err(|error| error.to_string())?;
    std::fs::write(answer, &reply.body).map_err(|error| fails(answer, error))?;
    println!("taken; bring {} back to the phone", answer.display());
    Ok(())
}

/// A receipt or refund in one of its forms.
pub(crate) fn receipt_bytes(
    engine: &Engine,
    counter: u64,
    form: Form,
    lang: Lang,
) -> Result<Vec<u8>, String> {
    receipt(engine, counter, form, lang).map_err(|refusal| refusal.message)
}

fn receipt(engine: &Engine, counter: u64, form: Form, lang: Lang) -> Result<Vec<u8>, Refusal> {
    drawn(&*engine.numbered(counter, 0)?, form, lang)
}

fn drawn(doc: &(impl Document + ?Sized), form: Form, lang: Lang) -> Result<Vec<u8>, Refusal> {
    let form = match form {
        Form::Text => document::Form::Text,
        Form::Svg => document::Form::Svg,
        Form::Escpos => document::Form::Escpos,
        Form::Escpos58 => document::Form::Escpos58,
        Form::Qr => document::Form::Qr,
    };
    Ok(document::draw(doc, form, lang))
}

/// Requests as files.
fn as_files(files: &[Packet]) -> Value {
    let hex = |file: &Packet| data_encoding::HEXLOWER.encode(&file.bytes);
    let events: usize = files.iter().map(|file| file.events).sum();
    json!({ "files": files.iter().map(hex).collect::<Vec<_>>(), "events": events })
}

fn from_hex(hex: &str) -> Result<Vec<u8>, Refusal> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes());
    bytes.map_err(|error| Refusal::new("bad_value", error))
}

/// Bytes for a printer as hex, all else as it is.
fn as_text(bytes: Vec<u8>) -> Value {
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|bytes| data_encoding::HEXLOWER.encode(bytes.as_bytes()));
    json!({ "text": text })
}

fn value<T: serde::Serialize>(thing: &T) -> Result<Value, Refusal> {
    serde_json::to_value(thing).map_err(|error| Refusal::new("internal", error))
}

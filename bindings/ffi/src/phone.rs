//! The one object an app holds.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use doorstep::{
    base::{ClockReading, Hash, Id, Lang},
    document::{self, Document, Font},
    engine::{Engine, EngineOptions},
    log::Class,
    screen::{
        ComplaintsScreen, EveningScreen, FastScreen, MorningScreen, PayScreen, ReadingCheck,
        SearchScreen, SignScreen, SyncScreen, TodayScreen, VisitScreen,
    },
    store::{OpenError, set_aside},
};
use doorstep_transport::{Transport, Waker};

use crate::{
    Action, Change, ChangeListener, DoorstepError, Money, Platform, Synced,
    action::id,
    facts::{FastEntry, ReadingResult},
    paper::Paper,
    platform::{OsEntropy, Secrets, now},
    screens::PaperForm,
    sync::{Cancel, Server, key},
    worker::Worker,
};

/// Where the server is, and whom to trust there.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Options {
    /// Its address, like `https://office.example:8443`.
    pub server_url: String,
    /// The company's public key, 64 hex digits, if the app knows it before it is enrolled.
    #[uniffi(default = None)]
    pub company_key: Option<String>,
    /// Roots to trust besides, in PEM, where a proxy stands before the server.
    #[uniffi(default = None)]
    pub roots_pem: Option<String>,
}

/// Who a phone is once enrolled.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Enrolled {
    /// Its id as a writer.
    pub device: String,
    /// The person it is for.
    pub person: String,
    /// Its receipt series.
    pub series: String,
    /// The company's public key, 64 hex digits: checks receipts and exports.
    pub company_key: String,
}

/// What came of an action. The same action id gives the same again.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Done {
    /// The visit it was about or began.
    pub visit: Option<String>,
    /// Keys of findings it brought about.
    pub findings: Vec<String>,
    /// The quote's version, when one was offered.
    pub quote: Option<i64>,
    /// The notice's number, when one was drawn.
    pub notice: Option<String>,
    /// The hazard, when one was written down.
    pub hazard: Option<Hash>,
    /// The shut-off, when gas was shut off: what restoring it names.
    pub shut_off: Option<Hash>,
    /// What a reading comes to, when one was recorded.
    pub reading: Option<ReadingResult>,
    /// The receipt, when one was issued.
    pub receipt: Option<Receipt>,
    /// The photo, when one was taken: what other actions call it.
    pub photo: Option<Hash>,
}

/// A receipt that was issued.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Receipt {
    /// Its counter in the device's series.
    pub counter: i64,
    /// The number printed on it.
    pub number: String,
    /// What was due.
    pub due: Money,
    /// What was handed over.
    pub tendered: Money,
    /// What is given back.
    pub change: Money,
}

/// What the doctor found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DoctorReport {
    /// Streams looked at.
    pub streams: i64,
    /// Events whose chain holds.
    pub events: i64,
    /// Seals that hold.
    pub seals: i64,
    /// What is wrong, for developers; empty when all is well.
    pub problems: Vec<String>,
}

/// A phone. Every method may be called from any thread; calls wait for their turn.
#[derive(uniffi::Object)]
pub struct Doorstep {
    worker: Mutex<Option<Worker>>,
    transport: Mutex<Option<Transport>>,
    pub(crate) server: Server,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) changes: Changes,
    pub(crate) cancel: Cancel,
    /// Held by the exchange that runs.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// Kept between waits, with its open stream.
    pub(crate) waker: tokio::sync::Mutex<Option<Waker>>,
}

#[uniffi::export]
impl Doorstep {
    /// Opens the file at `path`, or starts a new one. A file that cannot be read is never deleted:
    /// it gets another name, and the error says which.
    #[uniffi::constructor]
    pub fn open(
        path: String,
        options: Options,
        platform: Arc<dyn Platform>,
    ) -> Result<Arc<Doorstep>, DoorstepError> {
        let company_key = options.company_key.as_deref().map(key).transpose()?;
        let server = Server { url: options.server_url, company_key, roots_pem: options.roots_pem };
        // A wrong address shows here, not at the first sync.
        server.transport(None)?;
        let path = PathBuf::from(path);
        let (file, secrets) = (path.clone(), Secrets(Arc::clone(&platform)));
        let opened = Worker::start(move || {
            let entropy = Box::new(OsEntropy);
            Engine::open(&file, EngineOptions { entropy, secrets: Box::new(secrets), vfs: None })
        })?;
        let worker = opened.map_err(|error| unopened(&path, &error, &*platform))?;
        Ok(Arc::new(Doorstep {
            worker: Mutex::new(Some(worker)),
            transport: Mutex::new(None),
            server,
            platform,
            changes: Changes::start()?,
            cancel: Cancel::default(),
            turn: tokio::sync::Mutex::new(()),
            waker: tokio::sync::Mutex::new(None),
        }))
    }

    /// Hears what changes from now on; nobody, when absent.
    pub fn set_listener(&self, listener: Option<Arc<dyn ChangeListener>>) {
        self.changes.listen(listener);
    }

    /// Keeps the choice that photos go on networks alone that aren't metered; records always go.
    pub async fn set_photos_wifi_only(&self, only: bool, lang: Lang) -> Result<(), DoorstepError> {
        self.read(lang, move |engine, _| engine.set_photos_wifi_only(only)).await
    }

    /// Whether that was chosen.
    pub async fn photos_wifi_only(&self, lang: Lang) -> Result<bool, DoorstepError> {
        self.read(lang, move |engine, _| engine.photos_wifi_only()).await
    }

    /// Says whether the network is metered: before each sync, and when it changes.
    pub async fn network_is_metered(&self, metered: bool, lang: Lang) -> Result<(), DoorstepError> {
        let told = move |engine: &mut Engine, _: &_| {
            engine.set_metered(metered);
            Ok(())
        };
        self.read(lang, told).await
    }

    /// Photos that wait for another network go with the next sync all the same.
    pub async fn send_photos_now(&self, lang: Lang) -> Result<(), DoorstepError> {
        let told = move |engine: &mut Engine, _: &_| {
            engine.send_photos_now();
            Ok(())
        };
        self.read(lang, told).await
    }

    /// Gives up the sync that runs, if one does: it ends as cancelled. For languages whose
    /// cancelled tasks don't drop what they wait for.
    pub fn cancel_sync(&self) {
        self.cancel.now();
    }

    /// Finishes what was handed in and closes the file. Afterwards every call is refused.
    pub async fn shut_down(&self) {
        self.cancel.now();
        let worker = self.slot().take();
        if let Some(worker) = worker {
            worker.stop().await;
        }
        self.changes.listen(None);
    }

    /// Becomes a device, with a one-time code from the office. `company_key` is the key shown
    /// beside the code, 64 hex digits; the server is held to it.
    pub async fn enrol(
        &self,
        code: String,
        company_key: Option<String>,
        lang: Lang,
    ) -> Result<Enrolled, DoorstepError> {
        self.enrol_at(code, company_key, false, lang).await
    }

    /// Who this phone is, once enrolled.
    pub async fn enrolled(&self) -> Result<Option<Enrolled>, DoorstepError> {
        let who = |engine: &mut Engine| {
            Ok(engine.identity().map(|me| Enrolled {
                device: me.certificate().id().to_string(),
                person: me.person().id.to_string(),
                series: me.series().id.to_string(),
                company_key: data_encoding::HEXLOWER.encode(me.company_key()),
            }))
        };
        self.worker()?.run(who).await
    }

    /// The first screen.
    pub async fn today(&self, lang: Lang) -> Result<TodayScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.today(clock, lang)).await
    }

    /// Complaints about this phone's orders, and those its technician sees to.
    pub async fn complaints_screen(&self, lang: Lang) -> Result<ComplaintsScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.complaints_screen(clock, lang)).await
    }

    /// Before the first door: what to carry, and whether one may work.
    pub async fn morning_screen(&self, lang: Lang) -> Result<MorningScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.morning_screen(clock, lang)).await
    }

    /// After the last door: cash, visits left open, what the office doesn't have yet.
    pub async fn evening_screen(&self, lang: Lang) -> Result<EveningScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.evening_screen(clock, lang)).await
    }

    /// The next meter to be read.
    pub async fn fast_screen(&self, lang: Lang) -> Result<FastScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.fast_screen(clock, lang)).await
    }

    /// What a number would come to, before it is recorded.
    pub async fn check_reading(
        &self,
        order: String,
        entry: FastEntry,
        lang: Lang,
    ) -> Result<ReadingCheck, DoorstepError> {
        let (order, reading) = (id(&order)?, entry.try_into()?);
        self.read(lang, move |engine, clock| engine.check_reading(order, &reading, clock, lang))
            .await
    }

    /// Records a number, ends the visit and gives the next meter, as durably as `act`. What stands
    /// out and isn't confirmed is told, and nothing is recorded.
    pub async fn read_next(
        &self,
        action_id: String,
        order: String,
        entry: FastEntry,
        lang: Lang,
    ) -> Result<FastScreen, DoorstepError> {
        let (action_id, order, reading) = (id(&action_id)?, id(&order)?, entry.try_into()?);
        let changes = self.changes.clone();
        self.read(lang, move |engine, clock| {
            let screen = engine.read_next(action_id, clock, order, reading, lang)?;
            let visit = screen.visit.map(|visit| visit.to_string());
            changes.tell(Change::Recorded { visit });
            Ok(screen)
        })
        .await
    }

    /// What fits what was typed so far.
    pub async fn search(&self, typed: String, lang: Lang) -> Result<SearchScreen, DoorstepError> {
        self.read(lang, move |engine, _| engine.search(&typed, lang)).await
    }

    /// A visit, with the steps of `phase`; of the one it is in when absent.
    pub async fn visit_screen(
        &self,
        visit: String,
        phase: Option<String>,
        lang: Lang,
    ) -> Result<VisitScreen, DoorstepError> {
        let visit = id(&visit)?;
        self.read(lang, move |engine, _| engine.visit_phase(visit, phase.as_deref(), lang)).await
    }

    /// A visit's money. `tendered` is a sum that is being entered and not yet taken.
    pub async fn pay_screen(
        &self,
        visit: String,
        tendered: Option<Money>,
        lang: Lang,
    ) -> Result<PayScreen, DoorstepError> {
        let visit = id(&visit)?;
        let tendered = tendered.map(TryInto::try_into).transpose()?;
        self.read(lang, move |engine, _| engine.pay_screen(visit, tendered, lang)).await
    }

    /// The statement to sign, in `lang`, or in the customer's language when absent.
    pub async fn sign_screen(
        &self,
        visit: String,
        lang: Option<Lang>,
    ) -> Result<SignScreen, DoorstepError> {
        let visit = id(&visit)?;
        let told = lang.unwrap_or_default();
        self.read(told, move |engine, _| engine.sign_screen(visit, lang)).await
    }

    /// Sync, as shown.
    pub async fn sync_screen(&self, lang: Lang) -> Result<SyncScreen, DoorstepError> {
        self.read(lang, move |engine, clock| engine.sync_screen(clock, lang)).await
    }

    /// Takes one action. When this returns, it survives loss of power; on an error nothing was
    /// recorded. `action_id` is 32 hex digits made before the tap is handled: the same id again,
    /// from whatever thread, after whatever crash, gives the first outcome and records nothing. A
    /// caller that goes away doesn't take its tap back.
    pub async fn act(
        &self,
        action_id: String,
        action: Action,
        lang: Lang,
    ) -> Result<Done, DoorstepError> {
        let action_id = id(&action_id)?;
        let action: doorstep::engine::Action = action.try_into()?;
        let (visit, changes) = (action.visit(), self.changes.clone());
        self.read(lang, move |engine, clock| {
            let done = engine.act(action_id, clock, action)?;
            let visit = done.visit.or(visit).map(|visit| visit.to_string());
            changes.tell(Change::Recorded { visit });
            Ok(done.into())
        })
        .await
    }

    /// Exchanges with the server until nothing is left or something is in the way, then sends
    /// photos. One runs at a time; others wait. Given up at any moment, it costs only the repetition.
    pub async fn sync(&self, lang: Lang) -> Result<Synced, DoorstepError> {
        self.exchange_all(lang).await
    }

    /// A paper in one of its forms: UTF-8, but for a printer. What goes to a printer is handed out: a
    /// receipt that was handed out before says which copy it is.
    pub async fn paper(
        &self,
        paper: Paper,
        form: PaperForm,
        lang: Lang,
    ) -> Result<Vec<u8>, DoorstepError> {
        let doc = if form.is_print() {
            self.handed_out(paper, lang).await?
        } else {
            self.document(paper, lang).await?
        };
        Ok(document::draw(&*doc, form, lang))
    }

    /// A paper as a PDF, handed out as one from a printer is, set in the OpenType font that the platform gives: the file's bytes, and
    /// which face of it if it is a collection (0 otherwise).
    pub async fn paper_pdf(
        &self,
        paper: Paper,
        font: Vec<u8>,
        face: u32,
        lang: Lang,
    ) -> Result<Vec<u8>, DoorstepError> {
        let font = Font::new(&font, face).map_err(DoorstepError::bad_value)?;
        let doc = self.handed_out(paper, lang).await?;
        document::pdf(&*doc, lang, &font).map_err(DoorstepError::report)
    }

    /// Whether a paper is signed by hand: no app asks for a signature on a screen then.
    pub async fn paper_only(&self, paper: Paper, lang: Lang) -> Result<bool, DoorstepError> {
        Ok(self.document(paper, lang).await?.paper_only())
    }

    /// The visit's order as a file that proves itself: the customer's copy, with the work and the
    /// money and without contact data.
    pub async fn export_visit(&self, visit: String, lang: Lang) -> Result<Vec<u8>, DoorstepError> {
        let visit = id(&visit)?;
        let show = [Class::Service, Class::Money];
        self.read(lang, move |engine, _| engine.export_visit(visit, &show)).await
    }

    /// Whether the file is sound. Looks at everything and changes nothing.
    pub async fn doctor(&self) -> Result<DoctorReport, DoorstepError> {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let report = self.read(Lang::En, |engine, _| engine.doctor()).await?;
        Ok(DoctorReport {
            streams: count(report.streams as u64),
            events: count(report.events),
            seals: count(report.seals as u64),
            problems: report.problems,
        })
    }
}

/// 32 hex digits nobody else will choose, for an action.
#[uniffi::export]
pub fn new_action_id() -> Result<String, DoorstepError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(DoorstepError::report)?;
    Ok(Id::new(bytes).to_string())
}

impl Doorstep {
    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Worker>> {
        self.worker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn worker(&self) -> Result<Worker, DoorstepError> {
        let closed = || DoorstepError::report("the phone was shut down: open it again");
        self.slot().clone().ok_or_else(closed)
    }

    /// The way to the server, kept with its connections.
    pub(crate) fn transport(&self, enrolled: Option<[u8; 32]>) -> Result<Transport, DoorstepError> {
        let mut kept = self.transport.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = &*kept {
            return Ok(transport.clone());
        }
        let transport = self.server.transport(enrolled)?;
        // Before enrolment another key may be shown: nothing is kept yet.
        if enrolled.is_some() {
            *kept = Some(transport.clone());
        }
        Ok(transport)
    }

    async fn document(
        &self,
        paper: Paper,
        lang: Lang,
    ) -> Result<Box<dyn Document + Send>, DoorstepError> {
        let paper = paper.named()?;
        self.read(lang, move |engine, clock| engine.paper(paper, clock)).await
    }

    async fn handed_out(
        &self,
        paper: Paper,
        lang: Lang,
    ) -> Result<Box<dyn Document + Send>, DoorstepError> {
        let paper = paper.named()?;
        self.read(lang, move |engine, clock| engine.handed_out(paper, clock)).await
    }

    /// Asks the engine, with the clock as it is when the turn comes.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        lang: Lang,
        ask: impl FnOnce(&mut Engine, &ClockReading) -> Result<T, doorstep::engine::ActError>
        + Send
        + 'static,
    ) -> Result<T, DoorstepError> {
        let platform = Arc::clone(&self.platform);
        let job = move |engine: &mut Engine| {
            let clock = now(&*platform)?;
            ask(engine, &clock).map_err(|error| DoorstepError::act(&error, lang))
        };
        self.worker()?.run(job).await
    }
}

/// Sets a file that cannot be read aside, under a name with the hour in it.
fn unopened(path: &Path, error: &OpenError, platform: &dyn Platform) -> DoorstepError {
    if !matches!(error, OpenError::NotADatabase(_)) {
        return DoorstepError::open(error);
    }
    let label = platform.clock().map_or_else(|_| "0".to_owned(), |at| at.wall_ms.to_string());
    match set_aside(path, &label) {
        Ok(now) => DoorstepError::Damaged { set_aside: now.to_string_lossy().into_owned() },
        Err(failed) => {
            DoorstepError::report(format!("{error}; and it cannot be set aside: {failed}"))
        }
    }
}

impl From<doorstep::engine::Done> for Done {
    fn from(done: doorstep::engine::Done) -> Done {
        Done {
            visit: done.visit.map(|visit| visit.to_string()),
            findings: done.findings,
            quote: done.quote.map(i64::from),
            notice: done.notice,
            hazard: done.hazard,
            shut_off: done.shut_off,
            reading: done.reading.map(Into::into),
            photo: done.photo,
            receipt: done.receipt.map(|receipt| Receipt {
                counter: i64::try_from(receipt.counter).unwrap_or(i64::MAX),
                number: receipt.number,
                due: receipt.due.into(),
                tendered: receipt.tendered.into(),
                change: receipt.change.into(),
            }),
        }
    }
}

enum Heard {
    Change(Change),
    Listener(Option<Arc<dyn ChangeListener>>),
}

/// Tells the listener, from a thread of its own, so that it may call back.
#[derive(Clone)]
pub(crate) struct Changes(mpsc::Sender<Heard>);

impl Changes {
    fn start() -> Result<Changes, DoorstepError> {
        let (tell, inbox) = mpsc::channel();
        let run = move || {
            let mut listener: Option<Arc<dyn ChangeListener>> = None;
            for heard in inbox {
                match heard {
                    Heard::Listener(next) => listener = next,
                    // A listener that fails has itself to blame; the next change is told again.
                    Heard::Change(change) => drop(listener.as_ref().map(|it| it.changed(change))),
                }
            }
        };
        let named = thread::Builder::new().name("doorstep-tell".to_owned());
        named.spawn(run).map_err(DoorstepError::report)?;
        Ok(Changes(tell))
    }

    pub(crate) fn tell(&self, change: Change) {
        let _ = self.0.send(Heard::Change(change));
    }

    fn listen(&self, listener: Option<Arc<dyn ChangeListener>>) {
        let _ = self.0.send(Heard::Listener(listener));
    }
}

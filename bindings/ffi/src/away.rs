//! What a phone needs beside taps and exchanges: a new certificate, files for when there is no network,
//! the bell, and a clean way to be let go.

use std::{sync::Arc, time::Duration};

use doorstep::{
    base::{Hash, Lang},
    engine::{Engine, Exchanged},
};
use doorstep_transport::{Waker, WakerPatience};

use crate::{
    Change, Done, Doorstep, DoorstepError, Enrolled, Synced,
    action::id,
    platform::now,
    sync::{count, post, runtime},
};

/// One wait for the bell ends after this, rung or not: its signed wish is good for an hour.
const LONGEST_WAIT: Duration = Duration::from_secs(50 * 60);

/// What stands in the way of wiping a phone, logging its person out, or handing it in.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Leave {
    /// The server holds all of it, and said so. It may still lose it with its disk.
    pub everything_sent: bool,
    /// Nothing does: a verified backup of the server covers all of it.
    pub everything_safe: bool,
    /// Own events it hasn't accepted.
    pub unsent: i64,
    /// Photos taken here that it hasn't got whole.
    pub photos: i64,
    /// Events that no backup covers, each a file that the office takes; none when everything is safe.
    pub files: Vec<Vec<u8>>,
    /// Photos that no backup covers: `photo_files` gives the files of each.
    pub photos_to_carry: Vec<Hash>,
    /// The server's last statement, as signed.
    pub statement: Option<Vec<u8>>,
}

#[uniffi::export]
impl Doorstep {
    /// Gets a new certificate on the same file, with a one-time code from the office: after a fork, a
    /// revocation, an expiry, a lost keystore. What is unsent stays, and goes out under the new one.
    pub async fn enrol_again(
        &self,
        code: String,
        company_key: Option<String>,
        lang: Lang,
    ) -> Result<Enrolled, DoorstepError> {
        self.enrol_at(code, company_key, true, lang).await
    }

    /// Waits until it is time to exchange: the server said so, or nobody could tell any more. While
    /// the app is in front: `wait_for_wake`, `sync`, and again. Cancel it when it goes to the back.
    pub async fn wait_for_wake(&self, lang: Lang) -> Result<(), DoorstepError> {
        let packet =
            self.read(lang, |engine: &mut Engine, clock| engine.wake_request(clock)).await?;
        let mut kept = self.waker.lock().await;
        let mut waker = match kept.take() {
            Some(waker) => waker,
            None => Waker::new(self.own_transport().await?, WakerPatience::default()),
        };
        let waiting = runtime()?.spawn(async move {
            let wait = waker.wait(|| packet.clone());
            let _ = tokio::time::timeout(LONGEST_WAIT, wait).await;
            waker
        });
        let mut waiting = Aborts(waiting);
        *kept = Some((&mut waiting.0).await.map_err(DoorstepError::report)?);
        Ok(())
    }

    /// All that the server lacks, as files for a stick or a colleague; one at least. Nothing counts as
    /// sent before an answer says so.
    pub async fn request_files(&self, lang: Lang) -> Result<Vec<Vec<u8>>, DoorstepError> {
        let files =
            self.read(lang, |engine: &mut Engine, clock| engine.request_files(clock)).await?;
        Ok(files.into_iter().map(|file| file.bytes).collect())
    }

    /// Takes the answer to such a file.
    pub async fn take_answer_file(
        &self,
        answer: Vec<u8>,
        lang: Lang,
    ) -> Result<Synced, DoorstepError> {
        let platform = Arc::clone(&self.platform);
        let taken = self
            .worker()?
            .run(move |engine| {
                let clock = now(&*platform)?;
                let taken = engine.take_answer_file(&clock, &answer);
                taken.map_err(|error| DoorstepError::exchange(&error, lang))
            })
            .await?;
        self.changes.tell(Change::Exchanged);
        let Exchanged { sent, received, outcomes, .. } = taken;
        Ok(Synced {
            exchanges: 1,
            sent: count(sent),
            received: count(received),
            outcomes: count(outcomes),
            ..Synced::default()
        })
    }

    /// Brings a colleague's file to the server; gives the answer's file, which only that colleague's
    /// phone can read.
    pub async fn carry(&self, file: Vec<u8>, lang: Lang) -> Result<Vec<u8>, DoorstepError> {
        match post(&self.own_transport().await?, "/v1/exchange", file).await? {
            Ok(reply) => Ok(reply.body),
            Err(error) => {
                let wait = error.retry_after_ms().unwrap_or(0);
                Err(DoorstepError::trouble(error.trouble(), wait, lang))
            }
        }
    }

    /// Hands an open visit over to the phone whose code was scanned (its paper `TakerCode` in the form
    /// `Qr`), and gives the file for it. The visit is closed here; for the same phone the file can be
    /// made again.
    pub async fn hand_visit_over(
        &self,
        action_id: String,
        visit: String,
        taker: String,
        lang: Lang,
    ) -> Result<Vec<u8>, DoorstepError> {
        let (action_id, visit, changes) = (id(&action_id)?, id(&visit)?, self.changes.clone());
        self.read(lang, move |engine, clock| {
            let file = engine.hand_visit_over(action_id, clock, visit, &taker)?;
            changes.tell(Change::Recorded { visit: Some(visit.to_string()) });
            Ok(file)
        })
        .await
    }

    /// Takes a visit over from a colleague's file: begins the one that continues it, and names it.
    pub async fn take_visit_over(
        &self,
        action_id: String,
        file: Vec<u8>,
        lang: Lang,
    ) -> Result<Done, DoorstepError> {
        let (action_id, changes) = (id(&action_id)?, self.changes.clone());
        self.read(lang, move |engine, clock| {
            let done = engine.take_visit_over(action_id, clock, &file)?;
            changes.tell(Change::Recorded { visit: done.visit.map(|visit| visit.to_string()) });
            Ok(done.into())
        })
        .await
    }

    /// Takes back a visit that was handed over from this phone, while the colleague has not begun as far as
    /// it knows: begins the one that continues it, and names it.
    pub async fn take_visit_back(
        &self,
        action_id: String,
        visit: String,
        lang: Lang,
    ) -> Result<Done, DoorstepError> {
        let (action_id, visit, changes) = (id(&action_id)?, id(&visit)?, self.changes.clone());
        self.read(lang, move |engine, clock| {
            let done = engine.take_visit_back(action_id, clock, visit)?;
            changes.tell(Change::Recorded { visit: done.visit.map(|visit| visit.to_string()) });
            Ok(done.into())
        })
        .await
    }

    /// What must leave this phone before it may go. Ask it before a wipe, a log-out, a reset, and keep
    /// the files where they can't be lost.
    pub async fn leave(&self, lang: Lang) -> Result<Leave, DoorstepError> {
        let leave = self.read(lang, |engine: &mut Engine, clock| engine.leave(clock)).await?;
        Ok(Leave {
            everything_sent: leave.everything_sent,
            everything_safe: leave.everything_safe,
            unsent: i64::try_from(leave.unsent).unwrap_or(i64::MAX),
            photos: i64::try_from(leave.photos).unwrap_or(i64::MAX),
            files: leave.files.into_iter().map(|file| file.bytes).collect(),
            photos_to_carry: leave.photos_to_carry,
            statement: leave.statement,
        })
    }

    /// A photo in files, to be kept behind those of `leave`, in their order. One photo at a time: all
    /// of them together may be more than the memory holds.
    pub async fn photo_files(
        &self,
        photo: Hash,
        lang: Lang,
    ) -> Result<Vec<Vec<u8>>, DoorstepError> {
        let files = self
            .read(lang, move |engine: &mut Engine, clock| engine.photo_files(clock, &photo))
            .await?;
        Ok(files.into_iter().map(|file| file.bytes).collect())
    }

    /// Logs the person out: the file is removed and every later call refused. `taken` are SHA-256 of
    /// the files that `leave` and `photo_files` gave and that were kept elsewhere; none are needed
    /// when everything is safe. Refused as `not_safe`, with nothing removed, while the file holds
    /// what is nowhere else.
    pub async fn log_out(&self, taken: Vec<Hash>, lang: Lang) -> Result<(), DoorstepError> {
        self.cancel.now();
        // What runs is over before the file goes.
        let _turn = self.turn.lock().await;
        let out = move |engine: Engine| match engine.log_out(&taken) {
            Ok(()) => (None, Ok(())),
            Err(stays) => (Some(stays.engine), Err(DoorstepError::act(&stays.error, lang))),
        };
        self.worker()?.end(out).await?;
        self.shut_down().await;
        Ok(())
    }

    /// Begins anew whatever the file holds: it gets another name, which is given, and nothing in it is
    /// removed. Every later call is refused; open again to start a new file.
    pub async fn reset(&self) -> Result<String, DoorstepError> {
        self.cancel.now();
        let _turn = self.turn.lock().await;
        let label = now(&*self.platform)?.wall.0.to_string();
        let aside = move |engine: Engine| match engine.reset(&label) {
            Ok(aside) => (None, Ok(aside.display().to_string())),
            Err(error) => (None, Err(DoorstepError::report(error))),
        };
        let aside = self.worker()?.end(aside).await;
        self.shut_down().await;
        aside
    }

    /// The server's last statement on what it holds of this phone, as signed: whoever has the
    /// company's key can check it. `None` before the first exchange.
    pub async fn nothing_unsent_proof(&self, lang: Lang) -> Result<Option<Vec<u8>>, DoorstepError> {
        self.read(lang, |engine: &mut Engine, _| Ok(engine.statement_proof()?)).await
    }

    /// What sync did lately, as JSON for support. It holds no personal data.
    pub async fn flight_record(&self, lang: Lang) -> Result<String, DoorstepError> {
        let record =
            self.read(lang, |engine: &mut Engine, clock| engine.flight_record(clock)).await?;
        Ok(record.to_json())
    }
}

/// A task that ends when nobody waits for it any more.
struct Aborts<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Aborts<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

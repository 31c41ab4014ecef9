//! Exchanges with the server: one at a time, given up without harm at any moment.
//!
//! The requests run on a small runtime of this library's own, so that whoever waits may be any
//! executor. When the waiting future is dropped, the request is dropped with it and the engine is
//! told; what the server has taken meanwhile is learnt at the next exchange.

use std::sync::{Arc, OnceLock};

use doorstep::{
    base::{Hash, Lang},
    engine::Engine,
    sync::Trouble,
};
use doorstep_transport::{Patience, Reply, Tls, Transport, TransportError};
use tokio::{runtime::Runtime, sync::Notify, task::JoinHandle};

use crate::{Change, Doorstep, DoorstepError, Enrolled, platform::now, worker::Worker};

/// Exchanges of one `sync`; a server that always has more is left for the next.
const MOST_EXCHANGES: usize = 1_000;
const PACKET: &str = "application/cose";

/// What a sync brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct Synced {
    /// Round trips.
    pub exchanges: i64,
    /// Events the server took.
    pub sent: i64,
    /// Events new to this phone.
    pub received: i64,
    /// Decisions new to this phone.
    pub outcomes: i64,
    /// Photos that arrived whole.
    pub photos: i64,
    /// Bytes of photos that were sent, those of parts that failed included.
    pub photo_bytes: i64,
    /// It was given up by `cancel_sync` before it was done.
    pub cancelled: bool,
}

/// Where the server is and whom to trust there.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) company_key: Option<[u8; 32]>,
    pub(crate) roots_pem: Option<String>,
}

impl Server {
    /// A way to the server. The key the phone was enrolled under goes before the one shown.
    pub(crate) fn transport(&self, enrolled: Option<[u8; 32]>) -> Result<Transport, DoorstepError> {
        let company_key = enrolled.or(self.company_key);
        let tls = Tls { company_key, roots_pem: self.roots_pem.clone() };
        // The client counts its connections on the runtime it is made in.
        let _inside = runtime()?.enter();
        Transport::new(&self.url, &tls).map_err(DoorstepError::report)
    }
}

/// A public key in hex.
pub(crate) fn key(hex: &str) -> Result<[u8; 32], DoorstepError> {
    let key: Hash = hex.parse().map_err(DoorstepError::bad_value)?;
    Ok(*key.as_bytes())
}

pub(crate) fn runtime() -> Result<&'static Runtime, DoorstepError> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let build = || {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("doorstep-net")
            .enable_all()
            .build()
            .ok()
    };
    let runtime = RUNTIME.get_or_init(build).as_ref();
    runtime.ok_or_else(|| DoorstepError::report("the system gives no thread for the network"))
}

/// Posts, and stops posting when dropped.
pub(crate) async fn post(
    transport: &Transport,
    path: &'static str,
    body: Vec<u8>,
) -> Result<Result<Reply, TransportError>, DoorstepError> {
    struct Aborts(JoinHandle<Result<Reply, TransportError>>);
    impl Drop for Aborts {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let transport = transport.clone();
    let request = async move { transport.post(path, PACKET, body, Patience::default()).await };
    let mut task = Aborts(runtime()?.spawn(request));
    (&mut task.0).await.map_err(DoorstepError::report)
}

pub(crate) fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Tells the engine that an exchange was given up, unless it came to its end.
struct GivenUp<'a>(Option<&'a Worker>);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        if let Some(worker) = self.0 {
            // Jobs run in order: this one comes after the request it takes back.
            let _ = worker.post(|engine| engine.sync_cancelled());
        }
    }
}

/// Ends a sync that runs.
#[derive(Debug, Default)]
pub(crate) struct Cancel(Notify);

impl Cancel {
    pub(crate) fn now(&self) {
        self.0.notify_waiters();
    }
}

impl Doorstep {
    /// Exchanges until nothing is left or something is in the way, then sends photos.
    pub(crate) async fn exchange_all(&self, lang: Lang) -> Result<Synced, DoorstepError> {
        let _turn = self.turn.lock().await;
        let mut synced = Synced::default();
        let cancelled = self.cancel.0.notified();
        tokio::pin!(cancelled);
        let outcome = tokio::select! {
            biased;
            () = &mut cancelled => Ok(true),
            done = self.exchanges(&mut synced, lang) => done.map(|()| false),
        };
        if synced.exchanges > 0 || outcome.is_err() {
            self.changes.tell(Change::Exchanged);
        }
        synced.cancelled = outcome?;
        Ok(synced)
    }

    async fn exchanges(&self, synced: &mut Synced, lang: Lang) -> Result<(), DoorstepError> {
        let worker = self.worker()?;
        let enrolled = worker
            .run(|engine| {
                engine.hurry();
                Ok(engine.identity().map(|me| *me.company_key()))
            })
            .await?;
        let transport = self.transport(enrolled)?;
        for _ in 0..MOST_EXCHANGES {
            let more = self.exchange(&worker, &transport, synced, lang).await?
                || self.send_photos(&worker, &transport, synced, lang).await?;
            if !more {
                break;
            }
        }
        Ok(())
    }

    /// One round trip; whether another is worth it at once.
    async fn exchange(
        &self,
        worker: &Worker,
        transport: &Transport,
        synced: &mut Synced,
        lang: Lang,
    ) -> Result<bool, DoorstepError> {
        let mut given_up = GivenUp(Some(worker));
        let platform = Arc::clone(&self.platform);
        let packet = worker
            .run(move |engine| {
                let clock = now(&*platform)?;
                engine.sync_request(&clock).map_err(|error| DoorstepError::act(&error, lang))
            })
            .await?;
        let reply = post(transport, "/v1/exchange", packet.bytes).await?;
        let platform = Arc::clone(&self.platform);
        let exchanged = worker
            .run(move |engine| {
                let clock = now(&*platform)?;
                match reply {
                    Ok(reply) => engine
                        .sync_answer(&clock, &reply.body)
                        .map_err(|error| DoorstepError::exchange(&error, lang)),
                    Err(error) => {
                        let (trouble, wait) = (error.trouble(), error.retry_after_ms());
                        if engine.sync_failed(clock.wall, trouble, wait) {
                            let again =
                                doorstep::engine::Exchanged { more: true, ..Default::default() };
                            return Ok(again);
                        }
                        Err(DoorstepError::trouble(trouble, wait.unwrap_or(0), lang))
                    }
                }
            })
            .await;
        given_up.0 = None;
        let exchanged = exchanged?;
        synced.exchanges += 1;
        synced.sent += count(exchanged.sent);
        synced.received += count(exchanged.received);
        synced.outcomes += count(exchanged.outcomes);
        Ok(exchanged.more)
    }

    /// The way to the server that this phone is enrolled at.
    pub(crate) async fn own_transport(&self) -> Result<Transport, DoorstepError> {
        let who = |engine: &mut Engine| Ok(engine.identity().map(|me| *me.company_key()));
        let enrolled = self.worker()?.run(who).await?;
        self.transport(enrolled)
    }

    /// Sends a one-time code and becomes a device; `company_key` is the key that was shown beside it.
    pub(crate) async fn enrol_at(
        &self,
        code: String,
        company_key: Option<String>,
        again: bool,
        lang: Lang,
    ) -> Result<Enrolled, DoorstepError> {
        let shown = company_key.as_deref().map(key).transpose()?;
        let _turn = self.turn.lock().await;
        let worker = self.worker()?;
        let request = worker
            .run(move |engine| {
                let request = match again {
                    true => engine.enrol_again_request(&code),
                    false => engine.enrol_request(&code),
                };
                request.map_err(DoorstepError::report)
            })
            .await?;
        let transport = self.server.transport(shown)?;
        let reply = match post(&transport, "/v1/enrol", request).await? {
            Ok(reply) => reply,
            Err(error) => {
                let wait = error.retry_after_ms().unwrap_or(0);
                return Err(match error.trouble() {
                    Trouble::Refused | Trouble::NeedsNewerApp => DoorstepError::refused_code(lang),
                    trouble => DoorstepError::trouble(trouble, wait, lang),
                });
            }
        };
        let pinned = shown.or(self.server.company_key);
        worker
            .run(move |engine| {
                let done = engine.finish_enrol(&reply.body, pinned.as_ref());
                done.map(|_| ()).map_err(|error| DoorstepError::enrol(&error, lang))
            })
            .await?;
        self.changes.tell(Change::Enrolled);
        let enrolled = self.enrolled().await?;
        enrolled.ok_or_else(|| DoorstepError::report("enrolled, and yet nobody"))
    }
}

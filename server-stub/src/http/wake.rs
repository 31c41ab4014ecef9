//! `POST /v1/wake`: a signed wish for a stream of server-sent events that say only "exchange now".
//!
//! A device has one stream at a time, and a stream ends by itself, so that whoever was revoked
//! meanwhile is asked again. One look at the store every half second serves all that wait here,
//! whichever server process wrote what there is to fetch; without anybody waiting there is none.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Extension,
    body::{Body, Bytes, HttpBody},
    extract::{State, rejection::BytesRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use doorstep::base::{Id, Instant};
use hyper::body::Frame;
use tokio::{
    sync::{mpsc, watch},
    time::{MissedTickBehavior, interval, sleep},
};

use super::answer::body;
use crate::{
    Server,
    problem::{Problem, ProblemKind},
    rules,
};

/// Devices that wait here at once; more are sent away to poll.
const MOST: usize = 512;
/// How often the store is looked at while anybody waits.
const LOOK: Duration = Duration::from_millis(500);
/// A stream says at least so often that it lives.
const ALIVE: Duration = Duration::from_secs(20);
/// It ends after this long; the device comes again.
const LIFETIME: Duration = Duration::from_secs(10 * 60);

const RING: Bytes = Bytes::from_static(b"data: exchange now\n\n");
const LIVES: Bytes = Bytes::from_static(b": \n\n");

/// Who waits at this server.
#[derive(Clone, Default)]
pub(super) struct Bells(Arc<Mutex<Waiting>>);

#[derive(Default)]
struct Waiting {
    devices: HashMap<Id, watch::Sender<u64>>,
    looks: bool,
    closed: bool,
}

impl Bells {
    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every stream: the server stops.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.devices.clear();
    }

    /// A place for this device; an earlier stream of it ends.
    fn wait(&self, device: Id, server: &Arc<Server>) -> Result<watch::Receiver<u64>, Problem> {
        let mut waiting = self.lock();
        waiting.devices.retain(|_, bell| bell.receiver_count() > 0);
        let full = waiting.devices.len() >= MOST && !waiting.devices.contains_key(&device);
        if full || waiting.closed {
            let message = "too many devices wait here";
            let todo = "exchange once a minute instead, and come again after the time named";
            return Err(Problem::new(ProblemKind::Busy(60), "busy", message, todo));
        }
        let (bell, rings) = watch::channel(0);
        waiting.devices.insert(device, bell);
        if !std::mem::replace(&mut waiting.looks, true) {
            tokio::spawn(look(Arc::downgrade(&self.0), server.clone()));
        }
        Ok(rings)
    }

    /// Rings for those who wait; `false` when nobody does.
    fn ring(&self, rung: &[Id]) -> bool {
        let mut waiting = self.lock();
        waiting.devices.retain(|_, bell| bell.receiver_count() > 0);
        for device in rung {
            if let Some(bell) = waiting.devices.get(device) {
                bell.send_modify(|rings| *rings += 1);
            }
        }
        waiting.looks = !waiting.devices.is_empty();
        waiting.looks
    }
}

/// Looks at the store as long as anybody waits.
async fn look(bells: Weak<Mutex<Waiting>>, server: Arc<Server>) {
    // At first all that rang lately is news: it may have rung since the first of them came.
    let mut known: HashMap<Id, Instant> = HashMap::new();
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let rung = match super::run(server.clone(), rules::rung).await {
            Ok(rung) => rung,
            // Whoever waits still polls; the next look may do better.
            Err(_) => continue,
        };
        let fresh: Vec<Id> = rung
            .iter()
            .filter(|(device, at)| known.get(device) != Some(at))
            .map(|(device, _)| *device)
            .collect();
        known = rung.into_iter().collect();
        let Some(waiting) = bells.upgrade() else { return };
        if !Bells(waiting).ring(&fresh) {
            return;
        }
    }
}

pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    Extension(bells): Extension<Bells>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let bytes = body(bytes)?;
    let device =
        super::run(server.clone(), move |tx, ctx| rules::may_wait(tx, ctx, &bytes)).await?;
    let mut rings = bells.wait(device, &server)?;
    let (say, said) = mpsc::channel(4);
    tokio::spawn(async move {
        let end = sleep(LIFETIME);
        tokio::pin!(end);
        // What rang before it came, nobody heard.
        let mut next = RING;
        loop {
            if say.send(next).await.is_err() {
                return;
            }
            next = tokio::select! {
                rung = rings.changed() => match rung {
                    Ok(()) => RING,
                    Err(_) => return,
                },
                () = sleep(ALIVE) => LIVES,
                () = say.closed() => return,
                () = &mut end => return,
            };
        }
    });
    let kind = HeaderValue::from_static("text/event-stream");
    Ok(([(header::CONTENT_TYPE, kind)], Body::new(Said(said))).into_response())
}

/// A body of what is said, as it is said.
struct Said(mpsc::Receiver<Bytes>);

impl HttpBody for Said {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|said| said.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use doorstep::base::Hash;
    use zeroize::Zeroizing;

    use super::*;
    use crate::{Database, KeyFile, OsEntropy, Parts, Settings, SystemClock};

    struct NewKeys;

    impl KeyFile for NewKeys {
        fn load(&self) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
            Ok(None)
        }

        fn create(&self, _: &[u8]) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn device(number: usize) -> Id {
        Id::from_hash(&Hash::of(&[&number.to_be_bytes()]))
    }

    #[tokio::test]
    async fn the_513th_device_is_sent_away_to_poll_until_a_place_is_free() {
        let opened = Server::open(Parts {
            database: Database::File(Path::new(":memory:")),
            keys: &NewKeys,
            clock: Arc::new(SystemClock),
            entropy: Box::new(OsEntropy),
            settings: Settings::default(),
        });
        let server = opened.map_err(|error| error.to_string()).expect("a server in memory").server;
        let bells = Bells::default();
        let wait = |number| bells.wait(device(number), &server);
        let mut waiting: Vec<_> = (0..MOST).map(|number| wait(number).expect("a place")).collect();
        let refused = wait(MOST).expect_err("it is full");
        assert!(matches!(refused.kind, ProblemKind::Busy(60)), "{refused:?}");
        // Who waits already and comes again takes its own place.
        waiting[7] = wait(7).expect("its own place");
        waiting.pop();
        wait(MOST).expect("a place is free");
    }
}

//! Waiting to be woken: one stream that is kept open, and opened again when it ends.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::{Bytes, Incoming},
    header,
};

use crate::{Transport, TransportError, error, refusal};

/// How patient a [`Waker`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WakerPatience {
    /// A stream that says nothing for so long is dead: the server speaks every 20 seconds.
    pub silence: Duration,
    /// The first wait after a failure; each further one is twice as long.
    pub first_pause: Duration,
    /// No wait is longer, unless the server asks for it.
    pub longest_pause: Duration,
}

impl Default for WakerPatience {
    fn default() -> WakerPatience {
        WakerPatience {
            silence: Duration::from_secs(60),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(5 * 60),
        }
    }
}

/// Waits for the server to say "exchange now", while the app is in front.
pub struct Waker {
    transport: Transport,
    patience: WakerPatience,
    stream: Option<Incoming>,
    line: Vec<u8>,
    failures: u32,
}

/// No line of ours is longer; whoever sends one isn't our server.
const MAX_LINE: usize = 256;

impl Waker {
    /// Waits at the server of `transport`. Opens no connection yet.
    pub fn new(transport: Transport, patience: WakerPatience) -> Waker {
        Waker { transport, patience, stream: None, line: Vec::new(), failures: 0 }
    }

    /// How many tries failed since the last that was answered.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Ends when it is time to exchange: the server said so, or a new stream was opened, and what
    /// happened before it nobody heard. `packet` makes a fresh wish for each try. A stream that ends
    /// or falls silent is opened again, after a pause that grows with each failure and is never the
    /// same for all phones. Drop the future to stop waiting; needs a tokio runtime.
    pub async fn wait(&mut self, mut packet: impl FnMut() -> Vec<u8>) {
        loop {
            let heard = match self.stream.take() {
                Some(stream) => self.listen(stream).await,
                None => self.open(packet()).await.map(|stream| {
                    self.stream = Some(stream);
                    false
                }),
            };
            match heard {
                Ok(true) => {
                    self.failures = 0;
                    return;
                }
                Ok(false) => {}
                Err(error) => {
                    self.line.clear();
                    self.failures = self.failures.saturating_add(1);
                    tokio::time::sleep(self.pause(&error)).await;
                }
            }
        }
    }

    async fn open(&self, packet: Vec<u8>) -> Result<Incoming, TransportError> {
        let request = Request::post(format!("{}/v1/wake", self.transport.base))
            .header(header::CONTENT_TYPE, "application/cose")
            .body(Full::new(Bytes::from(packet)))
            .map_err(|error| TransportError::Request(error.to_string()))?;
        let answer = async {
            let response = self.transport.client.request(request).await.map_err(error::unsent)?;
            let kind = response.headers().get(header::CONTENT_TYPE);
            let ours = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
            if response.status() == StatusCode::OK && ours {
                return Ok(response.into_body());
            }
            match crate::read(response, self.patience.silence).await {
                Ok(reply) => Err(refusal(StatusCode::OK, reply.retry_after, None)),
                Err(error) => Err(error),
            }
        };
        let answer = tokio::time::timeout(self.patience.silence, answer).await;
        answer.unwrap_or(Err(TransportError::TimedOut))
    }

    /// Reads on; whether the server rang.
    async fn listen(&mut self, mut stream: Incoming) -> Result<bool, TransportError> {
        let frame = tokio::time::timeout(self.patience.silence, stream.frame()).await;
        let ended = || TransportError::Unreachable("the stream ended".to_owned());
        let frame = match frame {
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_)) | None) => return Err(ended()),
            Err(_) => return Err(TransportError::TimedOut),
        };
        let mut rang = false;
        for byte in frame.data_ref().into_iter().flatten() {
            match byte {
                b'\n' => {
                    rang |= self.line.starts_with(b"data:");
                    self.line.clear();
                }
                _ if self.line.len() >= MAX_LINE => return Err(TransportError::TooLarge),
                byte => self.line.push(*byte),
            }
        }
        self.stream = Some(stream);
        Ok(rang)
    }

    /// Half of the wait is certain, the other half drawn.
    fn pause(&self, error: &TransportError) -> Duration {
        if let Some(ms) = error.retry_after_ms() {
            return Duration::from_millis(ms.unsigned_abs());
        }
        let doubled = self.patience.first_pause * 2_u32.pow((self.failures - 1).min(16));
        let half = doubled.min(self.patience.longest_pause) / 2;
        let drawn = RandomState::new().build_hasher().finish();
        let most = u64::try_from(half.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_millis(drawn % most)
    }
}

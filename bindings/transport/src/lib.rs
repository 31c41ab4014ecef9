//! Carries packets to the server a device was enrolled at: one POST, one typed outcome.
//!
//! Nothing that answers is believed to be the server until its answer looks like one: a captive
//! portal, a proxy's error page or half a body is [`Trouble::NotOurServer`], never an answer. Over
//! https it trusts what its caller names and nothing else: the company's key as the server shows it
//! (see [`Tls`]), or roots handed over as PEM. No system store is read and no platform verifier is
//! compiled in, so there is nothing to initialise on a phone. A kept connection that turns out to be
//! dead is replaced at once; any other retry is the core's `sync::Machine` to order. It logs nothing.

mod error;
mod tls;
mod wake;

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    header,
};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;

pub use doorstep::sync::Trouble;
pub use error::{Problem, SetupError, TransportError};
pub use tls::Tls;
pub use wake::{Waker, WakerPatience};

/// The largest answer that is read.
pub const MAX_ANSWER_BYTES: usize = doorstep::sync::MAX_PACKET_BYTES;

/// The longest wait a server may ask for, in seconds: whoever answers once with a far date must not
/// silence a phone for days.
pub const MAX_RETRY_AFTER: u32 = 60 * 60;

/// On a link with half a minute of delay each way, a connection takes a whole one.
const CONNECTING: Duration = Duration::from_secs(75);

/// However it trickles, no answer takes longer.
const WHOLE_ANSWER: Duration = Duration::from_secs(10 * 60);

/// How long to wait for what. A slow link is no dead one: an answer that goes on arriving is read to
/// its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// From the first byte sent to the first byte of the answer, a new connection included.
    pub answer: Duration,
    /// Between two pieces of the answer.
    pub silence: Duration,
}

impl Default for Patience {
    /// Enough for half a minute of delay each way, and for 8 KiB at a kilobyte a second.
    fn default() -> Patience {
        Patience { answer: Duration::from_secs(150), silence: Duration::from_secs(75) }
    }
}

/// A server's answer that looks like our server's: a success with a packet or JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, 200 to 299.
    pub status: u16,
    /// Seconds the server asked to wait before the next request, at most [`MAX_RETRY_AFTER`].
    pub retry_after: Option<u32>,
    /// What the body is, like `application/cose`.
    pub content_type: String,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// A way to one server; connections are kept and shared by clones.
#[derive(Clone)]
pub struct Transport {
    base: String,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Transport {
    /// A way to the server at `base_url`, like `https://office.example:8443`. Opens no connection.
    pub fn new(base_url: &str, tls: &Tls) -> Result<Transport, SetupError> {
        let wrong = || SetupError::Url(base_url.chars().take(200).collect());
        let uri: Uri = base_url.parse().map_err(|_| wrong())?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.query().is_some() {
            return Err(wrong());
        }
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls.config()?)
            .https_or_http()
            .enable_http1();
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECTING));
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(1)
            .build(connector.wrap_connector(http));
        Ok(Transport { base: base_url.trim_end_matches('/').to_owned(), client })
    }

    /// Sends `body` to `path` and reads the answer whole. Dropping the future ends the request; a
    /// connection on which patience ended is not used again. Needs a tokio runtime.
    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
        patience: Patience,
    ) -> Result<Reply, TransportError> {
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, content_type)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| TransportError::Request(error.to_string()))?;
        let asked = async {
            match self.client.request(request.clone()).await {
                // A kept connection may have died since; every packet may be sent twice.
                Err(error) if error::went_dead(&error) => self.client.request(request).await,
                done => done,
            }
        };
        let response =
            timeout(patience.answer, asked).await.map_err(|_| TransportError::TimedOut)?;
        let answer = read(response.map_err(error::unsent)?, patience.silence);
        timeout(WHOLE_ANSWER, answer).await.unwrap_or(Err(TransportError::TimedOut))
    }
}

async fn read(response: Response<Incoming>, silence: Duration) -> Result<Reply, TransportError> {
    let (head, mut body) = response.into_parts();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or("").to_owned();
    let retry_after = text(header::RETRY_AFTER).and_then(seconds);
    let mut bytes = Vec::new();
    while let Some(frame) =
        timeout(silence, body.frame()).await.map_err(|_| TransportError::TimedOut)?
    {
        let broke = |error| TransportError::NotOurServer(format!("the answer broke off: {error}"));
        let Ok(piece) = frame.map_err(broke)?.into_data() else { continue };
        if bytes.len() + piece.len() > MAX_ANSWER_BYTES {
            return Err(TransportError::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let ours = matches!(kind.as_str(), "application/cose" | "application/json");
    if head.status.is_success() && ours {
        let status = head.status.as_u16();
        return Ok(Reply { status, retry_after, content_type, body: bytes });
    }
    Err(refusal(head.status, retry_after, ours.then_some(&bytes[..])))
}

/// A wait in seconds, cut to the longest; more digits than fit are more than the longest too.
fn seconds(text: &str) -> Option<u32> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(MAX_RETRY_AFTER).min(MAX_RETRY_AFTER))
}

/// What an answer that is no success says.
fn refusal(status: StatusCode, retry_after: Option<u32>, json: Option<&[u8]>) -> TransportError {
    // A gateway before the server may say these two in any form; they mean the same.
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        return TransportError::Busy { retry_after };
    }
    let problem = json.and_then(|body| serde_json::from_slice::<Problem>(body).ok());
    let Some(problem) = problem else {
        return TransportError::NotOurServer(format!("it answered {status}, not as our server"));
    };
    match status {
        // What was sent did not arrive in time: the link's doing, and less of it may.
        StatusCode::REQUEST_TIMEOUT => TransportError::TimedOut,
        _ if status.is_server_error() => TransportError::Busy { retry_after },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::CONFLICT => {
            TransportError::Refused(problem)
        }
        _ => TransportError::NotUnderstood(problem),
    }
}

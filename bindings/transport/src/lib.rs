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

use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
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

pub use doorstep::sync::Trouble;
pub use error::{Problem, SetupError, TransportError};
pub use tls::Tls;

/// The largest answer that is read.
pub const MAX_ANSWER_BYTES: usize = doorstep::sync::MAX_PACKET_BYTES;

/// The longest wait a server may ask for, in seconds: whoever answers once with a far date must not
/// silence a phone for days.
pub const MAX_RETRY_AFTER: u32 = 60 * 60;

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
        http.set_connect_timeout(Some(Duration::from_secs(15)));
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(1)
            .build(connector.wrap_connector(http));
        Ok(Transport { base: base_url.trim_end_matches('/').to_owned(), client })
    }

    /// Sends `body` to `path` and reads the answer whole, all within `timeout`. Dropping the future
    /// ends the request. Needs a tokio runtime.
    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<Reply, TransportError> {
        let request = Request::post(format!("{}{path}", self.base))
            .header(header::CONTENT_TYPE, content_type)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| TransportError::Request(error.to_string()))?;
        let exchange = async {
            let response = match self.client.request(request.clone()).await {
                // A kept connection may have died since; every packet may be sent twice.
                Err(error) if error::went_dead(&error) => self.client.request(request).await,
                done => done,
            };
            read(response.map_err(error::unsent)?).await
        };
        tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(TransportError::TimedOut))
    }
}

async fn read(response: Response<Incoming>) -> Result<Reply, TransportError> {
    let (head, body) = response.into_parts();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let content_type = text(header::CONTENT_TYPE).unwrap_or("").to_owned();
    let retry_after = text(header::RETRY_AFTER).and_then(seconds);
    let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            TransportError::TooLarge
        } else {
            TransportError::NotOurServer(format!("the answer broke off: {error}"))
        }
    })?;
    let body = body.to_bytes();
    let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let ours = matches!(kind.as_str(), "application/cose" | "application/json");
    if head.status.is_success() && ours {
        let (status, body) = (head.status.as_u16(), body.to_vec());
        return Ok(Reply { status, retry_after, content_type, body });
    }
    Err(refusal(head.status, retry_after, ours.then_some(&body[..])))
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
        StatusCode::REQUEST_TIMEOUT => TransportError::Busy { retry_after },
        _ if status.is_server_error() => TransportError::Busy { retry_after },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::CONFLICT => {
            TransportError::Refused(problem)
        }
        _ => TransportError::NotUnderstood(problem),
    }
}

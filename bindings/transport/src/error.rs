//! How a request fails, by what can be done about it.

use std::error::Error;

use doorstep::sync::Trouble;
use serde::Deserialize;

/// A refusal in the server's words.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// Stable, for programs, like `code-used`.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub what_to_do: String,
}

/// Why a way to a server can't be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Not an address.
    #[error("`{0}` is no server address: write it like https://office.example:8443")]
    Url(String),
    /// The roots aren't certificates.
    #[error("the trusted roots cannot be used: {0}")]
    Roots(String),
    /// TLS refused its settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

/// Why a request brought no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request itself can't be made.
    #[error("the request cannot be made: {0}")]
    Request(String),
    /// No network, no route, nobody listens, or cut before an answer began.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// No whole answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// What answered isn't our server.
    #[error("what answered is not our server: {0}")]
    NotOurServer(String),
    /// The answer is longer than any of ours.
    #[error(
        "what answered is not our server: its answer exceeds {} bytes",
        crate::MAX_ANSWER_BYTES
    )]
    TooLarge,
    /// The server can't now.
    #[error("the server has too much to do right now")]
    Busy {
        /// Seconds it asked to wait, at most [`crate::MAX_RETRY_AFTER`].
        retry_after: Option<u32>,
    },
    /// The server doesn't accept who sends this.
    #[error("{}: {}", .0.message, .0.what_to_do)]
    Refused(Problem),
    /// The server doesn't understand what was sent.
    #[error("{}: {}", .0.message, .0.what_to_do)]
    NotUnderstood(Problem),
}

impl TransportError {
    /// What the core's sync machine is told.
    pub fn trouble(&self) -> Trouble {
        match self {
            TransportError::Request(_)
            | TransportError::Unreachable(_)
            | TransportError::TimedOut => Trouble::Offline,
            TransportError::NotOurServer(_) | TransportError::TooLarge => Trouble::NotOurServer,
            TransportError::Busy { .. } => Trouble::ServerBusy,
            TransportError::Refused(_) => Trouble::Refused,
            // The request was cut on its way: the same again may arrive whole.
            TransportError::NotUnderstood(problem) if problem.code == "torn" => Trouble::Offline,
            TransportError::NotUnderstood(_) => Trouble::NeedsNewerApp,
        }
    }

    /// Milliseconds the server asked to wait.
    pub fn retry_after_ms(&self) -> Option<i64> {
        match self {
            TransportError::Busy { retry_after } => retry_after.map(|s| i64::from(s) * 1_000),
            _ => None,
        }
    }

    /// The server's own words, if it said any.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            TransportError::Refused(problem) | TransportError::NotUnderstood(problem) => {
                Some(problem)
            }
            _ => None,
        }
    }
}

/// A request that brought no head of an answer.
pub(crate) fn unsent(error: hyper_util::client::legacy::Error) -> TransportError {
    let mut cause: &(dyn Error + 'static) = &error;
    let mut foreign = speaks_another_language(cause);
    while let Some(next) = within(cause) {
        cause = next;
        foreign |= speaks_another_language(cause);
    }
    let why = cause.to_string();
    if foreign { TransportError::NotOurServer(why) } else { TransportError::Unreachable(why) }
}

/// Whether a connection that stood was closed before any answer.
pub(crate) fn went_dead(error: &hyper_util::client::legacy::Error) -> bool {
    let mut cause: &(dyn Error + 'static) = error;
    loop {
        if speaks_another_language(cause) {
            return false;
        }
        match within(cause) {
            Some(next) => cause = next,
            None => return !error.is_connect(),
        }
    }
}

/// What an error is about: an `io::Error` tells what it wraps only when asked.
fn within<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Whoever can't be understood, or can't prove to be the server, isn't it.
fn speaks_another_language(error: &(dyn Error + 'static)) -> bool {
    error.is::<rustls::Error>()
        || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

//! What a rule refuses, in words for the caller.

use serde::Serialize;

use crate::store::StoreError;

/// What sort of refusal it is, by what the caller would do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// What was sent makes no sense; sending it again won't help.
    BadRequest,
    /// Who sent it isn't known: sign in, or enrol again.
    Unauthorised,
    /// Who sent it may not do this.
    Forbidden,
    /// What it is about isn't here.
    NotFound,
    /// It clashes with what is here already.
    Conflict,
    /// Over a limit of size.
    TooLarge,
    /// Too often: wait so many seconds.
    TooMany(u32),
    /// The server can't now: wait so many seconds.
    Busy(u32),
    /// The server failed.
    Internal,
}

/// A refusal. As JSON: `code`, `message`, `what_to_do`. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What sort it is.
    #[serde(skip)]
    pub kind: ProblemKind,
    /// Stable, for programs.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub what_to_do: String,
}

impl Problem {
    /// A refusal of `kind`.
    pub fn new(
        kind: ProblemKind,
        code: &'static str,
        message: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Problem {
        Problem { kind, code, message: message.into(), what_to_do: what_to_do.into() }
    }

    pub(crate) fn bad(
        code: &'static str,
        message: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Problem {
        Problem::new(ProblemKind::BadRequest, code, message, what_to_do)
    }

    pub(crate) fn not_found(
        code: &'static str,
        message: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Problem {
        Problem::new(ProblemKind::NotFound, code, message, what_to_do)
    }

    pub(crate) fn conflict(
        code: &'static str,
        message: impl Into<String>,
        what_to_do: impl Into<String>,
    ) -> Problem {
        Problem::new(ProblemKind::Conflict, code, message, what_to_do)
    }

    pub(crate) fn internal() -> Problem {
        let wait = "send it again later; if it stays, look at the server's log";
        Problem::new(ProblemKind::Internal, "internal", "the server failed", wait)
    }
}

/// How a rule ends when it doesn't succeed. Either way its transaction leaves nothing behind.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The caller is told.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// The store failed; the caller learns only that.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Refused(problem)
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Refused(problem) => problem,
            Failure::Store(StoreError::Busy) => Problem::new(
                ProblemKind::Busy(2),
                "busy",
                "the server has too much to do right now",
                "send it again after the time named",
            ),
            Failure::Store(error) => {
                tracing::error!(%error, "the store failed");
                Problem::internal()
            }
        }
    }
}

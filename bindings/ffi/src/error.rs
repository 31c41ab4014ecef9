//! Errors by what an app does about them.

use doorstep::{
    base::Lang,
    engine::{ActError, EnrolError, ExchangeError},
    store::{OpenError, StoreError},
    sync::Trouble,
    text::tr,
};

/// What an app does differently about a failure. `text` is in the language of the call where a
/// person should read it, and for developers in [`DoorstepError::Report`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum DoorstepError {
    /// Try again, by itself: nothing was recorded and nothing is lost.
    #[error("try again: {text}")]
    Retry {
        /// What is in the way.
        text: String,
        /// Wait at least so long.
        after_ms: i64,
    },
    /// Show the text: a person must do something else first.
    #[error("{text}")]
    AskUser {
        /// A stable name of the reason.
        reason: String,
        /// Why, and what to do.
        text: String,
    },
    /// Enrol with a new code. Unsent work stays.
    #[error("enrol again: {text}")]
    ReEnrol {
        /// Why.
        text: String,
    },
    /// Update the app. Unsent work stays.
    #[error("update the app: {text}")]
    UpdateApp {
        /// Why.
        text: String,
    },
    /// The file could not be read. It was given the name in `set_aside`: open again to start a new
    /// one, and send that file to whoever can salvage it.
    #[error("the file was damaged and set aside as {set_aside}")]
    Damaged {
        /// Where the file is now.
        set_aside: String,
    },
    /// A mistake in the app or in Doorstep: report it.
    #[error("report this: {text}")]
    Report {
        /// What happened, for developers; no personal data.
        text: String,
    },
}

impl DoorstepError {
    pub(crate) fn report(error: impl ToString) -> DoorstepError {
        DoorstepError::Report { text: error.to_string() }
    }

    pub(crate) fn bad_value(error: impl ToString) -> DoorstepError {
        DoorstepError::AskUser { reason: "bad_value".to_owned(), text: error.to_string() }
    }

    pub(crate) fn act(error: &ActError, lang: Lang) -> DoorstepError {
        let text = error.text(lang);
        match error {
            ActError::NotEnrolled => DoorstepError::ReEnrol { text },
            ActError::Store(StoreError::Sqlite(_)) => DoorstepError::Retry { text, after_ms: 0 },
            ActError::Store(StoreError::Damaged(_)) | ActError::Repeated(_) => {
                DoorstepError::report(error)
            }
            _ => DoorstepError::AskUser { reason: error.kind().to_owned(), text },
        }
    }

    pub(crate) fn exchange(error: &ExchangeError, lang: Lang) -> DoorstepError {
        match error {
            ExchangeError::Act(error) => DoorstepError::act(error, lang),
            ExchangeError::NotOurServer(_) => {
                DoorstepError::trouble(Trouble::NotOurServer, 0, lang)
            }
            ExchangeError::NothingAsked => DoorstepError::report(error),
        }
    }

    /// What kept an exchange from succeeding.
    pub(crate) fn trouble(trouble: Trouble, after_ms: i64, lang: Lang) -> DoorstepError {
        let said = |id: &str| {
            let (what, todo) = (format!("sync-trouble-{id}"), format!("sync-do-{id}"));
            format!("{} – {}", tr(lang, &what, &[]), tr(lang, &todo, &[]))
        };
        match trouble {
            Trouble::Offline => DoorstepError::Retry { text: said("offline"), after_ms },
            Trouble::ServerBusy => DoorstepError::Retry { text: said("server-busy"), after_ms },
            Trouble::NotOurServer => DoorstepError::AskUser {
                reason: "not_our_server".to_owned(),
                text: said("not-our-server"),
            },
            Trouble::Refused => DoorstepError::ReEnrol { text: said("refused") },
            Trouble::NeedsNewerApp => DoorstepError::UpdateApp { text: said("needs-newer-app") },
        }
    }

    pub(crate) fn enrol(error: &EnrolError, lang: Lang) -> DoorstepError {
        match error {
            EnrolError::Packet(_) => DoorstepError::trouble(Trouble::NotOurServer, 0, lang),
            EnrolError::NotForUs(_) => DoorstepError::refused_code(lang),
            EnrolError::OtherCompany | EnrolError::OtherPerson => DoorstepError::refused_code(lang),
            EnrolError::AlreadyEnrolled | EnrolError::Secrets(_) | EnrolError::Store(_) => {
                DoorstepError::report(error)
            }
        }
    }

    pub(crate) fn refused_code(lang: Lang) -> DoorstepError {
        let text = tr(lang, "refused-enrolment", &[]);
        DoorstepError::AskUser { reason: "code_refused".to_owned(), text }
    }

    /// Why the file doesn't open, when it isn't damaged.
    pub(crate) fn open(error: &OpenError) -> DoorstepError {
        match error {
            OpenError::TooNew { .. } => DoorstepError::UpdateApp { text: error.to_string() },
            OpenError::Foreign | OpenError::NotADatabase(_) | OpenError::Io(_) => {
                DoorstepError::report(error)
            }
        }
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for DoorstepError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> DoorstepError {
        DoorstepError::report(error.reason)
    }
}

//! The papers a phone can hand out, as the platforms name them.

use doorstep::engine;

use crate::{action::id, error::DoorstepError};

/// A paper.
#[derive(Debug, uniffi::Enum)]
pub enum Paper {
    /// The receipt with this counter in the phone's series, or the refund: they share one count.
    Receipt {
        /// The counter.
        counter: i64,
    },
    /// What was signed for a visit, in the language that was signed.
    ServiceReport {
        /// The visit.
        visit: String,
    },
    /// The open shift, or the one closed last.
    DayReport,
    /// What a visit found, and by when it is mended.
    HazardNotice {
        /// The visit.
        visit: String,
    },
    /// What hangs on the door where nobody opened.
    NoAccess {
        /// The visit.
        visit: String,
    },
    /// What was read on the meters of a visit.
    MeterSlip {
        /// The visit.
        visit: String,
    },
    /// This phone's code, for whoever hands a visit over to it.
    TakerCode,
}

impl Paper {
    pub(crate) fn named(self) -> Result<engine::Paper, DoorstepError> {
        Ok(match self {
            Paper::Receipt { counter } => engine::Paper::Receipt {
                counter: u64::try_from(counter).map_err(DoorstepError::bad_value)?,
            },
            Paper::ServiceReport { visit } => engine::Paper::ServiceReport { visit: id(&visit)? },
            Paper::DayReport => engine::Paper::DayReport,
            Paper::TakerCode => engine::Paper::TakerCode,
            Paper::HazardNotice { visit } => engine::Paper::HazardNotice { visit: id(&visit)? },
            Paper::NoAccess { visit } => engine::Paper::NoAccess { visit: id(&visit)? },
            Paper::MeterSlip { visit } => engine::Paper::MeterSlip { visit: id(&visit)? },
        })
    }
}

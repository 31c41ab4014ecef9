//! Details of an order that the office and a technician may both change: the customer's phone, a note
//! on how to get in, the appointment, warnings.
//!
//! A phone and a note are personal: their text stands in the event's private part, class contact, as
//! a [`DetailText`]; a print of it under that class' key tells a fold whether two texts are one.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::{
    base::{Hash, Instant, Personal},
    log::SubjectKey,
};

/// Characters of a phone or a note.
const LONGEST: usize = 500;
/// Characters of a warning's code.
const LONGEST_CODE: usize = 40;
/// The longest an appointment lasts.
const LONGEST_APPOINTMENT_MS: i64 = 24 * 60 * 60 * 1_000;

/// A detail was changed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DetailChanged {
    /// Which, and to what.
    #[n(0)]
    pub change: DetailChange,
}

/// One detail's new value.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum DetailChange {
    /// The customer's phone: a print of its text.
    #[n(0)]
    Phone(#[n(0)] Hash),
    /// How to get in: a print of the text.
    #[n(1)]
    AccessNote(#[n(0)] Hash),
    /// When somebody comes.
    #[n(2)]
    Appointment(#[n(0)] Appointment),
    /// What to beware of, put up or taken away.
    #[n(3)]
    Warning(#[n(0)] Warning),
    /// Nobody comes at a time any more: the appointment was called off.
    #[n(4)]
    NoAppointment,
}

/// An appointment: when somebody comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize)]
#[cbor(map)]
pub struct Appointment {
    /// From.
    #[n(0)]
    pub from: Instant,
    /// To; after `from`.
    #[n(1)]
    pub to: Instant,
    /// Agreed with the customer; otherwise set by a plan.
    #[n(2)]
    pub agreed: bool,
}

impl Appointment {
    /// Whether it ends after it begins, within a day.
    pub fn makes_sense(&self) -> bool {
        (1..=LONGEST_APPOINTMENT_MS).contains(&self.to.since(self.from))
    }
}

/// A warning, by its code: `dog`, `gas_smell`. No personal data.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Warning {
    /// Which.
    #[n(0)]
    pub code: String,
    /// Taken away: only the office's word counts for that.
    #[n(1)]
    pub away: bool,
}

/// Private part of [`DetailChanged`], class contact: the phone or the note.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct DetailText {
    /// The text.
    #[n(0)]
    pub text: Personal,
}

/// A change as somebody enters it. JSON: `{"detail": "phone", "text": "555 0100"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "detail", rename_all = "snake_case", deny_unknown_fields)]
pub enum DetailInput {
    /// The customer's phone.
    Phone {
        /// As to be dialled.
        text: Personal,
    },
    /// How to get in.
    AccessNote {
        /// In words.
        text: Personal,
    },
    /// When somebody comes.
    Appointment {
        /// From.
        from: Instant,
        /// To.
        to: Instant,
        /// Agreed with the customer.
        #[serde(default)]
        agreed: bool,
    },
    /// The appointment is called off.
    NoAppointment,
    /// What to beware of.
    Warning {
        /// Its code.
        code: String,
        /// Taken away.
        #[serde(default)]
        away: bool,
    },
}

/// Why a change can't be recorded like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DetailError {
    /// No text, or too much.
    #[error("write 1 to {LONGEST} characters")]
    Text,
    /// No appointment.
    #[error("an appointment ends after it begins, within a day")]
    Appointment,
    /// A technician takes a warning away.
    #[error("only the office takes a warning away: tell it that it is gone")]
    Away,
    /// No code.
    #[error("a warning's code has 1 to {LONGEST_CODE} small letters, digits and `_`")]
    Code,
}

impl DetailInput {
    /// The event's two parts: what everybody reads, and what is sealed under `key`, the subject's of
    /// class contact.
    pub fn parts(
        &self,
        key: &SubjectKey,
    ) -> Result<(DetailChanged, Option<DetailText>), DetailError> {
        let print = |text: &Personal| {
            let length = text.reveal().chars().count();
            if text.reveal().trim().is_empty() || length > LONGEST {
                return Err(DetailError::Text);
            }
            Ok((key.print(text.reveal().as_bytes()), Some(DetailText { text: text.clone() })))
        };
        let (change, private) = match self {
            DetailInput::Phone { text } => {
                let (print, private) = print(text)?;
                (DetailChange::Phone(print), private)
            }
            DetailInput::AccessNote { text } => {
                let (print, private) = print(text)?;
                (DetailChange::AccessNote(print), private)
            }
            DetailInput::Appointment { from, to, agreed } => {
                let made = Appointment { from: *from, to: *to, agreed: *agreed };
                if !made.makes_sense() {
                    return Err(DetailError::Appointment);
                }
                (DetailChange::Appointment(made), None)
            }
            DetailInput::NoAppointment => (DetailChange::NoAppointment, None),
            DetailInput::Warning { code, away } => {
                let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                if code.is_empty() || code.len() > LONGEST_CODE || !code.chars().all(fits) {
                    return Err(DetailError::Code);
                }
                (DetailChange::Warning(Warning { code: code.clone(), away: *away }), None)
            }
        };
        Ok((DetailChanged { change }, private))
    }
}

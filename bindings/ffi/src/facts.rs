//! Hazards, readings and counts, in types that cross. Their names are the core's.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    engine::{self, DutyReport, HazardSeen, ReadingTaken},
    event::{self, DetailInput, Duty, ReadingFlag, ReadingKind, SealState, ShutOff},
};

use crate::{DoorstepError, action::Money};

/// What a grade asks for before a visit may end.
#[uniffi::remote(Enum)]
pub enum Duty {
    ShutOff,
    Tag,
    Notice,
    Witness,
    PhotoBefore,
    PhotoAfter,
    TellSupervisor,
}

/// A change of an order's detail.
#[uniffi::remote(Enum)]
pub enum DetailInput {
    Phone { text: Personal },
    AccessNote { text: Personal },
    Appointment { from: Instant, to: Instant, agreed: bool },
    NoAppointment,
    Warning { code: String, away: bool },
}

/// What was shut off.
#[uniffi::remote(Enum)]
pub enum ShutOff {
    Appliance,
    Valve,
    Supply,
}

/// How a reading came about.
#[uniffi::remote(Enum)]
pub enum ReadingKind {
    Physical,
    Customer,
    Estimate,
    Smart,
}

/// How a seal is.
#[uniffi::remote(Enum)]
pub enum SealState {
    Whole,
    Broken,
    Missing,
    Unreadable,
}

/// What stands out about a reading.
#[uniffi::remote(Enum)]
pub enum ReadingFlag {
    Backwards,
    RolledOver,
    High,
    Low,
    Zero,
    WrongMeter,
    DisplayDiffers,
    Swapped,
    TooManyDigits,
    TooManyEstimates,
    ForReview,
    CardDiffers,
}

/// A hazard to write down. Personal: it has no Debug.
#[derive(uniffi::Record)]
pub struct Hazard {
    /// The grade's code, on the profile's scale.
    pub grade: String,
    /// What it is about.
    pub item: String,
    /// Where, and what is wrong.
    pub text: Option<String>,
    /// Pictures: SHA-256 of each, in hex.
    pub evidence: Vec<Hash>,
    /// The finding it continues.
    pub first: Option<Hash>,
    /// The order of that finding, where it is another.
    pub first_order: Option<Id>,
    /// Who has to mend it, of the screen's parties; absent: whoever is named for the item.
    #[uniffi(default = None)]
    pub party: Option<String>,
}

/// What a hazard asks for, done or refused. Personal: it has no Debug.
#[derive(uniffi::Record)]
pub struct DutyEntry {
    /// The hazard.
    pub hazard: Hash,
    /// What.
    pub duty: Duty,
    /// The customer refused it.
    pub refused: bool,
    /// The notice's or tag's number.
    pub number: Option<String>,
    /// A picture.
    pub photo: Option<Hash>,
    /// What was said or done.
    pub text: Option<String>,
    /// Who saw it.
    pub witness: Option<String>,
}

/// A meter changed within a period.
#[derive(uniffi::Record)]
pub struct MeterSwap {
    /// The old one's last value.
    pub old_last: i64,
    /// The new one's first.
    pub new_first: i64,
}

/// What was read. Personal: it has no Debug.
#[derive(uniffi::Record)]
pub struct MeterReading {
    /// The number on the plate.
    pub meter: String,
    /// The number in the record, where the premises have several.
    pub expected: Option<String>,
    /// How.
    pub kind: ReadingKind,
    /// What the wheels show, like `1340.25`; of an estimate nothing, and the rule gives it.
    pub value: Option<String>,
    /// What a display shows.
    pub display: Option<String>,
    /// The wheels went past their end.
    pub rolled_over: bool,
    /// The meter was changed.
    pub swapped: Option<MeterSwap>,
    /// A picture of number and wheels.
    pub photo: Option<Hash>,
    /// The seal's number.
    pub seal: Option<String>,
    /// How the seal is.
    pub seal_state: Option<SealState>,
    /// What is left on an IC card.
    pub card_left: Option<i64>,
    /// All that was ever bought by card, where the meter shows it.
    #[uniffi(default = None)]
    pub card_bought: Option<i64>,
    /// A picture of the display, where it differs from the wheels.
    #[uniffi(default = None)]
    pub display_photo: Option<Hash>,
    /// Why it is sent to a supervisor although it cannot be.
    pub reason: Option<String>,
}

/// A number read in passing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FastEntry {
    /// What the wheels show, like `1340`.
    pub value: String,
    /// The meter, where the premises have several, or where another number stands on the plate.
    pub meter: Option<String>,
    /// A picture of number and wheels.
    pub photo: Option<Hash>,
    /// What stands out was looked at again, and is so.
    pub confirmed: bool,
    /// Past the end of the wheels: looked at again, with a picture.
    pub rolled_over: bool,
}

impl TryFrom<FastEntry> for engine::FastReading {
    type Error = DoorstepError;

    fn try_from(entry: FastEntry) -> Result<engine::FastReading, DoorstepError> {
        Ok(engine::FastReading {
            value: entry.value.parse().map_err(DoorstepError::bad_value)?,
            meter: entry.meter,
            photo: entry.photo,
            confirmed: entry.confirmed,
            rolled_over: entry.rolled_over,
        })
    }
}

/// What a reading comes to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReadingResult {
    /// Used since the last real reading.
    pub usage: Option<i64>,
    /// Billed too much by an estimate before.
    pub credit: i64,
    /// What stands out.
    pub flags: Vec<ReadingFlag>,
    /// What it would cost by the profile's tiers.
    pub preview: Option<Money>,
}

/// Notes or coins of one value.
#[derive(uniffi::Record)]
pub struct Pieces {
    /// What one is worth, in minor units.
    pub value: i64,
    /// How many.
    pub count: i64,
}

fn whole(value: i64) -> Result<u64, DoorstepError> {
    u64::try_from(value).map_err(DoorstepError::bad_value)
}

impl From<Hazard> for HazardSeen {
    fn from(hazard: Hazard) -> HazardSeen {
        HazardSeen {
            grade: hazard.grade,
            item: hazard.item,
            text: hazard.text.map(Personal::new),
            evidence: hazard.evidence,
            first: hazard.first,
            first_order: hazard.first_order,
            party: hazard.party,
        }
    }
}

impl From<DutyEntry> for DutyReport {
    fn from(entry: DutyEntry) -> DutyReport {
        DutyReport {
            hazard: entry.hazard,
            duty: entry.duty,
            refused: entry.refused,
            number: entry.number,
            photo: entry.photo,
            text: entry.text.map(Personal::new),
            witness: entry.witness.map(Personal::new),
        }
    }
}

impl TryFrom<MeterReading> for ReadingTaken {
    type Error = DoorstepError;

    fn try_from(reading: MeterReading) -> Result<ReadingTaken, DoorstepError> {
        let swapped = match reading.swapped {
            None => None,
            Some(swap) => Some((whole(swap.old_last)?, whole(swap.new_first)?)),
        };
        let value = reading.value.map(|value| value.parse()).transpose();
        let display = reading.display.map(|display| display.parse()).transpose();
        Ok(ReadingTaken {
            meter: reading.meter,
            expected: reading.expected,
            kind: reading.kind,
            value: value.map_err(DoorstepError::bad_value)?,
            display: display.map_err(DoorstepError::bad_value)?,
            rolled_over: reading.rolled_over,
            swapped,
            photo: reading.photo,
            seal: reading.seal,
            seal_state: reading.seal_state,
            card_left: reading.card_left.map(whole).transpose()?,
            card_bought: reading.card_bought.map(whole).transpose()?,
            display_photo: reading.display_photo,
            reason: reading.reason.map(Personal::new),
        })
    }
}

impl From<engine::ReadingDone> for ReadingResult {
    fn from(done: engine::ReadingDone) -> ReadingResult {
        let whole = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        ReadingResult {
            usage: done.usage.map(whole),
            credit: whole(done.credit),
            flags: done.flags,
            preview: done.preview.map(Into::into),
        }
    }
}

impl TryFrom<Pieces> for event::Pieces {
    type Error = DoorstepError;

    fn try_from(pieces: Pieces) -> Result<event::Pieces, DoorstepError> {
        let count = u32::try_from(pieces.count).map_err(DoorstepError::bad_value)?;
        Ok(event::Pieces { value: pieces.value, count })
    }
}

//! What a technician writes about a meter.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::base::{Decimal, Hash, Instant};

/// How a reading came about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ReadingKind {
    /// The wheels were read.
    #[n(0)]
    Physical,
    /// The customer said, or sent a picture.
    #[n(1)]
    Customer,
    /// Nobody read it.
    #[n(2)]
    Estimate,
    /// The meter sent it.
    #[n(3)]
    Smart,
}

/// By which way a value came that no technician read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ReadingSource {
    /// The customer's app.
    #[n(0)]
    App,
    /// By telephone.
    #[n(1)]
    Phone,
    /// A web page.
    #[n(2)]
    Web,
    /// A message.
    #[n(3)]
    Message,
    /// At the counter.
    #[n(4)]
    Counter,
    /// The network that meters send over.
    #[n(5)]
    Network,
}

/// What stands out about a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ReadingFlag {
    /// Below the last value.
    #[n(0)]
    Backwards,
    /// Past the end of the wheels, confirmed.
    #[n(1)]
    RolledOver,
    /// Far above the usual use.
    #[n(2)]
    High,
    /// Far below the usual use.
    #[n(3)]
    Low,
    /// Nothing was used.
    #[n(4)]
    Zero,
    /// Another number stands on the plate.
    #[n(5)]
    WrongMeter,
    /// Wheels and display differ.
    #[n(6)]
    DisplayDiffers,
    /// The meter was changed.
    #[n(7)]
    Swapped,
    /// More digits than the meter has wheels.
    #[n(8)]
    TooManyDigits,
    /// More estimates in a row than the profile allows.
    #[n(9)]
    TooManyEstimates,
    /// Cannot be, and was sent to a supervisor all the same.
    #[n(10)]
    ForReview,
    /// What was bought by card, less what is left of it, is not what the wheels passed.
    #[n(11)]
    CardDiffers,
}

/// The state of a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SealState {
    /// Whole.
    #[n(0)]
    Whole,
    /// Broken.
    #[n(1)]
    Broken,
    /// Not there.
    #[n(2)]
    Missing,
    /// There, but its number can't be read.
    #[n(3)]
    Unreadable,
}

/// A meter was read; by a technician at the door, or the office wrote down what a customer said or a
/// meter sent. Why, where a reason was needed, stands in the private part, class service, as a
/// [`super::ReasonText`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MeterRead {
    /// The number on the plate, as seen.
    #[n(0)]
    pub meter: String,
    /// The number in the office's record; absent where there is none.
    #[n(1)]
    pub expected: Option<String>,
    /// How.
    #[n(2)]
    pub kind: ReadingKind,
    /// What the wheels show; red digits are kept and not billed.
    #[n(3)]
    pub value: Decimal,
    /// What a display beside them shows.
    #[n(4)]
    pub display: Option<Decimal>,
    /// The value the usage was counted from.
    #[n(5)]
    pub previous: Option<u64>,
    /// Used since, in whole units.
    #[n(6)]
    pub usage: Option<u64>,
    /// Billed too much by an estimate before.
    #[n(7)]
    pub credit: u64,
    /// What stands out.
    #[n(8)]
    pub flags: Vec<ReadingFlag>,
    /// The old meter's last value, where it was changed, and the new one's first.
    #[n(9)]
    pub swapped: Option<(u64, u64)>,
    /// A picture of number and wheels.
    #[n(10)]
    pub photo: Option<Hash>,
    /// The seal's number, as seen or as newly put on.
    #[n(11)]
    pub seal: Option<String>,
    /// How the seal is.
    #[n(12)]
    pub seal_state: Option<SealState>,
    /// What is left on an IC card, in whole units.
    #[n(13)]
    pub card_left: Option<u64>,
    /// What an estimate was made from, where the profile's rule made it.
    #[n(14)]
    pub estimate: Option<EstimateBasis>,
    /// By which way it came, where the office wrote it down.
    #[n(15)]
    pub source: Option<ReadingSource>,
    /// When it was read or sent, where that was before it was written down.
    #[n(16)]
    pub read_at: Option<Instant>,
    /// All that was ever bought by card, as the meter shows it, in whole units.
    #[n(17)]
    pub card_bought: Option<u64>,
    /// A picture of the display, where it differs from the wheels.
    #[n(18)]
    pub display_photo: Option<Hash>,
}

/// How an estimate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum EstimateMethod {
    /// The last value and the usual use.
    #[n(0)]
    UsualUse,
    /// The last value: nothing is billed until somebody reads.
    #[n(1)]
    NoUse,
}

/// What an estimate was made from: with these anybody can make it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(map)]
pub struct EstimateBasis {
    /// How.
    #[n(0)]
    pub method: EstimateMethod,
    /// The last value, read or estimated, in whole units.
    #[n(1)]
    pub last: u64,
    /// The usual use, where it was added.
    #[n(2)]
    pub usual: Option<u64>,
}

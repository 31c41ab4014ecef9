//! A round of meters, door by door, as its screen crosses.

use doorstep::{
    base::Id,
    screen::{Amount, FastScreen, MeterCard, NextStop, ReadingCheck},
};

/// What a number comes to.
#[uniffi::remote(Record)]
pub struct ReadingCheck {
    /// Used since the last real reading, in words.
    pub text: String,
    /// What stands out, in words; empty when nothing does.
    pub flags: Vec<String>,
    /// It cannot be: read it again, or open the visit to send it to a supervisor.
    pub impossible: bool,
    /// Past the end of the wheels would be plausible: look again, take a picture, and say so.
    pub offer_roll_over: bool,
    /// What it would cost; the bill is the office's.
    pub preview: Option<Amount>,
}

/// The next meter.
#[uniffi::remote(Record)]
pub struct FastScreen {
    /// What the last number came to, to be told to the customer.
    pub told: Option<ReadingCheck>,
    /// The last reading's visit, where something must still be put right.
    pub visit: Option<Id>,
    /// How far the round is done, in words.
    pub progress: String,
    /// Where to go; absent when every meter is read.
    pub stop: Option<NextStop>,
    /// The meters there.
    pub meters: Vec<MeterCard>,
}

/// A meter to be read.
#[uniffi::remote(Record)]
pub struct MeterCard {
    /// The number that stands on its plate.
    pub number: String,
    /// Black wheels.
    pub digits: i64,
    /// Its seal's number.
    pub seal: Option<String>,
    /// What it is estimated at where nobody gets at it, and from what, in words; recorded as an
    /// estimate without a value. Absent where the profile says nothing of estimates.
    pub estimate: Option<String>,
    /// What its customer said of it, or it sent, in words: the wheels are read all the same.
    pub told: Option<String>,
}

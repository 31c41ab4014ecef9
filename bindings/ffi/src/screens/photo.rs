//! Photos, as screens show them.

use doorstep::{
    base::Hash,
    screen::{PhotoCard, PhotoLane, PhotoState, PhotoTally},
};

/// One photo.
#[uniffi::remote(Record)]
pub struct PhotoCard {
    /// What actions call it.
    pub photo: Hash,
    /// How far it is.
    pub state: PhotoState,
    /// Its size as it is sent, in bytes; 0 where it was taken elsewhere.
    pub bytes: i64,
    /// So many of them are with the office.
    pub sent_bytes: i64,
    /// The picture itself is still on this phone.
    pub here: bool,
    /// A small picture of it is on this phone.
    pub thumbnail: bool,
    /// Why the office doesn't take it: a code, like `photo-quota`.
    pub refused: Option<String>,
    /// How far it is in words, and what to do where something is.
    pub text: String,
}

/// Photos that wait, as sync is shown.
#[uniffi::remote(Record)]
pub struct PhotoLane {
    /// The lane's name.
    pub title: String,
    /// Photos.
    pub photos: i64,
    /// Bytes of them that are still to be sent.
    pub bytes: i64,
    /// Of these photos, refused by the office for now.
    pub refused: i64,
    /// They wait for a network that isn't metered; they can be sent all the same.
    pub waits: bool,
    /// These in words.
    pub text: String,
    /// How long sending them takes, in words, where the link's speed is known.
    pub time_left_text: Option<String>,
}

/// How far a photo is on its way.
#[uniffi::remote(Enum)]
pub enum PhotoState {
    /// Nothing of it is with the office.
    Waiting,
    /// Part of it is.
    Sending,
    /// All of it is.
    Sent,
    /// The office doesn't take it for now.
    Refused,
    /// It was taken on another phone: that one knows.
    Elsewhere,
    /// The customer asked that it be removed: nobody keeps it.
    Erased,
}

/// How many photos, and how far they are.
#[uniffi::remote(Record)]
pub struct PhotoTally {
    /// Taken on this phone.
    pub taken: i64,
    /// Of these, with the office.
    pub sent: i64,
    /// Of these, still to be sent, those refused included.
    pub waiting: i64,
    /// Of these, refused by the office for now.
    pub refused: i64,
    /// Bytes still to be sent.
    pub waiting_bytes: i64,
    /// How many of how many are sent, in words; absent where none was taken.
    pub text: Option<String>,
}

//! Photos: which were taken, how far each is on its way, and what the office doesn't have yet.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    base::{Hash, Lang},
    store::{PhotoBacklog, PhotoMark},
    text::{find, id_of, named, tr},
};

/// How far a photo is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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

/// One photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// How many photos, and how far they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// Photos that wait, as sync is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

impl PhotoCard {
    /// A photo by its mark; without one it was taken elsewhere, or it is among the `erased`.
    pub(super) fn new(
        photo: Hash,
        mark: Option<&PhotoMark>,
        erased: &BTreeSet<Hash>,
        lang: Lang,
    ) -> PhotoCard {
        let Some(mark) = mark else {
            let erased = erased.contains(&photo);
            let state = if erased { PhotoState::Erased } else { PhotoState::Elsewhere };
            return PhotoCard {
                photo,
                state,
                bytes: 0,
                sent_bytes: 0,
                here: false,
                thumbnail: false,
                refused: None,
                text: named(lang, "photo", &id_of(&state)),
            };
        };
        let state = state(mark);
        PhotoCard {
            photo,
            state,
            bytes: number(mark.size),
            sent_bytes: number(if mark.arrived { mark.size } else { mark.sent }),
            here: !mark.purged,
            thumbnail: mark.thumbnail,
            refused: (state == PhotoState::Refused).then(|| mark.trouble.clone()),
            text: match state {
                PhotoState::Refused => refusal(&mark.trouble, lang),
                _ => {
                    let percent = mark.sent.saturating_mul(100) / mark.size.max(1);
                    let args = [
                        ("kilobytes", kilobytes(mark.size)),
                        ("percent", percent.to_string().into()),
                    ];
                    tr(lang, &format!("photo-{}", id_of(&state)), &args)
                }
            },
        }
    }
}

impl PhotoTally {
    /// Of the photos on these cards.
    pub(super) fn new<'a>(cards: impl Iterator<Item = &'a PhotoCard>, lang: Lang) -> PhotoTally {
        let mut tally =
            PhotoTally { taken: 0, sent: 0, waiting: 0, refused: 0, waiting_bytes: 0, text: None };
        for card in cards {
            let elsewhere = matches!(card.state, PhotoState::Elsewhere | PhotoState::Erased);
            tally.taken += i64::from(!elsewhere);
            match card.state {
                PhotoState::Sent => tally.sent += 1,
                PhotoState::Elsewhere | PhotoState::Erased => {}
                PhotoState::Refused | PhotoState::Waiting | PhotoState::Sending => {
                    tally.waiting += 1;
                    tally.refused += i64::from(card.state == PhotoState::Refused);
                    tally.waiting_bytes += card.bytes - card.sent_bytes;
                }
            }
        }
        tally.text = (tally.taken > 0).then(|| {
            let id = if tally.refused > 0 { "photo-tally-refused" } else { "photo-tally" };
            let args = [
                ("taken", tally.taken.to_string().into()),
                ("sent", tally.sent.to_string().into()),
                ("refused", tally.refused.to_string().into()),
            ];
            tr(lang, id, &args)
        });
        tally
    }
}

impl PhotoLane {
    /// What waits; `None` where nothing does.
    pub(super) fn new(
        waiting: &PhotoBacklog,
        waits: bool,
        bytes_per_second: Option<u64>,
        lang: Lang,
    ) -> Option<PhotoLane> {
        if waiting.photos == 0 {
            return None;
        }
        let title = tr(lang, "sync-lane-photos", &[]);
        let id = match (waits, waiting.refused > 0) {
            (true, _) => "sync-photos-wait",
            (false, true) => "sync-photos-refused",
            (false, false) => "sync-photos",
        };
        let args = [
            ("lane", title.clone().into()),
            ("count", waiting.photos.to_string().into()),
            ("kilobytes", kilobytes(waiting.bytes)),
            ("refused", waiting.refused.to_string().into()),
        ];
        Some(PhotoLane {
            text: tr(lang, id, &args),
            title,
            photos: number(waiting.photos),
            bytes: number(waiting.bytes),
            refused: number(waiting.refused),
            waits,
            time_left_text: bytes_per_second
                .filter(|_| !waits)
                .map(|rate| time_left(waiting.bytes, rate, lang)),
        })
    }
}

/// How long so many bytes take on a link that carries so many in a second.
pub(super) fn time_left(bytes: u64, bytes_per_second: u64, lang: Lang) -> String {
    let minutes = bytes.div_ceil(bytes_per_second.max(1)).div_ceil(60);
    tr(lang, "sync-time-left", &[("minutes", minutes.to_string().into())])
}

fn state(mark: &PhotoMark) -> PhotoState {
    match mark {
        PhotoMark { arrived: true, .. } => PhotoState::Sent,
        PhotoMark { trouble, .. } if !trouble.is_empty() => PhotoState::Refused,
        PhotoMark { sent: 0, .. } => PhotoState::Waiting,
        _ => PhotoState::Sending,
    }
}

/// Why, and what to do. A reason of a later server has no words here; the last ones hold for it.
fn refusal(reason: &str, lang: Lang) -> String {
    let words = |reason: &str| find(lang, &format!("photo-refused-{reason}"), &[]);
    words(reason.trim_start_matches("photo-"))
        .or_else(|| words("other"))
        .unwrap_or_else(|| reason.to_owned())
}

fn kilobytes(bytes: u64) -> crate::text::Value<'static> {
    bytes.div_ceil(1024).to_string().into()
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

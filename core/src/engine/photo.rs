//! Photos: taken and kept here, sealed, and sent in parts once every event is with the server.
//!
//! The core looks into no picture: the platform hands over what it took, and a small one beside it.

use super::{ActError, Done, Engine, ExchangeError, act::Desk, pen::plain};
use crate::{
    base::{ClockReading, Hash, Id, Instant},
    event::{PhotoPrivate, PhotoTaken},
    log::{Class, Opened, SubjectKey},
    store::{PhotoCount, PhotoRow, StoreError},
    sync::{MAX_PART_BYTES, MAX_PHOTO_BYTES, PhotoKept, PhotoPart, Trouble},
};

/// The largest thumbnail.
pub const MAX_THUMBNAIL_BYTES: usize = 32 * 1024;

const FIRST_PART: usize = 128 * 1024;
const SMALLEST_PART: usize = 8 * 1024;
/// Parts that arrive in a row before a larger one is tried.
const STREAK: u32 = 8;
/// Parts that fail in a row before the link is given up for now.
const PATIENCE: u32 = 6;

/// Why a photo can't be kept or shown. Nothing was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhotoError {
    /// There are no bytes.
    #[error("the photo is empty: take it again")]
    Empty,
    /// It is larger than [`MAX_PHOTO_BYTES`] with its seal.
    #[error("the photo is larger than 16 MB: take it smaller")]
    TooLarge,
    /// The small picture is larger than [`MAX_THUMBNAIL_BYTES`].
    #[error("the small picture is larger than 32 KB: make it smaller")]
    ThumbnailTooLarge,
    /// Cash needs none.
    #[error("cash is counted, not photographed: leave the photo out")]
    OfCash,
    /// By the profile a claimed payment needs one.
    #[error("photograph the screen that the customer shows first, then take the payment")]
    OfClaim,
    /// It was not taken here.
    #[error("there is no such photo on this phone")]
    Unknown,
    /// Its bytes don't open.
    #[error("the photo is damaged: take it again, or tell the office")]
    Damaged,
}

impl PhotoError {
    /// Its stable name.
    pub(super) fn kind(self) -> &'static str {
        match self {
            PhotoError::Empty => "photo_empty",
            PhotoError::TooLarge => "photo_too_large",
            PhotoError::ThumbnailTooLarge => "photo_thumbnail",
            PhotoError::OfCash => "photo_of_cash",
            PhotoError::OfClaim => "photo_of_claim",
            PhotoError::Unknown => "photo_unknown",
            PhotoError::Damaged => "photo_damaged",
        }
    }
}

/// A part of a photo, ready for the network.
#[derive(Debug, Clone)]
pub struct PhotoPacket {
    /// Post them to `/v1/photos`.
    pub bytes: Vec<u8>,
    /// The photo.
    pub address: Hash,
    /// Bytes of the photo in it.
    pub part: usize,
}

/// What is worth doing after a part failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhotoNext {
    /// Ask for the next part at once.
    Again,
    /// Exchange first: the leave to send has run out.
    Exchange,
    /// Nothing for now.
    Stop,
}

/// Where sending photos stands; a new start of the app begins anew, from what the server keeps.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) grant: Option<Vec<u8>>,
    under_way: Option<(Hash, u64)>,
    part: usize,
    streak: u32,
    failures: u32,
    /// The network that the platform has is metered.
    pub(super) metered: bool,
    /// Photos go on it all the same.
    pub(super) anyway: bool,
}

impl Default for Sending {
    fn default() -> Sending {
        Sending {
            grant: None,
            under_way: None,
            part: FIRST_PART,
            streak: 0,
            failures: 0,
            metered: false,
            anyway: false,
        }
    }
}

impl Sending {
    fn arrived(&mut self) {
        self.failures = 0;
        self.streak += 1;
        if self.streak >= STREAK {
            self.streak = 0;
            self.part = (self.part * 2).min(MAX_PART_BYTES);
        }
    }

    fn failed(&mut self) {
        self.failures += 1;
        self.streak = 0;
        self.part = (self.part / 2).max(SMALLEST_PART);
    }
}

impl Engine {
    /// Keeps a photo that was taken in a visit: sealed under a key of its own, durable when this
    /// returns. Other actions name it by the address that comes back in [`Done::photo`]. `thumbnail`
    /// is a small picture of it; it stays when the photo itself is let go of, and papers show it if
    /// it is a JPEG.
    pub fn take_photo(
        &mut self,
        action: Id,
        clock: &ClockReading,
        visit: Id,
        image: &[u8],
        thumbnail: &[u8],
    ) -> Result<Done, ActError> {
        self.at_desk(action, clock, |desk| take(desk, visit, image, thumbnail))
    }

    /// A photo that was taken here, opened; `None` when its bytes are here no more.
    pub fn photo(&self, address: &Hash) -> Result<Option<Vec<u8>>, ActError> {
        let row = self.store.photo(address)?.ok_or(PhotoError::Unknown)?;
        if row.purged {
            return Ok(None);
        }
        let sealed = self.store.photo_bytes(&row, 0, usize::MAX)?;
        open(&row, &sealed).map(Some)
    }

    /// The thumbnail of a photo that was taken here; `None` where the platform gave none. It stays
    /// when the photo itself is let go of.
    pub fn thumbnail(&self, address: &Hash) -> Result<Option<Vec<u8>>, ActError> {
        let row = self.store.photo(address)?.ok_or(PhotoError::Unknown)?;
        let small = open(&row, &self.store.thumbnail(&row)?)?;
        Ok((!small.is_empty()).then_some(small))
    }

    /// How many photos were taken here, and have arrived.
    pub fn photo_count(&self) -> Result<PhotoCount, StoreError> {
        self.store.photo_count()
    }

    /// The next part to send. `None`: nothing to send, events go first, photos wait for another network,
    /// or the server has not given leave. Asked for after every exchange and every part.
    pub fn photo_request(&mut self) -> Result<Option<PhotoPacket>, ActError> {
        self.sending.under_way = None;
        let Some(grant) = self.sending.grant.clone() else { return Ok(None) };
        if self.photos_wait()? || !self.store.unsent_streams()?.is_empty() {
            return Ok(None);
        }
        let Some(row) = self.store.photo_to_send()? else {
            self.sending.anyway = false;
            return Ok(None);
        };
        let bytes = self.store.photo_bytes(&row, row.sent, self.sending.part)?;
        let part = bytes.len();
        self.sending.under_way = Some((row.address, row.sent));
        let address = row.address;
        let bytes = PhotoPart { grant, address, at: row.sent, bytes }.to_bytes();
        Ok(Some(PhotoPacket { bytes, address, part }))
    }

    /// Takes the server's answer to a part. Says whether the photo has arrived whole.
    pub fn photo_answer(&mut self, now: Instant, bytes: &[u8]) -> Result<bool, ExchangeError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let Some((address, at)) = self.sending.under_way.take() else {
            return Err(ExchangeError::NothingAsked);
        };
        let kept = PhotoKept::open(&me.company_signing_key, bytes);
        let kept = match kept {
            Ok(kept) if kept.address == address => kept,
            other => {
                let why = other.err().map_or("another photo's".to_owned(), |e| e.to_string());
                self.fail(now, Trouble::NotOurServer, None);
                return Err(ExchangeError::NotOurServer(why));
            }
        };
        // What is lost of this is only asked for again.
        self.store
            .light_transaction(|tx| tx.set_photo_sent(&address, kept.received, kept.whole))
            .map_err(|error: StoreError| ActError::from(error))?;
        if kept.received > at || kept.whole {
            self.sending.arrived();
        } else {
            self.sending.failed();
        }
        if self.sending.failures >= PATIENCE {
            // It takes parts and keeps none.
            self.set_aside(&address, "stuck")?;
        }
        Ok(kept.whole)
    }

    /// A part came to nothing. `code` is the server's, where it refused.
    pub fn photo_failed(
        &mut self,
        now: Instant,
        trouble: Trouble,
        retry_after_ms: Option<i64>,
        code: Option<&str>,
    ) -> Result<PhotoNext, ActError> {
        let under_way = self.sending.under_way.take();
        match (trouble, code) {
            (_, Some("grant-expired")) => {
                self.sending.grant = None;
                self.sending.failures += 1;
                let hopeless = self.sending.failures >= PATIENCE;
                Ok(if hopeless { PhotoNext::Stop } else { PhotoNext::Exchange })
            }
            (_, Some(code)) if code.starts_with("photo-") => {
                if let Some((address, _)) = under_way {
                    self.set_aside(&address, code)?;
                }
                Ok(PhotoNext::Again)
            }
            (Trouble::Offline, _) if self.sending.failures + 1 < PATIENCE => {
                self.sending.failed();
                Ok(PhotoNext::Again)
            }
            _ => {
                self.sending.failed();
                self.sending.failures = 0;
                self.fail(now, trouble, retry_after_ms);
                Ok(PhotoNext::Stop)
            }
        }
    }

    fn set_aside(&mut self, address: &Hash, why: &str) -> Result<(), ActError> {
        self.sending.failures = 0;
        self.store.transaction(|tx| tx.set_photo_trouble(address, why))?;
        Ok(())
    }
}

fn open(row: &PhotoRow, sealed: &[u8]) -> Result<Vec<u8>, ActError> {
    let key = row.key.as_ref().ok_or(PhotoError::Damaged)?;
    match key.open(row.subject, Class::Service, row.action, sealed) {
        Opened::Plain(plain) => Ok(plain),
        Opened::Erased | Opened::Damaged => Err(PhotoError::Damaged.into()),
    }
}

fn take(desk: &mut Desk<'_>, visit: Id, image: &[u8], thumbnail: &[u8]) -> Result<Done, ActError> {
    if image.is_empty() {
        return Err(PhotoError::Empty.into());
    }
    if (image.len() + SubjectKey::SEALED_MORE) as u64 > MAX_PHOTO_BYTES {
        return Err(PhotoError::TooLarge.into());
    }
    if thumbnail.len() > MAX_THUMBNAIL_BYTES {
        return Err(PhotoError::ThumbnailTooLarge.into());
    }
    let view = desk.open_visit(visit)?;
    let (subject, action) = (view.order, desk.action);
    let key = SubjectKey::generate(desk.entropy);
    let sealed = key.seal(desk.entropy, subject, Class::Service, action, image);
    let small = key.seal(desk.entropy, subject, Class::Service, action, thumbnail);
    let (address, size) = (Hash::of(&[&sealed]), sealed.len() as u64);
    let private = PhotoPrivate { key: key.as_bytes().to_vec() };
    let photo = PhotoRow {
        row: 0,
        address,
        subject,
        visit,
        action,
        key: None,
        size,
        sent: 0,
        purged: false,
    };
    desk.tx.add_photo(&photo, &key, &sealed, &small)?;
    let private = vec![plain(Class::Service, &private)];
    let done = desk.in_visit(view, PhotoTaken { address, size }, private)?;
    Ok(Done { photo: Some(address), ..done })
}

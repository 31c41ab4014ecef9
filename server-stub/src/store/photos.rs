//! Photos: which are waited for, what has arrived of them, and what a backup covers.

use doorstep::base::{Hash, Id, Instant};

use super::StoreError;

/// A photo that an event names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoRow {
    /// SHA-256 of its sealed bytes.
    pub address: Hash,
    /// The device whose event names it.
    pub device: Id,
    /// The order it is about.
    pub order: Id,
    /// How many bytes the event says it has.
    pub size: u64,
    /// Missing when it has not arrived by then.
    pub due_at: Instant,
    /// When its first part came.
    pub begun_at: Option<Instant>,
    /// The first so many bytes are here.
    pub received: u64,
    /// When it was whole, or was let go because its order is erased: nothing of it is here then.
    pub arrived_at: Option<Instant>,
    /// It was found missing.
    pub overdue: bool,
    /// A verified backup covers it.
    pub safe: bool,
}

/// What a transaction can do with photos.
pub trait Photos {
    /// Notes that an event names a photo; what is known of it stays.
    fn name_photo(&mut self, photo: &PhotoRow) -> Result<(), StoreError>;

    /// A photo.
    fn photo(&mut self, address: &Hash) -> Result<Option<PhotoRow>, StoreError>;

    /// How many photos of a device are waited for.
    fn photos_waited_for(&mut self, device: Id) -> Result<u64, StoreError>;

    /// Bytes of a device's photos whose first part came after `since`.
    fn photo_bytes_since(&mut self, device: Id, since: Instant) -> Result<u64, StoreError>;

    /// Notes that a photo's first part has come.
    fn begin_photo(&mut self, address: &Hash, now: Instant) -> Result<(), StoreError>;

    /// Keeps a part behind what is here.
    fn add_photo_part(&mut self, address: &Hash, at: u64, bytes: &[u8]) -> Result<(), StoreError>;

    /// Drops every part: what came is not what was named.
    fn drop_photo_parts(&mut self, address: &Hash) -> Result<(), StoreError>;

    /// Shows every part that is here, first to last.
    fn photo_parts(
        &mut self,
        address: &Hash,
        each: &mut dyn FnMut(&[u8]),
    ) -> Result<(), StoreError>;

    /// The photo is whole.
    fn photo_arrived(&mut self, address: &Hash, now: Instant) -> Result<(), StoreError>;

    /// Lets go of the photos of an order that was erased: their bytes are gone, and nobody waits for
    /// them any more, nor for a backup to cover them.
    fn let_photos_go(&mut self, order: Id, now: Instant) -> Result<(), StoreError>;

    /// Lets go of one photo of an order as of all of one that was erased.
    fn let_photo_go(&mut self, order: Id, address: &Hash, now: Instant) -> Result<(), StoreError>;

    /// Addresses of every photo that is whole.
    fn photos_arrived(&mut self) -> Result<Vec<Hash>, StoreError>;

    /// A verified backup covers a photo.
    fn set_photo_safe(&mut self, address: &Hash) -> Result<(), StoreError>;

    /// Photos that are due at `now` and were not found missing before, at most `limit`.
    fn photos_due(&mut self, now: Instant, limit: usize) -> Result<Vec<PhotoRow>, StoreError>;

    /// Notes that it was found missing.
    fn set_photo_overdue(&mut self, address: &Hash) -> Result<(), StoreError>;
}

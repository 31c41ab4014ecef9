//! Streams, their events as signed bytes, their seals, and subjects' keys.

use doorstep::{
    base::{Hash, Id, Instant},
    log::{Chain, Class, HeldSum, StreamId, Subject, SubjectKey, Writer},
};

use super::StoreError;

/// A stream and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRow {
    /// Which.
    pub stream: StreamId,
    /// Its head.
    pub head: Chain,
}

/// What is stored of a device's own streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stored {
    /// Its streams, branches left aside.
    pub held: HeldSum,
    /// Events on branches that were let count.
    pub on_branches: u64,
}

impl Stored {
    /// Events stored of the device.
    pub fn events(&self) -> u64 {
        self.held.events + self.on_branches
    }
}

/// An event to be stored behind a stream's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The chain's hash there: the event's id.
    pub hash: Hash,
    /// The action that wrote it.
    pub action: Id,
    /// Its bytes as signed.
    pub bytes: Vec<u8>,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// In which stream.
    pub stream: StreamId,
    /// Where.
    pub seq: u64,
    /// Its id.
    pub hash: Hash,
    /// Its bytes as signed.
    pub bytes: Vec<u8>,
}

/// What a transaction can do with streams.
pub trait Streams {
    /// Where a stream stands; `None` when nothing of it is here.
    fn head(&mut self, stream: &StreamId) -> Result<Option<Chain>, StoreError>;

    /// Ids of the events `from..=to` that are here, in order.
    fn hashes(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<(u64, Hash)>, StoreError>;

    /// Stores events right behind the head (`before`) and the seal over the last.
    fn append(
        &mut self,
        stream: &StreamId,
        before: Chain,
        events: &[NewEvent],
        seal: &[u8],
        now: Instant,
    ) -> Result<(), StoreError>;

    /// Events `from..=to` of a stream, in order.
    fn events(
        &mut self,
        stream: &StreamId,
        from: u64,
        to: u64,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// The seal over exactly this event, when there is one.
    fn seal(&mut self, stream: &StreamId, seq: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Where a stream can be cut: each sealed sequence number and the bytes of the events up to it
    /// since the seal before, in order.
    fn cuts(&mut self, stream: &StreamId) -> Result<Vec<(u64, u64)>, StoreError>;

    /// All streams about a subject.
    fn streams_about(&mut self, subject: &Subject) -> Result<Vec<StreamRow>, StoreError>;

    /// All streams of a writer.
    fn streams_by(&mut self, writer: &Writer) -> Result<Vec<StreamRow>, StoreError>;

    /// What is stored of a device. Kept, and moved by [`Streams::append`]: it costs the same after
    /// years.
    fn stored(&mut self, device: Id) -> Result<Stored, StoreError>;

    /// Every stream.
    fn streams(&mut self) -> Result<Vec<StreamRow>, StoreError>;

    /// Up to where a verified backup covers a stream; 0 for none.
    fn safe(&mut self, stream: &StreamId) -> Result<u64, StoreError>;

    /// A verified backup covers a stream up to here.
    fn set_safe(&mut self, stream: &StreamId, seq: u64) -> Result<(), StoreError>;

    /// All events about a subject, stream by stream.
    fn events_about(&mut self, subject: &Subject) -> Result<Vec<StoredEvent>, StoreError>;

    /// The subject of the office's event that this action wrote, when there is one.
    fn office_action(&mut self, action: Id) -> Result<Option<Subject>, StoreError>;

    /// Keeps a subject's key. `false` when that very key was here; a different one is kept beside
    /// the first, which stays the one that is handed out.
    fn add_key(
        &mut self,
        subject: &Subject,
        class: Class,
        key: &SubjectKey,
    ) -> Result<bool, StoreError>;

    /// Destroys every key of a subject's class.
    fn drop_key(&mut self, subject: &Subject, class: Class) -> Result<(), StoreError>;

    /// The keys of a subject, first kept first.
    fn keys(&mut self, subject: &Subject) -> Result<Vec<(Class, SubjectKey)>, StoreError>;

    /// Seals keys that an earlier version kept in plain, at most so many. Whether some are left.
    fn seal_plain_keys(&mut self, most: usize) -> Result<bool, StoreError>;
}

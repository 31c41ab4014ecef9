//! Bodies of one exchange.

use minicbor::{Decode, Encode, bytes::ByteVec};

use crate::{
    base::{ClockReading, Hash, Id, Instant},
    log::{DisclosedKey, SealedKeys, StreamId, Subject, Tail},
    sync::{PhotoKept, PhotoPiece},
};

/// How far a phone has read the server's changes. CBOR: `[epoch, position]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Encode, Decode)]
#[cbor(array)]
pub struct Cursor {
    /// The server's epoch; a phone of an earlier one re-offers all it holds.
    #[n(0)]
    pub epoch: u64,
    /// Everything up to here has been read.
    #[n(1)]
    pub position: u64,
}

/// What the phone has that the server lacks, and how far it has read. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Request {
    /// 1.
    #[n(0)]
    pub version: u32,
    /// How far it has read.
    #[n(1)]
    pub cursor: Cursor,
    /// The last answer it stored: outcomes of that one are delivered.
    #[n(2)]
    pub last_answer: Option<Id>,
    /// Its clock, now.
    #[n(3)]
    pub clock: ClockReading,
    /// The request's number: rises from one to the next, with gaps. One used twice, or far below
    /// what was used before, means a clone or a restore.
    #[n(4)]
    pub requests: u64,
    /// Events recorded in its life.
    #[n(5)]
    pub recorded: u64,
    /// Of these, not yet accepted and not in this request.
    #[n(6)]
    pub unsent: u64,
    /// [`crate::log::HeldSum`] of its own streams: differing at equal counters means a fork.
    #[n(7)]
    pub held: Hash,
    /// Streams' tails, most urgent first.
    #[n(8)]
    pub tails: Vec<Tail>,
    /// Version of its folding rules.
    #[n(10)]
    pub rules: u32,
    /// Of what it would know whether a backup covers it; absent when there is nothing.
    #[n(11)]
    pub asked: Option<SafeAsked>,
    /// The last [`super::Mark`] it was given, as signed.
    #[n(12)]
    pub mark: Option<ByteVec>,
    /// Photos that wait on the phone: it asks for leave to send them. Absent when there are none.
    #[n(13)]
    pub photos: Option<u64>,
    /// Keys made on the phone, in boxes; absent when there are none.
    #[n(14)]
    pub keys: Option<Vec<SealedKeys>>,
    /// Certificates of the other devices whose streams it brings; absent when it brings none.
    #[n(15)]
    pub certificates: Option<Vec<ByteVec>>,
    /// About how many bytes of events it takes in one answer; absent where the server may choose.
    #[n(20)]
    pub room: Option<u32>,
    /// Pieces of photos, where they travel as files; absent over a network, where `/v1/photos` takes
    /// them.
    #[n(24)]
    pub pieces: Option<Vec<PhotoPiece>>,
}

/// Streams and photos that a phone would know in a backup: its own, and all of orders that left, which
/// it lets go of then. CBOR: `[streams, photos]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct SafeAsked {
    /// Streams as they stand on the phone.
    #[n(0)]
    pub streams: Vec<(StreamId, u64, Hash)>,
    /// Photos by their addresses.
    #[n(1)]
    pub photos: Vec<Hash>,
}

/// What became of one stream of the request. CBOR: `[variant, fields…]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum StreamOutcome {
    /// Stored up to this sequence number.
    #[n(0)]
    Accepted(#[n(0)] u64),
    /// All of it was here already, up to this sequence number.
    #[n(1)]
    AlreadyHad(#[n(0)] u64),
    /// Something is missing: send from this sequence number.
    #[n(2)]
    Gap(#[n(0)] u64),
    /// It differs from what is here, first at this hash: both are kept, this one held until
    /// decided.
    #[n(3)]
    Forked(#[n(0)] Hash),
    /// Kept aside until a supervisor decides; the reason is a code: `bad-seal`, `revoked`,
    /// `not-yours`, `malformed`, `adopted`, and `refused` once it was decided so.
    #[n(4)]
    Held(#[n(0)] String),
}

/// An outcome and the stream it is about. CBOR: `[stream, outcome]`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct StreamResult {
    /// Which stream.
    #[n(0)]
    pub stream: StreamId,
    /// What became of it.
    #[n(1)]
    pub outcome: StreamOutcome,
}

/// Orders that entered or left the phone's scope since its cursor. CBOR: `[entered, left]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(array)]
pub struct Scope {
    /// Now in scope; their streams come whole.
    #[n(0)]
    pub entered: Vec<Id>,
    /// No longer; they stay until safe, out of the list.
    #[n(1)]
    pub left: Vec<Id>,
}

/// What a technician must learn although the order may have left their scope. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Outcome {
    /// Its id: delivered once, shown until read.
    #[n(0)]
    pub id: Id,
    /// About which subject.
    #[n(1)]
    pub subject: Subject,
    /// The conflict's rule, like `C2`.
    #[n(2)]
    pub rule: String,
    /// The conflict's key.
    #[n(3)]
    pub conflict: Hash,
    /// What was decided: one of the rule's choices.
    #[n(4)]
    pub choice: String,
    /// When, by the server's clock.
    #[n(5)]
    pub at: Instant,
    /// The number people say on the phone.
    #[n(6)]
    pub order_number: String,
}

/// The server's word that it holds what a phone recorded. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct NothingUnsent {
    /// Events the phone said it had recorded.
    #[n(0)]
    pub recorded: u64,
    /// Events of its own the server holds, held-back ones included.
    #[n(1)]
    pub held: u64,
    /// At, by the server's clock.
    #[n(2)]
    pub at: Instant,
    /// Photos that events of its own name and that have not arrived; absent when there are none.
    #[n(3)]
    pub photos: Option<u64>,
}

impl NothingUnsent {
    /// Whether the server had all of it then. What it has may still be on one disk alone: a phone may
    /// only go when a backup covers it.
    pub fn holds_all(&self) -> bool {
        self.held >= self.recorded && self.photos.unwrap_or(0) == 0
    }
}

/// What the server has that the phone lacks. CBOR: a map.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Answer {
    /// 1.
    #[n(0)]
    pub version: u32,
    /// Its id.
    #[n(1)]
    pub id: Id,
    /// SHA-256 of the request packet it answers.
    #[n(2)]
    pub request: Hash,
    /// The server's clock.
    #[n(3)]
    pub time: Instant,
    /// One per stream of the request.
    #[n(4)]
    pub results: Vec<StreamResult>,
    /// Read up to here once this is stored.
    #[n(5)]
    pub cursor: Cursor,
    /// Tails new to the phone.
    #[n(6)]
    pub tails: Vec<Tail>,
    /// Certificates of their writers.
    #[n(7)]
    pub certificates: Vec<ByteVec>,
    /// Standing data that changed.
    #[n(9)]
    pub standing: Vec<ByteVec>,
    /// Orders that entered or left scope.
    #[n(10)]
    pub scope: Scope,
    /// Decisions for this technician.
    #[n(11)]
    pub outcomes: Vec<Outcome>,
    /// More is waiting: ask again at once.
    #[n(12)]
    pub more: bool,
    /// What the server holds of this phone: a [`super::Statement`], as signed.
    #[n(13)]
    pub statement: ByteVec,
    /// Streams that were asked about, and up to where a verified backup covers them.
    #[n(14)]
    pub safe: Vec<(StreamId, u64)>,
    /// Leave to send photos, as signed: a [`super::PhotoGrant`]. Given while photos are waited for.
    #[n(15)]
    pub grant: Option<ByteVec>,
    /// When the last verified backup was made: time to ask again what is safe.
    #[n(16)]
    pub backed_up: Option<Instant>,
    /// Photos that were asked about and that a verified backup covers.
    #[n(17)]
    pub safe_photos: Option<Vec<Hash>>,
    /// How far the server is, as signed: a [`super::Mark`]. Absent while the last one still says so.
    #[n(18)]
    pub mark: Option<ByteVec>,
    /// Keys of subjects in scope: the whole answer is sealed to the phone.
    #[n(19)]
    pub keys: Vec<DisclosedKey>,
    /// The version of the server's folding rules, when it is later than the phone's: the app should
    /// be updated. Its work is taken all the same.
    #[n(21)]
    pub rules: Option<u32>,
    /// How far the server has each photo of the request's pieces, in their order; absent when there
    /// were none.
    #[n(24)]
    pub pieces: Option<Vec<PhotoKept>>,
}

impl Request {
    /// Events in this request.
    pub fn events(&self) -> usize {
        self.tails.iter().map(|tail| tail.events.len()).sum()
    }
}

//! Names of streams: subject, writer, branch.

use std::fmt;

use minicbor::{Decode, Encode, decode, encode};
use serde::{Deserialize, Serialize};

use crate::base::{Hash, Id};

/// What kind of thing a stream is about.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A job at a premises; many may write about it.
    #[n(0)]
    WorkOrder,
    /// One person's day with one device: cash, kit, certificates.
    #[n(1)]
    Shift,
    /// The receipts of one device, numbered without a gap. One writer.
    #[n(2)]
    ReceiptSeries,
    /// A complaint and what was done about it.
    #[n(3)]
    ComplaintCase,
}

impl SubjectKind {
    /// The kind with this number in CBOR and SQL.
    pub fn from_number(number: i64) -> Option<SubjectKind> {
        use SubjectKind::*;
        [WorkOrder, Shift, ReceiptSeries, ComplaintCase].get(usize::try_from(number).ok()?).copied()
    }

    /// The number in CBOR and SQL.
    pub const fn number(self) -> i64 {
        self as i64
    }
}

/// What an event is about. CBOR: `[kind, id]`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(array)]
pub struct Subject {
    /// Its kind.
    #[n(0)]
    pub kind: SubjectKind,
    /// Which one.
    #[n(1)]
    pub id: Id,
}

impl Subject {
    /// The work order `id`.
    pub const fn work_order(id: Id) -> Subject {
        Subject { kind: SubjectKind::WorkOrder, id }
    }

    /// The shift `id`.
    pub const fn shift(id: Id) -> Subject {
        Subject { kind: SubjectKind::Shift, id }
    }

    /// The receipt series of the device whose certificate is `certificate`: derived, so that no
    /// server can hand it out twice.
    pub fn receipt_series(certificate: Id) -> Subject {
        let hash = Hash::of(&[b"doorstep receipt series v1", certificate.as_bytes()]);
        Subject { kind: SubjectKind::ReceiptSeries, id: Id::from_hash(&hash) }
    }
}

/// Who holds the pen: a device, by its certificate, or the office in one of its epochs.
/// CBOR: `[0, certificate id]` or `[1, epoch]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The device with this certificate.
    Device(Id),
    /// The office; a server restored from a backup begins a new epoch.
    Office(u64),
}

impl<C> Encode<C> for Writer {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Writer::Device(id) => e.u8(0)?.encode_with(id, ctx)?,
            Writer::Office(epoch) => e.u8(1)?.u64(*epoch)?,
        };
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Writer {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Writer, decode::Error> {
        match (d.array()?, d.u8()?) {
            (Some(2), 0) => Ok(Writer::Device(d.decode_with(ctx)?)),
            (Some(2), 1) => Ok(Writer::Office(d.u64()?)),
            _ => Err(decode::Error::message("a writer is [0, certificate] or [1, epoch]")),
        }
    }
}

/// Which branch of a forked stream: none, or the first hash that differs.
/// CBOR: a byte string, empty for none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Branch(pub Option<Hash>);

impl Branch {
    /// The bytes that go into hashes and SQL.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_ref().map_or(&[], |hash| hash.as_bytes())
    }

    /// The branch from those bytes; `None` unless they are 0 or 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Branch> {
        if bytes.is_empty() {
            Some(Branch(None))
        } else {
            Hash::from_slice(bytes).map(|h| Branch(Some(h)))
        }
    }
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(hash) => write!(f, "{hash}"),
            None => f.write_str("main"),
        }
    }
}

impl<C> Encode<C> for Branch {
    fn encode<W: encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?;
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Branch {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Branch, decode::Error> {
        Branch::from_slice(d.bytes()?)
            .ok_or_else(|| decode::Error::message("a branch is empty or a hash"))
    }
}

/// All events of one writer about one subject. CBOR: `[subject, writer, branch]`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(array)]
pub struct StreamId {
    /// What it is about.
    #[n(0)]
    pub subject: Subject,
    /// Its single writer.
    #[n(1)]
    pub writer: Writer,
    /// Empty save after a fork.
    #[n(2)]
    pub branch: Branch,
}

impl StreamId {
    /// The unforked stream of `writer` about `subject`.
    pub const fn new(subject: Subject, writer: Writer) -> StreamId {
        StreamId { subject, writer, branch: Branch(None) }
    }

    /// The stream that this one branched off, or itself. A branch shares
    /// the trunk's events up to where it begins, and keeps the ids and seals its events were
    /// written with.
    pub const fn trunk(&self) -> StreamId {
        StreamId::new(self.subject, self.writer)
    }

    /// A branch of this stream, by its first event.
    pub const fn branch(&self, first: Hash) -> StreamId {
        StreamId { subject: self.subject, writer: self.writer, branch: Branch(Some(first)) }
    }

    /// Whether it is a branch.
    pub const fn is_branch(&self) -> bool {
        self.branch.0.is_some()
    }
}

/// How far another stream of the same subject had come. CBOR: `[writer, branch, seq]`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode, Serialize, Deserialize,
)]
#[cbor(array)]
pub struct Head {
    /// Whose stream.
    #[n(0)]
    pub writer: Writer,
    /// Which branch of it.
    #[n(1)]
    pub branch: Branch,
    /// The last sequence number known of it.
    #[n(2)]
    pub seq: u64,
}

//! Reads, over any connection: the open file or a transaction that writes.

use minicbor::Decode;
use rusqlite::Connection;

use super::{
    Store, StoreError, StreamRow, Transaction, event, meta, order, standing, stream, vault::Vault,
};
use crate::{
    base::Id,
    event::Recorded,
    log::{Chain, StreamId, Subject},
};

/// Read access.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub(super) &'a Connection, pub(super) &'a Vault);

/// Where the file stands: differs after any change to it, over this connection or another, also
/// after one that was taken back. What was read at a stamp holds while the stamp does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    others: i64,
    ours: u64,
}

impl Store {
    /// Read access.
    pub fn read(&self) -> Reader<'_> {
        Reader(&self.db, &self.vault)
    }
}

impl Transaction<'_> {
    /// Read access, seeing what this transaction wrote.
    pub fn read(&self) -> Reader<'_> {
        Reader(self, self.vault)
    }
}

impl Reader<'_> {
    /// Where the file stands.
    pub fn stamp(&self) -> Result<Stamp, StoreError> {
        let others =
            self.0.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        Ok(Stamp { others, ours: self.0.total_changes() })
    }

    /// The small value under `key`, if there is one.
    pub fn meta<T: for<'b> Decode<'b, ()>>(&self, key: &str) -> Result<Option<T>, StoreError> {
        meta::read(self.0, key)
    }

    /// All streams about one subject.
    pub fn streams_of(&self, subject: &Subject) -> Result<Vec<StreamRow>, StoreError> {
        stream::of_subject(self.0, subject)
    }

    /// One stream.
    pub fn stream(&self, stream: &StreamId) -> Result<Option<StreamRow>, StoreError> {
        stream::find(self.0, stream)
    }

    /// Every stream.
    pub fn streams(&self) -> Result<Vec<StreamRow>, StoreError> {
        stream::all(self.0)
    }

    /// Every stream written here.
    pub fn own_streams(&self) -> Result<Vec<StreamRow>, StoreError> {
        stream::own(self.0)
    }

    /// Whether the order, as last projected, is about danger to life.
    pub fn is_emergency(&self, order: Id) -> Result<bool, StoreError> {
        order::is_emergency(self.0, order)
    }

    /// The number that people call an order by; empty where it isn't known.
    pub fn order_number(&self, order: Id) -> Result<String, StoreError> {
        order::number(self.0, order)
    }

    /// The events of a stream from `from` on.
    pub fn events(&self, row: &StreamRow, from: u64) -> Result<Vec<Recorded>, StoreError> {
        event::recorded(self.0, row, from)
    }

    /// The events of all streams about a subject.
    pub fn events_about(&self, subject: &Subject) -> Result<Vec<Recorded>, StoreError> {
        #[cfg(feature = "planted")]
        if planted!(VerdictNotObeyed) && self.streams_of(subject)?.iter().any(|row| row.own) {
            use crate::event::Payload::{ClockCorrected, VerdictGiven};
            let mut events = event::of_whole_subject(self.0, subject)?;
            events.retain(|r| !matches!(r.event.payload, VerdictGiven(_) | ClockCorrected(_)));
            return Ok(events);
        }
        event::of_whole_subject(self.0, subject)
    }

    /// The stream a visit stands in, and the sequence number of its first event.
    pub fn visit_place(&self, visit: Id) -> Result<Option<(StreamRow, u64)>, StoreError> {
        event::of_visit(self.0, visit)
    }

    /// Where the chain stood at event `seq`, which is here.
    pub fn chain_at(&self, row: &StreamRow, seq: u64) -> Result<Chain, StoreError> {
        let hash = event::hash_at(self.0, row, seq)?;
        let hash = hash.ok_or_else(|| StoreError::Damaged(format!("event {seq} is missing")))?;
        Ok(Chain { seq, hash })
    }

    /// The certificate of a writer.
    pub fn certificate(&self, id: Id) -> Result<Option<Vec<u8>>, StoreError> {
        stream::certificate(self.0, id)
    }

    /// The newest document of standing data under `key`: its version and verified body.
    pub fn standing(&self, key: &str) -> Result<Option<(u32, Vec<u8>)>, StoreError> {
        standing::newest(self.0, key)
    }

    /// The orders at these premises that are here, listed or not.
    pub fn orders_at(&self, premises: Id) -> Result<Vec<Id>, StoreError> {
        order::at(self.0, premises)
    }

    /// A document as the company signed it, in one version or the newest, where it was kept so.
    pub fn standing_signed(
        &self,
        key: &str,
        version: Option<u32>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        standing::signed(self.0, key, version)
    }

    /// The keys of standing data that begin like this, each with its newest version.
    pub fn standing_versions(&self, prefix: &str) -> Result<Vec<(String, u32)>, StoreError> {
        standing::versions(self.0, prefix)
    }

    /// Every version of a document that is here, the newest first.
    pub fn versions_of(&self, key: &str) -> Result<Vec<u32>, StoreError> {
        standing::all_versions(self.0, key)
    }

    /// A document's text, in one version or the newest.
    pub fn standing_text(
        &self,
        key: &str,
        version: Option<u32>,
    ) -> Result<Option<String>, StoreError> {
        let body = match version {
            Some(version) => standing::of_version(self.0, key, version)?,
            None => standing::newest(self.0, key)?.map(|(_, body)| body),
        };
        Ok(body.and_then(|body| String::from_utf8(body).ok()))
    }
}

//! The pen: writes the events of one action into the device's own streams.

use super::{ActError, Identity};
use crate::{
    base::{ClockReading, Entropy, Id},
    event::{Event, MAX_EVENT_BYTES, Payload, Recorded},
    log::{
        Chain, Class, DisclosedKey, Head, Seal, SealedKeys, StreamId, Subject, SubjectKey,
        SubjectKind,
    },
    order::{OrderState, RULES_VERSION},
    store::{StoreError, StreamRow, Transaction},
};

/// Writes events of one action inside one transaction.
pub(super) struct Pen<'a> {
    pub tx: &'a Transaction<'a>,
    pub me: &'a Identity,
    pub entropy: &'a mut dyn Entropy,
    pub action: Id,
    pub clock: ClockReading,
}

/// Personal data of an event, by class, in plain CBOR: sealed before it is written.
pub(super) type Plain = Vec<(Class, Vec<u8>)>;

impl Pen<'_> {
    /// Appends one event about `subject`, with personal data sealed.
    pub(super) fn write(
        &mut self,
        subject: Subject,
        visit: Option<Id>,
        payload: impl Into<Payload>,
        private: Plain,
    ) -> Result<(Recorded, StreamRow), ActError> {
        let trunk = StreamId::new(subject, self.me.writer());
        let streams = self.tx.read().streams_of(&subject)?;
        // Once this device's past has forked from what the server knows, it goes on in its own.
        let ours = streams.iter().filter(|row| row.stream.trunk() == trunk);
        let mut row = match ours.max_by_key(|row| (row.stream.is_branch(), row.row)) {
            Some(row) => row.clone(),
            None => self.tx.stream_or_new(&trunk, true)?,
        };
        let seen = self.newly_seen(&mut row, &streams)?;
        let mut event = Event {
            action: self.action,
            actor: self.me.person.id,
            visit,
            clock: self.clock,
            seen,
            payload: payload.into(),
            private: Default::default(),
        };
        for (class, plain) in private {
            let key = self.key(subject, class)?;
            let sealed = key.seal(self.entropy, subject, class, self.action, &plain);
            event.private.insert(class, sealed);
        }
        let bytes = event.encode();
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(ActError::too_large());
        }
        let id = self.tx.append(&mut row, &bytes)?;
        Ok((Recorded { stream: row.stream, seq: row.chain.seq, id, event }, row))
    }

    /// Vouches for the stream as it stands.
    pub(super) fn seal(&self, row: &StreamRow) -> Result<(), StoreError> {
        self.tx.keep_seal(row, row.chain.seq, seal(self.me, row, row.chain).bytes())
    }

    /// Heads of the subject's other streams, if they changed since this stream last told them.
    fn newly_seen(
        &self,
        row: &mut StreamRow,
        streams: &[StreamRow],
    ) -> Result<Option<Vec<Head>>, StoreError> {
        let heads: Vec<_> = streams
            .iter()
            .filter(|other| other.stream.trunk() != row.stream.trunk() && other.chain.seq > 0)
            .map(|other| Head {
                writer: other.stream.writer,
                branch: other.stream.branch,
                seq: other.chain.seq,
            })
            .collect();
        if heads == row.seen {
            return Ok(None);
        }
        self.tx.set_seen(row, &heads)?;
        row.seen.clone_from(&heads);
        Ok(Some(heads))
    }

    /// The subject's key of this class; one made here goes to the server with the next exchange. What is
    /// written about an order after it was erased is sealed under a key that nobody keeps.
    pub(super) fn key(&mut self, subject: Subject, class: Class) -> Result<SubjectKey, StoreError> {
        if let Some(key) = self.tx.read().key(&subject, class)? {
            return Ok(key);
        }
        let new = DisclosedKey { subject, class, key: SubjectKey::generate(self.entropy) };
        if !self.is_erased(&subject, class)? {
            let company = &self.me.company_wrapping_key;
            let sealed = SealedKeys::seal(self.entropy, company, std::slice::from_ref(&new)).ok();
            self.tx.keep_new_key(&new, sealed.as_ref())?;
        }
        Ok(new.key)
    }

    /// Asked only where a key is missing: an order's come with it, unless they were destroyed.
    fn is_erased(&self, subject: &Subject, class: Class) -> Result<bool, StoreError> {
        if subject.kind != SubjectKind::WorkOrder {
            return Ok(false);
        }
        Ok(OrderState::fold(&self.tx.read().events_about(subject)?).erased.contains(&class))
    }
}

/// A seal by this device over one of its streams; over a branch it names the trunk, which is what the
/// device believes to write.
pub(super) fn seal(me: &Identity, row: &StreamRow, chain: Chain) -> Seal {
    Seal::make(&me.keys.sign_key(), row.stream.trunk(), chain, RULES_VERSION)
}

/// CBOR of a private part.
pub(super) fn plain<T: minicbor::Encode<()>>(class: Class, part: &T) -> (Class, Vec<u8>) {
    (class, minicbor::to_vec(part).unwrap_or_default())
}

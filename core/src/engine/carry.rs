//! Without a network: requests that leave as files, and answers that come back as files, on a stick or
//! with a colleague. The bytes are those of any exchange, so that a file may come twice, late, or not
//! at all; and what is still unsent can leave a phone before anything is done to it.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::{
    ActError, Engine, ExchangeError, Exchanged, Packet,
    exchange::{InFlight, Sent, store_answer},
    outbox::OFFERED,
};
use crate::{
    base::{ClockReading, Hash},
    log::{Class, StreamId, Subject},
    store::{StoreError, Transaction},
    sync::open_answer,
};

/// Bytes of events in one file, before compression.
const FILE_BUDGET: usize = 3 * 1024 * 1024;

/// Files whose answers are waited for; an older one's answer is refused, and costs its repetition.
const REMEMBERED: usize = 32;

pub(super) const CARRIED: &str = "carried";

/// A request that left as a file. CBOR: `[hash, sent, keys]`.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Carried {
    #[n(0)]
    hash: Hash,
    #[n(1)]
    sent: Vec<Sent>,
    #[n(2)]
    keys: Vec<(Subject, Class)>,
}

impl Engine {
    /// All that the server lacks, as requests to be saved as files; one at least, so that a phone
    /// with nothing to send can fetch. Each brings the whole certificate and proves itself to a server
    /// that has forgotten it. What they hold stays unsent here until an answer says otherwise:
    /// through a file, or through any exchange.
    ///
    /// # Errors
    /// When the phone isn't enrolled or its file can't be read.
    pub fn request_files(&mut self, clock: &ClockReading) -> Result<Vec<Packet>, ActError> {
        let mut packed = BTreeMap::new();
        let (mut files, mut remembered) = (Vec::new(), Vec::new());
        loop {
            let made = self.make_request(clock, FILE_BUDGET, true, &packed)?;
            let InFlight { hash, sent, keys, .. } = made.flight;
            packed.extend(sent.iter().map(|sent| (sent.stream, sent.last)));
            remembered.push(Carried { hash, sent, keys });
            let more = made.left > 0 && made.packet.events > 0;
            files.push(made.packet);
            if !more {
                break;
            }
        }
        self.store.transaction(|tx| {
            let mut all: Vec<Carried> = tx.read().meta(CARRIED)?.unwrap_or_default();
            all.extend(remembered);
            let old = all.len().saturating_sub(REMEMBERED);
            all.drain(..old);
            tx.set_meta(CARRIED, &all)
        })?;
        Ok(files)
    }

    /// Takes the answer to a file. It may come late, when other exchanges have happened since, and it
    /// may come twice: the second is refused, and harms nothing.
    ///
    /// # Errors
    /// [`ExchangeError::NothingAsked`] when no file of this phone waits for it, the file's errors
    /// otherwise.
    pub fn take_answer_file(
        &mut self,
        clock: &ClockReading,
        bytes: &[u8],
    ) -> Result<Exchanged, ExchangeError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let all: Vec<Carried> =
            self.store.read().meta(CARRIED).map_err(ActError::from)?.unwrap_or_default();
        let open = |carried: &Carried| {
            open_answer(&me.keys, &me.company_signing_key, &carried.hash, bytes).ok()
        };
        let found = all.iter().enumerate().find_map(|(at, it)| open(it).map(|answer| (at, answer)));
        let Some((at, answer)) = found else { return Err(ExchangeError::NothingAsked) };
        let mut rest = all;
        let Carried { hash, sent, keys } = rest.remove(at);
        let flight =
            InFlight { hash, began: *clock, bytes: 0, keys, sent, carried: true, asked: None };
        let store = |tx: &Transaction<'_>| {
            tx.set_meta(CARRIED, &rest)?;
            store_answer(tx, me, &flight, &answer, clock)
        };
        let stored: Result<_, StoreError> = self.store.transaction(store);
        let (exchanged, _) = stored.map_err(ActError::from)?;
        self.machine.hurry();
        Ok(exchanged)
    }

    /// What stands in the way of wiping this phone, logging its person out, handing it in, and so on:
    /// nothing, when the server's signed word says so; otherwise the files that must leave it first.
    /// Whoever does any of that asks this before, and keeps the files where they can't be lost.
    ///
    /// # Errors
    /// When the phone isn't enrolled or its file can't be read: then its file is to be kept as it is
    /// ([`crate::store::set_aside`]).
    pub fn leave(&mut self, clock: &ClockReading) -> Result<Leave, ActError> {
        let unsent = self.unsent()?;
        let recorded = self.store.read().held_sum(&self.me()?.writer())?.events;
        let said = self.nothing_unsent()?;
        let said = said.filter(|said| said.holds_all() && said.recorded >= recorded);
        let photos = self.store.photos_waiting()?;
        let unsent_keys = self.store.unsent_keys()?;
        // What a colleague's phone brought may be nowhere else.
        let offered: Vec<StreamId> = self.store.read().meta(OFFERED)?.unwrap_or_default();
        let everything_sent = unsent == 0
            && offered.is_empty()
            && photos == 0
            && unsent_keys.boxes.len() + unsent_keys.keys.len() == 0
            && (said.is_some() || recorded == 0);
        let files = if everything_sent { Vec::new() } else { self.request_files(clock)? };
        Ok(Leave { everything_sent, unsent, photos, files, statement: self.statement_proof()? })
    }
}

/// What stands in the way of letting a phone go.
#[derive(Debug, Clone)]
pub struct Leave {
    /// The server holds all of it, and said so.
    pub everything_sent: bool,
    /// Own events it hasn't accepted.
    pub unsent: u64,
    /// Photos taken here that it hasn't got whole. They are in no file: only an exchange brings them,
    /// so until then the phone's own file must be kept.
    pub photos: u64,
    /// What must leave the phone first; none when everything was sent.
    pub files: Vec<Packet>,
    /// The server's last statement, as signed.
    pub statement: Option<Vec<u8>>,
}

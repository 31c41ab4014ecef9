//! Without a network: requests that leave as files, and answers that come back as files, on a stick or
//! with a colleague. The bytes are those of any exchange, so that a file may come twice, late, or not
//! at all.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::{
    ActError, Engine, ExchangeError, Exchanged, Packet,
    answer::store_answer,
    exchange::{InFlight, Sent, Wanted},
    leave::Held,
    outbox::Cargo,
};
use crate::{
    base::{ClockReading, Hash},
    log::{Class, Subject},
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
pub(super) struct Carried {
    #[n(0)]
    pub(super) hash: Hash,
    #[n(1)]
    pub(super) sent: Vec<Sent>,
    #[n(2)]
    pub(super) keys: Vec<(Subject, Class)>,
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
        let (files, _) = self.files(clock, Cargo::Unsent)?;
        Ok(files)
    }

    /// A cargo in files, and what is in each.
    pub(super) fn files(
        &mut self,
        clock: &ClockReading,
        cargo: Cargo,
    ) -> Result<(Vec<Packet>, Vec<Held>), ActError> {
        let mut packed = BTreeMap::new();
        let (mut files, mut held, mut remembered) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let wanted = Wanted { cargo, budget: FILE_BUDGET, introduce: true, pieces: Vec::new() };
            let made = self.make_request(clock, wanted, &packed)?;
            let InFlight { hash, sent, keys, .. } = made.flight;
            packed.extend(sent.iter().map(|sent| (sent.stream, sent.last)));
            held.push(Held {
                file: hash,
                streams: sent.iter().map(|sent| (sent.stream, sent.first, sent.last)).collect(),
                photos: Vec::new(),
            });
            remembered.push(Carried { hash, sent, keys });
            let more = made.left > 0 && made.packet.events > 0;
            files.push(made.packet);
            if !more {
                break;
            }
        }
        self.remember(remembered)?;
        Ok((files, held))
    }

    /// Keeps what the answers to files can speak of.
    pub(super) fn remember(&mut self, files: Vec<Carried>) -> Result<(), StoreError> {
        self.store.transaction(|tx| {
            let mut all: Vec<Carried> = tx.read().meta(CARRIED)?.unwrap_or_default();
            all.extend(files);
            let old = all.len().saturating_sub(REMEMBERED);
            all.drain(..old);
            tx.set_meta(CARRIED, &all)
        })
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
}

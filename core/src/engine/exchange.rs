//! Requests out, answers in. The network is the bindings': this makes bytes and takes bytes.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use serde::Serialize;

use super::{
    ActError, Engine, Identity,
    answer::{BACKED_UP, STATEMENT, server_time, store_answer},
    outbox::{Cargo, collect_tails},
    pen::seal,
    recorder::{SyncFact, note},
};
use crate::{
    base::{ClockReading, Hash, Instant},
    log::{Class, SealedKeys, StreamId, Subject, Tail, Writer},
    order::RULES_VERSION,
    store::{Reader, Store, StoreError, StreamRow, ToAsk, Transaction},
    sync::{
        Answer, Next, NothingUnsent, Pace, PhotoPiece, Request, SafeAsked, Scope, Statement,
        Status, Trouble, WakeRequest, open_answer, seal_request,
    },
};

/// A request, ready for the network. The same bytes are good over HTTP, as a file, on a stick.
#[derive(Debug, Clone)]
pub struct Packet {
    /// Post them to `/v1/exchange`.
    pub bytes: Vec<u8>,
    /// Events in it.
    pub events: usize,
}

pub(super) struct InFlight {
    pub(super) hash: Hash,
    /// When it was made, and how large it is: what the link carries is learnt from it.
    pub(super) began: ClockReading,
    pub(super) bytes: usize,
    pub(super) keys: Vec<(Subject, Class)>,
    pub(super) sent: Vec<Sent>,
    /// It went as a file: other exchanges may have happened since.
    pub(super) carried: bool,
    /// What was asked, and after which backup.
    pub(super) asked: Option<(ToAsk, Instant)>,
}

/// A tail that was sent: of which stream here, under which name, and up to which event. No answer can
/// speak of more. CBOR: `[stream, named, last, first]`.
#[derive(minicbor::Encode, minicbor::Decode)]
#[cbor(array)]
pub(super) struct Sent {
    #[n(0)]
    pub(super) stream: StreamId,
    #[n(1)]
    pub(super) named: StreamId,
    #[n(2)]
    pub(super) last: u64,
    /// The first event; 0 in what an earlier version remembered.
    #[n(3)]
    #[cbor(default)]
    pub(super) first: u64,
}

/// Numbers for requests: rising, never given twice, whatever dies. They are set aside durably by the
/// block, so that most requests don't wait for the disk; a block begun is not resumed after a
/// restart, which leaves a gap.
#[derive(Default)]
pub(super) struct Numbers {
    last: u64,
    set_aside: u64,
}

impl Numbers {
    const BLOCK: u64 = 32;

    fn next(&mut self, store: &mut Store) -> Result<u64, StoreError> {
        if self.last == self.set_aside {
            let before = store.transaction(|tx| {
                let before = tx.read().meta::<u64>("requests")?.unwrap_or(0);
                tx.set_meta("requests", &(before + Numbers::BLOCK))?;
                Ok::<_, StoreError>(before)
            })?;
            *self = Numbers { last: before, set_aside: before + Numbers::BLOCK };
        }
        self.last += 1;
        Ok(self.last)
    }
}

/// What an answer brought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exchanged {
    /// Events the server took that it had not had before.
    pub sent: usize,
    /// Events new to this phone.
    pub received: usize,
    /// Decisions new to this phone.
    pub outcomes: usize,
    /// Ask again at once: more waits on one side.
    pub more: bool,
    /// Tails, keys and documents of the answer that did not hold: they are left out, so that one bad
    /// stream blocks no other.
    pub refused: usize,
    /// Orders that left and that this phone let go of: a backup covers all of them.
    pub purged: usize,
}

impl Engine {
    /// What sync should do at `now`.
    pub fn sync_next(&self, now: Instant) -> Result<Next, StoreError> {
        let unsent = !self.store.unsent_streams()?.is_empty();
        Ok(self.machine.next(now, unsent || self.store.photo_to_send()?.is_some()))
    }

    /// What a screen shows about sync.
    pub fn sync_status(&self) -> Status {
        self.machine.status()
    }

    /// The network returned, or the user asked: don't wait for the next try.
    pub fn hurry(&mut self) {
        self.machine.hurry();
    }

    /// Builds the next request: what the server lacks, most urgent streams first, each sealed up
    /// to where it is sent. Its number is durably this request's alone before the bytes leave.
    pub fn sync_request(&mut self, clock: &ClockReading) -> Result<Packet, ActError> {
        let (budget, introduce) = (self.pace.budget(), self.introduce);
        let wanted = Wanted { cargo: Cargo::Unsent, budget, introduce, pieces: Vec::new() };
        let made = self.make_request(clock, wanted, &BTreeMap::new())?;
        self.in_flight = Some(made.flight);
        self.machine.sent();
        Ok(made.packet)
    }

    /// A request, behind what is `packed` in others.
    pub(super) fn make_request(
        &mut self,
        clock: &ClockReading,
        wanted: Wanted,
        packed: &BTreeMap<StreamId, u64>,
    ) -> Result<Made, ActError> {
        let Wanted { cargo, budget, introduce, pieces } = wanted;
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let entropy = &mut *self.entropy;
        let (tails, left) = collect_tails(&self.store, me, cargo, budget, packed)?;
        let mut unsent = self.store.unsent_keys()?;
        if cargo == Cargo::NotSafe {
            let subjects: BTreeSet<_> = tails.iter().map(|(row, _)| row.stream.subject).collect();
            for subject in subjects {
                let keys = self.store.keys_of(&subject)?.into_iter();
                unsent.keys.extend(keys.filter(|key| {
                    let same = |(of, class): (Subject, Class)| (of, class) == (subject, key.class);
                    !unsent.boxes.iter().any(|(of, class, _)| same((*of, *class)))
                }));
            }
        }
        let mut keys: Vec<_> = unsent.keys.iter().map(|key| (key.subject, key.class)).collect();
        let mut boxes = Vec::new();
        if !unsent.keys.is_empty() {
            boxes.extend(SealedKeys::seal(entropy, &me.company_wrapping_key, &unsent.keys).ok());
        }
        for (subject, class, sealed) in unsent.boxes {
            keys.push((subject, class));
            boxes.push(sealed);
        }
        let mine = |row: &&StreamRow| row.stream.writer == me.writer() && !row.stream.is_branch();
        let waits = self.store.unsent_streams()?;
        let not_with_server = waits.iter().filter(mine).map(StreamRow::unsent).sum();
        let streams: Vec<_> = tails.iter().map(|(row, _)| row.stream).collect();
        let certificates = certificates(&self.store.read(), me, &streams)?;
        let waiting = self.store.photos_waiting()?;
        let asked = to_ask(&self.store.read())?;
        let requests = self.numbers.next(&mut self.store)?;
        // A seal that is lost is made again, the very same.
        let facts = std::mem::take(&mut self.facts);
        let request = self.store.light_transaction(|tx| {
            note(tx, facts)?;
            // What was written under an earlier certificate, another device answers for.
            let held = tx.keep_held_sum(&me.writer())?;
            let tails = tails
                .into_iter()
                .map(|(row, tail)| sealed(tx, me, &row, tail))
                .collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>(Request {
                version: 1,
                cursor: tx.read().meta("cursor")?.unwrap_or_default(),
                last_answer: tx.read().meta("last_answer")?,
                clock: *clock,
                requests,
                recorded: held.events,
                unsent: match cargo {
                    Cargo::Unsent => left,
                    // What no backup covers may be with the server all the same.
                    Cargo::NotSafe | Cargo::Nothing => not_with_server,
                },
                held: held.digest(),
                tails,
                rules: RULES_VERSION,
                asked: asked.as_ref().map(|(asked, _)| SafeAsked {
                    streams: asked.streams.clone(),
                    photos: asked.photos.clone(),
                }),
                mark: tx.read().meta("mark")?,
                photos: (waiting > 0).then_some(waiting),
                keys: (!boxes.is_empty()).then_some(boxes),
                certificates,
                room: u32::try_from(budget).ok().filter(|_| budget < Pace::MOST),
                pieces: (!pieces.is_empty()).then_some(pieces),
            })
        })?;
        let id = me.certificate.id();
        let kid = if introduce { me.certificate.bytes() } else { &id.as_bytes()[..] };
        let bytes = seal_request(&me.keys.sign_key(), kid, &request);
        let events = request.events();
        let sent = |(stream, tail): (StreamId, &Tail)| Sent {
            stream,
            named: tail.stream,
            last: tail.last(),
            first: tail.from,
        };
        let sent = streams.into_iter().zip(&request.tails).map(sent).collect();
        let hash = Hash::of(&[&bytes]);
        let flight =
            InFlight { hash, began: *clock, bytes: bytes.len(), keys, sent, carried: false, asked };
        Ok(Made { packet: Packet { bytes, events }, flight, left })
    }

    /// What to send to `/v1/wake` so that the server says when to exchange. Good for an hour; says
    /// nothing of any work.
    ///
    /// # Errors
    /// When the phone isn't enrolled, or its file can't be read.
    pub fn wake_request(&self, clock: &ClockReading) -> Result<Vec<u8>, ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let wish = WakeRequest { at: self.server_time(clock)? };
        Ok(wish.seal(&me.keys.sign_key(), me.certificate.id().as_bytes()))
    }

    /// The server's clock now, as far as this phone can tell: what the last answer said and what has
    /// passed in this boot since. The wall clock may be a year off; only without an answer in this
    /// boot there is nothing better.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn server_time(&self, clock: &ClockReading) -> Result<Instant, StoreError> {
        server_time(&self.store.read(), clock)
    }

    /// Takes the server's answer: verified, then stored in one transaction. What isn't the
    /// server's answer to the request under way is a [`Trouble`], and costs only the repetition.
    pub fn sync_answer(
        &mut self,
        clock: &ClockReading,
        bytes: &[u8],
    ) -> Result<Exchanged, ExchangeError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        let Some(flight) = self.in_flight.take() else {
            return Err(ExchangeError::NothingAsked);
        };
        let answer = match open_answer(&me.keys, &me.company_signing_key, &flight.hash, bytes) {
            Ok(answer) => answer,
            Err(error) => {
                self.pace.broke();
                self.fail(clock.wall, Trouble::NotOurServer, None);
                return Err(ExchangeError::NotOurServer(error.to_string()));
            }
        };
        let mut fact = SyncFact::new(clock.wall, "answered");
        (fact.bytes_out, fact.bytes_back) = (flight.bytes as u64, bytes.len() as u64);
        fact.budget = self.pace.budget() as u64;
        if clock.boot == flight.began.boot {
            fact.ms = clock.since_boot_ms.saturating_sub(flight.began.since_boot_ms);
        }
        let (boot, took) = (flight.began.boot, fact.ms);
        let store = |tx: &Transaction<'_>| {
            let (exchanged, moved) = store_answer(tx, me, &flight, &answer, clock)?;
            note(tx, [fact.brought(&exchanged)])?;
            Ok::<_, StoreError>((exchanged, moved))
        };
        let stored = if brings_nothing(&answer) {
            self.store.light_transaction(store)
        } else {
            self.store.transaction(store)
        };
        match stored {
            Ok((mut exchanged, moved)) => {
                self.introduce = false;
                if clock.boot == boot {
                    self.pace.carried((flight.bytes + bytes.len()) as u64, took);
                }
                self.machine.answered(clock.wall, false);
                self.sending.grant = answer.grant.map(Into::into);
                let unsent = !self.store.unsent_streams().map_err(ActError::from)?.is_empty();
                let progress = moved || exchanged.more || exchanged.sent + exchanged.received > 0;
                exchanged.more |= progress && (answer.more || unsent);
                // Each thing is asked once since a backup, so this ends.
                exchanged.more |= to_ask(&self.store.read()).map_err(ActError::from)?.is_some();
                if exchanged.more {
                    self.machine.hurry();
                } else if unsent || answer.more || self.waits_for_leave()? {
                    // The server promises more and brings nothing: asking on would never end.
                    let jitter = self.jitter();
                    self.machine.not_stored(clock.wall, jitter);
                }
                Ok(exchanged)
            }
            Err(error) => {
                self.note(SyncFact::new(clock.wall, "not_stored"));
                let jitter = self.jitter();
                self.machine.not_stored(clock.wall, jitter);
                Err(ActError::from(error).into())
            }
        }
    }

    /// The request came to nothing. `true`: ask again at once. A server that refuses a phone may
    /// only have forgotten it, in a restore from its backup: the next request brings the whole
    /// certificate, once, before the refusal is believed.
    pub fn sync_failed(
        &mut self,
        now: Instant,
        trouble: Trouble,
        retry_after_ms: Option<i64>,
    ) -> bool {
        self.in_flight = None;
        if trouble == Trouble::Refused && !self.introduce {
            self.introduce = true;
            self.machine.cancelled();
            self.machine.hurry();
            return true;
        }
        if matches!(trouble, Trouble::Offline | Trouble::NotOurServer) {
            self.pace.broke();
        }
        self.fail(now, trouble, retry_after_ms);
        false
    }

    /// The request was given up.
    pub fn sync_cancelled(&mut self) {
        self.in_flight = None;
        self.machine.cancelled();
    }

    /// The server's last word on what it holds of this phone.
    pub fn nothing_unsent(&self) -> Result<Option<NothingUnsent>, StoreError> {
        let (Some(me), Some(signed)) = (&self.identity, self.statement_proof()?) else {
            return Ok(None);
        };
        // It was checked when it came; another company's would say nothing of this phone.
        let statement = Statement::open(&me.company_signing_key, &signed).ok();
        Ok(statement.filter(|it| it.device == me.certificate.id()).map(|it| it.said))
    }

    /// That word as the server signed it: whoever has the company's public key can check it.
    pub fn statement_proof(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let signed: Option<ByteVec> = self.store.read().meta(STATEMENT)?;
        Ok(signed.map(Into::into))
    }

    /// Whether photos wait here that the server gave no leave to send.
    fn waits_for_leave(&self) -> Result<bool, ActError> {
        Ok(self.sending.grant.is_none() && self.store.photo_to_send()?.is_some())
    }

    pub(super) fn fail(&mut self, now: Instant, trouble: Trouble, retry_after_ms: Option<i64>) {
        self.note(SyncFact::trouble(now, trouble));
        let jitter = self.jitter();
        self.machine.failed(now, trouble, retry_after_ms, jitter);
    }

    fn jitter(&mut self) -> u32 {
        u32::from_le_bytes((*self.entropy).bytes())
    }
}

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// No request is under way that this would answer.
    #[error(
        "nothing this phone asked waits for this: it was taken in already, or is another phone's"
    )]
    NothingAsked,
    /// Not an answer of our server to this request.
    #[error("this is not the server's answer: {0}")]
    NotOurServer(String),
    /// It could not be stored.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Of the devices, other than this, that wrote any of these streams: a server that was restored from a
/// backup may have forgotten them.
fn certificates(
    reader: &Reader<'_>,
    me: &Identity,
    streams: &[StreamId],
) -> Result<Option<Vec<ByteVec>>, StoreError> {
    let device = |stream: &StreamId| match stream.writer {
        Writer::Device(id) if stream.writer != me.writer() => Some(id),
        _ => None,
    };
    let mut found = Vec::new();
    for id in streams.iter().filter_map(device).collect::<BTreeSet<_>>() {
        found.extend(reader.certificate(id)?.map(ByteVec::from));
    }
    Ok((!found.is_empty()).then_some(found))
}

/// The tail with a seal over its last event, made now if there is none.
fn sealed(
    tx: &Transaction<'_>,
    me: &Identity,
    row: &StreamRow,
    mut tail: Tail,
) -> Result<Tail, StoreError> {
    if tail.seal.is_none() && row.own {
        let chain = tx.read().chain_at(row, tail.last())?;
        let seal = seal(me, row, chain);
        // Over another's events it only says who brings them, and is of no use to anybody else.
        if row.stream.writer == me.writer() {
            tx.keep_seal(row, chain.seq, seal.bytes())?;
        }
        tail.seal = Some(seal.bytes().to_vec().into());
    }
    Ok(tail)
}

/// Whether the answer only says what the server has: when it is lost, repeating costs nothing else.
fn brings_nothing(answer: &Answer) -> bool {
    answer.tails.is_empty()
        && answer.keys.is_empty()
        && answer.standing.is_empty()
        && answer.certificates.is_empty()
        && answer.outcomes.is_empty()
        && answer.scope == Scope::default()
}

/// What the server is asked about orders that left, and since which backup; nothing when there was
/// none, or nothing is left to ask since.
fn to_ask(reader: &Reader<'_>) -> Result<Option<(ToAsk, Instant)>, StoreError> {
    let Some(backup) = reader.meta::<Instant>(BACKED_UP)? else { return Ok(None) };
    let asked = reader.to_ask(backup)?;
    Ok((!asked.is_empty()).then_some((asked, backup)))
}

/// What a request is to bring.
pub(super) struct Wanted {
    pub(super) cargo: Cargo,
    /// Bytes of events, about.
    pub(super) budget: usize,
    /// With the whole certificate.
    pub(super) introduce: bool,
    pub(super) pieces: Vec<PhotoPiece>,
}

/// A request as it leaves, and what its answer can speak of.
pub(super) struct Made {
    pub(super) packet: Packet,
    pub(super) flight: InFlight,
    /// Events that did not fit.
    pub(super) left: u64,
}

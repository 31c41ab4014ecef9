//! What the server says back: one page of the device's feed, and what holds always.

use std::collections::{BTreeMap, BTreeSet};

#[cfg(feature = "planted")]
use doorstep::planted;
use doorstep::{
    base::{Hash, Id},
    log::{DisclosedKey, StreamId, Subject, Tail, Writer},
    order::RULES_VERSION,
    sync::{
        Answer, Cursor, Mark, NothingUnsent, PhotoKept, Request, SafeAsked, Scope, Statement,
        StreamResult,
    },
};
use minicbor::bytes::ByteVec;

use super::{Context, admit::Gate, photo};
use crate::{
    problem::Failure,
    store::{DeviceRow, FeedEnd, FeedItem, StoreError, Tx},
};

/// About how much one answer brings, before compression.
const PAGE_BYTES: usize = 256 * 1024;
/// Streams, and photos, that are looked up for one request.
const MOST_ASKED: usize = 128;
/// Lines of a feed in one answer.
const PAGE_ITEMS: usize = 512;

/// An answer without what became of the request's own streams and pieces.
pub(super) struct Composed(Answer);

impl Composed {
    pub(super) fn finish(self, results: Vec<StreamResult>, pieces: Vec<PhotoKept>) -> Answer {
        Answer { results, pieces: (!pieces.is_empty()).then_some(pieces), ..self.0 }
    }
}

/// What the answer is to.
pub(super) struct Heard<'a> {
    pub(super) request: &'a Request,
    /// SHA-256 of its packet.
    pub(super) hash: Hash,
}

/// Composes the answer. A device at a closed or half-closed gate gets no data; only a lost or
/// stolen one gets no outcomes either.
pub(super) fn compose(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    device: &DeviceRow,
    gate: Gate,
    heard: &Heard<'_>,
) -> Result<Composed, Failure> {
    let id = ctx.id();
    let outcomes = if gate == Gate::Closed { Vec::new() } else { tx.outcomes(device.id)? };
    if !outcomes.is_empty() {
        tx.outcomes_sent(device.id, id, ctx.now)?;
    }
    let Heard { request, hash: request_hash } = *heard;
    let (stored, held) = (tx.stored(device.id)?.events(), tx.held_back(device.id)?);
    let page = if gate == Gate::Open {
        let after = start(ctx, request.cursor);
        #[cfg(feature = "planted")]
        let after = planted::since_last_heard(device.id, after);
        Page::read(tx, device.id, after, room(request))?
    } else {
        // It reads nothing, and hears all the same that the server was restored: then it brings again
        // what was held here.
        Page { position: start(ctx, request.cursor), ..Page::default() }
    };
    #[cfg(feature = "planted")]
    planted::hear(device.id, page.position);
    let certificates = page.certificates(tx, device.id)?;
    let keys = page.keys(tx, device.id)?;
    let tails = page.tails(tx)?;
    let feed = match gate {
        Gate::Open => page.feed,
        _ => tx.feed_end(device.id)?,
    };
    let aside = Some(tx.kept_aside(device.id)?).filter(|aside| *aside > 0);
    let FeedEnd { position, put_at } = feed;
    let mark = Mark { epoch: ctx.epoch, device: device.id, position, stored, aside, put_at };
    let shown = request.mark.as_ref().and_then(|bytes| Mark::claimed(bytes));
    let mark = (shown != Some(mark)).then(|| mark.sign(&ctx.keys.sign_key()).into());
    let (safe, safe_photos) = match &request.asked {
        Some(asked) if gate != Gate::Closed => covered(tx, asked)?,
        _ => (Vec::new(), Vec::new()),
    };
    let waited_for = tx.photos_waited_for(device.id)?;
    let grant = request.photos.unwrap_or(0) > 0 && gate != Gate::Closed;
    Ok(Composed(Answer {
        version: 1,
        id,
        request: request_hash,
        time: ctx.now,
        results: Vec::new(),
        cursor: Cursor { epoch: ctx.epoch, position: page.position },
        tails,
        certificates,
        keys,
        standing: page.standing,
        scope: page.scope,
        outcomes,
        more: page.more,
        statement: Statement {
            device: device.id,
            said: NothingUnsent {
                recorded: request.recorded,
                held: stored + held,
                at: ctx.now,
                photos: (waited_for > 0).then_some(waited_for),
            },
        }
        .sign(&ctx.keys.sign_key())
        .into(),
        safe,
        grant: grant.then(|| photo::grant(ctx, device.id).into()),
        backed_up: tx.backed_up_at()?,
        safe_photos: (!safe_photos.is_empty()).then_some(safe_photos),
        mark,
        rules: (RULES_VERSION > request.rules).then_some(RULES_VERSION),
        pieces: None,
    }))
}

/// Streams, each up to where, and photos.
type Covered = (Vec<(StreamId, u64)>, Vec<Hash>);

/// How far a verified backup covers what a device asks about. It is told nothing that it
/// doesn't have: a stream counts only where the device holds the very event that is here.
fn covered(tx: &mut dyn Tx, asked: &SafeAsked) -> Result<Covered, StoreError> {
    let mut streams = Vec::new();
    for (stream, seq, hash) in asked.streams.iter().take(MOST_ASKED) {
        let seq = (*seq).min(i64::MAX as u64);
        let safe = tx.safe(stream)?;
        if safe > 0 && tx.hashes(stream, seq, seq)? == [(seq, *hash)] {
            streams.push((*stream, safe.min(seq)));
        }
    }
    let mut photos = Vec::new();
    for address in asked.photos.iter().take(MOST_ASKED) {
        if tx.photo(address)?.is_some_and(|photo| photo.safe) {
            photos.push(*address);
        }
    }
    Ok((streams, photos))
}

/// A cursor of another epoch knows nothing of this one's feed.
fn start(ctx: &Context<'_>, cursor: Cursor) -> u64 {
    if cursor.epoch == ctx.epoch { cursor.position } else { 0 }
}

/// About how much the device takes at once: on a bad link it asks for less. One line of its feed
/// comes in any case.
fn room(request: &Request) -> usize {
    request.room.map_or(PAGE_BYTES, |room| PAGE_BYTES.min(room as usize))
}

#[derive(Default)]
struct Page {
    position: u64,
    /// Where the feed ends.
    feed: FeedEnd,
    more: bool,
    scope: Scope,
    standing: Vec<ByteVec>,
    subjects: BTreeSet<Subject>,
    streams: Vec<StreamId>,
    events: BTreeMap<StreamId, BTreeMap<u64, Vec<u8>>>,
    size: usize,
}

impl Page {
    fn read(tx: &mut dyn Tx, device: Id, after: u64, room: usize) -> Result<Page, StoreError> {
        let feed = tx.feed_end(device)?;
        // From beyond the end: the server went back. All of it again is safe, and tells everything.
        let after = if after > feed.position { 0 } else { after };
        let mut page = Page { position: after, feed, ..Page::default() };
        for (position, item) in tx.feed(device, after, PAGE_ITEMS)? {
            if page.size >= room {
                break;
            }
            page.take(tx, item)?;
            page.position = position;
        }
        page.more = page.position < feed.position;
        Ok(page)
    }

    fn take(&mut self, tx: &mut dyn Tx, item: FeedItem) -> Result<(), StoreError> {
        match item {
            FeedItem::Entered(order) => {
                self.scope.left.retain(|left| *left != order);
                self.scope.entered.push(order);
            }
            FeedItem::Left(order) => {
                self.scope.entered.retain(|entered| *entered != order);
                self.scope.left.push(order);
            }
            FeedItem::Keys(subject) => {
                self.subjects.insert(subject);
            }
            FeedItem::Standing { after, to } => {
                for document in tx.standing(after, to)? {
                    self.size += document.len();
                    self.standing.push(document.into());
                }
            }
            FeedItem::Events { stream, from, to } => {
                if !self.events.contains_key(&stream) {
                    self.streams.push(stream);
                }
                let events = self.events.entry(stream).or_default();
                for event in tx.events(&stream, from, to)? {
                    self.size += event.bytes.len();
                    events.insert(event.seq, event.bytes);
                }
            }
        }
        Ok(())
    }

    /// Tails in the order of the feed; each run without a hole is one.
    fn tails(&self, tx: &mut dyn Tx) -> Result<Vec<Tail>, StoreError> {
        let mut tails: Vec<Tail> = Vec::new();
        for stream in &self.streams {
            let mut run: Option<Tail> = None;
            for (seq, bytes) in self.events.get(stream).into_iter().flatten() {
                let bytes = ByteVec::from(bytes.clone());
                match &mut run {
                    Some(tail) if tail.last() + 1 == *seq => tail.events.push(bytes),
                    _ => {
                        let next =
                            Tail { stream: *stream, from: *seq, events: vec![bytes], seal: None };
                        tails.extend(run.replace(next));
                    }
                }
            }
            tails.extend(run);
        }
        for tail in &mut tails {
            tail.seal = tx.seal(&tail.stream, tail.last())?.map(ByteVec::from);
        }
        Ok(tails)
    }

    /// Certificates of the devices whose streams begin here: later tails need no introduction.
    fn certificates(&self, tx: &mut dyn Tx, reader: Id) -> Result<Vec<ByteVec>, StoreError> {
        let mut writers = BTreeSet::new();
        for (stream, events) in &self.events {
            if let Writer::Device(device) = stream.writer
                && device != reader
                && events.contains_key(&1)
            {
                writers.insert(device);
            }
        }
        let mut certificates = Vec::new();
        for writer in writers {
            certificates.extend(tx.device(writer)?.map(|device| device.certificate.into()));
        }
        Ok(certificates)
    }

    /// Keys of the page's orders that are in scope now. The answer is sealed to the device.
    fn keys(&self, tx: &mut dyn Tx, device: Id) -> Result<Vec<DisclosedKey>, StoreError> {
        if self.subjects.is_empty() {
            return Ok(Vec::new());
        }
        let scope = tx.scope(device)?;
        let mut disclosed = Vec::new();
        for subject in self.subjects.iter().filter(|subject| scope.contains(&subject.id)) {
            let keys = tx.keys(subject)?.into_iter();
            let subject = *subject;
            disclosed.extend(keys.map(|(class, key)| DisclosedKey { subject, class, key }));
        }
        Ok(disclosed)
    }
}

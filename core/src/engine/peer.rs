//! What came from a colleague's phone and not from the server: provisional until the server's word.
//!
//! Streams of devices hold under their writers' seals, whoever brings them, but a writer can seal two
//! pasts, and only the server knows which one counts. What the server shows instead is taken, and what
//! the colleague's file said from there on goes; what was written here stays.

use minicbor::{Decode, Encode};

use crate::{
    log::{Class, StreamId, Subject},
    store::{Reader, StoreError, Transaction},
};

const FROM_PEERS: &str = "from_peers";

/// What the server has not spoken of yet. CBOR: `[streams, keys]`.
#[derive(Debug, Clone, Default, Encode, Decode)]
#[cbor(array)]
struct FromPeers {
    /// Streams, each from which event on.
    #[n(0)]
    streams: Vec<(StreamId, u64)>,
    /// Keys.
    #[n(1)]
    keys: Vec<(Subject, Class)>,
}

fn read(reader: &Reader<'_>) -> Result<FromPeers, StoreError> {
    Ok(reader.meta(FROM_PEERS)?.unwrap_or_default())
}

fn write(tx: &Transaction<'_>, all: &FromPeers) -> Result<(), StoreError> {
    match all.streams.is_empty() && all.keys.is_empty() {
        true => tx.clear_meta(FROM_PEERS),
        false => tx.set_meta(FROM_PEERS, all),
    }
}

/// From which event on a stream is a colleague's word alone.
pub(super) fn provisional(
    reader: &Reader<'_>,
    stream: &StreamId,
) -> Result<Option<u64>, StoreError> {
    let all = read(reader)?;
    Ok(all.streams.iter().find(|(known, _)| known == stream).map(|(_, from)| *from))
}

/// A colleague brought this stream from event `from` on.
pub(super) fn brought(
    tx: &Transaction<'_>,
    stream: &StreamId,
    from: u64,
) -> Result<(), StoreError> {
    let mut all = read(&tx.read())?;
    if all.streams.iter().all(|(known, _)| known != stream) {
        all.streams.push((*stream, from));
        write(tx, &all)?;
    }
    Ok(())
}

/// A colleague brought this key.
pub(super) fn brought_key(
    tx: &Transaction<'_>,
    subject: Subject,
    class: Class,
) -> Result<(), StoreError> {
    let mut all = read(&tx.read())?;
    if !all.keys.contains(&(subject, class)) {
        all.keys.push((subject, class));
        write(tx, &all)?;
    }
    Ok(())
}

/// The server has spoken of the stream up to `seq`.
pub(super) fn confirmed(
    tx: &Transaction<'_>,
    stream: &StreamId,
    seq: u64,
) -> Result<(), StoreError> {
    let mut all = read(&tx.read())?;
    if all.streams.iter().all(|(known, _)| known != stream) {
        return Ok(());
    }
    let head = tx.read().stream(stream)?.map_or(0, |row| row.chain.seq);
    for (_, from) in all.streams.iter_mut().filter(|(known, _)| known == stream) {
        *from = (*from).max(seq.saturating_add(1));
    }
    all.streams.retain(|(known, from)| known != stream || *from <= head);
    write(tx, &all)
}

/// The server gave a key. Whether a colleague's, which is another, makes way for it.
pub(super) fn makes_way(
    tx: &Transaction<'_>,
    subject: &Subject,
    class: Class,
) -> Result<bool, StoreError> {
    let mut all = read(&tx.read())?;
    let before = all.keys.len();
    all.keys.retain(|known| *known != (*subject, class));
    if all.keys.len() == before {
        return Ok(false);
    }
    write(tx, &all)?;
    Ok(true)
}

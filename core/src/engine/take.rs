//! Taking in streams: from other writers, and this phone's own as the server knows them.
//!
//! What this phone wrote is never given up. Where the server has told of a fork and shows the other
//! past, vouched for by this phone's own key or the company's, its events step aside as a branch. What
//! a colleague's phone brought is given up where the server shows another past, and so is another's past
//! that this phone brought, once the server said that it keeps it aside.

use std::collections::BTreeMap;

use super::{
    Identity,
    answer::{FORKED, KEPT_ASIDE},
    peer,
};
use crate::{
    base::Id,
    event::{Payload, Recorded},
    log::{Certificate, Chain, StreamId, Tail, Writer},
    store::{StoreError, StreamRow, Transaction},
};

/// The certificate under which this phone's past forked: a copy of it has the same one.
pub(super) const FORKED_UNDER: &str = "forked_under";

/// The keys that devices of this answer sign with: each certificate is checked once.
pub(super) type SigningKeys = BTreeMap<Id, Option<[u8; 32]>>;

/// Who brings a tail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The server, whose word counts.
    Server,
    /// A colleague's phone, in a file.
    Colleague,
}

/// Appends what is new of a tail that verifies. `None`: it doesn't hold, and nothing is kept of it.
pub(super) fn take_tail(
    tx: &Transaction<'_>,
    me: &Identity,
    known_keys: &mut SigningKeys,
    tail: &Tail,
    source: Source,
) -> Result<Option<usize>, StoreError> {
    let Some(before) = before(tx, tail)? else { return Ok(None) };
    let keys = match tail.stream.writer {
        Writer::Office(_) => vec![me.company_signing_key],
        Writer::Device(id) => {
            let key = match known_keys.get(&id) {
                Some(key) => *key,
                None => *known_keys.entry(id).or_insert(signing_key(tx, me, id)?),
            };
            // The company vouches for what its device could not seal.
            match key {
                Some(key) => vec![key, me.company_signing_key],
                None => return Ok(None),
            }
        }
    };
    let held = |key: &[u8; 32]| tail.verify(before, key).ok();
    let Some((recorded, chain)) = keys.iter().find_map(held) else { return Ok(None) };
    let begins = |first: &Recorded| tail.stream.branch.0 == Some(first.id);
    let known = tx.read().stream(&tail.stream)?;
    // A branch is named by its first event.
    if known.is_none() && tail.stream.is_branch() && !recorded.first().is_some_and(begins) {
        return Ok(None);
    }
    let mine = tail.stream.writer == me.writer();
    let own = mine || known.as_ref().is_some_and(|row| row.own);
    let mut forked = tail.stream.is_branch();
    let mut row = match known {
        Some(row) => match differs(tx, &row, &recorded)? {
            None => row,
            Some(_) if source == Source::Colleague => return Ok(None),
            // Both pasts are known to the server, and it said so.
            Some(first) if own && row.trouble == FORKED => {
                forked = true;
                tx.split(&row, first)?
            }
            // A colleague brought another past than the one that counts.
            Some(first)
                if peer::provisional(&tx.read(), &row.stream)?
                    .is_some_and(|from| first >= from) =>
            {
                tx.cut(&row, first)?
            }
            // The server has what this phone brought of another's stream, and said that it is not what counts.
            Some(first) if !own && kept_aside(tx, &row.stream)? => tx.cut(&row, first)?,
            // A server that shows another past all of a sudden is not believed.
            Some(_) => return Ok(None),
        },
        None => tx.stream_or_begun(&tail.stream, own, before)?,
    };
    if mine && forked {
        tx.set_meta(FORKED_UNDER, &me.certificate.id())?;
    }
    let head = row.chain.seq;
    if row.purged > 0 {
        bring_back(tx, &row, &recorded, tail)?;
    }
    for (event, bytes) in recorded.iter().zip(&tail.events).filter(|(event, _)| event.seq > head) {
        tx.append(&mut row, bytes)?;
        if let (Payload::VisitStarted(_), Some(visit)) = (&event.event.payload, event.event.visit) {
            tx.place_visit(visit, &row, event.seq)?;
        }
    }
    if (chain.seq > head || row.purged > 0)
        && let Some(seal) = &tail.seal
    {
        tx.keep_seal(&row, chain.seq, seal)?;
    }
    if source == Source::Server {
        // The server has what it shows, whatever became of the answer that said so.
        if own && chain.seq == row.chain.seq {
            tx.set_accepted(&row, chain.seq)?;
        }
        peer::confirmed(tx, &tail.stream, chain.seq)?;
    }
    Ok(Some(chain.seq.saturating_sub(head) as usize))
}

/// The order is back: so are the bytes of its events that were let go of.
fn bring_back(
    tx: &Transaction<'_>,
    row: &StreamRow,
    recorded: &[Recorded],
    tail: &Tail,
) -> Result<(), StoreError> {
    for (event, bytes) in recorded.iter().zip(&tail.events).filter(|(e, _)| e.seq <= row.purged) {
        tx.bring_back(row, event.seq, bytes)?;
        if let (Payload::VisitStarted(_), Some(visit)) = (&event.event.payload, event.event.visit) {
            tx.place_visit(visit, row, event.seq)?;
        }
    }
    tx.settle_purged(row)
}

/// Where the chain stood before a tail; `None` when that isn't here.
fn before(tx: &Transaction<'_>, tail: &Tail) -> Result<Option<Chain>, StoreError> {
    let Some(seq) = tail.from.checked_sub(1) else { return Ok(None) };
    if seq == 0 {
        return Ok(Some(Chain::start(&tail.stream.trunk())));
    }
    if let Some(row) = tx.read().stream(&tail.stream)?
        && seq > tx.read().chain_before(&row)?.seq
        && seq <= row.chain.seq
    {
        return Ok(Some(tx.read().chain_at(&row, seq)?));
    }
    tx.read().chain_left_by(tail)
}

/// Whether the server said that it keeps aside what this phone brought of another's stream; it is said once.
fn kept_aside(tx: &Transaction<'_>, stream: &StreamId) -> Result<bool, StoreError> {
    let mut aside: Vec<StreamId> = tx.read().meta(KEPT_ASIDE)?.unwrap_or_default();
    let before = aside.len();
    aside.retain(|kept| kept != stream);
    if aside.len() < before {
        tx.set_meta(KEPT_ASIDE, &aside)?;
    }
    Ok(aside.len() < before)
}

/// The first place in which other events stand here.
fn differs(
    tx: &Transaction<'_>,
    row: &StreamRow,
    recorded: &[Recorded],
) -> Result<Option<u64>, StoreError> {
    let first = tx.read().chain_before(row)?.seq + 1;
    for event in recorded.iter().filter(|event| (first..=row.chain.seq).contains(&event.seq)) {
        if tx.read().chain_at(row, event.seq)?.hash != event.id {
            return Ok(Some(event.seq));
        }
    }
    Ok(None)
}

fn signing_key(
    tx: &Transaction<'_>,
    me: &Identity,
    id: Id,
) -> Result<Option<[u8; 32]>, StoreError> {
    let Some(bytes) = tx.read().certificate(id)? else { return Ok(None) };
    let certificate = Certificate::verify(&bytes, &me.company_signing_key).ok();
    Ok(certificate.map(|certificate| certificate.keys().signing))
}

//! Whether a tail fits behind what is here: a pure decision.

#[cfg(feature = "planted")]
use doorstep::planted;
use doorstep::{
    base::Hash,
    event::Recorded,
    log::{Chain, Tail, TailError},
};

/// What is here of a tail's stream.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Where it stands.
    pub(super) head: Chain,
    /// The chain right before the tail; only looked at when the tail begins at or before the head.
    pub(super) before: Chain,
    /// Ids of the events that the tail's numbers cover here.
    pub(super) overlap: Vec<(u64, Hash)>,
}

/// What is to become of a tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judgement {
    /// These events, right behind the head.
    Admit(Vec<Recorded>),
    /// Nothing new, up to here.
    AlreadyHad(u64),
    /// It must begin here.
    Gap(u64),
    /// Another event stands where this one claims to.
    Fork(Hash),
    /// Not to be believed: a code.
    Hold(&'static str),
}

/// Judges a tail of an authenticated writer with this key.
pub(super) fn judge(tail: &Tail, known: &Known, key: &[u8; 32]) -> Judgement {
    let head = known.head;
    if tail.from == 0 {
        return Judgement::Hold("malformed");
    }
    if tail.from > head.seq + 1 {
        return Judgement::Gap(head.seq + 1);
    }
    let hashes = tail.hashes(known.before);
    let overlap = &known.overlap[..];
    #[cfg(feature = "planted")]
    let overlap = match planted::is(planted::Bug::ForkAccepted) {
        true => &[],
        false => overlap,
    };
    let theirs = overlap.iter().map(|(_, hash)| hash);
    if let Some((ours, _)) = hashes.iter().zip(theirs).find(|(ours, theirs)| ours != theirs) {
        // A fork is only what the device vouches for; anything else is noise.
        return match tail.verify(known.before, key) {
            Ok(_) => Judgement::Fork(*ours),
            Err(error) => Judgement::Hold(reason(&error)),
        };
    }
    if tail.last() <= head.seq {
        return Judgement::AlreadyHad(tail.last());
    }
    let skip = usize::try_from(head.seq + 1 - tail.from).unwrap_or(usize::MAX);
    let new = Tail {
        stream: tail.stream,
        from: head.seq + 1,
        events: tail.events.iter().skip(skip).cloned().collect(),
        seal: tail.seal.clone(),
    };
    match new.verify(head, key) {
        Ok((recorded, _)) => Judgement::Admit(recorded),
        Err(error) => Judgement::Hold(reason(&error)),
    }
}

fn reason(error: &TailError) -> &'static str {
    match error {
        TailError::Event { .. } | TailError::Gap { .. } => "malformed",
        TailError::Seal(_) | TailError::Unsealed => "bad-seal",
    }
}

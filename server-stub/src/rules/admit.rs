//! The gate: what becomes of each stream a device sends. A refused stream is kept aside whole and
//! touches no other.

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Payload, Recorded},
    log::{Chain, Subject, SubjectKind, Tail, Writer},
    sync::StreamOutcome,
};

use super::{
    Context, clock,
    judge::{Judgement, Known, judge},
    orders, scope,
};
use crate::{
    problem::Failure,
    store::{HeldRow, NewEvent, StoreError, Tx},
};

/// How far the gate is open for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// Fully.
    Open,
    /// For work done before this, of boots heard of before this.
    Before(Instant),
    /// For nothing: all of it is held.
    Closed,
}

/// Who is at the gate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) device: Id,
    /// Whose it is; unknown when only its certificate came back.
    pub(super) person: Option<Id>,
    pub(super) key: [u8; 32],
    pub(super) gate: Gate,
}

/// Judges one tail and stores it, here or aside. Gives the events that are new.
pub(super) fn admit(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    sender: &Sender,
    tail: &Tail,
) -> Result<(StreamOutcome, Vec<Recorded>), Failure> {
    if let Some(reason) = foreign(sender.device, tail) {
        return Ok((aside(tx, ctx, sender.device, tail, reason)?, Vec::new()));
    }
    let known = look_up(tx, tail)?;
    if known.head.seq == 0 && !may_begin(tx, sender, &tail.stream.subject)? {
        return Ok((aside(tx, ctx, sender.device, tail, "not-yours")?, Vec::new()));
    }
    let outcome = match judge(tail, &known, &sender.key) {
        Judgement::Admit(recorded) if !passes(tx, sender, &recorded)? => {
            aside(tx, ctx, sender.device, tail, "revoked")?
        }
        Judgement::Admit(recorded) => {
            let last = store(tx, ctx, tail, known.head, &recorded)?;
            return Ok((StreamOutcome::Accepted(last), recorded));
        }
        Judgement::AlreadyHad(seq) => StreamOutcome::AlreadyHad(seq),
        Judgement::Gap(from) => StreamOutcome::Gap(from),
        Judgement::Fork(at) => {
            aside(tx, ctx, sender.device, tail, "forked")?;
            StreamOutcome::Forked(at)
        }
        Judgement::Hold(reason) => aside(tx, ctx, sender.device, tail, reason)?,
    };
    Ok((outcome, Vec::new()))
}

/// Why the device may not write this stream at all.
fn foreign(device: Id, tail: &Tail) -> Option<&'static str> {
    let stream = &tail.stream;
    let series = Subject::receipt_series(device);
    if stream.writer != Writer::Device(device)
        || (stream.subject.kind == SubjectKind::ReceiptSeries && stream.subject != series)
    {
        return Some("not-yours");
    }
    // A branch is made by a verdict, never sent.
    stream.branch.0.is_some().then_some("malformed")
}

/// Whether a device may begin a stream about this subject: about an order only when it was given to
/// the device's person once. Who writes about an order gets all of it, so nobody may invite
/// themselves; work of a person the order was taken from still counts.
fn may_begin(tx: &mut dyn Tx, sender: &Sender, subject: &Subject) -> Result<bool, Failure> {
    // A device that came back with nothing but its certificate is nobody's yet.
    let Some(person) = sender.person.filter(|_| subject.kind == SubjectKind::WorkOrder) else {
        return Ok(true);
    };
    let Some(order) = tx.order(subject.id)? else { return Ok(false) };
    if order.assigned_to == Some(person) {
        return Ok(true);
    }
    let given = |recorded: &Recorded| {
        matches!(recorded.stream.writer, Writer::Office(_))
            && matches!(&recorded.event.payload, Payload::OrderAssigned(a) if a.to == person)
    };
    Ok(orders::recorded(tx, subject.id)?.iter().any(given))
}

fn look_up(tx: &mut dyn Tx, tail: &Tail) -> Result<Known, StoreError> {
    let start = Chain::start(&tail.stream);
    let head = tx.head(&tail.stream)?.unwrap_or(start);
    let before_seq = tail.from.saturating_sub(1);
    if tail.from > head.seq + 1 {
        return Ok(Known { head, before: start, overlap: Vec::new() });
    }
    let before = match tx.hashes(&tail.stream, before_seq, before_seq)?.pop() {
        Some((seq, hash)) => Chain { seq, hash },
        None => start,
    };
    let overlap = tx.hashes(&tail.stream, tail.from.max(1), tail.last().min(head.seq))?;
    Ok(Known { head, before, overlap })
}

fn passes(tx: &mut dyn Tx, sender: &Sender, recorded: &[Recorded]) -> Result<bool, StoreError> {
    let effective = match sender.gate {
        Gate::Open => return Ok(true),
        Gate::Closed => return Ok(false),
        Gate::Before(effective) => effective,
    };
    for recorded in recorded {
        if !clock::before(tx, sender.device, &recorded.event.clock, effective)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn store(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    tail: &Tail,
    head: Chain,
    recorded: &[Recorded],
) -> Result<u64, StoreError> {
    let new = &tail.events[tail.events.len() - recorded.len()..];
    let events: Vec<_> = recorded
        .iter()
        .zip(new)
        .map(|(recorded, bytes)| NewEvent {
            hash: recorded.id,
            action: recorded.event.action,
            bytes: bytes.to_vec(),
        })
        .collect();
    let seal = tail.seal.as_ref().map(|seal| seal.to_vec()).unwrap_or_default();
    tx.append(&tail.stream, head, &events, &seal, ctx.now)?;
    scope::spread(tx, &tail.stream, head.seq + 1, tail.last())?;
    Ok(tail.last())
}

fn aside(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: Id,
    tail: &Tail,
    reason: &'static str,
) -> Result<StreamOutcome, StoreError> {
    let bytes = minicbor::to_vec(tail).unwrap_or_default();
    let id = Id::from_hash(&Hash::of(&[b"doorstep held v1", device.as_bytes(), &bytes]));
    tracing::warn!(%device, held = %id, reason, "held back");
    let held = HeldRow {
        id,
        device,
        stream: tail.stream,
        // A number beyond any stream's end is noise; the tail's own bytes keep it.
        from: tail.from.min(i64::MAX as u64),
        events: tail.events.len() as u64,
        reason: reason.to_owned(),
        at: ctx.now,
    };
    tx.hold(&held, &bytes)?;
    Ok(StreamOutcome::Held(reason.to_owned()))
}

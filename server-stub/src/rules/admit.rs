//! The gate: what becomes of each stream a device sends. A refused stream is kept aside whole and
//! touches no other; a supervisor can release it later.

use std::borrow::Cow;

use doorstep::{
    base::{Hash, Id, Instant},
    event::{Payload, Recorded},
    log::{Certificate, Chain, Subject, SubjectKind, Tail, Writer},
    sync::StreamOutcome,
};

use super::{
    Context, clock,
    enrol::certificate_of,
    forked,
    judge::{Judgement, Known, judge},
    meter_reports, orders, photo,
    release::Release,
    scope, verdict,
};
use crate::{
    problem::Failure,
    store::{DeviceRow, HeldRow, NewEvent, RevokeReason, StoreError, Tx, chain_left_by},
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

impl Gate {
    fn of(ctx: &Context<'_>, device: &DeviceRow, certificate: &Certificate) -> Gate {
        match device.revoked {
            Some(revoked) => match revoked.reason {
                RevokeReason::Lost | RevokeReason::Stolen => Gate::Closed,
                RevokeReason::Left | RevokeReason::Replaced => Gate::Before(revoked.effective),
            },
            None if ctx.now > certificate.fields().expires => {
                Gate::Before(certificate.fields().expires)
            }
            None => Gate::Open,
        }
    }
}

/// Who is at the gate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) device: Id,
    /// Whose it is; unknown when only its certificate came back.
    pub(super) person: Option<Id>,
    pub(super) key: [u8; 32],
    pub(super) gate: Gate,
    /// It has not heard yet that this server was restored from a backup, and offers again all it holds
    /// once it has.
    pub(super) behind: bool,
}

impl Sender {
    /// A device, as its gate stands now.
    pub(super) fn of(ctx: &Context<'_>, device: &DeviceRow, certificate: &Certificate) -> Sender {
        Sender {
            device: device.id,
            person: device.person,
            key: certificate.fields().signing_key,
            gate: Gate::of(ctx, device, certificate),
            behind: false,
        }
    }
}

/// Judges one tail and stores it, here or aside. Gives the events that are new.
///
/// A device also brings what others wrote: an earlier device of its person that could not send it, or
/// anybody, the office included, whose events this server lost when it was restored from a backup.
/// Under their writer's seal they are judged as the writer's, whoever brings them. Under the sender's
/// seal alone, because the earlier key is gone, they are held until a supervisor admits them.
pub(super) fn admit(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    sender: &Sender,
    tail: &Tail,
) -> Result<(StreamOutcome, Vec<Recorded>), Failure> {
    let office = matches!(tail.stream.writer, Writer::Office(_));
    let writer = writer(tx, ctx, sender, tail)?;
    let reason = match writer {
        None => Some("not-yours"),
        Some(_) if office => None,
        Some(writer) => foreign(writer.device, tail),
    };
    if let Some(reason) = reason {
        return Ok((aside(tx, ctx, sender.device, tail, reason)?, Vec::new()));
    }
    let writer = writer.unwrap_or(*sender);
    let known = look_up(tx, tail)?;
    let carried = writer.device != sender.device || office;
    let same_person = writer.person.is_some() && writer.person == sender.person;
    if known.head.seq == 0 && !office && !may_begin(tx, &writer, &tail.stream.subject)? {
        if sender.behind {
            // What says that it may begin was perhaps lost here, and comes with what it offers.
            return Ok((StreamOutcome::Gap(1), Vec::new()));
        }
        let of = if same_person { writer.device } else { sender.device };
        return Ok((aside(tx, ctx, of, tail, "not-yours")?, Vec::new()));
    }
    let ours = tail.stream.writer == Writer::Office(ctx.epoch);
    let judgement = match judge(tail, &known, &writer.key) {
        // What this epoch wrote is here, or nobody wrote it.
        Judgement::AlreadyHad(seq) => Judgement::AlreadyHad(seq),
        _ if ours => {
            return Ok((aside(tx, ctx, sender.device, tail, "not-yours")?, Vec::new()));
        }
        Judgement::Hold("bad-seal") if carried && (office || !same_person) => {
            return Ok((aside(tx, ctx, sender.device, tail, "not-yours")?, Vec::new()));
        }
        Judgement::Hold("bad-seal")
            if carried && tail.verify(known.before, &sender.key).is_ok() =>
        {
            Judgement::Hold("adopted")
        }
        judgement => judgement,
    };
    let (mut tail, mut head, mut judgement) = (Cow::Borrowed(tail), known.head, judgement);
    // A branch that was let count may have been left in its turn.
    while let Judgement::Fork(at) = judgement {
        let Some((branch, here)) = on_branch(tx, &tail, at)? else { break };
        judgement = judge(&branch, &here, &writer.key);
        (tail, head) = (Cow::Owned(branch), here.head);
    }
    let (outcome, recorded) = settle(tx, ctx, &writer, &tail, head, judgement)?;
    let forked = matches!(outcome, StreamOutcome::Forked(_));
    if forked && carried && tx.devices_with(tail.stream.subject.id)?.contains(&sender.device) {
        // Whoever carries the order and holds another's past that doesn't count is shown the one that does.
        scope::give_back_stream(tx, sender.device, &tail.stream.trunk(), ctx.now)?;
    }
    Ok((outcome, recorded))
}

/// Does what was judged.
fn settle(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    writer: &Sender,
    tail: &Tail,
    head: Chain,
    judgement: Judgement,
) -> Result<(StreamOutcome, Vec<Recorded>), Failure> {
    let outcome = match judgement {
        Judgement::Admit(recorded) if !passes(tx, writer, &recorded)? => {
            aside(tx, ctx, writer.device, tail, "revoked")?
        }
        Judgement::Admit(recorded) => {
            let seal = tail.seal.as_ref().map(|seal| seal.to_vec()).unwrap_or_default();
            store(tx, ctx, tail, head, &recorded, &seal)?;
            return Ok((StreamOutcome::Accepted(tail.last()), recorded));
        }
        Judgement::AlreadyHad(seq) => StreamOutcome::AlreadyHad(seq),
        Judgement::Gap(from) => StreamOutcome::Gap(from),
        Judgement::Fork(at) => {
            aside(tx, ctx, writer.device, tail, "forked")?;
            StreamOutcome::Forked(at)
        }
        Judgement::Hold(reason) => aside(tx, ctx, writer.device, tail, reason)?,
    };
    Ok((outcome, Vec::new()))
}

/// The part of a forked tail that belongs to a branch which a supervisor let count, and what is here
/// of that branch: nothing, where a restored server lost it.
fn on_branch(tx: &mut dyn Tx, tail: &Tail, at: Hash) -> Result<Option<(Tail, Known)>, StoreError> {
    let Some(part) = from_fork(tx, tail, at)? else { return Ok(None) };
    if tx.head(&part.stream)?.is_none() && !forked::was_chosen(tx, &tail.stream, &part)? {
        return Ok(None);
    }
    let known = look_up(tx, &part)?;
    Ok(Some((part, known)))
}

/// A forked tail from the fork on, as a branch.
pub(super) fn from_fork(
    tx: &mut dyn Tx,
    tail: &Tail,
    at: Hash,
) -> Result<Option<Tail>, StoreError> {
    let before = look_up(tx, tail)?.before;
    let Some(skip) = tail.hashes(before).iter().position(|hash| *hash == at) else {
        return Ok(None);
    };
    Ok(Some(Tail {
        stream: tail.stream.branch(at),
        from: tail.from + skip as u64,
        events: tail.events[skip..].to_vec(),
        seal: tail.seal.clone(),
    }))
}

/// Whose stream it is: the sender's own, another device's, or the office's.
fn writer(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    sender: &Sender,
    tail: &Tail,
) -> Result<Option<Sender>, Failure> {
    let id = match tail.stream.writer {
        Writer::Device(id) => id,
        Writer::Office(_) => {
            let key = ctx.keys.public().signing;
            return Ok(Some(Sender { person: None, key, gate: Gate::Open, ..*sender }));
        }
    };
    if id == sender.device {
        return Ok(Some(*sender));
    }
    let Some(device) = tx.device(id)? else { return Ok(None) };
    let certificate = certificate_of(ctx, &device)?;
    Ok(Some(Sender::of(ctx, &device, &certificate)))
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
/// the device's person once, or when one who was there handed a visit over to this very device. Who
/// writes about an order gets all of it, so nobody may invite themselves; work of a person the order was
/// taken from still counts.
fn may_begin(tx: &mut dyn Tx, sender: &Sender, subject: &Subject) -> Result<bool, Failure> {
    // A device that came back with nothing but its certificate is nobody's yet.
    let Some(person) = sender.person.filter(|_| subject.kind == SubjectKind::WorkOrder) else {
        return Ok(true);
    };
    let Some(order) = tx.order(subject.id)? else { return Ok(false) };
    if order.assigned_to == Some(person) {
        return Ok(true);
    }
    let given = |recorded: &Recorded| match (&recorded.event.payload, recorded.stream.writer) {
        (Payload::OrderAssigned(given), Writer::Office(_)) => given.to == person,
        (Payload::VisitHandedOver(handed), Writer::Device(_)) => handed.to == sender.device,
        _ => false,
    };
    Ok(orders::recorded(tx, subject.id)?.iter().any(given))
}

/// What is here of a tail's stream.
pub(super) fn look_up(tx: &mut dyn Tx, tail: &Tail) -> Result<Known, StoreError> {
    let start = Chain::start(&tail.stream.trunk());
    let before_seq = tail.from.saturating_sub(1);
    // A branch begins behind an event of the past that it left.
    let left = match tail.events.first().filter(|_| tail.stream.is_branch()) {
        Some(first) => chain_left_by(tx, &tail.stream, before_seq, first)?,
        None => None,
    };
    let head = tx.head(&tail.stream)?.or(left).unwrap_or(start);
    // The usual case: nothing of it is here, or it begins right behind what is.
    if tail.from == head.seq + 1 {
        return Ok(Known { head, before: head, overlap: Vec::new() });
    }
    if tail.from > head.seq + 1 {
        return Ok(Known { head, before: start, overlap: Vec::new() });
    }
    let before = match tx.hashes(&tail.stream, before_seq, before_seq)?.pop() {
        Some((seq, hash)) => Chain { seq, hash },
        None => left.unwrap_or(start),
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

/// Stores events behind the head, with the seal over the last, and tells who has the order.
pub(super) fn store(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    tail: &Tail,
    head: Chain,
    recorded: &[Recorded],
    seal: &[u8],
) -> Result<(), StoreError> {
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
    tx.append(&tail.stream, head, &events, seal, ctx.now)?;
    photo::name(tx, ctx, recorded)?;
    verdict::note(tx, &tail.stream, recorded)?;
    if tail.stream.subject.kind == SubjectKind::WorkOrder {
        meter_reports::note(tx, ctx, tail.stream.subject.id, recorded)?;
    }
    scope::spread(tx, &tail.stream, head.seq + 1, tail.last(), ctx.now)
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
        decided: None,
    };
    let first = tx.hold(&held, &bytes)?;
    if !first && refused(tx, id)? {
        return Ok(StreamOutcome::Held(REFUSED.to_owned()));
    }
    // The first time, a forked device is shown the past that is known here.
    if first && reason == "forked" {
        if tail.stream.subject.kind == SubjectKind::ReceiptSeries {
            verdict::note_receipts(tx, tail)?;
        }
        scope::give_back_stream(tx, device, &tail.stream, ctx.now)?;
    }
    Ok(StreamOutcome::Held(reason.to_owned()))
}

/// What a device is told of what was decided: it waits for nothing any more.
const REFUSED: &str = "refused";

/// Whether a supervisor decided that what is held under this id doesn't count.
fn refused(tx: &mut dyn Tx, id: Id) -> Result<bool, StoreError> {
    let decided = tx.held_tail(id)?.and_then(|(held, _)| held.decided);
    Ok(decided.is_some_and(|decided| decided.choice == Release::Refuse.id()))
}

//! One exchange: what the device has that the server lacks goes in, what the server has that the
//! device lacks comes out, in one transaction. The same request again does no harm.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use doorstep::{
    base::ClockReading,
    event::Recorded,
    log::{Certificate, Class, DisclosedKey, StreamId, Subject, SubjectKind, Tail, Writer},
    sync::{Request, RequestPacket, StreamOutcome, StreamResult, seal_answer},
};

use super::{
    Context, admit,
    admit::{Gate, Sender},
    answer, clock, details,
    enrol::{certificate_of, fresh_device, unreadable},
    office, orders, photo, recall,
    release::marked,
    scope, verdict, watch,
};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{DeviceRow, StoreError, Tx},
};

/// The protocol spoken here.
const VERSION: u32 = 1;

/// Takes a request packet, gives the answer packet.
pub fn exchange(tx: &mut dyn Tx, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let packet = RequestPacket::parse(bytes).map_err(unreadable)?;
    let (mut device, certificate) = authenticate(tx, ctx, &packet)?;
    let request = packet.open(&certificate.fields().signing_key).map_err(unreadable)?;
    check(&request)?;
    let mut sender = Sender::of(ctx, &device, &certificate);
    let gate = sender.gate;

    if let Some(epoch) = watch::went_back(tx, ctx, device.id, &request)? {
        // Nothing is written under a name that was used before.
        ctx.epoch = epoch;
        ctx.epoch = begin_epoch(tx, ctx)?;
    }
    sender.behind = ![0, ctx.epoch].contains(&request.cursor.epoch);
    introduce(tx, ctx, &request)?;
    watch::counters(tx, ctx, &mut device, &request, packet.hash())?;
    if let Some(answer) = request.last_answer {
        tx.outcomes_delivered(device.id, answer)?;
    }
    let results = receive(tx, ctx, &device, &sender, (&request.tails, &request.clock))?;
    take_keys(tx, ctx, &device, &request)?;
    let pieces = request.pieces.as_deref().unwrap_or_default();
    let pieces = photo::take_pieces(tx, ctx, device.id, pieces)?;
    watch::digest(tx, ctx, &mut device, &request)?;
    if gate == Gate::Open {
        scope::refresh(tx, ctx, &mut device)?;
    }
    tx.put_device(&device)?;

    let heard = answer::Heard { request: &request, hash: packet.hash() };
    let answer = answer::compose(tx, ctx, &device, gate, &heard)?;
    let answer = answer.finish(results, pieces);
    tracing::info!(
        device = %device.id,
        request = request.requests,
        events = request.events(),
        tails = answer.tails.len(),
        more = answer.more,
        "exchanged"
    );
    let wrapping_key = certificate.fields().wrapping_key;
    seal_answer(ctx.entropy, &ctx.keys.sign_key(), &wrapping_key, &answer)
        .map_err(|error| unreadable(error).into())
}

/// Devices that this server forgot in a restore, and whose work somebody else brings: their
/// certificates prove them, as they prove a device that comes itself.
fn introduce(tx: &mut dyn Tx, ctx: &Context<'_>, request: &Request) -> Result<(), StoreError> {
    let company = ctx.keys.public().signing;
    for bytes in request.certificates.iter().flatten() {
        let Ok(certificate) = Certificate::verify(bytes, &company) else { continue };
        let writer = Writer::Device(certificate.id());
        let writes = request.tails.iter().any(|tail| tail.stream.writer == writer);
        if writes && tx.device(certificate.id())?.is_none() {
            tx.put_device(&fresh_device(ctx, &certificate))?;
        }
    }
    Ok(())
}

/// Begins a new epoch, and gives it: the server's database was restored from a backup. Every phone then
/// offers again all it holds. Epochs are named by the clock, so that the same backup restored twice
/// never writes under one name.
pub fn begin_epoch(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<u64, StoreError> {
    let next = u64::try_from(ctx.now.0).unwrap_or(0).max(ctx.epoch.saturating_add(1));
    tx.set_epoch(next)?;
    tracing::warn!(epoch = next, "a new epoch: every phone offers again what it holds");
    Ok(next)
}

/// Takes in what a device sends: dates its boot, admits stream by stream, and judges the orders
/// concerned anew. Gives what became of each tail, in their order.
pub(super) fn receive(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    device: &DeviceRow,
    sender: &Sender,
    (tails, sent): (&[Tail], &ClockReading),
) -> Result<Vec<StreamResult>, Failure> {
    let booted_at = clock::learn(tx, ctx, device.id, sender.gate, sent)?;

    tx.streams_ahead(&tails.iter().map(|tail| tail.stream).collect::<Vec<_>>())?;
    let mut results = Vec::with_capacity(tails.len());
    let mut admitted: BTreeMap<StreamId, Vec<Recorded>> = BTreeMap::new();
    let mut recalled = BTreeSet::new();
    for tail in tails {
        let (mut outcome, recorded) = admit::admit(tx, ctx, sender, tail)?;
        if matches!(outcome, StreamOutcome::Held(_))
            && recall::admitted(tx, ctx, tail.stream.subject)?
        {
            recalled.insert(tail.stream.subject);
            // The word of the office may be of less than came.
            if tx.head(&tail.stream)?.is_some_and(|head| head.seq >= tail.last()) {
                outcome = StreamOutcome::Accepted(tail.last());
            }
        }
        if let (Some(_), Writer::Office(_)) = (recorded.first(), tail.stream.writer) {
            let subject = tail.stream.subject;
            recall::recall(tx, ctx, subject, &recorded)?;
            if subject.kind == SubjectKind::WorkOrder {
                // The order is known again before its devices' own tails are judged.
                orders::refresh(tx, ctx, subject.id)?;
            }
        }
        if let Some(first) = recorded.first() {
            admitted.entry(first.stream).or_default().extend(recorded);
        }
        results.push(StreamResult { stream: tail.stream, outcome });
    }
    let orders = recalled.iter().filter(|subject| subject.kind == SubjectKind::WorkOrder);
    let mut touched: BTreeSet<_> = orders.map(|subject| subject.id).collect();
    for result in &results {
        let series = result.stream.subject;
        let forked = matches!(result.outcome, StreamOutcome::Forked(_));
        if forked && series.kind == SubjectKind::ReceiptSeries {
            for twice in verdict::receipts_twice(tx, series.id)? {
                touched.extend(twice.orders());
            }
        }
    }
    for (stream, recorded) in &admitted {
        let (subject, Writer::Device(writer)) = (stream.subject, stream.writer) else { continue };
        if subject.kind != SubjectKind::WorkOrder {
            continue;
        }
        let boot = (sent.boot, booted_at);
        clock::correct(tx, ctx, writer, boot, subject, recorded)?;
        let revoked = match writer == device.id {
            true => device.revoked,
            // What an earlier device wrote.
            false => tx.device(writer)?.and_then(|device| device.revoked),
        };
        if revoked.is_some() {
            office::write(tx, ctx, subject, office::Act::of_server(marked(recorded)))?;
        }
        touched.insert(subject.id);
    }
    touched.extend(photo::missing(tx, ctx)?);
    orders::refresh_all(tx, ctx, touched)?;
    Ok(results)
}

/// The device that a packet names, or whose certificate it carries.
fn authenticate(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    packet: &RequestPacket,
) -> Result<(DeviceRow, Certificate), Failure> {
    let company = ctx.keys.public().signing;
    if let Some(id) = packet.device() {
        if let Some(device) = tx.device(id)? {
            let certificate = certificate_of(ctx, &device)?;
            return Ok((device, certificate));
        }
    } else if let Some(certificate) = packet.certificate(&company) {
        let device = match tx.device(certificate.id())? {
            Some(device) => device,
            None => {
                let device = fresh_device(ctx, &certificate);
                tx.put_device(&device)?;
                device
            }
        };
        return Ok((device, certificate));
    }
    Err(Problem::new(
        ProblemKind::Unauthorised,
        "unknown-device",
        "this device's certificate is not known here",
        "send the whole certificate with the request, or enrol again; nothing unsent is lost",
    )
    .into())
}

/// Numbers that no honest phone reaches are refused before they meet the store.
fn check(request: &Request) -> Result<(), Problem> {
    if request.version != VERSION {
        return Err(Problem::bad(
            "other-version",
            format!("this server speaks version {VERSION}, the request {}", request.version),
            "update the app, or the server",
        ));
    }
    let most = i64::MAX as u64;
    let numbers = [request.requests, request.recorded, request.unsent, request.cursor.position];
    if numbers.iter().any(|number| *number > most) {
        let message = "a counter in the request is out of range";
        return Err(Problem::bad("malformed", message, "report this: the app counted wrong"));
    }
    Ok(())
}

/// Keeps keys that the phone holds, for subjects it writes about. A key that is here is passed over;
/// one that was destroyed is not taken back.
fn take_keys(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &DeviceRow,
    request: &Request,
) -> Result<(), Failure> {
    let mut keys = Vec::new();
    for sealed in request.keys.iter().flatten() {
        match sealed.open(ctx.keys) {
            Ok(opened) => keys.extend(opened),
            Err(_) => tracing::warn!(device = %device.id, "a box of keys can't be opened"),
        }
    }
    let mut erased: BTreeMap<Subject, BTreeSet<Class>> = BTreeMap::new();
    for DisclosedKey { subject, class, key } in &keys {
        // Or brings back, after a restore.
        let brings = request.tails.iter().any(|tail| tail.stream.subject == *subject);
        if !brings && !writes(tx, device, subject)? {
            tracing::warn!(device = %device.id, subject = %subject.id, "a key was refused");
            continue;
        }
        if tx.keys(subject)?.iter().any(|(of, known)| of == class && known == key) {
            continue;
        }
        if let Entry::Vacant(unknown) = erased.entry(*subject) {
            unknown.insert(details::erased(tx, subject)?);
        }
        if erased[subject].contains(class) {
            tracing::warn!(device = %device.id, subject = %subject.id, "a destroyed key was refused");
            continue;
        }
        if tx.add_key(subject, *class, key)? && subject.kind == SubjectKind::WorkOrder {
            scope::spread_keys(tx, subject, device.id, ctx.now)?;
        }
    }
    Ok(())
}

/// Whether the device, or an earlier one of its person, writes about a subject.
fn writes(tx: &mut dyn Tx, device: &DeviceRow, subject: &Subject) -> Result<bool, StoreError> {
    for row in tx.streams_about(subject)? {
        let Writer::Device(id) = row.stream.writer else { continue };
        let earlier = |other: DeviceRow| other.person.is_some() && other.person == device.person;
        if id == device.id || tx.device(id)?.is_some_and(earlier) {
            return Ok(true);
        }
    }
    Ok(false)
}

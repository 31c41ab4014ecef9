//! One exchange: what the device has that the server lacks goes in, what the server has that the
//! device lacks comes out, in one transaction. The same request again does no harm.

use std::collections::BTreeMap;

use doorstep::{
    event::{Effect, Payload, Recorded, VerdictGiven},
    log::{Certificate, Subject, SubjectKind, WrappedKey, Writer},
    sync::{Request, RequestPacket, StreamResult, seal_answer},
};

use super::{
    Context, admit,
    admit::{Gate, Sender},
    answer, clock,
    enrol::{fresh_device, unreadable},
    office, orders, scope, watch,
};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{DeviceRow, RevokeReason, Tx},
};

/// The protocol spoken here.
const VERSION: u32 = 1;

/// Takes a request packet, gives the answer packet.
pub fn exchange(tx: &mut dyn Tx, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let packet = RequestPacket::parse(bytes).map_err(unreadable)?;
    let (mut device, certificate) = authenticate(tx, ctx, &packet)?;
    let request = packet.open(&certificate.fields().signing_key).map_err(unreadable)?;
    check(&request)?;
    let gate = gate(ctx, &device, &certificate);

    watch::counters(tx, ctx, &mut device, &request, packet.hash())?;
    if let Some(answer) = request.last_answer {
        tx.outcomes_delivered(device.id, answer)?;
    }
    let booted_at = clock::learn(tx, ctx, device.id, gate, &request.clock)?;

    let sender = Sender {
        device: device.id,
        person: device.person,
        key: certificate.fields().signing_key,
        gate,
    };
    let mut results = Vec::with_capacity(request.tails.len());
    let mut admitted: BTreeMap<Subject, Vec<Recorded>> = BTreeMap::new();
    for tail in &request.tails {
        let (outcome, recorded) = admit::admit(tx, ctx, &sender, tail)?;
        if !recorded.is_empty() {
            admitted.entry(tail.stream.subject).or_default().extend(recorded);
        }
        results.push(StreamResult { stream: tail.stream, outcome });
    }
    take_keys(tx, ctx, &device, &request.keys)?;
    for (subject, recorded) in &admitted {
        if subject.kind != SubjectKind::WorkOrder {
            continue;
        }
        let boot = (request.clock.boot, booted_at);
        clock::correct(tx, ctx, device.id, boot, *subject, recorded)?;
        if device.revoked.is_some() {
            mark(tx, ctx, *subject, recorded)?;
        }
        orders::refresh(tx, ctx, subject.id)?;
    }
    watch::digest(tx, &mut device, &request)?;
    if gate == Gate::Open {
        scope::refresh(tx, ctx, &mut device)?;
    }
    tx.put_device(&device)?;

    let answer = answer::compose(tx, ctx, &device, &certificate, gate, &request, packet.hash())?
        .finish(results);
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

/// The device that a packet names, or whose certificate it carries.
fn authenticate(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    packet: &RequestPacket,
) -> Result<(DeviceRow, Certificate), Failure> {
    let company = ctx.keys.public().signing;
    if let Some(id) = packet.device() {
        if let Some(device) = tx.device(id)? {
            let certificate = Certificate::verify(&device.certificate, &company)
                .map_err(|_| Failure::from(Problem::internal()))?;
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

fn gate(ctx: &Context<'_>, device: &DeviceRow, certificate: &Certificate) -> Gate {
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

/// Keeps keys made on the phone, for subjects it writes about.
fn take_keys(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &DeviceRow,
    keys: &[WrappedKey],
) -> Result<(), Failure> {
    if keys.is_empty() {
        return Ok(());
    }
    let own = tx.streams_by(&Writer::Device(device.id))?;
    for wrapped in keys {
        let writes = own.iter().any(|row| row.stream.subject == wrapped.subject);
        let Some(key) = writes.then(|| wrapped.unwrap(ctx.keys).ok()).flatten() else {
            tracing::warn!(device = %device.id, subject = %wrapped.subject.id, "a key was refused");
            continue;
        };
        if tx.add_key(&wrapped.subject, wrapped.class, &key)?
            && wrapped.subject.kind == SubjectKind::WorkOrder
        {
            scope::spread_keys(tx, &wrapped.subject, device.id)?;
        }
    }
    Ok(())
}

/// C9: work of a device that was since revoked counts, and says so. The verdict names where visits
/// begin and end, or the first event of what came.
fn mark(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    subject: Subject,
    recorded: &[Recorded],
) -> Result<(), Failure> {
    let bounds = |r: &&Recorded| {
        matches!(r.event.payload, Payload::VisitStarted(_) | Payload::VisitFinished(_))
    };
    let mut events: Vec<_> = recorded.iter().filter(bounds).map(|r| r.id).collect();
    if events.is_empty() {
        events.extend(recorded.first().map(|r| r.id));
    }
    let verdict = VerdictGiven::new("C9", events, Effect::Mark);
    office::write(tx, ctx, subject, office::Act::of_server(verdict))?;
    Ok(())
}

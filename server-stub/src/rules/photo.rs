//! Photos: which events name, who may send them, and what becomes of their parts.
//!
//! A part is kept behind what is here of its photo and nowhere else; what comes twice is passed over.
//! Nothing counts as arrived before all of it is here and its hash is the address under which an
//! event named it.

use doorstep::{
    base::{Hash, Id},
    event::{Payload, PhotoPrivate, Recorded},
    log::{Class, Opened, Subject, SubjectKey, SubjectKind, Writer},
    sync::{MAX_PART_BYTES, MAX_PHOTO_BYTES, PhotoGrant, PhotoKept, PhotoPart, PhotoPiece},
};

use super::{Context, orders};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{PhotoRow, RevokeReason, StoreError, Tx},
};

/// How long a leave to send photos is good.
const GRANT_MS: i64 = 60 * 60 * 1_000;

/// Photos found missing in one exchange.
const AT_ONCE: usize = 16;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How a part ends. A refusal here is told, and what it changed stays.
pub enum Taken {
    /// Kept, or here already: the signed [`PhotoKept`].
    Kept(Vec<u8>),
    /// All of it came and isn't what was named: its parts are gone.
    Refused(Problem),
}

/// Notes the photos that new events name: from now on they are waited for.
pub(super) fn name(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    recorded: &[Recorded],
) -> Result<(), StoreError> {
    for recorded in recorded {
        let (Payload::PhotoTaken(taken), Writer::Device(device)) =
            (&recorded.event.payload, recorded.stream.writer)
        else {
            continue;
        };
        if recorded.stream.subject.kind != SubjectKind::WorkOrder {
            continue;
        }
        tx.name_photo(&PhotoRow {
            address: taken.address,
            device,
            order: recorded.stream.subject.id,
            // What is larger can't be sent; it stays waited for, and shows as missing.
            size: taken.size.min(i64::MAX as u64),
            due_at: ctx.now.plus_ms(ctx.settings.photo_window_ms),
            begun_at: None,
            received: 0,
            arrived_at: None,
            overdue: false,
            safe: false,
        })?;
    }
    Ok(())
}

/// Orders of which a photo is missing since lately: they are judged anew. A few at a time, as nobody's
/// exchange waits for all of them.
pub(super) fn missing(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Vec<Id>, StoreError> {
    let due = tx.photos_due(ctx.now, AT_ONCE)?;
    for photo in &due {
        tx.set_photo_overdue(&photo.address)?;
    }
    Ok(due.into_iter().map(|photo| photo.order).collect())
}

/// Leave to send photos, signed, while any of a device is waited for.
pub(super) fn grant(ctx: &Context<'_>, device: Id) -> Vec<u8> {
    let grant = PhotoGrant { device, expires: ctx.now.plus_ms(GRANT_MS) };
    grant.sign(&ctx.keys.sign_key())
}

/// Takes a part of a photo.
pub fn take_part(tx: &mut dyn Tx, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Taken, Failure> {
    let part = PhotoPart::parse(bytes).map_err(|error| {
        Problem::bad("malformed", error.to_string(), "send it again; update the app if it stays")
    })?;
    let grant = PhotoGrant::open(&ctx.keys.public().signing, &part.grant).map_err(|_| {
        let message = "the leave to send photos was not given by this server";
        denied("grant-foreign", message, "exchange, and send with the leave in the answer")
    })?;
    if ctx.now > grant.expires {
        let message = "the leave to send photos has run out";
        return Err(denied("grant-expired", message, "exchange, and send on").into());
    }
    let PhotoPart { address, at, bytes, .. } = part;
    Ok(match take(tx, ctx, grant.device, &PhotoPiece { address, at, bytes })? {
        Ok(kept) => Taken::Kept(kept.sign(&ctx.keys.sign_key())),
        Err(problem) => Taken::Refused(problem),
    })
}

/// Takes the pieces of photos that a device's file brings, as far as they are wanted: what is refused
/// stops nothing else of the request, and the answer says how far each photo is here.
pub(super) fn take_pieces(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    device: Id,
    pieces: &[PhotoPiece],
) -> Result<Vec<PhotoKept>, Failure> {
    let mut all = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let address = piece.address;
        let refused = match take(tx, ctx, device, piece) {
            Ok(Ok(kept)) => {
                all.push(kept);
                continue;
            }
            Ok(Err(problem)) | Err(Failure::Refused(problem)) => problem,
            Err(failure) => return Err(failure),
        };
        tracing::warn!(%device, photo = %address, code = refused.code, "a photo's piece was refused");
        let received = tx.photo(&address)?.map_or(0, |row| row.received);
        all.push(PhotoKept { address, received, whole: false });
    }
    Ok(all)
}

/// Takes a piece of a photo that a device sends. An inner refusal is told, and what it changed stays.
fn take(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    sender: Id,
    part: &PhotoPiece,
) -> Result<Result<PhotoKept, Problem>, Failure> {
    if part.bytes.len() > MAX_PART_BYTES {
        return Err(too_large("a part is too large", "send the photo in parts of 1 MiB").into());
    }
    let closed = tx.device(sender)?.and_then(|device| device.revoked);
    if closed.is_some_and(|it| matches!(it.reason, RevokeReason::Lost | RevokeReason::Stolen)) {
        let message = "this device was reported lost or stolen";
        return Err(denied("device-revoked", message, "talk to the office").into());
    }
    let Some(row) = tx.photo(&part.address)? else {
        let todo = "send the event that names it first; what is held back waits for a supervisor";
        return Err(
            Problem::not_found("photo-unknown", "no event here names this photo", todo).into()
        );
    };
    if row.device != sender && !same_person(tx, row.device, sender)? {
        let message = "another device's event names this photo";
        return Err(denied("photo-not-yours", message, "that device sends it").into());
    }
    if row.arrived_at.is_some() {
        return Ok(Ok(kept(&row, row.size, true)));
    }
    allowed(tx, ctx, &row)?;
    // What begins behind what is here has a hole before it: the answer says from where to go on.
    let new = match row.received.checked_sub(part.at) {
        Some(known) => part.bytes.get(known as usize..).unwrap_or_default(),
        None => &[],
    };
    if new.is_empty() {
        return Ok(Ok(kept(&row, row.received, false)));
    }
    let received = row.received + new.len() as u64;
    if received > row.size {
        let message = "the photo is longer than its event says";
        return Ok(Err(start_again(tx, &row, message)?));
    }
    if row.begun_at.is_none() {
        tx.begin_photo(&row.address, ctx.now)?;
    }
    tx.add_photo_part(&row.address, row.received, new)?;
    if received < row.size {
        return Ok(Ok(kept(&row, received, false)));
    }
    let differs = Hash::of(&[&sealed(tx, &row.address)?]) != row.address;
    #[cfg(feature = "planted")]
    let differs = differs && !doorstep::planted::is(doorstep::planted::Bug::PhotoUnchecked);
    if differs {
        let message = "the photo's bytes are not the ones its event names";
        return Ok(Err(start_again(tx, &row, message)?));
    }
    tx.photo_arrived(&row.address, ctx.now)?;
    if row.overdue {
        // What was missing is here after all.
        orders::refresh(tx, ctx, row.order)?;
    }
    tracing::info!(order = %row.order, bytes = row.size, "a photo arrived");
    Ok(Ok(kept(&row, row.size, true)))
}

/// A photo of an order, opened.
pub fn photo(tx: &mut dyn Tx, order: Id, address: &Hash) -> Result<Vec<u8>, Failure> {
    let gone = |code, message| Problem::not_found(code, message, "look at the order's photos");
    let row = tx.photo(address)?.filter(|row| row.order == order);
    let row = row.ok_or_else(|| gone("photo-unknown", "this order names no such photo"))?;
    if row.arrived_at.is_none() {
        return Err(gone("photo-awaited", "this photo has not arrived yet").into());
    }
    let subject = Subject::work_order(order);
    let names = |r: &Recorded| match &r.event.payload {
        Payload::PhotoTaken(taken) => taken.address == *address,
        _ => false,
    };
    let erased = || gone("photo-erased", "the photo's key is not here any more");
    let recorded = orders::recorded(tx, order)?.into_iter().find(names).ok_or_else(erased)?;
    let keys = tx.keys(&subject)?;
    let opened = keys.iter().filter(|(class, _)| *class == Class::Service).find_map(|(_, key)| {
        let private: PhotoPrivate = recorded.private(Class::Service, Some(key))?;
        SubjectKey::from_slice(&private.key)
    });
    let key = opened.ok_or_else(erased)?;
    let sealed = sealed(tx, address)?;
    match key.open(subject, Class::Service, recorded.event.action, &sealed) {
        Opened::Plain(plain) => Ok(plain),
        Opened::Erased | Opened::Damaged => Err(erased().into()),
    }
}

/// Within the limits of one photo and of one device's day.
fn allowed(tx: &mut dyn Tx, ctx: &Context<'_>, row: &PhotoRow) -> Result<(), Failure> {
    if row.size > MAX_PHOTO_BYTES {
        let todo = "take it smaller: at most 16 MiB";
        return Err(too_large("the photo is too large", todo).into());
    }
    if row.begun_at.is_some() {
        return Ok(());
    }
    let today = tx.photo_bytes_since(row.device, ctx.now.plus_ms(-DAY_MS))?;
    if today + row.size > ctx.settings.photo_quota_bytes {
        let message = "this device has sent as many photos as it may in a day";
        let todo = "the rest goes tomorrow; the office may set the limit higher";
        return Err(Problem::new(ProblemKind::TooLarge, "photo-quota", message, todo).into());
    }
    Ok(())
}

/// A phone that was enrolled again sends what its earlier certificate named.
fn same_person(tx: &mut dyn Tx, one: Id, other: Id) -> Result<bool, StoreError> {
    let person = tx.device(one)?.and_then(|device| device.person);
    Ok(person.is_some() && tx.device(other)?.and_then(|device| device.person) == person)
}

fn start_again(
    tx: &mut dyn Tx,
    row: &PhotoRow,
    message: &'static str,
) -> Result<Problem, StoreError> {
    tx.drop_photo_parts(&row.address)?;
    tracing::warn!(order = %row.order, "a photo was not what its event names");
    let todo = "send it again from its beginning; if it stays, the phone's copy is damaged";
    Ok(Problem::bad("photo-differs", message, todo))
}

/// All that is here of a photo.
fn sealed(tx: &mut dyn Tx, address: &Hash) -> Result<Vec<u8>, StoreError> {
    let mut sealed = Vec::new();
    tx.photo_parts(address, &mut |bytes| sealed.extend_from_slice(bytes))?;
    Ok(sealed)
}

fn kept(row: &PhotoRow, received: u64, whole: bool) -> PhotoKept {
    PhotoKept { address: row.address, received, whole }
}

fn too_large(message: &'static str, todo: &'static str) -> Problem {
    Problem::new(ProblemKind::TooLarge, "photo-too-large", message, todo)
}

fn denied(code: &'static str, message: &'static str, todo: &'static str) -> Problem {
    Problem::new(ProblemKind::Forbidden, code, message, todo)
}

//! Looks for clones and restored copies of a device. Nothing is refused for it: the device is
//! marked, and the office sees why.

use doorstep::{
    base::{Hash, Id},
    sync::{Mark, Request},
};

use super::{Context, scope};
use crate::store::{DeviceRow, StoreError, Tx};

/// Requests remembered behind the highest number.
const REMEMBERED: u64 = 1_000;

/// Looks at a request's counters. Repeats and late arrivals of one request are normal; two
/// different requests under one number are two phones, or one that went back.
pub(super) fn counters(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &mut DeviceRow,
    request: &Request,
    hash: Hash,
) -> Result<(), StoreError> {
    let number = request.requests;
    let oldest = device.requests.max(number).saturating_sub(REMEMBERED);
    match tx.request(device.id, number)? {
        Some(known) if known == hash => {}
        Some(_) => suspect(tx, ctx, device, "request-number-used-twice")?,
        None if number < oldest => suspect(tx, ctx, device, "counters-went-back")?,
        None => tx.add_request(device.id, number, hash, oldest)?,
    }
    if number >= device.requests {
        device.unsent = request.unsent;
    }
    device.requests = device.requests.max(number);
    device.recorded = device.recorded.max(request.recorded);
    device.seen_at = Some(ctx.now);
    Ok(())
}

/// Whether this server was restored from a backup and nobody told it so: the device shows its own
/// signature from beyond where it stands, or from a later epoch. Gives the epoch in which it signed.
/// Asked before anything of the request is kept.
pub(super) fn went_back(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: Id,
    request: &Request,
) -> Result<Option<u64>, StoreError> {
    let Some(bytes) = &request.mark else { return Ok(None) };
    let Some(mark) = Mark::claimed(bytes) else { return Ok(None) };
    if mark.epoch < ctx.epoch || mark.device != device {
        return Ok(None);
    }
    let aside = mark.aside.unwrap_or(0);
    let beyond = mark.epoch > ctx.epoch
        || overwritten(tx, &mark)?
        || mark.stored > tx.stored(device)?.events()
        || (aside > 0 && aside > tx.kept_aside(device)?);
    // What is not beyond is not worth the arithmetic.
    let signed = beyond && Mark::open(&ctx.keys.public().signing, bytes).is_ok();
    Ok(signed.then_some(mark.epoch))
}

/// Whether the place in the device's changes that a mark names is none any more, or another's.
fn overwritten(tx: &mut dyn Tx, mark: &Mark) -> Result<bool, StoreError> {
    if mark.position == 0 {
        return Ok(false);
    }
    let put_at = tx.put_at(mark.device, mark.position)?;
    Ok(put_at.is_none_or(|put_at| mark.put_at.is_some() && put_at != mark.put_at))
}

/// Compares what the device holds of its own with what is here, when both should be the same. A
/// device never holds less than it sent: one that recorded less was put back to an earlier state.
pub(super) fn digest(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &mut DeviceRow,
    request: &Request,
) -> Result<(), StoreError> {
    let held = tx.stored(device.id)?.held;
    // A request overtaken by a later one rightly knows of less.
    if held.events > request.recorded && request.requests == device.requests {
        suspect(tx, ctx, device, "recorded-less-than-stored")?;
    }
    let same = request.unsent == 0 && held.events == request.recorded;
    if same && held.digest() != request.held {
        suspect(tx, ctx, device, "held-streams-differ")?;
    }
    Ok(())
}

fn suspect(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: &mut DeviceRow,
    why: &'static str,
) -> Result<(), StoreError> {
    tracing::warn!(device = %device.id, why, "the device looks like a clone or a restored copy");
    if device.suspect.as_deref() != Some(why) {
        scope::give_back(tx, device.id, ctx.now)?;
    }
    device.suspect = Some(why.to_owned());
    Ok(())
}

//! Who may wait for the bell, and when it rings.

use doorstep::{
    base::{Id, Instant},
    log::Certificate,
    sync::{WakePacket, WakeRequest},
};

use super::{
    Context,
    admit::{Gate, Sender},
    enrol::{certificate_of, unreadable},
};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{DeviceRow, Tx},
};

/// Rings are looked for this far back: servers' clocks differ, and a transaction takes its time.
const LOOK_BACK_MS: i64 = 2 * 60_000;

/// The device that a wake packet is from. It may wait only while its gate is open: nobody has news for
/// a phone that was revoked.
pub fn may_wait(tx: &mut dyn Tx, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Id, Failure> {
    let packet = WakePacket::parse(bytes).map_err(unreadable)?;
    let device = match packet.device() {
        Some(id) => tx.device(id)?,
        None => None,
    };
    let Some(device) = device else {
        return Err(refused("unknown-device", "this device is not known here").into());
    };
    let certificate = certificate_of(ctx, &device)?;
    let wish = packet.open(&certificate.fields().signing_key).map_err(unreadable)?;
    if wish.at.since(ctx.now).unsigned_abs() > WakeRequest::GOOD_FOR_MS.unsigned_abs() {
        return Err(refused("wrong-time", "it is from another time").into());
    }
    open(ctx, &device, &certificate)?;
    Ok(device.id)
}

fn open(ctx: &Context<'_>, device: &DeviceRow, certificate: &Certificate) -> Result<(), Problem> {
    match Sender::of(ctx, device, certificate).gate {
        Gate::Open => Ok(()),
        _ => Err(refused("revoked", "nobody wakes a device that was revoked or has expired")),
    }
}

fn refused(code: &'static str, message: &str) -> Problem {
    Problem::new(
        ProblemKind::Unauthorised,
        code,
        message,
        "exchange first; the exchange says what is wrong, and waiting needs no more than it",
    )
}

/// Devices whose bell rang lately, and when last. Cheap: it looks at those alone.
pub fn rung(tx: &mut dyn Tx, ctx: &mut Context<'_>) -> Result<Vec<(Id, Instant)>, Failure> {
    Ok(tx.rung_since(ctx.now.plus_ms(-LOOK_BACK_MS))?)
}

//! When things really were: boots dated by the server's clock, corrections written as facts.

use doorstep::{
    base::{CLOCK_TOLERANCE_MS, ClockReading, Id, Instant},
    event::{ClockCorrected, Recorded},
    log::{Subject, Writer},
};

use super::{Context, admit::Gate, office};
use crate::{
    problem::Failure,
    store::{BootRow, StoreError, Tx},
};

/// When an event was: by its boot where that is dated, otherwise by its wall clock.
fn dated(reading: &ClockReading, booted: Option<Instant>) -> Instant {
    booted.map_or(reading.wall, |booted| booted.plus_ms(since_boot(reading)))
}

fn since_boot(reading: &ClockReading) -> i64 {
    i64::try_from(reading.since_boot_ms).unwrap_or(i64::MAX)
}

/// Dates the boot of a request that just arrived. The earliest answer stands: a request can only
/// have been slower than it seems, never faster. Once the gate is no longer open, a known boot keeps
/// its date: whoever claims a longer run would make all of its work older.
pub(super) fn learn(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    device: Id,
    gate: Gate,
    reading: &ClockReading,
) -> Result<Instant, StoreError> {
    let seen = Instant(ctx.now.0.saturating_sub(since_boot(reading)));
    match tx.boot(device, reading.boot)? {
        Some(known) if known.at <= seen || gate != Gate::Open => Ok(known.at),
        _ => {
            tx.put_boot(device, reading.boot, BootRow { at: seen, learnt_at: ctx.now })?;
            Ok(seen)
        }
    }
}

/// Whether an event was before the gate closed, as the server can tell: by a boot it had heard of
/// by then. A boot first heard of later can claim any date.
pub(super) fn before(
    tx: &mut dyn Tx,
    device: Id,
    reading: &ClockReading,
    effective: Instant,
) -> Result<bool, StoreError> {
    let boot = tx.boot(device, reading.boot)?;
    Ok(boot.is_some_and(|boot| {
        boot.learnt_at <= effective && dated(reading, Some(boot.at)) <= effective
    }))
}

/// When an event of a device was, as well as the server can tell.
pub(super) fn date(
    tx: &mut dyn Tx,
    device: Id,
    reading: &ClockReading,
) -> Result<Instant, StoreError> {
    Ok(dated(reading, tx.boot(device, reading.boot)?.map(|boot| boot.at)))
}

/// Writes a correction into an order if events of this boot just admitted to it carry a wall time
/// beyond the tolerance. Once per device, boot and order, until the dating itself changes.
pub(super) fn correct(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    device: Id,
    (boot, booted_at): (Id, Instant),
    subject: Subject,
    admitted: &[Recorded],
) -> Result<(), Failure> {
    let wrong = |recorded: &&Recorded| {
        let reading = &recorded.event.clock;
        let off = reading.wall.since(dated(reading, Some(booted_at)));
        reading.boot == boot && off.unsigned_abs() > CLOCK_TOLERANCE_MS.unsigned_abs()
    };
    if admitted.iter().find(wrong).is_none() {
        return Ok(());
    }
    if let Some(known) = tx.correction(device, boot, &subject)?
        && known.since(booted_at).unsigned_abs() <= CLOCK_TOLERANCE_MS.unsigned_abs()
    {
        return Ok(());
    }
    tx.put_correction(device, boot, &subject, booted_at)?;
    let correction = ClockCorrected { writer: Writer::Device(device), boot, booted_at };
    office::write(tx, ctx, subject, office::Act::of_server(correction))?;
    Ok(())
}

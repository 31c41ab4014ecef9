//! A supervisor revokes a device. Nothing it sent is lost: earlier work is admitted and marked, or
//! all of it is held, by the reason.

use doorstep::base::{Id, Instant};
use serde::Deserialize;

use super::Context;
use crate::{
    problem::{Failure, Problem},
    store::{RevokeReason, Revoked, Tx},
};

/// A revocation to make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeInput {
    /// Why.
    pub reason: RevokeReason,
    /// From when on; now, when absent.
    pub effective: Option<Instant>,
}

/// Revokes a device, or changes why it was.
pub fn revoke(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    device: Id,
    input: &RevokeInput,
) -> Result<(), Failure> {
    let Some(mut row) = tx.device(device)? else {
        let message = format!("no device has the id {device}");
        let todo = "look it up in the list of devices";
        return Err(Problem::not_found("unknown-device", message, todo).into());
    };
    let effective = input.effective.unwrap_or(ctx.now);
    row.revoked = Some(Revoked { reason: input.reason, effective });
    tx.put_device(&row)?;
    // It gets no data any more, so nothing need be put into its feed.
    for order in tx.scope(device)? {
        tx.set_scope(device, order, false)?;
    }
    tracing::info!(%device, reason = ?input.reason, "revoked");
    Ok(())
}

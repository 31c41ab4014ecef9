//! C19: a photo that an event names has not arrived when its time was up. When it arrives after all, the
//! verdict is withdrawn.

use doorstep::{
    base::Id,
    event::{Payload, Side, VerdictGiven},
};

use super::{Case, side};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// One verdict for each photo that is missing.
pub(super) fn judge(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for placed in case.history.events() {
        let Payload::PhotoTaken(taken) = &placed.recorded.event.payload else { continue };
        let Some(photo) = tx.photo(&taken.address)? else { continue };
        if photo.arrived_at.is_some() || photo.due_at > ctx.now {
            continue;
        }
        let mut named = side(placed, "photo-taken");
        named.visit = placed.recorded.event.visit.filter(|v| case.state.visits.contains_key(v));
        let awaited = Side::new(Id::new([0; 16]), "photo-awaited", photo.due_at, taken.address);
        let events = vec![placed.recorded.id];
        verdicts.push(VerdictGiven::conflict("C19", events, vec![named, awaited]));
    }
    Ok(verdicts)
}

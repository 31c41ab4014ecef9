//! C7: a mandatory version of the standard was published before a visit ended that didn't have it.

use doorstep::{
    base::Id,
    event::{Payload, Side, SideValue, VerdictGiven},
    standard::Standard,
};

use super::{Case, document_hash, published, side};
use crate::{
    rules::{Context, standing::standard_key},
    store::{StoreError, Tx},
};

/// One verdict for each such visit.
pub(super) fn judge(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let mut verdicts = Vec::new();
    for visit in case.state.visits.values() {
        let Some(finished) = &visit.finished else { continue };
        let Some(placed) = case.event(visit.started) else { continue };
        let Payload::VisitStarted(started) = &placed.recorded.event.payload else { continue };
        let key = standard_key(&started.standard);
        // Asked first: the documents themselves are long.
        if tx.standing_version(&key)?.is_none_or(|newest| newest <= started.version) {
            continue;
        }
        let ended = finished.at.local(ctx.settings.zone).map(|local| local.date_naive());
        let newer = published(tx, &key)?
            .into_iter()
            .filter(|(at, doc)| doc.version > started.version && *at <= finished.at);
        for (at, doc) in newer {
            let text = String::from_utf8_lossy(&doc.body);
            let Ok(standard) = Standard::read(&text) else { continue };
            if ended.is_none_or(|day| day < standard.mandatory_from()) {
                continue;
            }
            let replaced =
                Side::new(Id::new([0; 16]), "standard-published", at, document_hash(&doc))
                    .with(SideValue::text("standard", &started.standard))
                    .with(SideValue::text("version", doc.version.to_string()))
                    .with(SideValue::text("from", standard.mandatory_from().to_string()));
            let mut visited = side(placed, "visited-by")
                .with(SideValue::text("version", started.version.to_string()));
            visited.visit = Some(visit.id);
            let sides = vec![replaced, visited];
            verdicts.push(VerdictGiven::conflict("C7", vec![visit.started], sides));
            break;
        }
    }
    Ok(verdicts)
}

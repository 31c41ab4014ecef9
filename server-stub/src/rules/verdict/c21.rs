//! C21: a sign-off was given when the customer had moved out. It is kept, and flagged.

use doorstep::{
    base::{Hash, Id},
    event::{Payload, Side, SignOffResult, VerdictGiven},
    order::Placed,
};

use super::{Case, side};
use crate::{
    rules::Context,
    store::{StoreError, Tx},
};

/// The key of facts about who moved out of some premises; the body is who entered it.
pub(in crate::rules) fn moved_out_key(premises: Id) -> String {
    format!("moved-out/{premises}")
}

/// One verdict for each signature after a move that was after the order was opened.
pub(super) fn judge(
    tx: &mut dyn Tx,
    _: &Context<'_>,
    case: &Case<'_>,
) -> Result<Vec<VerdictGiven>, StoreError> {
    let Some(premises) = case.state.premises else { return Ok(Vec::new()) };
    let is_signed = |placed: &&Placed<'_>| matches!(&placed.recorded.event.payload, Payload::SignedOff(signed) if signed.result == SignOffResult::Signed);
    let signed: Vec<_> = case.history.events().iter().filter(is_signed).collect();
    if signed.is_empty() {
        return Ok(Vec::new());
    }
    let moves = tx.facts(&moved_out_key(premises))?;
    let Some(opened) = case.state.opened_at else { return Ok(Vec::new()) };
    let mut verdicts = Vec::new();
    for placed in signed {
        let moved = moves.iter().find(|(at, _)| opened <= *at && *at <= placed.at);
        let Some((at, by)) = moved else { continue };
        let by = <[u8; 16]>::try_from(by.as_slice()).map_or(Id::new([0; 16]), Id::new);
        let fact = Hash::of(&[b"doorstep moved out v1", premises.as_bytes(), &at.0.to_be_bytes()]);
        let gone = Side::new(by, "moved-out", *at, fact);
        let mut there = side(placed, "signed-by");
        let of = |visit: &&doorstep::order::VisitSummary| {
            visit.writer == placed.recorded.stream.writer
                && placed.recorded.event.visit == Some(visit.id)
        };
        there.visit = case.state.visits.values().find(of).map(|visit| visit.id);
        let events = vec![placed.recorded.id];
        verdicts.push(VerdictGiven::conflict("C21", events, vec![gone, there]));
    }
    Ok(verdicts)
}

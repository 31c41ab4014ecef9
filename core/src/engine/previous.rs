//! What the last visit at the same premises answered, for conditions that compare with it.

use std::{borrow::Cow, collections::BTreeMap};

use super::{ActError, context::visit_events, enrol::Books};
use crate::{
    base::{Id, Instant},
    event::{Payload, Recorded, VisitStarted},
    log::Subject,
    order::{OrderState, VisitSummary},
    standard::{FactValue, Standard},
    store::Reader,
    visit::{VisitContext, VisitState},
};

/// The answers, by step, of the last visit by the same standard that ended at these premises before
/// `began` and met somebody, as far as it is on this phone. None where the standard never asks:
/// nothing is read then.
pub(super) fn previous(
    reader: &Reader<'_>,
    books: &mut Books,
    standard: &Standard,
    premises: Option<Id>,
    began: Instant,
) -> Result<BTreeMap<String, FactValue>, ActError> {
    let Some(premises) = premises.filter(|_| standard.compares()) else {
        return Ok(BTreeMap::new());
    };
    let mut last: Option<(Instant, VisitState)> = None;
    for order in reader.orders_at(premises)? {
        let all = reader.events_about(&Subject::work_order(order))?;
        let state = OrderState::fold(&all);
        for visit in state.visits.values() {
            let Some(ended) = ended(visit).filter(|ended| *ended < began) else { continue };
            if last.as_ref().is_some_and(|(latest, _)| *latest >= ended) {
                continue;
            }
            let started = started(&all, visit.id).filter(|it| it.standard == standard.id());
            let (Some(started), Some((row, first))) = (started, reader.visit_place(visit.id)?)
            else {
                continue;
            };
            // Of a version that is not here nobody knows what its answers meant.
            let pinned = books.standard(reader, &started.standard, Some(started.version));
            let Ok(pinned) = pinned else { continue };
            let events = visit_events(&row, first, visit.id, Cow::Borrowed(&all));
            last = Some((ended, VisitState::fold(pinned, VisitContext::default(), &events)));
        }
    }
    Ok(last.map_or_else(BTreeMap::new, |(_, state)| state.answers()))
}

/// When it ended, where it counts and met somebody.
fn ended(visit: &VisitSummary) -> Option<Instant> {
    let finished = visit.finished.as_ref()?;
    (visit.counted() && !visit.met_nobody()).then_some(finished.at)
}

fn started(events: &[Recorded], visit: Id) -> Option<&VisitStarted> {
    events.iter().find_map(|recorded| match &recorded.event.payload {
        Payload::VisitStarted(started) if recorded.event.visit == Some(visit) => Some(started),
        _ => None,
    })
}

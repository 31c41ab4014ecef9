//! Keeps the list's rows true: one row an order, folded anew when the order changed.

use super::{ActError, Engine, Identity, context::premises};
use crate::{
    base::Id,
    event::{Payload, VisitKind},
    log::{Class, Subject},
    order::{Choice, Conflict, OrderState, Rule},
    store::{ComplaintRow, OrderRow, RANK_OVER, RANK_ROUND, StoreError, Transaction},
    text::id_of,
};

/// Set by a schema that adds projections: they must be built before anything is read from them.
pub(super) const STALE: &str = "stale";

/// Folds the order and writes its row.
pub(super) fn project(
    tx: &Transaction<'_>,
    me: &Identity,
    order: Id,
) -> Result<OrderState, StoreError> {
    let events = tx.read().events_about(&Subject::work_order(order))?;
    let state = OrderState::fold(&events);
    if events.is_empty() {
        // Named by the server, and nothing of it is here yet: a row would show an empty order.
        return Ok(state);
    }
    forget(tx, &state, order)?;
    let open = state.open_visit_of(me.writer());
    let ours = state.visits.values().filter(|visit| visit.writer == me.writer());
    let last = ours.max_by_key(|visit| (visit.started_at, visit.id));
    let opened = events.iter().find(|r| matches!(r.event.payload, Payload::OrderOpened(_)));
    let opened = match opened {
        Some(opened) => {
            tx.read().stream(&opened.stream)?.map_or((0, 0), |row| (row.row, opened.seq))
        }
        None => (0, 0),
    };
    tx.put_order_row(&OrderRow {
        id: order,
        listed: tx.in_scope(order)?,
        sort: rank(&state),
        place: premises(&tx.read(), state.premises)?.place(),
        status: id_of(&state.status),
        kind: state.kind.map_or(String::new(), |kind| id_of(&kind)),
        number: state.number.clone().unwrap_or_default(),
        premises: state.premises,
        emergency: state.emergency,
        due: state.due,
        appointment: state.details.appointment,
        promises: state.promises.clone(),
        conflicts: state.open_conflicts().count() as u32,
        owed: state.owed_after_bounce(),
        visit: open.or(last).map(|visit| visit.id),
        opened,
    })?;
    let mut complaints = Vec::new();
    for complaint in state.complaints.values().filter(|complaint| complaint.is_open()) {
        let said = events.iter().find(|recorded| Some(recorded.id) == complaint.said);
        let said = match said {
            Some(said) => tx.read().stream(&said.stream)?.map(|row| (row.row, said.seq)),
            None => None,
        };
        complaints.push(ComplaintRow { order, told: complaint.told.clone(), said });
    }
    tx.put_complaints(order, &complaints)?;
    let premises = state.premises.unwrap_or_default();
    tx.put_open(order, premises, &state.open_hazards(order), &state.open_stops(order))?;
    Ok(state)
}

/// Destroys the keys of what was erased, and with the record of the work its photos, whose keys are
/// their own. What is kept for a dispute goes back to the server, which
/// destroyed its own copy before it knew of one.
fn forget(tx: &Transaction<'_>, state: &OrderState, order: Id) -> Result<(), StoreError> {
    let subject = Subject::work_order(order);
    for address in &state.photos_erased {
        tx.drop_photo(&subject, address)?;
    }
    if state.erasure.is_none() {
        return Ok(());
    }
    for class in &state.erased {
        tx.drop_key(&subject, *class)?;
    }
    if state.erased.contains(&Class::Service) {
        tx.drop_photos(&subject)?;
    }
    let kept = |c: &&Conflict| c.rule == Rule::C22 && c.holds() == Some(Choice::KeptForDispute);
    if state.conflicts.iter().any(|conflict| kept(&conflict)) {
        tx.offer_key_again(&subject, Class::Service)?;
    }
    Ok(())
}

/// Emergencies first. Then what has a time of its own: an appointment, or what is promised for a call
/// that is no door of a round. Then the round, in the order of its doors. What is over last.
fn rank(state: &OrderState) -> i64 {
    let over = state.status.is_over() || state.status.is_with_office();
    let of_round = matches!(
        state.kind,
        Some(VisitKind::Inspection | VisitKind::MeterReading | VisitKind::Delivery)
    );
    let due = state.due.filter(|_| !of_round || state.emergency);
    let time = state.details.appointment.map(|made| made.from).or(due);
    let time = time.map_or(RANK_ROUND, |time| time.0.clamp(1, RANK_ROUND - 1));
    match (over, state.emergency) {
        (true, _) => RANK_OVER,
        (false, true) => time - RANK_OVER,
        (false, false) => time,
    }
}

impl Engine {
    /// Drops the projections and builds them again from the events.
    pub fn rebuild(&mut self) -> Result<(), ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        self.store.transaction(|tx| {
            tx.clear_meta(STALE)?;
            for subject in tx.drop_projections()? {
                for row in tx.read().streams_of(&subject)? {
                    for recorded in tx.read().events(&row, 1)? {
                        if let (Payload::VisitStarted(_), Some(visit)) =
                            (&recorded.event.payload, recorded.event.visit)
                        {
                            tx.place_visit(visit, &row, recorded.seq)?;
                        }
                    }
                }
                project(tx, me, subject.id)?;
            }
            Ok::<(), StoreError>(())
        })?;
        Ok(())
    }
}

//! Keeps the list's rows true: one row an order, folded anew when the order changed.

use super::{ActError, Engine, Identity};
use crate::{
    base::Id,
    event::Payload,
    log::Subject,
    order::{OrderState, OrderStatus},
    store::{OrderRow, StoreError, Transaction},
};

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
    let ours = || state.visits.values().filter(|visit| visit.writer == me.writer());
    let open = ours().find(|visit| visit.finished.is_none());
    let last = ours().max_by_key(|visit| (visit.started_at, visit.id));
    tx.put_order_row(&OrderRow {
        id: order,
        listed: tx.in_scope(order)?,
        sort: rank(&state),
        status: status_id(state.status),
        number: state.number.clone().unwrap_or_default(),
        premises: state.premises,
        emergency: state.emergency,
        due: state.due,
        conflicts: state.open_conflicts().count() as u32,
        visit: open.or(last).map(|visit| visit.id),
    })?;
    Ok(state)
}

/// Emergencies first, then by promise, what is over last.
fn rank(state: &OrderState) -> i64 {
    const OVER: i64 = 1 << 60;
    let over =
        matches!(state.status, OrderStatus::Done | OrderStatus::Cancelled | OrderStatus::Expired);
    let due = state.due.map_or(OVER / 2, |due| due.0.clamp(1, OVER / 2));
    match (over, state.emergency) {
        (true, _) => OVER + due,
        (false, true) => due - OVER,
        (false, false) => due,
    }
}

pub(super) fn status_id(status: OrderStatus) -> String {
    let value = serde_json::to_value(status).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

impl Engine {
    /// Drops the projections and builds them again from the events.
    pub fn rebuild(&mut self) -> Result<(), ActError> {
        let me = self.identity.as_ref().ok_or(ActError::NotEnrolled)?;
        self.store.transaction(|tx| {
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

//! What must be done soon or should be done by now: a pure rule on the time, over lines that are
//! kept when something happens.

use doorstep::{
    base::{Id, Instant, Lang, Text3},
    order::{OrderState, OrderStatus},
    screen::alarm_words,
};
use serde::Serialize;

use super::{
    MOST,
    case::{earliest, standings},
    terms,
};
use crate::{
    problem::Failure,
    rules::Context,
    store::{EmergencyRow, Tx},
};

/// Something that is due soon, or overdue.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct AlarmView {
    /// `complaint` or `emergency`.
    pub kind: &'static str,
    /// The work order.
    pub order: Id,
    /// The case, or the order, by number.
    pub number: String,
    /// Until when.
    pub due: Instant,
    /// Whether that has passed.
    pub overdue: bool,
    /// Who answers for it, if anybody does.
    pub owner: Option<Id>,
    /// What to tell them.
    pub words: Text3,
}

/// Everything due before the reminder's time is up, the earliest first. Reads what is open, never
/// everything there ever was.
pub fn alarms(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Vec<AlarmView>, Failure> {
    let now = ctx.now;
    let terms = terms::in_force(tx, ctx)?;
    let until = terms.promises.remind_until(now);
    let mut alarms = Vec::new();
    for row in tx.open_complaints(MOST)? {
        let Some(due) = row.due.filter(|due| *due <= until) else { continue };
        alarms.push(AlarmView {
            kind: "complaint",
            order: row.order,
            due,
            overdue: is_overdue(due, now),
            owner: Some(row.owner),
            words: words(ctx, "complaint", &row.number, due),
            number: row.number,
        });
    }
    for row in tx.emergencies(until, MOST)? {
        let Some(order) = tx.order(row.order)? else { continue };
        alarms.push(AlarmView {
            kind: "emergency",
            order: row.order,
            due: row.due,
            overdue: is_overdue(row.due, now),
            owner: order.assigned_to,
            words: words(ctx, "emergency", &order.number, row.due),
            number: order.number,
        });
    }
    alarms.sort_by(|a, b| (a.due, &a.number).cmp(&(b.due, &b.number)));
    Ok(alarms)
}

/// A deadline is a moment before which something must be done.
pub(super) fn is_overdue(due: Instant, now: Instant) -> bool {
    now >= due
}

fn words(ctx: &Context<'_>, kind: &str, number: &str, due: Instant) -> Text3 {
    let (now, zone) = (ctx.now, ctx.settings.zone);
    let told = |lang: Lang| alarm_words(kind, number, due, now, zone, lang);
    Text3 { zh_hans: told(Lang::ZhHans), zh_hant: told(Lang::ZhHant), en: told(Lang::En) }
}

/// Keeps what an emergency waits for: somebody there, then everything restored.
pub(super) fn emergency(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    order: Id,
    state: &OrderState,
) -> Result<(), Failure> {
    let attended = state.visits.values().map(|visit| visit.started_at).min();
    let done = state.visits.values().filter_map(|visit| Some(visit.finished.as_ref()?.at)).max();
    let restored = done.filter(|_| state.status == OrderStatus::Done);
    let terms = terms::in_force(tx, ctx)?;
    let when = |moment: &str| match moment {
        "received" => state.opened_at,
        "attended" => attended,
        "restored" => restored,
        _ => None,
    };
    let deadlines = standings(&terms.promises, "emergency", terms.clock(ctx), &[], when);
    match earliest(&deadlines).filter(|_| !state.status.is_over()) {
        Some((promise, due)) => tx.put_emergency(&EmergencyRow { order, promise, due })?,
        None => tx.drop_emergency(order)?,
    }
    Ok(())
}

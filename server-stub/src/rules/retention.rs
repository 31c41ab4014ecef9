//! What is kept of customers longer than the profile says: a list, from which the office erases.
//!
//! Nothing is erased by itself: a dispute may need a record, and no rule knows of it.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant},
    log::Class,
    order::OrderState,
    standard::Profile,
};
use serde::Serialize;

use super::{Context, orders, terms};
use crate::{
    problem::Failure,
    store::{OrderRow, Tx},
};

/// Lines in the list.
const MOST: usize = 1_000;

/// An order of which something is due to be erased.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct DueView {
    /// Its id.
    pub order: Id,
    /// Its number.
    pub number: String,
    /// When it was over.
    pub over_at: Instant,
    /// What is due, and from when on.
    pub due: Vec<DueClass>,
}

/// One class of an order's data that is due to be erased.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct DueClass {
    /// Which: `contact` or `service`.
    pub class: Class,
    /// Since when.
    pub since: Instant,
}

/// What of an order that is over the list asks for. It follows from its events, so it holds until its line in
/// the list of orders changes: nothing is folded a second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Over {
    /// When it was over.
    at: Option<Instant>,
    /// What was erased of it.
    erased: BTreeSet<Class>,
}

/// Orders of which something is due to be erased, those changed longest ago first. Without a profile,
/// or where it says nothing of a class, none is.
pub fn due_to_erase(tx: &mut dyn Tx, ctx: &Context<'_>) -> Result<Vec<DueView>, Failure> {
    let profile = terms::published(tx, ctx, terms::PROFILE, |text| Profile::load(text).ok())?;
    let Some(profile) = profile else { return Ok(Vec::new()) };
    let Some(before) = profile.oldest_kept(ctx.now) else { return Ok(Vec::new()) };
    let (mut due, mut after) = (Vec::new(), None);
    // What was erased stays among what is over, so the list is walked page by page.
    while due.len() < MOST {
        let page = tx.orders_over(before, after, MOST)?;
        let Some(last) = page.last() else { break };
        after = Some((last.changed_at, last.id));
        for row in page {
            let over = match ctx.terms.over(&row) {
                Some(known) => known,
                None => {
                    let state = orders::fold(tx, row.id)?;
                    let over = Over { at: over_at(&state), erased: state.erased.clone() };
                    ctx.terms.keep_over(&row, over.clone());
                    over
                }
            };
            due.extend(line(&profile, &row, &over, ctx.now));
        }
    }
    due.truncate(MOST);
    Ok(due)
}

fn line(profile: &Profile, row: &OrderRow, over: &Over, now: Instant) -> Option<DueView> {
    let over_at = over.at?;
    let due = |class: Class| {
        let since = profile.erase_from(class, over_at).filter(|since| *since <= now)?;
        (!over.erased.contains(&class)).then_some(DueClass { class, since })
    };
    let due: Vec<_> = [Class::Contact, Class::Service].into_iter().filter_map(due).collect();
    let view = |due| DueView { order: row.id, number: row.number.clone(), over_at, due };
    (!due.is_empty()).then(|| view(due))
}

/// When an order was over: the last thing that ended anything in it.
fn over_at(state: &OrderState) -> Option<Instant> {
    let visits = state.visits.values().filter_map(|visit| Some(visit.finished.as_ref()?.at));
    let closed = state.cancelled_at.into_iter().chain(state.expired.map(|(at, _)| at));
    visits.chain(closed).max()
}

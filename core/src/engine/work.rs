//! What a shift's visits come to: doors, ends, who signed, what was used. From the phone's own streams
//! alone, for the report of whoever went; it ranks nobody.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{ActError, Engine, enrol::Books};
use crate::{
    base::Instant,
    event::{Payload, SignOffResult, VisitKind},
    log::SubjectKind,
    money::ItemKind,
    order::{OrderState, VisitSummary},
    standard::Profile,
    store::Reader,
    text::id_of,
};

/// The work of one shift.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DayWork {
    /// Doors that were gone to, by kind of visit.
    pub doors: BTreeMap<VisitKind, Doors>,
    /// Visits by how they ended.
    pub outcomes: BTreeMap<String, u64>,
    /// Sign-offs: by the signer's role, or by why nobody signed.
    pub signed: BTreeMap<String, u64>,
    /// Parts that were charged or given free, by the price list's code.
    pub parts: BTreeMap<String, PartUsed>,
    /// Meters that were changed.
    pub meters_changed: u64,
}

/// Doors of one kind of visit: an order is one door, however often it was gone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Doors {
    /// Gone to.
    pub visited: u64,
    /// Done there.
    pub done: u64,
    /// The share done, in whole percent.
    pub percent: u64,
    /// The percent the profile means to reach.
    pub target: Option<u64>,
    /// It was not reached.
    pub below: bool,
}

/// A part that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartUsed {
    /// Its name in the price list.
    pub name: crate::base::Text3,
    /// How many.
    pub count: u64,
}

impl Engine {
    /// What the visits come to that this device began from `began` on, until `ended`.
    pub(super) fn day_work(
        &mut self,
        began: Instant,
        ended: Option<Instant>,
    ) -> Result<DayWork, ActError> {
        let reader = self.store.read();
        let mut work = DayWork::default();
        for row in reader.own_streams()? {
            if row.stream.subject.kind != SubjectKind::WorkOrder {
                continue;
            }
            let within = |at: Instant| at >= began && ended.is_none_or(|ended| at <= ended);
            let mut begun = BTreeSet::new();
            let mut swapped = 0;
            for recorded in reader.events(&row, 1)? {
                let Some(visit) = recorded.event.visit else { continue };
                match &recorded.event.payload {
                    Payload::VisitStarted(_) if within(recorded.event.clock.wall) => {
                        begun.insert(visit);
                    }
                    Payload::MeterRead(read) if begun.contains(&visit) => {
                        swapped += u64::from(read.swapped.is_some());
                    }
                    _ => {}
                }
            }
            if begun.is_empty() {
                continue;
            }
            let state = OrderState::fold(&reader.events_about(&row.stream.subject)?);
            let visits: Vec<_> = begun.iter().filter_map(|id| state.visits.get(id)).collect();
            work.meters_changed += swapped;
            work.add(&reader, &mut self.books, &state, &visits);
        }
        let profile = self.books.profile(&reader).ok();
        work.measure(profile.as_deref());
        Ok(work)
    }
}

impl DayWork {
    fn add(
        &mut self,
        reader: &Reader<'_>,
        books: &mut Books,
        state: &OrderState,
        visits: &[&VisitSummary],
    ) {
        if let Some(kind) = state.kind {
            let doors = self.doors.entry(kind).or_default();
            doors.visited += 1;
            doors.done += u64::from(visits.iter().any(|visit| visit.did_work()));
        }
        for visit in visits {
            if let Some(finished) = &visit.finished {
                *self.outcomes.entry(finished.outcome.clone()).or_default() += 1;
            }
            let by = match (visit.signed, visit.signer) {
                (Some(SignOffResult::Signed), Some(role)) => Some(id_of(&role)),
                (Some(result), _) => Some(id_of(&result)),
                (None, _) => None,
            };
            by.into_iter().for_each(|by| *self.signed.entry(by).or_default() += 1);
            for (code, lines) in &visit.lines {
                let version = Some(lines.list_version);
                let Ok(list) = books.price_list(reader, version) else { continue };
                let Some(item) = list.item(code).filter(|item| item.kind == ItemKind::Part) else {
                    continue;
                };
                let part = self.parts.entry(code.clone());
                let part = part.or_insert(PartUsed { name: item.name.clone(), count: 0 });
                part.count = part.count.saturating_add(u64::try_from(lines.count).unwrap_or(0));
            }
        }
    }

    fn measure(&mut self, profile: Option<&Profile>) {
        for (kind, doors) in &mut self.doors {
            let targets = profile.map_or(&[][..], |profile| &profile.targets);
            let target = targets.iter().find(|target| target.visit == *kind);
            doors.percent = doors.done * 100 / doors.visited.max(1);
            doors.target = target.map(|target| target.done_percent.into());
            doors.below = doors.target.is_some_and(|it| doors.done * 100 < it * doors.visited);
        }
    }
}

//! Gas that was shut off, and whether it is on again.
//!
//! It comes back after a passed check that knew of everything found worse. Restored otherwise it counts as
//! shut off, and says so (C13).

use serde::Serialize;

use super::{
    Choice, Hazard, History, OrderState, Rule,
    conflict::Verdicts,
    hazards::{Found, other_event},
};
use crate::{
    base::{Hash, Id, Instant},
    event::{GasRestored, Payload, ShutOff},
    sync::OpenStop,
};

/// The rule of verdicts that gas of this order was restored under another order of the same premises,
/// after a passed check: the events are the shut-off and the restoring. The server's word, since no fold
/// sees another order. Restored there without a check, it is a conflict C13 of the server's.
pub const RESTORED_ELSEWHERE: &str = "D-RESTORE";

/// One time gas was shut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Its event.
    pub event: Hash,
    /// When.
    pub at: Instant,
    /// What was shut off.
    pub what: ShutOff,
    /// For which hazard.
    pub hazard: Option<Hash>,
    /// The paper form's number.
    pub paper: Option<String>,
    /// The event that restored it, of this order or another, after a passed check.
    pub restored_by: Option<Hash>,
    /// Restored without a passed check: it counts as shut off, and somebody must look at once.
    pub alarms: Vec<Hash>,
}

impl Stop {
    /// Whether it is still off.
    pub fn is_off(&self) -> bool {
        self.restored_by.is_none()
    }
}

impl OrderState {
    /// Gas that is off, as the next who comes to these premises is told. `order` is this order's id.
    pub fn open_stops(&self, order: Id) -> Vec<OpenStop> {
        let line = |stop: &Stop| {
            let Stop { event, at, what, hazard, .. } = *stop;
            OpenStop { order, event, at, what, hazard }
        };
        self.stops.iter().filter(|stop| stop.is_off()).map(line).collect()
    }

    /// Whether gas may come back, as far as is known here: what it was shut off for is mended and
    /// checked; where no hazard was named, all of the order's are.
    pub fn may_restore(&self, stop: &Stop) -> bool {
        let concerned = |hazard: &&Hazard| stop.hazard.is_none_or(|named| named == hazard.event);
        let mut concerned = self.hazards.iter().filter(concerned).peekable();
        stop.is_off() && concerned.peek().is_some() && concerned.all(|hazard| !hazard.is_open())
    }

    /// What was decided about gas that was restored on half the news (C13).
    pub(super) fn restore_as_decided(&mut self) {
        let inspected = |choice| choice == Some(Choice::RestoredAfterInspection);
        for conflict in self.conflicts.iter().filter(|c| c.rule == Rule::C13) {
            for stop in self.stops.iter_mut().filter(|stop| conflict.events.contains(&stop.event)) {
                if inspected(conflict.holds()) && stop.is_off() {
                    stop.restored_by = other_event(&conflict.events, stop.event);
                }
            }
        }
    }
}

/// Folds the shut-offs of an order, by what was found and checked in it.
pub(super) fn stops(history: &History<'_>, verdicts: &Verdicts<'_>, found: &Found) -> Vec<Stop> {
    let events = history.events();
    let mut stops: Vec<(usize, Stop)> = Vec::new();
    for (place, placed) in events.iter().enumerate() {
        if let Payload::GasShutOff(off) = &placed.recorded.event.payload {
            let stop = Stop {
                event: placed.recorded.id,
                at: placed.at,
                what: off.what,
                hazard: off.hazard,
                paper: off.paper.clone(),
                restored_by: None,
                alarms: Vec::new(),
            };
            stops.push((place, stop));
        }
    }
    for (place, placed) in events.iter().enumerate() {
        let Payload::GasRestored(GasRestored { shut_off, .. }) = &placed.recorded.event.payload
        else {
            continue;
        };
        let known = |later: usize, earlier: usize| events[later].saw(&events[earlier]);
        for (off, stop) in stops.iter_mut().filter(|(_, stop)| stop.event == *shut_off) {
            // Without a hazard named, any passed check since will do. A check counts when it knew
            // of everything found worse, but for what was found after gas was back.
            let checked = found.checks(stop.hazard).any(|(worse, check)| {
                worse.iter().all(|worse| known(worse.place, place) || known(check, worse.place))
                    && known(check, *off)
                    && known(place, check)
            });
            match checked {
                true => _ = stop.restored_by.get_or_insert(placed.recorded.id),
                false => stop.alarms.push(placed.recorded.id),
            }
        }
    }
    let mut stops: Vec<Stop> = stops.into_iter().map(|(_, stop)| stop).collect();
    for (rule, events) in verdicts.keys() {
        for stop in stops.iter_mut().filter(|stop| events.contains(&stop.event)) {
            let restored = other_event(events, stop.event);
            match *rule {
                RESTORED_ELSEWHERE => stop.restored_by = stop.restored_by.or(restored),
                rule if rule == Rule::C13.id() => stop.alarms.extend(restored),
                _ => {}
            }
        }
    }
    stops
}

//! The two ends of a day: what to carry, and what is left.

use std::collections::BTreeMap;

use super::{
    ActError, Engine,
    screen::MAX_ROWS,
    shift::{OpenShift, SHIFT},
};
use crate::{
    base::{ClockReading, Lang},
    event::Payload,
    screen::{EveningFacts, EveningScreen, MorningFacts, MorningScreen},
};

impl Engine {
    /// Before the first door: the kit that today's orders ask for, and the technician's
    /// certificates.
    pub fn morning_screen(
        &mut self,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<MorningScreen, ActError> {
        let mut orders: BTreeMap<String, u64> = BTreeMap::new();
        let rows = self.store.open_orders(MAX_ROWS)?;
        for (_, opening, _) in self.store.openings(&rows)? {
            if let Payload::OrderOpened(opened) = opening.payload {
                *orders.entry(opened.standard).or_default() += 1;
            }
        }
        let complaints = self.complaint_reminders(clock, lang)?;
        let reader = self.store.read();
        let mut standards = Vec::new();
        for (id, count) in orders {
            // A standard that is not here yet adds nothing to carry.
            if let Ok(standard) = self.books.standard(&reader, &id, None) {
                standards.push((standard, count));
            }
        }
        let work: Vec<_> =
            standards.iter().map(|(standard, count)| (&**standard, *count)).collect();
        let profile = self.books.profile(&reader).ok();
        let qualifications = self.books.qualifications(&reader);
        let facts = MorningFacts {
            person: self.me()?.person().id,
            shift_open: self.shift_open()?,
            work: &work,
            profile: profile.as_deref(),
            qualifications: qualifications.as_deref(),
            complaints: &complaints,
        };
        Ok(MorningScreen::new(&facts, clock, lang))
    }

    /// After the last door: cash, visits left open, what the office doesn't have yet.
    pub fn evening_screen(
        &mut self,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<EveningScreen, ActError> {
        let me = self.me()?.writer();
        let (mut visits, mut rows) = (Vec::new(), Vec::new());
        for row in self.store.open_orders(MAX_ROWS)? {
            if row.status != "in_progress" || row.visit.is_none() {
                continue;
            }
            let state = self.order(row.id)?;
            if let Some(visit) = state.open_visit_of(me) {
                visits.push(visit.id);
                rows.push(row);
            }
        }
        let open_visits: Vec<_> = visits.into_iter().zip(self.at_doors(rows)?).collect();
        let day = self.shift_report()?.map(|(day, _)| day);
        let facts = EveningFacts {
            shift_open: self.shift_open()?,
            over: day.as_ref().and_then(|day| day.over),
            cash: day.map(|day| (day.expected, day.counted)),
            open_visits: &open_visits,
            listed: self.store.listed_count()?,
            unsent: self.unsent()?,
            photos: self.store.photos_waiting()?,
            complaints: &self.complaint_reminders(clock, lang)?,
        };
        Ok(EveningScreen::new(&facts, clock, lang))
    }

    fn shift_open(&self) -> Result<bool, ActError> {
        let kept: Option<OpenShift> = self.store.read().meta(SHIFT)?;
        Ok(kept.is_some_and(|shift| shift.id.is_some()))
    }
}

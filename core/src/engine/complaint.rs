//! What this phone knows of complaints, gathered from the orders it has.

use std::sync::Arc;

use super::{ActError, Engine, context::premises};
use crate::{
    base::{ClockReading, Lang},
    screen::{ComplaintFacts, ComplaintReminder, ComplaintsFacts, ComplaintsScreen},
    standard::{SHIPPED_PROMISES, ServicePromises},
    store::RANK_OVER,
};

impl Engine {
    /// The complaints about orders in scope, and those whose customer is called back with this
    /// phone.
    pub fn complaints_screen(
        &mut self,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<ComplaintsScreen, ActError> {
        let (complaints, promises) = self.complaints()?;
        let me = self.me()?.person().id;
        let facts = ComplaintsFacts { complaints: &complaints, me, promises: &promises };
        Ok(ComplaintsScreen::new(&facts, clock, lang))
    }

    /// What this technician is reminded of.
    pub(super) fn complaint_reminders(
        &mut self,
        clock: &ClockReading,
        lang: Lang,
    ) -> Result<Vec<ComplaintReminder>, ActError> {
        let (complaints, promises) = self.complaints()?;
        if complaints.is_empty() {
            return Ok(Vec::new());
        }
        let me = self.me()?.person().id;
        let facts = ComplaintsFacts { complaints: &complaints, me, promises: &promises };
        Ok(ComplaintReminder::all(&facts, clock, lang))
    }

    fn complaints(&mut self) -> Result<(Vec<ComplaintFacts>, Arc<ServicePromises>), ActError> {
        let rows = self.store.complaints()?;
        if rows.is_empty() {
            return Ok(Default::default());
        }
        let me = self.me()?.person().id;
        let mut complaints: Vec<ComplaintFacts> = Vec::new();
        for row in rows {
            let order = self.store.order_row(row.order)?;
            let waits = order.as_ref().filter(|order| order.sort < RANK_OVER);
            let call_back = match waits.filter(|_| row.told.about.is_some()) {
                Some(order) if self.order(order.id)?.assigned_to == Some(me) => {
                    Some((order.id, order.number.clone()))
                }
                _ => None,
            };
            if let Some(known) =
                complaints.last_mut().filter(|it| it.told.number == row.told.number)
            {
                known.call_back = call_back.or(known.call_back.take());
                continue;
            }
            let place = order.and_then(|order| order.premises);
            complaints.push(ComplaintFacts {
                order: row.order,
                address: premises(&self.store.read(), place)?.address,
                said: self.store.complaint_words(&row)?.map(|words| words.said),
                call_back,
                told: row.told,
            });
        }
        // Where the company publishes none, the office counts by those that ship.
        let published = self.books.promises(&self.store.read());
        let shipped = || ServicePromises::load(SHIPPED_PROMISES.text).unwrap_or_default().into();
        Ok((complaints, published.unwrap_or_else(shipped)))
    }
}

//! What must hold when everything has come to rest.
//!
//! | | |
//! |---|---|
//! | I1 | every confirmed event is on the server exactly once, or held there with a reason |
//! | I2 | equal scope means equal states and conflicts; every file is sound |
//! | I3 | receipts, payments and the server's totals agree; counters have no gap |
//! | I4 | nothing unsealed or altered was accepted |
//! | I5 | every conflict is seen by somebody who can decide it |
//! | I6 | work is bounded |
//! | I7 | poison blocks no neighbour |
//! | I8 | the server never stands behind what it signed, unless it was restored |
//! | I9 | a photo whose event counts is whole at the office; what was erased is gone |

mod events;
mod ledger;
mod money;
mod photos;
mod states;

use crate::{
    report::{Violation, violated},
    world::World,
};
use ledger::Ledger;

/// Requests at rest that a phone may make beside those for its events.
const REQUESTS_A_PHONE: u64 = 16;

impl World {
    /// Checks everything; the first thing that is wrong is told.
    pub(crate) fn check(&mut self) -> Result<(), Violation> {
        let ledger = Ledger::read(self)?;
        self.figures.events = ledger.events.len() as u64;
        self.figures.held = ledger.held_rows.len() as u64;
        events::confirmed_once(self, &ledger)?;
        events::poison_held_alone(self, &ledger)?;
        events::accepted_as_written(self, &ledger)?;
        money::conserved(self, &ledger)?;
        photos::arrived(self, &ledger)?;
        photos::erased(self, &ledger)?;
        states::conflicts_seen(self)?;
        states::equal(self, &ledger)?;
        self.bounded()?;
        self.nothing_forgotten()?;
        for recorded in &ledger.events {
            self.book.trace.add(&recorded.id.to_string());
        }
        Ok(())
    }

    /// I8: the server never stood behind its own signature, as one that lost what it had confirmed
    /// does; unless it did lose it, in a restore.
    fn nothing_forgotten(&mut self) -> Result<(), Violation> {
        let epoch = self.office.run(|_, ctx| Ok(ctx.epoch));
        match epoch.map_err(|no| violated("I0", format!("the server's epoch: {no:?}")))? {
            1 => Ok(()),
            _ if self.book.restores > 0 => Ok(()),
            _ => Err(violated("I8", "the server lost what it had signed for".to_owned())),
        }
    }

    /// I6: after the network was healed, a phone needs few requests, whatever happened before.
    fn bounded(&self) -> Result<(), Violation> {
        let phones = self.phones.len() as u64;
        let most = REQUESTS_A_PHONE * phones + self.figures.events / 4;
        let made = self.figures.requests_at_rest;
        if made > most {
            let events = self.figures.events;
            let why = format!("{made} requests at rest for {events} events of {phones} phones");
            return Err(violated("I6", why));
        }
        Ok(())
    }
}

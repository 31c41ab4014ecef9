//! The papers this phone can hand out, by name.

use serde::{Deserialize, Serialize};

use super::{ActError, Engine};
use crate::{
    base::{ClockReading, Id},
    document::Document,
};

/// A paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Paper {
    /// The receipt with this counter in the phone's series, or the refund: they share one count.
    Receipt {
        /// The counter.
        counter: u64,
    },
    /// What was signed for a visit.
    ServiceReport {
        /// The visit.
        visit: Id,
    },
    /// The open shift, or the one closed last.
    DayReport,
    /// What a visit found, and by when it is mended. On paper only where supply was stopped.
    HazardNotice {
        /// The visit.
        visit: Id,
    },
    /// What hangs on the door where nobody opened.
    NoAccess {
        /// The visit.
        visit: Id,
    },
    /// What was read on the meters of a visit, and what it would cost.
    MeterSlip {
        /// The visit.
        visit: Id,
    },
    /// This phone's code, for whoever hands a visit over to it.
    TakerCode,
}

impl Engine {
    /// The paper, ready to be drawn in any form.
    ///
    /// # Errors
    /// [`ActError`] where there is nothing to tell yet, or no more.
    pub fn paper(
        &mut self,
        paper: Paper,
        clock: &ClockReading,
    ) -> Result<Box<dyn Document + Send>, ActError> {
        Ok(match paper {
            Paper::Receipt { counter } => self.numbered(counter, 0)?,
            Paper::ServiceReport { visit } => Box::new(self.service_report(visit)?),
            Paper::HazardNotice { visit } => Box::new(self.hazard_notice(visit)?),
            Paper::NoAccess { visit } => Box::new(self.no_access_notice(visit, clock)?),
            Paper::MeterSlip { visit } => Box::new(self.meter_slip(visit)?),
            Paper::TakerCode => Box::new(self.taker_code_doc()?),
            Paper::DayReport => {
                let doc = self.day_report_doc(clock)?;
                Box::new(doc.ok_or(ActError::Shift("no shift was begun on this phone"))?)
            }
        })
    }

    /// The paper as it is handed out: a receipt that was handed out before says which copy it is.
    /// Counted before anything is drawn, so that no two originals leave a phone; what jams in the
    /// printer was the original all the same.
    ///
    /// # Errors
    /// As [`Engine::paper`]; nothing is counted then.
    pub fn handed_out(
        &mut self,
        paper: Paper,
        clock: &ClockReading,
    ) -> Result<Box<dyn Document + Send>, ActError> {
        let Paper::Receipt { counter } = paper else { return self.paper(paper, clock) };
        let key = format!("handed/{}/{counter}", self.me()?.series().id);
        let before = self.store.read().meta::<u32>(&key)?.unwrap_or(0);
        let copy = if before == 0 { 0 } else { before.saturating_add(1) };
        let numbered = self.numbered(counter, copy)?;
        self.store.transaction(|tx| tx.set_meta(&key, &before.saturating_add(1)))?;
        Ok(numbered)
    }

    /// The receipt or refund with this counter, ready to be drawn; `copy` is 0 for the original.
    ///
    /// # Errors
    /// [`ActError::NoSuchReceipt`] where there is neither.
    pub fn numbered(&self, counter: u64, copy: u32) -> Result<Box<dyn Document + Send>, ActError> {
        Ok(match self.receipt_doc(counter, copy) {
            Err(ActError::NoSuchReceipt(_)) => Box::new(self.refund_doc(counter, copy)?),
            receipt => Box::new(receipt?),
        })
    }
}

//! Is the file sound? Every chain is followed and every seal checked; a rebuild also compares the
//! list with what the events give.

use serde::Serialize;

use super::{ActError, Engine};
use crate::{
    log::{Certificate, Seal, Writer},
    store::StoreError,
};

/// What the doctor found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DoctorReport {
    /// Streams looked at.
    pub streams: usize,
    /// Events whose chain holds.
    pub events: u64,
    /// Seals that hold.
    pub seals: usize,
    /// What is wrong, in words; empty when all is well.
    pub problems: Vec<String>,
}

impl Engine {
    /// Looks at everything and changes nothing.
    pub fn doctor(&self) -> Result<DoctorReport, ActError> {
        let mut report = DoctorReport { problems: self.store.integrity()?, ..Default::default() };
        for row in self.store.streams()? {
            report.streams += 1;
            let name = format!("{:?} of {:?}", row.stream.subject, row.stream.writer);
            let before = match row.purged {
                0 => self.store.read().chain_before(&row)?,
                // Only numbers and hashes are left of what comes before.
                seq => self.store.read().chain_at(&row, seq)?,
            };
            let tail = self.store.tail(&row, before.seq, usize::MAX)?;
            let chain = match tail.follow(before) {
                Ok((events, chain)) => {
                    report.events += events.len() as u64;
                    chain
                }
                Err(error) => {
                    report.problems.push(format!("{name}: {error}"));
                    continue;
                }
            };
            if chain != row.chain {
                report.problems.push(format!("{name}: its head is not where its events end"));
            }
            let hashes = tail.hashes(before);
            let keys = self.seal_keys(row.stream.writer)?;
            let seals = self.store.seals(&row)?;
            for (seq, bytes) in seals.into_iter().filter(|(seq, _)| *seq > before.seq) {
                let expected = hashes.get((seq as usize).wrapping_sub(tail.from as usize)).copied();
                let holds = |key| {
                    let seal = Seal::verify(&bytes, key);
                    seal.is_ok_and(|seal| Some(seal.body().hash) == expected)
                };
                if keys.iter().any(holds) {
                    report.seals += 1;
                } else if keys.is_empty() {
                    report.problems.push(format!("{name}: its certificate is missing"));
                } else {
                    report.problems.push(format!("{name}: the seal at {seq} fails"));
                }
            }
        }
        let reader = self.store.read();
        for (writer, kept) in reader.kept_sums()? {
            if kept != reader.summed(&writer)? {
                report.problems.push(format!("{writer:?}: the sum of its streams is another"));
            }
        }
        Ok(report)
    }

    /// Compares the projections with what a rebuild gives, and keeps the rebuilt ones.
    pub fn doctor_rebuild(&mut self) -> Result<DoctorReport, ActError> {
        let mut report = self.doctor()?;
        let before = self.store.order_rows()?;
        self.rebuild()?;
        if self.store.order_rows()? != before {
            report.problems.push("the list differed from the events; it is rebuilt".to_owned());
        }
        Ok(report)
    }

    /// Keys that may vouch for a writer's events: its own, and the company's.
    fn seal_keys(&self, writer: Writer) -> Result<Vec<[u8; 32]>, StoreError> {
        let Some(me) = &self.identity else { return Ok(Vec::new()) };
        let company = me.company_signing_key;
        let Writer::Device(id) = writer else { return Ok(vec![company]) };
        let Some(bytes) = self.store.read().certificate(id)? else { return Ok(Vec::new()) };
        let certificate = Certificate::verify(&bytes, &company).ok();
        Ok(certificate.map_or_else(Vec::new, |it| vec![it.keys().signing, company]))
    }
}

//! Is the file sound? Every chain is followed and every seal checked; a rebuild also compares the
//! list with what the events give.

use serde::Serialize;

use super::{ActError, Engine};
use crate::{
    log::{Certificate, Chain, Seal, Writer},
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
            let tail = self.store.tail(&row, 0, usize::MAX)?;
            let chain = match tail.follow(Chain::start(&row.stream)) {
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
            let hashes = tail.hashes(Chain::start(&row.stream));
            for (seq, bytes) in self.store.seals(&row)? {
                let expected = hashes.get((seq as usize).wrapping_sub(1)).copied();
                match self.seal_key(row.stream.writer)?.map(|key| Seal::verify(&bytes, &key)) {
                    Some(Ok(seal)) if Some(seal.body().hash) == expected => report.seals += 1,
                    Some(_) => report.problems.push(format!("{name}: the seal at {seq} fails")),
                    None => report.problems.push(format!("{name}: its certificate is missing")),
                }
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

    fn seal_key(&self, writer: Writer) -> Result<Option<[u8; 32]>, StoreError> {
        let Some(me) = &self.identity else { return Ok(None) };
        let Writer::Device(id) = writer else { return Ok(Some(me.company_signing_key)) };
        let Some(bytes) = self.store.read().certificate(id)? else { return Ok(None) };
        let certificate = Certificate::verify(&bytes, &me.company_signing_key).ok();
        Ok(certificate.map(|certificate| certificate.keys().signing))
    }
}

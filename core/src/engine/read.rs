//! What screens, documents and tools read.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::bytes::ByteVec;
use serde::Serialize;

use super::{
    ActError, DayReport, Engine, Identity, RefundView,
    context::visit_view,
    hazard,
    pen::seal,
    shift::{OpenShift, SHIFT},
    sign::company,
};
use crate::{
    base::{Hash, Id, Instant, Lang, Money},
    document::ReceiptDoc,
    event::{Payload, ReceiptIssued, ReceiptPrivate, Recorded},
    log::{Chain, Class, DisclosedKey, StreamId, Subject},
    money::{PaymentMethod, ReceiptNumber},
    order::OrderState,
    proof::{Bundle, ReceiptProof},
    store::{PhotoCount, StoreError, StreamRow},
    sync::{Outcome, Status},
    visit::{Explanation, Finding, VisitState},
};

/// The text a customer signs over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// The text.
    pub text: String,
    /// SHA-256 of its UTF-8.
    pub hash: Hash,
    /// Its language.
    pub lang: Lang,
}

/// A visit as a tool sees it.
#[derive(Debug, Clone, Serialize)]
pub struct VisitReport {
    /// Its order.
    pub order: Id,
    /// How it ended, if it did.
    pub outcome: Option<String>,
    /// The visit it continues, which was handed over to its device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<Id>,
    /// Steps in the order they were done.
    pub steps: Vec<StepLine>,
    /// Its findings.
    pub findings: Vec<FindingLine>,
    /// What is left and why.
    pub explanation: Explanation,
    /// What is charged, paid and due.
    pub charged: Money,
    /// Paid.
    pub paid: Money,
    /// Due.
    pub due: Money,
}

/// One step that was done.
#[derive(Debug, Clone, Serialize)]
pub struct StepLine {
    /// The step.
    pub step: String,
    /// Its value.
    pub value: Option<crate::event::Value>,
    /// When, by the phone's clock.
    pub at: Instant,
    /// Its entry: what a correction names.
    pub entry: Hash,
    /// The entry it stands in the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Hash>,
    /// It was wrong: the correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<Hash>,
    /// The visit it was done in, where this one continues that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Id>,
}

/// One finding, with its words.
#[derive(Debug, Clone, Serialize)]
pub struct FindingLine {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// In words, by language.
    pub words: BTreeMap<Lang, String>,
}

/// A receipt of this device's series.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptView {
    /// The number printed on it.
    pub number: String,
    /// Its counter.
    pub counter: u64,
    /// The order paid for.
    pub order: Id,
    /// What it is for.
    pub amount: Money,
    /// Handed over.
    pub tendered: Money,
    /// Given back.
    pub change: Money,
    /// The series' running total.
    pub running: Money,
    /// How.
    pub method: PaymentMethod,
    /// When, by the phone's clock.
    pub at: Instant,
    /// It was made void: its number keeps its place.
    pub voided: bool,
    /// The QR text; empty where the payer can't be shown any more.
    pub qr: String,
}

/// One stream as stored.
#[derive(Debug, Clone, Serialize)]
pub struct StreamView {
    /// Its name.
    pub stream: StreamId,
    /// Last sequence number.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
    /// Written here.
    pub own: bool,
    /// The server holds it up to here.
    pub accepted: u64,
    /// Why the server holds it back; empty when it doesn't.
    pub trouble: String,
}

/// All that a device sees.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceState {
    /// Its id as a writer.
    pub device: Option<Id>,
    /// Its orders, listed or not.
    pub orders: BTreeMap<Id, OrderState>,
    /// Their digests.
    pub digests: BTreeMap<Id, Hash>,
    /// Orders in its list.
    pub listed: Vec<Id>,
    /// All visits it knows.
    pub visits: BTreeMap<Id, VisitReport>,
    /// Its receipts.
    pub receipts: Vec<ReceiptView>,
    /// The refunds it paid out: the counters that are missing among its receipts.
    pub refunds: Vec<RefundView>,
    /// What the shift that is open comes to; without one, the last that was.
    pub day: Option<DayReport>,
    /// Decisions it was told.
    pub outcomes: Vec<OutcomeLine>,
    /// Its streams.
    pub streams: Vec<StreamView>,
    /// Own events the server hasn't accepted.
    pub unsent: u64,
    /// Photos taken here, and how many of them have arrived.
    pub photos: PhotoCount,
    /// Sync, as shown.
    pub sync: Status,
}

/// A decision the device was told.
#[derive(Debug, Clone, Serialize)]
pub struct OutcomeLine {
    /// The order.
    pub order: Id,
    /// Its number.
    pub order_number: String,
    /// The conflict's rule.
    pub rule: String,
    /// What was decided.
    pub choice: String,
    /// When.
    pub at: Instant,
}

impl From<Outcome> for OutcomeLine {
    fn from(outcome: Outcome) -> OutcomeLine {
        OutcomeLine {
            order: outcome.subject.id,
            order_number: outcome.order_number,
            rule: outcome.rule,
            choice: outcome.choice,
            at: outcome.at,
        }
    }
}

impl Engine {
    pub(super) fn me(&self) -> Result<&Identity, ActError> {
        self.identity.as_ref().ok_or(ActError::NotEnrolled)
    }

    /// The order as this phone folds it.
    pub fn order(&self, id: Id) -> Result<OrderState, ActError> {
        Ok(OrderState::fold(&self.store.read().events_about(&Subject::work_order(id))?))
    }

    /// The visit, folded by its standard.
    pub fn visit(&mut self, id: Id) -> Result<VisitState, ActError> {
        Ok(visit_view(self.store.read(), &mut self.books, id)?.state)
    }

    /// The visit as a tool sees it: also another device's, when its order is here.
    pub fn visit_report(&mut self, id: Id) -> Result<VisitReport, ActError> {
        let view = visit_view(self.store.read(), &mut self.books, id)?;
        let list = self.books.price_list(&self.store.read(), Some(view.price_list))?;
        let money = view.money_in(&list)?;
        let reader = self.store.read();
        let (profile, tables) = (self.books.profile(&reader).ok(), self.books.tables(&reader)?);
        let words = |finding: &Finding| {
            Lang::ALL.into_iter().map(|lang| (lang, finding.text(lang))).collect()
        };
        Ok(VisitReport {
            order: view.order.id,
            outcome: view.state.ended().map(|ended| ended.outcome.clone()),
            continues: view.line.iter().rev().nth(1).copied(),
            steps: view
                .state
                .done()
                .iter()
                .map(|done| StepLine {
                    step: done.step.clone(),
                    value: done.value.clone(),
                    at: done.at,
                    entry: done.event,
                    corrects: done.corrects,
                    corrected_by: done.corrected_by,
                    earlier: done.earlier,
                })
                .collect(),
            findings: view
                .state
                .findings()
                .iter()
                .map(|finding| FindingLine { words: words(finding), finding: finding.clone() })
                .collect(),
            explanation: hazard::explain(&view, profile.as_deref(), &tables),
            charged: money.charged,
            paid: money.paid,
            due: money.due,
        })
    }

    /// Counters of receipts since the shift began: what a void may be of.
    pub(super) fn voidable(&self) -> Result<BTreeSet<u64>, ActError> {
        let Some(row) = self.series_row()? else { return Ok(BTreeSet::new()) };
        let reader = self.store.read();
        let shift: Option<OpenShift> = reader.meta(SHIFT)?;
        let events = reader.events(&row, shift.map_or(0, |shift| shift.settled_seq()) + 1)?;
        let issued = events.iter().filter_map(|recorded| match &recorded.event.payload {
            Payload::ReceiptIssued(receipt) => Some(receipt.number),
            _ => None,
        });
        Ok(issued.collect())
    }

    /// The receipts of this device's series, first to last.
    pub fn receipts(&self) -> Result<Vec<ReceiptView>, ActError> {
        let mut receipts = Vec::new();
        let voided = self.voided()?;
        let Some(row) = self.series_row()? else { return Ok(receipts) };
        for (recorded, receipt) in self.issued()? {
            // The payer may be erased, or known to another copy of this phone only.
            let qr = match self.proof_of(&row, &recorded, receipt.number) {
                Err(ActError::Erased(_)) => String::new(),
                proof => proof?.to_text(),
            };
            receipts.push(ReceiptView {
                number: self.receipt_number(receipt.number)?,
                counter: receipt.number,
                order: receipt.order,
                amount: receipt.amount,
                tendered: receipt.tendered,
                change: receipt.change,
                running: receipt.running,
                method: receipt.method,
                at: recorded.event.clock.wall,
                voided: voided.contains(&receipt.number),
                qr,
            });
        }
        Ok(receipts)
    }

    /// What proves the receipt, or the refund, with this counter.
    pub fn receipt_proof(&self, counter: u64) -> Result<ReceiptProof, ActError> {
        let recorded = match self.find_receipt(counter) {
            Err(ActError::NoSuchReceipt(_)) => self.find_refund(counter)?.0,
            found => found?.0,
        };
        let row = self.series_row()?.ok_or(ActError::NoSuchReceipt(counter))?;
        self.proof_of(&row, &recorded, counter)
    }

    /// What proves `recorded`, which issued the receipt or refund with this counter in the series `row`.
    pub(super) fn proof_of(
        &self,
        row: &StreamRow,
        recorded: &Recorded,
        counter: u64,
    ) -> Result<ReceiptProof, ActError> {
        let me = self.me()?;
        let reader = self.store.read();
        let before = match recorded.seq - 1 {
            0 => Chain::start(&row.stream).hash,
            seq => reader.chain_at(row, seq)?.hash,
        };
        // The server gives back a stream with its last seal only; this device makes the others again,
        // the very same.
        let seal = match self.store.seal(row, recorded.seq)? {
            Some(seal) => seal,
            None => seal(me, row, reader.chain_at(row, recorded.seq)?).bytes().to_vec(),
        };
        let tail = self.store.tail(row, recorded.seq - 1, 1)?;
        let key = reader.key(&row.stream.subject, Class::Money)?;
        let disclosure = match &recorded.event.payload {
            // Of before papers of refunds had codes: it discloses nothing.
            Payload::RefundIssued(refund) if refund.disclosure.is_none() => {
                Some(Default::default())
            }
            _ => recorded.private::<ReceiptPrivate>(Class::Money, key.as_ref()),
        };
        Ok(ReceiptProof {
            certificate: me.certificate.bytes().to_vec().into(),
            before,
            event: tail.events.first().cloned().unwrap_or_else(|| Vec::new().into()),
            seal: seal.into(),
            disclosure: disclosure.ok_or(ActError::Erased(counter))?,
        })
    }

    /// The receipt with this counter, ready to be drawn. `copy` is 0 for the original.
    pub fn receipt_doc(&self, counter: u64, copy: u32) -> Result<ReceiptDoc, ActError> {
        let me = self.me()?;
        let (recorded, receipt) = self.find_receipt(counter)?;
        let row = self.series_row()?.ok_or(ActError::NoSuchReceipt(counter))?;
        let proof = self.proof_of(&row, &recorded, counter)?;
        let currency = receipt.amount.currency;
        Ok(ReceiptDoc {
            number: self.receipt_number(counter)?,
            copy,
            issued: recorded.event.clock.wall,
            zone: recorded.event.clock.zone,
            payer: proof.disclosure.payer.clone(),
            premises: proof.disclosure.premises.clone(),
            total: crate::money::total(currency, &receipt.lines)?,
            lines: receipt.lines,
            amount: receipt.amount,
            pending: receipt.method != PaymentMethod::Cash,
            method: receipt.method,
            tendered: receipt.tendered,
            change: receipt.change,
            payee: me.person.name.clone(),
            badge: receipt.badge,
            company: company(me),
            voided: self.voided()?.contains(&counter),
            qr: proof.to_text(),
        })
    }

    /// The order of a visit as a file that proves itself: every stream up to its last seal, the
    /// writers' certificates, and the keys of the classes its owner shows.
    pub fn export_visit(&self, visit: Id, show: &[Class]) -> Result<Vec<u8>, ActError> {
        let reader = self.store.read();
        let (row, _) = reader.visit_place(visit)?.ok_or(ActError::NoSuchVisit)?;
        let subject = row.stream.subject;
        let (mut certificates, mut streams) = (Vec::<ByteVec>::new(), Vec::new());
        // A stream is shown whole, from its first event; a branch has none of its own.
        for row in reader.streams_of(&subject)?.into_iter().filter(|row| !row.stream.is_branch()) {
            let Some(sealed) = self.store.last_seal(&row)? else { continue };
            let mut tail = self.store.tail(&row, 0, usize::MAX)?;
            tail.events.truncate(sealed.0 as usize);
            tail.seal = Some(sealed.1.into());
            streams.push(tail);
            if let crate::log::Writer::Device(id) = row.stream.writer
                && let Some(bytes) = reader.certificate(id)?
            {
                certificates.push(bytes.into());
            }
        }
        let mut keys = Vec::new();
        for class in show {
            if let Some(key) = reader.key(&subject, *class)? {
                keys.push(DisclosedKey { subject, class: *class, key });
            }
        }
        Ok(Bundle::new(certificates, streams, keys).to_bytes())
    }

    /// All that this device sees.
    pub fn state(&mut self) -> Result<DeviceState, ActError> {
        let (mut orders, mut digests) = (BTreeMap::new(), BTreeMap::new());
        for id in self.store.order_ids()? {
            let state = self.order(id)?;
            digests.insert(id, state.digest());
            orders.insert(id, state);
        }
        let ids: Vec<_> = orders.values().flat_map(|order| order.visits.keys().copied()).collect();
        let mut visits = BTreeMap::new();
        for id in ids {
            // A visit on a standard that this phone lacks shows in its order only.
            if let Ok(report) = self.visit_report(id) {
                visits.insert(id, report);
            }
        }
        let streams: Vec<_> = self.store.streams()?;
        let listed = self.store.listed_orders(u32::MAX)?.into_iter().map(|row| row.id).collect();
        Ok(DeviceState {
            device: self.device(),
            orders,
            digests,
            listed,
            visits,
            receipts: if self.identity.is_some() { self.receipts()? } else { Vec::new() },
            refunds: if self.identity.is_some() { self.refunds()? } else { Vec::new() },
            day: if self.identity.is_some() { self.day_report()? } else { None },
            outcomes: self.store.outcomes(u32::MAX)?.into_iter().map(OutcomeLine::from).collect(),
            unsent: unsent(&streams),
            photos: self.store.photo_count()?,
            streams: streams.into_iter().map(StreamView::from).collect(),
            sync: self.sync_status(),
        })
    }

    /// Own events the server hasn't accepted.
    pub fn unsent(&self) -> Result<u64, StoreError> {
        Ok(unsent(&self.store.unsent_streams()?))
    }

    pub(super) fn series_row(&self) -> Result<Option<StreamRow>, ActError> {
        let me = self.me()?;
        Ok(self.store.read().stream(&StreamId::new(me.series(), me.writer()))?)
    }

    fn issued(&self) -> Result<Vec<(Recorded, ReceiptIssued)>, ActError> {
        let Some(row) = self.series_row()? else { return Ok(Vec::new()) };
        let receipt = |recorded: Recorded| match recorded.event.payload.clone() {
            Payload::ReceiptIssued(receipt) => Some((recorded, receipt)),
            _ => None,
        };
        Ok(self.store.read().events(&row, 1)?.into_iter().filter_map(receipt).collect())
    }

    fn voided(&self) -> Result<BTreeSet<u64>, ActError> {
        let Some(row) = self.series_row()? else { return Ok(BTreeSet::new()) };
        let void = |recorded: Recorded| match recorded.event.payload {
            Payload::ReceiptVoided(void) => Some(void.number),
            _ => None,
        };
        Ok(self.store.read().events(&row, 1)?.into_iter().filter_map(void).collect())
    }

    fn find_receipt(&self, counter: u64) -> Result<(Recorded, ReceiptIssued), ActError> {
        let found = self.issued()?.into_iter().find(|(_, receipt)| receipt.number == counter);
        found.ok_or(ActError::NoSuchReceipt(counter))
    }

    pub(super) fn receipt_number(&self, counter: u64) -> Result<String, ActError> {
        printed(self.me()?.series().id, counter)
    }
}

fn unsent(streams: &[StreamRow]) -> u64 {
    streams.iter().filter(|row| row.own).map(StreamRow::unsent).sum()
}

impl From<StreamRow> for StreamView {
    fn from(row: StreamRow) -> StreamView {
        StreamView {
            stream: row.stream,
            seq: row.chain.seq,
            hash: row.chain.hash,
            own: row.own,
            accepted: row.accepted,
            trouble: row.trouble,
        }
    }
}

/// A receipt's or refund's number as it is printed.
pub(super) fn printed(series: Id, counter: u64) -> Result<String, ActError> {
    let number = ReceiptNumber::new(series, counter).ok_or(ActError::NoNumbers)?;
    Ok(number.to_string())
}

//! Cases of complaint that are not closed: a projection of what orders in scope tell.

use rusqlite::params;

use super::{Store, StoreError, Transaction, event};
use crate::{
    base::Id,
    event::{CaseTold, CaseWords},
    log::{Class, Subject},
};

/// A case as one order tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplaintRow {
    /// The order whose events told it.
    pub order: Id,
    /// Where it stands.
    pub told: CaseTold,
    /// Where its words are: the stream's row and the sequence number.
    pub said: Option<(i64, u64)>,
}

impl Store {
    /// The cases that orders in scope tell of, by number; of one case, where it is about the order
    /// first.
    pub fn complaints(&self) -> Result<Vec<ComplaintRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT work_order, told, said_stream, said_seq FROM complaint
             WHERE work_order IN (SELECT id FROM order_row WHERE listed = 1) ORDER BY number",
        )?;
        let mut rows = statement.query([])?;
        let mut complaints = Vec::new();
        while let Some(row) = rows.next()? {
            let told: CaseTold = minicbor::decode(row.get_ref(1)?.as_blob().unwrap_or_default())
                .map_err(|error| StoreError::Damaged(format!("a complaint: {error}")))?;
            let said: (Option<i64>, Option<u64>) = (row.get(2)?, row.get(3)?);
            let order = Id::from_slice(row.get_ref(0)?.as_blob().unwrap_or_default());
            let order = order.unwrap_or_default();
            complaints.push(ComplaintRow { order, told, said: said.0.zip(said.1) });
        }
        complaints.sort_by(|a, b| {
            let key = |row: &ComplaintRow| (row.told.number.clone(), row.told.about.is_some());
            key(a).cmp(&key(b)).then(a.order.cmp(&b.order))
        });
        Ok(complaints)
    }

    /// What the customer said, while its key is here.
    pub fn complaint_words(&self, row: &ComplaintRow) -> Result<Option<CaseWords>, StoreError> {
        let subject = Subject::work_order(row.order);
        let Some((stream, seq)) = row.said else { return Ok(None) };
        let Some(key) = self.read().key(&subject, Class::Contact)? else { return Ok(None) };
        let told = event::at(&self.db, stream, subject, seq)?;
        Ok(told.and_then(|told| told.private(Class::Contact, Some(&key))))
    }
}

impl Transaction<'_> {
    /// Writes which cases an order tells of that are not closed.
    pub fn put_complaints(&self, order: Id, complaints: &[ComplaintRow]) -> Result<(), StoreError> {
        self.put_lines(
            [
                "DELETE FROM complaint WHERE work_order = ?1",
                "INSERT INTO complaint (number, work_order, told, said_stream, said_seq)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            ],
            order,
            complaints,
            |statement, row| {
                statement.execute(params![
                    row.told.number,
                    order.as_bytes(),
                    minicbor::to_vec(&row.told).unwrap_or_default(),
                    row.said.map(|(stream, _)| stream),
                    row.said.map(|(_, seq)| seq),
                ])
            },
        )
    }
}

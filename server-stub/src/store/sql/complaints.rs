//! Cases of complaint and emergencies in SQL.

use doorstep::{
    base::{Id, Instant},
    event::CaseStatus,
};

use super::{Row, Sql, SqlTx, from_name, int, name_of};
use crate::store::{ComplaintRow, Complaints, EmergencyRow, StoreError};

fn complaint(row: &dyn Row) -> Result<ComplaintRow, StoreError> {
    Ok(ComplaintRow {
        number: row.text(0)?,
        order: row.id(1)?,
        owner: row.id(2)?,
        status: from_name(row.text(3)?)?,
        due: row.instant_opt(4)?,
        received_at: row.instant(5)?,
    })
}

impl<S: Sql> Complaints for SqlTx<S> {
    fn put_complaint(&mut self, row: &ComplaintRow) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO complaint (number, work_order, owner, status, closed, due, received_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (number) DO UPDATE SET
                 owner = excluded.owner, status = excluded.status, closed = excluded.closed,
                 due = excluded.due",
            &[
                row.number.as_str().into(),
                (&row.order).into(),
                (&row.owner).into(),
                name_of(&row.status).as_str().into(),
                (row.status == CaseStatus::Closed).into(),
                row.due.into(),
                row.received_at.into(),
            ],
        )?;
        Ok(())
    }

    fn complaint(&mut self, number: &str) -> Result<Option<ComplaintRow>, StoreError> {
        self.first(
            "SELECT number, work_order, owner, status, due, received_at FROM complaint
             WHERE number = $1",
            &[number.into()],
            complaint,
        )
    }

    fn complaints_of(&mut self, order: Id) -> Result<Vec<ComplaintRow>, StoreError> {
        self.all(
            "SELECT number, work_order, owner, status, due, received_at FROM complaint
             WHERE work_order = $1 ORDER BY received_at, number",
            &[(&order).into()],
            complaint,
        )
    }

    fn open_complaints(&mut self, limit: usize) -> Result<Vec<ComplaintRow>, StoreError> {
        self.all(
            "SELECT number, work_order, owner, status, due, received_at FROM complaint
             WHERE closed = 0 ORDER BY due IS NULL, due, number LIMIT $1",
            &[int(limit as u64)?],
            complaint,
        )
    }

    fn complaints(&mut self, limit: usize) -> Result<Vec<ComplaintRow>, StoreError> {
        self.all(
            "SELECT number, work_order, owner, status, due, received_at FROM complaint
             ORDER BY received_at DESC, number LIMIT $1",
            &[int(limit as u64)?],
            complaint,
        )
    }

    fn put_emergency(&mut self, row: &EmergencyRow) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO emergency (work_order, promise, due) VALUES ($1, $2, $3)
             ON CONFLICT (work_order) DO UPDATE SET
                 promise = excluded.promise, due = excluded.due",
            &[(&row.order).into(), row.promise.as_str().into(), row.due.into()],
        )?;
        Ok(())
    }

    fn drop_emergency(&mut self, order: Id) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM emergency WHERE work_order = $1", &[(&order).into()])?;
        Ok(())
    }

    fn emergencies(
        &mut self,
        until: Instant,
        limit: usize,
    ) -> Result<Vec<EmergencyRow>, StoreError> {
        self.all(
            "SELECT work_order, promise, due FROM emergency WHERE due <= $1
             ORDER BY due, work_order LIMIT $2",
            &[until.into(), int(limit as u64)?],
            |row| {
                Ok(EmergencyRow { order: row.id(0)?, promise: row.text(1)?, due: row.instant(2)? })
            },
        )
    }
}

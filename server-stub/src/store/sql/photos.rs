//! Photos in SQL.

use doorstep::base::{Hash, Id, Instant};

use super::{Row, Sql, SqlTx, Value, int};
use crate::store::{PhotoRow, Photos, StoreError};

fn photo(row: &dyn Row) -> Result<PhotoRow, StoreError> {
    Ok(PhotoRow {
        address: row.hash(0)?,
        device: row.id(1)?,
        order: row.id(2)?,
        size: row.count(3)?,
        due_at: row.instant(4)?,
        begun_at: row.instant_opt(5)?,
        received: row.count(6)?,
        arrived_at: row.instant_opt(7)?,
        overdue: row.truth(8)?,
        safe: row.truth(9)?,
    })
}

impl<S: Sql> Photos for SqlTx<S> {
    fn name_photo(&mut self, photo: &PhotoRow) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO photo (address, device, work_order, size, due_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address) DO NOTHING",
            &[
                (&photo.address).into(),
                (&photo.device).into(),
                (&photo.order).into(),
                int(photo.size)?,
                photo.due_at.into(),
            ],
        )?;
        Ok(())
    }

    fn photo(&mut self, address: &Hash) -> Result<Option<PhotoRow>, StoreError> {
        self.first(
            "SELECT address, device, work_order, size, due_at, begun_at, received, arrived_at,
                    overdue, safe FROM photo WHERE address = $1",
            &[address.into()],
            photo,
        )
    }

    fn photos_waited_for(&mut self, device: Id) -> Result<u64, StoreError> {
        self.one(
            "SELECT count(*) FROM photo WHERE device = $1 AND arrived_at IS NULL",
            &[(&device).into()],
            |row| row.count(0),
        )
    }

    fn photo_bytes_since(&mut self, device: Id, since: Instant) -> Result<u64, StoreError> {
        self.one(
            "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM photo
             WHERE device = $1 AND begun_at > $2",
            &[(&device).into(), since.into()],
            |row| row.count(0),
        )
    }

    fn begin_photo(&mut self, address: &Hash, now: Instant) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE photo SET begun_at = $1 WHERE address = $2",
            &[now.into(), address.into()],
        )?;
        Ok(())
    }

    fn add_photo_part(&mut self, address: &Hash, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO photo_part (address, at, bytes) VALUES ($1, $2, $3)",
            &[address.into(), int(at)?, Value::Bytes(bytes)],
        )?;
        self.0.execute(
            "UPDATE photo SET received = $1 WHERE address = $2",
            &[int(at + bytes.len() as u64)?, address.into()],
        )?;
        Ok(())
    }

    fn drop_photo_parts(&mut self, address: &Hash) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM photo_part WHERE address = $1", &[address.into()])?;
        self.0.execute("UPDATE photo SET received = 0 WHERE address = $1", &[address.into()])?;
        Ok(())
    }

    fn photo_parts(
        &mut self,
        address: &Hash,
        each: &mut dyn FnMut(&[u8]),
    ) -> Result<(), StoreError> {
        self.0.query(
            "SELECT bytes FROM photo_part WHERE address = $1 ORDER BY at",
            &[address.into()],
            &mut |row| {
                each(&row.bytes(0)?);
                Ok(())
            },
        )
    }

    fn photo_arrived(&mut self, address: &Hash, now: Instant) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE photo SET arrived_at = $1 WHERE address = $2",
            &[now.into(), address.into()],
        )?;
        Ok(())
    }

    fn let_photos_go(&mut self, order: Id, now: Instant) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM photo_part
             WHERE address IN (SELECT address FROM photo WHERE work_order = $1)",
            &[(&order).into()],
        )?;
        self.0.execute(
            "UPDATE photo SET received = 0, safe = 1, arrived_at = coalesce(arrived_at, $1)
             WHERE work_order = $2",
            &[now.into(), (&order).into()],
        )?;
        Ok(())
    }

    fn let_photo_go(&mut self, order: Id, address: &Hash, now: Instant) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM photo_part WHERE address IN
                 (SELECT address FROM photo WHERE work_order = $1 AND address = $2)",
            &[(&order).into(), address.into()],
        )?;
        self.0.execute(
            "UPDATE photo SET received = 0, safe = 1, arrived_at = coalesce(arrived_at, $1)
             WHERE work_order = $2 AND address = $3",
            &[now.into(), (&order).into(), address.into()],
        )?;
        Ok(())
    }

    fn photos_arrived(&mut self) -> Result<Vec<Hash>, StoreError> {
        self.all(
            "SELECT address FROM photo WHERE arrived_at IS NOT NULL AND received > 0",
            &[],
            |row| row.hash(0),
        )
    }

    fn set_photo_safe(&mut self, address: &Hash) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE photo SET safe = 1 WHERE address = $1 AND arrived_at IS NOT NULL",
            &[address.into()],
        )?;
        Ok(())
    }

    fn photos_due(&mut self, now: Instant, limit: usize) -> Result<Vec<PhotoRow>, StoreError> {
        self.all(
            "SELECT address, device, work_order, size, due_at, begun_at, received, arrived_at,
                    overdue, safe FROM photo
             WHERE arrived_at IS NULL AND overdue = 0 AND due_at <= $1
             ORDER BY due_at LIMIT $2",
            &[now.into(), int(limit as u64)?],
            photo,
        )
    }

    fn set_photo_overdue(&mut self, address: &Hash) -> Result<(), StoreError> {
        self.0.execute("UPDATE photo SET overdue = 1 WHERE address = $1", &[address.into()])?;
        Ok(())
    }
}

//! Devices in SQL.

use doorstep::{
    base::{Hash, Id, Instant},
    log::Subject,
};

use super::{Row, Sql, SqlTx, Value, cbor, damaged, from_cbor, from_name, int, name_of};
use crate::store::{
    BootRow, CodeRow, CodeUse, DeviceRow, Devices, HeldDecision, HeldRow, NumberRange, Revoked,
    StoreError,
};

fn device(row: &dyn Row) -> Result<DeviceRow, StoreError> {
    let revoked = match (row.text_opt(10)?, row.instant_opt(11)?) {
        (Some(reason), Some(effective)) => Some(Revoked { reason: from_name(reason)?, effective }),
        _ => None,
    };
    Ok(DeviceRow {
        id: row.id(0)?,
        person: row.id_opt(1)?,
        certificate: row.bytes(2)?,
        enrolled_at: row.instant(3)?,
        seen_at: row.instant_opt(4)?,
        requests: row.count(5)?,
        recorded: row.count(6)?,
        unsent: row.count(7)?,
        standing: row.count(8)?,
        suspect: row.text_opt(9)?,
        revoked,
    })
}

fn held(row: &dyn Row) -> Result<HeldRow, StoreError> {
    Ok(HeldRow {
        id: row.id(0)?,
        device: row.id(1)?,
        stream: from_cbor(&row.bytes(2)?)?,
        from: row.count(3)?,
        events: row.count(4)?,
        reason: row.text(5)?,
        at: row.instant(6)?,
        decided: match (row.text_opt(7)?, row.id_opt(8)?, row.instant_opt(9)?) {
            (Some(choice), Some(by), Some(at)) => Some(HeldDecision { choice, by, at }),
            _ => None,
        },
    })
}

impl<S: Sql> Devices for SqlTx<S> {
    fn add_code(&mut self, code: &CodeRow) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO code (code, person, expires, first_receipt, last_receipt)
             VALUES ($1, $2, $3, $4, $5)",
            &[
                (&code.code).into(),
                (&code.person).into(),
                code.expires.into(),
                code.receipts.map(|range| int(range.first)).transpose()?.into(),
                code.receipts.and_then(|range| range.last).map(int).transpose()?.into(),
            ],
        )?;
        Ok(())
    }

    fn code(&mut self, code: &Hash) -> Result<Option<CodeRow>, StoreError> {
        self.first(
            "SELECT person, expires, used_device, used_request, first_receipt, last_receipt
             FROM code WHERE code = $1",
            &[code.into()],
            |row| {
                let used = match (row.id_opt(2)?, row.hash_opt(3)?) {
                    (Some(device), Some(request)) => Some(CodeUse { device, request }),
                    _ => None,
                };
                let (person, expires) = (row.id(0)?, row.instant(1)?);
                let number = |column| {
                    let found = row.int_opt(column)?.map(u64::try_from).transpose();
                    found.map_err(|_| damaged("a receipt's number"))
                };
                let last = number(5)?;
                let receipts = number(4)?.map(|first| NumberRange { first, last });
                Ok(CodeRow { code: *code, person, expires, receipts, used })
            },
        )
    }

    fn use_code(&mut self, code: &Hash, used: CodeUse) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE code SET used_device = $1, used_request = $2 WHERE code = $3",
            &[(&used.device).into(), (&used.request).into(), code.into()],
        )?;
        Ok(())
    }

    fn add_failure(&mut self, code: &Hash, at: Instant, forget: Instant) -> Result<(), StoreError> {
        self.0.execute("DELETE FROM enrol_failure WHERE at < $1", &[forget.into()])?;
        self.0.execute(
            "INSERT INTO enrol_failure (code, at) VALUES ($1, $2)",
            &[code.into(), at.into()],
        )?;
        Ok(())
    }

    fn failures(&mut self, code: &Hash, since: Instant) -> Result<(u64, u64), StoreError> {
        self.one(
            "SELECT count(*) FILTER (WHERE code = $1), count(*) FROM enrol_failure
             WHERE at >= $2",
            &[code.into(), since.into()],
            |row| Ok((row.count(0)?, row.count(1)?)),
        )
    }

    fn device(&mut self, id: Id) -> Result<Option<DeviceRow>, StoreError> {
        self.first(
            "SELECT id, person, certificate, enrolled_at, seen_at, requests, recorded, unsent,
                    standing, suspect, revoked_reason, revoked_effective
             FROM device WHERE id = $1",
            &[(&id).into()],
            device,
        )
    }

    fn put_device(&mut self, device: &DeviceRow) -> Result<(), StoreError> {
        let reason = device.revoked.map(|revoked| name_of(&revoked.reason));
        self.0.execute(
            "INSERT INTO device (id, person, certificate, enrolled_at, seen_at, requests,
                                 recorded, unsent, standing, suspect, revoked_reason,
                                 revoked_effective)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (id) DO UPDATE SET
                 person = excluded.person, certificate = excluded.certificate,
                 enrolled_at = excluded.enrolled_at, seen_at = excluded.seen_at,
                 requests = excluded.requests, recorded = excluded.recorded,
                 unsent = excluded.unsent, standing = excluded.standing,
                 suspect = excluded.suspect, revoked_reason = excluded.revoked_reason,
                 revoked_effective = excluded.revoked_effective",
            &[
                (&device.id).into(),
                device.person.as_ref().into(),
                device.certificate.as_slice().into(),
                device.enrolled_at.into(),
                device.seen_at.into(),
                int(device.requests)?,
                int(device.recorded)?,
                int(device.unsent)?,
                int(device.standing)?,
                device.suspect.as_deref().into(),
                reason.as_deref().into(),
                device.revoked.map(|revoked| revoked.effective).into(),
            ],
        )?;
        Ok(())
    }

    fn devices(&mut self) -> Result<Vec<DeviceRow>, StoreError> {
        self.all(
            "SELECT id, person, certificate, enrolled_at, seen_at, requests, recorded, unsent,
                    standing, suspect, revoked_reason, revoked_effective
             FROM device ORDER BY enrolled_at DESC, id",
            &[],
            device,
        )
    }

    fn request(&mut self, device: Id, number: u64) -> Result<Option<Hash>, StoreError> {
        self.first(
            "SELECT hash FROM request WHERE device = $1 AND number = $2",
            &[(&device).into(), int(number)?],
            |row| row.hash(0),
        )
    }

    fn add_request(
        &mut self,
        device: Id,
        number: u64,
        hash: Hash,
        forget: u64,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "DELETE FROM request WHERE device = $1 AND number < $2",
            &[(&device).into(), int(forget)?],
        )?;
        self.0.execute(
            "INSERT INTO request (device, number, hash) VALUES ($1, $2, $3)
             ON CONFLICT DO NOTHING",
            &[(&device).into(), int(number)?, (&hash).into()],
        )?;
        Ok(())
    }

    fn boot(&mut self, device: Id, boot: Id) -> Result<Option<BootRow>, StoreError> {
        self.first(
            "SELECT at, learnt_at FROM boot WHERE device = $1 AND boot = $2",
            &[(&device).into(), (&boot).into()],
            |row| Ok(BootRow { at: row.instant(0)?, learnt_at: row.instant(1)? }),
        )
    }

    fn put_boot(&mut self, device: Id, boot: Id, row: BootRow) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO boot (device, boot, at, learnt_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (device, boot) DO UPDATE SET at = excluded.at",
            &[(&device).into(), (&boot).into(), row.at.into(), row.learnt_at.into()],
        )?;
        Ok(())
    }

    fn correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
    ) -> Result<Option<Instant>, StoreError> {
        self.first(
            "SELECT at FROM correction
             WHERE device = $1 AND boot = $2 AND subject_kind = $3 AND subject_id = $4",
            &[(&device).into(), (&boot).into(), subject.kind.number().into(), (&subject.id).into()],
            |row| row.instant(0),
        )
    }

    fn put_correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO correction (device, boot, subject_kind, subject_id, at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (device, boot, subject_kind, subject_id)
             DO UPDATE SET at = excluded.at",
            &[
                (&device).into(),
                (&boot).into(),
                subject.kind.number().into(),
                (&subject.id).into(),
                at.into(),
            ],
        )?;
        Ok(())
    }

    fn hold(&mut self, held: &HeldRow, tail: &[u8]) -> Result<bool, StoreError> {
        let stream = cbor(&held.stream);
        let new = self.0.execute_counted(
            "INSERT INTO held (id, device, stream, seq, events, reason, at, tail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            &[
                (&held.id).into(),
                (&held.device).into(),
                Value::Bytes(&stream),
                int(held.from)?,
                int(held.events)?,
                held.reason.as_str().into(),
                held.at.into(),
                tail.into(),
            ],
        )?;
        Ok(new > 0)
    }

    fn kept_aside(&mut self, device: Id) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM held WHERE device = $1";
        self.one(sql, &[(&device).into()], |row| row.count(0))
    }

    fn held_tail(&mut self, id: Id) -> Result<Option<(HeldRow, Vec<u8>)>, StoreError> {
        self.first(
            "SELECT id, device, stream, seq, events, reason, at, decided, decided_by, decided_at,
                    tail FROM held WHERE id = $1",
            &[(&id).into()],
            |row| Ok((held(row)?, row.bytes(10)?)),
        )
    }

    fn decide_held(&mut self, id: Id, decision: &HeldDecision) -> Result<(), StoreError> {
        self.0.execute(
            "UPDATE held SET decided = $1, decided_by = $2, decided_at = $3 WHERE id = $4",
            &[
                decision.choice.as_str().into(),
                (&decision.by).into(),
                decision.at.into(),
                (&id).into(),
            ],
        )?;
        Ok(())
    }

    fn held(&mut self) -> Result<Vec<HeldRow>, StoreError> {
        self.all(
            "SELECT id, device, stream, seq, events, reason, at, decided, decided_by, decided_at
             FROM held ORDER BY at DESC, id",
            &[],
            held,
        )
    }

    fn held_back(&mut self, device: Id) -> Result<u64, StoreError> {
        // A sum of integers is not an integer everywhere.
        self.one(
            "SELECT CAST(coalesce(sum(most), 0) AS BIGINT) FROM
                 (SELECT max(events) AS most FROM held
                  WHERE device = $1
                    AND (decided IS NULL OR decided NOT IN ('admit', 'branch_counts'))
                  GROUP BY stream, seq) AS tails",
            &[(&device).into()],
            |row| row.count(0),
        )
    }
}

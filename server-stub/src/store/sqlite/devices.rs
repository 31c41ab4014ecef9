//! Devices in SQLite.

use doorstep::{
    base::{Hash, Id, Instant},
    log::{Subject, Writer},
};
use rusqlite::{OptionalExtension, Row, params};

use super::{
    SqliteTx, cbor, count, from_cbor, from_name, hash, id, id_opt, instant_opt, int, name_of,
};
use crate::store::{CodeRow, CodeUse, DeviceRow, Devices, HeldRow, Revoked, StoreError};

fn device(row: &Row<'_>) -> Result<DeviceRow, StoreError> {
    let reason: Option<String> = row.get(10)?;
    let effective = instant_opt(row.get(11)?);
    let revoked = match (reason, effective) {
        (Some(reason), Some(effective)) => Some(Revoked { reason: from_name(reason)?, effective }),
        _ => None,
    };
    Ok(DeviceRow {
        id: id(&row.get::<_, Vec<u8>>(0)?)?,
        person: id_opt(row.get(1)?)?,
        certificate: row.get(2)?,
        enrolled_at: Instant(row.get(3)?),
        seen_at: instant_opt(row.get(4)?),
        requests: count(row.get(5)?)?,
        recorded: count(row.get(6)?)?,
        unsent: count(row.get(7)?)?,
        standing: count(row.get(8)?)?,
        suspect: row.get(9)?,
        revoked,
    })
}

impl Devices for SqliteTx<'_> {
    fn add_code(&mut self, code: &CodeRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO code (code, person, expires) VALUES (?, ?, ?)")?
            .execute(params![
                &code.code.as_bytes()[..],
                &code.person.as_bytes()[..],
                code.expires.0,
            ])?;
        Ok(())
    }

    fn code(&mut self, code: &Hash) -> Result<Option<CodeRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT person, expires, used_device, used_request FROM code WHERE code = ?",
        )?;
        let mut rows = statement.query([&code.as_bytes()[..]])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let (device, request): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(2)?, row.get(3)?);
        let used = match (device, request) {
            (Some(device), Some(request)) => {
                Some(CodeUse { device: id(&device)?, request: hash(&request)? })
            }
            _ => None,
        };
        Ok(Some(CodeRow {
            code: *code,
            person: id(&row.get::<_, Vec<u8>>(0)?)?,
            expires: Instant(row.get(1)?),
            used,
        }))
    }

    fn use_code(&mut self, code: &Hash, used: CodeUse) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("UPDATE code SET used_device = ?, used_request = ? WHERE code = ?")?
            .execute([
                &used.device.as_bytes()[..],
                &used.request.as_bytes()[..],
                &code.as_bytes()[..],
            ])?;
        Ok(())
    }

    fn add_failure(&mut self, code: &Hash, at: Instant, forget: Instant) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM enrol_failure WHERE at < ?")?
            .execute([forget.0])?;
        self.connection
            .prepare_cached("INSERT INTO enrol_failure (code, at) VALUES (?, ?)")?
            .execute(params![&code.as_bytes()[..], at.0])?;
        Ok(())
    }

    fn failures(&mut self, code: &Hash, since: Instant) -> Result<(u64, u64), StoreError> {
        let (this, any) = self
            .connection
            .prepare_cached(
                "SELECT count(*) FILTER (WHERE code = ?), count(*) FROM enrol_failure
                 WHERE at >= ?",
            )?
            .query_row(params![&code.as_bytes()[..], since.0], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok((count(this)?, count(any)?))
    }

    fn device(&mut self, id: Id) -> Result<Option<DeviceRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, person, certificate, enrolled_at, seen_at, requests, recorded, unsent,
                    standing, suspect, revoked_reason, revoked_effective
             FROM device WHERE id = ?",
        )?;
        let mut rows = statement.query([&id.as_bytes()[..]])?;
        rows.next()?.map(device).transpose()
    }

    fn put_device(&mut self, device: &DeviceRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO device (id, person, certificate, enrolled_at, seen_at, requests,
                                     recorded, unsent, standing, suspect, revoked_reason,
                                     revoked_effective)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET
                     person = excluded.person, certificate = excluded.certificate,
                     enrolled_at = excluded.enrolled_at, seen_at = excluded.seen_at,
                     requests = excluded.requests, recorded = excluded.recorded,
                     unsent = excluded.unsent, standing = excluded.standing,
                     suspect = excluded.suspect, revoked_reason = excluded.revoked_reason,
                     revoked_effective = excluded.revoked_effective",
            )?
            .execute(params![
                &device.id.as_bytes()[..],
                device.person.map(|person| person.as_bytes().to_vec()),
                device.certificate,
                device.enrolled_at.0,
                device.seen_at.map(|at| at.0),
                int(device.requests)?,
                int(device.recorded)?,
                int(device.unsent)?,
                int(device.standing)?,
                device.suspect,
                device.revoked.map(|revoked| name_of(&revoked.reason)),
                device.revoked.map(|revoked| revoked.effective.0),
            ])?;
        Ok(())
    }

    fn devices(&mut self) -> Result<Vec<DeviceRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, person, certificate, enrolled_at, seen_at, requests, recorded, unsent,
                    standing, suspect, revoked_reason, revoked_effective
             FROM device ORDER BY enrolled_at DESC, id",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(device(row)?);
        }
        Ok(found)
    }

    fn request(&mut self, device: Id, number: u64) -> Result<Option<Hash>, StoreError> {
        let found: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT hash FROM request WHERE device = ? AND number = ?")?
            .query_row(params![&device.as_bytes()[..], int(number)?], |row| row.get(0))
            .optional()?;
        found.as_deref().map(hash).transpose()
    }

    fn add_request(
        &mut self,
        device: Id,
        number: u64,
        hash: Hash,
        forget: u64,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("DELETE FROM request WHERE device = ? AND number < ?")?
            .execute(params![&device.as_bytes()[..], int(forget)?])?;
        self.connection
            .prepare_cached(
                "INSERT INTO request (device, number, hash) VALUES (?, ?, ?)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![&device.as_bytes()[..], int(number)?, &hash.as_bytes()[..]])?;
        Ok(())
    }

    fn boot(&mut self, device: Id, boot: Id) -> Result<Option<Instant>, StoreError> {
        let at = self
            .connection
            .prepare_cached("SELECT at FROM boot WHERE device = ? AND boot = ?")?
            .query_row([&device.as_bytes()[..], &boot.as_bytes()[..]], |row| row.get(0))
            .optional()?;
        Ok(instant_opt(at))
    }

    fn put_boot(&mut self, device: Id, boot: Id, at: Instant) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO boot (device, boot, at) VALUES (?, ?, ?)
                 ON CONFLICT (device, boot) DO UPDATE SET at = excluded.at",
            )?
            .execute(params![&device.as_bytes()[..], &boot.as_bytes()[..], at.0])?;
        Ok(())
    }

    fn correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
    ) -> Result<Option<Instant>, StoreError> {
        let at = self
            .connection
            .prepare_cached(
                "SELECT at FROM correction
                 WHERE device = ? AND boot = ? AND subject_kind = ? AND subject_id = ?",
            )?
            .query_row(
                params![
                    &device.as_bytes()[..],
                    &boot.as_bytes()[..],
                    subject.kind.number(),
                    &subject.id.as_bytes()[..],
                ],
                |row| row.get(0),
            )
            .optional()?;
        Ok(instant_opt(at))
    }

    fn put_correction(
        &mut self,
        device: Id,
        boot: Id,
        subject: &Subject,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO correction (device, boot, subject_kind, subject_id, at)
                 VALUES (?, ?, ?, ?, ?)
                 ON CONFLICT (device, boot, subject_kind, subject_id)
                 DO UPDATE SET at = excluded.at",
            )?
            .execute(params![
                &device.as_bytes()[..],
                &boot.as_bytes()[..],
                subject.kind.number(),
                &subject.id.as_bytes()[..],
                at.0,
            ])?;
        Ok(())
    }

    fn hold(&mut self, held: &HeldRow, tail: &[u8]) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO held (id, device, stream, seq, events, reason, at, tail)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                &held.id.as_bytes()[..],
                &held.device.as_bytes()[..],
                cbor(&held.stream),
                int(held.from)?,
                int(held.events)?,
                held.reason,
                held.at.0,
                tail,
            ])?;
        Ok(())
    }

    fn held(&mut self) -> Result<Vec<HeldRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, device, stream, seq, events, reason, at FROM held
             ORDER BY at DESC, id",
        )?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(HeldRow {
                id: id(&row.get::<_, Vec<u8>>(0)?)?,
                device: id(&row.get::<_, Vec<u8>>(1)?)?,
                stream: from_cbor(&row.get::<_, Vec<u8>>(2)?)?,
                from: count(row.get(3)?)?,
                events: count(row.get(4)?)?,
                reason: row.get(5)?,
                at: Instant(row.get(6)?),
            });
        }
        Ok(found)
    }

    fn counts(&mut self, device: Id) -> Result<(u64, u64), StoreError> {
        let (stored, held) = self
            .connection
            .prepare_cached(
                "SELECT (SELECT coalesce(sum(seq), 0) FROM stream WHERE writer = ?),
                        (SELECT coalesce(sum(most), 0) FROM
                            (SELECT max(events) AS most FROM held WHERE device = ?
                             GROUP BY stream, seq))",
            )?
            .query_row(params![cbor(&Writer::Device(device)), &device.as_bytes()[..]], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok((count(stored)?, count(held)?))
    }
}

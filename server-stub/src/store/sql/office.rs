//! The office in SQL.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    event::VisitKind,
    sync::Person,
};

use super::{Row, Sql, SqlTx, damaged, from_name, int, name_of};
use crate::store::{Account, Office, OrderRow, StoreError};

/// An order's line.
pub(super) const ORDER: &str =
    "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
            changed_at, kind, opened_at, charged FROM work_order WHERE id = $1";

pub(super) fn order(row: &dyn Row) -> Result<OrderRow, StoreError> {
    Ok(OrderRow {
        id: row.id(0)?,
        number: row.text(1)?,
        premises: row.id_opt(2)?,
        assigned_to: row.id_opt(3)?,
        status: from_name(row.text(4)?)?,
        conflicts: row.count(5)?,
        open_conflicts: row.count(6)?,
        changed_at: row.instant(7)?,
        kind: row.text_opt(8)?.map(from_name).transpose()?,
        opened_at: row.instant_opt(9)?,
        charged: row.truth(10)?,
    })
}

impl<S: Sql> Office for SqlTx<S> {
    fn epoch(&mut self) -> Result<u64, StoreError> {
        self.one("SELECT epoch FROM server", &[], |row| row.count(0))
    }

    fn set_epoch(&mut self, epoch: u64) -> Result<(), StoreError> {
        self.0.execute("UPDATE server SET epoch = $1", &[int(epoch)?])?;
        Ok(())
    }

    fn backed_up_at(&mut self) -> Result<Option<Instant>, StoreError> {
        self.one("SELECT backed_up_at FROM server", &[], |row| row.instant_opt(0))
    }

    fn set_backed_up(&mut self, at: Instant) -> Result<(), StoreError> {
        let before = self.backed_up_at()?;
        let at = before.map_or(at, |before| at.max(before.plus_ms(1)));
        self.0.execute("UPDATE server SET backed_up_at = $1", &[at.into()])?;
        Ok(())
    }

    fn company_key(&mut self) -> Result<Option<[u8; 32]>, StoreError> {
        self.first("SELECT company_key FROM server", &[], |row| {
            row.bytes(0)?.try_into().map_err(|_| damaged("the company's key"))
        })
    }

    fn found(&mut self, company_key: &[u8; 32]) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO server (epoch, company_key) VALUES (1, $1)",
            &[company_key[..].into()],
        )?;
        Ok(())
    }

    fn bootstrap(&mut self) -> Result<Option<Hash>, StoreError> {
        self.one("SELECT bootstrap FROM server", &[], |row| row.hash_opt(0))
    }

    fn set_bootstrap(&mut self, code: Option<&Hash>) -> Result<(), StoreError> {
        self.0.execute("UPDATE server SET bootstrap = $1", &[code.into()])?;
        Ok(())
    }

    fn has_accounts(&mut self) -> Result<bool, StoreError> {
        self.one("SELECT EXISTS (SELECT 1 FROM account)", &[], |row| row.truth(0))
    }

    fn add_account(&mut self, account: &Account, token: &Hash) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO account (id, person, role, token) VALUES ($1, $2, $3, $4)",
            &[
                (&account.id).into(),
                (&account.person).into(),
                name_of(&account.role).as_str().into(),
                token.into(),
            ],
        )?;
        Ok(())
    }

    fn account(&mut self, token: &Hash) -> Result<Option<Account>, StoreError> {
        self.first(
            "SELECT id, person, role FROM account WHERE token = $1",
            &[token.into()],
            |row| {
                let role = from_name(row.text(2)?)?;
                Ok(Account { id: row.id(0)?, person: row.id(1)?, role })
            },
        )
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO person (id, name, badge) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, badge = excluded.badge",
            &[(&person.id).into(), person.name.reveal().into(), person.badge.as_str().into()],
        )?;
        Ok(())
    }

    fn person(&mut self, id: Id) -> Result<Option<Person>, StoreError> {
        self.first("SELECT name, badge FROM person WHERE id = $1", &[(&id).into()], |row| {
            Ok(Person { id, name: Personal::new(row.text(0)?), badge: row.text(1)? })
        })
    }

    fn person_of_badge(&mut self, badge: &str) -> Result<Option<Id>, StoreError> {
        let mut found = Vec::new();
        let sql = "SELECT id FROM person WHERE badge = $1 ORDER BY id LIMIT 2";
        self.0.query(sql, &[badge.into()], &mut |row| {
            found.push(row.id(0)?);
            Ok(())
        })?;
        Ok(if let [one] = found[..] { Some(one) } else { None })
    }

    fn standing_version(&mut self, key: &str) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT max(version) FROM standing WHERE key = $1";
        let version = self.one(sql, &[key.into()], |row| row.int_opt(0))?;
        version.map(|it| u32::try_from(it).map_err(|_| damaged("a version"))).transpose()
    }

    fn publish(
        &mut self,
        key: &str,
        version: u32,
        bytes: &[u8],
        alone: bool,
    ) -> Result<(), StoreError> {
        // Before the delete: a position is never given twice.
        let position =
            self.one("SELECT coalesce(max(position), 0) + 1 FROM standing", &[], |row| row.int(0))?;
        if alone {
            self.0.execute("DELETE FROM standing WHERE key = $1", &[key.into()])?;
        }
        self.0.execute(
            "INSERT INTO standing (position, key, version, bytes) VALUES ($1, $2, $3, $4)",
            &[position.into(), key.into(), i64::from(version).into(), bytes.into()],
        )?;
        Ok(())
    }

    fn standing_after(&mut self, after: u64) -> Result<Vec<(u64, u64)>, StoreError> {
        self.all(
            "SELECT position, length(bytes) FROM standing WHERE position > $1 ORDER BY position",
            &[int(after)?],
            |row| Ok((row.count(0)?, row.count(1)?)),
        )
    }

    fn standing(&mut self, after: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        self.all(
            "SELECT bytes FROM standing WHERE position > $1 AND position <= $2 ORDER BY position",
            &[int(after)?, int(to)?],
            |row| row.bytes(0),
        )
    }

    fn standing_latest(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.first(
            "SELECT bytes FROM standing WHERE key = $1 ORDER BY version DESC LIMIT 1",
            &[key.into()],
            |row| row.bytes(0),
        )
    }

    fn district_hash(&mut self, key: &str) -> Result<Option<Hash>, StoreError> {
        let sql = "SELECT hash FROM district WHERE key = $1";
        Ok(self.first(sql, &[key.into()], |row| row.hash_opt(0))?.flatten())
    }

    fn set_district_hash(&mut self, key: &str, hash: Option<&Hash>) -> Result<(), StoreError> {
        match hash {
            Some(hash) => self.0.execute(
                "INSERT INTO district (key, hash) VALUES ($1, $2)
                 ON CONFLICT (key) DO UPDATE SET hash = excluded.hash",
                &[key.into(), hash.into()],
            )?,
            None => self.0.execute("DELETE FROM district WHERE key = $1", &[key.into()])?,
        };
        Ok(())
    }

    fn put_order(&mut self, order: &OrderRow) -> Result<(), StoreError> {
        let kind = order.kind.as_ref().map(name_of);
        self.0.execute(
            "INSERT INTO work_order (id, number, premises, assigned_to, status, active,
                                     conflicts, open_conflicts, changed_at, kind, opened_at,
                                     charged)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (id) DO UPDATE SET
                 number = excluded.number, premises = excluded.premises,
                 assigned_to = excluded.assigned_to, status = excluded.status,
                 active = excluded.active, conflicts = excluded.conflicts,
                 open_conflicts = excluded.open_conflicts, changed_at = excluded.changed_at,
                 kind = excluded.kind, opened_at = excluded.opened_at, charged = excluded.charged",
            &[
                (&order.id).into(),
                order.number.as_str().into(),
                order.premises.as_ref().into(),
                order.assigned_to.as_ref().into(),
                name_of(&order.status).as_str().into(),
                order.is_active().into(),
                int(order.conflicts)?,
                int(order.open_conflicts)?,
                order.changed_at.into(),
                kind.as_deref().into(),
                order.opened_at.into(),
                order.charged.into(),
            ],
        )?;
        if let Some(seen) = self.2.orders.get_mut(&order.id) {
            *seen = Some(order.clone());
        }
        Ok(())
    }

    fn order(&mut self, id: Id) -> Result<Option<OrderRow>, StoreError> {
        match self.2.orders.get(&id) {
            Some(seen) => Ok(seen.clone()),
            None => self.first(ORDER, &[(&id).into()], order),
        }
    }

    fn order_by_number(&mut self, number: &str) -> Result<Option<OrderRow>, StoreError> {
        self.first(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at, kind, opened_at, charged FROM work_order WHERE number = $1",
            &[number.into()],
            order,
        )
    }

    fn orders_at(&mut self, premises: Id) -> Result<Vec<OrderRow>, StoreError> {
        self.all(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at, kind, opened_at, charged FROM work_order WHERE premises = $1 ORDER BY id",
            &[(&premises).into()],
            order,
        )
    }

    fn charged_at(
        &mut self,
        premises: Id,
        kind: VisitKind,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Id>, StoreError> {
        self.all(
            "SELECT id FROM work_order
             WHERE premises = $1 AND (kind IS NULL OR kind = $2)
               AND (opened_at IS NULL OR opened_at BETWEEN $3 AND $4) AND charged = 1 ORDER BY id",
            &[(&premises).into(), name_of(&kind).as_str().into(), from.into(), to.into()],
            |row| row.id(0),
        )
    }

    fn add_fact(&mut self, key: &str, at: Instant, body: &[u8]) -> Result<(), StoreError> {
        self.0.execute(
            "INSERT INTO fact (key, at, body) VALUES ($1, $2, $3)",
            &[key.into(), at.0.into(), body.into()],
        )?;
        Ok(())
    }

    fn facts(&mut self, key: &str) -> Result<Vec<(Instant, Vec<u8>)>, StoreError> {
        self.all("SELECT at, body FROM fact WHERE key = $1 ORDER BY id", &[key.into()], |row| {
            Ok((row.instant(0)?, row.bytes(1)?))
        })
    }

    fn orders_over(
        &mut self,
        before: Instant,
        after: Option<(Instant, Id)>,
        limit: usize,
    ) -> Result<Vec<OrderRow>, StoreError> {
        let (at, id) = after.unwrap_or((Instant(i64::MIN), Id::default()));
        self.all(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at, kind, opened_at, charged FROM work_order
             WHERE active = $1 AND changed_at < $2
               AND (changed_at > $3 OR (changed_at = $3 AND id > $4))
             ORDER BY changed_at, id LIMIT $5",
            &[false.into(), before.into(), at.into(), (&id).into(), int(limit as u64)?],
            order,
        )
    }

    fn orders(&mut self, conflicts: bool, limit: usize) -> Result<Vec<OrderRow>, StoreError> {
        self.all(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at, kind, opened_at, charged FROM work_order WHERE conflicts >= $1
             ORDER BY changed_at DESC, id LIMIT $2",
            &[conflicts.into(), int(limit as u64)?],
            order,
        )
    }
}

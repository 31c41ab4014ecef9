//! The office in SQLite.

use doorstep::{
    base::{Hash, Id, Instant, Personal},
    sync::Person,
};
use rusqlite::{OptionalExtension, Row, params};

use super::{SqliteTx, count, damaged, from_name, hash, id, id_opt, int, name_of};
use crate::store::{Account, Office, OrderRow, StoreError};

fn order(row: &Row<'_>) -> Result<OrderRow, StoreError> {
    Ok(OrderRow {
        id: id(&row.get::<_, Vec<u8>>(0)?)?,
        number: row.get(1)?,
        premises: id_opt(row.get(2)?)?,
        assigned_to: id_opt(row.get(3)?)?,
        status: from_name(row.get(4)?)?,
        conflicts: count(row.get(5)?)?,
        open_conflicts: count(row.get(6)?)?,
        changed_at: Instant(row.get(7)?),
    })
}

impl Office for SqliteTx<'_> {
    fn epoch(&mut self) -> Result<u64, StoreError> {
        let epoch = self.connection.query_row("SELECT epoch FROM server", [], |row| row.get(0))?;
        count(epoch)
    }

    fn company_key(&mut self) -> Result<Option<[u8; 32]>, StoreError> {
        let key: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT company_key FROM server", [], |row| row.get(0))
            .optional()?;
        key.map(|key| key.try_into().map_err(|_| damaged("the company's key"))).transpose()
    }

    fn found(&mut self, company_key: &[u8; 32]) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO server (only, epoch, company_key) VALUES (1, 1, ?)",
            [&company_key[..]],
        )?;
        Ok(())
    }

    fn bootstrap(&mut self) -> Result<Option<Hash>, StoreError> {
        let code: Option<Vec<u8>> =
            self.connection.query_row("SELECT bootstrap FROM server", [], |row| row.get(0))?;
        code.as_deref().map(hash).transpose()
    }

    fn set_bootstrap(&mut self, code: Option<&Hash>) -> Result<(), StoreError> {
        let code = code.map(|code| code.as_bytes().to_vec());
        self.connection.execute("UPDATE server SET bootstrap = ?", [code])?;
        Ok(())
    }

    fn has_accounts(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM account)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    fn add_account(&mut self, account: &Account, token: &Hash) -> Result<(), StoreError> {
        self.connection
            .prepare_cached("INSERT INTO account (id, person, role, token) VALUES (?, ?, ?, ?)")?
            .execute(params![
                &account.id.as_bytes()[..],
                &account.person.as_bytes()[..],
                name_of(&account.role),
                &token.as_bytes()[..],
            ])?;
        Ok(())
    }

    fn account(&mut self, token: &Hash) -> Result<Option<Account>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, person, role FROM account WHERE token = ?")?;
        let mut rows = statement.query([&token.as_bytes()[..]])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Account {
            id: id(&row.get::<_, Vec<u8>>(0)?)?,
            person: id(&row.get::<_, Vec<u8>>(1)?)?,
            role: from_name(row.get(2)?)?,
        }))
    }

    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO person (id, name, badge) VALUES (?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, badge = excluded.badge",
            )?
            .execute(params![&person.id.as_bytes()[..], person.name.reveal(), person.badge])?;
        Ok(())
    }

    fn person(&mut self, id: Id) -> Result<Option<Person>, StoreError> {
        let person = self
            .connection
            .prepare_cached("SELECT name, badge FROM person WHERE id = ?")?
            .query_row([&id.as_bytes()[..]], |row| {
                let name = Personal::new(row.get::<_, String>(0)?);
                Ok(Person { id, name, badge: row.get(1)? })
            })
            .optional()?;
        Ok(person)
    }

    fn standing_version(&mut self, key: &str) -> Result<Option<u32>, StoreError> {
        let sql = "SELECT max(version) FROM standing WHERE key = ?";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))?)
    }

    fn publish(
        &mut self,
        key: &str,
        version: u32,
        bytes: &[u8],
        alone: bool,
    ) -> Result<(), StoreError> {
        // Before the delete: a position is never given twice.
        let position: i64 = self.connection.query_row(
            "SELECT coalesce(max(position), 0) + 1 FROM standing",
            [],
            |row| row.get(0),
        )?;
        if alone {
            self.connection.prepare_cached("DELETE FROM standing WHERE key = ?")?.execute([key])?;
        }
        self.connection
            .prepare_cached(
                "INSERT INTO standing (position, key, version, bytes) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![position, key, version, bytes])?;
        Ok(())
    }

    fn standing_after(&mut self, after: u64) -> Result<Vec<(u64, u64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT position, length(bytes) FROM standing WHERE position > ? ORDER BY position",
        )?;
        let mut rows = statement.query([int(after)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((count(row.get(0)?)?, count(row.get(1)?)?));
        }
        Ok(found)
    }

    fn standing(&mut self, after: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT bytes FROM standing WHERE position > ? AND position <= ? ORDER BY position",
        )?;
        let rows = statement.query_map([int(after)?, int(to)?], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn standing_latest(&mut self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = self
            .connection
            .prepare_cached(
                "SELECT bytes FROM standing WHERE key = ? ORDER BY version DESC LIMIT 1",
            )?
            .query_row([key], |row| row.get(0))
            .optional()?;
        Ok(bytes)
    }

    fn put_order(&mut self, order: &OrderRow) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO work_order (id, number, premises, assigned_to, status, active,
                                         conflicts, open_conflicts, changed_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO UPDATE SET
                     number = excluded.number, premises = excluded.premises,
                     assigned_to = excluded.assigned_to, status = excluded.status,
                     active = excluded.active, conflicts = excluded.conflicts,
                     open_conflicts = excluded.open_conflicts, changed_at = excluded.changed_at",
            )?
            .execute(params![
                &order.id.as_bytes()[..],
                order.number,
                order.premises.map(|id| id.as_bytes().to_vec()),
                order.assigned_to.map(|id| id.as_bytes().to_vec()),
                name_of(&order.status),
                order.is_active(),
                int(order.conflicts)?,
                int(order.open_conflicts)?,
                order.changed_at.0,
            ])?;
        Ok(())
    }

    fn order(&mut self, id: Id) -> Result<Option<OrderRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at FROM work_order WHERE id = ?",
        )?;
        let mut rows = statement.query([&id.as_bytes()[..]])?;
        rows.next()?.map(order).transpose()
    }

    fn order_by_number(&mut self, number: &str) -> Result<Option<OrderRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at FROM work_order WHERE number = ?",
        )?;
        let mut rows = statement.query([number])?;
        rows.next()?.map(order).transpose()
    }

    fn orders(&mut self, conflicts: bool, limit: usize) -> Result<Vec<OrderRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, number, premises, assigned_to, status, conflicts, open_conflicts,
                    changed_at FROM work_order WHERE conflicts > 0 OR NOT ?
             ORDER BY changed_at DESC, id LIMIT ?",
        )?;
        let mut rows = statement.query(params![conflicts, int(limit as u64)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(order(row)?);
        }
        Ok(found)
    }
}

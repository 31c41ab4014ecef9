//! Actions that happened, with what came of them: taps are exactly once.

use rusqlite::{OptionalExtension, params};

use super::{StoreError, Transaction};
use crate::base::Id;

impl Transaction<'_> {
    /// What came of this action, if it happened.
    pub fn outcome_of(&self, action: Id) -> Result<Option<String>, StoreError> {
        Ok(self
            .prepare_cached("SELECT outcome FROM action WHERE id = ?1")?
            .query_row([action.as_bytes()], |row| row.get(0))
            .optional()?)
    }

    /// Keeps what came of an action.
    pub fn keep_outcome(&self, action: Id, outcome: &str) -> Result<(), StoreError> {
        self.prepare_cached("INSERT INTO action (id, outcome) VALUES (?1, ?2)")?
            .execute(params![action.as_bytes(), outcome])?;
        Ok(())
    }
}

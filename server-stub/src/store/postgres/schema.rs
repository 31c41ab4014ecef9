//! Bringing a database to this version's schema: all of it in one transaction, or nothing.

use tokio_postgres::{Client, Row};

use super::wait::wait;
use crate::store::OpenError;

const MIGRATIONS: &[&str] = &[
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
    include_str!("schema_10.sql"),
    include_str!("schema_11.sql"),
    include_str!("schema_12.sql"),
    include_str!("schema_13.sql"),
    include_str!("schema_14.sql"),
];

/// Two servers that start at once take turns here, and only here.
const LOCK: i64 = 0x646f_6f72_7374_6570;

/// Brings the database up to date. A newer or foreign one is refused and not touched.
pub(super) fn migrate(client: &mut Client) -> Result<(), OpenError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    // Dropped without a commit, it rolls back.
    let tx = wait(client.transaction()).map_err(failed)?;
    wait(tx.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])).map_err(failed)?;
    let asked = "SELECT to_regclass('doorstep_schema') IS NOT NULL,
                        EXISTS (SELECT 1 FROM pg_class
                                WHERE relnamespace = current_schema()::regnamespace
                                  AND relkind IN ('r', 'p', 'v', 'm'))";
    let row = wait(tx.query_one(asked, &[])).map_err(failed)?;
    let (ours, tables): (bool, bool) = (get(&row, 0)?, get(&row, 1)?);
    if !ours && tables {
        return Err(OpenError::NotOurs("it holds another program's tables".to_owned()));
    }
    let found = if ours {
        let row = wait(tx.query_one("SELECT version FROM doorstep_schema", &[]));
        get(&row.map_err(failed)?, 0)?
    } else {
        let make = "CREATE TABLE doorstep_schema (version BIGINT NOT NULL);
                    INSERT INTO doorstep_schema (version) VALUES (0)";
        wait(tx.batch_execute(make)).map_err(failed)?;
        0
    };
    if !(0..=known).contains(&found) {
        return Err(OpenError::TooNew { found, known });
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        wait(tx.batch_execute(migration)).map_err(failed)?;
    }
    if found < known {
        wait(tx.execute("UPDATE doorstep_schema SET version = $1", &[&known])).map_err(failed)?;
    }
    wait(tx.commit()).map_err(failed)
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, at: usize) -> Result<T, OpenError> {
    row.try_get(at).map_err(failed)
}

fn failed(error: tokio_postgres::Error) -> OpenError {
    OpenError::Failed(super::tx::told(&error))
}

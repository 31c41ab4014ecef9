//! The store in a PostgreSQL database, for more than one machine or more than one server process.
//!
//! Every transaction is SERIALIZABLE. Where the database finds that two clash, or that they wait for
//! each other, one of them is rolled back and its function runs again, for five seconds at most. A
//! position in a feed is given by an update of the device's row, which stays locked to the end of the
//! transaction; of two transactions that want the same row, the second waits for the first and then
//! begins again from what the first left.
//!
//! The connection is not encrypted here: reach the database over a local socket, a private network
//! or a tunnel.

mod pool;
mod schema;
mod tx;
mod wait;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use doorstep::log::Vault;

use self::{
    pool::Pool,
    tx::{PostgresSql, Trouble},
    wait::wait,
};
use super::{Finish, OpenError, Store, StoreError, Tx, sql::SqlTx};

/// How long a transaction is tried again, and how long it waits for a connection, before the caller
/// is told that the database is busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The store in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    pool: Pool,
    /// What keys of subjects are kept under.
    vault: OnceLock<Arc<Vault>>,
}

impl PostgresStore {
    /// Opens the database that a `postgres://` URL names and brings it to this version's schema. The
    /// database must be there; its tables are made in the first schema of its search path.
    pub fn open(url: &str) -> Result<PostgresStore, OpenError> {
        let pool = Pool::new(url)?;
        let mut lease = pool.take().map_err(|error| OpenError::Failed(error.to_string()))?;
        schema::migrate(lease.client())?;
        lease.keep();
        drop(lease);
        Ok(PostgresStore { pool, vault: OnceLock::new() })
    }
}

/// What became of one try.
enum Try {
    Done(Result<(), StoreError>),
    Failed(Trouble),
}

impl Store for PostgresStore {
    fn run(
        &self,
        body: &mut dyn FnMut(&mut dyn Tx) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError> {
        let began = Instant::now();
        for tries in 0_u32.. {
            let trouble = match self.attempt(body)? {
                Try::Done(result) => return result,
                Try::Failed(trouble) => trouble,
            };
            if tries >= trouble.tries || began.elapsed() > PATIENCE {
                return Err(trouble.error);
            }
            tracing::debug!(tries, "a transaction clashed and runs again");
            // The other one has ended by now; only where many want the same does a pause help.
            if tries > 1 {
                std::thread::sleep(Duration::from_millis(1 << tries.min(6)));
            }
        }
        Err(StoreError::Busy)
    }

    fn keep_under(&self, vault: Arc<Vault>) {
        // Of the company that the database belongs to, once and for all.
        let _ = self.vault.set(vault);
    }
}

impl PostgresStore {
    fn attempt(
        &self,
        body: &mut dyn FnMut(&mut dyn Tx) -> Result<Finish, StoreError>,
    ) -> Result<Try, StoreError> {
        // A panic in `body`, or an error on the way out, drops the lease without keeping it: the
        // connection is closed, and the database rolls back.
        let mut lease = self.pool.take()?;
        let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
        wait(lease.client().batch_execute(begin)).map_err(|error| Trouble::of(&error).error)?;
        let mut tx = SqlTx::new(PostgresSql::new(lease.connection()), self.vault.get().cloned());
        let outcome = body(&mut tx).and_then(|finish| match finish {
            Finish::Commit => tx.finish().and_then(|()| tx.0.flush()).map(|()| finish),
            Finish::RollBack => Ok(finish),
        });
        // After an error the database takes nothing more, whatever the function made of it.
        let trouble = tx.0.trouble.take();
        let end = match (&outcome, &trouble) {
            (Ok(Finish::Commit), None) => "COMMIT",
            _ => "ROLLBACK",
        };
        let ended = wait(lease.client().batch_execute(end)).map_err(|error| Trouble::of(&error));
        if ended.is_ok() || trouble.is_none() {
            lease.keep();
        }
        Ok(match (outcome, trouble.or(ended.err())) {
            (Ok(Finish::RollBack), None) => Try::Done(Ok(())),
            (Err(error), None) => Try::Done(Err(error)),
            (Ok(Finish::Commit), None) => Try::Done(Ok(())),
            (_, Some(trouble)) => Try::Failed(trouble),
        })
    }
}

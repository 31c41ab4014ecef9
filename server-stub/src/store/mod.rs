//! Where the server keeps what it knows, behind traits.
//!
//! [`Store::run`] is the only way in: one function, one transaction. The traits speak of streams,
//! devices and orders, not of tables, so that a store on another database fits behind them. What
//! such a store must hold to:
//!
//! - A transaction is serialisable. Where the database finds that two of them clash, the store
//!   runs the function again; so the function changes nothing but what it is handed.
//! - **A reader never misses a row.** Each device has a feed of its own. A position in it is given
//!   while the device's row is locked, and the lock is held to the end of the transaction: whoever
//!   got the lower position has committed before the higher one is given. No sequence and no lock
//!   is shared by all devices. (SQLite has one writer, which makes this plain.)
//!
//! The traits are written once, in SQL that SQLite and PostgreSQL both read (`sql`); a store brings
//! its schema, its transactions and how it reads a row.

mod ahead;
mod branches;
mod complaints;
mod devices;
mod feed;
mod office;
mod photos;
#[cfg(feature = "postgres")]
pub mod postgres;
mod sql;
pub mod sqlite;
mod streams;

pub use ahead::Ahead;
pub(crate) use branches::chain_left_by;
pub use complaints::{ComplaintRow, Complaints, EmergencyRow};
pub use devices::{
    BootRow, CodeRow, CodeUse, DeviceRow, Devices, HeldDecision, HeldRow, NumberRange,
    RevokeReason, Revoked,
};
pub use feed::{Feed, FeedEnd, FeedItem};
pub use office::{Account, Office, OrderRow, Role};
pub use photos::{PhotoRow, Photos};
pub use streams::{NewEvent, Stored, StoredEvent, StreamRow, Streams};

use std::sync::Arc;

use doorstep::log::{StorageKey, Vault};

use crate::problem::Failure;

/// What the store can't do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Others hold it; try again.
    #[error("the database is busy")]
    Busy,
    /// It holds what this version can't have written.
    #[error("the database holds something unreadable: {0}")]
    Damaged(String),
    /// The database said no.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// Why a database can't be used. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer version.
    #[error(
        "the database has schema {found}, this server knows up to {known}: update the server; \
         nothing was changed"
    )]
    TooNew {
        /// The database's.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Another program's, not a database, or torn.
    #[error(
        "this is not a database of this server, or it is damaged: {0}; name another one, or put \
         it aside under another name and restore a backup"
    )]
    NotOurs(String),
    /// The disk, the network, a lock, or a migration said no.
    #[error("the database cannot be opened: {0}")]
    Failed(String),
}

/// How a transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// All of it stays.
    Commit,
    /// None of it.
    RollBack,
}

/// One transaction: everything a rule may read and write.
pub trait Tx: Streams + Feed + Devices + Office + Photos + Complaints + Ahead {}

impl<T: Streams + Feed + Devices + Office + Photos + Complaints + Ahead> Tx for T {}

/// A store. Blocking: never called on an async thread.
pub trait Store: Send + Sync {
    /// Runs `body` in one transaction, again where the database asks for it. An error of `body`
    /// rolls back and is handed on.
    fn run(
        &self,
        body: &mut dyn FnMut(&mut dyn Tx) -> Result<Finish, StoreError>,
    ) -> Result<(), StoreError>;

    /// Keeps the keys of subjects under this vault from now on: until then none can be kept or read. See
    /// [`unlock`].
    fn keep_under(&self, vault: Arc<Vault>);
}

/// Has a store keep the keys of subjects under this storage key, those too that an earlier version kept in plain.
pub fn unlock(store: &dyn Store, key: StorageKey) -> Result<(), StoreError> {
    store.keep_under(Arc::new(Vault::new(key)));
    let mut left = true;
    while left {
        store.run(&mut |tx| {
            left = tx.seal_plain_keys(PLAIN_AT_ONCE)?;
            Ok(Finish::Commit)
        })?;
    }
    Ok(())
}

/// Keys that are sealed in one transaction.
const PLAIN_AT_ONCE: usize = 1_000;

/// Runs a rule in one transaction: committed when it succeeds, otherwise nothing stays.
pub fn transact<T>(
    store: &dyn Store,
    mut rule: impl FnMut(&mut dyn Tx) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut outcome = Err(StoreError::Failed("the transaction did not run".to_owned()).into());
    store.run(&mut |tx| {
        outcome = rule(tx);
        match &outcome {
            Ok(_) => Ok(Finish::Commit),
            Err(Failure::Refused(_)) => Ok(Finish::RollBack),
            Err(Failure::Store(error)) => Err(error.clone()),
        }
    })?;
    outcome
}

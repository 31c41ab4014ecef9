//! A few connections, made when they are needed and used again.

use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::{PATIENCE, tx::Trouble, wait::wait};
use crate::store::{OpenError, StoreError};

/// Each holds a process of the database; a transaction takes milliseconds.
const CONNECTIONS: usize = 8;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A sequential scan would lock the whole table against every other transaction, however small the
/// table; an index locks what was read. With scans priced out of reach the planner believes some
/// queries to be dear enough to compile, which takes longer than all of them. A server that vanished
/// keeps no row locked for long.
const SESSION: &str = "SET enable_seqscan = off; SET jit = off; SET lock_timeout = '5s'; \
     SET idle_in_transaction_session_timeout = '30s'";

pub(super) struct Connection {
    pub(super) client: Client,
    /// Each statement is prepared once.
    pub(super) statements: HashMap<&'static str, Statement>,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    open: usize,
}

pub(super) struct Pool {
    config: Config,
    state: Mutex<State>,
    freed: Condvar,
    /// Drives the connections; `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration holds a password.
        out.write_str("Pool")
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A connection lent out. It goes back when it was kept, and is closed otherwise.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    keep: bool,
}

impl Pool {
    pub(super) fn new(url: &str) -> Result<Pool, OpenError> {
        let failed = |error: &dyn std::error::Error| OpenError::Failed(error.to_string());
        let mut config: Config = url.parse().map_err(|error| failed(&error))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("doorstep");
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("postgres")
            .enable_all()
            .build()
            .map_err(|error| failed(&error))?;
        let (state, freed) = (Mutex::default(), Condvar::new());
        Ok(Pool { config, state, freed, runtime: Some(runtime) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection, idle or new; waits for one when all are lent out.
    pub(super) fn take(&self) -> Result<Lease<'_>, StoreError> {
        let lease = |connection| Lease { pool: self, connection, keep: false };
        let mut state = self.state();
        loop {
            while let Some(connection) = state.idle.pop() {
                if !connection.client.is_closed() {
                    return Ok(lease(Some(connection)));
                }
                state.open -= 1;
            }
            if state.open < CONNECTIONS {
                state.open += 1;
                drop(state);
                // Dropped when connecting fails, which gives the place free.
                let mut lease = lease(None);
                lease.connection = Some(self.connect()?);
                return Ok(lease);
            }
            let waited = self.freed.wait_timeout(state, PATIENCE);
            let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            if timeout.timed_out() {
                return Err(StoreError::Busy);
            }
            state = after;
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        let gone = || StoreError::Failed("the store is being closed".to_owned());
        let runtime = self.runtime.as_ref().ok_or_else(gone)?;
        let config = self.config.clone();
        let connecting = runtime.spawn(async move {
            let (client, connection) = config.connect(NoTls).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(%error, "a connection to the database broke");
                }
            });
            client.batch_execute(SESSION).await?;
            Ok(client)
        });
        let client =
            wait(connecting).map_err(|_| gone())?.map_err(|error| Trouble::of(&error).error)?;
        Ok(Connection { client, statements: HashMap::new() })
    }
}

impl Lease<'_> {
    pub(super) fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease holds its connection until it is dropped")
    }

    pub(super) fn client(&mut self) -> &mut Client {
        &mut self.connection().client
    }

    /// No transaction is open on it: others may use it.
    pub(super) fn keep(&mut self) {
        self.keep = true;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        match self.connection.take() {
            Some(connection) if self.keep => state.idle.push(connection),
            _ => state.open -= 1,
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}

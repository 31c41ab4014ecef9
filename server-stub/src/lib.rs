//! The small server that Doorstep phones exchange with.
//!
//! ```text
//! http     one file a route: bytes and JSON in and out, limits, problems
//! rules    what the server decides, without HTTP, one file a subject; each runs in one transaction
//! store    what it knows, behind traits; SQLite or PostgreSQL below
//! ```
//!
//! It decides with the core's own folds, so both ends decide alike. It stores signed bytes as they
//! came and re-encodes none. Time and randomness come in through ports; it has no route that sets
//! either. It logs ids, never names, phones, addresses or keys.

mod backup;
mod http;
mod ports;
mod problem;
pub mod rules;
mod server;
pub mod store;

pub use backup::{BackedUp, BackupError, back_up, check_backup};
pub use http::{ServeError, TLS_ISSUER, TlsError, app, serve, serve_tls};
pub use ports::{Clock, DiskKeyFile, KeyFile, OsEntropy, SystemClock};
pub use problem::{Failure, Problem, ProblemKind};
pub use server::{Database, OpenError, Opened, Parts, Server, Settings};

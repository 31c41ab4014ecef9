//! What SQLite's write-ahead log does not tell of itself: whether a sync of it failed.
//!
//! A sync that fails may leave a hole on the disk which the system's memory hides: it forgets that
//! it has yet to write those pages, and the next sync succeeds. A commit behind such a hole would be
//! lost with the power, and an old half of the log, come back, would undo a half of the file. So
//! the log is settled after every failed sync, and when a file is opened whose log was left behind,
//! as nobody knows then how that ended. Without a failed sync each step is safe against loss of
//! power; after one, the moment of settling is not.

use rusqlite::{
    Connection,
    ffi::{self, ErrorCode},
};

/// Length of the log from which it is brought into the file: about 4 MB.
const LOG_PAGES: i64 = 1000;

/// Watches over the log of one connection, the only one that writes its file.
#[derive(Debug)]
pub struct LogWatch {
    in_doubt: bool,
}

impl LogWatch {
    /// Takes over a connection that was just opened, with `synchronous=FULL`. SQLite no longer
    /// checkpoints by itself then, as it would not tell of a sync that failed on the way. A log that
    /// was left behind is settled, unless the disk is full or failing: then the first write tries.
    ///
    /// # Errors
    /// When the log cannot be looked at.
    pub fn new(db: &Connection) -> rusqlite::Result<LogWatch> {
        db.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        let mut watch = LogWatch { in_doubt: log_pages(db)? > 0 };
        let _ = watch.settle(db);
        Ok(watch)
    }

    /// Whether the log must be settled before the next write.
    pub fn in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Settles the log if it is in doubt: brings what it holds into the file and begins it anew,
    /// durably, so that nothing depends on its old bytes. Commits must wait for the disk.
    ///
    /// # Errors
    /// When the disk still fails; nothing may be written then.
    pub fn settle(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if !self.in_doubt {
            return Ok(());
        }
        let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None));
        }
        // Any commit will do: with it the new log's header reaches the disk and voids the old one.
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        db.pragma_update(None, "user_version", version)?;
        self.in_doubt = false;
        Ok(())
    }

    /// A commit ended like this: one that failed on the disk leaves the log in doubt, one that
    /// stands brings a long log into the file.
    pub fn committed(&mut self, db: &Connection, commit: &rusqlite::Result<()>) {
        match commit {
            Ok(()) => self.in_doubt |= checkpoint_when_due(db).is_err(),
            Err(error) => {
                self.in_doubt |= error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure);
            }
        }
    }
}

fn checkpoint_when_due(db: &Connection) -> rusqlite::Result<()> {
    if log_pages(db)? >= LOG_PAGES {
        db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// How many pages the log holds.
fn log_pages(db: &Connection) -> rusqlite::Result<i64> {
    db.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?.query_row([], |row| row.get(1))
}

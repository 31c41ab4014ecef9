//! `doorstep backup`: a backup of the server that was looked at, after which phones may let go of what it
//! covers.

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use doorstep_server::{Clock, Database, SystemClock, back_up, check_backup};

/// Of what, and where to.
#[derive(Args)]
pub(crate) struct Options {
    /// The server's database: an SQLite file, or a PostgreSQL database by its URL. The server may run.
    #[arg(long)]
    db: OsString,
    /// The file that is made: a copy of the SQLite file as it is now. The file with the company's keys
    /// is not in it; keep a copy of that one elsewhere.
    #[arg(long, required_unless_present = "check", conflicts_with = "check")]
    to: Option<PathBuf>,
    /// Makes no copy, but looks at one: an SQLite file, or a PostgreSQL database into which the backup
    /// was restored for this. It must stand as long as phones rely on it.
    #[arg(long)]
    check: Option<OsString>,
}

/// Makes or checks a backup, and marks in the server's database what it covers.
pub(crate) fn backup(options: &Options) -> Result<(), String> {
    let (live, now) = (Database::named(&options.db), SystemClock.now());
    let done = match (&options.to, &options.check) {
        (Some(to), _) => back_up(live, to, now),
        (None, Some(copy)) => check_backup(live, Database::named(copy), now),
        (None, None) => return Err("name a file with --to, or a copy with --check".to_owned()),
    };
    let done = done.map_err(|error| error.to_string())?;
    println!(
        "sound: {} streams, {} events, {} photos; phones may let go of what is in it",
        done.streams, done.events, done.photos
    );
    Ok(())
}

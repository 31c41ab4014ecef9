//! Whether what was recorded here is safe, and what stands in the way.

use serde::Serialize;

use super::words::when;
use crate::{
    base::{ClockReading, Instant, Lang},
    sync::{NothingUnsent, Status, Trouble},
    text::{id_of, named, tr},
};

/// What a sync screen is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncFacts {
    /// Own events the server hasn't accepted.
    pub unsent: u64,
    /// When the oldest of them was recorded.
    pub since: Option<Instant>,
    /// Own streams the server holds back.
    pub held: u64,
    /// The machine's status.
    pub status: Status,
    /// The server's last word on what it holds.
    pub statement: Option<NothingUnsent>,
}

/// Sync, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncScreen {
    /// Own events the server hasn't accepted.
    pub unsent: i64,
    /// When the oldest of them was recorded.
    pub since: Option<Instant>,
    /// These two in words.
    pub unsent_text: String,
    /// When the server last answered.
    pub last_success: Option<Instant>,
    /// That in words.
    pub last_success_text: String,
    /// What is wrong.
    pub trouble: Option<Trouble>,
    /// That in words.
    pub trouble_text: Option<String>,
    /// What the user can do about it.
    pub what_to_do: Option<String>,
    /// Own streams the office holds back until a supervisor decides.
    pub held: i64,
    /// That in words, when there are any.
    pub held_text: Option<String>,
    /// The server said that it holds all that was recorded here: the phone may be wiped.
    pub nothing_unsent: bool,
    /// The server's statement in words, when that is so.
    pub statement: Option<String>,
}

impl SyncScreen {
    /// Sync in words at `clock`.
    pub fn new(facts: &SyncFacts, clock: &ClockReading, lang: Lang) -> SyncScreen {
        let time = |at: Instant| when(at, clock.zone, Some(clock.wall));
        let count = |count: u64| ("count", count.to_string().into());
        let unsent_text = match (facts.unsent, facts.since) {
            (0, _) => tr(lang, "sync-unsent-none", &[]),
            (unsent, since) => {
                let since = since.map_or_else(String::new, time);
                tr(lang, "sync-unsent", &[count(unsent), ("since", since.into())])
            }
        };
        let status = facts.status;
        let trouble = status.trouble.map(|trouble| id_of(&trouble));
        let last_success_text = match status.last_success {
            Some(at) => tr(lang, "sync-last", &[("when", time(at).into())]),
            None => tr(lang, "sync-never", &[]),
        };
        // What is recorded later is unsent; what the server holds back it has nevertheless. Photos
        // that it waits for are only here.
        let statement =
            facts.statement.as_ref().filter(|said| facts.unsent == 0 && said.holds_all());
        SyncScreen {
            unsent: i64::try_from(facts.unsent).unwrap_or(i64::MAX),
            since: facts.since,
            unsent_text,
            last_success: status.last_success,
            last_success_text,
            trouble: status.trouble,
            trouble_text: trouble.as_deref().map(|id| named(lang, "sync-trouble", id)),
            what_to_do: trouble.as_deref().map(|id| named(lang, "sync-do", id)),
            held: i64::try_from(facts.held).unwrap_or(i64::MAX),
            held_text: (facts.held > 0).then(|| tr(lang, "sync-held", &[count(facts.held)])),
            nothing_unsent: statement.is_some(),
            statement: statement.map(|said| {
                tr(lang, "sync-statement", &[count(said.held), ("when", time(said.at).into())])
            }),
        }
    }
}

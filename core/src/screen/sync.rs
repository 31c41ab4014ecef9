//! Whether what was recorded here is safe, and what stands in the way.

use serde::Serialize;

use super::{
    photo::{PhotoLane, time_left},
    words::when,
};
use crate::{
    base::{ClockReading, Instant, Lang, Zone},
    log::SubjectKind,
    store::PhotoBacklog,
    sync::{Backlog, Lane, NothingUnsent, Status, Trouble},
    text::{find, id_of, named, tr},
};

/// A stream that the server holds back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// What it is about.
    pub kind: SubjectKind,
    /// The order's number, if it is one and known.
    pub number: String,
    /// Why: a code, like `revoked`.
    pub reason: String,
}

/// Why a phone should get another certificate: what it writes under the one it has may not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolAgain {
    /// A copy of it wrote other things under the same one.
    Copied,
    /// The office withdrew it.
    Withdrawn,
}

/// What a sync screen is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncFacts {
    /// Own events the server hasn't accepted, lane by lane, most urgent first.
    pub lanes: Vec<Backlog>,
    /// Photos the server lacks.
    pub photos: PhotoBacklog,
    /// They wait for a network that isn't metered.
    pub photos_wait: bool,
    /// Own streams the server holds back.
    pub held: u64,
    /// Some of these.
    pub stuck: Vec<Stuck>,
    /// The machine's status.
    pub status: Status,
    /// What the link lately carried.
    pub bytes_per_second: Option<u64>,
    /// The server's last word on what it holds.
    pub statement: Option<NothingUnsent>,
    /// The phone should be enrolled again.
    pub enrol_again: Option<EnrolAgain>,
    /// A verified backup of the server covers all that was recorded here, photos included.
    pub safe: bool,
    /// The server judges by later rules than this app.
    pub outdated: bool,
}

/// What waits in one lane, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncLane {
    /// Which lane.
    pub lane: Lane,
    /// Its name.
    pub title: String,
    /// Events.
    pub events: i64,
    /// Their bytes.
    pub bytes: i64,
    /// When the oldest was recorded.
    pub since: Instant,
    /// These in words.
    pub text: String,
}

/// Something that is stuck, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StuckLine {
    /// What it is about: an order by its number, the receipts, the shift.
    pub what: String,
    /// Why: a code, like `revoked`.
    pub reason: String,
    /// Why, in words.
    pub text: String,
    /// What the user can do about it.
    pub what_to_do: String,
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
    /// The same lane by lane, most urgent first; lanes with nothing are left out.
    pub lanes: Vec<SyncLane>,
    /// How long sending them takes, in words, where the link's speed is known.
    pub time_left_text: Option<String>,
    /// Photos that wait, behind all of these; absent when none does.
    pub photos: Option<PhotoLane>,
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
    /// Nothing is tried by itself before this.
    pub next_try: Option<Instant>,
    /// That in words.
    pub next_try_text: Option<String>,
    /// Own streams the office holds back until a supervisor decides.
    pub held: i64,
    /// That in words, when there are any.
    pub held_text: Option<String>,
    /// The first of them: what, why, and what to do.
    pub stuck: Vec<StuckLine>,
    /// The server said that it holds all that was recorded here.
    pub nothing_unsent: bool,
    /// It does, and a verified backup of it covers all of that: the phone may be wiped.
    pub safe: bool,
    /// The server's statement in words, when nothing is unsent, and whether it is in a backup yet.
    pub statement: Option<String>,
    /// Why the phone should be enrolled again and what to do for it, in words, when it should: what is
    /// recorded until then may not count.
    pub enrol_again_text: Option<String>,
    /// That the app should be updated, in words, when it should; its work is taken meanwhile.
    pub update_text: Option<String>,
}

impl SyncScreen {
    /// Sync in words at `clock`.
    pub fn new(facts: &SyncFacts, clock: &ClockReading, lang: Lang) -> SyncScreen {
        let time = |at: Instant| when(at, clock.zone, Some(clock.wall));
        let count = |count: u64| ("count", count.to_string().into());
        let unsent: u64 = facts.lanes.iter().map(|line| line.events).sum();
        let bytes: u64 = facts.lanes.iter().map(|line| line.bytes).sum();
        let since = facts.lanes.iter().map(|line| line.since).min();
        let photos = PhotoLane::new(&facts.photos, facts.photos_wait, facts.bytes_per_second, lang);
        let unsent_text = match since {
            None if photos.is_some() => tr(lang, "sync-unsent-photos", &[]),
            None => tr(lang, "sync-unsent-none", &[]),
            Some(since) => tr(lang, "sync-unsent", &[count(unsent), ("since", time(since).into())]),
        };
        let status = facts.status;
        let trouble = status.trouble.map(|trouble| id_of(&trouble));
        let last_success_text = match status.last_success {
            Some(at) => tr(lang, "sync-last", &[("when", time(at).into())]),
            None => tr(lang, "sync-never", &[]),
        };
        // A wait that is over is none any more.
        let next_try = status.next_try.filter(|at| *at > clock.wall);
        // What is recorded later is unsent; what the server holds back it has nevertheless. Photos
        // that it waits for are only here.
        let nothing = unsent == 0 && facts.photos.photos == 0;
        let statement = facts.statement.as_ref().filter(|said| nothing && said.holds_all());
        SyncScreen {
            unsent: signed(unsent),
            since,
            unsent_text,
            lanes: facts.lanes.iter().map(|line| lane(line, clock, lang)).collect(),
            time_left_text: facts
                .bytes_per_second
                .filter(|_| unsent > 0)
                .map(|rate| time_left(bytes, rate, lang)),
            photos,
            last_success: status.last_success,
            last_success_text,
            trouble: status.trouble,
            trouble_text: trouble.as_deref().map(|id| named(lang, "sync-trouble", id)),
            what_to_do: trouble.as_deref().map(|id| named(lang, "sync-do", id)),
            next_try,
            next_try_text: next_try.map(|at| {
                let at = to_the_second(at, clock.zone, clock.wall);
                tr(lang, "sync-next-try", &[("when", at.into())])
            }),
            held: signed(facts.held),
            held_text: (facts.held > 0).then(|| tr(lang, "sync-held", &[count(facts.held)])),
            stuck: facts.stuck.iter().map(|stuck| line(stuck, lang)).collect(),
            nothing_unsent: statement.is_some(),
            safe: statement.is_some() && facts.safe,
            statement: statement.map(|said| {
                let id = if facts.safe { "sync-statement" } else { "sync-sent-not-safe" };
                tr(lang, id, &[count(said.held), ("when", time(said.at).into())])
            }),
            enrol_again_text: facts
                .enrol_again
                .map(|why| named(lang, "sync-enrol-again", &id_of(&why))),
            update_text: facts.outdated.then(|| tr(lang, "sync-update", &[])),
        }
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn lane(line: &Backlog, clock: &ClockReading, lang: Lang) -> SyncLane {
    let title = named(lang, "sync-lane", &id_of(&line.lane));
    let kilobytes = line.bytes.div_ceil(1024).to_string();
    let text = tr(
        lang,
        "sync-lane-line",
        &[
            ("lane", title.clone().into()),
            ("count", line.events.to_string().into()),
            ("kilobytes", kilobytes.into()),
            ("since", when(line.since, clock.zone, Some(clock.wall)).into()),
        ],
    );
    SyncLane {
        lane: line.lane,
        title,
        events: signed(line.events),
        bytes: signed(line.bytes),
        since: line.since,
        text,
    }
}

fn line(stuck: &Stuck, lang: Lang) -> StuckLine {
    // A reason of a later server has no words here; what to do about it is the same.
    let words = |prefix: &str| {
        let of = |reason: &str| find(lang, &format!("{prefix}-{}", reason.replace('_', "-")), &[]);
        of(&stuck.reason).or_else(|| of("other")).unwrap_or_else(|| stuck.reason.clone())
    };
    let subject = format!("sync-subject-{}", id_of(&stuck.kind).replace('_', "-"));
    StuckLine {
        what: tr(lang, &subject, &[("number", stuck.number.clone().into())]),
        reason: stuck.reason.clone(),
        text: words("sync-stuck"),
        what_to_do: words("sync-stuck-do"),
    }
}

/// A wait is often shorter than a minute.
fn to_the_second(at: Instant, zone: Zone, now: Instant) -> String {
    let seconds = at.local(zone).map_or_else(String::new, |it| it.format(":%S").to_string());
    when(at, zone, Some(now)) + &seconds
}

//! When to exchange: the sans-IO state machine.
//!
//! It holds no bytes and no store. The engine asks [`Machine::next`] what to do, builds a request
//! when told to, and reports what came of it. Back-off grows with jitter and ends at once when the
//! network returns; a cut exchange costs nothing but its repetition.

use serde::{Deserialize, Serialize};

use crate::base::Instant;

const FIRST_BACKOFF_MS: i64 = 2_000;
const LAST_BACKOFF_MS: i64 = 5 * 60_000;
const QUIET_POLL_MS: i64 = 60_000;
/// No wait is longer, whoever names it; one that ends later was measured by another clock.
const LONGEST_WAIT_MS: i64 = 60 * 60_000;

/// What kept the last exchange from succeeding, by what the user or the app can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No network, no route, connection refused or cut: wait.
    Offline,
    /// Something answered that is not our server (a captive portal, a proxy, garbage, half a
    /// body): open the browser, or change the network.
    NotOurServer,
    /// The server is there and said it can't now: wait.
    ServerBusy,
    /// The server doesn't accept this device any more: enrol again. Unsent work stays.
    Refused,
    /// The server speaks a later protocol: update the app. Unsent work stays.
    NeedsNewerApp,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Build a request and send it.
    Exchange,
    /// Ask again at this instant, or when something is recorded or the network changes.
    WaitUntil(Instant),
    /// A request is under way: report its result first.
    InFlight,
    /// Nothing can be done before the user acts on the trouble.
    Blocked(Trouble),
}

/// What a screen shows about sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Status {
    /// When the server last answered.
    pub last_success: Option<Instant>,
    /// What went wrong since.
    pub trouble: Option<Trouble>,
    /// Attempts that failed since the last success.
    pub failures: u32,
    /// Nothing is tried before this, unless the network changes or the user asks.
    pub next_try: Option<Instant>,
}

/// When to exchange.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    status: Status,
    in_flight: bool,
    hurried: bool,
}

impl Machine {
    /// A machine that begins where the last run of the app stopped.
    pub fn new(last_success: Option<Instant>) -> Machine {
        Machine { status: Status { last_success, ..Status::default() }, ..Machine::default() }
    }

    /// What to do at `now`, given whether anything is unsent. Call it after every report, action
    /// and network change, and when the instant it named has come.
    pub fn next(&self, now: Instant, unsent: bool) -> Next {
        if self.in_flight {
            return Next::InFlight;
        }
        if let Some(trouble @ (Trouble::Refused | Trouble::NeedsNewerApp)) = self.status.trouble
            && !self.hurried
        {
            return Next::Blocked(trouble);
        }
        if let Some(wait) = self.status.next_try
            && now < wait
            && wait.since(now) <= LONGEST_WAIT_MS
        {
            return Next::WaitUntil(wait);
        }
        let due = self.status.last_success.map_or(now, |last| last.plus_ms(QUIET_POLL_MS));
        let clock_went_back = self.status.last_success.is_some_and(|last| now < last);
        let pressing = unsent || self.hurried || self.status.trouble.is_some() || clock_went_back;
        if pressing || now >= due { Next::Exchange } else { Next::WaitUntil(due) }
    }

    /// A request was handed to the network.
    pub fn sent(&mut self) {
        self.in_flight = true;
    }

    /// Its answer was verified and stored; `more` is waiting at the server.
    pub fn answered(&mut self, now: Instant, more: bool) {
        let status = Status { last_success: Some(now), ..Status::default() };
        *self = Machine { status, hurried: more, ..Machine::default() };
    }

    /// It failed. `jitter` is random, `retry_after_ms` what the server asked for.
    pub fn failed(
        &mut self,
        now: Instant,
        trouble: Trouble,
        retry_after_ms: Option<i64>,
        jitter: u32,
    ) {
        self.status.trouble = Some(trouble);
        self.back_off(now, retry_after_ms, jitter);
    }

    /// Its answer was good and came to nothing: the phone's disk is in the way, or the server says
    /// that it has more and brings none. Asking again at once would only wear the battery.
    pub fn not_stored(&mut self, now: Instant, jitter: u32) {
        self.back_off(now, None, jitter);
    }

    fn back_off(&mut self, now: Instant, retry_after_ms: Option<i64>, jitter: u32) {
        self.in_flight = false;
        self.hurried = false;
        self.status.failures = self.status.failures.saturating_add(1);
        let doubled = FIRST_BACKOFF_MS << (self.status.failures - 1).min(16);
        let half = doubled.min(LAST_BACKOFF_MS) / 2;
        let jittered = half + i64::from(jitter) % (half + 1);
        self.status.next_try =
            Some(now.plus_ms(retry_after_ms.unwrap_or(jittered).clamp(0, LONGEST_WAIT_MS)));
    }

    /// The request was given up before it could fail (cancelled, or cut by the system).
    pub fn cancelled(&mut self) {
        self.in_flight = false;
    }

    /// The network returned, or the user pulled to refresh: don't wait any longer.
    pub fn hurry(&mut self) {
        self.status.next_try = None;
        self.hurried = true;
    }

    /// What to show.
    pub fn status(&self) -> Status {
        self.status
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Instant = Instant(1_795_000_000_000);

    #[test]
    fn unsent_work_goes_at_once_and_a_quiet_phone_asks_once_a_minute() {
        let mut machine = Machine::new(None);
        assert_eq!(machine.next(NOON, false), Next::Exchange);
        machine.sent();
        assert_eq!(machine.next(NOON, true), Next::InFlight);
        machine.answered(NOON, false);
        assert_eq!(machine.next(NOON, false), Next::WaitUntil(NOON.plus_ms(QUIET_POLL_MS)));
        assert_eq!(machine.next(NOON, true), Next::Exchange);
    }

    #[test]
    fn failures_wait_longer_and_longer_until_the_network_returns() {
        let mut machine = Machine::new(None);
        let mut waits = Vec::new();
        for _ in 0..12 {
            machine.sent();
            machine.failed(NOON, Trouble::Offline, None, 0);
            let Next::WaitUntil(until) = machine.next(NOON, true) else { panic!("must wait") };
            waits.push(until.since(NOON));
        }
        assert!(waits.is_sorted() && waits[0] == 1_000 && waits[11] == LAST_BACKOFF_MS / 2);
        machine.hurry();
        assert_eq!(machine.next(NOON, true), Next::Exchange);
    }

    #[test]
    fn a_server_that_names_a_time_is_obeyed_and_a_refusal_asks_the_user() {
        let mut machine = Machine::new(None);
        machine.sent();
        machine.failed(NOON, Trouble::ServerBusy, Some(30_000), 7);
        assert_eq!(machine.next(NOON, true), Next::WaitUntil(NOON.plus_ms(30_000)));
        machine.failed(NOON, Trouble::Refused, None, 7);
        assert_eq!(machine.next(NOON, true), Next::Blocked(Trouble::Refused));
        machine.hurry();
        assert_eq!(machine.next(NOON, true), Next::Exchange);
    }
}

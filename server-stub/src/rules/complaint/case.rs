//! What happened in a case, and where it stands: a fold, and which act may follow.

use std::collections::BTreeMap;

use doorstep::{
    base::{Hash, Id, Instant},
    event::{CaseStatus, Channel},
    standard::{Clockwork, Pause, Promise, ServicePromises, Standing},
};
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// What somebody does in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The complaint was received. The first, and only once.
    #[n(0)]
    Received,
    /// Another answers for it from now on.
    #[n(1)]
    HandedOver,
    /// The customer was spoken to.
    #[n(2)]
    Contacted,
    /// It was looked into.
    #[n(3)]
    Investigated,
    /// The customer has the answer.
    #[n(4)]
    Answered,
    /// The customer disagrees with it.
    #[n(5)]
    Disputed,
    /// A way was agreed on with the customer: clocks run again.
    #[n(6)]
    Agreed,
    /// An order for a call-back was opened.
    #[n(7)]
    CallBackPlanned,
    /// The customer was called back.
    #[n(8)]
    CalledBack,
    /// Nothing is left to do.
    #[n(9)]
    Closed,
    /// The customer takes it back; what they said stands beside it. Nothing is left to do.
    #[n(10)]
    Withdrawn,
}

impl Act {
    /// The moment it is, as promises name it.
    fn moment(self) -> &'static str {
        match self {
            Act::Received => "received",
            Act::HandedOver => "handed_over",
            Act::Contacted => "contacted",
            Act::Investigated => "investigated",
            Act::Answered => "answered",
            Act::Disputed => "disputed",
            Act::Agreed => "agreed",
            Act::CallBackPlanned => "call_back_planned",
            Act::CalledBack => "called_back",
            Act::Closed => "closed",
            Act::Withdrawn => "withdrawn",
        }
    }
}

/// One act, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct CaseFact {
    #[n(0)]
    pub(super) act: Act,
    /// The caller's id of it: the same again is the same.
    #[n(1)]
    pub(super) action: Id,
    #[n(2)]
    pub(super) actor: Id,
    /// Who answers for the case from now on.
    #[n(3)]
    pub(super) to: Option<Id>,
    /// The order of a call-back.
    #[n(4)]
    pub(super) order: Option<Id>,
    #[n(5)]
    pub(super) channel: Option<Channel>,
    /// The event at the door that it came from.
    #[n(6)]
    pub(super) event: Option<Hash>,
    /// What was said, sealed under the order's key for contacts.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub(super) words: Option<Vec<u8>>,
}

/// A case as its acts leave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) status: CaseStatus,
    pub(super) owner: Id,
    pub(super) received_at: Instant,
    /// When each thing happened that counts now.
    moments: BTreeMap<&'static str, Instant>,
    pauses: Vec<Pause>,
}

/// One promise, and where it stands in a case.
pub(super) struct Deadline<'a> {
    pub(super) promise: &'a Promise,
    pub(super) standing: Standing,
}

impl Case {
    /// Folds the acts of one case, in the order they were kept. `None` without the first.
    pub(super) fn fold(facts: &[(Instant, CaseFact)]) -> Option<Case> {
        let (received_at, first) = facts.first()?;
        let mut case = Case {
            status: CaseStatus::Open,
            owner: first.to.unwrap_or(first.actor),
            received_at: *received_at,
            moments: BTreeMap::new(),
            pauses: Vec::new(),
        };
        for (at, fact) in facts {
            case.apply(*at, fact);
        }
        Some(case)
    }

    fn apply(&mut self, at: Instant, fact: &CaseFact) {
        if let Some(to) = fact.to {
            self.owner = to;
        }
        match fact.act {
            Act::Answered => self.status = CaseStatus::Answered,
            Act::Disputed => {
                self.status = CaseStatus::Disputed;
                // Between the answer and the dispute it was the customer's turn.
                let from = self.moments.remove(Act::Answered.moment()).unwrap_or(at);
                self.moments.remove(Act::CalledBack.moment());
                self.pause(from);
            }
            Act::Agreed => {
                self.status = CaseStatus::Open;
                if let Some(pause) = self.pauses.last_mut() {
                    pause.to = Some(at);
                }
            }
            Act::Closed => self.status = CaseStatus::Closed,
            Act::Withdrawn => {
                self.status = CaseStatus::Closed;
                self.pause(at);
            }
            _ => {}
        }
        // What must come soon counts when it first came: who is handed a case gets no new time.
        let moment = fact.act.moment();
        if fact.act == Act::Answered {
            self.moments.insert(moment, at);
        } else {
            self.moments.entry(moment).or_insert(at);
        }
    }

    /// Clocks stand from now on, if they don't already.
    fn pause(&mut self, from: Instant) {
        if self.pauses.last().is_none_or(|pause| pause.to.is_some()) {
            self.pauses.push(Pause { from, to: None });
        }
    }

    fn has(&self, act: Act) -> bool {
        self.moments.contains_key(act.moment())
    }

    /// Whether `act` can come next.
    pub(super) fn allows(&self, act: Act) -> bool {
        match (act, self.status) {
            // Who took it back and says at the door of the call-back that they disagree is heard.
            (Act::Disputed, CaseStatus::Closed) => self.has(Act::Withdrawn),
            (Act::Received, _) | (_, CaseStatus::Closed) => false,
            (Act::Withdrawn, _) => true,
            (Act::HandedOver | Act::Contacted | Act::Investigated, _) => true,
            (Act::Answered, status) => status == CaseStatus::Open,
            (Act::Disputed | Act::CallBackPlanned, status) => status == CaseStatus::Answered,
            (Act::CalledBack, status) => status == CaseStatus::Answered && !self.has(act),
            (Act::Agreed, status) => status == CaseStatus::Disputed,
            (Act::Closed, status) => status == CaseStatus::Answered && self.has(Act::CalledBack),
        }
    }

    /// Every promise about complaints that has begun, in the order of the file.
    pub(super) fn deadlines<'a>(
        &self,
        promises: &'a ServicePromises,
        clock: Clockwork<'_>,
    ) -> Vec<Deadline<'a>> {
        standings(promises, "complaint", clock, &self.pauses, |moment| {
            self.moments.get(moment).copied()
        })
    }
}

/// The promises about `of` whose time has begun, by what happened when.
pub(super) fn standings<'a>(
    promises: &'a ServicePromises,
    of: &str,
    clock: Clockwork<'_>,
    pauses: &[Pause],
    when: impl Fn(&str) -> Option<Instant>,
) -> Vec<Deadline<'a>> {
    let about = promises.promises.iter().filter(|promise| promise.of.as_deref() == Some(of));
    about
        .map(|promise| {
            let ended = promise.kept_by.as_deref().and_then(&when);
            let standing = clock.standing(promise, when(&promise.from), ended, pauses);
            Deadline { promise, standing }
        })
        .filter(|deadline| deadline.standing != Standing::Waiting)
        .collect()
}

/// Of several deadlines the earliest wins.
pub(super) fn earliest(deadlines: &[Deadline<'_>]) -> Option<(String, Instant)> {
    let due = |deadline: &Deadline<'_>| match deadline.standing {
        Standing::Due(at) => Some((deadline.promise.id.clone(), at)),
        _ => None,
    };
    deadlines.iter().filter_map(due).min_by_key(|(_, at)| *at)
}

#[cfg(test)]
mod tests {
    use doorstep::{
        base::Zone,
        standard::{Calendar, SHIPPED_CALENDAR, SHIPPED_PROMISES},
    };

    use super::*;

    const HE: Id = Id::new([1; 16]);
    const LAM: Id = Id::new([2; 16]);
    const HOUR: i64 = 3_600_000;
    /// Wednesday, 25 November 2026, 10:00 in Guangzhou.
    const RECEIVED: i64 = 1_795_572_000_000;

    fn fact(hours: i64, act: Act) -> (Instant, CaseFact) {
        let fact = CaseFact {
            act,
            action: HE,
            actor: HE,
            to: (act == Act::HandedOver).then_some(LAM),
            order: None,
            channel: None,
            event: None,
            words: None,
        };
        (Instant(RECEIVED + hours * HOUR), fact)
    }

    fn due(acts: &[(i64, Act)]) -> Option<(String, i64)> {
        let facts: Vec<_> = acts.iter().map(|(hours, act)| fact(*hours, *act)).collect();
        let promises = ServicePromises::load(SHIPPED_PROMISES.text).unwrap();
        let calendar = Calendar::load(SHIPPED_CALENDAR.text).unwrap();
        let clock = Clockwork { calendar: &calendar, zone: Zone(480) };
        let case = Case::fold(&facts).unwrap();
        let first = earliest(&case.deadlines(&promises, clock));
        first.map(|(promise, at)| (promise, (at.0 - RECEIVED) / HOUR))
    }

    #[test]
    fn of_all_clocks_the_one_that_ends_first_is_due() {
        use Act::*;
        let due = |acts: &[(i64, Act)]| due(acts);
        let told = |promise: &str, hours| Some((promise.to_owned(), hours));
        // A first look within 24 hours ends before the working day after the next midnight.
        assert_eq!(due(&[(0, Received)]), told("complaint_first_look", 24));
        assert_eq!(due(&[(0, Received), (1, Investigated)]), told("complaint_passed_on", 38));
        let looked = [(0, Received), (1, Investigated), (2, HandedOver)];
        assert_eq!(due(&looked), told("complaint_contacted", 48));
        let mut acts = looked.to_vec();
        acts.push((3, Contacted));
        // Three working days over a weekend, and the hot line's five days, end together.
        assert_eq!(due(&acts), told("complaint_answered", 134));
        acts.push((50, Answered));
        assert_eq!(due(&acts), told("complaint_called_back", 158));
        acts.push((60, Disputed));
        assert_eq!(due(&acts), None, "while it is disputed no clock runs");
        acts.push((132, Agreed));
        assert_eq!(due(&acts), told("complaint_answered", 158));
        acts.push((140, Withdrawn));
        assert_eq!(due(&acts), None, "what was taken back is due to nobody");
    }

    #[test]
    fn who_is_handed_a_case_answers_for_it_and_gets_no_new_time() {
        let facts = [fact(0, Act::Received), fact(2, Act::HandedOver), fact(60, Act::HandedOver)];
        let case = Case::fold(&facts).unwrap();
        assert_eq!((case.owner, case.status), (LAM, CaseStatus::Open));
        assert_eq!(case.moments["handed_over"], Instant(RECEIVED + 2 * HOUR));
    }

    #[test]
    fn acts_come_in_an_order_that_makes_sense() {
        use Act::*;
        let allows = |acts: &[Act], next| {
            let facts: Vec<_> =
                acts.iter().enumerate().map(|(hour, act)| fact(hour as i64, *act)).collect();
            Case::fold(&facts).unwrap().allows(next)
        };
        assert!(allows(&[Received], Answered) && !allows(&[Received], Received));
        assert!(!allows(&[Received], CalledBack) && !allows(&[Received], Closed));
        assert!(allows(&[Received, Answered], Disputed));
        assert!(!allows(&[Received, Answered], Closed), "nobody called back yet");
        assert!(allows(&[Received, Answered, CalledBack], Closed));
        assert!(!allows(&[Received, Answered, Disputed], Answered), "first a way is agreed on");
        assert!(allows(&[Received, Answered, Disputed, Agreed], Answered));
        assert!(!allows(&[Received, Answered, CalledBack, Closed], HandedOver));
        assert!(allows(&[Received, Answered, Disputed], Withdrawn));
        assert!(!allows(&[Received, Answered, CalledBack, Closed], Withdrawn));
        assert!(!allows(&[Received, Withdrawn], Answered), "it is over");
        assert!(allows(&[Received, Withdrawn], Disputed), "unless they think better of it");
    }
}

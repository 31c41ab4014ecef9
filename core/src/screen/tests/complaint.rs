use super::*;
use crate::{
    event::{CaseClock, CasePromise, CaseStatus, CaseTold, Channel},
    standard::{SHIPPED_PROMISES, ServicePromises},
};

const CHAN: &str = "R-1204-C1";
const HOUR: i64 = 3_600_000;

fn promise(kept_by: &str, clock: CaseClock, due: Option<Instant>) -> CasePromise {
    CasePromise { id: format!("complaint_{kept_by}"), kept_by: kept_by.into(), clock, due }
}

fn told(status: CaseStatus, owner: Id, promises: Vec<CasePromise>) -> ComplaintFacts {
    ComplaintFacts {
        told: CaseTold {
            number: CHAN.into(),
            status,
            owner,
            channel: Some(Channel::Message),
            received: NOON,
            promises,
            about: None,
        },
        order: Id::new([7; 16]),
        address: "Flat 1203".into(),
        said: None,
        call_back: None,
    }
}

fn card(complaint: &ComplaintFacts, at: Instant, lang: Lang) -> ComplaintCard {
    let promises = ServicePromises::load(SHIPPED_PROMISES.text).unwrap();
    let complaints = std::slice::from_ref(complaint);
    let facts = ComplaintsFacts { complaints, me: MEI, promises: &promises };
    let clock = ClockReading { wall: at, zone: Zone(480), boot: MEI, since_boot_ms: 0 };
    let mut screen = ComplaintsScreen::new(&facts, &clock, lang);
    screen.complaints.remove(0)
}

#[test]
fn whatever_comes_next_is_said_in_three_languages() {
    use CaseStatus::*;
    let due = Some(NOON.plus_ms(HOUR));
    let moments =
        ["handed_over", "contacted", "investigated", "answered", "called_back", "visited"];
    let mut cases: Vec<_> = moments
        .map(|moment| told(Open, MEI, vec![promise(moment, CaseClock::Due, due)]))
        .into_iter()
        .collect();
    for (status, clock) in
        [(Disputed, CaseClock::Paused), (Answered, CaseClock::Kept), (Open, CaseClock::Late)]
    {
        cases.push(told(status, MEI, vec![promise("answered", clock, None)]));
    }
    cases.push(told(Open, Id::new([9; 16]), Vec::new()));
    let back = Some((Id::new([8; 16]), "B-31".to_owned()));
    cases.push(ComplaintFacts { call_back: back, ..told(Answered, Id::new([9; 16]), Vec::new()) });
    for lang in Lang::ALL {
        let mut said: Vec<_> = cases
            .iter()
            .map(|case| {
                let card = card(case, NOON, lang);
                let whole = format!("{card:?}");
                assert!(!whole.contains('⟨'), "{whole}");
                assert_eq!(card.paused, case.told.status == Disputed);
                card.next
            })
            .collect();
        said.sort();
        said.dedup();
        // An answer that is late was given: what is left is said as for an answer to be given.
        assert_eq!(said.len(), cases.len() - 1, "{said:#?}");
    }
}

#[test]
fn the_deadline_that_ends_first_is_due_and_overdue_from_its_very_moment() {
    let at = |hours| Some(NOON.plus_ms(hours * HOUR));
    let promises = vec![
        promise("answered", CaseClock::Due, at(72)),
        promise("contacted", CaseClock::Due, at(48)),
        promise("called_back", CaseClock::Kept, None),
    ];
    let case = told(CaseStatus::Open, MEI, promises);
    let seen = |hours| {
        let card = card(&case, NOON.plus_ms(hours * HOUR), Lang::En);
        (card.due, card.overdue)
    };
    assert_eq!(seen(47), (at(48), false));
    assert_eq!(seen(48), (at(48), true));
    let card = card(&case, NOON.plus_ms(50 * HOUR), Lang::En);
    assert_eq!(card.next, "Speak to the customer and tell the office what was said.");
    let overdue: Vec<_> = card.promises.iter().map(|promise| promise.overdue).collect();
    assert_eq!(overdue, [false, true, false]);
}

use std::collections::BTreeMap;

use super::*;
use crate::{
    base::{ClockReading, Hash, Id, Instant, Zone},
    event::{
        AfterLast, Appointment, AppointmentMade, ConflictDecided, DetailChange, DetailChanged,
        Effect, Event, HazardFound, HazardRechecked, OrderAfter, OrderAssigned, OrderCancelled,
        Payload, Recorded, StepRecorded, Value, VerdictGiven, VisitFinished, VisitHandedOver,
        VisitStarted, Window,
    },
    log::{Branch, Head, StreamId, Subject, Writer},
};

const NOON: Instant = Instant(1_796_097_600_000);
const ORDER: Id = Id::new([7; 16]);
const VISIT: Id = Id::new([8; 16]);

fn write(writer: Writer, seq: u64, visit: Option<Id>, at: Instant, payload: Payload) -> Recorded {
    let event = Event {
        action: VISIT,
        actor: Id::new([seq as u8; 16]),
        visit,
        clock: ClockReading { wall: at, zone: Zone(480), boot: VISIT, since_boot_ms: 0 },
        seen: None,
        payload,
        private: BTreeMap::new(),
    };
    let stream = StreamId::new(Subject::work_order(ORDER), writer);
    let id = Hash::of(&[&minicbor::to_vec(stream).unwrap(), &seq.to_be_bytes()]);
    Recorded { stream, seq, id, event }
}

/// A visit to Mrs Chan under the one id.
fn visit(writer: Writer, at: Instant, outcome: &str) -> [Recorded; 2] {
    let started = VisitStarted {
        standard: "repair".into(),
        version: 1,
        fingerprint: Hash::of(&[b"standard"]),
        price_list: 1,
        continues: None,
    };
    let finished = VisitFinished { outcome: outcome.into(), order: None, then: None };
    [
        write(writer, 1, Some(VISIT), at, started.into()),
        write(writer, 2, Some(VISIT), at.plus_ms(60_000), finished.into()),
    ]
}

#[test]
fn a_visit_begun_earlier_under_meis_id_by_another_phone_takes_nothing_from_hers() {
    let phones = [[1; 16], [2; 16], [3; 16]].map(|id| Writer::Device(Id::new(id)));
    for mei in phones {
        let mut events = visit(mei, NOON, "completed").to_vec();
        for liar in phones.into_iter().filter(|phone| *phone != mei) {
            events.extend(visit(liar, NOON.plus_ms(-3_600_000), "no_access"));
        }
        let state = OrderState::fold(&events);
        assert_eq!(state.visits.len(), 3);
        let hers = state.visits.values().find(|visit| visit.writer == mei).unwrap();
        assert_eq!(hers.finished.as_ref().unwrap().outcome, "completed");
        assert_eq!((state.status, state.primary), (OrderStatus::Done, Some(hers.id)));
        assert_eq!(hers.id == VISIT, mei == phones[0], "the smallest writer keeps the id");
        assert!(state.visits.iter().all(|(id, visit)| *id == visit.id));
        events.reverse();
        assert_eq!(OrderState::fold(&events).digest(), state.digest());
        // Whoever begins a visit under the new name gets another one in turn.
        events.extend(visit(Writer::Device(Id::new([9; 16])), NOON, "completed").map(|mut e| {
            e.event.visit = Some(hers.id);
            e
        }));
        assert_eq!(OrderState::fold(&events).visits.len(), 4);
    }
}

#[test]
fn what_an_end_means_is_in_the_event_and_where_it_is_not_the_name_says_it() {
    let mei = Writer::Device(Id::new([1; 16]));
    let status = |outcome: &str, order: Option<OrderAfter>| {
        let mut events = visit(mei, NOON, outcome);
        events[1].event.payload =
            VisitFinished { outcome: outcome.into(), order, then: None }.into();
        let state = OrderState::fold(&events);
        let attempts = state.attempts(ORDER, None).len();
        (state.status, attempts)
    };
    let done = Some(OrderAfter::Done);
    assert_eq!(status("estimated", done), (OrderStatus::Done, 0));
    assert_eq!(status("estimated", None), (OrderStatus::Attempted, 0), "an earlier app");
    assert_eq!(status("completed", Some(OrderAfter::Attempted)), (OrderStatus::Attempted, 0));
    let nobody = Some(OrderAfter::NobodyMet);
    assert_eq!(status("gate_shut", nobody), (OrderStatus::Attempted, 1));
    assert_eq!(status("no_access", None), (OrderStatus::Attempted, 1));
    assert_eq!(status("made_safe", None), (OrderStatus::Done, 0));
}

#[test]
fn after_the_last_attempt_the_order_is_the_office_s_until_it_is_taken_up_again() {
    let (mei, wu) = (Writer::Device(Id::new([1; 16])), Writer::Device(Id::new([2; 16])));
    let last = |writer, at: Instant, then| {
        let mut events = visit(writer, at, "no_access");
        let order = Some(OrderAfter::NobodyMet);
        events[1].event.payload = VisitFinished { outcome: "no_access".into(), order, then }.into();
        events
    };
    let mut events = last(mei, NOON, Some(AfterLast::BackToOffice)).to_vec();
    assert_eq!(OrderState::fold(&events).status, OrderStatus::BackToOffice);
    let letter = last(mei, NOON, Some(AfterLast::Letter));
    assert_eq!(OrderState::fold(&letter).status, OrderStatus::LetterDue);
    assert_eq!(OrderState::fold(&last(mei, NOON, None)).status, OrderStatus::Attempted);
    // Somebody goes all the same: that is seen, and the order stays where it is.
    events.extend(last(wu, NOON.plus_ms(3_600_000), None));
    let state = OrderState::fold(&events);
    let beyond: Vec<bool> = state.visits.values().map(|visit| visit.beyond).collect();
    assert_eq!(
        (state.status, beyond.iter().filter(|it| **it).count()),
        (OrderStatus::BackToOffice, 1)
    );
    // The office sends somebody again.
    let assigned = OrderAssigned { to: Id::new([7; 16]) };
    events.push(write(Writer::Office(1), 1, None, NOON.plus_ms(7_200_000), assigned.into()));
    assert_eq!(OrderState::fold(&events).status, OrderStatus::Attempted);
}

#[test]
fn several_verdicts_on_one_event_all_hold_and_an_exclusion_is_not_undone_by_a_mark() {
    let mei = Writer::Device(Id::new([1; 16]));
    let mut events = visit(mei, NOON, "completed").to_vec();
    let start = events[0].id;
    let verdicts = [("C3", Effect::Mark), ("C7", Effect::Exclude), ("C9", Effect::Mark)];
    for (seq, (rule, effect)) in verdicts.into_iter().enumerate() {
        let verdict = VerdictGiven::new(rule, vec![start], effect);
        events.push(write(Writer::Office(1), seq as u64 + 1, None, NOON, verdict.into()));
    }
    let state = OrderState::fold(&events);
    let visit = &state.visits[&VISIT];
    assert_eq!(visit.marks.iter().collect::<Vec<_>>(), ["C3", "C9"]);
    assert_eq!(visit.counts, Counts::Excluded("C7".into()));
}

#[test]
fn decided_twice_in_two_epochs_of_the_office_the_first_decision_stands_on_every_machine() {
    let mei = Writer::Device(Id::new([1; 16]));
    let mut events = visit(mei, NOON, "completed").to_vec();
    let cancelled = OrderCancelled { reason: "she rang".into() };
    events.push(write(Writer::Office(1), 1, None, NOON, cancelled.into()));
    let open = OrderState::fold(&events);
    let [conflict] = &open.conflicts[..] else { panic!("C1 alone: {:?}", open.conflicts) };
    // A server restored from a backup forgot that it was decided, and it was decided again; later
    // the first decision came back from a phone.
    for (epoch, minutes, choice) in
        [(1, 10, Choice::WorkStandsUncharged), (2, 20, Choice::WorkStands)]
    {
        let decided = ConflictDecided {
            conflict: conflict.key,
            rule: "C1".into(),
            choice: choice.id().into(),
            heads: Vec::new(),
        };
        let seq = if epoch == 1 { 2 } else { 1 };
        let at = NOON.plus_ms(minutes * 60_000);
        events.push(write(Writer::Office(epoch), seq, None, at, decided.into()));
    }
    let state = OrderState::fold(&events);
    assert_eq!(state.conflicts.len(), 1);
    assert_eq!(state.conflicts[0].holds(), Some(Choice::WorkStandsUncharged));
    assert!(!state.conflicts[0].is_open());
    for turn in 0..events.len() {
        let mut shuffled = events.clone();
        shuffled.rotate_left(turn);
        shuffled.reverse();
        assert_eq!(OrderState::fold(&shuffled).digest(), state.digest());
    }
}

#[test]
fn an_appointment_of_an_earlier_server_and_one_of_today_are_one_thing() {
    let hour = |hour: i64| NOON.plus_ms(hour * 3_600_000);
    let window = Window { from: hour(1), to: hour(2) };
    let office = |seq, at, payload| write(Writer::Office(1), seq, None, at, payload);
    let mut events = vec![office(1, NOON, AppointmentMade { window: Some(window) }.into())];
    let agreed = |from, to| Some(Appointment { from, to, agreed: true });
    let details = |events: &[Recorded]| OrderState::fold(events).details;
    assert_eq!(details(&events).appointment, agreed(hour(1), hour(2)));
    // A plan that knows of it takes its place; what stood before is still known.
    let plan = Appointment { from: hour(5), to: hour(6), agreed: false };
    let change = DetailChanged { change: DetailChange::Appointment(plan) };
    events.push(office(2, hour(3), change.into()));
    assert_eq!(details(&events).appointment, Some(plan));
    assert_eq!(details(&events).appointment_at(hour(2)), agreed(hour(1), hour(2)));
    assert_eq!(details(&events).appointment_at(hour(3)), Some(plan));
    assert_eq!(details(&events).appointment_at(NOON.plus_ms(-1)), None);
    events.push(office(3, hour(4), AppointmentMade { window: None }.into()));
    assert_eq!(details(&events).appointment, None);
    let off = DetailChanged { change: DetailChange::NoAppointment };
    events[2] = office(3, hour(4), off.into());
    assert_eq!(details(&events).appointment, None);
}

#[test]
fn an_attempt_that_a_verdict_excludes_is_none_wherever_attempts_are_asked_for() {
    let mei = Writer::Device(Id::new([1; 16]));
    let mut events = visit(mei, NOON, "no_access").to_vec();
    let other = Id::new([6; 16]);
    let attempts = |events: &[Recorded]| OrderState::fold(events).attempts(other, None);
    assert_eq!(attempts(&events), [NOON]);
    assert!(OrderState::fold(&events).attempts(other, Some(NOON)).is_empty(), "not before itself");
    assert!(OrderState::fold(&events).attempts(VISIT, None).is_empty(), "its own is none");
    let start = events[0].id;
    let stolen = VerdictGiven::new("C9", vec![start], Effect::Exclude);
    events.push(write(Writer::Office(1), 1, None, NOON, stolen.into()));
    assert!(attempts(&events).is_empty());
}

#[test]
fn a_check_under_another_order_closes_what_the_office_knew_of_and_nothing_worse() {
    let mei = Writer::Device(Id::new([1; 16]));
    let check = Hash::of(&[b"a check under another order"]);
    let found = HazardFound {
        scale: "gd-3".into(),
        grade: "2".into(),
        rank: 2,
        item: "gas_alarm".into(),
        duties: Vec::new(),
        due: None,
        evidence: Vec::new(),
        first: None,
        first_order: None,
        within: None,
        party: None,
        recheck: None,
    };
    let mut events = visit(mei, NOON, "completed").to_vec();
    events[1] = write(mei, 2, Some(VISIT), NOON, found.into());
    let finding = events[1].id;
    let given = VerdictGiven::new(CHECKED_ELSEWHERE, vec![finding, check], Effect::Mark);
    let mut verdict = write(Writer::Office(1), 1, None, NOON.plus_ms(1), given.clone().into());
    verdict.event.seen =
        Some(vec![Head { writer: mei, branch: Branch::default(), seq: events[1].seq }]);
    events.push(verdict);
    let hazard = |events: &[Recorded]| OrderState::fold(events).hazards[0].clone();
    assert_eq!(hazard(&events).closed_by, Some(check));
    assert_eq!(hazard(&events).checks, [(check, true)]);
    // A device may not say so in the office's place.
    let mut lie = events.clone();
    lie[2] = write(Writer::Device(Id::new([2; 16])), 1, None, NOON, given.clone().into());
    assert!(hazard(&lie).is_open());
    // Meanwhile Mei found it worse, and the office did not know.
    let worse = HazardRechecked {
        hazard: finding,
        passed: false,
        grade: Some("1".into()),
        rank: Some(1),
        evidence: Vec::new(),
        first_order: None,
    };
    let mut both = events.clone();
    both.push(write(mei, 3, Some(VISIT), NOON, worse.into()));
    let stands = hazard(&both);
    assert!(stands.is_open() && stands.grade == "1" && stands.disputed.len() == 1, "{stands:?}");
    // What lost its ground is withdrawn.
    let withdrawn = VerdictGiven { withdrawn: Some(true), ..given };
    events.push(write(Writer::Office(1), 2, None, NOON, withdrawn.into()));
    assert!(hazard(&events).is_open());
}

#[test]
fn a_visit_handed_over_is_closed_and_going_on_in_it_clashes_with_whoever_took_it_over() {
    let [mei, wu] = [[1; 16], [2; 16]].map(Id::new);
    let second = Id::new([9; 16]);
    let by = |person: Id, mut recorded: Recorded| {
        recorded.event.actor = person;
        recorded
    };
    let started = |continues| VisitStarted {
        standard: "repair".into(),
        version: 1,
        fingerprint: Hash::of(&[b"standard"]),
        price_list: 1,
        continues,
    };
    let at = |minutes: i64| NOON.plus_ms(minutes * 60_000);
    let hers = |seq, minutes, payload: Payload| {
        by(mei, write(Writer::Device(mei), seq, Some(VISIT), at(minutes), payload))
    };
    let handed = VisitHandedOver { to: wu, badge: "0417".into() };
    let first = [hers(1, 0, started(None).into()), hers(2, 5, handed.into())];
    let state = OrderState::fold(&first);
    let visit = &state.visits[&VISIT];
    assert!(!visit.is_open() && visit.finished.is_none() && state.attempts(ORDER, None).is_empty());
    assert_eq!(
        (state.status, state.open_visit_of(Writer::Device(mei))),
        (OrderStatus::InProgress, None)
    );

    let his = |seq, minutes, payload: Payload| {
        by(wu, write(Writer::Device(wu), seq, Some(second), at(minutes), payload))
    };
    let mut begun = his(1, 6, started(Some(VISIT)).into());
    let head = Head { writer: Writer::Device(mei), branch: Branch::default(), seq: 2 };
    begun.event.seen = Some(vec![head]);
    let refused = VisitFinished { outcome: "refused".into(), order: None, then: None };
    let mut events = [first.to_vec(), vec![begun, his(2, 9, refused.into())]].concat();
    let state = OrderState::fold(&events);
    assert_eq!(state.line(second), [VISIT, second]);
    // What the second could not do, the first did not either: it is no visit still going on.
    assert_eq!((state.status, state.conflicts.len()), (OrderStatus::Attempted, 0));

    // A reason given later is no work; a step is.
    let reason = crate::event::ReasonGiven { finding: "bell".into() };
    events.push(hers(3, 10, reason.into()));
    assert!(OrderState::fold(&events).conflicts.is_empty());
    events.push(hers(4, 11, StepRecorded { step: "work".into(), value: Value::Done }.into()));
    events[3].event.payload =
        VisitFinished { outcome: "completed".into(), order: None, then: None }.into();
    let state = OrderState::fold(&events);
    assert_eq!(state.conflicts.iter().map(|it| it.rule).collect::<Vec<_>>(), [Rule::C2]);
    assert!(state.visits[&VISIT].went_on);

    // Whom nobody handed it over to continues nothing, whatever they say.
    for recorded in &mut events {
        if let Payload::VisitHandedOver(handed) = &mut recorded.event.payload {
            handed.to = Id::new([5; 16]);
        }
    }
    let state = OrderState::fold(&events);
    assert_eq!(state.line(second), [second]);
}

#[test]
fn visits_that_say_to_continue_each_other_come_to_an_end() {
    let phones = [[1; 16], [2; 16]].map(Id::new);
    let visits = [VISIT, Id::new([9; 16])];
    let mut events = Vec::new();
    for at in [0, 1] {
        let (mine, other) = (Writer::Device(phones[at]), 1 - at);
        let started = VisitStarted {
            standard: "repair".into(),
            version: 1,
            fingerprint: Hash::of(&[b"standard"]),
            price_list: 1,
            continues: Some(visits[other]),
        };
        let handed = VisitHandedOver { to: phones[other], badge: String::new() };
        events.push(write(mine, 1, Some(visits[at]), NOON, started.into()));
        events.push(write(mine, 2, Some(visits[at]), NOON, handed.into()));
    }
    let state = OrderState::fold(&events);
    assert_eq!(state.line(VISIT).len(), 2);
    assert_eq!(state.visits.len(), 2);
}

//! Any sequence of events: nothing panics, and it doesn't matter how it is folded.

use proptest::prelude::*;

use super::*;

const STEPS: [&str; 14] = [
    "kit",
    "knock",
    "bell",
    "greeting",
    "shoe_covers",
    "tool_mat",
    "leak_before",
    "work",
    "leak_after",
    "leak_after_start",
    "site_cleaned",
    "opinion",
    "farewell",
    "nowhere",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Done),
        Just(Value::Written),
        prop_oneof![any::<i64>(), 0..6_i64].prop_map(Value::Count),
        proptest::collection::vec(prop_oneof![any::<i64>(), 0..6_000_i64], 0..5)
            .prop_map(Value::Presses),
        prop_oneof![Just("pass"), Just("fail"), Just("satisfied"), Just("门")].prop_map(choice),
        proptest::sample::subsequence(KIT.to_vec(), 0..=6).prop_map(|ids| many(&ids)),
        (any::<i64>(), any::<u8>())
            .prop_map(|(units, decimals)| Value::Number(Decimal { units, decimals })),
    ]
}

fn payload() -> impl Strategy<Value = Payload> {
    let step = (proptest::sample::select(STEPS.to_vec()), value());
    let money = || any::<i64>().prop_map(|minor| Money::new(minor, Currency::CNY));
    let ends = ["completed", "made_safe", "no_access", "nothing"];
    let keys = ["limit_broken:knock:1", "missing:kit:1", "x"];
    prop_oneof![
        8 => step.prop_map(|(step, value)| StepRecorded { step: step.to_owned(), value }.into()),
        2 => any::<[Option<bool>; 4]>().prop_map(|[raining, under_renovation, adult_present, door_open]| {
            ConditionsNoted { raining, under_renovation, adult_present, door_open }.into()
        }),
        1 => Just(Charged { line: labour() }.into()),
        1 => (money(), money()).prop_map(|(tendered, change)| Paid {
            series: VISIT, number: 1, due: change, tendered, change, method: PaymentMethod::Cash, photo: None,
            deposits: None,
        }.into()),
        1 => money().prop_map(|total| QuoteOffered { version: 1, lines: vec![], total }.into()),
        1 => (0..3_u32).prop_map(|version| QuoteAccepted { version }.into()),
        1 => any::<bool>().prop_map(|signed| SignedOff {
            result: if signed { SignOffResult::Signed } else { SignOffResult::Absent },
            statement: Hash::of(&[]), lang: Lang::En, role: None, consent: signed,
        }.into()),
        1 => proptest::sample::select(keys.to_vec()).prop_map(|key| ReasonGiven { finding: key.into() }.into()),
        1 => proptest::sample::select(ends.to_vec()).prop_map(|end| VisitFinished { outcome: end.into(), order: None, then: None }.into()),
        1 => Just(Payload::Unknown { kind: 999, bytes: vec![0xf6] }),
    ]
}

fn events() -> impl Strategy<Value = Vec<Recorded>> {
    let event = (payload(), any::<i64>(), any::<u64>(), 0..2_u8, prop::bool::weighted(0.9));
    proptest::collection::vec(event, 0..30).prop_map(|events| {
        let started = VisitStarted {
            standard: "gz-repair".into(),
            version: 1,
            fingerprint: Hash::of(&[]),
            price_list: 1,
            continues: None,
        };
        let clock = |wall, since_boot_ms, boot| ClockReading {
            wall: Instant(wall),
            zone: Zone(480),
            boot: Id::new([boot; 16]),
            since_boot_ms,
        };
        let first = recorded(1, clock(0, 0, 0), VISIT, started.into());
        let rest = events.into_iter().enumerate().map(|(n, (payload, wall, up, boot, ours))| {
            let visit = if ours { VISIT } else { MEI };
            recorded(n as u64 + 2, clock(wall, up, boot), visit, payload)
        });
        std::iter::once(first).chain(rest).collect()
    })
}

thread_local! {
    static REPAIR: Arc<Standard> = repair();
}

fn told(state: &VisitState) -> String {
    let parts = (state.done(), state.findings(), state.ended(), state.explain());
    serde_json::to_string(&parts).unwrap()
}

proptest! {
    #[test]
    fn any_events_in_any_order_fold_to_the_same_visit(
        events in events(),
        shuffled in any::<prop::sample::Index>(),
    ) {
        let standard = REPAIR.with(Arc::clone);
        let mut step_by_step = VisitState::new(standard.clone(), VisitContext::default());
        for event in &events {
            step_by_step.apply(event);
            for finding in step_by_step.findings() {
                prop_assert!(!finding.text(Lang::En).contains('⟨'));
            }
            step_by_step.explain();
        }
        let mut mixed = events.clone();
        mixed.rotate_left(shuffled.index(events.len()));
        mixed.extend(events.iter().take(5).cloned());
        let folded = VisitState::fold(standard, VisitContext::default(), &mixed);
        prop_assert_eq!(told(&folded), told(&step_by_step));
        prop_assert_eq!(folded.facts(), step_by_step.facts());
        let mut keys: Vec<_> = folded.findings().iter().map(|finding| &finding.key).collect();
        keys.sort();
        keys.dedup();
        prop_assert_eq!(keys.len(), folded.findings().len(), "keys are unique");
    }

    #[test]
    fn whatever_the_phone_would_record_is_recorded(
        events in events(), value in value(), step in proptest::sample::select(STEPS.to_vec()),
    ) {
        let state = VisitState::fold(REPAIR.with(Arc::clone), VisitContext::default(), &events);
        let text = matches!(value, Value::Written).then(|| "words".into());
        let answer = Answer { text, ..Answer::from(value) };
        let clock = events[0].event.clock;
        if state.check_step(step, &answer, clock).is_ok() {
            let mut after = state.clone();
            let seq = events.len() as u64 + 2;
            let payload = StepRecorded { step: step.to_owned(), value: answer.value };
            after.apply(&recorded(seq, clock, VISIT, payload.into()));
            prop_assert_eq!(after.times(step), state.times(step) + 1);
        }
    }
}

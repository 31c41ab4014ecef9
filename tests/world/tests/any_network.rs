//! Whatever Mei, Wu and the office do, and whatever the network does to it, everybody ends with the
//! same order, and every confirmed tap is with the office once.
//!
//! `DOORSTEP_CASES` sets how many histories (16), `DOORSTEP_SEED` which.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::collections::{BTreeMap, VecDeque};

use doorstep::{
    base::{Hash, Id, Money},
    engine::{ActError, Action, ExchangeError},
    order::{OrderState, Rule},
    sync::Trouble,
};
use doorstep_tests::{Directory, Loss, MINUTE, Tap, World, cny, id, knock, no_access, repair, tap};
use proptest::{prelude::*, test_runner::RngSeed};

const NAMES: [&str; 2] = ["Mei", "Wu"];
const ORDERS: [&str; 2] = ["R-1001", "R-1002"];

/// One thing that happens. Names and orders by their place, anything else modulo what there is.
#[derive(Debug, Clone)]
enum Happening {
    Assign {
        order: usize,
        to: usize,
    },
    Cancel {
        order: usize,
    },
    Decide {
        pick: usize,
        choice: usize,
    },
    /// Somebody goes to an order and will follow a script there.
    GoTo {
        who: usize,
        order: usize,
        nobody_home: bool,
    },
    /// The script's next taps.
    Work {
        who: usize,
        taps: usize,
    },
    /// Something beside the script.
    Knock {
        who: usize,
        raps: i64,
    },
    TapAgain {
        who: usize,
        pick: usize,
    },
    Exchange {
        who: usize,
        loss: Loss,
    },
    /// A request is made, and floats about.
    Float {
        who: usize,
    },
    /// A floating request arrives, and arrives again later, or its answer floats in turn.
    Arrive {
        pick: usize,
        again: bool,
    },
    LateAnswer {
        who: usize,
        pick: usize,
    },
    AppDies {
        who: usize,
    },
    ServerRestarts,
    ClockOff {
        who: usize,
        minutes: i64,
    },
    TimePasses {
        minutes: i64,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let (who, order, pick) = (0..2_usize, 0..2_usize, 0..8_usize);
    let loss = prop_oneof![
        2 => Just(Loss::None), 1 => Just(Loss::Request), 2 => Just(Loss::Answer),
        1 => Just(Loss::Doubled),
    ];
    prop_oneof![
        2 => (order.clone(), who.clone()).prop_map(|(order, to)| Happening::Assign { order, to }),
        1 => order.clone().prop_map(|order| Happening::Cancel { order }),
        2 => (pick.clone(), 0..2_usize)
            .prop_map(|(pick, choice)| Happening::Decide { pick, choice }),
        8 => (who.clone(), order, prop::bool::weighted(0.25)).prop_map(|(who, order, nobody_home)| {
            Happening::GoTo { who, order, nobody_home }
        }),
        14 => (who.clone(), 1..45_usize).prop_map(|(who, taps)| Happening::Work { who, taps }),
        3 => (who.clone(), -1..6_i64).prop_map(|(who, raps)| Happening::Knock { who, raps }),
        2 => (who.clone(), 0..200_usize)
            .prop_map(|(who, pick)| Happening::TapAgain { who, pick }),
        8 => (who.clone(), loss).prop_map(|(who, loss)| Happening::Exchange { who, loss }),
        4 => who.clone().prop_map(|who| Happening::Float { who }),
        4 => (pick.clone(), any::<bool>())
            .prop_map(|(pick, again)| Happening::Arrive { pick, again }),
        2 => (who.clone(), pick).prop_map(|(who, pick)| Happening::LateAnswer { who, pick }),
        2 => who.clone().prop_map(|who| Happening::AppDies { who }),
        1 => Just(Happening::ServerRestarts),
        1 => (who, -600_000..600_000_i64)
            .prop_map(|(who, minutes)| Happening::ClockOff { who, minutes }),
        2 => (1..300_i64).prop_map(|minutes| Happening::TimePasses { minutes }),
    ]
}

struct History {
    world: World,
    scripts: [VecDeque<Tap>; 2],
    /// The visit each is at.
    at: [Option<Id>; 2],
    /// What was confirmed, with its outcome.
    confirmed: [Vec<(Tap, doorstep::engine::Done)>; 2],
    requests: Vec<(usize, Vec<u8>)>,
    answers: Vec<(usize, Vec<u8>)>,
    drawn: u64,
}

impl History {
    fn begin() -> History {
        let mut world = World::with_phones();
        // Each phone has an order that went to the other's hands since, and doesn't know it.
        for (order, [first, then]) in ORDERS.iter().zip([["Wu", "Mei"], ["Mei", "Wu"]]) {
            let order = world.office.open(order);
            world.office.assign(order, first).unwrap();
            world.exchange(first);
            world.office.assign(order, then).unwrap();
            if order == id(ORDERS[0]) {
                world.exchange(then);
            }
        }
        History {
            world,
            scripts: Default::default(),
            at: [None; 2],
            confirmed: Default::default(),
            requests: Vec::new(),
            answers: Vec::new(),
            drawn: 0,
        }
    }

    fn fresh(&mut self) -> Id {
        self.drawn += 1;
        id(&format!("drawn {}", self.drawn))
    }

    /// Taps; a refusal by the rules is fine, a failure is not.
    fn tap(&mut self, who: usize, tap: Tap) -> bool {
        match self.world.tap(NAMES[who], &tap) {
            Ok(done) => {
                self.confirmed[who].push((tap, done));
                true
            }
            Err(error @ (ActError::Store(_) | ActError::Repeated(_))) => panic!("{error}"),
            Err(_) => false,
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Assign { order, to } => {
                // A closed order can't be given to anybody: the office is told, and that is fine.
                let _ = self.world.office.assign(id(ORDERS[order]), NAMES[to]);
            }
            Happening::Cancel { order } => {
                let _ = self.world.office.cancel(id(ORDERS[order]));
            }
            Happening::Decide { pick, choice } => {
                let conflicts = self.world.office.conflicts();
                let open: Vec<_> = conflicts.iter().filter(|c| c.conflict.is_open()).collect();
                if let Some(open) = open.get(pick % open.len().max(1)) {
                    let rule = open.conflict.rule;
                    let choice = rule.choices()[choice].id();
                    self.world.office.decide(open.order, rule, open.conflict.key, choice).unwrap();
                }
            }
            Happening::GoTo { who, order, nobody_home } => {
                let (order, visit) = (id(ORDERS[order]), self.fresh());
                let mut script: VecDeque<_> =
                    if nobody_home { no_access(order, visit) } else { repair(order, visit) }.into();
                let first = script.pop_front().unwrap();
                if self.tap(who, first) {
                    (self.scripts[who], self.at[who]) = (script, Some(visit));
                }
            }
            Happening::Work { who, taps } => {
                for _ in 0..taps {
                    let Some(tap) = self.scripts[who].pop_front() else { break };
                    self.tap(who, tap);
                }
            }
            Happening::Knock { who, raps } => {
                if let Some(visit) = self.at[who] {
                    let id = self.fresh();
                    self.tap(who, Tap { id, action: knock(visit, raps) });
                }
            }
            Happening::TapAgain { who, pick } => {
                let confirmed = &self.confirmed[who];
                if let Some((tap, done)) = confirmed.get(pick % confirmed.len().max(1)) {
                    assert_eq!(&self.world.tap(NAMES[who], tap).unwrap(), done);
                }
            }
            Happening::Exchange { who, loss } => {
                self.world.round_trip(NAMES[who], loss);
            }
            Happening::Float { who } => {
                let packet = self.world.request(NAMES[who]);
                self.requests.push((who, packet.bytes));
                let phone = self.world.phone(NAMES[who]);
                let now = phone.reading().wall;
                phone.engine().sync_failed(now, Trouble::Offline, None);
            }
            Happening::Arrive { pick, again } => {
                if self.requests.is_empty() {
                    return;
                }
                let pick = pick % self.requests.len();
                let (who, packet) = self.requests[pick].clone();
                let answer = self.world.office.exchange(&packet).unwrap();
                self.answers.push((who, answer));
                if !again {
                    self.requests.swap_remove(pick);
                }
            }
            Happening::LateAnswer { who, pick } => {
                if self.answers.is_empty() {
                    return;
                }
                // Half of them meet a request under way, which is then tried again.
                if pick % 2 == 0 {
                    self.world.request(NAMES[who]);
                }
                let (_, answer) = self.answers[pick % self.answers.len()].clone();
                let phone = self.world.phone(NAMES[who]);
                let reading = phone.reading();
                let taken = phone.engine().sync_answer(&reading, &answer);
                assert!(matches!(
                    taken,
                    Err(ExchangeError::NothingAsked | ExchangeError::NotOurServer(_))
                ));
            }
            Happening::AppDies { who } => self.world.phone(NAMES[who]).reopen(),
            Happening::ServerRestarts => {
                let World { office, directory, clock, .. } = &mut self.world;
                office.restart(directory, clock);
            }
            Happening::ClockOff { who, minutes } => {
                self.world.phone(NAMES[who]).clock_off_ms = minutes * MINUTE;
            }
            Happening::TimePasses { minutes } => self.world.pass(minutes * MINUTE),
        }
    }

    /// The network recovers, everything arrives.
    fn come_to_rest(&mut self) {
        for (_, packet) in std::mem::take(&mut self.requests) {
            self.world.office.exchange(&packet).unwrap();
        }
        // Twice: what the last one brought, the first one still has to hear.
        for _ in 0..2 {
            for name in NAMES {
                self.world.exchange(name);
            }
        }
    }

    fn check(&mut self) {
        for (who, name) in NAMES.into_iter().enumerate() {
            let state = self.world.phone(name).engine().state().unwrap();
            let listed = &state.listed;
            for order in ORDERS.map(id).iter().filter(|order| listed.contains(order)) {
                let office = self.world.office.order(*order);
                assert_eq!(state.orders[order], office.state, "{name}");
                assert_eq!(state.digests[order], office.digest, "{name}");
            }
            assert_eq!(state.unsent, 0, "{name}");
            let (problems, device) = {
                let engine = self.world.phone(name).engine();
                (engine.doctor_rebuild().unwrap().problems, engine.device().unwrap())
            };
            assert_eq!(problems, Vec::<String>::new(), "{name}");

            let mut expected = BTreeMap::new();
            for (tap, _) in &self.confirmed[who] {
                let events = if matches!(tap.action, Action::Pay { .. }) { 2 } else { 1 };
                expected.insert(tap.id, events);
            }
            let mut found = BTreeMap::new();
            for action in self.world.office.actions_of(device) {
                *found.entry(action).or_insert(0) += 1;
            }
            assert_eq!(found, expected, "{name}");

            let mut running = cny(0);
            for (nth, receipt) in state.receipts.iter().enumerate() {
                running = running.plus(receipt.amount).unwrap();
                let expected: (u64, Money) = (nth as u64 + 1, running);
                assert_eq!((receipt.counter, receipt.running), expected, "{name}");
            }
        }
        for device in self.world.office.devices() {
            assert_eq!((device.suspect.as_deref(), device.held), (None, 0));
            assert_eq!((device.recorded, device.unsent), (device.stored, 0));
        }
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

fn config(default_cases: u64) -> ProptestConfig {
    ProptestConfig {
        cases: setting("DOORSTEP_CASES", default_cases) as u32,
        rng_seed: RngSeed::Fixed(setting("DOORSTEP_SEED", 1203)),
        failure_persistence: None,
        max_shrink_time: 120_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(16))]

    #[test]
    fn whatever_happens_all_end_alike_and_nothing_is_lost_or_doubled(
        happenings in prop::collection::vec(happening(), 20..120),
    ) {
        let mut history = History::begin();
        for happening in happenings {
            history.happen(happening);
        }
        history.come_to_rest();
        history.check();
    }
}

/// What must not depend on the order in which packets arrive.
fn seen(state: &OrderState) -> (Hash, Vec<(Rule, Hash)>) {
    let open = state.open_conflicts().map(|conflict| (conflict.rule, conflict.key));
    (state.digest(), open.collect())
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn in_whatever_order_packets_arrive_the_server_sees_the_same_orders_and_conflicts(
        work in prop::collection::vec((0..2_usize, any::<bool>(), 1..40_usize), 3..8),
        cancel in any::<bool>(),
        orders in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 16), 4),
    ) {
        let mut history = History::begin();
        let order = id(ORDERS[0]);
        history.world.office.assign(order, NAMES[1]).unwrap();
        history.world.exchange(NAMES[1]);
        let mut packets = Vec::new();
        for (who, nobody_home, taps) in work {
            history.happen(Happening::GoTo { who, order: 0, nobody_home });
            history.happen(Happening::Work { who, taps });
            packets.push(history.world.request(NAMES[who]).bytes);
        }
        if cancel {
            history.world.office.cancel(order).unwrap();
        }
        let mut ends = Vec::new();
        for picks in orders {
            let directory = Directory::new();
            let World { office, directory: ours, clock, .. } = &history.world;
            let office = office.copied(ours, &directory, clock);
            // Some early, some twice, and all of them in the end.
            for pick in picks {
                office.exchange(&packets[pick.index(packets.len())]).unwrap();
            }
            for packet in packets.iter().rev() {
                office.exchange(packet).unwrap();
            }
            ends.push(seen(&office.order(order).state));
        }
        prop_assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    }
}

#[test]
fn a_phone_that_asks_with_nothing_new_changes_nothing() {
    let mut history = History::begin();
    history.tap(0, tap("unused", Action::StartVisit { order: id(ORDERS[0]) }));
    history.come_to_rest();
    let before = history.world.digests(id(ORDERS[0]), &["Mei"]);
    for _ in 0..3 {
        let exchanged = history.world.exchange("Mei");
        assert_eq!((exchanged.sent, exchanged.received, exchanged.refused), (0, 0, 0));
    }
    assert_eq!(history.world.digests(id(ORDERS[0]), &["Mei"]), before);
}

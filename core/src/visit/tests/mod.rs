//! Visits as stories: Mei works at Mrs Chan's, Flat 1203, 8 Harbour Street.

mod bad_input;
mod door;
mod duties;
mod gates;
mod leak;
mod random;
mod work;

use std::{collections::BTreeMap, sync::Arc};

use super::*;
use crate::{
    base::{ClockReading, Currency, Decimal, Hash, Id, Instant, Lang, Money, Zone},
    event::{
        Answer, Charged, ConditionsNoted, Event, Paid, Payload, QuoteAccepted, QuoteOffered,
        ReasonGiven, Recorded, SignOffResult, SignedOff, SignerRole, StepRecorded, Value,
        VisitFinished, VisitStarted,
    },
    log::{StreamId, Subject, Writer},
    money::{ChargeLine, PaymentMethod, PriceList},
    standard::{AgeLimit, Standard, shipped},
};

const VISIT: Id = Id::new([1; 16]);
const MEI: Id = Id::new([2; 16]);

/// Mei's visit while it happens.
struct Story {
    state: VisitState,
    events: Vec<Recorded>,
    clock: ClockReading,
}

fn repair() -> Arc<Standard> {
    Arc::new(Standard::load(shipped("repair").unwrap()).unwrap())
}

fn many(ids: &[&str]) -> Value {
    Value::Many(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn choice(id: &str) -> Value {
    Value::Choice(id.to_owned())
}

fn labour() -> ChargeLine {
    let list = PriceList::load(PriceList::example_text()).unwrap();
    list.line("labour-repair", 1, Lang::En, None).unwrap()
}

const KIT: [&str; 6] = ["uniform", "badge", "tool_bag", "tool_mat", "shoe_covers", "cotton_rag"];
const BAG: [&str; 3] = ["stocked", "one_shoulder", "clean"];

fn recorded(seq: u64, clock: ClockReading, visit: Id, payload: Payload) -> Recorded {
    let seen = None;
    let event = Event {
        action: Id::from_hash(&Hash::of(&[&seq.to_be_bytes()])),
        actor: MEI,
        visit: Some(visit),
        clock,
        seen,
        payload,
        private: BTreeMap::new(),
    };
    let stream = StreamId::new(Subject::work_order(Id::new([3; 16])), Writer::Device(MEI));
    Recorded { stream, seq, id: Hash::of(&[b"event", &seq.to_be_bytes()]), event }
}

impl Story {
    fn begin() -> Story {
        Story::by(repair(), VisitContext::default())
    }

    fn by(standard: Arc<Standard>, context: VisitContext) -> Story {
        let clock = ClockReading {
            wall: Instant(1_796_090_400_000),
            zone: Zone(480),
            boot: Id::new([4; 16]),
            since_boot_ms: 3_600_000,
        };
        let started = VisitStarted {
            standard: standard.id().to_owned(),
            version: standard.version(),
            fingerprint: standard.fingerprint(),
            price_list: 12,
            continues: None,
        };
        let state = VisitState::new(standard, context);
        let mut story = Story { state, events: Vec::new(), clock };
        story.tell(started);
        story
    }

    fn tell(&mut self, payload: impl Into<Payload>) -> &mut Story {
        let seq = self.events.len() as u64 + 1;
        let event = recorded(seq, self.clock, VISIT, payload.into());
        self.state.apply(&event);
        self.events.push(event);
        self.wait(60)
    }

    fn wait(&mut self, seconds: i64) -> &mut Story {
        self.clock.wall = self.clock.wall.plus_ms(seconds * 1_000);
        self.clock.since_boot_ms += seconds.unsigned_abs() * 1_000;
        self
    }

    fn step(&mut self, step: &str, value: Value) -> &mut Story {
        let answer = match value {
            Value::Written => {
                Answer { text: Some("as seen".into()), ..Answer::from(Value::Written) }
            }
            value => value.into(),
        };
        self.state.check_step(step, &answer, self.clock).unwrap();
        self.tell(StepRecorded { step: step.to_owned(), value: answer.value })
    }

    fn done(&mut self, step: &str) -> &mut Story {
        self.step(step, Value::Done)
    }

    fn door_opens(&mut self) -> &mut Story {
        self.tell(ConditionsNoted { door_open: Some(true), ..ConditionsNoted::default() })
    }

    fn leak_test(&mut self, which: &str, result: &str) -> &mut Story {
        self.step(&format!("leak_{which}_method"), choice("detector"))
            .step(&format!("leak_{which}_instrument"), Value::Scan("D-12".into()))
            .number(&format!("leak_{which}_calibrated"), 202_608, 0)
            .number(&format!("leak_{which}_ppm"), if result == "pass" { 0 } else { 120 }, 0)
            .step(&format!("leak_{which}"), choice(result))
    }

    fn number(&mut self, step: &str, units: i64, decimals: u8) -> &mut Story {
        self.step(step, Value::Number(Decimal { units, decimals }))
    }

    /// From home to the tool mat, all by the standard.
    fn reach_the_mat(&mut self) -> &mut Story {
        self.step("kit", many(&KIT))
            .step("tool_bag", many(&BAG))
            .step("knock", Value::Count(3))
            .door_opens()
            .done("greeting")
            .done("shoe_covers")
            .done("tool_mat")
    }

    /// On to the accepted quote.
    fn reach_the_quote(&mut self) -> &mut Story {
        let total = labour().amount();
        self.reach_the_mat()
            .leak_test("before", "pass")
            .step("diagnosis", Value::Written)
            .tell(QuoteOffered { version: 1, lines: vec![labour()], total })
            .tell(QuoteAccepted { version: 1 })
    }

    /// On through the work and a passed test after it.
    fn reach_the_test(&mut self) -> &mut Story {
        self.reach_the_quote().done("work").leak_test("after", "pass")
    }

    fn charge(&mut self) -> &mut Story {
        self.tell(Charged { line: labour() })
    }

    fn pay(&mut self) -> &mut Story {
        let money = |minor| Money::new(minor, Currency::CNY);
        self.tell(Paid {
            series: Id::new([5; 16]),
            number: 1,
            due: money(3_000),
            tendered: money(5_000),
            change: money(2_000),
            method: PaymentMethod::Cash,
            photo: None,
            deposits: None,
        })
        .done("cash_counted")
    }

    fn sign(&mut self, result: SignOffResult) -> &mut Story {
        self.tell(SignedOff {
            result,
            statement: Hash::of(&[b"statement"]),
            lang: Lang::ZhHans,
            role: Some(SignerRole::Owner),
            consent: true,
        })
    }

    fn opinion_and_signature(&mut self) -> &mut Story {
        self.step("opinion", choice("satisfied")).sign(SignOffResult::Signed)
    }

    fn farewell(&mut self) -> &mut Story {
        self.done("farewell").done("covers_wiped")
    }

    /// Ends as the phone would let it.
    fn finish(&mut self, outcome: &str) -> &mut Story {
        self.state.check_finish(outcome).unwrap();
        self.tell(VisitFinished { outcome: outcome.to_owned(), order: None, then: None })
    }

    fn keys(&self) -> Vec<&str> {
        self.state.findings().iter().map(|finding| finding.key.as_str()).collect()
    }

    /// The one finding there is.
    fn only_finding(&self) -> &Finding {
        assert_eq!(self.keys().len(), 1, "{:?}", self.keys());
        &self.state.findings()[0]
    }

    fn nothing_found(&self) {
        assert_eq!(self.keys(), [""; 0]);
    }
}

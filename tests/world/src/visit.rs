//! What a technician taps at Mrs Chan's door, by the shipped repair standard and price list.

use doorstep::{
    base::{Currency, Decimal, Hash, Id, Money, Personal},
    engine::{Action, Engine, LineWanted, SignOff},
    event::{Answer, ConditionsNoted, SignOffResult, SignerRole, Value},
    money::PaymentMethod,
};

/// One tap: the id made before anything happens, and the action.
#[derive(Debug, Clone)]
pub struct Tap {
    /// The action's id.
    pub id: Id,
    /// The action.
    pub action: Action,
}

impl Tap {
    /// The action as it is tapped: a sign-off gives back the hash of what this phone shows.
    pub fn on(&self, engine: &mut Engine) -> Action {
        let mut action = self.action.clone();
        if let Action::SignOff { visit, sign_off } = &mut action
            && let Ok(statement) = engine.statement(*visit, sign_off.lang)
        {
            sign_off.shown = statement.hash;
        }
        action
    }
}

/// A tap with an id made from this name.
pub fn tap(name: &str, action: Action) -> Tap {
    Tap { id: crate::id(name), action }
}

/// Money of the shipped price list, in minor units.
pub fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// The tap that begins the visit `visit`.
pub fn start(order: Id, visit: Id) -> Tap {
    Tap { id: visit, action: Action::StartVisit { order } }
}

/// The recording of a step.
pub fn step(visit: Id, step: &str, answer: impl Into<Answer>) -> Action {
    Action::Record { visit, step: step.to_owned(), answer: answer.into() }
}

/// So many raps.
pub fn knock(visit: Id, raps: i64) -> Action {
    step(visit, "knock", Value::Count(raps))
}

fn choice(id: &str) -> Value {
    Value::Choice(id.to_owned())
}

fn number(units: i64) -> Value {
    Value::Number(Decimal { units, decimals: 0 })
}

fn many(ids: &[&str]) -> Value {
    Value::Many(ids.iter().map(|id| (*id).to_owned()).collect())
}

fn written(text: &str) -> Answer {
    Answer { text: Some(Personal::new(text)), ..Answer::from(Value::Written) }
}

fn line(code: &str, quantity: i64) -> LineWanted {
    LineWanted { code: code.to_owned(), quantity, free: None }
}

fn noted(visit: Id, conditions: ConditionsNoted) -> Action {
    Action::Note { visit, conditions }
}

/// A whole repair on a rainy day, without a finding: 123.40 due, 200.00 handed over, 76.60 back,
/// signed, finished. The first tap's id is the visit's; the same visit gives the same taps.
pub fn repair(order: Id, visit: Id) -> Vec<Tap> {
    let done = |id: &str| step(visit, id, Value::Done);
    let lines =
        [("labour-repair", 1), ("hose", 1), ("clamp", 2), ("valve-self-closing", 1), ("gasket", 1)]
            .map(|(code, quantity)| line(code, quantity));
    let mut actions = at_the_door(order, visit);
    let open = ConditionsNoted {
        door_open: Some(true),
        adult_present: Some(true),
        ..ConditionsNoted::default()
    };
    actions.extend([
        noted(visit, open),
        done("greeting"),
        done("raincoat"),
        done("shoe_covers"),
        done("tool_mat"),
        step(visit, "leak_before_method", choice("detector")),
        step(visit, "leak_before_instrument", Value::Scan("D-12".to_owned())),
        step(visit, "leak_before_calibrated", number(202_610)),
        step(visit, "leak_before_ppm", number(0)),
        step(visit, "leak_before", choice("pass")),
        step(visit, "diagnosis", written("The hose is cracked at the stove.")),
        Action::OfferQuote { visit, lines: lines.to_vec() },
        Action::AcceptQuote { visit, version: 1 },
        done("work"),
        step(visit, "parts", Value::Count(5)),
    ]);
    actions.extend([
        step(visit, "leak_after_method", choice("soap")),
        step(visit, "leak_after_bubbles", choice("none")),
        step(visit, "leak_after", choice("pass")),
        done("site_cleaned"),
    ]);
    actions.extend(lines.map(|line| Action::Charge { visit, line }));
    actions.extend([
        Action::Pay {
            visit,
            tendered: cny(20_000),
            method: PaymentMethod::Cash,
            part: None,
            photo: None,
        },
        done("cash_counted"),
        step(visit, "opinion", choice("very_satisfied")),
        Action::SignOff { visit, sign_off: signed() },
        done("farewell"),
        done("covers_wiped"),
        Action::Finish { visit, outcome: "completed".to_owned() },
    ]);
    taps(visit, actions)
}

/// Quotes, charges and pays a bill of `lines` lines in an open visit.
pub fn long_bill(visit: Id, lines: usize, tendered: Money) -> Vec<Tap> {
    let lines = vec![line("gasket", 1); lines];
    let mut actions = vec![
        Action::OfferQuote { visit, lines: lines.clone() },
        Action::AcceptQuote { visit, version: 1 },
    ];
    actions.extend(lines.into_iter().map(|line| Action::Charge { visit, line }));
    actions.push(Action::Pay {
        visit,
        tendered,
        method: PaymentMethod::Cash,
        part: None,
        photo: None,
    });
    let name = |at| crate::id(&format!("{visit} long {at}"));
    let named = actions.into_iter().enumerate();
    named.map(|(at, action)| Tap { id: name(at), action }).collect()
}

/// A visit at which nobody opened.
pub fn no_access(order: Id, visit: Id) -> Vec<Tap> {
    let mut actions = at_the_door(order, visit);
    actions.push(step(visit, "notice", written("N-0417-3")));
    actions.push(step(visit, "notice_photo", Value::Photo(Hash::of(&[b"the notice"]))));
    actions.push(Action::Finish { visit, outcome: "no_access".to_owned() });
    taps(visit, actions)
}

fn at_the_door(order: Id, visit: Id) -> Vec<Action> {
    let kit = ["uniform", "badge", "tool_bag", "tool_mat", "shoe_covers", "cotton_rag"];
    let rain = ConditionsNoted { raining: Some(true), ..ConditionsNoted::default() };
    vec![
        Action::StartVisit { order },
        noted(visit, rain),
        step(visit, "kit", many(&kit)),
        step(visit, "tool_bag", many(&["stocked", "one_shoulder", "clean"])),
        knock(visit, 3),
        knock(visit, 3),
        step(visit, "bell", Value::Presses(vec![2_000])),
    ]
}

fn signed() -> SignOff {
    SignOff {
        result: SignOffResult::Signed,
        lang: None,
        // The phone says it when it is tapped.
        shown: Hash::of(&[]),
        role: Some(SignerRole::Owner),
        signer: Some(Personal::new("Mrs Chan")),
        adult: true,
        consent: true,
        strokes: vec![vec![(1_000, 2_000), (3_000, 2_500), (5_200, 1_900)]],
        reason: None,
        witness: None,
    }
}

fn taps(visit: Id, actions: Vec<Action>) -> Vec<Tap> {
    let name = |at: usize| match at {
        0 => visit,
        _ => Id::from_hash(&Hash::of(&[visit.as_bytes(), &at.to_be_bytes()])),
    };
    actions.into_iter().enumerate().map(|(at, action)| Tap { id: name(at), action }).collect()
}

//! What Mei does at a door, as actions: a repair of the usual length.

use doorstep::{
    base::{Decimal, Id, Personal},
    engine::{Action, Engine},
    event::{Answer, Value},
};

use crate::{
    measure::Failed,
    world::{clock, id},
};

/// The steps of one visit, in order, with what is recorded.
pub(crate) fn steps() -> Vec<(&'static str, Answer)> {
    let plain = |value| Answer { value, text: None, note: None };
    let choice = |choice: &str| plain(Value::Choice(choice.to_owned()));
    let number = |units| plain(Value::Number(Decimal { units, decimals: 0 }));
    let many = |choices: &[&str]| plain(Value::Many(choices.iter().map(|c| (*c).into()).collect()));
    let written = |text: &str| Answer {
        value: Value::Written,
        text: Some(Personal::new(text.to_owned())),
        note: None,
    };
    vec![
        ("kit", many(&["uniform", "badge", "tool_bag", "tool_mat", "shoe_covers", "cotton_rag"])),
        ("tool_bag", many(&["stocked", "one_shoulder", "clean"])),
        ("knock", plain(Value::Count(3))),
        ("knock", plain(Value::Count(3))),
        ("bell", plain(Value::Presses(vec![2_000]))),
        ("greeting", plain(Value::Done)),
        ("shoe_covers", plain(Value::Done)),
        ("tool_mat", plain(Value::Done)),
        ("leak_before_method", choice("detector")),
        ("leak_before_instrument", plain(Value::Scan("GD-11".into()))),
        ("leak_before_calibrated", number(202_608)),
        ("leak_before_ppm", number(0)),
        ("leak_before", choice("pass")),
        ("diagnosis", written("The cooker's battery is flat and its contacts are corroded.")),
        ("work", plain(Value::Done)),
        ("leak_after_method", choice("soap")),
        ("leak_after_bubbles", choice("none")),
        ("leak_after", choice("pass")),
        ("site_cleaned", plain(Value::Done)),
        ("opinion", choice("very_satisfied")),
        ("farewell", plain(Value::Done)),
        ("covers_wiped", plain(Value::Done)),
    ]
}

/// Begins a visit to the order.
pub(crate) fn start(engine: &mut Engine, order: Id) -> Result<Id, Failed> {
    let visit = id();
    engine.act(visit, &clock(), Action::StartVisit { order })?;
    Ok(visit)
}

/// Records one step.
pub(crate) fn record(visit: Id, step: &str, answer: &Answer) -> Action {
    Action::Record { visit, step: step.to_owned(), answer: answer.clone() }
}

/// Begins a visit to the order; gives its steps, still to be recorded.
pub(crate) fn begun(
    engine: &mut Engine,
    order: Id,
) -> Result<impl Iterator<Item = Action> + use<>, Failed> {
    let visit = start(engine, order)?;
    Ok(steps().into_iter().map(move |(step, answer)| record(visit, step, &answer)))
}

/// A visit from knocking to farewell; nobody signs, so it is left open for the office to see.
pub(crate) fn play(engine: &mut Engine, order: Id) -> Result<Id, Failed> {
    let visit = start(engine, order)?;
    for (step, answer) in steps() {
        engine.act(id(), &clock(), record(visit, step, &answer))?;
    }
    Ok(visit)
}

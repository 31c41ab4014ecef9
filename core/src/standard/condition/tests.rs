use std::collections::BTreeMap;

use super::*;
use crate::base::Decimal;

fn steps() -> BTreeMap<String, Type> {
    let pass = Type::Choice(vec!["pass".into(), "fail".into()]);
    BTreeMap::from([
        ("knock".into(), Type::Int),
        ("bell".into(), Type::List(Box::new(Type::Int))),
        ("leak_after".into(), pass),
        ("pressure".into(), Type::Decimal),
        ("tests".into(), Type::Items(vec!["valve".into()], vec!["pass".into(), "hazard".into()])),
    ])
}

fn scope() -> Scope {
    Scope { steps: Arc::new(steps()), value: Some(Type::Int) }
}

fn compile(text: &str) -> Result<Condition, Vec<ConditionError>> {
    Condition::compile(text, scope())
}

fn eval(text: &str, facts: &Facts) -> Result<bool, EvalError> {
    compile(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}")).eval(facts)
}

fn first_error(text: &str) -> (usize, String) {
    let error = compile(text).err().unwrap_or_else(|| panic!("accepted: {text}")).remove(0);
    (error.offset, error.message)
}

fn facts() -> Facts {
    let step = |value: FactValue| StepFacts {
        value: Some(value),
        at: 1_000,
        times: 2,
        seq: 7,
        holds: true,
    };
    Facts {
        world: World { raining: Some(true), floor: Some(-1), ..World::default() },
        steps: BTreeMap::from([
            ("knock".into(), step(FactValue::Int(3))),
            (
                "bell".into(),
                step(FactValue::List(vec![FactValue::Int(2_000), FactValue::Int(5_000)])),
            ),
            ("pressure".into(), step(FactValue::Decimal(Decimal { units: 30, decimals: 2 }))),
            (
                "tests".into(),
                step(FactValue::Items(BTreeMap::from([("valve".into(), "pass".into())]))),
            ),
        ]),
        value: Some(FactValue::Int(4)),
        previous: None,
    }
}

#[test]
fn conditions_see_how_old_things_may_be() {
    let limit = AgeLimit { oldest: 202_506, unknown_is_hazard: true };
    let mut facts = facts();
    facts.world.ages.insert("hose".into(), limit);
    for (text, holds) in [
        ("step.knock.value >= age.hose.oldest", false),
        ("202507 >= age.hose.oldest", true),
        ("age.hose.unknown_is_hazard", true),
        ("age.boiler.oldest == 0 && !age.boiler.unknown_is_hazard", true),
    ] {
        assert_eq!(eval(text, &facts), Ok(holds), "{text}");
    }
    let (at, message) = first_error("age.hose.eldest == 0");
    assert!(at == 9 && message.contains("did you mean `oldest`?"), "{at}: {message}");
    assert!(first_error("age.hose").1.contains("age.hose.oldest"));
}

#[test]
fn conditions_see_steps_and_the_world() {
    let facts = facts();
    for text in [
        "step.knock.done && step.knock.value == 3 && step.knock.times == 2",
        "step.knock.at + 1 == 1001 && step.knock.seq == 7",
        "weather.raining && !premises.under_renovation && premises.floor < 0",
        "step.bell.value.exists(ms, ms > 3000) && !step.bell.value.all(ms, ms <= 3000)",
        "size(step.bell.value) == 2",
        "step.pressure.value == 0.3 && step.pressure.value < 1",
        "step.tests.value.valve == 'pass'",
        "value in [3, 4] && value == 4",
        "previous == null",
        "!step.leak_after.done",
        "door.open ? false : true",
        "order.kind == '维修' || money.due == 0",
    ] {
        assert_eq!(eval(text, &facts), Ok(true), "{text}");
    }
}

#[test]
fn an_answer_not_given_is_neither_yes_nor_no_unless_the_rest_decides() {
    let facts = facts();
    assert_eq!(eval("step.leak_after.value == 'pass'", &facts), Ok(false));
    assert!(matches!(eval("value > previous", &facts), Err(EvalError::Unanswered { .. })));
    assert_eq!(eval("value > previous || true", &facts), Ok(true));
    let most = Facts { value: Some(FactValue::Int(i64::MAX)), ..Facts::default() };
    assert!(matches!(eval("value + 1 > 0", &most), Err(EvalError::Failed { .. })));
}

#[test]
fn a_misspelt_name_is_told_where_it_stands() {
    assert_eq!(
        first_error("door.open && step.knokc.done"),
        (18, "unknown step `knokc`: did you mean `knock`?".into())
    );
    let (offset, message) = first_error("order.kind == '门' && wether.raining");
    assert_eq!((offset, message.as_str()), (23, "unknown name `wether`: did you mean `weather`?"));
    assert_eq!(first_error("weather.rainin").0, 8);
    assert_eq!(first_error("step.knock.vale == 3").0, 11);
    assert_eq!(first_error("step.tests.value.valv == 'pass'").0, 17);
    assert_eq!(first_error("step.leak_after.value == 'passed'").0, 25);
    assert_eq!(first_error("step.leak_after.value in ['pass', 'fial']").0, 34);
}

#[test]
fn nonsense_is_refused_before_it_ever_runs() {
    for text in [
        "",
        "1",
        "step.knock.value == 'three'",
        "step.knock.value && door.open",
        "!step.knock.value",
        "step",
        "step.knock",
        "door",
        "has(step.knock.value)",
        "step.knock.value / 0 == 1",
        "step.bell.value[0] == 1",
        "step.bell.value.map(x, x) == [1]",
        "step.bell.value.all(x, step.bell.value.all(y, y > x))",
        "'a'.matches('(a+)+$')",
        "timestamp('2020-01-01T00:00:00Z') == null",
        "{'a': 1} == null",
        "dyn(1) == 1",
        "b'x' == b'x'",
        "door.open &&",
        "(door.open",
        "door.open)",
        "@result",
    ] {
        assert!(compile(text).is_err(), "{text}");
    }
}

#[test]
fn a_syntax_error_is_told_where_it_stands_behind_wide_characters() {
    let (offset, _) = first_error("order.kind == '维修' && && door.open");
    assert_eq!(offset, "order.kind == '维修' && ".len());
}

#[test]
fn what_is_no_condition_is_told_in_words_at_its_place() {
    for (text, place, told) in [
        ("", "", "the condition is empty: leave it out"),
        ("order.kind == 'repair", "'repair", "this quote is not closed"),
        ("order.kind = 'repair'", "= 'repair'", "`=` is not known here: write `==`"),
        ("premises.floor => 3", "=> 3", "`=>` is not known here: write `>=`"),
        ("premises.floor ≥ 3", "≥ 3", "`≥` is not known here: write `>=`"),
        ("（door.open）", "（door.open）", "`（` is not known here: write `(`"),
        ("door.open and order.late", "and order.late", "`and` is not known here: write `&&`"),
        ("door.open & order.late", "& order.late", "`&` is not known here: write `&&`"),
        ("(door.open", "(door.open", "this bracket is not closed: write `)`"),
        ("door.open)", ")", "`)` closes a bracket that nothing opened"),
        ("door.open &&", "&&", "something is missing after `&&`"),
        ("premises.floor 3", "3", "`3` can't stand here: write && or ||"),
    ] {
        let (offset, message) = first_error(text);
        assert_eq!(&text[offset..], place, "{text}: {message}");
        assert!(message.starts_with(told), "{text}: {message}");
    }
}

#[test]
fn deep_or_long_conditions_end_in_an_error_even_on_a_small_stack() {
    let deep = [
        "(".repeat(500),
        format!("{}true{}", "(".repeat(250), ")".repeat(250)),
        format!("{}true", "!".repeat(500)),
        format!("{}1 == 1", "-".repeat(500)),
        format!("{}1 == 1", "- ".repeat(290)),
        format!("{}true", "! ".repeat(290)),
        format!("a{}", ".a".repeat(250)),
        format!("a{}", " .a".repeat(190)),
        format!("a{}", "()".repeat(250)),
        format!("a{}", "[a]".repeat(150)),
        format!("1{} == 1", "+1".repeat(250)),
        format!("true{}", "&&true".repeat(90)),
        format!("true{}", "==true".repeat(90)),
        format!("true{}", "?true:true".repeat(50)),
        "true ? ".repeat(80),
        format!("{}true", "true||(".repeat(80)),
        format!("value.all(x,{}", "value.all(x,".repeat(40)),
        "[".repeat(500),
        "{".repeat(500),
        "'".repeat(500),
        "x".repeat(10_000_000),
        "\0\u{202e}\u{feff}😀".repeat(40),
    ];
    std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(move || {
            for text in deep {
                if let Ok(condition) = compile(&text) {
                    condition.eval(&facts()).ok();
                }
            }
        })
        .unwrap()
        .join()
        .unwrap();
}

proptest::proptest! {
    #[test]
    fn whatever_is_written_as_a_condition_ends_in_an_answer_or_an_error(text in "\\PC{0,80}") {
        if let Ok(condition) = compile(&text) {
            condition.eval(&facts()).ok();
        }
    }

    #[test]
    fn whatever_is_put_together_from_its_words_ends_in_an_answer_or_an_error(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "step.knock.value", "step.bell.value", "step.tests.value.valve", "value", "previous",
            "door.open", "order.kind", "'pass'", "'\\x'", "r'", "1", "-9223372036854775808", "0.1",
            "1e999", "0x", "null", "true", "(", ")", "[", "]", "{", "}", ".", ",", "?", ":", "&&",
            "||", "!", "-", "+", "==", "<", "in", "size", ".all(x,", ".exists(x,", "x", "has(", "\"",
            "\n", "//", "@", "门", "`", "\\",
        ]), 0..16),
    ) {
        let text = words.join(" ");
        if let Ok(condition) = compile(&text) {
            condition.eval(&facts()).ok();
        }
    }
}

#[test]
fn a_condition_compiled_when_it_is_first_asked_says_the_same() {
    let facts = facts();
    for text in ["step.knock.done && value == 4", "weather.raining && step.knock.value > 3"] {
        let later = Condition::later(text, scope());
        assert_eq!(later.eval(&facts), eval(text, &facts), "{text}");
        assert_eq!(later.names(), compile(text).unwrap().names());
    }
    // What nobody checked before and is no condition neither holds nor is broken.
    let broken = Condition::later("step.knokc.done", scope());
    assert!(matches!(broken.eval(&facts), Err(EvalError::Failed { .. })));
    assert!(broken.names().is_empty() && !broken.holds(&facts));
}

#[test]
fn a_condition_reads_as_a_sentence_in_three_languages() {
    use crate::{
        base::Lang,
        standard::{Standard, shipped},
    };
    let standard = Standard::load(shipped("repair").unwrap()).unwrap();
    let step = |id: &str| standard.step(id).unwrap();
    let words = |condition: &Condition, lang| condition.words(&standard, lang);
    let bell = step("bell").constraint.as_ref().unwrap();
    assert_eq!(
        words(bell, Lang::En),
        "the number of entries of the answer is at least 1, and the number of entries of the answer \
         is at most 3, and for every entry of the answer: the entry is at most 3 s"
    );
    assert!(words(bell, Lang::ZhHans).contains("3 秒"), "{}", words(bell, Lang::ZhHans));
    let paid = step("payment").relevant.as_ref().unwrap();
    assert!(words(paid, Lang::En).contains("0.00"), "{}", words(paid, Lang::En));
    let covers = step("shoe_covers").relevant.as_ref().unwrap();
    assert_eq!(words(covers, Lang::En), "the door was opened, and the home is not being renovated");
    assert_eq!(words(covers, Lang::ZhHans), "门已打开，并且住所不在装修");
    assert_eq!(words(covers, Lang::ZhHant), "門已打開，並且住所不在裝修");
    let valve = step("valve_closed").relevant.as_ref().unwrap();
    assert_eq!(
        words(valve, Lang::En),
        "(the answer to “Leak test before: result” is “Failed”, or the answer to “Leak test after: \
         result” is “Failed”), and the answer to “Leak test after: result” is not “Passed”"
    );
    let gates = standard.outcomes().iter().flat_map(|outcome| &outcome.requires);
    let said: Vec<_> = gates.map(|gate| words(&gate.condition, Lang::En)).collect();
    assert!(said.iter().any(|it| it.contains("was last done after “Repair done”")), "{said:#?}");
    assert!(said.iter().all(|it| !it.contains('⟨') && !it.contains('_')), "{said:#?}");
}

#[test]
fn measured_numbers_are_exact_and_count_beside_whole_ones() {
    let mut facts = facts();
    let mut pressure = |units, decimals| {
        let value = Some(FactValue::Decimal(Decimal { units, decimals }));
        facts.steps.get_mut("pressure").unwrap().value = value;
        facts.clone()
    };
    // In doubles 2.08 − 2.06 is more than 0.02, and 0.1 + 0.2 more than 0.3.
    let at = pressure(208, 2);
    for (text, holds) in [
        ("step.pressure.value - 2.06 <= 0.02", true),
        ("step.pressure.value - 2.06 == 0.02", true),
        ("step.pressure.value - 2.06 < 0.020001", true),
        ("step.pressure.value - 2 == 0.08", true),
        ("step.pressure.value + 1 > step.knock.value", true),
        ("step.pressure.value + 1 > step.knock.value + 1", false),
        ("step.pressure.value in [1, 2.08]", true),
        ("step.pressure.value in [1, 2]", false),
        ("2.5 < step.knock.value", true),
        ("-step.pressure.value == -2.08", true),
        ("step.pressure.value >= (step.knock.done ? 2 : 2.5)", true),
        ("step.bell.value.all(ms, ms > 1999.5)", true),
        ("step.pressure.value > 2", true),
        ("step.pressure.value == 2.080", true),
    ] {
        assert_eq!(eval(text, &at), Ok(holds), "{text}");
    }
    assert_eq!(eval("step.pressure.value == 0.1 + 0.2", &pressure(3, 1)), Ok(true));
    assert_eq!(eval("step.pressure.value == 3", &pressure(3_000_000, 6)), Ok(true));
    assert!(first_error("step.pressure.value > 0.1234567").1.contains("at most 6 decimals"));
    assert!(first_error("1.5 in step.bell.value").1.contains("none of whole ones"));
    let failed = eval("step.pressure.value + step.pressure.value > 0", &pressure(i64::MAX, 0));
    assert!(matches!(failed, Err(EvalError::Failed { .. })), "{failed:?}");
}

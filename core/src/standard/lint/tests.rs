use super::*;
use crate::standard::SHIPPED_STANDARDS;

/// A small standard of another trade: a lift is inspected. `%` is what a test puts in.
const LIFT: &str = r#"id = "lift"
version = 1
visit = "inspection"
title = { zh-Hans = "电梯", zh-Hant = "電梯", en = "Lift" }
languages = ["zh-Hans", "zh-Hant", "en"]
mandatory_from = "2026-12-01"
phase = [{ id = "shaft", title = { zh-Hans = "井", zh-Hant = "井", en = "Shaft" }, step = [
  { id = "pit", kind = "choice", source = "EN 81", title = { zh-Hans = "坑", zh-Hant = "坑", en = "Pit" }, choices = [
    { id = "dry", title = { zh-Hans = "干", zh-Hant = "乾", en = "Dry" } },
    { id = "wet", title = { zh-Hans = "湿", zh-Hant = "濕", en = "Wet" } } ] },
  { id = "pump", kind = "count", source = "EN 81", title = { zh-Hans = "泵", zh-Hant = "泵", en = "Pump" }, %1 },
  { id = "rope", kind = "number", unit = "mm", decimals = 1, source = "EN 81", title = { zh-Hans = "绳", zh-Hant = "繩", en = "Rope" }, %2 },
  { id = "seal", kind = "done", source = "EN 81", title = { zh-Hans = "封", zh-Hant = "封", en = "Seal" }, relevant = "step.pump.done" },
] }]
[[outcome]]
id = "completed"
title = { zh-Hans = "完成", zh-Hant = "完成", en = "Completed" }
order = "done"
phases = ["shaft"]
%3
"#;

const NOTE: &str = "message = { zh-Hans = \"一\", zh-Hant = \"一\", en = \"a\" }";

/// `severity code line: message` of all that is told of the lift with these lines in it.
fn told(pump: &str, rope: &str, gates: &[&str]) -> Vec<String> {
    let gate = |gate: &&str| {
        format!("[[outcome.require]]\ncondition = \"{gate}\"\n{NOTE}\nsource = \"S\"\n")
    };
    let gates: String = gates.iter().map(gate).collect();
    let text = LIFT.replace("%1", pump).replace("%2", rope).replace("%3", &gates);
    let line = |remark: Remark| {
        format!(
            "{:?} {} {}: {}",
            remark.severity, remark.code, remark.place.line, remark.place.message
        )
    };
    check(&text).remarks.into_iter().map(line).collect()
}

fn one(pump: &str, rope: &str, gates: &[&str]) -> String {
    let mut told = told(pump, rope, gates);
    assert_eq!(told.len(), 1, "{told:#?}");
    told.remove(0)
}

#[test]
fn what_ships_is_told_nothing() {
    for file in SHIPPED_STANDARDS {
        let checked = check(file.text);
        assert_eq!(checked.remarks, [], "{}", file.name);
        assert!(checked.standard.is_some());
    }
    assert_eq!(told("", "", &[]), Vec::<String>::new());
}

#[test]
fn a_step_that_is_never_there_takes_those_that_wait_for_it_along() {
    let told = told("relevant = \"step.pit.value == 'wet' && step.pit.value == 'dry'\"", "", &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0].starts_with("Error unreachable-step 11: step `pump` is never there"),
        "{told:#?}"
    );
    assert!(told[1].starts_with("Error unreachable-step 13: step `seal`"), "{told:#?}");
    assert!(told[1].contains("waits for `pump`"), "{told:#?}");
}

#[test]
fn what_a_limit_refuses_no_other_step_can_wait_for() {
    let limit =
        |on_break: &str| format!("constraint = \"value <= 3\", on_break = \"{on_break}\", {NOTE}");
    let waits = "relevant = \"step.pump.value > 3\"";
    let told = one(&limit("stop"), waits, &[]);
    assert!(told.starts_with("Error unreachable-step 12: step `rope` is never there"), "{told}");
    assert!(told.contains("since `pump` takes no answer that breaks its limit"), "{told}");
    // What is kept with a finding can be waited for, and so can what the limit lets through.
    assert_eq!(self::told(&limit("record"), waits, &[]), Vec::<String>::new());
    let within = "relevant = \"step.pump.value > 2\"";
    assert_eq!(self::told(&limit("stop"), within, &[]), Vec::<String>::new());
}

#[test]
fn a_limit_that_no_answer_keeps_or_none_breaks_is_told() {
    for never in ["value > 3 && value < 2", "value < 0", "value > 1000"] {
        let told = one(&format!("constraint = \"{never}\", {NOTE}"), "", &[]);
        assert!(
            told.starts_with("Error never-holds 11: no answer to step `pump` can keep"),
            "{told}"
        );
    }
    // Between 1.2 and 1.3 there is nothing with one digit behind the point.
    let told = one("", &format!("constraint = \"value > 1.2 && value < 1.3\", {NOTE}"), &[]);
    assert!(told.starts_with("Error never-holds 12"), "{told}");
    assert_eq!(
        self::told("", &format!("constraint = \"value > 1.1 && value < 1.3\", {NOTE}"), &[]),
        Vec::<String>::new()
    );
    let told = one(&format!("constraint = \"value >= 0 || value < 5\", {NOTE}"), "", &[]);
    assert!(told.starts_with("Warning always-holds 11"), "{told}");
}

#[test]
fn conditions_of_one_step_that_cannot_both_hold_are_told() {
    let told = one("relevant = \"door.open\", required = \"!door.open\"", "", &[]);
    assert!(told.starts_with("Warning contradiction 11: `required` and `relevant`"), "{told}");
    let told = one(
        &format!("relevant = \"door.open\", constraint = \"!door.open && value > 1\", {NOTE}"),
        "",
        &[],
    );
    assert!(told.starts_with("Error contradiction 11: `constraint` and `relevant`"), "{told}");
}

#[test]
fn an_end_whose_gates_contradict_each_other_is_told_with_both_places() {
    let told = one("", "", &["step.pit.value == 'dry'", "door.open", "step.pit.value == 'wet'"]);
    assert!(told.starts_with("Error contradiction 29: this gate and the one in line 21"), "{told}");
    let told = one("", "", &["step.seal.seq > step.pit.seq && step.pit.seq > step.seal.seq"]);
    assert!(told.starts_with("Error never-holds 21: this gate can never be passed"), "{told}");
    // In this order, of course it can.
    assert_eq!(self::told("", "", &["step.seal.seq > step.pit.seq"]), Vec::<String>::new());
}

#[test]
fn a_step_that_waits_for_a_later_one_is_told() {
    let told = one("relevant = \"step.rope.done\"", "", &[]);
    assert!(told.starts_with("Warning later-step 11"), "{told}");
}

#[test]
fn what_does_nothing_is_told() {
    let told = told(&format!("on_break = \"stop\", {NOTE}"), "", &[]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told.iter().all(|it| it.starts_with("Warning idle 11")), "{told:#?}");
}

#[test]
fn where_trying_would_not_be_enough_nothing_is_said() {
    // Sums over answers have no end of values that matter.
    let sum = format!("constraint = \"value + value == 7\", {NOTE}");
    assert_eq!(told(&sum, "", &[]), Vec::<String>::new());
}

#[test]
fn a_text_of_any_length_and_made_of_any_parts_is_tried() {
    let scan = "required = false },\n  { id = \"pass\", kind = \"scan\", title = { zh-Hans = \"码\", zh-Hant = \"碼\", en = \"Code\" }, source = \"S\"";
    let with = |limit: &str| told(&format!("{scan}, constraint = \"{limit}\", {NOTE}"), "", &[]);
    for good in [
        "size(value) == 6",
        "size(value) >= 14 && size(value) <= 16",
        "value.startsWith('OTP') && size(value) == 9",
        "value.startsWith('A') && value.contains('-') && value.endsWith('X')",
        "value.startsWith('A') && value.endsWith('X') && size(value) == 40",
        "value != 'A' && value != 'B' && size(value) == 1",
        // More than is tried.
        "size(value) == 5000",
        "value.contains('a') && value.contains('b') && value.contains('c') && value.contains('d')",
    ] {
        assert_eq!(with(good), Vec::<String>::new(), "{good}");
    }
    for bad in ["size(value) > 3 && size(value) < 4", "value.startsWith('OTP') && size(value) == 2"]
    {
        let told = with(bad);
        assert!(told.len() == 1 && told[0].starts_with("Error never-holds"), "{bad}: {told:?}");
    }
}

#[test]
fn answers_that_are_each_less_than_the_next_are_tried() {
    let step = |id: &str| {
        format!(
            "required = false }},\n  {{ id = \"{id}\", kind = \"number\", unit = \"mm\", title = {{ zh-Hans = \"磨\", zh-Hant = \"磨\", en = \"Wear\" }}, source = \"S\", "
        )
    };
    let steps: String = ["a", "b", "c", "d", "e"].map(step).concat();
    let rising = "step.a.value < step.b.value && step.b.value < step.c.value && step.c.value < step.d.value && step.d.value < step.e.value";
    assert_eq!(told(&steps, "", &[rising]), Vec::<String>::new());
    let round = rising.replace("step.e.value", "step.a.value");
    let told = told(&steps, "", &[&round]);
    assert!(told.len() == 1 && told[0].starts_with("Error never-holds"), "{told:?}");
}

#[test]
fn a_standard_that_makes_no_order_done_is_told() {
    let text = LIFT.replace("%1", "").replace("%2", "").replace("%3", "");
    let told = check(&text.replace("order = \"done\"", "order = \"attempted\"")).remarks;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((told[0].code, told[0].place.line), ("never-done", 16));
    assert_eq!(check(&text.replace("id = \"completed\"", "id = \"passed\"")).remarks, []);
}

#[test]
fn an_end_that_leaves_it_to_its_id_what_becomes_of_the_order_is_told() {
    let text = LIFT.replace("%1", "").replace("%2", "").replace("%3", "");
    let text = text.replace("order = \"done\"\n", "");
    let told = check(&text).remarks;
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((told[0].code, told[0].place.line), ("no-order", 16));
    assert!(told[0].place.message.contains("order = \"done\""), "{}", told[0].place.message);
    let passed = check(&text.replace("id = \"completed\"", "id = \"passed\"")).remarks;
    let codes: Vec<_> = passed.iter().map(|remark| remark.code).collect();
    assert_eq!(codes, ["no-order", "never-done"]);
    assert!(check(&text.replace("phases = ", "order = \"over\"\nphases = ")).is_refused());
}

#[test]
fn a_file_in_other_languages_is_told_so_once_a_text() {
    let text = LIFT
        .replace("%1", "")
        .replace("%2", "")
        .replace("%3", "")
        .replace("zh-Hans", "de")
        .replace("zh-Hant", "es")
        .replace(", en = ", ", fr = ");
    let remarks = check(&text).remarks;
    let texts = text.matches("{ de = ").count();
    let missing = |remark: &&Remark| {
        remark
            .place
            .message
            .starts_with("the text is missing in zh-Hans, zh-Hant, en; it has de, es, fr")
    };
    assert_eq!(remarks.iter().filter(missing).count(), texts, "{remarks:#?}");
    assert!(remarks.iter().any(|remark| remark.place.line == 5), "{remarks:#?}");
}

#[test]
fn line_ends_tabs_and_a_mark_at_the_beginning_change_nothing() {
    let good = SHIPPED_STANDARDS[0].text;
    let windows = good.replace('\n', "\r\n");
    let tabbed = good.replace("\nid =", "\n\tid =");
    for text in [format!("\u{feff}{good}"), windows.clone(), tabbed] {
        assert_eq!(check(&text).remarks, []);
    }
    let broken = format!("\u{feff}{}", windows.replacen("door.open", "door.opne", 1));
    let line = broken.lines().position(|line| line.contains("opne")).unwrap() + 1;
    assert_eq!(check(&broken).remarks[0].place.line, line);
}

#[test]
fn of_a_thousand_mistakes_fifty_are_told_and_the_rest_counted() {
    let step = "[[phase.step]]\nid=\"aN\"\nkind=\"dome\"\nsource=\"S\"\ntitle={zh-Hans=\"一\",zh-Hant=\"一\",en=\"a\"}\n";
    let steps: String = (0..400).map(|n| step.replace('N', &n.to_string())).collect();
    let text =
        SHIPPED_STANDARDS[0].text.replacen("\n[[outcome]]", &format!("\n{steps}[[outcome]]"), 1);
    let remarks = check(&text).remarks;
    assert_eq!(remarks.len(), 51, "{}", remarks.len());
    assert!(remarks[50].place.message.starts_with("and 350 more"), "{:?}", remarks[50]);
}

#[test]
fn a_limit_is_tighter_when_it_lets_less_through() {
    use super::{LimitChange, compare_limits};
    let with = |limit: &str| {
        let pump = format!("constraint = \"{limit}\", {NOTE}");
        let text = LIFT.replace("%1", &pump).replace("%2", "").replace("%3", "");
        check(&text).standard.unwrap()
    };
    for (old, new, change) in [
        ("value <= 3", "value <= 2", LimitChange::Tighter),
        ("value <= 3", "value <= 4", LimitChange::Looser),
        ("value <= 3", "value < 4", LimitChange::Same),
        ("value <= 3", "value >= 1", LimitChange::Other),
        ("value <= 3 || door.open", "value <= 3", LimitChange::Tighter),
    ] {
        let (old_standard, new_standard) = (with(old), with(new));
        let pump = new_standard.step("pump").unwrap();
        let limit =
            |standard: &Standard| standard.step("pump").unwrap().constraint.clone().unwrap();
        let told =
            compare_limits(&limit(&old_standard), &limit(&new_standard), &new_standard, &pump.kind);
        assert_eq!(told, change, "{old} → {new}");
    }
}

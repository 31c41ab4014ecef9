use chrono::NaiveDate;

use super::*;
use crate::{
    base::{Lang, SourceError},
    event::VisitKind,
};

/// The smallest standard that loads; each test spoils it in one way.
const SMALL: &str = r#"id = "small"
version = 1
visit = "repair"
title = { zh-Hans = "小", zh-Hant = "小", en = "Small" }
languages = ["zh-Hans", "zh-Hant", "en"]
mandatory_from = "2026-12-01"

[[phase]]
id = "at_door"
title = { zh-Hans = "上门", zh-Hant = "上門", en = "At the door" }

[[phase.step]]
id = "knock"
kind = "count"
title = { zh-Hans = "敲门", zh-Hant = "敲門", en = "Knock" }
required = "!door.open"
constraint = "value <= 3"
message = { zh-Hans = "三下", zh-Hant = "三下", en = "Three" }
source = "S"

[[phase.step]]
id = "test"
kind = "choice"
title = { zh-Hans = "检漏", zh-Hant = "檢漏", en = "Leak test" }
choices = [
  { id = "pass", title = { zh-Hans = "合格", zh-Hant = "合格", en = "Passed" } },
]
relevant = "step.knock.done"
source = "S"

[[outcome]]
id = "completed"
title = { zh-Hans = "完成", zh-Hant = "完成", en = "Completed" }
order = "done"
phases = ["at_door"]

[[outcome.require]]
condition = "step.test.value == 'pass'"
message = { zh-Hans = "检漏", zh-Hant = "檢漏", en = "Test" }
source = "S"
"#;

fn spoilt(from: &str, to: &str) -> Vec<SourceError> {
    assert!(SMALL.contains(from), "nothing to spoil: {from}");
    let text = SMALL.replacen(from, to, 1);
    Standard::load(&text).err().unwrap_or_else(|| panic!("accepted {to}"))
}

/// The one error that comes of it, as `line:column message`.
fn one_error(from: &str, to: &str) -> String {
    let errors = spoilt(from, to);
    assert_eq!(errors.len(), 1, "{errors:?}");
    format!("{}:{} {}", errors[0].line, errors[0].column, errors[0].message)
}

#[test]
fn the_small_standard_loads_without_a_warning() {
    let standard = Standard::load(SMALL).unwrap();
    assert_eq!(
        (standard.id(), standard.version(), standard.visit()),
        ("small", 1, VisitKind::Repair)
    );
    assert!(standard.warnings().is_empty());
    assert_eq!(standard.step("test").unwrap().kind.name(), "choice");
    assert_eq!(standard.phase_of("knock").unwrap().id, "at_door");
    assert_ne!(
        standard.fingerprint(),
        Standard::load(&format!("{SMALL}\n")).unwrap().fingerprint()
    );
}

#[test]
fn unknown_keys_are_refused_where_they_stand() {
    let error = one_error("required = ", "requierd = ");
    assert!(error.starts_with("16:1 unknown key `requierd`"), "{error}");
    let error = one_error("version = 1\n", "");
    assert!(error.starts_with("1:1 `version` is missing"), "{error}");
    let error = one_error("version = 1", "version = -1");
    assert!(error.starts_with("2:11 "), "{error}");
    let error = one_error("version = 1", "version = ");
    assert!(error.starts_with("2:"), "{error}");
    let error = one_error("required = \"!door.open\"", "required = 3");
    assert!(
        error.starts_with("16:12 `required` is true, false, or a condition in quotes"),
        "{error}"
    );
}

#[test]
fn an_unknown_name_in_a_condition_is_told_to_the_column() {
    assert_eq!(
        one_error("!door.open", "!door.opne"),
        "16:19 unknown name `door.opne`: did you mean `open`?"
    );
    assert_eq!(
        one_error("\"step.knock.done\"", "\"true && step.knokc.done\""),
        "28:26 unknown step `knokc`: did you mean `knock`?"
    );
    assert_eq!(
        one_error("\"step.knock.done\"", "'''\ntrue &&\n  step.knokc.done'''"),
        "30:8 unknown step `knokc`: did you mean `knock`?"
    );
    assert_eq!(
        one_error("== 'pass'", "== 'pas'"),
        "38:33 `pas` is not one of the choices: did you mean `pass`?"
    );
    assert!(one_error("!door.open", "value > 1").starts_with("16:13 `value` is known only"));
    assert!(one_error("value <= 3", "value <= 'three'").starts_with("17:21 "));
    assert!(one_error("value <= 3", "value <= ").starts_with("17:"));
    let long = one_error("value <= 3", &format!("value <= {}", "3".repeat(1_000)));
    assert!(long.contains("at most 800"), "{long}");
}

#[test]
fn steps_that_wait_for_each_other_are_refused() {
    assert_eq!(
        one_error("!door.open", "step.test.done"),
        "16:12 steps wait for each other in a circle: `knock` → `test` → `knock`"
    );
    assert_eq!(
        one_error("!door.open", "!step.knock.done"),
        "16:12 steps wait for each other in a circle: `knock` → `knock`"
    );
}

#[test]
fn a_step_that_leads_into_a_circle_is_not_blamed_for_it() {
    let step = |id: &str, on: &str| {
        format!(
            "[[phase.step]]\nid = \"{id}\"\nkind = \"done\"\nrelevant = \"step.{on}.done\"\nsource = \"S\"\n\
             title = {{ zh-Hans = \"一\", zh-Hant = \"一\", en = \"a\" }}\n"
        )
    };
    let steps = [step("a", "b"), step("b", "c"), step("c", "b"), step("d", "a"), step("e", "e")];
    let errors = spoilt("[[outcome]]", &format!("{}[[outcome]]", steps.concat()));
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "steps wait for each other in a circle: `b` → `c` → `b`",
            "steps wait for each other in a circle: `e` → `e`",
        ]
    );
}

#[test]
fn repeated_and_impossible_ids_are_refused() {
    let errors = spoilt("id = \"test\"", "id = \"knock\"");
    let told: Vec<_> = errors.iter().map(SourceError::to_string).collect();
    assert!(
        told.contains(&"line 22, column 6: there is already a step `knock`, in line 13".into()),
        "{told:?}"
    );
    let errors = spoilt("id = \"knock\"", "id = \"Knock-1\"");
    assert!(
        errors[0].to_string().starts_with("line 13, column 6: `Knock-1` is no id"),
        "{errors:?}"
    );
    assert!(one_error("id = \"small\"", "id = \"\"").starts_with("1:6 a standard's id"));
}

#[test]
fn a_text_must_be_there_in_all_three_languages() {
    let error = one_error(", zh-Hant = \"敲門\", en = \"Knock\" }", " }");
    assert_eq!(error, "15:9 the text is missing in zh-Hant, en");
    assert!(one_error("\"敲門\"", "\" \"").starts_with("15:37 the zh-Hant text is empty"));
    assert!(
        one_error("en = \"Knock\"", "en = \"Knock\", fr = \"Toc\"")
            .contains("no texts in language `fr`")
    );
    assert!(
        one_error(", \"en\"]", "]").starts_with("5:13 a standard is written in three languages")
    );
}

#[test]
fn kinds_and_their_options_must_fit() {
    assert_eq!(
        one_error("kind = \"choice\"", "kind = \"choise\""),
        "23:8 unknown kind of step `choise`: did you mean `choice`?"
    );
    assert!(
        one_error("required = ", "unit = \"kPa\"\nrequired = ")
            .starts_with("16:8 `unit` belongs to number")
    );
    assert!(
        one_error("required = ", "repeat = { at_most = 0 }\nrequired = ")
            .starts_with("16:22 at_most is 0")
    );
    assert!(
        one_error("required = ", "repeat = {}\nrequired = ").starts_with("16:10 `repeat` says")
    );
    assert!(
        one_error("required = ", "on_break = \"halt\"\nrequired = ").contains("write record, stop")
    );
    assert!(
        one_error("message = { zh-Hans = \"三下\", zh-Hant = \"三下\", en = \"Three\" }\n", "")
            .starts_with("17:14 a constraint needs a `message`")
    );
    assert!(one_error("[\"at_door\"]", "[\"at_dor\"]").contains("did you mean `at_door`?"));
    assert!(one_error("2026-12-01", "2026-13-01").starts_with("6:18 write a day"));
    assert!(
        one_error("visit = \"repair\"", "visit = \"repairs\"").contains("did you mean `repair`?")
    );
}

#[test]
fn several_errors_are_told_at_once_in_the_order_of_the_file() {
    let text = SMALL
        .replace("!door.open", "!dor.open")
        .replace("'pass'\"", "'no'\"")
        .replace("version = 1", "version = 0");
    let lines: Vec<_> = Standard::load(&text).unwrap_err().iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 16, 38]);
}

#[test]
fn a_rule_without_its_source_is_a_warning() {
    let standard = Standard::load(&SMALL.replacen("source = \"S\"\n", "", 1)).unwrap();
    assert_eq!(standard.warnings().len(), 1);
    assert_eq!(
        standard.warnings()[0].to_string(),
        "line 12, column 1: step `knock` doesn't say its `source`"
    );
}

#[test]
fn files_that_are_too_large_are_refused_unread() {
    let error = Standard::load(&"#".repeat(MAX_FILE + 1)).unwrap_err();
    assert!(error[0].message.contains("at most 262144"), "{error:?}");
    let step = "[[phase.step]]\nid=\"aN\"\nkind=\"done\"\nsource=\"S\"\ntitle={zh-Hans=\"一\",zh-Hant=\"一\",en=\"a\"}\n";
    let steps: String = (0..MAX_STEPS).map(|n| step.replace('N', &n.to_string())).collect();
    let errors = spoilt("[[outcome]]", &format!("{steps}[[outcome]]"));
    assert!(errors[0].message.contains("at most 500 steps"), "{errors:?}");
}

#[test]
fn garbage_ends_in_an_error_not_in_a_panic() {
    let deep = format!("id = {}", "[".repeat(100_000));
    let keys = format!("{} = 1", ["a"; 50_000].join("."));
    for text in ["", "\0", "id", "[[[", "phase = 1", "[[phase]]\n[[phase.step.step]]", &deep, &keys]
    {
        assert!(Standard::load(text).is_err());
        assert!(Calendar::load(text).is_err());
        assert!(ServicePromises::load(text).is_err());
    }
}

#[test]
fn every_shipped_standard_loads_with_all_its_sources() {
    for file in SHIPPED_STANDARDS {
        let standard =
            Standard::load(file.text).unwrap_or_else(|errors| panic!("{}: {errors:?}", file.name));
        assert_eq!(
            model::VISIT_KINDS.iter().find(|(kind, _)| *kind == standard.visit()).unwrap().1,
            file.name
        );
        assert_eq!(standard.warnings(), [], "{}", file.name);
        assert!(standard.steps().all(|step| step.rule.is_some()));
        // Rules are recorded and gates stop; but no gas is handed over where it must not stand, and no
        // test is passed that its numbers deny.
        let stops: Vec<_> = standard
            .steps()
            .filter(|step| step.on_break == OnBreak::Stop)
            .map(|step| step.id.as_str())
            .collect();
        let expected: &[&str] = match file.name {
            "delivery" => &["delivered"],
            "repair" | "installation" => &["leak_before", "leak_after", "pipe_test"],
            "inspection" => &["tightness"],
            _ => &[],
        };
        assert_eq!(stops, expected, "{}", file.name);
        for outcome in ["completed", "made_safe", "no_access", "refused", "cancelled"] {
            // Nobody works on gas at a call-back.
            if (file.name, outcome) == ("call_back", "made_safe") {
                continue;
            }
            assert!(standard.outcome(outcome).is_some(), "{outcome}");
        }
        assert_eq!(shipped(file.name), Some(file.text));
    }
}

#[test]
fn the_repair_standard_holds_every_rule_of_the_door() {
    let standard = Standard::load(shipped("repair").unwrap()).unwrap();
    let rules: Vec<_> = standard.steps().filter_map(|step| step.rule.as_deref()).collect();
    for rule in [
        "S-PREP-1",
        "S-PREP-2",
        "S-KNOCK-1",
        "S-BELL-1",
        "S-NOTE-1",
        "S-ID-1",
        "S-RAIN-1",
        "S-SHOE-1",
        "S-SHOE-2",
        "S-MAT-1",
        "S-PAY-1",
        "S-CLEAN-1",
        "S-SIGN-1",
        "S-BYE-1",
        "S-SAFE-1",
    ] {
        assert!(rules.contains(&rule), "{rule}");
    }
    // Courtesy is not turned into a tick per word.
    assert!(!rules.contains(&"S-WORD-1"));
    // Payment and cleaning up have no fixed order.
    let finishing = standard.phase_of("payment").unwrap();
    assert!(finishing.any_order && finishing.steps.iter().any(|step| step.id == "site_cleaned"));
}

#[test]
fn the_office_promises_are_data_with_sources() {
    let promises = ServicePromises::load(SHIPPED_PROMISES.text).unwrap();
    assert_eq!(promises.get("complaint_contacted").unwrap().within, Within::Hours(48));
    assert_eq!(promises.get("complaint_answered").unwrap().within, Within::WorkingDays(3));
    assert_eq!(promises.get("complaint_answered").unwrap().from, "handed_over");
    assert_eq!(promises.get("network_fault_restored").unwrap().within, Within::Hours(24));
    let text = SHIPPED_PROMISES.text.replacen("working_days = 1", "working_days = 1\nhours = 3", 1);
    let errors = ServicePromises::load(&text).unwrap_err();
    assert!(errors[0].message.contains("one of hours"), "{errors:?}");
}

#[test]
fn working_days_skip_weekends_and_holidays_but_not_make_up_days() {
    let calendar = Calendar::load(SHIPPED_CALENDAR.text).unwrap();
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
    // Wednesday before National Day; Saturday the 10th is worked.
    assert_eq!(calendar.plus_working_days(day("2026-09-30"), 3), Some(day("2026-10-10")));
    assert_eq!(calendar.plus_working_days(day("2026-11-27"), 1), Some(day("2026-11-30")));
    assert_eq!(calendar.holiday(day("2026-10-01")).unwrap().get(Lang::En), "National Day");
    assert!(calendar.covers(day("2026-01-01")) && !calendar.covers(day("2027-01-01")));
    assert_eq!(calendar.plus_working_days(day("2026-01-01"), u32::MAX), None);
    assert_eq!(calendar.plus_working_days(NaiveDate::MAX, 1), None);
}

#[test]
fn a_calendar_tells_a_wrong_or_repeated_day_where_it_stands() {
    let text = SHIPPED_CALENDAR.text;
    let errors = Calendar::load(&text.replacen("2026-02-14", "2026-02-30", 1)).unwrap_err();
    assert_eq!((errors[0].line, errors[0].column), (5, 31), "{errors:?}");
    let errors = Calendar::load(&text.replacen("2026-02-14", "2025-02-14", 1)).unwrap_err();
    assert!(errors[0].message.contains("2025 is not among"), "{errors:?}");
    let errors = Calendar::load(&text.replacen("2026-02-14", "2026-10-01", 1)).unwrap_err();
    assert!(errors[0].message.contains("already"), "{errors:?}");
}

#[test]
fn the_guide_for_authors_names_every_kind_and_every_fact() {
    let guide = include_str!("../../../docs/standards.md");
    for name in Kind::NAMES.into_iter().chain(Fact::ALL.iter().map(|fact| fact.name())) {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn a_standard_read_again_is_the_one_that_was_loaded() {
    for file in SHIPPED_STANDARDS {
        let loaded = Standard::load(file.text).unwrap();
        let read = Standard::read(file.text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{loaded:?}"), "{}", file.name);
    }
    // Reading trusts the conditions, and nothing else.
    assert!(Standard::read(&SMALL.replacen("!door.open", "!door.opne", 1)).is_ok());
    assert!(Standard::read(&SMALL.replacen("version = 1", "version = 0", 1)).is_err());
}

//! What is wrong in a scenario is told with line and column, and with the word that was meant.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::path::Path;

use doorstep_player::Scenario;

const HEAD: &str = r#"start = "2026-12-01T08:00:00+08:00"
[people.he]
name = "He"
role = "supervisor"
[people.mei]
name = "Mei"
role = "technician"
[devices.phone]
person = "mei"
[premises.flat]
address = "Flat 1203, 8 Harbour Street"
[orders.repair]
kind = "repair"
premises = "flat"
assigned_to = "mei"
"#;

/// Everything that is told about the steps after the usual head, whose lines are taken off.
fn told(steps: &str) -> Vec<String> {
    let text = format!("{HEAD}{steps}");
    let head = HEAD.lines().count();
    match Scenario::parse(Path::new("s.toml"), &text) {
        Ok(_) => Vec::new(),
        Err(error) => {
            let place = |e: &doorstep::base::SourceError| {
                format!("{}:{}: {}", e.line as i64 - head as i64, e.column, e.message)
            };
            error.errors.iter().map(|(_, error)| place(error)).collect()
        }
    }
}

fn only(steps: &str) -> String {
    let errors = told(steps);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

#[test]
fn a_scenario_of_the_head_alone_is_a_scenario() {
    assert_eq!(told(""), Vec::<String>::new());
}

#[test]
fn a_misspelt_key_is_told_with_the_key_that_was_meant() {
    let error = only("[[step]]\nwho = \"mei\"\nsycn = true\n");
    assert!(error.starts_with("3:1: ") && error.contains("did you mean `sync`"), "{error}");
}

#[test]
fn unknown_people_orders_steps_and_outcomes_are_told_at_their_place() {
    let cases = [
        ("[[step]]\nwho = \"mie\"\nsync = true", "2:7: ", "did you mean `mei`"),
        ("[[step]]\nwho = \"mei\"\nstart_visit = \"repiar\"", "3:15: ", "did you mean `repair`"),
        (
            "[[step]]\nwho = \"mei\"\nstart_visit = \"repair\"\n[[step]]\nwho = \"mei\"\nrecord = \"knokc\"",
            "6:10: ",
            "did you mean `knock`",
        ),
        (
            "[[step]]\nwho = \"mei\"\nstart_visit = \"repair\"\n[[step]]\nwho = \"mei\"\nfinish = \"complete\"",
            "6:10: ",
            "did you mean `completed`",
        ),
        ("[[step]]\nexpect = { order = \"x\", status = \"done\" }", "2:20: ", "known are repair"),
        (
            "[[step]]\nwho = \"mei\"\nstart_visit = \"repair\"\n[[step]]\nwho = \"mei\"\nquote = [\"gasket\", \"hoes\"]",
            "6:20: ",
            "did you mean `hose`",
        ),
        ("[[step]]\nwho = \"mei\"\nnetwork = \"offf\"", "3:11: ", "did you mean `off`"),
    ];
    for (steps, place, hint) in cases {
        let error = only(steps);
        assert!(error.starts_with(place) && error.contains(hint), "{steps}\n{error}");
    }
}

#[test]
fn steps_that_make_no_sense_say_what_to_write() {
    let cases = [
        ("[[step]]\nsync = true", "who does this?"),
        ("[[step]]\nwho = \"mei\"\nsync = true\nkill = true", "are two steps"),
        ("[[step]]\nwho = \"mei\"\nsync = true\nvalue = 3", "`value` belongs to `record`"),
        ("[[step]]\nwho = \"mei\"\nrecord = \"knock\"", "no visit was started"),
        (
            "[[step]]\nwho = \"mei\"\nassign = \"repair\"\nto = \"mei\"",
            "dispatcher or a supervisor",
        ),
        ("[[step]]\nwho = \"he\"\nsync = true", "has no device"),
        ("[[step]]\nwho = \"mei\"\nat = \"07:00\"\nsync = true", "time only goes forward"),
        ("[[step]]\nwho = \"mei\"\nat = \"soon\"\nsync = true", "is no time"),
        ("[[step]]\nwho = \"mei\"\nrepeat = \"tap\"", "tap named by `as`"),
        ("[[step]]\nexpect = { order = \"repair\" }", "nothing is expected"),
        ("[[step]]\nexpect = { unsent = 0 }", "of whom?"),
        ("[[step]]\nexpect = { order = \"repair\", unsent = 0 }", "`unsent` belongs to"),
    ];
    for (steps, words) in cases {
        let error = only(steps);
        assert!(error.contains(words), "{steps}\n{error}");
    }
}

#[test]
fn all_errors_are_told_in_the_order_of_the_file() {
    let errors = told("[[step]]\nwho = \"x\"\nsync = true\n[[step]]\nwho = \"y\"\nsync = true\n");
    assert!(errors.len() == 2 && errors[0].starts_with("2:") && errors[1].starts_with("5:"));
}

#[test]
fn a_file_that_is_no_toml_or_not_there_is_told_too() {
    assert!(only("[[step\n").starts_with("1:"));
    assert!(Scenario::load(Path::new("/nowhere/at/all.toml")).is_err());
    let long = format!("{HEAD}# {}", "x".repeat(doorstep_player::MAX_FILE));
    assert!(Scenario::parse(Path::new("s.toml"), &long).is_err());
}

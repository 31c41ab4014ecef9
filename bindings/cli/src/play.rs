//! `doorstep play` and `doorstep demo`.

use std::path::Path;

use doorstep::base::Lang;
use doorstep_player::{Options, Scenario, play};

/// The story of a working day that `doorstep demo` plays.
const DEMO: &str = include_str!("../../../tests/scenarios/demo.toml");
const DEMO_FILE: &str = "tests/scenarios/demo.toml";

/// Plays the demo.
pub(crate) fn demo(lang: Lang, json: bool) -> Result<(), String> {
    let scenario =
        Scenario::parse(Path::new(DEMO_FILE), DEMO).map_err(|error| error.to_string())?;
    run(&scenario, lang, json)
}

/// Plays the scenario in `file`.
pub(crate) fn file(file: &Path, lang: Lang, json: bool) -> Result<(), String> {
    run(&Scenario::load(file).map_err(|error| error.to_string())?, lang, json)
}

/// Tells the story as it happens, or prints the final state as JSON. `Err` when the scenario went
/// otherwise than it says.
fn run(scenario: &Scenario, lang: Lang, json: bool) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut tell = |line: &str| {
        if !json {
            println!("{line}");
        }
    };
    let report = play(scenario, Options { program: &program, lang, tell: &mut tell })?;
    if json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
        println!("{text}");
    }
    if report.ok {
        return Ok(());
    }
    let missed = report.expectations.iter().filter(|outcome| !outcome.ok).map(|outcome| {
        let (line, text, seen) = (outcome.line, &outcome.text, &outcome.seen);
        format!("{}:{line}: expected {text}; seen: {seen}", report.scenario)
    });
    let failed = report
        .failures
        .iter()
        .map(|failure| format!("{}:{}: {}", report.scenario, failure.line, failure.message));
    Err(failed.chain(missed).collect::<Vec<_>>().join("\n"))
}

//! Every scenario file of `tests/scenarios` is played with real phones and ends as it says.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::path::Path;

use doorstep::{
    base::Lang,
    money::PriceList,
    order::RULES,
    standard::{SHIPPED_STANDARDS, Standard},
};
use doorstep_player::{Options, Report, Scenario, play};

fn played(file: &Path, lang: Lang) -> (Report, String) {
    let scenario = Scenario::load(file).unwrap_or_else(|error| panic!("{error}"));
    let mut story = String::new();
    let mut tell = |line: &str| {
        story.push_str(line);
        story.push('\n');
    };
    let program = Path::new(env!("CARGO_BIN_EXE_doorstep"));
    let report = play(&scenario, Options { program, lang, tell: &mut tell }).unwrap();
    (report, story)
}

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios")
}

#[test]
fn every_scenario_ends_as_it_says() {
    let played_files = play_all(&directory());
    assert!(played_files >= 6, "only {played_files} scenarios were found");
}

#[test]
fn every_conflict_ends_as_its_story_says_in_three_languages() {
    let found = RULES.iter().filter(|row| row.found).count();
    assert!(play_all(&directory().join("conflicts")) >= found);
}

fn play_all(directory: &Path) -> usize {
    let mut played_files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            let (report, story) = played(&file, Lang::En);
            assert!(report.ok, "{}\n{story}", file.display());
            assert!(!story.contains('⟨'), "a text is missing in\n{story}");
            played_files += 1;
        }
    }
    played_files
}

#[test]
fn the_example_in_the_documentation_ends_as_it_says() {
    let page = include_str!("../../../docs/scenarios.md");
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let file = std::env::temp_dir().join(format!("doorstep-example-{}.toml", std::process::id()));
    std::fs::write(&file, example).unwrap();
    let (report, story) = played(&file, Lang::ZhHans);
    std::fs::remove_file(file).unwrap();
    assert!(report.ok && report.expectations.len() == 3, "{story}");
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let page = include_str!("../../../README.md");
    let shown = page.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let (_, story) = played(&directory().join("demo.toml"), Lang::En);
    let mut printed = story.lines();
    // Whether Python is there is this machine's matter.
    for line in shown.lines().filter(|line| line.trim() != "…" && !line.contains("verify.py")) {
        assert!(printed.any(|printed| printed == line), "the demo no longer prints: {line}");
    }
}

#[test]
fn the_documentation_names_every_step_outcome_and_price_that_ships() {
    let page = include_str!("../../../docs/scenarios.md");
    let mut names = Vec::new();
    for file in SHIPPED_STANDARDS {
        let standard = Standard::load(file.text).unwrap();
        names.extend(standard.steps().map(|step| step.id.clone()));
        names.extend(standard.outcomes().iter().map(|outcome| outcome.id.clone()));
    }
    let prices = PriceList::load(PriceList::example_text()).unwrap();
    names.extend(prices.items().iter().map(|item| item.code.clone()));
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "docs/scenarios.md does not name `{name}`");
    }
}

#[test]
fn what_goes_otherwise_is_told_by_its_line_and_the_play_goes_on() {
    let demo = std::fs::read_to_string(directory().join("double-tap.toml")).unwrap();
    let wrong = demo.replace("receipts = 1", "receipts = 2").replace("fails = \"bad_amount\"", "");
    let scenario = Scenario::parse(Path::new("day.toml"), &wrong).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_doorstep"));
    let mut tell = |_: &str| {};
    let report = play(&scenario, Options { program, lang: Lang::En, tell: &mut tell }).unwrap();
    let missed: Vec<_> = report.expectations.iter().filter(|outcome| !outcome.ok).collect();
    let line = |word: &str| wrong.lines().position(|line| line.contains(word)).unwrap() + 1;
    assert!(!report.ok && missed.len() == 1 && report.failures.len() == 1);
    assert!(missed[0].line.abs_diff(line("receipts = 2")) <= 1 && missed[0].seen == 1);
    assert!(report.failures[0].line.abs_diff(line("pay = \"50.00\"")) <= 2);
    assert!(report.failures[0].message.contains("bad_amount"));
}

#[test]
fn the_demo_is_told_in_three_languages_with_money_called_out() {
    let demo = directory().join("demo.toml");
    for lang in Lang::ALL {
        let (report, story) = played(&demo, lang);
        assert!(report.ok, "{story}");
        for part in ["123.40", "200.00", "76.60", "C1", "C2"] {
            assert!(story.contains(part), "{lang}: no {part} in\n{story}");
        }
        assert!(!story.contains('⟨'), "{lang}: a text is missing in\n{story}");
        let conflicts = report.server["orders"]["repair"]["conflicts"].as_array().unwrap();
        for conflict in conflicts {
            let words = conflict["words"][lang.tag()].as_str().unwrap();
            assert!(words.contains("Mei 美"), "{words}");
        }
        let phone = &report.devices["wu-phone"]["orders"]["repair"]["conflicts"];
        assert_eq!(phone, &report.server["orders"]["repair"]["conflicts"], "alike, words and all");
    }
}

//! Every scenario file of `tests/scenarios` is played with real phones and ends as it says.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::path::Path;

use doorstep::base::Lang;
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
    let mut played_files = 0;
    for entry in std::fs::read_dir(directory()).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|ending| ending == "toml") {
            let (report, story) = played(&file, Lang::En);
            assert!(report.ok, "{}\n{story}", file.display());
            assert!(!story.contains('⟨'), "a text is missing in\n{story}");
            played_files += 1;
        }
    }
    assert!(played_files >= 6, "only {played_files} scenarios were found");
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

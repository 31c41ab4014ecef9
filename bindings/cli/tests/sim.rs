//! `doorstep sim`: a good world, and one with a bug in it, as somebody runs them.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::process::Command;

use serde_json::Value;

/// The exit code, every line of JSON, and what was said beside them; with a bug awake, if one is named.
fn sim(arguments: &[&str], bug: Option<&str>) -> (i32, Vec<Value>, String) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_doorstep"));
    run.args(["sim", "--devices", "3", "--days", "1", "--json"]).args(arguments);
    run.envs(bug.map(|bug| ("DOORSTEP_PLANTED", bug)));
    let run = run.output().unwrap();
    let out = String::from_utf8(run.stdout).unwrap();
    let line = |line: &str| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("not JSON: {error}: {line}"))
    };
    let said = String::from_utf8(run.stderr).unwrap();
    (run.status.code().unwrap(), out.lines().map(line).collect(), said)
}

#[test]
fn a_sound_world_is_told_in_one_line_of_json_and_is_the_same_each_time() {
    let (code, lines, said) = sim(&["--seed", "7", "--seeds", "2", "--faults", "none"], None);
    assert_eq!((code, lines.len()), (0, 2), "{said}");
    assert!(lines.iter().all(|line| line["outcome"]["violation"].is_null()), "{lines:?}");
    assert_eq!((&lines[0]["seed"], &lines[1]["seed"]), (&7.into(), &8.into()));
    assert!(said.contains("2 seeds, 0 failed"), "{said}");
    let (_, again, _) = sim(&["--seed", "7", "--faults", "none"], None);
    assert_eq!(again[0]["outcome"]["trace"], lines[0]["outcome"]["trace"]);
}

#[test]
fn a_failing_seed_is_told_in_json_too_and_its_shortest_history_fails_again() {
    let bug = Some("HalfAction");
    let (code, lines, said) = sim(&["--faults", "cruel"], bug);
    assert_eq!(code, 1, "{said}");
    let shortest = lines.iter().find(|line| !line["shortest"].is_null()).unwrap();
    let failed = lines
        .iter()
        .find(|line| line["seed"] == shortest["seed"] && !line["outcome"]["violation"].is_null());
    assert!(failed.is_some(), "the seed's own line stands beside it: {lines:?}");
    let file = std::env::temp_dir().join(format!("doorstep-shortest-{}", std::process::id()));
    std::fs::write(&file, shortest["shortest"].to_string()).unwrap();
    let replay = file.to_str().unwrap();
    let (code, again, said) = sim(&["--replay", replay], bug);
    assert_eq!((code, again.len()), (1, 1), "{said}");
    assert!(!again[0]["outcome"]["violation"].is_null());
    // Without the bug the same history is sound.
    let (code, sound, said) = sim(&["--replay", replay], None);
    assert_eq!((code, sound.len()), (0, 1), "{said}");
    std::fs::remove_file(file).unwrap();
}

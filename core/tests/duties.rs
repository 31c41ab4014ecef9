//! `docs/duties.md` keeps up: every rule of a shipped file has a row, and every place and test that the
//! page names is there.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::{collections::BTreeSet, path::Path};

use doorstep::standard::{SHIPPED_PROMISES, SHIPPED_STANDARDS, ServicePromises, Standard};

const PAGE: &str = include_str!("../../docs/duties.md");

/// The rules that have a row.
fn rows() -> BTreeSet<&'static str> {
    let ids = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    ids.flat_map(|ids| ids.split(", ")).filter(|id| id.contains('-')).collect()
}

#[test]
fn every_rule_of_a_shipped_file_has_its_row() {
    let rows = rows();
    let mut rules = BTreeSet::new();
    for file in SHIPPED_STANDARDS {
        let standard = Standard::load(file.text).unwrap();
        rules.extend(standard.steps().filter_map(|step| step.rule.clone()));
        let gates = standard.outcomes().iter().flat_map(|outcome| &outcome.requires);
        rules.extend(gates.filter_map(|gate| gate.rule.clone()));
    }
    let promises = ServicePromises::load(SHIPPED_PROMISES.text).unwrap().promises;
    rules.extend(promises.into_iter().filter_map(|promise| promise.rule));
    let missing: Vec<_> = rules.iter().filter(|rule| !rows.contains(rule.as_str())).collect();
    assert!(missing.is_empty(), "no row for {missing:?}");
}

#[test]
fn every_place_and_test_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for quoted in PAGE.lines().filter(|line| line.starts_with("| ")).flat_map(|line| {
        line.split('`').skip(1).step_by(2).filter(|quoted| quoted.contains('/')).collect::<Vec<_>>()
    }) {
        let (file, test) = quoted.split_once("::").unwrap_or((quoted, ""));
        let text = std::fs::read_to_string(root.join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(test.is_empty() || text.contains(&format!("fn {test}(")), "{quoted}");
    }
}

#[test]
fn a_row_without_proof_says_that_it_is_not_done_or_why() {
    for row in PAGE.lines().filter(|line| line.starts_with("| S-") || line.starts_with("| D-")) {
        let proven = !row.ends_with("| – |");
        let said = row.contains("Not yet") || row.contains("not yet") || row.contains("by choice");
        let placed = row.matches('`').count() >= 2;
        assert!(proven || said || placed, "{row}");
    }
}

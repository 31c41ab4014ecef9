use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Each message of a file with the variables it uses, read line by line.
fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines() {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            current = line.split(['=', ' ']).next().unwrap().to_owned();
            let before = found.insert(current.clone(), BTreeSet::new());
            assert_eq!(before, None, "{current} stands twice");
        }
        let Some(variables) = found.get_mut(&current) else { continue };
        for rest in line.split('$').skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            variables.insert(rest[..end.unwrap_or(rest.len())].to_owned());
        }
    }
    found
}

#[test]
fn every_file_is_wholly_understood() {
    for (subject, lang) in SUBJECTS.iter().flat_map(|s| s.iter().zip(Lang::ALL)) {
        if let Err((_, errors)) = FluentResource::try_new((*subject).to_owned()) {
            panic!("{lang}: {errors:?} in\n{subject}");
        }
    }
}

#[test]
fn every_message_stands_in_all_languages_with_the_same_variables() {
    let mut seen = BTreeSet::new();
    for [hans, hant, en] in SUBJECTS {
        let (hans, hant, en) = (messages(hans), messages(hant), messages(en));
        assert!(!en.is_empty());
        assert_eq!(hans, hant);
        assert_eq!(hans, en);
        for id in en.into_keys() {
            assert!(seen.insert(id.clone()), "{id} stands in two subjects");
        }
    }
}

#[test]
fn every_message_formats_without_errors() {
    for (subject, lang) in SUBJECTS.iter().flat_map(|s| s.iter().zip(Lang::ALL)) {
        for (id, variables) in messages(subject) {
            let bundle = bundle(lang);
            let message = bundle.get_message(&id).unwrap_or_else(|| panic!("{lang}: no {id}"));
            let args: FluentArgs<'_> =
                variables.iter().map(|name| (name.as_str(), Value::from("7"))).collect();
            let mut errors = Vec::new();
            let pattern = message.value().unwrap_or_else(|| panic!("{lang}: {id} is empty"));
            let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
            assert!(errors.is_empty() && !text.is_empty(), "{lang} {id}: {errors:?}");
            assert!(!text.contains(['\u{2068}', '\u{2069}']), "{lang} {id} has marks");
        }
    }
}

#[test]
fn a_missing_message_shows_its_id() {
    assert_eq!(tr(Lang::En, "no-such-text", &[]), "⟨no-such-text⟩");
    assert_eq!(find(Lang::En, "no-such-text", &[]), None);
}

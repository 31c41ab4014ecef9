//! `docs/conflicts.md` is made from the table and the texts the code uses, so it can't drift.
//! After a change run with `UPDATE_GOLDEN=1` and read the difference.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::fmt::Write;

use doorstep::{
    base::Lang,
    order::{Finder, RULES},
    screen::{choice_words, looks_words, rule_title},
    text::tr,
};

const HEAD: &str = "\
# Conflicts

Two facts that cannot both stand unremarked. *At the same time* means that neither saw the other,
through whatever steps; clocks don't decide it. Both facts stay; who must look decides; the decision
is an event and stands. New facts open the conflict again beside it. Until it is decided, the first
choice of its rule holds.

Most are found by the fold, a pure function of the order's events, so phones and server find the same
one, under the same key. What needs more than one order's events is found by the server, which tells
every fold by a verdict; it is superseded or withdrawn, never edited. C12 and C13 are found in both ways:
within an order by the fold, and where a hazard is checked or gas restored under another order, by the
server (ADR 0011); C18 likewise: deposits go back under other orders than they were paid under (ADR 0014). C5 and C24 look at the readings of one order: a meter that is read under two orders, weeks
apart, turned in between, and no rule can tell that from a mistake; which two bills may not overlap is the
billing system's to say.

Made from `core/src/order/conflict` and `core/i18n` by `core/tests/conflicts_page.rs`. Each rule that
is found has its story in `tests/scenarios/conflicts`.

| rule | what happened | found by | who must look | |
|---|---|---|---|---|
";

#[test]
fn the_page_says_what_the_code_does() {
    let mut page = HEAD.to_owned();
    for row in RULES {
        let finder = match row.finder {
            Finder::Fold => "fold",
            Finder::Server => "server",
        };
        let (id, title) = (row.rule.id(), rule_title(row.rule, Lang::En));
        let looks = looks_words(row.looks, Lang::En);
        let yet = if row.found { "" } else { "not found yet" };
        writeln!(page, "| {id} | {title} | {finder} | {looks} | {yet} |").unwrap();
    }
    for row in RULES {
        let id = row.rule.id();
        writeln!(page, "\n## {id}\n").unwrap();
        if !row.found {
            page.push_str("Not found yet: these are the words it will have.\n\n");
        }
        for lang in Lang::ALL {
            let rule = tr(lang, &format!("conflict-{}-rule", id.to_lowercase()), &[]);
            writeln!(page, "- **{lang}**: {}. {rule}", rule_title(row.rule, lang)).unwrap();
        }
        page.push_str("\n| choice | zh-Hans | zh-Hant | en |\n|---|---|---|---|\n");
        for choice in row.choices {
            let words = Lang::ALL.map(|lang| choice_words(*choice, lang)).join(" | ");
            writeln!(page, "| `{}` | {words} |", choice.id()).unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/conflicts.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "docs/conflicts.md is old: run this test with UPDATE_GOLDEN=1");
}

#[test]
fn every_rule_that_is_found_has_its_story_and_no_other_has() {
    let stories = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios/conflicts");
    for row in RULES {
        let story = format!("{stories}/{}.toml", row.rule.id().to_lowercase());
        assert_eq!(std::path::Path::new(&story).exists(), row.found, "{story}");
    }
}

/// What a scenario expects of one conflict, under which rule, and what it says in which languages.
fn told(story: &str) -> Vec<(String, bool, Vec<String>)> {
    let story: toml::Table = story.parse().unwrap();
    let steps = story["step"].as_array().unwrap().iter();
    let expects = steps.filter_map(|step| step.get("expect"));
    let told = expects.filter_map(|expect| {
        let rule = expect.get("conflict")?.as_str()?.to_owned();
        let says = expect.get("says").and_then(toml::Value::as_table);
        let langs = says.into_iter().flat_map(|says| says.keys().cloned()).collect();
        Some((rule, expect.get("looks").is_some(), langs))
    });
    told.collect()
}

#[test]
fn every_rule_has_a_story_with_its_words_in_three_languages_who_looks_and_agreement() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/scenarios/conflicts");
    let mut missing = Vec::new();
    for row in RULES.iter().filter(|row| row.found) {
        let name = row.rule.id().to_lowercase();
        let (mut looks, mut agree) = (false, false);
        let mut langs = std::collections::BTreeSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let its = stem == name || stem.starts_with(&format!("{name}-"));
            if !its || path.extension().is_none_or(|ext| ext != "toml") {
                continue;
            }
            let story = std::fs::read_to_string(&path).unwrap();
            agree |= story.contains("expect = { agree = ");
            for (_, looked, says) in
                told(&story).into_iter().filter(|(rule, ..)| rule == row.rule.id())
            {
                looks |= looked;
                langs.extend(says);
            }
        }
        let words = Lang::ALL.iter().all(|lang| langs.contains(lang.tag()));
        if !(looks && agree && words) {
            missing.push(format!("{name}: looks {looks}, agree {agree}, says {langs:?}"));
        }
    }
    assert_eq!(missing, [""; 0]);
}

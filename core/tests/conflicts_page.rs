//! `docs/conflicts.md` is made from the table and the texts the code uses, so it can't drift.
//! After a change run with `UPDATE_GOLDEN=1` and read the difference.

#![allow(clippy::unwrap_used)] // A test that fails to set up has failed.

use std::fmt::Write;

use doorstep::{base::Lang, order::RULES, screen::choice_words, text::tr};

const HEAD: &str = "\
# Conflicts

Two facts that cannot both stand unremarked. A conflict is found by a pure function of the order's
events, so phones and server find the same one, under the same key. Both facts stay; a supervisor
decides; the decision is an event and stands. New facts open the conflict again beside it. Until it
is decided, the first choice of its rule holds.

Made from `core/src/order/conflict.rs` and `core/i18n` by `core/tests/conflicts_page.rs`.
";

#[test]
fn the_page_says_what_the_code_does() {
    let mut page = HEAD.to_owned();
    for (rule, choices) in RULES {
        let id = rule.id().to_lowercase();
        writeln!(page, "\n## {}\n", rule.id()).unwrap();
        for lang in Lang::ALL {
            let text = |part: &str| tr(lang, &format!("conflict-{id}-{part}"), &[]);
            writeln!(page, "- **{lang}**: {}. {}", text("title"), text("rule")).unwrap();
        }
        page.push_str("\n| choice | zh-Hans | zh-Hant | en |\n|---|---|---|---|\n");
        for choice in *choices {
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

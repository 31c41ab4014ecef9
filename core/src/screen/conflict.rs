//! A conflict in words: its rule, both sides' facts with local times, and what holds.

use crate::{
    base::{Id, Instant, Lang, Zone},
    order::{Choice, Conflict, ConflictState, Side},
    text::{find, tr},
};

/// The conflict as people read it, a line each: rule and title, the rule's sentence, every side,
/// decisions made before, what holds now. `names` says what to call a person; times are shown in
/// `zone`.
pub fn conflict_words(
    conflict: &Conflict,
    lang: Lang,
    zone: Zone,
    names: &dyn Fn(Id) -> String,
) -> String {
    let rule = conflict.rule.id();
    let id = rule.to_lowercase();
    let title = tr(lang, &format!("conflict-{id}-title"), &[]);
    let mut lines = vec![
        tr(lang, "conflict-title", &[("rule", rule.into()), ("title", title.into())]),
        tr(lang, &format!("conflict-{id}-rule"), &[]),
    ];
    lines.extend(conflict.sides.iter().map(|side| side_words(side, lang, zone, names)));
    let decided = |id: &str, choice: Choice, by: Id, at: Instant| {
        let args = [
            ("who", names(by).into()),
            ("time", minute(at, zone).into()),
            ("choice", choice_words(choice, lang).into()),
        ];
        tr(lang, id, &args)
    };
    lines
        .extend(conflict.earlier.iter().map(|d| decided("conflict-earlier", d.choice, d.by, d.at)));
    lines.push(match &conflict.state {
        ConflictState::Decided(d) => decided("conflict-decided", d.choice, d.by, d.at),
        ConflictState::Open => {
            let holds = conflict.holds().map(|choice| choice_words(choice, lang));
            tr(lang, "conflict-open", &[("choice", holds.unwrap_or_default().into())])
        }
    });
    lines.join("\n")
}

/// A choice in words, for the person who decides.
pub fn choice_words(choice: Choice, lang: Lang) -> String {
    tr(lang, &format!("conflict-choice-{}", choice.id().replace('_', "-")), &[])
}

fn side_words(side: &Side, lang: Lang, zone: Zone, names: &dyn Fn(Id) -> String) -> String {
    let charged = match side.charged {
        Some(money) => {
            let args = [
                ("amount", money.to_string().into()),
                ("currency", money.currency.code().to_owned().into()),
            ];
            tr(lang, "money-amount", &args)
        }
        None => tr(lang, "conflict-nothing", &[]),
    };
    let args = [
        ("who", names(side.actor).into()),
        ("time", minute(side.at, zone).into()),
        ("detail", side.detail.clone().unwrap_or_else(|| "unfinished".to_owned()).into()),
        ("charged", charged.into()),
    ];
    find(lang, &format!("conflict-side-{}", side.what), &args)
        .unwrap_or_else(|| format!("⟨{}⟩", side.what))
}

fn minute(at: Instant, zone: Zone) -> String {
    match at.local(zone) {
        Some(local) => local.format("%Y-%m-%d %H:%M").to_string(),
        None => at.at(zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Currency, Hash, Money},
        order::{Decision, RULES, Rule, conflict_key},
    };

    fn id(name: &str) -> Id {
        Id::from_hash(&Hash::of(&[name.as_bytes()]))
    }

    fn cancelled_and_finished() -> Conflict {
        let side = |who: &str, what, minute: i64| Side {
            actor: id(who),
            what,
            at: Instant(1_795_000_000_000 + minute * 60_000),
            event: Hash::of(&[what.as_bytes()]),
            visit: None,
            charged: None,
            detail: None,
        };
        let cancelled =
            Side { detail: Some("called off by phone".to_owned()), ..side("He", "cancelled", 0) };
        let finished = Side {
            charged: Some(Money::new(12_340, Currency::CNY)),
            detail: Some("completed".to_owned()),
            ..side("Mei", "finished", 10)
        };
        let events = vec![cancelled.event, finished.event];
        Conflict {
            rule: Rule::C1,
            key: conflict_key(Rule::C1, &events),
            events,
            sides: vec![cancelled, finished],
            state: ConflictState::Open,
            earlier: Vec::new(),
        }
    }

    fn names(of: Id) -> String {
        ["He", "Mei"].into_iter().find(|name| id(name) == of).unwrap_or("?").to_owned()
    }

    #[test]
    fn both_sides_stand_in_the_words_with_local_times_and_money() {
        let words = conflict_words(&cancelled_and_finished(), Lang::En, Zone(480), &names);
        for part in ["C1", "He", "called off by phone", "Mei", "123.40", "19:06", "19:16"] {
            assert!(words.contains(part), "{part} in\n{words}");
        }
    }

    #[test]
    fn a_decision_names_who_made_it_and_what_it_says() {
        let mut conflict = cancelled_and_finished();
        let at = Instant(1_795_000_000_000 + 3_600_000);
        let decision = Decision { choice: Choice::WorkStands, by: id("He"), at };
        conflict.state = ConflictState::Decided(decision);
        let words = conflict_words(&conflict, Lang::En, Zone(480), &names);
        let last = words.lines().last().unwrap();
        assert!(last.contains("He") && last.contains(&choice_words(Choice::WorkStands, Lang::En)));
    }

    #[test]
    fn every_rule_and_choice_has_words_in_every_language() {
        for lang in Lang::ALL {
            for (rule, choices) in RULES {
                let title = format!("conflict-{}-title", rule.id().to_lowercase());
                assert!(find(lang, &title, &[]).is_some(), "{title}");
                for choice in *choices {
                    assert!(!choice_words(*choice, lang).contains('⟨'), "{}", choice.id());
                }
            }
        }
    }
}

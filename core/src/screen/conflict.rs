//! A conflict in words: its rule, both sides' facts with local times, and what holds.

use crate::{
    base::{Id, Instant, Lang, Money, Personal, Zone},
    order::{Choice, Conflict, ConflictState, Looks, Rule, Side, SideValue},
    text::{find, tr},
};

/// For whom a conflict is told.
pub struct Telling<'a> {
    /// In which language.
    pub lang: Lang,
    /// Times are shown in this zone.
    pub zone: Zone,
    /// What to call a person.
    pub names: &'a dyn Fn(Id) -> String,
    /// Opens a value that stands in the private part of the side's event, for who holds the key.
    pub open: &'a dyn Fn(&Side, &SideValue) -> Option<Personal>,
    /// What holds until somebody decides, where that is not the first choice of the rule.
    pub meanwhile: Option<Choice>,
}

/// The conflict as people read it, a line each: rule and title, the rule's sentence, every side,
/// decisions made before, what holds now. Personal data are in it only where `open` gave them.
pub fn conflict_words(conflict: &Conflict, telling: &Telling<'_>) -> String {
    let lang = telling.lang;
    let rule = conflict.rule.id();
    let title = rule_title(conflict.rule, lang);
    let mut lines = vec![
        tr(lang, "conflict-title", &[("rule", rule.into()), ("title", title.into())]),
        tr(lang, &format!("conflict-{}-rule", rule.to_lowercase()), &[]),
    ];
    lines.extend(conflict.sides.iter().map(|side| telling.side(side)));
    let decided = |id: &str, choice: Choice, by: Id, at: Instant| {
        let args = [
            ("who", telling.name(by).into()),
            ("time", at.minute(telling.zone).into()),
            ("choice", choice_words(choice, lang).into()),
        ];
        tr(lang, id, &args)
    };
    lines
        .extend(conflict.earlier.iter().map(|d| decided("conflict-earlier", d.choice, d.by, d.at)));
    lines.push(match &conflict.state {
        ConflictState::Decided(d) => decided("conflict-decided", d.choice, d.by, d.at),
        ConflictState::Open => {
            let holds = telling.meanwhile.or(conflict.holds());
            let holds = holds.map(|choice| choice_words(choice, lang));
            let args = [
                ("choice", holds.unwrap_or_default().into()),
                ("looks", looks_id(conflict.rule.row().looks).into()),
            ];
            tr(lang, "conflict-open", &args)
        }
    });
    lines.join("\n")
}

/// A rule's title, in a few words.
pub fn rule_title(rule: Rule, lang: Lang) -> String {
    tr(lang, &format!("conflict-{}-title", rule.id().to_lowercase()), &[])
}

/// A choice in words, for the person who decides.
pub fn choice_words(choice: Choice, lang: Lang) -> String {
    tr(lang, &format!("conflict-choice-{}", choice.id().replace('_', "-")), &[])
}

/// Who must look, in words.
pub fn looks_words(looks: Looks, lang: Lang) -> String {
    tr(lang, &format!("conflict-looks-{}", looks_id(looks)), &[])
}

const fn looks_id(looks: Looks) -> &'static str {
    match looks {
        Looks::Dispatcher => "dispatcher",
        Looks::Supervisor => "supervisor",
    }
}

impl Telling<'_> {
    fn name(&self, person: Id) -> String {
        if person == Id::new([0; 16]) {
            tr(self.lang, "conflict-server", &[])
        } else {
            (self.names)(person)
        }
    }

    fn money(&self, money: Money) -> String {
        let args = [
            ("amount", money.to_string().into()),
            ("currency", money.currency.code().to_owned().into()),
        ];
        tr(self.lang, "money-amount", &args)
    }

    fn value(&self, side: &Side, value: &SideValue) -> String {
        let hidden = || tr(self.lang, "conflict-hidden", &[]);
        match value {
            SideValue { private: Some(_), .. } => match (self.open)(side, value) {
                Some(personal) => personal.reveal().to_owned(),
                None => hidden(),
            },
            SideValue { money: Some(money), .. } => self.money(*money),
            SideValue { at: Some(at), .. } => at.minute(self.zone),
            SideValue { person: Some(person), .. } => self.name(*person),
            SideValue { text, .. } => text.clone().unwrap_or_default(),
        }
    }

    fn side(&self, side: &Side) -> String {
        let charged = match side.charged {
            Some(money) => self.money(money),
            None => tr(self.lang, "conflict-nothing", &[]),
        };
        let mut args = vec![
            ("who", self.name(side.actor).into()),
            ("time", side.at.minute(self.zone).into()),
            ("detail", side.detail.clone().unwrap_or_else(|| "unfinished".to_owned()).into()),
            ("charged", charged.into()),
        ];
        let values = side.values.iter();
        args.extend(values.map(|value| (value.name.as_str(), self.value(side, value).into())));
        find(self.lang, &format!("conflict-side-{}", side.what), &args)
            .unwrap_or_else(|| format!("⟨{}⟩", side.what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Currency, Hash},
        log::Class,
        order::{Decision, RULES, conflict_key},
    };

    fn id(name: &str) -> Id {
        Id::from_hash(&Hash::of(&[name.as_bytes()]))
    }

    fn cancelled_and_finished() -> Conflict {
        let side = |who: &str, what: &str, minute: i64| {
            let at = Instant(1_795_000_000_000 + minute * 60_000);
            Side::new(id(who), what, at, Hash::of(&[what.as_bytes()]))
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

    fn told(conflict: &Conflict, open: &dyn Fn(&Side, &SideValue) -> Option<Personal>) -> String {
        let telling =
            Telling { lang: Lang::En, zone: Zone(480), names: &names, open, meanwhile: None };
        conflict_words(conflict, &telling)
    }

    #[test]
    fn both_sides_stand_in_the_words_with_local_times_and_money() {
        let words = told(&cancelled_and_finished(), &|_, _| None);
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
        let words = told(&conflict, &|_, _| None);
        let last = words.lines().last().unwrap();
        assert!(last.contains("He") && last.contains(&choice_words(Choice::WorkStands, Lang::En)));
    }

    #[test]
    fn a_private_value_is_told_only_to_who_can_open_it() {
        let mut conflict = cancelled_and_finished();
        let phone = SideValue::private("detail", Class::Contact);
        conflict.sides[0].values.push(phone);
        assert!(told(&conflict, &|_, _| None).contains("(not visible)"));
        let opened = told(&conflict, &|_, _| Some(Personal::new("555 0100")));
        assert!(opened.contains("555 0100"), "{opened}");
    }

    #[test]
    fn every_rule_and_choice_has_words_in_every_language() {
        for lang in Lang::ALL {
            for row in RULES {
                for part in ["title", "rule"] {
                    let key = format!("conflict-{}-{part}", row.rule.id().to_lowercase());
                    assert!(find(lang, &key, &[]).is_some(), "{key}");
                }
                assert!(!looks_words(row.looks, lang).contains('⟨'));
                for choice in row.choices {
                    assert!(!choice_words(*choice, lang).contains('⟨'), "{}", choice.id());
                }
            }
        }
    }
}

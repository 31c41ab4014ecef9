//! `doorstep standard diff`: what changed from one version to another, in words.

use doorstep::{
    base::{Lang, Text3},
    event::OrderAfter,
    standard::{
        Choice, Condition, Kind, LimitChange, OnBreak, Outcome, Phase, Required, Standard, Step,
        compare_limits,
    },
    text::tr,
};

/// One line for each change, in the order of the new file.
pub(crate) fn diff(old: &Standard, new: &Standard, lang: Lang) -> Vec<String> {
    let mut diff = Diff { old, new, lang, lines: Vec::new() };
    diff.head();
    diff.phases();
    diff.steps();
    diff.outcomes();
    if diff.lines.is_empty() {
        diff.say("diff-nothing", &[]);
        return diff.lines;
    }
    if old.version() == new.version() {
        diff.say("diff-same-version", &[("version", &new.version().to_string())]);
    }
    diff.lines
}

struct Diff<'a> {
    old: &'a Standard,
    new: &'a Standard,
    lang: Lang,
    lines: Vec<String>,
}

impl<'a> Diff<'a> {
    fn words(&self, id: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).into())).collect();
        tr(self.lang, id, &args)
    }

    fn say(&mut self, id: &str, args: &[(&str, &str)]) {
        let line = self.words(id, args);
        self.lines.push(line);
    }

    fn changed(&mut self, id: &str, about: &[(&str, &str)], old: &str, new: &str) {
        if old != new {
            let mut args = about.to_vec();
            args.extend([("old", old), ("new", new)]);
            self.say(id, &args);
        }
    }

    /// A text that differs, language by language.
    fn text(&mut self, id: &str, about: &[(&str, &str)], old: &Text3, new: &Text3) {
        for lang in Lang::ALL {
            let mut about = about.to_vec();
            about.push(("lang", lang.tag()));
            self.changed(id, &about, old.get(lang), new.get(lang));
        }
    }

    fn head(&mut self) {
        let (old, new) = (self.old, self.new);
        if old.id() != new.id() {
            self.say("diff-other-standard", &[("old", old.id()), ("new", new.id())]);
        }
        let version = |it: &Standard| it.version().to_string();
        self.changed("diff-version", &[], &version(old), &version(new));
        let visit = |it: &Standard| tr(self.lang, &format!("author-visit-{}", visit_name(it)), &[]);
        let (was, is) = (visit(old), visit(new));
        self.changed("diff-visit", &[], &was, &is);
        let day = |it: &Standard| it.mandatory_from().to_string();
        self.changed("diff-mandatory-from", &[], &day(old), &day(new));
        self.text("diff-standard-title", &[], old.title(), new.title());
    }

    fn phases(&mut self) {
        let (old, new) = (self.old, self.new);
        let lang = self.lang;
        for phase in new.phases() {
            let title = phase.title.get(lang);
            let Some(before) = old.phases().iter().find(|it| it.id == phase.id) else {
                self.say("diff-phase-added", &[("phase", title)]);
                continue;
            };
            self.text("diff-phase-title", &[("phase", title)], &before.title, &phase.title);
            if before.any_order != phase.any_order {
                let id =
                    if phase.any_order { "diff-phase-any-order" } else { "diff-phase-in-order" };
                self.say(id, &[("phase", title)]);
            }
        }
        for phase in old.phases().iter().filter(|it| !new.phases().iter().any(|n| n.id == it.id)) {
            self.say("diff-phase-removed", &[("phase", phase.title.get(lang))]);
        }
        let ids = |it: &'a Standard| it.phases().iter().map(|phase| phase.id.as_str()).collect();
        for moved in moved(ids(old), ids(new)) {
            if let Some(phase) = new.phases().iter().find(|it| it.id == moved) {
                self.say("diff-phase-moved", &[("phase", phase.title.get(lang))]);
            }
        }
    }

    fn steps(&mut self) {
        let (old, new) = (self.old, self.new);
        let lang = self.lang;
        let title_of = |phase: Option<&'a Phase>| phase.map_or("", |phase| phase.title.get(lang));
        for phase in new.phases() {
            for step in &phase.steps {
                let title = step.title.get(lang);
                let place = phase.title.get(lang);
                let Some(before) = old.step(&step.id) else {
                    let required = self.required(new, &step.required);
                    self.say(
                        "diff-step-added",
                        &[("step", title), ("phase", place), ("required", &required)],
                    );
                    continue;
                };
                let was = title_of(old.phase_of(&step.id));
                if old.phase_of(&step.id).is_some_and(|it| it.id != phase.id) {
                    self.say("diff-step-phase", &[("step", title), ("old", was), ("new", place)]);
                }
                self.step(before, step);
            }
            let before = old.phases().iter().find(|it| it.id == phase.id);
            let ids = |it: Option<&'a Phase>| {
                it.map(|it| it.steps.iter().map(|step| step.id.as_str()).collect())
                    .unwrap_or_default()
            };
            for moved in moved(ids(before), ids(Some(phase))) {
                let title = new.step(moved).map_or("", |step| step.title.get(lang));
                self.say("diff-step-moved", &[("step", title), ("phase", phase.title.get(lang))]);
            }
        }
        for step in old.steps().filter(|it| new.step(&it.id).is_none()) {
            let place = title_of(old.phase_of(&step.id));
            self.say("diff-step-removed", &[("step", step.title.get(lang)), ("phase", place)]);
        }
    }

    fn step(&mut self, old: &'a Step, new: &'a Step) {
        let lang = self.lang;
        let title = new.title.get(lang);
        let about = [("step", title)];
        let kind = |kind: &Kind| tr(lang, &format!("author-kind-{}", kind.name()), &[]);
        self.changed("diff-step-kind", &about, &kind(&old.kind), &kind(&new.kind));
        let none = Text3::default();
        for (what, old, new) in [
            ("title", Some(&old.title), Some(&new.title)),
            ("say", old.say.as_ref(), new.say.as_ref()),
            ("hint", old.hint.as_ref(), new.hint.as_ref()),
            ("message", old.message.as_ref(), new.message.as_ref()),
        ] {
            let what = tr(lang, &format!("diff-what-{what}"), &[]);
            let about = [("step", title), ("what", what.as_str())];
            self.text("diff-step-text", &about, old.unwrap_or(&none), new.unwrap_or(&none));
        }
        let when = |standard, condition: &Option<Condition>| match condition {
            None => tr(lang, "diff-always", &[]),
            Some(condition) => condition.words(standard, lang),
        };
        let (was, is) = (when(self.old, &old.relevant), when(self.new, &new.relevant));
        self.changed("diff-relevant", &about, &was, &is);
        let (was, is) =
            (self.required(self.old, &old.required), self.required(self.new, &new.required));
        self.changed("diff-required", &about, &was, &is);
        self.limit(old, new);
        self.repeat(old, new);
        if old.on_break != new.on_break {
            let id = if new.on_break == OnBreak::Stop { "diff-stop" } else { "diff-record" };
            self.say(id, &about);
        }
        self.options(old, new);
        let none = tr(lang, "diff-none", &[]);
        let words = |it: &Option<String>| it.clone().unwrap_or_else(|| none.clone());
        self.changed("diff-step-rule", &about, &words(&old.rule), &words(&new.rule));
        self.changed("diff-step-source", &about, &words(&old.source), &words(&new.source));
    }

    fn limit(&mut self, old: &Step, new: &Step) {
        let none = tr(self.lang, "diff-none", &[]);
        let (was, is) = (old.constraint.as_ref(), new.constraint.as_ref());
        let id = match (was, is) {
            (None, None) => return,
            (Some(was), Some(is)) if was.text() == is.text() => return,
            (None, Some(_)) => "diff-limit-tighter",
            (Some(_), None) => "diff-limit-looser",
            // Answers of another kind can't be compared.
            (Some(_), Some(_)) if old.kind.name() != new.kind.name() => "diff-limit-other",
            (Some(was), Some(is)) => match compare_limits(was, is, self.new, &new.kind) {
                LimitChange::Same => "diff-limit-same",
                LimitChange::Tighter => "diff-limit-tighter",
                LimitChange::Looser => "diff-limit-looser",
                LimitChange::Other => "diff-limit-other",
            },
        };
        let words = |standard, limit: Option<&Condition>| {
            limit.map_or_else(|| none.clone(), |limit| limit.words(standard, self.lang))
        };
        let (was, is) = (words(self.old, was), words(self.new, is));
        self.say(id, &[("step", new.title.get(self.lang)), ("old", &was), ("new", &is)]);
    }

    /// Limits on doing it again: fewer times and longer waits are tighter.
    fn repeat(&mut self, old: &Step, new: &Step) {
        let times = |step: &Step| step.repeat.as_ref().and_then(|it| it.at_most);
        let wait = |step: &Step| step.repeat.as_ref().and_then(|it| it.at_least_seconds_between);
        // No limit lets as much through as a limit can: more than any, or a wait of nothing.
        let most = |step: &Step| i64::from(times(step).unwrap_or(u32::MAX));
        let least = |step: &Step| i64::from(wait(step).unwrap_or(0));
        let none = tr(self.lang, "diff-none", &[]);
        let count = |id: &str, name: &str, it: Option<u32>| match it {
            None => none.clone(),
            Some(it) => tr(self.lang, id, &[(name, it.to_string().into())]),
        };
        let rows = [
            (
                most(old) - most(new),
                count("author-at-most", "count", times(old)),
                count("author-at-most", "count", times(new)),
            ),
            (
                least(new) - least(old),
                count("author-seconds-between", "seconds", wait(old)),
                count("author-seconds-between", "seconds", wait(new)),
            ),
        ];
        for (tighter, was, is) in rows {
            if tighter != 0 {
                let id = if tighter > 0 { "diff-limit-tighter" } else { "diff-limit-looser" };
                self.say(id, &[("step", new.title.get(self.lang)), ("old", &was), ("new", &is)]);
            }
        }
    }

    /// Choices and items, unit and digits, length of a text.
    fn options(&mut self, old: &'a Step, new: &'a Step) {
        let title = new.title.get(self.lang);
        let find = |choices: &'a [Choice], id: &str| choices.iter().find(|it| it.id == id);
        for choice in new.kind.choices() {
            match find(old.kind.choices(), &choice.id) {
                None => {
                    let words = choice.title.get(self.lang);
                    self.say("diff-choice-added", &[("step", title), ("choice", words)]);
                }
                Some(before) => {
                    self.text("diff-choice-text", &[("step", title)], &before.title, &choice.title);
                }
            }
        }
        for choice in old.kind.choices() {
            if find(new.kind.choices(), &choice.id).is_none() {
                let words = choice.title.get(self.lang);
                self.say("diff-choice-removed", &[("step", title), ("choice", words)]);
            }
        }
        if let (Kind::Text { max_length: was }, Kind::Text { max_length: is }) =
            (&old.kind, &new.kind)
            && was != is
        {
            let id = if is < was { "diff-limit-tighter" } else { "diff-limit-looser" };
            let words = |count: &u32| {
                tr(self.lang, "author-max-length", &[("count", count.to_string().into())])
            };
            self.say(id, &[("step", title), ("old", &words(was)), ("new", &words(is))]);
        }
        let unit = |kind: &Kind| match kind {
            Kind::Number { unit, decimals } => Some((unit.clone(), *decimals)),
            Kind::Reading { decimals } => Some(("m³".to_owned(), *decimals)),
            _ => None,
        };
        if let (Some(was), Some(is)) = (unit(&old.kind), unit(&new.kind))
            && was != is
        {
            let words = |(unit, decimals): (String, u8)| {
                let args = [("unit", unit.into()), ("decimals", decimals.to_string().into())];
                tr(self.lang, "author-unit", &args)
            };
            let (was, is) = (words(was), words(is));
            self.say("diff-limit-other", &[("step", title), ("old", &was), ("new", &is)]);
        }
    }

    fn outcomes(&mut self) {
        let (old, new) = (self.old, self.new);
        let lang = self.lang;
        for outcome in new.outcomes() {
            match old.outcome(&outcome.id) {
                None => self.say("diff-outcome-added", &[("outcome", outcome.title.get(lang))]),
                Some(before) => self.outcome(before, outcome),
            }
        }
        for outcome in old.outcomes().iter().filter(|it| new.outcome(&it.id).is_none()) {
            self.say("diff-outcome-removed", &[("outcome", outcome.title.get(lang))]);
        }
    }

    fn outcome(&mut self, old: &'a Outcome, new: &'a Outcome) {
        let lang = self.lang;
        let title = new.title.get(lang);
        let about = [("outcome", title)];
        self.text("diff-outcome-title", &about, &old.title, &new.title);
        let none = tr(lang, "diff-none", &[]);
        let (was, is) = (
            phases(self.old, old, lang).unwrap_or_else(|| none.clone()),
            phases(self.new, new, lang).unwrap_or_else(|| none.clone()),
        );
        self.changed("diff-outcome-phases", &about, &was, &is);
        let after = |order| tr(lang, order_after(order), &[]);
        self.changed("diff-outcome-order", &about, &after(old.order), &after(new.order));
        for gate in &new.requires {
            let same =
                |it: &&doorstep::standard::Require| it.condition.text() == gate.condition.text();
            let Some(before) = old.requires.iter().find(same) else {
                let words = gate.condition.words(self.new, lang);
                self.say("diff-gate-added", &[("outcome", title), ("gate", &words)]);
                continue;
            };
            self.text("diff-gate-text", &about, &before.message, &gate.message);
            let words = |it: &Option<String>| it.clone().unwrap_or_else(|| none.clone());
            self.changed("diff-gate-source", &about, &words(&before.source), &words(&gate.source));
        }
        for gate in &old.requires {
            if !new.requires.iter().any(|it| it.condition.text() == gate.condition.text()) {
                let words = gate.condition.words(self.old, lang);
                self.say("diff-gate-removed", &[("outcome", title), ("gate", &words)]);
            }
        }
    }

    fn required(&self, standard: &Standard, required: &Required) -> String {
        required_words(standard, required, self.lang)
    }
}

/// Whether a step must be done, in words.
pub(super) fn required_words(standard: &Standard, required: &Required, lang: Lang) -> String {
    match required {
        Required::No => tr(lang, "author-not-required", &[]),
        Required::Yes => tr(lang, "author-required", &[]),
        Required::When(condition) => {
            tr(lang, "author-required-when", &[("when", condition.words(standard, lang).into())])
        }
    }
}

/// By what id the words are found for what an end means for the order.
pub(super) fn order_after(order: OrderAfter) -> &'static str {
    match order {
        OrderAfter::Done => "author-outcome-done",
        OrderAfter::Attempted => "author-outcome-open",
        OrderAfter::NobodyMet => "author-outcome-nobody",
    }
}

/// The phases of an outcome by title, if there are any.
pub(super) fn phases(standard: &Standard, outcome: &Outcome, lang: Lang) -> Option<String> {
    let title = |id: &String| standard.phases().iter().find(|phase| phase.id == *id);
    let titles: Vec<_> =
        outcome.phases.iter().filter_map(title).map(|phase| phase.title.get(lang)).collect();
    (!titles.is_empty()).then(|| titles.join(if lang == Lang::En { ", " } else { "、" }))
}

/// The kind of visit as messages name it.
pub(super) fn visit_name(standard: &Standard) -> String {
    let json = serde_json::to_value(standard.visit()).unwrap_or_default();
    json.as_str().unwrap_or_default().replace('_', "-")
}

/// What stands at another place among those that are in both: all that is not in a longest common
/// order.
fn moved<'a>(old: Vec<&'a str>, new: Vec<&'a str>) -> Vec<&'a str> {
    let old: Vec<_> = old.into_iter().filter(|id| new.contains(id)).collect();
    let new: Vec<_> = new.into_iter().filter(|id| old.contains(id)).collect();
    // How long an order the rest of both have in common, from each pair of places.
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = match old[i] == new[j] {
                true => common[i + 1][j + 1] + 1,
                false => common[i + 1][j].max(common[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut stay) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            stay.push(old[i]);
            (i, j) = (i + 1, j + 1);
        } else if common[i + 1][j] >= common[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    new.into_iter().filter(|id| !stay.contains(id)).collect()
}

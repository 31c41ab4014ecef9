//! A condition in words, for people who don't write conditions.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, operators},
};

use super::{Condition, Fact};
use crate::{
    base::Lang,
    standard::{Choice, Kind, Standard},
    text::{named, tr},
};

impl Condition {
    /// What the condition says, in words: steps, choices and items by their titles. A text that is
    /// no condition comes back as it was written.
    pub fn words(&self, standard: &Standard, lang: Lang) -> String {
        let writer = Writer { standard, lang };
        self.expression().map_or_else(|| self.text().to_owned(), |it| writer.question(it))
    }

    /// The same where one of several things is enough: each by itself, in the order they are written.
    pub fn alternatives(&self, standard: &Standard, lang: Lang) -> Vec<String> {
        let Some(expression) = self.expression() else { return vec![self.text().to_owned()] };
        let writer = Writer { standard, lang };
        let (mut left, mut found) = (vec![expression], Vec::new());
        while let Some(it) = left.pop() {
            match &it.expr {
                Expr::Call(call) if call.func_name == operators::LOGICAL_OR => {
                    left.extend(call.args.iter().rev());
                }
                _ => found.push(writer.question(it)),
            }
        }
        found
    }
}

struct Writer<'a> {
    standard: &'a Standard,
    lang: Lang,
}

impl Writer<'_> {
    fn say(&self, id: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).into())).collect();
        tr(self.lang, id, &args)
    }

    fn two(&self, id: &str, a: &str, b: &str) -> String {
        self.say(id, &[("a", a), ("b", b)])
    }

    /// Something that holds or doesn't.
    fn question(&self, it: &IdedExpr) -> String {
        match &it.expr {
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(all) => self.walk(all),
            Expr::Select(select) => self.flag(select, true),
            _ => self.two("cond-is", &self.thing(it), &self.say("cond-yes", &[])),
        }
    }

    fn call(&self, call: &CallExpr) -> String {
        let args: Vec<&IdedExpr> = call.target.as_deref().into_iter().chain(&call.args).collect();
        match (call.func_name.as_str(), args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => self.two(
                "cond-and",
                &self.inside(a, operators::LOGICAL_OR),
                &self.inside(b, operators::LOGICAL_OR),
            ),
            (operators::LOGICAL_OR, [a, b]) => self.two(
                "cond-or",
                &self.inside(a, operators::LOGICAL_AND),
                &self.inside(b, operators::LOGICAL_AND),
            ),
            (operators::LOGICAL_NOT, [a]) => match &a.expr {
                Expr::Select(select) => self.flag(select, false),
                _ => self.say("cond-not", &[("a", &self.question(a))]),
            },
            (operators::CONDITIONAL, [a, b, c]) => self.say(
                "cond-if",
                &[("a", &self.question(a)), ("b", &self.question(b)), ("c", &self.question(c))],
            ),
            (operators::GREATER, [a, b]) => {
                self.after(a, b).unwrap_or_else(|| self.compare("cond-above", a, b))
            }
            (operators::LESS, [a, b]) => {
                self.after(b, a).unwrap_or_else(|| self.compare("cond-below", a, b))
            }
            (operators::GREATER_EQUALS, [a, b]) => self.compare("cond-at-least", a, b),
            (operators::LESS_EQUALS, [a, b]) => self.compare("cond-at-most", a, b),
            (operators::EQUALS, [a, b]) => self.compare("cond-is", a, b),
            (operators::NOT_EQUALS, [a, b]) => self.compare("cond-is-not", a, b),
            (operators::IN, [a, b]) => self.compare("cond-one-of", a, b),
            ("startsWith", [a, b]) => self.compare("cond-begins", a, b),
            ("endsWith", [a, b]) => self.compare("cond-ends", a, b),
            ("contains", [a, b]) => self.compare("cond-contains", a, b),
            _ => call.func_name.clone(),
        }
    }

    /// A part of a longer sentence, in brackets where it would be read otherwise.
    fn inside(&self, it: &IdedExpr, other: &str) -> String {
        let words = self.question(it);
        match &it.expr {
            Expr::Call(call)
                if call.func_name == other || call.func_name == operators::CONDITIONAL =>
            {
                self.say("cond-group", &[("a", &words)])
            }
            _ => words,
        }
    }

    /// Two steps compared by when they were recorded.
    fn after(&self, a: &IdedExpr, b: &IdedExpr) -> Option<String> {
        let step = |it: &IdedExpr| match path(it)?.as_slice() {
            ["step", id, "seq" | "at"] => Some(self.step_title(id)),
            _ => None,
        };
        Some(self.two("cond-after", &step(a)?, &step(b)?))
    }

    fn compare(&self, id: &str, a: &IdedExpr, b: &IdedExpr) -> String {
        // A choice's id is read by its title, whichever side it stands on.
        let (left, right) = (self.named(a, b), self.named(b, a));
        self.two(id, &left, &right)
    }

    /// `it` as it is called beside `with`.
    fn named(&self, it: &IdedExpr, with: &IdedExpr) -> String {
        let quoted =
            |text: &str| self.say("cond-item", &[("item", &self.choice_title(with, text))]);
        match &it.expr {
            Expr::Literal(LiteralValue::String(text)) => quoted(text.inner()),
            Expr::Literal(LiteralValue::Int(number)) => {
                self.measured(self.number(*number.inner(), with), with)
            }
            Expr::Literal(LiteralValue::Double(number)) => {
                self.measured(number.inner().to_string(), with)
            }
            Expr::List(list) => {
                let entries = list.elements.iter().map(|entry| self.named(entry, with));
                entries.collect::<Vec<_>>().join(if self.lang == Lang::En { ", " } else { "、" })
            }
            _ => self.thing(it),
        }
    }

    /// A number with the unit of the step it is compared with, where that measures in one.
    fn measured(&self, number: String, with: &IdedExpr) -> String {
        match self.unit(with) {
            Some(unit) => format!("{number} {unit}"),
            None => number,
        }
    }

    fn unit(&self, it: &IdedExpr) -> Option<&str> {
        match &it.expr {
            Expr::Call(call) => call.args.first().and_then(|first| self.unit(first)),
            _ => match path(it)?.as_slice() {
                ["step", id, "value"] => match &self.standard.step(id)?.kind {
                    Kind::Number { unit, .. } => Some(unit),
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// A number as people write it: money in its two decimals, the length of a press in seconds.
    fn number(&self, number: i64, with: &IdedExpr) -> String {
        let is = |it: &IdedExpr| match path(it).as_deref() {
            Some(["money", _]) => Some(true),
            // What is walked over and compared with a number is how long a bell was pressed.
            Some([entry]) if !matches!(*entry, "value" | "previous") => Some(false),
            _ => None,
        };
        match is(with) {
            Some(true) => {
                let (sign, minor) = (if number < 0 { "−" } else { "" }, number.unsigned_abs());
                format!("{sign}{}.{:02}", minor / 100, minor % 100)
            }
            Some(false) => {
                let seconds = format!("{}.{:03}", number / 1_000, number.unsigned_abs() % 1_000);
                let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
                self.say("cond-seconds", &[("seconds", seconds)])
            }
            None => number.to_string(),
        }
    }

    /// Something that has a value.
    fn thing(&self, it: &IdedExpr) -> String {
        match &it.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(true_) if *true_.inner() => self.say("cond-yes", &[]),
                LiteralValue::Boolean(_) => self.say("cond-no", &[]),
                LiteralValue::Int(number) => number.inner().to_string(),
                LiteralValue::Double(number) => number.inner().to_string(),
                LiteralValue::String(text) => self.say("cond-item", &[("item", text.inner())]),
                _ => self.say("cond-no-answer", &[]),
            },
            Expr::Ident(name) => match name.as_str() {
                "value" => self.say("cond-value", &[]),
                "previous" => self.say("cond-previous", &[]),
                _ => self.say("cond-entry", &[]),
            },
            Expr::Select(_) => self.part(it),
            Expr::Call(call) => {
                let args: Vec<&IdedExpr> =
                    call.target.as_deref().into_iter().chain(&call.args).collect();
                match (call.func_name.as_str(), args.as_slice()) {
                    ("size", [a]) => self.say("cond-how-many", &[("a", &self.thing(a))]),
                    (operators::ADD, [a, b]) => format!("{} + {}", self.thing(a), self.thing(b)),
                    (operators::SUBSTRACT, [a, b]) => {
                        format!("{} − {}", self.thing(a), self.thing(b))
                    }
                    (operators::NEGATE, [a]) => format!("−{}", self.thing(a)),
                    (operators::CONDITIONAL, [a, b, c]) => self.say(
                        "cond-if-value",
                        &[("a", &self.question(a)), ("b", &self.thing(b)), ("c", &self.thing(c))],
                    ),
                    _ => self.call(call),
                }
            }
            Expr::List(_) => self.named(it, it),
            Expr::Comprehension(all) => self.walk(all),
            _ => String::new(),
        }
    }

    fn part(&self, it: &IdedExpr) -> String {
        let path = path(it).unwrap_or_default();
        match path.as_slice() {
            ["step", id, "value", item] => {
                let item = self.item_title(Some(id), item);
                self.say("cond-step-item", &[("step", &self.step_title(id)), ("item", &item)])
            }
            ["step", id, field] => {
                self.say(&format!("cond-step-{field}"), &[("step", &self.step_title(id))])
            }
            ["age", item, field] => {
                self.say(&format!("cond-age-{}", field.replace('_', "-")), &[("item", item)])
            }
            ["value" | "previous", item] => {
                self.say("cond-item", &[("item", &self.item_title(None, item))])
            }
            [root, field] => self.say(&fact(root, field), &[]),
            _ => path.join("."),
        }
    }

    /// A yes-or-no name, told as it is or turned round.
    fn flag(&self, select: &SelectExpr, yes: bool) -> String {
        let it = IdedExpr { id: 0, expr: Expr::Select(select.clone()) };
        let path = path(&it).unwrap_or_default();
        match path.as_slice() {
            ["step", id, field @ ("done" | "holds")] => {
                let message = match (*field, yes) {
                    ("done", true) => "cond-step-done",
                    ("done", false) => "cond-step-not-done",
                    (_, true) => "cond-step-holds",
                    (_, false) => "cond-step-holds-not",
                };
                self.say(message, &[("step", &self.step_title(id))])
            }
            ["age", item, "unknown_is_hazard"] => {
                let message = "cond-age-unknown-is-hazard";
                let message = if yes { message.to_owned() } else { format!("{message}-not") };
                self.say(&message, &[("item", item)])
            }
            [root, field] if Fact::named(&format!("{root}.{field}")).is_some() => {
                let message = fact(root, field);
                self.say(&if yes { message } else { format!("{message}-not") }, &[])
            }
            _ => {
                let said = self.say(if yes { "cond-yes" } else { "cond-no" }, &[]);
                self.two("cond-is", &self.part(&it), &said)
            }
        }
    }

    fn walk(&self, all: &ComprehensionExpr) -> String {
        let every = matches!(&all.accu_init.expr,
            Expr::Literal(LiteralValue::Boolean(begins)) if *begins.inner());
        let question = match &all.loop_step.expr {
            Expr::Call(step) => step.args.get(1).map(|it| self.question(it)).unwrap_or_default(),
            _ => String::new(),
        };
        let message = if every { "cond-every" } else { "cond-some" };
        self.two(message, &self.thing(&all.iter_range), &question)
    }

    fn step_title(&self, id: &str) -> String {
        self.standard
            .step(id)
            .map_or_else(|| id.to_owned(), |step| step.title.get(self.lang).to_owned())
    }

    /// What people call this answer where it is compared with `with`.
    fn choice_title(&self, with: &IdedExpr, id: &str) -> String {
        let path = path(with).unwrap_or_default();
        let step = match path.as_slice() {
            // An item of a checklist, whose answers are the same everywhere.
            ["step", _, "value", _] | ["value" | "previous", _] => {
                return named(self.lang, "item", id);
            }
            ["step", step, "value"] => self.standard.step(step),
            _ => None,
        };
        let known = |choice: &&Choice| choice.id == id;
        match step {
            Some(step) => step.kind.choices().iter().find(known),
            // `value` and entries of lists belong to a step that is not named.
            None => self.standard.steps().flat_map(|step| step.kind.choices()).find(known),
        }
        .map_or_else(|| id.to_owned(), |choice| choice.title.get(self.lang).to_owned())
    }

    fn item_title(&self, step: Option<&str>, id: &str) -> String {
        let mut steps = self.standard.steps().filter(|it| step.is_none_or(|step| it.id == step));
        let found = steps.find_map(|it| it.kind.choices().iter().find(|item| item.id == id));
        found.map_or_else(|| id.to_owned(), |item| item.title.get(self.lang).to_owned())
    }
}

/// `a.b.c` as its names.
fn path(it: &IdedExpr) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    let mut it = it;
    loop {
        match &it.expr {
            Expr::Select(select) => {
                names.push(select.field.as_str());
                it = &select.operand;
            }
            Expr::Ident(name) => {
                names.push(name.as_str());
                names.reverse();
                return Some(names);
            }
            _ => return None,
        }
    }
}

/// The message that tells a fact.
fn fact(root: &str, field: &str) -> String {
    format!("cond-{root}-{}", field.replace('_', "-"))
}

//! `doorstep standard preview`: the whole visit as one page without script, to read and to print.

use std::fmt::Write;

use doorstep::{
    base::Lang,
    standard::{Kind, OnBreak, Outcome, Phase, Standard, Step},
    text::tr,
};

use super::diff::{order_after, phases, required_words, visit_name};

const STYLE: &str = include_str!("preview.css");

/// The page, with `first` shown first.
pub(crate) fn page(standard: &Standard, first: Lang) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{} · {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        first.tag(),
        escaped(standard.title().get(first)),
        standard.version(),
    );
    // Which language is shown is a radio button before the texts: no script is needed.
    for lang in Lang::ALL {
        let checked = if lang == first { " checked" } else { "" };
        let tag = lang.tag();
        let name = tr(lang, "author-lang-name", &[]);
        // Infallible: a String takes whatever is written.
        let _ = writeln!(
            page,
            "<input type=\"radio\" name=\"lang\" id=\"show-{tag}\"{checked}>\
             <label for=\"show-{tag}\" lang=\"{tag}\">{}</label>",
            escaped(&name)
        );
    }
    for lang in Lang::ALL {
        Writer { standard, lang, page: &mut page }.whole();
    }
    page.push_str("</body>\n</html>\n");
    page
}

struct Writer<'a> {
    standard: &'a Standard,
    lang: Lang,
    page: &'a mut String,
}

impl Writer<'_> {
    fn words(&self, id: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, (*value).into())).collect();
        tr(self.lang, id, &args)
    }

    /// An element with text in it.
    fn element(&mut self, name: &str, class: &str, text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let _ = writeln!(self.page, "<{name}{class}>{}</{name}>", escaped(text));
    }

    fn line(&mut self, class: &str, id: &str, args: &[(&str, &str)]) {
        let words = self.words(id, args);
        self.element("p", class, &words);
    }

    fn whole(&mut self) {
        let (standard, lang) = (self.standard, self.lang);
        let tag = lang.tag();
        let _ = writeln!(self.page, "<main class=\"in-{tag}\" lang=\"{tag}\">\n<header>");
        self.element("h1", "", standard.title().get(lang));
        let visit = self.words(&format!("author-visit-{}", visit_name(standard)), &[]);
        let facts = [
            self.words("author-version", &[("version", &standard.version().to_string())]),
            self.words("author-for-visit", &[("visit", &visit)]),
            self.words("author-mandatory-from", &[("day", &standard.mandatory_from().to_string())]),
        ];
        self.element("p", "facts", &facts.join(" · "));
        let count = |count: usize| count.to_string();
        let (phases, steps) = (count(standard.phases().len()), count(standard.steps().count()));
        let outcomes = count(standard.outcomes().len());
        let counts = [("phases", &*phases), ("steps", &*steps), ("outcomes", &*outcomes)];
        self.line("facts", "author-counts", &counts);
        let hash = standard.fingerprint().to_string();
        self.line("hash", "author-fingerprint", &[("hash", &hash)]);
        self.page.push_str("</header>\n");
        let heading = self.words("author-phases", &[]);
        self.element("h2", "", &heading);
        let mut number = 0;
        for (at, phase) in standard.phases().iter().enumerate() {
            self.phase(at + 1, phase, &mut number);
        }
        let heading = self.words("author-outcomes", &[]);
        self.element("h2", "", &heading);
        for outcome in standard.outcomes() {
            self.outcome(outcome);
        }
        self.page.push_str("</main>\n");
    }

    fn phase(&mut self, at: usize, phase: &Phase, number: &mut usize) {
        self.page.push_str("<section>\n");
        self.element("h3", "", &format!("{at}. {}", phase.title.get(self.lang)));
        let order = if phase.any_order { "author-any-order" } else { "author-in-order" };
        self.line("order", order, &[]);
        for step in &phase.steps {
            *number += 1;
            self.step(*number, step);
        }
        self.page.push_str("</section>\n");
    }

    fn step(&mut self, number: usize, step: &Step) {
        let (standard, lang) = (self.standard, self.lang);
        self.page.push_str("<article>\n");
        self.element("h4", "", &format!("{number}. {}", step.title.get(lang)));
        let kind = self.words(&format!("author-kind-{}", step.kind.name()), &[]);
        self.element("span", "kind", &kind);
        let class = match step.required {
            doorstep::standard::Required::No => "may",
            _ => "must",
        };
        self.element("span", class, &required_words(standard, &step.required, lang));
        if let Some(relevant) = &step.relevant {
            self.line("when", "author-there-when", &[("when", &relevant.words(standard, lang))]);
        }
        if let Some(say) = &step.say {
            self.line("say", "author-say", &[("words", say.get(lang))]);
        }
        if let Some(hint) = &step.hint {
            self.line("", "author-hint", &[("words", hint.get(lang))]);
        }
        self.options(step);
        if let Some(limit) = &step.constraint {
            let alternatives = limit.alternatives(standard, lang);
            if let [_, _, ..] = alternatives.as_slice() {
                self.line("limit", "author-limit-one-of", &[]);
                self.page.push_str("<ul class=\"limit\">\n");
                alternatives.iter().for_each(|words| self.element("li", "", words));
                self.page.push_str("</ul>\n");
            } else {
                self.line("limit", "author-limit", &[("limit", &limit.words(standard, lang))]);
            }
        }
        if let Some(message) = &step.message {
            let message = standard.titled(message.get(lang), lang);
            self.line("limit", "author-message", &[("message", &message)]);
        }
        if let Some(repeat) = &step.repeat {
            if let Some(most) = repeat.at_most {
                self.line("limit", "author-at-most", &[("count", &most.to_string())]);
            }
            if let Some(seconds) = repeat.at_least_seconds_between {
                self.line("limit", "author-seconds-between", &[("seconds", &seconds.to_string())]);
            }
            if let Some(source) = &repeat.source {
                self.line("source", "author-source", &[("source", source)]);
            }
        }
        if step.on_break == OnBreak::Stop {
            self.line("limit", "author-stops", &[]);
        }
        self.source(step.rule.as_deref(), step.source.as_deref());
        self.page.push_str("</article>\n");
    }

    /// What a kind of step has besides: choices, unit, length.
    fn options(&mut self, step: &Step) {
        let separator = if self.lang == Lang::En { ", " } else { "、" };
        let choices: Vec<_> =
            step.kind.choices().iter().map(|choice| choice.title.get(self.lang)).collect();
        let choices = choices.join(separator);
        match &step.kind {
            Kind::Checklist(_) => self.line("", "author-items", &[("choices", &choices)]),
            Kind::Choice(_) | Kind::Many(_) | Kind::Opinion(_) => {
                self.line("", "author-choices", &[("choices", &choices)]);
            }
            Kind::Number { unit, decimals } => {
                let decimals = decimals.to_string();
                self.line("", "author-unit", &[("unit", unit), ("decimals", &decimals)]);
            }
            Kind::Text { max_length } => {
                self.line("", "author-max-length", &[("count", &max_length.to_string())]);
            }
            _ => {}
        }
    }

    fn source(&mut self, rule: Option<&str>, source: Option<&str>) {
        let mut told = Vec::new();
        told.extend(rule.map(|rule| self.words("author-rule", &[("rule", rule)])));
        told.push(match source {
            Some(source) => self.words("author-source", &[("source", source)]),
            None => self.words("author-no-source", &[]),
        });
        self.element("p", "source", &told.join(" · "));
    }

    fn outcome(&mut self, outcome: &Outcome) {
        let (standard, lang) = (self.standard, self.lang);
        self.page.push_str("<article>\n");
        self.element("h4", "", outcome.title.get(lang));
        match phases(standard, outcome, lang) {
            Some(titles) => self.line("", "author-outcome-phases", &[("phases", &titles)]),
            None => self.line("", "author-outcome-no-phases", &[]),
        }
        self.line("", order_after(outcome.order), &[]);
        for gate in &outcome.requires {
            self.line("limit", "author-gate", &[("when", &gate.condition.words(standard, lang))]);
            self.line("limit", "author-message", &[("message", gate.message.get(lang))]);
            self.source(gate.rule.as_deref(), gate.source.as_deref());
        }
        self.page.push_str("</article>\n");
    }
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! The story as people read it: times, who, what, money called out, what each phone shows.

use std::path::Path;

use doorstep::{
    base::{Instant, Lang, Money},
    order::{Choice, Rule},
    proof::VerifiedReceipt,
    screen::{Amount, choice_words},
    standard::{Kind, Standard},
    text::{Value as Word, find, tr},
};
use serde_json::Value;

use crate::{
    expect::Check,
    hazard::HazardTap,
    outside::Outside,
    phone::Refusal,
    raw::{RawExpect, Words},
    scenario::{Scenario, Tap},
};

type Words3<'a> = [(&'a str, Word<'a>)];

/// A run of events that the office holds back and nobody has decided on.
pub(crate) struct Held {
    pub(crate) device: String,
    /// The order or the series it is about.
    pub(crate) what: String,
    pub(crate) events: u64,
    pub(crate) reason: String,
}

/// Tells the story, line by line.
pub(crate) struct Story<'a> {
    scenario: &'a Scenario,
    lang: Lang,
    tell: &'a mut dyn FnMut(&str),
    phase: String,
    /// The day that was told last.
    day: String,
}

impl<'a> Story<'a> {
    pub(crate) fn new(
        scenario: &'a Scenario,
        lang: Lang,
        tell: &'a mut dyn FnMut(&str),
    ) -> Story<'a> {
        let mut story = Story { scenario, lang, tell, phase: String::new(), day: String::new() };
        story.day = story.clock(scenario.start.instant()).0;
        story
    }

    pub(crate) fn lang(&self) -> Lang {
        self.lang
    }

    fn text(&self, id: &str, words: &Words3<'_>) -> String {
        tr(self.lang, id, words)
    }

    /// What to call a person.
    pub(crate) fn person(&self, name: &str) -> String {
        self.scenario.people.get(name).map_or_else(|| name.to_owned(), |p| p.name.clone())
    }

    /// What to call a device: by its person, and by its own name where they have several.
    pub(crate) fn device(&self, name: &str) -> String {
        let Some(device) = self.scenario.devices.get(name) else { return self.person(name) };
        let several =
            self.scenario.devices.values().filter(|d| d.person == device.person).count() > 1;
        let person = self.person(&device.person);
        if several { format!("{person} [{name}]") } else { person }
    }

    fn number(&self, order: &str) -> String {
        self.scenario.orders.get(order).map_or_else(|| order.to_owned(), |o| o.number.clone())
    }

    fn amount(&self, money: &Value) -> String {
        let money = serde_json::from_value::<Money>(money.clone());
        money.map_or_else(|_| String::new(), |money| Amount::new(money, self.lang).text)
    }

    /// Day and time in the scenario's zone.
    fn clock(&self, at: Instant) -> (String, String) {
        let zone = self.scenario.start.zone();
        match at.local(zone) {
            Some(local) => {
                (local.format("%Y-%m-%d").to_string(), local.format("%H:%M:%S").to_string())
            }
            None => (String::new(), at.at(zone)),
        }
    }

    fn line(&mut self, at: Instant, who: &str, text: &str) {
        let (day, time) = self.clock(at);
        if day != self.day {
            (self.tell)(&format!("  · {day} ·"));
            self.day = day;
        }
        let who = if who.is_empty() { String::new() } else { format!("{}  ", self.device(who)) };
        (self.tell)(&format!("  {time}  {who}{text}"));
    }

    fn more(&mut self, text: &str) {
        for line in text.lines() {
            (self.tell)(&format!("              {line}"));
        }
    }

    /// The title, and what stands ready.
    pub(crate) fn opening(&mut self) {
        if let Some(title) = &self.scenario.title {
            (self.tell)(title.get(self.lang));
        }
        let start = self.scenario.start;
        let phones: Vec<_> = self.scenario.devices.keys().map(|name| self.device(name)).collect();
        let words = [
            ("phones", phones.join(&self.text("story-comma", &[])).into()),
            ("when", start.instant().at(start.zone()).into()),
        ];
        let text = self.text("story-opening", &words);
        (self.tell)(&text);
    }

    pub(crate) fn heading(&mut self, words: &Words) {
        (self.tell)("");
        (self.tell)(&format!("— {} —", words.get(self.lang)));
        self.phase.clear();
    }

    pub(crate) fn say(&mut self, at: Instant, who: &str, id: &str, words: &Words3<'_>) {
        let text = self.text(id, words);
        self.line(at, who, &text);
    }

    pub(crate) fn order(
        &mut self,
        at: Instant,
        who: &str,
        id: &str,
        order: &str,
        words: &Words3<'_>,
    ) {
        let mut words = words.to_vec();
        words.push(("number", self.number(order).into()));
        self.say(at, who, id, &words);
    }

    pub(crate) fn decided(
        &mut self,
        at: Instant,
        who: &str,
        order: &str,
        rule: Rule,
        choice: &str,
    ) {
        let choice = Choice::from_id(rule, choice)
            .map_or_else(|| choice.to_owned(), |choice| choice_words(choice, self.lang));
        let words = [("rule", rule.id().into()), ("choice", choice.into())];
        self.order(at, who, "story-decide", order, &words);
    }

    pub(crate) fn synced(&mut self, at: Instant, who: &str, done: &Value) {
        let count = |key: &str| Word::from(done[key].as_u64().unwrap_or(0).to_string());
        match done["trouble"].as_str() {
            None => {
                let words =
                    [("sent", count("sent_events")), ("received", count("received_events"))];
                self.say(at, who, "story-sync", &words);
                if done["photos_sent"].as_u64().unwrap_or(0) > 0 {
                    self.say(at, who, "story-photos", &[("count", count("photos_sent"))]);
                }
            }
            Some(trouble) => {
                let id = format!("sync-trouble-{}", trouble.replace('_', "-"));
                let why = find(self.lang, &id, &[]).unwrap_or_else(|| trouble.to_owned());
                self.say(at, who, "story-sync-trouble", &[("why", why.into())]);
            }
        }
    }

    pub(crate) fn refused(&mut self, at: Instant, who: &str, refusal: &Refusal) {
        let why = refusal.told(self.lang).to_owned();
        self.say(at, who, "story-refused", &[("why", why.into())]);
    }

    /// What came of a tap.
    pub(crate) fn tapped(
        &mut self,
        at: Instant,
        who: &str,
        tap: &Tap,
        done: &Value,
        findings: &[Value],
    ) {
        self.phase_of(tap);
        let text = self.tap_words(tap, done);
        self.line(at, who, &text);
        if let Some(receipt) = done.get("receipt").filter(|receipt| receipt.is_object()) {
            // What goes back was neither due nor handed over.
            let called: &[(&str, &str)] = match tap {
                Tap::Refund { .. } | Tap::ReturnDeposit { .. } => &[("story-given-back", "change")],
                _ => &[("pay-due", "due"), ("pay-tendered", "tendered"), ("pay-change", "change")],
            };
            for (id, key) in called {
                let text = self.text(id, &[("amount", self.amount(&receipt[*key]).into())]);
                self.more(&format!("“{text}”"));
            }
            let number = receipt["number"].as_str().unwrap_or("").to_owned();
            let text = self.text("story-receipt", &[("number", number.into())]);
            self.more(&text);
        }
        for flag in done["reading"]["flags"].as_array().into_iter().flatten() {
            let id = format!("reading-flag-{}", flag.as_str().unwrap_or("").replace('_', "-"));
            let text = self.text(&id, &[]);
            self.more(&format!("⚠ {text}"));
        }
        for finding in findings {
            let words = finding["words"][self.lang.tag()].as_str().unwrap_or("");
            self.more(&format!("⚠ {words}"));
            let part = |key: &str| finding[key].as_str().unwrap_or("").to_owned();
            let (rule, source) = (part("rule"), part("source"));
            let told = match (rule.is_empty(), source.is_empty()) {
                (false, false) => "both",
                (false, true) => "rule",
                (true, false) => "source",
                (true, true) => "neither",
            };
            let words = [("told", told.into()), ("rule", rule.into()), ("source", source.into())];
            let text = self.text("story-finding", &words);
            self.more(&text);
        }
    }

    /// The phase of the standard that a step belongs to, when it is another than before.
    fn phase_of(&mut self, tap: &Tap) {
        let Tap::Record { visit, step, .. } = tap else { return };
        let Some(standard) = self.standard(visit) else { return };
        let Some(phase) = standard.phase_of(step) else { return };
        let title = phase.title.get(self.lang).to_owned();
        if title != self.phase {
            (self.tell)(&format!("    [{title}]"));
            self.phase = title;
        }
    }

    fn standard(&self, order: &str) -> Option<&'a Standard> {
        self.scenario.orders.get(order).map(|order| &*order.standard)
    }

    fn tap_words(&self, tap: &Tap, done: &Value) -> String {
        let text = |id: &str, words: &Words3<'_>| self.text(id, words);
        match tap {
            Tap::StartShift(float) => {
                text("story-start-shift", &[("amount", float.clone().into())])
            }
            Tap::CloseShift { counted, .. } => {
                text("story-close-shift", &[("amount", counted.clone().into())])
            }
            Tap::ReadMeter { .. } | Tap::ReadNext { .. } => {
                let told = match tap {
                    Tap::ReadNext { order, reading, .. } => {
                        let value = reading.value.clone().unwrap_or_default().into();
                        let words = [("number", self.number(order).into()), ("value", value)];
                        text("story-read-next", &words)
                    }
                    Tap::ReadMeter { meter, reading, .. } => {
                        let value = reading.as_ref().and_then(|r| r.value.clone());
                        // An estimate has the value that the rule gives it.
                        let value = value.unwrap_or_else(|| "…".to_owned());
                        let words = [("meter", meter.clone().into()), ("value", value.into())];
                        text("story-read-meter", &words)
                    }
                    _ => String::new(),
                };
                let reading = &done["reading"];
                let mut words = Vec::new();
                let Some(usage) = reading["usage"].as_u64() else {
                    return told + &text("story-read-nothing", &words);
                };
                words.push(("usage", usage.to_string().into()));
                let preview = self.amount(&reading["preview"]);
                if preview.is_empty() {
                    return told + &text("story-read-used", &words);
                }
                words.push(("amount", preview.into()));
                told + &text("story-read-preview", &words)
            }
            Tap::Hazard { tap, .. } => match tap {
                HazardTap::Find { item, grade, .. } => {
                    let words = [("item", item.clone().into()), ("grade", grade.clone().into())];
                    text("story-hazard", &words)
                }
                HazardTap::Duty { duty, number, .. } => {
                    let number =
                        number.clone().or_else(|| done["number"].as_str().map(str::to_owned));
                    let number = number.unwrap_or_default();
                    let words = [("duty", json_name(duty).into()), ("number", number.into())];
                    text("story-duty", &words)
                }
                HazardTap::Recheck { grade, .. } => match grade {
                    None => text("story-recheck-passed", &[]),
                    Some(grade) => text("story-recheck-failed", &[("grade", grade.clone().into())]),
                },
                HazardTap::ShutOff { what, .. } => {
                    text("story-shut-off", &[("what", json_name(what).into())])
                }
                HazardTap::Restore { .. } => text("story-restore-gas", &[]),
            },
            Tap::Void { receipt, reason, .. } => {
                let words =
                    [("counter", receipt.to_string().into()), ("reason", reason.clone().into())];
                text("story-void", &words)
            }
            Tap::Refund { receipt, of, .. } => {
                let words =
                    [("counter", receipt.to_string().into()), ("device", self.device(of).into())];
                text("story-refund", &words)
            }
            Tap::ReturnDeposit { receipt, of, .. } => {
                let words =
                    [("counter", receipt.to_string().into()), ("device", self.device(of).into())];
                text("story-return-deposit", &words)
            }
            Tap::StartVisit(order) => {
                text("story-start-visit", &[("number", self.number(order).into())])
            }
            Tap::Note { seen, .. } => {
                let seen = [
                    ("raining", seen.raining),
                    ("renovation", seen.under_renovation),
                    ("adult", seen.adult_present),
                    ("door", seen.door_open),
                ];
                let words = seen.iter().filter_map(|(what, is)| {
                    Some(text(
                        &format!("story-seen-{what}-{}", if (*is)? { "yes" } else { "no" }),
                        &[],
                    ))
                });
                words.collect::<Vec<_>>().join(&text("story-comma", &[]))
            }
            Tap::Record { visit, step, value, text: words, remark } => {
                let found = self.standard(visit).and_then(|standard| standard.step(step));
                let title = found.map_or(step.as_str(), |step| step.title.get(self.lang));
                let value = match (value, words) {
                    (_, Some(words)) => words.clone(),
                    (Some(value), _) => self.value_words(found.map(|step| &step.kind), value),
                    (None, None) => text("answer-done", &[]),
                };
                let remark = remark.as_ref().map(|remark| format!(" ({remark})"));
                let words = [("step", title.into()), ("value", value.into())];
                text("story-record", &words) + &remark.unwrap_or_default()
            }
            Tap::HandOver { amount, to, .. } => text(
                "story-hand-over",
                &[("amount", amount.clone().into()), ("to", to.clone().into())],
            ),
            Tap::TakeCash { amount, badge } => text(
                "story-take-cash",
                &[("amount", amount.clone().into()), ("badge", badge.clone().into())],
            ),
            Tap::Invoice { receipt, .. } => {
                text("story-invoice", &[("counter", receipt.to_string().into())])
            }
            Tap::DrawNotice { .. } => {
                let number = done["notice"].as_str().unwrap_or_default().to_owned();
                text("story-draw-notice", &[("number", number.into())])
            }
            Tap::Correct { visit, step, value, text: words, reason } => {
                let found = self.standard(visit).and_then(|standard| standard.step(step));
                let title = found.map_or(step.as_str(), |step| step.title.get(self.lang));
                let now = match (value, words) {
                    (_, Some(words)) => Some(words.clone()),
                    (Some(value), _) => Some(self.value_words(found.map(|step| &step.kind), value)),
                    (None, None) => None,
                };
                let mut words = vec![("step", title.into()), ("reason", reason.clone().into())];
                match now {
                    None => text("story-take-back", &words),
                    Some(now) => {
                        words.push(("value", now.into()));
                        text("story-correct", &words)
                    }
                }
            }
            Tap::Explain { text: reason, .. } => {
                text("story-explain", &[("reason", reason.clone().into())])
            }
            Tap::Quote { lines, .. } => {
                let version = done["quote"].to_string();
                let lines = lines.iter().map(|line| self.line_words(line)).collect::<Vec<_>>();
                let lines = lines.join(&text("story-comma", &[]));
                text("story-quote", &[("version", version.into()), ("lines", lines.into())])
            }
            Tap::AcceptQuote { version, .. } => {
                text("story-accept", &[("version", version.to_string().into())])
            }
            Tap::Charge { line, .. } => {
                text("story-charge", &[("line", self.line_words(line).into())])
            }
            Tap::TakePhoto { words, .. } => {
                text("story-take-photo", &[("what", words.clone().into())])
            }
            Tap::Pay { .. } => text("story-pay", &[]),
            Tap::Sign { sign, .. } => {
                let by = sign.by.clone().or(sign.reason.clone()).unwrap_or_default();
                let id = format!("sign-result-{}", json_name(&sign.result));
                text("story-sign", &[("who", by.into()), ("how", text(&id, &[]).into())])
            }
            Tap::Finish { visit, outcome } => {
                let found = self.standard(visit).and_then(|standard| {
                    standard.outcomes().iter().find(|known| known.id == *outcome)
                });
                let title = found.map_or(outcome.as_str(), |found| found.title.get(self.lang));
                text("story-finish", &[("outcome", title.into())])
            }
        }
    }

    fn line_words(&self, line: &crate::raw::RawFullLine) -> String {
        let list = &self.scenario.price_list.1;
        let Some(item) = list.item(&line.code) else { return line.code.clone() };
        let words = [
            ("name", item.name.get(self.lang).into()),
            ("quantity", line.quantity.to_string().into()),
            ("price", item.price.to_string().into()),
        ];
        let id = if line.free.is_some() { "story-line-free" } else { "story-line" };
        self.text(id, &words)
    }

    fn value_words(&self, kind: Option<&Kind>, value: &toml::Value) -> String {
        let choice = |id: &str| match kind {
            Some(Kind::Choice(choices) | Kind::Many(choices) | Kind::Opinion(choices)) => choices
                .iter()
                .find(|choice| choice.id == id)
                .map_or_else(|| id.to_owned(), |choice| choice.title.get(self.lang).to_owned()),
            _ => id.to_owned(),
        };
        match value {
            toml::Value::Table(answers) if matches!(kind, Some(Kind::Checklist(_))) => {
                let Some(Kind::Checklist(items)) = kind else { return String::new() };
                let one = |(id, answer): (&String, &toml::Value)| {
                    let item = items.iter().find(|item| item.id == *id);
                    let item = item.map_or(id.as_str(), |item| item.title.get(self.lang));
                    let answer = answer.as_str().unwrap_or("").replace('_', "-");
                    let answer = find(self.lang, &format!("item-{answer}"), &[]).unwrap_or(answer);
                    self.text("answer-item", &[("item", item.into()), ("answer", answer.into())])
                };
                answers.iter().map(one).collect::<Vec<_>>().join(&self.text("story-comma", &[]))
            }
            toml::Value::Boolean(_) => self.text("answer-done", &[]),
            toml::Value::String(text) => match kind {
                Some(Kind::Photo) => self.text("answer-photo", &[]),
                Some(Kind::Number { unit, .. }) => format!("{text} {unit}"),
                _ => choice(text),
            },
            toml::Value::Array(values) => {
                let one = |value: &toml::Value| match value {
                    toml::Value::Integer(ms) => {
                        let seconds = (*ms as f64 / 1_000.0).to_string();
                        self.text("answer-seconds", &[("seconds", seconds.into())])
                    }
                    toml::Value::String(id) => choice(id),
                    other => other.to_string(),
                };
                values.iter().map(one).collect::<Vec<_>>().join(&self.text("story-comma", &[]))
            }
            other => other.to_string(),
        }
    }

    pub(crate) fn receipt_holds(&mut self, at: Instant, who: &str, verified: &VerifiedReceipt) {
        let amount = Amount::new(verified.paper.amount(), self.lang).text;
        let words = [
            ("counter", verified.paper.number().to_string().into()),
            ("amount", amount.into()),
            ("payer", verified.disclosure.payer.reveal().to_owned().into()),
        ];
        let receipt = verified.paper.receipt().is_some();
        let holds = if receipt { "story-receipt-holds" } else { "story-refund-holds" };
        self.say(at, who, holds, &words);
    }

    pub(crate) fn visit_holds(&mut self, at: Instant, who: &str, order: &str, events: usize) {
        self.order(at, who, "story-visit-holds", order, &[("events", events.to_string().into())]);
    }

    /// What the script that is not ours says.
    pub(crate) fn outside(&mut self, outside: &Outside) {
        let text = match outside {
            Outside::Holds(line) => {
                self.text("story-outside-holds", &[("line", line.clone().into())])
            }
            Outside::Refused(why) => {
                self.text("story-outside-refused", &[("why", why.clone().into())])
            }
            Outside::NotRun(how) => {
                self.text("story-outside-not-run", &[("how", (*how).clone().into())])
            }
        };
        self.more(&text);
    }

    /// A phone's first screen and how its sync stands.
    pub(crate) fn phone_shows(&mut self, at: Instant, who: &str, today: &Value, sync: &Value) {
        let headline = today["headline"].as_str().unwrap_or("").to_owned();
        self.say(at, who, "story-phone-shows", &[("headline", headline.into())]);
        for row in today["rows"].as_array().into_iter().flatten() {
            let part = |key: &str| row[key].as_str().unwrap_or("");
            let mut line =
                format!("│ {}  {}  {}", part("number"), part("status_text"), part("address"));
            for time in ["appointment", "due_text"].iter().filter_map(|key| row[*key].as_str()) {
                line = format!("{line}  {time}");
            }
            if let Some(conflicts) = row["conflicts_text"].as_str() {
                line = format!("{line}  ⚠ {conflicts}");
            }
            self.more(&line);
        }
        for notice in today["notices"].as_array().into_iter().flatten() {
            self.more(&format!("│ ✉ {}", notice["text"].as_str().unwrap_or("")));
        }
        let texts = [
            "unsent_text",
            "time_left_text",
            "last_success_text",
            "trouble_text",
            "what_to_do",
            "next_try_text",
            "held_text",
            "statement",
            "enrol_again_text",
            "update_text",
        ];
        for text in texts.iter().filter_map(|key| sync[*key].as_str()) {
            self.more(&format!("│ {text}"));
        }
        for stuck in sync["stuck"].as_array().into_iter().flatten() {
            let part = |key: &str| stuck[key].as_str().unwrap_or("");
            let (what, why) = (part("what"), part("text"));
            self.more(&format!("│ ⏸ {what}: {why} {}", part("what_to_do")));
        }
    }

    /// The conflicts as everybody reads them, what is held back, and what is due.
    pub(crate) fn office_looks(
        &mut self,
        at: Instant,
        who: &str,
        conflicts: &[String],
        held: &[Held],
        alarms: &Value,
    ) {
        match conflicts.len() {
            0 => self.say(at, who, "story-no-conflicts", &[]),
            count => self.say(at, who, "story-conflicts", &[("count", count.to_string().into())]),
        }
        for conflict in conflicts {
            let mut lines = conflict.lines();
            self.more(&format!("┌ {}", lines.next().unwrap_or("")));
            lines.for_each(|line| self.more(&format!("│ {line}")));
        }
        for row in held {
            let why = format!("sync-stuck-{}", row.reason.replace('_', "-"));
            let other = || self.text("sync-stuck-other", &[]);
            let why = find(self.lang, &why, &[]).unwrap_or_else(other);
            let words = [
                ("device", self.device(&row.device).into()),
                ("what", row.what.as_str().into()),
                ("count", row.events.to_string().into()),
                ("why", why.into()),
            ];
            let text = self.text("story-held", &words);
            self.more(&text);
        }
        for alarm in alarms.as_array().into_iter().flatten() {
            let words = alarm["words"][self.lang.tag()].as_str().unwrap_or("").to_owned();
            self.more(&format!("⏰ {words}"));
        }
    }

    /// A supervisor's word on what is held back.
    pub(crate) fn released(&mut self, at: Instant, who: &str, device: &str, choice: &str) {
        let known = match choice {
            "admit" => Some(Choice::WorkAdmitted),
            "refuse" => Some(Choice::WorkDoesNotCount),
            "main_counts" => Some(Choice::FirstBranchCounts),
            "branch_counts" => Some(Choice::SecondBranchCounts),
            _ => None,
        };
        let choice =
            known.map_or_else(|| choice.to_owned(), |known| choice_words(known, self.lang));
        let words = [("device", self.device(device).into()), ("choice", choice.into())];
        self.say(at, who, "story-release", &words);
    }

    pub(crate) fn expectation(&mut self, expect: &RawExpect, checks: &[Check]) {
        let lang = self.lang;
        let met = checks.iter().all(|check| check.ok);
        if let Some(words) = &expect.words
            && met
        {
            (self.tell)(&format!("  ✓ {}", words.get(lang)));
            return;
        }
        for check in checks {
            if check.ok {
                (self.tell)(&format!("  ✓ {}", check.text));
            } else {
                let text = format!("  ✗ {} — {}", check.text, check.seen);
                (self.tell)(&text);
            }
        }
    }

    pub(crate) fn failure(&mut self, file: &Path, line: usize, message: &str) {
        (self.tell)(&format!("  ✗ {}:{line}: {message}", file.display()));
    }

    pub(crate) fn close(&mut self, ok: bool, expectations: usize, missed: usize, failures: usize) {
        let words = [
            ("expectations", expectations.to_string().into()),
            ("missed", missed.to_string().into()),
            ("failures", failures.to_string().into()),
        ];
        let text = self.text(if ok { "story-ends-well" } else { "story-ends-badly" }, &words);
        (self.tell)("");
        (self.tell)(&text);
    }
}

/// A plain enum's name, as text ids write it.
fn json_name<T: serde::Serialize>(value: &T) -> String {
    let name = serde_json::to_value(value).ok();
    name.and_then(|name| name.as_str().map(|name| name.replace('_', "-"))).unwrap_or_default()
}

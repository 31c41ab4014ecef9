//! Plays a scenario step by step.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use doorstep::{
    base::{Hash, Id, Instant, Lang, Money},
    proof::{Bundle, ReceiptProof},
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    expect,
    link::Link,
    office::Office,
    outside,
    phone::{Phone, Refusal},
    raw::Role,
    scenario::{Scenario, Step, Tap, Verb},
    state,
    story::Story,
};

/// How to play.
pub struct Options<'a> {
    /// The program whose `device` subcommand is a phone.
    pub program: &'a Path,
    /// The language of the story.
    pub lang: Lang,
    /// Takes the story, line by line, as it happens.
    pub tell: &'a mut dyn FnMut(&str),
}

/// How a play ended.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The scenario's file.
    pub scenario: String,
    /// Every expectation was met and no step failed that was not meant to.
    pub ok: bool,
    /// The server's final state.
    pub server: Value,
    /// Every device's final state, by name.
    pub devices: BTreeMap<String, Value>,
    /// Every expectation, in order.
    pub expectations: Vec<Outcome>,
    /// Steps that failed and were not meant to, or the other way round.
    pub failures: Vec<Failure>,
}

/// One expectation and what was seen.
#[derive(Debug, Serialize)]
pub struct Outcome {
    /// The step's line in the file.
    pub line: usize,
    /// Whether it was met.
    pub ok: bool,
    /// What was expected, of whom.
    pub text: String,
    /// What was seen.
    pub seen: Value,
}

/// A step that went otherwise than the scenario says.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// The step's line in the file.
    pub line: usize,
    /// What happened.
    pub message: String,
}

/// Everything a play holds.
pub(crate) struct Play<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) office: Office,
    pub(crate) phones: BTreeMap<String, Phone>,
    pub(crate) now: Instant,
    /// What ids are called in this scenario.
    pub(crate) names: BTreeMap<String, String>,
    /// Visits by device and order, first to last.
    pub(crate) visits: BTreeMap<(String, String), Vec<Id>>,
    pub(crate) directory: Directory,
    taps: BTreeMap<String, (Id, Value)>,
    codes: BTreeMap<String, (String, String)>,
    actions: u64,
    story: Story<'a>,
    expectations: Vec<Outcome>,
    failures: Vec<Failure>,
    // Last: everything above runs on it.
    runtime: Runtime,
}

/// A directory that is gone when the play is over.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    fn new() -> std::io::Result<Directory> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("doorstep-play-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Plays `scenario` to its end. `Err` when it can't even begin; what goes wrong later is in the
/// report.
pub fn play(scenario: &Scenario, options: Options<'_>) -> Result<Report, String> {
    let directory = Directory::new().map_err(|error| format!("no temporary directory: {error}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let (office, bootstrap) = Office::open(runtime.handle().clone(), &directory.0, scenario)?;
    let mut play = Play {
        scenario,
        office,
        phones: BTreeMap::new(),
        now: scenario.start.instant(),
        names: BTreeMap::new(),
        visits: BTreeMap::new(),
        directory,
        taps: BTreeMap::new(),
        codes: BTreeMap::new(),
        actions: 0,
        story: Story::new(scenario, options.lang, options.tell),
        expectations: Vec::new(),
        failures: Vec::new(),
        runtime,
    };
    let begun = play.set_up(options.program, bootstrap.as_deref());
    begun.map_err(|refusal| format!("the scenario cannot begin: {}", refusal.message))?;
    for step in &scenario.steps {
        play.step(step);
    }
    Ok(play.end())
}

fn io(error: std::io::Error) -> Refusal {
    Refusal::new("io", error)
}

impl Play<'_> {
    /// An id that this scenario's seed and a name give.
    pub(crate) fn id(&self, kind: &str, name: &str) -> Id {
        let seed = self.scenario.seed.to_be_bytes();
        Id::from_hash(&Hash::of(&[&seed, kind.as_bytes(), b" ", name.as_bytes()]))
    }

    fn named_id(&mut self, kind: &str, name: &str) -> Id {
        let id = self.id(kind, name);
        self.names.insert(id.to_string(), name.to_owned());
        id
    }

    fn set_up(&mut self, program: &Path, bootstrap: Option<&str>) -> Result<(), Refusal> {
        let scenario = self.scenario;
        let mut office: Vec<_> =
            scenario.people.iter().filter(|(_, person)| person.role != Role::Technician).collect();
        office.sort_by_key(|(_, person)| person.role != Role::Supervisor);
        let Some((chief, _)) = office.first().copied() else {
            return Err(Refusal::new("nobody", "there is no supervisor"));
        };
        for (name, person) in &office {
            let code = bootstrap.filter(|_| *name == chief);
            let account = json!({
                "person": self.named_id("person", name), "name": person.name,
                "badge": person.badge, "role": person.role.office(), "bootstrap": code,
            });
            let made = self.office.post(chief, "accounts", &account)?;
            self.office.keep_token(name, made["token"].as_str().unwrap_or(""));
        }
        for (name, person) in scenario.people.iter().filter(|(_, p)| p.role == Role::Technician) {
            let id = self.named_id("person", name);
            let person = json!({ "id": id, "name": person.name, "badge": person.badge });
            self.office.post(chief, "people", &person)?;
        }
        for (text, standard) in &scenario.standards {
            let document = json!({ "key": format!("standard/{}", standard.id()), "text": text });
            self.office.post(chief, "standing", &document)?;
        }
        let list = json!({ "key": "price-list", "text": scenario.price_list.0 });
        self.office.post(chief, "standing", &list)?;
        for (name, place) in &scenario.premises {
            let premises = json!({
                "id": self.named_id("premises", name), "address": place.address,
                "building": place.building, "floor": place.floor,
                "under_renovation": place.under_renovation,
            });
            self.office.post(chief, "premises", &premises)?;
        }
        for (name, order) in &scenario.orders {
            self.named_id("order", name);
            if order.opened {
                self.open(chief, name)?;
            }
        }
        for (name, device) in &scenario.devices {
            let link = self.runtime.block_on(Link::new(self.office.address)).map_err(io)?;
            let directory =
                self.directory.0.join("phones").join(self.id("device", name).to_string());
            let zone = scenario.start.zone();
            let phone = Phone::new(program, directory, link, device.clock, zone, self.now);
            self.phones.insert(name.clone(), phone.map_err(io)?);
            if device.enrolled {
                let code = self.code(chief, &device.person)?;
                self.enrol(name, &code)?;
            }
        }
        self.story.opening();
        Ok(())
    }

    fn phone(&mut self, name: &str) -> Result<&mut Phone, Refusal> {
        let none = || Refusal::new("nobody", format!("there is no device `{name}`"));
        self.phones.get_mut(name).ok_or_else(none)
    }

    pub(crate) fn ask(&mut self, device: &str, request: Value) -> Result<Value, Refusal> {
        let now = self.now;
        self.phone(device)?.ask(now, request)
    }

    fn step(&mut self, step: &Step) {
        self.now = step.at;
        self.office.set_time(step.at);
        if let Some(show) = &step.show {
            self.story.heading(show);
        }
        if let Verb::Expect(expect) = &step.verb {
            let checks = expect::check(self, expect);
            self.story.expectation(expect, &checks);
            let outcome = |check: expect::Check| Outcome {
                line: step.line,
                ok: check.ok,
                text: check.text,
                seen: check.seen,
            };
            self.expectations.extend(checks.into_iter().map(outcome));
            return;
        }
        let who = if step.who.is_empty() { vec![String::new()] } else { step.who.clone() };
        for who in who {
            let done = self.perform(&who, step);
            let at = self.now;
            match (done, &step.fails) {
                (Ok(()), None) => {}
                (Err(refusal), Some(kind)) if *kind == refusal.kind || kind == "any" => {
                    // An exchange that failed was told as such already.
                    if !matches!(step.verb, Verb::Sync) {
                        self.story.refused(at, &who, &refusal);
                    }
                }
                (Ok(()), Some(kind)) => {
                    let message =
                        format!("{who}: this should have failed with `{kind}`, but it was done");
                    self.fail(step.line, message);
                }
                (Err(refusal), Some(kind)) => {
                    let Refusal { kind: seen, message } = refusal;
                    let message = format!(
                        "{who}: this should have failed with `{kind}`; it failed with `{seen}`: {message}"
                    );
                    self.fail(step.line, message);
                }
                (Err(refusal), None) => {
                    let Refusal { kind, message } = refusal;
                    self.fail(step.line, format!("{who}: failed with `{kind}`: {message}"));
                }
            }
        }
    }

    fn fail(&mut self, line: usize, message: String) {
        self.story.failure(&self.scenario.file, line, &message);
        self.failures.push(Failure { line, message });
    }

    fn perform(&mut self, who: &str, step: &Step) -> Result<(), Refusal> {
        let now = self.now;
        match &step.verb {
            Verb::Nothing | Verb::Expect(_) => Ok(()),
            Verb::Tap(tap) => self.tap(who, tap, step),
            Verb::Repeat(label) => {
                let Some((id, action)) = self.taps.get(label).cloned() else {
                    return Err(Refusal::new("unknown", format!("`{label}` was never tapped")));
                };
                let act = json!({ "cmd": "act", "action_id": id, "action": action });
                self.ask(who, act)?;
                self.story.say(now, who, "story-repeat", &[]);
                Ok(())
            }
            Verb::Sync => {
                let done = self.ask(who, json!({ "cmd": "sync" }))?;
                let trouble = done["trouble"].as_str().map(str::to_owned);
                self.phone(who)?.trouble.clone_from(&trouble);
                self.story.synced(now, who, &done);
                match trouble {
                    // An exchange that came to nothing is a normal outcome, unless it was asked
                    // for by name.
                    Some(trouble) if step.fails.is_some() => {
                        Err(Refusal::new(&trouble, "the exchange did not succeed"))
                    }
                    _ => Ok(()),
                }
            }
            Verb::Network(network) => {
                self.phone(who)?.link.set(*network);
                let id = match (network.off, *network == crate::scenario::Network::default()) {
                    (true, _) => "story-network-off",
                    (false, true) => "story-network-on",
                    (false, false) => "story-network-slow",
                };
                self.story.say(now, who, id, &[]);
                Ok(())
            }
            Verb::Kill => {
                self.phone(who)?.kill().map_err(io)?;
                self.story.say(now, who, "story-kill", &[]);
                Ok(())
            }
            Verb::Restart => {
                let phone = self.phone(who)?;
                phone.kill().and_then(|()| phone.start()).map_err(io)?;
                self.story.say(now, who, "story-restart", &[]);
                Ok(())
            }
            Verb::Reboot => {
                self.phone(who)?.reboot(now).map_err(io)?;
                self.story.say(now, who, "story-reboot", &[]);
                Ok(())
            }
            Verb::Backup(name) => {
                self.phone(who)?.backup(name).map_err(io)?;
                self.story.say(now, who, "story-backup", &[]);
                Ok(())
            }
            Verb::Restore(name) => {
                self.phone(who)?.restore(name).map_err(io)?;
                self.story.say(now, who, "story-restore", &[]);
                Ok(())
            }
            Verb::Clock(offset) => {
                self.phone(who)?.offset = *offset;
                let shown = now.plus_ms(*offset).at(self.scenario.start.zone());
                self.story.say(now, who, "story-clock", &[("time", shown.into())]);
                Ok(())
            }
            Verb::Enrol(code) => {
                let known = self.codes.get(code).cloned();
                let unknown = (code.clone(), String::new());
                self.enrol(who, &known.unwrap_or(unknown))?;
                self.story.say(now, who, "story-enrol", &[]);
                Ok(())
            }
            Verb::VerifyReceipt { counter, altered } => {
                self.verify_receipt(who, *counter, *altered)
            }
            Verb::VerifyVisit { order, altered } => self.verify_visit(who, order, *altered),
            Verb::Look => self.look(who),
            _ => self.office_does(who, &step.verb),
        }
    }

    fn office_does(&mut self, who: &str, verb: &Verb) -> Result<(), Refusal> {
        let now = self.now;
        match verb {
            Verb::Open(order) => {
                self.open(who, order)?;
                self.story.order(now, who, "story-open", order, &[]);
            }
            Verb::Assign { order, to } => {
                let path = format!("orders/{}/assign", self.id("order", order));
                let body = json!({ "to": self.id("person", to) });
                self.office.post(who, &path, &body)?;
                let to = self.story.person(to);
                self.story.order(now, who, "story-assign", order, &[("to", to.into())]);
            }
            Verb::Cancel { order, reason } => {
                let path = format!("orders/{}/cancel", self.id("order", order));
                self.office.post(who, &path, &json!({ "reason": reason }))?;
                let reason = reason.clone();
                self.story.order(now, who, "story-cancel", order, &[("reason", reason.into())]);
            }
            Verb::Decide { order, rule, choice } => {
                let id = self.id("order", order);
                let state = self.office.order(id);
                let found = state.iter().flat_map(|s| &s.conflicts).find(|c| c.rule == *rule);
                let Some(conflict) = found else {
                    let message = format!("the order has no conflict {}", rule.id());
                    return Err(Refusal::new("unknown_conflict", message));
                };
                let decision = json!({
                    "conflict": conflict.key, "rule": rule.id(), "choice": choice,
                });
                self.office.post(who, &format!("orders/{id}/decide"), &decision)?;
                self.story.decided(now, who, order, *rule, choice);
            }
            Verb::Revoke { device, reason } => {
                let id = self.phone(device)?.device.clone().unwrap_or_default();
                let body = json!({ "reason": reason });
                self.office.post(who, &format!("devices/{id}/revoke"), &body)?;
                let device = self.story.device(device);
                self.story.say(now, who, "story-revoke", &[("device", device.into())]);
            }
            Verb::Code { name, person } => {
                let code = self.code(who, person)?;
                self.codes.insert(name.clone(), code);
                let person = self.story.person(person);
                self.story.say(now, who, "story-code", &[("to", person.into())]);
            }
            Verb::Publish(text) => {
                let key = match doorstep::standard::Standard::load(text) {
                    Ok(standard) => format!("standard/{}", standard.id()),
                    Err(_) => "price-list".to_owned(),
                };
                self.office.post(who, "standing", &json!({ "key": key, "text": text }))?;
                self.story.say(now, who, "story-publish", &[("key", key.into())]);
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, who: &str, name: &str) -> Result<(), Refusal> {
        let Some(order) = self.scenario.orders.get(name) else {
            return Err(Refusal::new("unknown", "there is no such order"));
        };
        let id = self.id("order", name);
        let customer = &order.customer;
        let body = json!({
            "id": id, "kind": order.kind, "number": order.number,
            "premises": self.id("premises", &order.premises), "standard": order.standard.id(),
            "emergency": order.emergency, "due": order.due,
            "customer": {
                "name": customer.name, "phone": customer.phone, "report": customer.report,
                "special_need": customer.special_need, "lang": customer.lang,
            },
        });
        self.office.post(who, "orders", &body)?;
        if let Some(to) = &order.assigned_to {
            let body = json!({ "to": self.id("person", to) });
            self.office.post(who, &format!("orders/{id}/assign"), &body)?;
        }
        Ok(())
    }

    /// A one-time code for a person's phone, and the company's key shown with it.
    fn code(&mut self, who: &str, person: &str) -> Result<(String, String), Refusal> {
        let body = json!({ "person": self.id("person", person) });
        let made = self.office.post(who, "enrolment-codes", &body)?;
        let text = |key: &str| made[key].as_str().unwrap_or("").to_owned();
        Ok((text("code"), text("company_key")))
    }

    fn enrol(&mut self, device: &str, code: &(String, String)) -> Result<(), Refusal> {
        let mut request = json!({ "cmd": "enrol", "code": code.0 });
        if !code.1.is_empty() {
            request["company_key"] = json!(code.1);
        }
        let done = self.ask(device, request)?;
        if let Some(id) = done["device"].as_str() {
            self.names.insert(id.to_owned(), device.to_owned());
            self.phone(device)?.device = Some(id.to_owned());
        }
        if let Some(series) = done["series"].as_str() {
            self.names.insert(series.to_owned(), format!("{device} receipts"));
        }
        Ok(())
    }

    fn tap(&mut self, device: &str, tap: &Tap, step: &Step) -> Result<(), Refusal> {
        let action = self.action(device, tap)?;
        self.actions += 1;
        let id = self.id("action", &self.actions.to_string());
        if let Some(label) = &step.label {
            self.taps.insert(label.clone(), (id, action.clone()));
        }
        let act = json!({ "cmd": "act", "action_id": id, "action": action });
        let now = self.now;
        if step.cut {
            let phone = self.phone(device)?;
            phone.ask_and_kill(now, act.clone()).and_then(|()| phone.start()).map_err(io)?;
            self.story.say(now, device, "story-cut", &[]);
        }
        let done = self.ask(device, act)?;
        if let Tap::StartVisit(order) = tap {
            let visits = self.visits.entry((device.to_owned(), order.clone())).or_default();
            if !visits.contains(&id) {
                visits.push(id);
                let count = visits.len();
                let again = if count > 1 { format!("#{count}") } else { String::new() };
                self.names.insert(id.to_string(), format!("{order}/{device}{again}"));
            }
        }
        let findings = self.findings(device, &done);
        self.story.tapped(now, device, tap, &done, &findings);
        Ok(())
    }

    /// The findings that an action brought about, as the phone knows them.
    fn findings(&mut self, device: &str, done: &Value) -> Vec<Value> {
        let keys = done["findings"].as_array().cloned().unwrap_or_default();
        if keys.is_empty() {
            return Vec::new();
        }
        let Ok(state) = self.ask(device, json!({ "cmd": "state" })) else { return Vec::new() };
        let visit = done["visit"].as_str().unwrap_or("");
        let all = state["visits"][visit]["findings"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|finding| keys.contains(&finding["key"])).collect()
    }

    /// This device's latest visit to an order.
    fn visit(&self, device: &str, order: &str) -> Result<Id, Refusal> {
        let visits = self.visits.get(&(device.to_owned(), order.to_owned()));
        visits.and_then(|visits| visits.last().copied()).ok_or_else(|| {
            Refusal::new("no_such_visit", format!("`{device}` began no visit to `{order}`"))
        })
    }

    fn money(&self, text: &str) -> Result<Money, Refusal> {
        let currency = self.scenario.price_list.1.currency();
        let text = text.strip_suffix(currency.code()).unwrap_or(text).trim();
        Money::parse(text, currency).map_err(|error| Refusal::new("bad_amount", error))
    }

    /// The tap as the action that an app would send.
    fn action(&mut self, device: &str, tap: &Tap) -> Result<Value, Refusal> {
        let with_visit = |play: &Self, visit: &str, name: &str, mut more: Value| {
            more["do"] = json!(name);
            more["visit"] = json!(play.visit(device, visit)?);
            Ok(more)
        };
        match tap {
            Tap::StartShift(float) => {
                Ok(json!({ "do": "start_shift", "float": self.money(float)? }))
            }
            Tap::CloseShift(counted) => {
                Ok(json!({ "do": "close_shift", "counted": self.money(counted)? }))
            }
            Tap::StartVisit(order) => {
                Ok(json!({ "do": "start_visit", "order": self.id("order", order) }))
            }
            Tap::Note { visit, seen } => with_visit(self, visit, "note", json!(seen)),
            Tap::Record { visit, step, value, text, remark } => {
                let kind =
                    self.scenario.orders.get(visit).and_then(|order| order.standard.step(step));
                let kind = kind.map(|step| &step.kind);
                let answer =
                    crate::value::answer(kind, value.as_ref(), text.as_deref(), remark.as_deref());
                let mut answer = answer.map_err(|message| Refusal::new("bad_value", message))?;
                answer["step"] = json!(step);
                with_visit(self, visit, "record", answer)
            }
            Tap::Explain { visit, finding, text } => {
                let id = self.visit(device, visit)?.to_string();
                let state = self.ask(device, json!({ "cmd": "state" }))?;
                let findings = state["visits"][&id]["findings"].as_array().cloned();
                let fits = |f: &&Value| f["key"] == json!(finding) || f["step"] == json!(finding);
                let findings = findings.unwrap_or_default();
                let found = findings.iter().rev().find(fits).map(|f| f["key"].clone());
                let key = found.unwrap_or_else(|| json!(finding));
                with_visit(self, visit, "reason", json!({ "finding": key, "text": text }))
            }
            Tap::Quote { visit, lines } => {
                let lines: Vec<_> = lines.iter().map(line).collect();
                with_visit(self, visit, "offer_quote", json!({ "lines": lines }))
            }
            Tap::AcceptQuote { visit, version } => {
                with_visit(self, visit, "accept_quote", json!({ "version": version }))
            }
            Tap::Charge { visit, line: charged } => {
                with_visit(self, visit, "charge", line(charged))
            }
            Tap::Pay { visit, tendered, claim } => {
                let method = match claim {
                    None => json!("cash"),
                    Some(claim) => json!({ "claimed": claim }),
                };
                let tendered = self.money(tendered)?;
                with_visit(self, visit, "pay", json!({ "tendered": tendered, "method": method }))
            }
            Tap::Sign { visit, sign } => {
                let id = self.visit(device, visit)?;
                let mut ask = json!({ "cmd": "statement", "visit": id });
                if let Some(lang) = sign.lang {
                    ask["lang"] = json!(lang);
                }
                let statement = self.ask(device, ask)?;
                let signed = sign.result == doorstep::event::SignOffResult::Signed;
                // A letter's worth of ink, drawn without hurry.
                let strokes = if signed {
                    json!([[[1000, 5000], [3000, 2500], [5000, 5200]]])
                } else {
                    json!([])
                };
                let sign_off = json!({
                    "result": sign.result, "lang": statement["lang"], "shown": statement["hash"],
                    "role": sign.role, "signer": sign.by, "adult": sign.adult,
                    "consent": sign.consent, "strokes": strokes, "reason": sign.reason,
                    "witness": sign.witness,
                });
                with_visit(self, visit, "sign_off", sign_off)
            }
            Tap::Finish { visit, outcome } => {
                with_visit(self, visit, "finish", json!({ "outcome": outcome }))
            }
        }
    }

    fn verify_receipt(&mut self, who: &str, counter: u64, altered: bool) -> Result<(), Refusal> {
        let asked = json!({ "cmd": "receipt", "counter": counter, "as": "qr" });
        let answer = self.ask(who, asked)?;
        let mut text = answer["text"].as_str().unwrap_or("").to_owned();
        if altered {
            self.story.say(self.now, who, "story-altered", &[]);
            // One letter of the middle: an amount, a hash or a signature, whatever it hits.
            let middle = text.len() / 2;
            let letter = if text.as_bytes().get(middle) == Some(&b'A') { "B" } else { "A" };
            text.replace_range(middle..=middle, letter);
        }
        let key = self.office.company_key();
        let checked = ReceiptProof::parse(&text).and_then(|proof| proof.verify(&key));
        let receipt = checked.map_err(|error| Refusal::new("does_not_hold", error))?;
        self.story.receipt_holds(self.now, who, &receipt);
        let python = outside::verify(&["receipt", &text], &key);
        self.story.outside(&python);
        python.into_refusal()
    }

    fn verify_visit(&mut self, who: &str, order: &str, altered: bool) -> Result<(), Refusal> {
        let own = self.visit(who, order).ok();
        let any = self.visits.iter().find(|((_, of), _)| of == order);
        let Some(visit) = own.or_else(|| any.and_then(|(_, visits)| visits.last().copied())) else {
            return Err(Refusal::new("no_such_visit", "nobody began a visit to this order"));
        };
        let exported = self.ask(who, json!({ "cmd": "export_visit", "visit": visit }))?;
        let hex = exported["hex"].as_str().unwrap_or("");
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes());
        let mut bytes = bytes.map_err(|error| Refusal::new("malformed", error))?;
        if altered {
            self.story.say(self.now, who, "story-altered", &[]);
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        let key = self.office.company_key();
        let checked = Bundle::parse(&bytes).and_then(|bundle| bundle.verify(&key));
        let verified = checked.map_err(|error| Refusal::new("does_not_hold", error))?;
        self.story.visit_holds(self.now, who, order, verified.events.len());
        let file = self.directory.0.join("visit.bin");
        std::fs::write(&file, &bytes).map_err(io)?;
        let python = outside::verify(&["visit", &file.display().to_string()], &key);
        self.story.outside(&python);
        python.into_refusal()
    }

    fn look(&mut self, who: &str) -> Result<(), Refusal> {
        if !self.phones.contains_key(who) {
            let conflicts = state::conflict_texts(self, self.story.lang());
            self.story.office_looks(self.now, who, &conflicts);
            return Ok(());
        }
        let lang = self.story.lang();
        let today = self.ask(who, json!({ "cmd": "today", "lang": lang }))?;
        let sync = self.ask(who, json!({ "cmd": "sync_screen", "lang": lang }))?;
        self.story.phone_shows(self.now, who, &today, &sync);
        Ok(())
    }

    fn end(mut self) -> Report {
        let views = state::views(&mut self);
        let ok = self.failures.is_empty() && self.expectations.iter().all(|outcome| outcome.ok);
        self.story.close(ok, self.expectations.len(), self.failures.len());
        let mut devices = views;
        let server = devices.remove("server").unwrap_or_default();
        Report {
            scenario: self.scenario.file.display().to_string(),
            ok,
            server,
            devices,
            expectations: std::mem::take(&mut self.expectations),
            failures: std::mem::take(&mut self.failures),
        }
    }
}

fn line(line: &crate::raw::RawFullLine) -> Value {
    let mut wanted = json!({ "code": line.code, "quantity": line.quantity });
    if let Some(free) = &line.free {
        wanted["free"] = json!(free);
    }
    wanted
}

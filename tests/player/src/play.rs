//! Plays a scenario step by step.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use doorstep::{
    base::{Hash, Id, Instant, Lang},
    event::DetailInput,
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    expect,
    office::Office,
    phone::{Phone, Refusal},
    raw::RawReading,
    scenario::{Scenario, Step, Verb},
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
    /// The commands of taps that were named.
    pub(crate) taps: BTreeMap<String, Value>,
    /// Addresses of photos that were taken, by the words that name them.
    pub(crate) pictures: BTreeMap<String, Hash>,
    /// Files with what was unsent, by name.
    pub(crate) sticks: BTreeMap<String, crate::carried::Stick>,
    /// The file of the visit last handed over, by order, in hex.
    pub(crate) handed: BTreeMap<String, String>,
    pub(crate) codes: BTreeMap<String, (String, String)>,
    pub(crate) actions: u64,
    /// What was seen since the last step that did something, by device.
    pub(crate) seen: BTreeMap<String, Value>,
    pub(crate) story: Story<'a>,
    expectations: Vec<Outcome>,
    failures: Vec<Failure>,
    // Last: everything above runs on it.
    pub(crate) runtime: Runtime,
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
        pictures: BTreeMap::new(),
        sticks: BTreeMap::new(),
        handed: BTreeMap::new(),
        codes: BTreeMap::new(),
        actions: 0,
        seen: BTreeMap::new(),
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

/// A refusal by the machine the play runs on.
pub(crate) fn io(error: std::io::Error) -> Refusal {
    Refusal::new("io", error)
}

impl Play<'_> {
    /// An id that this scenario's seed and a name give.
    pub(crate) fn id(&self, kind: &str, name: &str) -> Id {
        let seed = self.scenario.seed.to_be_bytes();
        Id::from_hash(&Hash::of(&[&seed, kind.as_bytes(), b" ", name.as_bytes()]))
    }

    pub(crate) fn named_id(&mut self, kind: &str, name: &str) -> Id {
        let id = self.id(kind, name);
        self.names.insert(id.to_string(), name.to_owned());
        id
    }

    pub(crate) fn phone(&mut self, name: &str) -> Result<&mut Phone, Refusal> {
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
                    for (lang, part) in &step.says {
                        let told = refusal.told(*lang);
                        if !told.contains(part) {
                            let message = format!("{who}: {lang} should say \"{part}\": {told}");
                            self.fail(step.line, message);
                        }
                    }
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
                    let Refusal { kind: seen, message, .. } = refusal;
                    let message = format!(
                        "{who}: this should have failed with `{kind}`; it failed with `{seen}`: {message}"
                    );
                    self.fail(step.line, message);
                }
                (Err(refusal), None) => {
                    let Refusal { kind, message, .. } = refusal;
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
        self.seen.clear();
        match &step.verb {
            Verb::Nothing | Verb::Expect(_) => Ok(()),
            Verb::Tap(tap) => self.tap(who, tap, step),
            Verb::Repeat(label) => {
                let Some(act) = self.taps.get(label).cloned() else {
                    return Err(Refusal::new("unknown", format!("`{label}` was never tapped")));
                };
                self.ask(who, act)?;
                self.story.say(now, who, "story-repeat", &[]);
                Ok(())
            }
            Verb::Sync => {
                let metered = self.phone(who)?.metered;
                let done = self.ask(who, json!({ "cmd": "sync", "metered": metered }))?;
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
                let phone = self.phone(who)?;
                phone.link.set(*network);
                phone.metered = network.metered;
                let id = match (network.off, *network == crate::scenario::Network::default()) {
                    (true, _) => "story-network-off",
                    _ if network.metered => "story-network-metered",
                    (false, true) => "story-network-on",
                    (false, false) => "story-network-slow",
                };
                self.story.say(now, who, id, &[]);
                Ok(())
            }
            Verb::PhotosWifiOnly(only) => {
                self.ask(who, json!({ "cmd": "photos_wifi_only", "only": only }))?;
                let id = if *only { "story-photos-wifi-only" } else { "story-photos-any" };
                self.story.say(now, who, id, &[]);
                Ok(())
            }
            Verb::PhotosNow => {
                self.ask(who, json!({ "cmd": "send_photos_now" }))?;
                self.story.say(now, who, "story-photos-now", &[]);
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
                self.enrol(who, &known.unwrap_or(unknown), false)?;
                self.story.say(now, who, "story-enrol", &[]);
                Ok(())
            }
            Verb::EnrolAgain(code) => {
                let known = self.codes.get(code).cloned();
                let unknown = (code.clone(), String::new());
                self.enrol(who, &known.unwrap_or(unknown), true)?;
                self.story.say(now, who, "story-enrol-again", &[]);
                Ok(())
            }
            Verb::VerifyReceipt { counter, altered } => {
                self.verify_receipt(who, *counter, *altered)
            }
            Verb::VerifyVisit { order, altered } => self.verify_visit(who, order, *altered),
            Verb::Pack(name) => self.pack(who, name),
            Verb::Carry(name) => self.carry(who, name),
            Verb::Unpack(name) => self.unpack(who, name),
            Verb::HandVisit { order, to } => self.hand_visit(who, order, to),
            Verb::TakeBack(order) => self.take_back(who, order),
            Verb::TakeVisit { order, altered } => self.take_visit(who, order, *altered),
            Verb::ServerBackup(name) => self.back_server_up(name),
            Verb::ServerRestore { name, told } => self.restore_server(name, *told),
            Verb::Look => self.look(who),
            Verb::ToldReading { order, meter, reading, read_at } => {
                self.told_reading(who, order, meter, reading, *read_at)
            }
            Verb::Change { order, change } => self.change(who, order, change),
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
                let mut found = state.iter().flat_map(|s| &s.conflicts).filter(|c| c.rule == *rule);
                // One that is open, where there is any.
                let first = found.clone().next();
                let found = found.find(|conflict| conflict.is_open()).or(first);
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
            Verb::ErasePhotos { order, photos } => {
                let addresses: Vec<_> = photos.iter().map(|words| self.picture(words)).collect();
                let path = format!("orders/{}/erase-photos", self.id("order", order));
                self.office.post(who, &path, &json!({ "photos": addresses }))?;
                let words = [("photos", photos.len().into()), ("named", photos.join(", ").into())];
                self.story.order(now, who, "story-erase-photos", order, &words);
            }
            Verb::ApproveRefund { receipt, of, amount } => {
                let issued = self.receipt(of, *receipt)?;
                let order = issued["order"].as_str().unwrap_or_default().to_owned();
                let sum = self.money(amount)?;
                let body = json!({ "receipt": issued["number"], "amount": sum });
                self.office.post(who, &format!("orders/{order}/refunds"), &body)?;
                let words = [
                    ("counter", receipt.to_string().into()),
                    ("device", self.story.device(of).into()),
                    ("amount", amount.clone().into()),
                ];
                self.story.say(now, who, "story-approve-refund", &words);
            }
            Verb::JudgeClaim { receipt, of, result } => {
                let issued = self.receipt(of, *receipt)?;
                let order = issued["order"].as_str().unwrap_or_default().to_owned();
                let body = json!({ "receipt": issued["number"], "result": result });
                self.office.post(who, &format!("orders/{order}/claims"), &body)?;
                let words = [
                    ("counter", receipt.to_string().into()),
                    ("device", self.story.device(of).into()),
                    ("result", json!(result).as_str().unwrap_or_default().to_owned().into()),
                ];
                self.story.say(now, who, "story-judge-claim", &words);
            }
            Verb::Office { path: written, body } => {
                let written = written.as_str();
                let path: Vec<_> = written.split('/').map(|part| self.id_of(part)).collect();
                let mut body = body.clone();
                for (_, value) in body.as_object_mut().into_iter().flatten() {
                    if let Some(name) = value.as_str().and_then(|text| text.strip_prefix('$')) {
                        *value = json!(self.id_of(name));
                    }
                }
                self.office.post(who, &path.join("/"), &body)?;
                self.story.say(now, who, "story-office", &[("path", written.into())]);
            }
            Verb::Revoke { device, reason, effective } => {
                let id = self.phone(device)?.device.clone().unwrap_or_default();
                let body = json!({ "reason": reason, "effective": effective });
                self.office.post(who, &format!("devices/{id}/revoke"), &body)?;
                let device = self.story.device(device);
                self.story.say(now, who, "story-revoke", &[("device", device.into())]);
            }
            Verb::Release { device, choice } => {
                let id = self.phone(device)?.device.clone().unwrap_or_default();
                // A phone that was enrolled again is looked for under each certificate it had.
                let mut held = self.office.held();
                let names = self.names.clone();
                let its = |row: &doorstep_server::store::HeldRow| {
                    let writer = row.device.to_string();
                    writer == id || names.get(&writer) == Some(device)
                };
                held.retain(|row| row.decided.is_none() && its(row));
                if held.is_empty() {
                    return Err(Refusal::new("unknown_held", "nothing is held of this phone"));
                }
                let writers: BTreeSet<_> = held.iter().map(|row| row.device).collect();
                for writer in writers {
                    let path = format!("held/device/{writer}/decide");
                    let done = self.office.post(who, &path, &json!({ "choice": choice }))?;
                    let left = done.as_array().into_iter().flatten();
                    let refused = left.filter_map(|row| row["refused"].as_str()).next();
                    if let Some(code) = refused {
                        let kind = code.replace('-', "_");
                        return Err(Refusal::new(&kind, "not all of it could be decided so"));
                    }
                }
                self.story.released(now, who, device, choice);
            }
            Verb::Code { name, person } => {
                let code = self.code(who, person, None)?;
                self.codes.insert(name.clone(), code);
                let person = self.story.person(person);
                self.story.say(now, who, "story-code", &[("to", person.into())]);
            }
            Verb::Publish { key, text } => {
                // Lists of certificates name people.
                let mut text = text.clone();
                for (id, name) in &self.names {
                    text = text.replace(&format!("\"${name}\""), &format!("\"{id}\""));
                }
                self.office.post(who, "standing", &json!({ "key": key, "text": text }))?;
                self.story.say(now, who, "story-publish", &[("key", key.as_str().into())]);
            }
            _ => {}
        }
        Ok(())
    }

    /// Changes a detail of an order: on a phone, or in the office.
    fn change(&mut self, who: &str, order: &str, change: &DetailInput) -> Result<(), Refusal> {
        let id = self.id("order", order);
        if self.phones.contains_key(who) {
            let mut action = json!(change);
            action["do"] = json!("change_detail");
            action["order"] = json!(id);
            self.actions += 1;
            let action_id = self.id("action", &self.actions.to_string());
            self.ask(who, json!({ "cmd": "act", "action_id": action_id, "action": action }))?;
        } else {
            self.office.post(who, &format!("orders/{id}/details"), &json!({ "change": change }))?;
        }
        let detail = json!(change)["detail"].as_str().unwrap_or_default().to_owned();
        self.story.order(self.now, who, "story-change", order, &[("detail", detail.into())]);
        Ok(())
    }

    /// The office writes down what a customer said of a meter, or the meter sent.
    fn told_reading(
        &mut self,
        who: &str,
        order: &str,
        meter: &str,
        reading: &RawReading,
        read_at: Option<Instant>,
    ) -> Result<(), Refusal> {
        let id = self.id("order", order);
        let photo = reading.photo.as_ref().map(|words| self.picture(words));
        let body = json!({
            "meter": meter, "kind": reading.kind, "source": reading.source, "value": reading.value,
            "card_left": reading.card_left, "card_bought": reading.card_bought,
            "read_at": read_at, "photo": photo, "reason": reading.reason,
        });
        self.office.post(who, &format!("orders/{id}/readings"), &body)?;
        let value = reading.value.clone().unwrap_or_default();
        let args = [("meter", meter.to_owned().into()), ("value", value.into())];
        self.story.order(self.now, who, "story-told-reading", order, &args);
        Ok(())
    }

    /// The id that a scenario's name stands for; any other word stays.
    fn id_of(&self, name: &str) -> String {
        let known = self.names.iter().find(|(_, called)| *called == name);
        known.map_or_else(|| name.to_owned(), |(id, _)| id.clone())
    }

    fn look(&mut self, who: &str) -> Result<(), Refusal> {
        if !self.phones.contains_key(who) {
            let conflicts = state::conflict_texts(self, self.story.lang());
            let held = state::undecided(self);
            let alarms = self.office.get(who, "alarms")?;
            self.story.office_looks(self.now, who, &conflicts, &held, &alarms);
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
        let missed = self.expectations.iter().filter(|outcome| !outcome.ok).count();
        self.story.close(ok, self.expectations.len(), missed, self.failures.len());
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

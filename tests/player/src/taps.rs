//! Taps on a phone: the action that an app would send, and what came of it.

use doorstep::{
    base::{Hash, Id, Money},
    standard::Kind,
};
use serde_json::{Value, json};

use crate::{
    phone::Refusal,
    play::{Play, io},
    scenario::{Step, Tap},
    value::answer,
};

impl Play<'_> {
    pub(crate) fn tap(&mut self, device: &str, tap: &Tap, step: &Step) -> Result<(), Refusal> {
        self.take_named(device, tap)?;
        let mut act = match tap {
            Tap::TakePhoto { visit, words, kilobytes } => {
                self.picture_taken(device, visit, words, *kilobytes)?
            }
            _ => json!({ "cmd": "act", "action": self.action(device, tap)? }),
        };
        self.actions += 1;
        let id = self.id("action", &self.actions.to_string());
        act["action_id"] = json!(id);
        if let Some(label) = &step.label {
            self.taps.insert(label.clone(), act.clone());
        }
        let now = self.now;
        if step.cut {
            let phone = self.phone(device)?;
            phone.ask_and_kill(now, act.clone()).and_then(|()| phone.start()).map_err(io)?;
            self.story.say(now, device, "story-cut", &[]);
        }
        let done = self.ask(device, act)?;
        if let (Tap::TakePhoto { words, .. }, Some(address)) = (tap, done["photo"].as_str())
            && let Ok(address) = address.parse()
        {
            self.pictures.insert(words.clone(), address);
        }
        if let Tap::StartVisit(order) | Tap::ReadNext { order, .. } = tap {
            // A visit that was open already is read on.
            let id = done["visit"].as_str().and_then(|it| it.parse().ok()).unwrap_or(id);
            self.visits_now(device, order, id);
        }
        let findings = self.findings(device, &done);
        self.story.tapped(now, device, tap, &done, &findings);
        Ok(())
    }

    /// The visit that a device has begun to an order, under a name.
    pub(crate) fn visits_now(&mut self, device: &str, order: &str, id: Id) {
        let visits = self.visits.entry((device.to_owned(), order.to_owned())).or_default();
        if !visits.contains(&id) {
            visits.push(id);
            let count = visits.len();
            let again = if count > 1 { format!("#{count}") } else { String::new() };
            self.names.insert(id.to_string(), format!("{order}/{device}{again}"));
        }
    }

    /// The command that takes a photo: its bytes, which only its words and its size make, lie in a
    /// file as a camera would leave one.
    fn picture_taken(
        &mut self,
        device: &str,
        visit: &str,
        words: &str,
        kilobytes: usize,
    ) -> Result<Value, Refusal> {
        let visit = self.visit(device, visit)?;
        let piece = |n: usize| *Hash::of(&[words.as_bytes(), &n.to_be_bytes()]).as_bytes();
        let image: Vec<u8> = (0..kilobytes * 32).flat_map(piece).collect();
        let phone = self.phone(device)?;
        let file = phone.camera(words, &image).map_err(io)?;
        let small = phone.camera(&format!("{words}, small"), words.as_bytes()).map_err(io)?;
        Ok(json!({ "cmd": "photo", "visit": visit, "file": file, "thumbnail": small }))
    }

    /// Takes every picture that a tap names and nobody took, where the scenario has a camera.
    fn take_named(&mut self, device: &str, tap: &Tap) -> Result<(), Refusal> {
        let kilobytes = self.scenario.camera;
        let Some((visit, named)) = self.named(tap).filter(|_| kilobytes > 0) else { return Ok(()) };
        for words in named {
            if self.pictures.contains_key(&words) {
                continue;
            }
            let mut take = self.picture_taken(device, &visit, &words, kilobytes)?;
            self.actions += 1;
            take["action_id"] = json!(self.id("action", &self.actions.to_string()));
            let done = self.ask(device, take)?;
            if let Some(address) = done["photo"].as_str().and_then(|it| it.parse().ok()) {
                self.pictures.insert(words, address);
            }
        }
        Ok(())
    }

    /// The visit of a tap, and the pictures it names.
    fn named(&self, tap: &Tap) -> Option<(String, Vec<String>)> {
        match tap {
            Tap::Hazard { visit, tap } => Some((visit.clone(), tap.pictures())),
            Tap::Pay { visit, photo: Some(words), .. } => {
                Some((visit.clone(), vec![words.clone()]))
            }
            Tap::ReadMeter { visit, reading, .. } => {
                let reading = reading.as_ref()?;
                let photos = [reading.photo.clone(), reading.display_photo.clone()];
                Some((visit.clone(), photos.into_iter().flatten().collect()))
            }
            Tap::Record { visit, step, value: Some(value), .. } => {
                let photo = matches!(self.kind(visit, step), Some(Kind::Photo));
                let words = value.as_str().filter(|_| photo)?.to_owned();
                Some((visit.clone(), vec![words]))
            }
            _ => None,
        }
    }

    /// The address of a photo that was taken; a picture that nobody took has the hash of its words.
    pub(crate) fn picture(&self, words: &str) -> Hash {
        let taken = self.pictures.get(words).copied();
        taken.unwrap_or_else(|| Hash::of(&[words.as_bytes()]))
    }

    /// The findings that an action brought about, as the phone knows them.
    fn findings(&mut self, device: &str, done: &Value) -> Vec<Value> {
        let keys = done["findings"].as_array().cloned().unwrap_or_default();
        if keys.is_empty() {
            return Vec::new();
        }
        let ask = json!({ "cmd": "visit", "visit": done["visit"] });
        let Ok(visit) = self.ask(device, ask) else { return Vec::new() };
        let all = visit["findings"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|finding| keys.contains(&finding["key"])).collect()
    }

    /// This device's latest visit to an order.
    pub(crate) fn visit(&self, device: &str, order: &str) -> Result<Id, Refusal> {
        let visits = self.visits.get(&(device.to_owned(), order.to_owned()));
        visits.and_then(|visits| visits.last().copied()).ok_or_else(|| {
            Refusal::new("no_such_visit", format!("`{device}` began no visit to `{order}`"))
        })
    }

    /// This device's latest visit to an order, as it shows it.
    fn seen(&mut self, device: &str, order: &str) -> Result<Value, Refusal> {
        let visit = self.visit(device, order)?;
        self.ask(device, json!({ "cmd": "visit", "visit": visit }))
    }

    /// What a step of an order's standard asks for.
    fn kind(&self, order: &str, step: &str) -> Option<&Kind> {
        let order = self.scenario.orders.get(order)?;
        order.standard.step(step).map(|step| &step.kind)
    }

    /// The receipt with this counter, as the device that issued it knows it.
    pub(crate) fn receipt(&mut self, device: &str, counter: u64) -> Result<Value, Refusal> {
        let state = self.ask(device, json!({ "cmd": "state" }))?;
        let receipts = state["receipts"].as_array().cloned().unwrap_or_default();
        let found = receipts.into_iter().find(|receipt| receipt["counter"] == json!(counter));
        found.ok_or_else(|| {
            Refusal::new("no_such_receipt", format!("`{device}` issued no receipt {counter}"))
        })
    }

    pub(crate) fn money(&self, text: &str) -> Result<Money, Refusal> {
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
            Tap::TakePhoto { .. } => Err(Refusal::new("photo", "a photo is no action")),
            Tap::StartShift(float) => {
                Ok(json!({ "do": "start_shift", "float": self.money(float)? }))
            }
            Tap::CloseShift { counted, pieces, reason } => {
                let worth = |(worth, count): (&String, &u32)| {
                    Ok(json!({ "value": self.money(worth)?.minor, "count": count }))
                };
                let pieces = pieces.iter().map(worth).collect::<Result<Vec<_>, Refusal>>()?;
                Ok(json!({
                    "do": "close_shift", "counted": self.money(counted)?, "pieces": pieces,
                    "reason": reason,
                }))
            }
            Tap::ReadNext { order, reading: r, confirmed } => {
                let photo = r.photo.as_ref().map(|words| self.picture(words));
                Ok(json!({
                    "do": "read_next", "order": self.id("order", order), "value": r.value,
                    "meter": r.record, "photo": photo, "confirmed": confirmed,
                    "rolled_over": r.rolled_over,
                }))
            }
            Tap::ReadMeter { visit, meter, reading } => {
                let Some(r) = reading else {
                    return Err(Refusal::new("bad_value", "nothing was read"));
                };
                let photo = r.photo.as_ref().map(|words| self.picture(words));
                let display_photo = r.display_photo.as_ref().map(|words| self.picture(words));
                let taken = json!({
                    "meter": meter, "expected": r.record, "kind": r.kind, "value": r.value,
                    "display": r.display, "rolled_over": r.rolled_over, "swapped": r.swapped,
                    "photo": photo, "seal": r.seal, "seal_state": r.seal_state,
                    "card_left": r.card_left, "card_bought": r.card_bought,
                    "display_photo": display_photo, "reason": r.reason,
                });
                with_visit(self, visit, "read_meter", taken)
            }
            Tap::Hazard { visit, tap } => {
                let (name, more) = self.hazard_action(device, visit, tap)?;
                with_visit(self, visit, name, more)
            }
            Tap::Void { receipt, copies_back, reason } => Ok(json!({
                "do": "void_receipt", "receipt": receipt, "copies_back": copies_back,
                "reason": reason,
            })),
            Tap::Refund { receipt, of, claim } => {
                let issued = self.receipt(of, *receipt)?;
                Ok(json!({
                    "do": "refund", "order": issued["order"], "receipt": issued["number"],
                    "method": claim.as_ref().map_or(json!("cash"), |c| json!({ "claimed": c })),
                }))
            }
            Tap::ReturnDeposit { visit, receipt, of, count, by_code, claim } => {
                let issued = self.receipt(of, *receipt)?;
                let shown = if *by_code { &issued["qr"] } else { &issued["number"] };
                let wanted = json!({
                    "receipt": shown, "count": count,
                    "method": claim.as_ref().map_or(json!("cash"), |c| json!({ "claimed": c })),
                });
                with_visit(self, visit, "return_deposit", wanted)
            }
            Tap::StartVisit(order) => {
                Ok(json!({ "do": "start_visit", "order": self.id("order", order) }))
            }
            Tap::Note { visit, seen } => with_visit(self, visit, "note", json!(seen)),
            Tap::Record { visit, step, value, text, remark } => {
                let kind = self.kind(visit, step);
                let (text, remark) = (text.as_deref(), remark.as_deref());
                let picture = |name: &str| self.picture(name);
                let answer = answer(kind, value.as_ref(), text, remark, &picture);
                let mut answer = answer.map_err(|message| Refusal::new("bad_value", message))?;
                answer["step"] = json!(step);
                with_visit(self, visit, "record", answer)
            }
            Tap::HandOver { amount, to, badge, items, signatures } => {
                let ink = |drawn: bool| if drawn { ink() } else { json!([]) };
                Ok(json!({
                    "do": "hand_over", "amount": self.money(amount)?, "to": to, "to_badge": badge,
                    "items": items, "giver": ink(*signatures > 0), "taker": ink(*signatures > 1),
                }))
            }
            Tap::TakeCash { amount, badge } => Ok(json!({
                "do": "take_cash", "amount": self.money(amount)?, "from_badge": badge,
            })),
            Tap::Invoice { receipt, title, taxpayer, send_to } => Ok(json!({
                "do": "want_invoice", "receipt": receipt, "title": title, "taxpayer": taxpayer,
                "send_to": send_to,
            })),
            Tap::DrawNotice { visit } => with_visit(self, visit, "draw_notice", json!({})),
            Tap::Correct { visit, step, value, text, reason } => {
                let seen = self.seen(device, visit)?;
                let steps = seen["steps"].as_array().cloned().unwrap_or_default();
                let stands = |s: &&Value| s["step"] == json!(step) && s["corrected_by"].is_null();
                let entry = steps.iter().rev().find(stands).map(|s| s["entry"].clone());
                let Some(entry) = entry else {
                    let message = format!("`{device}` sees no entry of `{step}`");
                    return Err(Refusal::new("correction", message));
                };
                let mut correction = match (value, text) {
                    (None, None) => json!({}),
                    _ => {
                        let kind = self.kind(visit, step);
                        let picture = |name: &str| self.picture(name);
                        let answer = answer(kind, value.as_ref(), text.as_deref(), None, &picture);
                        answer.map_err(|message| Refusal::new("bad_value", message))?
                    }
                };
                correction["entry"] = entry;
                correction["reason"] = json!(reason);
                with_visit(self, visit, "correct", correction)
            }
            Tap::Explain { visit, finding, text } => {
                let findings = self.seen(device, visit)?["findings"].as_array().cloned();
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
            Tap::Pay { visit, tendered, claim, part, photo } => {
                let method = match claim {
                    None => json!("cash"),
                    Some(claim) => json!({ "claimed": claim }),
                };
                let tendered = self.money(tendered)?;
                let mut pay = json!({ "tendered": tendered, "method": method });
                if let Some(part) = part {
                    pay["part"] = json!(self.money(part)?);
                }
                if let Some(words) = photo {
                    pay["photo"] = json!(self.picture(words));
                }
                with_visit(self, visit, "pay", pay)
            }
            Tap::Sign { visit, sign } => {
                let id = self.visit(device, visit)?;
                let mut ask = json!({ "cmd": "statement", "visit": id });
                if let Some(lang) = sign.lang {
                    ask["lang"] = json!(lang);
                }
                let statement = self.ask(device, ask)?;
                let signed = sign.result == doorstep::event::SignOffResult::Signed;
                let strokes = if signed { ink() } else { json!([]) };
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
}

/// A letter's worth of ink, drawn without hurry.
fn ink() -> Value {
    json!([[[1000, 5000], [3000, 2500], [5000, 5200]]])
}

fn line(line: &crate::raw::RawFullLine) -> Value {
    let mut wanted = json!({ "code": line.code, "quantity": line.quantity });
    if let Some(free) = &line.free {
        wanted["free"] = json!(free);
    }
    wanted
}

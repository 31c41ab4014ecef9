//! Expectations: what somebody must see now.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use doorstep::order::Rule;

use crate::{play::Play, raw::RawExpect, state};

/// One thing that was compared.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) ok: bool,
    pub(crate) text: String,
    pub(crate) seen: Value,
}

/// What one subject's fields are called, and how each was written.
fn given(expect: &RawExpect) -> [(&'static str, Vec<&'static str>); 4] {
    macro_rules! written {
        ($($field:ident),*) => {{
            let mut names = Vec::new();
            $(if expect.$field.is_some() { names.push(stringify!($field)); })*
            names
        }};
    }
    [
        (
            "order",
            written!(
                status,
                assigned_to,
                visits,
                conflicts,
                open_conflicts,
                decided,
                listed,
                conflict,
                looks,
                says,
                hazards_open,
                gas_off,
                alarms,
                refund_due
            ),
        ),
        ("visit", written!(by, outcome, steps, findings, corrected, charged, paid, due, counts)),
        ("receipt", written!(amount, tendered, change)),
        (
            "device",
            written!(receipts, unsent, told, trouble, sound, held, waiting, stuck, nothing_unsent),
        ),
    ]
}

/// Why an expectation makes no sense, if it doesn't.
pub(crate) fn contradiction(expect: &RawExpect) -> Option<String> {
    let subjects = [
        ("agree", expect.agree.is_some()),
        ("held_back", expect.held_back.is_some()),
        ("order", expect.order.is_some()),
        ("visit", expect.visit.is_some()),
        ("receipt", expect.receipt.is_some()),
        ("path", expect.path.is_some()),
        ("count", expect.count.is_some()),
        ("paper", expect.paper.is_some()),
    ];
    let named: Vec<_> = subjects.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if let [first, second, ..] = named[..] {
        return Some(format!(
            "`{first}` and `{second}` are two expectations: write a [[step]] for each"
        ));
    }
    let subject = named.first().copied().unwrap_or("device");
    let mut any = matches!(subject, "agree");
    for (of, fields) in given(expect) {
        // Papers say something, too.
        let told = |field: &str| match subject {
            "paper" => field == "says",
            "held_back" => ["conflict", "looks", "says", "decided"].contains(&field),
            _ => false,
        };
        let mut fields = fields.iter().filter(|field| !told(field));
        if let Some(field) = fields.next() {
            if of != subject {
                let needs = if of == "device" {
                    "an expectation of a device alone".to_owned()
                } else {
                    format!("`{of} = …`")
                };
                return Some(format!("`{field}` belongs to {needs}"));
            }
            any = true;
        }
    }
    let counts = [
        ("is", expect.is.is_some()),
        ("between", expect.between.is_some()),
        ("where", expect.where_.is_some()),
        ("different", expect.different.is_some()),
    ];
    match (subject, counts.iter().find(|(_, given)| *given)) {
        ("count", _) if expect.is.is_some() == expect.between.is_some() => {
            return Some("`count` needs `is` or `between`".to_owned());
        }
        ("count", _) => any = true,
        (_, Some((field, _))) => return Some(format!("`{field}` belongs to `count`")),
        _ => {}
    }
    if subject == "paper" {
        any = expect.says.is_some();
    }
    if subject == "held_back" {
        any = expect.conflict.is_some();
    }
    match (subject, expect.equals.is_some()) {
        ("path", true) => any = true,
        ("path", false) => return Some("`path` needs `equals`".to_owned()),
        (_, true) => return Some("`equals` belongs to `path`".to_owned()),
        _ => {}
    }
    let told = expect.looks.is_some() || (expect.says.is_some() && subject != "paper");
    if expect.conflict.is_some() != told {
        return Some("`conflict` names a rule, `looks` and `says` tell of it".to_owned());
    }
    if !any {
        return Some("nothing is expected: say what must be seen".to_owned());
    }
    let of_one = matches!(subject, "device" | "receipt" | "path" | "count" | "paper");
    let alone = of_one && expect.of.is_none();
    alone.then(|| "of whom? name a device, `server` or `everyone` in `of`".to_owned())
}

/// Looks, and compares.
pub(crate) fn check(play: &mut Play<'_>, expect: &RawExpect) -> Vec<Check> {
    let named = expect.of.as_ref().map(crate::raw::OneOrMany::list).unwrap_or_default();
    let known = |name: &String| name == "server" || play.phones.contains_key(name);
    let few = !named.is_empty()
        && named.iter().all(known)
        && expect.agree.is_none()
        && expect.conflict.is_none();
    let views = if few { state::views_of(play, &named) } else { state::views(play) };
    let mut checks = Vec::new();
    if let Some(order) = &expect.agree {
        checks.push(agree(expect, order, &views));
        return checks;
    }
    if let (Some(device), Some(view)) = (&expect.held_back, views.get("server")) {
        let who = "server";
        Look { who, view, checks: &mut checks }.held_back(expect, device);
        return checks;
    }
    for name in whom(expect, &views) {
        let Some(view) = views.get(&name) else { continue };
        let mut look = Look { who: &name, view, checks: &mut checks };
        if let Some(order) = &expect.order {
            look.order(expect, order);
        } else if let Some(order) = &expect.visit {
            look.visit(play, expect, order);
        } else if let Some(counter) = expect.receipt {
            look.receipt(expect, counter);
        } else if let Some(path) = &expect.count {
            look.count(expect, path);
        } else if let Some(paper) = &expect.paper {
            look.paper(play, expect, paper);
        } else if let Some(path) = &expect.path {
            let seen = at(view, path);
            look.equal(path, json!(expect.equals), seen);
        } else {
            look.device(expect);
        }
    }
    checks
}

/// Of whom it is expected, when that is left out: an order of the server, a visit of the device
/// that made it.
fn whom(expect: &RawExpect, views: &BTreeMap<String, Value>) -> Vec<String> {
    let devices = || views.keys().filter(|name| *name != "server");
    let Some(of) = &expect.of else {
        return match (&expect.visit, &expect.by) {
            (Some(_), Some(by)) => vec![by.clone()],
            (Some(order), None) => {
                let made = |name: &&String| {
                    let prefix = format!("{order}/{name}");
                    let visits = views[*name]["visits"].as_object();
                    visits.is_some_and(|visits| visits.keys().any(|key| key.starts_with(&prefix)))
                };
                devices().filter(made).cloned().collect()
            }
            _ => vec!["server".to_owned()],
        };
    };
    let mut names = Vec::new();
    for name in of.list() {
        if name == "everyone" {
            names.extend(devices().cloned());
            // Not everything is asked of the server.
            if expect.order.is_some() && expect.listed.is_none() {
                names.push("server".to_owned());
            }
        } else {
            names.push(name);
        }
    }
    names
}

fn agree(expect: &RawExpect, order: &str, views: &BTreeMap<String, Value>) -> Check {
    let all = || views.keys().cloned().collect::<Vec<_>>();
    let mut names = match &expect.of {
        None => all(),
        Some(of) if of.list().iter().any(|name| name == "everyone") => all(),
        Some(of) => of.list(),
    };
    if !names.iter().any(|name| name == "server") {
        names.push("server".to_owned());
    }
    let digests: BTreeMap<_, _> = names
        .iter()
        .map(|name| {
            (
                name.clone(),
                views.get(name).map_or(Value::Null, |v| v["orders"][order]["digest"].clone()),
            )
        })
        .collect();
    let distinct: BTreeSet<_> = digests.values().map(Value::to_string).collect();
    let ok = distinct.len() == 1 && !digests.values().any(Value::is_null);
    Check {
        ok,
        text: format!("{} see the same order {order}", names.join(", ")),
        seen: json!(digests),
    }
}

/// The value at a path like `orders.repair.status` or `receipts.0.amount`.
fn at(view: &Value, path: &str) -> Value {
    let mut value = view;
    for part in path.split('.') {
        value = match part.parse::<usize>() {
            Ok(index) if value.is_array() => &value[index],
            _ => &value[part],
        };
    }
    value.clone()
}

/// All values at a path whose `*` stand for every name or place.
fn all<'v>(view: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![view];
    for part in path.split('.') {
        let below = |value: &'v Value| -> Vec<&'v Value> {
            match (part, value) {
                ("*", Value::Array(values)) => values.iter().collect(),
                ("*", Value::Object(values)) => values.values().collect(),
                ("*", _) => Vec::new(),
                (part, Value::Array(values)) => part
                    .parse()
                    .ok()
                    .and_then(|place: usize| values.get(place))
                    .into_iter()
                    .collect(),
                (part, value) => value.get(part).into_iter().collect(),
            }
        };
        found = found.into_iter().flat_map(below).collect();
    }
    found.retain(|value| !value.is_null());
    found
}

struct Look<'a> {
    who: &'a str,
    view: &'a Value,
    checks: &'a mut Vec<Check>,
}

impl Look<'_> {
    fn equal(&mut self, what: &str, expected: Value, seen: Value) {
        let text = format!("{}: {what} = {expected}", self.who);
        self.checks.push(Check { ok: same(&expected, &seen), text, seen });
    }

    fn maybe<T: serde::Serialize>(&mut self, what: String, expected: &Option<T>, seen: Value) {
        if let Some(expected) = expected {
            self.equal(&what, json!(expected), seen);
        }
    }

    /// The same things, in whatever order.
    fn set(&mut self, what: String, expected: &Option<Vec<String>>, seen: Vec<String>) {
        if let Some(expected) = expected {
            let sorted = |mut names: Vec<String>| {
                names.sort();
                names
            };
            self.equal(&what, json!(sorted(expected.clone())), json!(sorted(seen)));
        }
    }

    fn order(&mut self, expect: &RawExpect, name: &str) {
        let order = &self.view["orders"][name];
        let what = |field: &str| format!("order {name}, {field}");
        if order.is_null() && expect.listed != Some(false) {
            self.checks.push(Check {
                ok: false,
                text: format!("{}: has order {name}", self.who),
                seen: Value::Null,
            });
            return;
        }
        let conflicts: Vec<&Value> = order["conflicts"].as_array().into_iter().flatten().collect();
        let rule = |conflict: &&Value| conflict["rule"].as_str().unwrap_or("").to_owned();
        let open = conflicts.iter().filter(|c| c["state"] == json!("open")).map(rule).collect();
        let decided: BTreeMap<_, _> = conflicts
            .iter()
            .filter(|c| c["state"] != json!("open"))
            .map(|c| (rule(c), c["state"]["decided"]["choice"].clone()))
            .collect();
        let visits = order["visits"].as_object().map_or(0, serde_json::Map::len);
        let listed = self.view["listed"].as_array().is_some_and(|l| l.contains(&json!(name)));
        self.maybe(what("status"), &expect.status, order["status"].clone());
        self.maybe(what("assigned_to"), &expect.assigned_to, order["assigned_to"].clone());
        self.maybe(what("visits"), &expect.visits, json!(visits));
        self.set(what("conflicts"), &expect.conflicts, conflicts.iter().map(rule).collect());
        self.set(what("open_conflicts"), &expect.open_conflicts, open);
        self.maybe(what("decided"), &expect.decided, json!(decided));
        self.maybe(what("listed"), &expect.listed, json!(listed));
        let list = |field: &str| order[field].as_array().cloned().unwrap_or_default();
        let hazards = list("hazards").iter().filter(|h| h["closed_by"].is_null()).count();
        let stops = list("stops");
        let off = stops.iter().any(|stop| stop["restored_by"].is_null());
        let alarms = stops.iter().map(|stop| stop["alarms"].as_array().map_or(0, Vec::len));
        self.maybe(what("hazards_open"), &expect.hazards_open, json!(hazards));
        self.maybe(what("gas_off"), &expect.gas_off, json!(off));
        self.maybe(what("alarms"), &expect.alarms, json!(alarms.sum::<usize>()));
        let back = order["refund_due"].as_str().unwrap_or("0.00").to_owned();
        self.maybe(what("refund_due"), &expect.refund_due, json!(back));
        if let Some(id) = &expect.conflict {
            let mut named = conflicts.iter().filter(|conflict| conflict["rule"] == json!(id));
            let first = named.clone().next();
            let conflict = named.find(|conflict| conflict["state"] == json!("open")).or(first);
            self.conflict(expect, &what(id), conflict.copied().unwrap_or(&Value::Null));
        }
    }

    /// What is held back of a device: the last line under a rule.
    fn held_back(&mut self, expect: &RawExpect, device: &str) {
        let Some(id) = &expect.conflict else { return };
        let rows = self.view["held"].as_array().into_iter().flatten();
        let mut its = rows
            .filter(|row| row["device"] == json!(device) && row["conflict"]["rule"] == json!(id));
        let row = its.next_back().cloned().unwrap_or_default();
        let mut conflict = row["conflict"].clone();
        conflict["words"] = row["words"].clone();
        let what = format!("held back of {device}, {id}");
        let choice = &conflict["state"]["decided"]["choice"];
        let decided: BTreeMap<_, _> =
            (!choice.is_null()).then(|| (id.clone(), choice.clone())).into_iter().collect();
        self.maybe(format!("{what}, decided"), &expect.decided, json!(decided));
        self.conflict(expect, &what, &conflict);
    }

    /// One conflict: who must look, and what its words say in each language.
    fn conflict(&mut self, expect: &RawExpect, what: &str, conflict: &Value) {
        let rule = conflict["rule"].as_str().and_then(Rule::from_id);
        let looks = rule.map_or(Value::Null, |rule| json!(rule.row().looks));
        self.maybe(format!("{what}, looks"), &expect.looks, looks);
        for (lang, parts) in expect.says.iter().flatten() {
            let words = conflict["words"][lang.tag()].as_str().unwrap_or("");
            for part in parts.list() {
                let ok = words.contains(&part);
                let text = format!("{}: {what}, {lang} says \"{part}\"", self.who);
                self.checks.push(Check { ok, text, seen: json!(words) });
            }
        }
    }

    fn visit(&mut self, play: &Play<'_>, expect: &RawExpect, order: &str) {
        let by = expect.by.as_deref().unwrap_or(self.who);
        let id = play.visits.get(&(by.to_owned(), order.to_owned())).and_then(|ids| ids.last());
        let key = id.and_then(|id| play.names.get(&id.to_string())).cloned().unwrap_or_default();
        let visit = &self.view["visits"][&key];
        let summary = &self.view["orders"][order]["visits"][&key];
        let what = |field: &str| format!("visit {order} by {by}, {field}");
        if visit.is_null() && summary.is_null() {
            self.checks.push(Check {
                ok: false,
                text: format!("{}: {}", self.who, what("is there")),
                seen: Value::Null,
            });
            return;
        }
        let names = |list: &Value, name: &dyn Fn(&Value) -> String| {
            list.as_array().into_iter().flatten().map(name).collect::<Vec<_>>()
        };
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let standing = |list: &Value, gone: &str, is: bool| {
            let list = list.as_array().cloned().unwrap_or_default();
            json!(list.into_iter().filter(|it| it[gone].is_null() != is).collect::<Vec<_>>())
        };
        let step = |step: &Value| text(&step["step"]);
        let steps = names(&standing(&visit["steps"], "corrected_by", false), &step);
        let corrected = names(&standing(&visit["steps"], "corrected_by", true), &step);
        let findings = names(&standing(&visit["findings"], "corrected", false), &|finding| {
            format!("{}:{}", text(&finding["kind"]), finding["step"].as_str().unwrap_or("visit"))
        });
        let ended = match &visit["outcome"] {
            Value::Null => summary["finished"]["outcome"].clone(),
            outcome => outcome.clone(),
        };
        let counts = match &summary["counts"] {
            Value::String(counts) => counts.clone(),
            Value::Object(counts) => counts.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        self.maybe(what("outcome"), &expect.outcome, ended);
        self.maybe(what("steps"), &expect.steps, json!(steps));
        self.set(what("findings"), &expect.findings, findings);
        self.maybe(what("corrected"), &expect.corrected, json!(corrected));
        self.maybe(what("charged"), &expect.charged, visit["charged"].clone());
        self.maybe(what("paid"), &expect.paid, visit["paid"].clone());
        self.maybe(what("due"), &expect.due, visit["due"].clone());
        self.maybe(what("counts"), &expect.counts, json!(counts));
    }

    fn count(&mut self, expect: &RawExpect, path: &str) {
        let fits = |value: &&Value| {
            let fits =
                |(name, wanted): (&String, &toml::Value)| same(&json!(wanted), &at(value, name));
            expect.where_.iter().flatten().all(fits)
        };
        let mut found: Vec<String> =
            all(self.view, path).into_iter().filter(fits).map(Value::to_string).collect();
        if expect.different == Some(true) {
            found.sort();
            found.dedup();
        }
        let filter = match &expect.where_ {
            Some(wanted) => {
                let wanted: Vec<_> =
                    wanted.iter().map(|(name, value)| format!("{name} = {value}")).collect();
                format!("{path} where {},", wanted.join(" and "))
            }
            None => path.to_owned(),
        };
        let what = format!("how many {filter}");
        let Some([from, to]) = expect.between else {
            return self.equal(&what, json!(expect.is), json!(found.len()));
        };
        self.checks.push(Check {
            ok: (from..=to).contains(&(found.len() as u64)),
            text: format!("{}: {what}: {from} to {to}", self.who),
            seen: json!(found.len()),
        });
    }

    /// A paper, drawn as text in each language that it must say something in.
    fn paper(&mut self, play: &mut Play<'_>, expect: &RawExpect, paper: &toml::Value) {
        let mut paper = json!(paper);
        for (_, given) in paper.as_object_mut().into_iter().flatten() {
            let order = given["visit"].as_str().map(str::to_owned);
            if let Some(Ok(visit)) = order.map(|order| play.visit(self.who, &order)) {
                given["visit"] = json!(visit);
            }
        }
        // `receipt 1`, `day_report`, `meter_slip repair`.
        let named = match expect.paper.as_ref() {
            Some(toml::Value::Table(table)) => {
                let one = |(kind, of): (&String, &toml::Value)| {
                    let of =
                        of.get("counter").or_else(|| of.get("visit")).map(toml::Value::to_string);
                    format!("{kind} {}", of.unwrap_or_default().trim_matches('"'))
                };
                table.iter().map(one).collect::<Vec<_>>().join(", ")
            }
            Some(other) => other.as_str().unwrap_or("").to_owned(),
            None => String::new(),
        };
        for (lang, parts) in expect.says.iter().flatten() {
            let ask = json!({ "cmd": "paper", "paper": paper, "as": "text", "lang": lang });
            let drawn = play.ask(self.who, ask);
            let words = match drawn {
                Ok(drawn) => drawn["text"].as_str().unwrap_or("").to_owned(),
                Err(refusal) => format!("{}: {}", refusal.kind, refusal.message),
            };
            for part in parts.list() {
                // A narrow paper breaks its lines anywhere.
                let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                let ok = squeezed(&words).contains(&squeezed(&part));
                let text = format!("{}: paper {named}, {lang} says \"{part}\"", self.who);
                self.checks.push(Check { ok, text, seen: json!(words) });
            }
        }
    }

    fn receipt(&mut self, expect: &RawExpect, counter: u64) {
        let receipts = self.view["receipts"].as_array().into_iter().flatten();
        let found =
            receipts.filter(|receipt| receipt["counter"] == json!(counter)).collect::<Vec<_>>();
        let receipt = found.first().copied().cloned().unwrap_or_default();
        let what = |field: &str| format!("receipt {counter}, {field}");
        self.maybe(what("amount"), &expect.amount, receipt["amount"].clone());
        self.maybe(what("tendered"), &expect.tendered, receipt["tendered"].clone());
        self.maybe(what("change"), &expect.change, receipt["change"].clone());
    }

    fn device(&mut self, expect: &RawExpect) {
        let count = |list: &Value| json!(list.as_array().map_or(0, Vec::len));
        let told = self.view["outcomes"].as_array().into_iter().flatten();
        let told = told.map(|outcome| outcome["rule"].as_str().unwrap_or("").to_owned()).collect();
        let sound = self.view["doctor"]["problems"].as_array().is_some_and(Vec::is_empty);
        let trouble = self.view["trouble"].as_str().unwrap_or("none").to_owned();
        self.maybe("receipts".to_owned(), &expect.receipts, count(&self.view["receipts"]));
        self.maybe("unsent".to_owned(), &expect.unsent, self.view["unsent"].clone());
        self.set("told".to_owned(), &expect.told, told);
        self.maybe("trouble".to_owned(), &expect.trouble, json!(trouble));
        self.maybe("sound".to_owned(), &expect.sound, json!(sound));
        let shown = &self.view["sync_screen"];
        let lines = |field: &str| shown[field].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
        let waiting: Vec<_> = lines("lanes")
            .iter()
            .map(|line| format!("{}:{}", text(&line["lane"]), line["events"]))
            .collect();
        let stuck = lines("stuck").iter().map(|line| text(&line["reason"])).collect();
        let nothing_unsent = shown["nothing_unsent"].clone();
        self.maybe("waiting".to_owned(), &expect.waiting, json!(waiting));
        self.set("stuck".to_owned(), &expect.stuck, stuck);
        self.maybe("nothing_unsent".to_owned(), &expect.nothing_unsent, nothing_unsent);
        self.maybe("held".to_owned(), &expect.held, count(&self.view["held"]));
    }
}

/// Equal, where money may be written without its currency.
fn same(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::String(expected), Value::String(seen)) => {
            let bare = |text: &str| {
                let (amount, code) = text.split_once(' ').unwrap_or((text, ""));
                let money = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
                money.then(|| amount.to_owned())
            };
            expected == seen || (bare(expected).is_none() && bare(seen).as_ref() == Some(expected))
        }
        _ => expected == seen,
    }
}

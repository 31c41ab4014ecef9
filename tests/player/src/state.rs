//! What everybody sees, as JSON with the scenario's own names in place of ids.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id, Lang, Personal},
    order::{OrderState, Side, SideValue},
    screen::{Telling, conflict_words},
};
use serde_json::{Map, Value, json};

use crate::{play::Play, raw::Role, story::Held};

/// The server's view under `server`, and every device's under its name.
pub(crate) fn views(play: &mut Play<'_>) -> BTreeMap<String, Value> {
    let orders = server_orders(play);
    let mut views = BTreeMap::new();
    let names: Vec<String> = play.phones.keys().cloned().collect();
    for name in names {
        let view = device(play, &name, &orders);
        views.insert(name, view);
    }
    views.insert("server".to_owned(), server(play, orders));
    views
}

/// The views of these alone, a phone's without the words that only the server has for a conflict.
/// Looked at again before anything happened, they are as they were.
pub(crate) fn views_of(play: &mut Play<'_>, names: &[String]) -> BTreeMap<String, Value> {
    for name in names {
        if !play.seen.contains_key(name) {
            let view = match name.as_str() {
                "server" => {
                    let orders = server_orders(play);
                    server(play, orders)
                }
                name => device(play, name, &Map::new()),
            };
            play.seen.insert(name.clone(), view);
        }
    }
    let seen = |name: &String| Some((name.clone(), play.seen.get(name)?.clone()));
    names.iter().filter_map(seen).collect()
}

/// One order's conflicts in words, for people.
pub(crate) fn conflict_texts(play: &Play<'_>, lang: Lang) -> Vec<String> {
    let mut texts = Vec::new();
    // One that is about two orders stands in both.
    let mut told = BTreeSet::new();
    for name in play.scenario.orders.keys() {
        let Some(state) = play.office.order(play.id("order", name)) else { continue };
        let sealed = play.office.texts(play.id("order", name));
        let new = state.conflicts.iter().filter(|conflict| told.insert(conflict.key));
        texts.extend(new.map(|conflict| words(play, conflict, &sealed, lang)));
    }
    texts
}

/// What the server holds back and nobody has decided on.
pub(crate) fn undecided(play: &Play<'_>) -> Vec<Held> {
    let mut rows = json!(play.office.held());
    rename(&mut rows, &play.names);
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let open = |row: &&Value| row["decided"].is_null();
    let held = |row: &Value| Held {
        device: text(&row["device"]),
        what: text(&row["stream"]["subject"]["id"]),
        events: row["events"].as_u64().unwrap_or(0),
        reason: text(&row["reason"]),
    };
    rows.as_array().into_iter().flatten().filter(open).map(held).collect()
}

/// A conflict as the office reads it, with what it may open.
fn words(
    play: &Play<'_>,
    conflict: &doorstep::order::Conflict,
    sealed: &BTreeMap<Hash, Personal>,
    lang: Lang,
) -> String {
    let called = |id: Id| {
        let name = play.names.get(&id.to_string());
        let person = name.and_then(|name| play.scenario.people.get(name));
        person.map_or_else(|| id.to_string(), |person| person.name.clone())
    };
    let zone = play.scenario.start.zone();
    let open = |side: &Side, _: &SideValue| sealed.get(&side.event).cloned();
    conflict_words(conflict, &Telling { lang, zone, names: &called, open: &open, meanwhile: None })
}

/// Orders as the server folds them, by name.
fn server_orders(play: &Play<'_>) -> Map<String, Value> {
    let mut orders = Map::new();
    for name in play.scenario.orders.keys() {
        let Some(state) = play.office.order(play.id("order", name)) else { continue };
        let mut value = order_value(play, &state);
        let sealed = play.office.texts(play.id("order", name));
        for (conflict, told) in state.conflicts.iter().zip(conflicts(&mut value)) {
            let words = Lang::ALL
                .map(|lang| (lang.tag().to_owned(), json!(words(play, conflict, &sealed, lang))));
            told["words"] = json!(words.into_iter().collect::<Map<_, _>>());
        }
        orders.insert(name.clone(), value);
    }
    orders
}

fn order_value(play: &Play<'_>, state: &OrderState) -> Value {
    let mut value = json!(state);
    value["digest"] = json!(state.digest());
    finish(play, value)
}

/// An order's state with verdicts beside it, and names for ids.
fn finish(play: &Play<'_>, mut value: Value) -> Value {
    let mut verdicts = Vec::new();
    for (visit, summary) in value["visits"].as_object().into_iter().flatten() {
        let marked = summary["marks"].as_array().is_some_and(|marks| !marks.is_empty());
        if marked || summary["counts"] != json!("fully") {
            verdicts.push(json!({
                "visit": visit, "marks": summary["marks"], "counts": summary["counts"],
            }));
        }
    }
    value["verdicts"] = json!(verdicts);
    rename(&mut value, &play.names);
    value
}

fn conflicts(order: &mut Value) -> impl Iterator<Item = &mut Value> {
    order["conflicts"].as_array_mut().into_iter().flatten()
}

fn server(play: &Play<'_>, orders: Map<String, Value>) -> Value {
    let chief = play.scenario.people.iter().find(|(_, person)| person.role == Role::Supervisor);
    let seen = |path: &str| chief.and_then(|(chief, _)| play.office.get(chief, path).ok());
    let devices = seen("devices");
    // Each case whole, by its number.
    let ledger = seen("ledger").unwrap_or_default();
    let numbers = ledger["complaints"].as_array().into_iter().flatten();
    let complaints: Map<String, Value> = numbers
        .filter_map(|row| row["number"].as_str())
        .filter_map(|number| Some((number.to_owned(), seen(&format!("complaints/{number}"))?)))
        .collect();
    let reports = play.office.reconcile();
    let by_device =
        |report: &doorstep_server::rules::SeriesReport| (report.device.to_string(), json!(report));
    let money: Map<String, Value> = reports.iter().map(by_device).collect();
    let cash = play.office.cash();
    let cash: Map<String, Value> =
        cash.into_iter().map(|report| (report.badge.clone(), json!(report))).collect();
    let bottles = chief.map(|(chief, _)| bottles_of_office(play, chief));
    let month = play.scenario.start.instant().local(play.scenario.start.zone());
    let month = month.map(|at| at.format("%Y-%m").to_string()).unwrap_or_default();
    let meters = seen(&format!("meters-to-report/{month}"));
    let mut view = json!({
        "bottles": bottles, "cash": cash, "meters_to_report": meters, "orders": orders, "held": play.office.held_list(), "devices": devices, "money": money,
        "complaints": complaints, "alarms": seen("alarms"), "photos": play.office.photos(),
    });
    rename(&mut view, &play.names);
    view
}

fn device(play: &mut Play<'_>, name: &str, server: &Map<String, Value>) -> Value {
    let was_running = play.phones.get(name).is_some_and(crate::phone::Phone::is_running);
    // A phone that lies dead in a pocket still has its file.
    if let Some(phone) = play.phones.get_mut(name)
        && let Err(error) = phone.start()
    {
        return json!({ "error": error.to_string() });
    }
    let state = play.ask(name, json!({ "cmd": "state" }));
    let doctor = play.ask(name, json!({ "cmd": "doctor" }));
    let shown = play.ask(name, json!({ "cmd": "sync_screen", "lang": "en" }));
    let today = play.ask(name, json!({ "cmd": "today", "lang": "en" }));
    let complaints = play.ask(name, json!({ "cmd": "complaints", "lang": "en" }));
    let bottles = bottles(play, name, state.as_ref().ok());
    let mut reminders = Map::new();
    for screen in ["morning", "evening"] {
        let shown = play.ask(name, json!({ "cmd": screen, "lang": "en" })).unwrap_or_default();
        reminders.insert(screen.to_owned(), shown["complaints"].clone());
    }
    let (off, trouble) = play
        .phones
        .get(name)
        .map_or((false, None), |phone| (phone.link.is_off(), phone.trouble.clone()));
    if !was_running && let Some(phone) = play.phones.get_mut(name) {
        let _ = phone.kill();
    }
    let mut view = match state {
        Ok(state) => state,
        Err(refusal) => {
            return json!({ "error": { "kind": refusal.kind, "message": refusal.message } });
        }
    };
    let digests = view["digests"].take();
    if let Some(orders) = view["orders"].as_object_mut() {
        for (id, order) in orders {
            order["digest"] = digests[id].clone();
            *order = finish(play, order.take());
            let name = play.names.get(id).and_then(|name| server.get(name));
            same_words(order, name);
        }
    }
    if let Some(view) = view.as_object_mut() {
        view.remove("digests");
        let held = |stream: &&Value| stream["trouble"].as_str().is_some_and(|t| !t.is_empty());
        let streams = view["streams"].as_array().cloned().unwrap_or_default();
        view.insert("held".to_owned(), json!(streams.iter().filter(held).collect::<Vec<_>>()));
        view.insert("bottles".to_owned(), bottles);
        view.insert("running".to_owned(), json!(was_running));
        view.insert("network_off".to_owned(), json!(off));
        view.insert("trouble".to_owned(), json!(trouble));
        view.insert(
            "sync_screen".to_owned(),
            shown.unwrap_or_else(|refusal| json!(refusal.message)),
        );
        let mut today = today.unwrap_or_default();
        reminders.insert("today".to_owned(), today["complaints"].take());
        view.insert("reminders".to_owned(), Value::Object(reminders));
        view.insert("complaints".to_owned(), by_number(complaints.unwrap_or_default()));
        view.insert("today".to_owned(), by_order(today));
        view.insert("doctor".to_owned(), doctor.unwrap_or_else(|refusal| json!(refusal.message)));
    }
    rename(&mut view, &play.names);
    view
}

/// What the customers of a phone's deliveries hold, as its visits show it, by order and size.
fn bottles(play: &mut Play<'_>, name: &str, state: Option<&Value>) -> Value {
    let mut bottles = Map::new();
    let orders = state.and_then(|state| state["orders"].as_object()).into_iter().flatten();
    for (id, order) in orders.filter(|(_, order)| order["kind"] == "delivery") {
        let Some(visit) = order["visits"].as_object().and_then(|visits| visits.keys().next_back())
        else {
            continue;
        };
        let asked = json!({ "cmd": "visit_screen", "visit": visit, "lang": "en" });
        let shown = play.ask(name, asked).unwrap_or_default();
        let lines = shown["bottles"].as_array().into_iter().flatten();
        let held: Map<String, Value> = lines
            .filter_map(|line| Some((line["size"].as_str()?.to_owned(), line["held"].clone())))
            .collect();
        if !held.is_empty() {
            bottles.insert(id.clone(), Value::Object(held));
        }
    }
    Value::Object(bottles)
}

/// What is held at each of the premises where anything is, as the office sees it.
fn bottles_of_office(play: &Play<'_>, chief: &str) -> Value {
    let mut bottles = Map::new();
    for name in play.scenario.premises.keys() {
        let path = format!("premises/{}/bottles", play.id("premises", name));
        let Ok(view) = play.office.get(chief, &path) else { continue };
        if view["held"].as_object().is_some_and(|held| !held.is_empty()) {
            bottles.insert(name.clone(), view);
        }
    }
    Value::Object(bottles)
}

/// The rows of a list, by their order.
fn by_order(mut today: Value) -> Value {
    let rows = today["rows"].as_array_mut().into_iter().flatten();
    let named = rows.filter_map(|row| Some((row["order"].as_str()?.to_owned(), row.take())));
    Value::Object(named.collect())
}

/// Complaints, by their number.
fn by_number(mut screen: Value) -> Value {
    let cards = screen["complaints"].as_array_mut().into_iter().flatten();
    let named = cards.filter_map(|card| Some((card["number"].as_str()?.to_owned(), card.take())));
    Value::Object(named.collect())
}

/// Conflicts that the server has alike get its words: the same facts read the same.
fn same_words(order: &mut Value, server: Option<&Value>) {
    let known = server.and_then(|order| order["conflicts"].as_array()).cloned().unwrap_or_default();
    for conflict in conflicts(order) {
        let same = known.iter().find(|other| {
            let mut other = (*other).clone();
            other.as_object_mut().and_then(|other| other.remove("words"));
            other == *conflict
        });
        if let Some(same) = same {
            conflict["words"] = same["words"].clone();
        }
    }
}

/// Puts names in place of ids, in keys and in values.
fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = names.get(text) {
                text.clone_from(name);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, names)),
        Value::Object(object) => {
            let renamed = std::mem::take(object).into_iter().map(|(key, mut value)| {
                rename(&mut value, names);
                (names.get(&key).cloned().unwrap_or(key), value)
            });
            *object = renamed.collect();
        }
        _ => {}
    }
}

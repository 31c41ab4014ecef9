//! `doorstep standard diff` of files that are tables of values: profiles, price lists, promises, calendars.

use std::collections::BTreeSet;

use doorstep::{base::Lang, text::tr};
use toml::{Table, Value};

/// Keys that name an entry among its like, the first that all of them have, and each for itself.
const NAMES: [&str; 7] = ["id", "code", "item", "user", "class", "kind", "visit"];

/// One line for each value that changed, in the order of the keys, and of the new file's entries.
pub(super) fn diff(old: &Table, new: &Table, lang: Lang) -> Vec<String> {
    let mut diff = Diff { lang, lines: Vec::new() };
    diff.tables("", old, new);
    let version = |table: &Table| table.get("version").map(Value::to_string);
    if diff.lines.is_empty() {
        diff.lines.push(tr(lang, "diff-nothing", &[]));
    } else if let Some(version) = version(new).filter(|it| Some(it) == version(old).as_ref()) {
        let args = [("version", version.as_str().into())];
        diff.lines.push(tr(lang, "diff-same-version", &args));
    }
    diff.lines
}

struct Diff {
    lang: Lang,
    lines: Vec<String>,
}

impl Diff {
    fn say(&mut self, id: &str, place: &str, args: &[(&str, &str)]) {
        let place = [("place", place)];
        let args = place.iter().chain(args).map(|(name, value)| (*name, (*value).into()));
        let line = tr(self.lang, id, &args.collect::<Vec<_>>());
        self.lines.push(line);
    }

    fn tables(&mut self, place: &str, old: &Table, new: &Table) {
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(gone) {
            let place = inside(place, key);
            match (old.get(key), new.get(key)) {
                (Some(old), Some(new)) => self.values(&place, old, new),
                (None, Some(new)) => self.only("diff-value-added", &place, new),
                (Some(old), None) => self.only("diff-value-removed", &place, old),
                (None, None) => {}
            }
        }
    }

    /// What stands in one of the files alone. A list of entries is said entry by entry.
    fn only(&mut self, id: &str, place: &str, value: &Value) {
        match (value, entries(value)) {
            (_, Some(all)) if !all.is_empty() => {
                let by = name_of(&[&all]);
                for (nth, entry) in all.iter().enumerate() {
                    let place = named(place, by, nth, entry);
                    self.say(id, &place, &[("value", &contents(entry, by))]);
                }
            }
            (Value::Table(table), _) => self.say(id, place, &[("value", &contents(table, None))]),
            _ => self.say(id, place, &[("value", &shown(value))]),
        }
    }

    fn values(&mut self, place: &str, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Table(old), Value::Table(new)) => self.tables(place, old, new),
            (Value::Array(was), Value::Array(is)) => match (entries(old), entries(new)) {
                (Some(old), Some(new)) => self.entries(place, &old, &new),
                _ => self.list(place, was, is),
            },
            _ => {
                self.say("diff-value", place, &[("old", &shown(old)), ("new", &shown(new))]);
            }
        }
    }

    fn entries(&mut self, place: &str, old: &[&Table], new: &[&Table]) {
        let by = name_of(&[old, new]);
        let same = |one: &Table, nth: usize, all: &[&Table]| match by {
            Some(key) => all.iter().position(|it| it.get(key) == one.get(key)),
            None => Some(nth).filter(|nth| *nth < all.len()),
        };
        for (nth, entry) in new.iter().enumerate() {
            let place = named(place, by, nth, entry);
            match same(entry, nth, old) {
                Some(before) => self.tables(&place, old[before], entry),
                None => self.say("diff-value-added", &place, &[("value", &contents(entry, by))]),
            }
        }
        for (nth, entry) in old.iter().enumerate() {
            if same(entry, nth, new).is_none() {
                let place = named(place, by, nth, entry);
                self.say("diff-value-removed", &place, &[("value", &contents(entry, by))]);
            }
        }
    }

    /// A list of plain values: what came, what went, or that only their order is another.
    fn list(&mut self, place: &str, old: &[Value], new: &[Value]) {
        let lines = self.lines.len();
        for value in new.iter().filter(|it| !old.contains(it)) {
            self.say("diff-value-added", place, &[("value", &shown(value))]);
        }
        for value in old.iter().filter(|it| !new.contains(it)) {
            self.say("diff-value-removed", place, &[("value", &shown(value))]);
        }
        if self.lines.len() == lines {
            let row = |all: &[Value]| all.iter().map(shown).collect::<Vec<_>>().join(", ");
            self.say("diff-value", place, &[("old", &row(old)), ("new", &row(new))]);
        }
    }
}

fn inside(place: &str, key: &str) -> String {
    match place.is_empty() {
        true => key.to_owned(),
        false => format!("{place}, {key}"),
    }
}

/// The entries of a list of tables.
fn entries(value: &Value) -> Option<Vec<&Table>> {
    value.as_array()?.iter().map(Value::as_table).collect()
}

/// The key by which entries are told apart in each of these lists: without one, by their place.
fn name_of(lists: &[&[&Table]]) -> Option<&'static str> {
    NAMES.into_iter().find(|key| {
        lists.iter().all(|list| {
            let names: Option<BTreeSet<String>> =
                list.iter().map(|entry| entry.get(*key).map(shown)).collect();
            names.is_some_and(|names| names.len() == list.len())
        })
    })
}

fn named(place: &str, by: Option<&str>, nth: usize, entry: &Table) -> String {
    match by.and_then(|key| entry.get(key)) {
        Some(name) => format!("{place} `{}`", shown(name)),
        None => format!("{place} {}", nth + 1),
    }
}

/// All that an entry holds, but what names it.
fn contents(entry: &Table, by: Option<&str>) -> String {
    let rest = entry.iter().filter(|(key, _)| Some(key.as_str()) != by);
    let rest: Vec<String> = rest.map(|(key, value)| format!("{key} {}", shown(value))).collect();
    rest.join(", ")
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Table(table) => contents(table, None),
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

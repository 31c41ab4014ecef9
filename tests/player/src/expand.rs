//! Routines and rows: what a day repeats is written once, and what differs in a table.
//!
//! Works on the text, before it is read as a scenario: what comes out is a scenario as if somebody had
//! written every step by hand, each line with the place it came from. A file that repeats nothing is
//! left alone, to the byte.

use std::collections::BTreeMap;

use doorstep::base::{SourceError, did_you_mean};
use toml::{Table, Value};

/// The most rows of one table.
const MAX_ROWS: usize = 2_000;
/// The largest text that may come out, in bytes.
pub(crate) const MAX_TEXT: usize = 16 * 1024 * 1024;
/// Routines play routines so deep.
const MAX_DEPTH: usize = 5;

/// A scenario written out.
pub(crate) struct Expanded {
    pub(crate) text: String,
    /// Where each line came from, counted from 1; empty where nothing changed.
    origins: Vec<usize>,
}

impl Expanded {
    /// The line in the file that a line of the text came from.
    pub(crate) fn line(&self, line: usize) -> usize {
        self.origins.get(line.wrapping_sub(1)).copied().unwrap_or(line)
    }
}

/// Lines with their places: a header and what stands below it.
#[derive(Clone, Default)]
struct Block<'a> {
    lines: Vec<(usize, &'a str)>,
}

type Row = BTreeMap<String, String>;
type Out = Vec<(usize, String)>;

/// Writes out every routine and every table of rows.
pub(crate) fn expand(text: &str) -> Result<Expanded, SourceError> {
    let blocks = blocks(text);
    let repeats = |block: &Block<'_>| block.routine().is_some() || block.key("each").is_some();
    if !blocks.iter().any(|block| repeats(block) || block.plays()) {
        return Ok(Expanded { text: text.to_owned(), origins: Vec::new() });
    }
    let mut routines: BTreeMap<&str, Vec<Block<'_>>> = BTreeMap::new();
    for block in &blocks {
        if let Some(name) = block.routine() {
            routines.entry(name).or_default().push(block.clone());
        }
    }
    let mut writer = Writer { routines, out: Vec::new(), size: 0 };
    for block in blocks.iter().filter(|block| block.routine().is_none()) {
        writer.block(block, &Row::new(), None, 0)?;
    }
    let (mut text, mut origins) = (String::new(), Vec::new());
    for (origin, line) in writer.out {
        text.push_str(&line);
        text.push('\n');
        origins.push(origin);
    }
    Ok(Expanded { text, origins })
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block::default()];
    for (place, line) in text.lines().enumerate() {
        if is_header(line) {
            blocks.push(Block::default());
        }
        if let Some(block) = blocks.last_mut() {
            block.lines.push((place + 1, line));
        }
    }
    blocks
}

/// A header begins its line; what stands in a list is indented, or ends with a comma.
fn is_header(line: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '"' | '-');
    line.trim_start_matches('[').starts_with(name)
        && line.starts_with('[')
        && line.split('#').next().unwrap_or("").trim_end().ends_with(']')
}

fn error(line: usize, message: impl Into<String>) -> SourceError {
    SourceError { line, column: 1, message: message.into() }
}

impl<'a> Block<'a> {
    fn header(&self) -> &'a str {
        self.lines.first().map_or("", |(_, line)| line)
    }

    /// The name of the routine it is a step of.
    fn routine(&self) -> Option<&'a str> {
        self.header().strip_prefix("[[routine.")?.split("]]").next()
    }

    /// Whether it is a step that plays a routine.
    fn plays(&self) -> bool {
        let step = self.routine().is_some() || self.header().starts_with("[[step]]");
        step && self.key("play").is_some()
    }

    /// Where a key is written, by its place among the lines.
    fn key(&self, key: &str) -> Option<usize> {
        self.lines.iter().position(|(_, line)| {
            let rest = line.strip_prefix(key);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        })
    }

    /// Which lines a key takes: a list may go on until its last bracket.
    fn span(&self, key: &str) -> Option<std::ops::Range<usize>> {
        let begins = self.key(key)?;
        let (mut depth, mut ends) = (0_i32, begins);
        for (_, line) in &self.lines[begins..] {
            let mut quoted = false;
            for c in line.chars() {
                match c {
                    '"' => quoted = !quoted,
                    '[' | '{' if !quoted => depth += 1,
                    ']' | '}' if !quoted => depth -= 1,
                    '#' if !quoted => break,
                    _ => {}
                }
            }
            ends += 1;
            if depth <= 0 {
                break;
            }
        }
        Some(begins..ends)
    }

    /// The lines that no key among `taken` takes.
    fn without(&self, taken: &[&str]) -> Vec<(usize, &'a str)> {
        let spans: Vec<_> = taken.iter().filter_map(|key| self.span(key)).collect();
        let lines = self.lines.iter().enumerate();
        let kept = lines.filter(|(at, _)| !spans.iter().any(|span| span.contains(at)));
        kept.map(|(_, line)| *line).collect()
    }

    /// What a key says, its placeholders filled.
    fn value(&self, key: &str, row: &Row) -> Result<Option<(usize, Value)>, SourceError> {
        let Some(span) = self.span(key) else { return Ok(None) };
        let line = self.lines[span.start].0;
        let text: Vec<_> = self.lines[span].iter().map(|(_, line)| fill(line, row)).collect();
        let table: Result<Table, _> = text.join("\n").parse();
        let mut table = table.map_err(|e| error(line, format!("`{key}`: {}", e.message())))?;
        Ok(table.remove(key).map(|value| (line, value)))
    }

    /// Its rows; one without values where there is no `each`.
    fn rows(&self, row: &Row) -> Result<Vec<Row>, SourceError> {
        match self.value("each", row)? {
            None => Ok(vec![row.clone()]),
            Some((line, value)) => rows(&value, row).map_err(|message| error(line, message)),
        }
    }
}

struct Writer<'a> {
    routines: BTreeMap<&'a str, Vec<Block<'a>>>,
    out: Out,
    size: usize,
}

impl Writer<'_> {
    fn block(
        &mut self,
        block: &Block<'_>,
        row: &Row,
        who: Option<&str>,
        depth: usize,
    ) -> Result<(), SourceError> {
        if block.plays() {
            return self.play(block, row, who, depth);
        }
        for row in block.rows(row)? {
            let mut lines = block.without(&["each"]).into_iter();
            let header = block.header();
            if block.routine().is_some() {
                lines.next();
                let line = block.lines[0].0;
                self.line(line, "[[step]]".to_owned())?;
                if let Some(who) = who.filter(|_| block.key("who").is_none()) {
                    self.line(line, format!("who = \"{who}\""))?;
                }
            } else if is_header(header) {
                lines.next();
                self.line(block.lines[0].0, fill(header, &row))?;
            }
            for (place, line) in lines {
                let filled = fill(line, &row);
                if let Some(name) = unfilled(&filled).filter(|_| !row.is_empty()) {
                    let known: Vec<_> = row.keys().map(String::as_str).collect();
                    let hint = did_you_mean(name, known.iter().copied());
                    let hint = match hint.is_empty() {
                        true => format!(": this row has {}", known.join(", ")),
                        false => hint,
                    };
                    return Err(error(place, format!("no value for `{{{name}}}`{hint}")));
                }
                self.line(place, filled)?;
            }
        }
        Ok(())
    }

    fn play(
        &mut self,
        block: &Block<'_>,
        row: &Row,
        who: Option<&str>,
        depth: usize,
    ) -> Result<(), SourceError> {
        let line = block.lines[0].0;
        let text = |key: &str| match block.value(key, row)? {
            None => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text)),
            Some((line, _)) => Err(error(line, format!("`{key}` is a text"))),
        };
        let (name, at) = (text("play")?.unwrap_or_default(), text("at")?);
        let own = text("who")?;
        let who = own.as_deref().or(who);
        for (place, other) in block.without(&["play", "at", "who", "each"]).into_iter().skip(1) {
            let other = other.trim();
            if !other.is_empty() && !other.starts_with('#') {
                return Err(error(place, "beside `play` stand `who`, `at` and `each`, no more"));
            }
        }
        let Some(steps) = self.routines.get(name.as_str()).cloned() else {
            return Err(error(line, format!("no [[routine.{name}]] is written in this file")));
        };
        if depth >= MAX_DEPTH {
            return Err(error(line, format!("routines play routines at most {MAX_DEPTH} deep")));
        }
        for row in block.rows(row)? {
            if let Some(at) = &at {
                self.line(line, "[[step]]".to_owned())?;
                self.line(line, format!("at = \"{}\"", fill(at, &row)))?;
            }
            for step in &steps {
                self.block(step, &row, who, depth + 1)?;
            }
        }
        Ok(())
    }

    fn line(&mut self, origin: usize, line: String) -> Result<(), SourceError> {
        self.size += line.len() + 1;
        if self.size > MAX_TEXT {
            return Err(error(origin, format!("more than {MAX_TEXT} bytes come out: repeat less")));
        }
        self.out.push((origin, line));
        Ok(())
    }
}

/// Puts a row's values in the place of `{name}`.
fn fill(line: &str, row: &Row) -> String {
    if row.is_empty() || !line.contains('{') {
        return line.to_owned();
    }
    let mut filled = line.to_owned();
    for (name, value) in row {
        filled = filled.replace(&format!("{{{name}}}"), value);
    }
    filled
}

/// The first `{name}` outside of comments that no row has given a value. A table has more than a name
/// between its brackets.
fn unfilled(line: &str) -> Option<&str> {
    if line.trim_start().starts_with('#') {
        return None;
    }
    let mut parts = line.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    parts.find(|(inside, _)| name(inside)).map(|(inside, _)| inside)
}

/// The rows that `each` lists, each on top of the row around it.
fn rows(each: &Value, around: &Row) -> Result<Vec<Row>, String> {
    let mut found = Vec::new();
    match each {
        Value::Array(tables) => {
            for table in tables {
                let Value::Table(table) = table else {
                    return Err("a row is a table: { flat = \"0301\" }".to_owned());
                };
                found.extend(product(table, around)?);
            }
        }
        // A table with a head: what its columns are called, and a list for each row.
        Value::Table(table) => {
            let list = |key: &str| table.get(key).and_then(Value::as_array);
            let (Some(columns), Some(lists)) = (list("columns"), list("rows")) else {
                return Err("write each = { columns = […], rows = [[…], …] }".to_owned());
            };
            for list in lists {
                let Some(list) = list.as_array().filter(|list| list.len() == columns.len()) else {
                    return Err(format!(
                        "a row has {} values, as there are columns",
                        columns.len()
                    ));
                };
                let cells = columns.iter().map(word).zip(list.iter().cloned());
                found.extend(product(&cells.collect(), around)?);
            }
        }
        _ => return Err("`each` is a list of rows".to_owned()),
    }
    if found.len() > MAX_ROWS {
        return Err(format!("at most {MAX_ROWS} rows"));
    }
    Ok(found)
}

/// A row, or as many as its lists and ranges make: the last name, by the alphabet, changes fastest.
fn product(table: &Table, around: &Row) -> Result<Vec<Row>, String> {
    let mut rows = vec![around.clone()];
    for (name, value) in table {
        let values = match value {
            Value::Array(values) => {
                let each: Result<Vec<_>, _> = values.iter().map(range).collect();
                each?.concat()
            }
            value => range(value)?,
        };
        if rows.len().saturating_mul(values.len()) > MAX_ROWS {
            return Err(format!("at most {MAX_ROWS} rows"));
        }
        let with = |row: &Row| {
            let row = row.clone();
            values
                .iter()
                .cloned()
                .map(move |value| {
                    let mut row = row.clone();
                    row.insert(name.clone(), value);
                    row
                })
                .collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(with).collect();
    }
    Ok(rows)
}

/// `"0101..0144"` is every number between, as wide; all else is itself.
fn range(value: &Value) -> Result<Vec<String>, String> {
    let text = word(value);
    let Some((from, to)) = text.split_once("..") else { return Ok(vec![text]) };
    let number = |text: &str| text.parse::<usize>().ok().filter(|_| !text.starts_with('+'));
    match (number(from), number(to)) {
        (Some(first), Some(last)) if from.len() == to.len() && first <= last => {
            if last - first >= MAX_ROWS {
                return Err(format!("at most {MAX_ROWS} rows"));
            }
            let width = from.len();
            Ok((first..=last).map(|number| format!("{number:0width$}")).collect())
        }
        _ => Ok(vec![text]),
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_repeats_nothing_stays_as_it_is() {
        let text = "start = \"x\"\n\n[[step]]\nwho = \"mei\"\nsync = true";
        let expanded = expand(text).unwrap();
        assert_eq!(expanded.text, text);
        assert_eq!(expanded.line(3), 3);
    }

    #[test]
    fn lin_goes_to_three_flats_and_each_line_knows_its_place() {
        let text = "[[routine.visit]]\nstart_visit = \"i-{flat}\"\n\n[[routine.visit]]\n\
                    record = \"knock\"\nvalue = {raps}\n\n[[step]]\nwho = \"lin\"\nat = \"+1m\"\n\
                    play = \"visit\"\neach = [\n  { flat = \"0101..0102\", raps = 2 },\n  \
                    { flat = [\"7\"], raps = 3 },\n]\n";
        let expanded = expand(text).unwrap();
        let lines: Vec<_> = expanded.text.lines().collect();
        let visits: Vec<_> = lines.iter().filter(|l| l.starts_with("start_visit")).collect();
        assert_eq!(
            visits,
            [&"start_visit = \"i-0101\"", &"start_visit = \"i-0102\"", &"start_visit = \"i-7\""]
        );
        assert_eq!(lines.iter().filter(|line| **line == "who = \"lin\"").count(), 6);
        assert_eq!(lines.iter().filter(|line| **line == "at = \"+1m\"").count(), 3);
        let three = lines.iter().position(|line| *line == "value = 3").unwrap();
        assert_eq!(expanded.line(three + 1), 6);
    }

    #[test]
    fn premises_come_from_a_table_with_a_head() {
        let text = "[premises.\"flat-{flat}\"]\naddress = \"Flat {flat}\"\n\
                    each = { columns = [\"flat\", \"last\"], rows = [[\"802\", 500], [\"803\", 7]] }\n\
                    meters = [{ number = \"M-{flat}\", last = {last} }]\n";
        let expanded = expand(text).unwrap().text;
        assert!(expanded.contains("[premises.\"flat-803\"]\naddress = \"Flat 803\"\n"));
        assert!(expanded.contains("meters = [{ number = \"M-802\", last = 500 }]"), "{expanded}");
    }

    #[test]
    fn what_makes_no_sense_is_told_at_its_line() {
        let line = |text: &str| expand(text).err().map(|error| error.line);
        assert_eq!(line("[[step]]\n\nplay = \"nothing\""), Some(1));
        assert_eq!(line("[[step]]\neach = 3\nsync = true"), Some(2));
        assert_eq!(line("[[routine.a]]\nplay = \"a\"\n[[step]]\nplay = \"a\""), Some(1));
        assert_eq!(line("[[step]]\neach = [{ a = \"0001..9999\" }]"), Some(2));
        let mixed = "[[routine.a]]\nsync = true\n[[step]]\nplay = \"a\"\nsync = true";
        assert_eq!(line(mixed), Some(5));
        let unfilled =
            "[[step]]\nnote = { raining = {wet} }\neach = [{ wet = true }, { dry = true }]";
        let told = expand(unfilled).err().map(|error| (error.line, error.message));
        assert_eq!(told, Some((2, "no value for `{wet}`: this row has dry".to_owned())));
        let short = "[[step]]\neach = { columns = [\"a\"], rows = [[1, 2]] }";
        assert_eq!(line(short), Some(2));
    }
}

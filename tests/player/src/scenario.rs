//! A scenario, checked: every name is known, every time readable, every step has one meaning.

use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use doorstep::{
    base::{Instant, SourceError, did_you_mean},
    event::{ConditionsNoted, VisitKind},
    money::{Claim, PriceList},
    order::Rule,
    standard::{SHIPPED_STANDARDS, Standard},
    sync::Company,
};
use doorstep_server::store::RevokeReason;
use toml::Spanned;

use crate::{
    raw::{
        RawCustomer, RawExpect, RawFullLine, RawLine, RawNetwork, RawPremises, RawScenario,
        RawSign, RawStep, Role, Str, Words,
    },
    time::{Start, duration},
};

/// The largest scenario file, in bytes.
pub const MAX_FILE: usize = 1024 * 1024;
/// The most steps of a scenario.
pub const MAX_STEPS: usize = 5_000;
/// The most devices, people, premises or orders.
const MAX_OF_A_KIND: usize = 100;
const MAX_ERRORS: usize = 50;

/// Why a scenario can't be played: what is wrong where.
#[derive(Debug, thiserror::Error)]
pub struct LoadError {
    /// File and errors in it.
    pub errors: Vec<(PathBuf, SourceError)>,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |(file, e): &(PathBuf, SourceError)| {
            format!("{}:{}:{}: {}", file.display(), e.line, e.column, e.message)
        };
        f.write_str(&self.errors.iter().map(line).collect::<Vec<_>>().join("\n"))
    }
}

/// A scenario ready to be played.
pub struct Scenario {
    pub(crate) file: PathBuf,
    pub(crate) title: Option<Words>,
    pub(crate) start: Start,
    pub(crate) seed: u64,
    pub(crate) company: Company,
    pub(crate) standards: Vec<(String, Arc<Standard>)>,
    pub(crate) price_list: (String, PriceList),
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) premises: BTreeMap<String, RawPremises>,
    pub(crate) orders: BTreeMap<String, Order>,
    pub(crate) steps: Vec<Step>,
}

pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) badge: String,
    pub(crate) role: Role,
}

pub(crate) struct Device {
    pub(crate) person: String,
    pub(crate) clock: i64,
    pub(crate) enrolled: bool,
}

pub(crate) struct Order {
    pub(crate) number: String,
    pub(crate) kind: VisitKind,
    pub(crate) premises: String,
    pub(crate) standard: Arc<Standard>,
    pub(crate) customer: RawCustomer,
    pub(crate) due: Option<Instant>,
    pub(crate) emergency: bool,
    pub(crate) assigned_to: Option<String>,
    pub(crate) opened: bool,
}

pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) at: Instant,
    pub(crate) who: Vec<String>,
    pub(crate) show: Option<Words>,
    pub(crate) verb: Verb,
    pub(crate) label: Option<String>,
    pub(crate) fails: Option<String>,
    pub(crate) cut: bool,
}

pub(crate) enum Verb {
    Nothing,
    Tap(Tap),
    Repeat(String),
    Sync,
    Network(Network),
    Kill,
    Restart,
    Reboot,
    Backup(String),
    Restore(String),
    Clock(i64),
    Enrol(String),
    VerifyReceipt { counter: u64, altered: bool },
    VerifyVisit { order: String, altered: bool },
    Look,
    Open(String),
    Assign { order: String, to: String },
    Cancel { order: String, reason: String },
    Decide { order: String, rule: Rule, choice: String },
    Revoke { device: String, reason: RevokeReason },
    Code { name: String, person: String },
    Publish(String),
    Expect(Box<RawExpect>),
}

/// What a person does on a phone.
#[derive(Clone)]
pub(crate) enum Tap {
    StartShift(String),
    CloseShift(String),
    StartVisit(String),
    Note {
        visit: String,
        seen: ConditionsNoted,
    },
    Record {
        visit: String,
        step: String,
        value: Option<toml::Value>,
        text: Option<String>,
        remark: Option<String>,
    },
    Explain {
        visit: String,
        finding: String,
        text: String,
    },
    Quote {
        visit: String,
        lines: Vec<RawFullLine>,
    },
    AcceptQuote {
        visit: String,
        version: u32,
    },
    Charge {
        visit: String,
        line: RawFullLine,
    },
    Pay {
        visit: String,
        tendered: String,
        claim: Option<Claim>,
    },
    Sign {
        visit: String,
        sign: RawSign,
    },
    Finish {
        visit: String,
        outcome: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Network {
    pub(crate) off: bool,
    pub(crate) imposter: Option<Imposter>,
    pub(crate) delay_ms: u64,
    pub(crate) bytes_per_second: Option<u64>,
    pub(crate) cut_after_bytes: Option<u64>,
}

/// Something else that answers in the server's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Imposter {
    /// A log-in page, with status 200.
    Portal,
    /// No HTTP at all.
    Garbage,
    /// A proxy's error page, with status 500.
    Error,
    /// The head of an answer and half its body.
    Half,
    /// Nothing: the connection is closed.
    Nothing,
}

impl Imposter {
    const ALL: [(&str, Imposter); 5] = [
        ("portal", Imposter::Portal),
        ("garbage", Imposter::Garbage),
        ("error", Imposter::Error),
        ("half", Imposter::Half),
        ("nothing", Imposter::Nothing),
    ];
}

impl Scenario {
    /// Reads and checks the scenario in `file`; files it names are looked up beside it.
    pub fn load(file: &Path) -> Result<Scenario, LoadError> {
        let unreadable = |error: std::io::Error| LoadError {
            errors: vec![(file.to_owned(), SourceError::at("", 0, error.to_string()))],
        };
        if std::fs::metadata(file).map_err(unreadable)?.len() > MAX_FILE as u64 {
            let message = format!("a scenario has at most {MAX_FILE} bytes");
            return Err(unreadable(std::io::Error::other(message)));
        }
        Scenario::parse(file, &std::fs::read_to_string(file).map_err(unreadable)?)
    }

    /// Reads and checks the scenario `text`, which stands in `file`.
    pub fn parse(file: &Path, text: &str) -> Result<Scenario, LoadError> {
        let here = |error| LoadError { errors: vec![(file.to_owned(), error)] };
        let raw: RawScenario =
            doorstep::base::parse_toml(text, MAX_FILE).map_err(|error| here(friendlier(error)))?;
        let mut loader = Loader { file, text, errors: Vec::new() };
        let scenario = loader.scenario(raw);
        let mut errors = loader.errors;
        match scenario {
            Some(scenario) if errors.is_empty() => Ok(scenario),
            _ => {
                errors.sort_by_key(|(_, error)| (error.line, error.column));
                errors.truncate(MAX_ERRORS);
                Err(LoadError { errors })
            }
        }
    }
}

/// An unknown key is told with the one that was meant, not with the sixty there are.
fn friendlier(mut error: SourceError) -> SourceError {
    for what in ["field", "variant"] {
        let Some(rest) = error.message.strip_prefix(&format!("unknown {what} `")) else { continue };
        let mut names = rest.split('`').step_by(2);
        let (Some(name), known) = (names.next(), rest.split('`').skip(2).step_by(2)) else {
            continue;
        };
        let hint = did_you_mean(name, known);
        if !hint.is_empty() {
            let what = if what == "field" { "key" } else { "word" };
            error.message = format!("unknown {what} `{name}`{hint}");
        }
    }
    error
}

struct Loader<'a> {
    file: &'a Path,
    text: &'a str,
    errors: Vec<(PathBuf, SourceError)>,
}

impl Loader<'_> {
    fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        let error = SourceError::in_span(self.text, span, message);
        self.errors.push((self.file.to_owned(), error));
    }

    /// What a parser of some text made of it, or an error at its place.
    fn take<T>(&mut self, span: Range<usize>, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.error(span, message)).ok()
    }

    /// Whether `name` is one of `known`, or an error.
    fn known<'k>(
        &mut self,
        span: Range<usize>,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> bool {
        let known: Vec<_> = known.into_iter().collect();
        if known.contains(&name) {
            return true;
        }
        let hint = did_you_mean(name, known.iter().copied());
        let hint = match (hint.is_empty(), known.is_empty()) {
            (false, _) => hint,
            (true, true) => format!(": the scenario has no {what}"),
            (true, false) => format!(": known are {}", known.join(", ")),
        };
        let shown: String = name.chars().take(60).collect();
        self.error(span, format!("unknown {what} `{shown}`{hint}"));
        false
    }

    fn read_beside(&mut self, name: &Str) -> Option<String> {
        let path = self.file.parent().unwrap_or(Path::new("")).join(name.get_ref());
        let read = std::fs::read_to_string(&path);
        self.take(name.span(), read.map_err(|error| format!("{}: {error}", path.display())))
    }

    fn scenario(&mut self, raw: RawScenario) -> Option<Scenario> {
        let start = Start::parse(raw.start.get_ref());
        let start = self.take(raw.start.span(), start)?;
        let standards = self.standards(&raw.standards);
        let price_list = self.price_list(raw.price_list.as_ref())?;
        let mut people = BTreeMap::new();
        for (name, person) in raw.people {
            self.name(&name, people.len());
            if name.get_ref() == "everyone" || name.get_ref() == "server" {
                self.error(name.span(), "this name is kept for the player: choose another");
            }
            let badge = person.badge.unwrap_or_else(|| name.get_ref().clone());
            let person = Person { name: person.name, badge, role: person.role };
            people.insert(name.into_inner(), person);
        }
        let mut devices = BTreeMap::new();
        for (name, device) in raw.devices {
            self.name(&name, devices.len());
            if people.contains_key(name.get_ref()) {
                self.error(name.span(), "a person has this name: choose another for the device");
            }
            let known = people.keys().map(String::as_str);
            self.known(device.person.span(), "person", device.person.get_ref(), known);
            let clock = device
                .clock
                .as_ref()
                .and_then(|clock| self.take(clock.span(), duration(clock.get_ref())));
            let device = Device {
                person: device.person.into_inner(),
                clock: clock.unwrap_or(0),
                enrolled: device.enrolled.unwrap_or(true),
            };
            devices.insert(name.into_inner(), device);
        }
        let mut premises = BTreeMap::new();
        for (name, place) in raw.premises {
            self.name(&name, premises.len());
            premises.insert(name.into_inner(), place);
        }
        let mut orders = BTreeMap::new();
        for (name, order) in raw.orders {
            self.name(&name, orders.len());
            let place = order.premises.get_ref();
            self.known(
                order.premises.span(),
                "premises",
                place,
                premises.keys().map(String::as_str),
            );
            let standard = self.standard_of(&name, &order, &standards);
            let due = order
                .due
                .as_ref()
                .and_then(|due| self.take(due.span(), start.step(due.get_ref(), start.instant())));
            if let Some(to) = &order.assigned_to {
                self.known(to.span(), "person", to.get_ref(), people.keys().map(String::as_str));
            }
            let Some(standard) = standard else { continue };
            let number = order.number.unwrap_or_else(|| name.get_ref().clone());
            let order = Order {
                number,
                kind: order.kind,
                premises: order.premises.into_inner(),
                standard,
                customer: order.customer.unwrap_or_default(),
                due,
                emergency: order.emergency,
                assigned_to: order.assigned_to.map(Spanned::into_inner),
                opened: order.opened.unwrap_or(true),
            };
            orders.insert(name.into_inner(), order);
        }
        if !people.values().any(|person| person.role == Role::Supervisor) {
            self.error(0..0, "a scenario has at least one person with role = \"supervisor\"");
        }
        let mut scenario = Scenario {
            file: self.file.to_owned(),
            title: raw.title,
            start,
            seed: raw.seed,
            company: raw.company,
            standards,
            price_list,
            people,
            devices,
            premises,
            orders,
            steps: Vec::new(),
        };
        self.steps(&mut scenario, raw.step);
        Some(scenario)
    }

    fn name(&mut self, name: &Str, before: usize) {
        if before >= MAX_OF_A_KIND {
            self.error(name.span(), format!("at most {MAX_OF_A_KIND} of a kind"));
        }
        if name.get_ref().trim().is_empty() || name.get_ref().chars().count() > 60 {
            self.error(name.span(), "a name has 1 to 60 characters");
        }
    }

    fn standards(&mut self, files: &[Str]) -> Vec<(String, Arc<Standard>)> {
        let mut standards: Vec<(String, Arc<Standard>)> = SHIPPED_STANDARDS
            .iter()
            .filter_map(|file| {
                Some((file.text.to_owned(), Arc::new(Standard::load(file.text).ok()?)))
            })
            .collect();
        for name in files {
            let Some(text) = self.read_beside(name) else { continue };
            match Standard::load(&text) {
                Ok(standard) => {
                    standards.retain(|(_, old)| old.id() != standard.id());
                    standards.push((text, Arc::new(standard)));
                }
                Err(errors) => self.in_file(name, errors),
            }
        }
        standards
    }

    fn price_list(&mut self, file: Option<&Str>) -> Option<(String, PriceList)> {
        let text = match file {
            None => PriceList::example_text().to_owned(),
            Some(name) => self.read_beside(name)?,
        };
        match (PriceList::load(&text), file) {
            (Ok(list), _) => Some((text, list)),
            (Err(errors), Some(name)) => {
                self.in_file(name, errors);
                None
            }
            (Err(_), None) => None,
        }
    }

    fn in_file(&mut self, name: &Str, errors: Vec<SourceError>) {
        let path = self.file.parent().unwrap_or(Path::new("")).join(name.get_ref());
        self.errors.extend(errors.into_iter().map(|error| (path.clone(), error)));
    }

    fn standard_of(
        &mut self,
        name: &Str,
        order: &crate::raw::RawOrder,
        standards: &[(String, Arc<Standard>)],
    ) -> Option<Arc<Standard>> {
        let found = match &order.standard {
            Some(id) => {
                let ids = standards.iter().map(|(_, standard)| standard.id());
                if !self.known(id.span(), "standard", id.get_ref(), ids) {
                    return None;
                }
                standards.iter().find(|(_, standard)| standard.id() == id.get_ref())
            }
            None => standards.iter().find(|(_, standard)| standard.visit() == order.kind),
        };
        if found.is_none() {
            self.error(
                name.span(),
                "no standard is for this kind of visit: name one in `standard`",
            );
        }
        found.map(|(_, standard)| standard.clone())
    }

    fn steps(&mut self, scenario: &mut Scenario, raw: Vec<Spanned<RawStep>>) {
        if let Some(step) = raw.get(MAX_STEPS) {
            self.error(step.span(), format!("a scenario has at most {MAX_STEPS} steps"));
        }
        let mut known = Known { at: scenario.start.instant(), ..Known::default() };
        let mut steps = Vec::new();
        for step in raw.into_iter().take(MAX_STEPS) {
            let span = step.span();
            steps.extend(self.step(scenario, &mut known, span, step.into_inner()));
        }
        scenario.steps = steps;
    }
}

/// What steps before have named.
#[derive(Default)]
struct Known {
    at: Instant,
    labels: Vec<String>,
    codes: Vec<String>,
    backups: Vec<String>,
    /// The order each device visits.
    visiting: BTreeMap<String, String>,
}

/// Verbs, who may do them, and the options they take.
const VERBS: &[(&str, &str, &[&str])] = &[
    ("start_shift", "device", &[]),
    ("close_shift", "device", &[]),
    ("start_visit", "device", &[]),
    ("note", "device", &["visit"]),
    ("record", "device", &["visit", "value", "text", "remark"]),
    ("explain", "device", &["visit", "finding"]),
    ("quote", "device", &["visit"]),
    ("accept_quote", "device", &["visit"]),
    ("charge", "device", &["visit"]),
    ("pay", "device", &["visit", "method"]),
    ("sign", "device", &["visit"]),
    ("finish", "device", &["visit"]),
    ("repeat", "device", &[]),
    ("sync", "devices", &[]),
    ("network", "devices", &[]),
    ("kill", "devices", &[]),
    ("restart", "devices", &[]),
    ("reboot", "devices", &[]),
    ("backup", "device", &[]),
    ("restore", "device", &[]),
    ("clock", "devices", &[]),
    ("enrol", "device", &[]),
    ("verify_receipt", "device", &["altered"]),
    ("verify_visit", "device", &["altered"]),
    ("look", "anyone", &[]),
    ("open", "office", &[]),
    ("assign", "office", &["to"]),
    ("cancel", "office", &["reason"]),
    ("decide", "office", &["rule", "choice"]),
    ("revoke", "office", &["reason"]),
    ("code", "office", &["for"]),
    ("publish", "office", &[]),
    ("expect", "nobody", &[]),
];
const ALWAYS: &[&str] = &["at", "who", "show", "as", "fails", "cut"];

impl Loader<'_> {
    fn step(
        &mut self,
        scenario: &Scenario,
        known: &mut Known,
        span: Range<usize>,
        raw: RawStep,
    ) -> Vec<Step> {
        if let Some(at) = &raw.at {
            let parsed = scenario.start.step(at.get_ref(), known.at);
            if let Some(instant) = self.take(at.span(), parsed) {
                if instant < known.at {
                    self.error(at.span(), "this is before the step above: time only goes forward");
                }
                known.at = instant;
            }
        }
        let keys = raw.keys();
        let verbs: Vec<_> =
            keys.iter().filter(|(key, _)| VERBS.iter().any(|(verb, ..)| verb == key)).collect();
        if let [_, (second, place), ..] = verbs[..] {
            let first = verbs[0].0;
            self.error(
                place.clone(),
                format!("`{first}` and `{second}` are two steps: write a [[step]] for each"),
            );
            return Vec::new();
        }
        let verb = verbs.first().map(|(key, _)| *key);
        let entry = VERBS.iter().find(|(name, ..)| Some(*name) == verb);
        let options = entry.map_or(&[][..], |(_, _, options)| *options);
        for (key, place) in &keys {
            let fits = Some(*key) == verb || ALWAYS.contains(key) || options.contains(key);
            if !fits {
                let owners: Vec<_> = VERBS
                    .iter()
                    .filter(|(_, _, o)| o.contains(key))
                    .map(|(v, ..)| format!("`{v}`"))
                    .collect();
                self.error(place.clone(), format!("`{key}` belongs to {}", owners.join(", ")));
            }
        }
        let kind = entry.map_or("nobody", |(_, kind, _)| *kind);
        let Some(who) = self.who(scenario, &raw, kind, verb, &span) else { return Vec::new() };
        let errors = self.errors.len();
        let verbs = self.verb(scenario, known, &raw, &who, verb);
        if self.errors.len() > errors {
            return Vec::new();
        }
        let line = SourceError::in_span(self.text, span, "").line;
        let label = raw.as_.as_ref().map(|label| label.get_ref().clone());
        if let Some(label) = &raw.as_ {
            if verbs.len() != 1 || !matches!(verbs[0], Verb::Tap(_)) {
                self.error(label.span(), "only one tap of a phone can be named to be repeated");
            }
            known.labels.push(label.get_ref().clone());
        }
        let mut show = raw.show.map(Spanned::into_inner);
        let step = |verb| Step {
            line,
            at: known.at,
            who: who.clone(),
            show: show.take(),
            verb,
            label: label.clone(),
            fails: raw.fails.as_ref().map(|kind| kind.get_ref().clone()),
            cut: raw.cut.as_ref().is_some_and(|cut| *cut.get_ref()),
        };
        verbs.into_iter().map(step).collect()
    }

    /// The devices or the office person that act.
    fn who(
        &mut self,
        scenario: &Scenario,
        raw: &RawStep,
        kind: &str,
        verb: Option<&str>,
        span: &Range<usize>,
    ) -> Option<Vec<String>> {
        let Some(who) = &raw.who else {
            if kind == "nobody" {
                return Some(Vec::new());
            }
            self.error(
                span.clone(),
                format!("who does this? `{}` needs `who`", verb.unwrap_or("")),
            );
            return None;
        };
        let name = who.get_ref().as_str();
        let devices = || scenario.devices.keys().map(String::as_str);
        if name == "everyone" && matches!(kind, "devices" | "anyone") {
            return Some(devices().map(str::to_owned).collect());
        }
        let people = || scenario.people.keys().map(String::as_str);
        if !self.known(who.span(), "person or device", name, devices().chain(people())) {
            return None;
        }
        let of_person: Vec<_> = scenario
            .devices
            .iter()
            .filter(|(_, d)| d.person == name)
            .map(|(n, _)| n.clone())
            .collect();
        let office =
            scenario.people.get(name).is_some_and(|person| person.role != Role::Technician);
        match kind {
            "office" if office => Some(vec![name.to_owned()]),
            "office" => {
                self.error(who.span(), "only a dispatcher or a supervisor can do this");
                None
            }
            _ if scenario.devices.contains_key(name) => Some(vec![name.to_owned()]),
            "anyone" if office && of_person.is_empty() => Some(vec![name.to_owned()]),
            "devices" if of_person.len() > 1 => Some(of_person),
            _ if of_person.len() == 1 => Some(of_person),
            "nobody" => Some(Vec::new()),
            _ if of_person.is_empty() => {
                self.error(who.span(), format!("`{name}` has no device: add one under [devices]"));
                None
            }
            _ => {
                let message =
                    format!("`{name}` has several devices: name one of {}", of_person.join(", "));
                self.error(who.span(), message);
                None
            }
        }
    }

    /// The order a step's visit is to.
    fn visit(
        &mut self,
        scenario: &Scenario,
        known: &Known,
        raw: &RawStep,
        who: &[String],
        span: Range<usize>,
    ) -> Option<String> {
        if let Some(visit) = &raw.visit {
            let orders = scenario.orders.keys().map(String::as_str);
            let fits = self.known(visit.span(), "order", visit.get_ref(), orders);
            return fits.then(|| visit.get_ref().clone());
        }
        let visiting = who.first().and_then(|device| known.visiting.get(device));
        if visiting.is_none() {
            self.error(span, "no visit was started on this device: `start_visit` first, or name the order in `visit`");
        }
        visiting.cloned()
    }

    fn verb(
        &mut self,
        scenario: &Scenario,
        known: &mut Known,
        raw: &RawStep,
        who: &[String],
        verb: Option<&str>,
    ) -> Vec<Verb> {
        let Some(verb) = verb else { return vec![Verb::Nothing] };
        let orders = || scenario.orders.keys().map(String::as_str);
        let fails = raw.fails.is_some();
        macro_rules! given {
            ($field:ident) => {
                raw.$field.as_ref().map(|value| (value.get_ref().clone(), value.span()))
            };
        }
        macro_rules! order {
            ($field:ident) => {{
                let Some((name, span)) = given!($field) else { return Vec::new() };
                if !self.known(span.clone(), "order", &name, orders()) {
                    return Vec::new();
                }
                (name, span)
            }};
        }
        macro_rules! tap {
            ($field:ident, |$visit:ident, $value:ident| $tap:expr) => {{
                let Some(($value, span)) = given!($field) else { return Vec::new() };
                let Some($visit) = self.visit(scenario, known, raw, who, span) else {
                    return Vec::new();
                };
                Verb::Tap($tap)
            }};
        }
        let done = match verb {
            "start_shift" => {
                Verb::Tap(Tap::StartShift(given!(start_shift).map(|v| v.0).unwrap_or_default()))
            }
            "close_shift" => {
                Verb::Tap(Tap::CloseShift(given!(close_shift).map(|v| v.0).unwrap_or_default()))
            }
            "start_visit" => {
                let (order, _) = order!(start_visit);
                if let Some(device) = who.first().filter(|_| !fails) {
                    known.visiting.insert(device.clone(), order.clone());
                }
                Verb::Tap(Tap::StartVisit(order))
            }
            "note" => tap!(note, |visit, seen| Tap::Note { visit, seen }),
            "record" => {
                let Some((step, span)) = given!(record) else { return Vec::new() };
                let Some(visit) = self.visit(scenario, known, raw, who, span.clone()) else {
                    return Vec::new();
                };
                // A step that is expected to fail may be any step.
                if !fails && let Some(order) = scenario.orders.get(&visit) {
                    let steps = order.standard.steps().map(|step| step.id.as_str());
                    self.known(span, "step", &step, steps);
                }
                let value = given!(value).map(|(value, _)| value);
                let (text, remark) = (given!(text).map(|t| t.0), given!(remark).map(|t| t.0));
                Verb::Tap(Tap::Record { visit, step, value, text, remark })
            }
            "explain" => {
                let finding = given!(finding).map(|f| f.0);
                if finding.is_none()
                    && let Some((_, span)) = given!(explain)
                {
                    self.error(span, "which finding? name its step or its key in `finding`");
                }
                tap!(explain, |visit, text| Tap::Explain {
                    visit,
                    text,
                    finding: finding.unwrap_or_default()
                })
            }
            "quote" => tap!(quote, |visit, lines| Tap::Quote {
                visit,
                lines: lines.into_iter().map(full).collect()
            }),
            "accept_quote" => {
                tap!(accept_quote, |visit, version| Tap::AcceptQuote { visit, version })
            }
            "charge" => {
                let Some((lines, span)) = given!(charge) else { return Vec::new() };
                let Some(visit) = self.visit(scenario, known, raw, who, span.clone()) else {
                    return Vec::new();
                };
                if lines.is_empty() {
                    self.error(span, "name at least one line of the price list");
                }
                let tap = |line| Verb::Tap(Tap::Charge { visit: visit.clone(), line: full(line) });
                return lines.into_iter().map(tap).collect();
            }
            "pay" => {
                let claim = given!(method).map(|m| m.0);
                tap!(pay, |visit, tendered| Tap::Pay { visit, tendered, claim })
            }
            "sign" => tap!(sign, |visit, sign| Tap::Sign { visit, sign }),
            "finish" => {
                let Some((outcome, span)) = given!(finish) else { return Vec::new() };
                let Some(visit) = self.visit(scenario, known, raw, who, span.clone()) else {
                    return Vec::new();
                };
                if !fails && let Some(order) = scenario.orders.get(&visit) {
                    let outcomes =
                        order.standard.outcomes().iter().map(|outcome| outcome.id.as_str());
                    self.known(span, "outcome", &outcome, outcomes);
                }
                Verb::Tap(Tap::Finish { visit, outcome })
            }
            "repeat" => {
                let Some((label, span)) = given!(repeat) else { return Vec::new() };
                self.known(span, "name of a tap", &label, known.labels.iter().map(String::as_str));
                Verb::Repeat(label)
            }
            "sync" => Verb::Sync,
            "network" => {
                let Some((network, span)) = given!(network) else { return Vec::new() };
                let Some(network) = self.network(network, span) else { return Vec::new() };
                Verb::Network(network)
            }
            "kill" => Verb::Kill,
            "restart" => Verb::Restart,
            "reboot" => Verb::Reboot,
            "backup" => {
                let Some((name, _)) = given!(backup) else { return Vec::new() };
                known.backups.push(name.clone());
                Verb::Backup(name)
            }
            "restore" => {
                let Some((name, span)) = given!(restore) else { return Vec::new() };
                self.known(span, "backup", &name, known.backups.iter().map(String::as_str));
                Verb::Restore(name)
            }
            "clock" => {
                let Some((text, span)) = given!(clock) else { return Vec::new() };
                let Some(offset) = self.take(span, duration(&text)) else { return Vec::new() };
                Verb::Clock(offset)
            }
            "enrol" => {
                let Some((code, span)) = given!(enrol) else { return Vec::new() };
                if !fails {
                    self.known(
                        span,
                        "enrolment code",
                        &code,
                        known.codes.iter().map(String::as_str),
                    );
                }
                Verb::Enrol(code)
            }
            "verify_receipt" => Verb::VerifyReceipt {
                counter: given!(verify_receipt).map_or(1, |v| v.0),
                altered: given!(altered).is_some_and(|v| v.0),
            },
            "verify_visit" => {
                let (order, _) = order!(verify_visit);
                Verb::VerifyVisit { order, altered: given!(altered).is_some_and(|v| v.0) }
            }
            "look" => Verb::Look,
            "open" => Verb::Open(order!(open).0),
            "assign" => {
                let (order, span) = order!(assign);
                let Some((to, place)) = given!(to) else {
                    self.error(span, "to whom? name a person in `to`");
                    return Vec::new();
                };
                self.known(place, "person", &to, scenario.people.keys().map(String::as_str));
                Verb::Assign { order, to }
            }
            "cancel" => {
                let (order, _) = order!(cancel);
                Verb::Cancel {
                    order,
                    reason: given!(reason).map_or_else(|| "cancelled".to_owned(), |r| r.0),
                }
            }
            "decide" => {
                let (order, span) = order!(decide);
                let (Some((rule, place)), Some((choice, _))) = (given!(rule), given!(choice))
                else {
                    self.error(span, "a decision names its `rule` and its `choice`");
                    return Vec::new();
                };
                let Some(found) = Rule::from_id(&rule) else {
                    let ids = doorstep::order::RULES.iter().map(|(rule, _)| rule.id());
                    self.known(place, "rule", &rule, ids);
                    return Vec::new();
                };
                if !fails && let Some(place) = raw.choice.as_ref().map(Spanned::span) {
                    self.known(place, "choice", &choice, found.choices().iter().map(|c| c.id()));
                }
                Verb::Decide { order, rule: found, choice }
            }
            "revoke" => {
                let Some((device, span)) = given!(revoke) else { return Vec::new() };
                self.known(
                    span.clone(),
                    "device",
                    &device,
                    scenario.devices.keys().map(String::as_str),
                );
                let Some((reason, place)) = given!(reason) else {
                    self.error(span, "why? write `reason`: lost, stolen, left or replaced");
                    return Vec::new();
                };
                let reasons = [
                    ("lost", RevokeReason::Lost),
                    ("stolen", RevokeReason::Stolen),
                    ("left", RevokeReason::Left),
                    ("replaced", RevokeReason::Replaced),
                ];
                let found = reasons.iter().find(|(name, _)| *name == reason);
                let Some((_, reason)) = found else {
                    self.known(place, "reason", &reason, reasons.iter().map(|(name, _)| *name));
                    return Vec::new();
                };
                Verb::Revoke { device, reason: *reason }
            }
            "code" => {
                let Some((name, span)) = given!(code) else { return Vec::new() };
                let Some((person, place)) = given!(for_) else {
                    self.error(span, "for whom? name a person in `for`");
                    return Vec::new();
                };
                self.known(place, "person", &person, scenario.people.keys().map(String::as_str));
                known.codes.push(name.clone());
                Verb::Code { name, person }
            }
            "publish" => {
                let Some(file) = &raw.publish else { return Vec::new() };
                let Some(text) = self.read_beside(file) else { return Vec::new() };
                Verb::Publish(text)
            }
            _ => {
                let Some((expect, span)) = given!(expect) else { return Vec::new() };
                self.expect(scenario, &expect, span);
                Verb::Expect(Box::new(expect))
            }
        };
        vec![done]
    }

    fn network(&mut self, network: RawNetwork, span: Range<usize>) -> Option<Network> {
        match network {
            RawNetwork::Word(word) => match word.as_str() {
                "on" => Some(Network::default()),
                "off" => Some(Network { off: true, ..Network::default() }),
                "slow" => Some(Network {
                    delay_ms: 100,
                    bytes_per_second: Some(20_000),
                    ..Network::default()
                }),
                _ => {
                    let imposter = Imposter::ALL.iter().find(|(name, _)| *name == word);
                    if let Some((_, imposter)) = imposter {
                        return Some(Network { imposter: Some(*imposter), ..Network::default() });
                    }
                    let imposters = Imposter::ALL.iter().map(|(name, _)| *name);
                    let words = ["on", "off", "slow"].into_iter().chain(imposters);
                    self.known(span, "state of the network", &word, words);
                    None
                }
            },
            RawNetwork::Fault(fault) => {
                if fault.delay_ms > 5_000 || fault.bytes_per_second.is_some_and(|b| b < 100) {
                    self.error(span, "a fault delays by at most 5000 ms and lets at least 100 bytes a second through");
                    return None;
                }
                Some(Network {
                    off: false,
                    imposter: None,
                    delay_ms: fault.delay_ms,
                    bytes_per_second: fault.bytes_per_second,
                    cut_after_bytes: fault.cut_after_bytes,
                })
            }
        }
    }

    fn expect(&mut self, scenario: &Scenario, expect: &RawExpect, span: Range<usize>) {
        let devices = || scenario.devices.keys().map(String::as_str);
        for name in expect.of.iter().flat_map(|of| of.list()) {
            let known = devices().chain(["server", "everyone"]);
            self.known(span.clone(), "device", &name, known);
        }
        for order in [&expect.agree, &expect.order, &expect.visit].into_iter().flatten() {
            self.known(span.clone(), "order", order, scenario.orders.keys().map(String::as_str));
        }
        if let Some(by) = &expect.by {
            self.known(span.clone(), "device", by, devices());
        }
        if let Some(problem) = crate::expect::contradiction(expect) {
            self.error(span, problem);
        }
    }
}

fn full(line: RawLine) -> RawFullLine {
    match line {
        RawLine::Code(code) => RawFullLine { code, quantity: 1, free: None },
        RawLine::Full(line) => line,
    }
}

//! From a scenario's TOML to its meaning: files it names, people, devices, premises, orders.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use doorstep::{
    base::{SourceError, did_you_mean},
    money::PriceList,
    standard::{Profile, SHIPPED_PROFILE, SHIPPED_STANDARDS, Standard},
};
use toml::Spanned;

use crate::{
    raw::{RawOrder, RawScenario, RawStep, Role, Str},
    scenario::{Device, MAX_OF_A_KIND, MAX_STEPS, Order, Person, Scenario},
    steps::Known,
    time::{Start, duration},
};

/// The largest picture that a camera takes of itself, in kilobytes.
const MAX_CAMERA: usize = 400;

/// Collects what is wrong, each at its place.
pub(crate) struct Loader<'a> {
    pub(crate) file: &'a Path,
    pub(crate) text: &'a str,
    pub(crate) errors: Vec<(PathBuf, SourceError)>,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'a> Loader<'a> {
    pub(crate) fn new(file: &'a Path, text: &'a str) -> Loader<'a> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Loader { file, text, errors: Vec::new(), starts }
    }

    /// The line of a place in the text, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at)
    }

    pub(crate) fn error(&mut self, span: Range<usize>, message: impl Into<String>) {
        let error = SourceError::in_span(self.text, span, message);
        self.errors.push((self.file.to_owned(), error));
    }

    /// What a parser of some text made of it, or an error at its place.
    pub(crate) fn take<T>(&mut self, span: Range<usize>, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|message| self.error(span, message)).ok()
    }

    /// Whether `name` is one of `known`, or an error.
    pub(crate) fn known<'k>(
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

    pub(crate) fn read_beside(&mut self, name: &Str) -> Option<String> {
        let path = self.file.parent().unwrap_or(Path::new("")).join(name.get_ref());
        let read = std::fs::read_to_string(&path);
        self.take(
            name.span(),
            read.map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => {
                    format!("{}: there is no such file", path.display())
                }
                _ => format!("{}: {error}", path.display()),
            }),
        )
    }

    pub(crate) fn scenario(&mut self, raw: RawScenario) -> Option<Scenario> {
        let start = Start::parse(raw.start.get_ref());
        let start = self.take(raw.start.span(), start)?;
        let standards = self.standards(&raw.standards);
        let price_list = self.price_list(raw.price_list.as_ref())?;
        let profile = self.profile(raw.profile.as_ref())?;
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
                receipts: device.receipts,
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
                promises: order.promises,
                emergency: order.emergency,
                assigned_to: order.assigned_to.map(Spanned::into_inner),
                opened: order.opened.unwrap_or(true),
            };
            orders.insert(name.into_inner(), order);
        }
        if !people.values().any(|person| person.role == Role::Supervisor) {
            self.error(0..0, "a scenario has at least one person with role = \"supervisor\"");
        }
        let keep = raw.keep.as_ref().and_then(|keep| {
            let ms = duration(keep.get_ref()).and_then(|ms| match ms {
                0.. => Ok(ms),
                _ => Err("`keep` cannot be less than nothing".to_owned()),
            });
            self.take(keep.span(), ms)
        });
        let camera = raw.camera.as_ref().map_or(0, |camera| {
            if *camera.get_ref() > MAX_CAMERA {
                let message = format!("a picture has at most {MAX_CAMERA} kilobytes");
                self.error(camera.span(), message);
            }
            *camera.get_ref()
        });
        let mut scenario = Scenario {
            file: self.file.to_owned(),
            title: raw.title,
            start,
            seed: raw.seed,
            company: raw.company,
            keep_ms: keep.unwrap_or(doorstep_server::Settings::default().keep_ms),
            camera,
            standards,
            price_list,
            profile,
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

    fn profile(&mut self, file: Option<&Str>) -> Option<String> {
        let Some(name) = file else { return Some(SHIPPED_PROFILE.text.to_owned()) };
        let text = self.read_beside(name)?;
        match Profile::load(&text) {
            Ok(_) => Some(text),
            Err(errors) => {
                self.in_file(name, errors);
                None
            }
        }
    }

    fn in_file(&mut self, name: &Str, errors: Vec<SourceError>) {
        let path = self.file.parent().unwrap_or(Path::new("")).join(name.get_ref());
        self.errors.extend(errors.into_iter().map(|error| (path.clone(), error)));
    }

    fn standard_of(
        &mut self,
        name: &Str,
        order: &RawOrder,
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
        let mut known = Known::new(scenario.start.instant());
        let mut steps = Vec::new();
        for step in raw.into_iter().take(MAX_STEPS) {
            let span = step.span();
            steps.extend(self.step(scenario, &mut known, span, step.into_inner()));
        }
        scenario.steps = steps;
    }
}

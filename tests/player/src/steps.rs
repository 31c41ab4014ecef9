//! Steps: who does what when, each with one meaning.

use std::{collections::BTreeMap, ops::Range};

use doorstep::{
    base::Instant,
    event::DetailInput,
    money::PriceList,
    order::Rule,
    standard::{Calendar, Profile, ServicePromises, Standard},
};
use doorstep_server::store::RevokeReason;
use toml::Spanned;

use crate::{
    load::Loader,
    raw::{RawDetail, RawExpect, RawFullLine, RawLine, RawNetwork, RawStep, Role},
    scenario::{Imposter, Network, Scenario, Step, Tap, Verb},
    time::duration,
};

/// What steps before have named.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) at: Instant,
    labels: Vec<String>,
    codes: Vec<String>,
    backups: Vec<String>,
    /// Backups of the server, and files for a stick.
    nights: Vec<String>,
    packed: Vec<String>,
    /// The order each device visits.
    visiting: BTreeMap<String, String>,
}

impl Known {
    pub(crate) fn new(at: Instant) -> Known {
        Known { at, ..Known::default() }
    }
}

/// Verbs, who may do them, and the options they take.
const VERBS: &[(&str, &str, &[&str])] = &[
    ("start_shift", "device", &[]),
    ("close_shift", "device", &["reason", "pieces"]),
    ("read_meter", "device", &["visit", "reading"]),
    ("read_next", "device", &["reading", "confirmed"]),
    ("hand_over", "device", &["to", "to_badge", "items", "signed_by"]),
    ("take_cash", "device", &["from_badge"]),
    ("invoice", "device", &["title", "taxpayer", "send_to"]),
    ("draw_notice", "device", &["visit"]),
    ("hazard", "device", &["visit", "grade", "party", "text", "photos", "of_hazard", "of_order"]),
    ("duty", "device", &["visit", "of_hazard", "number", "photo", "text", "witness", "refused"]),
    ("recheck", "device", &["visit", "grade", "photos", "of_order"]),
    ("shut_off", "device", &["visit", "of_hazard", "paper", "photo"]),
    ("restore_gas", "device", &["visit", "of_order"]),
    ("void", "device", &["reason", "copies_back"]),
    ("refund", "device", &["from", "method"]),
    ("return_deposit", "device", &["visit", "from", "count", "by_code", "method"]),
    ("start_visit", "device", &[]),
    ("note", "device", &["visit"]),
    ("take_photo", "device", &["visit", "kilobytes"]),
    ("record", "device", &["visit", "value", "text", "remark"]),
    ("correct", "device", &["visit", "value", "text", "reason"]),
    ("explain", "device", &["visit", "finding"]),
    ("quote", "device", &["visit"]),
    ("accept_quote", "device", &["visit"]),
    ("charge", "device", &["visit"]),
    ("pay", "device", &["visit", "method", "part", "photo"]),
    ("sign", "device", &["visit"]),
    ("finish", "device", &["visit"]),
    ("repeat", "device", &[]),
    ("sync", "devices", &[]),
    ("photos_wifi_only", "devices", &[]),
    ("photos_now", "devices", &[]),
    ("network", "devices", &[]),
    ("kill", "devices", &[]),
    ("restart", "devices", &[]),
    ("reboot", "devices", &[]),
    ("backup", "device", &[]),
    ("restore", "device", &[]),
    ("clock", "devices", &[]),
    ("enrol", "device", &[]),
    ("enrol_again", "device", &[]),
    ("pack", "device", &[]),
    ("carry", "anyone", &[]),
    ("unpack", "device", &[]),
    ("hand_visit", "device", &["to"]),
    ("take_visit", "device", &["altered"]),
    ("take_back", "device", &[]),
    ("server_backup", "nobody", &[]),
    ("server_restore", "nobody", &["restored"]),
    ("verify_receipt", "device", &["altered"]),
    ("verify_visit", "device", &["altered"]),
    ("look", "anyone", &[]),
    ("change", "anyone", &["detail"]),
    ("told_reading", "office", &["meter", "reading"]),
    ("open", "office", &[]),
    ("assign", "office", &["to"]),
    ("cancel", "office", &["reason"]),
    ("decide", "office", &["rule", "choice"]),
    ("approve_refund", "office", &["from", "amount"]),
    ("erase_photos", "office", &["photos"]),
    ("judge_claim", "office", &["from", "result"]),
    ("office", "office", &["body"]),
    ("revoke", "office", &["reason", "effective"]),
    ("release", "office", &["choice"]),
    ("code", "office", &["for"]),
    ("publish", "office", &["key"]),
    ("expect", "nobody", &[]),
];
/// How an order can stand.
const STATUSES: [&str; 9] = [
    "open",
    "assigned",
    "in_progress",
    "attempted",
    "back_to_office",
    "letter_due",
    "done",
    "cancelled",
    "expired",
];
const ALWAYS: &[&str] = &["at", "who", "show", "as", "fails", "says", "cut"];

impl Loader<'_> {
    pub(crate) fn step(
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
        let flags = [&raw.sync, &raw.kill, &raw.restart, &raw.reboot, &raw.look, &raw.draw_notice];
        for flag in flags.into_iter().flatten().filter(|flag| !flag.get_ref()) {
            self.error(flag.span(), "what is not done is no step: write `true`, or take it out");
        }
        let kind = entry.map_or("nobody", |(_, kind, _)| *kind);
        let Some(who) = self.who(scenario, &raw, kind, verb, &span) else { return Vec::new() };
        let errors = self.errors.len();
        let verbs = self.verb(scenario, known, &raw, &who, verb);
        if self.errors.len() > errors {
            return Vec::new();
        }
        let line = self.line(span.start);
        let label = raw.as_.as_ref().map(|label| label.get_ref().clone());
        if let Some(label) = &raw.as_ {
            if verbs.len() != 1 || !matches!(verbs[0], Verb::Tap(_)) {
                self.error(label.span(), "only one tap of a phone can be named to be repeated");
            }
            known.labels.push(label.get_ref().clone());
        }
        let mut show = raw.show.map(Spanned::into_inner);
        if let (Some(says), None) = (&raw.says, &raw.fails) {
            self.error(says.span(), "`says` tells what a step that `fails` is refused with");
        }
        let says = raw.says.iter().flat_map(|says| says.get_ref());
        let says: Vec<_> =
            says.flat_map(|(lang, parts)| parts.list().into_iter().map(|it| (*lang, it))).collect();
        let step = |verb| Step {
            line,
            at: known.at,
            who: who.clone(),
            show: show.take(),
            verb,
            label: label.clone(),
            fails: raw.fails.as_ref().map(|kind| kind.get_ref().clone()),
            says: says.clone(),
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
            "close_shift" => Verb::Tap(Tap::CloseShift {
                counted: given!(close_shift).map(|v| v.0).unwrap_or_default(),
                pieces: given!(pieces).map(|v| v.0).unwrap_or_default(),
                reason: given!(reason).map(|v| v.0),
            }),
            "hazard" | "duty" | "recheck" | "shut_off" | "restore_gas" => {
                let visit = self.visit(scenario, known, raw, who, span_of(raw, verb));
                let (Some(visit), Some(tap)) = (visit, crate::hazard::read(raw, verb)) else {
                    return Vec::new();
                };
                Verb::Tap(Tap::Hazard { visit, tap })
            }
            "read_meter" => {
                let reading = given!(reading).map(|r| r.0);
                if let (None, Some((_, span))) = (&reading, given!(read_meter)) {
                    self.error(span, "what was read? write `reading = { value = \"…\" }`");
                    return Vec::new();
                }
                tap!(read_meter, |visit, meter| Tap::ReadMeter {
                    visit,
                    meter,
                    reading: reading.map(Box::new),
                })
            }
            "read_next" => {
                let (order, span) = order!(read_next);
                let Some((reading, _)) = given!(reading) else {
                    self.error(span, "what was read? write `reading = { value = \"…\" }`");
                    return Vec::new();
                };
                if let Some(device) = who.first() {
                    known.visiting.insert(device.clone(), order.clone());
                }
                let confirmed = given!(confirmed).is_some_and(|c| c.0);
                Verb::Tap(Tap::ReadNext { order, reading: Box::new(reading), confirmed })
            }
            "void" => Verb::Tap(Tap::Void {
                receipt: given!(void).map_or(0, |v| v.0),
                copies_back: given!(copies_back).is_none_or(|v| v.0),
                reason: given!(reason).map(|v| v.0).unwrap_or_default(),
            }),
            "refund" => {
                let Some((receipt, span)) = given!(refund) else { return Vec::new() };
                let Some(of) = self.issuer(scenario, raw, who, span) else { return Vec::new() };
                Verb::Tap(Tap::Refund { receipt, of, claim: given!(method).map(|m| m.0) })
            }
            "return_deposit" => {
                let Some((receipt, span)) = given!(return_deposit) else { return Vec::new() };
                let Some(of) = self.issuer(scenario, raw, who, span.clone()) else {
                    return Vec::new();
                };
                let Some(visit) = self.visit(scenario, known, raw, who, span) else {
                    return Vec::new();
                };
                Verb::Tap(Tap::ReturnDeposit {
                    visit,
                    receipt,
                    of,
                    count: given!(count).map_or(1, |c| c.0),
                    by_code: given!(by_code).is_some_and(|c| c.0),
                    claim: given!(method).map(|m| m.0),
                })
            }
            "erase_photos" => {
                let (order, _) = order!(erase_photos);
                Verb::ErasePhotos { order, photos: given!(photos).map_or_else(Vec::new, |p| p.0) }
            }
            "approve_refund" => {
                let Some((receipt, span)) = given!(approve_refund) else { return Vec::new() };
                let Some(of) = self.issuer(scenario, raw, &[], span.clone()) else {
                    return Vec::new();
                };
                let Some((amount, _)) = given!(amount) else {
                    self.error(span, "how much may go back? write `amount`");
                    return Vec::new();
                };
                Verb::ApproveRefund { receipt, of, amount }
            }
            "judge_claim" => {
                let Some((receipt, span)) = given!(judge_claim) else { return Vec::new() };
                let Some(of) = self.issuer(scenario, raw, &[], span.clone()) else {
                    return Vec::new();
                };
                let Some((result, _)) = given!(result) else {
                    self.error(
                        span,
                        "what does the provider say? write `result`: settled or bounced",
                    );
                    return Vec::new();
                };
                Verb::JudgeClaim { receipt, of, result }
            }
            "start_visit" => {
                let (order, _) = order!(start_visit);
                if let Some(device) = who.first().filter(|_| !fails) {
                    known.visiting.insert(device.clone(), order.clone());
                }
                Verb::Tap(Tap::StartVisit(order))
            }
            "take_photo" => {
                let kilobytes = given!(kilobytes).map_or(200, |k| k.0);
                if kilobytes > 64 * 1024 {
                    self.error(span_of(raw, "kilobytes"), "a photo of more than 64 MB is none");
                    return Vec::new();
                }
                tap!(take_photo, |visit, words| Tap::TakePhoto { visit, words, kilobytes })
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
            "hand_over" => Verb::Tap(Tap::HandOver {
                amount: given!(hand_over).map(|v| v.0).unwrap_or_default(),
                to: given!(to).map(|v| v.0).unwrap_or_default(),
                badge: given!(to_badge).map(|v| v.0).unwrap_or_default(),
                items: given!(items).map(|v| v.0).unwrap_or_default(),
                signatures: given!(signed_by).map_or(2, |v| v.0),
            }),
            "take_cash" => Verb::Tap(Tap::TakeCash {
                amount: given!(take_cash).map(|v| v.0).unwrap_or_default(),
                badge: given!(from_badge).map(|v| v.0).unwrap_or_default(),
            }),
            "invoice" => Verb::Tap(Tap::Invoice {
                receipt: given!(invoice).map_or(0, |v| v.0),
                title: given!(title).map(|v| v.0).unwrap_or_default(),
                taxpayer: given!(taxpayer).map(|v| v.0),
                send_to: given!(send_to).map(|v| v.0).unwrap_or_default(),
            }),
            "draw_notice" => tap!(draw_notice, |visit, _drawn| Tap::DrawNotice { visit }),
            "correct" => {
                let value = given!(value).map(|(value, _)| value);
                let (text, reason) = (given!(text).map(|t| t.0), given!(reason).map(|r| r.0));
                tap!(correct, |visit, step| Tap::Correct {
                    visit,
                    step,
                    value,
                    text,
                    reason: reason.unwrap_or_default(),
                })
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
            "quote" => {
                if let Some((lines, span)) = given!(quote) {
                    let lines: Vec<_> = lines.into_iter().map(full).collect();
                    self.lines(scenario, &lines, fails, &span);
                }
                tap!(quote, |visit, lines| Tap::Quote {
                    visit,
                    lines: lines.into_iter().map(full).collect(),
                })
            }
            "accept_quote" => {
                tap!(accept_quote, |visit, version| Tap::AcceptQuote { visit, version })
            }
            "charge" => {
                let Some((lines, span)) = given!(charge) else { return Vec::new() };
                let Some(visit) = self.visit(scenario, known, raw, who, span.clone()) else {
                    return Vec::new();
                };
                if lines.is_empty() {
                    self.error(span.clone(), "name at least one line of the price list");
                }
                let lines: Vec<_> = lines.into_iter().map(full).collect();
                self.lines(scenario, &lines, fails, &span);
                let tap = |line| Verb::Tap(Tap::Charge { visit: visit.clone(), line });
                return lines.into_iter().map(tap).collect();
            }
            "pay" => {
                let claim = given!(method).map(|m| m.0);
                let part = given!(part).map(|p| p.0);
                let photo = given!(photo).map(|p| p.0);
                tap!(pay, |visit, tendered| Tap::Pay { visit, tendered, claim, part, photo })
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
                self.known(
                    span,
                    "tap named by `as`",
                    &label,
                    known.labels.iter().map(String::as_str),
                );
                Verb::Repeat(label)
            }
            "sync" => Verb::Sync,
            "photos_wifi_only" => {
                Verb::PhotosWifiOnly(given!(photos_wifi_only).is_none_or(|only| only.0))
            }
            "photos_now" => Verb::PhotosNow,
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
            "enrol" | "enrol_again" => {
                let again = raw.enrol_again.is_some();
                let written = if again { given!(enrol_again) } else { given!(enrol) };
                let Some((code, span)) = written else { return Vec::new() };
                if !fails {
                    self.known(
                        span,
                        "enrolment code",
                        &code,
                        known.codes.iter().map(String::as_str),
                    );
                }
                if again { Verb::EnrolAgain(code) } else { Verb::Enrol(code) }
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
            "change" => {
                let (order, span) = order!(change);
                let detail = given!(detail).map(|(detail, _)| detail);
                let change = detail.and_then(|detail| self.detail(scenario, known, &detail, &span));
                let Some(change) = change else {
                    self.error(
                        span,
                        "change what? write `detail`: phone, access_note, warning, or from and to",
                    );
                    return Vec::new();
                };
                Verb::Change { order, change }
            }
            "told_reading" => {
                let (order, span) = order!(told_reading);
                let (Some((meter, _)), Some((reading, _))) = (given!(meter), given!(reading))
                else {
                    self.error(span, "write `meter`, and `reading = { value, kind, source }`");
                    return Vec::new();
                };
                let read_at = match &reading.read_at {
                    Some(text) => match self.take(span, scenario.start.step(text, known.at)) {
                        Some(at) => Some(at),
                        None => return Vec::new(),
                    },
                    None => None,
                };
                Verb::ToldReading { order, meter, reading: Box::new(reading), read_at }
            }
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
                    let ids = doorstep::order::RULES.iter().map(|row| row.rule.id());
                    self.known(place, "rule", &rule, ids);
                    return Vec::new();
                };
                if !fails && let Some(place) = raw.choice.as_ref().map(Spanned::span) {
                    self.known(place, "choice", &choice, found.choices().iter().map(|c| c.id()));
                }
                Verb::Decide { order, rule: found, choice }
            }
            "office" => {
                let Some((path, _)) = given!(office) else { return Vec::new() };
                let body = given!(body).map(|(body, _)| body);
                let body = serde_json::to_value(body).unwrap_or_default();
                let body = if body.is_null() { serde_json::json!({}) } else { body };
                Verb::Office { path, body }
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
                let effective = given!(effective).and_then(|(text, place)| {
                    self.take(place, scenario.start.step(&text, known.at))
                });
                Verb::Revoke { device, reason: *reason, effective }
            }
            "release" => {
                let Some((device, span)) = given!(release) else { return Vec::new() };
                let devices = scenario.devices.keys().map(String::as_str);
                self.known(span.clone(), "device", &device, devices);
                let Some((choice, place)) = given!(choice) else {
                    self.error(span, "what is decided? write `choice`");
                    return Vec::new();
                };
                let choices = ["admit", "refuse", "main_counts", "branch_counts"];
                self.known(place, "choice", &choice, choices);
                Verb::Release { device, choice }
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
                let key = given!(key).map(|(key, _)| key).or_else(|| key_of(&text));
                let Some(key) = key else {
                    self.error(
                        file.span(),
                        "this can't be published (`doorstep standard check` says why); for another document, or to see it refused, name its `key`",
                    );
                    return Vec::new();
                };
                Verb::Publish { key, text }
            }
            "pack" => {
                let Some((name, _)) = given!(pack) else { return Vec::new() };
                known.packed.push(name.clone());
                Verb::Pack(name)
            }
            "carry" | "unpack" => {
                let carry = verb == "carry";
                let written = if carry { given!(carry) } else { given!(unpack) };
                let Some((name, span)) = written else { return Vec::new() };
                self.known(span, "file of `pack`", &name, known.packed.iter().map(String::as_str));
                if carry { Verb::Carry(name) } else { Verb::Unpack(name) }
            }
            "hand_visit" => {
                let (order, span) = order!(hand_visit);
                let Some((to, place)) = given!(to) else {
                    self.error(span, "to which phone? name a device in `to`");
                    return Vec::new();
                };
                self.known(place, "device", &to, scenario.devices.keys().map(String::as_str));
                Verb::HandVisit { order, to }
            }
            "take_back" => {
                let (order, _) = order!(take_back);
                Verb::TakeBack(order)
            }
            "take_visit" => {
                let (order, _) = order!(take_visit);
                if let Some(device) = who.first().filter(|_| !fails) {
                    known.visiting.insert(device.clone(), order.clone());
                }
                Verb::TakeVisit { order, altered: given!(altered).is_some_and(|a| a.0) }
            }
            "server_backup" => {
                let Some((name, _)) = given!(server_backup) else { return Vec::new() };
                known.nights.push(name.clone());
                Verb::ServerBackup(name)
            }
            "server_restore" => {
                let Some((name, span)) = given!(server_restore) else { return Vec::new() };
                self.known(
                    span,
                    "backup of the server",
                    &name,
                    known.nights.iter().map(String::as_str),
                );
                Verb::ServerRestore { name, told: given!(restored).is_none_or(|r| r.0) }
            }
            _ => {
                let Some((expect, span)) = given!(expect) else { return Vec::new() };
                self.expect(scenario, &expect, span);
                Verb::Expect(Box::new(expect))
            }
        };
        vec![done]
    }

    /// The one thing that a step changes.
    fn detail(
        &mut self,
        scenario: &Scenario,
        known: &Known,
        detail: &RawDetail,
        span: &Range<usize>,
    ) -> Option<DetailInput> {
        let mut time = |text: &String| self.take(span.clone(), scenario.start.step(text, known.at));
        match detail {
            RawDetail { phone: Some(text), .. } => Some(DetailInput::Phone { text: text.clone() }),
            RawDetail { access_note: Some(text), .. } => {
                Some(DetailInput::AccessNote { text: text.clone() })
            }
            RawDetail { warning: Some(code), away, .. } => {
                Some(DetailInput::Warning { code: code.clone(), away: *away })
            }
            RawDetail { called_off: true, .. } => Some(DetailInput::NoAppointment),
            RawDetail { from: Some(from), to: Some(to), agreed, .. } => {
                let (from, to) = (time(from)?, time(to)?);
                Some(DetailInput::Appointment { from, to, agreed: *agreed })
            }
            _ => None,
        }
    }

    /// The device whose receipt is meant: `from`, or the one that acts.
    fn issuer(
        &mut self,
        scenario: &Scenario,
        raw: &RawStep,
        who: &[String],
        span: Range<usize>,
    ) -> Option<String> {
        match (&raw.from, who.first()) {
            (Some(from), _) => {
                let devices = scenario.devices.keys().map(String::as_str);
                self.known(from.span(), "device", from.get_ref(), devices)
                    .then(|| from.get_ref().clone())
            }
            (None, Some(who)) => Some(who.clone()),
            (None, None) => {
                self.error(span, "whose receipt? name the device in `from`");
                None
            }
        }
    }

    fn network(&mut self, network: RawNetwork, span: Range<usize>) -> Option<Network> {
        match network {
            RawNetwork::Word(word) => match word.as_str() {
                "on" => Some(Network::default()),
                "off" => Some(Network { off: true, ..Network::default() }),
                "metered" => Some(Network { metered: true, ..Network::default() }),
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
                    let words = ["on", "off", "metered", "slow"].into_iter().chain(imposters);
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
                    metered: false,
                    off: false,
                    imposter: None,
                    delay_ms: fault.delay_ms,
                    bytes_per_second: fault.bytes_per_second,
                    cut_after_bytes: fault.cut_after_bytes,
                    off_after_bytes: fault.off_after_bytes,
                })
            }
        }
    }

    fn expect(&mut self, scenario: &Scenario, expect: &RawExpect, span: Range<usize>) {
        let devices = || scenario.devices.keys().map(String::as_str);
        for name in expect.of.iter().flat_map(|of| of.list()) {
            let known = devices().chain(["server", "everyone"]);
            self.known(self.quoted(&span, &name), "device", &name, known);
        }
        if let Some(device) = &expect.held_back {
            let devices = scenario.devices.keys().map(String::as_str);
            self.known(span.clone(), "device", device, devices);
        }
        for order in [&expect.agree, &expect.order, &expect.visit].into_iter().flatten() {
            let orders = scenario.orders.keys().map(String::as_str);
            self.known(self.quoted(&span, order), "order", order, orders);
        }
        if let Some(by) = &expect.by {
            self.known(self.quoted(&span, by), "device", by, devices());
        }
        let words = [
            ("status", &expect.status, &STATUSES[..]),
            ("word of who counts", &expect.counts, &["fully", "charges_flagged", "excluded"]),
            ("word of who looks", &expect.looks, &["dispatcher", "supervisor"]),
        ];
        for (what, word, known) in words {
            if let Some(word) = word {
                self.known(self.quoted(&span, word), what, word, known.iter().copied());
            }
        }
        let lists = [&expect.conflicts, &expect.open_conflicts, &expect.told].into_iter().flatten();
        let decided = expect.decided.iter().flat_map(|decided| decided.keys());
        for rule in lists.flatten().chain(decided).chain(&expect.conflict) {
            let ids = doorstep::order::RULES.iter().map(|row| row.rule.id());
            self.known(self.quoted(&span, rule), "rule", rule, ids);
        }
        if let Some(problem) = crate::expect::contradiction(expect) {
            self.error(span, problem);
        }
    }

    /// Lines of the price list: their codes are known, unless the step is meant to fail.
    fn lines(
        &mut self,
        scenario: &Scenario,
        lines: &[RawFullLine],
        fails: bool,
        span: &Range<usize>,
    ) {
        for line in lines.iter().filter(|_| !fails) {
            let codes = scenario.price_list.1.items().iter().map(|item| item.code.as_str());
            let place = self.quoted(span, &line.code);
            self.known(place, "code of the price list", &line.code, codes);
        }
    }

    /// Where `name` stands in quotes within a value, or the whole value.
    fn quoted(&self, span: &Range<usize>, name: &str) -> Range<usize> {
        let value = self.text.get(span.clone()).unwrap_or("");
        match value.find(&format!("\"{name}\"")) {
            Some(at) => span.start + at..span.end,
            None => span.clone(),
        }
    }
}

/// Where a key's value stands.
fn span_of(raw: &RawStep, key: &str) -> Range<usize> {
    raw.keys().into_iter().find(|(name, _)| *name == key).map(|(_, span)| span).unwrap_or_default()
}

fn full(line: RawLine) -> RawFullLine {
    match line {
        RawLine::Code(code) => RawFullLine { code, quantity: 1, free: None },
        RawLine::Full(line) => line,
    }
}

/// What a document is published under: the kind it loads as.
fn key_of(text: &str) -> Option<String> {
    if let Ok(standard) = Standard::load(text) {
        return Some(format!("standard/{}", standard.id()));
    }
    let key = match text {
        _ if ServicePromises::load(text).is_ok() => "service-promises",
        _ if Calendar::load(text).is_ok() => "calendar",
        _ if Profile::load(text).is_ok() => "profile",
        _ if PriceList::load(text).is_ok() => "price-list",
        _ => return None,
    };
    Some(key.to_owned())
}

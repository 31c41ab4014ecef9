//! Before the first door: what to carry, and whether one may work.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::ComplaintReminder;
use crate::{
    base::{ClockReading, Id, Lang, Text3},
    standard::{KitKind, Profile, Qualifications, Standard},
    text::{id_of, named, tr},
};

/// What the morning's screen is made of.
#[derive(Debug, Clone, Copy)]
pub struct MorningFacts<'a> {
    /// Who works.
    pub person: Id,
    /// A shift is open.
    pub shift_open: bool,
    /// The standards of today's orders that are not over, each with how many.
    pub work: &'a [(&'a Standard, u64)],
    /// The profile of the region.
    pub profile: Option<&'a Profile>,
    /// Certificates, where the office publishes them.
    pub qualifications: Option<&'a Qualifications>,
    /// Complaints this technician is reminded of.
    pub complaints: &'a [ComplaintReminder],
}

/// The morning's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MorningScreen {
    /// A shift is open on this phone.
    pub shift_open: bool,
    /// Orders that are not over.
    pub orders: i64,
    /// What to carry: tools, parts, papers.
    pub kit: Vec<KitLine>,
    /// Certificates that today's work asks for, those in trouble first.
    pub certificates: Vec<CertificateLine>,
    /// Something stands in the way of starting: a certificate that ended or is not there.
    pub trouble: Option<String>,
    /// Complaints to be seen to soon, or by now; the earliest first.
    pub complaints: Vec<ComplaintReminder>,
}

/// One thing to carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KitLine {
    /// Its id.
    pub id: String,
    /// What sort, in words.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// How many at least.
    pub count: i64,
    /// For which work, in words.
    pub work: String,
}

/// How a certificate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// None is known.
    Missing,
    /// It ended.
    Ended,
    /// It ends soon.
    EndsSoon,
    /// It holds.
    Valid,
}

/// A certificate that today's work asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateLine {
    /// Its kind.
    pub kind: String,
    /// How it stands.
    pub state: CertificateState,
    /// Which, and how it stands, in words.
    pub text: String,
}

struct Carried<'a> {
    title: &'a Text3,
    count: u64,
    work: Vec<&'a str>,
}

impl MorningScreen {
    /// The screen at `clock`.
    pub fn new(facts: &MorningFacts<'_>, clock: &ClockReading, lang: Lang) -> MorningScreen {
        let certificates = certificates(facts, clock, lang);
        let stops = |line: &&CertificateLine| line.state <= CertificateState::Ended;
        let trouble = certificates.iter().find(stops).map(|line| line.text.clone());
        MorningScreen {
            complaints: facts.complaints.to_vec(),
            shift_open: facts.shift_open,
            orders: facts.work.iter().map(|(_, count)| *count as i64).sum(),
            kit: kit(facts.work, lang),
            certificates,
            trouble,
        }
    }
}

fn kit(work: &[(&Standard, u64)], lang: Lang) -> Vec<KitLine> {
    let mut carried: BTreeMap<(KitKind, &str), Carried<'_>> = BTreeMap::new();
    for (standard, orders) in work {
        for item in standard.kit() {
            let line = carried.entry((item.kind, item.id.as_str())).or_insert(Carried {
                title: &item.title,
                count: 0,
                work: Vec::new(),
            });
            // A tool serves every order; what stays at the customer's is gone.
            line.count = if item.each { line.count + orders } else { line.count.max(1) };
            line.work.push(standard.title().get(lang));
        }
    }
    let comma = tr(lang, "answer-comma", &[]);
    let line = |((kind, id), carried): ((KitKind, &str), Carried<'_>)| KitLine {
        id: id.to_owned(),
        kind: named(lang, "kit", &id_of(&kind)),
        title: carried.title.get(lang).to_owned(),
        count: carried.count as i64,
        work: carried.work.join(&comma),
    };
    carried.into_iter().map(line).collect()
}

fn certificates(
    facts: &MorningFacts<'_>,
    clock: &ClockReading,
    lang: Lang,
) -> Vec<CertificateLine> {
    // Where the office publishes none, nobody checks.
    let (Some(profile), Some(known)) = (facts.profile, facts.qualifications) else {
        return Vec::new();
    };
    let Some(today) = clock.wall.local(clock.zone).map(|local| local.date_naive()) else {
        return Vec::new();
    };
    let needed = |visits: &[crate::event::VisitKind]| {
        facts.work.iter().any(|(standard, _)| visits.contains(&standard.visit()))
    };
    let mut lines: Vec<_> = profile
        .certificates
        .iter()
        .filter(|required| needed(&required.visits))
        .map(|required| {
            let last = known.last(facts.person, &required.kind);
            let held = known.held(facts.person, &required.kind, clock.wall, clock.zone);
            let days = |until: NaiveDate| (until - today).num_days();
            let state = match last {
                None => CertificateState::Missing,
                Some(_) if !held => CertificateState::Ended,
                Some(last) if days(last.until) <= i64::from(required.warn_days) => {
                    CertificateState::EndsSoon
                }
                Some(_) => CertificateState::Valid,
            };
            let until = last.map_or_else(String::new, |last| last.until.to_string());
            let args = [("title", required.title.get(lang).into()), ("until", until.into())];
            CertificateLine {
                kind: required.kind.clone(),
                state,
                text: named_with(lang, state, &args),
            }
        })
        .collect();
    lines.sort_by_key(|line| line.state);
    lines
}

fn named_with(
    lang: Lang,
    state: CertificateState,
    args: &[(&str, crate::text::Value<'_>)],
) -> String {
    tr(lang, &format!("certificate-{}", id_of(&state).replace('_', "-")), args)
}

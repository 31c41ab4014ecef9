//! What is left with the customer about hazards, and on the door where nobody opened.

use super::{
    content::{Content, Document},
    layout::{Row, Style},
    receipt::{Company, company, minute},
};
use crate::{
    base::{Hash, Instant, Lang, Personal, Text3, Zone},
    event::{AfterLast, ShutOff, SignOffResult, Stroke},
    text::{Value, id_of, named, tr},
};

/// Who came where, when, for which order: what every notice begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeHead {
    /// Who sends somebody.
    pub company: Company,
    /// The notice's number.
    pub number: String,
    /// The work order's number as people call it.
    pub order: String,
    /// For whom; left out when empty.
    pub customer: Personal,
    /// Where.
    pub premises: Personal,
    /// Who came.
    pub worker: Personal,
    /// Their badge.
    pub badge: String,
    /// The number of the certificate such a visit needs; left out when empty.
    pub certificate: String,
    /// When.
    pub at: Instant,
    /// The zone the phone showed.
    pub zone: Zone,
}

/// One hazard of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeHazard {
    /// What it is about.
    pub item: Text3,
    /// The item is worded as what should be, and is not so.
    pub should_be: bool,
    /// Where, and what is wrong; left out when empty.
    pub text: Personal,
    /// Its grade in words.
    pub grade: Text3,
    /// Scale and code: the same word means another grade in another company.
    pub code: String,
    /// Where this grade is written down.
    pub basis: String,
    /// Who has to mend it; left out where nobody is named.
    pub party: Option<Text3>,
    /// What they are asked to do; left out where the grade doesn't say.
    pub action: Option<Text3>,
    /// To be mended by; advice only where there is none.
    pub due: Option<Instant>,
    /// When it is looked at again; left out where no day is set.
    pub recheck: Option<Instant>,
    /// The pictures of it: SHA-256 of their bytes, by which the record names them.
    pub photos: Vec<Hash>,
    /// It was mended and passed while somebody was there.
    pub mended: bool,
}

/// What was done at once about the gas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMeasure {
    /// What was shut off.
    pub what: ShutOff,
    /// When.
    pub at: Instant,
    /// The paper form's number, for a stop of supply.
    pub paper: Option<String>,
    /// It is on again, after a passed check.
    pub restored: bool,
}

/// How the notice was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeReceived {
    /// How the sign-off ended.
    pub result: SignOffResult,
    /// Who signed; left out when empty.
    pub signer: Personal,
    /// The signature.
    pub strokes: Vec<Stroke>,
    /// Why it was not signed; left out when empty.
    pub reason: Personal,
    /// Who saw it; left out when empty.
    pub witness: Personal,
}

/// The notice to mend hazards. It reminds; it asks nobody to buy anything from the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HazardNoticeDoc {
    /// Who, where, when.
    pub head: NoticeHead,
    /// What was found.
    pub hazards: Vec<NoticeHazard>,
    /// What was done at once.
    pub measures: Vec<NoticeMeasure>,
    /// What the customer said, by language; left out when empty.
    pub opinion: Vec<(Lang, Personal)>,
    /// How it was received; `None` before anybody was asked to sign.
    pub received: Option<NoticeReceived>,
}

impl NoticeHazard {
    /// All of it in one line, as a statement tells it.
    pub fn told(&self, lang: Lang, zone: Zone) -> Personal {
        let text = Some(self.text.reveal()).filter(|text| !text.is_empty());
        let parts: Vec<String> = [Some(self.found(lang)), text.map(str::to_owned)]
            .into_iter()
            .flatten()
            .chain([self.grade(lang), self.until(lang, zone)])
            .collect();
        Personal::new(parts.join(if lang == Lang::En { "; " } else { "；" }))
    }

    /// What was found.
    fn found(&self, lang: Lang) -> String {
        let item = self.item.get(lang);
        match self.should_be {
            true => tr(lang, "notice-not-so", &[("item", item.into())]),
            false => item.to_owned(),
        }
    }

    fn grade(&self, lang: Lang) -> String {
        let value = format!("{} ({})", self.grade.get(lang), self.code);
        tr(lang, "notice-grade", &[("value", value.into())])
    }

    /// Until when it is to be mended, if it is not.
    fn until(&self, lang: Lang, zone: Zone) -> String {
        let (id, value) = match (self.mended, self.due) {
            (true, _) => ("notice-mended", String::new()),
            (false, Some(due)) => ("notice-due", minute(due, zone)),
            (false, None) => ("notice-advice", String::new()),
        };
        tr(lang, id, &[("value", value.into())])
    }
}

impl HazardNoticeDoc {
    fn stops_supply(&self) -> bool {
        self.measures.iter().any(|measure| measure.what == ShutOff::Supply)
    }
}

impl Document for HazardNoticeDoc {
    fn content(&self, lang: Lang) -> Content {
        let say = |id: &str| Row::Text(tr(lang, id, &[]));
        let zone = self.head.zone;
        let mut rows = head(&self.head, "notice-hazards", lang);
        for (place, hazard) in self.hazards.iter().enumerate() {
            rows.push(Row::Text(format!("{}. {}", place + 1, hazard.found(lang))));
            let mut line = |id: &str, value: String| {
                rows.push(Row::Text(format!("   {}", tr(lang, id, &[("value", value.into())]))));
            };
            if !hazard.text.is_empty() {
                line("notice-text", hazard.text.reveal().to_owned());
            }
            line("notice-text", hazard.grade(lang));
            line("notice-basis", hazard.basis.clone());
            let to_do = [("notice-party", &hazard.party), ("notice-action", &hazard.action)];
            for (id, words) in to_do.iter().filter(|_| !hazard.mended) {
                if let Some(words) = words {
                    line(id, words.get(lang).to_owned());
                }
            }
            line("notice-text", hazard.until(lang, zone));
            if let Some(recheck) = hazard.recheck.filter(|_| !hazard.mended) {
                line("notice-recheck", minute(recheck, zone));
            }
            if !hazard.photos.is_empty() {
                let short = |hash: &Hash| hash.to_string().chars().take(8).collect::<String>();
                let names: Vec<_> = hazard.photos.iter().map(short).collect();
                line("notice-photos", format!("{} ({})", names.len(), names.join(", ")));
            }
        }
        rows.push(Row::Rule);
        if self.measures.is_empty() {
            rows.push(say("notice-no-measure"));
        }
        for measure in &self.measures {
            let what = ("what", Value::from(named(lang, "shut-off", &id_of(&measure.what))));
            let at = ("at", minute(measure.at, zone).into());
            rows.push(Row::Text(tr(lang, "notice-measure", &[what, at])));
            if let Some(paper) = &measure.paper {
                let paper = [("paper", Value::from(paper.as_str()))];
                rows.push(Row::Text(format!("   {}", tr(lang, "notice-form", &paper))));
            }
            if measure.restored {
                rows.push(Row::Text(format!("   {}", tr(lang, "notice-restored", &[]))));
            }
        }
        rows.push(say("notice-consequence"));
        rows.push(say("notice-free-choice"));
        rows.push(Row::Rule);
        self.signature(lang, &mut rows);
        foot(&self.head, lang, &mut rows);
        rows.push(say("notice-copies"));
        Content { rows, qr: String::new(), codes: Vec::new(), stamp: None }
    }

    /// A notice that goes with a stop of supply is signed by hand: the law on electronic signatures
    /// leaves such papers out.
    fn paper_only(&self) -> bool {
        self.stops_supply()
    }
}

impl HazardNoticeDoc {
    fn signature(&self, lang: Lang, rows: &mut Vec<Row>) {
        let said = self.opinion.iter().find(|(of, _)| *of == lang);
        if let Some((_, said)) = said.filter(|(_, said)| !said.is_empty()) {
            let (label, value) = (tr(lang, "notice-opinion", &[]), said.reveal().to_owned());
            rows.push(Row::Pair { label, value, style: Style::Plain });
        }
        if self.paper_only() {
            rows.push(Row::Text(tr(lang, "notice-paper-only", &[])));
        }
        match &self.received {
            Some(received) if !self.paper_only() => {
                let mut pair = |id: &str, value: String| {
                    rows.push(Row::Pair { label: tr(lang, id, &[]), value, style: Style::Plain });
                };
                let result = named(lang, "sign-result", &id_of(&received.result));
                pair("notice-received", result);
                for (id, text) in [
                    ("report-signer", &received.signer),
                    ("report-reason", &received.reason),
                    ("report-witness", &received.witness),
                ] {
                    if !text.is_empty() {
                        pair(id, text.reveal().to_owned());
                    }
                }
                if !received.strokes.is_empty() {
                    rows.push(Row::Signature(received.strokes.clone()));
                }
            }
            // By hand: room for name and date.
            _ => {
                let (label, style) = (tr(lang, "notice-by-hand", &[]), Style::Plain);
                rows.push(Row::Pair { label, value: "______________".to_owned(), style });
                let (label, style) = (tr(lang, "notice-on-day", &[]), Style::Plain);
                rows.push(Row::Pair { label, value: "______________".to_owned(), style });
            }
        }
        rows.push(Row::Rule);
    }
}

/// What hangs on the door where nobody opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAccessDoc {
    /// Who, where, when. Anybody may read it: the customer's name stays out.
    pub head: NoticeHead,
    /// What for.
    pub purpose: Text3,
    /// The how-manieth attempt that counts, and how many there are; `None` without a profile.
    pub attempt: Option<(u32, u32)>,
    /// What follows, where it was the last.
    pub then: Option<AfterLast>,
    /// Hours at which parts of the day begin and end that were not tried yet.
    pub next: Vec<(u32, u32)>,
}

impl Document for NoAccessDoc {
    fn content(&self, lang: Lang) -> Content {
        let mut rows = head(&self.head, "notice-no-access", lang);
        let at = minute(self.head.at, self.head.zone);
        let purpose = ("purpose", Value::from(self.purpose.get(lang)));
        rows.push(Row::Text(tr(lang, "notice-came", &[("at", at.into()), purpose])));
        if let Some((attempt, of)) = self.attempt {
            let numbers = [("attempt", attempt.to_string().into()), ("of", of.to_string().into())];
            rows.push(Row::Text(tr(lang, "notice-attempt", &numbers)));
        }
        if let Some(then) = &self.then {
            rows.push(Row::Text(named(lang, "notice-last", &id_of(then))));
        }
        if !self.next.is_empty() {
            rows.push(Row::Text(tr(lang, "notice-next", &[])));
            let slot = |(from, to): &(u32, u32)| Row::Text(format!("   {from:02}:00–{to:02}:00"));
            rows.extend(self.next.iter().map(slot));
        }
        rows.push(Row::Text(tr(lang, "notice-call", &[])));
        rows.push(Row::Rule);
        foot(&self.head, lang, &mut rows);
        Content { rows, qr: String::new(), codes: Vec::new(), stamp: None }
    }
}

pub(super) fn head(head: &NoticeHead, title: &str, lang: Lang) -> Vec<Row> {
    let say = |id: &str| tr(lang, id, &[]);
    let centre = |text: String, style| Row::Centre { text, style };
    let mut rows = vec![
        centre(head.company.name.get(lang).to_owned(), Style::Bold),
        centre(say(title), Style::Large),
        Row::Rule,
    ];
    let named = [("name", head.worker.reveal().into()), ("badge", head.badge.as_str().into())];
    let worker = tr(lang, "receipt-named", &named);
    for (id, value) in [
        ("notice-number", head.number.as_str()),
        ("notice-order", head.order.as_str()),
        ("notice-at", &minute(head.at, head.zone)),
        ("receipt-premises", head.premises.reveal()),
        ("notice-customer", head.customer.reveal()),
        ("notice-worker", &worker),
        ("notice-certificate", head.certificate.as_str()),
    ] {
        if !value.is_empty() {
            rows.push(Row::Pair { label: say(id), value: value.to_owned(), style: Style::Plain });
        }
    }
    rows.push(Row::Rule);
    rows
}

pub(super) fn foot(head: &NoticeHead, lang: Lang, rows: &mut Vec<Row>) {
    rows.extend(company(&head.company, lang).into_iter().map(Row::Text));
}

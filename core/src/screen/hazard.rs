//! The hazards of a visit and the gas that is off: what there is, what is still to be done about
//! it, and what can be chosen, in words.

use std::sync::Arc;

use serde::Serialize;

use super::{Choice, words::when};
use crate::{
    base::{Hash, Id, Instant, Lang, Personal, Text3, Zone},
    event::{Duty, ShutOff},
    order::{Hazard, OrderState, Stop},
    standard::{Grade, Party, Profile, Standard},
    sync::{OpenHazard, OpenHazards, OpenStop},
    text::{id_of, named, tr},
};

/// What the hazards of a visit are shown from.
#[derive(Debug, Clone, Copy)]
pub struct HazardFacts<'a> {
    /// The order, with its hazards and stops.
    pub order: &'a OrderState,
    /// The visit, and those it continues: what one of them found is settled before it ends.
    pub visits: &'a [Id],
    /// Not mended, and off, at these premises, as other orders left it.
    pub elsewhere: &'a OpenHazards,
    /// What this visit checked of it and found mended: order and finding.
    pub checked: &'a [(Id, Hash)],
    /// The shut-offs of other orders that this visit took back.
    pub restored: &'a [Hash],
    /// What was written about a hazard, while the key is here.
    pub texts: &'a [(Hash, Personal)],
    /// Words of grades, and what they ask for.
    pub profile: Option<&'a Profile>,
    /// The newest standards on the phone that have checklists.
    pub tables: &'a [Arc<Standard>],
}

/// A hazard, as a visit shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HazardCard {
    /// The order it was found under: a check under another one names it.
    pub order: Id,
    /// Its finding: what a duty, a check or a shut-off names.
    pub event: Hash,
    /// What it is about, as the checklist calls it.
    pub item: String,
    /// Where, and what is wrong, while the key is here.
    pub text: Option<Personal>,
    /// Its grade in words.
    pub grade: String,
    /// The grade's code on its scale.
    pub code: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// Who has to mend it: a party's id.
    pub party: Option<String>,
    /// That in words.
    pub party_text: Option<String>,
    /// What its grade asks for and nobody did yet.
    pub undone: Vec<DutyLine>,
    /// What the customer refused, before a witness, in words.
    pub refused: Vec<String>,
    /// To be mended by.
    pub due: Option<Instant>,
    /// That in words; absent once it is mended.
    pub due_text: Option<String>,
    /// Numbers of notices and tags, in their order.
    pub notices: Vec<String>,
    /// It was found in this visit, or in one it continues: it cannot end while something of it is undone.
    pub here: bool,
    /// It is mended, and was checked.
    pub closed: bool,
    /// How it stands, in words.
    pub state: String,
}

/// A duty that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyLine {
    /// Which.
    pub duty: Duty,
    /// What people call it, and until when it is to be done, where its grade says so.
    pub title: String,
    /// Until when.
    pub due: Option<Instant>,
}

/// One time that gas was shut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StopCard {
    /// The order it was shut off under.
    pub order: Id,
    /// Its event: what restoring names.
    pub event: Hash,
    /// What was shut off.
    pub what: ShutOff,
    /// For which hazard.
    pub hazard: Option<Hash>,
    /// The paper form's number.
    pub paper: Option<String>,
    /// When.
    pub at: Instant,
    /// It is still off.
    pub off: bool,
    /// What it was for was checked and passed: gas may come back.
    pub may_restore: bool,
    /// How it stands, in words.
    pub text: String,
    /// Somebody turned it on without a passed check: what that means, in words.
    pub alarm: Option<String>,
}

/// A grade to choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GradeLine {
    /// Its code: what a finding or a check names.
    pub code: String,
    /// What people call it.
    pub title: String,
    /// 1 is the gravest.
    pub rank: i64,
    /// What it asks for and until when it is to be mended, in words.
    pub asks: String,
}

/// Somebody who can have to mend a hazard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartyLine {
    /// Its id: what a finding names.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// The items it mends unless the finding says otherwise, of those the screen offers.
    pub items: Vec<String>,
}

/// What a duty is called.
fn duty_words(duty: Duty, lang: Lang) -> String {
    named(lang, "duty", &id_of(&duty))
}

fn list(words: impl Iterator<Item = String>, lang: Lang) -> String {
    words.collect::<Vec<_>>().join(&tr(lang, "answer-comma", &[]))
}

/// What an item is called: by the standard its visit follows, by another on the phone, or as it was
/// written.
pub fn item_title(own: Option<&Standard>, tables: &[Arc<Standard>], item: &str) -> Option<Text3> {
    let known = own.and_then(|standard| standard.item_title(item));
    known.or_else(|| tables.iter().find_map(|standard| standard.item_title(item)))
}

/// What stops a visit from ending: the duties of a hazard that are undone, in every language.
pub fn duties_left(hazard: &Hazard, item: Option<&Text3>, grade: Option<&Grade>) -> Text3 {
    let say = |lang: Lang| {
        let duties = list(hazard.undone.iter().map(|duty| duty_words(*duty, lang)), lang);
        let args = [
            ("item", item.map_or(hazard.item.as_str(), |title| title.get(lang)).into()),
            ("grade", grade.map_or(hazard.grade.as_str(), |it| it.title.get(lang)).into()),
            ("duties", duties.into()),
        ];
        tr(lang, "hazard-stops", &args)
    };
    Text3 { zh_hans: say(Lang::ZhHans), zh_hant: say(Lang::ZhHant), en: say(Lang::En) }
}

/// How an item of an open hazard is said in a line: a checklist words it as what should be.
pub(super) fn item_fails(title: Option<&Text3>, item: &str, lang: Lang) -> String {
    match title {
        Some(title) => tr(lang, "hazard-item", &[("item", title.get(lang).into())]),
        None => item.to_owned(),
    }
}

/// The hazards, stops, grades and items of a visit's screen.
pub(super) struct HazardCards<'a> {
    pub(super) facts: &'a HazardFacts<'a>,
    pub(super) standard: &'a Standard,
    pub(super) order: Id,
    pub(super) zone: Zone,
    pub(super) lang: Lang,
}

impl HazardCards<'_> {
    /// Those of this order first, each as the others left it last.
    pub(super) fn hazards(&self) -> Vec<HazardCard> {
        let own = self.facts.order.hazards.iter().map(|hazard| self.found(hazard));
        let others = self.facts.elsewhere.hazards.iter().filter(|open| open.order != self.order);
        own.chain(others.map(|open| self.left(open))).collect()
    }

    fn found(&self, hazard: &Hazard) -> HazardCard {
        let texts = self.facts.texts;
        let text = texts.iter().find(|(event, _)| *event == hazard.event);
        let undone: Vec<_> =
            hazard.undone.iter().map(|duty| self.duty(*duty, hazard.duty_due(*duty))).collect();
        let key = match (hazard.is_open(), hazard.disputed.is_empty(), undone.is_empty()) {
            (false, ..) => "hazard-closed",
            (true, false, _) => "hazard-disputed",
            (true, true, false) => "hazard-undone",
            (true, true, true) => "hazard-open",
        };
        let duties = list(undone.iter().map(|line| line.title.clone()), self.lang);
        HazardCard {
            text: text.map(|(_, text)| text.clone()),
            refused: hazard.refused.iter().map(|duty| duty_words(*duty, self.lang)).collect(),
            notices: hazard.notices.clone(),
            here: hazard.visit.is_some_and(|visit| self.facts.visits.contains(&visit)),
            closed: !hazard.is_open(),
            state: tr(self.lang, key, &[("duties", duties.into())]),
            due_text: hazard.is_open().then(|| self.due(hazard.due)),
            undone,
            ..self.card(self.order, hazard.event, &hazard.item, &hazard.scale, &hazard.grade)
        }
        .at(hazard.rank, hazard.due)
        .by(&hazard.party, self.party(&hazard.party))
    }

    /// A hazard that another order found: what it asked for is that order's.
    fn left(&self, open: &OpenHazard) -> HazardCard {
        HazardCard {
            state: tr(self.lang, "hazard-elsewhere", &[]),
            due_text: Some(self.due(open.due)),
            ..self.card(open.order, open.event, &open.item, &open.scale, &open.grade)
        }
        .at(open.rank, open.due)
    }

    fn card(&self, order: Id, event: Hash, item: &str, scale: &str, code: &str) -> HazardCard {
        let title = item_title(Some(self.standard), self.facts.tables, item);
        let grade = self.facts.profile.and_then(|profile| profile.grade(scale, code));
        HazardCard {
            order,
            event,
            item: title.map_or_else(|| item.to_owned(), |title| title.get(self.lang).to_owned()),
            text: None,
            grade: grade.map_or(code, |grade| grade.title.get(self.lang)).to_owned(),
            code: code.to_owned(),
            rank: 0,
            party: None,
            party_text: None,
            undone: Vec::new(),
            refused: Vec::new(),
            due: None,
            due_text: None,
            notices: Vec::new(),
            here: false,
            closed: false,
            state: String::new(),
        }
    }

    fn due(&self, due: Option<Instant>) -> String {
        match due {
            Some(due) => {
                let at = when(due, self.zone, None);
                tr(self.lang, "notice-due", &[("value", at.into())])
            }
            None => tr(self.lang, "notice-advice", &[]),
        }
    }

    fn duty(&self, duty: Duty, due: Option<Instant>) -> DutyLine {
        let title = duty_words(duty, self.lang);
        let title = match due {
            Some(due) => {
                let at = when(due, self.zone, Some(due));
                tr(self.lang, "duty-by", &[("duty", title.into()), ("at", at.into())])
            }
            None => title,
        };
        DutyLine { duty, title, due }
    }

    /// Who has to mend it, in words; the id where the profile knows no such party any more.
    fn party(&self, party: &Option<String>) -> Option<String> {
        let id = party.as_deref()?;
        let known = self.facts.profile.and_then(|profile| profile.party(id));
        let title = known.map_or(id, |party| party.title.get(self.lang));
        Some(tr(self.lang, "notice-party", &[("value", title.into())]))
    }

    /// Those of this order first, then what others left off.
    pub(super) fn stops(&self) -> Vec<StopCard> {
        let own = self.facts.order.stops.iter().map(|stop| self.stop(stop));
        let others = self.facts.elsewhere.stops.iter().flatten();
        let others = others.filter(|stop| stop.order != self.order);
        own.chain(others.map(|stop| self.stop_elsewhere(stop))).collect()
    }

    /// Gas that another order shut off. Its form's number stays with that order.
    fn stop_elsewhere(&self, stop: &OpenStop) -> StopCard {
        let off = !self.facts.restored.contains(&stop.event);
        let what = named(self.lang, "shut-off", &id_of(&stop.what));
        let args = [("when", when(stop.at, self.zone, None).into()), ("what", what.into())];
        let key = if off { "stop-elsewhere" } else { "stop-restored" };
        let of = |(order, hazard): &(Id, Hash)| {
            *order == stop.order && stop.hazard.is_none_or(|known| known == *hazard)
        };
        StopCard {
            order: stop.order,
            event: stop.event,
            what: stop.what,
            hazard: stop.hazard,
            paper: None,
            at: stop.at,
            off,
            may_restore: off && self.facts.checked.iter().any(of),
            text: tr(self.lang, key, &args),
            alarm: None,
        }
    }

    fn stop(&self, stop: &Stop) -> StopCard {
        let what = named(self.lang, "shut-off", &id_of(&stop.what));
        let args = [("when", when(stop.at, self.zone, None).into()), ("what", what.into())];
        let key = if stop.is_off() { "stop-off" } else { "stop-restored" };
        let alarmed = stop.is_off() && !stop.alarms.is_empty();
        StopCard {
            order: self.order,
            event: stop.event,
            what: stop.what,
            hazard: stop.hazard,
            paper: stop.paper.clone(),
            at: stop.at,
            off: stop.is_off(),
            may_restore: self.facts.order.may_restore(stop),
            text: tr(self.lang, key, &args),
            alarm: alarmed.then(|| tr(self.lang, "stop-alarm", &[])),
        }
    }

    /// The grades on the scale that new hazards are graded on.
    pub(super) fn grades(&self) -> Vec<GradeLine> {
        let Some(profile) = self.facts.profile else { return Vec::new() };
        let scale = profile.scales.iter().find(|scale| scale.id == profile.scale);
        let line = |grade: &Grade| {
            let until = match grade.deadline_days {
                Some(days) => tr(self.lang, "grade-days", &[("days", days.to_string().into())]),
                None => tr(self.lang, "notice-advice", &[]),
            };
            let duties = grade.duties.iter().map(|duty| {
                let title = duty_words(*duty, self.lang);
                match grade.within.iter().find(|rule| rule.limit.duty == *duty) {
                    Some(rule) => {
                        let minutes = rule.limit.minutes.to_string();
                        let args = [("duty", title.into()), ("minutes", minutes.into())];
                        tr(self.lang, "duty-within", &args)
                    }
                    None => title,
                }
            });
            GradeLine {
                code: grade.code.clone(),
                title: grade.title.get(self.lang).to_owned(),
                rank: grade.rank.into(),
                asks: list(duties.chain([until]), self.lang),
            }
        };
        scale.map_or_else(Vec::new, |scale| scale.grades.iter().map(line).collect())
    }

    /// Who can have to mend a hazard, each with what it mends by default.
    pub(super) fn parties(&self) -> Vec<PartyLine> {
        let Some(profile) = self.facts.profile else { return Vec::new() };
        let items = self.items();
        let line = |party: &Party| PartyLine {
            id: party.id.clone(),
            title: party.title.get(self.lang).to_owned(),
            items: items
                .iter()
                .filter(|item| profile.party_for(&item.id) == Some(party))
                .map(|item| item.id.clone())
                .collect(),
        };
        profile.parties.iter().map(line).collect()
    }

    /// What a hazard can be about: the items of this standard's checklists; where it has none, of
    /// the others on the phone.
    pub(super) fn items(&self) -> Vec<Choice> {
        let mut items: Vec<(String, Text3)> = self.standard.items().collect();
        if items.is_empty() {
            items = self.facts.tables.iter().flat_map(|standard| standard.items()).collect();
        }
        let choice = |(id, title): (String, Text3)| {
            let title = title.get(self.lang).to_owned();
            Choice { id, title }
        };
        items.into_iter().map(choice).collect()
    }
}

impl HazardCard {
    fn at(self, rank: u32, due: Option<Instant>) -> HazardCard {
        HazardCard { rank: rank.into(), due, ..self }
    }

    fn by(self, party: &Option<String>, party_text: Option<String>) -> HazardCard {
        HazardCard { party: party.clone(), party_text, ..self }
    }
}

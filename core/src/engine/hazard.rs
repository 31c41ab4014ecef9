//! Hazards: found, dealt with, checked again; gas shut off and restored.
//!
//! What a grade asks for comes from the profile that the phone holds, never from code, and is pinned
//! in the finding.

use std::sync::Arc;

use super::{
    ActError, Done,
    act::{Desk, check_length, done},
    context::VisitView,
    notice,
    pen::plain,
    project::project,
};
use crate::{
    base::{Hash, Id, Personal},
    event::{
        Duty, DutyDone, GasRestored, GasShutOff, HazardFound, HazardRechecked, HazardText, Payload,
        Recorded, ShutOff,
    },
    log::{Class, Subject, SubjectKey},
    order::{Hazard, OrderState},
    screen::{duties_left, item_title},
    standard::{Profile, Standard},
    visit::{Explanation, Gate},
};

/// The most pictures of one hazard.
const MOST_PHOTOS: usize = 20;
/// The longest item, number or code.
const SHORT: usize = 80;
const DAY_MS: i64 = 86_400_000;

/// A hazard to write down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HazardSeen {
    /// The grade's code, on the profile's scale.
    pub grade: String,
    /// What it is about.
    pub item: String,
    /// Where, and what is wrong.
    #[serde(default)]
    pub text: Option<Personal>,
    /// Pictures.
    #[serde(default)]
    pub evidence: Vec<Hash>,
    /// The finding it continues.
    #[serde(default)]
    pub first: Option<Hash>,
    /// The order of that finding, where it is another.
    #[serde(default)]
    pub first_order: Option<Id>,
    /// Who has to mend it, of the profile's parties; absent: whoever the profile names for the item.
    #[serde(default)]
    pub party: Option<String>,
}

/// A duty to write down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DutyReport {
    /// The hazard.
    pub hazard: Hash,
    /// What.
    pub duty: Duty,
    /// The customer refused it.
    #[serde(default)]
    pub refused: bool,
    /// The notice's or tag's number.
    #[serde(default)]
    pub number: Option<String>,
    /// A picture.
    #[serde(default)]
    pub photo: Option<Hash>,
    /// What was said or done.
    #[serde(default)]
    pub text: Option<Personal>,
    /// Who saw it.
    #[serde(default)]
    pub witness: Option<Personal>,
}

pub(super) fn find(desk: &mut Desk<'_>, visit: Id, seen: HazardSeen) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    short("the item", &seen.item)?;
    if seen.evidence.len() > MOST_PHOTOS {
        return Err(ActError::TooLong { what: "the hazard", limit: MOST_PHOTOS, unit: "photos" });
    }
    check_length("the hazard", seen.text.as_ref().map_or("", Personal::reveal))?;
    let profile = desk.books.profile(&desk.tx.read())?;
    let grade = profile.grade(&profile.scale, &seen.grade);
    let grade = grade.ok_or(ActError::Hazard("the scale has no such grade: choose one of it"))?;
    let after =
        |days: Option<u32>| days.map(|days| desk.clock.wall.plus_ms(i64::from(days) * DAY_MS));
    let party = match &seen.party {
        Some(id) => Some(
            profile
                .party(id)
                .ok_or(ActError::Hazard("the profile has no such party: choose one"))?,
        ),
        None => profile.party_for(&full(view.state.standard(), &seen.item)),
    };
    let mut duties = grade.duties.clone();
    if !seen.evidence.is_empty() {
        duties.retain(|duty| *duty != Duty::PhotoBefore);
    }
    let limits = grade.within.iter().map(|rule| &rule.limit);
    let within: Vec<_> = limits.filter(|it| duties.contains(&it.duty)).cloned().collect();
    let found = HazardFound {
        scale: profile.scale.clone(),
        grade: grade.code.clone(),
        rank: grade.rank,
        item: seen.item,
        duties,
        due: after(grade.deadline_days),
        evidence: seen.evidence,
        first: seen.first,
        first_order: seen.first_order,
        within: (!within.is_empty()).then_some(within),
        party: party.map(|party| party.id.clone()),
        recheck: after(grade.recheck_days),
    };
    let private = match seen.text {
        None => Vec::new(),
        text => vec![plain(Class::Service, &HazardText { text, witness: None })],
    };
    written(desk, view, found, private)
}

pub(super) fn duty(
    desk: &mut Desk<'_>,
    visit: Id,
    mut report: DutyReport,
) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    if report.duty == Duty::Notice && !report.refused {
        report.number = report.number.or_else(|| notice::last_drawn(&view));
    }
    let witness = report.witness.as_ref().map_or("", Personal::reveal).trim();
    let text = report.text.as_ref().map_or("", Personal::reveal);
    check_length("the words", text)?;
    check_length("the witness", witness)?;
    short("the number", report.number.as_deref().unwrap_or(""))?;
    known(&view, report.hazard)?;
    let wanted = match report.duty {
        Duty::ShutOff if !report.refused => Some("shut the gas off: that is recorded as such"),
        _ if report.refused && (witness.is_empty() || text.trim().is_empty()) => {
            Some("a refusal needs the reason and a witness")
        }
        Duty::Witness if witness.is_empty() => Some("name the witness"),
        Duty::Notice if !report.refused && report.number.as_deref().unwrap_or("").is_empty() => {
            Some("a notice has a number: draw one, or write the one printed on it")
        }
        Duty::PhotoBefore | Duty::PhotoAfter if !report.refused && report.photo.is_none() => {
            Some("take the picture")
        }
        _ => None,
    };
    if let Some(wanted) = wanted {
        return Err(ActError::Hazard(wanted));
    }
    let DutyReport { hazard, duty, refused, number, photo, text, witness } = report;
    let private = match (&text, &witness) {
        (None, None) => Vec::new(),
        _ => vec![plain(Class::Service, &HazardText { text, witness })],
    };
    written(desk, view, DutyDone { hazard, duty, refused, number, photo }, private)
}

pub(super) fn recheck(
    desk: &mut Desk<'_>,
    visit: Id,
    hazard: Hash,
    grade: Option<String>,
    evidence: Vec<Hash>,
    first_order: Option<Id>,
) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    if evidence.len() > MOST_PHOTOS {
        return Err(ActError::TooLong { what: "the check", limit: MOST_PHOTOS, unit: "photos" });
    }
    // A finding of an earlier order may not be on this phone: the office knows it.
    let scale = match first_order {
        None => Some(known(&view, hazard)?.scale.clone()),
        Some(_) => None,
    };
    let profile = desk.books.profile(&desk.tx.read())?;
    let rank = match &grade {
        None => None,
        Some(code) => {
            let scale = scale.as_deref().unwrap_or(&profile.scale);
            let grade = profile.grade(scale, code);
            Some(grade.ok_or(ActError::Hazard("the scale has no such grade: choose one of it"))?)
        }
    };
    let rank = rank.map(|grade| grade.rank);
    let passed = grade.is_none();
    let check = HazardRechecked { hazard, passed, grade, rank, evidence, first_order };
    written(desk, view, check, Vec::new())
}

pub(super) fn shut_off(desk: &mut Desk<'_>, visit: Id, off: GasShutOff) -> Result<Done, ActError> {
    let view = desk.open_visit(visit)?;
    if let Some(hazard) = off.hazard {
        known(&view, hazard)?;
    }
    short("the form's number", off.paper.as_deref().unwrap_or(""))?;
    let paper = off.paper.as_deref().unwrap_or("").trim();
    if off.what == ShutOff::Supply && (paper.is_empty() || off.photo.is_none()) {
        return Err(ActError::Hazard(
            "a stop of supply is on paper: write the form's number and photograph the paper",
        ));
    }
    written(desk, view, off, Vec::new())
}

pub(super) fn restore(
    desk: &mut Desk<'_>,
    visit: Id,
    mut restored: GasRestored,
) -> Result<Done, ActError> {
    const UNCHECKED: ActError =
        ActError::Hazard("check it again first: gas comes back after a passed check");
    let view = desk.open_visit(visit)?;
    restored.first_order = restored.first_order.filter(|order| *order != view.order.id);
    if let Some(first) = restored.first_order {
        let hazard = shut_off_for(desk, &view, first, restored.shut_off)?;
        let of = |(order, checked): &(Id, Hash)| {
            *order == first && hazard.is_none_or(|hazard| hazard == *checked)
        };
        if !settled_elsewhere(&view).checked.iter().any(of) {
            return Err(UNCHECKED);
        }
        return written(desk, view, restored, Vec::new());
    }
    let stop = view.order_state.stops.iter().find(|stop| stop.event == restored.shut_off);
    let stop = stop.ok_or(ActError::Hazard("this order has no such shut-off"))?;
    if !stop.is_off() {
        return Err(ActError::Hazard("it is restored already"));
    }
    if !view.order_state.may_restore(stop) {
        return Err(UNCHECKED);
    }
    written(desk, view, restored, Vec::new())
}

/// What a visit settled of other orders.
#[derive(Default)]
pub(super) struct Settled {
    /// Checks that passed: order and finding.
    pub(super) checked: Vec<(Id, Hash)>,
    /// Shut-offs it took back.
    pub(super) restored: Vec<Hash>,
}

pub(super) fn settled_elsewhere(view: &VisitView) -> Settled {
    let mut settled = Settled::default();
    for recorded in &view.events {
        match &recorded.event.payload {
            Payload::HazardRechecked(check) if check.passed => {
                settled.checked.extend(check.first_order.map(|order| (order, check.hazard)));
            }
            Payload::GasRestored(restored) if restored.first_order.is_some() => {
                settled.restored.push(restored.shut_off);
            }
            _ => {}
        }
    }
    settled
}

/// For which finding gas was shut off under another order, as far as this phone knows: from that order, or
/// as the office told it with the premises.
fn shut_off_for(
    desk: &Desk<'_>,
    view: &VisitView,
    first: Id,
    shut_off: Hash,
) -> Result<Option<Hash>, ActError> {
    let reader = desk.tx.read();
    let state = OrderState::fold(&reader.events_about(&Subject::work_order(first))?);
    if let Some(stop) = state.stops.iter().find(|stop| stop.event == shut_off) {
        return match stop.is_off() {
            true => Ok(stop.hazard),
            false => Err(ActError::Hazard("it is restored already")),
        };
    }
    let told = match view.order_state.premises {
        Some(premises) => reader.hazards_told(premises)?.stops.unwrap_or_default(),
        None => Vec::new(),
    };
    Ok(told.iter().find(|stop| stop.event == shut_off).and_then(|stop| stop.hazard))
}

/// Refuses the end of a visit that leaves undone what its hazards ask for.
pub(super) fn check_finish(view: &VisitView) -> Result<(), ActError> {
    let left = unsettled(view).next().is_some();
    if left { Err(ActError::HazardOpen) } else { Ok(()) }
}

/// The open hazards of a visit that ask for more before it may end.
fn unsettled(view: &VisitView) -> impl Iterator<Item = &Hazard> {
    let found = |hazard: &&Hazard| view.found(hazard) && hazard.is_open();
    view.order_state.hazards.iter().filter(found).filter(|hazard| !hazard.undone.is_empty())
}

/// What is left of a visit and what stops its ends, the duties of its hazards among it.
pub(super) fn explain(
    view: &VisitView,
    profile: Option<&Profile>,
    tables: &[Arc<Standard>],
) -> Explanation {
    let mut explanation = view.state.explain();
    if view.state.ended().is_some() {
        return explanation;
    }
    let gate = |hazard: &Hazard| {
        let item = item_title(Some(view.state.standard()), tables, &hazard.item);
        let grade = profile.and_then(|profile| profile.grade(&hazard.scale, &hazard.grade));
        Gate {
            message: duties_left(hazard, item.as_ref(), grade),
            condition: "nothing that a hazard asks for is undone".to_owned(),
            rule: None,
            source: grade.map(|grade| grade.source.clone()),
        }
    };
    let gates: Vec<Gate> = unsettled(view).map(gate).collect();
    for outcome in &mut explanation.outcomes {
        outcome.gates.extend(gates.iter().cloned());
    }
    explanation
}

/// What was written about the hazards of a visit, while the key is here.
pub(super) fn texts(view: &VisitView, key: Option<&SubjectKey>) -> Vec<(Hash, Personal)> {
    let text = |recorded: &Recorded| match &recorded.event.payload {
        Payload::HazardFound(_) => {
            let private = recorded.private::<HazardText>(Class::Service, key);
            Some((recorded.id, private?.text?))
        }
        _ => None,
    };
    view.events.iter().filter_map(text).collect()
}

/// An item with its checklist, `hose.age`, where it is named without and one has it.
fn full(standard: &Standard, item: &str) -> String {
    let mut items = standard.items().map(|(id, _)| id);
    let named = |id: &String| id.split_once('.').is_some_and(|(_, known)| known == item);
    items.find(named).unwrap_or_else(|| item.to_owned())
}

fn known(view: &VisitView, hazard: Hash) -> Result<&Hazard, ActError> {
    let found = view.order_state.hazards.iter().find(|known| known.event == hazard);
    found.ok_or(ActError::Hazard("this order has no such hazard: look at the list"))
}

fn short(what: &'static str, text: &str) -> Result<(), ActError> {
    if text.chars().count() > SHORT {
        return Err(ActError::TooLong { what, limit: SHORT, unit: "characters" });
    }
    Ok(())
}

fn written(
    desk: &mut Desk<'_>,
    mut view: VisitView,
    payload: impl Into<Payload>,
    private: super::pen::Plain,
) -> Result<Done, ActError> {
    let (order, visit) = (view.order, view.id);
    let (recorded, _) = desk.pen().write(order, Some(visit), payload, private)?;
    project(desk.tx, desk.me, order.id)?;
    let hazard = matches!(recorded.event.payload, Payload::HazardFound(_)).then_some(recorded.id);
    let shut_off = matches!(recorded.event.payload, Payload::GasShutOff(_)).then_some(recorded.id);
    Ok(Done { hazard, shut_off, ..done(&mut view, &recorded) })
}

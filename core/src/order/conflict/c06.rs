//! C6: what the customer signed for was changed afterwards: charged, or corrected.

use std::collections::BTreeMap;

use super::{Case, Conflict, Rule, Side};
use crate::{
    base::{Hash, Money},
    event::{Payload, SignOffResult},
    order::{Placed, VisitSummary, corrections::taken_back, state::add},
};

/// One conflict for each visit whose last signature was followed by charges, or by a correction of
/// what was signed. What a visit charges that took this one over is not looked at.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let gone = taken_back(case.history);
    case.state.visits.values().filter_map(|visit| after_signature(case, visit, &gone)).collect()
}

/// What a visit comes to so far, and what became of it after the last signature.
#[derive(Default)]
struct Signing<'a> {
    charged: Option<Money>,
    /// Entries so far, in their order: what a signature covers.
    entries: BTreeMap<Hash, usize>,
    signed: Option<(&'a Placed<'a>, Option<Money>, usize)>,
    changed: Option<(&'a Placed<'a>, &'static str, Option<Money>)>,
}

impl Signing<'_> {
    fn enter(&mut self, entry: Hash) {
        let place = self.entries.len();
        self.entries.entry(entry).or_insert(place);
    }
}

fn after_signature(
    case: &Case<'_>,
    visit: &VisitSummary,
    gone: &BTreeMap<Hash, Hash>,
) -> Option<Conflict> {
    let id = case.event(visit.started)?.recorded.event.visit?;
    let mut it = Signing::default();
    for placed in case.history.events() {
        let (event, entry) = (&placed.recorded.event, placed.recorded.id);
        if event.visit != Some(id) || placed.recorded.stream.writer != visit.writer {
            continue;
        }
        match &event.payload {
            Payload::SignedOff(sign) if sign.result == SignOffResult::Signed => {
                it.signed = Some((placed, it.charged, it.entries.len()));
                it.changed = None;
            }
            Payload::StepRecorded(_) => it.enter(entry),
            // Charged after the signature and taken back: as if it had never been.
            Payload::Charged(_) if it.signed.is_some() && gone.contains_key(&entry) => {}
            Payload::Charged(line) => {
                it.enter(entry);
                add(&mut it.charged, line.line.amount());
                if it.signed.is_some() {
                    it.changed = Some((placed, "charged", it.charged));
                }
            }
            Payload::EntryCorrected(correction) => {
                if gone.get(&correction.entry) == Some(&entry)
                    && it.entries.contains_key(&correction.entry)
                    && let Some(charge) = case.event(correction.entry)
                    && let Payload::Charged(line) = &charge.recorded.event.payload
                {
                    let amount = line.line.amount();
                    it.charged = it.charged.and_then(|charged| charged.minus(amount).ok());
                }
                let place = it.entries.get(&correction.entry);
                if place.zip(it.signed).is_some_and(|(place, (.., covered))| *place < covered) {
                    it.changed = Some((placed, "corrected", it.charged));
                }
                it.enter(entry);
            }
            _ => {}
        }
    }
    let ((signed, before, _), (changed, what, after)) = (it.signed?, it.changed?);
    let side = |placed: &Placed<'_>, what, charged| Side {
        visit: Some(visit.id),
        charged,
        ..Side::new(placed.recorded.event.actor, what, placed.at, placed.recorded.id)
    };
    let sides = vec![side(signed, "signed", before), side(changed, what, after)];
    Some(Conflict::new(Rule::C6, sides))
}

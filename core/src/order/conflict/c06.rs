//! C6: what the customer signed for was changed afterwards: charged, or corrected.

use std::collections::BTreeSet;

use super::{Case, Conflict, Rule, Side};
use crate::{
    base::{Hash, Id, Money},
    event::{Payload, SignOffResult},
    order::{Placed, VisitSummary, state::add},
};

/// One conflict for each visit whose last signature was followed by charges, or by a correction of
/// what was signed; a visit that was handed over and those that continue it are looked at as one.
pub(super) fn find(case: &Case<'_>) -> Vec<Conflict> {
    let last = case.state.visits.values().filter(|visit| !visit.is_replaced());
    last.filter_map(|visit| after_signature(case, visit)).collect()
}

/// What a visit comes to so far, and what became of it after the last signature.
#[derive(Default)]
struct Signing<'a> {
    charged: Option<Money>,
    entries: BTreeSet<Hash>,
    /// The last signature, what was charged then, and the entries that it covers.
    signed: Option<(&'a Placed<'a>, Option<Money>, BTreeSet<Hash>)>,
    changed: Option<(&'a Placed<'a>, &'static str, Option<Money>)>,
}

fn after_signature(case: &Case<'_>, visit: &VisitSummary) -> Option<Conflict> {
    let named = |id: &Id| {
        let visit = case.state.visits.get(id)?;
        Some((case.event(visit.started)?.recorded.event.visit?, visit.writer))
    };
    let line: Vec<_> = case.state.line(visit.id).iter().filter_map(named).collect();
    let mut it = Signing::default();
    for placed in case.history.events() {
        let (event, entry) = (&placed.recorded.event, placed.recorded.id);
        let of = event.visit.map(|id| (id, placed.recorded.stream.writer));
        if of.is_none_or(|of| !line.contains(&of)) {
            continue;
        }
        match &event.payload {
            Payload::SignedOff(sign) if sign.result == SignOffResult::Signed => {
                it.signed = Some((placed, it.charged, it.entries.clone()));
                it.changed = None;
            }
            Payload::StepRecorded(_) => {
                it.entries.insert(entry);
            }
            // Charged after the signature and taken back: as if it had never been.
            Payload::Charged(_) if it.signed.is_some() && case.taken_back.contains_key(&entry) => {}
            Payload::Charged(line) => {
                it.entries.insert(entry);
                add(&mut it.charged, line.line.amount());
                if it.signed.is_some() {
                    it.changed = Some((placed, "charged", it.charged));
                }
            }
            Payload::EntryCorrected(correction) => {
                if case.taken_back.get(&correction.entry) == Some(&entry)
                    && it.entries.contains(&correction.entry)
                    && let Some(charge) = case.event(correction.entry)
                    && let Payload::Charged(line) = &charge.recorded.event.payload
                {
                    let amount = line.line.amount();
                    it.charged = it.charged.and_then(|charged| charged.minus(amount).ok());
                }
                let signed = it.signed.as_ref();
                if signed.is_some_and(|(.., covered)| covered.contains(&correction.entry)) {
                    it.changed = Some((placed, "corrected", it.charged));
                }
                it.entries.insert(entry);
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

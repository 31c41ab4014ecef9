//! Verdicts: the server's word on what an order's own events can't show. Keyed by rule and events;
//! the last one with a key is in force. One that has sides is a conflict like any other.

use std::collections::BTreeMap;

use super::{Conflict, History, Rule};
use crate::{
    base::Hash,
    event::{Payload, VerdictGiven},
};

/// The verdicts in force, by rule and events.
pub(in crate::order) type Verdicts<'a> = BTreeMap<(&'a str, &'a [Hash]), &'a VerdictGiven>;

/// Reads the verdicts in force. Only the office's streams may hold any; a withdrawn one is not in
/// force.
pub(in crate::order) fn verdicts<'a>(history: &'a History<'_>) -> Verdicts<'a> {
    let mut by_key = Verdicts::new();
    for placed in history.events().iter().filter(|placed| placed.from_office()) {
        if let Payload::VerdictGiven(verdict) = &placed.recorded.event.payload {
            by_key.insert((verdict.rule.as_str(), verdict.events.as_slice()), verdict);
        }
    }
    by_key.retain(|_, verdict| verdict.withdrawn != Some(true));
    by_key
}

/// The conflicts that verdicts tell of. A rule of a newer version has no words here: its effect
/// holds, and the order says that it needs a newer app.
pub(super) fn conflicts(verdicts: &Verdicts<'_>) -> Vec<Conflict> {
    let conflict = |verdict: &&VerdictGiven| {
        let sides = verdict.sides.clone().unwrap_or_default();
        let rule = Rule::from_id(&verdict.rule)?;
        (!sides.is_empty()).then(|| Conflict::of(rule, verdict.events.clone(), sides))
    };
    verdicts.values().filter_map(conflict).collect()
}

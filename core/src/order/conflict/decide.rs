//! Decisions: events of the office that settle a conflict, and stand.

use super::{Choice, Conflict, ConflictState, Decision, History, Rule};
use crate::event::Payload;

/// Sets decided conflicts decided, and puts decisions on fewer facts beside the open ones. The
/// first decision of a key stands: deciding twice, or at two desks, is harmless.
pub(in crate::order) fn decide(conflicts: &mut [Conflict], history: &History<'_>) {
    for placed in history.events().iter().filter(|placed| placed.from_office()) {
        let event = &placed.recorded.event;
        let Payload::ConflictDecided(decided) = &event.payload else { continue };
        let Some(rule) = Rule::from_id(&decided.rule) else { continue };
        let Some(choice) = Choice::from_id(rule, &decided.choice) else { continue };
        let decision = Decision { choice, by: event.actor, at: placed.at };
        for conflict in conflicts.iter_mut().filter(|conflict| conflict.rule == rule) {
            if conflict.key != decided.conflict {
                conflict.earlier.push(decision.clone());
            } else if conflict.is_open() {
                conflict.state = ConflictState::Decided(decision.clone());
            }
        }
    }
}

//! A supervisor decides a conflict; those who have worked on the order learn of it.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id},
    event::ConflictDecided,
    log::{Subject, Writer},
    order::{Choice, Conflict, ConflictState, Looks},
    sync::Outcome,
};
use serde::Deserialize;

use super::{Context, accounts, office, orders, verdict};
use crate::{
    problem::{Failure, Problem},
    store::{Account, Role, Tx},
};

/// A decision.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideInput {
    /// The caller's id of this action.
    pub action: Option<Id>,
    /// The conflict's key.
    pub conflict: Hash,
    /// Its rule, like `C1`.
    pub rule: String,
    /// One of the rule's choices.
    pub choice: String,
}

/// Decides a conflict of an order, if it is this account's to look at. The same decision again changes nothing; another one is
/// refused, since a decision stands.
pub fn decide(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    order: Id,
    input: &DecideInput,
) -> Result<(), Failure> {
    if orders::done_before(tx, order, input.action)? {
        return Ok(());
    }
    orders::known(tx, order)?;
    let state = orders::fold(tx, order)?;
    let same = |c: &&Conflict| c.key == input.conflict && c.rule.id() == input.rule;
    let Some(conflict) = state.conflicts.iter().find(same) else {
        let message = "the order has no such conflict; new facts may have replaced it";
        let todo = "look at the order again, and decide what is open now";
        return Err(Problem::not_found("unknown-conflict", message, todo).into());
    };
    if conflict.rule.row().looks == Looks::Supervisor {
        accounts::at_least(account, Role::Supervisor)?;
    }
    let Some(choice) = Choice::from_id(conflict.rule, &input.choice) else {
        let choices: Vec<_> = conflict.rule.choices().iter().map(|choice| choice.id()).collect();
        let message = format!("rule {} does not offer this choice", conflict.rule.id());
        let todo = format!("choose one of {}", choices.join(", "));
        return Err(Problem::bad("unknown-choice", message, todo).into());
    };
    if let ConflictState::Decided(decision) = &conflict.state {
        if decision.choice == choice {
            return Ok(());
        }
        let message = format!("it was decided already: {}", decision.choice.id());
        return Err(Problem::conflict("decided", message, "a decision stands").into());
    }
    let twins = verdict::twins(tx, order, &state, conflict)?;
    settle(tx, ctx, (account.person, input.action), order, conflict, choice)?;
    for twin in twins {
        settle(tx, ctx, (account.person, None), twin, conflict, choice)?;
    }
    Ok(())
}

/// Writes a decision into an order and tells those who worked on it.
pub(super) fn settle(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    (person, action): (Id, Option<Id>),
    order: Id,
    conflict: &Conflict,
    choice: Choice,
) -> Result<(), Failure> {
    let subject = Subject::work_order(order);
    let decided = ConflictDecided {
        conflict: conflict.key,
        rule: conflict.rule.id().to_owned(),
        choice: choice.id().to_owned(),
        heads: office::heads(tx, &subject)?,
    };
    orders::write(tx, ctx, order, office::Act::new(action, person, decided.clone()))?;
    let outcome = Outcome {
        id: ctx.id(),
        subject,
        rule: decided.rule,
        conflict: decided.conflict,
        choice: decided.choice,
        at: ctx.now,
        order_number: tx.order(order)?.map(|row| row.number).unwrap_or_default(),
    };
    tell(tx, &outcome)?;
    tracing::info!(order = %order, rule = %outcome.rule, "conflict decided");
    Ok(())
}

/// Puts the outcome into the list of every device that wrote about the order.
fn tell(tx: &mut dyn Tx, outcome: &Outcome) -> Result<(), Failure> {
    let streams = tx.streams_about(&outcome.subject)?;
    let devices: BTreeSet<_> = streams
        .iter()
        .filter_map(|row| match row.stream.writer {
            Writer::Device(device) => Some(device),
            Writer::Office(_) => None,
        })
        .collect();
    for device in devices {
        tx.add_outcome(device, outcome)?;
    }
    Ok(())
}

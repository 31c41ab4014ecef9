//! What phones hear of a case: where it stands, in the order it is about and in those of its
//! call-backs. Whoever has one of these knows; nobody else does.

use doorstep::{
    base::{Id, Personal},
    event::{CaseClock, CasePromise, CaseTold, CaseWords},
    log::{Class, Subject},
    standard::Standing,
};

use super::{
    Act, Case,
    case::{CaseFact, Deadline},
    contact_key, open_words,
};
use crate::{
    problem::Failure,
    rules::{Context, district, office},
    store::Tx,
};

/// Tells where a case stands, wherever that is news.
pub(super) fn tell(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    (number, about): (&str, Id),
    case: &Case,
    facts: &[CaseFact],
    deadlines: &[Deadline<'_>],
) -> Result<(), Failure> {
    let planned = |fact: &CaseFact| fact.order.filter(|_| fact.act == Act::CallBackPlanned);
    let mut orders = vec![about];
    orders.extend(facts.iter().filter_map(planned));
    for order in orders {
        let told = CaseTold {
            number: number.to_owned(),
            status: case.status,
            owner: case.owner,
            channel: facts.first().and_then(|fact| fact.channel),
            received: case.received_at,
            promises: deadlines.iter().filter_map(promise).collect(),
            about: (order != about).then_some(about),
        };
        let key = format!("case/{number}/{order}");
        let first = tx.district_hash(&key)?.is_none();
        let bytes = minicbor::to_vec(&told).unwrap_or_default();
        if !district::changed(tx, &key, &bytes)? {
            continue;
        }
        let mut act = office::Act::of_server(told);
        // Said once: the order keeps it, for as long as the customer is not forgotten there.
        if first && contact_key(tx, order)?.is_some() {
            let said = facts.first().map(|fact| open_words(tx, about, fact)).transpose()?.flatten();
            act.private = said.map(words);
        }
        office::write(tx, ctx, Subject::work_order(order), act)?;
    }
    Ok(())
}

fn words(said: Personal) -> (Class, Vec<u8>) {
    (Class::Contact, minicbor::to_vec(CaseWords { said }).unwrap_or_default())
}

fn promise(deadline: &Deadline<'_>) -> Option<CasePromise> {
    let (clock, due) = match deadline.standing {
        Standing::Waiting => return None,
        Standing::Due(at) => (CaseClock::Due, Some(at)),
        Standing::Paused => (CaseClock::Paused, None),
        Standing::Kept => (CaseClock::Kept, None),
        Standing::Late => (CaseClock::Late, None),
    };
    let kept_by = deadline.promise.kept_by.clone()?;
    Some(CasePromise { id: deadline.promise.id.clone(), kept_by, clock, due })
}

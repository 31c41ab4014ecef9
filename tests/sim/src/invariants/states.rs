//! I2 and I5: states and conflicts.

use std::collections::BTreeSet;

use doorstep::{
    base::Id,
    log::{StreamId, Subject, Writer},
};
use doorstep_server::{rules, store::HeldRow};

use super::ledger::{Ledger, wrote_again};
use crate::{
    report::{Violation, violated},
    world::World,
};

/// I5: every conflict of every order is in the list that He sees, and none is open any more after
/// He decided all.
pub(super) fn conflicts_seen(world: &mut World) -> Result<(), Violation> {
    let read = world.office.run(|tx, _| {
        let seen = rules::conflicts(tx)?;
        let mut found = Vec::new();
        for row in tx.orders(false, 100_000)? {
            let state = rules::fold(tx, row.id)?;
            found.extend(state.conflicts.into_iter().map(|conflict| (row.id, conflict)));
        }
        Ok((seen, found))
    });
    let (seen, found) = read.map_err(|no| violated("I0", format!("{no:?}")))?;
    world.figures.conflicts = found.len() as u64;
    let seen: BTreeSet<_> = seen.iter().map(|view| (view.order, view.conflict.key)).collect();
    for (order, conflict) in found {
        if !seen.contains(&(order, conflict.key)) {
            return Err(violated("I5", format!("{order}: nobody sees {:?}", conflict.rule)));
        }
        if conflict.is_open() {
            return Err(violated("I5", format!("{order}: {:?} stays open", conflict.rule)));
        }
    }
    Ok(())
}

/// I2: every phone that carries an order shows it as the server does, and its file is sound.
pub(super) fn equal(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let numbers: Vec<u32> = world.phones.keys().copied().collect();
    for number in numbers {
        sound(world, number)?;
        let Some(device) = device(world, number) else { continue };
        if world.book.revoked.contains(&device) {
            continue;
        }
        let read = world.office.run(|tx, _| {
            let mut digests = Vec::new();
            for order in tx.scope(device)? {
                digests.push((order, rules::fold(tx, order)?));
            }
            Ok(digests)
        });
        for (order, state) in read.map_err(|no| violated("I0", format!("{no:?}")))? {
            if off_branch(world, ledger, number, device, order)
                || office_forked(world, ledger, order)
            {
                continue;
            }
            let Some(phone) = world.phones.get_mut(&number) else { continue };
            let engine = phone.engine().map_err(|error| violated("I0", error))?;
            let shown = engine.order(order);
            let shown =
                shown.map_err(|error| violated("I2", format!("phone {number}: {error}")))?;
            if shown.digest() != state.digest() {
                let why = format!(
                    "order {order}: phone {number} shows {:?} with {} visits and {} conflicts, \
                     the server {:?} with {} and {}",
                    shown.status,
                    shown.visits.len(),
                    shown.conflicts.len(),
                    state.status,
                    state.visits.len(),
                    state.conflicts.len()
                );
                return Err(violated("I2", why));
            }
            world.figures.compared += 1;
        }
    }
    Ok(())
}

fn device(world: &mut World, number: u32) -> Option<Id> {
    world.phones.get_mut(&number)?.engine().ok()?.device()
}

/// Whether a copied phone's own stream about the order is not the one that the server knows: then
/// both may show what they have.
fn off_branch(world: &mut World, ledger: &Ledger, number: u32, device: Id, order: Id) -> bool {
    if !world.book.cloned.contains(&device) {
        return false;
    }
    let stream = StreamId::new(Subject::work_order(order), Writer::Device(device));
    let theirs = ledger.streams.get(&stream).map(|row| row.head);
    let Some(Ok(engine)) = world.phones.get_mut(&number).map(|phone| phone.engine()) else {
        return true;
    };
    let ours = engine.store().read().stream(&stream).ok().flatten().map(|row| row.chain);
    ours.filter(|chain| chain.seq > 0) != theirs
}

/// Whether phones hold an office's stream of this order that a server restored without a word wrote
/// otherwise.
fn office_forked(world: &World, ledger: &Ledger, order: Id) -> bool {
    let about = |held: &&HeldRow| held.stream.subject.id == order;
    ledger.held_rows.iter().filter(about).any(|held| wrote_again(world, held))
}

/// The doctor finds nothing, save the garbage that was planted.
fn sound(world: &mut World, number: u32) -> Result<(), Violation> {
    let Some(phone) = world.phones.get_mut(&number) else { return Ok(()) };
    let poisoned = phone.poison.len();
    let engine = phone.engine().map_err(|error| violated("I0", error))?;
    let report = engine.doctor_rebuild();
    let report = report.map_err(|error| violated("I2", format!("phone {number}: {error}")))?;
    if report.problems.len() > poisoned {
        return Err(violated("I2", format!("phone {number}: {}", report.problems.join("; "))));
    }
    Ok(())
}

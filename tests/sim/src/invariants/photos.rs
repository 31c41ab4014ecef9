//! I9: photos, and what was erased.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{
    base::{Hash, Id},
    event::{Payload, Recorded},
    log::{Class, Subject},
};
use doorstep_server::rules;

use super::ledger::Ledger;
use crate::{
    report::{Violation, violated},
    world::World,
};

/// Every photo that a counting event names is whole at the office, and opens to what was taken; those
/// of phones that were copied or revoked may have been lost with them, those of an erased order are
/// gone.
pub(super) fn arrived(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let broken = |no| violated("I0", format!("{no:?}"));
    let asks = |recorded: &&Recorded| matches!(recorded.event.payload, Payload::ErasureAsked(_));
    let erasures = ledger.events.iter().filter(asks);
    let asked: BTreeSet<Id> = erasures.map(|recorded| recorded.stream.subject.id).collect();
    for recorded in &ledger.events {
        let Payload::PhotoTaken(taken) = &recorded.event.payload else { continue };
        let Some(picture) = world.book.photos.get(&taken.address).cloned() else { continue };
        let order = recorded.stream.subject.id;
        let found = world.office.run(|tx, _| {
            let erased = rules::fold(tx, order)?.erased.contains(&Class::Service);
            let here = tx.photo(&taken.address)?.is_some_and(|row| row.arrived_at.is_some());
            Ok((erased, here.then(|| rules::photo(tx, order, &taken.address))))
        });
        let (erased, found) = found.map_err(broken)?;
        match found {
            Some(Ok(image)) if image == picture.image && !erased => world.figures.photos += 1,
            Some(Err(_)) if erased => {}
            // Its key was destroyed, and a dispute keeps the record after all.
            Some(Err(_)) if asked.contains(&order) => {}
            None if lost_with_phone(world, picture.device) => {}
            _ => {
                let what = found.map(|image| image.map(|image| image.len()));
                let why = format!("the photo {} of order {order}: {what:?}", taken.address);
                return Err(violated("I9", why));
            }
        }
    }
    Ok(())
}

fn lost_with_phone(world: &World, device: Id) -> bool {
    world.book.cloned.contains(&device) || world.book.revoked.contains(&device)
}

/// No machine that carries an order has a key of what is erased of it, and the server none of its
/// photos.
pub(super) fn erased(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let broken = |no| violated("I0", format!("{no:?}"));
    let mut named: BTreeMap<Id, Vec<Hash>> = BTreeMap::new();
    for recorded in &ledger.events {
        if let Payload::PhotoTaken(taken) = &recorded.event.payload {
            named.entry(recorded.stream.subject.id).or_default().push(taken.address);
        }
    }
    for (order, state) in world.office.states().map_err(broken)? {
        if state.erased.is_empty() {
            continue;
        }
        let subject = Subject::work_order(order);
        let photos = named.get(&order).map_or(&[][..], |photos| photos);
        let read = world.office.run(|tx, _| {
            let mut bytes = 0;
            for address in photos.iter().filter(|_| state.erased.contains(&Class::Service)) {
                tx.photo_parts(address, &mut |part| bytes += part.len())?;
            }
            Ok((tx.keys(&subject)?, bytes))
        });
        let (keys, bytes) = read.map_err(broken)?;
        if bytes > 0 {
            let why = format!("order {order}: {bytes} bytes of its photos are on the server");
            return Err(violated("I9", why));
        }
        if let Some((class, _)) = keys.iter().find(|(class, _)| state.erased.contains(class)) {
            let why = format!("order {order}: the server has its key for {class:?} again");
            return Err(violated("I9", why));
        }
        for (number, phone) in &mut world.phones {
            let engine = phone.engine().map_err(|error| violated("I0", error))?;
            let told = engine.order(order).is_ok_and(|shown| shown.erased == state.erased);
            for class in state.erased.iter().filter(|_| told) {
                let key = engine.store().read().key(&subject, *class);
                if key.map_err(|error| violated("I0", error.to_string()))?.is_some() {
                    let why = format!("order {order}: phone {number} has its key for {class:?}");
                    return Err(violated("I9", why));
                }
            }
        }
    }
    Ok(())
}

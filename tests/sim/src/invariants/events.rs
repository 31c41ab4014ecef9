//! I1, I4, I7: events.

use std::collections::{BTreeMap, BTreeSet};

use doorstep::{base::Id, log::Writer};

use super::ledger::{Ledger, wrote_again};
use crate::{
    report::{Violation, violated},
    world::World,
};

/// I1: what a phone confirmed is here once, or held with a reason; what it refused counts nowhere
/// twice.
pub(super) fn confirmed_once(world: &World, ledger: &Ledger) -> Result<(), Violation> {
    let stored = ledger.stored();
    let mut held: BTreeMap<(Id, Id), usize> = BTreeMap::new();
    for event in ledger.held.iter().filter(|held| !held.reason.is_empty()) {
        *held.entry((event.device, event.event.action)).or_insert(0) += 1;
    }
    for (action, confirmed) in &world.book.confirmed {
        let key = (confirmed.device, *action);
        let here = stored.get(&key).copied().unwrap_or(0);
        let aside = held.get(&key).copied().unwrap_or(0);
        if here > confirmed.events {
            return Err(violated("I1", format!("{here} times on the server: {}", confirmed.what)));
        }
        if here + aside < confirmed.events {
            let why = format!(
                "confirmed, and {here} of {} events are on the server, {aside} held: {}",
                confirmed.events, confirmed.what
            );
            return Err(violated("I1", why));
        }
    }
    for ((device, action), here) in stored {
        let Some(events) = world.book.tried.get(&action) else { continue };
        let aside = held.get(&(device, action)).copied().unwrap_or(0);
        if here > *events || here + aside < *events {
            let why =
                format!("half of the action {action}: {here} of {events} events, {aside} held");
            return Err(violated("I1", why));
        }
    }
    Ok(())
}

/// I4: every event of a device was tried by its person and stands in one of its phones as it stands
/// here.
pub(super) fn accepted_as_written(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    let mut written = BTreeSet::new();
    for phone in world.phones.values_mut() {
        let broken = |error: String| violated("I0", format!("phone: {error}"));
        let poison = phone.poison.clone();
        let store = phone.engine().map_err(broken)?.store();
        let own = store.read().own_streams().map_err(|error| broken(error.to_string()))?;
        for row in own.into_iter().filter(|row| !poison.contains(&row.stream)) {
            // Numbers and hashes stay for good, also of what was let go of.
            let read = store.read();
            let places = || {
                let first = read.chain_before(&row)?.seq + 1;
                let ids = (first..=row.chain.seq).map(|seq| Ok(read.chain_at(&row, seq)?.hash));
                ids.collect::<Result<Vec<_>, doorstep::store::StoreError>>()
            };
            written.extend(places().map_err(|error| broken(error.to_string()))?);
        }
    }
    for recorded in &ledger.events {
        if !matches!(recorded.stream.writer, Writer::Device(_)) {
            continue;
        }
        if !written.contains(&recorded.id) || !world.book.tried.contains_key(&recorded.event.action)
        {
            let why = format!("{:?} {} was never written so", recorded.stream, recorded.seq);
            return Err(violated("I4", why));
        }
    }
    Ok(())
}

/// I7: planted garbage is held, and it alone.
pub(super) fn poison_held_alone(world: &mut World, ledger: &Ledger) -> Result<(), Violation> {
    for phone in world.phones.values_mut() {
        for stream in phone.poisoned().map_err(|error| violated("I0", error))? {
            if ledger.streams.contains_key(&stream) {
                return Err(violated("I7", format!("garbage was accepted: {stream:?}")));
            }
            if !ledger.held_rows.iter().any(|held| held.stream == stream) {
                return Err(violated("I7", format!("garbage is not held: {stream:?}")));
            }
        }
    }
    let plain =
        |device: &Id| !world.book.cloned.contains(device) && !world.book.revoked.contains(device);
    for held in ledger.held_rows.iter().filter(|held| plain(&held.device)) {
        if wrote_again(world, held) {
            continue;
        }
        let garbage = world.phones.values().any(|phone| phone.poison.contains(&held.stream));
        if !garbage {
            let why = format!("{} of an honest phone is held: {:?}", held.reason, held.stream);
            return Err(violated("I7", why));
        }
    }
    Ok(())
}

//! Premises of a whole district: the office sends what it has, and phones hear what changed.

use std::collections::BTreeSet;

use doorstep::{
    base::{Hash, Id},
    meter::Meters,
    sync::{MetersOf, Premises, PremisesDelta, StandingDoc},
};
use serde::{Deserialize, Serialize};

use super::{
    Context,
    standing::{MetersInput, PremisesInput, check_meters, premises_of},
    terms,
};
use crate::{
    problem::{Failure, Problem},
    store::{StoreError, Tx},
};

/// Entries of one request.
const MOST: usize = 5_000;
/// About how large one delta becomes: several fit into an answer.
const DELTA_BYTES: usize = 48 * 1024;

/// Premises and meters as they are, and premises that are no longer there. What is known already in
/// the same words changes nothing, so that the whole may be sent each night.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistrictInput {
    /// Premises, each with its id.
    #[serde(default)]
    pub premises: Vec<PremisesInput>,
    /// Meters of premises, of this request or known before.
    #[serde(default)]
    pub meters: Vec<MetersInput>,
    /// No longer there.
    #[serde(default)]
    pub gone: Vec<Id>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DistrictChanged {
    /// Premises, meter lists and removals that were new.
    pub changed: usize,
    /// Documents published for them.
    pub documents: usize,
}

/// Keeps what changed, and publishes it as deltas.
pub fn change_district(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &DistrictInput,
) -> Result<DistrictChanged, Failure> {
    if input.premises.len() + input.meters.len() + input.gone.len() > MOST {
        let message = format!("at most {MOST} entries are taken at once");
        return Err(Problem::bad("too-many", message, "send them in several requests").into());
    }
    let mut deltas = Deltas::default();
    for premises in &input.premises {
        let Some(id) = premises.id else {
            let message = "premises of a district carry their ids";
            return Err(Problem::bad("malformed", message, "give each an `id`").into());
        };
        let premises = premises_of(premises, id)?;
        let bytes = minicbor::to_vec(&premises).unwrap_or_default();
        if changed(tx, &Premises::key(id), &bytes)? {
            deltas.room_for(bytes.len()).put.push(premises);
        }
    }
    for of in &input.meters {
        check_meters(of)?;
        known(tx, of.premises)?;
        let meters = Meters { meters: of.meters.clone() };
        let bytes = minicbor::to_vec(&meters).unwrap_or_default();
        if changed(tx, &Meters::key(of.premises), &bytes)? {
            // What is told of a meter is judged here, too.
            tx.add_fact(&told_key(of.premises), ctx.now, &bytes)?;
            let of = MetersOf { premises: of.premises, meters: meters.meters };
            deltas.room_for(bytes.len() + 20).meters.push(of);
        }
    }
    let gone: BTreeSet<Id> = input.gone.iter().copied().collect();
    for id in gone {
        if tx.district_hash(&Premises::key(id))?.is_some() {
            tx.set_district_hash(&Premises::key(id), None)?;
            tx.set_district_hash(&Meters::key(id), None)?;
            deltas.room_for(20).gone.push(id);
        }
    }
    let done = DistrictChanged { changed: deltas.entries, documents: deltas.all.len() };
    for delta in deltas.all {
        let key = PremisesDelta::KEY;
        let version = tx.standing_version(key)?.unwrap_or(0).saturating_add(1);
        let body = minicbor::to_vec(&delta).unwrap_or_default();
        let doc = StandingDoc { key: key.to_owned(), version, body };
        tx.publish(key, version, &doc.sign(&ctx.keys.sign_key()), false)?;
    }
    Ok(done)
}

/// The key of facts about the meters of premises that came among the district's changes.
fn told_key(premises: Id) -> String {
    format!("district/{}", Meters::key(premises))
}

/// The meters of premises as they are now, whichever way they came.
pub(super) fn meters(
    tx: &mut dyn Tx,
    ctx: &Context<'_>,
    premises: Id,
) -> Result<Option<Meters>, StoreError> {
    let key = Meters::key(premises);
    let Some(hash) = tx.district_hash(&key)? else { return Ok(None) };
    let alone = terms::latest(tx, ctx, &key)?;
    let among = tx.facts(&told_key(premises))?.into_iter().rev().map(|(_, body)| body);
    let in_force =
        alone.map(|doc| doc.body).into_iter().chain(among).find(|it| Hash::of(&[it]) == hash);
    Ok(in_force.and_then(|body| minicbor::decode(&body).ok()))
}

/// Whether this differs from what was published last; if so, it is what was.
pub(super) fn changed(tx: &mut dyn Tx, key: &str, bytes: &[u8]) -> Result<bool, StoreError> {
    let hash = Hash::of(&[bytes]);
    if tx.district_hash(key)? == Some(hash) {
        return Ok(false);
    }
    tx.set_district_hash(key, Some(&hash))?;
    Ok(true)
}

/// Whether these premises were ever published.
pub(super) fn known(tx: &mut dyn Tx, premises: Id) -> Result<(), Failure> {
    let key = Premises::key(premises);
    if tx.district_hash(&key)?.is_some() || tx.standing_version(&key)?.is_some() {
        return Ok(());
    }
    let message = format!("no premises have the id {premises}");
    Err(Problem::not_found("not-published", message, "publish them first").into())
}

#[derive(Default)]
struct Deltas {
    all: Vec<PremisesDelta>,
    entries: usize,
    size: usize,
}

impl Deltas {
    /// The delta that takes an entry of so many bytes.
    fn room_for(&mut self, bytes: usize) -> &mut PremisesDelta {
        if self.all.is_empty() || self.size + bytes > DELTA_BYTES {
            self.all.push(PremisesDelta::default());
            self.size = 0;
        }
        self.size += bytes;
        self.entries += 1;
        let last = self.all.len() - 1;
        &mut self.all[last]
    }
}

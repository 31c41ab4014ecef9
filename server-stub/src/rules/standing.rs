//! Standing data: the office publishes, the company's key signs, every device gets it.

use std::collections::BTreeSet;

use doorstep::{
    base::{Id, Instant, SourceError},
    meter::{MeterRecord, Meters},
    money::PriceList,
    standard::{Calendar, Profile, Qualifications, ServicePromises, Severity, check},
    sync::{Premises, StandingDoc},
};
use serde::{Deserialize, Serialize};

use super::{
    Context, complaint, district,
    input::{SHORT, at_most, filled},
    orders,
    terms::{CALENDAR, PRICES, PROFILE, PROMISES},
    verdict,
};
use crate::{
    problem::{Failure, Problem},
    store::{Account, Tx},
};

/// Errors of one document that are told at once.
const MOST_ERRORS: usize = 20;

/// A document to publish: a standard or the price list, as text.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandingInput {
    /// `standard/<id>`, `price-list`, `profile`, `service-promises`, `calendar` or
    /// `qualifications`.
    pub key: String,
    /// Its TOML text, which says its version, where it has one: above the last one published.
    pub text: String,
}

/// What was published.
#[derive(Debug, Serialize)]
pub struct Published {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: u32,
}

/// Where visits go.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PremisesInput {
    /// Their id: new, or an existing one to change it.
    pub id: Option<Id>,
    /// The address, as written on a letter.
    pub address: String,
    /// Building.
    #[serde(default)]
    pub building: String,
    /// Stair or entrance of the building.
    #[serde(default)]
    pub stair: Option<String>,
    /// Floor.
    #[serde(default)]
    pub floor: i32,
    /// The flat, as its door says.
    #[serde(default)]
    pub flat: Option<String>,
    /// Known to be under renovation.
    #[serde(default)]
    pub under_renovation: bool,
    /// Whose they are: `resident`, `commercial`, `industrial` or another id.
    #[serde(default)]
    pub user: Option<String>,
}

/// A customer moved out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MovedOutInput {
    /// When; now, when absent.
    pub at: Option<Instant>,
}

/// Keeps that a customer moved out, and looks at what was signed at these premises since.
pub fn moved_out(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    account: &Account,
    premises: Id,
    input: &MovedOutInput,
) -> Result<(), Failure> {
    district::known(tx, premises)?;
    let at = input.at.unwrap_or(ctx.now);
    let key = verdict::moved_out_key(premises);
    if tx.facts(&key)?.iter().any(|(known, _)| *known == at) {
        return Ok(());
    }
    tx.add_fact(&key, at, account.person.as_bytes())?;
    let there: Vec<_> = tx.orders_at(premises)?.into_iter().map(|row| row.id).collect();
    orders::refresh_all(tx, ctx, there)
}

/// The key a standard is published under.
pub(super) fn standard_key(id: &str) -> String {
    format!("standard/{id}")
}

/// Publishes a standard or the price list, if it loads as it will on every phone. The very same
/// text again changes nothing.
pub fn publish(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &StandingInput,
) -> Result<Published, Failure> {
    at_most("key", &input.key, SHORT)?;
    let (key, version) = load(&input.key, &input.text)?;
    if key != input.key {
        let message = format!("the text says that it is `{key}`");
        return Err(Problem::bad("other-key", message, "publish it under that key").into());
    }
    let published = put(tx, ctx, &key, version, input.text.as_bytes(), false)?;
    if key == PROMISES || key == CALENDAR {
        ctx.terms.forget();
        complaint::count_anew(tx, ctx)?;
        // What failed after all must not stand in what is known.
        ctx.terms.forget();
    }
    Ok(published)
}

/// Reads a document; gives the key and the version that it says of itself. Promises and calendar
/// say none: they are counted as they are published.
fn load(key: &str, text: &str) -> Result<(String, Option<u32>), Problem> {
    if key == PRICES {
        let list = PriceList::load(text).map_err(|errors| wrong(&errors))?;
        Ok((key.to_owned(), Some(list.version())))
    } else if key == PROFILE {
        let profile = Profile::load(text).map_err(|errors| wrong(&errors))?;
        Ok((key.to_owned(), Some(profile.version)))
    } else if key.starts_with("standard/") {
        let checked = check(text);
        let errors = checked.remarks.into_iter().filter(|it| it.severity == Severity::Error);
        let errors: Vec<_> = errors.map(|remark| remark.place).collect();
        let standard = checked.standard.ok_or_else(|| wrong(&errors))?;
        Ok((standard_key(standard.id()), Some(standard.version())))
    } else if key == PROMISES {
        ServicePromises::load(text).map_err(|errors| wrong(&errors))?;
        Ok((key.to_owned(), None))
    } else if key == "qualifications" {
        Qualifications::load(text).map_err(|errors| wrong(&errors))?;
        Ok((key.to_owned(), None))
    } else if key == CALENDAR {
        Calendar::load(text).map_err(|errors| wrong(&errors))?;
        Ok((key.to_owned(), None))
    } else {
        let message = "no document is kept under this key";
        let todo = "use `standard/<id>`, `price-list`, `profile`, `service-promises`, `calendar` or \
                    `qualifications`; premises have a route of their own";
        Err(Problem::bad("unknown-key", message, todo))
    }
}

fn wrong(errors: &[SourceError]) -> Problem {
    let told: Vec<_> = errors.iter().take(MOST_ERRORS).map(ToString::to_string).collect();
    Problem::bad("bad-document", told.join("\n"), "correct these lines and publish it again")
}

/// Keeps premises.
pub fn add_premises(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &PremisesInput,
) -> Result<Id, Failure> {
    let id = input.id.unwrap_or_else(|| ctx.id());
    let premises = premises_of(input, id)?;
    let body = minicbor::to_vec(&premises).unwrap_or_default();
    if district::changed(tx, &Premises::key(id), &body)? {
        put(tx, ctx, &Premises::key(id), None, &body, true)?;
    }
    Ok(id)
}

/// Premises as they are published.
pub(super) fn premises_of(input: &PremisesInput, id: Id) -> Result<Premises, Problem> {
    filled("address", &input.address, SHORT)?;
    at_most("building", &input.building, SHORT)?;
    at_most("stair", input.stair.as_deref().unwrap_or_default(), SHORT)?;
    at_most("user", input.user.as_deref().unwrap_or_default(), SHORT)?;
    at_most("flat", input.flat.as_deref().unwrap_or_default(), SHORT)?;
    Ok(Premises {
        id,
        address: input.address.clone(),
        building: input.building.clone(),
        floor: input.floor,
        under_renovation: input.under_renovation,
        stair: input.stair.clone(),
        flat: input.flat.clone(),
        user: input.user.clone(),
    })
}

/// The meters of some premises.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetersInput {
    /// Whose; published before.
    pub premises: Id,
    /// All of them: the list replaces the last one.
    pub meters: Vec<MeterRecord>,
}

/// Keeps what is known of the meters of some premises.
pub fn add_meters(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &MetersInput,
) -> Result<Id, Failure> {
    district::known(tx, input.premises)?;
    check_meters(input)?;
    let meters = Meters { meters: input.meters.clone() };
    let body = minicbor::to_vec(&meters).unwrap_or_default();
    if district::changed(tx, &Meters::key(input.premises), &body)? {
        put(tx, ctx, &Meters::key(input.premises), None, &body, true)?;
    }
    Ok(input.premises)
}

/// Refuses a list of meters that no premises have.
pub(super) fn check_meters(input: &MetersInput) -> Result<(), Problem> {
    const MOST_METERS: usize = 50;
    let numbers: BTreeSet<&str> = input.meters.iter().map(|m| m.number.as_str()).collect();
    if input.meters.len() > MOST_METERS || numbers.len() != input.meters.len() {
        let message = format!("at most {MOST_METERS} meters, no number twice");
        return Err(Problem::bad("malformed", message, "correct the list"));
    }
    for meter in &input.meters {
        filled("number", &meter.number, SHORT)?;
        if meter.digits == 0 || meter.digits > 12 {
            let message = "a meter has 1 to 12 wheels";
            return Err(Problem::bad("malformed", message, "correct `digits`"));
        }
    }
    Ok(())
}

pub(super) fn put(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    key: &str,
    version: Option<u32>,
    body: &[u8],
    alone: bool,
) -> Result<Published, Failure> {
    let company = ctx.keys.public().signing;
    let last = match tx.standing_latest(key)? {
        Some(bytes) => StandingDoc::verify(&bytes, &company).ok(),
        None => None,
    };
    let last_version = last.as_ref().map_or(0, |doc| doc.version);
    // What stands alone was compared before, also with what came among others.
    if let Some(last) = &last
        && !alone
        && last.body == body
        && version.is_none_or(|version| version == last.version)
    {
        return Ok(Published { key: key.to_owned(), version: last.version });
    }
    let version = version.unwrap_or(last_version.saturating_add(1));
    if version <= last_version {
        let message = format!("version {last_version} was published already, with another text");
        let todo = "raise the version in the text";
        return Err(Problem::conflict("old-version", message, todo).into());
    }
    let doc = StandingDoc { key: key.to_owned(), version, body: body.to_vec() };
    tx.publish(key, version, &doc.sign(&ctx.keys.sign_key()), alone)?;
    if !alone {
        // When it was replaced, and by what: verdicts on work done meanwhile need both.
        let body = minicbor::to_vec(&doc).unwrap_or_default();
        tx.add_fact(&verdict::published_key(key), ctx.now, &body)?;
    }
    Ok(Published { key: doc.key, version })
}

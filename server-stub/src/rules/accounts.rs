//! Accounts, people and enrolment codes.

use doorstep::{
    base::{Id, Instant, Personal},
    sync::Person,
};
use serde::{Deserialize, Serialize};

use super::{
    Context,
    context::{new_code, secret_hash},
    input::{SHORT, at_most, filled},
};
use crate::{
    problem::{Failure, Problem, ProblemKind},
    store::{Account, CodeRow, NumberRange, Role, Tx},
};

const CODE_MS: i64 = 15 * 60 * 1000;

/// Who sent this token, if the account may do what `role` may.
pub fn authorise(tx: &mut dyn Tx, token: Option<&str>, role: Role) -> Result<Account, Failure> {
    let unknown = || {
        let todo = "send `Authorization: Bearer` with an account's token";
        Problem::new(ProblemKind::Unauthorised, "no-account", "the token is no account's", todo)
    };
    let account = tx.account(&secret_hash(token.ok_or_else(unknown)?))?.ok_or_else(unknown)?;
    at_least(&account, role)?;
    Ok(account)
}

/// Refuses what the account's role does not allow.
pub(super) fn at_least(account: &Account, role: Role) -> Result<(), Problem> {
    if account.role < role {
        let message = "this account's role does not allow it";
        let todo = "ask a supervisor to do it";
        return Err(Problem::new(ProblemKind::Forbidden, "wrong-role", message, todo));
    }
    Ok(())
}

/// A new account and the person who acts through it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// The person's id, if the caller chooses it.
    pub person: Option<Id>,
    /// Their name.
    pub name: Personal,
    /// Their badge, if they have one.
    #[serde(default)]
    pub badge: String,
    /// What they may do.
    pub role: Role,
    /// The code the server showed at its first start; makes the first account, a supervisor's.
    pub bootstrap: Option<String>,
}

/// An account that was made. Its token is shown this once.
#[derive(Serialize)]
pub struct NewAccount {
    /// Its id.
    pub account: Id,
    /// Its person.
    pub person: Id,
    /// Its token.
    pub token: String,
}

/// Makes an account: the first one with the bootstrap code, later ones by a supervisor.
pub fn add_account(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    token: Option<&str>,
    input: &AccountInput,
) -> Result<NewAccount, Failure> {
    if let Some(code) = &input.bootstrap {
        if tx.bootstrap()? != Some(secret_hash(code)) {
            let message = "the bootstrap code is wrong, or was used";
            let todo = "look at what the server printed when it last started, or ask a supervisor";
            return Err(
                Problem::new(ProblemKind::Forbidden, "wrong-bootstrap", message, todo).into()
            );
        }
        if input.role != Role::Supervisor {
            let message = "the first account must be a supervisor's";
            return Err(Problem::bad("first-account", message, "send the role `supervisor`").into());
        }
        tx.set_bootstrap(None)?;
    } else {
        authorise(tx, token, Role::Supervisor)?;
    }
    let person = new_person(ctx, input.person, &input.name, &input.badge)?;
    tx.put_person(&person)?;
    let token = data_encoding::HEXLOWER.encode(&ctx.entropy.bytes::<32>());
    let account = Account { id: ctx.id(), person: person.id, role: input.role };
    tx.add_account(&account, &secret_hash(&token))?;
    Ok(NewAccount { account: account.id, person: person.id, token })
}

/// A person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonInput {
    /// Their id: new, or an existing one to change it.
    pub id: Option<Id>,
    /// Their name.
    pub name: Personal,
    /// The badge they show at the door.
    pub badge: String,
}

/// A person that was kept.
#[derive(Debug, Serialize)]
pub struct NewPerson {
    /// Their id.
    pub person: Id,
}

/// Keeps a person.
pub fn add_person(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &PersonInput,
) -> Result<NewPerson, Failure> {
    filled("badge", &input.badge, SHORT)?;
    let person = new_person(ctx, input.id, &input.name, &input.badge)?;
    tx.put_person(&person)?;
    Ok(NewPerson { person: person.id })
}

fn new_person(
    ctx: &mut Context<'_>,
    id: Option<Id>,
    name: &Personal,
    badge: &str,
) -> Result<Person, Problem> {
    filled("name", name.reveal(), SHORT)?;
    at_most("badge", badge, SHORT)?;
    let id = id.unwrap_or_else(|| ctx.id());
    Ok(Person { id, name: name.clone(), badge: badge.to_owned() })
}

/// For whom a code is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeInput {
    /// The person who will carry the device.
    pub person: Id,
    /// Numbers lent to the device's receipts, where the company lends some.
    #[serde(default)]
    pub receipts: Option<NumberRange>,
}

/// A one-time code. Shown this once.
#[derive(Serialize)]
pub struct NewCode {
    /// The code.
    pub code: String,
    /// Good until.
    pub expires: Instant,
    /// The company's signing key, in hex: shown with the code, so that the phone knows whom it is
    /// talking to.
    pub company_key: String,
}

/// Makes a code that turns one phone into a person's device.
pub fn add_code(
    tx: &mut dyn Tx,
    ctx: &mut Context<'_>,
    input: &CodeInput,
) -> Result<NewCode, Failure> {
    if tx.person(input.person)?.is_none() {
        let message = format!("no person has the id {}", input.person);
        return Err(Problem::not_found("unknown-person", message, "add the person first").into());
    }
    let receipts = input.receipts;
    if receipts.is_some_and(|it| it.first == 0 || it.last.is_some_and(|last| last < it.first)) {
        let message = "numbers are lent from a first above 0 to a last that is not below it";
        return Err(Problem::bad("bad-numbers", message, "correct `receipts`").into());
    }
    let code = new_code(ctx.entropy);
    let expires = ctx.now.plus_ms(CODE_MS);
    let row =
        CodeRow { code: secret_hash(&code), person: input.person, expires, receipts, used: None };
    tx.add_code(&row)?;
    let company_key = data_encoding::HEXLOWER.encode(&ctx.keys.public().signing);
    Ok(NewCode { code, expires, company_key })
}

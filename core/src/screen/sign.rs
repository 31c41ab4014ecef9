//! What a customer reads before signing, and the ways it can go.

use serde::Serialize;

use super::words::Choice;
use crate::{
    base::{Hash, Id, Lang},
    event::{SignOffResult, SignerRole},
    text::{id_of, named, tr},
};

/// The statement and the ways to answer it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct SignScreen {
    /// The visit.
    pub visit: Id,
    /// The text the customer reads, or has signed.
    pub statement: String,
    /// Its hash: given back with the sign-off, so that what was read is what is signed.
    pub hash: Hash,
    /// Its language.
    pub lang: Lang,
    /// What the customer agrees to before drawing.
    pub consent: String,
    /// Who may sign.
    pub who: String,
    /// The signer's place, to choose from.
    pub roles: Vec<Choice>,
    /// How it can end, to choose from.
    pub results: Vec<Choice>,
    /// How it was signed off already, in words.
    pub signed: Option<String>,
}

/// Prints no personal data.
impl std::fmt::Debug for SignScreen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignScreen(…)")
    }
}

impl SignScreen {
    /// The statement `text` in `lang`, which is the customer's; `signed` is how it was signed off.
    pub fn new(
        visit: Id,
        text: String,
        hash: Hash,
        lang: Lang,
        signed: Option<SignOffResult>,
    ) -> SignScreen {
        const ROLES: [SignerRole; 4] =
            [SignerRole::Owner, SignerRole::Tenant, SignerRole::Family, SignerRole::Agent];
        const RESULTS: [SignOffResult; 4] = [
            SignOffResult::Signed,
            SignOffResult::Declined,
            SignOffResult::Absent,
            SignOffResult::Unable,
        ];
        let choice = |prefix: &str, id: String| {
            let title = named(lang, prefix, &id);
            Choice { id, title }
        };
        SignScreen {
            visit,
            statement: text,
            hash,
            lang,
            consent: tr(lang, "statement-consent", &[]),
            who: tr(lang, "sign-who", &[]),
            roles: ROLES.iter().map(|role| choice("sign-role", id_of(role))).collect(),
            results: RESULTS.iter().map(|it| choice("sign-result", id_of(it))).collect(),
            signed: signed.map(|result| named(lang, "sign-result", &id_of(&result))),
        }
    }
}

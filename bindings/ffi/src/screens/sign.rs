//! The sign-off, as its screen crosses.

use doorstep::{
    base::{Hash, Id, Lang},
    event::{SignOffResult, SignerRole},
    screen::{Choice, SignScreen},
};

/// The statement and the ways to answer it.
#[uniffi::remote(Record)]
pub struct SignScreen {
    /// The visit.
    pub visit: Id,
    /// The text the customer reads.
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

/// How a sign-off ended.
#[uniffi::remote(Enum)]
pub enum SignOffResult {
    /// Signed.
    Signed,
    /// Would not sign.
    Declined,
    /// Nobody there to sign.
    Absent,
    /// There, but unable.
    Unable,
}

/// Who signs.
#[uniffi::remote(Enum)]
pub enum SignerRole {
    /// The owner.
    Owner,
    /// The tenant.
    Tenant,
    /// Family of the customer.
    Family,
    /// Somebody acting for the customer.
    Agent,
}
